//! Chance as recorded: each draw must be the next one of its day.

use crate::rng::{Stream, Streams};
use crate::world::chance::Chance;
use crate::world::components::{Settlement, Status};
use bevy_ecs::prelude::*;
use fearless_simd::Simd;

macro_rules! draws {
    ($($variant:ident = $name:literal,)+) => {
        /// The draws of the published program, by the names of the recordings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the names are those of the recordings")]
        pub enum Draw {
            $($variant,)+
        }

        impl Draw {
            /// Every draw.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in a recording.
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

/// How a run and its recording part.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TapeError {
    /// Another draw was recorded.
    #[error(
        "day {day}, draw {index}: the run asks for {asked}, but {found} of day {found_day} was recorded; \
         the recording belongs to other rules or another setting"
    )]
    Another {
        /// The day of the run.
        day: u32,
        /// The index of the recorded draw.
        index: usize,
        /// What the run asks for.
        asked: &'static str,
        /// What was recorded.
        found: &'static str,
        /// On which day.
        found_day: u32,
    },
    /// Nothing more was recorded.
    #[error("day {day}, draw {index}: the run asks for {asked}, but the recording ends here")]
    Ended {
        /// The day of the run.
        day: u32,
        /// The index of the draw that is not there.
        index: usize,
        /// What the run asks for.
        asked: &'static str,
    },
    /// The day is over, but a draw of it was not used.
    #[error(
        "day {day}, draw {index}: {found} was recorded, but the run did not use it; \
         the recording belongs to other rules or another setting"
    )]
    Unused {
        /// The day of the run.
        day: u32,
        /// The index of the recorded draw.
        index: usize,
        /// What was recorded.
        found: &'static str,
    },
}

/// The draws of a recording, to be used in their order.
#[derive(Component)]
pub struct Tape {
    /// Index in the recording, day, name and value.
    draws: Vec<(usize, u32, Draw, f64)>,
    next: usize,
    day: u32,
    /// Whether simulated chance takes over where the recording ends.
    goes_on: bool,
    streams: Streams,
    error: Option<TapeError>,
}

impl Tape {
    /// A tape of draws (index, day, name, value) of day 1 and later. When `goes_on`, simulated
    /// chance takes over at its end.
    pub fn new(draws: Vec<(usize, u32, Draw, f64)>, goes_on: bool, seed: u64) -> Self {
        Self {
            draws,
            next: 0,
            day: 0,
            goes_on,
            streams: Streams::new(seed, 0),
            error: None,
        }
    }

    /// From here on, draws must be of `day`.
    pub fn begin_day(&mut self, day: u32) {
        self.day = day;
    }

    /// Whether every draw was the recorded one so far.
    ///
    /// # Errors
    /// The first that was not.
    pub fn check(&self) -> Result<(), TapeError> {
        self.error.clone().map_or(Ok(()), Err)
    }

    /// Whether every draw of the day was used.
    ///
    /// # Errors
    /// The first that was not.
    pub fn end_day(&self) -> Result<(), TapeError> {
        match self.draws.get(self.next) {
            Some(&(index, day, found, _)) if day <= self.day => Err(TapeError::Unused {
                day: self.day,
                index,
                found: found.name(),
            }),
            _ => Ok(()),
        }
    }

    /// The next recorded value, which must be of this name; `None` where simulated chance takes
    /// over, or after an error.
    fn take(&mut self, asked: Draw) -> Option<f64> {
        if self.error.is_some() {
            return None;
        }
        let (day, asked_name) = (self.day, asked.name());
        match self.draws.get(self.next) {
            Some(&(_, recorded_day, found, value)) if recorded_day == day && found == asked => {
                self.next += 1;
                return Some(value);
            }
            Some(&(index, found_day, found, _)) => {
                self.error = Some(TapeError::Another {
                    day,
                    index,
                    asked: asked_name,
                    found: found.name(),
                    found_day,
                });
            }
            None if self.goes_on => {}
            None => {
                self.error = Some(TapeError::Ended {
                    day,
                    index: self.draws.last().map_or(0, |&(index, ..)| index + 1),
                    asked: asked_name,
                });
            }
        }
        None
    }
}

impl Chance for Tape {
    const RECORDED: bool = true;

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

    #[inline(always)]
    fn affinities<S: Simd>(&mut self, simd: S, out: &mut [f64]) {
        self.streams.affinities(simd, out);
        for affinity in out {
            if let Some(recorded) = self.take(Draw::Affinity) {
                *affinity = recorded;
            }
        }
    }

    /// The published program draws none of the proposer.
    #[inline(always)]
    fn affinities_for<S: Simd>(&mut self, simd: S, proposer: usize, out: &mut [f64]) {
        let others = out.len() - 1;
        self.affinities(simd, &mut out[..others]);
        out.copy_within(proposer..others, proposer + 1);
        out[proposer] = 1.0;
    }

    #[inline(always)]
    fn engagement<S: Simd>(&mut self, simd: S, out: &mut [f64]) {
        self.streams.engagement(simd, out);
        for u in out {
            if let Some(recorded) = self.take(Draw::Engagement) {
                *u = recorded;
            }
        }
    }

    /// The published program draws day by day.
    fn activate(&mut self, _day: u32, _complete: f64, _fail: f64) -> Option<Settlement> {
        None
    }

    fn settle(
        &mut self,
        _day: u32,
        _settlement: Settlement,
        chances: impl FnOnce() -> (f64, f64),
    ) -> Option<Status> {
        let (complete, fail) = chances();
        let mut draw = |name| {
            self.take(name)
                .unwrap_or_else(|| self.streams.stream(Stream::Progress).uniform())
        };
        if draw(Draw::Completion) < complete {
            Some(Status::Completed)
        } else if draw(Draw::Failure) < fail {
            Some(Status::Failed)
        } else {
            None
        }
    }

    fn own_streams(&mut self) -> &mut Streams {
        &mut self.streams
    }
}
