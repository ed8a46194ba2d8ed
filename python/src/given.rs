//! Converts Python's values: specs to TOML, settings to assignments, and columns of points.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyMapping, PyString};
use std::ops::RangeInclusive;
use toml::{Table, Value};

/// Maximum nesting of a value. A spec needs six levels: `change`, its tables, `set` and below.
const MOST_LEVELS: usize = 16;

/// Reason why a value cannot be converted.
enum Fault {
    /// A value is invalid.
    Value {
        /// Key; for nested values, the path to it.
        key: String,
        /// Problem and fix.
        problem: String,
    },
    /// Exception of Python code, such as an interrupt.
    Raised(PyErr),
}

impl Fault {
    fn new(problem: impl Into<String>) -> Self {
        Self::Value {
            key: String::new(),
            problem: problem.into(),
        }
    }

    /// Prefixes the key of a fault with `outer`.
    fn inside(self, outer: &str) -> Self {
        match self {
            Self::Value { key, problem } => {
                let dot = if key.is_empty() || key.starts_with('[') {
                    ""
                } else {
                    "."
                };
                let key = format!("{outer}{dot}{key}");
                Self::Value { key, problem }
            }
            raised => raised,
        }
    }
}

impl From<PyErr> for Fault {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

impl From<Fault> for PyErr {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Value { key, problem } => PyValueError::new_err(format!("{key}: {problem}")),
            Fault::Raised(error) => error,
        }
    }
}

/// Converts a spec to TOML. Returns true for text, whose lines errors may name, and false for a dict.
pub fn spec(spec: &Bound<'_, PyAny>) -> PyResult<(String, bool)> {
    match spec.cast::<PyDict>() {
        Ok(spec) => Ok((text(spec)?, false)),
        Err(_) => Ok((spec.extract()?, true)),
    }
}

