//! Where a spec is read from.

use super::SpecError;
use crate::input::{read_standard_input, read_text};
use std::path::{Path, PathBuf};

/// Most bytes of a spec.
const MOST_BYTES: u64 = 16 << 20;

/// A text, with its name in errors and the directory from which paths in it start.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) directory: PathBuf,
}

impl Source {
    /// Reads a plain file, or standard input if the path is `-`.
    pub(super) fn read(path: &Path) -> Result<Self, SpecError> {
        let (name, text) = match path == Path::new("-") {
            true => (
                "standard input".to_owned(),
                read_standard_input(MOST_BYTES)?,
            ),
            false => (path.display().to_string(), read_text(path, MOST_BYTES)?),
        };
        Ok(Self {
            name,
            text,
            directory: path.parent().unwrap_or(Path::new("")).to_owned(),
        })
    }
}
