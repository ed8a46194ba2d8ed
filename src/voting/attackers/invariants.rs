//! Checks invariants of attackers between phases, in builds with debug assertions.

use super::attacker::Attackers;
use crate::engine::{Failing, Runs};
use crate::voting::conviction::{Passing, SideList};
use crate::voting::supply::Supply;

/// Relative tolerance for sums of rounded numbers.
const ROUNDING: f64 = 1e-9;

/// Attackers hold exactly their part of E, and neither stake nor request negative amounts.
pub fn check<M: Passing>(mut runs: Runs<(&Supply, &Failing, &Attackers, &SideList<M>)>) {
    for (run, (supply, failing, attackers, side)) in runs.batch() {
        if failing.failure().is_some() {
            continue;
        }
        let (day, off) = (run.day, ROUNDING * supply.total);
        let held: f64 = attackers
            .each
            .iter()
            .map(|attacker| attacker.tokens())
            .sum();
        assert!(
            (held - supply.held_aside).abs() <= off,
            "day {day}: attackers hold {held}, but E counts {}",
            supply.held_aside
        );
        assert!(
            side.0
                .iter()
                .all(|of| of.stake >= 0.0 && of.conviction >= 0.0),
            "day {day}: an attacker has a negative stake"
        );
        assert!(
            side.0.iter().all(|of| of.requested >= 0.0),
            "day {day}: an attacker requests a negative amount"
        );
    }
}
