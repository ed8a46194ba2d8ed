//! Being asked to end, by Ctrl-C or by the system.

use super::Failure;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Begins to listen: what is returned turns true when an end is asked for.
pub fn listen() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::Relaxed) {
            // Asked twice: at once. What is not whole is told by its name.
            std::process::exit(130);
        }
    })
    .map_err(|e| Failure::Work(format!("cannot listen for Ctrl-C: {e}")))?;
    Ok(stop)
}
