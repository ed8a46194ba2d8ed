//! Verifies a dataset: every file against its checksum, the manifest against the files.

use super::dataset::{DatasetError, read};
use super::manifest::{
    MANIFEST, MANIFEST_RECORD, Manifest, POINTS_RECORD, RECORDS, own_name, part_file, part_of,
    part_record, spec_entry,
};
use super::origin::{entry_of, footer};
use super::record::{Check, Problem, check, unreadable};
use super::store::{Entry, Store, StoreError};
use super::tables::POINTS;
use crate::output::sha256;
use rayon::prelude::*;

/// Findings of a verification.
#[derive(Clone, Debug)]
pub struct Verification {
    /// Number of parts checked.
    pub parts: u64,
    /// Faults; empty if the dataset is complete.
    pub problems: Vec<Problem>,
    /// Remarks that are not faults.
    pub notices: Vec<String>,
}

/// Checks an entire dataset; continues past faults.
///
/// # Errors
/// When the dataset does not exist, or its folders cannot be read.
pub fn verify(store: &dyn Store) -> Result<Verification, DatasetError> {
    let mut problems = check(store, MANIFEST_RECORD, &[MANIFEST.to_owned()], Check::Full);
    problems.extend(check(
        store,
        POINTS_RECORD,
        &[POINTS.to_owned()],
        Check::Full,
    ));
    let recorded = recorded_parts(store)?;
    let manifest = match read(store) {
        Err(error) if recorded.is_empty() => return Err(error),
        Err(_) => {
            let name = MANIFEST.to_owned();
            let problem = match store.size(MANIFEST) {
                Ok(None) => Problem::Missing(name),
                _ => Problem::Altered(name),
            };
            note(&mut problems, problem, MANIFEST);
            None
        }
        Ok((text, manifest)) => {
            if problems.is_empty() {
                problems.extend(contradiction(store, &text, &manifest));
            }
            Some(manifest)
        }
    };
    // Numbers of an altered manifest are not trusted.
    let sound = manifest.as_ref().filter(|_| problems.is_empty());
    let parts = sound.map_or(u64::MAX, |manifest| manifest.parts);
    let tables = match &manifest {
        Some(manifest) => manifest.tables.clone(),
        None => tables_there(store)?,
    };
    let there: Vec<_> = recorded.into_iter().filter(|part| *part < parts).collect();
    if sound.is_some() {
        problems.extend(missing(&there, parts));
    }
    let found: Vec<_> = there
        .par_iter()
        .map(|&part| {
            let files: Vec<_> = tables.iter().map(|table| part_file(table, part)).collect();
            check(store, &part_record(part), &files, Check::Full)
        })
        .collect();
    problems.extend(found.into_iter().flatten());

    let mut notices = Vec::new();
    for entry in strangers(store, &tables, parts)? {
        let is_known = DESCRIPTIONS.contains(&&*entry.name)
            || MARKS
                .iter()
                .any(|mark| own_name(&entry.name).starts_with(mark))
            || (entry.is_folder && entry.name == "metadata");
        if is_known {
            notices.push(format!(
                "{} is not part of the dataset; this program and readers of tables ignore it",
                entry.name
            ));
        } else {
            problems.push(Problem::Foreign(entry.name));
        }
    }
    let unfinished = store.unfinished()?.len();
    if unfinished > 0 {
        notices.push(format!(
            "{unfinished} temporary files; --clean removes those whose writers no longer hold a lock on them. \
             If the file system lacks locks, remove them by hand while no sweep runs"
        ));
    }
    Ok(Verification {
        parts: there.len() as u64,
        problems,
        notices,
    })
}

/// Prefixes of files that table formats add to data, and that readers of whole folders ignore.
const MARKS: [&str; 2] = ["_", "."];

/// Files that usually describe a dataset.
const DESCRIPTIONS: [&str; 2] = ["README.md", "croissant.json"];

