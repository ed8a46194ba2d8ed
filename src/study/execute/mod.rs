//! Executes plans. Threads share the parts, and each part is committed to a store once or collected in memory.

mod memory;
mod slice;
mod threads;

pub(crate) use memory::each_part;
pub use memory::{Collected, collect};
pub use slice::Slice;

pub use super::progress::{OnFailure, Progress};

use super::dataset::{DatasetError, Existing, begin, manifest_of};
use super::manifest::{MANIFEST, Manifest, RECORDS, part_record};
use super::part::{Part, PartError, PartWriter, Watch, Worker};
use super::plan::Plan;
use super::record::{Check, check};
use super::store::{Store, StoreError};
use super::verify::false_parts;
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use threads::{Begun, Steps, share_out};

/// Execution options of a sweep; none changes its output.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Worker threads, at least 1; threads without work are not started.
    pub threads: usize,
    /// True to finish an existing dataset and repair damaged files in it.
    pub resume: bool,
    /// How closely existing parts are checked.
    pub check: Check,
    /// Parts to do; a slice joins an existing dataset.
    pub slice: Slice,
    /// How to handle failed runs.
    pub on_failure: OnFailure,
}

/// Summary of a sweep.
#[derive(Clone, Debug)]
pub struct Swept {
    /// Manifest of the dataset.
    pub manifest: Manifest,
    /// Runs simulated.
    pub runs: u64,
    /// Parts of the slice.
    pub parts: u64,
    /// Parts of the slice that were complete before, or that others completed meanwhile.
    pub parts_kept: u64,
    /// Failed runs among those simulated.
    pub failed: u64,
    /// True if the sweep was stopped before its end.
    pub interrupted: bool,
    /// Files that are not parts but that readers of the complete folder would take for parts.
    pub false_parts: Vec<String>,
}

/// Reasons why a sweep ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The place cannot be used.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A part could not be committed; committed parts remain.
    #[error(
        "part {part} could not be committed, and the sweep stopped; --resume continues from there"
    )]
    Commit {
        /// Number of the part.
        part: u64,
        /// Cause.
        source: StoreError,
    },
    /// The place can no longer be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Committed files are missing at the end.
    #[error(
        "{place}: {what} at the end of the sweep; the place was renamed, removed or changed meanwhile. \
         --resume does what is missing there"
    )]
    Lost {
        /// Name of the place.
        place: String,
        /// Missing files.
        what: String,
    },
    /// A part could not be made; committed parts remain.
    #[error(transparent)]
    Part(#[from] PartError),
    /// The sweep has too many parts.
    #[error("the sweep has {parts} parts, and {most} at most can be kept; take fewer runs")]
    TooManyParts {
        /// Number of parts.
        parts: u64,
        /// Greatest number of parts.
        most: u64,
    },
    /// The worker threads could not be started.
    #[error("cannot start {threads} threads; take fewer")]
    Threads {
        /// Number of threads.
        threads: usize,
        /// Cause.
        source: std::io::Error,
    },
}

impl SweepError {
    /// Returns the number of the part at fault; `None` if no part is.
    pub fn part(&self) -> Option<u64> {
        match self {
            Self::Commit { part, .. } => Some(*part),
            Self::Part(error) => Some(error.part()),
            _ => None,
        }
    }
}

/// Most parts of a sweep: at half a minute each, a week on a thousand cores.
const MOST_PARTS: u64 = 1 << 24;

/// Executes a plan, or a slice of it, into a store. Setting `stop` asks for a clean end; a failing sweep sets it, so
/// that all of its workers end.
///
/// # Errors
/// When the place cannot be used or written, or a run failed and `options` stop the sweep.
pub fn sweep(
    plan: &Plan,
    store: &dyn Store,
    options: Options,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Swept, SweepError> {
    countable(plan)?;
    let existing = match (options.resume, options.slice) {
        (true, _) => Existing::Mend,
        (false, Slice::Whole) => Existing::Refuse,
        (false, _) => Existing::Join,
    };
    let manifest = begin(store, plan, existing)?;
    // Temporary files that cannot be removed do no harm.
    let tidy = || (existing != Existing::Refuse).then(|| store.tidy());
    tidy();

    let slice = options.slice.parts(manifest.parts);
    let todo: Vec<_> = match existing {
        Existing::Refuse => slice.clone(),
        _ => missing(store, &manifest, &slice, options.check),
    };
    let runs_of = |&part: &u64| {
        let runs = plan.part_runs(part);
        runs.end - runs.start
    };
    progress.begin(todo.iter().map(runs_of).sum());
    let watch = Watch {
        stop,
        on_failure: options.on_failure,
        progress,
    };
    let metadata = plan.metadata();
    let steps = Steps {
        begin: |part| {
            let whole = whole_part(plan, part, store, &manifest, options.check, progress);
            Ok(match whole {
                Some(done) => Begun::Made(Made::Before(done)),
                None => Begun::Assembly(PartWriter::begin(plan, part, &metadata)?),
            })
        },
        finish: |writer: PartWriter| Ok(Made::Part(writer.finish()?)),
        keep: |part, made| match made {
            Made::Before(done) => Ok(done),
            Made::Part(made) => {
                let committed = made.commit(store, options.resume);
                committed.map_err(|source| SweepError::Commit { part, source })?;
                progress.part(part);
                Ok(PartDone::of(&made))
            }
        },
    };
    let (mut runs, mut failed, mut kept) = (0, 0, 0);
    let mut undone: BTreeSet<_> = todo.iter().copied().collect();
    let hear = |part, done: PartDone| {
        undone.remove(&part);
        runs += done.runs;
        failed += done.failed;
        kept += u64::from(done.kept);
    };
    let done = share_out(plan, options.threads, &todo, &watch, &steps, hear);
    progress.end();
    done?;
    tidy();
    let done = slice.iter().copied().filter(|part| !undone.contains(part));
    expect_kept(store, &manifest, &done.collect::<Vec<_>>())?;
    Ok(Swept {
        runs,
        failed,
        parts: slice.len() as u64,
        parts_kept: (slice.len() - todo.len()) as u64 + kept,
        interrupted: stop.load(Ordering::Relaxed),
        false_parts: false_parts(store, &manifest)?,
        manifest,
    })
}

/// Refuses a plan of too many parts.
///
/// # Errors
/// [`SweepError::TooManyParts`].
pub fn countable(plan: &Plan) -> Result<(), SweepError> {
    match plan.parts.count {
        parts if parts > MOST_PARTS => Err(SweepError::TooManyParts {
            parts,
            most: MOST_PARTS,
        }),
        _ => Ok(()),
    }
}

/// Returns those of `parts` that are incomplete in a dataset, in their order.
pub fn missing(store: &dyn Store, manifest: &Manifest, parts: &[u64], by: Check) -> Vec<u64> {
    // A check of a remote store mostly waits. If parts are read completely, only one per core is in memory.
    const AT_ONCE: usize = 32;
    let records = store.list(RECORDS).ok();
    let records = records.map(|entries| {
        let names = entries.into_iter().map(|entry| entry.name);
        names.collect::<BTreeSet<_>>()
    });
    // A part without a record is missing.
    let is_recorded = |part| match &records {
        Some(records) => records.contains(&part_record(part)),
        None => true,
    };
    let is_missing = |part: &u64| !is_recorded(*part) || !is_whole(store, manifest, *part, by);
    let all = || parts.par_iter().copied().filter(is_missing).collect();
    let threads = AT_ONCE.min(parts.len()).max(1);
    match ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) if by == Check::Size => pool.install(all),
        _ => all(),
    }
}

