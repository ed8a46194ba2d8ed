//! Measures the model on its engine, on one thread without output: a batch when built or reused, a day, a run,
//! each phase of a day, and scaling with participants and proposals.
//!
//! ```text
//! cargo bench --bench engine [-- FILTER]
//! ```
//!
//! Figures per element are per run, or per edge and day if the name includes them. A run includes its outcome,
//! a day does not.

#[path = "common/mod.rs"]
mod common;

use common::{runs_of, simulate};
use conviction::engine::{Batch, Model, Phase, Setting, Simulator, TableRows};
use conviction::voting::influence::Network;
use conviction::voting::participants::Population;
use conviction::voting::support::Layout;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fearless_simd::Level;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: conviction::Aligned = conviction::Aligned;

const RULES: [&str; 2] = ["v3", "corrected"];

fn setting(model: &Model, rules: &str) -> Setting {
    model.setting().with("rules", rules).expect("a rule set")
}

fn new_batch(model: &Model, setting: &Setting) -> Batch {
    Batch::new(model, setting, &["runs"], Level::new())
}

/// Begins the optimal number of runs to simulate together, from world `first` on.
fn begin(batch: &mut Batch, setting: &Setting, together: u64, first: &mut u64) {
    batch.begin(runs_of(setting, *first..*first + together));
    *first += together;
}

fn batches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("batch");
    let model = conviction::model();
    let setting = setting(&model, "v3");
    let together = model.together(&setting) as u64;
    group.throughput(Throughput::Elements(together));
    group.bench_function("built, with runs begun", |bencher| {
        bencher.iter(|| {
            let mut batch = new_batch(&model, &setting);
            begin(&mut batch, &setting, together, &mut 0);
            black_box(batch.going_on())
        });
    });
    let (mut batch, mut first) = (new_batch(&model, &setting), 0);
    group.bench_function("used again, with runs begun", |bencher| {
        bencher.iter(|| begin(&mut batch, &setting, together, &mut first));
    });
    group.finish();
}

fn days(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("day");
    let model = conviction::model();
    for rules in RULES {
        let setting = setting(&model, rules);
        let together = model.together(&setting) as u64;
        let (mut batch, mut first) = (new_batch(&model, &setting), 0);
        group.throughput(Throughput::Elements(together));
        group.bench_function(rules, |bencher| {
            bencher.iter_custom(|days| {
                let mut spent = Duration::ZERO;
                for _ in 0..days {
                    if batch.going_on() == 0 {
                        begin(&mut batch, &setting, together, &mut first);
                    }
                    let begun = Instant::now();
                    batch.advance();
                    spent += begun.elapsed();
                }
                spent
            });
        });
    }
    group.finish();
}

fn runs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("run");
    let model = conviction::model();
    for rules in RULES {
        let setting = setting(&model, rules);
        for together in [1, model.together(&setting) as u64] {
            let mut simulator = Simulator::new(&model, &["runs"]);
            let mut rows = TableRows::new(&model, "runs");
            let mut first = 0;
            group.throughput(Throughput::Elements(together));
            group.bench_function(BenchmarkId::new(rules, together), |bencher| {
                bencher.iter(|| {
                    let worlds = first..first + together;
                    first += together;
                    simulate(&mut simulator, &setting, worlds, &mut rows);
                });
            });
        }
    }
    group.finish();
}

/// Returns the phases that have systems, in the order of the day.
fn phases_of(model: &Model, setting: &Setting) -> Vec<Phase> {
    let mut batch = new_batch(model, setting);
    begin(&mut batch, setting, 1, &mut 0);
    let mut phases = Vec::new();
    batch.advance_by_phases(|phase| phases.push(phase));
    phases.dedup();
    phases
}

fn phases(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("phase, a day of a run");
    let model = conviction::model();
    let setting = setting(&model, "v3");
    let together = model.together(&setting) as u64;
    group.throughput(Throughput::Elements(together));
    for measured in phases_of(&model, &setting) {
        let (mut batch, mut first) = (new_batch(&model, &setting), 0);
        group.bench_function(measured.name, |bencher| {
            bencher.iter_custom(|days| {
                let mut spent = Duration::ZERO;
                for _ in 0..days {
                    if batch.going_on() == 0 {
                        begin(&mut batch, &setting, together, &mut first);
                    }
                    let mut since = Instant::now();
                    batch.advance_by_phases(|phase| {
                        let now = Instant::now();
                        if phase == measured {
                            spent += now - since;
                        }
                        since = now;
                    });
                }
                spent
            });
        });
    }
    group.finish();
}

/// Measures runs of a setting per edge and day.
fn per_edge_and_day(
    criterion: &mut Criterion,
    group: &str,
    model: &Model,
    settings: &[(u32, Setting)],
) {
    let mut group = criterion.benchmark_group(group);
    group.sample_size(10);
    for (size, setting) in settings {
        let edges = edges_of_all_days(model, setting);
        let together = model.together(setting) as u64;
        let mut simulator = Simulator::new(model, &["runs"]);
        let mut rows = TableRows::new(model, "runs");
        let mut world = 0;
        group.throughput(Throughput::Elements(edges * together));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| {
                let worlds = world..world + together;
                world = (world + together) % WORLDS;
                simulate(&mut simulator, setting, worlds, &mut rows);
            });
        });
    }
    group.finish();
}

/// Worlds whose edges are counted, and which are then simulated.
const WORLDS: u64 = 16;

/// Sums the edges at the end of each day of a run, averaged over a few runs: those between participants and
/// candidates, and those among participants, whose number grows with the square of theirs.
fn edges_of_all_days(model: &Model, setting: &Setting) -> u64 {
    let mut batch = new_batch(model, setting);
    let mut edges = 0;
    for world in 0..WORLDS {
        batch.begin(runs_of(setting, world..world + 1));
        loop {
            let participants = batch.get::<Population>(0).participants;
            let candidates = batch.get::<Layout>(0).candidates();
            let influences = batch.get::<Network>(0).edges;
            edges += (participants * candidates + influences) as u64;
            if batch.going_on() == 0 {
                break;
            }
            batch.advance();
        }
    }
    edges / WORLDS
}

fn scaling(criterion: &mut Criterion) {
    let model = conviction::model();
    let of_size = |participants: u32, proposals: u32| {
        let setting = setting(&model, "corrected");
        let setting = setting.with("initial.participants", participants);
        let setting = setting.and_then(|setting| setting.with("initial.proposals", proposals));
        setting.expect("a size")
    };
    let participants = [30, 100, 300, 1_000, 3_000, 10_000].map(|n| (n, of_size(n, 7)));
    let by_participants = "edge and day, by participants";
    per_edge_and_day(criterion, by_participants, &model, &participants);
    let proposals = [1, 7, 30, 100].map(|n| (n, of_size(30, n)));
    per_edge_and_day(criterion, "edge and day, by proposals", &model, &proposals);
}

criterion_group!(benches, batches, days, runs, phases, scaling);
criterion_main!(benches);
