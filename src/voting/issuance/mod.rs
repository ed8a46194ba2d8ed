//! Extension `[issuance]`: a policy in place of the expansion at a fixed rate.
//!
//! `dynamic` is the policy that 1Hive deployed in 2021: it moves the pool's share of the supply towards a
//! target, by minting into the pool or burning from it. Parameters: 1Hive/wiki (commit 36bd2a6)
//! `getting-started/honey/issuance.md`. `steps` is a schedule of rates, each from a day on.

mod formula;

pub use formula::{Cap, adjustment, most};

use super::Day;
use super::rules::needs_accounting;
use super::supply::{Expansion, Ledger, Supply};
use crate::engine::{
    Columns, Domain, Fault, Gathered, List, ModelBuilder, PerRun, Runs, Sampled, Setting, Start,
};
use bevy_ecs::prelude::*;

/// Maximum number of steps of a schedule.
const MOST_STEPS: usize = 1000;

crate::choices! {
    /// Policy of issuance.
    Policy {
        /// Issuance by γ per day.
        Fixed = "fixed",
        /// No issuance.
        None = "none",
        /// Adjustments that move the pool's share of the supply towards a target.
        Dynamic = "dynamic",
        /// A schedule of rates.
        Steps = "steps",
    }
}

crate::settings! {
    /// Issuance of tokens.
    Issuance in "issuance" {
        policy: Policy = Policy::Fixed, "", Policy::DOMAIN, "issuance by gamma per day (fixed), none, adjustments that move the pool's share of the supply towards a target (dynamic), or a schedule (steps)";
        target: f64 = 0.3, "", Domain::above_to(0.0, 1.0), "target share of the supply in the pool, for policy dynamic";
        throttle: f64 = 0.1, "1/year", Domain::from_to(0.0, 1000.0), "bound of an adjustment, as a share of the supply, for policy dynamic; see cap";
        every: u32 = 1, "days", Domain::count(1, 36_500), "days between adjustments, for policy dynamic";
        cap: Cap = Cap::Contract, "", Cap::DOMAIN, "whether the throttle is divided by the target, as the deployed contract does, or not, as its documentation says";
        step_days: List = List::default(), "days", Domain::list(MOST_STEPS), "first day of each step, ascending, for policy steps; before the first, gamma applies";
        step_gammas: List = List::default(), "1/day", Domain::list_from_zero(MOST_STEPS), "rate of each step, like gamma, for policy steps";
    }
}

impl Issuance {
    /// Returns true if the supply is adjusted on a day.
    pub fn adjusts(&self, day: u32) -> bool {
        self.policy == Policy::Dynamic && day.is_multiple_of(self.every)
    }

    /// Returns the rate γ by which the supply expands on a day; `None` if the policy has no rate. Before the
    /// first step, the model's `gamma` applies.
    ///
    /// ```
    /// use conviction::engine::List;
    /// use conviction::voting::issuance::{Issuance, Policy};
    /// let steps = Issuance {
    ///     policy: Policy::Steps,
    ///     step_days: List::new(&[3.0, 5.0]),
    ///     step_gammas: List::new(&[0.02, 0.0]),
    ///     ..Issuance::default()
    /// };
    /// let rates = [1, 2, 3, 4, 5, 6].map(|day| steps.rate(day, 0.001).unwrap());
    /// assert_eq!(rates, [0.001, 0.001, 0.02, 0.02, 0.0, 0.0]);
    /// ```
    pub fn rate(&self, day: u32, gamma: f64) -> Option<f64> {
        match self.policy {
            Policy::Fixed => Some(gamma),
            Policy::Steps => {
                let days = self.step_days.numbers();
                let begun = days.partition_point(|&first| first <= f64::from(day));
                let step = begun.checked_sub(1);
                let rate = step.and_then(|step| self.step_gammas.numbers().get(step).copied());
                Some(rate.unwrap_or(gamma))
            }
            Policy::None | Policy::Dynamic => None,
        }
    }

