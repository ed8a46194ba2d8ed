//! One run in, its outcome out. No files.

use crate::model::{Initial, RuleSet, Setting};
use crate::output::schema::{EndRow, OutcomeRow, StateRow};
use crate::rng::Streams;
use crate::world::{Dao, RunFailure, Start, Status, Tally, View};
use fearless_simd::Level;

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The state at the horizon, or where the run failed.
    pub state: StateRow,
    /// What a decision-maker asks of the run.
    pub summary: OutcomeRow,
    /// Whether the run reached its horizon.
    pub end: EndRow,
    /// Why it did not.
    pub failure: Option<RunFailure>,
}

/// When a run is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// At the start and at the end of each whole day.
    Day,
    /// Once more where the run ends: at its horizon, or where it failed.
    End,
}

/// Simulates one run after another in a world that is kept.
pub struct Simulator {
    dao: Dao<Streams>,
    start: Start,
    vectors: Level,
}

impl Default for Simulator {
    fn default() -> Self {
        Self::new()
    }
}

impl Simulator {
    /// A simulator with an empty world, for the widest vectors that the machine has.
    pub fn new() -> Self {
        Self::with_vectors(Level::new())
    }

    /// A simulator for vectors of this width. Results are the same for all.
    pub fn with_vectors(vectors: Level) -> Self {
        Self {
            dao: Dao::with_vectors(vectors),
            start: Start::default(),
            vectors,
        }
    }

    /// Simulates `setting` in world number `world` of the root seed `seed`.
    ///
    /// ```
    /// use conviction::{model::Setting, run::Simulator};
    /// let outcome = Simulator::new().run(&Setting::default(), 7, 0);
    /// assert_eq!(outcome.end.last_day, 100);
    /// ```
    pub fn run(&mut self, setting: &Setting, seed: u64, world: u64) -> Outcome {
        let mut one = self.run_together(std::iter::once((*setting, seed, world)));
        one.next().expect("one run has one outcome")
    }

    /// As [`Simulator::run`], with a look at the state at the start, at the end of each day, and
    /// where the run ends. With `detail`, the conflict network is drawn too, and who supported a
    /// proposal when it left candidacy is kept; the results are the same.
    pub fn run_observed(
        &mut self,
        setting: &Setting,
        seed: u64,
        world: u64,
        detail: bool,
        mut observe: impl FnMut(Moment, &View),
    ) -> Outcome {
        self.dao.clear(1);
        self.begin(setting, seed, world, detail);
        let dao = &mut self.dao;
        observe(Moment::Day, &dao.view(0));
        while dao.going_on() > 0 {
            dao.advance();
            if dao.failure(0).is_none() {
                observe(Moment::Day, &dao.view(0));
            }
        }
        let view = dao.view(0);
        observe(Moment::End, &view);
        outcome(&view)
    }

    /// Simulates several runs in lockstep, each with its setting, root seed and world's number, as
    /// [`Simulator::run`] would, in less time; gives their outcomes in order. [`lockstep`] says how many
    /// at a time are best.
    pub fn run_together(
        &mut self,
        runs: impl ExactSizeIterator<Item = (Setting, u64, u64)>,
    ) -> impl ExactSizeIterator<Item = Outcome> {
        let count = runs.len();
        self.dao.clear(count);
        for (setting, seed, world) in runs {
            self.begin(&setting, seed, world, false);
        }
        while self.dao.going_on() > 0 {
            self.dao.advance();
        }
        (0..count).map(|run| outcome(&self.dao.view(run)))
    }

    fn begin(&mut self, setting: &Setting, seed: u64, world: u64, detail: bool) {
        let mut streams = Streams::with_vectors(seed, world, self.vectors);
        self.start.draw(setting, detail, &mut streams);
        self.dao.begin(setting, &self.start, streams, detail);
    }
}

/// How many runs of a setting are best simulated together: as many as stay in a core's caches.
pub fn lockstep(setting: &Setting) -> usize {
    /// Initial support edges of a batch.
    const EDGES: usize = 4096;
    const MOST: usize = 16;
    let Initial {
        participants,
        proposals,
        ..
    } = setting.initial;
    let edges = participants as usize * proposals.max(1) as usize;
    (EDGES / edges).clamp(1, MOST)
}

