//! The state that a run starts from, until its participants and candidates have rows: drawn, or that of a DAO at a block
//! of its history.

use super::chance::InitialParticipant;
use crate::contract::Stored;
use crate::engine::{PerRun, Source};
use bevy_ecs::prelude::*;

/// The participants and candidates of the initial state.
#[derive(Component, Default)]
pub struct Opening {
    /// Participants, in the order of their rows; what they hold is in proportion unless it was observed.
    pub founders: Vec<InitialParticipant>,
    /// Candidates, in the order of their rows.
    pub candidates: Vec<OpeningCandidate>,
    /// Of a state that was observed, what the chain says besides.
    pub observed: Option<Observed>,
}

/// A candidate of the initial state.
#[derive(Clone, Debug, Default)]
pub struct OpeningCandidate {
    /// r, Honey.
    pub requested: f64,
    /// Days since its creation.
    pub age: f64,
    /// Whether it never passes, whatever its conviction.
    pub never_passes: bool,
    /// x by row of a participant, Honey: stakes above 0.
    pub stakes: Vec<(u32, f64)>,
    /// y, token-days in real numbers.
    pub conviction: f64,
    /// What the contract stores of it, in its own integers.
    pub on_chain: OnChainCandidate,
}

impl OpeningCandidate {
    /// A candidate without stakes that requests so much, Honey.
    pub fn new(requested: f64) -> Self {
        Self {
            requested,
            ..Self::default()
        }
    }
}

/// What the contract stores of a candidate, in its own integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnChainCandidate {
    /// What it requests, in units of 10⁻¹⁸; 0 where only its real number is known.
    pub requested: i128,
    /// Its stake and conviction.
    pub stored: Stored,
}

/// What the chain says of a state that was observed.
pub struct Observed {
    /// The block: as day 1 begins.
    pub block: u64,
    /// The pool, in units of 10⁻¹⁸.
    pub funds: i128,
    /// What participants hold, in the same units.
    pub held: i128,
    /// What others hold, in the same units.
    pub elsewhere: i128,
    /// What each participant has left on closed proposals.
    pub closed: Vec<Closed>,
    /// Whence affinities are drawn that suit the stakes.
    pub affinities: Source,
}

/// Tokens left on closed proposals.
#[derive(Clone, Copy, Debug, Default)]
pub struct Closed {
    /// Honey.
    pub tokens: f64,
    /// The same in units of 10⁻¹⁸.
    pub units: i128,
}

impl PerRun for Opening {
    fn begin(&mut self) {
        self.founders.clear();
        self.candidates.clear();
        self.observed = None;
    }
}

impl Opening {
    /// What each participant holds, in proportion, to be changed before they have rows.
    pub fn holdings_mut(&mut self) -> impl Iterator<Item = &mut f64> {
        self.founders
            .iter_mut()
            .map(|founder| &mut founder.holdings)
    }

    /// The largest conviction that any candidate brings along, token-days in real numbers.
    pub fn most_conviction(&self) -> f64 {
        let convictions = self.candidates.iter().map(|of| of.conviction);
        convictions.fold(0.0, f64::max)
    }
}
