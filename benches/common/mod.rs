//! What several benches share.

use conviction::model::RuleSet;

/// The argument in a place, or what stands for it.
pub fn argument(place: usize, default: &str) -> String {
    // Cargo adds --bench.
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    arguments.nth(place).unwrap_or_else(|| default.to_owned())
}

/// The rules of a name.
pub fn rules(name: &str) -> RuleSet {
    match name {
        "v3" => RuleSet::V3,
        "corrected" => RuleSet::Corrected,
        other => panic!("{other} is neither v3 nor corrected"),
    }
}
