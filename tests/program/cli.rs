//! What a user types, right and wrong.

mod words;

use crate::common::Place;
use crate::specs::tables::parquet;
use arrow_array::Int64Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use bytes::Bytes;
use conviction::input::Table;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use std::sync::Arc;

/// Every fault of a spec is reported, each with its line, key, value and a way out; nothing is
/// written.
#[test]
fn every_fault_of_a_spec_is_reported_at_once() {
    let place = Place::new();
    place.file(
        "bad.toml",
        r#"seed = -1
replicate = 5
days = 0
[model]
betta = 0.3
rho = nan
alpha = 1.5
half_life_days = 3
rules = { base = "corrected", over_releas = "v3" }
[initial]
participants = 2.5
beta = 3
[axes]
alpha = []
gamma = { from = 1, to = 0.5 }
rho = [0.1]
sensitivity = 3
tmin = { from = 1.0, to = 2.0 }
"#,
    );
    let (_, err) = place.run(2, &["sweep", "bad.toml", "--out", "out"]);
    for fault in [
        "bad.toml:1: seed: found -1, expected a whole number",
        "bad.toml:2: replicate: unknown key; did you mean replicates?",
        "bad.toml:3: days: found 0",
        "bad.toml:5: model.betta: unknown key; did you mean beta?",
        "bad.toml:6: model.rho: found nan, expected a number of at least 1e-12 and at most 1000000",
        "bad.toml:7: model.alpha: found 1.5, expected a number of at least 0 and below 1",
        "bad.toml:8: model.half_life_days: duplicates alpha",
        "bad.toml:9: model.rules.over_releas: unknown key; did you mean rules.over_release?",
        "bad.toml:11: initial.participants: found 2.5, expected a whole number from 1",
        "bad.toml:12: initial.beta: does not belong here; beta belongs under [model]",
        "bad.toml:14: axes.alpha: empty",
        "bad.toml:15: axes.gamma: from = 1 is not below to = 0.5",
        "bad.toml:16: axes.rho: repeats rho, which is fixed",
        "bad.toml:17: axes.sensitivity: expected a list",
        "bad.toml:18: axes.tmin: steps missing on a grid",
    ] {
        assert!(err.contains(fault), "no fault {fault:?} in\n{err}");
    }
    assert!(!place.path("out").exists());
}

#[test]
fn single_faults_name_their_place() {
    for (spec, fault) in [
        ("a = = 3", "spec.toml:1: not TOML"),
        ("[axes]\nbeta = [0.1, 0.1]", "axes.beta: contains 0.1 twice"),
        (
            "[axes]\nbeta = [0.1]\n[levers]\nrho = [0.1]",
            "axes: cannot be combined with levers",
        ),
        (
            "[axes]\nalpha = [0.5]\nhalf_life_days = [3]",
            "duplicates axis alpha",
        ),
        (
            "[design]\nkind = \"sobol\"\npoints = 4",
            "a sobol design requires axes in [axes]",
        ),
        (
            "[design]\nkind = \"sobol\"\n[axes]\nbeta = { from = 0.1, to = 0.2 }",
            "spec.toml:1: design.points: missing",
        ),
        ("[design]\nkind = \"sobl\"", "expected one of \"grid\""),
        (
            "[design]\nkind = \"saltelli\"\npoints = 6\n[axes]\nbeta = { from = 0.1, to = 0.2 }",
            "not a power of two",
        ),
        (
            "[design]\nkind = \"file\"\npath = \"none.csv\"",
            "none.csv: cannot be read",
        ),
        ("[[variant]]\nbeta = 0.2", "variant 1: name missing"),
        (
            "[[variant]]\nname = \"a\"\nbeta = 2.0",
            "variant 1, beta: found 2.0",
        ),
        (
            "[output]\ntables = [\"run\"]",
            "output.tables: found \"run\"",
        ),
        (
            "[initial]\nfunds = 30000.0",
            "initial.supply: is 22392.22 Honey, but initial.funds is 30000",
        ),
        (
            "[axes]\n\"initial.funds\" = [1.0, 30000.0]",
            "point 1 (initial.funds = 30000)",
        ),
        (
            "[axes]\nrules = { from = 1, to = 2 }",
            "axes.rules: cannot have a range",
        ),
        (
            "replicates = 1e3",
            "replicates: found 1e3, expected a whole number",
        ),
        (
            "[model]\nbeta = \"0.2\"",
            "model.beta: found \"0.2\", expected a number",
        ),
    ] {
        let place = Place::new();
        place.file("spec.toml", spec);
        let (_, err) = place.run(2, &["sweep", "spec.toml", "--out", "out"]);
        assert!(err.contains(fault), "{spec}: no fault {fault:?} in\n{err}");
        assert!(!place.path("out").exists(), "{spec}");
    }
}

#[test]
fn a_missing_spec_is_named() {
    let place = Place::new();
    let (_, err) = place.run(2, &["sweep", "nowhere.toml", "--out", "out"]);
    assert!(err.contains("nowhere.toml: cannot be read"), "{err}");
}

#[test]
fn an_unwritable_directory_is_named() {
    let place = Place::new();
    place.file("spec.toml", "replicates = 2");
    place.file("blocked", "a file, not a directory");
    let (_, err) = place.run(2, &["sweep", "spec.toml", "--out", "blocked/data"]);
    assert!(err.contains("blocked"), "{err}");
}

#[test]
fn assignments_follow_the_rules_of_specs() {
    let place = Place::new();
    let (_, err) = place.run(
        2,
        &[
            "run", "--set", "beta=2", "--set", "funds=3", "--set", "alpha", "--set", "rules=v5",
        ],
    );
    for fault in [
        "beta: found 2, expected a number above 0 and at most 1",
        "funds: unknown key; did you mean initial.funds?",
        "alpha: expected KEY=VALUE",
        "rules: found \"v5\", expected \"corrected\" or \"v3\"",
    ] {
        assert!(err.contains(fault), "{err}");
    }
    let (out, _) = place.run(
        0,
        &[
            "run",
            "--set",
            "half_life_days=7",
            "--set",
            "rules=v3",
            "--seed",
            "5",
        ],
    );
    assert!(
        out.contains("half-life 7.00 days") && out.contains("rules v3, seed 5"),
        "{out}"
    );
}

#[test]
fn a_hopeless_setting_is_warned_of() {
    let place = Place::new();
    let (_, err) = place.run(0, &["run", "--set", "beta=0.04"]);
    assert!(
        err.starts_with("warning: rho = 0.0025 is not below beta^2"),
        "{err}"
    );
    place.file("spec.toml", "[axes]\nbeta = [0.02, 0.04, 0.2]");
    let (_, err) = place.run(0, &["sweep", "spec.toml", "--out", "out"]);
    assert!(err.contains("warning: at 2 of 3 points, such as point 0 (beta = 0.02): rho = 0.0025 is not below beta^2"), "{err}");
}

