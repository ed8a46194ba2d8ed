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

/// The outcomes among the columns of a table. Those of an extension's copies come first, since a spec that lists copies asks
/// about them; then those that are better in one direction.
pub fn outcomes(schema: &Schema) -> Vec<Outcome> {
    let fields = schema.fields().iter();
    let mut outcomes: Vec<(bool, Outcome)> = fields
        .filter_map(|field| Some((!field.metadata().contains_key("copy"), Outcome::of(field)?)))
        .collect();
    outcomes.sort_by_key(|(is_of_all, outcome)| (*is_of_all, outcome.goal == Goal::Neither));
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
