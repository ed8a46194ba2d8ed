//! Plans run into memory hold what a dataset holds, and a run in detail is that row of it.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, Float64Array, RecordBatch, StringArray};
use arrow_select::concat::concat_batches;
use conviction::analyse::{EvaluateError, evaluate};
use conviction::prelude::*;
use conviction::study::execute::{Options, Slice, collect};
use conviction::study::forecast::Forecast;
use conviction::study::read::TableReader;
use conviction::study::record::Check;
use conviction::study::single::Ended;
use conviction::study::{Directory, OnFailure, Plan, Single, Spec, sweep};
use conviction::voting::{model_with, published, supply::Supply};
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const SPEC: &str = "seed = 3\nreplicates = 40\ndays = 20\n[axes]\nbeta = [0.05, 0.3]\n\
                    [model]\nrules = { over_release = \"v3\" }\n\
                    [output]\ntables = [\"runs\", \"days\"]\nevery = 10";

fn plan(spec: &str) -> Plan {
    let spec = Spec::parse(&conviction::model(), spec, "a spec", Path::new(""));
    Plan::new(spec.unwrap()).unwrap()
}

fn parse_run(text: &str) -> Spec {
    Spec::parse_run(&conviction::model(), text, "a run", Path::new("")).unwrap()
}

fn never() -> AtomicBool {
    AtomicBool::new(false)
}

fn whole(batches: &[RecordBatch]) -> RecordBatch {
    concat_batches(&batches[0].schema(), batches).unwrap()
}

#[test]
fn memory_holds_the_rows_of_the_dataset() {
    let plan = plan(SPEC);
    let place = tempfile::tempdir().unwrap();
    let options = Options {
        threads: 2,
        resume: false,
        check: Check::Size,
        slice: Slice::Whole,
        on_failure: OnFailure::Record,
    };
    let swept = sweep(&plan, &Directory::new(place.path()), options, &(), &never()).unwrap();
    for threads in [1, 3] {
        let collected = collect(&plan, threads, &(), &never()).unwrap();
        assert_eq!((collected.runs, collected.failed), (80, swept.failed));
        assert!(!collected.interrupted);
        for (table, rows) in &collected.tables {
            let store = Arc::new(Directory::new(place.path()));
            let read = TableReader::new(store, &swept.manifest, table.name).unwrap();
            let read: Vec<_> = read.map(Result::unwrap).collect();
            let (read, rows) = (whole(&read), whole(rows));
            assert_eq!(read.columns(), rows.columns(), "{}", table.name);
        }
    }
    let stopped = collect(&plan, 2, &(), &AtomicBool::new(true)).unwrap();
    assert!(stopped.interrupted && stopped.runs == 0);
}

#[test]
fn a_plan_that_is_asked_to_stop_is_none() {
    let designs = [
        "[axes]\nbeta = [0.1, 0.2]",
        "[axes]\nbeta = { from = 0.1, to = 0.2 }\n[design]\nkind = \"latin-hypercube\"\npoints = 9",
        "[axes]\nbeta = { from = 0.1, to = 0.2 }\n[design]\nkind = \"saltelli\"\npoints = 8",
    ];
    for design in designs {
        let spec = || Spec::parse(&conviction::model(), design, "a spec", Path::new("")).unwrap();
        let stopped = Plan::interruptible(spec(), &AtomicBool::new(true));
        assert!(stopped.unwrap().is_none(), "{design}");
        let whole = Plan::interruptible(spec(), &never()).unwrap().unwrap();
        assert_eq!(whole.points, Plan::new(spec()).unwrap().points, "{design}");
    }
}

#[test]
fn a_damaged_part_is_no_table() {
    let plan = plan("replicates = 3\ndays = 2");
    let place = tempfile::tempdir().unwrap();
    let store = || Arc::new(Directory::new(place.path()));
    let options = Options {
        threads: 1,
        resume: false,
        check: Check::Size,
        slice: Slice::Whole,
        on_failure: OnFailure::Record,
    };
    let manifest = sweep(&plan, &*store(), options, &(), &never())
        .unwrap()
        .manifest;
    assert!(TableReader::points(store()).is_ok());
    let Err(error) = TableReader::new(store(), &manifest, "day") else {
        panic!("there is no such table");
    };
    assert!(error.to_string().contains("it has runs"), "{error}");
    let file = place.path().join("runs/part-000000.parquet");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let Err(error) = TableReader::new(store(), &manifest, "runs") else {
        panic!("it was altered");
    };
    assert!(
        error.to_string().contains("differs from what was written"),
        "{error}"
    );
}

