//! Running a plan into a store: parts in parallel, each simulated by one worker and committed once.

mod slice;
mod threads;

pub use slice::Slice;

use super::dataset::{DatasetError, Existing, begin};
use super::manifest::{Manifest, part_record};
use super::part::PartError;
use super::plan::Plan;
use super::record::{Check, check};
use super::store::{Left, Store, StoreError};
use super::verify::false_parts;
use std::sync::atomic::{AtomicBool, Ordering};

/// What to do about a run that fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// Its row says so, and the sweep goes on.
    #[default]
    Record,
    /// The sweep stops; the parts written so far stay.
    Stop,
}

/// How a sweep is run; none of it changes what is written.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Workers, at least 1; no more are started than there are parts.
    pub threads: usize,
    /// Whether to finish a dataset that is there, and mend what is damaged in it.
    pub resume: bool,
    /// How closely parts that are there are looked at.
    pub check: Check,
    /// Which parts to do. A slice joins a dataset that is there.
    pub slice: Slice,
    /// What to do about a run that fails.
    pub on_failure: OnFailure,
}

/// Hears how a sweep goes; `()` hears nothing.
pub trait Progress: Sync {
    /// There are `runs` runs to do.
    fn begin(&self, _runs: u64) {}
    /// So many more are done.
    fn advance(&self, _runs: u64) {}
    /// Nothing more will come.
    fn end(&self) {}
}

impl Progress for () {}

/// What a sweep did.
#[derive(Clone, Debug)]
pub struct Swept {
    /// What the dataset says of itself.
    pub manifest: Manifest,
    /// Runs simulated.
    pub runs: u64,
    /// Parts of the slice.
    pub parts: u64,
    /// Parts of the slice that were whole already, or were done by others meanwhile.
    pub parts_kept: u64,
    /// Runs that failed, of those simulated.
    pub failed: u64,
    /// Whether it was asked to stop before its end.
    pub interrupted: bool,
    /// Files that are no parts, but would be read as such with the rest of their folder.
    pub false_parts: Vec<String>,
}

/// Why a sweep ended before its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The place cannot be used.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A part could not be committed. Those committed already stay.
    #[error("the sweep stopped; --resume goes on where it stopped")]
    Store(#[from] StoreError),
    /// A part could not be made. Those committed already stay.
    #[error(transparent)]
    Part(#[from] PartError),
    /// More than anybody can keep.
    #[error("the sweep has {parts} parts, and {most} at most can be kept; take fewer runs")]
    TooManyParts {
        /// How many.
        parts: u64,
        /// How many there may be.
        most: u64,
    },
    /// The worker threads could not be started.
    #[error("cannot start {threads} threads; take fewer")]
    Threads {
        /// How many were to be started.
        threads: usize,
        /// Why.
        source: std::io::Error,
    },
}

/// Most parts of a sweep that is run: half a minute each, on a thousand cores a week.
const MOST_PARTS: u64 = 1 << 24;

/// Runs a plan, or a slice of it, into a store. `stop` asks for a clean end; a sweep that fails sets it,
/// so that all of its workers end.
///
/// # Errors
/// When the place cannot be used or written, or a run failed and that was to stop the sweep.
pub fn sweep(
    plan: &Plan,
    store: &dyn Store,
    options: Options,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Swept, SweepError> {
    if plan.parts.count > MOST_PARTS {
        return Err(SweepError::TooManyParts {
            parts: plan.parts.count,
            most: MOST_PARTS,
        });
    }
    let existing = match (options.resume, options.slice) {
        (true, _) => Existing::Mend,
        (false, Slice::Whole) => Existing::Refuse,
        (false, _) => Existing::Join,
    };
    let manifest = begin(store, plan, existing)?;
    // What cannot be removed is in nobody's way.
    let tidy = || (existing != Existing::Refuse).then(|| store.tidy(Left::ByTheDead));
    tidy();

    let slice = options.slice.parts(manifest.parts);
    let is_whole = |part: u64, check_by: Check| {
        let files = manifest.part_files(part);
        check(store, &part_record(part), &files, check_by).is_empty()
    };
    let todo: Vec<_> = slice
        .iter()
        .copied()
        .filter(|&part| existing == Existing::Refuse || !is_whole(part, options.check))
        .collect();
    let runs_of = |&part: &u64| {
        let runs = plan.part_runs(part);
        runs.end - runs.start
    };
    progress.begin(todo.iter().map(runs_of).sum());
    let work = threads::Work {
        plan,
        store,
        todo: &todo,
        mend: options.resume,
        // Others may be at work here as well. What was found damaged is done whatever they did.
        is_done: &|part| is_whole(part, Check::Size) && options.check == Check::Size,
        on_failure: options.on_failure,
        progress,
        stop,
    };
    let done = work.run(options.threads);
    progress.end();
    let done = done?;
    tidy();
    Ok(Swept {
        runs: done.runs,
        failed: done.failed,
        parts: slice.len() as u64,
        parts_kept: (slice.len() - todo.len()) as u64 + done.kept,
        interrupted: stop.load(Ordering::Relaxed),
        false_parts: false_parts(store, &manifest)?,
        manifest,
    })
}
