//! Candidates without seats: what a feature puts up for payment beside the proposals of participants.
//!
//! They are no proposals of the model: no participant supports them, and nothing counts them. Release judges
//! and pays them together with the candidates that have seats. Whoever puts them up lets them accrue.

use super::{Passing, Threshold};
use crate::engine::PerRun;
use crate::voting::proposals::born;
use bevy_ecs::prelude::*;

/// A candidate without a seat.
#[derive(Clone, Copy, Debug)]
pub struct SideCandidate<V> {
    /// Whose it is: the number of whoever put it up.
    pub owner: usize,
    /// The day on which it was put up.
    pub created: u32,
    /// r, Honey.
    pub requested: f64,
    /// x, Honey.
    pub stake: f64,
    /// y, token-days.
    pub conviction: f64,
    /// What the mechanism stores of it.
    pub stored: V,
    /// Whether it was paid today: its owner takes it off the list.
    pub paid: bool,
}

/// The candidates without seats, in the order put up: a component of the runs of a model with a feature that
/// puts up such.
#[derive(Component, Debug)]
pub struct SideList<M: Passing>(pub Vec<SideCandidate<M::Stored>>);

impl<V> SideCandidate<V> {
    /// The day from which its age counts.
    fn born(&self) -> f64 {
        f64::from(born(self.created))
    }

    /// Whether it is older than so many days on a day.
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
    /// The places in the list of those that are old enough and convince.
    pub(super) fn convincing(&self, threshold: &Threshold) -> impl Iterator<Item = usize> {
        let each = self.0.iter().enumerate();
        let convinces = |candidate: &SideCandidate<_>| {
            threshold.is_exceeded(candidate.requested, candidate.born(), candidate.conviction)
        };
        each.filter_map(move |(place, candidate)| convinces(candidate).then_some(place))
    }
}
