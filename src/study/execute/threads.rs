//! Threads of one process. A maker takes one part after another; once none is left, it helps with the pieces of other
//! makers' parts. Keepers commit finished parts, and mostly wait for the disk.

use super::SweepError;
use crate::study::part::{Assembly, Piece, Watch, Worker};
use crate::study::plan::Plan;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Part that a maker has begun.
pub enum Begun<A, M> {
    /// Assembly of its pieces.
    Assembly(A),
    /// Part made before.
    Made(M),
}

/// Steps that make and keep parts.
pub struct Steps<Begin, Finish, Keep> {
    /// Begins a part.
    pub begin: Begin,
    /// Finishes a part whose pieces are assembled.
    pub finish: Finish,
    /// Keeps a finished part; it may wait for a disk.
    pub keep: Keep,
}

/// Simulated piece; `None` if the work was to stop.
type Made = Result<Option<Piece>, SweepError>;

/// Part whose pieces are being simulated.
struct Open {
    part: u64,
    pieces: Vec<Range<u64>>,
    state: Mutex<Pieces>,
    arrived: Condvar,
}

#[derive(Default)]
struct Pieces {
    /// First piece that no maker has taken.
    next: usize,
    /// Pieces simulated but not yet assembled.
    made: BTreeMap<usize, Made>,
}

impl Open {
    fn new(plan: &Plan, part: u64) -> Self {
        Self {
            pieces: plan.pieces(part),
            part,
            state: Mutex::default(),
            arrived: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, Pieces> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of pieces that no maker has taken.
    fn left(&self) -> usize {
        self.pieces.len() - self.state().next
    }

    /// Removes the remaining pieces, so that no maker helps any more.
    fn close(&self) {
        self.state().next = self.pieces.len();
    }

    /// Takes and simulates a piece; returns true if one was left.
    fn work(&self, worker: &mut Worker, watch: &Watch) -> bool {
        let piece = {
            let mut state = self.state();
            let piece = state.next;
            if piece == self.pieces.len() {
                return false;
            }
            state.next += 1;
            piece
        };
        let mut promise = Promise {
            open: self,
            piece,
            made: Ok(None),
        };
        let made = worker.piece(self.part, self.pieces[piece].clone(), watch);
        promise.made = made.map_err(SweepError::from);
        true
    }

    /// Simulates and assembles all pieces in order, with the help of other makers; returns `None` if the work was to
    /// stop.
    fn assemble<A: Assembly>(
        &self,
        worker: &mut Worker,
        watch: &Watch,
        mut assembly: A,
    ) -> Result<Option<A>, SweepError> {
        for piece in 0..self.pieces.len() {
            loop {
                if let Some(made) = self.state().made.remove(&piece) {
                    match made? {
                        Some(rows) => assembly.add(rows)?,
                        None => return Ok(None),
                    }
                    break;
                }
                if self.work(worker, watch) {
                    continue;
                }
                let state = self.state();
                let is_missing = |state: &mut Pieces| !state.made.contains_key(&piece);
                let arrived = self.arrived.wait_while(state, is_missing);
                drop(arrived.unwrap_or_else(PoisonError::into_inner));
            }
        }
        Ok(Some(assembly))
    }
}

/// Piece that a maker waits for. It arrives even if the thread that simulates it panics.
struct Promise<'o> {
    open: &'o Open,
    piece: usize,
    made: Made,
}

impl Drop for Promise<'_> {
    fn drop(&mut self) {
        let made = std::mem::replace(&mut self.made, Ok(None));
        self.open.state().made.insert(self.piece, made);
        self.open.arrived.notify_all();
    }
}

/// Parts that no maker has taken, and parts under way.
struct Queue<'t> {
    todo: std::slice::Iter<'t, u64>,
    open: Vec<Arc<Open>>,
}

impl Queue<'_> {
    /// Takes the next part, and lets others help with it.
    fn take(&mut self, plan: &Plan) -> Option<Arc<Open>> {
        let open = Arc::new(Open::new(plan, *self.todo.next()?));
        self.open.push(Arc::clone(&open));
        Some(open)
    }

    /// Returns the part with the most pieces left; `None` if no part has any.
    fn most_left(&self) -> Option<Arc<Open>> {
        let most = self.open.iter().max_by_key(|open| open.left())?;
        (most.left() > 0).then(|| Arc::clone(most))
    }
}

