//! Answers for machines: `--format json`.

use crate::engine::Value;
use serde_json::Value as Json;
use std::io::{self, Write};

/// Prints a document to standard output, for which JSON itself escapes what a terminal would obey.
pub fn print(document: &Json) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{document:#}")?;
    out.flush()
}

/// A line of JSON to standard error, where nobody may be listening.
pub fn tell(event: &Json) {
    let _ = writeln!(io::stderr(), "{event}");
}

/// The value of a setting.
pub fn value(value: Value) -> Json {
    match value {
        Value::Real(number) => number.into(),
        Value::Count(number) => number.into(),
        Value::Name(name) => name.into(),
        Value::List(list) => list.numbers().into(),
    }
}
