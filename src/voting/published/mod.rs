//! Recorded runs of the published program, replayed: the state of day 0 and the random numbers come from
//! the recording, everything else from the same systems that simulate.

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
    RunOf, Runs, Seeds, Setting, Shown, Start, TableRows,
};
use bevy_ecs::prelude::*;
use fearless_simd::Level;

crate::columns! {
    /// The system after each phase of each day of a replay; row 0 is the recorded start.
    SystemRow, SystemRows {
        day: u32, "days", "the day; 0 is the start";
        substep: u32, "", "the phase of the published day, 1 to 6; 0 on day 0";
        funds: f64, "Honey", "F, the funding pool";
        sentiment: f64, "", "s, the system's mood, 0 to 1";
        effective_supply: f64, "Honey", "E, tokens committed to voting";
        total_supply: f64, "Honey", "S = F + E + L";
    }
}

/// The tables that a replay leaves.
pub const TABLES: [&str; 4] = ["system", "proposals", "participants", "support_edges"];

/// Where each phase of the published day ends.
const PUBLISHED: [Day; 6] = [
    Day::Arrivals,
    Day::Mint,
    Day::Progress,
    Day::Release,
    Day::Act,
    Day::Accrue,
];

/// The phases of the day that ended so far.
#[derive(Component, Default)]
struct Log(Vec<SystemRow>);

impl PerRun for Log {
    fn begin(&mut self) {
        self.0.clear();
    }
}

/// Registers what a replay has besides: the recorded start, and the log of phases.
fn replayed(model: &mut ModelBuilder) {
    model
        .per_run::<Log>()
        .start(Start::Draw, give_state)
        .output(Output {
            name: "system",
            folder: None,
            rows: |_| 6.0,
            meaning: "of a replay: a row per phase of each day",
            moment: Moment::Day,
            prepare: None,
        })
        .columns::<SystemRows, _>(&["system"], show_log);
    for (place, day) in PUBLISHED.into_iter().enumerate() {
        // Registered last, so the last of its phase.
        let substep = place as u32 + 1;
        model.system(
            day,
            move |runs: Runs<(&'static Supply, &'static Sentiment, &'static mut Log)>| {
                log(runs, substep);
            },
        );
    }
}

/// Whether a setting has the published program's rules, so that days of a run have a [`frame`] as that
/// program makes it.
pub fn is_published(setting: &Setting) -> bool {
    set_name(setting) == RuleSet::V3.name()
}

/// The model of the published program's recordings.
pub fn model() -> Model {
    super::model_with(&[Feature::new("replay", 1, replayed)])
}

/// The recorded state stands instead of what the setting alone says.
fn give_state(mut runs: Runs<(&'static Chance, &'static mut Supply, &'static mut Sentiment)>) {
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

fn log(mut runs: Runs<(&'static Supply, &'static Sentiment, &'static mut Log)>, substep: u32) {
    for (run, (supply, sentiment, log)) in runs.batch() {
        log.0.push(state(run.day, substep, supply, sentiment));
    }
}

fn show_log(
    mut runs: Shown<(
        &'static Supply,
        &'static Sentiment,
        &'static mut Log,
        &'static mut Gathered<SystemRows>,
    )>,
) {
    for (run, (supply, sentiment, log, rows)) in runs.batch() {
        if run.day == 0 {
            rows.push(state(0, 0, supply, sentiment));
        }
        for row in log.0.drain(..) {
            rows.push(row);
        }
    }
}

/// Why a replay ended before its horizon.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The rules cannot say how the run goes on.
    #[error(transparent)]
    Run(#[from] RunFailure),
    /// The run does not ask for the draws that were recorded.
    #[error(transparent)]
    Tape(#[from] TapeError),
}

/// Replays a recording under the rules of `setting`, which is the recording's but for them; gives the
/// rows of each of [`TABLES`]. Where the recording ends because the published program crashed and the
/// rules go on, and for draws that the published program does not make, the run goes on with simulated
/// chance, seeded with the recording's seed.
///
/// # Errors
/// When the rules cannot say how the run goes on, when the run asks for another draw than the next
/// recorded one, or leaves a draw of a day unused.
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
        // A wrong draw explains whatever came of it.
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
