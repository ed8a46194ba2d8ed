//! Checks that a report may be written: to a free path, or over an earlier report.

use crate::output::{OutputError, write_whole};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Mark of a report in the head of its page.
pub(super) const MARK: &str = "<meta name=\"generator\" content=\"conviction";

/// Reason why a report cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// The file exists and is not a report.
    #[error(
        "{path}: not a report of conviction, so it is not overwritten; choose another name, or remove the file first"
    )]
    Occupied {
        /// The file.
        path: PathBuf,
    },
    /// The existing file cannot be read.
    #[error("{path}: cannot be read")]
    Look {
        /// The file.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// The report cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Path to which a report may be written.
#[derive(Debug)]
pub struct Place<'p>(&'p Path);

impl<'p> Place<'p> {
    /// Checks, before the long work, that the path is free, empty, or holds an earlier report.
    ///
    /// # Errors
    /// When the path holds anything else.
    pub fn at(path: &'p Path) -> Result<Self, PlaceError> {
        let look = |source| PlaceError::Look {
            path: path.to_owned(),
            source,
        };
        let occupied = || PlaceError::Occupied {
            path: path.to_owned(),
        };
        let metadata = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                expect_folder(path)?;
                return Ok(Self(path));
            }
            found => found.map_err(look)?,
        };
        if !metadata.is_file() {
            return Err(occupied());
        }
        let mut head = Vec::new();
        let file = File::open(path).map_err(look)?;
        file.take(1024).read_to_end(&mut head).map_err(look)?;
        let is_report = String::from_utf8_lossy(&head).contains(MARK);
        if head.is_empty() || is_report {
            Ok(Self(path))
        } else {
            Err(occupied())
        }
    }

    /// Writes a report to the path.
    ///
    /// # Errors
    /// When the report cannot be written.
    pub fn write(self, html: &str) -> Result<(), PlaceError> {
        write_whole(self.0, html.as_bytes())?;
        Ok(())
    }
}

/// Checks that the directory of a file exists.
fn expect_folder(path: &Path) -> Result<(), OutputError> {
    match path.parent() {
        Some(folder) if folder != Path::new("") => fs::metadata(folder)
            .map(drop)
            .map_err(|source| OutputError::write(path, source)),
        _ => Ok(()),
    }
}
