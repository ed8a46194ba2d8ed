//! What the phases ask of chance. A simulation draws it; a replay reads it from a recording. The
//! systems that act on what chance says are the same for both, and are compiled once.

mod tape;

pub use tape::{Beginning, Draw, RecordedDraw, Tape, TapeError};

use crate::engine::{Geometric, Lanes, Seeded, Seeds, Source, Stream};
use bevy_ecs::component::Component;
use fearless_simd::Simd;
use std::ops::Range;

/// Stands where a row, a seat or a day is not there.
pub const NONE: u32 = u32::MAX;

/// A participant of the initial state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InitialParticipant {
    /// Tokens, Honey.
    pub holdings: f64,
    /// Own sentiment, in [0, 1).
    pub sentiment: f64,
}

/// An edge of a network, by row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// Whence it leads: the participant who is swayed; a proposal.
    pub from: u32,
    /// Where it leads: the participant who sways; another proposal.
    pub to: u32,
    /// How strong it is.
    pub strength: f64,
}

/// How and when an active proposal ends, where that is drawn when it turns active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The day, or [`NONE`] when it is drawn day by day or never comes.
    pub day: u32,
    /// Whether it completes then, or fails.
    pub completes: bool,
}

/// The chances per day of an active proposal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chances {
    /// That it completes.
    pub complete: f64,
    /// That it fails, if it does not complete.
    pub fail: f64,
}

/// The random numbers that a run asks for, named as the published program's draws.
pub trait Processes {
    /// The participants of the initial state, whose mean holdings are `mean`, Honey.
    fn initial_participants(&mut self, count: usize, mean: f64, out: &mut Vec<InitialParticipant>);
    /// The requests of the initial proposals: Gamma(3, 1) each, from which they follow, or, given, the
    /// requests themselves; `request` turns the one into the other.
    fn initial_requests(&mut self, count: usize, request: impl Fn(f64) -> f64, out: &mut Vec<f64>);
    /// Fills `out` with the affinities of all initial participants for initial proposal number
    /// `proposal`.
    fn initial_affinities<S: Simd>(&mut self, simd: S, proposal: usize, out: &mut [f64]);
    /// A network of the initial state: recorded, or drawn by `draw` from the stream for it.
    fn initial_influence(
        &mut self,
        out: &mut Vec<Link>,
        draw: impl FnOnce(&mut Source, &mut Vec<Link>),
    );
    /// As [`Processes::initial_influence`], for conflicts among proposals.
    fn initial_conflict(
        &mut self,
        out: &mut Vec<Link>,
        draw: impl FnOnce(&mut Source, &mut Vec<Link>),
    );

    /// u ∈ [0, 1): a participant arrives when it is below (1 + s)/10.
    fn participant_arrival(&mut self) -> f64;
    /// X ~ Exp(1), from which a newcomer's holdings follow.
    fn participant_holdings(&mut self) -> f64;
    /// A newcomer's own sentiment, in [0, 1).
    fn participant_sentiment(&mut self) -> f64;
    /// u ∈ [0, 1): proposals arrive when it is below (1 − median affinity) F / R.
    fn proposal_arrival(&mut self) -> f64;
    /// Whether requests are drawn on a day on which proposals arrive, or do not.
    fn draws_requests(&self, arrive: bool) -> bool;
    /// X ~ Exp(1), from which a new proposal's request follows.
    fn proposal_request(&mut self) -> f64;
    /// The row of a new proposal's proposer, uniform over `participants`.
    fn proposer(&mut self, participants: usize) -> usize;
    /// A newcomer's affinities, uniform on (−1, 1): `edges` is the column of affinities, `seated` the
    /// ranges of its rows that are the newcomer's, and `by_proposal` the row for each proposal of
    /// whatever status, if it is a candidate.
    fn newcomer_affinities<S: Simd>(
        &mut self,
        simd: S,
        edges: &mut [f64],
        seated: impl Iterator<Item = Range<usize>>,
        by_proposal: impl Iterator<Item = Option<usize>>,
    );
    /// Fills `out` with the affinities of all participants for a new proposal: 1 of who proposes it.
    fn affinities_for<S: Simd>(&mut self, simd: S, proposer: usize, out: &mut [f64]);
    /// Fills `out` with u ∈ [0, 1), one for each participant, which acts when its u is below
    /// base_engagement_rate · own sentiment.
    fn engagement<S: Simd>(&mut self, simd: S, out: &mut [f64]);