/// Every warning is reported once, in its own words; keys that a preset supplies are not warned of.
#[test]
fn every_warning_is_reported() {
    let place = Place::new();
    place.file(
        "spec.toml",
        "[model]\nrho = 0.5\narithmetic = \"contract\"\nrules = { over_release = \"v3\" }\n\
         [outcomes]\nmood = \"mean\"\n[axes]\nbeta = [0.1, 0.2]\n",
    );
    let (_, err) = place.run(0, &["sweep", "spec.toml", "--dry-run"]);
    let warnings: Vec<_> = err
        .lines()
        .filter(|line| line.starts_with("warning: "))
        .collect();
    assert_eq!(warnings.len(), 3, "{err}");
    let told = |text: &str| warnings.iter().filter(|line| line.contains(text)).count();
    assert_eq!(told("rules.over_release is \"v3\""), 1, "{err}");
    assert_eq!(told("beta^2"), 1, "{err}");
    assert_eq!(told("outcomes.mood is \"mean\""), 1, "{err}");
    assert!(
        warnings
            .iter()
            .all(|line| line.contains("at 2 of 2 points")),
        "{err}"
    );
    // A mood alone does not keep anything from passing.
    place.file("mood.toml", "[outcomes]\nmood = \"mean\"\n");
    let (_, err) = place.run(0, &["sweep", "mood.toml", "--dry-run"]);
    assert_eq!(err.matches("warning: ").count(), 1, "{err}");
    assert!(!err.contains("pass"), "{err}");
    place.file(
        "preset.toml",
        "[[variant]]\nname = \"TEC\"\npreset = \"tec\"\n",
    );
    let (_, err) = place.run(0, &["sweep", "preset.toml", "--dry-run"]);
    assert_eq!(err, "");
}

/// Whatever excludes each other is reported at once.
#[test]
fn faults_between_keys_are_reported_at_once() {
    let place = Place::new();
    place.file(
        "spec.toml",
        "[model]\narithmetic = \"contract\"\n[initial]\nfunds = 5000.0\nsupply = 100.0\n\
         [[change]]\nday = 500\nset = { gamma = 0.0 }\n[flows]\n",
    );
    let axis =
        std::fs::read_to_string(place.path("spec.toml")).unwrap() + "[axes]\nbeta = [0.1, 0.2]\n";
    place.file("axis.toml", &axis);
    for spec in ["spec.toml", "axis.toml"] {
        let (_, err) = place.run(2, &["sweep", spec, "--dry-run"]);
        for key in ["initial.funds", "change.day", "arithmetic"] {
            assert!(err.contains(key), "{spec}: {key}: {err}");
        }
    }
}

/// The file that a run writes of itself is that run, whatever its world.
#[test]
fn the_file_of_a_run_reproduces_it() {
    let place = Place::new();
    for randomness in ["common", "independent"] {
        place.file(
            "spec.toml",
            &format!(
                "seed = 8\nreplicates = 3\ndays = 20\nrandomness = \"{randomness}\"\n\
                 [[change]]\nday = 5\nset = {{ beta = 0.5 }}\n[axes]\nchange.0.rho = [0.001, 0.002]\n"
            ),
        );
        let (data, one, two) = (
            format!("data-{randomness}"),
            format!("one-{randomness}"),
            format!("two-{randomness}"),
        );
        place.run(0, &["sweep", "spec.toml", "--out", &data, "-q"]);
        place.run(
            0,
            &["run", "--from", &data, "--run", "5", "--out", &one, "-q"],
        );
        let config = format!("{one}/run.toml");
        place.run(0, &["run", "--config", &config, "--out", &two, "-q"]);
        let read = |name: &str| std::fs::read(place.path(name)).unwrap();
        for file in [
            "days.parquet",
            "proposals.parquet",
            "support_edges.parquet",
            "run.toml",
        ] {
            assert_eq!(
                read(&format!("{one}/{file}")),
                read(&format!("{two}/{file}")),
                "{file}"
            );
        }
        let days = Table::read(&place.path(&one).join("days.parquet")).unwrap();
        let runs = Table::read(&place.path(&data).join("runs/part-000000.parquet")).unwrap();
        assert_eq!(
            days.reals("funds").unwrap()[20],
            runs.reals("funds").unwrap()[5]
        );
    }
    place.file("world.toml", "world = 3\n");
    let (_, err) = place.run(2, &["sweep", "world.toml", "--dry-run"]);
    assert!(err.contains("world: belongs to a single run"), "{err}");
    place.file("world.toml", "world = -3\n");
    let (_, err) = place.run(2, &["run", "--config", "world.toml"]);
    assert!(
        err.contains("world: expected the number of a replicate"),
        "{err}"
    );
}

#[test]
fn a_run_writes_every_table_or_none() {
    let place = Place::new();
    let config = place.file("run.toml", "seed = 3\ndays = 20\n[model]\nbeta = 0.3\n");
    let config = config.to_str().unwrap();
    place.run(0, &["run", "--config", config, "--out", "run"]);
    let table = |name: &str| Table::read(&place.path("run").join(name)).unwrap();
    assert_eq!(
        table("days.parquet").counts("day").unwrap(),
        (0..=20).collect::<Vec<_>>()
    );
    for name in ["proposals", "participants", "support_edges"] {
        let days = table(&format!("{name}.parquet")).counts("day").unwrap();
        assert_eq!((days[0], *days.last().unwrap()), (0, 20), "{name}");
    }
    assert!(
        !table("conflict.parquet")
            .reals("conflict")
            .unwrap()
            .is_empty()
    );
    table("influence.parquet").reals("influence").unwrap();
    // What was written can be run again.
    place.run(0, &["run", "--config", "run/run.toml", "--out", "again"]);
    crate::common::assert_same(
        &crate::common::sums(&place.path("again")),
        &crate::common::sums(&place.path("run")),
    );

    let (_, err) = place.run(2, &["run", "--out", "run"]);
    assert!(err.contains("not empty"), "{err}");
    let crash = [
        "run",
        "--seed",
        "2",
        "--out",
        "crash",
        "--set",
        "rules=v3",
        "--set",
        "beta=0.99",
        "--set",
        "rho=1e-8",
        "--set",
        "base_engagement_rate=1",
        "--set",
        "lowest_affinity_to_support=0",
    ];
    let (_, err) = place.run(1, &crash);
    assert!(err.contains("IndexError"), "{err}");
    assert!(!place.path("crash").exists());
    let (_, err) = place.run(2, &["run", "--config", "sweep.toml"]);
    assert!(err.contains("sweep.toml"), "{err}");
    place.file("sweep.toml", "[axes]\nbeta = [0.1]");
    let (_, err) = place.run(2, &["run", "--config", "sweep.toml"]);
    assert!(err.contains("axes: belongs to a sweep"), "{err}");
}

