//! Reads and writes records: the checksums and sizes of complete files.
//!
//! The format is that of `sha256sum`, with sizes in comments, so that a part can be checked without reading it:
//!
//! ```text
//! # 41231 bytes
//! 9f86d0…  runs/part-000000.parquet
//! ```

use super::file::File;
use super::store::{Store, StoreError};
use crate::output::sha256;
use std::ops::Range;

/// A file in a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Name.
    pub name: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// Fault of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The file is missing.
    Missing(String),
    /// The file differs from what was written: truncated or changed.
    Altered(String),
    /// The file exists but cannot be read, with the reason.
    Unreadable(String, String),
    /// Consecutive parts have no record: they are still to be simulated.
    MissingParts(Range<u64>),
    /// The file does not belong to the dataset.
    Foreign(String),
    /// The file matches its record, but belongs to another sweep than the second file.
    Contradicted(String, String),
}

impl Problem {
    /// Returns true if resuming the same spec rewrites the file.
    pub fn is_mendable(&self) -> bool {
        match self {
            Self::Missing(_) | Self::Altered(_) | Self::MissingParts(_) => true,
            Self::Unreadable(..) | Self::Foreign(_) | Self::Contradicted(..) => false,
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(file) => write!(f, "missing  {file}"),
            Self::Altered(file) => write!(f, "altered  {file}"),
            Self::Unreadable(file, why) => write!(f, "unreadable  {file} ({why})"),
            Self::MissingParts(parts) => match parts.end - parts.start {
                1 => write!(f, "missing  part {}", parts.start),
                count => write!(
                    f,
                    "missing  parts {} to {} ({count} parts)",
                    parts.start,
                    parts.end - 1
                ),
            },
            Self::Foreign(file) => write!(f, "foreign  {file}"),
            Self::Contradicted(file, other) => {
                write!(
                    f,
                    "altered  {file} (with its record; {other} belongs to another sweep)"
                )
            }
        }
    }
}

/// How files are compared with their record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Check {
    /// By size.
    #[default]
    Size,
    /// By checksum: every byte is read.
    Full,
}

/// Formats the record of files.
pub fn text(files: &[File]) -> String {
    let entry = |file: &File| entry(&file.name, &file.sha256, file.bytes.len() as u64);
    files.iter().map(entry).collect()
}

/// Formats the entry of a file.
fn entry(name: &str, sha256: &str, bytes: u64) -> String {
    format!("# {bytes} bytes\n{sha256}  {name}\n")
}

/// Parses the files in a record; `None` if it is malformed, or not as this program writes it.
pub fn parse(text: &[u8]) -> Option<Vec<Recorded>> {
    let text = std::str::from_utf8(text).ok()?;
    let mut lines = text.lines();
    let mut files = Vec::new();
    while let Some(line) = lines.next() {
        let bytes = line.strip_prefix("# ")?.strip_suffix(" bytes")?;
        let (sha256, name) = lines.next()?.split_once("  ")?;
        files.push(Recorded {
            name: name.to_owned(),
            sha256: sha256.to_owned(),
            bytes: bytes.parse().ok()?,
        });
    }
    let entries = files
        .iter()
        .map(|file| entry(&file.name, &file.sha256, file.bytes));
    let is_as_written = entries.collect::<String>() == text;
    is_as_written.then_some(files)
}

/// Writes files, then the record that marks them as complete. With `mend`, overwrites differing files.
///
/// # Errors
/// When a store has a different object and `mend` is false, or cannot be written.
pub fn commit(
    store: &dyn Store,
    record: &str,
    files: &[File],
    mend: bool,
) -> Result<(), StoreError> {
    for file in files {
        put(store, &file.name, &file.bytes, mend)?;
    }
    put(store, record, text(files).as_bytes(), mend)
}

/// Writes an object; with `mend`, overwrites a differing one.
fn put(store: &dyn Store, name: &str, bytes: &[u8], mend: bool) -> Result<(), StoreError> {
    match store.put(name, bytes) {
        // Unreadable objects are overwritten as well.
        Err(StoreError::Differs { .. } | StoreError::Read { .. }) if mend => {
            store.replace(name, bytes)
        }
        done => done,
    }
}

/// Returns the faults of the recorded files, which must be `files`; empty if all are complete.
pub fn check(store: &dyn Store, record: &str, files: &[String], check: Check) -> Vec<Problem> {
    let recorded = match store.get(record) {
        Ok(Some(text)) => parse(&text),
        Ok(None) => return vec![Problem::Missing(record.to_owned())],
        Err(error) => return vec![unreadable(record, error)],
    };
    let recorded = recorded.filter(|recorded| recorded.iter().map(|of| &of.name).eq(files));
    let Some(recorded) = recorded else {
        return vec![Problem::Altered(record.to_owned())];
    };
    let wrong = recorded.iter().filter_map(|of| wrong(store, of, check));
    wrong.collect()
}

/// Returns the fault of a recorded file.
fn wrong(store: &dyn Store, of: &Recorded, check: Check) -> Option<Problem> {
    let name = of.name.clone();
    match store.size(&name) {
        Err(error) => return Some(unreadable(&name, error)),
        Ok(None) => return Some(Problem::Missing(name)),
        Ok(Some(bytes)) if bytes != of.bytes => return Some(Problem::Altered(name)),
        Ok(Some(_)) if check == Check::Size => return None,
        Ok(Some(_)) => {}
    }
    match store.get(&name) {
        Err(error) => Some(unreadable(&name, error)),
        Ok(None) => Some(Problem::Missing(name)),
        Ok(Some(bytes)) => (sha256(&bytes) != of.sha256).then_some(Problem::Altered(name)),
    }
}

/// Builds the fault of an unreadable file.
pub(super) fn unreadable(name: &str, error: StoreError) -> Problem {
    let why = match error {
        StoreError::Read { source, .. } | StoreError::Write { source, .. } => source.to_string(),
        StoreError::Differs { .. } | StoreError::Place { .. } | StoreError::Gone { .. } => {
            error.to_string()
        }
    };
    Problem::Unreadable(name.to_owned(), why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_as_written() {
        let files = ["runs/a", "days/a"].map(|name| File::new(name.to_owned(), name.into()));
        let parsed = parse(text(&files).as_bytes()).unwrap();
        for (of, file) in parsed.iter().zip(&files) {
            assert_eq!((&of.name, &of.sha256), (&file.name, &file.sha256));
            assert_eq!(of.bytes, 6);
        }
        for text in [
            "nonsense\n",
            "# 3 bytes\n",
            "# x bytes\nab  c\n",
            "# +3 bytes\nab  c\n",
            "# 3 bytes\r\nab  c\n",
            "# 3 bytes\nab  c",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
