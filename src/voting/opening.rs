//! Initial state of a run, until its participants and candidates have rows: drawn, or that of a DAO at a block of its
//! history.

use super::chance::InitialParticipant;
use crate::contract::{Pool, Snapshot, Stored, gardens2};
use crate::engine::{PerRun, Source};
use bevy_ecs::prelude::*;

/// Participants and candidates of the initial state.
#[derive(Component, Default)]
pub struct Opening {
    /// Participants in order of their rows; drawn holdings are relative.
    pub founders: Vec<InitialParticipant>,
    /// Candidates in order of their rows.
    pub candidates: Vec<OpeningCandidate>,
    /// Further state of the chain, if the run starts from a history.
    pub observed: Option<Observed>,
}

/// Candidate of the initial state.
#[derive(Clone, Debug, Default)]
pub struct OpeningCandidate {
    /// r, Honey.
    pub requested: f64,
    /// Days since its creation.
    pub age: f64,
    /// True if it never passes, whatever its conviction.
    pub never_passes: bool,
    /// x by row of a participant, Honey: stakes above 0.
    pub stakes: Vec<(u32, f64)>,
    /// y, token-days in real numbers.
    pub conviction: f64,
    /// State in the contract's integers.
    pub on_chain: OnChainCandidate,
    /// Points stored with it, under Gardens v2.
    pub snapshot: gardens2::Snapshot,
}

impl OpeningCandidate {
    /// Creates a candidate without stakes; its request is in Honey.
    pub fn new(requested: f64) -> Self {
        Self {
            requested,
            ..Self::default()
        }
    }
}

/// State of a candidate in the contract's integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnChainCandidate {
    /// Request in units of 10⁻¹⁸; 0 if only its real number is known.
    pub requested: i128,
    /// Its stake and conviction.
    pub stored: Stored,
}

/// State of the chain at the start of a run from a history.
pub struct Observed {
    /// State of the DAO; day 1 begins at its block.
    pub state: &'static Snapshot,
    /// The pool, in units of 10⁻¹⁸.
    pub funds: i128,
    /// Holdings of participants, in the same units.
    pub held: i128,
    /// Holdings of others, in the same units.
    pub elsewhere: i128,
    /// Tokens of each participant left on closed proposals.
    pub closed: Vec<Closed>,
    /// Random stream of affinities that match the stakes.
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
    /// Returns the pool of Gardens v2 from which the run starts, if any.
    pub fn pool(&self) -> Option<&'static Pool> {
        self.observed.as_ref()?.state.pool()
    }

    /// Returns relative holdings, to be changed before participants have rows.
    pub fn holdings_mut(&mut self) -> impl Iterator<Item = &mut f64> {
        self.founders
            .iter_mut()
            .map(|founder| &mut founder.holdings)
    }

    /// Returns the largest initial conviction of a candidate, token-days in real numbers.
    pub fn most_conviction(&self) -> f64 {
        let convictions = self.candidates.iter().map(|of| of.conviction);
        convictions.fold(0.0, f64::max)
    }
}