/// How a run ended.
fn outcome(view: &View) -> Outcome {
    let state = state(view);
    let failure = view.failure().cloned();
    Outcome {
        summary: summary(view, &state),
        state,
        end: EndRow {
            status: if failure.is_none() {
                "completed"
            } else {
                "failed"
            },
            reason: failure.as_ref().map(RunFailure::name),
            last_day: view.day(),
        },
        failure,
    }
}

/// The state that a view shows.
pub fn state(view: &View) -> StateRow {
    let mut counts = [0u32; Status::ALL.len()];
    let mut funds = [0.0; Status::ALL.len()];
    for (status, requested) in view.statuses() {
        counts[status as usize] += 1;
        funds[status as usize] += requested;
    }
    let all: u32 = counts.iter().sum();
    let requested: f64 = funds.iter().sum();
    let share =
        |status: Status| (all > 0).then(|| f64::from(counts[status as usize]) / f64::from(all));
    let funds_share =
        |status: Status| (requested > 0.0).then(|| funds[status as usize] / requested);

    let (mut conviction, mut of_trigger) = (0.0, 0.0);
    for (y, trigger) in view.candidates() {
        conviction += y;
        of_trigger += y / trigger;
    }
    let candidates = view.candidate_count();
    let supply = view.supply();
    let tally = view.tally();
    use Status::{Active, Candidate, Completed, Failed, Killed};
    StateRow {
        funds: supply.funds,
        sentiment: view.sentiment(),
        effective_supply: supply.effective,
        other_supply: supply.other,
        total_supply: supply.total,
        participant_count: view.participant_count() as u32,
        candidate_count: counts[Candidate as usize],
        active_count: counts[Active as usize],
        completed_count: counts[Completed as usize],
        failed_count: counts[Failed as usize],
        killed_count: counts[Killed as usize],
        candidate_funds: funds[Candidate as usize],
        active_funds: funds[Active as usize],
        completed_funds: funds[Completed as usize],
        failed_funds: funds[Failed as usize],
        killed_funds: funds[Killed as usize],
        fraction_of_supply_for_voting: supply.effective / supply.total,
        fraction_of_supply_in_pool: match view.setting().rules.pool_metric {
            RuleSet::V3 => supply.total / supply.funds,
            RuleSet::Corrected => supply.funds / supply.total,
        },
        candidate_share: share(Candidate),
        active_share: share(Active),
        completed_share: share(Completed),
        failed_share: share(Failed),
        killed_share: share(Killed),
        candidate_funds_share: funds_share(Candidate),
        active_funds_share: funds_share(Active),
        completed_funds_share: funds_share(Completed),
        failed_funds_share: funds_share(Failed),
        killed_funds_share: funds_share(Killed),
        candidate_conviction: conviction,
        mean_share_of_trigger: (candidates > 0).then(|| of_trigger / candidates as f64),
        proposals_granted: tally.granted,
        funds_granted: tally.funds_granted,
    }
}

fn summary(view: &View, state: &StateRow) -> OutcomeRow {
    let Tally {
        granted,
        funds_granted,
        days_to_pass,
        least_pool,
        sentiment_sum,
        days_nothing_could_pass,
    } = view.tally();
    let (proposals, requested) = view
        .statuses()
        .fold((0u32, 0.0), |(n, sum), (_, r)| (n + 1, sum + r));
    let days: f64 = days_to_pass.iter().map(|&d| f64::from(d)).sum();
    OutcomeRow {
        mean_days_to_pass: (*granted > 0).then(|| days / f64::from(*granted)),
        median_days_to_pass: median(days_to_pass),
        share_of_requests_granted: (proposals > 0)
            .then(|| f64::from(*granted) / f64::from(proposals)),
        share_of_funds_granted: (requested > 0.0).then(|| funds_granted / requested),
        least_pool: least_pool.min(state.funds),
        mean_sentiment: sentiment_sum / f64::from(view.day().max(1)),
        days_nothing_could_pass: *days_nothing_could_pass,
    }
}

/// The median of values in ascending order; the mean of the middle two of an even number. `None` of
/// nothing.
fn median(sorted: &[u32]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = sorted[(sorted.len() - 1) / 2];
    Some((f64::from(lower) + f64::from(upper)) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3]), Some(3.0));
        assert_eq!(median(&[1, 4, 9]), Some(4.0));
        assert_eq!(median(&[1, 4, 5, 9]), Some(4.5));
    }
}
