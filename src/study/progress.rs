//! Progress of a sweep, and what becomes of failed runs.

/// How to handle failed runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// Record the failure in the run's row, and continue.
    #[default]
    Record,
    /// Stop the sweep; committed parts remain.
    Stop,
}

/// Receiver of the progress of a sweep; `()` ignores it.
pub trait Progress: Sync {
    /// Reports the number of runs to do.
    fn begin(&self, _runs: u64) {}
    /// Reports that this many further runs are done.
    fn advance(&self, _runs: u64) {}
    /// Reports that a missing part is complete.
    fn part(&self, _part: u64) {}
    /// Reports the end.
    fn end(&self) {}
}

impl Progress for () {}
