//! Mechanisms decide on a chain: how numbers represent stakes, conviction and triggers, and which candidates are
//! paid. Each is a type parameter of a batch, so no code branches on it.
//!
//! A mechanism implements [`Ledger`](super::supply::Ledger), [`Staking`](super::support::Staking),
//! [`Passing`] and [`Mechanism`], which states its capabilities and what it registers. In whole units, `whole::Whole`
//! stands for the first. It is a folder and a line of the list here. Other features ask for its [`Capabilities`], never for its name.
//!
//! | file | contents |
//! |---|---|
//! | `real` | real numbers, day by day |
//! | `gardens1` | the deployed 1Hive contract |
//! | `gardens2` | the Gardens v2 contracts: points, and thresholds that follow those activated |
//! | `chain` | blocks, and settings as contracts store them |
//! | `whole` | shared parts of mechanisms in whole units |
//! | `splitting` | split of votes by contracts |

mod chain;
mod gardens1;
mod gardens2;
mod real;
mod splitting;
mod whole;

pub use chain::{BlockClock, Chain, Parameters, scaled};
pub use gardens1::{Gardens1, OnChain};
pub use gardens2::{Community, Gardens2, Member, OnPool, PointsOf};
pub use real::{OverRelease, Real};

use super::conviction::Passing;
use super::issuance::{Issuance, Issuing};
use super::rules::{RuleSet, Rules};
use super::supply::{Expansion, InitialSupply};
use crate::engine::{Domain, Fault, Horizon, Idle, Key, KindOfBatch, ModelBuilder, Setting};
use whole::MOST_TOKENS;

/// Numbers in which a mechanism counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// Real numbers.
    Real,
    /// Whole units of 10⁻¹⁸ tokens, in 256 bits.
    Whole,
}

/// Steps in which time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Days.
    Days,
    /// Blocks of a chain.
    Blocks,
}

/// Votes from which stakes are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Votes {
    /// Tokens, unless an extension replaces them.
    Tokens,
    /// Points that the mechanism gives for tokens.
    Points,
}

/// Payment of several candidates that convince on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Execution {
    /// Together, judged by the pool at the start of the day.
    Together,
    /// One after another, each judged by the remaining pool.
    InTurn,
}

/// Capabilities of a mechanism.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capabilities {
    /// Its name as a value of `arithmetic`.
    pub name: &'static str,
    /// Its numbers.
    pub numbers: Numbers,
    /// Its clock.
    pub clock: Clock,
    /// Its votes.
    pub votes: Votes,
    /// Its execution.
    pub execution: Execution,
    /// Run time relative to that in real numbers.
    pub times_real: f64,
}

/// Mechanism of the runs of a batch.
pub trait Mechanism: Passing + Issuing {
    /// Capabilities under each of its names as values of `arithmetic`.
    const NAMES: &'static [Capabilities];

    /// Registers what the mechanism adds to the common features.
    fn register(model: &mut ModelBuilder);
}

/// Features of a batch, with any mechanism.
pub trait Features {
    /// Registers the features.
    fn register<M: Mechanism>(model: &mut ModelBuilder);
}

/// Lists the mechanisms.
macro_rules! mechanisms {
    ($($mechanism:ty),+ $(,)?) => {
        /// Capabilities of every mechanism, by name.
        const CAPABILITIES: &[&[Capabilities]] = &[$(<$mechanism>::NAMES),+];

        /// Returns the kinds of batches: the features with each mechanism.
        pub const fn kinds<F: Features>() -> [KindOfBatch; CAPABILITIES.len()] {
            [$((asks_for::<$mechanism>, register::<F, $mechanism>)),+]
        }
    };
}

mechanisms![Real, Gardens1, Gardens2];

fn asks_for<M: Mechanism>(setting: &Setting) -> bool {
    let name = setting.group::<Arithmetic>().arithmetic;
    M::NAMES.iter().any(|of| of.name == name)
}

fn register<F: Features, M: Mechanism>(model: &mut ModelBuilder) {
    F::register::<M>(model);
    M::register(model);
}

/// Number of names.
const COUNT: usize = {
    let (mut count, mut place) = (0, 0);
    while place < CAPABILITIES.len() {
        count += CAPABILITIES[place].len();
        place += 1;
    }
    count
};

/// Names of all mechanisms, as values of `arithmetic`.
const NAMES: [&str; COUNT] = {
    let mut names = [""; COUNT];
    let (mut count, mut place) = (0, 0);
    while place < CAPABILITIES.len() {
        let mut name = 0;
        while name < CAPABILITIES[place].len() {
            names[count] = CAPABILITIES[place][name].name;
            name += 1;
            count += 1;
        }
        place += 1;
    }
    names
};

crate::settings! {
    /// Mechanism of a run.
    Arithmetic {
        arithmetic: &'static str = "real", "", Domain::Names(&NAMES), "numbers of stakes, conviction and triggers: real, or the integers of a contract: contract (1Hive), gardens2 (Gardens v2 at a75a6efe2, August 2026), gardens2-15ad374 (before)";
    }
}

