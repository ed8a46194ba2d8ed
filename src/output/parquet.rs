//! Batches to Parquet files.

use super::file::{OutputError, WholeFile, Written};
use super::rows::{Column, Columns, arrow_schema};
use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::path::{Path, PathBuf};

/// What every file says of itself, in the order written.
pub type Metadata = Vec<(String, String)>;

/// Rows per row group: a query for one point reads one or two, and a group fits a processor's cache
/// a few times over.
const ROWS_PER_GROUP: usize = 1 << 16;

/// Writes batches of one table to a file that takes its name only when whole. Holds one row group,
/// encoded, in memory.
pub struct TableWriter {
    path: PathBuf,
    writer: ArrowWriter<WholeFile>,
}

impl TableWriter {
    /// Begins a file of these columns.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(
        path: &Path,
        columns: &[Column],
        metadata: &Metadata,
    ) -> Result<Self, OutputError> {
        let metadata = metadata
            .iter()
            .map(|(key, value)| KeyValue::new(key.clone(), value.clone()))
            .collect();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).expect("a level")))
            .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(metadata))
            .build();
        let file = WholeFile::create(path)?;
        let writer = ArrowWriter::try_new(file, arrow_schema(columns), Some(properties))
            .map_err(|source| parquet_error(path, source))?;
        Ok(Self {
            path: path.to_owned(),
            writer,
        })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        self.writer
            .write(batch)
            .map_err(|source| parquet_error(&self.path, source))
    }

    /// Ends the file, all on the disk but not yet under its name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<WholeFile, OutputError> {
        let mut file = self
            .writer
            .into_inner()
            .map_err(|source| parquet_error(&self.path, source))?;
        file.sync()?;
        Ok(file)
    }

    /// Writes a whole table.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_table<C: Columns>(
        path: &Path,
        rows: C,
        metadata: &Metadata,
    ) -> Result<Written, OutputError> {
        let mut writer = Self::create(path, &C::columns(), metadata)?;
        writer.write(&rows.batch())?;
        writer.finish()?.publish()
    }
}

fn parquet_error(path: &Path, source: parquet::errors::ParquetError) -> OutputError {
    OutputError::Parquet {
        path: path.to_owned(),
        source,
    }
}
