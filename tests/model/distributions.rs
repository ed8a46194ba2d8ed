//! Our own runs against 400 recorded runs of the published program, by distribution.

use crate::runs::{Left, numbers, simulate_in};
use conviction::engine::{Batch, RunOf, Seeds};
use conviction::input::Table;
use conviction::voting::participants::ParticipantRows;
use fearless_simd::Level;
use std::collections::BTreeMap;
use std::path::Path;

const RUNS: u64 = 2_500;
const DAYS: [u32; 3] = [1, 10, 100];

/// Values of every column of the ensemble, by day and column.
type Samples = BTreeMap<(u32, &'static str), Vec<f64>>;

const CONTINUOUS: [&str; 11] = [
    "funds",
    "sentiment",
    "effective_supply",
    "total_supply",
    "candidate_funds",
    "active_funds",
    "completed_funds",
    "failed_funds",
    "killed_funds",
    "candidate_conviction",
    "holdings_sum",
];

const COUNTS: [&str; 9] = [
    "participant_count",
    "granted_count",
    "candidate_count",
    "active_count",
    "completed_count",
    "failed_count",
    "killed_count",
    "initial_influence_edges",
    "initial_conflict_edges",
];

fn recorded() -> Samples {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/ensemble-default.parquet");
    let table = Table::read(&path).unwrap();
    let days = table.counts("day").unwrap();
    let mut samples = Samples::new();
    for column in CONTINUOUS.into_iter().chain(COUNTS) {
        for (&day, value) in days.iter().zip(table.reals(column).unwrap()) {
            samples.entry((day, column)).or_default().push(value);
        }
    }
    samples
}

/// What a column of the recordings is called in our table of days.
fn named(column: &'static str) -> &'static str {
    match column {
        "granted_count" => "proposals_granted",
        other => other,
    }
}

/// What participants hold in sum, day by day.
fn held(people: &ParticipantRows) -> Vec<f64> {
    let sum = |day: u32| {
        let rows = people.day.iter().zip(&people.holdings);
        rows.filter(|row| *row.0 == day).map(|row| row.1).sum()
    };
    DAYS.map(sum).into()
}

fn add(samples: &mut Samples, mut left: Left) {
    let days = left.batch("days");
    assert_eq!(numbers(&days, "day"), DAYS.map(f64::from));
    let held = held(&left.rows("participants"));
    // Under rules v3 newcomers stay outside the networks: they are what they were at the start.
    let edges = |left: &mut Left, table| vec![left.batch(table).num_rows() as f64; DAYS.len()];
    for column in CONTINUOUS.into_iter().chain(COUNTS) {
        let values = match column {
            "holdings_sum" => held.clone(),
            "initial_influence_edges" => edges(&mut left, "influence"),
            "initial_conflict_edges" => edges(&mut left, "conflict"),
            _ => numbers(&days, named(column)),
        };
        for (day, value) in DAYS.into_iter().zip(values) {
            samples.entry((day, column)).or_default().push(value);
        }
    }
}

fn simulated() -> Samples {
    const TABLES: [&str; 4] = ["days", "participants", "influence", "conflict"];
    let model = conviction::model();
    let setting = model.setting().with("rules", "v3").unwrap();
    let together = model.together(&setting);
    let mut batch = Batch::new(&model, &setting, &TABLES, Level::new());
    let mut samples = Samples::new();
    for first in (0..RUNS).step_by(together) {
        let worlds = first..RUNS.min(first + together as u64);
        let runs: Vec<_> = worlds
            .map(|world| RunOf {
                setting: &setting,
                seeds: Seeds {
                    root: 20_200_805,
                    world,
                },
            })
            .collect();
        let wanted = |run: &conviction::engine::Run| DAYS.contains(&run.day);
        for left in simulate_in(&mut batch, &model, &TABLES, &runs, wanted) {
            assert!(left.failure.is_none());
            add(&mut samples, left);
        }
    }
    samples
}

fn mean_and_variance(sample: &[f64]) -> (f64, f64) {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let squares: f64 = sample.iter().map(|v| (v - mean).powi(2)).sum();
    (mean, squares / (n - 1.0))
}

/// The greatest distance between two empirical distributions.
fn kolmogorov_smirnov(a: &[f64], b: &[f64]) -> f64 {
    let sorted = |sample: &[f64]| {
        let mut sample = sample.to_vec();
        sample.sort_by(f64::total_cmp);
        sample
    };
    let (a, b) = (sorted(a), sorted(b));
    // Values that differ by a rounding only are one value.
    let share = |sample: &[f64], at: f64| {
        let upto = sample.partition_point(|&v| v <= at + 1e-9 * at.abs().max(1.0));
        upto as f64 / sample.len() as f64
    };
    let points = a.iter().chain(&b);
    points
        .map(|&at| (share(&a, at) - share(&b, at)).abs())
        .fold(0.0, f64::max)
}

#[test]
fn own_runs_follow_the_recorded_distributions() {
    let (recorded, ours) = (recorded(), simulated());
    let mut faults = Vec::new();
    for day in DAYS {
        for column in CONTINUOUS.into_iter().chain(COUNTS) {
            let (theirs, ours) = (&recorded[&(day, column)], &ours[&(day, column)]);
            assert_eq!((theirs.len(), ours.len()), (400, RUNS as usize));
            let ((m1, v1), (m2, v2)) = (mean_and_variance(theirs), mean_and_variance(ours));
            let error = (v1 / theirs.len() as f64 + v2 / ours.len() as f64).sqrt();
            let off = (m1 - m2).abs();
            if off > 4.0 * error + 1e-9 * m1.abs() {
                faults.push(format!(
                    "day {day}, {column}: mean {m2} instead of {m1}, {:.1} standard errors",
                    off / error
                ));
            }
            if CONTINUOUS.contains(&column) {
                // The 0.1 % point of the two-sample statistic, for 33 comparisons.
                let (n, m) = (theirs.len() as f64, ours.len() as f64);
                let critical = 1.95 * ((n + m) / (n * m)).sqrt();
                let distance = kolmogorov_smirnov(theirs, ours);
                if distance > critical {
                    faults.push(format!(
                        "day {day}, {column}: KS {distance} above {critical}"
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