    /// Returns the maximum factor by which the supply can grow over this many days.
    pub fn greatest_growth(&self, gamma: f64, days: u32) -> f64 {
        match self.policy {
            Policy::Fixed => libm::pow(1.0 + gamma, f64::from(days)),
            Policy::Dynamic => {
                let yearly = self.most() * f64::from(self.every) / 365.0;
                libm::pow(1.0 + self.target.min(yearly), f64::from(days / self.every))
            }
            Policy::None | Policy::Steps => {
                let rates = (1..=days).filter_map(|day| self.rate(day, gamma));
                rates.map(|rate| 1.0 + rate).product()
            }
        }
    }

    /// Returns true if `gamma` has an effect.
    fn uses_gamma(&self) -> bool {
        match self.policy {
            Policy::Fixed => true,
            Policy::Steps => self
                .step_days
                .numbers()
                .first()
                .is_none_or(|&first| first > 1.0),
            Policy::None | Policy::Dynamic => false,
        }
    }

    /// Returns the maximum adjustment, as a share of the supply per year.
    pub fn most(&self) -> f64 {
        most(self.throttle, self.target, self.cap)
    }
}

/// Mechanism that can adjust the supply.
pub trait Issuing: Ledger {
    /// Applies an adjustment of dynamic issuance; returns the change of S and F, Honey, negative if burnt.
    fn adjust(&mut self, supply: &mut Supply, issuance: &Issuance) -> f64;
}

/// Totals of issuance; a component of each run.
#[derive(Component, Default)]
pub struct Issued {
    minted: f64,
    burnt: f64,
    supply_at_start: f64,
    /// Minimum share of the supply in the pool at the end of any earlier day, start included.
    least_share: f64,
}

impl PerRun for Issued {}

crate::columns! {
    /// Tokens minted and burnt.
    IssuedRow, IssuedRows {
        minted: f64, "Honey", "minted into the pool so far" => neither;
        burnt: f64, "Honey", "burnt from the pool so far" => neither;
    }
}

crate::columns! {
    /// Outcome of issuance.
    IssuanceRow, IssuanceRows {
        supply_growth: f64, "", "growth of the total supply over the run, as a share of the initial supply" => neither;
        share_in_pool_least: f64, "", "minimum of F/S at the end of any day, start included" => max;
        share_in_pool_final: f64, "", "F/S at the end of the run" => neither;
    }
}

/// Registers issuance, which replaces the expansion.
pub fn issuance<M: Issuing>(model: &mut ModelBuilder) {
    model
        .settings::<Issuance>()
        .check(gamma_without_use)
        .check(steps_without_use)
        .check(steps_are_a_schedule)
        .used_if("gamma", |setting| setting.group::<Issuance>().uses_gamma())
        .used_if("issuance.step_days", has_steps)
        .used_if("issuance.step_gammas", has_steps)
        .check(|setting| needs_accounting(setting, "[issuance]"))
        .per_run::<Issued>()
        .start(Start::Fill, begin)
        .system(Day::Mint, issue::<M>)
        .columns::<IssuedRows, _>(&["days", "runs"], show)
        .columns::<IssuanceRows, _>(&["runs"], show_issuance);
}

fn gamma_without_use(setting: &Setting) -> Option<Fault> {
    let issuance: Issuance = setting.group();
    let gamma = setting.group::<Expansion>().gamma;
    (!issuance.uses_gamma() && gamma != Expansion::default().gamma).then(|| Fault {
        key: "gamma",
        message: format!(
            "is {gamma}, but issuance.policy is \"{}\", which does not use it; remove gamma, or \
             set the policy to \"fixed\"",
            issuance.policy
        ),
    })
}

/// Returns true if issuance follows a schedule.
fn has_steps(setting: &Setting) -> bool {
    setting.group::<Issuance>().policy == Policy::Steps
}

