//! Sweeps give the same bytes whatever the threads, shards and interruptions.

mod reports;

use crate::common::{Place, assert_same, sums};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// A sweep of 32 parts with every table.
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

const PARTS: usize = 32;

fn reference(place: &Place) -> BTreeMap<String, String> {
    place.file("spec.toml", SPEC);
    place.run(
        0,
        &["sweep", "spec.toml", "--out", "whole", "--threads", "2"],
    );
    let sums = sums(&place.path("whole"));
    // The manifest and the points, each with its record.
    assert_eq!(sums.len(), 2 + 2 + 4 * PARTS, "{sums:?}");
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
            .args(["sweep", "spec.toml", "--out", shard, "--shard", "array/2"])
            .env("SLURM_ARRAY_TASK_ID", task)
            // Of an array of just one of the tasks.
            .env("SLURM_ARRAY_TASK_COUNT", "1")
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
    assert_same(&sums(&place.path("killed")), &whole);
    place.run(0, &["verify", "killed"]);
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
    fs::create_dir(file("_delta_log")).unwrap();
    fs::create_dir(file("older")).unwrap();
    fs::write(file("days/._crc"), "").unwrap();

    let (out, _) = place.run(1, &["verify", "whole"]);
    for line in [
        "missing  runs/part-000003.parquet",
        "altered  days/part-000005.parquet",
        "altered  proposals/part-000007.parquet",
        "altered  parts/part-000009.sha256",
        "foreign  runs/part-000002.parquet.partial",
        "foreign  notes.txt",
        "foreign  older",
    ] {
        assert!(
            out.lines().any(|found| found == line),
            "no line {line} in\n{out}"
        );
    }
    assert!(out.contains("7 problems"), "{out}");
    for line in ["note: _delta_log is", "note: days/._crc is"] {
        assert!(out.contains(line), "no line {line} in\n{out}");
    }

    // A flipped bit is seen where every byte is read.
    let resume = ["sweep", "spec.toml", "--out", "whole", "--resume"];
    let (out, _) = place.run(0, &resume);
    assert!(out.contains("29 of 32 parts were whole already"), "{out}");
    let (out, _) = place.run(1, &["verify", "whole"]);
    assert!(
        out.contains("altered  proposals/part-000007.parquet"),
        "{out}"
    );
    let (out, _) = place.run(0, &[&resume[..], &["--check", "full"]].concat());
    assert!(out.contains("31 of 32 parts were whole already"), "{out}");
    for name in [
        "notes.txt",
        "days/._crc",
        "runs/part-000002.parquet.partial",
    ] {
        fs::remove_file(file(name)).unwrap();
    }
    fs::remove_dir(file("_delta_log")).unwrap();
    assert_same(&sums(&place.path("whole")), &whole);
}

/// Writes the manifest of the dataset `whole`, and its record.
fn write_manifest(place: &Place, text: &str) {
    place.file("whole/dataset.toml", text);
    let sum = conviction::output::sha256(text.as_bytes());
    let record = format!("# {} bytes\n{sum}  dataset.toml\n", text.len());
    place.file("whole/parts/dataset.sha256", &record);
}

