//! Extensions together: whichever are on, and however they are set, every invariant holds after every phase,
//! and runs reach their horizon or say why not. What there is and what it may be is asked of the model, so that a new
//! extension joins by itself.

use crate::runs::{simulate, simulate_in};
use conviction::engine::{
    Batch, Domain, Extensions, Key, Model, RunOf, Seeds, Setting, Simulator, Value,
};
use fearless_simd::Level;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Most copies of an extension of which there may be several.
const COPIES: usize = 2;
/// How long runs last.
const DAYS: u32 = 60;
/// How many settings are tried.
const CASES: u32 = 2000;

/// What is on, and what is set.
#[derive(Clone, Debug)]
struct Case {
    on: Vec<(&'static str, usize)>,
    set: Vec<(&'static str, Value)>,
    seed: u64,
}

/// Values of a key's domain, its bounds among them; where these are far, some multiples of the default: further
/// out tokens are lost to roundings, and runs end for that.
fn values(key: &'static Key) -> BoxedStrategy<Value> {
    let default = match (key.default)() {
        Value::Real(number) => number,
        Value::Count(number) => number as f64,
        _ => 0.0,
    };
    let usual = if default == 0.0 { 1.0 } else { 3.0 * default };
    match key.domain {
        Domain::Real { low, high, .. } => {
            let low = if low.is_finite() { low } else { -usual };
            let far = usual.max(2.0 * low);
            let high = if high <= 10.0 * far { high } else { far };
            let numbers = prop_oneof![1 => Just(low), 1 => Just(high), 6 => low..=high];
            numbers
                .prop_filter_map("a bound left out", |number| key.number(number))
                .boxed()
        }
        Domain::Count { low, high } => {
            let most = high.min(low.max(5) + 2 * default as u64);
            (low..=most).prop_map(Value::Count).boxed()
        }
        Domain::Names(names) => prop::sample::select(names).prop_map(Value::Name).boxed(),
        Domain::List { most, .. } => {
            let numbers = prop::collection::vec(0.1..100.0f64, 1..=most.min(20));
            numbers
                .prop_filter_map("no list", |numbers| key.numbers(&numbers))
                .boxed()
        }
    }
}

/// Combinations of extensions, with values of some of their keys and of a few others.
fn cases(plain: &Model) -> impl Strategy<Value = Case> + use<> {
    let most = |most: Option<usize>| most.unwrap_or(1).min(COPIES);
    let known: Vec<_> = plain
        .extensions()
        .iter()
        .map(|e| (e.name, most(e.most)))
        .collect();
    let all = known
        .iter()
        .fold(Extensions::default(), |all, &(name, most)| {
            all.with(name, most)
        });
    let anew = known.iter().flat_map(|&(name, most)| {
        let keys = plain.to_be_said_anew(name);
        keys.flat_map(move |key| (0..most).map(move |copy| (name, copy, key.name)))
    });
    let all = anew.fold(all, |all, (name, copy, key)| {
        all.saying_anew(name, copy, key)
    });
    let all = plain.with_extensions(&all).unwrap();
    let (mut names, mut strategies) = (Vec::new(), Vec::new());
    for &key in all.keys().all().iter().filter(|key| key.alias.is_none()) {
        let of_an_extension = plain.keys().find(key.name).is_none() && key.anew.is_none();
        names.push(key.name);
        strategies.push(prop::option::weighted(
            if of_an_extension { 0.6 } else { 0.1 },
            values(key),
        ));
    }
    let copies: Vec<_> = known
        .iter()
        .map(|&(_, most)| prop_oneof![Just(0), 1..=most])
        .collect();
    (copies, strategies, any::<u64>()).prop_map(move |(copies, values, seed)| Case {
        on: known
            .iter()
            .map(|&(name, _)| name)
            .zip(copies)
            .filter(|&(_, copies)| copies > 0)
            .collect(),
        set: names
            .iter()
            .copied()
            .zip(values)
            .filter_map(|(name, value)| Some((name, value?)))
            .collect(),
        seed,
    })
}

/// The model and the setting of a case. Values that exclude each other make way to defaults, one after
/// another; `None` where that is not enough.
fn sound(plain: &Model, case: &Case) -> Option<(Model, Setting)> {
    let on = case
        .on
        .iter()
        .fold(Extensions::default(), |on, &(name, copies)| {
            on.with(name, copies)
        });
    // Values that a copy says anew of other keys: change.0.beta of beta.
    let anew = case.set.iter().filter_map(|(name, _)| {
        let (extension, rest) = name.split_once('.')?;
        let (copy, key) = rest.split_once('.')?;
        plain.keys().find(key)?;
        Some((extension, copy.parse().ok()?, key))
    });
    let on = anew.fold(on, |on, (extension, copy, key)| {
        let there = copy < on.copies(extension);
        if there {
            on.saying_anew(extension, copy, key)
        } else {
            on
        }
    });
    let model = plain.with_extensions(&on).unwrap();
    let mut setting = model.setting();
    for &(name, value) in &case.set {
        if let Some(key) = model.keys().find(name) {
            setting.put(key, value);
        }
    }
    setting.set("days", DAYS).unwrap();
    for _ in 0..case.set.len() {
        let Some(fault) = setting.fault() else {
            break;
        };
        for key in model.keys().all() {
            // A fault of several copies names no copy.
            let (table, name) = key.table();
            let of_copies = table.map(|table| format!("{table}.{name}"));
            if key.name == fault.key || of_copies.as_deref() == Some(fault.key) {
                setting.put(key, (key.default)());
            }
        }
    }
    setting.fault().is_none().then_some((model, setting))
}

/// Systems that no run needs may be passed over, or not: it changes nothing.
fn needless_systems_do_nothing(
    model: &Model,
    setting: &Setting,
    seed: u64,
) -> Result<(), TestCaseError> {
    let seeds = Seeds {
        root: seed,
        world: 0,
    };
    let mut batch = Batch::new(model, setting, &["runs"], Level::new());
    batch.run_every_system();
    let run = RunOf { setting, seeds };
    let mut every = simulate_in(&mut batch, model, &["runs"], &[run], |_| true);
    let mut needed = simulate(model, &["runs"], setting, seed, 0);
    prop_assert_eq!(every[0].batch("runs"), needed.batch("runs"));
    Ok(())
}

#[test]
fn any_combination_runs() {
    let plain = conviction::model();
    let failed = Cell::new(0);
    let tried = RefCell::new(BTreeMap::<_, u32>::new());
    let mut runner = TestRunner::new(ProptestConfig {
        cases: CASES,
        max_global_rejects: CASES,
        ..ProptestConfig::default()
    });
    let result = runner.run(&cases(&plain), |case| {
        let Some((model, setting)) = sound(&plain, &case) else {
            return Err(TestCaseError::reject("values exclude each other"));
        };
        let outcome = |simulator: &mut Simulator, world| {
            simulator
                .outcome("runs", &setting, case.seed, world)
                .unwrap()
        };
        let mut kept = Simulator::new(&model, &["runs"]);
        outcome(&mut kept, 1);
        let again = outcome(&mut kept, 0);
        match again.failure {
            None => prop_assert_eq!(again.last_day, DAYS),
            // A run may end early, and says why; most do not.
            Some(_) => failed.set(failed.get() + 1),
        }
        // A batch forgets the runs before, and results are the same for vectors of any width.
        let mut narrow = Simulator::with_vectors(&model, &["runs"], Level::baseline());
        prop_assert_eq!(&again, &outcome(&mut narrow, 0));
        needless_systems_do_nothing(&model, &setting, case.seed)?;
        let mut tried = tried.borrow_mut();
        for (place, &(one, _)) in case.on.iter().enumerate() {
            for &(other, _) in &case.on[place..] {
                *tried.entry((one, other)).or_default() += 1;
            }
        }
        Ok(())
    });
    if let Err(error) = result {
        let case = match &error {
            TestError::Fail(_, case) => format!("{case:#?}"),
            TestError::Abort(_) => String::new(),
        };
        panic!("{error}\n{case}");
    }
    assert!(failed.get() < CASES / 3, "{} runs failed", failed.get());
    // Each has been on with each other, and often.
    let names: Vec<_> = plain
        .extensions()
        .iter()
        .map(|extension| extension.name)
        .collect();
    let tried = tried.into_inner();
    for (place, &one) in names.iter().enumerate() {
        for &other in &names[place..] {
            let times = tried.get(&(one, other)).copied().unwrap_or(0);
            assert!(times > CASES / 10, "{one} and {other}: {times}");
        }
    }
}
