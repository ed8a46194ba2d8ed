//! CSV with a header line.

use super::file::{FileError, MOST_ROWS, MOST_TABLE, read_text};
use csv::StringRecord;
use std::path::{Path, PathBuf};

/// A CSV file, whole in memory, without the spaces around its cells.
pub struct Csv {
    /// The file as it is.
    pub text: String,
    /// The names of the columns.
    pub header: StringRecord,
    /// The rows.
    pub rows: Vec<StringRecord>,
}

/// Why a CSV file cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// It is not there, or no plain text.
    #[error(transparent)]
    File(#[from] FileError),
    /// A quote has no end.
    #[error("{path}:{line}: a quote opens here and is never closed; close it, or take it out")]
    Quote {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
    /// It has more rows than anything of its kind.
    #[error(
        "{path}: has more than {MOST_ROWS} rows; see that this is the file you mean, or split it"
    )]
    Count {
        /// The file.
        path: PathBuf,
    },
    /// It is no table.
    #[error("{path}: is not CSV with a header line")]
    Rows {
        /// The file.
        path: PathBuf,
        /// Why.
        source: csv::Error,
    },
}

/// Reads a CSV file.
///
/// # Errors
/// When it is missing or broken.
pub fn read_csv(path: &Path) -> Result<Csv, CsvError> {
    let text = read_text(path, MOST_TABLE)?;
    if let Some(line) = open_quote(text.as_bytes()) {
        return Err(CsvError::Quote {
            path: path.to_owned(),
            line,
        });
    }
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let broken = |source| CsvError::Rows {
        path: path.to_owned(),
        source,
    };
    let header = reader.headers().map_err(broken)?.clone();
    let rows = reader.records().take(MOST_ROWS + 1);
    let rows: Vec<_> = rows.collect::<Result<_, _>>().map_err(broken)?;
    if rows.len() > MOST_ROWS {
        return Err(CsvError::Count {
            path: path.to_owned(),
        });
    }
    Ok(Csv { text, header, rows })
}

/// The line of a quote that is never closed: the reader of rows takes the rest of the file for its cell.
fn open_quote(mut text: &[u8]) -> Option<u64> {
    use csv_core::ReadFieldResult::{Field, OutputFull};
    let mut reader = csv_core::Reader::new();
    let mut cell = [0; 4096];
    let mut last = (1, text);
    while !text.is_empty() {
        let (found, read, _) = reader.read_field(text, &mut cell);
        text = &text[read..];
        if let Field { .. } = found {
            last = (reader.line(), text);
        }
    }
    // A line's end ends a cell, unless a quote is open.
    match reader.read_field(b"x\n", &mut cell).0 {
        Field { .. } | OutputFull => None,
        _ => {
            let empty = last.1.iter().take_while(|byte| b"\r\n".contains(byte));
            Some(last.0 + empty.filter(|&&byte| byte == b'\n').count() as u64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_without_end_is_found_at_its_line() {
        for closed in [
            "",
            "a,b\n1,2\n",
            "a,b\n1,2",
            "a\n\"x\"",
            "a\n\"x\"\n",
            "a\n\"x \"\"y\"\" \n z\"\n",
            "a\n5\" pipe\n",
            "a\n\"\"",
        ] {
            assert_eq!(open_quote(closed.as_bytes()), None, "{closed:?}");
        }
        assert_eq!(open_quote(b"a,b\n1,\"2\n3,4\n"), Some(2));
        assert_eq!(open_quote(b"\"a,b\n1,2"), Some(1));
        assert_eq!(open_quote(b"a,b\n1,2\n\n\"x\"\"\n"), Some(4));
        let long = format!("a\n1\n\"{}", "x".repeat(10_000));
        assert_eq!(open_quote(long.as_bytes()), Some(3));
    }
}