#[test]
fn an_existing_dataset_is_refused_and_another_one_is_not_resumed() {
    let place = Place::new();
    let whole = reference(&place);
    let (_, err) = place.run(2, &["sweep", "spec.toml", "--out", "whole"]);
    assert!(err.contains("--resume"), "{err}");
    // A requeued task of an array finds its parts done.
    let (out, _) = place.run(
        0,
        &["sweep", "spec.toml", "--out", "whole", "--shard", "1/2"],
    );
    assert!(out.contains("16 of 16 parts were whole already"), "{out}");

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

    let text = fs::read_to_string(place.path("whole/dataset.toml")).unwrap();
    let other = text.replace("results_version = ", "results_version = 9");
    write_manifest(&place, &other);
    let (_, err) = place.run(2, &["sweep", "spec.toml", "--out", "whole", "--resume"]);
    assert!(err.contains("results_version"), "{err}");
    write_manifest(&place, &text);

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
    let arguments = ["sweep", "long.toml", "--out", "long", "--shard", "1/2"];
    let err = place.interrupt(Duration::from_millis(1500), &arguments);
    assert!(err.contains("--shard 1/2 --resume"), "{err}");
    // Nothing half-written is left.
    let names = sums(&place.path("long"));
    assert!(
        !names.keys().any(|name| name.ends_with(".partial")),
        "{names:?}"
    );
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

/// A point that does not use a setting of the spec repeats without it, and one that uses it repeats with it.
#[test]
fn settings_that_some_points_use_are_used_again() {
    use conviction::engine::Simulator;
    use conviction::study::{Dataset, plan, points};
    let place = Place::new();
    place.file(
        "spec.toml",
        "replicates = 1\ndays = 15\n[axes]\nissuance.policy = [\"fixed\", \"steps\"]\n\
         [issuance]\nstep_days = [10]\nstep_gammas = [0.05]",
    );
    place.run(0, &["sweep", "spec.toml", "-q", "-o", "data"]);
    let dataset = Dataset::open(&place.path("data")).unwrap();
    let file = &dataset.manifest.part_files(0)[0];
    let table = conviction::input::Table::read(&dataset.directory.join(file)).unwrap();
    let funds = table.reals("funds").unwrap();
    assert!(funds[1] > funds[0]);
    for (run, funds) in (0..).zip(funds) {
        let of = points::run_of(&dataset, &conviction::model(), run).unwrap();
        let world = plan::world(of.randomness, run, of.replicate).0;
        let mut simulator = Simulator::new(&of.model, &["runs"]);
        let again = simulator.outcome("runs", &of.setting, of.seed, world);
        assert_eq!(again.unwrap().number("funds"), funds, "run {run}");
    }
}

#[test]
fn any_row_runs_again_alone_to_the_bit() {
    use conviction::engine::Simulator;
    use conviction::study::{Dataset, Plan, Spec, plan, points};
    let model = conviction::model();
    let mut simulator = Simulator::new(&model, &["runs"]);
    for randomness in ["common", "independent"] {
        let place = Place::new();
        let spec = format!("randomness = \"{randomness}\"\n{SPEC}");
        place.file("spec.toml", &spec);
        place.run(0, &["sweep", "spec.toml", "--out", "data"]);
        let dataset = Dataset::open(&place.path("data")).unwrap();
        let runs_of = |part: u64| {
            dataset
                .directory
                .join(&dataset.manifest.part_files(part)[0])
        };
        for part in [0, 5, 31] {
            let file = runs_of(part);
            let table = conviction::input::Table::read(&file).unwrap();
            let rows = table.reals("run").unwrap();
            for row in [0, rows.len() / 2, rows.len() - 1] {
                let run = rows[row] as u64;
                let of = points::run_of(&dataset, &model, run).unwrap();
                let world = plan::world(of.randomness, run, of.replicate).0;
                let again = simulator.outcome("runs", &of.setting, of.seed, world);
                let again = again.unwrap();
                for column in [
                    "funds",
                    "sentiment",
                    "candidate_conviction",
                    "killed_funds",
                    "mean_sentiment",
                ] {
                    let found = table.optional_reals(column).unwrap()[row];
                    assert_eq!(
                        found.map(f64::to_bits),
                        Some(again.number(column).to_bits()),
                        "run {run}, {column}"
                    );
                }
            }
        }
        let (out, _) = place.run(
            0,
            &["run", "--from", "data", "--run", "700", "--out", "alone"],
        );
        assert!(out.contains("30 days"), "{out}");
        let days = conviction::input::Table::read(&place.path("alone/days.parquet")).unwrap();
        let spec = Spec::read(&model, &place.path("spec.toml")).unwrap();
        let parts = Plan::new(spec).unwrap().parts;
        let part = parts.of(700);
        let runs = conviction::input::Table::read(&runs_of(part)).unwrap();
        let row = (700 - parts.runs(part).start) as usize;
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

#[test]
fn the_order_of_axes_is_part_of_a_sweep() {
    let place = Place::new();
    let spec = |axes: &str| format!("replicates = 20\ndays = 3\n[axes]\n{axes}\n");
    let (beta, rho) = (
        "beta = [0.1, 0.2]",
        "rho = { from = 1e-4, to = 1e-3, steps = 2 }",
    );
    place.file("one.toml", &spec(&format!("{beta}\n{rho}")));
    place.file("other.toml", &spec(&format!("{rho}\n{beta}")));
    place.run(0, &["sweep", "one.toml", "--out", "data"]);
    for join in [&["--resume"][..], &["--shard", "1/2"]] {
        let (_, err) = place.run(
            2,
            &[&["sweep", "other.toml", "--out", "data"], join].concat(),
        );
        assert!(err.contains("another sweep"), "{err}");
    }
    place.run(0, &["sweep", "one.toml", "--out", "data", "--resume"]);
}

#[test]
fn the_manifest_is_checked_and_written_again() {
    let place = Place::new();
    let whole = reference(&place);
    let manifest = place.path("whole/dataset.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let resume = ["sweep", "spec.toml", "--out", "whole", "--resume"];
    for damaged in [
        Some(text.replace("seed = 11", "seed = 12")),
        Some(text.replace("parts = 32", "parts = 1000000000")),
        Some(text.replace("parts = 32", "parts 32")),
        Some(String::new()),
        None,
    ] {
        match damaged {
            Some(damaged) => fs::write(&manifest, damaged).unwrap(),
            None => fs::remove_file(&manifest).unwrap(),
        }
        let (out, _) = place.run(1, &["verify", "whole"]);
        let line = out.lines().find(|line| line.ends_with("  dataset.toml"));
        assert!(line.is_some(), "{out}");
        assert!(
            !out.lines().any(|line| line.starts_with("foreign")),
            "{out}"
        );
        for reader in [
            &["report", "whole"][..],
            &["run", "--from", "whole", "--run", "5"],
        ] {
            let (_, err) = place.run(2, reader);
            assert!(err.contains("dataset.toml"), "{err}");
        }
        place.run(0, &resume);
        assert_same(&sums(&place.path("whole")), &whole);
    }
    // Lost together with its record, and with ever more.
    let lost = [
        &["dataset.toml", "parts/dataset.sha256"][..],
        &["points.parquet", "parts/points.sha256"],
        &["parts/part-000000.sha256", "runs/part-000000.parquet"],
    ];
    for more in 0..lost.len() {
        for name in lost[..=more].concat() {
            fs::remove_file(place.path("whole").join(name)).unwrap();
        }
        let (out, _) = place.run(1, &["verify", "whole"]);
        assert!(out.contains("missing  dataset.toml"), "{out}");
        assert!(
            out.contains("--resume --check full` rewrites missing"),
            "{out}"
        );
        let (_, err) = place.run(2, &["sweep", "spec.toml", "--out", "whole"]);
        assert!(err.contains("not empty"), "{err}");
        place.file("other.toml", &SPEC.replace("seed = 11", "seed = 12"));
        let (_, err) = place.run(2, &["sweep", "other.toml", "--out", "whole", "--resume"]);
        assert!(err.contains("not empty"), "{err}");
        place.run(0, &resume);
        assert_same(&sums(&place.path("whole")), &whole);
    }
    // Of a manifest that nothing vouches for, the parts say whose it is.
    fs::write(&manifest, text.replace("seed = 11", "seed = 12")).unwrap();
    fs::remove_file(place.path("whole/parts/dataset.sha256")).unwrap();
    let (_, err) = place.run(2, &["sweep", "other.toml", "--out", "whole", "--resume"]);
    assert!(err.contains("another sweep"), "{err}");
    place.run(0, &resume);
    assert_same(&sums(&place.path("whole")), &whole);
    fs::remove_dir_all(place.path("whole/parts")).unwrap();
    fs::remove_file(&manifest).unwrap();
    place.run(0, &resume);
    assert_same(&sums(&place.path("whole")), &whole);

    // Changed together with its record: the data say otherwise.
    let other = text.replace("seed = 11", "seed = 12");
    write_manifest(&place, &other);
    let (out, _) = place.run(1, &["verify", "whole"]);
    assert!(out.contains("altered  dataset.toml"), "{out}");
    assert!(!out.contains("--resume"), "{out}");
    // Such a dataset is no longer told from that of another sweep.
    let (_, err) = place.run(2, &resume);
    assert!(err.contains("seed: 12 there, 11 asked for"), "{err}");
    // Nor is nonsense read by its numbers.
    fs::write(&manifest, text.replace("parts = 32", "parts = 1000000000")).unwrap();
    let (_, err) = place.run(2, &["report", "whole"]);
    assert!(err.contains("parts = 1000000000, more than runs"), "{err}");
}

#[test]
fn a_false_part_is_named_and_an_unreadable_file_does_not_end_a_check() {
    let place = Place::new();
    reference(&place);
    let file = |name: &str| place.path("whole").join(name);
    fs::copy(
        file("runs/part-000001.parquet"),
        file("runs/part-000099.parquet"),
    )
    .unwrap();
    let resume = ["sweep", "spec.toml", "--out", "whole", "--resume"];
    let (_, err) = place.run(1, &resume);
    assert!(err.contains("runs/part-000099.parquet"), "{err}");
    fs::remove_file(file("runs/part-000099.parquet")).unwrap();

    // A folder where a file should be can be read by nobody, root included.
    fs::remove_file(file("days/part-000004.parquet")).unwrap();
    fs::create_dir(file("days/part-000004.parquet")).unwrap();
    fs::remove_file(file("runs/part-000020.parquet")).unwrap();
    let (out, err) = place.run(1, &["verify", "whole"]);
    assert!(
        out.contains("unreadable  days/part-000004.parquet"),
        "{out}"
    );
    assert!(out.contains("missing  runs/part-000020.parquet"), "{out}");
    assert!(!(out + &err).contains("written"));
}

#[test]
fn points_that_are_not_those_of_the_dataset_are_refused() {
    let place = Place::new();
    for (name, values) in [("two", "[0.1, 0.2]"), ("three", "[0.1, 0.2, 0.3]")] {
        let spec = format!("replicates = 2\ndays = 3\n[axes]\nbeta = {values}\n");
        place.file("spec.toml", &spec);
        place.run(0, &["sweep", "spec.toml", "--out", name]);
    }
    // With its own record: only the manifest tells.
    for file in ["points.parquet", "parts/points.sha256"] {
        fs::copy(place.path("two").join(file), place.path("three").join(file)).unwrap();
    }
    let again = ["run", "--from", "three", "--run", "5"];
    let (_, err) = place.run(2, &again);
    assert!(err.contains("has 2 points, but the dataset has 3"), "{err}");
    let (_, err) = place.run(2, &["report", "three"]);
    assert!(err.contains("a row for each of the 3 points"), "{err}");
    let (out, _) = place.run(1, &["verify", "three"]);
    assert!(out.contains("altered  points.parquet"), "{out}");
    let points = place.path("three/points.parquet");
    let mut bytes = fs::read(&points).unwrap();
    bytes[10] ^= 1;
    fs::write(&points, bytes).unwrap();
    let (_, err) = place.run(2, &again);
    assert!(err.contains("altered  points.parquet"), "{err}");
    place.run(0, &["sweep", "spec.toml", "--out", "three", "--resume"]);
    place.run(0, &["verify", "three"]);
    place.run(0, &again);
}

#[test]
fn a_part_is_made_in_memory_and_committed_by_whoever_has_it() {
    use conviction::study::execute::OnFailure;
    use conviction::study::part::{Watch, Worker};
    use conviction::study::{Plan, Spec};
    let place = Place::new();
    let whole = reference(&place);
    let spec = Spec::read(&conviction::model(), &place.path("spec.toml"));
    let plan = Plan::new(spec.unwrap()).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let watch = Watch {
        stop: &stop,
        on_failure: OnFailure::Record,
        progress: &(),
    };
    let mut worker = Worker::new(&plan);
    // In any order, in a world that other parts were made in.
    for part in [31, 4, 4, 0] {
        let made = worker.part(part, &watch).unwrap().unwrap();
        let names: Vec<_> = made.files.iter().map(|file| &*file.name).collect();
        let file = |table| format!("{table}/part-{part:06}.parquet");
        assert_eq!(names, ["runs", "days", "proposals"].map(file));
        for file in &made.files {
            assert_eq!(whole[&file.name], file.sha256, "{}", file.name);
        }
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(worker.part(1, &watch).unwrap().is_none());
}

/// A part that is longer than it was written is not whole: `--resume` tells it by its size.
#[test]
fn what_was_appended_to_a_part_is_mended() {
    let place = Place::new();
    place.file("spec.toml", "replicates = 4\ndays = 5\n");
    place.run(0, &["sweep", "spec.toml", "--out", "data"]);
    let before = sums(&place.path("data"));
    let name = "data/runs/part-000000.parquet";
    let mut bytes = fs::read(place.path(name)).unwrap();
    bytes.extend(b"more");
    fs::write(place.path(name), bytes).unwrap();
    let (out, _) = place.run(1, &["verify", "data"]);
    assert!(out.contains("altered  runs/part-000000.parquet"), "{out}");
    place.run(0, &["sweep", "spec.toml", "--out", "data", "--resume"]);
    assert_same(&sums(&place.path("data")), &before);
    place.run(0, &["verify", "data"]);
}

/// Each kind of problem alone ends `verify` with status 1.
#[test]
fn verify_fails_for_any_one_problem() {
    let place = Place::new();
    place.file("spec.toml", "replicates = 4\ndays = 5\n");
    place.run(0, &["sweep", "spec.toml", "--out", "data"]);
    place.run(0, &["verify", "data"]);
    let part = "data/runs/part-000000.parquet";
    let bytes = fs::read(place.path(part)).unwrap();
    let told = |problem: &str| {
        for format in [&[][..], &["--quiet"], &["--format", "json"]] {
            let (out, _) = place.run(1, &[&["verify", "data"][..], format].concat());
            assert!(
                format == ["--quiet"] || out.contains(problem),
                "{problem}: {out}"
            );
        }
    };
    place.file("data/notes.txt", "mine");
    told("foreign");
    fs::remove_file(place.path("data/notes.txt")).unwrap();
    fs::remove_file(place.path(part)).unwrap();
    told("missing");
    fs::write(place.path(part), &bytes[..bytes.len() - 1]).unwrap();
    told("altered");
    fs::write(place.path(part), &bytes).unwrap();
    place.run(0, &["verify", "data"]);
}
