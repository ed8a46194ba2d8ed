//! One setting of the model, complete: what a run is given.

use super::{Arithmetic, Chain, Initial, Parameters, RuleSet, Rules, minimum_conviction_share};

/// Everything that a run depends on, apart from its random numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The DAO's levers and its members' behaviour.
    pub parameters: Parameters,
    /// Which version of each rule holds.
    pub rules: Rules,
    /// How stakes, conviction and triggers are computed. Default in real numbers.
    pub arithmetic: Arithmetic,
    /// The chain, for the contract's arithmetic.
    pub chain: Chain,
    /// The state at the start.
    pub initial: Initial,
    /// Horizon, in days, ≥ 1. Default 100.
    pub days: u32,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            parameters: Parameters::default(),
            rules: Rules::default(),
            arithmetic: Arithmetic::default(),
            chain: Chain::default(),
            initial: Initial::default(),
            days: 100,
        }
    }
}

/// Most tokens whose conviction the contract's intermediate results hold: tokens · 10¹⁸ · 10⁷ · 2¹²⁸
/// must stay below 2²⁵⁶.
const MOST_TOKENS: f64 = 1e13;

/// What keeps a setting from being used: two values that do not go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The key to change.
    pub key: &'static str,
    /// What is wrong, and a way out.
    pub message: String,
}

impl Setting {
    /// What no single domain can tell: values that exclude each other.
    pub fn fault(&self) -> Option<Fault> {
        let Initial { funds, supply, .. } = self.initial;
        if funds >= supply {
            return Some(Fault {
                key: "initial.supply",
                message: format!(
                    "is {supply} Honey, but initial.funds is {funds}: the pool is part of the \
                     supply, so set initial.supply above initial.funds"
                ),
            });
        }
        if self.arithmetic == Arithmetic::Real {
            return None;
        }
        if self.rules.stake_weight == RuleSet::V3 {
            return Some(Fault {
                key: "rules.stake_weight",
                message: "is \"v3\", under which stakes can be negative; the contract knows none, \
                          so set it to \"corrected\", or arithmetic to \"real\""
                    .to_owned(),
            });
        }
        let last = supply * libm::pow(1.0 + self.parameters.gamma, f64::from(self.days));
        (last > MOST_TOKENS).then(|| Fault {
            key: "initial.supply",
            message: format!(
                "grows to {last:e} Honey by the horizon; the contract's 256 bits hold the \
                 conviction of at most {MOST_TOKENS:e}, so set arithmetic to \"real\", or take \
                 less supply, gamma or days"
            ),
        })
    }

    /// What can be simulated but is hardly meant: ρ ≥ β², under which nothing can ever pass.
    pub fn warning(&self) -> Option<String> {
        let share = minimum_conviction_share(&self.parameters);
        (share >= 1.0).then(|| {
            format!(
                "rho = {} is not below beta^2 = {}: the least trigger is {:.3} times the largest \
                 possible conviction, so no proposal can ever pass",
                self.parameters.rho,
                self.parameters.beta * self.parameters.beta,
                share
            )
        })
    }
}
