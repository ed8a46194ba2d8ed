//! Random numbers of the phases. A simulation draws them; a replay reads them from a recording. Systems are the same
//! for both, and are compiled once.

mod tape;

pub use tape::{Beginning, Draw, RecordedDraw, Tape, TapeError};

use crate::engine::{Geometric, Lanes, Seeded, Source, Stream, StreamSeeds};
use bevy_ecs::component::Component;
use fearless_simd::Simd;
use std::ops::Range;

/// Missing row, seat or day.
pub const NONE: u32 = u32::MAX;

/// Participant of the initial state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InitialParticipant {
    /// Tokens, Honey.
    pub holdings: f64,
    /// Own sentiment, in [0, 1).
    pub sentiment: f64,
}

/// Edge of a network, by row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// Source: the influenced participant; a proposal.
    pub from: u32,
    /// Target: the influencer; another proposal.
    pub to: u32,
    /// Strength.
    pub strength: f64,
}

/// End of an active proposal, if drawn when it turns active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Day, or [`NONE`] if it never comes or is drawn day by day.
    pub day: u32,
    /// True if it completes on that day; false if it fails.
    pub completes: bool,
}

/// Chances per day of an active proposal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chances {
    /// Chance to complete.
    pub complete: f64,
    /// Chance to fail, if it does not complete.
    pub fail: f64,
}

/// Random numbers of a run, named after the draws of the published program.
pub trait Processes {
    /// Draws the participants of the initial state, whose mean holdings are `mean`, Honey.
    fn initial_participants(&mut self, count: usize, mean: f64, out: &mut Vec<InitialParticipant>);
    /// Draws the requests of the initial proposals: `request` of a Gamma(3, 1) number each. A recording has the
    /// requests themselves.
    fn initial_requests(&mut self, count: usize, request: impl Fn(f64) -> f64, out: &mut Vec<f64>);
    /// Fills `out` with the affinities of all initial participants for initial proposal number `proposal`.
    fn initial_affinities<S: Simd>(&mut self, simd: S, proposal: usize, out: &mut [f64]);
    /// Returns the influence network of the initial state: recorded, or drawn by `draw` from its stream.
    fn initial_influence(
        &mut self,
        out: &mut Vec<Link>,
        draw: impl FnOnce(&mut Source, &mut Vec<Link>),
    );
    /// Returns the conflicts among initial proposals: recorded, or drawn by `draw` from their stream.
    fn initial_conflict(
        &mut self,
        out: &mut Vec<Link>,
        draw: impl FnOnce(&mut Source, &mut Vec<Link>),
    );

    /// Draws u ∈ [0, 1): a participant arrives if it is below (1 + s)/10.
    fn participant_arrival(&mut self) -> f64;
    /// Draws X ~ Exp(1), from which a newcomer's holdings follow.
    fn participant_holdings(&mut self) -> f64;
    /// Draws a newcomer's own sentiment, in [0, 1).
    fn participant_sentiment(&mut self) -> f64;
    /// Draws u ∈ [0, 1): proposals arrive if it is below (1 − median affinity) F / R.
    fn proposal_arrival(&mut self) -> f64;
    /// Returns true if requests are drawn on a day on which proposals arrive, or do not.
    fn draws_requests(&self, arrive: bool) -> bool;
    /// Draws X ~ Exp(1), from which a new proposal's request follows.
    fn proposal_request(&mut self) -> f64;
    /// Draws the row of a new proposal's proposer, uniform over `participants`.
    fn proposer(&mut self, participants: usize) -> usize;
    /// Draws a newcomer's affinities, uniform on (−1, 1), into the column `edges`. `seated` lists the newcomer's
    /// ranges of rows. `by_proposal` lists the row for each proposal of any status, `None` unless it is a candidate.
    fn newcomer_affinities<S: Simd>(
        &mut self,
        simd: S,
        edges: &mut [f64],
        seated: impl Iterator<Item = Range<usize>>,
        by_proposal: impl Iterator<Item = Option<usize>>,
    );
    /// Fills `out` with the affinities of all participants for a new proposal; that of its proposer is 1.
    fn affinities_for<S: Simd>(&mut self, simd: S, proposer: usize, out: &mut [f64]);
    /// Fills `out` with u ∈ [0, 1) for each participant, who acts if their u is below base_engagement_rate · own
    /// sentiment.
    fn engagement<S: Simd>(&mut self, simd: S, out: &mut [f64]);

