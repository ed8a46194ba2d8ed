//! What is fuzzed: a function for each kind of input, which panics where the library breaks a promise. Both
//! the tests on stable Rust and the targets of cargo-fuzz call these.
//!
//! Where files belong together, an input is one of them: its first line names it, the rest is what it holds,
//! and the others are sound.

#![allow(
    dead_code,
    unused_imports,
    reason = "each target of cargo-fuzz calls one of them"
)]

mod contract;
mod dataset;
mod points;
mod recording;
mod run;
mod spec;

pub use contract::{dao, events, history};
pub use dataset::dataset;
pub use points::points;
pub use recording::recording;
pub use run::run;
pub use spec::{assignments, spec};

use conviction::engine::Model;
use conviction::error::chain;
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::LazyLock;
use tempfile::TempDir;

static MODEL: LazyLock<Model> = LazyLock::new(conviction::model);

/// Files by name.
type Files = BTreeMap<String, Vec<u8>>;

/// An error says what is wrong, in lines that do nothing to a terminal.
fn told(error: &dyn Error) {
    let shown = chain(error);
    assert!(!shown.trim().is_empty());
    let hidden = |c: char| c.is_control() && c != '\n';
    assert!(!shown.contains(hidden), "{shown:?}");
}

/// An input that is one of several files.
fn file(input: &[u8]) -> (String, &[u8]) {
    let end = input.iter().position(|&byte| byte == b'\n');
    let (name, content) = input.split_at(end.unwrap_or(input.len()));
    let name = String::from_utf8_lossy(name).into_owned();
    (name, content.get(1..).unwrap_or_default())
}

/// The inputs that leave sound files as they are.
fn inputs(files: &Files) -> Vec<Vec<u8>> {
    let input = |(name, content): (&String, &Vec<u8>)| {
        let line = format!("{name}\n").into_bytes();
        [line, content.clone()].concat()
    };
    files.iter().map(input).collect()
}

/// A directory of these files.
fn directory(files: &Files) -> TempDir {
    let directory = TempDir::new().unwrap();
    for (name, content) in files {
        std::fs::write(directory.path().join(name), content).unwrap();
    }
    directory
}

/// Sound files with that of an input in its place; files that are not among them are left alone, as those
/// who read do.
fn with(sound: &Files, input: &[u8]) -> Files {
    let (name, content) = file(input);
    let mut files = sound.clone();
    if let Some(replaced) = files.get_mut(&name) {
        *replaced = content.to_vec();
    }
    files
}

/// Inputs made of what the library writes now, for a target that has such.
pub fn made_now(target: &str) -> Vec<Vec<u8>> {
    match target {
        "dataset" => inputs(&dataset::SOUND.files),
        "run" => inputs(&run::SOUND),
        _ => Vec::new(),
    }
}
