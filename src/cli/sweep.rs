//! Implements `conviction sweep`.

use super::args::{Check, Format, OnFailure, SweepArgs};
use super::memory::{available, too_large};
use super::outcomes::{outcomes, summary};
use super::progress::{Told, progress};
use super::shard;
use super::text::{self, bytes, number};
use super::{Failure, interrupt, json, print, warn_line};
use crate::RESULTS_VERSION;
use crate::analyse::summary::by_point;
use crate::engine::Model;
use crate::error::chain;
use crate::study::execute::{self, Options, Slice, Swept, sweep as run};
use crate::study::forecast::Forecast;
use crate::study::record;
use crate::study::store::{Store, open_store};
use crate::study::{Dataset, Plan, Spec};
use indicatif::HumanCount;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub fn sweep(model: &Model, args: &SweepArgs) -> Result<(), Failure> {
    let variable = |name: &str| std::env::var(name).ok();
    let slice = match &args.shard {
        Some(text) => shard::slice(text, variable).map_err(Failure::Input)?,
        None => Slice::Whole,
    };
    let mut spec = Spec::read(model, &args.spec)?;
    spec.assign_sweep(&args.set)?;
    if args.dry_run {
        // The printed spec may be saved in any directory.
        spec = spec.anchored(args.spec.parent().unwrap_or(Path::new("")));
    }
    let plan = Plan::new(spec)
        .map_err(|error| Failure::Input(format!("{}: {}", args.spec.display(), chain(&error))))?;
    for warning in &plan.warnings {
        warn_line("warning", warning);
    }
    let threads = match args.threads {
        Some(threads) => threads as usize,
        None => shard::threads(variable),
    };
    let expected = Forecast::of(&plan);
    let threads = fitting(&plan, &expected, threads)?;
    let store = args.out.as_ref().map(open_store).transpose();
    let store = store?;
    if args.dry_run {
        if let Err(refused) = execute::countable(&plan) {
            warn_line("warning", refused);
        }
        return show(&plan, threads, args.format, store.as_deref());
    }
    let (Some(out), Some(store)) = (&args.out, store) else {
        return Err(Failure::Input("--out is missing".to_owned()));
    };
    let share = match slice {
        Slice::Every { of, .. } => 1.0 / of as f64,
        Slice::Whole | Slice::Any => 1.0,
    };
    warn_of_room(&*store, expected.bytes * share);
    warn_of_long_runs(&plan);

    let stop = interrupt::listen()?;
    let begun = Instant::now();
    let options = Options {
        threads,
        resume: args.resume,
        check: match args.check {
            Check::Size => record::Check::Size,
            Check::Full => record::Check::Full,
        },
        slice,
        on_failure: match args.on_failure {
            OnFailure::Record => execute::OnFailure::Record,
            OnFailure::Stop => execute::OnFailure::Stop,
        },
    };
    let progress = progress(Told {
        format: args.format,
        quiet: args.quiet,
        verbose: args.verbose,
    });
    let swept = run(&plan, &*store, options, &*progress, &stop)?;
    if args.format == Format::Json && !args.quiet {
        json::print(&document(&plan, &swept, begun.elapsed(), &*store))?;
    }
    if swept.interrupted {
        let shard = args.shard.as_ref().map(|shard| format!(" --shard {shard}"));
        let set = args.set.iter().map(|set| format!(" --set {set}"));
        return Err(Failure::Interrupted(format!(
            "interrupted; whole parts are kept, and `conviction sweep {}{} --out {}{} --resume` continues",
            args.spec.display(),
            set.collect::<String>(),
            out.display(),
            shard.unwrap_or_default()
        )));
    }
    if args.format == Format::Text && !args.quiet {
        report(&plan, slice, &swept, begun.elapsed(), &store)?;
    }
    match &*swept.false_parts {
        [] => Ok(()),
        foreign => Err(Failure::Work(format!(
            "{}: not written by this sweep, but readers of the whole folder take it for data: {}; move \
             it away",
            out.display(),
            foreign.join(", ")
        ))),
    }
}

fn show(
    plan: &Plan,
    threads: usize,
    format: Format,
    store: Option<&dyn Store>,
) -> Result<(), Failure> {
    if format == Format::Text {
        print(plan.spec_text())?;
    }
    warn_of_long_runs(plan);
    let expected = Forecast::measured(plan);
    let parts = plan.parts.count;
    let workers = plan.workers(threads).max(1);
    match format {
        Format::Json => json::print(&json!({
            "spec": plan.spec_text(),
            "results_version": RESULTS_VERSION,
            "points": plan.points,
            "runs": plan.runs,
            "parts": parts,
            "threads": workers,
            "seconds": expected.seconds / workers as f64,
            "bytes": expected.bytes,
            "bytes_of_memory_per_thread": expected.memory,
            "measured_runs": expected.measured,
        }))?,
        Format::Text => print(format_args!(
            "# {} points, {} runs, {parts} parts\n# about {} on {workers} \
         threads, {} on the disk, and {} of memory for each thread; {}",
            plan.points,
            plan.runs,
            duration(expected.seconds / workers as f64),
            bytes(expected.bytes as u64),
            bytes(expected.memory as u64),
            match expected.measured {
                0 => "from counts alone".to_owned(),
                runs => format!("measured on {runs} runs"),
            }
        ))?,
    }
    if let Some(store) = store {
        warn_of_room(store, expected.bytes);
    }
    Ok(())
}