    /// A proposal turns active on `day`. Returns how it ends, if that is drawn now.
    fn activate(&mut self, day: u32, chances: Chances) -> Option<Settlement>;
    /// Whether any active proposal may end on `day`, where the first that is known to ends on `next`.
    fn may_settle(&self, day: u32, next: u32) -> bool;
    /// Whether an active proposal ends on `day`, and then whether it completes. `chances` gives the
    /// day's chances.
    fn settle(
        &mut self,
        day: u32,
        settlement: Option<Settlement>,
        chances: impl FnOnce() -> Chances,
    ) -> Option<bool>;

    /// The stream for links of influence, for draws that the published program does not make.
    fn influence(&mut self) -> &mut Source;
    /// The stream for links of conflict, for draws that the published program does not make.
    fn conflict(&mut self) -> &mut Source;
}

macro_rules! streams {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ident = $number:expr;)+) => {
        /// The streams of the published model's processes. Their numbers are pinned: another number is
        /// another world.
        #[derive(Component, Clone, Debug, Default)]
        pub struct Streams {
            $($(#[doc = $doc])+ pub $name: streams!(@type $kind),)+
        }

        impl Seeded for Streams {
            fn seed(&mut self, seeds: Seeds) {
                $(self.$name = seeds.$kind(Stream::numbered($number));)+
            }
        }
    };
    (@type source) => { Source };
    (@type lanes) => { Lanes };
}

/// The number of the stream of conflicts, for whoever draws it from its beginning.
pub const CONFLICT: u32 = 3;

streams! {
    /// Holdings and sentiment of the initial participants.
    initial_participants: source = 0;
    /// Requests of the initial proposals.
    initial_requests: source = 1;
    /// The influence network, newcomers' links included.
    influence: source = 2;
    /// The conflict network, new proposals' links included.
    conflict: source = CONFLICT;
    /// Whether a participant arrives.
    arrivals: source = 4;
    /// Holdings and sentiment of newcomers.
    newcomers: source = 5;
    /// Whether proposals arrive.
    proposing: source = 6;
    /// What new proposals request.
    requests: source = 7;
    /// Who proposes.
    proposers: source = 8;
    /// How and when active proposals end.
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

    /// The first day on which either happens is geometric, and which of the two it is then does not
    /// depend on the day.
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

/// The chance of a run: drawn from streams, or recorded. A component of each run.
#[derive(Component, Clone, Debug)]
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
    fn seed(&mut self, seeds: Seeds) {
        let mut streams = Streams::default();
        streams.seed(seeds);
        *self = Self::Drawn(streams);
    }
}

impl Chance {
    /// The streams that it draws from, or would where a recording ends.
    pub fn streams(&self) -> &Streams {
        match self {
            Self::Drawn(streams) => streams,
            Self::Recorded(tape) => &tape.streams,
        }
    }

    /// The recording, if there is one.
    pub fn tape(&self) -> Option<&Tape> {
        match self {
            Self::Drawn(_) => None,
            Self::Recorded(tape) => Some(tape),
        }
    }
}

/// Passes a question on to what answers it.
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

    fn streams(root: u64) -> Streams {
        let mut streams = Streams::default();
        streams.seed(Seeds { root, world: 0 });
        streams
    }

    /// Completion is tried each day, and failure on days without it.
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
        // The wait has the same law whichever end comes.
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
