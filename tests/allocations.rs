//! Once a world is warm, runs allocate nothing.

use allocation_counter::measure;
use conviction::model::{RuleSet, Setting};
use conviction::run::{Simulator, lockstep};
use std::hint::black_box;

#[test]
fn warm_runs_allocate_nothing() {
    for rules in [RuleSet::V3, RuleSet::Corrected] {
        let setting = Setting {
            rules: rules.into(),
            ..Setting::default()
        };
        let together = lockstep(&setting);
        assert!(together > 1);
        let mut simulator = Simulator::new();
        let mut simulate = |batch: u64| {
            let first = batch * together as u64;
            let runs = (0..together).map(|place| (setting, 7, first + place as u64));
            for outcome in simulator.run_together(runs) {
                black_box(outcome);
            }
        };
        // The rarest of runs need the most room.
        for batch in 0..100 {
            simulate(batch);
        }
        let allocated = measure(|| (0..20).for_each(&mut simulate));
        assert_eq!(allocated.count_total, 0, "{rules:?}: {allocated:?}");
    }
}
