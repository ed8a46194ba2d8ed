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
    /// The point whose runs need most memory while they are simulated, and the bytes of each.
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
            let memory = memory(&setting);
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

/// About how many proposals there are where a run ends.
pub fn proposals(setting: &Setting) -> f64 {
    let initial = f64::from(setting.initial.proposals);
    initial + ARRIVALS_PER_DAY * f64::from(setting.days)
}

/// Proposals that arrive on a day, about.
const ARRIVALS_PER_DAY: f64 = 0.35;

/// About how many candidates there are on a day.
fn candidates(setting: &Setting) -> f64 {
    f64::from(setting.initial.proposals).max(20.0)
}

/// About how many participants there are on a day, halfway.
fn participants(setting: &Setting) -> f64 {
    f64::from(setting.initial.participants) + 0.08 * f64::from(setting.days)
}

/// Edges by which participants sway each other.
fn influences(setting: &Setting) -> f64 {
    /// The chance of one, e⁻⁴.
    const CHANCE: f64 = 0.0183;
    let rounds = match setting.rules.network_density {
        RuleSet::V3 => f64::from(setting.initial.proposals.max(1)),
        RuleSet::Corrected => 1.0,
    };
    let people = participants(setting);
    people * people * (CHANCE * rounds).min(1.0)
}

/// Nanoseconds of a run on one core, without writing.
fn nanoseconds(setting: &Setting) -> f64 {
    let edges = candidates(setting) * participants(setting) + influences(setting);
    // In a core's own caches an edge is cheap; the more lie beyond, the more each costs.
    let edge = 0.4 + 1.3 * (edges / 2.5e6).min(1.0);
    let day = match setting.arithmetic {
        Arithmetic::Real => 350.0,
        Arithmetic::Contract => 2_000.0,
    };
    let days = f64::from(setting.days);
    let initial = f64::from(setting.initial.participants) * f64::from(setting.initial.proposals);
    4_000.0 + 5.0 * (initial + influences(setting)) + days * (day + edge * edges)
}

/// Bytes that a worker needs while it simulates a run.
fn memory(setting: &Setting) -> f64 {
    /// A row of edges, with what the engine keeps of it.
    const ROW: f64 = 90.0;
    const FIXED: f64 = 20e6;
    let initial = f64::from(setting.initial.participants) * f64::from(setting.initial.proposals);
    let blocks = (candidates(setting) / 56.0).ceil() + 1.0;
    let support = blocks * 56.0 * participants(setting);
    FIXED + 8.0 * initial + ROW * support + (ROW + 16.0) * influences(setting)
}
