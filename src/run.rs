//! One run in, its outcome out. No files.

use crate::model::{Initial, RuleSet, Setting};
use crate::output::schema::{EndRow, OutcomeRow, StateRow};
use crate::rng::Streams;
use crate::world::{Dao, Detail, Group, RunFailure, Start, Status, Tally, View};
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
    /// where the run ends. `detail` says what is kept to be looked at.
    pub fn run_observed(
        &mut self,
        setting: &Setting,
        seed: u64,
        world: u64,
        detail: Detail,
        mut observe: impl FnMut(Moment, &View),
    ) -> Outcome {
        let one = std::iter::once((*setting, seed, world));
        let mut one = self.run_together_observed(one, detail, |_, moment, view| {
            observe(moment, view);
        });
        one.next().expect("one run has one outcome")
    }

    /// Simulates several runs in lockstep, each with its setting, root seed and world's number, as
    /// [`Simulator::run`] would, in less time; gives their outcomes in order. [`lockstep`] says how many
    /// at a time are best.
    pub fn run_together(
        &mut self,
        runs: impl ExactSizeIterator<Item = (Setting, u64, u64)>,
    ) -> impl ExactSizeIterator<Item = Outcome> {
        let count = self.begin_together(runs, Detail::Outcome);
        while self.dao.going_on() > 0 {
            self.dao.advance();
        }
        self.outcomes(count)
    }

    /// As [`Simulator::run_together`], with looks as [`Simulator::run_observed`] gives them: at the
    /// run of which place, when, and at what. All runs are shown a day before any is shown the next,
    /// and where they end once all have ended; always in their order.
    pub fn run_together_observed(
        &mut self,
        runs: impl ExactSizeIterator<Item = (Setting, u64, u64)>,
        detail: Detail,
        mut observe: impl FnMut(usize, Moment, &View),
    ) -> impl ExactSizeIterator<Item = Outcome> {
        let count = self.begin_together(runs, detail);
        let mut going_on: Vec<usize> = (0..count).collect();
        loop {
            let mut views = self.dao.views();
            going_on.retain(|&run| {
                let view = views.of(run);
                if view.failure().is_none() {
                    observe(run, Moment::Day, &view);
                }
                view.goes_on()
            });
            if going_on.is_empty() {
                break;
            }
            self.dao.advance();
        }
        let mut views = self.dao.views();
        for run in 0..count {
            observe(run, Moment::End, &views.of(run));
        }
        self.outcomes(count)
    }

    /// Begins all of some runs; returns how many there are.
    fn begin_together(
        &mut self,
        runs: impl ExactSizeIterator<Item = (Setting, u64, u64)>,
        detail: Detail,
    ) -> usize {
        let count = runs.len();
        self.dao.clear(count);
        for (setting, seed, world) in runs {
            self.begin(&setting, seed, world, detail);
        }
        count
    }

    fn outcomes(&mut self, count: usize) -> impl ExactSizeIterator<Item = Outcome> {
        let mut views = self.dao.views();
        (0..count).map(move |run| outcome(&views.of(run)))
    }

    fn begin(&mut self, setting: &Setting, seed: u64, world: u64, detail: Detail) {
        let mut streams = Streams::new(seed, world);
        let conflicts = detail >= Detail::Edges;
        self.start
            .draw(setting, conflicts, &mut streams, self.vectors);
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
    let groups = view.by_status();
    let all = all_of(&groups);
    let share = |status: Status| {
        let count = groups[status as usize].count;
        (all.count > 0).then(|| f64::from(count) / f64::from(all.count))
    };
    let funds_share = |status: Status| {
        let funds = groups[status as usize].funds;
        (all.funds > 0.0).then(|| funds / all.funds)
    };
    let [candidates, active, completed, failed, killed] = groups;
    let (conviction, shares_of_trigger) = view.conviction_in_sum();
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
        candidate_count: candidates.count,
        active_count: active.count,
        completed_count: completed.count,
        failed_count: failed.count,
        killed_count: killed.count,
        candidate_funds: candidates.funds,
        active_funds: active.funds,
        completed_funds: completed.funds,
        failed_funds: failed.funds,
        killed_funds: killed.funds,
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
        mean_share_of_trigger: (candidates.count > 0)
            .then(|| shares_of_trigger / f64::from(candidates.count)),
        proposals_granted: tally.granted,
        funds_granted: tally.funds_granted,
    }
}

/// The proposals of every status.
fn all_of(groups: &[Group]) -> Group {
    Group {
        count: groups.iter().map(|group| group.count).sum(),
        funds: groups.iter().map(|group| group.funds).sum(),
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
        ..
    } = view.tally();
    let all = all_of(&view.by_status());
    let days: f64 = days_to_pass.iter().map(|&d| f64::from(d)).sum();
    OutcomeRow {
        mean_days_to_pass: (*granted > 0).then(|| days / f64::from(*granted)),
        median_days_to_pass: median(days_to_pass),
        share_of_requests_granted: (all.count > 0)
            .then(|| f64::from(*granted) / f64::from(all.count)),
        share_of_funds_granted: (all.funds > 0.0).then(|| funds_granted / all.funds),
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
