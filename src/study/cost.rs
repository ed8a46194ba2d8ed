//! What runs are expected to take, from counts alone: no clock, so that parts depend on the spec alone.
//!
//! Fitted to runs as they are: a candidate's edges are looked at each day, and so are those by which
//! participants sway each other, whose number grows with the square of theirs. A core is one of those
//! that the README's figures are of.

use super::parts::{Parts, Weights};
use super::plan::Plan;
use super::spec::OutputSpec;
use super::tables::{bytes_per_row, columns};
use crate::model::{Arithmetic, RuleSet, Setting};
use crate::run::lockstep;

/// What a part may take at most, in nanoseconds of one core.
const MOST_NANOSECONDS: f64 = 30e9;

/// What a part may hold at most, in rows of its longest table.
const MOST_ROWS: f64 = (1 << 20) as f64;

/// What a part may hold at most, in bytes: it is kept in memory until it is whole.
const MOST_BYTES: f64 = (1 << 26) as f64;

/// A sweep is cut into at least this many parts, so that they can be shared out…
const LEAST_PARTS: f64 = 32.0;

/// … unless parts had fewer runs than this …
const LEAST_RUNS: f64 = 64.0;

/// … and took less than this, in nanoseconds.
const LEAST_NANOSECONDS: f64 = 20e6;

/// What all runs of a plan are expected to take.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Nanoseconds of one core.
    pub nanoseconds: f64,
    /// Bytes of all tables.
    pub bytes: f64,
    /// The point whose runs take longest, and the nanoseconds of each.
    pub longest: (u32, f64),
    /// The point whose runs need most memory while they are simulated together, and how many bytes.
    pub largest: (u32, f64),
    /// Bytes of a part while it is gathered.
    pub part_bytes: f64,
}

/// What runs of a plan leave and take.
pub struct Cost<'p> {
    output: &'p OutputSpec,
    /// For each table, bytes of a row.
    row_bytes: Vec<f64>,
}

impl<'p> Cost<'p> {
    /// What runs of this plan leave and take.
    pub fn new(plan: &'p Plan) -> Self {
        let output = &plan.spec.output;
        let tables = output.tables.iter();
        Self {
            output,
            row_bytes: tables
                .map(|&table| bytes_per_row(&columns(table, plan)))
                .collect(),
        }
    }

    /// Rows of a run in the longest table, and bytes in all tables.
    fn leaves(&self, setting: &Setting) -> (f64, f64) {
        let tables = self.output.tables.iter().zip(&self.row_bytes);
        tables.fold((0.0, 0.0), |(most, bytes), (table, row_bytes)| {
            let rows = table.rows_of(setting, self.output);
            (rows.max(most), bytes + rows * row_bytes)
        })
    }

    /// Bytes that a run leaves in all tables, before compression.
    pub fn bytes(&self, setting: &Setting) -> f64 {
        self.leaves(setting).1
    }

    /// Nanoseconds of a run, written and all.
    pub fn nanoseconds(&self, setting: &Setting) -> f64 {
        nanoseconds(setting) + self.bytes(setting) * NANOSECONDS_PER_BYTE
    }

    /// Cuts the runs of all points into parts, and says what they take.
    pub fn of_all(
        &self,
        points: impl Iterator<Item = (u32, Setting)>,
        replicates: u32,
    ) -> (Parts, Expected) {
        let (mut weights, mut expected) = (Weights::default(), Expected::default());
        let (mut runs, each) = (0.0, f64::from(replicates));
        for (point, setting) in points {
            let (rows, bytes) = self.leaves(&setting);
            let time = nanoseconds(&setting) + bytes * NANOSECONDS_PER_BYTE;
            let weight = (time / MOST_NANOSECONDS)
                .max(rows / MOST_ROWS)
                .max(bytes / MOST_BYTES);
            weights.push(weight, u64::from(replicates));
            runs += each;
            expected.nanoseconds += each * time;
            expected.bytes += each * bytes;
            if time > expected.longest.1 {
                expected.longest = (point, time);
            }
            // No more are simulated together than a part may hold.
            let together = (lockstep(&setting) as f64).min(1.0 + MOST_NANOSECONDS / time);
            let memory = memory(&setting, together.min(each));
            if memory > expected.largest.1 {
                expected.largest = (point, memory);
            }
        }
        let worth = (runs / LEAST_RUNS).max(expected.nanoseconds / LEAST_NANOSECONDS);
        let parts = weights.cut(worth.min(LEAST_PARTS) as u64);
        expected.part_bytes = (expected.bytes / parts.count.max(1) as f64).min(MOST_BYTES);
        (parts, expected)
    }
}

