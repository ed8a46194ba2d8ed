//! What Python gives: specs as TOML, settings as assignments.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyMapping, PyString};
use toml::{Table, Value};

/// A mapping as TOML. What holds no other mapping stands at the top, and order is kept: the numbers of
/// points depend on that of the axes.
pub fn text(spec: &Bound<'_, PyDict>) -> PyResult<String> {
    let (mut top, mut tables) = (String::new(), String::new());
    for (name, value) in table(spec.as_any())? {
        let key = key(&name);
        match value {
            Value::Table(table) => tables += &section(&format!("[{key}]"), table),
            Value::Array(items) if items.iter().any(Value::is_table) => {
                for item in items {
                    let Value::Table(table) = item else {
                        let message = format!("{name}: expected tables only, found {item}");
                        return Err(PyValueError::new_err(message));
                    };
                    tables += &section(&format!("[[{key}]]"), table);
                }
            }
            value => top += &format!("{key} = {value}\n"),
        }
    }
    Ok(top + &tables)
}

fn section(header: &str, table: Table) -> String {
    let lines = table
        .into_iter()
        .map(|(name, value)| format!("{} = {value}\n", key(&name)));
    format!("{header}\n{}", lines.collect::<String>())
}

fn key(name: &str) -> String {
    Value::String(name.to_owned()).to_string()
}

/// Settings as `KEY=VALUE`: `initial={"funds": 1000}` is `initial.funds=1000`, and the first of a list of
/// attackers is `attacker.0`.
pub fn assignments(settings: &Bound<'_, PyDict>) -> PyResult<Vec<String>> {
    let mut flat = Vec::new();
    for (name, value) in table(settings.as_any())? {
        flatten(name, value, &mut flat);
    }
    Ok(flat)
}

fn flatten(name: String, value: Value, flat: &mut Vec<String>) {
    match value {
        Value::Table(inner) => {
            for (tail, value) in inner {
                flatten(format!("{name}.{tail}"), value, flat);
            }
        }
        Value::Array(items) => {
            for (number, value) in items.into_iter().enumerate() {
                flatten(format!("{name}.{number}"), value, flat);
            }
        }
        value => flat.push(format!("{name}={value}")),
    }
}

fn table(given: &Bound<'_, PyAny>) -> PyResult<Table> {
    let mut table = Table::new();
    for pair in given.cast::<PyMapping>()?.items()?.iter() {
        let (name, given): (String, Bound<'_, PyAny>) = pair.extract()?;
        let value = value(&given).map_err(|error| {
            PyTypeError::new_err(format!("{name}: {}", error.value(given.py())))
        })?;
        table.insert(name, value);
    }
    Ok(table)
}

/// A number, a word, a list or a mapping; of NumPy too.
fn value(given: &Bound<'_, PyAny>) -> PyResult<Value> {
    if given.cast::<PyBool>().is_ok() {
        return Ok(Value::Boolean(given.is_truthy()?));
    }
    if given.cast::<PyMapping>().is_ok() {
        return Ok(Value::Table(table(given)?));
    }
    if let Ok(text) = given.cast::<PyString>() {
        return Ok(Value::String(text.extract()?));
    }
    if (given.cast::<PyInt>().is_ok() || given.hasattr("__index__")?)
        && let Ok(number) = given.extract()
    {
        return Ok(Value::Integer(number));
    }
    // Arrays of numbers have such a method as well, and are lists.
    if (given.cast::<PyFloat>().is_ok() || given.hasattr("__float__")?)
        && let Ok(number) = given.extract()
    {
        return Ok(Value::Float(number));
    }
    let items = given.try_iter().map_err(|_| {
        let kind = given.get_type();
        PyTypeError::new_err(format!(
            "expected a number, a text, a list or a dict, found a {kind}"
        ))
    })?;
    let items = items.map(|item| value(&item?));
    Ok(Value::Array(items.collect::<PyResult<_>>()?))
}
