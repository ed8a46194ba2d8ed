//! Extension: a market of Honey and xDai, a constant-product pool as on Uniswap and Honeyswap.
//!
//! | file | contents |
//! |---|---|
//! | [`formula`] | closed forms of the pool |
//! | `trading` | the market phase: outside price, arbitrage, trades, exits, liquidity, fees |
//! | `newcomers` | purchases by newcomers |
//! | `show` | columns and invariants |
//!
//! The Honey in the pool is a part of L. Participants trade depending on their sentiment: in versions 0 and 1
//! of the published program they buy and burn tokens without a price; in the Commons Stack's simulator they
//! trade against a bonding curve. xDai comes from outside; each participant's account records the xDai
//! received, negative if paid.

pub mod formula;
mod newcomers;
mod show;
mod trading;

pub use show::{MarketRow, MarketRows, PriceRow, PriceRows, PricesRow, PricesRows};
pub use trading::RanAway;

use super::Day;
use super::mechanism::Capabilities;
use super::participants::Participants;
use super::rules::needs_accounting;
use super::supply::{InitialSupply, Supply};
use super::support::Staking;
use crate::engine::{
    Domain, Fault, Lanes, ModelBuilder, PerRun, Runs, Seeded, Setting, Source, Start, Stream,
    StreamSeeds,
};
use bevy_ecs::prelude::*;
use formula::{Pool, Tokens};

crate::choices! {
    /// Trades of participants.
    TradeLaw {
        /// None.
        None = "none",
        /// A share of their holdings.
        Gain = "gain",
        /// The law of the Commons Stack's simulator.
        Commons = "commons",
    }

    /// Price outside.
    Reference {
        /// None.
        None = "none",
        /// A geometric Brownian motion.
        Gbm = "gbm",
    }

    /// Origin of newcomers' tokens.
    NewcomersTokens {
        /// Other supply.
        Other = "other",
        /// The pool, where they buy them.
        Buy = "buy",
    }
}

crate::settings! {
    /// The market.
    MarketSettings in "market" {
        depth: f64 = 0.065, "", Domain::above_to(0.0, 1.0), "share of the supply in the market's pool at the start: a part of other supply";
        price: f64 = 400.0, "xDai/Honey", Domain::from_to(1e-12, 1e12), "initial price, in the pool and outside";
        fee: f64 = 0.003, "", Domain::from_below(0.0, 1.0), "share of each payment that the pool keeps";
        buyback: f64 = 1.0 / 12.0, "", Domain::from_to(0.0, 1.0), "share of the fees that goes to the funding pool, as Honey";
        trade_rate: f64 = 0.3, "1/day", Domain::from_to(0.0, 1.0), "chance to trade on a day at full sentiment, under law gain; and to add or withdraw liquidity";
        law: TradeLaw = TradeLaw::Gain, "", TradeLaw::DOMAIN, "trades of participants: none, a share of their holdings, or as in the Commons Stack's simulator";
        gain: f64 = 0.01, "", Domain::from_to(0.0, 1e6), "share of the holdings traded per unit of sentiment from the pivot, under law gain";
        pivot: f64 = 0.75, "", Domain::from_to(0.0, 1.0), "own sentiment above which participants buy, and below which they sell, under law gain";
        reference: Reference = Reference::None, "", Reference::DOMAIN, "price outside, for arbitrage: none, or a geometric Brownian motion";
        drift: f64 = 0.0, "1/day", Domain::from_to(-1.0, 1.0), "growth rate of the mean price outside";
        volatility: f64 = 0.05, "1/sqrt(day)", Domain::from_to(0.0, 1e3), "volatility of the price outside";
        newcomers: NewcomersTokens = NewcomersTokens::Other, "", NewcomersTokens::DOMAIN, "whether newcomers bring tokens from other supply, or buy them in the pool";
        exit_below: f64 = 0.5, "", Domain::from_to(0.0, 1.0), "own sentiment below which a participant may leave";
        exit_rate: f64 = 0.0, "1/day", Domain::from_to(0.0, 1.0), "chance to leave on a day, at sentiment 0";
        lp_target: f64 = 0.0, "", Domain::from_below(0.0, 1.0), "share of a participant's Honey that they want in the pool";
        lp_hurdle: f64 = 0.1, "1/year", Domain::from_to(0.0, 1e6), "yield of the pool above which they want the full share there";
        lp_speed: f64 = 0.1, "", Domain::above_to(0.0, 1.0), "share of the difference from the target that they add or withdraw at a time";
    }
}

/// Random streams of the market: each process has its own, so that none shifts another.
#[derive(Component, Default)]
pub struct Draws {
    reference: Source,
    trades: Lanes,
    /// Fraction of the maximum that each participant trades, under law commons.
    parts: Lanes,
    exits: Lanes,
    liquidity: Lanes,
}

