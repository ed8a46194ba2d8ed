//! The table of an answer, built column by column.

use crate::input::RawValue;
use crate::output::{Cell, Column, Kind, batch};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use std::sync::Arc;

/// A table of an answer: a column of each kind at a time, all of one length.
#[derive(Default)]
pub(crate) struct Answer {
    columns: Vec<Column>,
    arrays: Vec<ArrayRef>,
}

impl Answer {
    fn add(&mut self, column: Column, array: ArrayRef) -> &mut Self {
        self.columns.push(column);
        self.arrays.push(array);
        self
    }

    /// Real numbers; NaN is a missing one.
    pub fn numbers(
        &mut self,
        name: impl Into<String>,
        meaning: &str,
        values: impl Iterator<Item = f64>,
    ) -> &mut Self {
        let column = Column {
            meaning: meaning.to_owned(),
            nullable: true,
            ..Column::new(name, Kind::F64)
        };
        let present = values.map(|value| value.is_finite().then_some(value));
        self.add(column, Cell::array(present.collect()))
    }

    /// Whole numbers.
    pub fn counts(
        &mut self,
        name: impl Into<String>,
        meaning: &str,
        values: impl Iterator<Item = u64>,
    ) -> &mut Self {
        let column = Column {
            meaning: meaning.to_owned(),
            ..Column::new(name, Kind::I64)
        };
        self.add(column, Cell::array(values.collect::<Vec<u64>>()))
    }

    /// Truths.
    pub fn truths(
        &mut self,
        name: impl Into<String>,
        meaning: &str,
        values: impl Iterator<Item = bool>,
    ) -> &mut Self {
        let column = Column {
            meaning: meaning.to_owned(),
            ..Column::new(name, Kind::Bool)
        };
        self.add(column, Cell::array(values.collect::<Vec<bool>>()))
    }

    /// Words.
    pub fn words(
        &mut self,
        name: impl Into<String>,
        meaning: &str,
        values: impl Iterator<Item = String>,
    ) -> &mut Self {
        let column = Column {
            meaning: meaning.to_owned(),
            ..Column::new(name, Kind::Text)
        };
        let array = StringArray::from_iter_values(values);
        self.add(column, Arc::new(array))
    }

    /// Values of a setting: numbers, or words where one is.
    pub fn settings<'v>(
        &mut self,
        name: &str,
        role: &'static str,
        values: impl Iterator<Item = &'v RawValue> + Clone,
    ) -> &mut Self {
        let numbers = values.clone().map(|value| match value {
            RawValue::Number(number) => Some(*number),
            RawValue::Word(_) => None,
        });
        match numbers.collect::<Option<Vec<f64>>>() {
            Some(numbers) => self.numbers(name, "value of the setting", numbers.into_iter()),
            None => {
                let words = values.map(|value| match value {
                    RawValue::Number(number) => number.to_string(),
                    RawValue::Word(word) => word.clone(),
                });
                self.words(name, "value of the setting", words)
            }
        };
        if let Some(column) = self.columns.last_mut() {
            column.role = Some(role);
        }
        self
    }

    /// The columns so far, and their rows.
    pub fn finish(self) -> (Vec<Column>, RecordBatch) {
        let rows = batch(&self.columns, self.arrays);
        (self.columns, rows)
    }
}