/// Lists foreign files that a reader of a table's whole folder would take for parts of it.
///
/// # Errors
/// When a folder cannot be read.
pub fn false_parts(store: &dyn Store, manifest: &Manifest) -> Result<Vec<String>, StoreError> {
    let mut found = strangers(store, &manifest.tables, manifest.parts)?;
    found.retain(|entry| {
        let own = own_name(&entry.name);
        let is_read = own.ends_with(".parquet") && !MARKS.iter().any(|mark| own.starts_with(mark));
        is_read && entry.name != own
    });
    Ok(found.into_iter().map(|entry| entry.name).collect())
}

/// Adds a fault of a file, unless one is already known.
fn note(problems: &mut Vec<Problem>, problem: Problem, file: &str) {
    let is_known = problems.iter().any(|known| match known {
        Problem::Missing(name) | Problem::Altered(name) | Problem::Unreadable(name, _) => {
            name == file
        }
        Problem::MissingParts(_) | Problem::Foreign(_) | Problem::Contradicted(..) => false,
    });
    if !is_known {
        problems.push(problem);
    }
}

/// Returns a fault if the manifest and the table of points, each as recorded, belong to different sweeps.
fn contradiction(store: &dyn Store, text: &str, manifest: &Manifest) -> Option<Problem> {
    let bytes = match store.get(POINTS) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Some(Problem::Missing(POINTS.to_owned())),
        Err(error) => return Some(unreadable(POINTS, error)),
    };
    if sha256(&bytes) != manifest.points_sha256 {
        return Some(Problem::Altered(POINTS.to_owned()));
    }
    let footer = footer(bytes);
    let spec = footer
        .as_ref()
        .and_then(|footer| entry_of(footer, "conviction.spec"));
    let is_said = spec.is_some_and(|spec| text.contains(&spec_entry(spec)));
    (!is_said).then(|| Problem::Contradicted(MANIFEST.to_owned(), POINTS.to_owned()))
}

/// Lists the parts that have a record, in order.
fn recorded_parts(store: &dyn Store) -> Result<Vec<u64>, StoreError> {
    let records = store.list(RECORDS)?;
    let mut parts: Vec<_> = records
        .iter()
        .filter_map(|entry| part_of(&entry.name, ".sha256"))
        .collect();
    parts.sort_unstable();
    Ok(parts)
}

/// Lists the parts without a record, in ranges.
fn missing(recorded: &[u64], parts: u64) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut next = 0;
    for part in recorded.iter().copied().chain([parts]) {
        if next < part {
            problems.push(Problem::MissingParts(next..part));
        }
        next = part + 1;
    }
    problems
}

/// Lists the folders that contain parts.
fn tables_there(store: &dyn Store) -> Result<Vec<String>, StoreError> {
    let mut tables = Vec::new();
    for folder in store.list("")?.into_iter().filter(|entry| entry.is_folder) {
        let entries = store.list(&folder.name)?;
        let holds_parts = |entry: &Entry| part_of(&entry.name, ".parquet").is_some();
        if folder.name != RECORDS && entries.iter().any(holds_parts) {
            tables.push(folder.name);
        }
    }
    Ok(tables)
}

/// Lists the entries that do not belong to a dataset of these tables and parts.
fn strangers(store: &dyn Store, tables: &[String], parts: u64) -> Result<Vec<Entry>, StoreError> {
    let is_folder = |name: &str| name == RECORDS || tables.iter().any(|table| table == name);
    // In an object store, a folder may have the name of a file.
    let is_part = |entry: &Entry, end| {
        !entry.is_folder && part_of(&entry.name, end).is_some_and(|part| part < parts)
    };
    let mut strangers = store.list("")?;
    strangers.retain(|entry| match entry.is_folder {
        true => !is_folder(&entry.name),
        false => ![MANIFEST, POINTS].contains(&&*entry.name),
    });
    for table in tables {
        let entries = store.list(table)?.into_iter();
        strangers.extend(entries.filter(|entry| !is_part(entry, ".parquet")));
    }
    let records = store.list(RECORDS)?.into_iter().filter(|entry| {
        let is_record = [MANIFEST_RECORD, POINTS_RECORD].contains(&&*entry.name);
        (entry.is_folder || !is_record) && !is_part(entry, ".sha256")
    });
    strangers.extend(records);
    Ok(strangers)
}