/// Makes and keeps parts with several threads, and calls `done` with each part kept. The first error stops all
/// threads.
pub fn share_out<A, M, T>(
    plan: &Plan,
    threads: usize,
    todo: &[u64],
    watch: &Watch,
    steps: &Steps<
        impl Fn(u64) -> Result<Begun<A, M>, SweepError> + Sync,
        impl Fn(A) -> Result<M, SweepError> + Sync,
        impl Fn(u64, M) -> Result<T, SweepError> + Sync,
    >,
    done: impl FnMut(u64, T) + Send,
) -> Result<(), SweepError>
where
    A: Assembly,
    M: Send,
{
    let pieces = |parts: &[u64]| parts.iter().map(|&part| plan.pieces(part).len()).sum();
    let threads = threads.min(match todo.len() < threads {
        true => pieces(todo),
        false => threads,
    });
    let threads = threads.max(1);
    let queue = Mutex::new(Queue {
        todo: todo.iter(),
        open: Vec::new(),
    });
    let so_far = Mutex::new((done, Ok(())));
    let failed = |error| {
        let mut so_far = so_far.lock().unwrap_or_else(PoisonError::into_inner);
        if so_far.1.is_ok() {
            so_far.1 = Err(error);
        }
        watch.stop.store(true, Ordering::Relaxed);
    };
    let locked = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    let make = |to: SyncSender<(u64, M)>| {
        let mut worker = Worker::new(plan);
        let is_stopped = || watch.stop.load(Ordering::Relaxed);
        while !is_stopped() {
            let Some(open) = locked().take(plan) else {
                break;
            };
            let made = (steps.begin)(open.part).and_then(|begun| match begun {
                Begun::Made(made) => Ok(Some(made)),
                Begun::Assembly(assembly) => {
                    let assembly = open.assemble(&mut worker, watch, assembly)?;
                    assembly.map(&steps.finish).transpose()
                }
            });
            open.close();
            locked().open.retain(|other| other.part != open.part);
            match made {
                // Sending fails only if all keepers panicked; the scope then panics once all threads have ended.
                Ok(Some(made)) => drop(to.send((open.part, made))),
                Ok(None) => {}
                Err(error) => failed(error),
            }
        }
        while !is_stopped() {
            let Some(open) = locked().most_left() else {
                break;
            };
            open.work(&mut worker, watch);
        }
    };
    let keep = |from: &Mutex<Receiver<(u64, M)>>| {
        loop {
            let next = from.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok((part, made)) = next else {
                return;
            };
            match (steps.keep)(part, made) {
                Ok(kept) => {
                    let mut so_far = so_far.lock().unwrap_or_else(PoisonError::into_inner);
                    if let (done, Ok(())) = &mut *so_far {
                        done(part, kept);
                    }
                }
                Err(error) => failed(error),
            }
        }
    };
    // The channel holds nothing: there are no more parts in memory than makers and keepers.
    let (to, from) = sync_channel(0);
    let from = Arc::new(Mutex::new(from));
    let (make, keep) = (&make, &keep);
    thread::scope(|scope| -> Result<(), SweepError> {
        let refused = |source| {
            watch.stop.store(true, Ordering::Relaxed);
            SweepError::Threads { threads, source }
        };
        for _ in 0..threads.min(todo.len()) {
            let from = Arc::clone(&from);
            let keeper = thread::Builder::new().spawn_scoped(scope, move || keep(&from));
            keeper.map_err(refused)?;
        }
        // Closes this thread's end, so that no maker waits if all keepers panic.
        drop(from);
        for _ in 1..threads {
            let to = to.clone();
            let maker = thread::Builder::new().spawn_scoped(scope, move || make(to));
            maker.map_err(refused)?;
        }
        make(to);
        Ok(())
    })?;
    so_far
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .1
}
