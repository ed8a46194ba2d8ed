//! How a sweep goes, for people: a bar on a terminal, a line now and then elsewhere.

use crate::study::execute::Progress;
use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressState, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A bar on standard error if that is a terminal, else lines; nothing if `quiet`.
pub fn progress(quiet: bool) -> Box<dyn Progress> {
    if quiet {
        Box::new(Silence)
    } else if std::io::stderr().is_terminal() {
        let style = "{bar:32} {human_pos} of {human_len} runs, {rate} per second, {eta} left";
        let style = ProgressStyle::with_template(style).expect("a template");
        let style = style.with_key(
            "rate",
            |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{}", HumanCount(state.per_sec() as u64));
            },
        );
        let bar = ProgressBar::new(0).with_style(style);
        Box::new(Bar(bar))
    } else {
        Box::new(Lines {
            runs: AtomicU64::new(0),
            done: AtomicU64::new(0),
            clock: Mutex::new(Clock {
                begun: Instant::now(),
                spoken: Instant::now(),
            }),
        })
    }
}

struct Silence;

impl Progress for Silence {
    fn begin(&self, _runs: u64) {}

    fn advance(&self, _runs: u64) {}

    fn end(&self) {}
}

struct Bar(ProgressBar);

impl Progress for Bar {
    fn begin(&self, runs: u64) {
        self.0.set_length(runs);
        self.0.reset();
        self.0.enable_steady_tick(Duration::from_millis(200));
    }

    fn advance(&self, runs: u64) {
        self.0.inc(runs);
    }

    fn end(&self) {
        self.0.finish_and_clear();
    }
}

struct Lines {
    runs: AtomicU64,
    done: AtomicU64,
    clock: Mutex<Clock>,
}

struct Clock {
    begun: Instant,
    spoken: Instant,
}

const BETWEEN_LINES: Duration = Duration::from_secs(10);

impl Progress for Lines {
    fn begin(&self, runs: u64) {
        self.runs.store(runs, Ordering::Relaxed);
        let now = Instant::now();
        *self.clock.lock().expect("no holder panics") = Clock {
            begun: now,
            spoken: now,
        };
    }

    fn advance(&self, runs: u64) {
        let done = self.done.fetch_add(runs, Ordering::Relaxed) + runs;
        // Whoever finds the clock taken leaves the line to its holder.
        let Ok(mut clock) = self.clock.try_lock() else {
            return;
        };
        if clock.spoken.elapsed() < BETWEEN_LINES {
            return;
        }
        clock.spoken = Instant::now();
        let seconds = clock.begun.elapsed().as_secs_f64();
        let all = self.runs.load(Ordering::Relaxed);
        let rate = done as f64 / seconds;
        let left = Duration::from_secs_f64((all.saturating_sub(done)) as f64 / rate);
        let _ = writeln!(
            std::io::stderr(),
            "{} of {} runs, {} per second, {} left",
            HumanCount(done),
            HumanCount(all),
            HumanCount(rate as u64),
            HumanDuration(left)
        );
    }

    fn end(&self) {}
}
