//! Estimates time and memory of runs from counts alone.
//!
//! Fitted to measured runs. Each day processes the edges of candidates, and the edges of influence among
//! participants, whose number grows with the square of theirs. A core is one of the machine of `docs/speed.md`.
//! Each extension registers its own additional cost, as `cargo bench --bench extensions` shows for the
//! default run.

use super::conflict::{Acts, drawn_day_by_day};
use super::influence::{InitialNetwork, NetworkKind};
use super::mechanism::Capabilities;
use super::participants::InitialParticipants;
use super::proposals::InitialProposals;
use super::rules::{RuleSet, Rules};
use super::support::together;
use crate::engine::{Estimate, Horizon, ModelBuilder, Setting};

/// Registers the estimate.
pub fn estimate(model: &mut ModelBuilder) {
    model.estimate(Estimate { nanoseconds, bytes });
}

/// Counts that the estimate depends on.
struct Counts {
    days: u32,
    participants: u32,
    proposals: u32,
    network_density: RuleSet,
    network: InitialNetwork,
}

impl Counts {
    fn of(setting: &Setting) -> Self {
        Self {
            days: setting.group::<Horizon>().days,
            participants: setting.group::<InitialParticipants>().participants,
            proposals: setting.group::<InitialProposals>().proposals,
            network_density: setting.group::<Rules>().network_density,
            network: setting.group(),
        }
    }
}

/// Estimates the number of candidates on the last day.
fn last_candidates(counts: &Counts) -> f64 {
    let people = f64::from(counts.participants);
    // Larger groups agree less, so that fewer proposals pass.
    let left = 2.2 + 1.5 * people / (people + 200.0);
    let arrived = left * libm::pow(f64::from(counts.days), 0.7);
    libm::hypot(f64::from(counts.proposals), arrived)
}

/// Estimates the number of candidates on a day.
fn candidates(counts: &Counts) -> f64 {
    let initial = f64::from(counts.proposals);
    initial.max(last_candidates(counts) / 1.7)
}

/// Estimates the number of arriving participants.
fn newcomers(counts: &Counts) -> f64 {
    0.15 * f64::from(counts.days)
}

/// Estimates the number of edges of influence among participants.
fn influences(counts: &Counts, people: f64) -> f64 {
    /// Chance of an edge, e⁻⁴.
    const CHANCE: f64 = 0.0183;
    let preferential = counts.network.network == NetworkKind::Preferential;
    let initial = f64::from(counts.participants);
    match counts.network.mean_degree() {
        Some(degree) if preferential => return people * degree.min(people),
        // The same share of newcomers' pairs is linked.
        Some(degree) => return people * people * (degree / initial).min(1.0),
        None if preferential => return people * initial * CHANCE,
        None => {}
    }
    let rounds = match counts.network_density {
        RuleSet::V3 => f64::from(counts.proposals.max(1)),
        RuleSet::Corrected => 1.0,
    };
    people * people * (CHANCE * rounds).min(1.0)
}

/// Estimates the number of edges in the network of conflicts, if it is drawn day by day: about a quarter of all
/// ordered pairs.
fn conflicts(setting: &Setting, counts: &Counts) -> f64 {
    let drawn = setting.group_if_on::<Acts>().is_some() && drawn_day_by_day(setting);
    let among = if drawn { last_candidates(counts) } else { 0.0 };
    0.25 * among * among
}

/// Estimates the nanoseconds of a run on one core, without writing.
fn nanoseconds(setting: &Setting) -> f64 {
    let counts = &Counts::of(setting);
    /// Number of edges that fill the memory beyond a core's own caches.
    const FAR: f64 = 2.5e6;
    let initial = f64::from(counts.participants);
    let people = initial + newcomers(counts) / 2.0;
    let influences = influences(counts, people);
    let edges = candidates(counts) * people + influences;
    // Edges in a core's own caches are cheap; the more lie beyond, the more each costs.
    let all_edges = edges * together(setting) as f64;
    let edge = 0.28 + 1.6 * (all_edges / FAR).min(1.0).sqrt();
    let begun = initial * f64::from(counts.proposals) + influences;
    let run = 5_000.0 + 5.0 * begun + f64::from(counts.days) * (150.0 + edge * edges);
    Capabilities::of(setting).times_real * run
}

/// Estimates the bytes that a worker needs to simulate this many runs of a setting together.
fn bytes(setting: &Setting, together: f64) -> f64 {
    let counts = &Counts::of(setting);
    /// Bytes per row of edges, including the engine's own data and what growing leaves unused.
    const ROW: f64 = 200.0;
    const FIXED: f64 = 20e6;
    let initial = f64::from(counts.participants);
    let people = initial + newcomers(counts) + (initial / 2.0).min(64.0);
    let blocks = (last_candidates(counts) / 56.0).ceil() + 1.0;
    // Space for the links of the newcomers of the next eight days is reserved.
    let room = 16.0 * people;
    let networks = influences(counts, people) + room + conflicts(setting, counts);
    let rows = blocks * 56.0 * people + networks;
    let affinities = initial * f64::from(counts.proposals);
    FIXED + together * (ROW * rows + 8.0 * affinities)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Extensions, Model};

    fn microseconds(participants: u32, proposals: u32, days: u32) -> f64 {
        let setting = crate::model().setting().with("days", days).unwrap();
        let setting = setting.with("initial.participants", participants).unwrap();
        let setting = setting.with("initial.proposals", proposals).unwrap();
        nanoseconds(&setting) * 1e-3
    }

    #[test]
    fn with_all_extensions_a_run_takes_about_twice_as_long() {
        let model = crate::model();
        let names = model.extensions().iter().map(|extension| extension.name);
        let all = names.fold(Extensions::default(), |on, name| on.with(name, 1));
        let on = model.with_extensions(&all).unwrap();
        let time = |model: &Model| model.nanoseconds(&model.setting());
        let ratio = time(&on) / time(&model);
        assert!((1.8..3.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn times_are_about_those_that_were_measured() {
        for ((participants, proposals, days), measured) in [
            ((30, 7, 100), 69.0),
            ((30, 7, 10), 10.0),
            ((30, 7, 1000), 13_400.0),
            ((30, 100, 100), 225.0),
            ((300, 7, 100), 590.0),
            ((1000, 7, 100), 2_900.0),
            ((3000, 7, 100), 34_000.0),
            ((10_000, 7, 100), 440_000.0),
        ] {
            let ratio = microseconds(participants, proposals, days) / measured;
            assert!(
                (0.6..1.6).contains(&ratio),
                "{participants} participants, {proposals} proposals, {days} days: {ratio}"
            );
        }
    }
}
