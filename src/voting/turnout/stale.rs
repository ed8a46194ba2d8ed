//! Tracks tokens left on granted proposals. The deployed contract counts them as staked until they are
//! withdrawn, when their holder next moves a stake (`ConvictionVoting.sol` of 1Hive/conviction-voting-app at
//! 27df568).

use super::Counting;
use crate::contract::units;
use crate::engine::{ModelBuilder, PerRun, Rows, Runs, Setting};
use crate::voting::Day;
use crate::voting::conviction::Granted;
use crate::voting::opening::Opening;
use crate::voting::participants::{Participants, Population};
use crate::voting::support::{Layout, Restake, Stake};
use bevy_ecs::prelude::*;

/// A participant's tokens on granted proposals; a column of participants.
#[derive(Component, Clone, Copy, Debug, Default)]
pub struct Stale {
    /// Tokens left since the participant last acted.
    pub left: f64,
    /// The same tokens in units of 10⁻¹⁸.
    pub units: i128,
    /// Stakes on candidates before today's grants.
    staked: f64,
}

crate::record!(Stale);

/// Number of grants and participants at the last update.
#[derive(Component, Default)]
pub struct Known {
    granted: u32,
    participants: usize,
}

impl PerRun for Known {}

/// Registers stale stakes.
pub fn register(model: &mut ModelBuilder) {
    model
        .per_run::<Known>()
        .column::<Participants, Stale>()
        .system_if(keeps_stale, Day::Progress, note_stakes)
        .system_if(keeps_stale, Day::Release, keep)
        .after(&["conviction"])
        .system_if(keeps_stale, Day::Act, withdraw)
        .after(&["support"]);
}

/// Records the tokens left on closed proposals at the start of a history, until their holders act.
pub fn begin(
    mut runs: Runs<(&Counting, &Population, &Opening, &mut Known)>,
    mut people: Rows<(&mut Restake, &mut Stale)>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (counting, population, opening, known)) in batch {
        let Some(observed) = opening.observed.as_ref().filter(|_| counting.keeps_stale()) else {
            continue;
        };
        known.participants = population.participants;
        let (restake, stale) = people.of(run);
        let people = restake.iter_mut().zip(stale).take(population.participants);
        for ((restake, stale), closed) in people.zip(&observed.closed) {
            *restake = closed.units > 0;
            *stale = Stale {
                left: closed.tokens,
                units: closed.units,
                staked: 0.0,
            };
        }
    }
}

fn keeps_stale(setting: &Setting) -> bool {
    setting.group::<Counting>().keeps_stale()
}

/// Returns a participant's stakes on candidates.
fn staked(layout: &Layout, stakes: &[f64], participant: usize) -> f64 {
    let eights = layout.rows_in_use(participant);
    eights.map(|rows| stakes[rows].iter().sum::<f64>()).sum()
}

fn note_stakes(
    mut runs: Runs<(&Counting, &Population, &Layout, &mut Known)>,
    mut people: Rows<&mut Stale>,
    mut edges: Rows<&Stake>,
) {
    let batch = runs.batch();
    let (mut people, mut edges) = (people.of_batch(&batch), edges.of_batch(&batch));
    for (run, (counting, population, layout, known)) in batch {
        if !counting.keeps_stale() {
            continue;
        }
        let stakes = edges.of(run);
        let people = &mut people.of(run)[..population.participants];
        people[known.participants..].fill(Stale::default());
        known.participants = people.len();
        for (participant, stale) in people.iter_mut().enumerate() {
            stale.staked = staked(layout, stakes, participant);
        }
    }
}

/// Keeps stakes that today's grants removed from candidates.
fn keep(
    mut runs: Runs<(&Counting, &Layout, &Granted, &mut Known)>,
    mut people: Rows<&mut Stale>,
    mut edges: Rows<&Stake>,
) {
    let batch = runs.batch();
    let (mut people, mut edges) = (people.of_batch(&batch), edges.of_batch(&batch));
    for (run, (counting, layout, granted, known)) in batch {
        if !counting.keeps_stale() || granted.count == known.granted {
            continue;
        }
        known.granted = granted.count;
        let stakes = edges.of(run);
        let people = &mut people.of(run)[..known.participants];
        for (participant, stale) in people.iter_mut().enumerate() {
            let more = stale.staked - staked(layout, stakes, participant);
            stale.left += more;
            stale.units += units(more);
        }
    }
}

/// Withdraws the stale stakes of participants who act.
fn withdraw(mut runs: Runs<(&Counting, &Population)>, mut people: Rows<(&Restake, &mut Stale)>) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (counting, population)) in batch {
        if counting.keeps_stale() {
            let (restake, stale) = people.of(run);
            let each = restake.iter().zip(stale).take(population.participants);
            for (_, stale) in each.filter(|(restake, _)| !**restake) {
                (stale.left, stale.units) = (0.0, 0);
            }
        }
    }
}
