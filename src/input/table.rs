//! Tables as named columns of plain numbers and text.

use super::RawValue;
use super::file::{FileError, MOST_ROWS};
#[cfg(feature = "files")]
use super::guard::guarded;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, DecimalType,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, SchemaRef};
#[cfg(feature = "files")]
use arrow_select::take::take;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is wrong with a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file cannot be opened.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is not Parquet, or not all of it.
    #[cfg(feature = "files")]
    #[error("{path}: is not a whole Parquet file; write or copy it again")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why.
        source: parquet::errors::ParquetError,
    },
    /// A batch of rows cannot be decoded.
    #[error("{path}: cannot be decoded; write or copy it again")]
    Decode {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ArrowError,
    },
    /// The bytes make no sense.
    #[error("{path}: is damaged: {found}; write or copy it again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What made no sense.
        found: String,
    },
    /// Decoded, it is larger than anything of its kind.
    #[error(
        "{path}: holds more than {most} bytes once it is decoded; see that this is the file you mean, or split it"
    )]
    Size {
        /// The file.
        path: PathBuf,
        /// The limit.
        most: u64,
    },
    /// It has more rows than anything of its kind.
    #[error(
        "{path}: has {rows} rows, expected at most {MOST_ROWS}; see that this is the file you mean, or split it"
    )]
    Rows {
        /// The file.
        path: PathBuf,
        /// How many it has.
        rows: i64,
    },
    /// A column is not there, or is of another type.
    #[error("{path}: column {column} {found}, expected {expected}")]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// What is there.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A value makes no sense.
    #[error("{path}: row {row}, column {column}: found {found}, expected {expected}")]
    Value {
        /// The file.
        path: PathBuf,
        /// The row, from 0.
        row: usize,
        /// The column.
        column: String,
        /// The value.
        found: String,
        /// What was expected.
        expected: String,
    },
}

/// Rows of a table, in memory.
pub struct Table {
    pub(super) path: PathBuf,
    pub(super) schema: SchemaRef,
    /// How many rows of the file come before these.
    pub(super) before: usize,
    pub(super) batches: Vec<RecordBatch>,
}

impl Table {
    /// A table held in memory; `name` names it in errors.
    pub fn of(rows: &RecordBatch, name: &str) -> Self {
        Self {
            path: PathBuf::from(name),
            schema: rows.schema(),
            before: 0,
            batches: vec![rows.clone()],
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The type of a column, if it is there.
    pub fn kind(&self, column: &str) -> Option<&DataType> {
        let (_, field) = self.schema.column_with_name(column)?;
        Some(field.data_type())
    }

    /// The names of the columns.
    pub fn column_names(&self) -> Vec<String> {
        let fields = self.schema.fields().iter();
        fields.map(|field| field.name().clone()).collect()
    }

    /// A column of numbers.
    ///
    /// # Errors
    /// When it is not there, of another type, or has gaps.
    pub fn reals(&self, column: &str) -> Result<Vec<f64>, TableError> {
        self.filled(column, "a column of numbers", reals_of)
    }

    /// A column of numbers, where values may be missing.
    ///
    /// # Errors
    /// When it is not there or of another type.
    pub fn optional_reals(&self, column: &str) -> Result<Vec<Option<f64>>, TableError> {
        self.column(column, "a column of numbers", |array| {
            let values = reals_of(array)?.into_iter().enumerate();
            Some(
                values
                    .map(|(row, v)| array.is_valid(row).then_some(v))
                    .collect(),
            )
        })
    }

    /// A column of whole numbers that fit 32 bits.
    ///
    /// # Errors
    /// When it is not there, of another type, has gaps, or a number does not fit.
    pub fn counts(&self, column: &str) -> Result<Vec<u32>, TableError> {
        const EXPECTED: &str = "a whole number from 0 to 4294967295";
        let numbers = self.filled(column, "a column of whole numbers", reals_of)?;
        let whole = |number: f64| number.fract() == 0.0 && (0.0..=4294967295.0).contains(&number);
        let counts = numbers
            .iter()
            .enumerate()
            .map(|(row, &number)| match number {
                number if whole(number) => Ok(number as u32),
                number => Err(self.fault(row, column, &number, EXPECTED)),
            });
        counts.collect()
    }

    /// A column of text.
    ///
    /// # Errors
    /// When it is not there, of another type, or has gaps.
    pub fn texts(&self, column: &str) -> Result<Vec<String>, TableError> {
        self.filled(column, "a column of text", texts_of)
    }

    /// A column of numbers, text, or true and false.
    ///
    /// # Errors
    /// When it is not there, of another type, or has gaps.
    pub fn raw(&self, column: &str) -> Result<Vec<RawValue>, TableError> {
        self.filled(column, "a column of numbers or text", |array| {
            if let Some(numbers) = reals_of(array) {
                return Some(numbers.into_iter().map(RawValue::Number).collect());
            }
            let words = match array.data_type() {
                DataType::Boolean => truths_of(array),
                _ => texts_of(array)?,
            };
            Some(words.into_iter().map(RawValue::Word).collect())
        })
    }

    /// An error about one value, in this row of those held here.
    pub fn fault(
        &self,
        row: usize,
        column: &str,
        found: &dyn std::fmt::Display,
        expected: impl Into<String>,
    ) -> TableError {
        TableError::Value {
            path: self.path.clone(),
            row: self.before + row,
            column: column.to_owned(),
            found: found.to_string(),
            expected: expected.into(),
        }
    }

    fn wrong(&self, column: &str, found: String, expected: &'static str) -> TableError {
        TableError::Column {
            path: self.path.clone(),
            column: column.to_owned(),
            found,
            expected,
        }
    }

    /// A column without gaps.
    fn filled<T>(
        &self,
        column: &str,
        expected: &'static str,
        values: impl Fn(&ArrayRef) -> Option<Vec<T>>,
    ) -> Result<Vec<T>, TableError> {
        let columns = self
            .batches
            .iter()
            .filter_map(|batch| batch.column_by_name(column));
        match columns
            .map(|array| array.logical_null_count())
            .sum::<usize>()
        {
            0 => self.column(column, expected, values),
            gaps => {
                let row = self.first_gap(column).map_or(0, |row| row + 1);
                let found = format!("has {gaps} empty values, the first in row {row}");
                Err(self.wrong(column, found, expected))
            }
        }
    }

    /// The first row without a value in a column.
    fn first_gap(&self, column: &str) -> Option<usize> {
        let mut before = self.before;
        for batch in &self.batches {
            let gaps = batch.column_by_name(column)?.logical_nulls();
            if let Some(row) = gaps.and_then(|gaps| (0..gaps.len()).find(|&row| gaps.is_null(row)))
            {
                return Some(before + row);
            }
            before += batch.num_rows();
        }
        None
    }

    fn column<T>(
        &self,
        column: &str,
        expected: &'static str,
        values: impl Fn(&ArrayRef) -> Option<Vec<T>>,
    ) -> Result<Vec<T>, TableError> {
        let missing = || self.wrong(column, "is not there".to_owned(), expected);
        // Also where there are no rows.
        self.schema.column_with_name(column).ok_or_else(missing)?;
        let mut all = Vec::new();
        for batch in &self.batches {
            let array = batch.column_by_name(column).ok_or_else(missing)?;
            let found = || self.wrong(column, format!("is {}", array.data_type()), expected);
            let plain = plain(array).ok_or_else(found)?;
            all.extend(values(&plain).ok_or_else(found)?);
        }
        Ok(all)
    }
}

/// A column with its values in place, where it names them by their number in a dictionary.
#[cfg(feature = "files")]
fn plain(array: &ArrayRef) -> Option<ArrayRef> {
    match array.as_any_dictionary_opt() {
        Some(named) => guarded(|| take(named.values(), named.keys(), None))
            .ok()?
            .ok(),
        None => Some(Arc::clone(array)),
    }
}

/// A column, unless it names its values by their number in a dictionary.
#[cfg(not(feature = "files"))]
fn plain(array: &ArrayRef) -> Option<ArrayRef> {
    let is_plain = array.as_any_dictionary_opt().is_none();
    is_plain.then(|| Arc::clone(array))
}

/// The words of a column of text without gaps.
fn texts_of(array: &ArrayRef) -> Option<Vec<String>> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let of_bytes = |bytes: Option<&[u8]>| std::str::from_utf8(bytes?).ok().map(str::to_owned);
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().map(owned).collect(),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().map(owned).collect(),
        DataType::Utf8View => array.as_string_view().iter().map(owned).collect(),
        // Text that its writer did not mark as such.
        DataType::Binary => array.as_binary::<i32>().iter().map(of_bytes).collect(),
        DataType::LargeBinary => array.as_binary::<i64>().iter().map(of_bytes).collect(),
        DataType::BinaryView => array.as_binary_view().iter().map(of_bytes).collect(),
        _ => None,
    }
}

