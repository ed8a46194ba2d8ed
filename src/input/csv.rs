//! Reads CSV with a header line: comma, semicolon, tab or bar as separator, comments above the header, and
//! unnamed columns.

use super::file::{FileError, MOST_ROWS, MOST_TABLE, NOT_TEXT, read, text};
use super::form::{self, PARQUET};
use csv::StringRecord;
use std::path::{Path, PathBuf};

/// A CSV file held in memory, with cells trimmed. Every row has one cell per column.
pub struct Csv {
    /// Names of the columns.
    pub header: StringRecord,
    /// Rows, without those whose cells are all empty.
    pub rows: Vec<StringRecord>,
    /// Number of lines above the header.
    above: u64,
}

/// Reason why a CSV file cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// The file is missing or is not plain text.
    #[error(transparent)]
    File(#[from] FileError),
    /// A quote is never closed.
    #[error("{path}:{line}: quote is never closed; close or remove it")]
    Quote {
        /// The file.
        path: PathBuf,
        /// Line of the file, from 1.
        line: u64,
    },
    /// The file has more than `MOST_ROWS` rows.
    #[error(
        "{path}: more than {MOST_ROWS} rows; check that this is the intended file, or split it"
    )]
    Count {
        /// The file.
        path: PathBuf,
    },
    /// Two separators split the header, and the rows do not settle which one is meant.
    #[error(
        "{path}: \"{one}\" and \"{other}\" could both be the separator; quote the cells that contain one of them"
    )]
    Separator {
        /// The file.
        path: PathBuf,
        /// First possible separator.
        one: char,
        /// Second possible separator.
        other: char,
    },
    /// A row has more or fewer cells than the header.
    #[error("{path}:{line}: expected {expected} cells, as in the header, found {found}; {fix}")]
    Width {
        /// The file.
        path: PathBuf,
        /// Line of the file, from 1.
        line: u64,
        /// Number of columns in the header.
        expected: usize,
        /// Number of cells in the row.
        found: usize,
        /// How to fix the row.
        fix: &'static str,
    },
    /// The file has no header.
    #[error("{path}: empty; expected CSV with a header line")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be parsed as CSV.
    #[error("{path}: not CSV with a header line")]
    Rows {
        /// Cause.
        path: PathBuf,
        /// Why.
        source: csv::Error,
    },
}

/// Reads a CSV file.
///
/// # Errors
/// When the file is missing or malformed.
pub fn read_csv(path: &Path) -> Result<Csv, CsvError> {
    let bytes = read(path, MOST_TABLE)?;
    if bytes.starts_with(PARQUET) {
        let (name, fix) = ("Parquet", "expected CSV");
        return Err(FileError::form(path, form::Form { name, fix }).into());
    }
    Csv::of(path, bytes)
}

/// Supported separators.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

impl Csv {
    /// Parses the bytes of a CSV file; errors name it `path`.
    ///
    /// # Errors
    /// When the bytes are malformed.
    pub fn of(path: &Path, bytes: Vec<u8>) -> Result<Self, CsvError> {
        if let Some(form) = form::foreign(&bytes) {
            return Err(FileError::form(path, form).into());
        }
        let text = text(path, bytes)?;
        if text.contains('\0') {
            return Err(FileError::form(path, NOT_TEXT).into());
        }
        let (above, body, said) = body(&text);
        if body.is_empty() {
            return Err(CsvError::Empty {
                path: path.to_owned(),
            });
        }
        let separator = match said {
            Some(separator) => separator,
            None => separator(path, body)?,
        };
        if let Some(line) = open_quote(body.as_bytes(), separator) {
            return Err(CsvError::Quote {
                path: path.to_owned(),
                line: above + line,
            });
        }
        let broken = |source| CsvError::Rows {
            path: path.to_owned(),
            source,
        };
        let mut reader = reader(body, separator);
        let mut header = reader.headers().map_err(broken)?.clone();
        uncommented(&mut header);
        let mut rows = Vec::new();
        for row in reader.records() {
            let row = row.map_err(broken)?;
            if row.iter().all(str::is_empty) {
                continue;
            }
            if rows.len() == MOST_ROWS {
                return Err(CsvError::Count {
                    path: path.to_owned(),
                });
            }
            rows.push(row);
        }
        let mut csv = Self {
            header,
            rows,
            above,
        };
        csv.level(path)?;
        Ok(csv)
    }

    /// Returns the line of a row, from 1.
    pub fn line(&self, row: &StringRecord) -> u64 {
        self.above + row.position().map_or(0, csv::Position::line)
    }

    /// Iterates over the cells of a column.
    pub fn cells(&self, column: usize) -> impl Iterator<Item = &str> + Clone {
        self.rows.iter().map(move |row| &row[column])
    }

