//! What is read of a dataset is first held against its recorded sums.

use super::dataset::Dataset;
use super::manifest::{MANIFEST, MANIFEST_RECORD, POINTS_RECORD, part_record};
use super::record::{Check, Problem, check, unreadable};
use super::store::{Store, StoreError};
use super::tables::points::POINTS;

/// A file of a dataset is not what was written.
#[derive(Debug, thiserror::Error)]
#[error(
    "{dataset}: {problem}; `conviction verify {dataset}` says what else is wrong, and \
     `conviction sweep SPEC --out {dataset} --resume --check full` writes it again"
)]
pub struct NotWhole {
    /// The dataset.
    pub dataset: String,
    /// What is wrong, and with which file.
    pub problem: Problem,
}

impl Dataset {
    /// Sees to it that the files of a part are those that were written.
    ///
    /// # Errors
    /// When one of them, or their record, is missing or altered.
    pub fn expect_part(&self, part: u64) -> Result<(), NotWhole> {
        self.expect(&part_record(part), &self.manifest.part_files(part))
    }

    /// Sees to it that the manifest and the table of points are those that were written.
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

    /// Copies a file to where it is read, if it is there.
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
