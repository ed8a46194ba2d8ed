//! Builds the table of an answer, column by column.

use crate::input::RawValue;
use crate::output::{Cell, Column, Kind, batch};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use std::sync::Arc;

/// Table of an answer, built column by column; all columns have one length.
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

    /// Adds real numbers; NaN is a missing number.
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

    /// Adds whole numbers.
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

    /// Adds truth values.
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

    /// Adds words.
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

    /// Adds the values of a setting: numbers, or words if any value is a word.
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

    /// Returns the columns so far, and their rows.
    pub fn finish(self) -> (Vec<Column>, RecordBatch) {
        let rows = batch(&self.columns, self.arrays);
        (self.columns, rows)
    }
}
