//! Batches to Parquet files.
//!
//! zstd at level 1, and no dictionaries for reals, which hardly repeat: smallest of all that was
//! measured, and faster than any with dictionaries. Bytes and microseconds per run of 100 days, by
//! `cargo bench --bench writing` on two cores of an AMD EPYC (Zen 4):
//!
//! | writer | `runs` | `days` | `proposals` |
//! |---|---|---|---|
//! | uncompressed | 235 B, 1.2 µs | 12,533 B, 120 µs | 4,269 B, 37 µs |
//! | snappy | 226 B, 1.3 µs | 12,047 B, 124 µs | 3,942 B, 41 µs |
//! | zstd 1 | 207 B, 2.4 µs | 11,187 B, 141 µs | 3,629 B, 47 µs |
//! | zstd 3 | 207 B, 3.5 µs | 11,096 B, 160 µs | 3,619 B, 52 µs |
//! | **zstd 1, reals without dictionary** | 179 B, 2.2 µs | 9,374 B, 63 µs | 3,125 B, 32 µs |
//! | zstd 1, reals byte-stream-split | 184 B, 1.6 µs | 11,093 B, 70 µs | 3,262 B, 36 µs |
//! | zstd 3, reals byte-stream-split | 184 B, 2.6 µs | 10,614 B, 119 µs | 3,297 B, 49 µs |

use super::file::{OutputError, WholeFile, Written};
use super::rows::{Column, Columns, Kind, arrow_schema};
use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::path::{Path, PathBuf};

/// What every file says of itself, in the order written.
pub type Metadata = Vec<(String, String)>;

/// Rows per row group: a query for one point reads few of them, and what is held in memory stays
/// small. Of `days`, groups of 8,192 rows take 9,660 bytes and 70 µs per run, of 65,536 9,407 and 63,
/// of 1,048,576 9,374 and 62 (same command and machine as above).
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
        let reals = columns.iter().filter(|column| column.kind == Kind::F64);
        let builder = reals.fold(WriterProperties::builder(), |builder, column| {
            // Names may hold a dot, which is no path.
            let path = ColumnPath::new(vec![column.name.clone()]);
            builder.set_column_dictionary_enabled(path, false)
        });
        let properties = builder
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
