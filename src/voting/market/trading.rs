//! Implements the market phase: price outside, arbitrage, participants' trades, exits, liquidity, fees. Numbers
//! are drawn for every row of participants, used or not.

use super::formula::{Tokens, arbitrage};
use super::{Account, Draws, Market, MarketSettings, Reference, TradeLaw};
use crate::engine::{Failing, Lanes, Rows, Run, Runs};
use crate::voting::participants::{Departed, Holdings, OwnSentiment, Population};
use crate::voting::supply::Supply;
use crate::voting::support::kernel::chosen::{Chosen, ChosenRows};
use crate::voting::support::{
    AffinitiesOfBatch, AffinityRows, Following, Layout, StakeRows, Staking, grow_to,
};
use bevy_ecs::prelude::*;
use fearless_simd::{Level, dispatch};

/// The price has moved too far for reliable arithmetic.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "the price of Honey has run away: {price:e} xDai, from {at_start} at the start; lower market.gain, \
     market.volatility or market.drift, deepen the pool (market.depth), or simulate fewer days"
)]
pub struct RanAway {
    /// Price, in the pool or outside, xDai per Honey.
    pub price: f64,
    /// Price at the start.
    pub at_start: f64,
}

/// Maximum ratio to the initial price: about forty doublings.
const FARTHEST: f64 = 1e12;

/// Constants of the Commons Stack's simulator (commons-stack/commons-simulator, `simulation/`).
mod commons {
    /// Chance to trade on a day, at full sentiment.
    pub const RATE: f64 = 0.6;
    /// Own sentiment above which participants buy, and below which they sell.
    pub const PIVOT: f64 = 0.75;
    /// Maximum spent, xDai per unit of sentiment from the pivot.
    pub const SPENT: f64 = 70_000.0;
}

/// Returns an error if a price is too far from the initial price.
pub fn within_reach(settings: &MarketSettings, price: f64) -> Result<(), RanAway> {
    let at_start = settings.price;
    let reach = at_start / FARTHEST..=at_start * FARTHEST;
    match reach.contains(&price) {
        true => Ok(()),
        false => Err(RanAway { price, at_start }),
    }
}

crate::view! {
    /// Access of [`trade`] to a run.
    pub struct Trading<'w, M: Staking> {
        settings: &'w MarketSettings,
        population: &'w Population,
        departed: &'w mut Departed,
        layout: &'w mut Layout,
        draws: &'w mut Draws,
        supply: &'w mut Supply,
        market: &'w mut Market,
        mechanism: &'w mut M,
        failing: &'w mut Failing,
    }
}

/// Trades for a day.
pub fn trade<M: Staking>(
    mut runs: Runs<Trading<M>>,
    mut people: Rows<(&OwnSentiment, &mut Holdings, &mut Account)>,
    mut stakes: StakeRows<M>,
    mut affinities: AffinityRows,
    mut scratch: Local<Scratch>,
) {
    let batch = runs.batch();
    let (mut people, mut stakes) = (people.of_batch(&batch), stakes.of_batch(&batch));
    let mut affinities = affinities.of_batch(&batch);
    let vectors = batch.vectors;
    for (run, components) in batch {
        let Trading {
            settings,
            population,
            departed,
            layout,
            draws,
            supply,
            market,
            mechanism,
            failing,
        } = components;
        let participants = population.participants;
        let (sentiments, holdings, accounts) = people.of(run);
        market.open_accounts(accounts, participants);
        let mut session = Session {
            run,
            vectors,
            settings,
            participants,
            sentiments,
            holdings,
            accounts,
            departed,
            layout,
            supply,
            market,
            stakes: stakes.of(run, mechanism, failing),
            affinities: &mut affinities,
            trades: Trades::default(),
        };
        let traded = session.hold(draws, &mut scratch);
        session.stakes.settle(session.layout);
        if let Err(ran_away) = traded {
            failing.fail("price_ran_away", run.day, ran_away);
        }
    }
}

/// Trades of participants.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trades {
    /// Honey bought.
    pub bought: f64,
    /// xDai paid for it.
    pub paid: f64,
    /// Honey sold.
    pub sold: f64,
}

/// Buffers of the market phase, kept so that a day allocates nothing.
#[derive(Default)]
pub struct Scratch {
    chosen: Chosen,
    draws: Vec<f64>,
}

