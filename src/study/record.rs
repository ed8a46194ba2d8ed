//! Records: files that are whole, with their sums and sizes.
//!
//! In the format of `sha256sum`, whose comments say the sizes, so that a part can be told to be whole
//! without reading it:
//!
//! ```text
//! # 41231 bytes
//! 9f86d0…  runs/part-000000.parquet
//! ```

use super::part::File;
use super::store::{Store, StoreError};
use crate::output::sha256;
use std::ops::Range;

/// A file that a record names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The name.
    pub name: String,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is not there.
    Missing(String),
    /// It is not what was written: cut short, or changed.
    Altered(String),
    /// It is there but cannot be read; why.
    Unreadable(String, String),
    /// Neighbouring parts have no record: they are still to be done.
    MissingParts(Range<u64>),
    /// It does not belong here.
    Foreign(String),
    /// It is as recorded, yet of another sweep than this other file.
    Contradicted(String, String),
}

impl Problem {
    /// Whether a sweep of the same spec that resumes writes the right file.
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
                    "altered  {file} (with its record; {other} is of another sweep)"
                )
            }
        }
    }
}

/// How closely files are held against their record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Check {
    /// By their sizes.
    #[default]
    Size,
    /// By their sums: every byte is read.
    Full,
}

/// The record of files.
pub fn text(files: &[File]) -> String {
    let entry = |file: &File| entry(&file.name, &file.sha256, file.bytes.len() as u64);
    files.iter().map(entry).collect()
}

/// What a record says of a file.
fn entry(name: &str, sha256: &str, bytes: u64) -> String {
    format!("# {bytes} bytes\n{sha256}  {name}\n")
}

/// The files that a record names; `None` where it is none, or not as this program writes it.
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

/// Puts files, and at last the record that they are whole. `mend` puts them also in the place of
/// others.
///
/// # Errors
/// When a store has other bytes there and that is not to be mended, or cannot be written.
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

/// Puts an object; `mend` also in the place of another.
fn put(store: &dyn Store, name: &str, bytes: &[u8], mend: bool) -> Result<(), StoreError> {
    match store.put(name, bytes) {
        // What is there and cannot even be read is replaced as well.
        Err(StoreError::Differs { .. } | StoreError::Read { .. }) if mend => {
            store.replace(name, bytes)
        }
        done => done,
    }
}

/// What is wrong with recorded files, which must be `files`; nothing when all are whole.
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

/// What is wrong with a recorded file.
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

/// That a file cannot be read, and why.
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
