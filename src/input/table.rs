//! A whole Parquet file as named columns of plain numbers and text.

use super::RawValue;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int32Type, Int64Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;
use std::fs::File;
use std::path::{Path, PathBuf};

/// What is wrong with a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file cannot be opened.
    #[error("{path}: cannot be opened")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not Parquet, or not all of it.
    #[error("{path}: is not a whole Parquet file; write or copy it again")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ParquetError,
    },
    /// A batch of rows cannot be decoded.
    #[error("{path}: cannot be decoded; write or copy it again")]
    Decode {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ArrowError,
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

/// A table, whole in memory.
pub struct Table {
    path: PathBuf,
    batches: Vec<RecordBatch>,
}

impl Table {
    /// Reads a Parquet file.
    ///
    /// # Errors
    /// When it is not there or broken.
    pub fn read(path: &Path) -> Result<Self, TableError> {
        Self::read_some(path, None)
    }

    /// Reads these columns of a Parquet file, those of them that are there.
    ///
    /// # Errors
    /// When it is not there or broken.
    pub fn read_columns(path: &Path, columns: &[&str]) -> Result<Self, TableError> {
        Self::read_some(path, Some(columns))
    }

    /// The columns that are something to a study, with what they are: axis, lever, uncertainty or
    /// variant.
    ///
    /// # Errors
    /// When the file is not there or broken.
    pub fn roles(path: &Path) -> Result<Vec<(String, String)>, TableError> {
        let builder = Self::open(path)?;
        let fields = builder.schema().fields().iter();
        let roles = fields.filter_map(|field| {
            let role = field.metadata().get("role")?;
            Some((field.name().clone(), role.clone()))
        });
        Ok(roles.collect())
    }

    fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, TableError> {
        let file = File::open(path).map_err(|source| TableError::Open {
            path: path.to_owned(),
            source,
        })?;
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|source| TableError::Parquet {
            path: path.to_owned(),
            source,
        })
    }

    fn read_some(path: &Path, columns: Option<&[&str]>) -> Result<Self, TableError> {
        let builder = Self::open(path)?;
        let mask = match columns {
            Some(names) => ProjectionMask::columns(builder.parquet_schema(), names.iter().copied()),
            None => ProjectionMask::all(),
        };
        let reader = builder.with_projection(mask).build();
        let reader = reader.map_err(|source| TableError::Parquet {
            path: path.to_owned(),
            source,
        })?;
        let batches =
            reader
                .collect::<Result<Vec<_>, _>>()
                .map_err(|source| TableError::Decode {
                    path: path.to_owned(),
                    source,
                })?;
        Ok(Self {
            path: path.to_owned(),
            batches,
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the columns.
    pub fn column_names(&self) -> Vec<String> {
        let Some(first) = self.batches.first() else {
            return Vec::new();
        };
        let schema = first.schema();
        schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect()
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
        let owned = |text: Option<&str>| text.map(str::to_owned);
        self.filled(column, "a column of text", |array| {
            match array.data_type() {
                DataType::Utf8 => array.as_string::<i32>().iter().map(owned).collect(),
                DataType::LargeUtf8 => array.as_string::<i64>().iter().map(owned).collect(),
                DataType::Utf8View => array.as_string_view().iter().map(owned).collect(),
                _ => None,
            }
        })
    }

    /// A column of numbers or text.
    ///
    /// # Errors
    /// When it is not there, of another type, or has gaps.
    pub fn raw(&self, column: &str) -> Result<Vec<RawValue>, TableError> {
        match self.texts(column) {
            Ok(words) => Ok(words.into_iter().map(RawValue::Word).collect()),
            Err(_) => Ok(self
                .reals(column)?
                .into_iter()
                .map(RawValue::Number)
                .collect()),
        }
    }

    /// An error about one value.
    pub fn fault(
        &self,
        row: usize,
        column: &str,
        found: &dyn std::fmt::Display,
        expected: impl Into<String>,
    ) -> TableError {
        TableError::Value {
            path: self.path.clone(),
            row,
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
        match columns.map(|array| array.null_count()).sum::<usize>() {
            0 => self.column(column, expected, values),
            gaps => Err(self.wrong(column, format!("has {gaps} empty values"), expected)),
        }
    }

    fn column<T>(
        &self,
        column: &str,
        expected: &'static str,
        values: impl Fn(&ArrayRef) -> Option<Vec<T>>,
    ) -> Result<Vec<T>, TableError> {
        let mut all = Vec::new();
        for batch in &self.batches {
            let array = batch
                .column_by_name(column)
                .ok_or_else(|| self.wrong(column, "is not there".to_owned(), expected))?;
            let found = || self.wrong(column, format!("is {}", array.data_type()), expected);
            all.extend(values(array).ok_or_else(found)?);
        }
        Ok(all)
    }
}

/// The values of a column of numbers, whatever stands where they are missing.
fn reals_of(array: &ArrayRef) -> Option<Vec<f64>> {
    match array.data_type() {
        DataType::Float64 => Some(array.as_primitive::<Float64Type>().values().to_vec()),
        DataType::Float32 => Some(widened::<Float32Type>(array, f64::from)),
        DataType::Int64 => Some(widened::<Int64Type>(array, |v| v as f64)),
        DataType::Int32 => Some(widened::<Int32Type>(array, f64::from)),
        DataType::UInt64 => Some(widened::<UInt64Type>(array, |v| v as f64)),
        DataType::UInt32 => Some(widened::<UInt32Type>(array, f64::from)),
        _ => None,
    }
}

fn widened<T: ArrowPrimitiveType>(array: &ArrayRef, widen: impl Fn(T::Native) -> f64) -> Vec<f64> {
    array
        .as_primitive::<T>()
        .values()
        .iter()
        .map(|&v| widen(v))
        .collect()
}