fn points() -> RecordBatch {
    let beta = Arc::new(Float64Array::from(vec![0.05, 0.3, 0.05]));
    let rules = Arc::new(StringArray::from(vec!["v3", "corrected", "v3"]));
    RecordBatch::try_from_iter([("beta", beta as _), ("rules", rules as _)]).unwrap()
}

#[test]
fn points_come_to_the_means_of_their_runs() {
    let mut base = Spec::of(&conviction::model());
    base.assign_from("settings", &["days=30".to_owned()])
        .unwrap();
    let mut spec = base.over_points(&points()).unwrap();
    spec.replicates = 50;
    let plan = Plan::new(spec).unwrap();
    let outcomes = ["funds", "median_days_to_pass", "candidate_count"];
    let means = evaluate(&plan, &outcomes, 2, &(), &never())
        .unwrap()
        .unwrap();
    assert_eq!((means.num_rows(), means.num_columns()), (3, 4));
    // Equal points meet equal worlds.
    assert_eq!(means.slice(0, 1).columns(), means.slice(2, 1).columns());

    let collected = collect(&plan, 1, &(), &never()).unwrap();
    let rows = whole(&collected.tables[0].1);
    let column = |name: &str| rows.column_by_name(name).unwrap();
    let point = column("point").as_primitive::<Int32Type>();
    for (place, name) in outcomes.iter().enumerate() {
        let mean = means.column(place).as_primitive::<Float64Type>();
        let numbers = arrow_numbers(column(name));
        for of in 0..3 {
            let own: Vec<f64> = (0..rows.num_rows())
                .filter(|&row| point.value(row) == of)
                .filter_map(|row| numbers[row])
                .collect();
            // Nothing passes under so low a beta: then there is no mean.
            assert_eq!(
                mean.is_null(of as usize),
                own.is_empty(),
                "{name} of point {of}"
            );
            if own.is_empty() {
                continue;
            }
            let expected = own.iter().sum::<f64>() / own.len() as f64;
            let found = mean.value(of as usize);
            assert!(
                (found - expected).abs() <= 1e-12 * expected.abs(),
                "{name} of point {of}"
            );
        }
    }
}

fn arrow_numbers(column: &Arc<dyn Array>) -> Vec<Option<f64>> {
    match column.as_primitive_opt::<Float64Type>() {
        Some(reals) => reals.iter().collect(),
        None => {
            let counts = column.as_primitive::<Int32Type>();
            counts.iter().map(|count| count.map(f64::from)).collect()
        }
    }
}

#[test]
fn what_makes_no_sense_is_refused_by_name() {
    let base = || Spec::of(&conviction::model());
    let plan = Plan::new(base().over_points(&points()).unwrap()).unwrap();
    let error = evaluate(&plan, &["fund"], 1, &(), &never()).unwrap_err();
    assert!(matches!(&error, EvaluateError::Outcome { .. }));
    assert!(error.to_string().contains("did you mean funds?"), "{error}");
    assert!(evaluate(&plan, &["status"], 1, &(), &never()).is_err());
    let mut fixed = base();
    fixed
        .assign_from("settings", &["beta=0.2".to_owned()])
        .unwrap();
    let Err(error) = fixed.over_points(&points()) else {
        panic!("beta is fixed and varied");
    };
    assert!(
        error
            .to_string()
            .contains("beta: repeats beta, which is fixed"),
        "{error}"
    );
    let wrong = base().assign_from("settings", &["betta=1".to_owned(), "rho=-1".to_owned()]);
    let text = wrong.unwrap_err().to_string();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.starts_with("settings: betta"), "{text}");
}

