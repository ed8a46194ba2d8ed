//! Columns that identify the run and the point of a row.

use crate::engine::Value;
use crate::output::{Cell, Columns, Kind};
use crate::study::plan::Plan;
use crate::study::tables::{RunIdRow, RunIdRows};
use arrow_array::{ArrayRef, StringArray};
use std::sync::Arc;

/// Column of a varied setting.
pub enum PointColumn<'p> {
    /// Real numbers.
    Real(Vec<f64>),
    /// Whole numbers.
    Count(Vec<u64>),
    /// Names.
    Name(Vec<&'p str>),
}

impl<'p> PointColumn<'p> {
    /// Returns an empty column.
    pub fn new(kind: Kind) -> Self {
        match kind {
            Kind::I64 => Self::Count(Vec::new()),
            Kind::Text => Self::Name(Vec::new()),
            _ => Self::Real(Vec::new()),
        }
    }

    /// Appends a value for `rows` rows.
    pub fn push(&mut self, value: Value, rows: usize) {
        match (self, value) {
            (Self::Real(column), Value::Real(v)) => column.extend(std::iter::repeat_n(v, rows)),
            (Self::Count(column), Value::Count(v)) => column.extend(std::iter::repeat_n(v, rows)),
            (column, Value::Name(name)) => column.push_name(name, rows),
            _ => unreachable!("a setting has values of one kind"),
        }
    }

    /// Appends a name for `rows` rows.
    pub fn push_name(&mut self, name: &'p str, rows: usize) {
        match self {
            Self::Name(column) => column.extend(std::iter::repeat_n(name, rows)),
            _ => unreachable!("a setting has values of one kind"),
        }
    }

    /// Returns the column as an array.
    pub fn array(self) -> ArrayRef {
        match self {
            Self::Real(values) => f64::array(values),
            Self::Count(values) => u64::array(values),
            Self::Name(values) => Arc::new(StringArray::from(values)),
        }
    }
}

/// Columns that identify the run and the point of each row.
pub struct Ids<'p> {
    plan: &'p Plan,
    run: RunIdRows,
    point: Vec<PointColumn<'p>>,
}

impl<'p> Ids<'p> {
    /// Begins without rows.
    pub fn new(plan: &'p Plan) -> Self {
        // A table without rows has every column too.
        let columns = plan.spec.point_columns().into_iter();
        Self {
            plan,
            run: RunIdRows::default(),
            point: columns
                .map(|column| PointColumn::new(column.kind))
                .collect(),
        }
    }

    /// Appends `rows` rows of a run.
    pub fn push(&mut self, run: u64, rows: usize) {
        let (point, replicate) = self.plan.place(run);
        let mut columns = self.point.iter_mut();
        if let Some(name) = self.plan.variant(point) {
            let column = columns.next().expect("a column for the variant");
            column.push_name(name, rows);
        }
        for (column, (_, value)) in columns.zip(self.plan.values(point)) {
            column.push(value, rows);
        }
        for _ in 0..rows {
            self.run.push(RunIdRow {
                run,
                point,
                replicate,
            });
        }
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.run.len()
    }

    /// Returns the columns as arrays.
    pub fn arrays(self) -> Vec<ArrayRef> {
        let mut arrays = self.run.arrays();
        arrays.extend(self.point.into_iter().map(PointColumn::array));
        arrays
    }
}
