//! Sweeps give the same bytes whatever the threads, shards and interruptions.

mod common;

use common::{Place, assert_same, sums};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// A sweep of 12 parts with every table.
const SPEC: &str = r#"
seed = 11
replicates = 128
days = 30

[model]
beta = 0.4

[output]
tables = ["runs", "days", "proposals"]
every = 5

[axes]
half_life_days = [1.0, 3.0, 9.0]
rules = ["corrected", "v3"]
"initial.participants" = [10, 20, 30, 40]
"#;

const PARTS: usize = 12;

fn reference(place: &Place) -> BTreeMap<String, String> {
    place.file("spec.toml", SPEC);
    place.run(
        0,
        &["sweep", "spec.toml", "--out", "whole", "--threads", "2"],
    );
    let sums = sums(&place.path("whole"));
    assert_eq!(sums.len(), 2 + 1 + 4 * PARTS, "{sums:?}");
    sums
}

#[test]
fn threads_and_shards_change_no_byte() {
    let place = Place::new();
    let whole = reference(&place);
    place.run(0, &["sweep", "spec.toml", "--out", "one", "--threads", "1"]);
    assert_same(&sums(&place.path("one")), &whole);

    for shard in ["3/4", "1/4", "4/4", "2/4"] {
        place.run(
            0,
            &["sweep", "spec.toml", "--out", "shards", "--shard", shard],
        );
    }
    assert_same(&sums(&place.path("shards")), &whole);

    // Into directories of their own, merged by copying.
    let merged = place.path("merged");
    for (task, shard) in [("5", "own-1"), ("6", "own-2")] {
        place
            .program()
            .args(["sweep", "spec.toml", "--out", shard, "--shard", "slurm"])
            .env("SLURM_ARRAY_TASK_ID", task)
            .env("SLURM_ARRAY_TASK_COUNT", "2")
            .env("SLURM_ARRAY_TASK_MIN", "5")
            .assert()
            .success();
        let (out, _) = place.run(1, &["verify", shard]);
        assert!(out.contains("missing"), "{out}");
        copy(&place.path(shard), &merged);
    }
    assert_same(&sums(&merged), &whole);
    place.run(0, &["verify", "merged"]);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn killed_ten_times_and_resumed_changes_no_byte() {
    let place = Place::new();
    // Long enough that it is still at work when it is killed for the tenth time.
    place.file(
        "spec.toml",
        &SPEC.replace("replicates = 128", "replicates = 1024"),
    );
    place.run(0, &["sweep", "spec.toml", "--out", "whole"]);
    let whole = sums(&place.path("whole"));
    let program = assert_cmd::cargo::cargo_bin!("conviction");
    let mut killed = 0;
    for attempt in 0u64.. {
        let mut child = std::process::Command::new(program)
            .args(["sweep", "spec.toml", "--out", "killed", "--resume"])
            .current_dir(place.path(""))
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // At moments all over a part's life, ever later so that the work gets done.
        let moment = 3 + (attempt * 37) % 61 + 5 * attempt;
        std::thread::sleep(Duration::from_millis(moment));
        child.kill().unwrap();
        if child.wait().unwrap().success() {
            break;
        }
        killed += 1;
        if killed == 10 {
            break;
        }
    }
    assert_eq!(
        killed, 10,
        "the sweep ended before it was killed ten times; make it longer"
    );
    place.run(0, &["sweep", "spec.toml", "--out", "killed", "--resume"]);
    assert_no_leftovers(&place.path("killed"));
    assert_same(&sums(&place.path("killed")), &whole);
    place.run(0, &["verify", "killed"]);
}

/// Nothing half-written is left.
fn assert_no_leftovers(directory: &Path) {
    let leftover = sums(directory)
        .into_keys()
        .find(|name| name.ends_with(".partial"));
    assert_eq!(leftover, None);
}

#[test]
fn a_full_disk_that_was_freed_changes_no_byte() {
    let place = Place::new();
    let whole = reference(&place);
    // A small file system of this test's own, with a ballast that leaves room for some parts only.
    let script = r#"
        set -eu
        mkdir disk
        mount -t tmpfs -o size=24m tmpfs disk
        dd if=/dev/zero of=disk/ballast bs=1024 count=20000 status=none
        if "$0" sweep spec.toml --out disk/data 2>error.txt; then
            echo "the disk did not fill"; exit 3
        fi
        rm disk/ballast
        "$0" sweep spec.toml --out disk/data --resume
        "$0" verify disk/data
        cp -r disk/data resumed
    "#;
    let output = std::process::Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script])
        .arg(assert_cmd::cargo::cargo_bin!("conviction"))
        .current_dir(place.path(""))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let error = fs::read_to_string(place.path("error.txt")).unwrap();
    assert!(error.contains("No space left on device"), "{error}");
    assert!(error.contains("--resume"), "{error}");
    assert_same(&sums(&place.path("resumed")), &whole);
}