/// Checks that a place still holds the dataset begun there, with these parts.
fn expect_kept(store: &dyn Store, manifest: &Manifest, parts: &[u64]) -> Result<(), SweepError> {
    let lost = |what| SweepError::Lost {
        place: store.place(),
        what,
    };
    if !manifest_of(store).is_ok_and(|found| found == *manifest) {
        return Err(lost(format!("{MANIFEST} missing or altered")));
    }
    match lost_parts(store, manifest, parts)?.len() {
        0 => Ok(()),
        count => Err(lost(format!("{count} of {} parts missing", parts.len()))),
    }
}

/// Returns those of `parts`, reported as complete, that a dataset lacks, in their order.
///
/// # Errors
/// When the place cannot be listed.
pub fn lost_parts(
    store: &dyn Store,
    manifest: &Manifest,
    parts: &[u64],
) -> Result<Vec<u64>, StoreError> {
    let mut names = BTreeSet::new();
    for folder in manifest.tables.iter().map(String::as_str).chain([RECORDS]) {
        names.extend(store.list(folder)?.into_iter().map(|entry| entry.name));
    }
    // A listing may lag behind writes of other machines; the parts themselves do not.
    let is_listed = |&part: &u64| {
        let mut files = manifest.part_files(part);
        files.push(part_record(part));
        files.iter().all(|name| names.contains(name))
    };
    let is_kept = |part: &u64| is_listed(part) || is_whole(store, manifest, *part, Check::Size);
    let lost = parts.iter().copied().filter(|part| !is_kept(part));
    Ok(lost.collect())
}

fn is_whole(store: &dyn Store, manifest: &Manifest, part: u64, by: Check) -> bool {
    let files = manifest.part_files(part);
    check(store, &part_record(part), &files, by).is_empty()
}

/// Result of doing one part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartDone {
    /// Runs simulated.
    pub runs: u64,
    /// Failed runs among those simulated.
    pub failed: u64,
    /// True if the part was complete already.
    pub kept: bool,
}

impl PartDone {
    fn of(part: &Part) -> Self {
        Self {
            runs: part.runs,
            failed: part.failed,
            kept: false,
        }
    }
}

/// Part of a sweep, made by this process or before.
enum Made {
    /// Part to be committed by this process.
    Part(Part),
    /// Part completed before or by others.
    Before(PartDone),
}

/// Does one part of a dataset that was begun, unless others have completed it; returns `None` if stopped before the
/// end. Any executor may call this, even twice for a part or at the same time, since the bytes are the same. `mend`
/// overwrites damaged files. With [`Check::Full`] existing parts are made again.
///
/// # Errors
/// When the part cannot be made or committed.
pub fn do_part(
    worker: &mut Worker,
    part: u64,
    store: &dyn Store,
    manifest: &Manifest,
    watch: &Watch,
    mend: bool,
    by: Check,
) -> Result<Option<PartDone>, SweepError> {
    if let Some(done) = whole_part(worker.plan(), part, store, manifest, by, watch.progress) {
        return Ok(Some(done));
    }
    let Some(made) = worker.part(part, watch)? else {
        return Ok(None);
    };
    let committed = made.commit(store, mend);
    committed.map_err(|source| SweepError::Commit { part, source })?;
    watch.progress.part(part);
    Ok(Some(PartDone::of(&made)))
}

/// Returns the result of a part that others have completed; `None` if it is missing or must be made again.
fn whole_part(
    plan: &Plan,
    part: u64,
    store: &dyn Store,
    manifest: &Manifest,
    by: Check,
    progress: &dyn Progress,
) -> Option<PartDone> {
    let is_done = by == Check::Size && is_whole(store, manifest, part, by);
    is_done.then(|| {
        let runs = plan.part_runs(part);
        progress.advance(runs.end - runs.start);
        PartDone {
            kept: true,
            ..PartDone::default()
        }
    })
}
