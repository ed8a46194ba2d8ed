//! Objectives of a spec.

use super::Spec;
use super::reader::{Reader, Span, clipped};
use crate::engine::{Goal, Kind};
use crate::study::objective::{ColumnGoal, Empty, Meet, Objective};
use crate::study::tables::{RUNS, common_columns, tables};
use toml::Spanned;
use toml::de::DeValue;

/// The keys of an objective.
const KEYS: [&str; 5] = ["name", "column", "goal", "meet", "empty"];

/// The columns of numbers in the table of runs, with the goals that they declare.
fn columns(spec: &Spec) -> Vec<ColumnGoal> {
    let runs = tables(&spec.model).find(|table| table.name == RUNS);
    let columns = runs.map_or(Vec::new(), |runs| common_columns(&runs, &spec.model));
    let numbers = columns
        .into_iter()
        .filter(|column| !matches!(column.kind, Kind::Bool | Kind::Text));
    numbers.map(|column| (column.name, column.goal)).collect()
}

impl Reader<'_> {
    /// The objectives, each a table.
    pub(super) fn objectives(&mut self, item: &DeValue, span: Span, spec: &mut Spec) {
        let tables = item
            .as_array()
            .filter(|all| all.iter().all(|one| one.get_ref().is_table()));
        let Some(tables) = tables else {
            let message = "expected tables, each headed [[objective]]";
            self.fault(span, "objective", message);
            return;
        };
        let columns = columns(spec);
        for (number, objective) in tables.iter().enumerate() {
            let place = format!("objective {}", number + 1);
            let Some(read) = self.objective(&place, objective, &columns) else {
                continue;
            };
            let mut others = spec.objectives.iter();
            if others.any(|other| other.name == read.name) {
                let name = clipped(&read.name).into_owned();
                let message = format!("the name \"{name}\" is taken; choose another");
                self.fault(Some(objective.span()), &place, &message);
            }
            spec.objectives.push(read);
        }
    }

    fn objective(
        &mut self,
        place: &str,
        objective: &Spanned<DeValue>,
        columns: &[ColumnGoal],
    ) -> Option<Objective> {
        let table = objective.get_ref().as_table()?;
        for (name, _) in table {
            let key = name.get_ref().as_ref();
            if !KEYS.contains(&key) {
                self.unknown(&format!("{place}, {key}"), key, Some(name.span()), &KEYS);
            }
        }
        let mut text = |key: &str| {
            let value = table.get(key)?;
            let text = value.get_ref().as_str().filter(|text| !text.is_empty());
            if text.is_none() {
                let path = format!("{place}, {key}");
                self.fault(Some(value.span()), &path, "expected a text");
            }
            text
        };
        let (name, column, goal) = (text("name"), text("column"), text("goal"));
        let (meet, empty) = (text("meet"), text("empty"));
        let span = |key: &str| table.get(key).map(Spanned::span);
        let goal = goal.map(|goal| Goal::of(goal).filter(|goal| *goal != Goal::Neither));
        if goal == Some(None) {
            let message = "expected \"max\" or \"min\"";
            self.fault(span("goal"), &format!("{place}, goal"), message);
        }
        let meet = meet.map(Meet::parse);
        if meet == Some(None) {
            let message = "expected a bound, such as \"<= 0.1\"";
            self.fault(span("meet"), &format!("{place}, meet"), message);
        }
        let empty = empty.map(|name| Empty::ALL.into_iter().find(|empty| empty.name() == name));
        if empty == Some(None) {
            let message = "expected \"fail\", \"worst\" or \"drop\"";
            self.fault(span("empty"), &format!("{place}, empty"), message);
        }
        let Some(column) = column else {
            if !table.contains_key("column") {
                let message = "column missing; name a column of runs";
                self.fault(Some(objective.span()), place, message);
            }
            return None;
        };
        match Objective::new(name, column, goal.flatten(), columns) {
            Ok(read) => Some(Objective {
                meet: meet.flatten(),
                empty: empty.flatten().unwrap_or_default(),
                ..read
            }),
            Err(error) => {
                self.fault(span("column"), &format!("{place}, column"), &error.problem);
                None
            }
        }
    }
}
