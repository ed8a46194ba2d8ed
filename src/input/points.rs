//! Points of a sweep, from a CSV or Parquet file with one column per axis.

use super::csv::{Csv, CsvError, read_csv};
use super::file::{FileError, MOST_TABLE, read};
use super::{Table, TableError};
use arrow_array::RecordBatch;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A value before anyone knows what it means.
#[derive(Clone, Debug, PartialEq)]
pub enum RawValue {
    /// A number.
    Number(f64),
    /// Anything else.
    Word(String),
}

impl std::fmt::Display for RawValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(v) => write!(f, "{v}"),
            Self::Word(v) => write!(f, "\"{v}\""),
        }
    }
}

/// A table of points.
#[derive(Debug)]
pub struct PointsFile {
    /// The columns' names.
    pub columns: Vec<String>,
    /// The points, a value per column.
    pub rows: Vec<Vec<RawValue>>,
    /// The SHA-256 of the file, in hex.
    pub sha256: String,
}

/// Why a file of points cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PointsError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is no CSV with a header.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// The file is no Parquet table of numbers and text.
    #[error(transparent)]
    Table(#[from] TableError),
    /// There is no such column.
    #[error("{path}: has no column {column}; it has {}", there.join(", "))]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// What there is.
        there: Vec<String>,
    },
    /// The name ends otherwise.
    #[error("{path}: expected a name that ends in .csv or .parquet")]
    Kind {
        /// The file.
        path: PathBuf,
    },
}

/// Reads points; the name's end tells CSV from Parquet.
///
/// # Errors
/// When the file is missing or broken.
pub fn read_points(path: &Path) -> Result<PointsFile, PointsError> {
    let (columns, rows, sha256) = match path.extension().and_then(|end| end.to_str()) {
        Some("csv") => {
            let Csv { text, header, rows } = read_csv(path)?;
            let columns = header.iter().map(str::to_owned).collect();
            let rows = rows.iter().map(|row| row.iter().map(value).collect());
            (columns, rows.collect(), Sha256::digest(&text))
        }
        Some("parquet") => {
            let (columns, rows) = cells(&Table::read(path)?)?;
            (columns, rows, Sha256::digest(read(path, MOST_TABLE)?))
        }
        _ => {
            return Err(PointsError::Kind {
                path: path.to_owned(),
            });
        }
    };
    Ok(PointsFile {
        columns,
        rows,
        sha256: crate::output::hex(&sha256),
    })
}

/// Reads one column of a file; the name's end tells CSV from Parquet.
///
/// # Errors
/// When the file is missing or broken, or has no such column.
pub fn read_column(path: &Path, column: &str) -> Result<Vec<RawValue>, PointsError> {
    match path.extension().and_then(|end| end.to_str()) {
        Some("csv") => {
            let Csv { header, rows, .. } = read_csv(path)?;
            let place = header.iter().position(|name| name == column);
            let place = place.ok_or_else(|| PointsError::Column {
                path: path.to_owned(),
                column: column.to_owned(),
                there: header.iter().map(str::to_owned).collect(),
            })?;
            Ok(rows.iter().map(|row| value(&row[place])).collect())
        }
        Some("parquet") => Ok(Table::read_columns(path, &[column])?.raw(column)?),
        _ => Err(PointsError::Kind {
            path: path.to_owned(),
        }),
    }
}

/// Points held in memory; `name` names them in errors. Their sum is that of their values.
///
/// # Errors
/// When a column holds neither numbers nor text, or has gaps.
pub fn points_of(points: &RecordBatch, name: &str) -> Result<PointsFile, PointsError> {
    let (columns, rows) = cells(&Table::of(points, name))?;
    let mut hash = Sha256::new();
    for text in columns.iter().map(String::as_str) {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    for value in rows.iter().flatten() {
        match value {
            RawValue::Number(number) => hash.update(number.to_bits().to_le_bytes()),
            RawValue::Word(word) => hash.update(word.as_bytes()),
        }
        hash.update([0]);
    }
    Ok(PointsFile {
        columns,
        rows,
        sha256: crate::output::hex(&hash.finalize()),
    })
}

/// The names of the columns of a table, and its rows.
fn cells(table: &Table) -> Result<Columns, TableError> {
    let columns = table.column_names();
    let values = columns
        .iter()
        .map(|column| table.raw(column))
        .collect::<Result<Vec<_>, _>>()?;
    let count = values.first().map_or(0, Vec::len);
    let rows = (0..count)
        .map(|row| values.iter().map(|column| column[row].clone()).collect())
        .collect();
    Ok((columns, rows))
}

type Columns = (Vec<String>, Vec<Vec<RawValue>>);

fn value(cell: &str) -> RawValue {
    match cell.parse() {
        Ok(number) => RawValue::Number(number),
        Err(_) => RawValue::Word(cell.to_owned()),
    }
}
