//! What holds at any setting. The invariants of the model are checked by the world itself, after
//! every phase, in builds with debug assertions; here settings are drawn from all over the domain.

use conviction::model::{
    Arithmetic, Chain, Initial, Parameters, RULES, RuleSet, Rules, Setting, alpha_from_half_life,
};
use conviction::run::{Moment, Simulator};
use conviction::world::{Detail, Status};
use proptest::prelude::*;
use std::collections::BTreeMap;

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
    ) -> Parameters {
        Parameters {
            alpha: alpha_from_half_life(half_life_days),
            beta,
            rho: beta * beta * passable,
            gamma,
            sensitivity,
            tmin,
            min_supp,
            base_completion_rate,
            base_failure_rate,
            base_engagement_rate,
            lowest_affinity_to_support,
        }
    }
}

prop_compose! {
    fn rules()(switched in proptest::collection::vec(any::<bool>(), RULES.len())) -> Rules {
        let mut rules = Rules::default();
        for (rule, v3) in RULES.iter().zip(switched) {
            (rule.set)(&mut rules, if v3 { RuleSet::V3 } else { RuleSet::Corrected });
        }
        rules
    }
}

prop_compose! {
    fn settings()(
        parameters in parameters(),
        rules in rules(),
        participants in 1..60u32,
        proposals in 0..20u32,
        funds in 1.0..1e5f64,
        more in 1.0..1e6f64,
        sentiment in 0.0..=1.0f64,
        days in 1..80u32,
        on_chain in any::<bool>(),
        block_time_seconds in 0.5..2000.0f64,
        min_threshold_stake_share in 0.0..=1.0f64,
    ) -> Setting {
        // The contract knows no negative stakes.
        let on_chain = on_chain && rules.stake_weight == RuleSet::Corrected;
        Setting {
            parameters,
            rules,
            arithmetic: if on_chain { Arithmetic::Contract } else { Arithmetic::Real },
            chain: Chain { block_time_seconds, min_threshold_stake_share, ..Chain::default() },
            initial: Initial { participants, proposals, funds, supply: funds + more, sentiment },
            days,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Every run reaches its horizon, or fails as only v3 over-release may; the invariants hold.
    #[test]
    fn any_setting_runs(setting in settings(), seed in any::<u64>()) {
        prop_assert!(cfg!(debug_assertions), "the invariants are checked in debug builds only");
        let outcome = Simulator::new().run(&setting, seed, 0);
        match outcome.failure {
            None => prop_assert_eq!(outcome.end.last_day, setting.days),
            Some(_) => prop_assert_eq!(setting.rules.over_release, RuleSet::V3),
        }
        let s = outcome.state;
        let counts = [s.candidate_count, s.active_count, s.completed_count, s.failed_count, s.killed_count];
        prop_assert_eq!(counts[1..4].iter().sum::<u32>(), s.proposals_granted);
        let granted = s.active_funds + s.completed_funds + s.failed_funds;
        prop_assert!((granted - s.funds_granted).abs() <= 1e-9 * granted.max(1.0));
        let shares = [s.candidate_share, s.active_share, s.completed_share, s.failed_share, s.killed_share];
        if counts.iter().sum::<u32>() > 0 {
            let whole: f64 = shares.iter().flatten().sum();
            prop_assert!((whole - 1.0).abs() < 1e-12);
        }
        prop_assert!((0.0..=1.0).contains(&s.sentiment));
        prop_assert!(outcome.summary.least_pool <= s.funds);
    }

    /// A world that has simulated other runs before gives the same numbers as a new one, and looking
    /// on changes nothing.
    #[test]
    fn worlds_forget(first in settings(), second in settings(), seed in any::<u64>()) {
        let mut kept = Simulator::new();
        kept.run(&first, seed, 1);
        let again = kept.run(&second, seed, 2);
        let fresh = Simulator::new().run_observed(&second, seed, 2, Detail::Edges, |_, _| {});
        prop_assert_eq!(again, fresh);
    }

    /// What is kept of proposals does not depend on what is kept besides.
    #[test]
    fn detail_keeps_the_same(setting in settings(), seed in any::<u64>()) {
        let seen = |detail| {
            let mut seen = Vec::new();
            Simulator::new().run_observed(&setting, seed, 0, detail, |moment, view| {
                if moment == Moment::End {
                    let kept = view.proposals().zip(view.support());
                    seen.extend(kept.map(|kept| format!("{kept:?}")));
                }
            });
            seen
        };
        let (proposals, edges) = (seen(Detail::Proposals), seen(Detail::Edges));
        prop_assert!(proposals.len() >= setting.initial.proposals as usize);
        prop_assert_eq!(proposals, edges);
    }

    /// Runs that share a world, whatever their settings, are what they are alone.
    #[test]
    fn runs_together_are_those_alone(
        settings in prop::collection::vec(settings(), 0..6),
        seed in any::<u64>(),
    ) {
        let worlds = settings.iter().enumerate().map(|(world, &setting)| (setting, seed, world as u64));
        let mut simulator = Simulator::new();
        let together: Vec<_> = simulator.run_together(worlds.clone()).collect();
        prop_assert_eq!(together.len(), settings.len());
        for (together, (setting, seed, world)) in together.into_iter().zip(worlds) {
            prop_assert_eq!(together, Simulator::new().run(&setting, seed, world));
        }
    }

    /// Statuses move along the life cycle only; what has passed had passed its trigger.
    #[test]
    fn proposals_live_one_life(setting in settings(), seed in any::<u64>()) {
        let mut before: BTreeMap<u32, Status> = BTreeMap::new();
        let mut faults = Vec::new();
        Simulator::new().run_observed(&setting, seed, 0, Detail::Proposals, |moment, view| {
            if moment == Moment::End {
                return;
            }
            for p in view.proposals() {
                // What ended the day it passed was active in between.
                let last = before.insert(p.id, p.status).unwrap_or(Status::Candidate);
                let via = |middle: Status| last.may_become(middle) && middle.may_become(p.status);
                if last != p.status && !last.may_become(p.status) && !via(Status::Active) {
                    faults.push(format!("{} went from {last:?} to {:?}", p.id, p.status));
                }
                if let Some(passing) = p.passing && passing.conviction <= passing.trigger {
                    faults.push(format!("{} passed with {passing:?}", p.id));
                }
            }
        });
        prop_assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    /// Where nothing can pass, nothing does.
    #[test]
    fn hopeless_settings_grant_nothing(mut setting in settings(), seed in any::<u64>()) {
        setting.rules = RuleSet::Corrected.into();
        setting.parameters.rho = setting.parameters.beta * setting.parameters.beta * 1.001;
        prop_assert!(setting.warning().is_some());
        let outcome = Simulator::new().run(&setting, seed, 0);
        prop_assert_eq!(outcome.state.proposals_granted, 0);
        prop_assert_eq!(outcome.summary.days_nothing_could_pass, setting.days);
    }
}
