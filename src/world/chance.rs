//! What the phases ask of chance. A simulation draws it; a replay reads it from a recording. The
//! systems that act on what chance says are the same for both.

use super::components::{Settlement, Status};
use crate::rng::{Stream, Streams};
use bevy_ecs::component::Mutable;
use bevy_ecs::prelude::*;
use fearless_simd::Simd;

/// A supply of the random numbers that a run asks for, named as the published program's draws.
pub trait Chance: Component<Mutability = Mutable> {
    /// Whether draws must be made in the order and number of the published program, even those on
    /// which nothing depends.
    const RECORDED: bool;

    /// u ∈ [0, 1): a participant arrives when it is below (1 + s)/10.
    fn participant_arrival(&mut self) -> f64;
    /// X ~ Exp(1), from which a newcomer's holdings follow.
    fn participant_holdings(&mut self) -> f64;
    /// A newcomer's own sentiment, in [0, 1).
    fn participant_sentiment(&mut self) -> f64;
    /// u ∈ [0, 1): proposals arrive when it is below (1 − median affinity) F / R.
    fn proposal_arrival(&mut self) -> f64;
    /// X ~ Exp(1), from which a new proposal's request follows.
    fn proposal_request(&mut self) -> f64;
    /// The row of a new proposal's proposer, uniform over `participants`.
    fn proposer(&mut self, participants: usize) -> usize;
    /// Fills `out` with affinities, uniform on (−1, 1).
    fn affinities<S: Simd>(&mut self, simd: S, out: &mut [f64]);
    /// Fills `out` with the affinities of all participants for a new proposal: 1 of who proposes it.
    fn affinities_for<S: Simd>(&mut self, simd: S, proposer: usize, out: &mut [f64]);
    /// Fills `out` with u ∈ [0, 1), one for each participant, which acts when its u is below
    /// base_engagement_rate · own sentiment.
    fn engagement<S: Simd>(&mut self, simd: S, out: &mut [f64]);

    /// A proposal turns active on `day` and will on each day after complete with chance `complete`,
    /// else fail with chance `fail`. Returns how it ends, if that is drawn now.
    fn activate(&mut self, day: u32, complete: f64, fail: f64) -> Option<Settlement>;
    /// Whether and how an active proposal ends on `day`. `chances` gives the day's chances of
    /// completion and failure.
    fn settle(
        &mut self,
        day: u32,
        settlement: Settlement,
        chances: impl FnOnce() -> (f64, f64),
    ) -> Option<Status>;

    /// The streams for draws that the published program does not make.
    fn own_streams(&mut self) -> &mut Streams;
}

impl Chance for Streams {
    const RECORDED: bool = false;

    fn participant_arrival(&mut self) -> f64 {
        self.stream(Stream::Arrivals).uniform()
    }

    fn participant_holdings(&mut self) -> f64 {
        self.stream(Stream::Newcomers).exponential()
    }

    fn participant_sentiment(&mut self) -> f64 {
        self.stream(Stream::Newcomers).uniform()
    }

    fn proposal_arrival(&mut self) -> f64 {
        self.stream(Stream::Proposing).uniform()
    }

    fn proposal_request(&mut self) -> f64 {
        self.stream(Stream::Requests).exponential()
    }

    fn proposer(&mut self, participants: usize) -> usize {
        self.stream(Stream::Proposers).index(participants)
    }

    #[inline(always)]
    fn affinities<S: Simd>(&mut self, simd: S, out: &mut [f64]) {
        self.affinities.fill(simd, out, -1.0, 1.0);
    }

    #[inline(always)]
    fn affinities_for<S: Simd>(&mut self, simd: S, proposer: usize, out: &mut [f64]) {
        self.affinities.fill(simd, out, -1.0, 1.0);
        out[proposer] = 1.0;
    }

    #[inline(always)]
    fn engagement<S: Simd>(&mut self, simd: S, out: &mut [f64]) {
        self.engagement.fill_halves(simd, out);
    }

    /// The first day on which either happens is geometric, and which of the two it is then does not
    /// depend on the day.
    fn activate(&mut self, day: u32, complete: f64, fail: f64) -> Option<Settlement> {
        let stream = self.stream(Stream::Progress);
        let complete = complete.clamp(0.0, 1.0);
        let either = complete + (1.0 - complete) * fail.clamp(0.0, 1.0);
        let wait = stream.geometric(either);
        let status = if stream.uniform() * either < complete {
            Status::Completed
        } else {
            Status::Failed
        };
        Some(Settlement {
            day: day.saturating_add(wait),
            status,
        })
    }

    fn settle(
        &mut self,
        day: u32,
        settlement: Settlement,
        _chances: impl FnOnce() -> (f64, f64),
    ) -> Option<Status> {
        (settlement.day == day).then_some(settlement.status)
    }

    fn own_streams(&mut self) -> &mut Streams {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Completion is tried each day, and failure on days without it.
    #[test]
    fn ends_follow_the_law_of_daily_draws() {
        const DRAWS: u32 = 40_000;
        let (complete, fail) = (0.1, 0.05);
        let either = complete + (1.0 - complete) * fail;
        let mut streams = Streams::new(11, 0);
        let (mut completed, mut failed, mut days) = (0u32, 0u32, [0.0; 2]);
        for _ in 0..DRAWS {
            let end = streams.activate(5, complete, fail).unwrap();
            let wait = f64::from(end.day - 5);
            match end.status {
                Status::Completed => (completed, days[0]) = (completed + 1, days[0] + wait),
                Status::Failed => (failed, days[1]) = (failed + 1, days[1] + wait),
                other => panic!("{other:?} is no end"),
            }
        }
        let share = f64::from(completed) / f64::from(DRAWS);
        let expected = complete / either;
        let error = (expected * (1.0 - expected) / f64::from(DRAWS)).sqrt();
        assert!((share - expected).abs() < 4.0 * error, "{share}");
        // The wait has the same law whichever end comes.
        for (days, count) in days.into_iter().zip([completed, failed]) {
            let (mean, count) = (days / f64::from(count), f64::from(count));
            let error = (1.0 - either).sqrt() / either / count.sqrt();
            assert!((mean - 1.0 / either).abs() < 4.0 * error, "{mean}");
        }
        assert_eq!(streams.activate(5, 0.0, -0.3).unwrap().day, u32::MAX);
        let sure = streams.activate(5, f64::INFINITY, 0.5).unwrap();
        assert_eq!((sure.day, sure.status), (6, Status::Completed));
    }
}
