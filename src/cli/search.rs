//! `conviction search`.

use super::args::{Format, SearchArgs};
use super::progress::{Told, progress};
use super::shard;
use super::text::number;
use super::{Failure, interrupt, json, print, warn_line};
use crate::digits::{percent, plus_minus, rounded};
use crate::engine::{Model, Value};
use crate::error::chain;
use crate::search::{Found, Listener, Mean, Member, Options, Running, SearchError, search as find};
use crate::study::Spec;
use crate::study::execute::{Progress, Slice};
use comfy_table::{CellAlignment, Table, presets};
use serde_json::json;

/// Settings of the archive that are shown.
const SHOWN: usize = 20;

pub fn search(model: &Model, args: &SearchArgs) -> Result<(), Failure> {
    let variable = |name: &str| std::env::var(name).ok();
    let slice = match &args.shard {
        Some(text) => shard::slice(text, variable).map_err(Failure::Input)?,
        None => Slice::Whole,
    };
    let mut spec = Spec::read(model, &args.spec)?;
    spec.assign_sweep(&args.set)?;
    let options = Options {
        generations: args.generations,
        population: args.population as usize,
        least_worlds: args.least_worlds,
        epsilon: args.epsilon,
        worst_of: args.worst.then_some(args.lever),
        objectives: args.objective.clone(),
    };
    let running = Running {
        threads: match args.threads {
            Some(threads) => threads as usize,
            None => shard::threads(variable),
        },
        resume: args.resume,
        slice,
    };
    let stop = interrupt::listen()?;
    let told = Told {
        format: args.format,
        quiet: args.quiet,
        verbose: args.verbose,
    };
    let listener = Heard {
        progress: progress(told),
        told,
    };
    let found = find(spec, &args.out, &options, running, &listener, &stop);
    let found = found.map_err(|error| failure(args, error))?;
    let Some(found) = found else {
        return Err(Failure::Interrupted(format!(
            "interrupted; whole parts are kept, and the same command with --resume continues: {}",
            args.out.display()
        )));
    };
    match args.format {
        _ if args.quiet => Ok(()),
        Format::Json => Ok(json::print(&found.json())?),
        Format::Text => Ok(print(text(&found, args))?),
    }
}

fn failure(args: &SearchArgs, error: SearchError) -> Failure {
    match error {
        SearchError::Store(error) => error.into(),
        SearchError::Dataset(error) => error.into(),
        SearchError::Plan(_) => {
            Failure::Input(format!("{}: {}", args.spec.display(), chain(&error)))
        }
        SearchError::Sweep { .. } | SearchError::Analyse(_) | SearchError::Parquet(_) => {
            Failure::work(error)
        }
        _ => Failure::input(error),
    }
}

/// The progress reporter of a search.
struct Heard {
    progress: Box<dyn Progress>,
    told: Told,
}

impl Progress for Heard {
    fn begin(&self, runs: u64) {
        self.progress.begin(runs);
    }

    fn advance(&self, runs: u64) {
        self.progress.advance(runs);
    }

    fn part(&self, part: u64) {
        self.progress.part(part);
    }

    fn end(&self) {
        self.progress.end();
    }
}

impl Listener for Heard {
    fn generation(&self, generation: u32, of: u32, settings: usize) {
        match self.told.format {
            _ if self.told.quiet => {}
            Format::Json => json::tell(&json!({
                "event": "generation", "generation": generation, "generations": of, "settings": settings,
            })),
            Format::Text => {
                let message = format!("generation {generation} of {of}: {settings} settings");
                warn_line("search", message);
            }
        }
    }
}

/// The archive in words.
fn text(found: &Found, args: &SearchArgs) -> String {
    let what = if args.worst { "worlds" } else { "settings" };
    let mut text = format!(
        "{} {what} tried, {} of them in at least {} worlds",
        found.tried, found.eligible, args.least_worlds
    );
    if found.archive.is_empty() {
        text += &match &found.nearest {
            Some(nearest) => format!(
                "\nno setting meets the criteria; the one that misses them by least:\n{}",
                table(found, std::slice::from_ref(nearest))
            ),
            None => "\nnone was tried in enough worlds: lower --least-worlds, or raise --generations or \
                     replicates"
                .to_owned(),
        };
        return text;
    }
    let by = found.objectives.iter().map(|of| {
        format!(
            "{} {} (steps of {})",
            of.goal.name(),
            of.name,
            rounded(of.epsilon, 2)
        )
    });
    let by = by.collect::<Vec<_>>().join(", ");
    text += &match args.worst {
        true => format!(
            "\nworlds that hurt lever setting {} most, by {by}; each value in the worlds of the search, then in fresh ones",
            args.lever
        ),
        false => format!(
            "\nno other setting is better by {by}; each value in the worlds of the search, then in fresh ones"
        ),
    };
    let shown = &found.archive[..found.archive.len().min(SHOWN)];
    text += &format!("\n{}", table(found, shown));
    if found.archive.len() > SHOWN {
        text += &format!(
            "\n{SHOWN} of {}; archive.parquet has all",
            found.archive.len()
        );
    }
    text + &format!(
        "\nnext: conviction robust {}/fresh-{:03}",
        args.out.display(),
        found.generations
    )
}

fn table(found: &Found, members: &[Member]) -> Table {
    let has_criteria = found.objectives.iter().any(|of| of.meet.is_some());
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let mut heads: Vec<String> = found
        .settings
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    for objective in &found.objectives {
        heads.extend([objective.name.clone(), "fresh".to_owned()]);
    }
    if has_criteria {
        heads.extend(["meets all".to_owned(), "fresh".to_owned()]);
    }
    table.set_header(heads);
    for of in members {
        let mut row: Vec<String> = of.values.iter().map(|value| brief(*value)).collect();
        for (place, searched) in of.searched.iter().enumerate() {
            row.push(mean(Some(searched)));
            row.push(mean(of.fresh.get(place)));
        }
        if has_criteria {
            let shares = [(of.met, of.worlds), (of.fresh_met, of.fresh_worlds)];
            row.extend(shares.map(|(met, all)| match all {
                0 => "–".to_owned(),
                all => percent(met as f64 / all as f64),
            }));
        }
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn brief(value: Value) -> String {
    match value {
        Value::Real(number) => rounded(number, 4).to_string(),
        other => other.to_string(),
    }
}

fn mean(of: Option<&Mean>) -> String {
    match of {
        Some(of) if of.mean.is_nan() => format!("– ({} empty)", of.empty),
        Some(of) if of.half_width.is_nan() => number(of.mean),
        Some(of) => plus_minus(of.mean, of.half_width),
        None => "–".to_owned(),
    }
}
