//! Measures sweeps to Parquet: runs per second by number of threads, and the cost of writing.
//!
//! ```text
//! cargo bench --bench sweeping [-- FILTER]
//! ```
//!
//! The difference between a sweep of one table and the same runs without output (bench `engine`, `run`, which
//! also collects outcomes) is the cost of naming points, encoding and writing.

use conviction::study::execute::{Options, Slice, sweep};
use conviction::study::record::Check;
use conviction::study::{Directory, OnFailure, Plan, Spec};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::path::Path;
use std::sync::atomic::AtomicBool;

#[global_allocator]
static ALLOCATOR: conviction::Aligned = conviction::Aligned;

fn plan(rules: &str, replicates: u32, tables: &str) -> Plan {
    let spec = format!(
        "replicates = {replicates}\n[model]\nrules = \"{rules}\"\n[axes]\nbeta = [0.1, 0.2, 0.3, 0.4]\n\
         [output]\ntables = {tables}"
    );
    let model = conviction::model();
    let spec = Spec::parse(&model, &spec, "the bench's spec", Path::new(""));
    let spec = spec.expect("a sound spec");
    Plan::new(spec).expect("a sound spec")
}

fn run(plan: &Plan, threads: usize) {
    let directory = tempfile::tempdir().expect("room on the disk");
    let options = Options {
        threads,
        resume: false,
        check: Check::Size,
        slice: Slice::Whole,
        on_failure: OnFailure::Record,
    };
    let stop = AtomicBool::new(false);
    let store = Directory::new(directory.path());
    sweep(plan, &store, options, &(), &stop).expect("a sweep");
}

fn threads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sweep to runs, by threads");
    group.sample_size(10);
    let plan = plan("corrected", 5_000, r#"["runs"]"#);
    group.throughput(Throughput::Elements(plan.runs));
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let doublings = std::iter::successors(Some(1), |&threads| Some(threads * 2));
    for threads in doublings.take_while(|&threads| threads <= all) {
        group.bench_function(BenchmarkId::from_parameter(threads), |bencher| {
            bencher.iter(|| run(&plan, threads));
        });
    }
    group.finish();
}

fn tables(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sweep on one thread, by tables");
    group.sample_size(10);
    for tables in [
        r#"["runs"]"#,
        r#"["runs", "days"]"#,
        r#"["runs", "proposals"]"#,
    ] {
        let plan = plan("corrected", 500, tables);
        group.throughput(Throughput::Elements(plan.runs));
        group.bench_function(tables, |bencher| bencher.iter(|| run(&plan, 1)));
    }
    group.finish();
}

criterion_group!(benches, threads, tables);
criterion_main!(benches);
