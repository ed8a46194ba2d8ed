//! `conviction run`.

use super::args::RunArgs;
use super::text::{number, sparkline};
use super::{Failure, WholeDirectory, print, warn_line};
use crate::model::{Arithmetic, Setting, half_life_from_alpha};
use crate::output::schema::{
    ConflictRow, ConflictRows, DayRow, DayRows, InfluenceRow, InfluenceRows, StateRow, StateRows,
};
use crate::output::{Columns, OutputError, batch, metadata, write_rows, write_table, write_whole};
use crate::replay::Replayed;
use crate::run::{Moment, Outcome, Simulator, state};
use crate::study::dataset::Dataset;
use crate::study::spec::{Spec, assign};
use crate::study::{plan, points};
use crate::world::Detail;
use std::path::Path;

/// What is to be simulated.
struct Asked {
    setting: Setting,
    seed: u64,
    world: u64,
}

pub fn run(args: &RunArgs) -> Result<(), Failure> {
    let asked = match (&args.from, args.run) {
        (Some(dataset), Some(run)) => from_dataset(dataset, run)?,
        _ => from_config(args)?,
    };
    if let Some(warning) = asked.setting.warning() {
        warn_line("warning", warning);
    }
    let directory = args
        .out
        .as_deref()
        .map(WholeDirectory::create)
        .transpose()?;
    let mut record = Record::default();
    let outcome = Simulator::new().run_observed(
        &asked.setting,
        asked.seed,
        asked.world,
        Detail::Edges,
        |moment, view| match moment {
            Moment::Day => {
                record.day.push(DayRow { day: view.day() });
                record.state.push(state(view));
                if directory.is_some() {
                    record.detail.add_end_of_day(view);
                }
            }
            Moment::End => {
                for (influenced, influencer, influence) in view.influence() {
                    record.influence.push(InfluenceRow {
                        influenced,
                        influencer,
                        influence,
                    });
                }
                for (proposal, other, conflict) in view.conflict() {
                    record.conflict.push(ConflictRow {
                        proposal,
                        other,
                        conflict,
                    });
                }
            }
        },
    );
    if !args.quiet {
        print(summary(&asked, &outcome, &record.state))?;
    }
    if let Some(failure) = &outcome.failure {
        // A run that failed has no horizon, and leaves no tables.
        return Err(Failure::work(failure));
    }
    if let (Some(directory), Some(out)) = (directory, &args.out) {
        record.write(&asked, directory.place())?;
        directory.publish()?;
        if args.quiet {
            return Ok(());
        }
        print(format_args!(
            "\nevery day in detail: {out}\nnext: conviction report {out} --out report.html",
            out = out.display()
        ))?;
    }
    Ok(())
}

fn from_config(args: &RunArgs) -> Result<Asked, Failure> {
    let spec = match &args.config {
        Some(path) => Spec::read_run(path)?,
        None => Spec::default(),
    };
    let mut setting = spec.base;
    assign(&mut setting, &args.set)?;
    if let Some(fault) = setting.fault() {
        return Err(Failure::Input(format!("{} {}", fault.key, fault.message)));
    }
    Ok(Asked {
        setting,
        seed: args.seed.unwrap_or(spec.seed),
        world: 0,
    })
}

/// Run number `run` of a dataset.
fn from_dataset(directory: &Path, run: u64) -> Result<Asked, Failure> {
    let dataset = Dataset::open(directory).map_err(Failure::input)?;
    let place = points::run_of(&dataset, run).map_err(Failure::input)?;
    Ok(Asked {
        setting: place.setting,
        seed: place.seed,
        world: plan::world(place.randomness, run, place.replicate),
    })
}

/// All that is kept of a run.
#[derive(Default)]
struct Record {
    day: DayRows,
    state: StateRows,
    detail: Replayed,
    influence: InfluenceRows,
    conflict: ConflictRows,
}

