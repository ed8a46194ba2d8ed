//! `conviction run`.

use super::args::RunArgs;
use super::text::{number, sparkline};
use super::{Failure, WholeDirectory, print, warn_line};
use crate::model::{Arithmetic, Setting, half_life_from_alpha};
use crate::output::schema::{
    ConflictRow, ConflictRows, DayRow, DayRows, InfluenceRow, InfluenceRows, ParticipantRows,
    ProposalRows, StateRow, StateRows, SupportEdgeRows,
};
use crate::output::{Column, Columns, Metadata, OutputError, TableWriter, batch, write_whole};
use crate::replay::Replayed;
use crate::run::{Moment, Outcome, Simulator, state};
use crate::study::dataset::Dataset;
use crate::study::spec::{RUN_KEYS, Spec, assign};
use crate::study::{plan, points};
use crate::world::{Detail, View};
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
    let metadata = metadata(&asked);
    let mut detail = directory
        .as_ref()
        .map(|directory| Detailed::create(directory.place(), &metadata))
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
                if let Some(detail) = &mut detail {
                    detail.add_end_of_day(view);
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
    print(summary(&asked, &outcome, &record.state))?;
    if let Some(failure) = &outcome.failure {
        // A run that failed has no horizon, and leaves no tables.
        return Err(Failure::work(failure));
    }
    if let (Some(directory), Some(detail), Some(out)) = (directory, detail, &args.out) {
        detail.finish()?;
        record.write(&asked, &metadata, directory.place())?;
        directory.publish()?;
        print(format_args!(
            "\nevery day in detail: {out}\nnext: conviction report {out} --out report.html",
            out = out.display()
        ))?;
    }
    Ok(())
}

fn from_config(args: &RunArgs) -> Result<Asked, Failure> {
    let spec = match &args.config {
        Some(path) => Spec::read_run(path).map_err(Failure::input)?,
        None => Spec::default(),
    };
    let mut setting = spec.base;
    assign(&mut setting, &args.set).map_err(Failure::input)?;
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

/// What the files of a run say of it.
fn metadata(asked: &Asked) -> Metadata {
    vec![
        (
            "conviction.version".to_owned(),
            env!("CARGO_PKG_VERSION").to_owned(),
        ),
        (
            "conviction.results_version".to_owned(),
            crate::RESULTS_VERSION.to_string(),
        ),
        ("conviction.seed".to_owned(), asked.seed.to_string()),
        ("conviction.world".to_owned(), asked.world.to_string()),
        ("conviction.spec".to_owned(), manifest(asked)),
    ]
}

/// The setting, as `--config` takes it.
fn manifest(asked: &Asked) -> String {
    let base = Spec {
        seed: asked.seed,
        base: asked.setting,
        ..Spec::default()
    };
    let mut manifest = base.resolved();
    manifest.retain(|key, _| RUN_KEYS.contains(&key));
    toml::to_string(&manifest).expect("a spec is plain TOML")
}

/// The tables with rows for every participant, proposal and edge of every day: written as the run goes
/// on, since they grow with the cube of its days.
struct Detailed {
    rows: Replayed,
    proposals: TableWriter,
    participants: TableWriter,
    support_edges: TableWriter,
    /// Why rows could not be written; then the rest is not.
    failed: Option<OutputError>,
}

impl Detailed {
    /// Edges gathered before they are written.
    const GATHERED: usize = 1 << 16;

    fn create(place: &Path, metadata: &Metadata) -> Result<Self, OutputError> {
        let writer = |table: &str, columns: &[Column]| {
            TableWriter::create(
                &place.join(table).with_extension("parquet"),
                columns,
                metadata,
            )
        };
        Ok(Self {
            rows: Replayed::default(),
            proposals: writer("proposals", &ProposalRows::columns())?,
            participants: writer("participants", &ParticipantRows::columns())?,
            support_edges: writer("support_edges", &SupportEdgeRows::columns())?,
            failed: None,
        })
    }

    fn add_end_of_day(&mut self, view: &View) {
        if self.failed.is_none() {
            self.rows.add_end_of_day(view);
            if self.rows.support_edges.len() + self.rows.proposals.len() >= Self::GATHERED {
                self.failed = self.write().err();
            }
        }
    }

    fn write(&mut self) -> Result<(), OutputError> {
        let rows = std::mem::take(&mut self.rows);
        self.proposals.write(&rows.proposals.batch())?;
        self.participants.write(&rows.participants.batch())?;
        self.support_edges.write(&rows.support_edges.batch())
    }

    fn finish(mut self) -> Result<(), OutputError> {
        self.failed.take().map_or(Ok(()), Err)?;
        self.write()?;
        for table in [self.proposals, self.participants, self.support_edges] {
            table.finish()?.publish()?;
        }
        Ok(())
    }
}

/// What is kept of a run to its end.
#[derive(Default)]
struct Record {
    day: DayRows,
    state: StateRows,
    influence: InfluenceRows,
    conflict: ConflictRows,
}

impl Record {
    fn write(self, asked: &Asked, metadata: &Metadata, place: &Path) -> Result<(), OutputError> {
        let path = |table: &str| place.join(table).with_extension("parquet");
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
        let mut writer = TableWriter::create(&path("days"), &columns, metadata)?;
        writer.write(&days)?;
        writer.finish()?.publish()?;

        TableWriter::write_table(&path("influence"), self.influence, metadata)?;
        TableWriter::write_table(&path("conflict"), self.conflict, metadata)?;
        let manifest = manifest(asked);
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
