//! Lets newcomers buy their tokens.

use super::trading::{Trades, within_reach};
use super::{Account, Market, MarketSettings, NewcomersTokens};
use crate::engine::{Failing, Rows, Runs};
use crate::voting::arrivals::Arriving;
use crate::voting::participants::{Holdings, Population};
use crate::voting::supply::Supply;

crate::view! {
    /// Access of [`buy`] to a run.
    pub struct Buying<'w> {
        settings: &'w MarketSettings,
        population: &'w Population,
        arriving: &'w Arriving,
        supply: &'w mut Supply,
        market: &'w mut Market,
        failing: &'w mut Failing,
    }
}

/// Replaces a newcomer's tokens by a purchase: they spend the value of their tokens, X · 0.01 L, at the pool's
/// price. The pool gives less for it, and nothing comes from elsewhere in L.
pub fn buy(mut runs: Runs<Buying>, mut people: Rows<(&mut Holdings, &mut Account)>) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, of) in batch {
        let Some(newcomer) = of.arriving.newcomer else {
            continue;
        };
        if of.settings.newcomers != NewcomersTokens::Buy {
            continue;
        }
        let (holdings, accounts) = people.of(run);
        of.market
            .open_accounts(accounts, of.population.participants);
        let row = of.population.participants - 1;
        of.supply.effective -= holdings[row];
        of.supply.other += holdings[row];
        let paid = newcomer.wanted * of.market.pool.price();
        let bought = of.market.pool.spend(paid, of.settings.fee);
        accounts[row].cash -= paid;
        let trades = Trades {
            bought,
            paid,
            ..Trades::default()
        };
        of.market.book(of.settings, of.supply, &trades);
        holdings[row] = bought;
        if let Err(ran_away) = within_reach(of.settings, of.market.pool.price()) {
            of.failing.fail("price_ran_away", run.day, ran_away);
        }
    }
}
