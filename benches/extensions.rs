//! What extensions cost: the default run with none, with each by itself and at work, with all of them on, and
//! with all at work:
//!
//! ```text
//! cargo bench --bench extensions -- [RUNS] [REPEATS] [WHICH]
//! ```
//!
//! Prints the median microseconds per run of the repeats, and how often that is the run with none: with all
//! on it should be twice at most. WHICH names one of the lines, to be looked at alone.

#[path = "common/mod.rs"]
mod common;

use common::{argument, simulate};
use conviction::engine::{Extensions, Given, Model, Setting, Simulator, TableRows};
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: conviction::Aligned = conviction::Aligned;

/// What puts extensions to work that do nothing by their defaults.
const AT_WORK: &[(&str, Given)] = &[
    ("attacker.0.share", Given::Number(0.02)),
    ("conflict.acts", Given::Word("both")),
    ("holdings.law", Given::Word("lognormal")),
    ("issuance.policy", Given::Word("dynamic")),
    ("outcomes.law", Given::Word("relax")),
    ("streaming.standing", Given::Number(0.2)),
    ("voting.counted", Given::Word("staked")),
];

/// The model with some extensions on, in one copy each, and their defaults or a setting at which they work.
fn with(names: &[&str], at_work: bool) -> (Model, Setting) {
    let on = names
        .iter()
        .fold(Extensions::default(), |on, name| on.with(name, 1));
    let model = conviction::model()
        .with_extensions(&on)
        .expect("extensions of the model");
    let mut setting = model.setting();
    for &(key, value) in AT_WORK
        .iter()
        .filter(|(key, _)| at_work && model.keys().find(key).is_some())
    {
        setting.set(key, value).expect("a value of the key");
    }
    assert_eq!(setting.fault(), None);
    (model, setting)
}

fn main() {
    let runs: u64 = argument(0, "4000").parse().expect("a number of runs");
    let repeats: usize = argument(1, "7").parse().expect("a number of repeats");
    let model = conviction::model();
    let names: Vec<_> = model
        .extensions()
        .iter()
        .map(|extension| extension.name)
        .collect();
    let mut choices = vec![("none", Vec::new(), false)];
    choices.extend(names.iter().map(|&name| (name, vec![name], true)));
    choices.push(("all", names.clone(), false));
    choices.push(("all at work", names, true));
    let which = argument(2, "");
    choices.retain(|(name, ..)| which.is_empty() || *name == which);
    let mut simulators: Vec<_> = choices
        .iter()
        .map(|(_, on, at_work)| {
            let (model, setting) = with(on, *at_work);
            (
                Simulator::new(&model, &["runs"]),
                TableRows::new(&model, "runs"),
                setting,
            )
        })
        .collect();
    let mut times = vec![Vec::new(); choices.len()];
    // In turns, so that whatever else the machine does meets all alike; the first turn only warms them.
    for repeat in 0..=repeats {
        for ((simulator, rows, setting), times) in simulators.iter_mut().zip(&mut times) {
            let together = simulator.model().together(setting) as u64;
            let begun = Instant::now();
            for first in (0..runs).step_by(together as usize) {
                simulate(simulator, setting, first..runs.min(first + together), rows);
            }
            if repeat > 0 {
                times.push(begun.elapsed().as_secs_f64() * 1e6 / runs as f64);
            }
        }
    }
    let mut none = f64::NAN;
    for ((name, ..), mut times) in choices.iter().zip(times) {
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        if *name == "none" {
            none = median;
        }
        println!(
            "{name}: {median:.1} us per run, {:.2} of none",
            median / none
        );
    }
}
