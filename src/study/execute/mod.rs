//! Running a plan: parts in parallel, each simulated by one worker. Into a store, where each is committed
//! once; or into memory.

mod memory;
mod slice;
mod threads;

pub(crate) use memory::each_part;
pub use memory::{Collected, collect};
pub use slice::Slice;

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
    /// Workers, at least 1; no more are started than have work.
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
    /// A part is whole, which was missing.
    fn part(&self, _part: u64) {}
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
    #[error(
        "part {part} could not be committed, and the sweep stopped; --resume goes on where it stopped"
    )]
    Commit {
        /// The part.
        part: u64,
        /// Why.
        source: StoreError,
    },
    /// The place cannot be read any more.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was done is not in the place at the end.
    #[error(
        "{place}: {what} at the end of the sweep; the place was renamed, removed or changed meanwhile. \
         --resume does what is missing there"
    )]
    Lost {
        /// The place.
        place: String,
        /// What is not there.
        what: String,
    },
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

impl SweepError {
    /// The part that was at fault, if it was one.
    pub fn part(&self) -> Option<u64> {
        match self {
            Self::Commit { part, .. } => Some(*part),
            Self::Part(error) => Some(error.part()),
            _ => None,
        }
    }
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
    countable(plan)?;
    let existing = match (options.resume, options.slice) {
        (true, _) => Existing::Mend,
        (false, Slice::Whole) => Existing::Refuse,
        (false, _) => Existing::Join,
    };
    let manifest = begin(store, plan, existing)?;
    // What cannot be removed is in nobody's way.
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

/// Refuses a plan of more parts than anybody can keep.
fn countable(plan: &Plan) -> Result<(), SweepError> {
    match plan.parts.count {
        parts if parts > MOST_PARTS => Err(SweepError::TooManyParts {
            parts,
            most: MOST_PARTS,
        }),
        _ => Ok(()),
    }
}

/// Which of some parts of a dataset are not whole, in their order.
pub fn missing(store: &dyn Store, manifest: &Manifest, parts: &[u64], by: Check) -> Vec<u64> {
    // Where a store is far away, telling is mostly waiting; but of parts that are read whole, no more are
    // held in memory than cores can work on.
    const AT_ONCE: usize = 32;
    let records = store.list(RECORDS).ok();
    let records = records.map(|entries| {
        let names = entries.into_iter().map(|entry| entry.name);
        names.collect::<BTreeSet<_>>()
    });
    // A part without a record needs no more questions.
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

/// Expects that a place holds the dataset that was begun there, with these parts.
fn expect_kept(store: &dyn Store, manifest: &Manifest, parts: &[u64]) -> Result<(), SweepError> {
    let lost = |what| SweepError::Lost {
        place: store.place(),
        what,
    };
    if !manifest_of(store).is_ok_and(|found| found == *manifest) {
        return Err(lost(format!("{MANIFEST} missing or altered")));
    }
    let mut names = BTreeSet::new();
    for folder in manifest.tables.iter().map(String::as_str).chain([RECORDS]) {
        names.extend(store.list(folder)?.into_iter().map(|entry| entry.name));
    }
    // A listing may lag behind what other machines wrote; the parts themselves do not.
    let is_listed = |&part: &u64| {
        let mut files = manifest.part_files(part);
        files.push(part_record(part));
        files.iter().all(|name| names.contains(name))
    };
    let is_kept = |part: &u64| is_listed(part) || is_whole(store, manifest, *part, Check::Size);
    match parts.iter().filter(|part| !is_kept(part)).count() {
        0 => Ok(()),
        count => Err(lost(format!("{count} of {} parts missing", parts.len()))),
    }
}

fn is_whole(store: &dyn Store, manifest: &Manifest, part: u64, by: Check) -> bool {
    let files = manifest.part_files(part);
    check(store, &part_record(part), &files, by).is_empty()
}

/// What doing one part came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartDone {
    /// Runs simulated.
    pub runs: u64,
    /// Runs that failed, of those.
    pub failed: u64,
    /// Whether it was whole already, since others had done it.
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

/// A part of a sweep that is made.
enum Made {
    /// By this process: to be committed.
    Part(Part),
    /// Before, or by others.
    Before(PartDone),
}

/// Does one part of a dataset that was begun, unless others have done it by now; `None` where it was asked
/// to stop before the end. This is what any executor does with a part: it may be done twice, at the same
/// time too, since its bytes are the same. `mend` puts it also in the place of what is damaged, and with
/// [`Check::Full`] it is done whatever is there.
///
/// # Errors
/// When it cannot be made or committed.
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

/// What a part came to that others have done by now, unless it is to be done whatever is there.
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