/// Returns seconds in words, about as exact as they are known.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 10.0 => format!("{s:.1} s"),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.0} h", s / 3600.0),
        s => format!("{} days", number(s / 86_400.0)),
    }
}

/// Limits the number of threads to what memory holds.
fn fitting(plan: &Plan, expected: &Forecast, threads: usize) -> Result<usize, Failure> {
    let Some(memory) = available() else {
        return Ok(threads);
    };
    let fit = memory as f64 / expected.memory;
    if fit < 1.0 {
        let (point, needed) = plan.expected.largest;
        let run = format!("a run of point {point} ({})", plan.describe(point));
        return Err(too_large(&run, &plan.setting(point), needed, memory));
    }
    if fit < plan.workers(threads) as f64 {
        warn_line(
            "warning",
            format_args!(
                "a thread needs about {} of memory, and {} are free: {} threads instead of {threads}",
                bytes(expected.memory as u64),
                bytes(memory),
                fit as usize
            ),
        );
        return Ok(fit as usize);
    }
    Ok(threads)
}

/// Warns of single runs that take long.
fn warn_of_long_runs(plan: &Plan) {
    const LONG: f64 = 20.0;
    let (point, nanoseconds) = plan.expected.longest;
    let seconds = nanoseconds * 1e-9;
    if seconds > LONG {
        warn_line(
            "warning",
            format_args!(
                "a single run of point {point} ({}) takes about {}",
                plan.describe(point),
                duration(seconds)
            ),
        );
    }
}

/// Warns if a directory's disk has less room than needed.
fn warn_of_room(store: &dyn Store, needed: f64) {
    let Some(out) = store.directory() else {
        return;
    };
    let absolute = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
    let there = absolute.ancestors().find(|path| path.exists());
    // Some file systems do not report their size.
    if let Some(Ok(disk)) = there.map(rustix::fs::statvfs)
        && disk.f_blocks > 0
    {
        let room = disk.f_bavail.saturating_mul(disk.f_frsize);
        if (room as f64) < needed {
            warn_line(
                "warning",
                format_args!(
                    "{} has room for {}, but this sweep needs about {}",
                    out.display(),
                    bytes(room),
                    bytes(needed as u64)
                ),
            );
        }
    }
}

/// Returns the summary of a sweep as JSON.
fn document(plan: &Plan, swept: &Swept, took: Duration, store: &dyn Store) -> Value {
    json!({
        "dataset": store.place(),
        "results_version": swept.manifest.results_version,
        "points": plan.points,
        "runs": plan.runs,
        "parts": plan.parts.count,
        "slice": {
            "parts": swept.parts,
            "parts_kept": swept.parts_kept,
            "runs_simulated": swept.runs,
            "runs_failed": swept.failed,
        },
        "interrupted": swept.interrupted,
        "foreign": swept.false_parts,
        "seconds": took.as_secs_f64(),
    })
}

fn report(
    plan: &Plan,
    slice: Slice,
    swept: &Swept,
    took: Duration,
    store: &Arc<dyn Store>,
) -> Result<(), Failure> {
    let name = store.place();
    if swept.parts_kept > 0 {
        print(format_args!(
            "{} of {} parts were whole already",
            swept.parts_kept, swept.parts
        ))?;
    }
    let rate = swept.runs as f64 / took.as_secs_f64();
    print(format_args!(
        "{} runs in {:.1} s ({} per second), written to {name}",
        HumanCount(swept.runs),
        took.as_secs_f64(),
        number(rate)
    ))?;
    if swept.failed > 0 {
        print(format_args!(
            "{} runs failed; their rows say why (column reason)",
            swept.failed
        ))?;
    }
    // A slice among others has no summary of all runs.
    if slice != Slice::Whole {
        return Ok(());
    }
    // Another store would have to send back the files just written.
    if store.directory().is_some() {
        let dataset = Dataset::of(Arc::clone(store))?;
        let shown = summary(plan);
        let columns: Vec<_> = shown.iter().map(|(column, _)| *column).collect();
        let points = by_point(&dataset, &columns).map_err(Failure::work)?;
        print(format_args!(
            "\n{}",
            outcomes(plan, &shown, points, text::width())
        ))?;
    }
    print(format_args!(
        "\nnext: conviction report {name} --out report.html\n      conviction verify {name}\n      duckdb -c \"select * from '{name}/runs/*.parquet' limit 10\""
    ))?;
    Ok(())
}
