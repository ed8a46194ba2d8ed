//! Lists candidates without seats, which a feature files besides the proposals of participants.
//!
//! They are not proposals of the model: no participant supports them, and no count includes them. Release
//! judges and pays them together with the candidates that have seats. The owning feature lets their conviction
//! accrue.

use super::{Passing, Threshold};
use crate::engine::PerRun;
use crate::voting::proposals::born;
use bevy_ecs::prelude::*;

/// Candidate without a seat.
#[derive(Clone, Copy, Debug)]
pub struct SideCandidate<V> {
    /// Number of its owner, assigned by the feature.
    pub owner: usize,
    /// Day of its creation.
    pub created: u32,
    /// r, Honey.
    pub requested: f64,
    /// x, Honey.
    pub stake: f64,
    /// y, token-days.
    pub conviction: f64,
    /// State that the mechanism stores.
    pub stored: V,
    /// True if it was paid today; its owner then removes it from the list.
    pub paid: bool,
}

/// Candidates without seats, in order of creation; a component of runs of a model with a feature that files
/// such candidates.
#[derive(Component, Debug)]
pub struct SideList<M: Passing>(pub Vec<SideCandidate<M::Stored>>);

impl<V> SideCandidate<V> {
    /// Returns the day from which its age counts.
    fn born(&self) -> f64 {
        f64::from(born(self.created))
    }

    /// Returns true if it is older than this many days on a day.
    pub fn is_older_than(&self, days: f64, day: u32) -> bool {
        f64::from(day) - self.born() > days
    }
}

impl<M: Passing> Default for SideList<M> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<M: Passing> PerRun for SideList<M> {
    fn begin(&mut self) {
        self.0.clear();
    }
}

impl<M: Passing> SideList<M> {
    /// Returns the places of candidates that are old enough and exceed their triggers.
    pub(super) fn convincing(&self, threshold: &Threshold) -> impl Iterator<Item = usize> {
        let each = self.0.iter().enumerate();
        let convinces = |candidate: &SideCandidate<_>| {
            threshold.is_exceeded(candidate.requested, candidate.born(), candidate.conviction)
        };
        each.filter_map(move |(place, candidate)| convinces(candidate).then_some(place))
    }
}
