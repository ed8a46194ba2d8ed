//! Implements `conviction run`.

use super::args::{Format, RunArgs};
use super::memory::{available, too_large};
use super::text::{number, sparkline};
use super::{Failure, interrupt, json, print, warn_line};
use crate::digits::{DIGITS, percent, rounded};
use crate::engine::{Model, Output, RunFailure};
use crate::input::{RawValue, Table};
use crate::output::{OutputError, TableFile, WholeDirectory, arrow_schema, write_whole};
use crate::report::attack::names;
use crate::study::Single;
use crate::study::dataset::Dataset;
use crate::study::spec::Spec;
use crate::voting::conviction::{
    Conviction, half_life_from_alpha, largest_passable_share, minimum_conviction_share,
};
use crate::voting::mechanism::{Capabilities, Chain, Clock};
use crate::voting::rules::set_name;
use crate::voting::supply::Expansion;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field};
use serde_json::{Map, Value, json};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

pub fn run(model: &Model, args: &RunArgs) -> Result<(), Failure> {
    let asked = match (&args.from, args.run) {
        (Some(dataset), Some(run)) => from_dataset(model, dataset, run)?,
        _ => from_spec(model, args)?,
    };
    for (_, warning) in asked.setting.warnings() {
        warn_line("warning", warning);
    }
    let tables = tables(&asked, args.out.is_some());
    let needed = asked.bytes(&tables);
    if let Some(free) = available().filter(|&free| needed > free as f64) {
        return Err(too_large("the run", &asked.setting, needed, free));
    }
    let stop = interrupt::listen()?;
    let directory = args
        .out
        .as_deref()
        .map(WholeDirectory::create)
        .transpose()?;
    let record = Record::simulate(&asked, tables, directory.as_ref(), &stop)?;
    // Written before anything is printed: a run must not depend on who reads its output.
    let written = match directory {
        Some(directory) if record.failure.is_none() => {
            let config = format!(
                "# The setting of this run, for `conviction run --config`.\n{}",
                asked.text()
            );
            let path = directory.place().join("run.toml");
            write_whole(&path, config.as_bytes()).map_err(|error| directory.named(error))?;
            directory.publish()?;
            args.out.as_deref()
        }
        _ => None,
    };
    match args.format {
        _ if args.quiet => {}
        Format::Json => json::print(&document(&asked, &record))?,
        Format::Text => print(summary(&asked, &record))?,
    }
    if let Some(failure) = record.failure {
        return Err(Failure::work(failure));
    }
    let tells = !args.quiet && args.format == Format::Text;
    if let Some(out) = written.filter(|_| tells) {
        print(format_args!(
            "\nevery day in detail: {out}\nnext: conviction report {out} --out report.html",
            out = out.display()
        ))?;
    }
    Ok(())
}

/// Returns the tables of a run: days for the summary, and, if written, those that only a single run has.
fn tables(asked: &Single, written: bool) -> Vec<Output> {
    let mut tables: Vec<_> = asked.model.output("days").into_iter().copied().collect();
    if written {
        tables.extend(asked.detail());
    }
    tables
}

fn from_spec(model: &Model, args: &RunArgs) -> Result<Single, Failure> {
    let mut spec = match args.spec.as_ref().or(args.config.as_ref()) {
        Some(path) => Spec::read_run(model, path)?,
        None => Spec::of(model),
    };
    if let Some(preset) = args.preset.as_ref().and_then(|name| model.preset(name)) {
        preset.apply(&mut spec.base).map_err(Failure::input)?;
    }
    spec.assign(&args.set)?;
    if let Some(fault) = spec.base.fault() {
        return Err(Failure::input(fault));
    }
    spec.seed = args.seed.unwrap_or(spec.seed);
    Ok(Single::of(&spec))
}

/// Reads run number `run` of a dataset.
fn from_dataset(model: &Model, directory: &Path, run: u64) -> Result<Single, Failure> {
    let dataset = Dataset::open(directory)?;
    Single::of_dataset(&dataset, model, run).map_err(Failure::of_reading)
}

/// Maximum delay in reacting to an interrupt.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

fn interrupted() -> Failure {
    Failure::Interrupted("interrupted; nothing is written".to_owned())
}

