//! Reads Parquet files as named columns of plain numbers and text: all at once, or by row group.

use super::RawValue;
use super::file::{self, FileError, MOST_ROWS, MOST_TABLE};
use super::guard::guarded;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, DecimalType,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use arrow_select::take::take;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reason why a table cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file cannot be opened.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is not Parquet, or is incomplete.
    #[error("{path}: not a complete Parquet file; write or copy it again")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Cause.
        source: ParquetError,
    },
    /// A batch of rows cannot be decoded.
    #[error("{path}: cannot be decoded; write or copy it again")]
    Decode {
        /// The file.
        path: PathBuf,
        /// Cause.
        source: ArrowError,
    },
    /// The file is damaged.
    #[error("{path}: damaged: {found}; write or copy it again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Description of the damage.
        found: String,
    },
    /// The decoded table is larger than the limit.
    #[error(
        "{path}: more than {most} bytes when decoded; check that this is the intended file, or split it"
    )]
    Size {
        /// The file.
        path: PathBuf,
        /// Maximum size in bytes.
        most: u64,
    },
    /// The table has more than [`MOST_ROWS`] rows.
    #[error(
        "{path}: has {rows} rows, expected at most {MOST_ROWS}; check that this is the intended file, or split it"
    )]
    Rows {
        /// The file.
        path: PathBuf,
        /// Number of rows.
        rows: i64,
    },
    /// A column is missing, or has another type.
    #[error("{path}: column {column} {found}, expected {expected}")]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Description of the existing column.
        found: String,
        /// Description of a valid column.
        expected: &'static str,
    },
    /// A value is invalid.
    #[error("{path}: row {row}, column {column}: found {found}, expected {expected}")]
    Value {
        /// The file.
        path: PathBuf,
        /// Row, from 0.
        row: usize,
        /// The column.
        column: String,
        /// The value.
        found: String,
        /// Description of a valid value.
        expected: String,
    },
}

/// Rows of a table, held in memory.
pub struct Table {
    path: PathBuf,
    schema: SchemaRef,
    /// Number of rows of the file before these.
    before: usize,
    batches: Vec<RecordBatch>,
}

impl Table {
    /// Wraps a table held in memory; errors name it `name`.
    pub fn of(rows: &RecordBatch, name: &str) -> Self {
        Self {
            path: PathBuf::from(name),
            schema: rows.schema(),
            before: 0,
            batches: vec![rows.clone()],
        }
    }

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

    /// Path of the file, for errors.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the type of a column, if the column exists.
    pub fn kind(&self, column: &str) -> Option<&DataType> {
        let (_, field) = self.schema.column_with_name(column)?;
        Some(field.data_type())
    }

    /// Returns the names of the columns.
    pub fn column_names(&self) -> Vec<String> {
        let fields = self.schema.fields().iter();
        fields.map(|field| field.name().clone()).collect()
    }

    /// Returns a column of numbers.
    ///
    /// # Errors
    /// When the column is missing, has another type, or lacks values.
    pub fn reals(&self, column: &str) -> Result<Vec<f64>, TableError> {
        self.filled(column, "a column of numbers", reals_of)
    }

    /// Returns a column of numbers with missing values.
    ///
    /// # Errors
    /// When the column is missing or has another type.
    pub fn optional_reals(&self, column: &str) -> Result<Vec<Option<f64>>, TableError> {
        self.column(column, "a column of numbers", |array| {
            let values = reals_of(array)?.into_iter().enumerate();
            Some(
                values
                    .map(|(row, v)| array.is_valid(row).then_some(v))
                    .collect(),
            )
        })
    }

    /// Returns a column of whole numbers that fit in 32 bits.
    ///
    /// # Errors
    /// When the column is missing, has another type or lacks values, or a number does not fit.
    pub fn counts(&self, column: &str) -> Result<Vec<u32>, TableError> {
        const EXPECTED: &str = "a whole number from 0 to 4294967295";
        let numbers = self.filled(column, "a column of whole numbers", reals_of)?;
        let whole = |number: f64| number.fract() == 0.0 && (0.0..=4294967295.0).contains(&number);
        let counts = numbers
            .iter()
            .enumerate()
            .map(|(row, &number)| match number {
                number if whole(number) => Ok(number as u32),
                number => Err(self.fault(row, column, &number, EXPECTED)),
            });
        counts.collect()
    }

    /// Returns a column of text.
    ///
    /// # Errors
    /// When the column is missing, has another type, or lacks values.
    pub fn texts(&self, column: &str) -> Result<Vec<String>, TableError> {
        self.filled(column, "a column of text", texts_of)
    }

    /// Returns a column of numbers, text, or true and false.
    ///
    /// # Errors
    /// When the column is missing, has another type, or lacks values.
    pub fn raw(&self, column: &str) -> Result<Vec<RawValue>, TableError> {
        self.filled(column, "a column of numbers or text", |array| {
            if let Some(numbers) = reals_of(array) {
                return Some(numbers.into_iter().map(RawValue::Number).collect());
            }
            let words = match array.data_type() {
                DataType::Boolean => truths_of(array),
                _ => texts_of(array)?,
            };
            Some(words.into_iter().map(RawValue::Word).collect())
        })
    }

    /// Builds an error about the value in this row, counted within these rows.
    pub fn fault(
        &self,
        row: usize,
        column: &str,
        found: &dyn std::fmt::Display,
        expected: impl Into<String>,
    ) -> TableError {
        TableError::Value {
            path: self.path.clone(),
            row: self.before + row,
            column: column.to_owned(),
            found: found.to_string(),
            expected: expected.into(),
        }
    }

