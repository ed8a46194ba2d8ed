//! What holds at any setting. The invariants of the model are checked by the world itself, after
//! every phase, in builds with debug assertions; here settings are drawn from all over the domain.

use crate::runs::{EVERY_TABLE, simulate, simulate_in};
use conviction::engine::{
    Batch, Horizon, Model, RunOf, Seeds, Setting, Settings, Simulator, Value,
};
use conviction::voting::conviction::{Conviction, ProposalRows, RunProposalRows};
use conviction::voting::proposals::{InitialProposals, Status};
use conviction::voting::rules::{RuleSet, Rules};
use fearless_simd::Level;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static MODEL: LazyLock<Model> = LazyLock::new(conviction::model);

fn with(mut setting: Setting, values: &[(&str, f64)]) -> Setting {
    for &(key, value) in values {
        setting.set(key, value).unwrap();
    }
    setting
}

prop_compose! {
    fn parameters()(
        half_life_days in 0.0..30.0f64,
        beta in 0.01..1.0f64,
        passable in 0.0001..1.2f64,
        gamma in 0.0..0.02f64,
        sensitivity in 0.0..1.5f64,
        tmin in 0.0..5.0f64,
        min_supp in 0.0..100.0f64,
        base_completion_rate in 0.5..60.0f64,
        base_failure_rate in 0.5..200.0f64,
        base_engagement_rate in 0.0..=1.0f64,
        lowest_affinity_to_support in -1.0..=1.0f64,
    ) -> Setting {
        with(MODEL.setting(), &[
            ("half_life_days", half_life_days),
            ("beta", beta),
            ("rho", beta * beta * passable),
            ("gamma", gamma),
            ("sensitivity", sensitivity),
            ("tmin", tmin),
            ("min_supp", min_supp),
            ("base_completion_rate", base_completion_rate),
            ("base_failure_rate", base_failure_rate),
            ("base_engagement_rate", base_engagement_rate),
            ("lowest_affinity_to_support", lowest_affinity_to_support),
        ])
    }
}

prop_compose! {
    fn rules()(switched in proptest::collection::vec(any::<bool>(), Rules::KEYS.len())) -> Vec<RuleSet> {
        let rule = |v3| if v3 { RuleSet::V3 } else { RuleSet::Corrected };
        switched.into_iter().map(rule).collect()
    }
}

/// Every arithmetic.
const ARITHMETIC: [&str; 4] = ["real", "contract", "gardens2", "gardens2-15ad374"];

prop_compose! {
    pub fn settings()(
        parameters in parameters(),
        rules in rules(),
        participants in 1..60u32,
        proposals in 0..20u32,
        funds in 1.0..1e5f64,
        more in 1.0..1e6f64,
        sentiment in 0.0..=1.0f64,
        days in 1..80u32,
        arithmetic in prop::sample::select(ARITHMETIC.to_vec()),
        points in prop::sample::select(vec!["unlimited", "capped", "quadratic", "fixed"]),
        registration_stake in prop_oneof![Just(1.0), 0.01..500.0f64],
        block_time_seconds in 0.5..2000.0f64,
        min_threshold_stake_share in 0.0..=1.0f64,
    ) -> Setting {
        let mut setting = with(parameters, &[
            ("initial.participants", f64::from(participants)),
            ("initial.proposals", f64::from(proposals)),
            ("initial.funds", funds),
            ("initial.supply", funds + more),
            ("initial.sentiment", sentiment),
            ("days", f64::from(days)),
            ("chain.block_time_seconds", block_time_seconds),
            ("chain.min_threshold_stake_share", min_threshold_stake_share),
        ]);
        for (key, rule) in Rules::KEYS.iter().zip(rules) {
            setting.put(key, Value::Name(rule.name()));
        }
        // Contracts know no negative stakes.
        if setting.group::<Rules>().stake_weight == RuleSet::Corrected {
            setting.set("arithmetic", arithmetic).unwrap();
        }
        setting.set("gardens2.points", points).unwrap();
        setting.set("gardens2.registration_stake", registration_stake).unwrap();
        setting
    }
}

