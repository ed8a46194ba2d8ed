//! Where the time of a run goes, phase by phase:
//!
//! ```text
//! cargo bench --bench phases -- [v3|corrected] [PARTICIPANTS] [RUNS]
//! ```
//!
//! Prints the microseconds per run of the initial state, of each phase of all its days, and of the
//! rest, on one thread without output. Reading the clock after each phase costs a little too.

#[path = "common/mod.rs"]
mod common;

use common::{argument, rules};
use conviction::model::Setting;
use conviction::rng::Streams;
use conviction::run::lockstep;
use conviction::world::schedule::{self, Phase};
use conviction::world::{Dao, Detail, Start};
use fearless_simd::Level;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: conviction::Aligned = conviction::Aligned;

fn main() {
    let mut setting = Setting {
        rules: rules(&argument(0, "v3")).into(),
        ..Setting::default()
    };
    setting.initial.participants = argument(1, "30").parse().expect("a number of participants");
    let runs: u64 = argument(2, "20000").parse().expect("a number of runs");
    let together = lockstep(&setting) as u64;

    let mut phases = Phase::ALL.map(|phase| (phase, schedule::phase::<Streams>(phase)));
    let (mut dao, mut start) = (Dao::<Streams>::new(), Start::default());
    let (mut drawing, mut beginning, mut between) = Default::default();
    let mut spent = [Duration::ZERO; Phase::ALL.len()];
    let lap = |since: &mut Instant, total: &mut Duration| {
        let now = Instant::now();
        *total += now - *since;
        *since = now;
    };
    let begun = Instant::now();
    let mut since = begun;
    for first in (0..runs).step_by(together as usize) {
        let worlds = first..runs.min(first + together);
        dao.clear(worlds.clone().count());
        lap(&mut since, &mut between);
        for world in worlds {
            let mut streams = Streams::new(7, world);
            start.draw(&setting, false, &mut streams, Level::new());
            lap(&mut since, &mut drawing);
            dao.begin(&setting, &start, streams, Detail::Outcome);
            lap(&mut since, &mut beginning);
        }
        while dao.going_on() > 0 {
            dao.advance_by_phases(&mut phases, |phase| {
                lap(&mut since, &mut spent[phase as usize]);
            });
            lap(&mut since, &mut between);
        }
    }
    let whole = begun.elapsed();

    let of_phases = Phase::ALL.iter().zip(spent);
    let rows = [
        ("initial state: drawn".to_owned(), drawing),
        ("initial state: put into the world".to_owned(), beginning),
    ]
    .into_iter()
    .chain(of_phases.map(|(phase, spent)| (format!("days: {phase:?}").to_lowercase(), spent)))
    .chain([
        ("days: room for the next".to_owned(), between),
        ("all".to_owned(), whole),
    ]);
    println!("{together} runs at a time");
    for (what, spent) in rows {
        println!(
            "{what:<36}{:>10.2} us per run{:>8.1} %",
            spent.as_secs_f64() * 1e6 / runs as f64,
            100.0 * spent.as_secs_f64() / whole.as_secs_f64()
        );
    }
}
