//! What is read of a dataset is first held against its recorded sums.

use super::dataset::Dataset;
use super::manifest::{POINTS_RECORD, part_record};
use super::record::{Check, Problem, check};
use super::store::Directory;
use super::tables::points::POINTS;
use std::path::PathBuf;

/// A file of a dataset is not what was written.
#[derive(Debug, thiserror::Error)]
#[error(
    "{place}: {problem}; `conviction verify {place}` says what else is wrong, and \
     `conviction sweep SPEC --out {place} --resume --check full` writes it again",
    place = dataset.display()
)]
pub struct NotWhole {
    /// The dataset.
    pub dataset: PathBuf,
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

    /// Sees to it that the table of points is the one that was written.
    ///
    /// # Errors
    /// As [`Dataset::expect_part`].
    pub fn expect_points(&self) -> Result<(), NotWhole> {
        self.expect(POINTS_RECORD, &[POINTS.to_owned()])
    }

    fn expect(&self, record: &str, files: &[String]) -> Result<(), NotWhole> {
        let store = Directory::new(&self.directory);
        let problems = check(&store, record, files, Check::Full);
        match problems.into_iter().next() {
            None => Ok(()),
            Some(problem) => Err(NotWhole {
                dataset: self.directory.clone(),
                problem,
            }),
        }
    }
}