    /// Pads every row to the width of the header: rows may omit trailing unnamed columns.
    fn level(&mut self, path: &Path) -> Result<(), CsvError> {
        let columns = self.header.len();
        let is_named = |&place: &usize| !self.header[place].is_empty();
        let named = (0..columns).rev().find(is_named).map_or(0, |last| last + 1);
        for row in &mut self.rows {
            let found = row.len();
            if found < named || found > columns {
                return Err(CsvError::Width {
                    path: path.to_owned(),
                    line: self.above + row.position().map_or(0, csv::Position::line),
                    expected: columns,
                    found,
                    fix: fix_of_width(columns, row),
                });
            }
            for _ in found..columns {
                row.push_field("");
            }
        }
        Ok(())
    }
}

fn fix_of_width(columns: usize, row: &StringRecord) -> &'static str {
    let last = row.get(row.len().saturating_sub(1));
    if row.get(0).is_some_and(|cell| cell.starts_with('#')) {
        "remove comments below the header"
    } else if row.len() == columns + 1 && last == Some("") {
        "remove the separator at the end of the line"
    } else if columns == 1 {
        "write a decimal point, not a comma, or name every column"
    } else if row.len() == columns + 1 {
        "name every column, including row numbers, or quote cells that contain the separator"
    } else {
        "write one cell per column of the header"
    }
}

fn reader(body: &str, separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .delimiter(separator)
        .flexible(true)
        .from_reader(body.as_bytes())
}

/// Returns the number of lines above the header, the text from the header on, and the separator that a line
/// above the header declares, as Excel writes it: `sep=;`.
fn body(text: &str) -> (u64, &str, Option<u8>) {
    let (mut above, mut rest, mut separator) = (0, text, None);
    // Start of the last line above the header, if that line is a comment.
    let mut comment = None;
    while let Some(end) = rest.find(['\n', '\r']) {
        let line = rest[..end].trim();
        if line.starts_with('#') {
            comment = Some((above, rest));
        } else if let Some([said]) = line.strip_prefix("sep=").map(str::as_bytes) {
            separator = Some(*said);
        } else if !line.is_empty() {
            break;
        }
        let ends = if rest[end..].starts_with("\r\n") {
            2
        } else {
            1
        };
        rest = &rest[end + ends..];
        above += 1;
    }
    // A commented line directly above numbers is the header.
    let first = rest.lines().next().unwrap_or_default();
    let holds_number = |text: &str| {
        let mut cells =
            text.split(|c: char| u8::try_from(c).is_ok_and(|c| SEPARATORS.contains(&c)));
        cells.any(|cell| cell.trim().trim_matches('"').parse::<f64>().is_ok())
    };
    match comment {
        Some((above, from)) if first.trim().is_empty() || holds_number(first) => {
            (above, from, separator)
        }
        _ => (above, rest.trim_end_matches(['\n', '\r', ' ']), separator),
    }
}

/// Strips the comment mark from the header, if present.
fn uncommented(header: &mut StringRecord) {
    if let Some(first) = header.get(0).and_then(|first| first.strip_prefix('#')) {
        let names = std::iter::once(first.trim_start()).chain(header.iter().skip(1));
        *header = names.collect();
    }
}

/// Returns the separator of a table: the only one that splits the header, or else the only one that splits all
/// rows into equally many cells.
fn separator(path: &Path, body: &str) -> Result<u8, CsvError> {
    let width = |separator| {
        let header = reader(body, separator)
            .headers()
            .map_or(0, StringRecord::len);
        (header > 1).then_some((separator, header))
    };
    let splits: Vec<_> = SEPARATORS.iter().filter_map(|&one| width(one)).collect();
    let alike = |&&(separator, width): &&(u8, usize)| {
        let mut rows = reader(body, separator).into_records();
        rows.all(|row| row.is_ok_and(|row| row.len() == width))
    };
    match *splits {
        [] => Ok(b','),
        [(only, _)] => Ok(only),
        [(one, _), (other, _), ..] => {
            let mut alike = splits.iter().filter(alike);
            match (alike.next(), alike.next()) {
                (Some(&(only, _)), None) => Ok(only),
                _ => Err(CsvError::Separator {
                    path: path.to_owned(),
                    one: one.into(),
                    other: other.into(),
                }),
            }
        }
    }
}

