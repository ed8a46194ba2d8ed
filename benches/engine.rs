//! The engine alone, on one thread without output: building a world, a day, a run, each system, and
//! how cost grows with participants and proposals.
//!
//! ```text
//! cargo bench --bench engine [-- FILTER]
//! ```
//!
//! Figures per element are per run, or per edge and day where the name says so.

use conviction::model::{RuleSet, Setting};
use conviction::rng::Streams;
use conviction::run::{Simulator, lockstep};
use conviction::world::schedule::{self, Phase};
use conviction::world::{Dao, Detail, Start};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fearless_simd::Level;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: conviction::Aligned = conviction::Aligned;

const RULES: [(&str, RuleSet); 2] = [("v3", RuleSet::V3), ("corrected", RuleSet::Corrected)];

fn setting(rules: RuleSet) -> Setting {
    Setting {
        rules: rules.into(),
        ..Setting::default()
    }
}

/// Begins as many runs as are best simulated together, from world `first` on.
fn begin(dao: &mut Dao<Streams>, start: &mut Start, setting: &Setting, first: u64) {
    let together = lockstep(setting);
    dao.clear(together);
    for world in (first..).take(together) {
        let mut streams = Streams::new(7, world);
        start.draw(setting, false, &mut streams, Level::new());
        dao.begin(setting, start, streams, Detail::Outcome);
    }
}

fn worlds(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("world");
    let setting = setting(RuleSet::V3);
    group.throughput(Throughput::Elements(lockstep(&setting) as u64));
    group.bench_function("built, with runs begun", |bencher| {
        bencher.iter(|| {
            let (mut dao, mut start) = (Dao::new(), Start::default());
            begin(&mut dao, &mut start, &setting, 0);
            black_box(dao.going_on())
        });
    });
    let (mut dao, mut start, mut first) = (Dao::new(), Start::default(), 0);
    group.bench_function("used again, with runs begun", |bencher| {
        bencher.iter(|| {
            begin(&mut dao, &mut start, &setting, first);
            first += lockstep(&setting) as u64;
        });
    });
    group.finish();
}

fn days(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("day");
    for (name, rules) in RULES {
        let setting = setting(rules);
        let (mut dao, mut start, mut first) = (Dao::new(), Start::default(), 0);
        group.throughput(Throughput::Elements(lockstep(&setting) as u64));
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|days| {
                let mut spent = Duration::ZERO;
                for _ in 0..days {
                    if dao.going_on() == 0 {
                        begin(&mut dao, &mut start, &setting, first);
                        first += lockstep(&setting) as u64;
                    }
                    let begun = Instant::now();
                    dao.advance();
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
    for (name, rules) in RULES {
        let setting = setting(rules);
        for together in [1, lockstep(&setting)] {
            let (mut simulator, mut first) = (Simulator::new(), 0);
            group.throughput(Throughput::Elements(together as u64));
            group.bench_function(BenchmarkId::new(name, together), |bencher| {
                bencher.iter(|| {
                    let batch = (0..together).map(move |place| (setting, 7, first + place as u64));
                    first += together as u64;
                    black_box(simulator.run_together(batch).last())
                });
            });
        }
    }
    group.finish();
}

fn systems(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("system, a day of a run");
    let setting = setting(RuleSet::V3);
    let together = lockstep(&setting) as u64;
    group.throughput(Throughput::Elements(together));
    for measured in Phase::ALL {
        let mut phases = Phase::ALL.map(|phase| (phase, schedule::phase::<Streams>(phase)));
        let (mut dao, mut start, mut first) = (Dao::new(), Start::default(), 0);
        group.bench_function(format!("{measured:?}").to_lowercase(), |bencher| {
            bencher.iter_custom(|days| {
                let mut spent = Duration::ZERO;
                for _ in 0..days {
                    if dao.going_on() == 0 {
                        begin(&mut dao, &mut start, &setting, first);
                        first += together;
                    }
                    let mut since = Instant::now();
                    dao.advance_by_phases(&mut phases, |phase| {
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

/// Time of runs of a setting, over the edges of all their days.
fn per_edge_and_day(criterion: &mut Criterion, group: &str, settings: &[(u32, Setting)]) {
    let mut group = criterion.benchmark_group(group);
    group.sample_size(10);
    for &(size, setting) in settings {
        let edges = edges_of_all_days(&setting);
        let together = lockstep(&setting);
        let (mut simulator, mut world) = (Simulator::new(), 0);
        group.throughput(Throughput::Elements(edges * together as u64));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| {
                let batch = (0..together).map(move |place| (setting, 7, world + place as u64));
                world = (world + together as u64) % WORLDS;
                black_box(simulator.run_together(batch).last())
            });
        });
    }
    group.finish();
}

/// Worlds whose edges are counted, and which are then simulated.
const WORLDS: u64 = 16;

/// The edges at the end of each day of a run, in sum: between participants and candidates, and among
/// participants, whose number grows with the square of theirs. The mean of a few runs.
fn edges_of_all_days(setting: &Setting) -> u64 {
    let mut edges = 0;
    for world in 0..WORLDS {
        Simulator::new().run_observed(setting, 7, world, Detail::Outcome, |_, view| {
            let support = view.participant_count() * view.candidate_count();
            edges += (support + view.influence_count()) as u64;
        });
    }
    edges / WORLDS
}

fn scaling(criterion: &mut Criterion) {
    let of_size = |participants, proposals| {
        let mut setting = setting(RuleSet::Corrected);
        setting.initial.participants = participants;
        setting.initial.proposals = proposals;
        setting
    };
    let participants = [30, 100, 300, 1_000, 3_000, 10_000].map(|n| (n, of_size(n, 7)));
    per_edge_and_day(criterion, "edge and day, by participants", &participants);
    let proposals = [1, 7, 30, 100].map(|n| (n, of_size(30, n)));
    per_edge_and_day(criterion, "edge and day, by proposals", &proposals);
}

criterion_group!(benches, worlds, days, runs, systems, scaling);
criterion_main!(benches);
