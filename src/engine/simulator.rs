//! Simulates single runs, or many together, without files.

use super::batch::{Batch, RunOf, TableRows};
use super::columns::Kind;
use super::model::Model;
use super::output::Leaving;
use super::random::Seeds;
use super::run::RunFailure;
use super::setting::Value;
use super::setting::{Fault, Setting};
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use fearless_simd::Level;

/// Simulator of runs of a model, which reuses its batches.
pub struct Simulator {
    model: Model,
    vectors: Level,
    tables: Vec<Leaving>,
    batches: Vec<Batch>,
}

/// Outcome of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Last simulated day; for a failed run, the day of the failure.
    pub last_day: u32,
    /// Failure, if it did not reach its horizon.
    pub failure: Option<RunFailure>,
    values: Vec<(String, Option<Value>)>,
}

impl PartialEq for Outcome {
    fn eq(&self, other: &Self) -> bool {
        let failure = |outcome: &Self| outcome.failure.as_ref().map(ToString::to_string);
        self.last_day == other.last_day
            && failure(self) == failure(other)
            // Compares bits, so that NaN equals NaN.
            && format!("{:?}", self.values) == format!("{:?}", other.values)
    }
}

impl Outcome {
    /// Returns the value of a column of the model's table of outcomes: the final state of the run, and its
    /// totals. `None` if the value is missing, or the model lacks the column.
    pub fn get(&self, column: &str) -> Option<Value> {
        let found = self.values.iter().find(|(name, _)| name == column);
        found.and_then(|(_, value)| *value)
    }

    /// Same as [`Outcome::get`], as a number; NaN if missing.
    pub fn number(&self, column: &str) -> f64 {
        match self.get(column) {
            Some(Value::Real(number)) => number,
            Some(Value::Count(number)) => number as f64,
            _ => f64::NAN,
        }
    }
}

/// Converts a signed number of a table to a count.
fn count(signed: impl TryInto<u64>) -> Option<Value> {
    signed.try_into().ok().map(Value::Count)
}

impl Simulator {
    /// Creates a simulator of a model whose runs write `tables`, for the widest vectors of the machine.
    pub fn new(model: &Model, tables: &[&'static str]) -> Self {
        Self::with_vectors(model, tables, Level::new())
    }

    /// Creates a simulator for vectors of this width. Results do not depend on it.
    pub fn with_vectors(model: &Model, tables: &[&'static str], vectors: Level) -> Self {
        Self {
            vectors,
            ..Self::leaving(
                model,
                tables.iter().map(|table| Leaving::all(table)).collect(),
            )
        }
    }

    /// Creates a simulator whose runs record these columns of tables, with the widest vectors of the machine.
    pub fn leaving(model: &Model, tables: Vec<Leaving>) -> Self {
        Self {
            model: model.clone(),
            vectors: Level::new(),
            tables,
            batches: Vec::new(),
        }
    }

    /// Returns the model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Returns true if it has simulated a run.
    pub fn is_warm(&self) -> bool {
        !self.batches.is_empty()
    }

    /// Returns the columns that its runs record.
    pub fn leaves(&self) -> &[Leaving] {
        &self.tables
    }

    /// Returns the batch for runs of this setting.
    pub fn batch(&mut self, setting: &Setting) -> &mut Batch {
        let place = match self.batches.iter().position(|batch| batch.is_for(setting)) {
            Some(place) => place,
            None => {
                let batch = Batch::leaving(&self.model, setting, &self.tables, self.vectors);
                self.batches.push(batch);
                self.batches.len() - 1
            }
        };
        &mut self.batches[place]
    }

    /// Simulates `setting` in world number `world` of the root seed `seed`, and returns the columns of the
    /// table `outcomes`, which must be among the simulator's tables.
    ///
    /// # Errors
    /// When values of the setting exclude each other.
    pub fn outcome(
        &mut self,
        outcomes: &'static str,
        setting: &Setting,
        seed: u64,
        world: u64,
    ) -> Result<Outcome, Fault> {
        if let Some(fault) = setting.fault() {
            return Err(fault);
        }
        let mut rows = TableRows::new(&self.model, outcomes);
        let columns = self.model.columns(outcomes);
        let seeds = Seeds { root: seed, world };
        let batch = self.batch(setting);
        batch.begin(std::iter::once(RunOf { setting, seeds }));
        while batch.going_on() > 0 {
            batch.advance();
        }
        batch.look_at_ends();
        let (last_day, failure) = (batch.run(0).day, batch.failure(0).cloned());
        let failure = failure.or_else(|| Some(batch.not_finite(0)?.failure(last_day)));
        batch.take(0, &mut rows);
        let values = columns.iter().zip(rows.arrays()).map(|(column, array)| {
            let value = (!array.is_empty() && array.is_valid(0)).then(|| match column.kind {
                Kind::F64 => Some(Value::Real(array.as_primitive::<Float64Type>().value(0))),
                Kind::I32 => count(array.as_primitive::<Int32Type>().value(0)),
                Kind::I64 => count(array.as_primitive::<Int64Type>().value(0)),
                Kind::Bool | Kind::Text => None,
            });
            (column.name.clone(), value.flatten())
        });
        Ok(Outcome {
            last_day,
            failure,
            values: values.collect(),
        })
    }
}
