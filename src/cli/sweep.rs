//! `conviction sweep`.

use super::args::{OnFailure, SweepArgs};
use super::progress::progress;
use super::text::{bytes, number};
use super::{Failure, print, warn_line};
use crate::error::chain;
use crate::study::driver::{self, Options, SweepError, Swept};
use crate::study::forecast::{Forecast, forecast};
use crate::study::summary::{PointSummary, by_point};
use crate::study::{Plan, Spec};
use comfy_table::{CellAlignment, Table, presets};
use indicatif::HumanDuration;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub fn sweep(args: &SweepArgs) -> Result<(), Failure> {
    let spec = Spec::read(&args.spec)?;
    let plan = Plan::new(spec)
        .map_err(|error| Failure::Input(format!("{}: {}", args.spec.display(), chain(&error))))?;
    let shard = args.shard.as_deref().map(shard).transpose()?;
    for warning in plan.spec.warnings().iter().chain(&plan.warnings) {
        warn_line("warning", warning);
    }
    let threads = match args.threads {
        Some(threads) => threads as usize,
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let scratch =
        tempfile::tempdir().map_err(|e| Failure::Work(format!("no room for a trial: {e}")))?;
    let expected = forecast(&plan, scratch.path())?;
    drop(scratch);
    let of = shard.map_or(1, |(_, of)| of);
    let time = expected.time / u32::try_from(threads.max(1)).unwrap_or(1) / of.min(1 << 20) as u32;
    if args.dry_run {
        return show(&plan, &expected, threads, time, args.out.as_deref());
    }
    let Some(out) = &args.out else {
        return Err(Failure::Input("--out is missing".to_owned()));
    };
    warn_of_room(out, expected.bytes / of);

    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::Relaxed) {
            // Asked twice: at once. Parts that are not whole are told by their names.
            std::process::exit(130);
        }
    })
    .map_err(|e| Failure::Work(format!("cannot listen for Ctrl-C: {e}")))?;

    let begun = Instant::now();
    let options = Options {
        threads,
        resume: args.resume,
        shard,
        on_failure: match args.on_failure {
            OnFailure::Record => driver::OnFailure::Record,
            OnFailure::Stop => driver::OnFailure::Stop,
        },
    };
    let progress = progress(args.quiet);
    let swept =
        driver::sweep(&plan, out, options, &*progress, &stop).map_err(|error| match error {
            SweepError::Dataset(_) | SweepError::Threads { .. } => Failure::input(error),
            _ => Failure::work(error),
        })?;
    if swept.interrupted {
        return Err(Failure::Interrupted(format!(
            "interrupted; whole parts are kept, and `conviction sweep {} --out {} --resume` goes on",
            args.spec.display(),
            out.display()
        )));
    }
    if args.quiet {
        return Ok(());
    }
    report(&plan, &swept, begun.elapsed(), out)
}

/// `I/N`, or what Slurm says.
fn shard(text: &str) -> Result<(u64, u64), Failure> {
    let expected = "expected I/N with I from 1 to N, such as 3/8, or slurm";
    let fault = || Failure::Input(format!("--shard {text}: {expected}"));
    if text == "slurm" {
        let read = |name: &str| {
            let value = std::env::var(name)
                .ok()
                .and_then(|value| value.parse::<u64>().ok());
            value.ok_or_else(|| {
                Failure::Input(format!(
                    "--shard slurm: {name} is not set to a number; run this in a job array"
                ))
            })
        };
        let (id, count) = (
            read("SLURM_ARRAY_TASK_ID")?,
            read("SLURM_ARRAY_TASK_COUNT")?,
        );
        // Arrays start where their user says; SLURM_ARRAY_TASK_MIN tells.
        let least = read("SLURM_ARRAY_TASK_MIN").unwrap_or(0);
        let number = id.wrapping_sub(least).wrapping_add(1);
        return if (1..=count).contains(&number) {
            Ok((number, count))
        } else {
            Err(Failure::Input(format!(
                "--shard slurm: task {id} of an array of {count} from {least} is no slice; \
                 number the array without gaps, such as --array=0-{}",
                count.saturating_sub(1)
            )))
        };
    }
    let (number, of) = text.split_once('/').ok_or_else(fault)?;
    let parse = |text: &str| text.trim().parse::<u64>().map_err(|_| fault());
    let (number, of) = (parse(number)?, parse(of)?);
    if (1..=of).contains(&number) {
        Ok((number, of))
    } else {
        Err(fault())
    }
}

