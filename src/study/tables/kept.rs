//! Simulators that outlive their plan: whoever evaluates one small plan after another builds worlds once.
//!
//! The list is one for the process. Nobody waits for it: where another thread holds it, or held it when the
//! process forked, worlds are built anew.

use crate::engine::{Leaving, Model, Simulator};
use crate::study::plan::Plan;
use std::sync::Mutex;
use std::thread::available_parallelism;

static KEPT: Mutex<Vec<Simulator>> = Mutex::new(Vec::new());

/// Bytes that the worlds of a simulator may be expected to need, to be kept.
const MOST_BYTES: f64 = (64 << 20) as f64;

/// A simulator whose runs leave these columns: one that was kept, if there is one.
pub fn simulator(model: &Model, leaving: &[Leaving]) -> Simulator {
    let kept = KEPT.try_lock().ok().and_then(|mut kept| {
        let fits = |of: &Simulator| of.model().is_same(model) && of.leaves() == leaving;
        let place = kept.iter().rposition(fits)?;
        Some(kept.remove(place))
    });
    kept.unwrap_or_else(|| Simulator::leaving(model, leaving.to_vec()))
}

/// Keeps a simulator whose runs have ended and left nothing behind, as many as there are cores; those kept
/// first give way.
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
