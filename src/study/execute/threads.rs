//! Workers of one process, which take one part after another.

use super::{OnFailure, Progress, SweepError};
use crate::study::part::{Watch, Worker};
use crate::study::plan::Plan;
use crate::study::store::Store;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// What workers share.
pub struct Work<'a> {
    pub plan: &'a Plan,
    pub store: &'a dyn Store,
    /// The parts to do, in order.
    pub todo: &'a [u64],
    /// Whether to replace other bytes that are there.
    pub mend: bool,
    /// Whether a part is done by now.
    pub is_done: &'a (dyn Fn(u64) -> bool + Sync),
    pub on_failure: OnFailure,
    pub progress: &'a dyn Progress,
    pub stop: &'a AtomicBool,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done {
    /// Runs simulated.
    pub runs: u64,
    /// Runs that failed, of those.
    pub failed: u64,
    /// Parts that others had done meanwhile.
    pub kept: u64,
}

impl Work<'_> {
    /// Lets each of some threads take one part after another. The first error ends the work of all.
    pub fn run(&self, threads: usize) -> Result<Done, SweepError> {
        let threads = threads.min(self.todo.len()).max(1);
        let next = AtomicUsize::new(0);
        let total = Mutex::new(Ok(Done::default()));
        let work = || {
            let mut worker = Worker::new(self.plan);
            while let Some(&part) = self.todo.get(next.fetch_add(1, Ordering::Relaxed)) {
                if self.stop.load(Ordering::Relaxed) {
                    return;
                }
                let done = self.part(&mut worker, part);
                let mut total = total.lock().expect("no worker panics with it");
                match (&mut *total, done) {
                    (Ok(total), Ok(done)) => {
                        total.runs += done.runs;
                        total.failed += done.failed;
                        total.kept += done.kept;
                    }
                    (Ok(_), Err(error)) => {
                        *total = Err(error);
                        self.stop.store(true, Ordering::Relaxed);
                    }
                    (Err(_), _) => {}
                }
            }
        };
        thread::scope(|scope| {
            for _ in 1..threads {
                if let Err(source) = thread::Builder::new().spawn_scoped(scope, work) {
                    self.stop.store(true, Ordering::Relaxed);
                    return Err(SweepError::Threads { threads, source });
                }
            }
            work();
            Ok(())
        })?;
        total.into_inner().expect("no worker panics with it")
    }

    /// Does one part, unless it is done by now.
    fn part(&self, worker: &mut Worker, part: u64) -> Result<Done, SweepError> {
        if (self.is_done)(part) {
            let runs = self.plan.part_runs(part);
            self.progress.advance(runs.end - runs.start);
            return Ok(Done {
                kept: 1,
                ..Done::default()
            });
        }
        let watch = Watch {
            stop: self.stop,
            on_failure: self.on_failure,
            progress: self.progress,
        };
        let Some(made) = worker.part(part, &watch)? else {
            return Ok(Done::default());
        };
        made.commit(self.store, self.mend)?;
        Ok(Done {
            runs: made.runs,
            failed: made.failed,
            kept: 0,
        })
    }
}