fn show(
    plan: &Plan,
    expected: &Forecast,
    threads: usize,
    time: Duration,
    out: Option<&Path>,
) -> Result<(), Failure> {
    print(plan.spec.text())?;
    print(format_args!(
        "# {} points, {} runs, {} parts of {} runs\n# about {} on {threads} threads, and {}, measured on a few runs",
        plan.points,
        plan.runs,
        plan.parts(),
        plan.runs_per_part,
        HumanDuration(time),
        bytes(expected.bytes)
    ))?;
    if let Some(out) = out {
        warn_of_room(out, expected.bytes);
    }
    Ok(())
}

/// Warns when a directory's disk has less room than needed.
fn warn_of_room(out: &Path, needed: u64) {
    let absolute = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
    let there = absolute.ancestors().find(|path| path.exists());
    if let Some(Ok(disk)) = there.map(rustix::fs::statvfs) {
        let room = disk.f_bavail.saturating_mul(disk.f_frsize);
        if room < needed {
            warn_line(
                "warning",
                format_args!(
                    "{} has room for {}, but this sweep needs about {}",
                    out.display(),
                    bytes(room),
                    bytes(needed)
                ),
            );
        }
    }
}

fn report(plan: &Plan, swept: &Swept, took: Duration, out: &Path) -> Result<(), Failure> {
    let name = out.display();
    if swept.parts_kept > 0 {
        print(format_args!(
            "{} of {} parts were whole already",
            swept.parts_kept, swept.parts
        ))?;
    }
    let rate = swept.runs as f64 / took.as_secs_f64();
    print(format_args!(
        "{} runs in {:.1} s ({} per second), written to {name}",
        number(swept.runs as f64).trim_end_matches(".00"),
        took.as_secs_f64(),
        number(rate)
    ))?;
    if swept.failed > 0 {
        print(format_args!(
            "{} runs failed; their rows say why (column reason)",
            swept.failed
        ))?;
    }
    if (swept.parts as u64) < swept.dataset.manifest.parts {
        return Ok(());
    }
    let points = by_point(&swept.dataset).map_err(Failure::work)?;
    print(format_args!("\n{}", outcomes(plan, points)))?;
    print(format_args!(
        "\nnext: conviction report {name} --out report.html\n      conviction verify {name}\n      duckdb -c \"select * from '{name}/runs/*.parquet' limit 10\""
    ))?;
    Ok(())
}

/// Points that are shown.
const SHOWN: usize = 10;

/// The mean outcomes by point: of all, or of those that grant least and most.
fn outcomes(plan: &Plan, mut points: Vec<PointSummary>) -> String {
    let all = points.len();
    if all > SHOWN {
        let by_grants = |a: &PointSummary, b: &PointSummary| {
            a.proposals_granted
                .total_cmp(&b.proposals_granted)
                .then(a.point.cmp(&b.point))
        };
        points.sort_by(by_grants);
        points.drain(SHOWN / 2..all - SHOWN / 2);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let columns = plan.point_columns();
    let mut header = vec!["point".to_owned()];
    header.extend(columns.iter().map(|column| column.name.clone()));
    let outcome_names = [
        "granted",
        "Honey granted",
        "pool at end",
        "days to pass",
        "sentiment",
    ];
    header.extend(outcome_names.map(str::to_owned));
    table.set_header(header);
    for of in &points {
        let mut row = vec![of.point.to_string()];
        row.extend(plan.variant(of.point).map(str::to_owned));
        row.extend(plan.values(of.point).map(|(_, value)| value.to_string()));
        row.extend([
            number(of.proposals_granted),
            number(of.funds_granted),
            number(of.funds),
            of.days_to_pass.map_or("–".to_owned(), number),
            number(of.sentiment),
        ]);
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let title = if all > SHOWN {
        format!("means over the runs, at the points that grant least and most of {all}")
    } else {
        "means over the runs of each point".to_owned()
    };
    format!("{title}\n{table}")
}
