//! Parquet files as tables: complete, or one row group at a time.

use super::file::{self, FileError, MOST_ROWS, MOST_TABLE};
use super::guard::guarded;
use super::table::{Table, TableError, reals_of};
use arrow_array::{Array, RecordBatch};
use arrow_schema::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl Table {
    /// Reads a Parquet file.
    ///
    /// # Errors
    /// When the file is missing or malformed.
    pub fn read(path: &Path) -> Result<Self, TableError> {
        RowGroups::of(path, MOST_TABLE)?.whole()
    }

    /// Reads those of these columns that a Parquet file has.
    ///
    /// # Errors
    /// When the file is missing or malformed.
    pub fn read_columns(path: &Path, columns: &[&str]) -> Result<Self, TableError> {
        RowGroups::of(path, MOST_TABLE)?.columns(columns).whole()
    }

    /// Returns the columns that have a role in the study, with the role: axis, lever, uncertainty or variant.
    ///
    /// # Errors
    /// When the file is missing or malformed.
    pub fn roles(path: &Path) -> Result<Vec<(String, String)>, TableError> {
        let groups = RowGroups::open(path)?;
        let fields = groups.metadata.schema().fields().iter();
        let roles = fields.filter_map(|field| {
            let role = field.metadata().get("role")?;
            Some((field.name().clone(), role.clone()))
        });
        Ok(roles.collect())
    }

    /// Returns the columns of a Parquet file with their metadata.
    ///
    /// # Errors
    /// When the file is missing or malformed.
    pub fn schema(path: &Path) -> Result<SchemaRef, TableError> {
        Ok(Arc::clone(RowGroups::open(path)?.metadata.schema()))
    }
}

/// A Parquet file read by row group, so that a large one takes little memory.
pub struct RowGroups {
    path: PathBuf,
    file: File,
    metadata: ArrowReaderMetadata,
    mask: ProjectionMask,
    wanted: Vec<bool>,
    next: usize,
    before: usize,
}