fn recording(name: &str) -> String {
    format!("{}/tests/recordings/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_replay_writes_the_columns_of_the_recordings() {
    let place = Place::new();
    place.run(0, &["replay", &recording("small"), "--out", "small"]);
    for (name, columns) in [
        (
            "system",
            "day,substep,funds,sentiment,effective_supply,total_supply",
        ),
        (
            "proposals",
            "day,proposal,status,age,funds_requested,conviction,trigger",
        ),
        ("participants", "day,participant,holdings,sentiment"),
        (
            "support_edges",
            "day,participant,proposal,affinity,tokens,conviction",
        ),
    ] {
        let table = Table::read(&place.path(&format!("small/{name}.parquet"))).unwrap();
        assert_eq!(table.column_names().join(","), columns);
    }
    let (_, err) = place.run(
        1,
        &["replay", &recording("over-release-crash"), "--out", "crash"],
    );
    assert!(err.contains("IndexError"), "{err}");
    assert!(!place.path("crash").exists());
    let crash = recording("over-release-crash");
    place.run(
        0,
        &["replay", &crash, "--out", "mended", "--rules", "corrected"],
    );
    let rules = "{ base = \"v3\", stake_weight = \"corrected\" }";
    let (_, err) = place.run(
        1,
        &[
            "replay",
            &recording("default-1"),
            "--out",
            "other",
            "--rules",
            rules,
        ],
    );
    assert!(err.contains("day "), "{err}");
}

/// Returns a table of a recording with another whole number in one row of a column.
fn with(bytes: Vec<u8>, column: &str, row: usize, number: i64) -> Vec<u8> {
    let mut batches = ParquetRecordBatchReader::try_new(Bytes::from(bytes), 100_000).unwrap();
    let batch = batches.next().unwrap().unwrap();
    assert!(batches.next().is_none(), "all rows are in one batch");
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    parquet(columns.map(|(field, values)| {
        let mut values = values.clone();
        if field.name() == column {
            let mut numbers = values.as_primitive::<Int64Type>().values().to_vec();
            numbers[row] = number;
            values = Arc::new(Int64Array::from(numbers));
        }
        (field.name().as_str(), values)
    }))
}

#[test]
fn a_broken_recording_is_refused_by_name() {
    let copy = |place: &Place| {
        std::fs::create_dir(place.path("copy")).unwrap();
        for entry in std::fs::read_dir(recording("small")).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), place.path("copy").join(entry.file_name())).unwrap();
        }
    };
    type Damage<'a> = &'a dyn Fn(Vec<u8>) -> Vec<u8>;
    let breakages: [(&str, Damage, &str); 7] = [
        (
            "draws.parquet",
            &|bytes| bytes[..bytes.len() / 2].to_vec(),
            "draws.parquet: not a complete Parquet file",
        ),
        (
            "draws.parquet",
            &|bytes| with(bytes, "day", 6610, 1),
            "row 6610, column day: found 1, expected day 0 before row 74, then ascending days",
        ),
        (
            "support_edges.parquet",
            &|bytes| with(bytes, "proposal", 0, 60),
            "row 0, column proposal: found 60, expected an id from ",
        ),
        (
            "support_edges.parquet",
            &|bytes| with(bytes, "participant", 0, 60),
            "row 0, column participant: found 60, expected an id below ",
        ),
        (
            "scenario.json",
            &|bytes| bytes[..40].to_vec(),
            "scenario.json: not a complete description",
        ),
        (
            "scenario.json",
            &|bytes| {
                String::from_utf8(bytes)
                    .unwrap()
                    .replace("6611", "6612")
                    .into_bytes()
            },
            "draws = 6612, expected 6611",
        ),
        (
            "scenario.json",
            &|bytes| {
                String::from_utf8(bytes)
                    .unwrap()
                    .replace("\"beta\": 0.2", "\"beta\": 7")
                    .into_bytes()
            },
            "beta = 7, expected a number above 0",
        ),
    ];
    for (name, damage, message) in breakages {
        let place = Place::new();
        copy(&place);
        let file = place.path("copy").join(name);
        std::fs::write(&file, damage(std::fs::read(&file).unwrap())).unwrap();
        let (_, err) = place.run(2, &["replay", "copy", "--out", "out"]);
        assert!(err.contains(message), "no {message:?} in {err}");
        assert!(!place.path("out").exists());
    }
    let place = Place::new();
    copy(&place);
    std::fs::remove_file(place.path("copy/influence.parquet")).unwrap();
    let (_, err) = place.run(2, &["replay", "copy", "--out", "out"]);
    assert!(err.contains("influence.parquet: cannot be read"), "{err}");
}