/// The tables of a run by name, and how it ended.
fn detail(single: &Single, tables: &[&str]) -> (Vec<RecordBatch>, Ended) {
    let outputs = single.model.outputs().iter();
    let asked: Vec<_> = outputs
        .filter(|of| tables.contains(&of.name))
        .copied()
        .collect();
    let mut rows = vec![Vec::new(); asked.len()];
    let ended = single.simulate(&asked, &never(), |place, batch| {
        rows[place].push(batch);
        Ok::<_, Infallible>(())
    });
    let by_name = tables.iter().map(|name| {
        let place = asked.iter().position(|of| of.name == *name);
        whole(&rows[place.unwrap()])
    });
    (by_name.collect(), ended.unwrap().unwrap())
}

#[test]
fn a_run_in_detail_is_the_row_of_its_sweep() {
    let spec = parse_run("seed = 3\ndays = 20");
    let (tables, ended) = detail(&Single::of(&spec), &["days", "proposals"]);
    assert_eq!((tables[0].num_rows(), ended.last_day), (21, 20));
    let plan = plan("seed = 3\nreplicates = 1\ndays = 20");
    let rows = whole(&collect(&plan, 1, &(), &never()).unwrap().tables[0].1);
    for field in ended.outcome.schema().fields() {
        let (one, other) = (
            ended.outcome.column_by_name(field.name()),
            rows.column_by_name(field.name()),
        );
        assert_eq!(one, other, "{}", field.name());
    }
}

/// Rows of days beyond a batch are handed over while the run goes on.
#[test]
fn a_run_of_many_rows_is_handed_over_in_batches() {
    let spec = parse_run("seed = 3\ndays = 80");
    let (tables, ended) = detail(&Single::of(&spec), &["days", "proposals", "support_edges"]);
    assert_eq!((tables[0].num_rows(), ended.last_day), (81, 80));
    let days = tables[2].column_by_name("day").unwrap();
    let days = days.as_primitive::<Int32Type>().values();
    assert!(days.len() > 1 << 16, "{}", days.len());
    assert!(days.is_sorted() && days.first() == Some(&0) && days.last() == Some(&80));
}

#[test]
fn the_published_frame_has_the_published_names() {
    let text = "seed = 3\ndays = 20\n[model]\nrules = \"v3\"";
    let single = Single::of(&parse_run(text));
    assert!(published::is_published(&single.setting));
    let (tables, _) = detail(&single, &["days", "proposals"]);
    let frame = published::frame(&tables[0], &tables[1]).unwrap();
    assert_eq!(frame.num_rows(), 20);
    let list = |name: &str, row: usize| {
        let lists = frame.column_by_name(name).unwrap().as_list::<i32>();
        lists
            .value(row)
            .as_primitive::<Float64Type>()
            .values()
            .to_vec()
    };
    let count = |name: &str, row: usize| {
        let counts = frame.column_by_name(name).unwrap();
        counts.as_primitive::<Int32Type>().value(row) as usize
    };
    for row in 0..20 {
        assert_eq!(count("timestep", row), row + 1);
        assert_eq!(list("conviction", row).len(), count("candidate_count", row));
        let statuses = ["candidate", "active", "completed", "failed", "killed"];
        let all: usize = statuses
            .iter()
            .map(|of| count(&format!("{of}_count"), row))
            .sum();
        assert_eq!(list("age_all", row).len(), all);
        let asked: f64 = list("candidate_funds_requested", row).iter().sum();
        let funds = frame.column_by_name("candidate_funds").unwrap();
        let funds = funds.as_primitive::<Float64Type>().value(row);
        assert!((asked - funds).abs() <= 1e-9 * funds);
        let pool = frame.column_by_name("funds").unwrap();
        let pool = pool.as_primitive::<Float64Type>().value(row);
        for of in ["", "_all"] {
            let requests = match of {
                "" => list("candidate_funds_requested", row),
                _ => list("funds_requested", row),
            };
            let shares: Vec<_> = requests.iter().map(|request| request / pool).collect();
            assert_eq!(list(&format!("share_of_funds_requested{of}"), row), shares);
        }
    }
    let stages = frame
        .column_by_name("fractionOfProposalStages")
        .unwrap()
        .as_struct();
    let repeated = frame.column_by_name("percentageOfActiveProposals").unwrap();
    assert_eq!(
        stages.column_by_name("percentageOfActive").unwrap(),
        repeated
    );
    assert!(published::frame(&tables[1], &tables[0]).is_err());
}