/// Files of a run's tables, in order; none if nothing is written.
#[derive(Default)]
struct Files<'d> {
    directory: Option<&'d WholeDirectory>,
    files: Vec<TableFile>,
}

impl<'d> Files<'d> {
    fn create(
        asked: &Single,
        tables: &[Output],
        directory: &'d WholeDirectory,
    ) -> Result<Self, OutputError> {
        let metadata = asked.metadata();
        let create = |table: &Output| {
            let path = directory.place().join(table.name).with_extension("parquet");
            let columns = asked.model.columns(table.name);
            TableFile::create(&path, &columns, &metadata).map_err(|error| directory.named(error))
        };
        Ok(Self {
            directory: Some(directory),
            files: tables.iter().map(create).collect::<Result<_, _>>()?,
        })
    }

    fn write(&mut self, table: usize, rows: &RecordBatch) -> Result<(), OutputError> {
        match self.files.get_mut(table) {
            Some(file) => file
                .write(rows)
                .map_err(|error| named(self.directory, error)),
            None => Ok(()),
        }
    }

    fn publish(self) -> Result<(), OutputError> {
        for file in self.files {
            file.publish()
                .map_err(|error| named(self.directory, error))?;
        }
        Ok(())
    }
}

fn named(directory: Option<&WholeDirectory>, error: OutputError) -> OutputError {
    match directory {
        Some(directory) => directory.named(error),
        None => error,
    }
}

/// Data of a run for its summary.
struct Record {
    /// Rows of its days, and of its outcome.
    days: RecordBatch,
    outcome: RecordBatch,
    last_day: u32,
    failure: Option<RunFailure>,
}