/// One day at the market of a run.
struct Session<'a, 'w, M: Staking> {
    run: &'a Run,
    vectors: Level,
    settings: &'a MarketSettings,
    participants: usize,
    /// Sentiment of each participant, padded to whole vectors.
    sentiments: &'a [f64],
    holdings: &'a mut [f64],
    accounts: &'a mut [Account],
    departed: &'a mut Departed,
    layout: &'a mut Layout,
    supply: &'a mut Supply,
    market: &'a mut Market,
    stakes: Following<'a, M>,
    affinities: &'a mut AffinitiesOfBatch<'w>,
    /// Trades not booked yet.
    trades: Trades,
}

impl<M: Staking> Session<'_, '_, M> {
    fn hold(&mut self, draws: &mut Draws, scratch: &mut Scratch) -> Result<(), RanAway> {
        let before = self.depth();
        let traded = self.trade(draws, scratch);
        self.market.book(self.settings, self.supply, &self.trades);
        traded?;
        if self.settings.lp_target > 0.0 {
            self.note_yield();
            let rate = self.settings.trade_rate;
            self.add_liquidity(self.choose(&mut scratch.chosen, &mut draws.liquidity, rate));
        }
        debug_assert!(
            self.depth() >= before * (1.0 - 1e-9),
            "day {}: a share in the pool holds less",
            self.run.day
        );
        self.collect_fees();
        let so_far = &mut self.market.so_far;
        so_far.least_price = so_far.least_price.min(self.market.pool.price());
        Ok(())
    }

    /// Lets outsiders and participants trade, and some participants leave.
    fn trade(&mut self, draws: &mut Draws, scratch: &mut Scratch) -> Result<(), RanAway> {
        let chosen = &mut scratch.chosen;
        if self.settings.reference == Reference::Gbm {
            self.move_outside(draws.reference.normal())?;
            self.arbitrage()?;
        }
        match self.settings.law {
            TradeLaw::Gain => {
                let rate = self.settings.trade_rate;
                self.trade_by_gain(self.choose(chosen, &mut draws.trades, rate))?;
            }
            TradeLaw::Commons => {
                let traders = self.choose(chosen, &mut draws.trades, commons::RATE);
                let parts = grow_to(&mut scratch.draws, self.participants);
                dispatch!(self.vectors, simd => draws.parts.fill(simd, parts, 0.0, 1.0));
                self.trade_as_commons(traders, parts)?;
            }
            TradeLaw::None => {}
        }
        if self.settings.exit_rate > 0.0 {
            let drawn = grow_to(&mut scratch.draws, self.participants);
            dispatch!(self.vectors, simd => draws.exits.fill_halves(simd, drawn));
            self.let_leave(drawn)?;
        }
        Ok(())
    }

