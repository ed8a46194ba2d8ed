//! Identifies the sweep of a dataset's files, if the manifest is lost or damaged.

use super::file::File;
use super::manifest::{POINTS_RECORD, part_file, part_of};
use super::plan::Plan;
use super::record;
use super::store::Store;
use super::tables::{POINTS, folder};
use crate::input::guarded;
use bytes::Bytes;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::slice;

/// Returns true if the files in a store belong to a plan's sweep. A readable part decides; otherwise the table
/// of points or its record.
pub fn is_of(store: &dyn Store, plan: &Plan, points: &File) -> bool {
    parts_say(store, plan).unwrap_or_else(|| points_say(store, points))
}

/// Compares the first readable part with the plan's part: spec, columns and number of runs.
fn parts_say(store: &dyn Store, plan: &Plan) -> Option<bool> {
    let table = plan.spec.output.tables.first()?;
    let entries = store.list(folder(table)).ok()?;
    let mut parts = entries.iter().filter_map(|entry| {
        let part = part_of(&entry.name, ".parquet")?;
        let bytes = store.get(&part_file(folder(table), part)).ok()??;
        let footer = footer(bytes)?;
        let runs = plan.part_runs(part);
        let found = footer.file_metadata().schema_descr().columns().iter();
        let columns = plan.spec.columns_of(table);
        let has_columns = found
            .map(|column| column.name())
            .eq(columns.iter().map(|column| &*column.name));
        let has_runs =
            u64::try_from(footer.file_metadata().num_rows()) == Ok(runs.end - runs.start);
        let said = plan.metadata();
        let says = |(key, value): &(String, String)| entry_of(&footer, key) == Some(value);
        Some(said.iter().all(says) && has_columns && has_runs)
    });
    parts.next()
}

fn points_say(store: &dyn Store, points: &File) -> bool {
    let is =
        |name: &str, bytes: &[u8]| matches!(store.get(name), Ok(Some(found)) if found == bytes);
    let record = record::text(slice::from_ref(points));
    is(POINTS, &points.bytes) || is(POINTS_RECORD, record.as_bytes())
}

/// Reads the metadata of a Parquet file; `None` if it cannot be read.
pub(super) fn footer(bytes: Vec<u8>) -> Option<ParquetMetaData> {
    let reader = guarded(|| SerializedFileReader::new(Bytes::from(bytes)));
    Some(reader.ok()?.ok()?.metadata().clone())
}

/// Returns the entry of a Parquet file's metadata with this key.
pub(super) fn entry_of<'a>(footer: &'a ParquetMetaData, key: &str) -> Option<&'a String> {
    let entries = footer.file_metadata().key_value_metadata()?;
    entries
        .iter()
        .find(|entry| entry.key == key)?
        .value
        .as_ref()
}
