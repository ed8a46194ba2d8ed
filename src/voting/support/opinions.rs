//! Affinities of participants for granted proposals, kept until the proposals end, if an extension needs them.

use super::{Layout, Seating};
use crate::engine::PerRun;
use crate::voting::proposals::Status;
use bevy_ecs::prelude::*;

/// Number of participants by which the room grows.
const ROOM: usize = 128;

/// Affinities and stakes on a granted proposal, of the participants at that time.
#[derive(Debug, Default)]
pub struct Opinion {
    /// Row of the proposal.
    pub proposal: u32,
    /// Day of the grant.
    pub day: u32,
    /// a of each participant, in order of rows; missing for later participants.
    pub affinities: Vec<f64>,
    /// True for each participant with tokens staked on it.
    pub staked: Vec<bool>,
}

/// Granted proposals that are active: a component of runs in which an extension depends on opinions.
#[derive(Component, Default, Debug)]
pub struct Opinions {
    /// True if opinions are kept.
    pub wanted: bool,
    /// Opinions, in order of id.
    pub kept: Vec<Opinion>,
    /// Buffers for reuse.
    spare: Vec<Opinion>,
}

impl PerRun for Opinions {
    fn begin(&mut self) {
        self.wanted = false;
        self.spare.append(&mut self.kept);
    }
}

impl Opinions {
    /// Keeps the opinions of the first `participants` on the candidate on a seat, which is about to be granted.
    pub fn keep(
        &mut self,
        day: u32,
        seat: usize,
        participants: usize,
        layout: &Layout,
        seating: &Seating,
    ) {
        let proposal = seating.seats.occupant[seat];
        let mut opinion = self.spare.pop().unwrap_or_default();
        (opinion.proposal, opinion.day) = (proposal, day);
        let affinities = layout
            .column(seating.edges.affinity, seat)
            .take(participants);
        // Ample room, so that reused buffers rarely grow.
        let room = participants.next_multiple_of(ROOM);
        opinion.affinities.clear();
        opinion.affinities.reserve(room);
        opinion.affinities.extend(affinities);
        let stakes = layout.column(seating.edges.stake, seat).take(participants);
        opinion.staked.clear();
        opinion.staked.reserve(room);
        opinion.staked.extend(stakes.map(|&stake| stake > 0.0));
        let place = self.kept.partition_point(|other| other.proposal < proposal);
        self.kept.insert(place, opinion);
    }

    /// Returns the opinions on a proposal.
    pub fn of(&mut self, proposal: u32) -> Option<&mut Opinion> {
        let place = self
            .kept
            .binary_search_by_key(&proposal, |opinion| opinion.proposal);
        place.ok().map(|place| &mut self.kept[place])
    }

    /// Drops proposals that are no longer active.
    pub fn forget_ended(&mut self, statuses: &[Status]) {
        let ended = |opinion: &mut Opinion| statuses[opinion.proposal as usize] != Status::Active;
        self.spare.extend(self.kept.extract_if(.., ended));
    }
}
