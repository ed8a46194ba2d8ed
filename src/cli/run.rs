//! `conviction run`.

use super::args::RunArgs;
use super::text::{number, sparkline};
use super::{Failure, WholeDirectory, print, warn_line};
use crate::engine::{Batch, Model, Moment, Output, RunFailure, RunOf, Seeds, Setting, TableRows};
use crate::output::{Column, Metadata, OutputError, TableFile, batch, metadata, write_whole};
use crate::study::dataset::Dataset;
use crate::study::spec::Spec;
use crate::study::{plan, points};
use crate::voting::conviction::{Conviction, half_life_from_alpha};
use crate::voting::mechanism::{Chain, is_real};
use crate::voting::rules::set_name;
use crate::voting::supply::Expansion;
use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt32Type};
use fearless_simd::Level;
use std::collections::BTreeMap;
use std::path::Path;

/// What is to be simulated.
struct Asked {
    model: Model,
    setting: Setting,
    seed: u64,
    world: u64,
}

pub fn run(model: &Model, args: &RunArgs) -> Result<(), Failure> {
    let asked = match (&args.from, args.run) {
        (Some(dataset), Some(run)) => from_dataset(model, dataset, run)?,
        _ => from_config(model, args)?,
    };
    if let Some(warning) = asked.setting.warning() {
        warn_line("warning", warning);
    }
    let directory = args
        .out
        .as_deref()
        .map(WholeDirectory::create)
        .transpose()?;
    let place = directory.as_ref().map(WholeDirectory::place);
    let record = Record::simulate(&asked, place)?;
    if !args.quiet {
        print(summary(&asked, &record))?;
    }
    if let Some(failure) = &record.failure {
        // A run that failed has no horizon, and leaves no tables.
        return Err(Failure::work(failure.clone()));
    }
    if let (Some(directory), Some(out)) = (directory, &args.out) {
        let config = format!(
            "# The setting of this run, for `conviction run --config`.\n{}",
            asked.manifest()
        );
        write_whole(&directory.place().join("run.toml"), config.as_bytes())?;
        directory.publish()?;
        if !args.quiet {
            print(format_args!(
                "\nevery day in detail: {out}\nnext: conviction report {out} --out report.html",
                out = out.display()
            ))?;
        }
    }
    Ok(())
}

impl Asked {
    /// The setting, as `--config` takes it.
    fn manifest(&self) -> String {
        let mut spec = Spec::of(&self.model);
        spec.seed = self.seed;
        spec.base = self.setting.clone();
        spec.run_text()
    }
}

fn from_config(model: &Model, args: &RunArgs) -> Result<Asked, Failure> {
    let mut spec = match &args.config {
        Some(path) => Spec::read_run(model, path)?,
        None => Spec::of(model),
    };
    if let Some(preset) = args.preset {
        preset.apply(&mut spec.base).map_err(Failure::input)?;
    }
    spec.assign(&args.set)?;
    if let Some(fault) = spec.base.fault() {
        return Err(Failure::input(fault));
    }
    Ok(Asked {
        model: spec.model,
        setting: spec.base,
        seed: args.seed.unwrap_or(spec.seed),
        world: 0,
    })
}

/// Run number `run` of a dataset.
fn from_dataset(model: &Model, directory: &Path, run: u64) -> Result<Asked, Failure> {
    let dataset = Dataset::open(directory).map_err(Failure::input)?;
    let place = points::run_of(&dataset, model, run).map_err(Failure::input)?;
    Ok(Asked {
        model: place.model,
        setting: place.setting,
        seed: place.seed,
        world: plan::world(place.randomness, run, place.replicate),
    })
}

/// A table that is written as the run goes on: those with rows for every participant, proposal and edge
/// grow with the cube of its days.
struct Writing {
    table: Output,
    columns: Vec<Column>,
    rows: TableRows,
    file: TableFile,
}

impl Writing {
    /// Rows gathered before they are written.
    const GATHERED: usize = 1 << 16;

    fn begin(
        model: &Model,
        table: Output,
        place: &Path,
        metadata: &Metadata,
    ) -> Result<Self, OutputError> {
        let columns = model.columns(table.name);
        let path = place.join(table.name).with_extension("parquet");
        Ok(Self {
            file: TableFile::create(&path, &columns, metadata)?,
            rows: TableRows::new(model, table.name),
            columns,
            table,
        })
    }

