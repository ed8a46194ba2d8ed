//! What a user types, right and wrong.

mod common;

use common::Place;
use conviction::input::Table;

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
        "bad.toml:6: model.rho: found nan, expected a number above 0",
        "bad.toml:7: model.alpha: found 1.5, expected a number of at least 0 and below 1",
        "bad.toml:8: model.half_life_days: says the same as alpha",
        "bad.toml:9: model.rules.over_releas: unknown key; did you mean rules.over_release?",
        "bad.toml:11: initial.participants: found 2.5, expected a whole number from 1",
        "bad.toml:12: initial.beta: does not belong here; beta stands under [model]",
        "bad.toml:14: axes.alpha: is empty",
        "bad.toml:15: axes.gamma: from = 1 is not below to = 0.5",
        "axes.rho: repeats rho, which is fixed",
        "bad.toml:17: axes.sensitivity: expected a list",
        "axes.tmin: needs steps on a grid",
    ] {
        assert!(err.contains(fault), "no fault {fault:?} in\n{err}");
    }
    assert!(!place.path("out").exists());
}

#[test]
fn single_faults_name_their_place() {
    for (spec, fault) in [
        ("a = = 3", "spec.toml:1: is not TOML"),
        ("[axes]\nbeta = [0.1, 0.1]", "axes.beta: holds 0.1 twice"),
        (
            "[axes]\nbeta = [0.1]\n[levers]\nrho = [0.1]",
            "axes: stands beside levers",
        ),
        (
            "[axes]\nalpha = [0.5]\nhalf_life_days = [3]",
            "says the same as axis alpha",
        ),
        (
            "[design]\nkind = \"sobol\"\npoints = 4",
            "a sobol design needs [axes]",
        ),
        (
            "[design]\nkind = \"sobol\"\n[axes]\nbeta = { from = 0.1, to = 0.2 }",
            "design.points: is missing",
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
        ("[[variant]]\nbeta = 0.2", "variant 1: needs a name"),
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
            "axes.rules: has no range",
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
    assert!(err.contains("at 2 of 3 points nothing can pass"), "{err}");
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
    common::assert_same(
        &common::sums(&place.path("again")),
        &common::sums(&place.path("run")),
    );

    let (_, err) = place.run(2, &["run", "--out", "run"]);
    assert!(err.contains("holds something already"), "{err}");
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
    let breakages: [(&str, Damage, &str); 4] = [
        (
            "draws.parquet",
            &|bytes| bytes[..bytes.len() / 2].to_vec(),
            "draws.parquet: is not a whole Parquet file",
        ),
        (
            "scenario.json",
            &|bytes| bytes[..40].to_vec(),
            "scenario.json: is not a whole description",
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
    assert!(err.contains("influence.parquet: cannot be opened"), "{err}");
}

#[test]
fn a_dry_run_writes_nothing_and_says_what_to_expect() {
    let place = Place::new();
    place.file("spec.toml", "replicates = 1000\n[axes]\nbeta = [0.1, 0.2]");
    let (out, _) = place.run(0, &["sweep", "spec.toml", "--out", "out", "--dry-run"]);
    assert!(
        out.contains("# 2 points, 2000 runs, 31 parts: as many cores can work at once"),
        "{out}"
    );
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
    let most = "replicates = 4294967295\n[axes]\nbeta = { from = 0.1, to = 0.9, steps = 1000000 }";
    let (out, _) = dry_run(most, 0);
    assert!(out.contains("4294967295000000 runs"), "{out}");
    assert!(
        out.contains(" PiB on the disk") || out.contains(" TiB on the disk"),
        "{out}"
    );
    let (out, err) = dry_run("days = 36500\n[initial]\nparticipants = 3000", 0);
    assert!(out.contains("from counts alone"), "{out}");
    assert!(err.contains("a single run of point 0"), "{err}");
    let (_, err) = dry_run("[initial]\nparticipants = 100000\nproposals = 100000", 2);
    assert!(
        err.contains("of memory with its 100000 participants and 100000 proposals"),
        "{err}"
    );
    let (_, err) = dry_run(
        "[initial]\nparticipants = 100000\n[axes]\n\"initial.proposals\" = [7, 100000]",
        2,
    );
    assert!(err.contains("a run of point 1"), "{err}");
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
    assert!(err.contains("there are runs, days"), "{err}");
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
    assert!(error.contains("nothing could ever pass"), "{error}");
    let (_, error) = place.run(0, &["trigger", "--rho", "0.05"]);
    assert!(error.contains("no proposal can ever pass"), "{error}");
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
        error.contains("proposals.parquet: cannot be opened"),
        "{error}"
    );
    assert!(!place.path("report.html").exists());
}
