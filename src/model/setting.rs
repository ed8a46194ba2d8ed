//! One setting of the model, complete: what a run is given.

use super::{Initial, Parameters, Rules, minimum_conviction_share};

/// Everything that a run depends on, apart from its random numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The DAO's levers and its members' behaviour.
    pub parameters: Parameters,
    /// Which version of each rule holds.
    pub rules: Rules,
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
            initial: Initial::default(),
            days: 100,
        }
    }
}

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
        (funds >= supply).then(|| Fault {
            key: "initial.supply",
            message: format!(
                "is {supply} Honey, but initial.funds is {funds}: the pool is part of the supply, \
                 so set initial.supply above initial.funds"
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
