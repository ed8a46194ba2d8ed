//! Passes tables to Python's libraries through the Arrow C stream interface, without a copy.

use crate::faults;
use crate::given;
use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, RecordBatch, RecordBatchIterator,
    RecordBatchReader, StringArray,
};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, SchemaRef};
use conviction::study::manifest::Manifest;
use conviction::study::read::TableReader;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyTuple};
use std::ffi::CStr;
use std::sync::Arc;
use toml::Value;

const STREAM: &CStr = c"arrow_array_stream";

/// Value that pickle restores an object from: a function and its arguments.
pub type Reduced<'py, Arguments> = (Bound<'py, PyAny>, Arguments);

/// Source of rows.
#[derive(Clone)]
enum Rows {
    Memory(Vec<RecordBatch>),
    /// Table of a dataset; `None` is its table of points.
    Stored {
        url: String,
        manifest: Box<Manifest>,
        table: Option<String>,
    },
}

/// A table of Arrow columns.
///
/// Libraries that accept Arrow's PyCapsule interface read it without a copy: `polars.DataFrame(table)`,
/// `pyarrow.table(table)`, `pandas.DataFrame.from_arrow(table)`; in DuckDB, a query names the variable that
/// holds it. The rows of a stored dataset are read part by part, and checked against their recorded checksums.
#[pyclass(frozen, module = "conviction")]
pub struct Table {
    schema: SchemaRef,
    rows: Rows,
}

impl Table {
    pub fn of(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self {
            schema,
            rows: Rows::Memory(batches),
        }
    }

    pub fn of_batch(batch: RecordBatch) -> Self {
        Self::of(batch.schema(), vec![batch])
    }

    /// Opens a table of the dataset at `url`; by default its table of points.
    pub fn stored(url: &str, manifest: Manifest, table: Option<&str>) -> PyResult<Self> {
        let mut stored = Self {
            schema: SchemaRef::new(arrow_schema::Schema::empty()),
            rows: Rows::Stored {
                url: url.to_owned(),
                manifest: Box::new(manifest),
                table: table.map(str::to_owned),
            },
        };
        stored.schema = stored.reader()?.schema();
        Ok(stored)
    }

    fn reader(&self) -> PyResult<Box<dyn RecordBatchReader + Send>> {
        Ok(match &self.rows {
            Rows::Memory(batches) => {
                let batches = batches.clone().into_iter().map(Ok);
                Box::new(RecordBatchIterator::new(batches, self.schema.clone()))
            }
            Rows::Stored {
                url,
                manifest,
                table,
            } => {
                let store = crate::store(url)?;
                let reader = match table {
                    Some(table) => TableReader::new(store, manifest, table),
                    None => TableReader::points(store),
                };
                Box::new(reader.map_err(faults::value)?)
            }
        })
    }
}

#[pymethods]
impl Table {
    /// Returns the rows as a stream, for consumers of Arrow.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // Consumers cast the columns themselves if they want other types.
        let _ = requested_schema;
        let reader = py.detach(|| self.reader())?;
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), STREAM)
    }

    /// Returns the columns' names and types, for consumers of Arrow.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(&*self.schema).map_err(faults::value)?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }

    /// Pickles rows in memory as an Arrow IPC stream, and tables of a dataset as its place.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py, Bound<'py, PyTuple>>> {
        let module = py.import("conviction._conviction")?;
        Ok(match &self.rows {
            Rows::Memory(batches) => {
                let stream = stream(&self.schema, batches).map_err(faults::value)?;
                let bytes = (PyBytes::new(py, &stream),).into_pyobject(py)?;
                (module.getattr("unpickled")?, bytes)
            }
            Rows::Stored { url, table, .. } => {
                let place = (url, table).into_pyobject(py)?;
                (module.getattr("open_table")?, place)
            }
        })
    }

    /// Column names, in order.
    #[getter]
    fn columns(&self) -> Vec<String> {
        let fields = self.schema.fields().iter();
        fields.map(|field| field.name().clone()).collect()
    }

    /// Number of rows; `None` if counting would require reading them.
    #[getter]
    fn rows(&self) -> Option<usize> {
        match &self.rows {
            Rows::Memory(batches) => Some(batches.iter().map(RecordBatch::num_rows).sum()),
            Rows::Stored { .. } => None,
        }
    }

    /// Returns the meaning of a column, its unit, and its role in a study, if it has them.
    fn about(&self, column: &str) -> PyResult<std::collections::BTreeMap<String, String>> {
        let field = self.schema.field_with_name(column).map_err(faults::value)?;
        Ok(field.metadata().clone().into_iter().collect())
    }

    fn __repr__(&self) -> String {
        let columns = self.schema.fields().len();
        match self.rows() {
            Some(rows) => format!("<conviction.Table of {rows} rows, {columns} columns>"),
            None => format!("<conviction.Table in a store, {columns} columns>"),
        }
    }
}

