//! Answers for machines: `--format json`.

use crate::engine::Value;
use serde_json::Value as Json;
use std::io::{self, Write};
use std::sync::OnceLock;

static IS_ASKED: OnceLock<bool> = OnceLock::new();

/// Notes whether the arguments ask for JSON, before they are parsed: what is wrong with them is told so as well.
pub fn note<'a>(arguments: impl IntoIterator<Item = &'a str>) {
    let mut before = "";
    let asked = arguments.into_iter().any(|argument| {
        let asks = argument == "--format=json" || before == "--format" && argument == "json";
        before = argument;
        asks
    });
    let _ = IS_ASKED.set(asked);
}

/// Whether warnings and errors are told as JSON.
pub fn is_asked() -> bool {
    IS_ASKED.get().copied().unwrap_or(false)
}

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

/// An error that ends the program with this status, as a line of JSON to standard error.
pub fn tell_error(status: u8, mut error: Json) {
    error["event"] = "error".into();
    error["status"] = status.into();
    tell(&error);
}

/// The value of a setting.
pub fn value(value: Value) -> Json {
    match value {
        Value::Real(number) => number.into(),
        Value::Count(number) => number.into(),
        Value::Name(name) => name.into(),
        Value::List(list) => list.numbers().into(),
        Value::Document(document) => document.text().into(),
    }
}
