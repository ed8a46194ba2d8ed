//! Once a batch is warm, runs allocate nothing; and gatherers of small plans reuse worlds.

use allocation_counter::measure;
use conviction::engine::{Batch, Extensions, Model, RunOf, Seeds, Setting, TableRows};
use conviction::study::gather::Gatherer;
use conviction::study::{Plan, Spec};
use fearless_simd::Level;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::thread::available_parallelism;

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

/// Returns the plan of a spec.
fn plan(text: &str) -> Plan {
    let spec = Spec::parse(&conviction::model(), text, "spec.toml", Path::new(""));
    Plan::new(spec.unwrap()).unwrap()
}

/// Returns the bytes allocated while the runs of a plan are simulated and gathered.
fn bytes(plan: &Plan) -> u64 {
    let gather = || {
        let mut gatherer = Gatherer::new(plan);
        let mut runs = (0..plan.runs).peekable();
        while runs.peek().is_some() {
            let stop = AtomicBool::new(false);
            gatherer.add(&mut runs, &stop, |_, failure| panic!("{failure:?}"));
        }
        black_box(gatherer.take());
    };
    measure(gather).bytes_total
}

/// Small plans that write the same columns share worlds, of which as many are kept as there are cores.
#[test]
fn gatherers_reuse_small_worlds() {
    let any = plan("days = 1");
    let columns = any.spec.columns_of(any.spec.model.output("days").unwrap());
    // Each writes two columns that no other writes both, of those after the numbers of runs and points.
    let pairs = columns.iter().rev().enumerate().flat_map(|(after, one)| {
        let others = columns.iter().rev().skip(after + 1);
        others.map(|other| {
            let pair = [&one.name, &other.name];
            format!("days = 1\noutput.tables = [\"days\"]\noutput.days = {pair:?}")
        })
    });
    let cores = available_parallelism().map_or(1, usize::from);
    let plans: Vec<_> = pairs.take(cores + 1).map(|text| plan(&text)).collect();
    let built: Vec<_> = plans.iter().map(bytes).collect();
    // Keeping the last has dropped the first; building the first again drops the second.
    let order = [cores, cores, 0, 0, 1, 1];
    let reused = order.map(|plan| bytes(&plans[plan]) < built[plan] / 2);
    assert_eq!(reused, [true, true, false, true, false, true]);
    let large = plan("days = 1\ninitial.participants = 3000");
    assert!(large.expected.largest.1 > f64::from(64 << 20));
    let [first, second] = [bytes(&large), bytes(&large)];
    assert!(second > first / 2, "{second} after {first} bytes");
}
