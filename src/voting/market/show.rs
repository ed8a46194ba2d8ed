//! Fills the columns of the market, and checks its invariants.

use super::{Account, Market, SoFar};
use crate::engine::{Columns, Failing, Gathered, ModelBuilder, Rows, Runs, Sampled};
use crate::voting::participants::{Departed, Holdings};
use crate::voting::supply::Supply;

crate::columns! {
    /// Price at the end of a day.
    PriceRow, PriceRows {
        price: f64, "xDai/Honey", "price of Honey in the pool" => neither;
        outside_price: f64, "xDai/Honey", "price of Honey outside; the initial price without a reference";
    }
}

crate::columns! {
    /// State of the pool, and totals so far.
    MarketRow, MarketRows {
        hny_in_pool: f64, "Honey", "H, in the market's pool: a part of other supply";
        xdai_in_pool: f64, "xDai", "D, in the market's pool";
        volume_hny: f64, "Honey", "traded in the market's pool so far" => neither;
        fees_to_pool: f64, "Honey", "fees of the market paid to the funding pool so far" => max;
        participants_left: u32, "", "participants who have sold all and left so far" => min;
        traded_net: f64, "Honey", "bought minus sold by participants so far: change of effective supply by trades" => neither;
    }
}

crate::columns! {
    /// Prices of a run.
    PricesRow, PricesRows {
        price_final: f64, "xDai/Honey", "price of Honey in the pool at the end of the run" => neither;
        price_least: f64, "xDai/Honey", "minimum price of Honey in the pool at the end of any day, start included" => max;
    }
}

pub fn register(model: &mut ModelBuilder) {
    model
        .invariant(check)
        .columns::<PriceRows, _>(&["days"], show_price)
        .columns::<MarketRows, _>(&["days", "runs"], show_market)
        .columns::<PricesRows, _>(&["runs"], show_prices);
}

fn show_price(mut runs: Sampled<(&Market, &mut Gathered<PriceRows>)>) {
    for (_, (market, rows)) in runs.batch() {
        rows.push(PriceRow {
            price: market.pool.price(),
            outside_price: market.outside,
        });
    }
}

fn show_market(mut runs: Sampled<(&Market, &Departed, &mut Gathered<MarketRows>)>) {
    for (_, (market, departed, rows)) in runs.batch() {
        let SoFar {
            volume,
            fees_to_pool,
            traded_net,
            ..
        } = market.so_far;
        rows.push(MarketRow {
            hny_in_pool: market.pool.honey,
            xdai_in_pool: market.pool.xdai,
            volume_hny: volume,
            fees_to_pool,
            participants_left: departed.count() as u32,
            traded_net,
        });
    }
}

fn show_prices(mut runs: Sampled<(&Market, &mut Gathered<PricesRows>)>) {
    for (_, (market, rows)) in runs.batch() {
        rows.push(PricesRow {
            price_final: market.pool.price(),
            price_least: market.so_far.least_price,
        });
    }
}

/// Checks that the pool is never empty, shares add up, xDai is conserved, the pool's Honey is part of what L
/// sets aside, and departed participants hold nothing.
fn check(
    mut runs: Runs<(&Supply, &Market, &Departed, &Failing)>,
    mut people: Rows<(&Account, &Holdings)>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (supply, market, departed, failing)) in batch {
        if failing.failure().is_some() {
            continue;
        }
        let (day, pool) = (run.day, market.pool);
        assert!(
            pool.honey > 0.0 && pool.xdai > 0.0,
            "day {day}: an empty pool: {pool:?}"
        );
        let (accounts, holdings) = people.of(run);
        for &row in departed.rows() {
            let held = holdings[row as usize];
            assert!(
                held == 0.0,
                "day {day}: a departed participant holds {held}"
            );
        }
        let accounts = &accounts[..market.opened];
        assert!(
            accounts.iter().all(|account| account.shares >= 0.0),
            "day {day}: negative shares"
        );
        let shares = market.passive + accounts.iter().map(|account| account.shares).sum::<f64>();
        assert!(
            (shares - pool.shares).abs() <= 1e-9 * pool.shares,
            "day {day}: {shares} of {} shares",
            pool.shares
        );
        let all = accounts.iter().map(|account| account.cash);
        let all = || all.clone().chain([pool.xdai, market.arbitrage_cash]);
        let (xdai, moved) = (all().sum::<f64>(), all().map(f64::abs).sum::<f64>());
        assert!(
            (xdai - market.xdai_at_start).abs() <= 1e-9 * moved.max(market.xdai_at_start),
            "day {day}: {xdai} xDai, of {} at the start",
            market.xdai_at_start
        );
        assert!(
            supply.set_aside >= pool.honey - 1e-9 * supply.total,
            "day {day}: {} in the pool, {} set aside",
            pool.honey,
            supply.set_aside
        );
        for &row in departed.rows() {
            assert_eq!(
                accounts[row as usize].shares, 0.0,
                "day {day}: a departed participant has shares"
            );
        }
    }
}