impl RowGroups {
    /// Opens a file.
    ///
    /// # Errors
    /// When the file is missing or not Parquet.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        Self::of(path, u64::MAX)
    }

    fn of(path: &Path, most: u64) -> Result<Self, TableError> {
        let file = file::open(path, most)?;
        let metadata = guarded(|| ArrowReaderMetadata::load(&file, Default::default()))
            .map_err(|found| damaged(path, found))?
            .map_err(|source| parquet_error(path, source))?;
        let groups = metadata.metadata().row_groups().iter();
        let rows: Vec<i64> = groups.map(|group| group.num_rows()).collect();
        let all = rows.iter().try_fold(0i64, |sum, &rows| {
            sum.checked_add(rows).filter(|_| rows >= 0)
        });
        if all.is_none() {
            return Err(damaged(path, "its row counts are out of range".to_owned()));
        }
        let groups = Self {
            path: path.to_owned(),
            file,
            wanted: vec![true; rows.len()],
            metadata,
            mask: ProjectionMask::all(),
            next: 0,
            before: 0,
        };
        let fields: Vec<usize> = (0..groups.metadata.schema().fields().len()).collect();
        Ok(groups.of_fields(fields))
    }

    fn of_fields(mut self, fields: Vec<usize>) -> Self {
        // Without columns, a file could declare any number of rows without data.
        if fields.is_empty() {
            self.wanted.clear();
        }
        self.mask = ProjectionMask::roots(self.metadata.parquet_schema(), fields);
        self
    }

    /// Reads only those of these columns that exist.
    pub fn columns(self, columns: &[&str]) -> Self {
        // Selects by position: a name with a dot would be taken for the path of a nested column.
        let fields = self.metadata.schema().fields().iter().enumerate();
        let wanted = fields.filter(|(_, field)| columns.contains(&field.name().as_str()));
        let wanted = wanted.map(|(place, _)| place).collect();
        self.of_fields(wanted)
    }

    /// Skips row groups that, by their statistics, contain none of these numbers in this column. `numbers` must
    /// be ascending.
    pub fn only(mut self, column: &str, numbers: &[u32]) -> Self {
        if let Some(ranges) = self.ranges(column) {
            for (wanted, (least, greatest)) in self.wanted.iter_mut().zip(ranges) {
                let next = numbers.partition_point(|&number| f64::from(number) < least);
                *wanted = numbers
                    .get(next)
                    .is_some_and(|&number| f64::from(number) <= greatest);
            }
        }
        self
    }

    /// Returns the minimum and maximum of a column in each row group, if all groups state them.
    fn ranges(&self, column: &str) -> Option<Vec<(f64, f64)>> {
        let schemas = (self.metadata.schema(), self.metadata.parquet_schema());
        let statistics = StatisticsConverter::try_new(column, schemas.0, schemas.1).ok()?;
        let groups = self.metadata.metadata().row_groups();
        // Damaged statistics are ignored.
        let least = guarded(|| statistics.row_group_mins(groups)).ok()?.ok()?;
        let greatest = guarded(|| statistics.row_group_maxes(groups)).ok()?.ok()?;
        if least.null_count() + greatest.null_count() > 0 {
            return None;
        }
        let ranges = reals_of(&least)?.into_iter().zip(reals_of(&greatest)?);
        Some(ranges.collect())
    }

    fn whole(mut self) -> Result<Table, TableError> {
        // A few bytes may declare that a value repeats very often.
        let groups = self.metadata.metadata().row_groups().iter();
        let rows: i64 = groups.map(|group| group.num_rows()).sum();
        if rows > MOST_ROWS as i64 {
            let path = self.path;
            return Err(TableError::Rows { path, rows });
        }
        let mut batches = Vec::new();
        let mut bytes = 0;
        while let Some(group) = self.next_within(&mut bytes) {
            batches.append(&mut group?.batches);
        }
        Ok(self.rows(0, batches))
    }

    fn rows(&self, before: usize, batches: Vec<RecordBatch>) -> Table {
        let schema = match batches.first() {
            Some(batch) => batch.schema(),
            None => Arc::clone(self.metadata.schema()),
        };
        Table {
            path: self.path.clone(),
            schema,
            before,
            batches,
        }
    }

    /// Returns the next selected row group; `bytes` counts the bytes held in memory.
    fn next_within(&mut self, bytes: &mut u64) -> Option<Result<Table, TableError>> {
        loop {
            let (group, before) = (self.next, self.before);
            let wanted = *self.wanted.get(group)?;
            self.next += 1;
            let rows = self.metadata.metadata().row_group(group).num_rows();
            self.before = before.saturating_add(usize::try_from(rows).unwrap_or(0));
            if wanted {
                let batches = guarded(|| self.decode(group, bytes))
                    .unwrap_or_else(|found| Err(damaged(&self.path, found)));
                return Some(batches.map(|batches| self.rows(before, batches)));
            }
        }
    }

    /// Decodes a row group, within the limit of memory: a few bytes may declare that a value repeats very
    /// often.
    fn decode(&self, group: usize, bytes: &mut u64) -> Result<Vec<RecordBatch>, TableError> {
        let file = self.file.try_clone().map_err(|source| FileError::Read {
            path: self.path.clone(),
            source,
        })?;
        let reader =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(self.mask.clone())
                .with_row_groups(vec![group])
                .build()
                .map_err(|source| parquet_error(&self.path, source))?;
        let mut left = self.metadata.metadata().row_group(group).num_rows();
        let mut batches = Vec::new();
        for batch in reader {
            let batch = batch.map_err(|source| TableError::Decode {
                path: self.path.clone(),
                source,
            })?;
            left -= batch.num_rows() as i64;
            if left < 0 {
                let found = "it has more rows than it declares".to_owned();
                return Err(damaged(&self.path, found));
            }
            *bytes += batch.get_array_memory_size() as u64;
            if *bytes > MOST_TABLE {
                return Err(TableError::Size {
                    path: self.path.clone(),
                    most: MOST_TABLE,
                });
            }
            batches.push(batch);
        }
        Ok(batches)
    }
}

impl Iterator for RowGroups {
    type Item = Result<Table, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_within(&mut 0)
    }
}

fn damaged(path: &Path, found: String) -> TableError {
    TableError::Damaged {
        path: path.to_owned(),
        found,
    }
}

