//! Plays recorded random draws: each draw must be the next one of its day.

use super::{Chances, InitialParticipant, Link, Processes, Settlement, Streams};
use crate::engine::{Seeded, Seeds, Source};
use fearless_simd::Simd;
use std::ops::{Range, RangeInclusive};

macro_rules! draws {
    ($($variant:ident = $name:literal,)+) => {
        /// Draws of the published program, by the names of the recordings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the names are those of the recordings")]
        pub enum Draw {
            $($variant,)+
        }

        impl Draw {
            /// All draws.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the name in a recording.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

draws! {
    ParticipantArrival = "participant_arrival",
    ParticipantHoldings = "participant_holdings",
    ParticipantSentiment = "participant_sentiment",
    ProposalArrival = "proposal_arrival",
    ProposalRequest = "proposal_request",
    Proposer = "proposer",
    Affinity = "affinity",
    Completion = "completion",
    Failure = "failure",
    Engagement = "engagement",
}

impl Draw {
    /// Returns the possible range of a draw. Exponential draws are unbounded, but never reach 100 times the mean.
    pub fn range(self) -> RangeInclusive<f64> {
        match self {
            Self::Affinity => -1.0..=1.0,
            Self::ParticipantHoldings | Self::ProposalRequest => 0.0..=100.0,
            Self::Proposer => 0.0..=f64::from(u32::MAX),
            _ => 0.0..=1.0,
        }
    }
}

/// Difference between a run and its recording.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TapeError {
    /// The recorded draw is another.
    #[error(
        "day {day}, draw {index}: the run asks for {asked}, but {found} of day {found_day} was recorded; \
         the recording belongs to other rules or another setting"
    )]
    Another {
        /// Day of the run.
        day: u32,
        /// Index of the recorded draw.
        index: usize,
        /// Draw that the run asks for.
        asked: &'static str,
        /// Recorded draw.
        found: &'static str,
        /// Day of the recorded draw.
        found_day: u32,
    },
    /// The recording ended.
    #[error("day {day}, draw {index}: the run asks for {asked}, but the recording ends here")]
    Ended {
        /// Day of the run.
        day: u32,
        /// Index of the missing draw.
        index: usize,
        /// Draw that the run asks for.
        asked: &'static str,
    },
    /// A recorded draw of a past day was not used.
    #[error(
        "day {day}, draw {index}: {found} was recorded, but the run did not use it; \
         the recording belongs to other rules or another setting"
    )]
    Unused {
        /// Day of the run.
        day: u32,
        /// Index of the recorded draw.
        index: usize,
        /// Recorded draw.
        found: &'static str,
    },
}

/// Recorded draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordedDraw {
    /// Index in the recording.
    pub index: usize,
    /// Day.
    pub day: u32,
    /// Kind of draw.
    pub draw: Draw,
    /// Value.
    pub value: f64,
}

/// State of day 0. Participants and proposals are numbered by their position in these lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beginning {
    /// F, Honey.
    pub funds: f64,
    /// E, Honey.
    pub effective_supply: f64,
    /// S, Honey.
    pub total_supply: f64,
    /// s.
    pub sentiment: f64,
    /// Participants.
    pub participants: Vec<InitialParticipant>,
    /// Request of each proposal, Honey.
    pub requests: Vec<f64>,
    /// Affinities, proposal by proposal, one per participant.
    pub affinities: Vec<f64>,
    /// Influence edges.
    pub influence: Vec<Link>,
    /// Conflict edges.
    pub conflict: Vec<Link>,
}

/// Recorded draws, used in order, and the recorded initial state.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    beginning: Beginning,
    draws: Vec<RecordedDraw>,
    next: usize,
    day: u32,
    /// True if random draws continue after the end of the recording.
    goes_on: bool,
    pub(super) streams: Streams,
    error: Option<TapeError>,
}

impl Tape {
    /// Creates a tape of the draws from day 1 on, and the initial state. With `goes_on`, random draws continue
    /// after its end.
    pub fn new(beginning: Beginning, draws: Vec<RecordedDraw>, goes_on: bool, seed: u64) -> Self {
        let mut streams = Streams::default();
        let seeds = Seeds {
            root: seed,
            world: 0,
        };
        streams.seed(seeds.into());
        Self {
            beginning,
            draws,
            goes_on,
            streams,
            ..Self::default()
        }
    }

    /// Returns the recorded initial state.
    pub fn beginning(&self) -> &Beginning {
        &self.beginning
    }

    /// Requires later draws to be of `day`.
    pub fn begin_day(&mut self, day: u32) {
        self.day = day;
    }

    /// Checks that every draw so far was the recorded one.
    ///
    /// # Errors
    /// Returns the first that was not.
    pub fn check(&self) -> Result<(), TapeError> {
        self.error.clone().map_or(Ok(()), Err)
    }

    /// Checks that every draw of the day was used.
    ///
    /// # Errors
    /// Returns the first that was not.
    pub fn end_day(&self) -> Result<(), TapeError> {
        match self.draws.get(self.next) {
            Some(recorded) if recorded.day <= self.day => Err(TapeError::Unused {
                day: self.day,
                index: recorded.index,
                found: recorded.draw.name(),
            }),
            _ => Ok(()),
        }
    }

