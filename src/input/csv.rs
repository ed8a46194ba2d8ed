//! CSV with a header line, in the forms that programs and spreadsheets write: separated by commas, semicolons,
//! tabs or bars, with comments above the header, with unnamed columns.

use super::file::{FileError, MOST_ROWS, MOST_TABLE, NOT_TEXT, read, text};
use super::form::{self, PARQUET};
use csv::StringRecord;
use std::path::{Path, PathBuf};

/// A CSV file, whole in memory, without the spaces around its cells. Each row has a cell for each column.
pub struct Csv {
    /// The names of the columns.
    pub header: StringRecord,
    /// The rows, but those without any value.
    pub rows: Vec<StringRecord>,
    /// Lines above the header.
    above: u64,
}

/// Why a CSV file cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// It is missing, or no plain text.
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
    /// Two separators split its header, and its rows do not tell which is meant.
    #[error(
        "{path}: \"{one}\" and \"{other}\" could both separate its columns; put the cells that hold one of them in quotes"
    )]
    Separator {
        /// The file.
        path: PathBuf,
        /// A separator.
        one: char,
        /// Another.
        other: char,
    },
    /// A row has more cells than there are columns, or fewer.
    #[error("{path}:{line}: expected {expected} cells, as in the header, found {found}; {fix}")]
    Width {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The columns of the header.
        expected: usize,
        /// The cells of the row.
        found: usize,
        /// What to do.
        fix: &'static str,
    },
    /// It has no header.
    #[error("{path}: is empty; expected CSV with a header line")]
    Empty {
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
    let bytes = read(path, MOST_TABLE)?;
    if bytes.starts_with(PARQUET) {
        let (name, fix) = ("Parquet", "expected CSV");
        return Err(FileError::form(path, form::Form { name, fix }).into());
    }
    Csv::of(path, bytes)
}

/// What may separate cells.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

impl Csv {
    /// Reads the bytes of a CSV file; `path` names it in errors.
    ///
    /// # Errors
    /// When they are broken.
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

    /// The line of a row, from 1.
    pub fn line(&self, row: &StringRecord) -> u64 {
        self.above + row.position().map_or(0, csv::Position::line)
    }

    /// The cells of a column.
    pub fn cells(&self, column: usize) -> impl Iterator<Item = &str> + Clone {
        self.rows.iter().map(move |row| &row[column])
    }

    /// Gives each row a cell for each column: an unnamed column at the end may be left out.
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
        "take comments below the header out"
    } else if row.len() == columns + 1 && last == Some("") {
        "take the separator at the end of the line out"
    } else if columns == 1 {
        "write a decimal point, not a comma, or name every column"
    } else if row.len() == columns + 1 {
        "name every column, also that of row numbers, or put a cell that holds the separator in quotes"
    } else {
        "give it the columns of the header"
    }
}

fn reader(body: &str, separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .delimiter(separator)
        .flexible(true)
        .from_reader(body.as_bytes())
}

/// The text from the header on, the number of lines above it, and the separator that a line above names, as
/// Excel writes it: `sep=;`.
fn body(text: &str) -> (u64, &str, Option<u8>) {
    let (mut above, mut rest, mut separator) = (0, text, None);
    // Where the last line above begins, if it is a comment.
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
    // What stands above numbers is no comment, but the header.
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

/// Takes the mark of comments off a header that has one.
fn uncommented(header: &mut StringRecord) {
    if let Some(first) = header.get(0).and_then(|first| first.strip_prefix('#')) {
        let names = std::iter::once(first.trim_start()).chain(header.iter().skip(1));
        *header = names.collect();
    }
}

/// The separator of a table: the only one that splits its header, or else the only one that splits all rows
/// alike.
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

/// The line of a quote that is never closed: the reader of rows takes the rest of the file for its cell.
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

    /// The cells of a file, header first, each with a bar behind it, or what is wrong.
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
        // A separator within quotes, or in one column only, is none.
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
            ("", "is empty; expected CSV with a header line"),
            ("\n\n", "is empty"),
            ("[{\"a\": 1}]", "is JSON; write the table as CSV or Parquet"),
            (
                "a,b\n1\n",
                "file.csv:2: expected 2 cells, as in the header, found 1",
            ),
            (
                "a,b\n1,2,\n",
                "take the separator at the end of the line out",
            ),
            (
                "a,b\n1,2,3\n",
                "name every column, also that of row numbers",
            ),
            (
                "a,b\n1,2\n# end\n",
                "file.csv:3: expected 2 cells, as in the header, found 1; take comments",
            ),
            ("a\n0,1\n", "found 2; write a decimal point"),
            ("a\n0,1,2\n", "write a decimal point"),
            (
                "a,b;c\n1,2;3\n",
                "\",\" and \";\" could both separate its columns",
            ),
            ("# x\n# y\na,b\n1\n", "file.csv:4: expected 2 cells"),
            ("a,\"b\n1,2\n", "file.csv:1: a quote opens here"),
            ("a\0,b\n1,2\n", "is not text; see that"),
        ] {
            let found = lines(text.as_bytes()).concat();
            assert!(found.contains(said), "{text:?}: {found}");
        }
    }
}