fn parquet_error(path: &Path, source: ParquetError) -> TableError {
    TableError::Parquet {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Float64Array, StringArray, UInt32Array};
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::WriterProperties;
    use std::io::{Seek, SeekFrom, Write};

    /// Writes row groups of 100 days, with three rows per day.
    fn written(path: &Path, groups: u32) {
        let rows = groups * 300;
        let day: UInt32Array = (0..rows).map(|row| row / 3).collect();
        let value: Float64Array = (0..rows).map(|row| f64::from(row) / 7.0).collect();
        let word = StringArray::from_iter_values((0..rows).map(|row| format!("w{}", row % 5)));
        let batch = RecordBatch::try_from_iter([
            ("day", Arc::new(day) as ArrayRef),
            ("value", Arc::new(value)),
            ("word", Arc::new(word)),
        ]);
        let batch = batch.unwrap();
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(300));
        let file = File::create(path).unwrap();
        let mut writer =
            ArrowWriter::try_new(file, batch.schema(), Some(properties.build())).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }

    #[test]
    fn row_groups_without_the_days_asked_for_are_passed_over() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("table.parquet");
        written(&path, 5);
        let groups = || RowGroups::open(&path).unwrap().columns(&["day", "value"]);
        let first_days = |groups: RowGroups| -> Vec<u32> {
            let days = groups.map(|rows| rows.unwrap().counts("day").unwrap()[0]);
            days.collect()
        };
        assert_eq!(first_days(groups()), [0, 100, 200, 300, 400]);
        assert_eq!(
            first_days(groups().only("day", &[0, 99, 250, 499])),
            [0, 200, 400]
        );
        assert!(first_days(groups().only("day", &[500])).is_empty());
        // Rows are counted from the start of the file.
        let rows = groups().only("day", &[250]).next().unwrap().unwrap();
        assert!(
            rows.fault(1, "value", &"", "")
                .to_string()
                .contains("row 601")
        );
        assert_eq!(rows.column_names(), ["day", "value"]);
    }

    #[test]
    fn rows_that_are_not_there_are_not_read() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus/points");
        let error = Table::read(&corpus.join("fewer_than_no_rows.parquet")).err();
        let error = error.unwrap().to_string();
        assert!(error.contains("row counts are out of range"), "{error}");
        // A selection without columns is empty, however many rows the file has.
        let table = Table::read_columns(&corpus.join("gzip.parquet"), &["holdings"]).unwrap();
        let error = table.reals("holdings").unwrap_err().to_string();
        assert!(error.contains("column holdings is missing"), "{error}");
        assert_eq!(table.column_names(), ["rho"]);
    }

    #[test]
    fn a_table_of_too_many_rows_is_refused_before_it_is_decoded() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("table.parquet");
        let zeros: Float64Array = std::iter::repeat_n(0.0, 1 << 20).collect();
        let batch = RecordBatch::try_from_iter([("beta", Arc::new(zeros) as ArrayRef)]).unwrap();
        let mut writer =
            ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
        for _ in 0..17 {
            writer.write(&batch).unwrap();
        }
        writer.close().unwrap();
        assert!(path.metadata().unwrap().len() < 100_000);
        let error = Table::read(&path).err().unwrap().to_string();
        assert!(
            error.contains("has 17825792 rows, expected at most 16777216"),
            "{error}"
        );
        // By row group, a file may have any number of rows.
        let groups = RowGroups::open(&path).unwrap();
        assert_eq!(
            groups
                .map(|group| group.unwrap().reals("beta").unwrap().len())
                .sum::<usize>(),
            17 << 20
        );
    }

    #[test]
    fn whatever_byte_is_damaged_nothing_panics() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("table.parquet");
        written(&path, 1);
        let whole = std::fs::read(&path).unwrap();
        let (mut refused, mut caught) = (0, 0);
        let mut file = File::options().write(true).open(&path).unwrap();
        let mut put = |at: usize, byte: u8| {
            file.seek(SeekFrom::Start(at as u64)).unwrap();
            file.write_all(&[byte]).unwrap();
        };
        for (at, &byte) in whole.iter().enumerate() {
            // The most significant bit changes lengths and offsets the most.
            put(at, byte ^ 0x80);
            let groups = RowGroups::open(&path).map(|groups| groups.only("day", &[50]));
            let read = groups.and_then(|groups| groups.collect::<Result<Vec<_>, _>>());
            let all = Table::read(&path).map(|table| vec![table]);
            refused += usize::from(read.is_err() || all.is_err());
            for read in [read, all] {
                caught += usize::from(matches!(read, Err(TableError::Damaged { .. })));
            }
            put(at, byte);
        }
        assert!(refused > whole.len() / 10, "{refused} of {}", whole.len());
        // The library panics on some of them.
        assert!(caught > 0);
    }
}
