//! What the phases ask of chance. A simulation draws it; a replay reads it from a recording. The
//! systems that act on what chance says are the same for both.

use super::components::{Settlement, Status};
use crate::rng::{Stream, Streams};
use bevy_ecs::component::Mutable;
use bevy_ecs::prelude::*;

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
    fn affinities(&mut self, out: &mut [f64]);
    /// Fills `out` with u ∈ [0, 1), one for each participant, which acts when its u is below
    /// base_engagement_rate · own sentiment.
    fn engagement(&mut self, out: &mut [f64]);

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

    fn affinities(&mut self, out: &mut [f64]) {
        self.affinities.fill(self.vectors, out, -1.0, 1.0);
    }

    fn engagement(&mut self, out: &mut [f64]) {
        self.engagement.fill(self.vectors, out, 0.0, 1.0);
    }

    /// The first day of a daily chance is geometric, so both days are drawn at once; completion is
    /// tried first, and so wins a tie.
    fn activate(&mut self, day: u32, complete: f64, fail: f64) -> Option<Settlement> {
        let stream = self.stream(Stream::Progress);
        let completes = stream.geometric(complete);
        let fails = stream.geometric(fail);
        let (wait, status) = if completes <= fails {
            (completes, Status::Completed)
        } else {
            (fails, Status::Failed)
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