/// Formats a mapping as TOML. Values that contain no mapping come first; the order is kept, since the numbers
/// of points depend on the order of axes.
fn text(spec: &Bound<'_, PyDict>) -> PyResult<String> {
    let (mut top, mut tables) = (String::new(), String::new());
    for (name, value) in table(spec.as_any(), MOST_LEVELS)? {
        let key = key(&name);
        match value {
            Value::Table(table) => tables += &section(&format!("[{key}]"), table),
            Value::Array(items) if items.iter().any(Value::is_table) => {
                for item in items {
                    let Value::Table(table) = item else {
                        let problem = format!("expected dicts only, found {item}");
                        return Err(Fault::new(problem).inside(&name).into());
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

/// Converts settings to `KEY=VALUE`: `initial={"funds": 1000}` becomes `initial.funds=1000`, and the first of a
/// list of attackers becomes `attacker.0`.
pub fn assignments(settings: &Bound<'_, PyDict>) -> PyResult<Vec<String>> {
    let mut flat = Vec::new();
    for (name, value) in table(settings.as_any(), MOST_LEVELS)? {
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
        Value::Array(items) if items.iter().any(Value::is_table) => {
            for (number, value) in items.into_iter().enumerate() {
                flatten(format!("{name}.{number}"), value, flat);
            }
        }
        value => flat.push(format!("{name}={value}")),
    }
}

/// Converts a list of values.
pub fn list(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<Value>> {
    let values = match value(given, MOST_LEVELS) {
        Ok(Value::Array(values)) => Ok(values),
        Ok(one) => Err(Fault::new(format!("expected a list, found {one}"))),
        Err(fault) => Err(fault),
    };
    Ok(values.map_err(|fault| fault.inside(name))?)
}

/// Converts a whole number within a range.
pub fn whole(name: &str, given: &Bound<'_, PyAny>, range: RangeInclusive<u64>) -> PyResult<u64> {
    let number = match value(given, 0) {
        Ok(Value::Integer(number)) => u64::try_from(number).ok(),
        Err(Fault::Raised(error)) => return Err(error),
        _ => None,
    };
    let number = number.filter(|number| range.contains(number));
    number.ok_or_else(|| {
        let (low, high) = range.into_inner();
        let problem = format!(
            "found {}, expected a whole number from {low} to {high}",
            shown(given)
        );
        Fault::new(problem).inside(name).into()
    })
}

/// Converts a list of shares.
pub fn shares(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<f64>> {
    let share = |value| match value {
        Value::Float(share) if share > 0.0 && share <= 1.0 => Ok(share),
        Value::Integer(1) => Ok(1.0),
        other => {
            let problem = format!("found {other}, expected numbers above 0 and at most 1");
            Err(Fault::new(problem).inside(name).into())
        }
    };
    list(name, given)?.into_iter().map(share).collect()
}

/// Converts a real number, which its domain may restrict further.
pub fn real(name: &str, given: &Bound<'_, PyAny>) -> PyResult<f64> {
    match value(given, 0) {
        Ok(Value::Float(number)) => Ok(number),
        Ok(Value::Integer(number)) => Ok(number as f64),
        Err(Fault::Raised(error)) => Err(error),
        _ => {
            let problem = format!("found {}, expected a number", shown(given));
            Err(Fault::new(problem).inside(name).into())
        }
    }
}

/// Returns the start of a value's representation in Python.
fn shown(given: &Bound<'_, PyAny>) -> String {
    let text = given.repr().map(|text| text.to_string());
    let text = text.unwrap_or_else(|_| kind(given));
    match text.char_indices().nth(40) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

fn kind(given: &Bound<'_, PyAny>) -> String {
    let name = given.get_type().name();
    name.map_or("an object".to_owned(), |name| name.to_string())
}

/// Converts the name of a key or of a column.
pub fn name(given: &Bound<'_, PyAny>) -> PyResult<String> {
    given.extract().map_err(|_| {
        let problem = format!("found a {} as a key, expected text", kind(given));
        Fault::new(problem).inside(&shown(given)).into()
    })
}

fn table(given: &Bound<'_, PyAny>, levels: usize) -> Result<Table, Fault> {
    let mut table = Table::new();
    for pair in given.cast::<PyMapping>().map_err(PyErr::from)?.items()? {
        let (name, inner): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
        let name = self::name(&name)?;
        let value = value(&inner, levels).map_err(|fault| fault.inside(&name))?;
        table.insert(name, value);
    }
    Ok(table)
}

/// Converts a number, text, boolean, list or mapping, including those of NumPy, pandas and others.
fn value(given: &Bound<'_, PyAny>, levels: usize) -> Result<Value, Fault> {
    if let Some(value) = scalar(given)? {
        return Ok(value);
    }
    // NumPy scalars have the methods of arrays, but no length.
    if given.len().is_err() {
        return foreign_scalar(given);
    }
    let Some(inner) = levels.checked_sub(1) else {
        return Err(Fault::new(format!(
            "nested more than {MOST_LEVELS} levels deep; does it contain itself?"
        )));
    };
    if given.cast::<PyMapping>().is_ok() {
        return Ok(Value::Table(table(given, inner)?));
    }
    let kind = kind(given);
    if given.cast::<PyBytes>().is_ok() || given.cast::<PyByteArray>().is_ok() {
        return Err(Fault::new(format!(
            "found {kind}, expected text; decode it"
        )));
    }
    // Sequences have an order, on which the numbers of points depend.
    if !given.hasattr("__getitem__")? {
        return Err(Fault::new(format!(
            "found a {kind}, which has no order; pass a list, such as sorted(…)"
        )));
    }
    let native = match given.hasattr("tolist")? {
        true => given.call_method0("tolist")?,
        false => given.clone(),
    };
    let mut items = Vec::new();
    for item in native.try_iter()? {
        let place = items.len();
        let item = value(&item?, inner);
        items.push(item.map_err(|fault| fault.inside(&format!("[{place}]")))?);
    }
    Ok(Value::Array(items))
}

/// Converts a scalar of Python's own types and their subclasses.
fn scalar(given: &Bound<'_, PyAny>) -> Result<Option<Value>, Fault> {
    if let Ok(number) = given.cast::<PyFloat>() {
        return Ok(Some(Value::Float(number.value())));
    }
    if let Ok(truth) = given.cast::<PyBool>() {
        return Ok(Some(Value::Boolean(truth.is_true())));
    }
    if given.cast::<PyInt>().is_ok() {
        // Numbers beyond 64 bits exceed every whole number of a spec, and are in the range of few reals.
        let number = given.extract().map(Value::Integer);
        let number = number.or_else(|_| given.extract().map(Value::Float));
        let number =
            number.map_err(|_| Fault::new("found a number beyond 1e308; use a smaller one"));
        return number.map(Some);
    }
    if let Ok(text) = given.cast::<PyString>() {
        let text = text.extract();
        let text =
            text.map_err(|_| Fault::new("found text that is not valid Unicode; fix its encoding"))?;
        return Ok(Some(Value::String(text)));
    }
    Ok(None)
}

/// Converts a scalar of another library, by its conversion methods.
fn foreign_scalar(given: &Bound<'_, PyAny>) -> Result<Value, Fault> {
    if given.hasattr("item")?
        && let Some(value) = scalar(&given.call_method0("item")?)?
    {
        return Ok(value);
    }
    if given.hasattr("__index__")?
        && let Ok(number) = given.extract()
    {
        return Ok(Value::Integer(number));
    }
    if given.hasattr("__float__")?
        && let Ok(number) = given.extract()
    {
        return Ok(Value::Float(number));
    }
    let kind = kind(given);
    Err(Fault::new(match given.try_iter() {
        Ok(_) => format!("found a {kind}, expected a list; pass list(…)"),
        Err(_) => format!("found a {kind}, expected a number, a text, a list or a dict"),
    }))
}