    /// Returns how a proposal that turns active on `day` ends, if that is drawn now.
    fn activate(&mut self, day: u32, chances: Chances) -> Option<Settlement>;
    /// Returns true if an active proposal may end on `day`; `next` is the first known day on which one ends.
    fn may_settle(&self, day: u32, next: u32) -> bool;
    /// Returns true if an active proposal completes on `day`, false if it fails, `None` if it stays active. `chances`
    /// returns the day's chances.
    fn settle(
        &mut self,
        day: u32,
        settlement: Option<Settlement>,
        chances: impl FnOnce() -> Chances,
    ) -> Option<bool>;

    /// Returns the stream of influence links, for draws that the published program does not make.
    fn influence(&mut self) -> &mut Source;
    /// Returns the stream of conflict links, for draws that the published program does not make.
    fn conflict(&mut self) -> &mut Source;
}

macro_rules! streams {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ident = $number:expr;)+) => {
        /// Streams of the published model's processes. Their numbers are fixed: another number gives another world.
        #[derive(Component, Clone, Debug, Default)]
        pub struct Streams {
            $($(#[doc = $doc])+ pub $name: streams!(@type $kind),)+
        }

        impl Seeded for Streams {
            fn seed(&mut self, seeds: StreamSeeds) {
                $(self.$name = seeds.$kind(Stream::numbered($number));)+
            }
        }
    };
    (@type source) => { Source };
    (@type lanes) => { Lanes };
}

/// Number of the conflict stream, for deferred draws that start from its beginning.
pub const CONFLICT: u32 = 3;

streams! {
    /// Holdings and sentiment of the initial participants.
    initial_participants: source = 0;
    /// Requests of the initial proposals.
    initial_requests: source = 1;
    /// Influence network, with newcomers' links.
    influence: source = 2;
    /// Conflict network, with new proposals' links.
    conflict: source = CONFLICT;
    /// Arrivals of participants.
    arrivals: source = 4;
    /// Holdings and sentiment of newcomers.
    newcomers: source = 5;
    /// Arrivals of proposals.
    proposing: source = 6;
    /// Requests of new proposals.
    requests: source = 7;
    /// Proposers.
    proposers: source = 8;
    /// Ends of active proposals.
    progress: source = 9;
    /// Affinities.
    affinities: lanes = 10;
    /// Engagement.
    engagement: lanes = 11;
}

impl Processes for Streams {
    fn initial_participants(&mut self, count: usize, mean: f64, out: &mut Vec<InitialParticipant>) {
        let people = &mut self.initial_participants;
        out.extend((0..count).map(|_| InitialParticipant {
            holdings: people.exponential() * mean,
            sentiment: people.uniform(),
        }));
    }

    fn initial_requests(&mut self, count: usize, request: impl Fn(f64) -> f64, out: &mut Vec<f64>) {
        let requests = &mut self.initial_requests;
        out.extend((0..count).map(|_| request(requests.gamma::<3>())));
    }

    #[inline(always)]
    fn initial_affinities<S: Simd>(&mut self, simd: S, _proposal: usize, out: &mut [f64]) {
        self.affinities.fill(simd, out, -1.0, 1.0);
    }

    fn initial_influence(
        &mut self,
        out: &mut Vec<Link>,
        draw: impl FnOnce(&mut Source, &mut Vec<Link>),
    ) {
        draw(&mut self.influence, out);
    }

    fn initial_conflict(
        &mut self,
        out: &mut Vec<Link>,
        draw: impl FnOnce(&mut Source, &mut Vec<Link>),
    ) {
        draw(&mut self.conflict, out);
    }

    #[inline]
    fn participant_arrival(&mut self) -> f64 {
        self.arrivals.uniform()
    }

    #[inline]
    fn participant_holdings(&mut self) -> f64 {
        self.newcomers.exponential()
    }

    #[inline]
    fn participant_sentiment(&mut self) -> f64 {
        self.newcomers.uniform()
    }

    #[inline]
    fn proposal_arrival(&mut self) -> f64 {
        self.proposing.uniform()
    }

    #[inline]
    fn draws_requests(&self, arrive: bool) -> bool {
        arrive
    }

    #[inline]
    fn proposal_request(&mut self) -> f64 {
        self.requests.exponential()
    }

    #[inline]
    fn proposer(&mut self, participants: usize) -> usize {
        self.proposers.index(participants)
    }

    #[inline(always)]
    fn newcomer_affinities<S: Simd>(
        &mut self,
        simd: S,
        edges: &mut [f64],
        seated: impl Iterator<Item = Range<usize>>,
        _by_proposal: impl Iterator<Item = Option<usize>>,
    ) {
        for rows in seated {
            self.affinities.fill(simd, &mut edges[rows], -1.0, 1.0);
        }
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

    /// Draws the first day on which either end happens, which is geometric. Which of the two happens does not depend
    /// on the day.
    #[inline]
    fn activate(&mut self, day: u32, chances: Chances) -> Option<Settlement> {
        let stream = &mut self.progress;
        let complete = chances.complete.clamp(0.0, 1.0);
        let either = complete + (1.0 - complete) * chances.fail.clamp(0.0, 1.0);
        let wait = Geometric::new(either).wait(stream.exponential());
        Some(Settlement {
            day: day.saturating_add(wait),
            completes: stream.uniform() * either < complete,
        })
    }

    #[inline]
    fn may_settle(&self, day: u32, next: u32) -> bool {
        next <= day
    }

    #[inline]
    fn settle(
        &mut self,
        day: u32,
        settlement: Option<Settlement>,
        _chances: impl FnOnce() -> Chances,
    ) -> Option<bool> {
        match settlement {
            Some(settlement) if settlement.day == day => Some(settlement.completes),
            _ => None,
        }
    }

    fn influence(&mut self) -> &mut Source {
        &mut self.influence
    }

    #[inline]
    fn conflict(&mut self) -> &mut Source {
        &mut self.conflict
    }
}

/// Source of a run's random numbers: streams, or a recording. A component of each run.
#[derive(Component, Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "every run except a replay draws, and finds its streams without a pointer"
)]
pub enum Chance {
    /// Drawn.
    Drawn(Streams),
    /// Recorded; a replay has a single run.
    Recorded(Box<Tape>),
}

