//! Handles requests to end, by Ctrl-C or by the system.

use super::Failure;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Installs the handler; the returned flag becomes true when an end is requested.
pub fn listen() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::Relaxed) {
            // A second request ends at once. Temporary names mark incomplete files.
            std::process::exit(130);
        }
    })
    .map_err(|e| Failure::Work(format!("cannot listen for Ctrl-C: {e}")))?;
    Ok(stop)
}