impl Capabilities {
    /// Returns the capabilities of the mechanism of a setting.
    pub fn of(setting: &Setting) -> Self {
        let name = setting.group::<Arithmetic>().arithmetic;
        let mut all = CAPABILITIES.iter().copied().flatten();
        // The domain of `arithmetic` has only these names; real numbers come first.
        *all.find(|of| of.name == name).unwrap_or(&Real::NAMES[0])
    }

    /// Returns the fault of an extension, named as its table, if the mechanism does not count in real numbers.
    pub fn needs_real_numbers(setting: &Setting, extension: &str) -> Option<Fault> {
        let of = Self::of(setting);
        (of.numbers != Numbers::Real).then(|| Fault {
            key: "arithmetic",
            message: format!(
                "is \"{}\", for which {extension} has no rules; set it to \"real\", or remove {extension}",
                of.name
            ),
        })
    }
}

/// Returns true if a setting in the tables of mechanisms may change during a run.
pub fn may_change(key: &Key) -> bool {
    key.table().0 == Some("chain") || key.name == "gardens2.min_threshold_points"
}

/// Registers the choice among mechanisms, and their settings.
pub fn mechanism(model: &mut ModelBuilder) {
    model
        .settings::<Arithmetic>()
        .settings::<Chain>()
        .settings::<Community>()
        .check(beyond_whole_numbers)
        .warning(over_release_in_vain)
        .idle(Idle {
            table: "chain",
            read_by: |setting| Capabilities::of(setting).clock == Clock::Blocks,
            message: "has no effect while arithmetic is \"real\"; set arithmetic = \"contract\" under [model], \
                      or take it out",
        })
        .idle(Idle {
            table: "gardens2",
            read_by: |setting| Capabilities::of(setting).votes == Votes::Points,
            message: "has no effect unless arithmetic is \"gardens2\" or \"gardens2-15ad374\"; set arithmetic = \
                      \"gardens2\" under [model], or take it out",
        });
    gardens2::checks(model);
}

/// Reports settings that whole numbers cannot represent.
fn beyond_whole_numbers(setting: &Setting) -> Option<Fault> {
    if Capabilities::of(setting).numbers == Numbers::Real {
        return None;
    }
    if setting.group::<Rules>().stake_weight == RuleSet::V3 {
        return Some(Fault {
            key: "rules.stake_weight",
            message:
                "is \"v3\", under which stakes can be negative; the contract knows none, so set it \
                      to \"corrected\", or arithmetic to \"real\""
                    .to_owned(),
        });
    }
    let days = setting.group::<Horizon>().days;
    let gamma = setting.group::<Expansion>().gamma;
    let growth = match setting.group_if_on::<Issuance>() {
        Some(issuance) => issuance.greatest_growth(gamma, days),
        None => libm::pow(1.0 + gamma, f64::from(days)),
    };
    let initial: InitialSupply = setting.group();
    // A pool of a history may exceed its supply.
    let last = initial.supply.max(initial.funds) * growth;
    (last.is_nan() || last > MOST_TOKENS).then(|| Fault {
        key: "initial.supply",
        message: format!(
            "grows to {last:e} Honey by the horizon; the contract's 256 bits hold the conviction of at \
             most {MOST_TOKENS:e}, so set arithmetic to \"real\", or take less supply, issuance or days"
        ),
    })
}

/// Warns about rule over_release `v3` with a contract, which pays only requests that fit in the pool.
fn over_release_in_vain(setting: &Setting) -> Option<String> {
    let crashes = setting.group::<Rules>().over_release == RuleSet::V3;
    let of = Capabilities::of(setting);
    (crashes && of.execution == Execution::InTurn).then(|| {
        format!(
            "rules.over_release is \"v3\", which has no effect where arithmetic is \"{}\": the contract pays \
             no request for which the pool does not suffice; leave it \"corrected\", or set arithmetic to \"real\"",
            of.name
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_without_effect_is_told_of() {
        let crashes = crate::model().setting().with("rules.over_release", "v3");
        let crashes = crashes.unwrap();
        assert_eq!(crashes.warnings().next(), None);
        for name in NAMES.into_iter().filter(|&name| name != "real") {
            let contract = crashes.clone().with("arithmetic", name).unwrap();
            let (_, warning) = contract.warnings().next().unwrap();
            assert!(warning.contains("rules.over_release"), "{warning}");
            assert!(warning.contains(name), "{warning}");
        }
    }

    #[test]
    fn every_name_is_of_one_mechanism() {
        let model = crate::model();
        for (place, of) in CAPABILITIES.iter().enumerate() {
            for one in *of {
                let setting = model.setting().with("arithmetic", one.name).unwrap();
                assert_eq!(Capabilities::of(&setting), *one);
                assert_eq!(model.kind(&setting), place);
                assert_eq!(NAMES.iter().filter(|&&name| name == one.name).count(), 1);
            }
        }
    }
}