#[test]
fn a_dry_run_writes_nothing_and_says_what_to_expect() {
    let place = Place::new();
    place.file("spec.toml", "replicates = 1000\n[axes]\nbeta = [0.1, 0.2]");
    let (out, _) = place.run(0, &["sweep", "spec.toml", "--out", "out", "--dry-run"]);
    assert!(out.contains("# 2 points, 2000 runs, 31 parts"), "{out}");
    assert!(out.contains("# about "), "{out}");
    assert!(!place.path("out").exists());
    // The resolved spec is a spec, of the same sweep.
    place.file("resolved.toml", &out);
    let (again, _) = place.run(0, &["sweep", "resolved.toml", "--dry-run"]);
    let spec = |text: &str| {
        text.lines()
            .filter(|l| !l.starts_with('#'))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(spec(&again), spec(&out));
}

#[test]
fn a_spec_that_a_dry_run_printed_means_the_same_anywhere() {
    let place = Place::new();
    for folder in ["study", "elsewhere"] {
        std::fs::create_dir(place.path(folder)).unwrap();
    }
    place.file("study/points.csv", "beta\n0.1\n0.2\n");
    let spec = "days = 2\n[design]\nkind = \"file\"\npath = \"points.csv\"";
    place.file("study/spec.toml", spec);
    let (printed, _) = place.run(0, &["sweep", "study/spec.toml", "--dry-run"]);
    place.file("elsewhere/spec.toml", &printed);
    place.run(0, &["sweep", "elsewhere/spec.toml", "-q", "-o", "again"]);
    place.run(0, &["sweep", "study/spec.toml", "-q", "-o", "first"]);
    let rows = |dataset: &str| {
        let file = place.path(dataset).join("runs/part-000000.parquet");
        conviction::input::Table::read(&file)
            .unwrap()
            .reals("funds")
            .unwrap()
    };
    assert_eq!(rows("again"), rows("first"));
}

#[test]
fn a_dry_run_of_any_size_answers_at_once() {
    let place = Place::new();
    let dry_run = |spec: &str, status: i32| {
        place.file("spec.toml", spec);
        let begun = std::time::Instant::now();
        let said = place.run(status, &["sweep", "spec.toml", "--dry-run"]);
        // A test's program is slow, and the machine may be busy.
        assert!(begun.elapsed().as_secs() < 10, "{spec}");
        said
    };
    let (out, _) = dry_run(
        "replicates = 250000000\n[axes]\nbeta = [0.1, 0.2, 0.3, 0.4]",
        0,
    );
    assert!(out.contains("4 points, 1000000000 runs, "), "{out}");
    let most = "replicates = 2147483647\n[axes]\nbeta = { from = 0.1, to = 0.9, steps = 1000000 }";
    let (out, err) = dry_run(most, 0);
    assert!(out.contains("2147483647000000 runs"), "{out}");
    // What a sweep would refuse is told.
    let refusal = "parts, and 16777216 at most can be kept; take fewer runs";
    assert!(err.contains(refusal), "{err}");
    let (_, err) = place.run(2, &["sweep", "spec.toml", "--out", "out"]);
    assert!(
        err.contains(refusal) && !place.path("out").exists(),
        "{err}"
    );
    assert!(
        out.contains(" PiB on the disk") || out.contains(" TiB on the disk"),
        "{out}"
    );
    let (out, err) = dry_run("days = 36500\n[initial]\nparticipants = 3000", 0);
    assert!(out.contains("from counts alone"), "{out}");
    assert!(err.contains("a single run of point 0"), "{err}");
    let (_, err) = dry_run("[initial]\nparticipants = 100000\nproposals = 100000", 2);
    assert!(
        err.contains("of memory with 100000 participants and 100000 proposals"),
        "{err}"
    );
    let (_, err) = dry_run(
        "[initial]\nparticipants = 100000\n[axes]\n\"initial.proposals\" = [7, 100000]",
        2,
    );
    assert!(err.contains("a run of point 1"), "{err}");
}

#[test]
fn a_run_needs_room_too_and_leaves_nothing_when_it_is_interrupted() {
    let place = Place::new();
    let many = ["initial.participants=100000", "initial.proposals=100000"];
    let (_, err) = place.run(2, &["run", "--set", many[0], "--set", many[1], "-o", "x"]);
    assert!(
        err.contains("the run requires about") && err.contains("100000 proposals"),
        "{err}"
    );
    let arguments = ["run", "--set", "days=20000", "-o", "long"];
    let err = place.interrupt(std::time::Duration::from_millis(1000), &arguments);
    assert!(err.contains("nothing is written"), "{err}");
    assert_eq!(std::fs::read_dir(place.path("")).unwrap().count(), 0);
}

#[test]
fn a_sweep_needs_no_room_for_a_trial() {
    let place = Place::new();
    place.file("spec.toml", "replicates = 2\ndays = 3");
    for more in [&["--dry-run"][..], &["--out", "data"]] {
        let mut program = place.program();
        program.args(["sweep", "spec.toml"]).args(more);
        program.env("TMPDIR", "/nowhere").assert().success();
    }
}

#[test]
fn shards_are_checked() {
    let place = Place::new();
    place.file("spec.toml", "replicates = 2");
    for shard in ["0/3", "4/3", "x", "1/0", "slurm", "array/2"] {
        let (_, err) = place.run(2, &["sweep", "spec.toml", "--out", "out", "--shard", shard]);
        assert!(err.contains("--shard"), "{err}");
        assert!(!place.path("out").exists());
    }
}

#[test]
fn the_schema_names_every_column_that_is_written() {
    let place = Place::new();
    let (all, _) = place.run(0, &["schema"]);
    place.file(
        "spec.toml",
        "replicates = 2\ndays = 5\n[output]\ntables = [\"days\", \"proposals\"]",
    );
    place.run(0, &["sweep", "spec.toml", "--out", "data"]);
    for (file, shown) in [
        ("runs", "runs"),
        ("days", "days"),
        ("proposals", "proposals"),
    ] {
        let (text, _) = place.run(0, &["schema", shown]);
        let table = Table::read(&place.path(&format!("data/{file}/part-000000.parquet"))).unwrap();
        for column in table.column_names() {
            let row = format!("  {column} ");
            assert!(
                text.contains(&row) && all.contains(&row),
                "{file}: {column}"
            );
        }
    }
    let (settings, _) = place.run(0, &["schema", "settings"]);
    let points = Table::read(&place.path("data/points.parquet")).unwrap();
    for column in points.column_names().iter().filter(|name| *name != "point") {
        assert!(settings.contains(&format!("  {column} ")), "{column}");
    }
    let (_, err) = place.run(2, &["schema", "rum"]);
    assert!(err.contains("tables are runs, days"), "{err}");
}

#[test]
fn the_trigger_speaks_both_vocabularies_and_the_contracts_integers() {
    let place = Place::new();
    let (model, _) = place.run(0, &["trigger", "--beta", "0.2", "--rho", "0.0025"]);
    assert!(model.contains("half-life 3.00 days"), "{model}");
    assert!(
        model.contains("15 % as the largest request that can pass"),
        "{model}"
    );
    assert!(model.contains("minimum conviction 6.25 %"), "{model}");
    assert!(
        model.contains("decay 9999598, maxRatio 2000000, weight 25000"),
        "{model}"
    );
    // The same, in the dashboards' words, in either meaning of the limit.
    for (limit, means) in [("0.2", "max-ratio"), ("0.15", "largest-passable")] {
        let (same, _) = place.run(
            0,
            &[
                "trigger",
                "--spending-limit",
                limit,
                "--spending-limit-means",
                means,
                "--minimum-conviction",
                "0.0625",
            ],
        );
        assert_eq!(same, model);
    }
    let words = [
        "trigger",
        "--largest-request",
        "0.15",
        "--minimum-conviction",
        "0.0625",
    ];
    assert_eq!(place.run(0, &words).0, model);
    // Times of less than a day, the stake that passes in time, and what a stake passes.
    for row in [
        "0 % never never 5 2 2 13.8 h 9.02 h 6.69 h",
        "8 hours 84.3 % 93.4 % – – – – – –",
        "1 day 30.3 % 33.6 % 37.4 % 53.9 % – – – –",
        "7 days – – 2.34 % 7.51 % 9.8 % 12.1 % 13.6 % 14.4 %",
        "ever – – 4.19 % 8.82 % 10.9 % 12.9 % 14.2 % 15 %",
    ] {
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            model.lines().any(|line| words(line) == row),
            "{row}: {model}"
        );
    }
    // Where hours are too coarse, blocks.
    let fast = [
        "trigger",
        "--half-life-days",
        "0.01",
        "--block-time-seconds",
        "5",
    ];
    let (out, _) = place.run(0, &fast);
    assert!(out.contains("17 b"), "{out}");
    let (both, _) = place.run(0, &["trigger", "--preset", "tec", "--preset", "v3"]);
    let row = |name: &str| {
        let mut lines = both.lines().map(str::trim_start);
        let row = lines.find_map(|line| line.strip_prefix(name)).unwrap();
        row.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("largest request"), "8.8 % 15 %");
    assert_eq!(row("minimum conviction"), "4 % 6.25 %");
    assert_eq!(row("maxRatio"), "1100000 2000000");
    assert_eq!(row("20 % halves the pool in"), "130 days 60.1 days");
    let gardens = [
        "trigger",
        "--half-life-days",
        "2",
        "--block-time-seconds",
        "5",
    ];
    let (out, _) = place.run(0, &gardens);
    assert!(out.contains("5 s blocks: decay 9999799"), "{out}");

    let (_, error) = place.run(2, &["trigger", "--spending-limit", "0.2"]);
    assert!(error.contains("--spending-limit-means"), "{error}");
    let (_, error) = place.run(2, &["trigger", "--beta", "1.5"]);
    assert!(
        error.contains("--beta: found 1.5, expected a number above 0"),
        "{error}"
    );
    let (_, error) = place.run(2, &["trigger", "--minimum-conviction", "1"]);
    assert!(error.contains("nothing can ever pass"), "{error}");
    let (_, error) = place.run(0, &["trigger", "--rho", "0.05"]);
    assert!(error.contains("no proposal can ever pass"), "{error}");
    let (out, error) = place.run(0, &["run", "--set", "rho=0.9", "--set", "days=1"]);
    assert!(error.contains("no proposal can ever pass"), "{error}");
    assert!(out.contains("largest request 0 %"), "{out}");
}

