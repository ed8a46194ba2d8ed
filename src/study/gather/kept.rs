//! Simulators kept beyond their plan: a process that evaluates many small plans builds its worlds once.
//!
//! There is one list per process, and no thread waits for it. If another thread holds it, or held it when the
//! process forked, new worlds are built.

use crate::engine::{Leaving, Model, Simulator};
use crate::study::plan::Plan;
use std::sync::Mutex;
use std::thread::available_parallelism;

static KEPT: Mutex<Vec<Simulator>> = Mutex::new(Vec::new());

/// Greatest expected bytes of a kept world.
const MOST_BYTES: f64 = (64 << 20) as f64;

/// Returns a simulator whose runs leave these columns: a kept one if possible.
pub fn simulator(model: &Model, leaving: &[Leaving]) -> Simulator {
    let kept = KEPT.try_lock().ok().and_then(|mut kept| {
        let fits = |of: &Simulator| of.model().is_same(model) && of.leaves() == leaving;
        let place = kept.iter().rposition(fits)?;
        Some(kept.remove(place))
    });
    kept.unwrap_or_else(|| Simulator::leaving(model, leaving.to_vec()))
}

/// Keeps a simulator that holds neither runs nor rows. At most one per core is kept, and the oldest is dropped.
pub fn keep(simulator: Simulator, plan: &Plan) {
    if !simulator.is_warm() || plan.expected.largest.1 > MOST_BYTES {
        return;
    }
    if let Ok(mut kept) = KEPT.try_lock() {
        let most = available_parallelism().map_or(1, usize::from);
        if kept.len() >= most {
            kept.remove(0);
        }
        kept.push(simulator);
    }
}
