//! What the program answers to programs: documents and lines of JSON, and dictionaries of datasets.

use crate::common::{Place, sums};
use serde_json::Value;

const SPEC: &str = "replicates = 64\ndays = 5\n[initial]\nparticipants = 5\n[axes]\nbeta = [0.1, 0.2]\n\
                    \"initial.funds\" = [100.0, 200.0, 300.0, 400.0]\n[output]\ntables = [\"runs\", \"days\"]\n";

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_sweep_answers_in_json() {
    let place = Place::new();
    place.file("spec.toml", SPEC);
    let sweep = ["sweep", "spec.toml", "-o", "data", "--format", "json"];
    let (out, err) = place.run(0, &[&sweep[..], &["--dry-run"]].concat());
    let expected = parsed(&out);
    assert_eq!(
        (&expected["runs"], &expected["points"]),
        (&512.into(), &8.into())
    );
    assert!(
        expected["seconds"].as_f64().unwrap() > 0.0 && err.is_empty(),
        "{expected} {err}"
    );
    assert!(
        expected["spec"]
            .as_str()
            .unwrap()
            .contains("replicates = 64")
    );

    let (out, err) = place.run(0, &sweep);
    let done = parsed(&out);
    assert_eq!(done["dataset"], "data");
    assert_eq!(done["parts"], expected["parts"]);
    assert_eq!(done["slice"]["runs_simulated"], 512);
    assert_eq!(done["interrupted"], false);
    // Every line of progress is a document of its own; each part is told of once.
    let events: Vec<_> = err.lines().map(parsed).collect();
    assert_eq!(
        (&events[0]["event"], &events[0]["runs"]),
        (&"begin".into(), &512.into())
    );
    let parts = events.iter().filter(|event| event["event"] == "part");
    let mut parts: Vec<_> = parts.map(|event| event["part"].as_u64().unwrap()).collect();
    parts.sort_unstable();
    let all: Vec<_> = (0..done["parts"].as_u64().unwrap()).collect();
    assert_eq!(parts, all);

    let (out, err) = place.run(0, &[&sweep[..], &["--resume", "-q"]].concat());
    assert_eq!((&*out, &*err), ("", ""));
    let (_, err) = place.run(0, &["sweep", "spec.toml", "-o", "again", "-v"]);
    assert!(err.contains("part 1 complete"), "{err}");
}

#[test]
fn intervals_that_miss_shared_chance_come_with_a_warning() {
    let place = Place::new();
    for (randomness, replicates, world, is_warned) in [
        ("common", 1, "run", true),
        ("common", 1, "point", true),
        ("common", 2, "point", true),
        ("independent", 1, "point", false),
        ("independent", 2, "point", false),
        ("common", 2, "run", false),
    ] {
        let spec = format!(
            "randomness = \"{randomness}\"\nreplicates = {replicates}\ndays = 3\n[initial]\nparticipants = 5\n[levers]\n\
             beta = [0.1, 0.2]\n[uncertainties]\n\"initial.funds\" = [100.0, 200.0]\n[[objective]]\nname = \"pool\"\n\
             column = \"proposals_granted\"\n"
        );
        place.file("spec.toml", &spec);
        let out = format!("{randomness}-{replicates}-{world}");
        place.run(0, &["sweep", "spec.toml", "-q", "-o", &out]);
        let (_, err) = place.run(0, &["robust", &out, "--world", world]);
        assert_eq!(
            err.contains("share the random numbers"),
            is_warned,
            "{out}: {err}"
        );
    }
}

#[test]
fn settings_that_meet_as_often_are_named() {
    let place = Place::new();
    for (betas, named) in [
        ("[0.1, 0.2]", "So does lever "),
        ("[0.1, 0.2, 0.3]", "So do levers "),
        ("[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]", "So do 6 others, "),
    ] {
        let spec = format!(
            "replicates = 2\ndays = 3\n[levers]\nbeta = {betas}\n[[objective]]\nname = \"pool\"\ncolumn = \"funds\"\n\
             goal = \"max\"\nmeet = \">= 0\"\n"
        );
        place.file("spec.toml", &spec);
        place.run(0, &["sweep", "spec.toml", "-q", "-o", named]);
        let (out, _) = place.run(0, &["robust", named]);
        let sentence = out.lines().next().unwrap();
        assert!(sentence.contains(named), "{sentence}");
        assert!(
            sentence.ends_with("which the table lists later, by the mean of pool."),
            "{sentence}"
        );
    }
}

#[test]
fn what_nothing_meets_has_no_winner() {
    let place = Place::new();
    let spec = "replicates = 2\ndays = 3\n[levers]\nbeta = [0.1, 0.2]\n[[objective]]\nname = \"pool\"\ncolumn = \"funds\"\n\
                goal = \"max\"\nmeet = \">= 1e9\"\n";
    place.file("spec.toml", spec);
    place.run(0, &["sweep", "spec.toml", "-q", "-o", "data"]);
    let (out, _) = place.run(0, &["robust", "data"]);
    assert!(
        out.starts_with("Over 2 worlds, no lever setting ever meets pool >= 1000000000.\n"),
        "{out}"
    );
}

