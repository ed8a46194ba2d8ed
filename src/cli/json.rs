//! Prints output for programs: `--format json`.

use crate::engine::Value;
use serde_json::Value as Json;
use std::io::{self, Write};
use std::sync::OnceLock;

static IS_ASKED: OnceLock<bool> = OnceLock::new();

/// Records whether the arguments request JSON, before they are parsed: then errors in them are JSON as well.
pub fn note<'a>(arguments: impl IntoIterator<Item = &'a str>) {
    let mut before = "";
    let asked = arguments.into_iter().any(|argument| {
        let asks = argument == "--format=json" || before == "--format" && argument == "json";
        before = argument;
        asks
    });
    let _ = IS_ASKED.set(asked);
}

/// Returns true if warnings and errors are printed as JSON.
pub fn is_asked() -> bool {
    IS_ASKED.get().copied().unwrap_or(false)
}

/// Prints a document to standard output; JSON itself escapes what a terminal would obey.
pub fn print(document: &Json) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{document:#}")?;
    out.flush()
}

/// Prints a line of JSON to standard error, which may be closed.
pub fn tell(event: &Json) {
    let _ = writeln!(io::stderr(), "{event}");
}

/// Prints an error that ends the program with this status, as a line of JSON on standard error.
pub fn tell_error(status: u8, mut error: Json) {
    error["event"] = "error".into();
    error["status"] = status.into();
    tell(&error);
}

/// Formats the value of a setting.
pub fn value(value: Value) -> Json {
    match value {
        Value::Real(number) => number.into(),
        Value::Count(number) => number.into(),
        Value::Name(name) => name.into(),
        Value::List(list) => list.numbers().into(),
        Value::Document(document) => document.text().into(),
    }
}
