//! Our own runs against 400 recorded runs of the published program, by distribution.

use conviction::input::Table;
use conviction::model::{RuleSet, Setting};
use conviction::run::{Moment, Simulator, state};
use conviction::world::Detail;
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

fn simulated() -> Samples {
    let setting = Setting {
        rules: RuleSet::V3.into(),
        ..Setting::default()
    };
    let mut samples = Samples::new();
    let mut simulator = Simulator::new();
    for world in 0..RUNS {
        let (mut influence, mut conflict) = (0, 0);
        let outcome = simulator.run_observed(
            &setting,
            20_200_805,
            world,
            Detail::Edges,
            |moment, view| {
                if moment == Moment::End {
                    return;
                }
                if view.day() == 0 {
                    influence = view.influence().len();
                    conflict = view.conflict().len();
                }
                if !DAYS.contains(&view.day()) {
                    return;
                }
                let s = state(view);
                let held: f64 = view.participants().map(|p| p.holdings).sum();
                let values = [
                    ("funds", s.funds),
                    ("sentiment", s.sentiment),
                    ("effective_supply", s.effective_supply),
                    ("total_supply", s.total_supply),
                    ("candidate_funds", s.candidate_funds),
                    ("active_funds", s.active_funds),
                    ("completed_funds", s.completed_funds),
                    ("failed_funds", s.failed_funds),
                    ("killed_funds", s.killed_funds),
                    ("candidate_conviction", s.candidate_conviction),
                    ("holdings_sum", held),
                    ("participant_count", f64::from(s.participant_count)),
                    ("granted_count", f64::from(s.proposals_granted)),
                    ("candidate_count", f64::from(s.candidate_count)),
                    ("active_count", f64::from(s.active_count)),
                    ("completed_count", f64::from(s.completed_count)),
                    ("failed_count", f64::from(s.failed_count)),
                    ("killed_count", f64::from(s.killed_count)),
                    ("initial_influence_edges", influence as f64),
                    ("initial_conflict_edges", conflict as f64),
                ];
                for (column, value) in values {
                    samples.entry((view.day(), column)).or_default().push(value);
                }
            },
        );
        assert_eq!(outcome.failure, None);
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
