//! Reads the points of a sweep from CSV or Parquet, with one column per axis; and single columns of such files.

use super::csv::{Csv, CsvError};
use super::file::{FileError, MOST_TABLE, read};
use super::form::{self, PARQUET};
use super::number::{Evidence, RawValue, values};
use super::{Table, TableError};
use arrow_array::RecordBatch;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A table of points.
#[derive(Debug)]
pub struct PointsFile {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Points, with one value per column.
    pub rows: Vec<Vec<RawValue>>,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
}

/// Reason why a file of points cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PointsError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is not CSV with a header.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// The file is not a Parquet table of numbers and text.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The column is missing.
    #[error("{path}: has no column {column}; it has {}", there.join(", "))]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Existing columns.
        there: Vec<String>,
    },
    /// Two columns have the same name.
    #[error("{path}: columns {first} and {second} are both named {column}; rename or remove one")]
    Twice {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
        /// Position of the first, from 1.
        first: usize,
        /// Position of the second.
        second: usize,
    },
    /// A column with values has no name.
    #[error("{path}: column {place} has no name; name or remove it")]
    Unnamed {
        /// The file.
        path: PathBuf,
        /// Position, from 1.
        place: usize,
    },
}

/// Readers of Parquet files.
#[cfg(feature = "files")]
mod parquet {
    use super::{Path, Table, TableError};

    pub fn whole(path: &Path) -> Result<Table, TableError> {
        Table::read(path)
    }

    pub fn columns(path: &Path, columns: &[&str]) -> Result<Table, TableError> {
        Table::read_columns(path, columns)
    }

    pub fn names(path: &Path) -> Result<Vec<String>, TableError> {
        let schema = Table::schema(path)?;
        let fields = schema.fields().iter();
        Ok(fields.map(|field| field.name().clone()).collect())
    }
}

/// Refusals of Parquet files: this build reads none.
#[cfg(not(feature = "files"))]
mod parquet {
    use super::{FileError, Path, Table, TableError, form};

    const UNREAD: form::Form = form::Form {
        name: "a Parquet file",
        fix: "write it as CSV, or build the crate with the feature files",
    };

    pub fn whole(path: &Path) -> Result<Table, TableError> {
        Err(FileError::form(path, UNREAD).into())
    }

    pub fn columns(path: &Path, _: &[&str]) -> Result<Table, TableError> {
        whole(path)
    }

    pub fn names(path: &Path) -> Result<Vec<String>, TableError> {
        whole(path).map(|table| table.column_names())
    }
}

/// A table from CSV or Parquet.
enum Source {
    Csv(Csv),
    Table(Table),
}

impl Source {
    /// Parses a table, whose format follows from its first bytes or from the name of the file.
    fn of(
        path: &Path,
        bytes: Vec<u8>,
        parquet: impl Fn() -> Result<Table, TableError>,
    ) -> Result<Self, PointsError> {
        let mut ends = path.extension().into_iter();
        let is_named = ends.any(|end| end.eq_ignore_ascii_case("parquet"));
        // A damaged Parquet file still counts as Parquet.
        let is_parquet = bytes.starts_with(PARQUET)
            || is_named && form::foreign(&bytes).is_none() && std::str::from_utf8(&bytes).is_err();
        match is_parquet {
            true => Ok(Self::Table(parquet()?)),
            false => Ok(Self::Csv(Csv::of(path, bytes)?)),
        }
    }

    fn names(&self) -> Vec<String> {
        match self {
            Self::Csv(csv) => csv.header.iter().map(str::to_owned).collect(),
            Self::Table(table) => table.column_names(),
        }
    }

    /// Returns the values of the columns at these positions.
    fn values(&self, places: &[usize]) -> Result<Vec<Vec<RawValue>>, TableError> {
        match self {
            Self::Csv(csv) => {
                let all = (0..csv.header.len()).flat_map(|place| csv.cells(place));
                let file = Evidence::of(all);
                Ok(places
                    .iter()
                    .map(|&place| values(csv.cells(place), file))
                    .collect())
            }
            Self::Table(table) => {
                let names = table.column_names();
                let columns = places.iter().map(|&place| table.raw(&names[place]));
                let columns = columns.collect::<Result<Vec<_>, _>>()?;
                Ok(columns.into_iter().map(numbers_of_words).collect())
            }
        }
    }
}