impl Record {
    /// Simulates the run, and writes its tables to a directory, if given.
    ///
    /// A separate thread simulates, so that an interrupt ends the run at once, whatever it is doing.
    fn simulate(
        asked: &Single,
        tables: Vec<Output>,
        directory: Option<&WholeDirectory>,
        stop: &Arc<AtomicBool>,
    ) -> Result<Self, Failure> {
        let mut files = match directory {
            Some(directory) => Files::create(asked, &tables, directory)?,
            None => Files::default(),
        };
        let mut days = RecordBatch::new_empty(arrow_schema(&asked.model.columns("days")));
        let (give, given) = sync_channel(1);
        let simulator = {
            let (asked, stop) = (asked.clone(), Arc::clone(stop));
            thread::spawn(move || {
                asked.simulate(&tables, &stop, |table, rows| give.send((table, rows)))
            })
        };
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(interrupted());
            }
            match given.recv_timeout(BETWEEN_LOOKS) {
                Ok((table, rows)) => {
                    files.write(table, &rows)?;
                    if table == 0 {
                        days = rows;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let ended = simulator
            .join()
            .unwrap_or_else(|panic| resume_unwind(panic));
        let Ok(Some(ended)) = ended else {
            return Err(interrupted());
        };
        // A failed run does not reach its horizon, and leaves no tables.
        if ended.failure.is_none() {
            files.publish()?;
        }
        Ok(Self {
            days,
            outcome: ended.outcome,
            last_day: ended.last_day,
            failure: ended.failure,
        })
    }

    /// Returns a number of the outcome.
    fn get(&self, column: &str) -> Option<f64> {
        numbers(self.outcome.column_by_name(column)?)
            .first()
            .copied()
            .flatten()
    }

    /// Formats a line about a column: its final value, and its curve over the days.
    fn line(&self, name: &str, column: &str, shown: impl Fn(f64) -> String) -> String {
        let curve = self.days.column_by_name(column).map(|days| {
            let values: Vec<_> = numbers(days).into_iter().flatten().collect();
            sparkline(&values, 50)
        });
        let value = self.get(column).map_or("–".to_owned(), shown);
        format!("  {name:<20}{value:>10}  {}", curve.unwrap_or_default())
    }
}

/// Returns the numbers of a column; empty for columns of other types.
fn numbers(array: &ArrayRef) -> Vec<Option<f64>> {
    if let Some(reals) = array.as_primitive_opt::<Float64Type>() {
        return reals.iter().collect();
    }
    match array.as_primitive_opt::<Int32Type>() {
        Some(counts) => counts.iter().map(|count| count.map(f64::from)).collect(),
        None => Vec::new(),
    }
}

/// Formats a run for programs: its setting, and the columns of the table of runs.
fn document(asked: &Single, record: &Record) -> Value {
    let keys = asked.model.keys().all().iter();
    let setting = keys.map(|key| (key.name.to_owned(), json::value(asked.setting.value(key))));
    let schema = record.outcome.schema();
    let columns = schema.fields().iter();
    let outcome = columns.map(|column| (column.name().clone(), value(&record.outcome, column)));
    json!({
        "seed": asked.seed,
        "last_day": record.last_day,
        "failure": record.failure.as_ref().map(ToString::to_string),
        "setting": Map::from_iter(setting),
        "outcome": Map::from_iter(outcome),
    })
}

/// Returns the value of a column's only row.
fn value(rows: &RecordBatch, column: &Field) -> Value {
    let (table, name) = (Table::of(rows, "the run"), column.name());
    match table.optional_reals(name) {
        Ok(numbers) => match numbers.first().copied().flatten() {
            Some(number) if column.data_type().is_integer() => (number as i64).into(),
            number => number.into(),
        },
        Err(_) => match table.raw(name).unwrap_or_default().first() {
            Some(RawValue::Word(word)) if *column.data_type() == DataType::Boolean => {
                (word == "true").into()
            }
            Some(RawValue::Word(word)) => word.as_str().into(),
            _ => Value::Null,
        },
    }
}

/// Formats a summary of a run.
fn summary(asked: &Single, record: &Record) -> String {
    let setting = &asked.setting;
    let conviction: Conviction = setting.group();
    let of = Capabilities::of(setting);
    let arithmetic = match of.clock {
        Clock::Days => String::new(),
        Clock::Blocks => {
            let seconds = setting.group::<Chain>().block_time_seconds;
            format!(" in {} arithmetic, {seconds} s blocks", of.name)
        }
    };
    let count = |value: f64| value.to_string();
    let optional = |column: &str| record.get(column).map_or("–".to_owned(), number);
    let whole = |column: &str| record.get(column).map_or("–".to_owned(), count);
    let mut lines = vec![
        format!(
            "Conviction Voting, {} days of rules {}{arithmetic}, seed {}",
            record.last_day,
            set_name(setting),
            asked.seed
        ),
        format!(
            "half-life {} days, largest request {}, minimum conviction {}",
            number(half_life_from_alpha(conviction.alpha)),
            percent(largest_passable_share(&conviction).max(0.0)),
            percent(minimum_conviction_share(&conviction)),
        ),
        format!(
            "alpha {}, beta {}, rho {}, gamma {}",
            number(conviction.alpha),
            rounded(conviction.beta, DIGITS),
            rounded(conviction.rho, DIGITS),
            setting.group::<Expansion>().gamma
        ),
        String::new(),
        record.line("pool, Honey", "funds", number),
        record.line("effective supply", "effective_supply", number),
        record.line("total supply", "total_supply", number),
        record.line("sentiment", "sentiment", number),
        record.line("participants", "participant_count", count),
        record.line("candidates", "candidate_count", count),
        record.line("active", "active_count", count),
        record.line("completed", "completed_count", count),
        record.line("failed", "failed_count", count),
        record.line("killed", "killed_count", count),
        String::new(),
        format!(
            "{} proposals granted, {} Honey in total; median of {} days to pass",
            whole("proposals_granted"),
            optional("funds_granted"),
            optional("median_days_to_pass")
        ),
        format!(
            "minimum pool {} Honey; on {} days nothing could have passed",
            optional("least_pool"),
            whole("days_nothing_could_pass")
        ),
    ];
    for (number, name) in names(setting).iter().enumerate() {
        let of = |column| format!("attacker_{number}_{column}");
        let share = record
            .get(&of("take_share"))
            .map_or("–".to_owned(), percent);
        lines.push(format!(
            "taken by {name}: {} Honey in {} grants, {share} of the initial pool and all that entered it since",
            optional(&of("take")),
            whole(&of("grants")),
        ));
    }
    lines.join("\n")
}