impl Default for Chance {
    fn default() -> Self {
        Self::Drawn(Streams::default())
    }
}

impl Seeded for Chance {
    fn seed(&mut self, seeds: StreamSeeds) {
        let mut streams = Streams::default();
        streams.seed(seeds);
        *self = Self::Drawn(streams);
    }
}

impl Chance {
    /// Returns the streams: those of a drawn run, or those that continue a recording.
    pub fn streams(&self) -> &Streams {
        match self {
            Self::Drawn(streams) => streams,
            Self::Recorded(tape) => &tape.streams,
        }
    }

    /// Returns the recording, if any.
    pub fn tape(&self) -> Option<&Tape> {
        match self {
            Self::Drawn(_) => None,
            Self::Recorded(tape) => Some(tape),
        }
    }
}

/// Forwards a draw to the streams or the recording.
macro_rules! ask {
    ($chance:expr, $process:ident($($argument:expr),*)) => {
        match $chance {
            Chance::Drawn(streams) => streams.$process($($argument),*),
            Chance::Recorded(tape) => tape.$process($($argument),*),
        }
    };
}

impl Processes for Chance {
    fn initial_participants(&mut self, count: usize, mean: f64, out: &mut Vec<InitialParticipant>) {
        ask!(self, initial_participants(count, mean, out));
    }

    fn initial_requests(&mut self, count: usize, request: impl Fn(f64) -> f64, out: &mut Vec<f64>) {
        ask!(self, initial_requests(count, request, out));
    }

    #[inline(always)]
    fn initial_affinities<S: Simd>(&mut self, simd: S, proposal: usize, out: &mut [f64]) {
        ask!(self, initial_affinities(simd, proposal, out));
    }

    fn initial_influence(
        &mut self,
        out: &mut Vec<Link>,
        draw: impl FnOnce(&mut Source, &mut Vec<Link>),
    ) {
        ask!(self, initial_influence(out, draw));
    }

