//! Transfers tokens to and from attackers.

use super::attacker::Attacker;
use super::closed_form::days_of_stake;
use super::settings::{Attack, Source, tokens_for};
use crate::voting::conviction::Conviction;
use crate::voting::participants::Departed;
use crate::voting::supply::{Ledger, Supply};
use crate::voting::support::{Following, Layout, Staking};

/// Participants of a run, whose tokens may pass to an attacker.
pub struct People<'a, M: Staking> {
    /// Layout of the run's edges.
    pub layout: &'a Layout,
    /// Holdings of each participant, Honey.
    pub holdings: &'a mut [f64],
    /// Stakes of participants.
    pub stakes: Following<'a, M>,
}

impl<M: Staking> People<'_, M> {
    /// Takes a share of each participant's holdings, records the amounts, and lets their stakes follow.
    fn give(&mut self, share: f64, supply: &Supply, given: &mut Vec<f64>) {
        given.clear();
        for row in 0..self.holdings.len() {
            let held = self.holdings[row];
            let kept = self.stakes.mechanism.held(held * (1.0 - share));
            given.push(held - kept);
            self.stakes.hold(supply, self.holdings, row, kept);
        }
        self.stakes.settle(self.layout);
    }
}

/// Gives an attacker its share of E. E grows, unless the tokens come from insiders. L provides at most its free
/// tokens.
pub fn enter<M: Staking>(
    attack: &Attack,
    attacker: &mut Attacker,
    supply: &mut Supply,
    people: &mut People<M>,
) {
    let accounts = attack.accounts as usize;
    let each = f64::from(attack.accounts);
    match attack.source {
        Source::Other => {
            let tokens = tokens_for(attack.share, supply.effective);
            // Once all participants have left, rounding may leave E slightly negative.
            let mechanism = &mut *people.stakes.mechanism;
            let tokens = mechanism.held(tokens.clamp(0.0, supply.free()) / each);
            for _ in 0..accounts {
                mechanism.admit(supply, tokens);
                attacker.accounts.push(tokens);
            }
        }
        Source::Insiders => {
            let held: f64 = people.holdings.iter().sum();
            let wanted = attack.share * supply.effective;
            if wanted > 0.0 && held > 0.0 {
                people.give((wanted / held).min(1.0), supply, &mut attacker.lent);
            }
            let tokens = attacker.lent.drain(..).sum::<f64>() / each;
            attacker.accounts.resize(accounts, tokens);
        }
    }
    let tokens = attacker.tokens();
    supply.held_aside += tokens;
    attacker.share_held = (supply.effective > 0.0).then(|| tokens / supply.effective);
}

/// Moves an attacker's tokens to L.
pub fn leave<L: Ledger>(attacker: &mut Attacker, supply: &mut Supply, ledger: &mut L) {
    for tokens in attacker.accounts.drain(..) {
        ledger.dismiss(supply, tokens);
        supply.held_aside -= tokens;
    }
}

/// Stakes an attacker's grant, in equal parts on its accounts.
pub fn compound<L: Ledger>(
    attacker: &mut Attacker,
    paid: f64,
    supply: &mut Supply,
    ledger: &mut L,
) {
    let more = ledger.held(paid / attacker.accounts.len() as f64);
    for tokens in &mut attacker.accounts {
        ledger.admit(supply, more);
        supply.held_aside += more;
        *tokens += more;
    }
}

/// Returns true if a renter profits from a request: q F − p A n > 0, for the n days of stake that it takes with
/// the tokens A that participants lend.
pub fn pays(attack: &Attack, conviction: &Conviction, supply: &Supply, holdings: &[f64]) -> bool {
    let rented = attack.supply * holdings.iter().sum::<f64>();
    let ask = attack.share_of_pool(conviction.beta);
    let share = supply.votes_of(rented) / supply.votes();
    let days = days_of_stake(conviction, ask, share);
    let gain = |days: u64| ask * supply.at_day_start.funds - attack.rent * rented * days as f64;
    days.is_some_and(|days| gain(days) > 0.0)
}

/// Lends a renter a share of participants' holdings.
pub fn lend<M: Staking>(
    attack: &Attack,
    attacker: &mut Attacker,
    supply: &mut Supply,
    people: &mut People<M>,
) {
    people.give(attack.supply, supply, &mut attacker.lent);
    attacker.accounts.clear();
    attacker.accounts.push(attacker.lent.iter().sum());
    supply.held_aside += attacker.tokens();
}

/// Returns lent tokens to participants, whose stakes do not change. Tokens of participants who have left since
/// go to L.
pub fn give_back<L: Ledger>(
    attacker: &mut Attacker,
    supply: &mut Supply,
    ledger: &mut L,
    departed: &Departed,
    holdings: &mut [f64],
) {
    supply.held_aside -= attacker.tokens();
    attacker.accounts.clear();
    for &row in departed.rows() {
        if let Some(lent) = attacker.lent.get_mut(row as usize) {
            ledger.dismiss(supply, std::mem::take(lent));
        }
    }
    for (held, lent) in holdings.iter_mut().zip(attacker.lent.drain(..)) {
        *held += lent;
    }
}