#[test]
fn verify_names_what_is_wrong_and_resume_mends_it() {
    let place = Place::new();
    let whole = reference(&place);
    let file = |name: &str| place.path("whole").join(name);
    fs::remove_file(file("runs/part-000003.parquet")).unwrap();
    let bytes = fs::read(file("days/part-000005.parquet")).unwrap();
    fs::write(file("days/part-000005.parquet"), &bytes[..bytes.len() / 2]).unwrap();
    let mut bytes = fs::read(file("proposals/part-000007.parquet")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file("proposals/part-000007.parquet"), bytes).unwrap();
    fs::write(file("parts/part-000009.sha256"), "nonsense\n").unwrap();
    fs::write(file("runs/part-000002.parquet.partial"), "half").unwrap();
    fs::write(file("notes.txt"), "mine").unwrap();

    let (out, _) = place.run(1, &["verify", "whole"]);
    for line in [
        "missing  runs/part-000003.parquet",
        "altered  days/part-000005.parquet",
        "altered  proposals/part-000007.parquet",
        "altered  parts/part-000009.sha256",
        "foreign  runs/part-000002.parquet.partial",
        "foreign  notes.txt",
    ] {
        assert!(
            out.lines().any(|found| found == line),
            "no line {line} in\n{out}"
        );
    }
    assert!(out.contains("6 problems"), "{out}");

    place.run(0, &["sweep", "spec.toml", "--out", "whole", "--resume"]);
    fs::remove_file(file("notes.txt")).unwrap();
    assert_same(&sums(&place.path("whole")), &whole);
}

#[test]
fn an_existing_dataset_is_refused_and_another_one_is_not_resumed() {
    let place = Place::new();
    let whole = reference(&place);
    let (_, err) = place.run(2, &["sweep", "spec.toml", "--out", "whole"]);
    assert!(err.contains("--resume"), "{err}");
    let (_, err) = place.run(
        2,
        &["sweep", "spec.toml", "--out", "whole", "--shard", "1/2"],
    );
    assert!(err.contains("--resume"), "{err}");

    place.file(
        "other.toml",
        &SPEC
            .replace("seed = 11", "seed = 12")
            .replace("beta = 0.4", "beta = 0.3"),
    );
    let (_, err) = place.run(2, &["sweep", "other.toml", "--out", "whole", "--resume"]);
    assert!(err.contains("seed: 11 there, 12 asked for"), "{err}");
    assert!(
        err.contains("model.beta: 0.4 there, 0.3 asked for"),
        "{err}"
    );

    let manifest = place.path("whole/dataset.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(
        &manifest,
        text.replace("results_version = ", "results_version = 9"),
    )
    .unwrap();
    let (_, err) = place.run(2, &["sweep", "spec.toml", "--out", "whole", "--resume"]);
    assert!(err.contains("results_version"), "{err}");
    fs::write(&manifest, text).unwrap();

    place.run(0, &["sweep", "spec.toml", "--out", "whole", "--resume"]);
    assert_same(&sums(&place.path("whole")), &whole);

    fs::create_dir(place.path("mine")).unwrap();
    place.file("mine/thesis.tex", "");
    let (_, err) = place.run(2, &["sweep", "spec.toml", "--out", "mine", "--resume"]);
    assert!(err.contains("thesis.tex"), "{err}");
    assert_eq!(sums(&place.path("mine")).len(), 1);
}

#[test]
fn interruption_ends_cleanly() {
    let place = Place::new();
    place.file(
        "long.toml",
        &SPEC.replace("replicates = 128", "replicates = 100000"),
    );
    let program = assert_cmd::cargo::cargo_bin!("conviction");
    let child = std::process::Command::new(program)
        .args(["sweep", "long.toml", "--out", "long"])
        .current_dir(place.path(""))
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let interrupt = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("--resume"), "{err}");
    assert_no_leftovers(&place.path("long"));
}

