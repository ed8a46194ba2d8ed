//! A whole Parquet file as named columns of plain numbers and text.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType};
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
        let parquet = |source| TableError::Parquet {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(|source| TableError::Open {
            path: path.to_owned(),
            source,
        })?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(file)
            .and_then(ParquetRecordBatchReaderBuilder::build)
            .map_err(parquet)?;
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

    /// A column of real numbers; whole numbers are taken too.
    ///
    /// # Errors
    /// When it is not there, of another type, or has gaps.
    pub fn reals(&self, column: &str) -> Result<Vec<f64>, TableError> {
        self.column(column, "a column of numbers", |array| {
            match array.data_type() {
                DataType::Float64 => Some(array.as_primitive::<Float64Type>().values().to_vec()),
                DataType::Int64 => {
                    let whole = array.as_primitive::<Int64Type>().values();
                    Some(whole.iter().map(|&v| v as f64).collect())
                }
                _ => None,
            }
        })
    }

    /// A column of whole numbers that fit 32 bits.
    ///
    /// # Errors
    /// When it is not there, of another type, has gaps, or a number does not fit.
    pub fn counts(&self, column: &str) -> Result<Vec<u32>, TableError> {
        let whole = self.column(column, "a column of 64-bit integers", |array| {
            (*array.data_type() == DataType::Int64)
                .then(|| array.as_primitive::<Int64Type>().values().to_vec())
        })?;
        whole
            .iter()
            .enumerate()
            .map(|(row, &v)| {
                u32::try_from(v)
                    .map_err(|_| self.fault(row, column, &v, "a whole number from 0 to 4294967295"))
            })
            .collect()
    }

    /// A column of text.
    ///
    /// # Errors
    /// When it is not there, of another type, or has gaps.
    pub fn texts(&self, column: &str) -> Result<Vec<String>, TableError> {
        self.column(column, "a column of text", |array| {
            (*array.data_type() == DataType::Utf8).then(|| {
                array
                    .as_string::<i32>()
                    .iter()
                    .flatten()
                    .map(str::to_owned)
                    .collect()
            })
        })
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

    fn column<T>(
        &self,
        column: &str,
        expected: &'static str,
        values: impl Fn(&ArrayRef) -> Option<Vec<T>>,
    ) -> Result<Vec<T>, TableError> {
        let wrong = |found: String| TableError::Column {
            path: self.path.clone(),
            column: column.to_owned(),
            found,
            expected,
        };
        let mut all = Vec::new();
        for batch in &self.batches {
            let array = batch
                .column_by_name(column)
                .ok_or_else(|| wrong("is not there".to_owned()))?;
            if array.null_count() > 0 {
                return Err(wrong(format!("has {} empty values", array.null_count())));
            }
            all.extend(values(array).ok_or_else(|| wrong(format!("is {}", array.data_type())))?);
        }
        Ok(all)
    }
}