/// The words of a column of true and false without gaps.
fn truths_of(array: &ArrayRef) -> Vec<String> {
    let truths = array.as_boolean().iter();
    truths
        .map(|truth| truth.unwrap_or_default().to_string())
        .collect()
}

/// The values of a column of numbers, whatever stands where they are missing.
pub(super) fn reals_of(array: &ArrayRef) -> Option<Vec<f64>> {
    match array.data_type() {
        DataType::Float64 => Some(array.as_primitive::<Float64Type>().values().to_vec()),
        DataType::Float32 => Some(widened::<Float32Type>(array, f64::from)),
        DataType::Int64 => Some(widened::<Int64Type>(array, |v| v as f64)),
        DataType::Int32 => Some(widened::<Int32Type>(array, f64::from)),
        DataType::Int16 => Some(widened::<Int16Type>(array, f64::from)),
        DataType::Int8 => Some(widened::<Int8Type>(array, f64::from)),
        DataType::UInt64 => Some(widened::<UInt64Type>(array, |v| v as f64)),
        DataType::UInt32 => Some(widened::<UInt32Type>(array, f64::from)),
        DataType::UInt16 => Some(widened::<UInt16Type>(array, f64::from)),
        DataType::UInt8 => Some(widened::<UInt8Type>(array, f64::from)),
        DataType::Float16 => Some(widened::<Float16Type>(array, f64::from)),
        &DataType::Decimal32(_, scale) => Some(decimals::<Decimal32Type>(array, scale)),
        &DataType::Decimal64(_, scale) => Some(decimals::<Decimal64Type>(array, scale)),
        &DataType::Decimal128(_, scale) => Some(decimals::<Decimal128Type>(array, scale)),
        &DataType::Decimal256(_, scale) => Some(decimals::<Decimal256Type>(array, scale)),
        _ => None,
    }
}

/// Decimal numbers, each rounded once: to the nearest number of 64 bits.
fn decimals<T: DecimalType>(array: &ArrayRef, scale: i8) -> Vec<f64>
where
    T::Native: std::fmt::Display,
{
    widened::<T>(array, |digits| {
        let text = format!("{digits}e{}", -i32::from(scale));
        text.parse().unwrap_or(f64::NAN)
    })
}

fn widened<T: ArrowPrimitiveType>(array: &ArrayRef, widen: impl Fn(T::Native) -> f64) -> Vec<f64> {
    array
        .as_primitive::<T>()
        .values()
        .iter()
        .map(|&v| widen(v))
        .collect()
}
