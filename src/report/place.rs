//! Where a report is written: in a place of its own, or over an earlier report.

use crate::output::{OutputError, write_whole};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What tells a report from other pages, in its head.
pub(super) const MARK: &str = "<meta name=\"generator\" content=\"conviction";

/// Why no report is written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// There is something else.
    #[error(
        "{path}: holds something that is no report of conviction, and is left as it is; choose another name, \
         or take it away first"
    )]
    Occupied {
        /// The file.
        path: PathBuf,
    },
    /// What is there cannot be looked at.
    #[error("{path}: cannot be looked at")]
    Look {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// A place where a report may be written.
#[derive(Debug)]
pub struct Place<'p>(&'p Path);

impl<'p> Place<'p> {
    /// A place that is free, empty, or holds an earlier report. Checked before the work, which takes
    /// long.
    ///
    /// # Errors
    /// When it holds anything else.
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

    /// Writes a report there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(self, html: &str) -> Result<(), PlaceError> {
        write_whole(self.0, html.as_bytes())?;
        Ok(())
    }
}

/// Expects that the directory of a file is there.
fn expect_folder(path: &Path) -> Result<(), OutputError> {
    match path.parent() {
        Some(folder) if folder != Path::new("") => fs::metadata(folder)
            .map(drop)
            .map_err(|source| OutputError::write(path, source)),
        _ => Ok(()),
    }
}
