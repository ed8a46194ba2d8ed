//! Binds the simulation of one run in detail.

use crate::faults;
use crate::given;
use crate::table::Table;
use crate::watch::watched;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_select::concat::concat_batches;
use conviction::output::arrow_schema;
use conviction::study::spec::MOST_SEED;
use conviction::study::{Single, Spec};
use conviction::voting::published::{frame, is_published};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

/// Table from which the published frame takes its lists.
const PROPOSALS: &str = "proposals";

/// Simulates one run. `spec` is TOML or a dict, whose paths are relative to `directory`; `settings` changes it.
/// Returns the outcome of the run, its tables by name, and the setting as TOML.
#[pyfunction]
#[pyo3(signature = (spec, source, directory, settings, seed, detail))]
pub fn run<'py>(
    py: Python<'py>,
    spec: &Bound<'py, PyAny>,
    source: &str,
    directory: &str,
    settings: &Bound<'py, PyDict>,
    seed: Option<Bound<'py, PyAny>>,
    detail: bool,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>, String)> {
    let (text, has_lines) = given::spec(spec)?;
    let read = Spec::parse_run(&conviction::model(), &text, source, Path::new(directory));
    let mut spec = read.map_err(|error| faults::spec(error, has_lines))?;
    let settings = given::assignments(settings)?;
    let assigned = spec.assign_from("settings", &settings);
    assigned.map_err(|error| faults::spec(error, false))?;
    if let Some(fault) = spec.base.fault() {
        return Err(faults::value(fault));
    }
    if let Some(seed) = seed {
        spec.seed = given::whole("seed", &seed, 0..=MOST_SEED)?;
    }
    let single = Single::of(&spec);

    let published = is_published(&single.setting);
    let mut tables: Vec<_> = single.model.output("days").into_iter().copied().collect();
    tables.extend(
        single
            .detail()
            .filter(|of| detail || published && of.name == PROPOSALS),
    );
    let mut rows: Vec<Vec<RecordBatch>> = vec![Vec::new(); tables.len()];
    let (ended, asked) = watched(py, None, |_, stop| {
        single.simulate(&tables, stop, |place, batch| {
            rows[place].push(batch);
            Ok::<_, Infallible>(())
        })
    });
    if let Some(asked) = asked {
        return Err(asked);
    }
    let Ok(Some(ended)) = ended else {
        return Err(pyo3::exceptions::PyKeyboardInterrupt::new_err(()));
    };
    let named = PyDict::new(py);
    let mut whole = BTreeMap::new();
    for (table, batches) in tables.iter().zip(rows) {
        let schema = arrow_schema(&single.model.columns(table.name));
        if published && ["days", PROPOSALS].contains(&table.name) {
            let rows = concat_batches(&schema, &batches).map_err(faults::value)?;
            whole.insert(table.name, rows);
        }
        if detail || table.name != PROPOSALS {
            named.set_item(table.name, Table::of(schema, batches))?;
        }
    }
    if let (Some(days), Some(proposals)) = (whole.get("days"), whole.get(PROPOSALS)) {
        let frame = frame(days, proposals).map_err(faults::value)?;
        named.set_item("published", Table::of_batch(frame))?;
    }
    Ok((row(py, &ended.outcome)?, named, single.text()))
}

/// Returns the only row of a batch, by column.
fn row<'py>(py: Python<'py>, batch: &RecordBatch) -> PyResult<Bound<'py, PyDict>> {
    let row = PyDict::new(py);
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        set(&row, field.name(), column)?;
    }
    Ok(row)
}

fn set(row: &Bound<'_, PyDict>, name: &str, column: &ArrayRef) -> PyResult<()> {
    if column.is_null(0) {
        return row.set_item(name, row.py().None());
    }
    if let Some(of) = column.as_primitive_opt::<Float64Type>() {
        return row.set_item(name, of.value(0));
    }
    if let Some(of) = column.as_primitive_opt::<Int32Type>() {
        return row.set_item(name, of.value(0));
    }
    if let Some(of) = column.as_primitive_opt::<Int64Type>() {
        return row.set_item(name, of.value(0));
    }
    if let Some(of) = column.as_boolean_opt() {
        return row.set_item(name, of.value(0));
    }
    match column.as_string_opt::<i32>() {
        Some(of) => row.set_item(name, of.value(0)),
        None => Err(PyValueError::new_err(format!("{name}: unknown type"))),
    }
}
