//! Outcomes: the columns that declare a goal.

use crate::engine::Goal;
use arrow_schema::{Field, Schema};

/// Column that studies analyse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Name of the column.
    pub name: String,
    /// Unit; empty for pure numbers.
    pub unit: String,
    /// Direction of improvement.
    pub goal: Goal,
}

impl Outcome {
    /// Returns the outcome in a column, if the column declares a goal.
    fn of(field: &Field) -> Option<Self> {
        let metadata = |key: &str| field.metadata().get(key);
        Some(Self {
            name: field.name().clone(),
            unit: metadata("unit").cloned().unwrap_or_default(),
            goal: Goal::of(metadata("goal")?)?,
        })
    }

    /// Returns the name with its unit.
    pub fn label(&self) -> String {
        let title = self.title();
        match &*self.unit {
            "" => title,
            unit => format!("{title}, {unit}"),
        }
    }

    /// Returns the name in words.
    pub fn title(&self) -> String {
        self.name.replace('_', " ")
    }
}

/// Returns the outcomes among the columns of a table. Outcomes of an extension's copies come first, since a spec that
/// lists copies asks about them. Within each group, outcomes that improve in one direction come first.
pub fn outcomes(schema: &Schema) -> Vec<Outcome> {
    let fields = schema.fields().iter();
    let mut outcomes: Vec<(bool, Outcome)> = fields
        .filter_map(|field| Some((!field.metadata().contains_key("copy"), Outcome::of(field)?)))
        .collect();
    outcomes.sort_by_key(|(is_of_all, outcome)| (*is_of_all, outcome.goal == Goal::Neither));
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