fn stream(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Vec<u8>, ArrowError> {
    let mut writer = StreamWriter::try_new(Vec::new(), schema)?;
    batches.iter().try_for_each(|batch| writer.write(batch))?;
    writer.into_inner()
}

/// Reads rows from any Arrow stream.
pub fn read(given: &Bound<'_, PyAny>) -> PyResult<RecordBatch> {
    let capsule = given.call_method0("__arrow_c_stream__")?;
    let capsule = capsule.cast::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(STREAM))?;
    // SAFETY: by Arrow's PyCapsule interface, a capsule of this name contains such a stream. The reader moves
    // it out, leaving a released one.
    let reader = unsafe { RecordBatchStreamReader::from_raw(pointer.as_ptr().cast()) };
    let reader = reader.map_err(faults::value)?;
    let schema = reader.schema();
    let batches = reader.collect::<Result<Vec<_>, _>>();
    let batches = batches.map_err(faults::value)?;
    let rows = arrow_select::concat::concat_batches(&schema, &batches).map_err(faults::value)?;
    plain(&rows).map_err(faults::value)
}

/// Converts rows for the library: without the unnamed index of a pandas frame, and with booleans as words.
fn plain(rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = rows.schema();
    let columns = schema.fields().iter().zip(rows.columns());
    let columns = columns.filter(|(field, _)| !field.name().starts_with("__index_level_"));
    RecordBatch::try_from_iter(columns.map(|(field, column)| {
        let column: ArrayRef = match column.as_boolean_opt() {
            Some(truths) => Arc::new(words(truths)),
            None => Arc::clone(column),
        };
        (field.name(), column)
    }))
}

/// Converts booleans to the words that settings use.
fn words(truths: &BooleanArray) -> StringArray {
    let word = |truth| if truth { "true" } else { "false" };
    truths.iter().map(|truth| truth.map(word)).collect()
}

/// Builds a table from columns, each of numbers, of texts or of booleans.
#[pyfunction]
pub fn columns(given: &Bound<'_, PyDict>) -> PyResult<Table> {
    let mut named: Vec<(String, ArrayRef)> = Vec::new();
    for (name, cells) in given.iter() {
        let name = given::name(&name)?;
        let values = given::list(&name, &cells)?;
        let array = array(&values).ok_or_else(|| {
            let expected = "expected numbers only, texts only, or booleans only";
            PyValueError::new_err(format!("{name}: {expected}"))
        })?;
        if let Some((first, other)) = named.first()
            && other.len() != array.len()
        {
            let (rows, others) = (array.len(), other.len());
            return Err(PyValueError::new_err(format!(
                "{name}: {rows} values, but {first} has {others}; every point requires both"
            )));
        }
        named.push((name, array));
    }
    let batch = RecordBatch::try_from_iter(named).map_err(faults::value)?;
    Ok(Table::of_batch(batch))
}

/// Converts values of one kind to a column.
fn array(values: &[Value]) -> Option<ArrayRef> {
    let real = |value: &Value| match value {
        Value::Float(number) => Some(*number),
        Value::Integer(number) => Some(*number as f64),
        _ => None,
    };
    let numbers: Option<Vec<f64>> = values.iter().map(real).collect();
    if let Some(numbers) = numbers {
        return Some(Arc::new(Float64Array::from(numbers)));
    }
    let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
    if let Some(texts) = texts {
        return Some(Arc::new(StringArray::from(texts)));
    }
    let truths: Option<Vec<bool>> = values.iter().map(Value::as_bool).collect();
    truths.map(|truths| Arc::new(BooleanArray::from(truths)) as ArrayRef)
}

/// Restores a table from a pickled Arrow IPC stream.
#[pyfunction]
pub fn unpickled(stream: &[u8]) -> PyResult<Table> {
    let reader = StreamReader::try_new(stream, None).map_err(faults::value)?;
    let schema = reader.schema();
    let batches = reader.collect::<Result<_, _>>().map_err(faults::value)?;
    Ok(Table::of(schema, batches))
}
