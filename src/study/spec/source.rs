//! Reads the text of a spec.

use super::SpecError;
use crate::input::{read_standard_input, read_text};
use std::path::{Path, PathBuf};

/// Maximum size of a spec in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// A text, its name in errors, and the directory to which its paths are relative.
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