/// Points at which nothing can pass, between those at which many runs crash: both in each part.
const CRASHES: &str = "seed = 3\nrandomness = \"independent\"\nreplicates = 2\ndays = 3\n\
                       [model]\nrules = { over_release = \"v3\" }\nrho = 1e-5\n[axes]\n\
                       \"initial.sentiment\" = { from = 0.5, to = 0.9, steps = 100 }\n\
                       beta = [0.003, 0.99]\n";

/// A run that crashes in the batch of others leaves their own gaps as they are.
#[test]
fn outcomes_without_a_value_stay_empty_beside_failed_runs() {
    let plan = plan(CRASHES);
    let collected = collect(&plan, 1, &(), &never()).unwrap();
    let rows = whole(&collected.tables[0].1);
    let status = rows.column_by_name("status").unwrap().as_string::<i32>();
    let of = |name: &str| arrow_numbers(rows.column_by_name(name).unwrap());
    let (granted, median, funds) = (
        of("proposals_granted"),
        of("median_days_to_pass"),
        of("funds"),
    );
    let (mut failed, mut none, mut some) = (0, 0, 0);
    for row in 0..rows.num_rows() {
        if status.value(row) == "failed" {
            assert_eq!((granted[row], median[row], funds[row]), (None, None, None));
            failed += 1;
        } else {
            assert!(funds[row].is_some());
            assert_eq!(median[row].is_some(), granted[row] > Some(0.0), "row {row}");
            none += usize::from(median[row].is_none());
            some += usize::from(median[row].is_some());
        }
    }
    assert!(failed > 0 && none > 0 && some > 0, "{failed} {none} {some}");
}

#[test]
fn completed_counts_the_runs_that_reached_their_horizon() {
    let plan = plan(CRASHES);
    let collected = collect(&plan, 1, &(), &never()).unwrap();
    let means = evaluate(&plan, &["funds"], 2, &(), &never())
        .unwrap()
        .unwrap();
    let completed = means.column_by_name("completed").unwrap();
    let completed = completed.as_primitive::<Int32Type>().values().to_vec();
    let rows = whole(&collected.tables[0].1);
    let status = rows.column_by_name("status").unwrap().as_string::<i32>();
    let of = |point: usize| {
        let own = 2 * point..2 * (point + 1);
        own.filter(|&row| status.value(row) == "completed").count() as i32
    };
    assert_eq!(completed, (0..200).map(of).collect::<Vec<_>>());
    assert!(collected.failed > 0);
    let all: i32 = completed.iter().sum();
    assert_eq!(all as u64, 400 - collected.failed);
}

/// The last day is a row of `days` whatever the step between rows.
#[test]
fn the_horizon_is_a_row_of_the_days() {
    for (days, every, expected) in [
        (60, 7, vec![0, 7, 14, 21, 28, 35, 42, 49, 56, 60]),
        (14, 7, vec![0, 7, 14]),
        (3, 7, vec![0, 3]),
    ] {
        let text = format!(
            "replicates = 2\ndays = {days}\n[output]\ntables = [\"runs\", \"days\"]\nevery = {every}\n"
        );
        let collected = collect(&plan(&text), 1, &(), &never()).unwrap();
        let rows = whole(&collected.tables[1].1);
        let day = rows.column_by_name("day").unwrap();
        let day = day.as_primitive::<Int32Type>().values().to_vec();
        assert_eq!(day, [&expected[..], &expected[..]].concat());
    }
}