#[test]
fn the_trigger_says_what_attackers_can_take() {
    let place = Place::new();
    let row = |text: &str, first: &str| -> Vec<Vec<String>> {
        let lines = text.lines().map(str::trim_start);
        let rows = lines.filter_map(|line| line.strip_prefix(first));
        rows.map(|row| row.split_whitespace().map(str::to_owned).collect())
            .collect()
    };
    let (out, _) = place.run(
        0,
        &["trigger", "--preset", "tec", "--attack-shares", "0.04,0.2"],
    );
    for said in [
        "4 % of the supply never, 20 % of the supply in 130 days",
        "Resistance, kappa: 17.2 days. In the limit of continuous time",
        "up to it, 4 %, take nothing",
        "75 token-days",
        "95.5 % of the supply passes a request of a third of beta, 3.67 % of the pool",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
    let [best, third] = &row(&out, "20 % ")[..] else {
        panic!("a row in each table: {out}");
    };
    assert_eq!(
        best.join(" "),
        "3.65 % 7 130 3.13 % 5 109 1 × 3.65 % 7 130 85.9"
    );
    assert_eq!(third.join(" "), "7 6.04 8 152 7 134");
    assert_eq!(row(&out, "4 % ").len(), 2);
    assert!(
        row(&out, "10 % ").is_empty(),
        "only the shares asked for: {out}"
    );

    // TEC's half-life is so long that nothing passes in one night, whatever the stakes.
    assert!(
        out.contains("within 8 hours, nothing passes, whatever"),
        "{out}"
    );
    let (out, _) = place.run(0, &["trigger", "--preset", "dashboard-default"]);
    assert!(
        out.contains("attackers take 48.7 % of the pool in one night, by 9 requests at once"),
        "{out}"
    );

    let (out, _) = place.run(0, &["trigger", "--rho", "0.05"]);
    assert!(out.contains("Nothing can ever pass, so nothing can be taken."));
    assert!(!out.contains("kappa"), "{out}");
    for wrong in ["0", "1.5", "0.1,ten", "", "nan"] {
        let (_, error) = place.run(2, &["trigger", "--attack-shares", wrong]);
        assert!(error.contains("--attack-shares"), "{error}");
        assert!(
            error.contains("expected a share above 0") || wrong.is_empty(),
            "{error}"
        );
    }
    // The longest half-life and the least beta end as well.
    for hard in [
        ["--half-life-days", "1e6"],
        ["--half-life-days", "0"],
        ["--alpha", "0.9999999999999999"],
        ["--beta", "1e-30"],
    ] {
        place.run(0, &[&["trigger"][..], &hard].concat());
    }
}

#[test]
fn a_report_needs_a_run_or_a_sweep_and_leaves_nothing_otherwise() {
    let place = Place::new();
    std::fs::create_dir(place.path("empty")).unwrap();
    let (_, error) = place.run(2, &["report", "empty"]);
    assert!(
        error.contains("neither a run (run.toml) nor a sweep"),
        "{error}"
    );
    place.run(2, &["report", "nowhere"]);
    place.run(0, &["run", "--set", "days=3", "--out", "one"]);
    std::fs::remove_file(place.path("one/proposals.parquet")).unwrap();
    let (_, error) = place.run(2, &["report", "one"]);
    assert!(
        error.contains("proposals.parquet: cannot be read"),
        "{error}"
    );
    assert!(!place.path("report.html").exists());
}

/// Runs a dry sweep of a spec that is wrong; returns what is said.
fn faults(spec: &[u8]) -> String {
    let place = Place::new();
    std::fs::write(place.path("spec.toml"), spec).unwrap();
    place.run(2, &["sweep", "spec.toml", "--dry-run"]).1
}

fn lines_of(err: &str) -> usize {
    err.lines()
        .filter(|line| line.starts_with("error: "))
        .count()
}

#[test]
fn what_says_nothing_is_a_fault() {
    for (spec, fault) in [
        (
            "[[variant]]\nname = \"a\"\narithmetic = {}",
            "variant 1, arithmetic: found a table",
        ),
        (
            "[[variant]]\nname = \"a\"\ninitial = {}",
            "variant 1, initial: empty",
        ),
        ("[axes]\nrules = {}", "axes.rules: empty"),
        ("[axes]\nchain = {}", "axes.chain: empty"),
        (
            "[[variant]]\nnaxe = \"a\"\nname = \"b\"",
            "variant 1, naxe: unknown key; did you mean name?",
        ),
        (
            "[design]\nkin_ = \"morris\"\nlevels = 4\n[axes]\nbeta = { from = 0.1, to = 0.2 }",
            "design.kin_: unknown key; did you mean kind?",
        ),
        (
            "[design]\nlevels = 4",
            "design.kind: missing; expected one of grid",
        ),
        (
            "[model]\nbeta = 0.1\nrho = 1\n'beta' = 2",
            ":4: model.beta: set twice, first in line 2",
        ),
        (
            "[chain]\n[model]\n[chain]",
            ":3: chain: set twice, first in line 1",
        ),
        (
            "[[variant]]\nname = \"a\"\n[[variant]]\nname = \"b\"\ntmin = 1\ntmin = 2",
            ":6: variant.tmin: set twice, first in line 5",
        ),
        ("[axes]\ntmin = [1e-300, 1e-300]", "contains 1e-300 twice"),
    ] {
        let err = faults(spec.as_bytes());
        assert!(err.contains(fault), "{spec}: no fault {fault:?} in\n{err}");
        assert_eq!(lines_of(&err), 1, "{spec}:\n{err}");
    }
}

#[test]
fn a_fault_is_shown_in_its_line() {
    let err = faults(b"days = 3\n\n[model]\nbeta = 7 # too much\n");
    let expected = "\
error: spec.toml:4: model.beta: found 7, expected a number above 0 and at most 1; did you mean 0.07?
  |
4 | beta = 7 # too much
  |        ^
";
    assert_eq!(err, expected);
}

#[test]
fn nothing_of_a_spec_acts_on_the_terminal() {
    let spec = "\"a\\u001b[2J\\u0007\\nerror: b\" = 1\n[[variant]]\nname = \"\\u001b]0;x\"\n\
                [[variant]]\nname = \"\\u001b]0;x\"\n";
    let err = faults(spec.as_bytes());
    assert!(
        err.contains("a\\u{1b}[2J\\u{7}\\nerror: b: unknown key"),
        "{err}"
    );
    assert!(
        !err.contains(|c: char| c.is_control() && c != '\n'),
        "{err:?}"
    );
    let place = Place::new();
    let (_, err) = place.run(2, &["sweep", "a\u{1b}\u{7}.toml", "--dry-run"]);
    assert!(err.contains("a\\u{1b}\\u{7}.toml: cannot be read"), "{err}");
    place.file("spec.toml", "[[variant]]\nname = \"\\u001b[2J\"");
    let (out, _) = place.run(0, &["sweep", "spec.toml", "--out", "data"]);
    assert!(out.contains("\\u{1b}[2J"), "{out}");
}

#[test]
fn a_spec_that_is_not_text_says_where_and_what_to_do() {
    let err = faults(b"days = 3\n# caf\xe9\n");
    assert_eq!(
        err,
        "error: spec.toml:2: not UTF-8 text: the byte 0xe9; check that this is the intended file, and save it \
         as UTF-8, for example with `iconv -f LATIN1 -t UTF-8`\n"
    );
}

#[test]
fn what_is_no_file_is_refused_before_it_is_read() {
    use std::process::Command;
    use std::time::Duration;
    let place = Place::new();
    std::fs::create_dir(place.path("folder")).unwrap();
    let made = Command::new("mkfifo")
        .arg(place.path("pipe"))
        .status()
        .unwrap();
    assert!(made.success());
    let large = std::fs::File::create(place.path("large")).unwrap();
    large.set_len(17 << 20).unwrap();
    for (path, said) in [
        ("folder", "is a directory, expected a plain file"),
        ("pipe", "is a pipe, expected a plain file"),
        ("/dev/zero", "is a device or socket, expected a plain file"),
        ("large", "too large, expected at most 16777216 bytes"),
    ] {
        for arguments in [
            ["sweep", path, "--dry-run"].as_slice(),
            &["run", "--config", path],
            &["trigger", "--config", path],
        ] {
            let mut program = place.program();
            let program = program.args(arguments).timeout(Duration::from_secs(20));
            let output = program.output().unwrap();
            let err = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {err}");
            assert!(
                err.contains(path) && err.contains(said),
                "{arguments:?}: {err}"
            );
        }
    }
}

#[test]
fn a_spec_may_come_from_standard_input() {
    let place = Place::new();
    let sweep = |spec: &str, status: i32| {
        let mut program = place.program();
        let program = program.args(["sweep", "-", "--dry-run"]).write_stdin(spec);
        let output = program.output().unwrap();
        assert_eq!(output.status.code(), Some(status));
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let out = sweep("seed = 5\n[axes]\nbeta = [0.1, 0.2]", 0);
    assert!(
        out.contains("seed = 5") && out.contains("# 2 points"),
        "{out}"
    );
    let err = sweep("sed = 5", 2);
    assert!(
        err.contains("standard input:1: sed: unknown key; did you mean seed?"),
        "{err}"
    );
    let err = sweep(&"#".repeat(17 << 20), 2);
    assert!(err.contains("standard input: too large"), "{err}");
}

#[test]
fn many_faults_are_told_quickly_and_counted() {
    let spec: String = (0..100_000).map(|i| format!("key_{i} = {i}\n")).collect();
    let begun = std::time::Instant::now();
    let err = faults(spec.as_bytes());
    assert!(begun.elapsed().as_secs_f64() < 5.0, "{:?}", begun.elapsed());
    assert_eq!(lines_of(&err), 51);
    assert!(
        err.ends_with("error: spec.toml: and 99950 more faults\n"),
        "{err}"
    );
    let variants: String = (0..60_000)
        .map(|i| format!("[[variant]]\nname = \"{i}\"\n"))
        .collect();
    let begun = std::time::Instant::now();
    faults(format!("{variants}[[variant]]\nname = \"7\"").as_bytes());
    let values: String = (0..300_000).map(|i| format!("{i}e-9, ")).collect();
    faults(format!("[axes]\ntmin = [{values}1e-9]").as_bytes());
    let long = "k".repeat(1 << 20);
    let err = faults(format!("{long} = 1\n[model]\nrules = \"{long}\"").as_bytes());
    assert!(err.len() < 2000, "{}", err.len());
    assert!(
        begun.elapsed().as_secs_f64() < 20.0,
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn deep_nesting_ends_with_a_fault() {
    let lists = format!(
        "[axes]\nbeta = {}{}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let tables = format!("a = {}1{}", "{a = ".repeat(100_000), "}".repeat(100_000));
    let dots = format!("{}a = 1", "a.".repeat(100_000));
    let header = format!("[{}a]", "a.".repeat(100_000));
    let dotted = format!("{}a = ", "a.".repeat(78));
    let both = format!("{}1{}", format!("{{{dotted}").repeat(70), "}".repeat(70));
    let both = format!("[{}a]\n{dotted}{both}", "a.".repeat(78));
    let variant = format!(
        "[[variant]]\nname = \"a\"\ninitial.{}a = 1",
        "a.".repeat(70)
    );
    for spec in [lists, tables, dots, header, both, variant] {
        let err = faults(spec.as_bytes());
        assert!(err.starts_with("error: spec.toml:"), "{err}");
    }
}

#[test]
fn seeds_have_one_domain() {
    let place = Place::new();
    let most = i64::MAX.to_string();
    place.run(
        0,
        &["run", "--seed", &most, "--set", "days=2", "--out", "one"],
    );
    place.run(0, &["run", "--config", "one/run.toml"]);
    let beyond = (1u64 << 63).to_string();
    let (_, err) = place.run(2, &["run", "--seed", &beyond, "--out", "x"]);
    assert!(
        err.contains("expected at most 9223372036854775807, found 9223372036854775808"),
        "{err}"
    );
    assert!(!place.path("x").exists());
    place.file("spec.toml", &format!("seed = {beyond}"));
    let (_, err) = place.run(2, &["sweep", "spec.toml", "--dry-run"]);
    assert!(
        err.contains("expected a whole number from 0 to 9223372036854775807"),
        "{err}"
    );
}

#[test]
fn what_changes_nothing_is_warned_of() {
    let place = Place::new();
    let axis = "[axes]\nchain.block_time_seconds = [5.0, 15.0]\n";
    place.file("spec.toml", axis);
    let (out, err) = place.run(0, &["sweep", "spec.toml", "--dry-run"]);
    let warning =
        "warning: axes.chain.block_time_seconds: has no effect while arithmetic is \"real\"";
    assert!(err.contains(warning), "{err}");
    place.file("again.toml", &out);
    let (_, again) = place.run(0, &["sweep", "again.toml", "--dry-run"]);
    assert_eq!(again, err);
    for used in [
        "[model]\narithmetic = \"contract\"\n",
        "[axes]\narithmetic = [\"contract\", \"real\"]\n",
    ] {
        let spec = match used.strip_prefix("[axes]\n") {
            Some(axis_too) => format!("{axis}{axis_too}"),
            None => format!("{used}{axis}"),
        };
        place.file("spec.toml", &spec);
        let (_, err) = place.run(0, &["sweep", "spec.toml", "--dry-run"]);
        assert_eq!(err, "");
    }
}

#[test]
fn a_spec_to_start_from_is_written_once() {
    let place = Place::new();
    let (out, _) = place.run(0, &["init"]);
    assert!(
        out.contains("next: conviction sweep sweep.toml --out results"),
        "{out}"
    );
    let text = std::fs::read_to_string(place.path("sweep.toml")).unwrap();
    let (same, _) = place.run(0, &["init", "-"]);
    assert_eq!(same, text);
    let (written, _) = place.run(0, &["sweep", "sweep.toml", "--dry-run"]);
    assert!(written.contains("\nalpha = 0.79"), "{written}");
    place.file("sweep.toml", "mine");
    let (_, err) = place.run(2, &["init"]);
    assert!(err.contains("sweep.toml: exists;"), "{err}");
    assert_eq!(
        std::fs::read_to_string(place.path("sweep.toml")).unwrap(),
        "mine"
    );
    let (_, err) = place.run(1, &["init", "nowhere/spec.toml"]);
    assert!(err.contains("nowhere/spec.toml"), "{err}");
}

#[test]
fn the_program_describes_itself_to_shells_and_readers() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (script, _) = place.run(0, &["completions", shell]);
        assert!(script.contains("dry-run"), "{shell}");
    }
    place.run(0, &["man", "pages"]);
    let page = std::fs::read_to_string(place.path("pages/conviction-sweep.1")).unwrap();
    assert!(page.contains("dry\\-run"), "{page}");
    let (version, _) = place.run(0, &["--version"]);
    let expected = format!(
        "conviction {}\nresults version: {}\nfeatures: ",
        env!("CARGO_PKG_VERSION"),
        conviction::RESULTS_VERSION
    );
    assert!(version.starts_with(&expected), "{version}");
}

#[test]
fn quiet_commands_say_nothing() {
    let place = Place::new();
    place.file("spec.toml", "replicates = 2\ndays = 3");
    let said = place.run(0, &["sweep", "spec.toml", "-q", "-o", "data"]);
    assert_eq!(said, (String::new(), String::new()));
    let said = place.run(0, &["run", "--set", "days=3", "-q", "-o", "one"]);
    assert_eq!(said, (String::new(), String::new()));
    assert!(place.path("one/run.toml").exists());
}

#[test]
fn what_grows_beyond_the_numbers_fails() {
    let place = Place::new();
    let grown = ["run", "--set", "gamma=10", "--set", "days=400"];
    let (_, err) = place.run(1, &grown);
    assert!(err.contains("the supply has grown to"), "{err}");
    assert!(err.contains("lower gamma"), "{err}");
    for absurd in [
        "rho=5e-324",
        "rho=1e-300",
        "initial.supply=1.7e308",
        "initial.supply=1e-30",
        "chain.block_time_seconds=5e-324",
        "base_completion_rate=5e-324",
    ] {
        let (key, value) = absurd.split_once('=').unwrap();
        let (_, err) = place.run(2, &["run", "--set", absurd]);
        assert!(
            err.contains(key) && err.contains(value) && err.contains("expected"),
            "{err}"
        );
    }
}

/// Everything that writes a file or a directory, and where it is to be written: `OUT` stands for a name.
fn writers(place: &Place) -> Vec<Vec<&'static str>> {
    place.file("spec.toml", "replicates = 2\ndays = 3");
    place.run(0, &["sweep", "spec.toml", "-q", "-o", "data"]);
    place.run(0, &["run", "--set", "days=3", "-q", "-o", "one"]);
    std::fs::copy(
        format!("{}/tests/contract/scenario.csv", env!("CARGO_MANIFEST_DIR")),
        place.path("events.csv"),
    )
    .unwrap();
    vec![
        vec!["report", "one", "--out", "OUT"],
        vec!["report", "data", "--out", "OUT"],
        vec!["trigger", "--report", "OUT"],
        vec!["describe", "data", "--out", "OUT"],
        vec!["contract", "replay", "events.csv", "--out", "OUT"],
        vec!["init", "OUT"],
        vec!["man", "OUT"],
        vec!["run", "--set", "days=3", "--out", "OUT"],
        vec!["sweep", "spec.toml", "--out", "OUT"],
    ]
}

/// Arguments that write to a name.
fn writing<'a>(arguments: &[&'a str], name: &'a str) -> Vec<&'a str> {
    let arguments = arguments.iter();
    arguments
        .map(|&given| if given == "OUT" { name } else { given })
        .collect()
}

#[test]
fn names_may_be_as_long_as_file_systems_allow() {
    let place = Place::new();
    let name = "n".repeat(255);
    for arguments in writers(&place) {
        place.run(0, &writing(&arguments, &name));
        let written = place.path(&name);
        if written.is_dir() {
            std::fs::remove_dir_all(written).unwrap();
        } else {
            std::fs::remove_file(written).unwrap();
        }
    }
}

#[test]
fn standard_output_is_no_file_and_no_directory() {
    let place = Place::new();
    for arguments in writers(&place) {
        let to_output = writing(&arguments, "-");
        match arguments[0] {
            "man" | "run" | "sweep" => {
                let (_, err) = place.run(2, &to_output);
                assert!(err.contains("found standard output"), "{err}");
            }
            _ => {
                let (out, _) = place.run(0, &to_output);
                place.run(0, &writing(&arguments, "file"));
                let file = std::fs::read_to_string(place.path("file")).unwrap();
                assert_eq!(out.trim_end(), file.trim_end(), "{arguments:?}");
                std::fs::remove_file(place.path("file")).unwrap();
            }
        }
        assert!(!place.path("-").exists(), "{arguments:?}");
    }
    let (_, err) = place.run(2, &["trigger", "--report", "-", "--format", "json"]);
    assert!(err.contains("--report -"), "{err}");
}

/// Runs the program with a standard output that takes nothing.
fn without_output(place: &Place, arguments: &[&str]) -> (Option<i32>, String) {
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = std::process::Command::new(assert_cmd::cargo::cargo_bin!("conviction"))
        .args(arguments)
        .current_dir(place.path(""))
        .stdout(full)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn what_cannot_be_printed_is_told_and_what_was_done_stays() {
    let place = Place::new();
    let writers = writers(&place);
    for arguments in &writers {
        let (status, err) = without_output(&place, &writing(arguments, "out"));
        // All of these but one print what they wrote.
        let expected = if arguments[0] == "describe" { 0 } else { 1 };
        assert_eq!(status, Some(expected), "{arguments:?}\n{err}");
        assert!(expected == 0 || err.contains("cannot print"), "{err}");
        let written = place.path("out");
        if written.is_dir() {
            assert!(
                std::fs::read_dir(&written).unwrap().count() > 3,
                "{arguments:?}"
            );
            std::fs::remove_dir_all(written).unwrap();
        } else {
            assert!(
                std::fs::read(&written).unwrap().len() > 100,
                "{arguments:?}"
            );
            std::fs::remove_file(written).unwrap();
        }
    }
    for printing in [
        &["presets"][..],
        &["schema"],
        &["schema", "--format", "json"],
        &["trigger"],
        &["trigger", "--format", "json"],
        &["trigger", "--report", "-"],
        &["report", "one", "--out", "-"],
        &["describe", "data"],
        &["verify", "data"],
        &["init", "-"],
        &["completions", "bash"],
        &["sweep", "spec.toml", "--dry-run"],
        &["run", "--set", "days=3"],
        &["--help"],
        &["--version"],
    ] {
        let (status, err) = without_output(&place, printing);
        assert_eq!(status, Some(1), "{printing:?}\n{err}");
        assert!(err.contains("cannot print"), "{printing:?}\n{err}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named_and_keeps_nothing() {
    let place = Place::new();
    let writers = writers(&place);
    let script = r#"
        set -eu
        mkdir -p disk
        mount -t tmpfs -o size=64k,nr_inodes=12 tmpfs disk
        head -c 65536 /dev/zero >disk/ballast || true
        set +e
        "$@" >out.txt 2>error.txt
        echo $? >status.txt
        ls -A disk >left.txt
    "#;
    for arguments in writers {
        let done = std::process::Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
            .arg(assert_cmd::cargo::cargo_bin!("conviction"))
            .args(writing(&arguments, "disk/out"))
            .current_dir(place.path(""))
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        let read = |name: &str| std::fs::read_to_string(place.path(name)).unwrap();
        let err = read("error.txt");
        assert_eq!(read("status.txt").trim(), "1", "{arguments:?}\n{err}");
        assert!(
            err.contains("disk/out") && err.contains("No space left on device"),
            "{arguments:?}\n{err}"
        );
        assert!(!err.contains(".conviction-"), "{arguments:?}\n{err}");
        let left = read("left.txt");
        match arguments[0] {
            // Directories that hold what is complete.
            "man" | "sweep" => assert_eq!(left, "ballast\nout\n", "{arguments:?}"),
            _ => assert_eq!(left, "ballast\n", "{arguments:?}"),
        }
    }
}

#[test]
fn what_the_system_refuses_is_no_fault_of_the_input() {
    let place = Place::new();
    // Whoever reads or writes there meets an I/O error.
    for arguments in [
        &["sweep", "/proc/self/mem", "--out", "out"][..],
        &["run", "--config", "/proc/self/mem"],
        &["contract", "replay", "/proc/self/mem"],
    ] {
        let (_, err) = place.run(1, arguments);
        assert!(err.contains("Input/output error"), "{arguments:?}\n{err}");
    }
    place.file("spec.toml", "replicates = 2\ndays = 3");
    for (status, arguments) in [
        (1, &["sweep", "spec.toml", "--out", "/proc/self/data"][..]),
        (1, &["run", "--out", "/proc/self/one"]),
        (1, &["report", "/proc/self", "--out", "nowhere/report.html"]),
        (1, &["trigger", "--report", "nowhere/report.html"]),
        (1, &["init", "nowhere/spec.toml"]),
        (2, &["sweep", "nowhere.toml", "--out", "out"]),
        (2, &["report", "nowhere"]),
        (2, &["verify", "nowhere"]),
    ] {
        let (_, err) = place.run(status, arguments);
        let hidden = [".conviction-", ".partial"];
        assert!(!hidden.iter().any(|name| err.contains(name)), "{err}");
    }
}

#[test]
fn a_run_with_many_conflicts_is_given_up_at_once_and_needs_room() {
    let place = Place::new();
    let begun = std::time::Instant::now();
    let after = std::time::Duration::from_millis(700);
    let err = place.interrupt(
        after,
        &["run", "--set", "initial.proposals=4000", "-o", "x"],
    );
    assert!(err.contains("nothing is written"), "{err}");
    assert!(
        begun.elapsed() < after + std::time::Duration::from_secs(3),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(std::fs::read_dir(place.path("")).unwrap().count(), 0);
    // Of the conflicts alone there are 2.5 billion.
    let many = ["run", "--set", "initial.proposals=100000", "-o", "x"];
    let (_, err) = place.run(2, &many);
    assert!(err.contains("the run requires about 46"), "{err}");
}
