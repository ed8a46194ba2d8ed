//! What several benches share.

use conviction::engine::{RunOf, Seeds, Setting, Simulator, TableRows};
use conviction::model::RuleSet;

/// The argument in a place, or what stands for it.
pub fn argument(place: usize, default: &str) -> String {
    // Cargo adds --bench.
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    arguments.nth(place).unwrap_or_else(|| default.to_owned())
}

/// The rules of a name.
pub fn rules(name: &str) -> RuleSet {
    match name {
        "v3" => RuleSet::V3,
        "corrected" => RuleSet::Corrected,
        other => panic!("{other} is neither v3 nor corrected"),
    }
}

/// Simulates the runs of a setting in some worlds together, and forgets what they come to.
pub fn simulate(
    simulator: &mut Simulator,
    setting: &Setting,
    worlds: std::ops::Range<u64>,
    rows: &mut TableRows,
) {
    let worlds: Vec<u64> = worlds.collect();
    let runs = worlds.iter().map(|&world| RunOf {
        setting,
        seeds: Seeds { root: 7, world },
    });
    let batch = simulator.batch(setting);
    batch.begin(runs);
    while batch.going_on() > 0 {
        batch.advance();
    }
    batch.look_at_ends();
    for run in 0..batch.runs() {
        batch.take(run, rows);
    }
    std::hint::black_box(&*rows);
    rows.clear();
}
