//! Where the page of a report goes.

use super::Failure;
use crate::report::{Place, PlaceError};
use std::io::{self, Write};
use std::path::Path;

/// A file, or standard output, which is called `-`.
pub enum Target<'p> {
    File(Place<'p>),
    Output,
}

impl<'p> Target<'p> {
    /// Checks that a page may be written there, before the work.
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

/// Whether a path stands for standard output.
pub fn is_output(path: &Path) -> bool {
    path == Path::new("-")
}
