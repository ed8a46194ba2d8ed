//! One run in, its outcome out; or many, simulated together. No files.

use super::batch::{Batch, RunOf, TableRows};
use super::columns::Kind;
use super::key::Value;
use super::model::Model;
use super::output::Leaving;
use super::random::Seeds;
use super::run::RunFailure;
use super::setting::{Fault, Setting};
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use fearless_simd::Level;

/// Simulates runs of a model in batches that are kept.
pub struct Simulator {
    model: Model,
    vectors: Level,
    tables: Vec<Leaving>,
    batches: Vec<Batch>,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The last day simulated; of a failed run, the day on which it failed.
    pub last_day: u32,
    /// Why it did not reach its horizon, if it did not.
    pub failure: Option<RunFailure>,
    values: Vec<(String, Option<Value>)>,
}

impl PartialEq for Outcome {
    fn eq(&self, other: &Self) -> bool {
        let failure = |outcome: &Self| outcome.failure.as_ref().map(ToString::to_string);
        self.last_day == other.last_day
            && failure(self) == failure(other)
            // Values that are not numbers are the same if they are the same bits.
            && format!("{:?}", self.values) == format!("{:?}", other.values)
    }
}

impl Outcome {
    /// What a column of the model's table of outcomes says of the run: the state where it ended, and
    /// what it came to. `None` where the column is empty, or not one of the model's.
    pub fn get(&self, column: &str) -> Option<Value> {
        let found = self.values.iter().find(|(name, _)| name == column);
        found.and_then(|(_, value)| *value)
    }

    /// As [`Outcome::get`], as a number; NaN where there is none.
    pub fn number(&self, column: &str) -> f64 {
        match self.get(column) {
            Some(Value::Real(number)) => number,
            Some(Value::Count(number)) => number as f64,
            _ => f64::NAN,
        }
    }
}

/// A count of a table, where numbers are signed.
fn count(signed: impl TryInto<u64>) -> Option<Value> {
    signed.try_into().ok().map(Value::Count)
}

impl Simulator {
    /// A simulator of a model whose runs leave `tables`, for the widest vectors that the machine has.
    pub fn new(model: &Model, tables: &[&'static str]) -> Self {
        Self::with_vectors(model, tables, Level::new())
    }

    /// A simulator for vectors of this width. Results are the same for all.
    pub fn with_vectors(model: &Model, tables: &[&'static str], vectors: Level) -> Self {
        Self {
            vectors,
            ..Self::leaving(
                model,
                tables.iter().map(|table| Leaving::all(table)).collect(),
            )
        }
    }

    /// Makes a simulator whose runs leave these columns of tables, for the widest vectors of the machine.
    pub fn leaving(model: &Model, tables: Vec<Leaving>) -> Self {
        Self {
            model: model.clone(),
            vectors: Level::new(),
            tables,
            batches: Vec::new(),
        }
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Returns whether it has simulated anything yet.
    pub fn is_warm(&self) -> bool {
        !self.batches.is_empty()
    }

    /// Returns the columns of tables that its runs leave.
    pub fn leaves(&self) -> &[Leaving] {
        &self.tables
    }

    /// The batch that a run of this setting belongs to.
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

    /// Simulates `setting` in world number `world` of the root seed `seed`, and says what the columns of
    /// the table `outcomes`, which must be one that the simulator's runs leave, come to.
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