/// Parses a column of text whose cells may be numbers, such as amounts beyond 64 bits.
fn numbers_of_words(column: Vec<RawValue>) -> Vec<RawValue> {
    let words: Option<Vec<&str>> = column
        .iter()
        .map(|value| match value {
            RawValue::Word(word) => Some(&**word),
            RawValue::Number(_) => None,
        })
        .collect();
    match words {
        Some(words) => values(words.iter().copied(), Evidence::default()),
        None => column,
    }
}

/// Reads points from CSV or Parquet.
///
/// # Errors
/// When the file is missing or malformed.
pub fn read_points(path: &Path) -> Result<PointsFile, PointsError> {
    let bytes = read(path, MOST_TABLE)?;
    let sha256 = crate::output::hex(&Sha256::digest(&bytes));
    let source = Source::of(path, bytes, || parquet::whole(path))?;
    let (columns, rows) = points(&source, path)?;
    Ok(PointsFile {
        columns,
        rows,
        sha256,
    })
}

/// Reads one column of a CSV or Parquet file.
///
/// # Errors
/// When the file is missing or malformed, or the column is missing or ambiguous.
pub fn read_column(path: &Path, column: &str) -> Result<Vec<RawValue>, PointsError> {
    let bytes = read(path, MOST_TABLE)?;
    let source = Source::of(path, bytes, || parquet::columns(path, &[column]))?;
    let there = match &source {
        Source::Csv(_) => source.names(),
        Source::Table(_) => parquet::names(path)?,
    };
    unique(path, &there, |name| name == column)?;
    let place = source.names().iter().position(|name| name == column);
    let place = place.ok_or_else(|| PointsError::Column {
        path: path.to_owned(),
        column: column.to_owned(),
        there,
    })?;
    Ok(source.values(&[place])?.remove(0))
}

/// Reads points held in memory; errors name them `name`. The checksum is that of their values.
///
/// # Errors
/// When a column holds neither numbers nor text, or lacks values.
pub fn points_of(batch: &RecordBatch, name: &str) -> Result<PointsFile, PointsError> {
    let source = Source::Table(Table::of(batch, name));
    let (columns, rows) = points(&source, Path::new(name))?;
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

type Columns = (Vec<String>, Vec<Vec<RawValue>>);

/// Returns the column names and rows of a table, without the row numbers of data frames.
fn points(source: &Source, path: &Path) -> Result<Columns, PointsError> {
    let names = source.names();
    unique(path, &names, |name| !name.is_empty())?;
    let mut places = Vec::with_capacity(names.len());
    for (place, name) in names.iter().enumerate() {
        if is_index(place, name) {
            continue;
        }
        if name.is_empty() {
            match source {
                Source::Csv(csv) if csv.cells(place).all(str::is_empty) => continue,
                _ => {
                    return Err(PointsError::Unnamed {
                        path: path.to_owned(),
                        place: place + 1,
                    });
                }
            }
        }
        places.push(place);
    }
    let columns: Vec<_> = places.iter().map(|&place| names[place].clone()).collect();
    let mut values: Vec<_> = source
        .values(&places)?
        .into_iter()
        .map(Vec::into_iter)
        .collect();
    let count = values.first().map_or(0, ExactSizeIterator::len);
    let rows = (0..count).map(|_| values.iter_mut().filter_map(Iterator::next).collect());
    Ok((columns, rows.collect()))
}

/// Recognises the row numbers of a data frame: of pandas in Parquet, or of pandas and R in CSV.
fn is_index(place: usize, name: &str) -> bool {
    let level = name
        .strip_prefix("__index_level_")
        .and_then(|rest| rest.strip_suffix("__"));
    level.is_some_and(|level| level.parse::<u32>().is_ok())
        || place == 0 && (name.is_empty() || name == "Unnamed: 0")
}

/// Checks that no two columns selected by `asked` have the same name.
///
/// # Errors
/// When two of them do.
fn unique(path: &Path, names: &[String], asked: impl Fn(&str) -> bool) -> Result<(), PointsError> {
    for (second, name) in names.iter().enumerate().filter(|(_, name)| asked(name)) {
        if let Some(first) = names[..second].iter().position(|other| other == name) {
            return Err(PointsError::Twice {
                path: path.to_owned(),
                column: name.clone(),
                first: first + 1,
                second: second + 1,
            });
        }
    }
    Ok(())
}
