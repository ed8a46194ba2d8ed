//! A participant arrives.

use super::{Holdings, OwnSentiment, ParticipantId, Population};
use crate::engine::{PerRun, Rows, Runs};
use crate::voting::chance::Chance;
use crate::voting::rules::{RuleSet, Rules};
use crate::voting::sentiment::Sentiment;
use crate::voting::supply::{Ledger, Supply};
use bevy_ecs::prelude::*;

/// Who arrives today, if anybody: tokens, Honey. The newcomer's row is the last of the participants'.
#[derive(Component, Default, Clone, Copy, Debug)]
pub struct Newcomer(pub Option<f64>);

impl PerRun for Newcomer {}

/// A participant arrives when u < (1 + s)/10, and holds X · 0.01 L, at most L; under rule accounting v3
/// X · 0.01 (S − E).
pub fn draw_newcomer<C: Chance, M: Ledger>(
    mut runs: Runs<(
        &'static Rules,
        &'static Supply,
        &'static Sentiment,
        &'static M,
        &'static mut C,
        &'static mut Newcomer,
    )>,
) {
    for (_, (rules, supply, sentiment, ledger, chance, newcomer)) in runs.batch() {
        newcomer.0 = (chance.participant_arrival() < (1.0 + sentiment.0) / 10.0).then(|| {
            let unit = chance.participant_holdings();
            ledger.held(match rules.accounting {
                RuleSet::V3 => unit * 0.01 * (supply.total - supply.effective),
                RuleSet::Corrected => (unit * 0.01 * supply.other).min(supply.other),
            })
        });
    }
}

/// Gives the newcomer a row; its tokens go from L to E.
pub fn admit_newcomer<C: Chance, M: Ledger>(
    mut runs: Runs<(
        &'static Newcomer,
        &'static mut Supply,
        &'static mut M,
        &'static mut C,
        &'static mut Population,
    )>,
    mut people: Rows<(
        &'static mut ParticipantId,
        &'static mut Holdings,
        &'static mut OwnSentiment,
    )>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (newcomer, supply, ledger, chance, population)) in batch {
        if let Some(holdings) = newcomer.0 {
            let row = population.participants;
            let (ids, all_holdings, sentiments) = people.of(run);
            ids[row] = population.next_id();
            all_holdings[row] = holdings;
            sentiments[row] = chance.participant_sentiment();
            population.participants += 1;
            ledger.admit(supply, holdings);
        }
    }
}
