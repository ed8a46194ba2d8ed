//! Outcomes: the columns that declare a goal.

use crate::engine::Goal;
use arrow_schema::{Field, Schema};

/// A column that studies analyse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The column.
    pub name: String,
    /// The unit; empty for pure numbers.
    pub unit: String,
    /// The direction in which it is better.
    pub goal: Goal,
}

impl Outcome {
    /// The outcome in a column, if it declares a goal.
    fn of(field: &Field) -> Option<Self> {
        let metadata = |key: &str| field.metadata().get(key);
        Some(Self {
            name: field.name().clone(),
            unit: metadata("unit").cloned().unwrap_or_default(),
            goal: Goal::of(metadata("goal")?)?,
        })
    }

    /// The name with its unit.
    pub fn label(&self) -> String {
        let title = self.title();
        match &*self.unit {
            "" => title,
            unit => format!("{title}, {unit}"),
        }
    }

    /// The name in words.
    pub fn title(&self) -> String {
        self.name.replace('_', " ")
    }
}

/// The outcomes among the columns of a table. Those of an extension's copies come first: a spec that lists copies asks
/// about them.
pub fn outcomes(schema: &Schema) -> Vec<Outcome> {
    let is_of_copy = |field: &Field| field.metadata().contains_key("copy");
    let (copies, others): (Vec<_>, Vec<_>) =
        schema.fields().iter().partition(|field| is_of_copy(field));
    let all = copies.into_iter().chain(others);
    all.filter_map(|field| Outcome::of(field)).collect()
}
