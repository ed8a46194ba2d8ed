//! Workers of one process, which take one part after another.

use super::SweepError;
use crate::study::part::Worker;
use crate::study::plan::Plan;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// Lets each of some threads take one part after another: `work` does a part, `None` where it was asked
/// to stop, and `done` hears of it. The first error ends the work of all.
pub fn share_out<T>(
    plan: &Plan,
    threads: usize,
    todo: &[u64],
    stop: &AtomicBool,
    work: impl Fn(&mut Worker, u64) -> Result<Option<T>, SweepError> + Sync,
    done: impl FnMut(u64, T) + Send,
) -> Result<(), SweepError> {
    let threads = threads.min(todo.len()).max(1);
    let next = AtomicUsize::new(0);
    let so_far = Mutex::new((done, Ok(())));
    let take_parts = || {
        let mut worker = Worker::new(plan);
        while let Some(&part) = todo.get(next.fetch_add(1, Ordering::Relaxed)) {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let made = work(&mut worker, part);
            let mut so_far = so_far.lock().expect("no worker panics with it");
            match (&mut *so_far, made) {
                ((done, Ok(())), Ok(Some(made))) => done(part, made),
                ((_, outcome @ Ok(())), Err(error)) => {
                    *outcome = Err(error);
                    stop.store(true, Ordering::Relaxed);
                }
                (_, Ok(None)) | ((_, Err(_)), _) => {}
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            if let Err(source) = thread::Builder::new().spawn_scoped(scope, take_parts) {
                stop.store(true, Ordering::Relaxed);
                return Err(SweepError::Threads { threads, source });
            }
        }
        take_parts();
        Ok(())
    })?;
    so_far.into_inner().expect("no worker panics with it").1
}