#[test]
fn a_failed_run_is_a_row_or_the_end() {
    let place = Place::new();
    let spec = "replicates = 4\n[model]\nrules = \"v3\"\nbeta = 0.99\nrho = 1e-8\n\
                base_engagement_rate = 1.0\nlowest_affinity_to_support = 0.0\n";
    place.file("crash.toml", spec);
    let (out, _) = place.run(0, &["sweep", "crash.toml", "--out", "rows"]);
    assert!(out.contains("runs failed"), "{out}");
    let path = place.path("rows/runs/part-000000.parquet");
    let table = conviction::input::Table::read(&path).unwrap();
    let failed = table
        .texts("status")
        .unwrap()
        .iter()
        .filter(|s| *s == "failed")
        .count();
    assert!(failed > 0);
    for column in ["funds", "proposals_granted", "least_pool"] {
        let empty = table
            .optional_reals(column)
            .unwrap()
            .iter()
            .filter(|v| v.is_none())
            .count();
        assert_eq!(empty, failed, "{column}");
    }
    let (_, err) = place.run(
        1,
        &[
            "sweep",
            "crash.toml",
            "--out",
            "stop",
            "--on-failure",
            "stop",
        ],
    );
    assert!(
        err.contains("run ") && err.contains("over_release"),
        "{err}"
    );
}

#[test]
fn any_row_runs_again_alone_to_the_bit() {
    use conviction::run::Simulator;
    use conviction::study::{Dataset, plan, points};
    for randomness in ["common", "independent"] {
        let place = Place::new();
        let spec = format!("randomness = \"{randomness}\"\n{SPEC}");
        place.file("spec.toml", &spec);
        place.run(0, &["sweep", "spec.toml", "--out", "data"]);
        let dataset = Dataset::open(&place.path("data")).unwrap();
        for part in [0, 5, 11] {
            let file = dataset.directory.join(&dataset.part_files(part)[0]);
            let table = conviction::input::Table::read(&file).unwrap();
            let rows = table.reals("run").unwrap();
            for row in [0, rows.len() / 2, rows.len() - 1] {
                let run = rows[row] as u64;
                let of = points::run_of(&dataset, run).unwrap();
                let world = plan::world(of.randomness, run, of.replicate);
                let again = Simulator::new().run(&of.setting, of.seed, world);
                let same = |column: &str, value: f64| {
                    let found = table.optional_reals(column).unwrap()[row];
                    assert_eq!(
                        found.map(f64::to_bits),
                        Some(value.to_bits()),
                        "run {run}, {column}"
                    );
                };
                same("funds", again.state.funds);
                same("sentiment", again.state.sentiment);
                same("candidate_conviction", again.state.candidate_conviction);
                same("killed_funds", again.state.killed_funds);
                same("mean_sentiment", again.summary.mean_sentiment);
            }
        }
        let (out, _) = place.run(
            0,
            &["run", "--from", "data", "--run", "700", "--out", "alone"],
        );
        assert!(out.contains("30 days"), "{out}");
        let days = conviction::input::Table::read(&place.path("alone/days.parquet")).unwrap();
        let runs = dataset.directory.join(&dataset.part_files(700 / 256)[0]);
        let runs = conviction::input::Table::read(&runs).unwrap();
        let row = 700 % 256;
        for column in [
            "funds",
            "effective_supply",
            "candidate_conviction",
            "completed_funds",
        ] {
            let horizon = *days.reals(column).unwrap().last().unwrap();
            assert_eq!(
                horizon.to_bits(),
                runs.reals(column).unwrap()[row].to_bits(),
                "{column}"
            );
        }
        let (_, err) = place.run(2, &["run", "--from", "data", "--run", "3072"]);
        assert!(err.contains("runs 0 to 3071"), "{err}");
    }
}

#[test]
fn common_randomness_pairs_points() {
    let place = Place::new();
    place.file(
        "pairs.toml",
        "replicates = 20\n[[variant]]\nname = \"a\"\n[[variant]]\nname = \"b\"\nrho = 0.0026\n",
    );
    place.run(0, &["sweep", "pairs.toml", "--out", "pairs"]);
    let table =
        conviction::input::Table::read(&place.path("pairs/runs/part-000000.parquet")).unwrap();
    let counts = table.counts("participant_count").unwrap();
    let variants = table.texts("variant").unwrap();
    assert_eq!(variants[..20], vec!["a".to_owned(); 20]);
    assert_eq!(variants[20..], vec!["b".to_owned(); 20]);
    // Arrivals of participants hang on sentiment alone beside chance, so most pairs agree.
    let agree = (0..20)
        .filter(|&k| counts[k].abs_diff(counts[20 + k]) <= 2)
        .count();
    assert!(agree >= 15, "{counts:?}");
}
