//! Writes batches to Parquet files.
//!
//! Uses Snappy, no dictionaries for reals, which rarely repeat, and delta encoding for counts. That is the
//! fastest of all measured settings; computing a run takes little more time than writing its days. zstd would
//! save a tenth to a sixth of the space. Bytes and microseconds per run of 100 days, by `cargo bench --bench
//! writing` on two cores of an AMD EPYC (Zen 4):
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

use super::file::{OutputError, WholeFile};
use super::metadata::Metadata;
use super::rows::{Column, Kind, arrow_schema};
use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Column by which the tables of sweeps are sorted.
const RUN: &str = "run";

/// Rows per row group: a query for one point reads few of them, and the writer holds little in memory. Smaller
/// groups take more space, larger ones barely less (same command and machine as above).
const ROWS_PER_GROUP: usize = 1 << 16;

/// Writes batches of one table to Parquet. Holds one encoded row group in memory.
pub struct TableWriter<W: Write + Send>(ArrowWriter<W>);

impl<W: Write + Send> TableWriter<W> {
    /// Begins a table with these columns.
    ///
    /// # Errors
    /// When the target cannot be written to.
    pub fn new(to: W, columns: &[Column], metadata: &Metadata) -> Result<Self, ParquetError> {
        let metadata = metadata
            .iter()
            .map(|(key, value)| KeyValue::new(key.clone(), value.clone()))
            .collect();
        let builder = columns
            .iter()
            .fold(WriterProperties::builder(), |builder, column| {
                // A dot in a name does not separate a path.
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
            // Of every page, in the index at the end of the file: readers skip pages without their runs.
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_sorting_columns(order_of(columns))
            .set_key_value_metadata(Some(metadata))
            .build();
        ArrowWriter::try_new(to, arrow_schema(columns), Some(properties)).map(Self)
    }

    /// Adds rows.
    ///
    /// # Errors
    /// When the rows cannot be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        self.0.write(batch)
    }

    /// Ends the table and returns the target.
    ///
    /// # Errors
    /// When the target cannot be written to.
    pub fn finish(self) -> Result<W, ParquetError> {
        self.0.into_inner()
    }
}

/// Returns the sort order of a table whose first column is the run.
fn order_of(columns: &[Column]) -> Option<Vec<SortingColumn>> {
    let is_by_run = columns.first().is_some_and(|column| column.name == RUN);
    is_by_run.then(|| {
        vec![SortingColumn {
            column_idx: 0,
            descending: false,
            nulls_first: false,
        }]
    })
}

/// A table in a file that is renamed to its final name once complete.
pub struct TableFile {
    path: PathBuf,
    writer: TableWriter<WholeFile>,
}

impl TableFile {
    /// Creates a file with these columns.
    ///
    /// # Errors
    /// When the file cannot be created.
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
    /// When the rows cannot be written.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<(), OutputError> {
        let path = &self.path;
        self.writer
            .write(rows)
            .map_err(|source| refused(path, source))
    }

    /// Ends the file and renames it to its final name.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn publish(self) -> Result<(), OutputError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{Cell, batch};
    use bytes::Bytes;
    use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};

    /// Returns the metadata of a table with these columns, the first of integers.
    fn written(first: &str, rows: u32) -> ParquetMetaData {
        let columns = [
            Column::new(first, Kind::I32),
            Column::new("value", Kind::F64),
        ];
        let mut writer = TableWriter::new(Vec::new(), &columns, &Vec::new()).unwrap();
        let numbers = u32::array((0..rows).collect());
        let values = f64::array((0..rows).map(f64::from).collect());
        writer
            .write(&batch(&columns, vec![numbers, values]))
            .unwrap();
        let reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required);
        reader
            .parse_and_finish(&Bytes::from(writer.finish().unwrap()))
            .unwrap()
    }

    #[test]
    fn files_have_an_index_of_pages_and_say_that_runs_are_in_order() {
        let found = written("run", 90_000);
        assert_eq!(found.num_row_groups(), 2);
        let order = found.row_group(0).sorting_columns().unwrap();
        assert_eq!(
            (order.len(), order[0].column_idx, order[0].descending),
            (1, 0, false)
        );
        for column in 0..2 {
            let pages = found.page_index_for_row_group(0);
            assert!(pages.num_data_pages(column).unwrap() > 2);
            let index = pages.column_index(column).unwrap();
            assert_eq!(
                index.num_pages() as usize,
                pages.num_data_pages(column).unwrap()
            );
        }
        // Other tables have no such order.
        assert_eq!(written("point", 10).row_group(0).sorting_columns(), None);
    }
}
