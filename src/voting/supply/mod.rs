//! Where the tokens are: F in the pool, E voting, L elsewhere; S in all. The supply expands.

mod ledger;
mod turnout;

pub use ledger::Ledger;
pub use turnout::{InPoints, Points, Staked, Turnout};

use super::Day;
use super::rules::{RuleSet, Rules};
use crate::engine::{
    Columns, Domain, Fault, Gathered, ModelBuilder, PerRun, Runs, Setting, Shown, Start,
};
use bevy_ecs::prelude::*;

crate::settings! {
    /// How fast the supply expands.
    Expansion {
        gamma: f64 = 0.001, "1/day", Domain::from_to(0.0, 10.0), "expansion of the total supply, minted into the pool";
    }
}

crate::settings! {
    /// The supply at the start. Defaults: 1Hive on 2020-08-05.
    InitialSupply in "initial" {
        funds: f64 = 4867.21, "Honey", Domain::from_to(1e-6, 1e15), "the pool at the start";
        supply: f64 = 22392.22, "Honey", Domain::from_to(1e-6, 1e15), "total supply at the start; effective supply is voting_share (supply - funds)";
        voting_share: f64 = 0.8, "", Domain::from_to(1e-9, 1.0), "share of the supply outside of the pool that votes at the start";
    }
}

impl InitialSupply {
    /// E = v (S − F), Honey; v is 0.8 in the published model.
    pub fn effective_supply(&self) -> f64 {
        self.voting_share * (self.supply - self.funds)
    }
}

/// Where the tokens are, Honey. `total` = `funds` + `effective` + `other`, always.
#[derive(Component, Default, Clone, Copy, Debug, PartialEq)]
pub struct Supply {
    /// F: the funding pool.
    pub funds: f64,
    /// E: committed to voting.
    pub effective: f64,
    /// Of E, what is held by accounts that are no participants'.
    pub held_aside: f64,
    /// L: everything else.
    pub other: f64,
    /// Of L, what extensions know the owners of: it is nobody else's to take.
    pub set_aside: f64,
    /// S.
    pub total: f64,
    /// As the day began: tables state triggers so.
    pub at_dawn: Terms,
    /// What counts as voting, where that is not all of E: an extension's word.
    pub turnout: Option<Turnout>,
    /// The least F of any day's end before this day, the initial state included.
    least_funds: f64,
}

impl Supply {
    /// The supply at the start.
    pub fn at_start(funds: f64, effective: f64, total: f64) -> Self {
        Self {
            funds,
            effective,
            held_aside: 0.0,
            other: total - funds - effective,
            set_aside: 0.0,
            total,
            at_dawn: Terms::default(),
            turnout: None,
            least_funds: funds,
        }
    }

    /// L without what is set aside, Honey; not below 0, which roundings may leave.
    pub fn free(&self) -> f64 {
        (self.other - self.set_aside).max(0.0)
    }

    /// What is wrong with a supply that has grown beyond use.
    pub fn overflow(&self) -> Option<Overflow> {
        // Not a number is beyond it as well.
        let sound = self.total < MOST_HONEY;
        (!sound).then_some(Overflow { total: self.total })
    }

    /// Notes what the day before has left, and F and E as a day begins.
    pub fn begin_day(&mut self) {
        self.least_funds = self.least_funds.min(self.funds);
        self.at_dawn = self.terms();
    }

    /// What triggers are stated with now.
    #[inline]
    pub fn terms(&self) -> Terms {
        match &self.turnout {
            None => Terms::of(self.funds, self.effective),
            Some(turnout) => Terms {
                funds: self.funds,
                counted: turnout.counted(self.effective, self.total),
                least_stake: turnout.min_points * turnout.votes(self.effective),
            },
        }
    }

    /// All that may be staked: E, or the points of all.
    pub fn votes(&self) -> f64 {
        let turnout = self.turnout.as_ref();
        turnout.map_or(self.effective, |turnout| turnout.votes(self.effective))
    }

    /// What the stakes of each participant are split from: its holdings, or, where they are split from points,
    /// its points.
    #[inline]
    pub fn weights<'a>(&self, holdings: &'a [f64], points: Option<&'a [f64]>) -> &'a [f64] {
        let in_points = self
            .turnout
            .as_ref()
            .is_some_and(|turnout| turnout.points.is_some());
        points.filter(|_| in_points).unwrap_or(holdings)
    }

    /// What an account with so many tokens (Honey) may stake: as many, or its points.
    #[inline]
    pub fn votes_of(&self, tokens: f64) -> f64 {
        let points = self.turnout.as_ref().and_then(|turnout| turnout.points);
        points.map_or(tokens, |points| points.of(tokens))
    }
}

/// Honey beyond which what follows from a supply no longer is a number.
const MOST_HONEY: f64 = 1e100;

/// A supply has grown beyond use.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "the supply has grown to {total:e} Honey, beyond the {MOST_HONEY:e} that can be simulated: take a lower \
     gamma, or fewer days"
)]
pub struct Overflow {
    /// S, Honey.
    pub total: f64,
}

/// What triggers are stated with.
#[derive(Default, Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// F, Honey.
    pub funds: f64,
    /// What counts as voting, Honey: E, unless an extension counts otherwise.
    pub counted: f64,
    /// No trigger is less than what this stake, Honey, comes to in the end; 0 unless an extension says so.
    pub least_stake: f64,
}

impl Terms {
    /// The terms with this F and E, Honey.
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
    /// Where the tokens are.
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
    /// What became of the pool.
    PoolRow, PoolRows {
        least_pool: f64, "Honey", "the least F at the end of any day, the start included" => max;
    }
}

/// Registers the supply, with the mechanism that counts it.
pub fn supply<M: Ledger>(model: &mut ModelBuilder) {
    model
        .settings::<Expansion>()
        .settings::<InitialSupply>()
        .check(pool_within_supply)
        .per_run::<Supply>()
        .per_run::<M>()
        .start(Start::Draw, begin)
        .columns::<SupplyRows, _>(&["days", "runs"], show)
        .columns::<PoolRows, _>(&["runs"], show_pool);
    // A policy of issuance takes the place of the expansion.
    if model.copies("issuance") == 0 {
        model.system(Day::Mint, expand::<M>);
    }
}

fn pool_within_supply(setting: &Setting) -> Option<Fault> {
    let InitialSupply { funds, supply, .. } = setting.group();
    (funds >= supply).then(|| Fault {
        key: "initial.supply",
        message: format!(
            "is {supply} Honey, but initial.funds is {funds}: the pool is part of the supply, so set \
             initial.supply above initial.funds"
        ),
    })
}

fn begin(mut runs: Runs<(&'static InitialSupply, &'static mut Supply)>) {
    for (_, (initial, supply)) in runs.batch() {
        *supply = Supply::at_start(initial.funds, initial.effective_supply(), initial.supply);
    }
}

/// S and F grow by γS.
fn expand<M: Ledger>(mut runs: Runs<(&'static Expansion, &'static mut Supply, &'static mut M)>) {
    for (_, (expansion, supply, ledger)) in runs.batch() {
        ledger.mint(supply, expansion.gamma * supply.total);
    }
}

fn show(
    mut runs: Shown<(
        &'static Supply,
        &'static Rules,
        &'static mut Gathered<SupplyRows>,
    )>,
) {
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

fn show_pool(mut runs: Shown<(&'static Supply, &'static mut Gathered<PoolRows>)>) {
    for (_, (supply, rows)) in runs.batch() {
        rows.push(PoolRow {
            least_pool: supply.least_funds.min(supply.funds),
        });
    }
}
