//! Reads objectives of a spec.

use super::Spec;
use super::reader::{Reader, Span, clipped};
use crate::engine::{Goal, Kind};
use crate::study::objective::{ColumnGoal, Empty, Meet, Objective};
use crate::study::tables::{RUNS, common_columns, tables};
use toml::Spanned;
use toml::de::DeValue;

/// Keys of an objective.
const KEYS: [&str; 5] = ["name", "column", "goal", "meet", "empty"];

impl Spec {
    /// Returns the numeric columns of the table of runs, with their declared goals.
    pub fn number_columns(&self) -> Vec<ColumnGoal> {
        let runs = tables(&self.model).find(|table| table.name == RUNS);
        let columns = runs.map_or(Vec::new(), |runs| common_columns(&runs, &self.model));
        let numbers = columns
            .into_iter()
            .filter(|column| !matches!(column.kind, Kind::Bool | Kind::Text));
        numbers.map(|column| (column.name, column.goal)).collect()
    }
}

impl Reader<'_> {
    /// Reads the objectives, each a table.
    pub(super) fn objectives(&mut self, item: &DeValue, span: Span, spec: &mut Spec) {
        let tables = item
            .as_array()
            .filter(|all| all.iter().all(|one| one.get_ref().is_table()));
        let Some(tables) = tables else {
            let message = "expected tables, each headed [[objective]]";
            self.fault(span, "objective", message);
            return;
        };
        let columns = spec.number_columns();
        for (number, objective) in tables.iter().enumerate() {
            let place = format!("objective {}", number + 1);
            let Some(read) = self.objective(&place, objective, &columns) else {
                continue;
            };
            let mut others = spec.objectives.iter();
            if others.any(|other| other.name == read.name) {
                let name = clipped(&read.name).into_owned();
                let message = format!("duplicate name \"{name}\"; choose another");
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
                self.fault(Some(value.span()), &path, "expected a string");
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
        // A wrong goal is one fault, not also a missing one.
        let goal = goal.map(|goal| goal.unwrap_or(Goal::Max));
        match Objective::new(name, column, goal, columns) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::{Plan, SpecError};
    use std::path::Path;

    fn parse(text: &str) -> Result<Spec, SpecError> {
        Spec::parse(&crate::model(), text, "a spec", Path::new(""))
    }

    #[test]
    fn objectives_title_role_and_constraints_come_back_from_the_resolved_spec() {
        let text = "title = \"How patient?\"\n\
                    constraints = [\"beta > 3 * sqrt(rho)\", \"half_life_days < 7 or beta < 0.2\"]\n\
                    [levers]\nbeta = [0.1, 0.2, 0.3]\nhalf_life_days = [3.0, 7.0]\n\
                    [[variant]]\nname = \"a\"\nrole = \"uncertainty\"\n[[variant]]\nname = \"b\"\ngamma = 0.0\n\
                    [[objective]]\nname = \"granted\"\ncolumn = \"proposals_granted\"\n\
                    [[objective]]\ncolumn = \"median_days_to_pass\"\nmeet = \"<= 10\"\nempty = \"worst\"\n";
        let spec = parse(text).unwrap();
        let [granted, days] = &spec.objectives[..] else {
            panic!("{:?}", spec.objectives);
        };
        assert_eq!(
            (&*granted.name, granted.goal, granted.empty),
            ("granted", Goal::Max, Empty::Fail)
        );
        assert_eq!(
            (&*days.name, days.goal, days.empty),
            ("median_days_to_pass", Goal::Min, Empty::Worst)
        );
        assert_eq!(days.meet.unwrap().to_string(), "<= 10");
        let again = parse(&spec.text()).unwrap();
        assert_eq!(
            (again.text(), &again.objectives),
            (spec.text(), &spec.objectives)
        );
        assert_eq!(
            (&*again.title, again.variant_role.name()),
            ("How patient?", "uncertainty")
        );
        // With rho = 0.0025, beta must be above 0.15; of the long half-life none is left.
        let plan = Plan::new(spec).unwrap();
        assert_eq!((plan.points, plan.runs), (4, 4));
        let points: Vec<_> = (0..4).map(|point| plan.describe(point)).collect();
        assert_eq!(points[0], "variant a, beta = 0.2, half_life_days = 3");
        assert_eq!(points[3], "variant b, beta = 0.3, half_life_days = 3");
        assert!(
            plan.warnings
                .iter()
                .any(|warning| warning.contains("leave out 8 of 12 points"))
        );
    }

    #[test]
    fn wrong_objectives_roles_and_constraints_are_refused_with_a_fix() {
        for (text, expected) in [
            ("[[objective]]\ncolumn = \"fund\"", "did you mean funds?"),
            (
                "[[objective]]\ncolumn = \"funds\"",
                "add goal max or goal min",
            ),
            ("[[objective]]\nname = \"a\"", "column missing"),
            (
                "[[objective]]\ncolumn = \"least_pool\"\ngoal = \"most\"",
                "expected \"max\" or \"min\"",
            ),
            (
                "[[objective]]\ncolumn = \"least_pool\"\nmeet = \"0.1\"",
                "expected a bound",
            ),
            (
                "[[objective]]\ncolumn = \"least_pool\"\nempty = \"zero\"",
                "\"fail\", \"worst\" or \"drop\"",
            ),
            (
                "[[objective]]\ncolumn = \"least_pool\"\ngaol = \"max\"",
                "did you mean goal?",
            ),
            (
                "[[objective]]\ncolumn = \"least_pool\"\n[[objective]]\ncolumn = \"least_pool\"",
                "duplicate name \"least_pool\"; choose another",
            ),
            (
                "[[variant]]\nname = \"a\"\nrole = \"axis\"",
                "expected one of",
            ),
            (
                "[[variant]]\nname = \"a\"\nrole = \"lever\"\n[[variant]]\nname = \"b\"\nrole = \"uncertainty\"",
                "differs from another variant's",
            ),
            ("constraints = [\"betta < 0.2\"]", "did you mean beta?"),
            ("constraints = [\"beta < \"]", "at the end"),
            ("constraints = \"beta < 1\"", "expected a list of strings"),
            (
                "constraints = [\"beta < 0.2\"]\n[axes]\nbeta = { from = 0.1, to = 0.3 }\n\
                 [design]\nkind = \"saltelli\"\npoints = 4",
                "needs every point",
            ),
            ("title = 3", "expected a string"),
        ] {
            let error = parse(text)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default();
            assert!(error.contains(expected), "{text}: {error}");
        }
        let none = parse("constraints = [\"beta > 1\"]\n[axes]\nbeta = [0.1, 0.2]").unwrap();
        let error = Plan::new(none).err().unwrap().to_string();
        assert!(error.contains("none of 2 points keeps them"), "{error}");
    }
}