    /// Returns the next recorded value, which must be of this kind; `None` if random draws take over, or after
    /// an error.
    fn take(&mut self, asked: Draw) -> Option<f64> {
        if self.error.is_some() {
            return None;
        }
        let (day, asked_name) = (self.day, asked.name());
        match self.draws.get(self.next) {
            Some(recorded) if recorded.day == day && recorded.draw == asked => {
                self.next += 1;
                return Some(recorded.value);
            }
            Some(recorded) => {
                self.error = Some(TapeError::Another {
                    day,
                    index: recorded.index,
                    asked: asked_name,
                    found: recorded.draw.name(),
                    found_day: recorded.day,
                });
            }
            None if self.goes_on => {}
            None => {
                self.error = Some(TapeError::Ended {
                    day,
                    index: self.draws.last().map_or(0, |last| last.index + 1),
                    asked: asked_name,
                });
            }
        }
        None
    }
}

impl Processes for Tape {
    fn initial_participants(&mut self, _: usize, _: f64, out: &mut Vec<InitialParticipant>) {
        out.extend_from_slice(&self.beginning.participants);
    }

    fn initial_requests(&mut self, _: usize, _: impl Fn(f64) -> f64, out: &mut Vec<f64>) {
        out.extend_from_slice(&self.beginning.requests);
    }

    fn initial_affinities<S: Simd>(&mut self, _simd: S, proposal: usize, out: &mut [f64]) {
        let first = proposal * out.len();
        out.copy_from_slice(&self.beginning.affinities[first..first + out.len()]);
    }

    fn initial_influence(
        &mut self,
        out: &mut Vec<Link>,
        _: impl FnOnce(&mut Source, &mut Vec<Link>),
    ) {
        out.extend_from_slice(&self.beginning.influence);
    }

    fn initial_conflict(
        &mut self,
        out: &mut Vec<Link>,
        _: impl FnOnce(&mut Source, &mut Vec<Link>),
    ) {
        out.extend_from_slice(&self.beginning.conflict);
    }

    fn participant_arrival(&mut self) -> f64 {
        self.take(Draw::ParticipantArrival)
            .unwrap_or_else(|| self.streams.participant_arrival())
    }

    fn participant_holdings(&mut self) -> f64 {
        self.take(Draw::ParticipantHoldings)
            .unwrap_or_else(|| self.streams.participant_holdings())
    }

    fn participant_sentiment(&mut self) -> f64 {
        self.take(Draw::ParticipantSentiment)
            .unwrap_or_else(|| self.streams.participant_sentiment())
    }

    fn proposal_arrival(&mut self) -> f64 {
        self.take(Draw::ProposalArrival)
            .unwrap_or_else(|| self.streams.proposal_arrival())
    }

    /// Returns true: the published program draws a request even if no proposal arrives.
    fn draws_requests(&self, _arrive: bool) -> bool {
        true
    }

    fn proposal_request(&mut self) -> f64 {
        self.take(Draw::ProposalRequest)
            .unwrap_or_else(|| self.streams.proposal_request())
    }

    fn proposer(&mut self, participants: usize) -> usize {
        match self.take(Draw::Proposer) {
            Some(row) => (row as usize).min(participants - 1),
            None => self.streams.proposer(participants),
        }
    }

    /// Draws an affinity for every proposal, of any status, as the published program does.
    fn newcomer_affinities<S: Simd>(
        &mut self,
        simd: S,
        edges: &mut [f64],
        _seated: impl Iterator<Item = Range<usize>>,
        by_proposal: impl Iterator<Item = Option<usize>>,
    ) {
        for edge in by_proposal {
            let mut affinity = [0.0];
            self.affinities(simd, &mut affinity);
            if let Some(edge) = edge {
                edges[edge] = affinity[0];
            }
        }
    }

    /// Draws affinities except for the proposer, as the published program does.
    fn affinities_for<S: Simd>(&mut self, simd: S, proposer: usize, out: &mut [f64]) {
        let others = out.len() - 1;
        self.affinities(simd, &mut out[..others]);
        out.copy_within(proposer..others, proposer + 1);
        out[proposer] = 1.0;
    }

    fn engagement<S: Simd>(&mut self, simd: S, out: &mut [f64]) {
        self.streams.engagement(simd, out);
        for u in out {
            if let Some(recorded) = self.take(Draw::Engagement) {
                *u = recorded;
            }
        }
    }

    /// Draws nothing: the published program draws the end of proposals day by day.
    fn activate(&mut self, _day: u32, _chances: Chances) -> Option<Settlement> {
        None
    }

    fn may_settle(&self, _day: u32, _next: u32) -> bool {
        true
    }

    fn settle(
        &mut self,
        _day: u32,
        _settlement: Option<Settlement>,
        chances: impl FnOnce() -> Chances,
    ) -> Option<bool> {
        let chances = chances();
        let mut draw = |name| {
            self.take(name)
                .unwrap_or_else(|| self.streams.progress.uniform())
        };
        if draw(Draw::Completion) < chances.complete {
            Some(true)
        } else if draw(Draw::Failure) < chances.fail {
            Some(false)
        } else {
            None
        }
    }

    fn influence(&mut self) -> &mut Source {
        &mut self.streams.influence
    }

    fn conflict(&mut self) -> &mut Source {
        &mut self.streams.conflict
    }
}

impl Tape {
    fn affinities<S: Simd>(&mut self, simd: S, out: &mut [f64]) {
        self.streams.affinities.fill(simd, out, -1.0, 1.0);
        for affinity in out {
            if let Some(recorded) = self.take(Draw::Affinity) {
                *affinity = recorded;
            }
        }
    }
}
