//! Defines the rules in which the corrected model differs from the published program.

use crate::engine::{Alias, Domain, Fault, Key, ModelBuilder, Setting, Value};

crate::choices! {
    /// Set of rules.
    RuleSet {
        /// The model with the defects of the published program corrected.
        Corrected = "corrected",
        /// Exactly the published program, including its defects.
        V3 = "v3",
    }
}

const SETS: Domain = RuleSet::DOMAIN;

crate::settings! {
    /// Version of each rule. Each switches alone, so that a study can show how each defect of the published
    /// program affects its conclusions.
    Rules in "rules" {
        stake_weight: RuleSet = RuleSet::Corrected, "", SETS, "weights by which holdings are split: raw affinity (v3), or boosted affinity, at least 0";
        idle_stake: RuleSet = RuleSet::Corrected, "", SETS, "whether stakes of participants who do not act move (v3) or stay";
        over_release: RuleSet = RuleSet::Corrected, "", SETS, "outcome if accepted requests exceed the pool: a crash (v3), or strongest first";
        network_density: RuleSet = RuleSet::Corrected, "", SETS, "whether networks are redrawn for each initial proposal (v3) or drawn once";
        newcomer_links: RuleSet = RuleSet::Corrected, "", SETS, "whether newcomers stay outside the networks (v3) or are linked";
        accounting: RuleSet = RuleSet::Corrected, "", SETS, "whether the sum of holdings and effective supply may differ (v3) or agree";
        small_grant: RuleSet = RuleSet::Corrected, "", SETS, "whether requests below one token distort the rates of completion (v3) or not";
        pool_metric: RuleSet = RuleSet::Corrected, "", SETS, "whether the fraction of supply in the pool is S/F (v3) or F/S";
    }
}

/// Alias that sets all rules.
static ALL: Key = Key {
    name: "rules",
    unit: "",
    meaning: "rule set: the corrected model, or the published program with its defects",
    domain: SETS,
    default: || Value::Name("corrected"),
    overrides: None,
    alias: Some(Alias {
        of: "rules",
        with: &[],
        get: |setting| Value::Name(set_name(setting)),
        store: |_, value| value,
    }),
};

/// Returns `corrected`, `v3`, or `mixed` if the rules of a setting differ.
pub fn set_name(setting: &Setting) -> &'static str {
    let mut keys = <Rules as crate::engine::Settings>::KEYS.iter();
    let first = keys.next().map(|key| setting.value(key));
    match first {
        Some(Value::Name(name)) if keys.all(|key| setting.value(key) == Value::Name(name)) => name,
        _ => "mixed",
    }
}

/// Rejects an extension, named as its table, if holdings do not sum to E: extensions have no rules for that.
pub fn needs_accounting(setting: &Setting, extension: &str) -> Option<Fault> {
    (setting.group::<Rules>().accounting == RuleSet::V3).then(|| Fault {
        key: "rules.accounting",
        message: format!(
            "is \"v3\", for which {extension} has no rules; set it to \"corrected\", or remove {extension}"
        ),
    })
}

/// Registers the rules.
pub fn rules(model: &mut ModelBuilder) {
    model.alias(&ALL).settings::<Rules>();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_named_only_if_all_rules_are_of_it() {
        let model = crate::model();
        let with = |key, value| model.setting().with(key, value).unwrap();
        for set in ["corrected", "v3"] {
            assert_eq!(set_name(&with("rules", set)), set);
        }
        for key in <Rules as crate::engine::Settings>::KEYS {
            assert_eq!(set_name(&with(key.name, "v3")), "mixed", "{}", key.name);
        }
    }
}