#[test]
fn verify_answers_in_json() {
    let place = Place::new();
    place.file("spec.toml", SPEC);
    place.run(0, &["sweep", "spec.toml", "-q", "-o", "data"]);
    let verify = ["verify", "data", "--format", "json"];
    let found = parsed(&place.run(0, &verify).0);
    assert_eq!(
        (&found["whole"], &found["problems"]),
        (&true.into(), &Value::Array(vec![]))
    );
    // What table formats and people put beside the data is told of, and is no damage.
    std::fs::create_dir(place.path("data/_delta_log")).unwrap();
    place.file("data/README.md", "mine");
    let found = parsed(&place.run(0, &verify).0);
    let notices = found["notices"].to_string();
    assert!(
        notices.contains("_delta_log") && notices.contains("README.md"),
        "{notices}"
    );

    place.file("data/runs/part-000000.parquet", "damaged");
    std::fs::remove_file(place.path("data/parts/part-000001.sha256")).unwrap();
    place.file("data/runs/strange.parquet", "x");
    let found = parsed(&place.run(1, &verify).0);
    assert_eq!(found["whole"], false);
    let problems = found["problems"].to_string();
    for problem in [
        r#""file":"runs/part-000000.parquet","kind":"altered""#,
        r#""first_part":1,"kind":"missing","last_part":1"#,
        r#""file":"runs/strange.parquet","kind":"foreign""#,
    ] {
        assert!(problems.contains(problem), "no {problem} in {problems}");
    }
    let (out, err) = place.run(1, &["verify", "data", "-q"]);
    assert_eq!((&*out, &*err), ("", ""));
}

#[test]
fn schema_and_trigger_answer_in_json() {
    let place = Place::new();
    let schema = parsed(&place.run(0, &["schema", "--format", "json"]).0);
    let runs = schema["tables"]
        .as_array()
        .unwrap()
        .iter()
        .find(|table| table["name"] == "runs");
    let columns = runs.unwrap()["columns"].as_array().unwrap();
    let funds = columns
        .iter()
        .find(|column| column["name"] == "funds")
        .unwrap();
    assert_eq!(
        (&funds["type"], &funds["unit"]),
        (&"f64".into(), &"Honey".into())
    );
    let settings = schema["settings"].as_array().unwrap();
    let beta = settings
        .iter()
        .find(|setting| setting["key"] == "beta")
        .unwrap();
    assert_eq!(beta["default"], 0.2);
    let only = parsed(&place.run(0, &["schema", "days", "--format", "json"]).0);
    assert_eq!(only["tables"].as_array().unwrap().len(), 1);
    assert_eq!(only["settings"].as_array().unwrap().len(), 0);

    let trigger = ["trigger", "--half-life-days", "3", "--format", "json"];
    let trigger = parsed(&place.run(0, &trigger).0);
    let alpha = trigger["alpha"].as_f64().unwrap();
    assert!((alpha.powi(3) - 0.5).abs() < 1e-12, "{alpha}");
    let attack = &trigger["under_attack"]["attackers"][2];
    assert_eq!(attack["share"], 0.1);
    assert!(
        attack["best_ask"]["cycle_days"].as_u64().unwrap() > 1,
        "{attack}"
    );
    assert_eq!(trigger["contract"]["max_ratio"], 2_000_000);
    let requests = trigger["requests"].as_array().unwrap();
    let days = |request: &Value| request["days_to_pass"][0]["days"].as_u64();
    assert!(
        requests.iter().any(|request| days(request).is_none()),
        "{requests:?}"
    );
}

#[test]
fn a_dictionary_has_every_column_and_fixed_bytes() {
    let place = Place::new();
    place.file("spec.toml", SPEC);
    for name in ["one", "other"] {
        place.run(0, &["sweep", "spec.toml", "-q", "-o", name]);
        for (format, file) in [("markdown", "README.md"), ("croissant", "croissant.json")] {
            let file = format!("{name}/{file}");
            place.run(0, &["describe", name, "--format", format, "-o", &file]);
        }
    }
    assert_eq!(sums(&place.path("one")), sums(&place.path("other")));
    let (text, _) = place.run(0, &["describe", "one"]);
    let read = |name: &str| std::fs::read_to_string(place.path(name)).unwrap();
    assert_eq!(text, read("one/README.md"));
    for row in [
        "| `beta` | f64 |  | axis |",
        "| `initial.funds` | f64 | Honey | axis |",
        "| `median_days_to_pass` | f64, may be missing | days |  |",
    ] {
        assert!(text.contains(row), "no {row} in\n{text}");
    }
    let croissant = parsed(&read("one/croissant.json"));
    let tables = croissant["recordSet"].as_array().unwrap();
    let names: Vec<_> = tables
        .iter()
        .map(|table| table["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["points", "runs", "days"]);
    let fields = tables[1]["field"].as_array().unwrap();
    for (column, kind) in [("run", "Integer"), ("funds", "Float"), ("status", "Text")] {
        let field = fields.iter().find(|field| field["name"] == column).unwrap();
        assert_eq!(field["dataType"], format!("sc:{kind}"), "{column}");
    }
    let points = croissant["distribution"].as_array().unwrap();
    let points = points
        .iter()
        .find(|file| file["name"] == "points.parquet")
        .unwrap();
    assert_eq!(points["sha256"], sums(&place.path("one"))["points.parquet"]);
    place.run(0, &["verify", "one"]);
    std::fs::remove_file(place.path("one/runs/part-000000.parquet")).unwrap();
    let (_, err) = place.run(2, &["describe", "one"]);
    assert!(err.contains("missing  runs/part-000000.parquet"), "{err}");
}
