//! Invariants of a pool between phases; checked in builds with debug assertions.

use super::Gardens2;
use crate::contract::{U256, integer, units};
use crate::engine::{Failing, Rows, Runs};
use crate::voting::supply::Supply;
use crate::voting::support::{Layout, Stake};

/// Checks that support stays within points, and that activated points are those of all active members.
pub fn check(mut runs: Runs<(&Supply, &Layout, &Gardens2, &Failing)>, mut edges: Rows<&Stake>) {
    let batch = runs.batch();
    let mut edges = edges.of_batch(&batch);
    for (run, (supply, layout, pool, failing)) in batch {
        if failing.failure().is_some() {
            continue;
        }
        let (day, stakes) = (run.day, edges.of(run));
        let mut activated = pool.of_accounts;
        for (row, member) in pool.members.iter().enumerate() {
            let own = |seat| integer(units(stakes[layout.edge(seat, row)]));
            let (support, supported) = layout
                .taken()
                .map(own)
                .fold((U256::ZERO, 0u64), |(sum, count), own| {
                    (sum + own, count + 1)
                });
            // A loss of points rounds the share taken off each support to the nearest unit.
            assert!(
                support <= member.points + U256::from(supported),
                "day {day}: participant {row} supports {support} with {} points",
                member.points
            );
            assert!(
                member.is_active || member.points.is_zero(),
                "day {day}: participant {row} has points without being active"
            );
            activated += member.points;
        }
        assert_eq!(
            activated, pool.totals.activated,
            "day {day}: activated points"
        );
        let whole = pool.supply;
        assert_eq!(
            whole.funds + whole.effective + whole.other,
            whole.total,
            "day {day}: S = F + E + L in units: {supply:?}"
        );
    }
}