/// Returns the line of a quote that is never closed; the CSV parser would take the rest of the file for its
/// cell.
fn open_quote(mut text: &[u8], separator: u8) -> Option<u64> {
    use csv_core::ReadFieldResult::{Field, OutputFull};
    let mut reader = csv_core::ReaderBuilder::new().delimiter(separator).build();
    let mut cell = [0; 4096];
    let mut last = (1, text);
    while !text.is_empty() {
        let (found, read, _) = reader.read_field(text, &mut cell);
        text = &text[read..];
        if let Field { .. } = found {
            last = (reader.line(), text);
        }
    }
    // A line end ends the cell, unless a quote is open.
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
        let open_quote = |text: &[u8]| super::open_quote(text, b',');
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
        assert_eq!(super::open_quote(b"a;b\n1;\"2\n", b';'), Some(2));
    }

    /// Returns the cells of a file, header first, each followed by a bar; or the error.
    fn lines(bytes: &[u8]) -> Vec<String> {
        match Csv::of(Path::new("file.csv"), bytes.to_vec()) {
            Ok(csv) => {
                let shown =
                    |row: &StringRecord| row.iter().map(|cell| format!("{cell}|")).collect();
                std::iter::once(&csv.header)
                    .chain(&csv.rows)
                    .map(shown)
                    .collect()
            }
            Err(error) => vec![crate::error::chain(&error)],
        }
    }

    #[test]
    fn tables_are_read_however_programs_write_them() {
        let plain = ["beta|days|", "0.1|3|", "0.2|7|"];
        let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let marked = format!("\u{feff}{text}");
            marked.encode_utf16().flat_map(bytes).collect()
        };
        for text in [
            "beta,days\n0.1,3\n0.2,7\n",
            "\u{feff}beta,days\n0.1,3\n0.2,7",
            "beta,days\r\n0.1,3\r\n0.2,7\r\n",
            "beta,days\r0.1,3\r0.2,7\r",
            "\"beta\",\"days\"\n\"0.1\",\"3\"\n0.2,7\n",
            " beta , days \n 0.1 , 3\n0.2 ,7\n",
            "beta;days\n0.1;3\n0.2;7\n",
            "beta\tdays\n0.1\t3\n0.2\t7\n",
            "beta|days\n0.1|3\n0.2|7\n",
            "sep=;\r\nbeta;days\r\n0.1;3\r\n0.2;7\r\n",
            "# written by R on 2026-01-01, in Rome\nbeta,days\n0.1,3\n0.2,7\n",
            "#one\n\n# two\nbeta,days\n\n0.1,3\n,\n0.2,7\n\n",
            "# beta,days\n0.1,3\n0.2,7\n",
            "# a note\n# beta;days\n0.1;3\n0.2;7\n",
        ] {
            assert_eq!(lines(text.as_bytes()), plain, "{text:?}");
        }
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(
                lines(&utf16("beta\tdays\r\n0.1\t3\r\n0.2\t7\r\n", bytes)),
                plain
            );
        }
        // A separator inside quotes, or in one column only, is not a separator.
        assert_eq!(lines(b"a,\"b;c\"\n1,2\n"), ["a|b;c|", "1|2|"]);
        assert_eq!(
            lines(b"a;b, c\n1,5;2\n3;4\n"),
            ["a|b, c|", "1,5|2|", "3|4|"]
        );
        // Columns without names stay where they are.
        assert_eq!(lines(b"a,b,\n1,2,\n3,4\n"), ["a|b||", "1|2||", "3|4||"]);
        assert_eq!(lines(b",a\n0,1\n"), ["|a|", "0|1|"]);
        assert_eq!(lines(b"#,a\n1,5\n"), ["|a|", "1|5|"]);
    }

    #[test]
    fn what_is_no_table_is_named_with_a_way_out() {
        for (text, said) in [
            ("", "empty; expected CSV with a header line"),
            ("\n\n", "empty; expected"),
            ("[{\"a\": 1}]", "is JSON; write the table as CSV or Parquet"),
            (
                "a,b\n1\n",
                "file.csv:2: expected 2 cells, as in the header, found 1",
            ),
            ("a,b\n1,2,\n", "remove the separator at the end of the line"),
            ("a,b\n1,2,3\n", "name every column, including row numbers"),
            (
                "a,b\n1,2\n# end\n",
                "file.csv:3: expected 2 cells, as in the header, found 1; remove comments",
            ),
            ("a\n0,1\n", "found 2; write a decimal point"),
            ("a\n0,1,2\n", "write a decimal point"),
            (
                "a,b;c\n1,2;3\n",
                "\",\" and \";\" could both be the separator",
            ),
            ("# x\n# y\na,b\n1\n", "file.csv:4: expected 2 cells"),
            ("a,\"b\n1,2\n", "file.csv:1: quote is never closed"),
            ("a\0,b\n1,2\n", "is not text; check that"),
        ] {
            let found = lines(text.as_bytes()).concat();
            assert!(found.contains(said), "{text:?}: {found}");
        }
    }
}
