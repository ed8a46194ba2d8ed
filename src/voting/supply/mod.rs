//! Tracks the supply S: F in the pool, E voting, L elsewhere. Also expands it.

mod ledger;
mod turnout;

pub use ledger::Ledger;
pub use turnout::{InPoints, Points, Staked, Turnout};

use super::Day;
use super::rules::{RuleSet, Rules};
use crate::engine::{
    Columns, Domain, Fault, Gathered, ModelBuilder, PerRun, Runs, Sampled, Setting, Start,
};
use bevy_ecs::prelude::*;

crate::settings! {
    /// Expansion of the supply.
    Expansion {
        gamma: f64 = 0.001, "1/day", Domain::from_to(0.0, 10.0), "expansion of the total supply, minted into the pool";
    }
}

crate::settings! {
    /// Initial supply. Defaults: 1Hive on 2020-08-05.
    InitialSupply in "initial" {
        funds: f64 = 4867.21, "Honey", Domain::from_to(1e-6, 1e15), "pool at the start";
        supply: f64 = 22392.22, "Honey", Domain::from_to(1e-6, 1e15), "total supply at the start; effective supply is voting_share (supply - funds)";
        voting_share: f64 = 0.8, "", Domain::from_to(1e-9, 1.0), "share of the supply outside the pool that votes at the start";
    }
}

impl InitialSupply {
    /// Returns E = v (S − F), Honey; v is 0.8 in the published model.
    pub fn effective_supply(&self) -> f64 {
        self.voting_share * (self.supply - self.funds)
    }
}

/// Distribution of tokens, Honey. `total` = `funds` + `effective` + `other`, always.
#[derive(Component, Default, Clone, Copy, Debug, PartialEq)]
pub struct Supply {
    /// F: the funding pool.
    pub funds: f64,
    /// E: committed to voting.
    pub effective: f64,
    /// Part of E that accounts other than participants hold.
    pub held_aside: f64,
    /// L: everything else.
    pub other: f64,
    /// Part of L that extensions reserve for known owners.
    pub set_aside: f64,
    /// S.
    pub total: f64,
    /// Terms at the beginning of the day, which tables use for triggers.
    pub at_day_start: Terms,
    /// Part of S in another token than the staked one: the pool at the start of a history.
    pub apart: f64,
    /// Voting supply, if an extension counts otherwise than all of E.
    pub turnout: Option<Turnout>,
    /// Minimum F at the end of any earlier day, start included.
    least_funds: f64,
}

impl Supply {
    /// Creates the initial supply.
    pub fn at_start(funds: f64, effective: f64, total: f64) -> Self {
        Self {
            funds,
            effective,
            held_aside: 0.0,
            other: total - funds - effective,
            set_aside: 0.0,
            total,
            apart: 0.0,
            at_day_start: Terms::default(),
            turnout: None,
            least_funds: funds,
        }
    }

    /// Returns L without the reserved part, Honey; at least 0, despite rounding.
    pub fn free(&self) -> f64 {
        (self.other - self.set_aside).max(0.0)
    }

    /// Returns an error if the supply has grown too large.
    pub fn overflow(&self) -> Option<Overflow> {
        // NaN counts as too large.
        let sound = self.total < MOST_HONEY;
        (!sound).then_some(Overflow { total: self.total })
    }

    /// Begins a day: updates the minimum F, and stores the terms.
    pub fn begin_day(&mut self) {
        self.least_funds = self.least_funds.min(self.funds);
        self.at_day_start = self.terms();
    }

    /// Returns the current terms of triggers.
    #[inline]
    pub fn terms(&self) -> Terms {
        match &self.turnout {
            None => Terms::of(self.funds, self.effective),
            Some(turnout) => Terms {
                funds: self.funds,
                counted: turnout.counted(self.effective, self.total - self.apart),
                least_stake: turnout.min_points * turnout.votes(self.effective),
            },
        }
    }

    /// Returns everything that may be staked: E, or the points of all accounts.
    pub fn votes(&self) -> f64 {
        let turnout = self.turnout.as_ref();
        turnout.map_or(self.effective, |turnout| turnout.votes(self.effective))
    }

    /// Returns the amounts that participants split into stakes: their holdings, or their points.
    #[inline]
    pub fn weights<'a>(&self, holdings: &'a [f64], points: Option<&'a [f64]>) -> &'a [f64] {
        let in_points = self
            .turnout
            .as_ref()
            .is_some_and(|turnout| turnout.points.is_some());
        points.filter(|_| in_points).unwrap_or(holdings)
    }

