//! Batches to Parquet files.
//!
//! Snappy, no dictionaries for reals, which hardly repeat, and counts as differences: the fastest of
//! all that was measured, since computing a run takes little more time than writing its days. zstd
//! would take a tenth to a sixth less room. Bytes and microseconds per run of 100 days, by
//! `cargo bench --bench writing` on two cores of an AMD EPYC (Zen 4):
//!
//! | writer | `runs` | `days` | `proposals` |
//! |---|---|---|---|
//! | uncompressed | 234 B, 1.1 µs | 12,520 B, 104 µs | 4,267 B, 31 µs |
//! | snappy | 224 B, 1.1 µs | 12,037 B, 113 µs | 3,940 B, 32 µs |
//! | zstd 1 | 207 B, 2.8 µs | 11,170 B, 115 µs | 3,626 B, 37 µs |
//! | uncompressed, reals without dictionary | 279 B, 0.6 µs | 21,530 B, 33 µs | 6,406 B, 17 µs |
//! | snappy, reals without dictionary | 201 B, 0.8 µs | 11,340 B, 35 µs | 3,494 B, 20 µs |
//! | **snappy, besides counts as differences** | 192 B, 0.7 µs | 11,323 B, 32 µs | 3,481 B, 18 µs |
//! | zstd 1, reals without dictionary | 179 B, 1.5 µs | 9,352 B, 59 µs | 3,124 B, 25 µs |
//! | zstd 1, besides counts as differences | 175 B, 1.6 µs | 9,346 B, 54 µs | 3,121 B, 24 µs |
//! | zstd 1, reals byte-stream-split | 184 B, 1.9 µs | 11,074 B, 69 µs | 3,262 B, 30 µs |

use super::file::{OutputError, WholeFile, Written};
use super::metadata::Metadata;
use super::rows::{Column, Kind, arrow_schema};
use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Rows per row group: a query for one point reads few of them, and what is held in memory stays
/// small. Smaller groups take more room, larger ones hardly less (same command and machine as above).
const ROWS_PER_GROUP: usize = 1 << 16;

/// Writes batches of one table to Parquet. Holds one row group, encoded, in memory, besides what it
/// writes to.
pub struct TableWriter<W: Write + Send>(ArrowWriter<W>);

impl<W: Write + Send> TableWriter<W> {
    /// Begins a table of these columns.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn new(to: W, columns: &[Column], metadata: &Metadata) -> Result<Self, ParquetError> {
        let metadata = metadata
            .iter()
            .map(|(key, value)| KeyValue::new(key.clone(), value.clone()))
            .collect();
        let builder = columns
            .iter()
            .fold(WriterProperties::builder(), |builder, column| {
                // Names may hold a dot, which is no path.
                let path = ColumnPath::new(vec![column.name.clone()]);
                match column.kind {
                    Kind::F64 => builder.set_column_dictionary_enabled(path, false),
                    Kind::I32 | Kind::I64 => builder
                        .set_column_dictionary_enabled(path.clone(), false)
                        .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
                    Kind::Bool | Kind::Text => builder,
                }
            });
        let properties = builder
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(metadata))
            .build();
        ArrowWriter::try_new(to, arrow_schema(columns), Some(properties)).map(Self)
    }

    /// Adds rows.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        self.0.write(batch)
    }

    /// Ends the table; gives what it was written to.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<W, ParquetError> {
        self.0.into_inner()
    }
}

/// A table written to a file that takes its name only when whole.
pub struct TableFile {
    path: PathBuf,
    writer: TableWriter<WholeFile>,
}

impl TableFile {
    /// Begins a file of these columns.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(
        path: &Path,
        columns: &[Column],
        metadata: &Metadata,
    ) -> Result<Self, OutputError> {
        let writer = TableWriter::new(WholeFile::create(path)?, columns, metadata);
        Ok(Self {
            path: path.to_owned(),
            writer: writer.map_err(|source| refused(path, source))?,
        })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<(), OutputError> {
        let path = &self.path;
        self.writer
            .write(rows)
            .map_err(|source| refused(path, source))
    }

    /// Ends the file, and gives it its name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn publish(self) -> Result<Written, OutputError> {
        let path = &self.path;
        let file = self
            .writer
            .finish()
            .map_err(|source| refused(path, source))?;
        file.publish()
    }
}

fn refused(path: &Path, source: ParquetError) -> OutputError {
    OutputError::Parquet {
        path: path.to_owned(),
        source,
    }
}
