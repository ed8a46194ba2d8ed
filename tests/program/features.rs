//! A feature from outside gets everything that the program has: `examples/crowd.rs`, run as a user would.

use crate::common::{Place, assert_same, sums};
use assert_cmd::Command;
use conviction::prelude::*;
use conviction::study::execute::{OnFailure, Options, Slice, sweep};
use conviction::study::record::Check;
use conviction::study::{Directory, Plan, Spec};
use conviction::voting::model_with;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The example's program, which is built beside the tests.
fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let name = format!("crowd{}", std::env::consts::EXE_SUFFIX);
    let directory = test.parent().and_then(|deps| deps.parent()).unwrap();
    directory.join("examples").join(name)
}

/// Runs the example in a place and expects this exit status; returns what it said.
fn crowd(place: &Place, status: i32, arguments: &[&str]) -> String {
    let mut command = Command::new(example());
    command.current_dir(place.path(""));
    let output = command.args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{text}");
    text
}

const SPEC: &str = "replicates = 20\ndays = 30\n[axes]\n\"crowd.pull\" = [0.0, 0.2]\n\
                    [output]\ntables = [\"runs\", \"days\"]";

#[test]
fn settings_columns_and_errors_are_those_of_any_other() {
    let place = Place::new();
    let schema = crowd(&place, 0, &["schema", "runs"]);
    assert!(schema.contains("crowd_moved"), "{schema}");
    let settings = crowd(&place, 0, &["schema", "settings"]);
    assert!(settings.contains("crowd.pull"), "{settings}");
    let spec = crowd(&place, 0, &["init", "-"]);
    assert!(spec.contains("[crowd]"), "{spec}");
    let wrong = crowd(&place, 2, &["run", "--set", "crowd.pul=0.2"]);
    assert!(wrong.contains("did you mean crowd.pull?"), "{wrong}");
    let wrong = crowd(&place, 2, &["run", "--set", "crowd.pull=1.5"]);
    assert!(wrong.contains("at most 1"), "{wrong}");
    crowd(
        &place,
        0,
        &["run", "--set", "crowd.pull=0.2", "--out", "one"],
    );
    crowd(&place, 0, &["report", "one", "--out", "one.html"]);
}

#[test]
fn a_dataset_is_joined_and_run_again_by_its_own_model_only() {
    let place = Place::new();
    place.file("spec.toml", SPEC);
    crowd(
        &place,
        0,
        &["sweep", "spec.toml", "--out", "all", "--threads", "2"],
    );
    for shard in ["1/2", "2/2"] {
        let arguments = ["sweep", "spec.toml", "--out", "shards", "--shard", shard];
        crowd(&place, 0, &arguments);
    }
    assert_same(&sums(&place.path("shards")), &sums(&place.path("all")));
    crowd(&place, 0, &["verify", "all"]);
    crowd(&place, 0, &["report", "all", "--out", "all.html"]);
    crowd(
        &place,
        0,
        &["sweep", "spec.toml", "--out", "all", "--resume"],
    );
    crowd(&place, 0, &["run", "--from", "all", "--run", "25"]);

    let (_, error) = place.run(2, &["run", "--from", "all", "--run", "25"]);
    assert!(error.contains("feature crowd: version 1 there"), "{error}");
    place.file(
        "plain.toml",
        &SPEC.replace("\"crowd.pull\" = [0.0, 0.2]", "beta = [0.1, 0.2]"),
    );
    let (_, error) = place.run(2, &["sweep", "plain.toml", "--out", "all", "--resume"]);
    assert!(error.contains("another sweep"), "{error}");
}

/// With a pull of 0 the model is the one without the feature.
#[test]
fn a_feature_without_effect_changes_no_number() {
    let place = Place::new();
    let with = crowd(&place, 0, &["run", "--set", "crowd.pull=0", "--seed", "3"]);
    let (without, _) = place.run(0, &["run", "--seed", "3"]);
    assert_eq!(with, without);
}

columns! {
    /// What a feature says.
    SaidRow, SaidRows {
        said: u32, "", "a number";
    }
}

fn say(mut runs: Sampled<&mut Gathered<SaidRows>>) {
    for (_, rows) in runs.batch() {
        rows.push(SaidRow { said: 1 });
    }
}

/// Between two builds a feature may change while its version does not.
#[test]
fn a_dataset_of_other_columns_or_parts_is_not_joined() {
    let place = Place::new();
    let sweep_with = |register: fn(&mut ModelBuilder)| {
        let model = model_with(&[Feature::new("new", 1, register)]);
        let spec = Spec::parse(
            &model,
            "replicates = 8\ndays = 400",
            "a spec",
            Path::new(""),
        );
        let options = Options {
            threads: 1,
            resume: true,
            check: Check::Size,
            slice: Slice::Whole,
            on_failure: OnFailure::Stop,
        };
        sweep(
            &Plan::new(spec.unwrap()).unwrap(),
            &Directory::new(place.path("data")),
            options,
            &(),
            &AtomicBool::new(false),
        )
    };
    let plain: fn(&mut ModelBuilder) = |_| {};
    assert_eq!(sweep_with(plain).unwrap().runs, 8);
    assert_eq!(sweep_with(plain).unwrap().runs, 0);
    let others: [fn(&mut ModelBuilder); 2] = [
        |model| {
            model.columns::<SaidRows, _>(&["runs"], say);
        },
        |model| {
            model.takes_longer(0.05);
        },
    ];
    for other in others {
        let error = sweep_with(other).unwrap_err().to_string();
        assert!(
            error.contains("columns, and the runs of each part"),
            "{error}"
        );
    }
}