    fn add(&mut self, run: &mut Batch) -> Result<(), OutputError> {
        run.take(0, &mut self.rows);
        if self.rows.len() >= Self::GATHERED {
            self.write()?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), OutputError> {
        self.file.write(&batch(&self.columns, self.rows.arrays()))
    }
}

/// What is kept of a run to be summed up.
struct Record {
    /// The columns of its days, and of its outcome.
    days: BTreeMap<String, ArrayRef>,
    outcome: BTreeMap<String, ArrayRef>,
    last_day: u32,
    failure: Option<RunFailure>,
}

impl Record {
    /// Simulates the run; with a place for them, writes every table that a single run leaves.
    fn simulate(asked: &Asked, place: Option<&Path>) -> Result<Self, Failure> {
        let model = &asked.model;
        let of_a_run = |table: &&Output| table.folder.is_none() && place.is_some();
        let written: Vec<_> = model.outputs().iter().filter(of_a_run).copied().collect();
        let mut tables = vec!["days", "runs"];
        tables.extend(written.iter().map(|table| table.name));
        let setting = &asked.setting;
        let mut run = Batch::new(model, setting, &tables, Level::new());
        let seeds = Seeds {
            root: asked.seed,
            world: asked.world,
        };
        let mut writing = Vec::new();
        let metadata = metadata(&[
            ("seed", asked.seed.to_string()),
            ("world", asked.world.to_string()),
            ("spec", asked.manifest()),
        ]);
        if let Some(place) = place {
            for table in written {
                writing.push(Writing::begin(model, table, place, &metadata)?);
            }
        }
        let [mut days, mut outcome] = ["days", "runs"].map(|table| TableRows::new(model, table));
        run.begin(std::iter::once(RunOf { setting, seeds }));
        loop {
            run.look(|_| true);
            for table in &mut writing {
                if table.table.moment == Moment::Day {
                    table.add(&mut run)?;
                }
            }
            if run.going_on() == 0 {
                break;
            }
            run.advance();
        }
        // The days share columns with the outcome, which is looked at last.
        run.take(0, &mut days);
        run.look_at_ends();
        run.take(0, &mut outcome);
        let named = |table: &str, arrays: Vec<ArrayRef>| {
            let columns = model.columns(table).into_iter();
            columns.map(|column| column.name).zip(arrays).collect()
        };
        let columns = model.columns("days");
        let arrays = days.arrays();
        if let (Some(place), None) = (place, run.failure(0)) {
            let mut file = TableFile::create(&place.join("days.parquet"), &columns, &metadata)?;
            file.write(&batch(&columns, arrays.clone()))?;
            file.publish()?;
            for mut table in writing {
                if table.table.moment == Moment::End {
                    table.add(&mut run)?;
                }
                table.write()?;
                table.file.publish()?;
            }
        }
        Ok(Self {
            days: named("days", arrays),
            outcome: named("runs", outcome.arrays()),
            last_day: run.run(0).day,
            failure: run.failure(0).cloned(),
        })
    }

    /// A number of the outcome.
    fn get(&self, column: &str) -> Option<f64> {
        numbers(self.outcome.get(column)?)
            .first()
            .copied()
            .flatten()
    }

    /// A line about a column: where the run ends, and over its days.
    fn line(&self, name: &str, column: &str, shown: impl Fn(f64) -> String) -> String {
        let curve = self.days.get(column).map(|days| {
            let values: Vec<_> = numbers(days).into_iter().flatten().collect();
            sparkline(&values, 50)
        });
        let value = self.get(column).map_or("–".to_owned(), shown);
        format!("  {name:<20}{value:>10}  {}", curve.unwrap_or_default())
    }
}

/// The numbers of a column; none where it holds others.
fn numbers(array: &ArrayRef) -> Vec<Option<f64>> {
    if let Some(reals) = array.as_primitive_opt::<Float64Type>() {
        return reals.iter().collect();
    }
    match array.as_primitive_opt::<UInt32Type>() {
        Some(counts) => counts.iter().map(|count| count.map(f64::from)).collect(),
        None => Vec::new(),
    }
}

/// A run at a glance.
fn summary(asked: &Asked, record: &Record) -> String {
    let setting = &asked.setting;
    let conviction: Conviction = setting.group();
    let arithmetic = if is_real(setting) {
        String::new()
    } else {
        let seconds = setting.group::<Chain>().block_time_seconds;
        format!(" in contract arithmetic, {seconds} s blocks")
    };
    let count = |value: f64| value.to_string();
    let optional = |column| record.get(column).map_or("–".to_owned(), number);
    let whole = |column| record.get(column).map_or("–".to_owned(), count);
    let lines = [
        format!(
            "Conviction Voting, {} days of rules {}{arithmetic}, seed {}",
            record.last_day,
            set_name(setting),
            asked.seed
        ),
        format!(
            "half-life {} days (alpha {}), beta {}, rho {}, gamma {}",
            number(half_life_from_alpha(conviction.alpha)),
            number(conviction.alpha),
            conviction.beta,
            conviction.rho,
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
            "{} proposals granted, {} Honey in all; {} days to pass in the median",
            whole("proposals_granted"),
            optional("funds_granted"),
            optional("median_days_to_pass")
        ),
        format!(
            "least pool {} Honey; on {} days nothing could have passed",
            optional("least_pool"),
            whole("days_nothing_could_pass")
        ),
    ];
    lines.join("\n")
}
