//! Selects the target of a report's page.

use super::Failure;
use crate::report::{Place, PlaceError};
use std::io::{self, Write};
use std::path::Path;

/// A file, or standard output, written `-`.
pub enum Target<'p> {
    File(Place<'p>),
    Output,
}

impl<'p> Target<'p> {
    /// Checks, before the work, that a page may be written to the target.
    pub fn at(path: &'p Path) -> Result<Self, PlaceError> {
        match is_output(path) {
            true => Ok(Self::Output),
            false => Place::at(path).map(Self::File),
        }
    }

    pub fn write(self, html: &str) -> Result<(), Failure> {
        match self {
            Self::File(place) => Ok(place.write(html)?),
            Self::Output => {
                let mut out = io::stdout().lock();
                out.write_all(html.as_bytes())?;
                Ok(out.flush()?)
            }
        }
    }
}

/// Returns true if a path stands for standard output.
pub fn is_output(path: &Path) -> bool {
    path == Path::new("-")
}