/// Of runs that fail, the days and the proposals end at the last valid day.
#[test]
fn tables_of_failed_runs_end_at_their_last_valid_day() {
    let text = format!("{CRASHES}\n[output]\ntables = [\"runs\", \"days\", \"proposals\"]\n");
    let collected = collect(&plan(&text), 1, &(), &never()).unwrap();
    let [runs, days, proposals] = [0, 1, 2].map(|table| whole(&collected.tables[table].1));
    let whole_numbers = |rows: &RecordBatch, name: &str| -> Vec<Option<i64>> {
        match rows
            .column_by_name(name)
            .unwrap()
            .as_primitive_opt::<Int32Type>()
        {
            Some(counts) => counts.iter().map(|count| count.map(i64::from)).collect(),
            None => rows
                .column_by_name(name)
                .unwrap()
                .as_primitive::<Int64Type>()
                .iter()
                .collect(),
        }
    };
    let status = runs.column_by_name("status").unwrap().as_string::<i32>();
    let last_day = whole_numbers(&runs, "last_day");
    let last_valid: Vec<i64> = (0..runs.num_rows())
        .map(|run| last_day[run].unwrap() - i64::from(status.value(run) == "failed"))
        .collect();
    let mut failed = 0;
    let last_row = |rows: &RecordBatch, name: &str| {
        let (run, day) = (whole_numbers(rows, "run"), whole_numbers(rows, name));
        let mut last = vec![None; last_valid.len()];
        for (run, day) in run.into_iter().zip(day) {
            let last: &mut Option<i64> = &mut last[run.unwrap() as usize];
            *last = (*last).max(day);
        }
        last
    };
    for (run, day) in last_row(&days, "day").into_iter().enumerate() {
        assert_eq!(day, Some(last_valid[run]), "run {run}");
        failed += u32::from(status.value(run) == "failed");
    }
    for column in ["day_created", "day_left"] {
        for (run, day) in last_row(&proposals, column).into_iter().enumerate() {
            assert!(
                day.is_none_or(|day| day <= last_valid[run]),
                "run {run}, {column}"
            );
        }
    }
    // Even where all of them left on the day before, the proposals are there.
    let with_proposals = last_row(&proposals, "day_created")
        .into_iter()
        .flatten()
        .count();
    assert!(
        failed > 10 && with_proposals > 100,
        "{failed} failed, {with_proposals} have proposals"
    );
}

columns! {
    /// A number that is infinite on day 5.
    PoleRow, PoleRows {
        pole: f64, "1/days", "1 / (5 - day)";
    }
}

fn show_pole(mut runs: Sampled<(&Supply, &mut Gathered<PoleRows>)>) {
    for (run, (_, rows)) in runs.batch() {
        let pole = 1.0 / (5.0 - f64::from(run.day));
        rows.push(PoleRow { pole });
    }
}

fn pole(model: &mut ModelBuilder) {
    model.columns::<PoleRows, _>(&["days"], show_pole);
}

/// A run fails on the first day with such a number; its rows end the day before.
#[test]
fn a_number_that_is_not_finite_fails_the_run() {
    let model = model_with(&[Feature::new("pole", 1, pole)]);
    let text = "replicates = 3\ndays = 9\n[output]\ntables = [\"runs\", \"days\"]";
    let spec = Spec::parse(&model, text, "a spec", Path::new("")).unwrap();
    let collected = collect(&Plan::new(spec).unwrap(), 1, &(), &never()).unwrap();
    assert_eq!((collected.runs, collected.failed), (3, 3));
    let [runs, days] = [0, 1].map(|table| whole(&collected.tables[table].1));
    let numbers = |rows: &RecordBatch, name: &str| {
        let column = rows.column_by_name(name).unwrap();
        column.as_primitive::<Int32Type>().values().to_vec()
    };
    let reason = runs.column_by_name("reason").unwrap().as_string::<i32>();
    assert!(reason.iter().all(|reason| reason == Some("not_finite")));
    assert_eq!(numbers(&runs, "last_day"), [5; 3]);
    assert_eq!(numbers(&days, "day"), [0, 1, 2, 3, 4].repeat(3));
}

