//! Once a batch is warm, runs allocate nothing.

use allocation_counter::measure;
use conviction::engine::{Batch, Extensions, Model, RunOf, Seeds, Setting, TableRows};
use fearless_simd::Level;
use std::hint::black_box;

/// The model with an attacker of each strategy, some by tokens of others, and a setting of it.
fn attacked() -> (Model, Setting) {
    let strategies = ["leech", "splitter", "spammer", "flash", "sybil", "renter"];
    let on = Extensions::default().with("attacker", strategies.len());
    let model = conviction::model().with_extensions(&on).unwrap();
    let mut setting = model.setting();
    for (attacker, strategy) in strategies.into_iter().enumerate() {
        let mut set = |key, value| setting.set(&format!("attacker.{attacker}.{key}"), value);
        set("share", 0.02).unwrap();
        set("accounts", 3.0).unwrap();
        setting
            .set(&format!("attacker.{attacker}.strategy"), strategy)
            .unwrap();
    }
    let setting = setting.with("attacker.4.source", "insiders").unwrap();
    (model, setting)
}

#[test]
fn warm_runs_allocate_nothing() {
    let plain = conviction::model();
    let on = Extensions::default().with("donations", 1).with("flows", 1);
    let trading = plain.with_extensions(&on.with("market", 1)).unwrap();
    let mut setting = trading.setting();
    for (key, value) in [("exit_rate", 0.05), ("lp_target", 0.3), ("lp_hurdle", 0.0)] {
        setting.set(&format!("market.{key}"), value).unwrap();
    }
    let (attacked, attack) = attacked();
    let on = ["holdings", "voting", "streaming"].iter();
    let on = on.fold(Extensions::default(), |on, name| on.with(name, 1));
    let voting = plain.with_extensions(&on).unwrap();
    let mut counted = voting.setting();
    for (key, word) in [
        ("holdings.law", "lognormal"),
        ("holdings.newcomers", "same"),
        ("voting.counted", "staked"),
        ("voting.stale", "keep"),
        ("voting.points", "quadratic"),
    ] {
        counted.set(key, word).unwrap();
    }
    for (key, value) in [("voting.abstain", 0.7), ("streaming.standing", 0.3)] {
        counted.set(key, value).unwrap();
    }
    let on = Extensions::default()
        .with("conflict", 1)
        .with("outcomes", 1);
    let moved = plain.with_extensions(&on).unwrap();
    let moving = moved.setting().with("conflict.acts", "both");
    let moving = moving
        .and_then(|setting| setting.with("outcomes.law", "add"))
        .unwrap();
    let rules = |rules| plain.setting().with("rules", rules).unwrap();
    for (name, model, setting) in [
        ("v3", &plain, rules("v3")),
        ("corrected", &plain, rules("corrected")),
        ("a market", &trading, setting),
        ("attacked", &attacked, attack),
        ("points and streams", &voting, counted),
        ("conflicts and outcomes", &moved, moving),
    ] {
        let together = model.together(&setting);
        assert!(together > 1);
        let mut batch = Batch::new(model, &setting, &["runs"], Level::new());
        let mut rows = TableRows::new(model, "runs");
        let mut simulate = |number: u64| {
            let first = number * together as u64;
            batch.begin((0..together).map(|place| RunOf {
                setting: &setting,
                seeds: Seeds {
                    root: 7,
                    world: first + place as u64,
                },
            }));
            while batch.going_on() > 0 {
                batch.advance();
            }
            batch.look_at_ends();
            for run in 0..together {
                batch.take(run, &mut rows);
            }
            assert_eq!(black_box(&rows).len(), together);
            rows.clear();
        };
        // The rarest of runs need the most room.
        for number in 0..100 {
            simulate(number);
        }
        let allocated = measure(|| (0..20).for_each(&mut simulate));
        assert_eq!(allocated.count_total, 0, "{name}: {allocated:?}");
    }
}
