//! Measures the cost of extensions: the default run without any, with each one at work, with all enabled, and
//! with all at work:
//!
//! ```text
//! cargo bench --bench extensions -- [RUNS] [REPEATS] [WHICH]
//! ```
//!
//! Prints the median microseconds per run over the repeats, and the ratio to the run without extensions: with
//! all enabled it should be at most twice. WHICH selects one line.

#[path = "common/mod.rs"]
mod common;

use common::{argument, simulate};
use conviction::engine::{Extensions, Given, Model, Setting, Simulator, TableRows};
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: conviction::Aligned = conviction::Aligned;

/// Settings that put extensions to work that do nothing by default.
const AT_WORK: &[(&str, Given)] = &[
    ("attacker.0.share", Given::Number(0.02)),
    ("conflict.acts", Given::Word("both")),
    ("holdings.law", Given::Word("lognormal")),
    ("issuance.policy", Given::Word("dynamic")),
    ("outcomes.law", Given::Word("relax")),
    ("streaming.standing", Given::Number(0.2)),
    ("voting.counted", Given::Word("staked")),
];

/// Returns the model with some extensions enabled, in one copy each, at their defaults or at work.
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
    // Alternates between the choices, so that disturbances of the machine affect all alike; the first turn is
    // warm-up.
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
