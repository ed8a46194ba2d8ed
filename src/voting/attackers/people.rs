//! How tokens come to attackers, and where they go back to.

use super::attacker::Attacker;
use super::closed_form::days_of_stake;
use super::settings::{Attack, Source, tokens_for};
use crate::voting::conviction::Conviction;
use crate::voting::participants::Departed;
use crate::voting::supply::{Ledger, Supply};
use crate::voting::support::{Following, Layout, Staking};

/// The participants of a run, whose tokens an attacker may come to have.
pub struct People<'a, M: Staking> {
    /// Where the edges of the run are.
    pub layout: &'a Layout,
    /// What each participant holds, Honey.
    pub holdings: &'a mut [f64],
    /// What they have at stake.
    pub stakes: Following<'a, M>,
}

impl<M: Staking> People<'_, M> {
    /// Takes a share of what each participant holds, and notes what of each; their stakes follow.
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

/// Gives an attacker its share of E, which E grows by unless its tokens are those of insiders. From L comes what
/// is free of it, at most.
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
            // Where everybody has left, E may be a rounding below 0.
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

/// Takes an attacker's tokens to L.
pub fn leave<L: Ledger>(attacker: &mut Attacker, supply: &mut Supply, ledger: &mut L) {
    for tokens in attacker.accounts.drain(..) {
        ledger.dismiss(supply, tokens);
        supply.held_aside -= tokens;
    }
}

/// Stakes what an attacker was paid, in equal parts on its accounts.
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

/// Whether a renter gains by a request: q F − p A n > 0 for the n days of stake that it takes with the tokens A
/// that participants lend.
pub fn pays(attack: &Attack, conviction: &Conviction, supply: &Supply, holdings: &[f64]) -> bool {
    let rented = attack.supply * holdings.iter().sum::<f64>();
    let ask = attack.share_of_pool(conviction.beta);
    let share = supply.votes_of(rented) / supply.votes();
    let days = days_of_stake(conviction, ask, share);
    let gain = |days: u64| ask * supply.at_dawn.funds - attack.rent * rented * days as f64;
    days.is_some_and(|days| gain(days) > 0.0)
}

/// Lends a renter the share of their holdings that participants lend.
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

/// Gives participants back what they have lent. Their stakes stay. Who has left since holds nothing that votes, so
/// that its tokens go to L.
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
