//! Simulates runs, and collects their tables.

#![allow(dead_code, reason = "each test file uses its part")]

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use conviction::engine::columns::batch;
use conviction::engine::{
    Batch, Columns, Lanes, Model, Moment, Run, RunFailure, RunOf, Seeds, Setting, TableRows,
};
use fearless_simd::{Level, dispatch};

/// All tables that the model of Conviction Voting registers.
pub const EVERY_TABLE: [&str; 8] = [
    "runs",
    "days",
    "run_proposals",
    "proposals",
    "participants",
    "support_edges",
    "influence",
    "conflict",
];

/// Tables that only extensions register.
pub const OF_EXTENSIONS: [&str; 1] = ["open"];

/// Returns the uniforms of 32 bits that this many participants draw from a stream.
pub fn halves(stream: &mut Lanes, count: usize) -> Vec<f64> {
    let mut drawn = vec![0.0; count];
    dispatch!(Level::new(), simd => stream.fill_halves(simd, &mut drawn));
    drawn
}

/// Returns the uniforms that this many participants draw from a stream.
pub fn uniforms(stream: &mut Lanes, count: usize) -> Vec<f64> {
    let mut drawn = vec![0.0; count];
    dispatch!(Level::new(), simd => stream.fill(simd, &mut drawn, 0.0, 1.0));
    drawn
}

/// Returns the vector levels below the machine's own.
pub fn narrower_levels() -> Vec<Level> {
    #[cfg(target_arch = "x86_64")]
    let narrower = {
        let widest = Level::new();
        [
            widest.as_avx2().map(Level::Avx2),
            widest.as_sse4_2().map(Level::Sse4_2),
            widest.as_sse2().map(Level::Sse2),
        ]
    };
    #[cfg(not(target_arch = "x86_64"))]
    let narrower = [Some(Level::baseline())];
    narrower.into_iter().flatten().collect()
}

/// Results of a run.
pub struct Left {
    model: Model,
    tables: Vec<(&'static str, TableRows)>,
    /// Last simulated day.
    pub last_day: u32,
    /// Failure, if it did not reach its horizon.
    pub failure: Option<RunFailure>,
}

impl Left {
    fn table(&mut self, name: &str) -> &mut TableRows {
        let found = self.tables.iter_mut().find(|(of, _)| *of == name);
        &mut found.expect("a table that was asked for").1
    }

    /// Takes the rows of some columns of a table.
    pub fn rows<B: Columns>(&mut self, table: &str) -> B {
        std::mem::take(self.table(table).group().expect("columns of the table"))
    }

    /// Takes a table.
    pub fn batch(&mut self, table: &str) -> RecordBatch {
        let columns = self.model.columns(table);
        batch(&columns, self.table(table).arrays())
    }
}

/// Returns the numbers of a column without missing values, whole or real.
pub fn numbers(table: &RecordBatch, column: &str) -> Vec<f64> {
    let array = &table[column];
    assert_eq!(array.null_count(), 0, "{column}");
    match array.as_primitive_opt::<Int32Type>() {
        Some(counts) => counts.values().iter().map(|&n| f64::from(n)).collect(),
        None => array.as_primitive::<Float64Type>().values().to_vec(),
    }
}

/// Returns the real numbers of a column, NaN where missing.
pub fn numbers_or_nan(table: &RecordBatch, column: &str) -> Vec<f64> {
    let reals = table[column].as_primitive::<Float64Type>().iter();
    reals.map(|number| number.unwrap_or(f64::NAN)).collect()
}

/// Simulates runs together in a batch of their kind, and records them whenever `tables`, which are those of the
/// batch, do, if `wanted` selects them.
pub fn simulate_in(
    batch: &mut Batch,
    model: &Model,
    tables: &[&'static str],
    runs: &[RunOf],
    wanted: impl Fn(&Run) -> bool,
) -> Vec<Left> {
    batch.begin(runs.iter().copied());
    loop {
        batch.look(&wanted);
        if batch.going_on() == 0 {
            break;
        }
        batch.advance();
    }
    let mut left: Vec<_> = (0..runs.len())
        .map(|run| Left {
            model: model.clone(),
            tables: Vec::new(),
            last_day: batch.run(run).day,
            failure: batch.failure(run).cloned(),
        })
        .collect();
    // A table may share columns with one that records at another moment: days are taken first.
    for moment in [Moment::Day, Moment::End] {
        if moment == Moment::End {
            batch.look_at_ends();
        }
        let of_moment = |table: &&&str| model.output(table).unwrap().moment == moment;
        for &table in tables.iter().filter(of_moment) {
            for (run, left) in left.iter_mut().enumerate() {
                let mut rows = TableRows::new(model, table);
                batch.take(run, &mut rows);
                left.tables.push((table, rows));
            }
        }
    }
    left
}

/// Simulates one run in its own batch, and records it whenever `tables` do.
pub fn simulate(
    model: &Model,
    tables: &[&'static str],
    setting: &Setting,
    seed: u64,
    world: u64,
) -> Left {
    let mut batch = Batch::new(model, setting, tables, Level::new());
    let seeds = Seeds { root: seed, world };
    let mut one = simulate_in(
        &mut batch,
        model,
        tables,
        &[RunOf { setting, seeds }],
        |_| true,
    );
    one.remove(0)
}
