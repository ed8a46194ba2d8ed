//! Issuance (`[issuance]`): a policy in place of the expansion by a fixed rate.
//!
//! `dynamic` is what 1Hive deployed in 2021: the pool's share of the supply is drawn towards a target, by
//! minting into the pool or by burning out of it. Its parameters: 1Hive/wiki (commit 36bd2a6)
//! `getting-started/honey/issuance.md`. A rate that changes by dates is a `[[change]]` of `gamma`.

mod formula;

pub use formula::{Cap, adjustment, most};

use super::Day;
use super::rules::needs_accounting;
use super::supply::{Expansion, Ledger, Supply};
use crate::engine::{
    Columns, Domain, Fault, Gathered, ModelBuilder, PerRun, Runs, Setting, Shown, Start,
};
use bevy_ecs::prelude::*;

/// The names of the policies.
const POLICIES: &[&str] = &["fixed", "none", "dynamic"];
/// What may bound an adjustment.
const CAPS: &[&str] = &["contract", "published"];

crate::settings! {
    /// How tokens are issued.
    Issuance in "issuance" {
        policy: &'static str = "fixed", "", Domain::Names(POLICIES), "by gamma a day, not at all, or as the pool's share of the supply needs to come to its target";
        target: f64 = 0.3, "", Domain::above_to(0.0, 1.0), "share of the supply that dynamic issuance draws the pool towards";
        throttle: f64 = 0.1, "1/year", Domain::from_to(0.0, 1000.0), "bound of a dynamic adjustment, as a share of the supply; see cap";
        every: u32 = 1, "days", Domain::count(1, 36_500), "days between dynamic adjustments";
        cap: &'static str = "contract", "", Domain::Names(CAPS), "whether the throttle is divided by the target, as the deployed contract does, or not, as its documentation says";
    }
}

impl Issuance {
    /// Whether the supply is adjusted on a day.
    pub fn adjusts(&self, day: u32) -> bool {
        self.policy == "dynamic" && day.is_multiple_of(self.every)
    }

    /// What bounds an adjustment.
    pub fn bound(&self) -> Cap {
        match self.cap {
            "published" => Cap::Published,
            _ => Cap::Contract,
        }
    }

    /// The greatest factor by which the supply can grow over so many days, where it is adjusted.
    pub fn greatest_growth(&self, days: u32) -> f64 {
        let yearly = self.most() * f64::from(self.every) / 365.0;
        libm::pow(1.0 + self.target.min(yearly), f64::from(days / self.every))
    }

    /// The greatest adjustment, as a share of the supply per year.
    pub fn most(&self) -> f64 {
        most(self.throttle, self.target, self.bound())
    }
}

/// A mechanism that can adjust the supply.
pub trait Issuing: Ledger {
    /// The adjustment of dynamic issuance: S and F change by what is returned, Honey, below 0 where it is
    /// burnt.
    fn adjust(&mut self, supply: &mut Supply, issuance: &Issuance) -> f64;
}

/// What has been issued: a component of each run.
#[derive(Component, Default)]
pub struct Issued {
    minted: f64,
    burnt: f64,
    supply_at_start: f64,
    /// The least share of the supply in the pool at any day's end before this day, the start included.
    least_share: f64,
}

impl PerRun for Issued {}

crate::columns! {
    /// What has been issued.
    IssuedRow, IssuedRows {
        minted: f64, "Honey", "minted into the pool so far" => neither;
        burnt: f64, "Honey", "burnt out of the pool so far" => neither;
    }
}

crate::columns! {
    /// What issuance comes to.
    IssuanceRow, IssuanceRows {
        supply_growth: f64, "", "growth of the total supply over the run, as a share of that at the start" => neither;
        share_in_pool_least: f64, "", "the least F/S at the end of any day, the start included" => max;
        share_in_pool_final: f64, "", "F/S at the end" => neither;
    }
}

/// Registers issuance, which takes the place of the expansion.
pub fn issuance<M: Issuing>(model: &mut ModelBuilder) {
    model
        .settings::<Issuance>()
        .check(gamma_without_use)
        .check(|setting| needs_accounting(setting, "[issuance]"))
        .per_run::<Issued>()
        .start(Start::Fill, begin)
        .system(Day::Mint, issue::<M>)
        .columns::<IssuedRows, _>(&["days", "runs"], show)
        .columns::<IssuanceRows, _>(&["runs"], show_issuance);
}

fn gamma_without_use(setting: &Setting) -> Option<Fault> {
    let policy = setting.group::<Issuance>().policy;
    let gamma = setting.group::<Expansion>().gamma;
    (policy != "fixed" && gamma != Expansion::default().gamma).then(|| Fault {
        key: "gamma",
        message: format!(
            "is {gamma}, but issuance.policy is \"{policy}\", which does not use it: leave gamma out, or \
             set the policy to \"fixed\""
        ),
    })
}

fn begin(mut runs: Runs<(&'static Supply, &'static mut Issued)>) {
    for (_, (supply, issued)) in runs.batch() {
        issued.supply_at_start = supply.total;
        issued.least_share = supply.funds / supply.total;
    }
}

fn issue<M: Issuing>(
    mut runs: Runs<(
        &'static Issuance,
        &'static Expansion,
        &'static mut Supply,
        &'static mut M,
        &'static mut Issued,
    )>,
) {
    for (run, (issuance, expansion, supply, ledger, issued)) in runs.batch() {
        issued.least_share = issued.least_share.min(supply.funds / supply.total);
        let change = if issuance.policy == "fixed" {
            let minted = expansion.gamma * supply.total;
            ledger.mint(supply, minted);
            minted
        } else if issuance.adjusts(run.day) {
            ledger.adjust(supply, issuance)
        } else {
            0.0
        };
        issued.minted += change.max(0.0);
        issued.burnt += (-change).max(0.0);
    }
}

fn show(mut runs: Shown<(&'static Issued, &'static mut Gathered<IssuedRows>)>) {
    for (_, (issued, rows)) in runs.batch() {
        rows.push(IssuedRow {
            minted: issued.minted,
            burnt: issued.burnt,
        });
    }
}

fn show_issuance(
    mut runs: Shown<(
        &'static Supply,
        &'static Issued,
        &'static mut Gathered<IssuanceRows>,
    )>,
) {
    for (_, (supply, issued, rows)) in runs.batch() {
        let share = supply.funds / supply.total;
        rows.push(IssuanceRow {
            supply_growth: supply.total / issued.supply_at_start - 1.0,
            share_in_pool_least: issued.least_share.min(share),
            share_in_pool_final: share,
        });
    }
}
