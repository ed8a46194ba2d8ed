//! Arrival of a participant.

use super::Population;
use crate::voting::chance::{Chance, Processes};
use crate::voting::rules::{RuleSet, Rules};
use crate::voting::sentiment::Sentiment;
use crate::voting::supply::{Ledger, Supply};

/// Newcomer of a day.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer {
    /// Drawn holdings, Honey: X · 0.01 L, or X · 0.01 (S − E) under rule accounting v3. If all tokens vote, rounding
    /// may put L below 0; the holdings are then 0.
    pub wanted: f64,
    /// Holdings, Honey: at most the free part of L, except under rule accounting v3.
    pub held: f64,
}

/// Draws a newcomer, who arrives if u < (1 + s)/10. X is always drawn, and discarded if an extension has drawn
/// another.
pub fn draw_newcomer<M: Ledger>(
    chance: &mut Chance,
    population: &mut Population,
    supply: &Supply,
    sentiment: &Sentiment,
    rules: &Rules,
    ledger: &M,
) -> Option<Newcomer> {
    (chance.participant_arrival() < (1.0 + sentiment.value) / 10.0).then(|| {
        let drawn = chance.participant_holdings();
        let unit = population.newcomer.take().unwrap_or(drawn);
        let (wanted, most) = match rules.accounting {
            RuleSet::V3 => (
                unit * 0.01 * (supply.total - supply.effective),
                f64::INFINITY,
            ),
            RuleSet::Corrected => (unit * 0.01 * supply.other, supply.free()),
        };
        let wanted = wanted.max(0.0);
        Newcomer {
            wanted,
            held: ledger.held(wanted.min(most)),
        }
    })
}

/// Columns of participants that hold a newcomer's row.
pub struct People<'a> {
    /// Ids.
    pub ids: &'a mut [u32],
    /// Tokens, Honey.
    pub holdings: &'a mut [f64],
    /// Own sentiment, 0 to 1.
    pub sentiments: &'a mut [f64],
}

/// Adds a newcomer, whose tokens move from L to E; returns their row.
pub fn admit_newcomer<M: Ledger>(
    chance: &mut Chance,
    held: f64,
    population: &mut Population,
    people: People,
    supply: &mut Supply,
    ledger: &mut M,
) -> usize {
    let row = population.participants;
    people.ids[row] = population.next_id();
    people.holdings[row] = held;
    people.sentiments[row] = chance.participant_sentiment();
    population.participants += 1;
    ledger.admit(supply, held);
    row
}