    fn initial_conflict(
        &mut self,
        out: &mut Vec<Link>,
        draw: impl FnOnce(&mut Source, &mut Vec<Link>),
    ) {
        ask!(self, initial_conflict(out, draw));
    }

    #[inline]
    fn participant_arrival(&mut self) -> f64 {
        ask!(self, participant_arrival())
    }

    #[inline]
    fn participant_holdings(&mut self) -> f64 {
        ask!(self, participant_holdings())
    }

    #[inline]
    fn participant_sentiment(&mut self) -> f64 {
        ask!(self, participant_sentiment())
    }

    #[inline]
    fn proposal_arrival(&mut self) -> f64 {
        ask!(self, proposal_arrival())
    }

    #[inline]
    fn draws_requests(&self, arrive: bool) -> bool {
        ask!(self, draws_requests(arrive))
    }

    #[inline]
    fn proposal_request(&mut self) -> f64 {
        ask!(self, proposal_request())
    }

    #[inline]
    fn proposer(&mut self, participants: usize) -> usize {
        ask!(self, proposer(participants))
    }

    #[inline(always)]
    fn newcomer_affinities<S: Simd>(
        &mut self,
        simd: S,
        edges: &mut [f64],
        seated: impl Iterator<Item = Range<usize>>,
        by_proposal: impl Iterator<Item = Option<usize>>,
    ) {
        ask!(self, newcomer_affinities(simd, edges, seated, by_proposal));
    }

    #[inline(always)]
    fn affinities_for<S: Simd>(&mut self, simd: S, proposer: usize, out: &mut [f64]) {
        ask!(self, affinities_for(simd, proposer, out));
    }

    #[inline(always)]
    fn engagement<S: Simd>(&mut self, simd: S, out: &mut [f64]) {
        ask!(self, engagement(simd, out));
    }

    #[inline]
    fn activate(&mut self, day: u32, chances: Chances) -> Option<Settlement> {
        ask!(self, activate(day, chances))
    }

    #[inline]
    fn may_settle(&self, day: u32, next: u32) -> bool {
        ask!(self, may_settle(day, next))
    }

    #[inline]
    fn settle(
        &mut self,
        day: u32,
        settlement: Option<Settlement>,
        chances: impl FnOnce() -> Chances,
    ) -> Option<bool> {
        ask!(self, settle(day, settlement, chances))
    }

    fn influence(&mut self) -> &mut Source {
        ask!(self, influence())
    }

    #[inline]
    fn conflict(&mut self) -> &mut Source {
        ask!(self, conflict())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Seeds;

    fn streams(root: u64) -> Streams {
        let mut streams = Streams::default();
        streams.seed(Seeds { root, world: 0 }.into());
        streams
    }

    /// Completion is drawn each day, and failure on days without it.
    #[test]
    fn ends_follow_the_law_of_daily_draws() {
        const DRAWS: u32 = 40_000;
        let (complete, fail) = (0.1, 0.05);
        let either = complete + (1.0 - complete) * fail;
        let mut streams = streams(11);
        let mut of = |complete, fail| streams.activate(5, Chances { complete, fail }).unwrap();
        let (mut completed, mut failed, mut days) = (0u32, 0u32, [0.0; 2]);
        for _ in 0..DRAWS {
            let end = of(complete, fail);
            let wait = f64::from(end.day - 5);
            if end.completes {
                (completed, days[0]) = (completed + 1, days[0] + wait);
            } else {
                (failed, days[1]) = (failed + 1, days[1] + wait);
            }
        }
        let share = f64::from(completed) / f64::from(DRAWS);
        let expected = complete / either;
        let error = (expected * (1.0 - expected) / f64::from(DRAWS)).sqrt();
        assert!((share - expected).abs() < 4.0 * error, "{share}");
        // The wait has the same law for both ends.
        for (days, count) in days.into_iter().zip([completed, failed]) {
            let (mean, count) = (days / f64::from(count), f64::from(count));
            let error = (1.0 - either).sqrt() / either / count.sqrt();
            assert!((mean - 1.0 / either).abs() < 4.0 * error, "{mean}");
        }
        assert_eq!(of(0.0, -0.3).day, u32::MAX);
        let sure = of(f64::INFINITY, 0.5);
        assert_eq!((sure.day, sure.completes), (6, true));
    }
}
