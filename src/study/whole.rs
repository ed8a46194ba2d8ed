//! Checks files of a dataset against their recorded checksums before they are read.

use super::dataset::Dataset;
use super::manifest::{MANIFEST, MANIFEST_RECORD, POINTS_RECORD, part_record};
use super::record::{Check, Problem, check, unreadable};
use super::store::{Store, StoreError};
use super::tables::POINTS;

/// A file of a dataset differs from what was written.
#[derive(Debug, thiserror::Error)]
#[error(
    "{dataset}: {problem}; `conviction verify {dataset}` lists all faults, and \
     `conviction sweep SPEC --out {dataset} --resume --check full` repairs them"
)]
pub struct NotWhole {
    /// Dataset.
    pub dataset: String,
    /// Fault, with its file.
    pub problem: Problem,
}

impl Dataset {
    /// Checks that the files of a part are as written.
    ///
    /// # Errors
    /// When one of them, or their record, is missing or altered.
    pub fn expect_part(&self, part: u64) -> Result<(), NotWhole> {
        self.expect(&part_record(part), &self.manifest.part_files(part))
    }

    /// Checks that the manifest and the table of points are as written.
    ///
    /// # Errors
    /// As [`Dataset::expect_part`].
    pub fn expect_points(&self) -> Result<(), NotWhole> {
        self.expect(MANIFEST_RECORD, &[MANIFEST.to_owned()])?;
        self.expect(POINTS_RECORD, &[POINTS.to_owned()])
    }

    fn expect(&self, record: &str, files: &[String]) -> Result<(), NotWhole> {
        if self.copy.is_some() {
            for name in files.iter().map(String::as_str).chain([record]) {
                self.copy_file(name)
                    .map_err(|error| self.not_whole(unreadable(name, error)))?;
            }
        }
        let problems = check(&self.files(), record, files, Check::Full);
        match problems.into_iter().next() {
            None => Ok(()),
            Some(problem) => Err(self.not_whole(problem)),
        }
    }

    /// Copies a file to the local directory, if it exists.
    fn copy_file(&self, name: &str) -> Result<(), StoreError> {
        match self.store.get(name)? {
            Some(bytes) => self.files().replace(name, &bytes),
            None => Ok(()),
        }
    }

    fn not_whole(&self, problem: Problem) -> NotWhole {
        NotWhole {
            dataset: self.store.place(),
            problem,
        }
    }
}
