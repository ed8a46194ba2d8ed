//! Columns that a sweep writes: of each table, its own, after those that identify the run and the point of a row.

use super::Spec;
use crate::engine::{Choice, Columns, Kind, Leaving, Model, Moment, Output};
use crate::output::Column;
use crate::study::tables::{EndRows, RUNS, RunIdRows, own_columns, setting_column};
use std::collections::BTreeMap;

/// Output of a sweep.
#[derive(Clone, Debug)]
pub struct OutputSpec {
    /// Tables, in the order of [`tables`](crate::study::tables::tables).
    pub tables: Vec<Output>,
    /// Interval between the days in `days`, which always includes the last.
    pub every: u32,
    /// Columns that the spec chooses, by the name of their table.
    pub columns: BTreeMap<&'static str, Choice>,
}

impl OutputSpec {
    /// Returns the columns that a sweep writes of a table. By default a table of days lacks the columns that
    /// follow from others.
    pub fn choice(&self, table: &Output, model: &Model) -> Choice {
        match self.columns.get(table.name) {
            Some(Choice::These(names)) => {
                let keys = table.keys.iter().map(|&key| key.to_owned());
                let others = names
                    .iter()
                    .filter(|name| !table.keys.contains(&name.as_str()));
                return Choice::These(keys.chain(others.cloned()).collect());
            }
            Some(Choice::All) => return Choice::All,
            None => {}
        }
        let columns = model.columns(table.name);
        let follows = |column: &Column| !column.formula.is_empty();
        if table.moment == Moment::End || !columns.iter().any(follows) {
            return Choice::All;
        }
        let own = columns.into_iter().filter(|column| !follows(column));
        Choice::These(own.map(|column| column.name).collect())
    }

    /// Returns the columns that runs record: all outcomes, so that the choice of outcomes never decides whether a
    /// run fails, and the chosen columns of other tables.
    pub fn leaving(&self, model: &Model) -> Vec<Leaving> {
        let tables = self.tables.iter();
        let leaving = tables.map(|table| Leaving {
            table: table.name,
            columns: match table.name {
                RUNS => Choice::All,
                _ => self.choice(table, model),
            },
        });
        leaving.collect()
    }
}

impl Spec {
    /// Returns the columns that identify the point of a row: the variant, then the axes. Their role is part of their
    /// meaning.
    pub fn point_columns(&self) -> Vec<Column> {
        let variant = (!self.variants.is_empty()).then(|| Column {
            meaning: "name of the variant".to_owned(),
            role: Some("variant"),
            ..Column::new("variant", Kind::Text)
        });
        let axes = self.factors.iter().flat_map(|factor| {
            factor
                .axes
                .iter()
                .map(|axis| setting_column(axis.key, Some(factor.role.name())))
        });
        variant.into_iter().chain(axes).collect()
    }

    /// Returns all columns of a table of the sweep.
    pub fn columns_of(&self, table: &Output) -> Vec<Column> {
        let mut columns = RunIdRows::columns();
        columns.extend(self.point_columns());
        let own = own_columns(table, &self.model).into_iter();
        let written = own.zip(self.written(table)).filter(|(_, written)| *written);
        columns.extend(written.map(|(column, _)| column));
        columns
    }

    /// Marks the own columns of a table that are written; those of how a run ended always are.
    pub(in crate::study) fn written(&self, table: &Output) -> Vec<bool> {
        let choice = self.output.choice(table, &self.model);
        let ends = match table.name {
            RUNS => EndRows::columns(),
            _ => Vec::new(),
        };
        let is_end = |name: &str| ends.iter().any(|column| column.name == name);
        let own = own_columns(table, &self.model).into_iter();
        own.map(|column| is_end(&column.name) || choice.has(&column.name))
            .collect()
    }
}
