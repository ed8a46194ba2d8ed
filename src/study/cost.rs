//! Estimates the cost of a sweep's runs from the model alone. No clock is read, so parts depend only on the spec.

use super::parts::{Parts, Weights};
use super::spec::{OutputSpec, Spec};
use super::tables::{bytes_per_row, rows_of};
use crate::engine::{Model, Setting};

/// Greatest expected time of a part, in nanoseconds of one core.
const MOST_NANOSECONDS: f64 = 30e9;

/// Most rows of a part in its longest table.
const MOST_ROWS: f64 = (1 << 20) as f64;

/// Most bytes of a part, which stays in memory until it is complete.
const MOST_BYTES: f64 = (1 << 26) as f64;

/// Least number of parts of a sweep, so that they can be shared out…
const LEAST_PARTS: f64 = 32.0;

/// … unless parts had fewer runs than this …
const LEAST_RUNS: f64 = 64.0;

/// … or took less time than this, in nanoseconds.
const LEAST_NANOSECONDS: f64 = 20e6;

/// Time to write tables, in nanoseconds per byte before compression.
const NANOSECONDS_PER_BYTE: f64 = 1.5;

/// Expected cost of all runs of a sweep.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Nanoseconds of one core.
    pub nanoseconds: f64,
    /// Bytes of all tables.
    pub bytes: f64,
    /// Point whose runs take longest, and the nanoseconds of each run.
    pub longest: (u32, f64),
    /// Point whose runs need most memory when simulated together, and their bytes.
    pub largest: (u32, f64),
    /// Bytes of a part in memory.
    pub part_bytes: f64,
}

/// Estimates of the output, time and memory of a sweep's runs.
pub struct Cost<'s> {
    model: &'s Model,
    output: &'s OutputSpec,
    /// Bytes of a row, by table.
    row_bytes: Vec<f64>,
}

impl<'s> Cost<'s> {
    /// Returns the estimates for a spec.
    pub fn new(spec: &'s Spec) -> Self {
        let output = &spec.output;
        let tables = output.tables.iter();
        Self {
            model: &spec.model,
            output,
            row_bytes: tables
                .map(|table| bytes_per_row(&spec.columns_of(table)))
                .collect(),
        }
    }

    /// Returns the rows of a run in its longest table, and its bytes in all tables.
    fn leaves(&self, setting: &Setting) -> (f64, f64) {
        let tables = self.output.tables.iter().zip(&self.row_bytes);
        tables.fold((0.0, 0.0), |(most, bytes), (table, row_bytes)| {
            let rows = rows_of(table, setting, self.output.every);
            (rows.max(most), bytes + rows * row_bytes)
        })
    }

    /// Returns the bytes of a run in all tables, before compression.
    pub fn bytes(&self, setting: &Setting) -> f64 {
        self.leaves(setting).1
    }

    /// Returns the nanoseconds of a run, including writing.
    pub fn nanoseconds(&self, setting: &Setting) -> f64 {
        self.nanoseconds_with(setting, self.bytes(setting))
    }

    /// Returns [`Cost::nanoseconds`] for a run whose bytes are known.
    fn nanoseconds_with(&self, setting: &Setting, bytes: f64) -> f64 {
        self.model.nanoseconds(setting) + bytes * NANOSECONDS_PER_BYTE
    }

    /// Cuts the runs of all points into parts, and returns the expected cost of all runs.
    pub fn of_all(
        &self,
        points: impl Iterator<Item = (u32, Setting)>,
        replicates: u32,
    ) -> (Parts, Expected) {
        let (mut weights, mut expected) = (Weights::default(), Expected::default());
        let (mut runs, each) = (0.0, f64::from(replicates));
        for (point, setting) in points {
            let (rows, bytes) = self.leaves(&setting);
            let time = self.nanoseconds_with(&setting, bytes);
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
            // A batch holds no more runs than a part may.
            let together =
                (self.model.together(&setting) as f64).min(1.0 + MOST_NANOSECONDS / time);
            let memory = self.model.bytes(&setting, together.min(each));
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
