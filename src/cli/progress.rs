//! Reports the progress of a sweep. For people: a bar on a terminal, otherwise an occasional line. For
//! programs: JSON lines.

use super::args::Format;
use super::json;
use crate::study::execute::Progress;
use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressState, ProgressStyle};
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The form in which progress is reported.
#[derive(Clone, Copy)]
pub struct Told {
    pub format: Format,
    /// Reports nothing if true.
    pub quiet: bool,
    /// Reports every part if true.
    pub verbose: bool,
}

/// Returns the progress reporter of a sweep, on standard error.
pub fn progress(told: Told) -> Box<dyn Progress> {
    let verbose = told.verbose;
    match told.format {
        _ if told.quiet => Box::new(()),
        Format::Json => Box::new(Lines::new(Teller::Events)),
        Format::Text if std::io::stderr().is_terminal() => Box::new(Bar::new(verbose)),
        Format::Text => Box::new(Lines::new(Teller::Words { verbose })),
    }
}

struct Bar {
    bar: ProgressBar,
    verbose: bool,
}

impl Bar {
    fn new(verbose: bool) -> Self {
        let style = "{bar:32} {human_pos} of {human_len} runs, {rate} per second, {eta} left";
        let style = ProgressStyle::with_template(style).expect("a template");
        let style = style.with_key(
            "rate",
            |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{}", HumanCount(state.per_sec() as u64));
            },
        );
        Self {
            bar: ProgressBar::new(0).with_style(style),
            verbose,
        }
    }
}

impl Progress for Bar {
    fn begin(&self, runs: u64) {
        self.bar.set_length(runs);
        self.bar.reset();
        self.bar.enable_steady_tick(Duration::from_millis(200));
    }

    fn advance(&self, runs: u64) {
        self.bar.inc(runs);
    }

    fn part(&self, part: u64) {
        if self.verbose {
            self.bar.println(format!("part {part} complete"));
        }
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// Reporter of occasional lines.
struct Lines {
    teller: Teller,
    runs: AtomicU64,
    done: AtomicU64,
    clock: Mutex<Clock>,
}

struct Clock {
    begun: Instant,
    spoken: Instant,
}

/// Audience of the lines.
enum Teller {
    /// People.
    Words {
        /// True to report every part.
        verbose: bool,
    },
    /// Programs.
    Events,
}

impl Teller {
    fn between_lines(&self) -> Duration {
        match self {
            Self::Words { .. } => Duration::from_secs(10),
            Self::Events => Duration::from_secs(1),
        }
    }

    fn begin(&self, runs: u64) {
        if let Self::Events = self {
            json::tell(&json!({ "event": "begin", "runs": runs }));
        }
    }

    fn part(&self, part: u64) {
        match self {
            Self::Events => json::tell(&json!({ "event": "part", "part": part })),
            Self::Words { verbose: true } => {
                let _ = writeln!(std::io::stderr(), "part {part} complete");
            }
            Self::Words { verbose: false } => {}
        }
    }

    fn progress(&self, done: u64, all: u64, seconds: f64) {
        let rate = done as f64 / seconds;
        match self {
            Self::Events => json::tell(&json!({
                "event": "progress", "done": done, "runs": all, "seconds": seconds,
                "runs_per_second": rate,
            })),
            Self::Words { .. } => {
                let left = Duration::from_secs_f64(all.saturating_sub(done) as f64 / rate);
                let _ = writeln!(
                    std::io::stderr(),
                    "{} of {} runs, {} per second, {} left",
                    HumanCount(done),
                    HumanCount(all),
                    HumanCount(rate as u64),
                    HumanDuration(left)
                );
            }
        }
    }
}

impl Lines {
    fn new(teller: Teller) -> Self {
        let now = Instant::now();
        Self {
            teller,
            runs: AtomicU64::new(0),
            done: AtomicU64::new(0),
            clock: Mutex::new(Clock {
                begun: now,
                spoken: now,
            }),
        }
    }
}

impl Progress for Lines {
    fn begin(&self, runs: u64) {
        self.runs.store(runs, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
        let now = Instant::now();
        *self.clock.lock().expect("no holder panics") = Clock {
            begun: now,
            spoken: now,
        };
        self.teller.begin(runs);
    }

    fn advance(&self, runs: u64) {
        let done = self.done.fetch_add(runs, Ordering::Relaxed) + runs;
        // A thread that finds the clock locked leaves the line to its holder.
        let Ok(mut clock) = self.clock.try_lock() else {
            return;
        };
        if clock.spoken.elapsed() < self.teller.between_lines() {
            return;
        }
        clock.spoken = Instant::now();
        let seconds = clock.begun.elapsed().as_secs_f64();
        let all = self.runs.load(Ordering::Relaxed);
        self.teller.progress(done, all, seconds);
    }

    fn part(&self, part: u64) {
        self.teller.part(part);
    }
}