    /// Returns the maximum stake of an account with this many tokens (Honey): the tokens, or its points.
    #[inline]
    pub fn votes_of(&self, tokens: f64) -> f64 {
        let points = self.turnout.as_ref().and_then(|turnout| turnout.points);
        points.map_or(tokens, |points| points.of(tokens))
    }
}

/// Maximum supply, Honey, beyond which arithmetic is not reliable.
const MOST_HONEY: f64 = 1e100;

/// The supply has grown too large.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "the supply has grown to {total:e} Honey, beyond the {MOST_HONEY:e} that can be simulated; lower \
     gamma, or simulate fewer days"
)]
pub struct Overflow {
    /// S, Honey.
    pub total: f64,
}

/// Terms that triggers depend on.
#[derive(Default, Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// F, Honey.
    pub funds: f64,
    /// Votes that count, Honey: E, unless an extension counts otherwise.
    pub counted: f64,
    /// Stake whose limit of conviction is the minimum trigger, Honey; 0 without an extension.
    pub least_stake: f64,
}

impl Terms {
    /// Creates terms from F and E, Honey.
    #[inline]
    pub fn of(funds: f64, effective: f64) -> Self {
        Self {
            funds,
            counted: effective,
            least_stake: 0.0,
        }
    }
}

impl PerRun for Supply {}

crate::columns! {
    /// Distribution of tokens.
    SupplyRow, SupplyRows {
        funds: f64, "Honey", "F, the funding pool" => neither;
        effective_supply: f64, "Honey", "E, tokens committed to voting" => neither;
        other_supply: f64, "Honey", "L, tokens neither voting nor in the pool";
        total_supply: f64, "Honey", "S = F + E + L";
        fraction_of_supply_for_voting: f64, "", "E/S";
        fraction_of_supply_in_pool: f64, "", "F/S; S/F under rule pool_metric v3";
    }
}

crate::columns! {
    /// Outcome of the pool.
    PoolRow, PoolRows {
        least_pool: f64, "Honey", "minimum of F at the end of any day, start included" => max;
    }
}

/// Registers the supply, and the mechanism that counts it.
pub fn supply<M: Ledger>(model: &mut ModelBuilder) {
    model
        .settings::<Expansion>()
        .settings::<InitialSupply>()
        .per_run::<Supply>()
        .per_run::<M>()
        .start(Start::Draw, begin)
        .columns::<SupplyRows, _>(&["days", "runs"], show)
        .columns::<PoolRows, _>(&["runs"], show_pool);
    // A policy of issuance replaces the expansion.
    if model.copies("issuance") == 0 {
        model.system(Day::Mint, expand::<M>);
    }
    // A history states holdings instead.
    if model.copies("history") == 0 {
        model.check(pool_within_supply);
    }
}

/// Reports a pool that leaves no tokens for holders.
pub fn pool_within_supply(setting: &Setting) -> Option<Fault> {
    let InitialSupply { funds, supply, .. } = setting.group();
    (funds >= supply).then(|| Fault {
        key: "initial.supply",
        message: format!(
            "is {supply} Honey, but initial.funds is {funds}; the pool is part of the supply, so set \
             initial.supply above initial.funds"
        ),
    })
}

fn begin(mut runs: Runs<(&InitialSupply, &mut Supply)>) {
    for (_, (initial, supply)) in runs.batch() {
        *supply = Supply::at_start(initial.funds, initial.effective_supply(), initial.supply);
    }
}

/// Increases S and F by γS.
fn expand<M: Ledger>(mut runs: Runs<(&Expansion, &mut Supply, &mut M)>) {
    for (_, (expansion, supply, ledger)) in runs.batch() {
        ledger.mint(supply, expansion.gamma * supply.total);
    }
}

fn show(mut runs: Sampled<(&Supply, &Rules, &mut Gathered<SupplyRows>)>) {
    for (_, (supply, rules, rows)) in runs.batch() {
        rows.push(SupplyRow {
            funds: supply.funds,
            effective_supply: supply.effective,
            other_supply: supply.other,
            total_supply: supply.total,
            fraction_of_supply_for_voting: supply.effective / supply.total,
            fraction_of_supply_in_pool: match rules.pool_metric {
                RuleSet::V3 => supply.total / supply.funds,
                RuleSet::Corrected => supply.funds / supply.total,
            },
        });
    }
}

fn show_pool(mut runs: Sampled<(&Supply, &mut Gathered<PoolRows>)>) {
    for (_, (supply, rows)) in runs.batch() {
        rows.push(PoolRow {
            least_pool: supply.least_funds.min(supply.funds),
        });
    }
}
