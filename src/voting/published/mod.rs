//! Replays recorded runs of the published program. The state of day 0 and the random numbers come from the
//! recording, everything else from the systems of the simulation.

mod frame;
mod recording;

pub use frame::frame;
pub use recording::{Recording, RecordingError};

use super::Day;
use super::chance::{Chance, Tape, TapeError};
use super::rules::{RuleSet, set_name};
use super::sentiment::Sentiment;
use super::supply::Supply;
use crate::engine::{
    Batch, Columns, Feature, Gathered, Model, ModelBuilder, Moment, Output, PerRun, RunFailure,
    RunOf, Runs, Sampled, Seeds, Setting, Start, TableRows,
};
use bevy_ecs::prelude::*;
use fearless_simd::Level;

crate::columns! {
    /// State of the system after each phase of each day of a replay; row 0 is the recorded start.
    SystemRow, SystemRows {
        day: u32, "days", "day; 0 is the start";
        substep: u32, "", "phase of the published day, 1 to 6; 0 on day 0";
        funds: f64, "Honey", "F, the funding pool";
        sentiment: f64, "", "s, sentiment of the system, 0 to 1";
        effective_supply: f64, "Honey", "E, tokens committed to voting";
        total_supply: f64, "Honey", "S = F + E + L";
    }
}

/// Tables of a replay.
pub const TABLES: [&str; 4] = ["system", "proposals", "participants", "support_edges"];

/// Own phase at whose end each phase of the published day ends.
const PUBLISHED: [Day; 6] = [
    Day::Arrivals,
    Day::Mint,
    Day::Progress,
    Day::Release,
    Day::Act,
    Day::Accrue,
];

/// Features of the published day.
const PHASES_OF: [&str; 5] = ["arrivals", "supply", "proposals", "conviction", "support"];

/// States after the phases so far.
#[derive(Component, Default)]
struct Log(Vec<SystemRow>);

impl PerRun for Log {
    fn begin(&mut self) {
        self.0.clear();
    }
}

/// Registers the additions of a replay: the recorded start, and the log of phases.
fn replayed(model: &mut ModelBuilder) {
    model
        .per_run::<Log>()
        .start(Start::Draw, give_state)
        .after(&["supply", "sentiment"])
        .output(Output {
            name: "system",
            folder: None,
            keys: &[],
            rows: |_| 6.0,
            meaning: "of a replay: one row per phase of each day",
            moment: Moment::Day,
            prepare: None,
        })
        .columns::<SystemRows, _>(&["system"], show_log);
    for (place, day) in PUBLISHED.into_iter().enumerate() {
        let substep = place as u32 + 1;
        let note = move |runs: Runs<(&Supply, &Sentiment, &mut Log)>| log(runs, substep);
        model.system(day, note).after(&PHASES_OF);
    }
}

/// Returns true if a setting has the published program's rules, so that [`frame`] applies to its runs.
pub fn is_published(setting: &Setting) -> bool {
    set_name(setting) == RuleSet::V3.name()
}

/// Builds the model that replays recordings of the published program.
pub fn model() -> Model {
    super::model_with(&[Feature::new("replay", 1, replayed)])
}

/// Replaces the initial state by the recorded one.
fn give_state(mut runs: Runs<(&Chance, &mut Supply, &mut Sentiment)>) {
    for (_, (chance, supply, sentiment)) in runs.batch() {
        let Some(beginning) = chance.tape().map(Tape::beginning) else {
            continue;
        };
        let (funds, effective) = (beginning.funds, beginning.effective_supply);
        *supply = Supply::at_start(funds, effective, beginning.total_supply);
        sentiment.value = beginning.sentiment;
    }
}

fn state(day: u32, substep: u32, supply: &Supply, sentiment: &Sentiment) -> SystemRow {
    SystemRow {
        day,
        substep,
        funds: supply.funds,
        sentiment: sentiment.value,
        effective_supply: supply.effective,
        total_supply: supply.total,
    }
}

fn log(mut runs: Runs<(&Supply, &Sentiment, &mut Log)>, substep: u32) {
    for (run, (supply, sentiment, log)) in runs.batch() {
        log.0.push(state(run.day, substep, supply, sentiment));
    }
}

fn show_log(mut runs: Sampled<(&Supply, &Sentiment, &mut Log, &mut Gathered<SystemRows>)>) {
    for (run, (supply, sentiment, log, rows)) in runs.batch() {
        if run.day == 0 {
            rows.push(state(0, 0, supply, sentiment));
        }
        for row in log.0.drain(..) {
            rows.push(row);
        }
    }
}

/// Reason why a replay ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The run failed.
    #[error(transparent)]
    Run(#[from] RunFailure),
    /// The run's draws differ from the recorded ones.
    #[error(transparent)]
    Tape(#[from] TapeError),
}

/// Replays a recording under `setting`, which equals the recording's except for the rules; returns the rows of
/// each of [`TABLES`]. Random numbers seeded with the recording's seed replace missing draws: after a crash of
/// the published program, and for draws that it does not make.
///
/// # Errors
/// When the run fails, asks for another draw than the next recorded one, or leaves a draw of a day unused.
pub fn replay(recording: &Recording, setting: &Setting) -> Result<[TableRows; 4], ReplayError> {
    let model = model();
    let mut batch = Batch::new(&model, setting, &TABLES, Level::new());
    let seeds = Seeds {
        root: recording.seed,
        world: 0,
    };
    batch.set_up(std::iter::once(RunOf { setting, seeds }));
    *batch.get_mut::<Chance>(0) = Chance::Recorded(Box::new(Tape::new(
        recording.beginning.clone(),
        recording.draws.clone(),
        recording.crashed,
        recording.seed,
    )));
    batch.start();
    batch.look(|_| true);
    while batch.going_on() > 0 {
        let day = batch.run(0).day + 1;
        if let Chance::Recorded(tape) = batch.get_mut::<Chance>(0) {
            tape.begin_day(day);
        }
        batch.advance();
        let tape = batch.get::<Chance>(0).tape();
        // A wrong draw explains any later failure.
        tape.map_or(Ok(()), Tape::check)?;
        if let Some(failure) = batch.failure(0) {
            return Err(failure.clone().into());
        }
        let tape = batch.get::<Chance>(0).tape();
        tape.map_or(Ok(()), Tape::end_day)?;
        batch.look(|_| true);
    }
    let rows = TABLES.map(|table| {
        let mut rows = TableRows::new(&model, table);
        batch.take(0, &mut rows);
        rows
    });
    Ok(rows)
}
