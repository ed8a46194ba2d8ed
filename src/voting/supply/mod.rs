//! Where the tokens are: F in the pool, E voting, L elsewhere; S in all. The supply expands.

mod ledger;

pub use ledger::Ledger;

use super::Day;
use super::rules::{RuleSet, Rules};
use crate::engine::{Domain, Fault, Gathered, ModelBuilder, PerRun, Runs, Setting, Shown, Start};
use bevy_ecs::prelude::*;

crate::settings! {
    /// How fast the supply expands.
    Expansion {
        gamma: f64 = 0.001, "1/day", Domain::at_least(0.0), "expansion of the total supply, minted into the pool";
    }
}

crate::settings! {
    /// The supply at the start. Defaults: 1Hive on 2020-08-05.
    InitialSupply in "initial" {
        funds: f64 = 4867.21, "Honey", Domain::above(0.0), "the pool at the start";
        supply: f64 = 22392.22, "Honey", Domain::above(0.0), "total supply at the start; effective supply is 0.8 (supply - funds)";
    }
}

impl InitialSupply {
    /// E = 0.8 (S − F), Honey.
    pub fn effective_supply(&self) -> f64 {
        0.8 * (self.supply - self.funds)
    }
}

/// Where the tokens are, Honey. `total` = `funds` + `effective` + `other`, always.
#[derive(Component, Default, Clone, Copy, Debug, PartialEq)]
pub struct Supply {
    /// F: the funding pool.
    pub funds: f64,
    /// E: committed to voting.
    pub effective: f64,
    /// L: everything else.
    pub other: f64,
    /// S.
    pub total: f64,
    /// F and E as the day began: triggers are stated with them.
    pub at_dawn: Dawn,
}

/// F and E, Honey, as a day began.
#[derive(Default, Clone, Copy, Debug, PartialEq)]
pub struct Dawn {
    /// F.
    pub funds: f64,
    /// E.
    pub effective: f64,
}

impl PerRun for Supply {}

crate::columns! {
    /// Where the tokens are.
    SupplyRow, SupplyRows {
        funds: f64, "Honey", "F, the funding pool";
        effective_supply: f64, "Honey", "E, tokens committed to voting";
        other_supply: f64, "Honey", "L, tokens neither voting nor in the pool";
        total_supply: f64, "Honey", "S = F + E + L";
        fraction_of_supply_for_voting: f64, "", "E/S";
        fraction_of_supply_in_pool: f64, "", "F/S; S/F under rule pool_metric v3";
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
        .system(Day::Dawn, dawn)
        .system(Day::Mint, expand::<M>)
        .columns::<SupplyRows, _>(&["days", "runs"], show);
}

fn pool_within_supply(setting: &Setting) -> Option<Fault> {
    let InitialSupply { funds, supply } = setting.group();
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
        let effective = initial.effective_supply();
        *supply = Supply {
            funds: initial.funds,
            effective,
            other: initial.supply - initial.funds - effective,
            total: initial.supply,
            at_dawn: Dawn::default(),
        };
    }
}

/// Notes F and E as the day begins.
fn dawn(mut runs: Runs<&'static mut Supply>) {
    for (_, supply) in runs.batch() {
        supply.at_dawn = Dawn {
            funds: supply.funds,
            effective: supply.effective,
        };
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
    use crate::engine::Columns;
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