/// Whoever simulates the pieces of a part, its files are the same.
#[test]
fn threads_that_help_change_no_byte() {
    let text = "replicates = 90\ndays = 20\n[axes]\nbeta = [0.2, 0.3]\n\
                [output]\ntables = [\"runs\", \"days\", \"proposals\"]";
    let mut plan = plan(text);
    // Runs that are expected to take long are cut into more pieces.
    plan.expected.nanoseconds *= 1000.0;
    assert!(plan.pieces(0).len() > 2, "{:?}", plan.pieces(0));
    let all: Vec<_> = (0..plan.parts.count)
        .flat_map(|part| plan.pieces(part))
        .collect();
    assert!(all.is_sorted_by(|one, next| one.end == next.start));
    assert_eq!((all[0].start, all[all.len() - 1].end), (0, plan.runs));
    assert_eq!(plan.workers(1000), all.len());
    let files = |threads| {
        let place = tempfile::tempdir().unwrap();
        let options = Options {
            threads,
            resume: false,
            check: Check::Size,
            slice: Slice::Whole,
            on_failure: OnFailure::Record,
        };
        sweep(&plan, &Directory::new(place.path()), options, &(), &never()).unwrap();
        let records = std::fs::read_dir(place.path().join("parts")).unwrap();
        let mut records: Vec<_> = records
            .map(|record| std::fs::read_to_string(record.unwrap().path()).unwrap())
            .collect();
        records.sort();
        records
    };
    let one = files(1);
    assert_eq!(one.len() as u64, plan.parts.count + 2);
    for threads in [2, 3, 9] {
        assert_eq!(files(threads), one, "{threads} threads");
    }
}

#[test]
fn columns_that_are_chosen_are_those_of_the_whole_table() {
    let tables = |output: &str| {
        let text =
            format!("replicates = 3\ndays = 30\n[axes]\nbeta = [0.2, 0.3]\n[output]\n{output}");
        let plan = plan(&text);
        // What is written of the spec says the same.
        let again = Spec::parse(
            &conviction::model(),
            &plan.spec_text(),
            "again",
            Path::new(""),
        );
        assert_eq!(
            Plan::new(again.unwrap()).unwrap().spec_text(),
            plan.spec_text()
        );
        let collected = collect(&plan, 1, &(), &never()).unwrap().tables;
        let all = collected.into_iter().map(|(_, rows)| whole(&rows));
        all.collect::<Vec<_>>()
    };
    let names = |rows: &RecordBatch| {
        let schema = rows.schema();
        let names = schema.fields().iter().map(|field| field.name().clone());
        names.collect::<Vec<_>>()
    };
    let all = tables("days = \"all\"\nproposals = \"all\"");
    let few = tables(
        "days = [\"killed_share\", \"sentiment\", \"funds\"]\nruns = [\"funds\"]\nproposals = [\"status\"]",
    );
    let ids = ["run", "point", "replicate", "beta"];
    let expected: [&[&str]; 3] = [
        &["status", "reason", "last_day", "funds"],
        &["day", "funds", "sentiment", "killed_share"],
        &["proposal", "status"],
    ];
    for ((few, all), own) in few.iter().zip(&all).zip(expected) {
        let mut names = names(few);
        assert_eq!(names[..4], ids);
        names[4..].sort();
        let mut own = own.to_vec();
        own.sort();
        assert_eq!(names[4..], own);
        for name in &names {
            assert_eq!(few.column_by_name(name), all.column_by_name(name), "{name}");
        }
    }
    // By default, all that does not follow from others.
    let usual = tables("tables = [\"days\"]");
    let (usual, all) = (names(&usual[1]), names(&all[1]));
    let missing: Vec<_> = all.iter().filter(|name| !usual.contains(name)).collect();
    assert_eq!(missing.len(), 10);
    assert!(
        missing.iter().all(|name| name.ends_with("_share")),
        "{missing:?}"
    );
}

