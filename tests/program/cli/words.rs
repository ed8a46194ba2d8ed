//! The small words of the command line: what is meant by a wrong one, and answers for programs.

use crate::common::Place;
use serde_json::Value;

/// What is said of arguments that are wrong.
fn refused(arguments: &[&str]) -> String {
    Place::new().run(2, arguments).1
}

#[test]
fn a_wrong_word_is_told_the_right_one() {
    for (arguments, said) in [
        (
            &["run", "--preset", "TEC"][..],
            "a similar value exists: 'tec'",
        ),
        (
            &["trigger", "--preset", "Gardens"],
            "a similar value exists: 'gardens-default'",
        ),
        (
            &["presets", "--format", "JSON"],
            "a similar value exists: 'json'",
        ),
        (
            &["run", "--seed", "1e3"],
            "expected a whole number from 0 to 9223372036854775807; did you mean 1000?",
        ),
        (
            &["run", "--set", "beta=30%"],
            "beta: found \"30%\", expected a number above 0 and at most 1; did you mean 0.3?",
        ),
        (&["run", "--set", "beta=0,3"], "did you mean 0.3?"),
        (&["run", "--set", "beta=30"], "did you mean 0.3?"),
        (&["run", "--set", "rules=V3"], "did you mean \"v3\"?"),
        (
            &["run", "--set", "initial.funds=1,000,000.5"],
            "did you mean 1000000.5?",
        ),
        (
            &["run", "--set", "Beta=0.3"],
            "unknown key; did you mean beta?",
        ),
        (
            &[
                "trigger",
                "--spending-limit",
                "20",
                "--spending-limit-means",
                "max-ratio",
            ],
            "--spending-limit, as beta: found 20, expected a number above 0 and at most 1; did you mean 0.2?",
        ),
        (
            &[
                "trigger",
                "--spending-limit",
                "20%",
                "--spending-limit-means",
                "max-ratio",
            ],
            "did you mean 0.2?",
        ),
        (&["trigger", "--attack-shares", "20"], "such as 0.2"),
        (
            &["schema", "betta"],
            "betta: not a key, column or table (did you mean beta?)",
        ),
    ] {
        let err = refused(arguments);
        assert!(err.contains(said), "{arguments:?}: {err}");
    }
    let place = Place::new();
    for (spec, said) in [
        (
            "[design]\nkind = \"lhs\"\npoints = 4\n[axes]\nbeta = { from = 0.1, to = 0.2 }",
            "did you mean \"latin-hypercube\"?",
        ),
        (
            "[design]\nkind = \"Sobol\"\npoints = 4\n[axes]\nbeta = { from = 0.1, to = 0.2 }",
            "did you mean \"sobol\"?",
        ),
        ("replicates = 1e3", "did you mean 1000?"),
        ("preset = \"TEC\"", "did you mean \"tec\"?"),
        ("[model]\nbeta = \"20 %\"", "did you mean 0.2?"),
        (
            "[model]\narithmetic = \"Contract\"",
            "did you mean \"contract\"?",
        ),
    ] {
        place.file("spec.toml", spec);
        let (_, err) = place.run(2, &["sweep", "spec.toml", "--dry-run"]);
        assert!(err.contains(said), "{spec}: {err}");
    }
}

#[test]
fn a_wrong_bracket_hides_no_fault_within() {
    let place = Place::new();
    for (spec, faults) in [
        (
            "[attacker]\nshare = 7\nas = 1",
            &[
                "attacker: expected tables, each headed [[attacker]]; found one headed [attacker]",
                "attacker.0.share: found 7",
                "attacker.0.as: unknown key",
            ][..],
        ),
        (
            "[change]\nday = 0\nset = { beta = 7, betta = 1 }",
            &[
                "change: expected tables",
                "change.0.day: found 0",
                "change.0.set.beta: found 7",
                "change.0.set.betta: cannot change during a run; did you mean beta?",
            ],
        ),
        (
            "[variant]\nname = \"a\"\nbeta = 7",
            &[
                "variant: expected tables, each headed [[variant]]",
                "variant 1, beta: found 7",
            ],
        ),
        (
            "[[initial]]\nfunds = -1",
            &[
                "initial: expected one table, headed [initial], not [[initial]]",
                "initial.funds: found -1",
            ],
        ),
    ] {
        place.file("spec.toml", spec);
        let (_, err) = place.run(2, &["sweep", "spec.toml", "--dry-run"]);
        for fault in faults {
            assert!(err.contains(fault), "{spec}: no fault {fault:?} in\n{err}");
        }
        let lines = err
            .lines()
            .filter(|line| line.starts_with("error: "))
            .count();
        assert_eq!(lines, faults.len(), "{spec}:\n{err}");
    }
}

