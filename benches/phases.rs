//! Measures the time of a run by phase:
//!
//! ```text
//! cargo bench --bench phases -- [v3|corrected] [PARTICIPANTS] [RUNS]
//! ```
//!
//! Prints the microseconds per run for beginning, for the systems of each phase over all days, for the time
//! between days, and for the outcome, on one thread without output. Counting the day belongs to the first
//! phase. Reading the clock after each system costs a little as well.

#[path = "common/mod.rs"]
mod common;

use common::{argument, forget_outcomes, runs_of};
use conviction::engine::{Batch, Phase, TableRows};
use fearless_simd::Level;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: conviction::Aligned = conviction::Aligned;

fn main() {
    let model = conviction::model();
    let participants: u32 = argument(1, "30").parse().expect("a number of participants");
    let setting = model.setting().with("rules", &*argument(0, "v3"));
    let setting = setting.expect("v3 or corrected");
    let setting = setting.with("initial.participants", participants);
    let setting = setting.expect("a number of participants");
    let runs: u64 = argument(2, "20000").parse().expect("a number of runs");
    let together = model.together(&setting) as u64;

    let mut batch = Batch::new(&model, &setting, &["runs"], Level::new());
    let mut rows = TableRows::new(&model, "runs");
    let (mut setting_up, mut starting, mut between, mut looking) = Default::default();
    // Phases in order of occurrence, which is the order of the day.
    let mut phases: Vec<(Phase, Duration)> = Vec::new();
    let lap = |since: &mut Instant, total: &mut Duration| {
        let now = Instant::now();
        *total += now - *since;
        *since = now;
    };
    let begun = Instant::now();
    let mut since = begun;
    for first in (0..runs).step_by(together as usize) {
        batch.set_up(runs_of(&setting, first..runs.min(first + together)));
        lap(&mut since, &mut setting_up);
        batch.start();
        lap(&mut since, &mut starting);
        while batch.going_on() > 0 {
            batch.advance_by_phases(|ended| {
                let place = phases.iter().position(|(phase, _)| *phase == ended);
                let place = place.unwrap_or_else(|| {
                    phases.push((ended, Duration::ZERO));
                    phases.len() - 1
                });
                lap(&mut since, &mut phases[place].1);
            });
            lap(&mut since, &mut between);
        }
        forget_outcomes(&mut batch, &mut rows);
        lap(&mut since, &mut looking);
    }
    let whole = begun.elapsed();

    let of_phases = phases.into_iter();
    let lines = [
        ("components and streams".to_owned(), setting_up),
        ("initial state".to_owned(), starting),
    ]
    .into_iter()
    .chain(of_phases.map(|(phase, spent)| (format!("days: {}", phase.name), spent)))
    .chain([
        ("days: room for the next".to_owned(), between),
        ("outcome".to_owned(), looking),
        ("all".to_owned(), whole),
    ]);
    println!("{together} runs at a time");
    for (what, spent) in lines {
        println!(
            "{what:<36}{:>10.2} us per run{:>8.1} %",
            spent.as_secs_f64() * 1e6 / runs as f64,
            100.0 * spent.as_secs_f64() / whole.as_secs_f64()
        );
    }
}