#[test]
fn columns_that_cannot_be_chosen_are_named() {
    let faults = |text: &str| {
        let spec = Spec::parse(&conviction::model(), text, "a spec", Path::new(""));
        spec.err().unwrap().to_string()
    };
    for (text, fault) in [
        (
            "[output]\ndays = [\"fund\"]",
            "output.days: unknown column \"fund\" of days; did you mean \"funds\"?; `conviction schema days` lists all",
        ),
        (
            "[output]\nruns = []",
            "output.runs: expected a list of columns",
        ),
        (
            "[output]\nruns = \"some\"",
            "output.runs: expected a list of columns",
        ),
        (
            "[output]\nruns = [\"funds\", \"sentiment\", \"funds\"]",
            "output.runs: funds is listed twice; keep one",
        ),
        (
            "[output]\ntables = [\"runs\"]\ndays = [\"funds\"]",
            "output.days: output.tables lacks this table; add \"days\" to it, or remove output.days",
        ),
        (
            "[[objective]]\ncolumn = \"proposals_granted\"\n[output]\nruns = [\"funds\"]",
            "output.runs: the objective proposals_granted needs the column proposals_granted",
        ),
        (
            "[output]\ndais = [\"funds\"]",
            "output.dais: unknown key; did you mean days?",
        ),
    ] {
        let found = faults(text);
        assert!(found.contains(fault), "{found}");
    }
}

/// Worlds outlive their plan, and what they simulated before leaves no trace.
#[test]
fn worlds_that_are_kept_give_what_new_ones_give() {
    let one = plan("seed = 5\nreplicates = 20\ndays = 30");
    let other = plan("seed = 6\nreplicates = 30\ndays = 50\n[initial]\nparticipants = 60");
    let rows = |plan: &Plan| whole(&collect(plan, 1, &(), &never()).unwrap().tables[0].1);
    let first = [rows(&one), rows(&other)];
    for _ in 0..3 {
        assert_eq!([rows(&one), rows(&other)], first);
    }
    // In several threads at once, of which none waits for another's worlds.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!([rows(&one), rows(&other)], first));
        }
    });
}

/// Sweeps in one thread; returns the seconds that it took, and the bytes of the files of `runs` and `days`.
fn time_and_size(plan: &Plan) -> (f64, f64) {
    let place = tempfile::tempdir().unwrap();
    let options = Options {
        threads: 1,
        resume: false,
        check: Check::Size,
        slice: Slice::Whole,
        on_failure: OnFailure::Record,
    };
    let begun = Instant::now();
    sweep(plan, &Directory::new(place.path()), options, &(), &never()).unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    let tables = ["runs", "days"].map(|table| std::fs::read_dir(place.path().join(table)));
    let files = tables.into_iter().flat_map(Result::unwrap);
    let sizes = files.map(|file| file.unwrap().metadata().unwrap().len());
    (seconds, sizes.sum::<u64>() as f64)
}

/// What is expected of a sweep is what it takes, within a factor of two. A busy machine only ever adds time, so the least
/// of a few measurements counts.
#[test]
fn a_forecast_comes_true() {
    let is_near = |ratio: f64| (0.5..2.0).contains(&ratio);
    let [mut expected, mut taken] = [f64::INFINITY; 2];
    for seed in 0..8 {
        let text = format!(
            "seed = {seed}\nreplicates = 200\ndays = 30\n[axes]\nbeta = [0.2, 0.3, 0.4]\n[output]\ntables = [\"runs\", \"days\"]\nevery = 20"
        );
        let plan = plan(&text);
        let forecast = Forecast::measured(&plan);
        assert!(forecast.measured > 0);
        let (seconds, bytes) = time_and_size(&plan);
        let ratio = forecast.bytes / bytes;
        assert!(is_near(ratio), "bytes: {ratio}");
        expected = expected.min(forecast.seconds);
        taken = taken.min(seconds);
    }
    assert!(is_near(expected / taken), "{expected} s, but {taken} s");
}

/// The frame of each file counts in the size of a sweep, measured or only expected. Runs of one day are so short that even
/// a busy machine measures enough of them, in optimised builds.
#[test]
fn a_forecast_of_bytes_counts_the_frame_of_each_file() {
    let plan = plan(
        "replicates = 2100\ndays = 1\n[initial]\nparticipants = 2\nproposals = 1\n[output]\ntables = [\"runs\", \"days\"]",
    );
    assert!(plan.parts.count > 30);
    let forecast = Forecast::measured(&plan);
    let ratio = forecast.bytes / time_and_size(&plan).1;
    assert!((0.5..2.0).contains(&ratio), "{ratio}");
}
