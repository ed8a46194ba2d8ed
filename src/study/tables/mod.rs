//! The tables of a sweep: what a study writes of its runs.
//!
//! A table is a file here and a line in [`TABLES`]: specs, manifests, the schema, parts and forecasts
//! follow that list.

mod days;
mod gather;
mod ids;
pub mod points;
mod proposals;
mod runs;

pub use gather::Gatherer;

use super::plan::Plan;
use super::spec::OutputSpec;
use crate::model::Setting;
use crate::output::{Column, Columns, Kind};
use crate::run::{Moment, Outcome};
use crate::world::{Detail, View};
use arrow_array::ArrayRef;
use ids::Ids;

/// Every table that a sweep can write, in the order of its manifest. The first is always written.
pub static TABLES: &[&dyn Table] = &[&runs::Runs, &days::Days, &proposals::Proposals];

/// A table of a sweep.
pub trait Table: Sync {
    /// Its name: in `[output] tables`, and of the folder that holds its parts.
    fn name(&self) -> &'static str;

    /// Which rows it holds.
    fn meaning(&self) -> &'static str;

    /// Its own columns. Before them stand those that say which run a row is about.
    fn columns(&self) -> Vec<Column>;

    /// When it looks at a run.
    fn looks(&self) -> Looks;

    /// About how many rows a run leaves.
    fn rows_of(&self, setting: &Setting, output: &OutputSpec) -> f64;

    /// Begins to gather.
    fn gather(&self, output: &OutputSpec) -> Box<dyn Gather>;
}

impl std::fmt::Debug for dyn Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// When a table looks at a run before its outcome is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// Never: the outcome tells all.
    Never,
    /// At the start and at the end of each day.
    EachDay,
    /// Where the run ends, with this kept to be looked at.
    AtEnd(Detail),
}

impl Looks {
    /// Whether it looks at this moment.
    fn at(self, moment: Moment) -> bool {
        match self {
            Self::Never => false,
            Self::EachDay => moment == Moment::Day,
            Self::AtEnd(_) => moment == Moment::End,
        }
    }

    /// What must be kept for it; `None` where nothing is looked at.
    fn detail(self) -> Option<Detail> {
        match self {
            Self::Never => None,
            Self::EachDay => Some(Detail::Outcome),
            Self::AtEnd(detail) => Some(detail),
        }
    }
}

/// Gathers the rows of one table. Runs are simulated some at a time, each in a place of its own.
pub trait Gather: Send {
    /// A look at the run in a place. All runs are shown a day before any is shown the next.
    fn look(&mut self, _place: usize, _view: &View) {}

    /// The run in a place has ended: its rows go behind those of the runs before. Returns how many
    /// they are.
    fn end(&mut self, place: usize, outcome: &Outcome) -> usize;

    /// Takes the table's own columns, and begins anew.
    fn take(&mut self) -> Vec<ArrayRef>;
}

/// All columns of a table in the sweep of a plan.
pub fn columns(table: &dyn Table, plan: &Plan) -> Vec<Column> {
    let mut columns = Ids::columns(plan);
    columns.extend(table.columns());
    columns
}

/// The columns of a table in any sweep: those of what is varied are missing.
pub fn common_columns(table: &dyn Table) -> Vec<Column> {
    let mut columns = ids::RunIdRows::columns();
    columns.extend(table.columns());
    columns
}

/// About how many bytes a row of these columns takes: numbers as they are, words in a dictionary.
pub fn bytes_per_row(columns: &[Column]) -> f64 {
    let width = |column: &Column| match column.kind {
        Kind::F64 => 8.0,
        Kind::U64 | Kind::U32 => 2.0,
        Kind::Bool | Kind::Text => 0.5,
    };
    columns.iter().map(width).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Spec;

    #[test]
    fn tables_without_rows_have_their_columns() {
        let spec = "[axes]\nrules = [\"v3\"]\ndays = [3, 4]\nbeta = [0.1]\n\
                    [[variant]]\nname = \"slow\"\nhalf_life_days = 9.0\n\
                    [output]\ntables = [\"runs\", \"days\", \"proposals\"]";
        let spec = Spec::parse(spec, "a spec", std::path::Path::new("")).unwrap();
        let plan = Plan::new(spec).unwrap();
        let mut gatherer = Gatherer::new(&plan);
        assert_eq!(gatherer.columns().count(), TABLES.len());
        for (batch, table) in gatherer.take().into_iter().zip(TABLES) {
            let columns = columns(*table, &plan);
            assert_eq!((batch.num_rows(), batch.num_columns()), (0, columns.len()));
        }
    }

    #[test]
    fn no_two_tables_share_a_name() {
        let names: std::collections::BTreeSet<_> =
            TABLES.iter().map(|table| table.name()).collect();
        assert_eq!(names.len(), TABLES.len());
    }
}