#[test]
fn variants_take_the_rules_that_a_model_takes() {
    let place = Place::new();
    let spec = "days = 3\n[[variant]]\nname = \"a\"\nrules = { base = \"v3\", accounting = \"corrected\" }\n\
                [[variant]]\nname = \"b\"\nrules = \"corrected\"\n";
    place.file("spec.toml", spec);
    let (out, _) = place.run(0, &["sweep", "spec.toml", "--dry-run"]);
    let of = |name: &str| {
        let lines: Vec<_> = out
            .lines()
            .filter(|line| line.starts_with(&format!("\"rules.{name}\"")))
            .collect();
        lines.join("|")
    };
    assert_eq!(
        of("accounting"),
        "\"rules.accounting\" = \"corrected\"",
        "{out}"
    );
    assert_eq!(
        of("over_release"),
        "\"rules.over_release\" = \"v3\"",
        "{out}"
    );
    place.file("again.toml", &out);
    let (again, _) = place.run(0, &["sweep", "again.toml", "--dry-run"]);
    let spec = |text: &str| {
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(spec(&again), spec(&out));
    place.file(
        "spec.toml",
        "[[variant]]\nname = \"a\"\nrules = { base = \"v4\", acounting = \"v3\" }",
    );
    let (_, err) = place.run(2, &["sweep", "spec.toml", "--dry-run"]);
    assert!(err.contains("variant 1, rules.base: found \"v4\""), "{err}");
    assert!(
        err.contains("variant 1, rules.acounting: unknown key; did you mean rules.accounting?"),
        "{err}"
    );
}

#[test]
fn a_change_of_nothing_is_warned_of() {
    let place = Place::new();
    let warning = "warning: [[change]], number 1: changes nothing; add set = { beta = 0.3 } or an axis \
                   \"change.0.beta\", or remove it";
    place.file("spec.toml", "[[change]]\nday = 10\n");
    let (_, err) = place.run(0, &["sweep", "spec.toml", "--dry-run"]);
    assert_eq!(err.trim_end(), warning);
    let (_, err) = place.run(0, &["run", "spec.toml"]);
    assert_eq!(err.trim_end(), warning);
    for changes in [
        "[[change]]\nday = 10\nset = { beta = 0.3 }",
        "[[change]]\n[axes]\n\"change.0.beta\" = [0.1]",
    ] {
        place.file("spec.toml", changes);
        let (_, err) = place.run(0, &["sweep", "spec.toml", "--dry-run"]);
        assert_eq!(err, "", "{changes}");
    }
}

#[test]
fn a_sweep_may_be_changed_by_assignments() {
    let place = Place::new();
    place.file(
        "spec.toml",
        "replicates = 3\n[axes]\nbeta = [0.1, 0.2]\n[[variant]]\nname = \"slow\"\ntmin = 9.0\n",
    );
    let set = |settings: &[&str], status: i32| {
        let mut arguments = vec!["sweep", "spec.toml", "--dry-run"];
        arguments.extend(settings.iter().flat_map(|set| ["--set", set]));
        place.run(status, &arguments)
    };
    let (out, _) = set(
        &[
            "rho=0.001",
            "days=7",
            "replicates=5",
            "seed=9",
            "issuance.policy=none",
        ],
        0,
    );
    for line in [
        "rho = 0.001",
        "days = 7",
        "replicates = 5",
        "seed = 9",
        "policy = \"none\"",
    ] {
        assert!(out.lines().any(|other| other == line), "no {line} in {out}");
    }
    assert!(out.contains("# 2 points, 10 runs"), "{out}");
    let (_, err) = set(&["beta=0.3", "tmin=2", "rho=7e9", "replicates=1e3"], 2);
    for fault in [
        "--set: beta: axis beta of the spec varies it",
        "--set: tmin: variant \"slow\" sets it",
        "--set: replicates: found 1e3",
    ] {
        assert!(err.contains(fault), "{err}");
    }
    // What the resolved spec says is what is swept.
    place.run(
        0,
        &["sweep", "spec.toml", "--set", "days=3", "-q", "-o", "out"],
    );
    let manifest = std::fs::read_to_string(place.path("out/dataset.toml")).unwrap();
    assert!(manifest.contains("days = 3"), "{manifest}");
}

#[test]
fn a_run_takes_its_spec_as_a_sweep_does() {
    let place = Place::new();
    place.file("run.toml", "seed = 3\ndays = 5\n");
    let (out, _) = place.run(0, &["run", "run.toml"]);
    let (same, _) = place.run(0, &["run", "--config", "run.toml"]);
    assert!(out.contains("5 days") && out.contains("seed 3"), "{out}");
    assert_eq!(out, same);
    refused(&["run", "run.toml", "--preset", "tec"]);
    refused(&["run", "run.toml", "--config", "run.toml"]);
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn programs_are_answered_in_json() {
    let place = Place::new();
    let (out, _) = place.run(
        0,
        &[
            "run", "--set", "days=5", "--set", "beta=0.3", "--format", "json",
        ],
    );
    let run = json(&out);
    assert_eq!(run["setting"]["beta"], 0.3);
    assert_eq!(
        (&run["last_day"], &run["failure"]),
        (&5.into(), &Value::Null)
    );
    assert_eq!(run["outcome"]["status"], "completed");
    assert!(run["outcome"]["proposals_granted"].is_i64(), "{out}");
    let funds = run["outcome"]["funds"].as_f64().unwrap();
    let (out, _) = place.run(0, &["presets", "--format", "json"]);
    let presets = json(&out);
    let tec = presets["presets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "tec")
        .unwrap();
    assert_eq!(tec["values"]["beta"], 0.11);
    place.file(
        "spec.toml",
        "days = 5\nreplicates = 2\n[model]\nbeta = 0.3\n",
    );
    place.run(0, &["sweep", "spec.toml", "-q", "-o", "out"]);
    let (out, _) = place.run(0, &["describe", "out", "--format", "json"]);
    let tables = json(&out)["tables"].clone();
    assert_eq!(tables[1]["name"], "runs");
    let columns = tables[1]["columns"].as_array().unwrap();
    assert!(
        columns
            .iter()
            .any(|column| column["name"] == "funds" && column["unit"] == "Honey")
    );
    let granted = columns
        .iter()
        .find(|column| column["name"] == "proposals_granted");
    assert_eq!(granted.unwrap()["goal"], "max");
    // The same run, in the dataset.
    let (out, _) = place.run(
        0,
        &["run", "--from", "out", "--run", "0", "--format", "json"],
    );
    assert_eq!(json(&out)["outcome"]["funds"], funds);
    let (out, _) = place.run(0, &["schema", "beta", "--format", "json"]);
    let schema = json(&out);
    assert_eq!(schema["settings"][0]["key"], "beta");
    assert_eq!(schema["settings"].as_array().unwrap().len(), 1);
}

#[test]
fn errors_are_told_as_json_where_json_is_asked_for() {
    let place = Place::new();
    place.file("spec.toml", "days = 0\n[model]\nbetta = 0.3\n");
    let told = |status: i32, arguments: &[&str]| {
        let (out, err) = place.run(status, arguments);
        assert_eq!(out, "");
        let error = json(&err);
        assert_eq!(
            (&error["event"], &error["status"]),
            (&"error".into(), &status.into()),
            "{err}"
        );
        error
    };
    let error = told(2, &["sweep", "spec.toml", "--dry-run", "--format", "json"]);
    let faults = error["faults"].as_array().unwrap();
    assert_eq!(
        (&faults[0]["key"], &faults[0]["line"]),
        (&"days".into(), &1.into())
    );
    assert_eq!(faults[1]["key"], "model.betta");
    assert!(
        faults[1]["message"]
            .as_str()
            .unwrap()
            .contains("did you mean beta?")
    );
    told(2, &["run", "spec.toml", "--format=json"]);
    told(2, &["run", "--set", "beta=7", "--format", "json"]);
    let error = told(2, &["presets", "--format", "json", "--no-such"]);
    assert!(error["message"].as_str().unwrap().contains("--no-such"));
    told(2, &["describe", "nothere", "--format", "json"]);
    told(2, &["verify", "nothere", "--format", "json"]);
    told(2, &["schema", "nothing", "--format", "json"]);
    let grown = [
        "run", "--set", "gamma=10", "--set", "days=400", "--format", "json", "-q", "-o", "out",
    ];
    told(1, &grown);
    // Warnings too.
    let (_, err) = place.run(
        0,
        &[
            "run",
            "--set",
            "beta=0.04",
            "--set",
            "days=2",
            "--format",
            "json",
        ],
    );
    let warning = json(&err);
    assert_eq!(warning["event"], "warning");
    assert!(warning["message"].as_str().unwrap().contains("beta^2"));
}

#[test]
fn a_name_of_the_schema_may_be_a_key_or_a_column() {
    let place = Place::new();
    let (out, _) = place.run(0, &["schema", "beta"]);
    assert!(
        out.contains("settings") && out.contains("beta") && !out.contains("rho "),
        "{out}"
    );
    let (out, _) = place.run(0, &["schema", "proposals_granted"]);
    assert!(
        out.contains("runs: ") && out.contains("proposals_granted"),
        "{out}"
    );
    let (out, _) = place.run(0, &["schema", "issuance.policy"]);
    assert!(out.contains("settings with [issuance]"), "{out}");
}

#[test]
fn the_table_of_means_fits_a_line_and_faults_name_what_they_concern() {
    let place = Place::new();
    let mut spec = "days = 3\n[design]\nkind = \"latin-hypercube\"\npoints = 20\n".to_owned();
    spec += &"[[attacker]]\n".repeat(8);
    spec += "[axes]\n";
    for attacker in 0..8 {
        for key in ["share", "ask", "rent", "supply"] {
            spec += &format!("\"attacker.{attacker}.{key}\" = {{ from = 0.001, to = 0.002 }}\n");
        }
    }
    spec += "beta = { from = 0.3, to = 0.6 }\n";
    place.file("sound.toml", &spec);
    let (out, _) = place.run(0, &["sweep", "sound.toml", "-o", "out"]);
    assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
    assert!(out.contains("also varied, see points.parquet: "), "{out}");
    // Axes come before outcomes but for two, and what a mean leaves out is reported.
    let axes = "half_life_days = [2.0, 14.0]\nminimum_conviction = [0.05, 0.5]\nlargest_request = [0.1, 0.2]\n";
    place.file("three.toml", &format!("days = 9\n[axes]\n{axes}"));
    let (out, _) = place.run(0, &["sweep", "three.toml", "-o", "three"]);
    let heads = out
        .lines()
        .find(|line| line.trim_start().starts_with("point"))
        .unwrap();
    let heads: Vec<_> = heads
        .split("  ")
        .map(str::trim)
        .filter(|head| !head.is_empty())
        .collect();
    let shown = [
        "point",
        "half_life_days",
        "minimum_conviction",
        "largest_request",
        "granted",
        "Honey granted",
    ];
    assert_eq!(heads[..6], shown, "{out}");
    assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
    let left_out = out
        .lines()
        .find(|line| line.starts_with("median days: means leave out "));
    assert_eq!(left_out.is_some(), heads.contains(&"median days"), "{out}");
    place.file(
        "wide.toml",
        &(spec + "\"initial.funds\" = { from = 100.0, to = 90000.0 }\n"),
    );
    let (_, err) = place.run(2, &["sweep", "wide.toml", "--dry-run"]);
    let first = err.lines().next().unwrap();
    assert!(
        first.contains("(initial.funds = ") && !first.contains("attacker"),
        "{err}"
    );
}
