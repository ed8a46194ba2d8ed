//! Helpers shared by several benches.

#![allow(dead_code, reason = "each bench uses its part")]

use conviction::engine::{Batch, RunOf, Seeds, Setting, Simulator, TableRows};
use std::ops::Range;

/// Returns the argument at a position, or its default.
pub fn argument(place: usize, default: &str) -> String {
    // Cargo adds --bench.
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    arguments.nth(place).unwrap_or_else(|| default.to_owned())
}

/// Returns the runs of a setting in some worlds.
pub fn runs_of(setting: &Setting, worlds: Range<u64>) -> impl ExactSizeIterator<Item = RunOf<'_>> {
    let count = worlds.end.saturating_sub(worlds.start) as usize;
    (0..count).map(move |place| RunOf {
        setting,
        seeds: Seeds {
            root: 7,
            world: worlds.start + place as u64,
        },
    })
}

/// Simulates the runs of a setting in some worlds together, and discards their outcomes.
pub fn simulate(
    simulator: &mut Simulator,
    setting: &Setting,
    worlds: Range<u64>,
    rows: &mut TableRows,
) {
    let batch = simulator.batch(setting);
    batch.begin(runs_of(setting, worlds));
    while batch.going_on() > 0 {
        batch.advance();
    }
    forget_outcomes(batch, rows);
}

/// Takes the outcomes of ended runs and discards them, keeping the memory.
pub fn forget_outcomes(batch: &mut Batch, rows: &mut TableRows) {
    batch.look_at_ends();
    for run in 0..batch.runs() {
        batch.take(run, rows);
    }
    std::hint::black_box(&*rows);
    rows.clear();
}