    fn wrong(&self, column: &str, found: String, expected: &'static str) -> TableError {
        TableError::Column {
            path: self.path.clone(),
            column: column.to_owned(),
            found,
            expected,
        }
    }

    /// Returns a column without missing values.
    fn filled<T>(
        &self,
        column: &str,
        expected: &'static str,
        values: impl Fn(&ArrayRef) -> Option<Vec<T>>,
    ) -> Result<Vec<T>, TableError> {
        let columns = self
            .batches
            .iter()
            .filter_map(|batch| batch.column_by_name(column));
        match columns
            .map(|array| array.logical_null_count())
            .sum::<usize>()
        {
            0 => self.column(column, expected, values),
            gaps => {
                let row = self.first_gap(column).map_or(0, |row| row + 1);
                let found = format!("has {gaps} empty values, the first in row {row}");
                Err(self.wrong(column, found, expected))
            }
        }
    }

    /// Returns the first row that lacks a value in a column.
    fn first_gap(&self, column: &str) -> Option<usize> {
        let mut before = self.before;
        for batch in &self.batches {
            let gaps = batch.column_by_name(column)?.logical_nulls();
            if let Some(row) = gaps.and_then(|gaps| (0..gaps.len()).find(|&row| gaps.is_null(row)))
            {
                return Some(before + row);
            }
            before += batch.num_rows();
        }
        None
    }

    fn column<T>(
        &self,
        column: &str,
        expected: &'static str,
        values: impl Fn(&ArrayRef) -> Option<Vec<T>>,
    ) -> Result<Vec<T>, TableError> {
        let missing = || self.wrong(column, "is missing".to_owned(), expected);
        // Checks the schema, since the table may have no rows.
        self.schema.column_with_name(column).ok_or_else(missing)?;
        let mut all = Vec::new();
        for batch in &self.batches {
            let array = batch.column_by_name(column).ok_or_else(missing)?;
            let found = || self.wrong(column, format!("is {}", array.data_type()), expected);
            let plain = plain(array).ok_or_else(found)?;
            all.extend(values(&plain).ok_or_else(found)?);
        }
        Ok(all)
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

/// Replaces dictionary keys by their values, in a column encoded that way.
fn plain(array: &ArrayRef) -> Option<ArrayRef> {
    match array.as_any_dictionary_opt() {
        Some(named) => guarded(|| take(named.values(), named.keys(), None))
            .ok()?
            .ok(),
        None => Some(Arc::clone(array)),
    }
}

/// Returns the words of a column of text without missing values.
fn texts_of(array: &ArrayRef) -> Option<Vec<String>> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let of_bytes = |bytes: Option<&[u8]>| std::str::from_utf8(bytes?).ok().map(str::to_owned);
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().map(owned).collect(),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().map(owned).collect(),
        DataType::Utf8View => array.as_string_view().iter().map(owned).collect(),
        // Text that its writer did not mark as such.
        DataType::Binary => array.as_binary::<i32>().iter().map(of_bytes).collect(),
        DataType::LargeBinary => array.as_binary::<i64>().iter().map(of_bytes).collect(),
        DataType::BinaryView => array.as_binary_view().iter().map(of_bytes).collect(),
        _ => None,
    }
}

/// Returns the words of a column of true and false without missing values.
fn truths_of(array: &ArrayRef) -> Vec<String> {
    let truths = array.as_boolean().iter();
    truths
        .map(|truth| truth.unwrap_or_default().to_string())
        .collect()
}

/// Returns the values of a column of numbers; those of missing ones are arbitrary.
fn reals_of(array: &ArrayRef) -> Option<Vec<f64>> {
    match array.data_type() {
        DataType::Float64 => Some(array.as_primitive::<Float64Type>().values().to_vec()),
        DataType::Float32 => Some(widened::<Float32Type>(array, f64::from)),
        DataType::Int64 => Some(widened::<Int64Type>(array, |v| v as f64)),
        DataType::Int32 => Some(widened::<Int32Type>(array, f64::from)),
        DataType::Int16 => Some(widened::<Int16Type>(array, f64::from)),
        DataType::Int8 => Some(widened::<Int8Type>(array, f64::from)),
        DataType::UInt64 => Some(widened::<UInt64Type>(array, |v| v as f64)),
        DataType::UInt32 => Some(widened::<UInt32Type>(array, f64::from)),
        DataType::UInt16 => Some(widened::<UInt16Type>(array, f64::from)),
        DataType::UInt8 => Some(widened::<UInt8Type>(array, f64::from)),
        DataType::Float16 => Some(widened::<Float16Type>(array, f64::from)),
        &DataType::Decimal32(_, scale) => Some(decimals::<Decimal32Type>(array, scale)),
        &DataType::Decimal64(_, scale) => Some(decimals::<Decimal64Type>(array, scale)),
        &DataType::Decimal128(_, scale) => Some(decimals::<Decimal128Type>(array, scale)),
        &DataType::Decimal256(_, scale) => Some(decimals::<Decimal256Type>(array, scale)),
        _ => None,
    }
}

/// Converts decimal numbers, rounding each once, to the nearest double.
fn decimals<T: DecimalType>(array: &ArrayRef, scale: i8) -> Vec<f64>
where
    T::Native: std::fmt::Display,
{
    widened::<T>(array, |digits| {
        let text = format!("{digits}e{}", -i32::from(scale));
        text.parse().unwrap_or(f64::NAN)
    })
}

fn widened<T: ArrowPrimitiveType>(array: &ArrayRef, widen: impl Fn(T::Native) -> f64) -> Vec<f64> {
    array
        .as_primitive::<T>()
        .values()
        .iter()
        .map(|&v| widen(v))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Float64Array, StringArray, UInt32Array};
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
