//! Extensions together: whichever are on, and however they are set, every invariant holds after every phase,
//! and runs reach their horizon or say why not. What there is and what it may be is asked of the model, so that a new
//! extension joins by itself.

use crate::runs::{simulate, simulate_in};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use conviction::engine::{
    Batch, Domain, Extensions, Key, Model, RunOf, Seeds, Setting, Simulator, Value,
};
use conviction::output::arrow_schema;
use conviction::study::axis::{Axis, Levels};
use conviction::study::design::{Design, Grid};
use conviction::study::execute::{Options, Slice};
use conviction::study::read::TableReader;
use conviction::study::record::Check;
use conviction::study::spec::{Factor, Role};
use conviction::study::{Dataset, OnFailure, Plan, Single, Spec, open_store, sweep, tables};
use fearless_simd::Level;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

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
        Domain::Document { .. } => Just((key.default)()).boxed(),
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
    let overrides = known.iter().flat_map(|&(name, most)| {
        let keys = plain.keys().changeable(name);
        keys.flat_map(move |key| (0..most).map(move |copy| (name, copy, key.name)))
    });
    let all = overrides.fold(all, |all, (name, copy, key)| {
        all.overriding(name, copy, key)
    });
    let all = plain.with_extensions(&all).unwrap();
    let (mut names, mut strategies) = (Vec::new(), Vec::new());
    for &key in all.keys().all().iter().filter(|key| key.alias.is_none()) {
        let of_an_extension = plain.keys().find(key.name).is_none() && key.overrides.is_none();
        names.push(key.name);
        let often = match key.name {
            // Many extensions have rules for real numbers only.
            "arithmetic" => 0.5,
            _ if of_an_extension => 0.6,
            _ => 0.1,
        };
        strategies.push(prop::option::weighted(often, values(key)));
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
    let overrides = case.set.iter().filter_map(|(name, _)| {
        let (extension, rest) = name.split_once('.')?;
        let (copy, key) = rest.split_once('.')?;
        plain.keys().find(key)?;
        Some((extension, copy.parse().ok()?, key))
    });
    let on = overrides.fold(on, |on, (extension, copy, key)| {
        let there = copy < on.copies(extension);
        if there {
            on.overriding(extension, copy, key)
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
            let overrides = key.overrides.map(|of| of.name);
            if [Some(key.name), of_copies.as_deref(), overrides].contains(&Some(fault.key)) {
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

/// How many random specs are swept: `CONVICTION_SPECS=5000` for a longer search.
fn specs() -> u32 {
    let given = std::env::var("CONVICTION_SPECS").ok();
    given.and_then(|given| given.parse().ok()).unwrap_or(100)
}

/// A spec of a case, which varies one key and writes every table; as its text is read.
fn spec_of(plain: &Model, case: &Case) -> Option<Spec> {
    let (model, setting) = sound(plain, case)?;
    let mut spec = Spec::of(&model);
    spec.seed = case.seed >> 1;
    spec.replicates = 3;
    // What a change sets, above all.
    let mut varied: Vec<_> = case.set.iter().collect();
    varied.sort_by_key(|(name, _)| !name.starts_with("change."));
    let key = varied.iter().find_map(|(name, _)| {
        let key = model.keys().find(name)?;
        (!key.is_long() && key.name != "days").then_some(key)
    })?;
    let (one, other) = (setting.value(key), (key.default)());
    if one != other {
        spec.factors.push(Factor {
            role: Role::Axis,
            axes: vec![Axis {
                key,
                levels: Levels::List(vec![one, other]),
            }],
            design: Design::Grid(Grid),
        });
    }
    spec.base = setting;
    spec.output.tables = tables::tables(&model).collect();
    let read = Spec::parse(plain, &spec.text(), "a spec", Path::new(""));
    Some(read.unwrap_or_else(|error| panic!("{error}\n{}", spec.text())))
}

/// The rows of a table of a dataset.
fn rows_of(dataset: &Dataset, plan: &Plan, table: &str) -> RecordBatch {
    let columns = plan.spec.columns_of(plan.spec.model.output(table).unwrap());
    let schema = arrow_schema(&columns);
    let folder = tables::folder(plan.spec.model.output(table).unwrap());
    let store = open_store(&dataset.directory).unwrap();
    let read = TableReader::new(store, &dataset.manifest, folder);
    let batches: Vec<_> = read.unwrap().map(Result::unwrap).collect();
    let batches: Vec<_> = batches
        .into_iter()
        .map(|batch| RecordBatch::try_new(schema.clone(), batch.columns().to_vec()).unwrap())
        .collect();
    arrow_select::concat::concat_batches(&schema, &batches).unwrap()
}

/// Asserts that every number of a table is finite, or missing.
fn assert_finite(rows: &RecordBatch, of: &str) {
    for (field, column) in rows.schema().fields().iter().zip(rows.columns()) {
        if let Some(reals) = column.as_primitive_opt::<Float64Type>() {
            let finite = reals.iter().flatten().all(f64::is_finite);
            assert!(finite, "{of}.{} is not finite", field.name());
        }
    }
}

/// S = F + E + L, on every row.
fn assert_adds_up(rows: &RecordBatch) {
    let column = |name: &str| rows[name].as_primitive::<Float64Type>();
    let total = column("total_supply");
    for row in (0..rows.num_rows()).filter(|&row| total.is_valid(row)) {
        let parts =
            ["funds", "effective_supply", "other_supply"].map(|name| column(name).value(row));
        let (sum, size) = (
            parts.iter().sum::<f64>(),
            parts.iter().map(|part| part.abs()).sum::<f64>(),
        );
        let total = total.value(row);
        assert!(
            (sum - total).abs() <= 1e-9 * size,
            "row {row}: {sum} in parts, {total} in all"
        );
    }
}

/// Simulates one run of a dataset again, with every table of a single run, from the dataset and from the file
/// that this writes of it: both equal its row to the bit.
fn assert_runs_again(dataset: &Dataset, plain: &Model, runs: &RecordBatch, run: usize) {
    let single = Single::of_dataset(dataset, plain, run as u64).unwrap();
    let written = Spec::parse_run(plain, &single.text(), "run.toml", Path::new(""));
    let written = Single::of(&written.unwrap_or_else(|error| panic!("{error}\n{}", single.text())));
    for single in [single, written] {
        let mut tables: Vec<_> = single.model.output("days").into_iter().copied().collect();
        tables.extend(single.detail());
        let mut given = Vec::new();
        let ended = single.simulate(&tables, &AtomicBool::new(false), |place, rows| {
            given.push((place, rows));
            Ok::<_, ()>(())
        });
        let ended = ended.unwrap().unwrap();
        for (place, rows) in &given {
            assert_finite(rows, tables[*place].name);
        }
        for (field, column) in ended
            .outcome
            .schema()
            .fields()
            .iter()
            .zip(ended.outcome.columns())
        {
            let row = runs[field.name().as_str()].slice(run, 1);
            assert_eq!(&row, column, "run {run}, {}", field.name());
        }
    }
}

/// Random specs, with whichever extensions: rows are finite or of failed runs, tokens add up, the bytes do not depend
/// on threads, and each run alone equals its row.
#[test]
fn any_spec_is_swept_and_runs_again() {
    let plain = conviction::model();
    let cases_wanted = specs();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: cases_wanted,
        max_global_rejects: 10 * cases_wanted,
        // A case that fails is printed whole; making it smaller takes long.
        max_shrink_iters: 0,
        ..ProptestConfig::default()
    });
    let result = runner.run(&cases(&plain), |case| {
        let Some(spec) = spec_of(&plain, &case) else {
            return Err(TestCaseError::reject("values exclude each other"));
        };
        let text = spec.text();
        let Ok(plan) = Plan::new(spec) else {
            return Err(TestCaseError::reject(
                "values of a point exclude each other",
            ));
        };
        let places = [1, 3].map(|threads| {
            let place = tempfile::tempdir().unwrap();
            let store = open_store(place.path().join("data")).unwrap();
            let options = Options {
                threads,
                resume: false,
                check: Check::Size,
                slice: Slice::Whole,
                on_failure: OnFailure::Record,
            };
            let swept = sweep(&plan, &*store, options, &(), &AtomicBool::new(false));
            swept.unwrap();
            place
        });
        let dataset =
            |place: &tempfile::TempDir| Dataset::open(&place.path().join("data")).unwrap();
        let [one, other] = [dataset(&places[0]), dataset(&places[1])];
        for table in &plan.spec.output.tables {
            let rows = rows_of(&one, &plan, table.name);
            prop_assert_eq!(&rows, &rows_of(&other, &plan, table.name), "{}", text);
            assert_finite(&rows, table.name);
            if ["runs", "days"].contains(&table.name) {
                assert_adds_up(&rows);
            }
        }
        let runs = rows_of(&one, &plan, "runs");
        assert_eq!(runs["run"].as_primitive::<Int64Type>().value(0), 0);
        assert_eq!(
            runs["last_day"].as_primitive::<Int32Type>().len() as u64,
            plan.runs
        );
        let last = plan.runs as usize - 1;
        for run in [0, last] {
            assert_runs_again(&one, &plain, &runs, run);
        }
        Ok(())
    });
    if let Err(error) = result {
        let case = match &error {
            TestError::Fail(_, case) => spec_of(&plain, case).map(|spec| spec.text()),
            TestError::Abort(_) => None,
        };
        panic!("{error}\n{}", case.unwrap_or_default());
    }
}