/// Writing a run of tables, for each byte before compression.
const NANOSECONDS_PER_BYTE: f64 = 1.5;

/// About how many proposals there are where a run ends: those that arrive become fewer, the more are
/// there.
pub fn proposals(setting: &Setting) -> f64 {
    let arrived = 5.5 * libm::pow(f64::from(setting.days), 0.66);
    libm::hypot(f64::from(setting.initial.proposals), arrived)
}

/// About how many candidates there are on the last day.
fn last_candidates(setting: &Setting) -> f64 {
    let people = f64::from(setting.initial.participants);
    // Of many participants fewer agree, so fewer proposals pass.
    let left = 2.2 + 1.5 * people / (people + 200.0);
    let arrived = left * libm::pow(f64::from(setting.days), 0.7);
    libm::hypot(f64::from(setting.initial.proposals), arrived)
}

/// About how many candidates there are on a day.
fn candidates(setting: &Setting) -> f64 {
    let initial = f64::from(setting.initial.proposals);
    initial.max(last_candidates(setting) / 1.7)
}

/// About how many participants arrive.
fn newcomers(setting: &Setting) -> f64 {
    0.15 * f64::from(setting.days)
}

/// Edges by which so many participants sway each other.
fn influences(setting: &Setting, people: f64) -> f64 {
    /// The chance of one, e⁻⁴.
    const CHANCE: f64 = 0.0183;
    let rounds = match setting.rules.network_density {
        RuleSet::V3 => f64::from(setting.initial.proposals.max(1)),
        RuleSet::Corrected => 1.0,
    };
    people * people * (CHANCE * rounds).min(1.0)
}

/// Nanoseconds of a run on one core, without writing.
pub fn nanoseconds(setting: &Setting) -> f64 {
    /// Edges that fill what is beyond a core's own caches.
    const FAR: f64 = 2.5e6;
    let initial = f64::from(setting.initial.participants);
    let people = initial + newcomers(setting) / 2.0;
    let influences = influences(setting, people);
    let edges = candidates(setting) * people + influences;
    // In a core's own caches an edge is cheap; the more lie beyond, the more each costs.
    let together = edges * lockstep(setting) as f64;
    let edge = 0.28 + 1.6 * (together / FAR).min(1.0).sqrt();
    let begun = initial * f64::from(setting.initial.proposals) + influences;
    let run = 5_000.0 + 5.0 * begun + f64::from(setting.days) * (150.0 + edge * edges);
    match setting.arithmetic {
        Arithmetic::Real => run,
        // In integers of 256 bits.
        Arithmetic::Contract => 4.0 * run,
    }
}

/// Bytes that a worker needs while it simulates so many runs of a setting together.
fn memory(setting: &Setting, together: f64) -> f64 {
    /// A row of edges, with what the engine keeps of it, and what it leaves when it grows.
    const ROW: f64 = 200.0;
    const FIXED: f64 = 20e6;
    let initial = f64::from(setting.initial.participants);
    let people = initial + newcomers(setting) + (initial / 2.0).min(64.0);
    let blocks = (last_candidates(setting) / 56.0).ceil() + 1.0;
    let rows = blocks * 56.0 * people + influences(setting, people);
    let affinities = initial * f64::from(setting.initial.proposals);
    FIXED + together * (ROW * rows + 8.0 * affinities)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn microseconds(participants: u32, proposals: u32, days: u32) -> f64 {
        let mut setting = Setting {
            days,
            ..Setting::default()
        };
        setting.initial.participants = participants;
        setting.initial.proposals = proposals;
        nanoseconds(&setting) * 1e-3
    }

    #[test]
    fn times_are_about_those_that_were_measured() {
        for ((participants, proposals, days), measured) in [
            ((30, 7, 100), 69.0),
            ((30, 7, 10), 10.0),
            ((30, 7, 1000), 13_400.0),
            ((30, 100, 100), 225.0),
            ((300, 7, 100), 590.0),
            ((1000, 7, 100), 2_900.0),
            ((3000, 7, 100), 34_000.0),
            ((10_000, 7, 100), 440_000.0),
        ] {
            let ratio = microseconds(participants, proposals, days) / measured;
            assert!(
                (0.6..1.6).contains(&ratio),
                "{participants} participants, {proposals} proposals, {days} days: {ratio}"
            );
        }
    }
}