    /// Draws which participants act: those whose u is below `rate` times their sentiment.
    fn choose<'c>(&self, chosen: &'c mut Chosen, stream: &mut Lanes, rate: f64) -> ChosenRows<'c> {
        chosen.draw(
            self.vectors,
            stream,
            rate,
            self.sentiments,
            self.participants,
        )
    }

    /// Returns H D / Z²: depth per share, independent of the price. Trades only increase it.
    fn depth(&self) -> f64 {
        let pool = self.market.pool;
        pool.honey / pool.shares * (pool.xdai / pool.shares)
    }

    #[inline]
    fn price_within_reach(&self) -> Result<(), RanAway> {
        /// Ratio to the initial price that is certainly within reach, checked without a division.
        const NEAR: f64 = 1e3;
        let (pool, at_start) = (self.market.pool, self.settings.price);
        let near =
            pool.xdai * NEAR > at_start * pool.honey && pool.xdai < at_start * NEAR * pool.honey;
        if near {
            return Ok(());
        }
        within_reach(self.settings, pool.price())
    }

    /// Advances the price outside, a geometric Brownian motion: P ← P · exp(μ − σ²/2 + σz).
    fn move_outside(&mut self, normal: f64) -> Result<(), RanAway> {
        let (drift, volatility) = (self.settings.drift, self.settings.volatility);
        let growth = drift - volatility * volatility / 2.0 + volatility * normal;
        self.market.outside *= libm::exp(growth);
        within_reach(self.settings, self.market.outside)
    }

    /// Lets outsiders trade until the pool's price differs from theirs by at most the fee. Their Honey is the
    /// free part of L.
    fn arbitrage(&mut self) -> Result<(), RanAway> {
        let (market, fee) = (&mut *self.market, self.settings.fee);
        let (pool, price) = (market.pool, market.pool.price());
        if market.outside * (1.0 - fee) > price {
            let paid = arbitrage(market.outside, pool.xdai, pool.honey, fee);
            let bought = market.pool.spend(paid, fee);
            market.fees.xdai += paid * fee;
            market.arbitrage_cash -= paid;
            market.so_far.volume += bought;
            self.supply.set_aside -= bought;
        } else if market.outside < price * (1.0 - fee) {
            let worth = 1.0 / market.outside;
            let wanted = arbitrage(worth, pool.honey, pool.xdai, fee);
            let sold = wanted.min(self.supply.free());
            market.arbitrage_cash += market.pool.sell(sold, fee);
            market.fees.honey += sold * fee;
            market.so_far.volume += sold;
            self.supply.set_aside += sold;
        }
        self.price_within_reach()
    }

    /// Lets the chosen, for whom u < trade_rate · s, buy or sell gain · (s − pivot) of their holdings.
    fn trade_by_gain(&mut self, traders: ChosenRows) -> Result<(), RanAway> {
        let MarketSettings { gain, pivot, .. } = *self.settings;
        for row in traders {
            if self.can_trade(row) {
                let wanted = gain * (self.sentiments[row] - pivot) * self.holdings[row];
                if wanted > 0.0 {
                    self.buy(row, wanted.min(self.market.pool.honey / 2.0))?;
                } else if wanted < 0.0 {
                    self.sell(row, -wanted)?;
                }
            }
        }
        Ok(())
    }

    /// Lets the chosen, for whom u < 0.6 s, spend xDai or sell a part of their holdings, scaled by a uniform v.
    fn trade_as_commons(&mut self, traders: ChosenRows, parts: &[f64]) -> Result<(), RanAway> {
        for row in traders {
            if self.can_trade(row) {
                let spirits = parts[row] * (self.sentiments[row] - commons::PIVOT);
                if spirits > 0.0 {
                    self.spend(row, spirits * commons::SPENT)?;
                } else if spirits < 0.0 {
                    self.sell(row, -spirits * self.holdings[row])?;
                }
            }
        }
        Ok(())
    }

    fn can_trade(&self, row: usize) -> bool {
        self.holdings[row] > 0.0 && !self.departed.contains(row)
    }

    /// Lets a participant buy exactly this much Honey.
    fn buy(&mut self, row: usize, honey: f64) -> Result<(), RanAway> {
        let paid = self.market.pool.buy(honey, self.settings.fee);
        self.bought(row, honey, paid)
    }

    /// Lets a participant spend this much xDai.
    fn spend(&mut self, row: usize, xdai: f64) -> Result<(), RanAway> {
        let honey = self.market.pool.spend(xdai, self.settings.fee);
        self.bought(row, honey, xdai)
    }

    fn bought(&mut self, row: usize, honey: f64, paid: f64) -> Result<(), RanAway> {
        self.accounts[row].cash -= paid;
        self.trades.bought += honey;
        self.trades.paid += paid;
        self.hold_now(row, self.holdings[row] + honey);
        self.price_within_reach()
    }

    /// Lets a participant sell this much Honey, at most their holdings.
    fn sell(&mut self, row: usize, honey: f64) -> Result<(), RanAway> {
        let sold = honey.min(self.holdings[row]);
        let got = self.market.pool.sell(sold, self.settings.fee);
        self.accounts[row].cash += got;
        self.trades.sold += sold;
        self.hold_now(row, self.holdings[row] - sold);
        self.price_within_reach()
    }

    /// Sets a participant's holdings.
    fn hold_now(&mut self, row: usize, held: f64) {
        self.stakes.hold(self.supply, self.holdings, row, held);
    }

    /// Lets participants leave for whom s < exit_below and u < exit_rate · (1 − s/exit_below), but not the
    /// last. They withdraw and sell everything.
    fn let_leave(&mut self, draws: &[f64]) -> Result<(), RanAway> {
        let MarketSettings {
            exit_below,
            exit_rate,
            ..
        } = *self.settings;
        for (row, &drawn) in draws.iter().enumerate() {
            let sentiment = self.sentiments[row];
            let somebody_stays = self.participants - self.departed.count() > 1;
            if sentiment < exit_below
                && drawn < exit_rate * (1.0 - sentiment / exit_below)
                && somebody_stays
                && !self.departed.contains(row)
            {
                self.withdraw(row, self.accounts[row].shares);
                self.sell(row, self.holdings[row])?;
                self.departed.add(row);
                self.affinities.forget(self.run, self.layout, row);
            }
        }
        Ok(())
    }

    /// Updates the yield, a moving average with weight 1/30 per day: the fees that the pool keeps over its
    /// value, in xDai at its price.
    fn note_yield(&mut self) {
        let market = &mut *self.market;
        let fees = market.fees.honey * market.pool.price() + market.fees.xdai;
        let kept = (1.0 - self.settings.buyback) * fees;
        let today = kept * 365.0 / (2.0 * market.pool.xdai);
        market.earned = (29.0 * market.earned + today) / 30.0;
    }

    /// Lets the chosen, for whom u < trade_rate · s, move a share of the way to their target: lp_target of
    /// their Honey, reduced if the yield is below the hurdle.
    fn add_liquidity(&mut self, providers: ChosenRows) {
        let MarketSettings {
            lp_target,
            lp_hurdle,
            lp_speed,
            ..
        } = *self.settings;
        let earned = self.market.earned;
        let worth = match lp_hurdle > 0.0 {
            true => (earned / lp_hurdle).min(1.0),
            false => 1.0,
        };
        let wanted = lp_target * worth;
        for row in providers {
            if self.departed.contains(row) {
                continue;
            }
            let (pool, held) = (self.market.pool, self.holdings[row]);
            let there = self.accounts[row].shares * pool.honey / pool.shares;
            let lacking = wanted * (held + there) - there;
            if lacking > 0.0 {
                self.provide(row, lp_speed * lacking);
            } else if lacking < 0.0 {
                let shares = -lp_speed * lacking * pool.shares / pool.honey;
                self.withdraw(row, shares.min(self.accounts[row].shares));
            }
        }
    }

    /// Adds a participant's Honey, with xDai at the pool's price, to the pool, where it does not vote.
    fn provide(&mut self, row: usize, honey: f64) {
        let minted = self.market.pool.mint(honey);
        let account = &mut self.accounts[row];
        account.shares += minted.shares;
        account.cash -= minted.xdai;
        self.supply.effective -= honey;
        self.supply.other += honey;
        self.supply.set_aside += honey;
        self.hold_now(row, self.holdings[row] - honey);
    }

    /// Redeems some of a participant's shares.
    fn withdraw(&mut self, row: usize, shares: f64) {
        if shares > 0.0 {
            let paid = self.market.pool.burn(shares);
            let account = &mut self.accounts[row];
            account.shares -= shares;
            account.cash += paid.xdai;
            self.supply.effective += paid.honey;
            self.supply.other -= paid.honey;
            self.supply.set_aside -= paid.honey;
            self.hold_now(row, self.holdings[row] + paid.honey);
        }
    }

    /// Pays a share of the day's fees to the funding pool, as Honey.
    fn collect_fees(&mut self) {
        let (market, share) = (&mut *self.market, self.settings.buyback);
        let fees = std::mem::take(&mut market.fees);
        let collected = market.pool.collect(Tokens {
            honey: share * fees.honey,
            xdai: share * fees.xdai,
        });
        market.so_far.fees_to_pool += collected;
        self.supply.funds += collected;
        self.supply.other -= collected;
        self.supply.set_aside -= collected;
    }
}

impl Market {
    /// Books participants' trades: purchases moved from L to E, sales from E to L.
    pub(super) fn book(&mut self, settings: &MarketSettings, supply: &mut Supply, trades: &Trades) {
        self.fees.honey += trades.sold * settings.fee;
        self.fees.xdai += trades.paid * settings.fee;
        self.so_far.volume += trades.bought + trades.sold;
        let net = trades.bought - trades.sold;
        self.so_far.traded_net += net;
        supply.effective += net;
        supply.other -= net;
        supply.set_aside -= net;
    }
}
