//! Replaying a recorded run of the published program: the state of day 0 and the random numbers
//! come from the recording, everything else from the same systems that simulate.

mod recording;
mod tape;

pub use recording::{Recording, RecordingError};
pub use tape::{Draw, Tape, TapeError};

use crate::model::{Rules, Setting};
use crate::output::Columns;
use crate::output::schema::{
    ParticipantRow, ParticipantRows, ProposalRow, ProposalRows, SupportEdgeRow, SupportEdgeRows,
    SystemRow, SystemRows,
};
use crate::world::schedule::Phase;
use crate::world::{Dao, Detail, RunFailure, View};

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

/// The states of a replayed run.
#[derive(Default)]
pub struct Replayed {
    /// The system after each phase of each day.
    pub system: SystemRows,
    /// The proposals at the end of each day.
    pub proposals: ProposalRows,
    /// The participants at the end of each day.
    pub participants: ParticipantRows,
    /// The edges to candidates at the end of each day.
    pub support_edges: SupportEdgeRows,
}

/// Replays a recording under `rules`. Where the recording ends because the published program
/// crashed and `rules` go on, and for draws that the published program does not make, the run goes
/// on with simulated chance, seeded with the recording's seed.
///
/// # Errors
/// When the rules cannot say how the run goes on, when the run asks for another draw than the next
/// recorded one, or leaves a draw of a day unused.
pub fn replay(recording: &Recording, rules: Rules) -> Result<Replayed, ReplayError> {
    let setting = Setting {
        rules,
        ..recording.setting
    };
    let mut dao = Dao::logging_phases();
    let tape = Tape::new(recording.draws.clone(), recording.crashed, recording.seed);
    dao.clear(1);
    dao.begin(&setting, &recording.start, tape, Detail::Edges);

    let mut replayed = Replayed::default();
    replayed.add_end_of_day(&dao.views().of(0));
    let start = dao.views().of(0).supply();
    replayed.system.push(SystemRow {
        day: 0,
        substep: 0,
        funds: start.funds,
        sentiment: dao.views().of(0).sentiment(),
        effective_supply: start.effective,
        total_supply: start.total,
    });
    for day in 1..=setting.days {
        dao.chance(0).begin_day(day);
        dao.advance();
        // A wrong draw explains whatever came of it.
        dao.chance(0).check()?;
        if let Some(failure) = dao.failure(0) {
            return Err(failure.clone().into());
        }
        dao.chance(0).end_day()?;
        for (phase, (supply, sentiment)) in (1..).zip(dao.phase_log(0)) {
            replayed.system.push(SystemRow {
                day,
                substep: phase,
                funds: supply.funds,
                sentiment: *sentiment,
                effective_supply: supply.effective,
                total_supply: supply.total,
            });
        }
        debug_assert_eq!(dao.phase_log(0).len(), Phase::ALL.len());
        replayed.add_end_of_day(&dao.views().of(0));
    }
    Ok(replayed)
}

impl Replayed {
    /// Adds the tables' rows for the end of a day.
    pub fn add_end_of_day(&mut self, view: &View) {
        let day = view.day();
        for p in view.proposals() {
            self.proposals.push(ProposalRow {
                day,
                proposal: p.id,
                status: p.status.name(),
                age: p.age,
                funds_requested: p.funds_requested,
                conviction: p.conviction,
                trigger: p.trigger,
            });
        }
        for p in view.participants() {
            self.participants.push(ParticipantRow {
                day,
                participant: p.id,
                holdings: p.holdings,
                sentiment: p.sentiment,
            });
        }
        for e in view.support_edges() {
            self.support_edges.push(SupportEdgeRow {
                day,
                participant: e.participant,
                proposal: e.proposal,
                affinity: e.affinity,
                tokens: e.tokens,
                conviction: e.conviction,
            });
        }
    }
}
