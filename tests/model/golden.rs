//! Outcomes of a few runs, to the last bit: what the results version promises.
//!
//! After a change that is meant to alter numbers, raise `RESULTS_VERSION` and renew the values with
//! `CONVICTION_RENEW_GOLDEN=1 cargo test --test model golden`.

mod beginnings;
mod everything;

use crate::runs::narrower_levels;
use conviction::engine::{Outcome, Seeded, Seeds, Setting, Simulator, Value};
use conviction::voting::chance::Streams;
use conviction::{RESULTS_VERSION, model};
use fearless_simd::{Level, dispatch};
use std::collections::BTreeMap;
use std::fmt::Write;

fn settings() -> Vec<(String, Setting)> {
    let default = model().setting();
    let with = |key, value| default.clone().with(key, value).unwrap();
    let mut settings = vec![
        ("corrected".to_owned(), default.clone()),
        ("v3".to_owned(), with("rules", "v3")),
    ];
    let model = model();
    for key in model.keys().all() {
        if let Some(rule) = key.name.strip_prefix("rules.") {
            settings.push((format!("corrected but for {rule}"), with(key.name, "v3")));
        }
    }
    let slow = default
        .clone()
        .with("half_life_days", 14.0)
        .and_then(|slow| slow.with("beta", 0.5))
        .and_then(|slow| slow.with("initial.participants", 200))
        .and_then(|slow| slow.with("days", 30));
    settings.push(("slow and large".to_owned(), slow.unwrap()));
    settings
}

/// The columns that are pinned, in the order of the file.
const PINNED_COLUMNS: [&str; 12] = [
    "funds",
    "sentiment",
    "effective_supply",
    "candidate_conviction",
    "killed_funds",
    "participant_count",
    "candidate_count",
    "active_count",
    "completed_count",
    "killed_count",
    "mean_sentiment",
    "mean_days_to_pass",
];

fn shown(outcome: &Outcome, column: &str) -> String {
    match (column, outcome.get(column)) {
        ("mean_days_to_pass", Some(Value::Real(days))) => format!("Some({days:?})"),
        (_, Some(Value::Real(number))) => format!("{number:?}"),
        (_, Some(value)) => value.to_string(),
        (_, None) => "None".to_owned(),
    }
}

fn outcomes() -> String {
    let mut text = format!("results version {RESULTS_VERSION}\n");
    let mut simulator = Simulator::new(&model(), &["runs"]);
    for (name, setting) in settings() {
        for world in 0..2 {
            let outcome = simulator.outcome("runs", &setting, 7, world).unwrap();
            let status = if outcome.failure.is_none() {
                "completed"
            } else {
                "failed"
            };
            let values: Vec<_> = PINNED_COLUMNS.map(|column| shown(&outcome, column)).into();
            writeln!(text, "{name}, world {world}: {status} {}", values.join(" ")).unwrap();
        }
    }
    text
}

/// Lines of the same setting and world that say something else.
fn changed_lines<'a>(golden: &str, found: &'a str) -> Vec<&'a str> {
    let was = golden.lines().filter_map(|line| line.split_once(": "));
    let was: BTreeMap<_, _> = was.collect();
    let differs = |line: &str| {
        let (name, is) = line.split_once(": ").unwrap_or_default();
        was.get(name).is_some_and(|was| *was != is)
    };
    found.lines().filter(|line| differs(line)).collect()
}

#[test]
fn outcomes_are_those_of_this_results_version() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden.txt");
    let found = outcomes();
    let golden = std::fs::read_to_string(path).unwrap();
    if std::env::var_os("CONVICTION_RENEW_GOLDEN").is_some() {
        let changed = changed_lines(&golden, &found);
        assert!(
            changed.is_empty() || golden.lines().next() != found.lines().next(),
            "numbers changed; raise RESULTS_VERSION first:\n{}",
            changed.join("\n")
        );
        std::fs::write(path, &found).unwrap();
        return;
    }
    for (found, golden) in found.lines().zip(golden.lines()) {
        assert_eq!(found, golden);
    }
    assert_eq!(found.lines().count(), golden.lines().count());
}

/// Whatever vectors a machine has, results are the same to the last bit.
#[test]
fn every_width_of_vectors_gives_the_same() {
    let mut simulator = Simulator::new(&model(), &["runs"]);
    for level in narrower_levels() {
        let mut narrow = Simulator::with_vectors(&model(), &["runs"], level);
        for (name, setting) in settings() {
            for world in 0..20 {
                let outcome = |simulator: &mut Simulator| {
                    simulator.outcome("runs", &setting, 3, world).unwrap()
                };
                let (a, b) = (outcome(&mut simulator), outcome(&mut narrow));
                assert_eq!(
                    format!("{a:?}"),
                    format!("{b:?}"),
                    "{name}, world {world}, {level:?}"
                );
            }
        }
    }
}

/// The derivation of streams is pinned by their first draws.
#[test]
fn first_draws_are_pinned() {
    let mut streams = Streams::default();
    streams.seed(Seeds { root: 7, world: 0 }.into());
    let first: Vec<u64> = [
        &mut streams.initial_participants,
        &mut streams.arrivals,
        &mut streams.progress,
    ]
    .into_iter()
    .map(|stream| stream.bits())
    .collect();
    let (mut affinities, mut engagement) = ([0.0; 2], [0.0; 2]);
    dispatch!(Level::new(), simd => {
        streams.affinities.fill(simd, &mut affinities, 0.0, 1.0);
        streams.engagement.fill_halves(simd, &mut engagement);
    });
    let found = format!("{first:?} {affinities:?} {engagement:?}");
    assert_eq!(found, PINNED);
}

const PINNED: &str = "[6030822687497266083, 15631905894840427289, 14462028859747292166] \
                      [0.7577718763603827, 0.34379318113849955] \
                      [0.748462421586737, 0.34655721485614777]";