fn simulator() -> Simulator {
    Simulator::new(&MODEL, &["runs"])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Every run reaches its horizon, or fails as only v3 over-release may; the invariants hold.
    #[test]
    fn any_setting_runs(setting in settings(), seed in any::<u64>()) {
        prop_assert!(cfg!(debug_assertions), "the invariants are checked in debug builds only");
        let outcome = simulator().outcome("runs", &setting, seed, 0).unwrap();
        match outcome.failure {
            None => prop_assert_eq!(outcome.last_day, setting.group::<Horizon>().days),
            Some(_) => prop_assert_eq!(setting.group::<Rules>().over_release, RuleSet::V3),
        }
        let of_each = |what: &str| Status::ALL.map(|status| format!("{}_{what}", status.name()));
        let numbers = |what: &str| of_each(what).map(|column| outcome.number(&column));
        let counts = numbers("count");
        prop_assert_eq!(counts[1..4].iter().sum::<f64>(), outcome.number("proposals_granted"));
        let granted = numbers("funds")[1..4].iter().sum::<f64>();
        let released = outcome.number("funds_granted");
        prop_assert!((granted - released).abs() <= 1e-9 * granted.max(1.0));
        if counts.iter().sum::<f64>() > 0.0 {
            let whole: f64 = numbers("share").iter().sum();
            prop_assert!((whole - 1.0).abs() < 1e-12);
        } else {
            prop_assert!(of_each("share").iter().all(|share| outcome.get(share).is_none()));
        }
        prop_assert!((0.0..=1.0).contains(&outcome.number("sentiment")));
        prop_assert!(outcome.number("least_pool") <= outcome.number("funds"));
    }

    /// A world that has simulated other runs before gives the same numbers as a new one, and looking
    /// on changes nothing.
    #[test]
    fn worlds_forget(first in settings(), second in settings(), seed in any::<u64>()) {
        let mut kept = simulator();
        kept.outcome("runs", &first, seed, 1).unwrap();
        let again = kept.outcome("runs", &second, seed, 2).unwrap();
        let fresh = simulator().outcome("runs", &second, seed, 2).unwrap();
        prop_assert_eq!(&again, &fresh);
        let mut seen = simulate(&MODEL, &EVERY_TABLE, &second, seed, 2);
        prop_assert_eq!(again.last_day, seen.last_day);
        prop_assert_eq!(
            again.failure.map(|failure| failure.to_string()),
            seen.failure.take().map(|failure| failure.to_string())
        );
        let mut alone = simulate(&MODEL, &["runs"], &second, seed, 2);
        prop_assert_eq!(alone.batch("runs"), seen.batch("runs"));
    }

    /// What is kept of proposals does not depend on what is kept besides.
    #[test]
    fn detail_keeps_the_same(setting in settings(), seed in any::<u64>()) {
        const OF_PROPOSALS: [&str; 2] = ["run_proposals", "proposals"];
        let mut proposals = simulate(&MODEL, &OF_PROPOSALS, &setting, seed, 0);
        let mut edges = simulate(&MODEL, &EVERY_TABLE, &setting, seed, 0);
        for table in OF_PROPOSALS {
            let (proposals, edges) = (proposals.batch(table), edges.batch(table));
            let initial = setting.group::<InitialProposals>().proposals as usize;
            prop_assert!(proposals.num_rows() >= initial);
            prop_assert_eq!(proposals, edges);
        }
    }

    /// Runs that share a world, whatever their settings, are what they are alone.
    #[test]
    fn runs_together_are_those_alone(
        settings in prop::collection::vec(settings(), 0..6),
        seed in any::<u64>(),
    ) {
        let runs: Vec<_> = (0..)
            .zip(&settings)
            .map(|(world, setting)| RunOf { setting, seeds: Seeds { root: seed, world } })
            .collect();
        let mut compared = 0;
        // Both versions of Gardens v2 are simulated together.
        for arithmetic in &ARITHMETIC[..3] {
            let of_kind = MODEL.setting().with("arithmetic", *arithmetic).unwrap();
            let mut batch = Batch::new(&MODEL, &of_kind, &["runs"], Level::new());
            let together: Vec<_> =
                runs.iter().filter(|run| batch.is_for(run.setting)).copied().collect();
            let left = simulate_in(&mut batch, &MODEL, &["runs"], &together, |_| true);
            prop_assert_eq!(batch.runs(), together.len());
            prop_assert_eq!(left.len(), together.len());
            for (mut together, run) in left.into_iter().zip(together) {
                let mut alone = simulate(&MODEL, &["runs"], run.setting, seed, run.seeds.world);
                prop_assert_eq!(together.last_day, alone.last_day);
                prop_assert_eq!(
                    together.failure.take().map(|failure| failure.to_string()),
                    alone.failure.take().map(|failure| failure.to_string())
                );
                prop_assert_eq!(together.batch("runs"), alone.batch("runs"));
                compared += 1;
            }
        }
        prop_assert_eq!(compared, settings.len());
    }

    /// Statuses move along the life cycle only; what has passed had passed its trigger.
    #[test]
    fn proposals_live_one_life(setting in settings(), seed in any::<u64>()) {
        let mut left = simulate(&MODEL, &["proposals", "run_proposals"], &setting, seed, 0);
        let days: ProposalRows = left.rows("proposals");
        let ends: RunProposalRows = left.rows("run_proposals");
        let mut before: BTreeMap<u32, Status> = BTreeMap::new();
        let mut faults = Vec::new();
        for (&id, status) in days.proposal.iter().zip(days.status) {
            let named = |of: &Status| of.name() == status;
            let status = Status::ALL.into_iter().find(named).unwrap();
            // What ended the day it passed was active in between.
            let last = before.insert(id, status).unwrap_or(Status::Candidate);
            let via = |middle: Status| last.may_become(middle) && middle.may_become(status);
            if last != status && !last.may_become(status) && !via(Status::Active) {
                faults.push(format!("{id} went from {last:?} to {status:?}"));
            }
        }
        for (row, id) in ends.proposal.iter().enumerate() {
            let passed = matches!(ends.status[row], "active" | "completed" | "failed");
            prop_assert_eq!(ends.day_passed[row].is_some(), passed);
            let passing = ends.conviction_passed[row].zip(ends.trigger_passed[row]);
            prop_assert_eq!(passing.is_some(), passed);
            if let Some((conviction, trigger)) = passing && conviction <= trigger {
                faults.push(format!("{id} passed with {conviction} of {trigger}"));
            }
        }
        prop_assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    /// Where nothing can pass, nothing does.
    #[test]
    fn hopeless_settings_grant_nothing(setting in settings(), seed in any::<u64>()) {
        let beta = setting.group::<Conviction>().beta;
        let setting = setting.with("rules", "corrected").unwrap();
        let setting = with(setting, &[("rho", beta * beta * 1.001)]);
        prop_assert_eq!(setting.warnings().count(), 1);
        let outcome = simulator().outcome("runs", &setting, seed, 0).unwrap();
        prop_assert_eq!(outcome.number("proposals_granted"), 0.0);
        let days = f64::from(setting.group::<Horizon>().days);
        prop_assert_eq!(outcome.number("days_nothing_could_pass"), days);
    }
}