fn steps_without_use(setting: &Setting) -> Option<Fault> {
    let issuance: Issuance = setting.group();
    let lists = [
        ("issuance.step_days", issuance.step_days),
        ("issuance.step_gammas", issuance.step_gammas),
    ];
    let mut given = lists.iter().filter(|(_, list)| !list.numbers().is_empty());
    let (key, _) = given.next().filter(|_| !has_steps(setting))?;
    Some(Fault {
        key,
        message: format!(
            "is set, but issuance.policy is \"{}\", which has no steps; remove it, or set the policy \
             to \"steps\"",
            issuance.policy
        ),
    })
}

/// Returns a fault if the steps are not a valid schedule.
fn steps_are_a_schedule(setting: &Setting) -> Option<Fault> {
    let issuance: Issuance = setting.group();
    let (days, gammas) = (issuance.step_days.numbers(), issuance.step_gammas.numbers());
    if !has_steps(setting) {
        return None;
    }
    let fault = |key, message| Some(Fault { key, message });
    if days.is_empty() && gammas.is_empty() {
        let message = "is \"steps\", but no steps are given; set issuance.step_days and \
                       issuance.step_gammas, such as [50, 100] and [0.002, 0.0]";
        return fault("issuance.policy", message.to_owned());
    }
    if days.len() != gammas.len() {
        let key = match days.len() > gammas.len() {
            true => "issuance.step_days",
            false => "issuance.step_gammas",
        };
        let message = format!(
            "has a different length: {} days, but {} rates; give each step both",
            days.len(),
            gammas.len()
        );
        return fault(key, message);
    }
    if let Some(day) = days.iter().find(|day| day.fract() != 0.0) {
        let message = format!("holds {day}, expected whole numbers");
        return fault("issuance.step_days", message);
    }
    if let Some(pair) = days.windows(2).find(|pair| pair[0] >= pair[1]) {
        let message = format!(
            "holds {} after {}; list days in ascending order",
            pair[1], pair[0]
        );
        return fault("issuance.step_days", message);
    }
    let domain = setting.keys().find("gamma")?.domain;
    let beyond = gammas
        .iter()
        .find(|&&gamma| domain.number(gamma).is_none())?;
    let message = format!("holds {beyond}, expected {domain}, like gamma");
    fault("issuance.step_gammas", message)
}

fn begin(mut runs: Runs<(&Supply, &mut Issued)>) {
    for (_, (supply, issued)) in runs.batch() {
        issued.supply_at_start = supply.total;
        issued.least_share = supply.funds / supply.total;
    }
}

crate::view! {
    /// Access of [`issue`] to a run.
    struct Issue<'w, M: Issuing> {
        issuance: &'w Issuance,
        expansion: &'w Expansion,
        supply: &'w mut Supply,
        ledger: &'w mut M,
        issued: &'w mut Issued,
    }
}

fn issue<M: Issuing>(mut runs: Runs<Issue<M>>) {
    for (run, of) in runs.batch() {
        of.issued.least_share = of.issued.least_share.min(of.supply.funds / of.supply.total);
        let change = if let Some(rate) = of.issuance.rate(run.day, of.expansion.gamma) {
            let minted = rate * of.supply.total;
            of.ledger.mint(of.supply, minted);
            minted
        } else if of.issuance.adjusts(run.day) {
            of.ledger.adjust(of.supply, of.issuance)
        } else {
            0.0
        };
        of.issued.minted += change.max(0.0);
        of.issued.burnt += (-change).max(0.0);
    }
}

fn show(mut runs: Sampled<(&Issued, &mut Gathered<IssuedRows>)>) {
    for (_, (issued, rows)) in runs.batch() {
        rows.push(IssuedRow {
            minted: issued.minted,
            burnt: issued.burnt,
        });
    }
}

fn show_issuance(mut runs: Sampled<(&Supply, &Issued, &mut Gathered<IssuanceRows>)>) {
    for (_, (supply, issued, rows)) in runs.batch() {
        let share = supply.funds / supply.total;
        rows.push(IssuanceRow {
            supply_growth: supply.total / issued.supply_at_start - 1.0,
            share_in_pool_least: issued.least_share.min(share),
            share_in_pool_final: share,
        });
    }
}
