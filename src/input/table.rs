//! Tables as named columns of plain numbers and text.

use super::file::{FileError, MOST_ROWS};
#[cfg(feature = "files")]
use super::guard::guarded;
use super::number::RawValue;
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

/// Reason why a table cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file cannot be opened.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is not Parquet, or is incomplete.
    #[cfg(feature = "files")]
    #[error("{path}: not a complete Parquet file; write or copy it again")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Cause.
        source: parquet::errors::ParquetError,
    },
    /// A batch of rows cannot be decoded.
    #[error("{path}: cannot be decoded; write or copy it again")]
    Decode {
        /// The file.
        path: PathBuf,
        /// Cause.
        source: ArrowError,
    },
    /// The file is damaged.
    #[error("{path}: damaged: {found}; write or copy it again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Description of the damage.
        found: String,
    },
    /// The decoded table is larger than the limit.
    #[error(
        "{path}: more than {most} bytes when decoded; check that this is the intended file, or split it"
    )]
    Size {
        /// The file.
        path: PathBuf,
        /// Maximum size in bytes.
        most: u64,
    },
    /// The table has more than `MOST_ROWS` rows.
    #[error(
        "{path}: has {rows} rows, expected at most {MOST_ROWS}; check that this is the intended file, or split it"
    )]
    Rows {
        /// The file.
        path: PathBuf,
        /// Number of rows.
        rows: i64,
    },
    /// A column is missing, or has another type.
    #[error("{path}: column {column} {found}, expected {expected}")]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Description of the existing column.
        found: String,
        /// Description of a valid column.
        expected: &'static str,
    },
    /// A value is invalid.
    #[error("{path}: row {row}, column {column}: found {found}, expected {expected}")]
    Value {
        /// The file.
        path: PathBuf,
        /// Row, from 0.
        row: usize,
        /// The column.
        column: String,
        /// The value.
        found: String,
        /// Description of a valid value.
        expected: String,
    },
}

/// Rows of a table, held in memory.
pub struct Table {
    pub(super) path: PathBuf,
    pub(super) schema: SchemaRef,
    /// Number of rows of the file before these.
    pub(super) before: usize,
    pub(super) batches: Vec<RecordBatch>,
}

impl Table {
    /// Wraps a table held in memory; errors name it `name`.
    pub fn of(rows: &RecordBatch, name: &str) -> Self {
        Self {
            path: PathBuf::from(name),
            schema: rows.schema(),
            before: 0,
            batches: vec![rows.clone()],
        }
    }

    /// Path of the file, for errors.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the type of a column, if the column exists.
    pub fn kind(&self, column: &str) -> Option<&DataType> {
        let (_, field) = self.schema.column_with_name(column)?;
        Some(field.data_type())
    }

    /// Returns the names of the columns.
    pub fn column_names(&self) -> Vec<String> {
        let fields = self.schema.fields().iter();
        fields.map(|field| field.name().clone()).collect()
    }

    /// Returns a column of numbers.
    ///
    /// # Errors
    /// When the column is missing, has another type, or lacks values.
    pub fn reals(&self, column: &str) -> Result<Vec<f64>, TableError> {
        self.filled(column, "a column of numbers", reals_of)
    }

    /// Returns a column of numbers with missing values.
    ///
    /// # Errors
    /// When the column is missing or has another type.
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

    /// Returns a column of whole numbers that fit in 32 bits.
    ///
    /// # Errors
    /// When the column is missing, has another type or lacks values, or a number does not fit.
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

    /// Returns a column of text.
    ///
    /// # Errors
    /// When the column is missing, has another type, or lacks values.
    pub fn texts(&self, column: &str) -> Result<Vec<String>, TableError> {
        self.filled(column, "a column of text", texts_of)
    }

    /// Returns a column of numbers, text, or true and false.
    ///
    /// # Errors
    /// When the column is missing, has another type, or lacks values.
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

    /// Builds an error about the value in this row, counted within these rows.
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

    /// Returns a column without missing values.
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

    /// Returns the first row that lacks a value in a column.
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
        let missing = || self.wrong(column, "is missing".to_owned(), expected);
        // Checks the schema, since the table may have no rows.
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

/// Replaces dictionary keys by their values, in a column encoded that way.
#[cfg(feature = "files")]
fn plain(array: &ArrayRef) -> Option<ArrayRef> {
    match array.as_any_dictionary_opt() {
        Some(named) => guarded(|| take(named.values(), named.keys(), None))
            .ok()?
            .ok(),
        None => Some(Arc::clone(array)),
    }
}

/// Returns a column, unless it is encoded with a dictionary.
#[cfg(not(feature = "files"))]
fn plain(array: &ArrayRef) -> Option<ArrayRef> {
    let is_plain = array.as_any_dictionary_opt().is_none();
    is_plain.then(|| Arc::clone(array))
}

/// Returns the words of a column of text without missing values.
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

/// Returns the words of a column of true and false without missing values.
fn truths_of(array: &ArrayRef) -> Vec<String> {
    let truths = array.as_boolean().iter();
    truths
        .map(|truth| truth.unwrap_or_default().to_string())
        .collect()
}

/// Returns the values of a column of numbers; those of missing ones are arbitrary.
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

/// Converts decimal numbers, rounding each once, to the nearest double.
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
