//! Reads a table of a dataset, part by part, from any store.

use super::manifest::{Manifest, part_file, part_record};
use super::record;
use super::store::Store;
use crate::error::chain;
use crate::input::guarded;
use crate::output::sha256;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::sync::Arc;
use std::vec::IntoIter;

/// Rows of a table, in the order of their runs. Holds one part in memory, after checking its checksum.
pub struct TableReader {
    store: Arc<dyn Store>,
    /// Files, each with the record of its checksum.
    files: IntoIter<(String, String)>,
    schema: SchemaRef,
    part: Option<ParquetRecordBatchReader>,
}

impl TableReader {
    /// Opens a table, by the name of its folder.
    ///
    /// # Errors
    /// When the dataset lacks the table, or its first part cannot be read.
    pub fn new(
        store: Arc<dyn Store>,
        manifest: &Manifest,
        table: &str,
    ) -> Result<Self, ArrowError> {
        if !manifest.tables.iter().any(|name| name == table) {
            return Err(invalid(format!(
                "the dataset has no table {table}; it has {}",
                manifest.tables.join(", ")
            )));
        }
        let files: Vec<_> = (0..manifest.parts)
            .map(|part| (part_file(table, part), part_record(part)))
            .collect();
        Self::of_files(store, files)
    }

    /// Opens the table of points.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn points(store: Arc<dyn Store>) -> Result<Self, ArrowError> {
        let (file, of) = (super::tables::POINTS, super::manifest::POINTS_RECORD);
        Self::of_files(store, vec![(file.to_owned(), of.to_owned())])
    }

    fn of_files(store: Arc<dyn Store>, files: Vec<(String, String)>) -> Result<Self, ArrowError> {
        let mut files = files.into_iter();
        let Some((file, of)) = files.next() else {
            return Err(invalid(format!("{}: no parts", store.place())));
        };
        let part = open(&*store, &file, &of)?;
        Ok(Self {
            schema: part.schema(),
            part: Some(part),
            files,
            store,
        })
    }

    /// Returns the next rows of the current part.
    fn rows(&mut self) -> Option<Result<RecordBatch, ArrowError>> {
        let part = self.part.as_mut()?;
        let rows = guarded(|| part.next()).unwrap_or_else(|found| Some(Err(invalid(found))))?;
        // Metadata differ in order between files, and are not part of the rows' type.
        Some(rows.and_then(|rows| rows.with_schema(self.schema.clone())))
    }
}

impl Iterator for TableReader {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let next = match self.rows() {
                Some(rows) => rows,
                None => {
                    let (file, of) = self.files.next()?;
                    match open(&*self.store, &file, &of) {
                        Ok(part) => {
                            self.part = Some(part);
                            continue;
                        }
                        Err(error) => Err(error),
                    }
                }
            };
            if next.is_err() {
                self.files = Vec::new().into_iter();
                self.part = None;
            }
            return Some(next);
        }
    }
}

impl RecordBatchReader for TableReader {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// Reads a file into memory, checks its checksum, and begins to decode it.
fn open(store: &dyn Store, file: &str, of: &str) -> Result<ParquetRecordBatchReader, ArrowError> {
    let get = |name: &str| match store.get(name) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(invalid(format!(
            "{}/{name}: missing; resume the sweep",
            store.place()
        ))),
        Err(error) => Err(invalid(chain(&error))),
    };
    let recorded = record::parse(&get(of)?).unwrap_or_default();
    let bytes = get(file)?;
    let is_whole =
        |recorded: &record::Recorded| recorded.name == file && recorded.sha256 == sha256(&bytes);
    if !recorded.iter().any(is_whole) {
        return Err(invalid(format!(
            "{}/{file}: differs from what was written; `conviction verify` lists all faults",
            store.place()
        )));
    }
    let begin = || ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes))?.build();
    guarded(begin)
        .map_err(|found| damaged(store, file, &found))?
        .map_err(|error| damaged(store, file, &error))
}

fn damaged(store: &dyn Store, file: &str, found: &dyn std::fmt::Display) -> ArrowError {
    invalid(format!(
        "{}/{file}: cannot be decoded: {found}; another program wrote it",
        store.place()
    ))
}

fn invalid(message: String) -> ArrowError {
    ArrowError::InvalidArgumentError(message)
}
