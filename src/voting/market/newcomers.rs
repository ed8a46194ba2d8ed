//! Lets newcomers buy their tokens.

use super::trading::{Trades, within_reach};
use super::{Account, Market, MarketSettings, NewcomersTokens};
use crate::engine::{Failing, Rows, Runs};
use crate::voting::arrivals::Arriving;
use crate::voting::participants::{Holdings, Population};
use crate::voting::supply::Supply;

/// Replaces a newcomer's tokens by a purchase: they spend the value of their tokens, X · 0.01 L, at the pool's
/// price. The pool gives less for it, and nothing comes from elsewhere in L.
pub fn buy(
    mut runs: Runs<(
        &'static MarketSettings,
        &'static Population,
        &'static Arriving,
        &'static mut Supply,
        &'static mut Market,
        &'static mut Failing,
    )>,
    mut people: Rows<(&'static mut Holdings, &'static mut Account)>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (settings, population, arriving, supply, market, failing)) in batch {
        let Some(newcomer) = arriving.newcomer else {
            continue;
        };
        if settings.newcomers != NewcomersTokens::Buy {
            continue;
        }
        let (holdings, accounts) = people.of(run);
        market.open_accounts(accounts, population.participants);
        let row = population.participants - 1;
        supply.effective -= holdings[row];
        supply.other += holdings[row];
        let paid = newcomer.wanted * market.pool.price();
        let bought = market.pool.spend(paid, settings.fee);
        accounts[row].cash -= paid;
        let trades = Trades {
            bought,
            paid,
            ..Trades::default()
        };
        market.book(settings, supply, &trades);
        holdings[row] = bought;
        if let Err(ran_away) = within_reach(settings, market.pool.price()) {
            failing.fail("price_ran_away", run.day, ran_away);
        }
    }
}
