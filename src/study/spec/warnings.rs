//! What can be simulated but is hardly meant.

use super::Spec;
use crate::engine::{Key, Value};
use crate::study::axis::Levels;

impl Spec {
    /// Settings that change nothing, each with a way out: those of a chain that no point simulates, and
    /// changes of no setting.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.changes_of_nothing();
        warnings.extend(self.chain_without_use());
        warnings
    }

    /// Copies of extensions that could say keys anew, and say none.
    fn changes_of_nothing(&self) -> Vec<String> {
        let on = self.model.on();
        let changes = on.iter().filter(|(name, _)| self.model.says_anew(name));
        let copies = changes.flat_map(|(name, copies)| (0..copies).map(move |copy| (name, copy)));
        copies
            .filter(|&(name, copy)| on.said_anew(name, copy).is_empty())
            .map(|(name, copy)| {
                format!(
                    "[[{name}]], number {}: changes nothing; give it set = {{ beta = 0.3 }} or an axis \
                     \"{name}.{copy}.beta\", or take it out",
                    copy + 1
                )
            })
            .collect()
    }

    fn chain_without_use(&self) -> Vec<String> {
        if self.simulates_a_chain() {
            return Vec::new();
        }
        let of_chain = |key: &Key| key.name.starts_with("chain.");
        let default = self.model.setting();
        let fixed = self
            .fixed
            .iter()
            .filter(|key| self.base.value(key) != default.value(key));
        let fixed = fixed.map(|key| (String::new(), *key));
        let axes = self.factors.iter().flat_map(|factor| {
            let place = format!("{}.", factor.role.table());
            factor
                .axes
                .iter()
                .map(move |axis| (place.clone(), axis.key))
        });
        let variants = self.variants.iter().flat_map(|variant| {
            let place = format!("variant \"{}\", ", variant.name);
            variant
                .settings
                .iter()
                .map(move |(key, _)| (place.clone(), *key))
        });
        fixed
            .chain(axes)
            .chain(variants)
            .filter(|(_, key)| of_chain(key))
            .map(|(place, key)| {
                format!(
                    "{place}{}: has no effect while arithmetic is \"real\"; set arithmetic = \
                     \"contract\" under [model], or take it out",
                    key.name
                )
            })
            .collect()
    }

    /// Whether any point computes as the contract does.
    fn simulates_a_chain(&self) -> bool {
        let contract = Value::Name("contract");
        let is_arithmetic = |key: &Key| key.name == "arithmetic";
        let in_axes = self
            .factors
            .iter()
            .flat_map(|factor| &factor.axes)
            .any(|axis| {
                let Levels::List(values) = &axis.levels else {
                    return false;
                };
                is_arithmetic(axis.key) && values.contains(&contract)
            });
        let in_variants = self.variants.iter().flat_map(|variant| &variant.settings);
        in_axes
            || in_variants
                .into_iter()
                .any(|(key, value)| is_arithmetic(key) && *value == contract)
            || self
                .model
                .keys()
                .find("arithmetic")
                .is_some_and(|key| self.base.value(key) == contract)
    }
}
