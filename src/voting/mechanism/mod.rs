//! What a chain decides: in which numbers stakes, conviction and triggers are kept, and who is paid. A
//! type parameter of a batch: nothing branches on it.
//!
//! A mechanism implements [`Ledger`](super::supply::Ledger), [`Staking`](super::support::Staking) and
//! [`Passing`](super::conviction::Passing), and registers what else it has.

mod gardens1;
mod real;

pub use gardens1::{Chain, Gardens1, gardens1, scaled};
pub use real::{OverRelease, Real};

use super::rules::{RuleSet, Rules};
use crate::engine::{Domain, Fault, Idle, ModelBuilder, Setting};

/// Every mechanism, by the name that `arithmetic` gives it.
const NAMES: &[&str] = &["real", "contract"];

crate::settings! {
    /// Which mechanism a run has.
    Mechanism {
        arithmetic: &'static str = "real", "", Domain::Names(NAMES), "whether stakes, conviction and triggers are real numbers, or the deployed contract's integers";
    }
}

/// The name of the mechanism that a setting asks for.
pub fn arithmetic(setting: &Setting) -> &'static str {
    setting.group::<Mechanism>().arithmetic
}

/// Whether a setting asks for real numbers.
pub fn is_real(setting: &Setting) -> bool {
    arithmetic(setting) == "real"
}

/// What keeps an extension, named as its table, from the contract's integers, for which it has no rules.
pub fn needs_real(setting: &Setting, extension: &str) -> Option<Fault> {
    (!is_real(setting)).then(|| Fault {
        key: "arithmetic",
        message: format!(
            "is \"{}\", for which {extension} has no rules: set it to \"real\", or leave {extension} out",
            arithmetic(setting)
        ),
    })
}

/// Registers the choice among mechanisms, and what each can be told.
pub fn mechanism(model: &mut ModelBuilder) {
    model.settings::<Mechanism>().settings::<Chain>();
    model
        .check(gardens1::fault)
        .warning(over_release_in_vain)
        .idle(Idle {
            table: "chain",
            read_by: |setting| !is_real(setting),
            message: "has no effect while arithmetic is \"real\"; set arithmetic = \"contract\" under [model], \
                      or take it out",
        });
}

/// The contract pays one request after another, each only from what is there.
fn over_release_in_vain(setting: &Setting) -> Option<String> {
    let crashes = setting.group::<Rules>().over_release == RuleSet::V3;
    (crashes && !is_real(setting)).then(|| {
        "rules.over_release is \"v3\", which has no effect where arithmetic is \"contract\": the contract pays \
         no request for which the pool does not suffice; leave it \"corrected\", or set arithmetic to \"real\""
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_rule_without_effect_is_told_of() {
        let crashes = crate::model().setting().with("rules.over_release", "v3");
        let crashes = crashes.unwrap();
        assert_eq!(crashes.warnings().next(), None);
        let contract = crashes.with("arithmetic", "contract").unwrap();
        let (_, warning) = contract.warnings().next().unwrap();
        assert!(warning.contains("rules.over_release"), "{warning}");
    }
}
