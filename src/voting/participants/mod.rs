//! Participants, who hold tokens and vote: their holdings, and arrivals.

mod arrivals;
mod departed;

pub use arrivals::{Newcomer, People, admit_newcomer, draw_newcomer};
pub use departed::Departed;

use super::chance::{Chance, NONE, Processes};
use super::opening::Opening;
use super::rules::{RuleSet, Rules};
use super::supply::{InitialSupply, Ledger, Supply, Terms};
use crate::engine::{
    Columns, Domain, Gathered, ModelBuilder, Moment, Output, PerRun, Rows, Runs, Sampled, Start,
};
use bevy_ecs::prelude::*;

crate::settings! {
    /// Number of initial participants.
    InitialParticipants in "initial" {
        participants: u32 = 30, "", Domain::count(1, 100_000), "participants at the start";
    }
}

crate::table! {
    /// Participants, one row each in order of arrival.
    Participants {
        /// Id of a participant; participants and proposals share one sequence, in order of creation.
        ParticipantId(u32) = NONE;
        /// h, tokens of a participant, Honey.
        Holdings(f64) = 0.0;
        /// Own sentiment of a participant, 0 to 1.
        OwnSentiment(f64) = 0.0;
    }
}

/// v, votes from which a participant's stakes are split, if not the holdings: a column of participants that an
/// extension adds.
#[derive(Component, Clone, Copy, Debug, Default, bytemuck::TransparentWrapper)]
#[repr(transparent)]
pub struct VotingWeight(pub f64);

impl crate::engine::TableColumn for VotingWeight {
    type Value = f64;

    fn values(column: &[Self]) -> &[f64] {
        bytemuck::TransparentWrapper::peel_slice(column)
    }

    fn values_mut(column: &mut [Self]) -> &mut [f64] {
        bytemuck::TransparentWrapper::peel_slice_mut(column)
    }
}

/// Rows in use of participants and proposals, which share one sequence of ids.
#[derive(Component, Default, Clone, Copy, Debug)]
pub struct Population {
    /// Participants.
    pub participants: usize,
    /// Proposals of every status.
    pub proposals: usize,
    /// Draw of mean 1 from which the next newcomer's holdings follow, if an extension draws it.
    pub newcomer: Option<f64>,
}

impl PerRun for Population {}

impl Population {
    /// Returns the id of the next participant or proposal.
    pub fn next_id(&self) -> u32 {
        (self.participants + self.proposals) as u32
    }
}

crate::columns! {
    /// Number of participants.
    ParticipantCountRow, ParticipantCountRows {
        participant_count: u32, "", "participants" => neither;
    }
}

crate::columns! {
    /// Participants at the end of each day.
    ParticipantRow, ParticipantRows {
        day: u32, "days", "the day; 0 is the start";
        participant: u32, "", "id of the participant, in the sequence that proposals share";
        holdings: f64, "Honey", "h, tokens that the participant can stake";
        sentiment: f64, "", "the participant's own sentiment, 0 to 1";
    }
}

/// Registers the participants.
pub fn participants<M: Ledger>(model: &mut ModelBuilder) {
    model
        .settings::<InitialParticipants>()
        .per_run::<Population>()
        .per_run::<Departed>()
        .per_run::<Opening>()
        .table::<Participants, _>(demand)
        .start(Start::Draw, draw)
        .start(Start::Fill, fill::<M>)
        .columns::<ParticipantCountRows, _>(&["days", "runs"], show_count)
        .output(Output {
            name: "participants",
            folder: None,
            keys: &[],
            rows: |setting| f64::from(setting.group::<InitialParticipants>().participants),
            meaning: "of a run or a replay: a row per participant and day",
            moment: Moment::Day,
            prepare: None,
        })
        .columns::<ParticipantRows, _>(&["participants"], show_each);
}

/// Returns the number of rows that may be needed: at most one participant arrives a day.
fn demand(In(days): In<u32>, mut runs: Runs<&Population>) -> usize {
    let participants = runs.batch().map(|(_, population)| population.participants);
    participants.max().unwrap_or(0) + days as usize
}

crate::view! {
    /// Access of [`draw`] to a run.
    struct Drawing<'w> {
        initial: &'w InitialParticipants,
        supply: &'w InitialSupply,
        chance: &'w mut Chance,
        opening: &'w mut Opening,
        population: &'w mut Population,
    }
}

fn draw(mut runs: Runs<Drawing>) {
    for (_, of) in runs.batch() {
        let count = of.initial.participants as usize;
        let mean = of.supply.supply / f64::from(of.initial.participants);
        of.chance
            .initial_participants(count, mean, &mut of.opening.founders);
        of.population.participants = of.opening.founders.len();
    }
}

/// Gives the founders rows. Under rule accounting `corrected` it scales their holdings to sum to E.
fn fill<M: Ledger>(
    mut runs: Runs<(&Rules, &M, &mut Supply, &mut Opening)>,
    mut people: Rows<(&mut ParticipantId, &mut Holdings, &mut OwnSentiment)>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (rules, ledger, supply, opening)) in batch {
        let founders = &mut opening.founders;
        let held: f64 = founders.iter().map(|founder| founder.holdings).sum();
        let (scale, voting) = match rules.accounting {
            RuleSet::V3 => (1.0, held),
            RuleSet::Corrected => (supply.effective / held, supply.effective),
        };
        // Initial triggers count the participants' holdings.
        supply.at_day_start = Terms::of(supply.funds, voting);
        let (ids, holdings, sentiments) = people.of(run);
        for (row, founder) in founders.drain(..).enumerate() {
            ids[row] = row as u32;
            holdings[row] = ledger.held(founder.holdings * scale);
            sentiments[row] = founder.sentiment;
        }
    }
}

fn show_count(mut runs: Sampled<(&Population, &Departed, &mut Gathered<ParticipantCountRows>)>) {
    for (_, (population, departed, rows)) in runs.batch() {
        rows.push(ParticipantCountRow {
            participant_count: (population.participants - departed.count()) as u32,
        });
    }
}

fn show_each(
    mut runs: Sampled<(&Population, &Departed, &mut Gathered<ParticipantRows>)>,
    mut people: Rows<(&ParticipantId, &Holdings, &OwnSentiment)>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (population, departed, rows)) in batch {
        let (ids, holdings, sentiments) = people.of(run);
        for row in (0..population.participants).filter(|&row| !departed.contains(row)) {
            rows.push(ParticipantRow {
                day: run.day,
                participant: ids[row],
                holdings: holdings[row],
                sentiment: sentiments[row],
            });
        }
    }
}
