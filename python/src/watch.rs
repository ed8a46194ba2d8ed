//! Runs work without the interpreter's lock, while reacting to Ctrl-C and reporting progress.

use conviction::search::Listener;
use conviction::study::execute::Progress;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Progress of work, in runs.
#[derive(Default)]
pub struct Told {
    done: AtomicU64,
    all: AtomicU64,
}

impl Listener for Told {}

impl Progress for Told {
    fn begin(&self, runs: u64) {
        self.all.fetch_add(runs, Ordering::Relaxed);
    }

    fn advance(&self, runs: u64) {
        self.done.fetch_add(runs, Ordering::Relaxed);
    }
}

/// Maximum delay in reacting to Ctrl-C.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Runs work in a separate thread, and calls `progress(done, all)` regularly. Ctrl-C, or an exception in
/// `progress`, asks the work to stop; the exception is returned together with the result so far.
pub fn watched<T: Send>(
    py: Python<'_>,
    progress: Option<Py<PyAny>>,
    work: impl FnOnce(&Told, &AtomicBool) -> T + Send,
) -> (T, Option<PyErr>) {
    let (told, stop) = (Told::default(), AtomicBool::new(false));
    let mut last = (0, 0);
    let mut look = |py: Python<'_>| {
        py.check_signals()?;
        let now = (
            told.done.load(Ordering::Relaxed),
            told.all.load(Ordering::Relaxed),
        );
        if let Some(progress) = progress.as_ref().filter(|_| now != last) {
            last = now;
            progress.call1(py, now)?;
        }
        Ok(())
    };
    let (made, asked) = py.detach(|| {
        thread::scope(|scope| {
            let (ended, ends) = channel::<()>();
            let (told, stop) = (&told, &stop);
            let worker = scope.spawn(move || {
                let made = work(told, stop);
                drop(ended);
                made
            });
            let mut asked: Option<PyErr> = None;
            while let Err(RecvTimeoutError::Timeout) = ends.recv_timeout(BETWEEN_LOOKS) {
                if asked.is_none() {
                    asked = Python::attach(&mut look).err();
                    stop.store(asked.is_some(), Ordering::Relaxed);
                }
            }
            match worker.join() {
                Ok(made) => (made, asked),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    });
    let asked = asked.or_else(|| look(py).err());
    (made, asked)
}