impl Record {
    fn write(self, asked: &Asked, place: &Path) -> Result<(), OutputError> {
        let base = Spec {
            seed: asked.seed,
            base: asked.setting,
            ..Spec::default()
        };
        let manifest = base.run_text();
        let metadata = metadata(&[
            ("seed", asked.seed.to_string()),
            ("world", asked.world.to_string()),
            ("spec", manifest.clone()),
        ]);
        let path = |table: &str| place.join(table).with_extension("parquet");
        let Replayed {
            proposals,
            participants,
            support_edges,
            ..
        } = self.detail;

        let columns: Vec<_> = DayRows::columns()
            .into_iter()
            .chain(StateRows::columns())
            .collect();
        let arrays = self
            .day
            .arrays()
            .into_iter()
            .chain(self.state.arrays())
            .collect();
        let days = batch(&columns, arrays);
        write_table(&path("days"), &columns, &days, &metadata)?;
        write_rows(&path("proposals"), proposals, &metadata)?;
        write_rows(&path("participants"), participants, &metadata)?;
        write_rows(&path("support_edges"), support_edges, &metadata)?;
        write_rows(&path("influence"), self.influence, &metadata)?;
        write_rows(&path("conflict"), self.conflict, &metadata)?;
        let config =
            format!("# The setting of this run, for `conviction run --config`.\n{manifest}");
        write_whole(&place.join("run.toml"), config.as_bytes()).map(drop)
    }
}

/// A run at a glance.
fn summary(asked: &Asked, outcome: &Outcome, states: &StateRows) -> String {
    let Setting {
        parameters: p,
        rules,
        ..
    } = &asked.setting;
    let StateRow {
        funds,
        sentiment,
        effective_supply,
        total_supply,
        participant_count,
        candidate_count,
        active_count,
        completed_count,
        failed_count,
        killed_count,
        proposals_granted,
        funds_granted,
        ..
    } = outcome.state;
    let curve = |values: &[f64]| sparkline(values, 50);
    let counts = |values: &[u32]| curve(&values.iter().map(|&v| f64::from(v)).collect::<Vec<_>>());
    let optional = |value: Option<f64>| value.map_or("–".to_owned(), number);
    let line =
        |name: &str, value: String, curve: String| format!("  {name:<20}{value:>10}  {curve}");
    let lines = [
        format!(
            "Conviction Voting, {} days of rules {}{}, seed {}",
            outcome.end.last_day,
            rules.set_name(),
            match asked.setting.arithmetic {
                Arithmetic::Real => String::new(),
                Arithmetic::Contract => format!(
                    " in contract arithmetic, {} s blocks",
                    asked.setting.chain.block_time_seconds
                ),
            },
            asked.seed
        ),
        format!(
            "half-life {} days (alpha {}), beta {}, rho {}, gamma {}",
            number(half_life_from_alpha(p.alpha)),
            number(p.alpha),
            p.beta,
            p.rho,
            p.gamma
        ),
        String::new(),
        line("pool, Honey", number(funds), curve(&states.funds)),
        line(
            "effective supply",
            number(effective_supply),
            curve(&states.effective_supply),
        ),
        line(
            "total supply",
            number(total_supply),
            curve(&states.total_supply),
        ),
        line("sentiment", number(sentiment), curve(&states.sentiment)),
        line(
            "participants",
            participant_count.to_string(),
            counts(&states.participant_count),
        ),
        line(
            "candidates",
            candidate_count.to_string(),
            counts(&states.candidate_count),
        ),
        line(
            "active",
            active_count.to_string(),
            counts(&states.active_count),
        ),
        line(
            "completed",
            completed_count.to_string(),
            counts(&states.completed_count),
        ),
        line(
            "failed",
            failed_count.to_string(),
            counts(&states.failed_count),
        ),
        line(
            "killed",
            killed_count.to_string(),
            counts(&states.killed_count),
        ),
        String::new(),
        format!(
            "{proposals_granted} proposals granted, {} Honey in all; {} days to pass in the median",
            number(funds_granted),
            optional(outcome.summary.median_days_to_pass)
        ),
        format!(
            "least pool {} Honey; on {} days nothing could have passed",
            number(outcome.summary.least_pool),
            outcome.summary.days_nothing_could_pass
        ),
    ];
    lines.join("\n")
}
