//! A participant arrives.

use super::Population;
use crate::voting::chance::{Chance, Processes};
use crate::voting::rules::{RuleSet, Rules};
use crate::voting::sentiment::Sentiment;
use crate::voting::supply::{Ledger, Supply};

/// What a newcomer brings.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer {
    /// The tokens that it is to have, Honey: X · 0.01 L, which where all vote may be a rounding below 0 and is 0
    /// then; under rule accounting v3 X · 0.01 (S − E).
    pub wanted: f64,
    /// What it holds of them, Honey: at most what is free of L.
    pub held: f64,
}

/// A newcomer, if one arrives: when u < (1 + s)/10. X is drawn, and dropped where an extension has drawn
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

/// The columns of participants that a newcomer's row is in.
pub struct People<'a> {
    /// Ids.
    pub ids: &'a mut [u32],
    /// Tokens, Honey.
    pub holdings: &'a mut [f64],
    /// Own sentiment, 0 to 1.
    pub sentiments: &'a mut [f64],
}

/// Gives a newcomer a row, which it returns; its tokens go from L to E.
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