impl Seeded for Draws {
    fn seed(&mut self, seeds: StreamSeeds) {
        let stream = |name| seeds.lanes(Stream::named(name));
        self.reference = seeds.source(Stream::named("market reference"));
        self.trades = stream("market trades");
        self.parts = stream("market parts");
        self.exits = stream("market exits");
        self.liquidity = stream("market liquidity");
    }
}

/// A participant's account at the market; a column of participants.
#[derive(Component, Clone, Copy, Debug, Default)]
pub struct Account {
    /// z: shares in the pool.
    pub shares: f64,
    /// xDai received; negative if paid.
    pub cash: f64,
}

crate::record!(Account);

/// State of the market.
#[derive(Component, Clone, Copy, Debug, Default)]
pub struct Market {
    /// Pool.
    pub pool: Pool,
    /// z₀: shares of passive liquidity providers.
    pub passive: f64,
    /// P: the price outside, xDai per Honey.
    pub outside: f64,
    /// Y: yield of a share in the pool, per year, averaged over about a month; updated only if participants
    /// provide liquidity (lp_target above 0).
    pub earned: f64,
    /// Fees of the day.
    fees: Tokens,
    /// xDai received by arbitrage; negative if paid.
    arbitrage_cash: f64,
    /// xDai in the pool at the start.
    xdai_at_start: f64,
    /// Number of rows of participants with initialised accounts.
    opened: usize,
    /// Totals so far.
    so_far: SoFar,
}

impl Market {
    /// Returns what fees brought to the funding pool so far, Honey.
    pub fn fees_to_pool(&self) -> f64 {
        self.so_far.fees_to_pool
    }

    /// Initialises the accounts of newcomers.
    #[inline]
    fn open_accounts(&mut self, accounts: &mut [Account], participants: usize) {
        accounts[self.opened..participants].fill(Account::default());
        self.opened = participants;
    }
}

/// Totals of the market so far.
#[derive(Clone, Copy, Debug, Default)]
struct SoFar {
    /// Minimum price at the end of any earlier day, start included.
    least_price: f64,
    /// Honey traded.
    volume: f64,
    /// Honey that fees brought to the funding pool.
    fees_to_pool: f64,
    /// Honey that participants bought; negative if sold.
    traded_net: f64,
}

impl PerRun for Market {}

/// Registers the market.
pub fn market<M: Staking>(model: &mut ModelBuilder) {
    model
        .settings::<MarketSettings>()
        .takes_longer(0.4)
        .check(fault)
        .streams::<Draws>()
        .per_run::<Market>()
        .column::<Participants, Account>()
        .start(Start::Draw, begin)
        .after(&["supply"])
        .system_if(newcomers_buy, Day::Arrivals, newcomers::buy)
        .after(&["arrivals"])
        .system(Day::Market, trading::trade::<M>);
    show::register(model);
}

fn fault(setting: &Setting) -> Option<Fault> {
    needs_accounting(setting, "[market]")
        .or_else(|| Capabilities::needs_real_numbers(setting, "[market]"))
        .or_else(|| pool_within_other(setting))
}

/// Returns the Honey of L that the pool of a market holds at the start; 0 without a market.
pub fn set_aside_at_start(setting: &Setting) -> f64 {
    let market = setting.group_if_on::<MarketSettings>();
    let initial: InitialSupply = setting.group();
    market.map_or(0.0, |market| market.depth * initial.supply)
}

fn newcomers_buy(setting: &Setting) -> bool {
    setting.group::<MarketSettings>().newcomers == NewcomersTokens::Buy
}

/// Checks that L suffices for the pool.
fn pool_within_other(setting: &Setting) -> Option<Fault> {
    let market: MarketSettings = setting.group();
    let initial: InitialSupply = setting.group();
    let other = initial.supply - initial.funds - initial.effective_supply();
    (market.depth * initial.supply > other).then(|| Fault {
        key: "market.depth",
        message: format!(
            "puts {} Honey in the pool, but only {other} of the supply are neither in the funding pool nor voting; set it \
             to {} at most",
            market.depth * initial.supply,
            other / initial.supply
        ),
    })
}

/// Creates the pool from L with a share of the supply, owned by passive providers.
fn begin(mut runs: Runs<(&MarketSettings, &mut Supply, &mut Market)>) {
    for (_, (settings, supply, market)) in runs.batch() {
        let pool = Pool::at(settings.depth * supply.total, settings.price);
        supply.set_aside += pool.honey;
        *market = Market {
            pool,
            passive: pool.shares,
            outside: settings.price,
            xdai_at_start: pool.xdai,
            so_far: SoFar {
                least_price: settings.price,
                ..SoFar::default()
            },
            ..Market::default()
        };
    }
}
