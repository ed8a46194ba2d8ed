//! What participants thought of proposals that were granted, kept until those end, where an extension
//! asks for it.

use super::{Layout, Seating};
use crate::engine::PerRun;
use crate::voting::proposals::Status;
use bevy_ecs::prelude::*;

/// There is room for so many participants at a time.
const ROOM: usize = 128;

/// A proposal that was granted, as those saw it who were there then.
#[derive(Debug, Default)]
pub struct Opinion {
    /// Its row.
    pub proposal: u32,
    /// The day on which it was granted.
    pub day: u32,
    /// a of each participant, in order of rows; of those who came later there is none.
    pub affinities: Vec<f64>,
    /// Whether each had tokens staked on it.
    pub staked: Vec<bool>,
}

/// The proposals that were granted and are under way: a component of runs in which something depends on
/// what was thought of them.
#[derive(Component, Default, Debug)]
pub struct Opinions {
    /// Whether any are kept.
    pub wanted: bool,
    /// Each of them, in order of id.
    pub kept: Vec<Opinion>,
    /// Room of those that were kept.
    spare: Vec<Opinion>,
}

impl PerRun for Opinions {
    fn begin(&mut self) {
        self.wanted = false;
        self.spare.append(&mut self.kept);
    }
}

impl Opinions {
    /// Keeps what the first `participants` think of the candidate on a seat, which is about to be granted.
    pub fn keep(
        &mut self,
        day: u32,
        seat: usize,
        participants: usize,
        layout: &Layout,
        seating: &Seating,
    ) {
        let proposal = seating.occupant[seat];
        let mut opinion = self.spare.pop().unwrap_or_default();
        (opinion.proposal, opinion.day) = (proposal, day);
        let affinities = layout.column(seating.affinity, seat).take(participants);
        // Ample room, so that what is used again hardly ever grows.
        let room = participants.next_multiple_of(ROOM);
        opinion.affinities.clear();
        opinion.affinities.reserve(room);
        opinion.affinities.extend(affinities);
        let stakes = layout.column(seating.stake, seat).take(participants);
        opinion.staked.clear();
        opinion.staked.reserve(room);
        opinion.staked.extend(stakes.map(|&stake| stake > 0.0));
        let place = self.kept.partition_point(|other| other.proposal < proposal);
        self.kept.insert(place, opinion);
    }

    /// What is kept of a proposal.
    pub fn of(&mut self, proposal: u32) -> Option<&mut Opinion> {
        let place = self
            .kept
            .binary_search_by_key(&proposal, |opinion| opinion.proposal);
        place.ok().map(|place| &mut self.kept[place])
    }

    /// Forgets the proposals that are no longer under way.
    pub fn forget_ended(&mut self, statuses: &[Status]) {
        let ended = |opinion: &mut Opinion| statuses[opinion.proposal as usize] != Status::Active;
        self.spare.extend(self.kept.extract_if(.., ended));
    }
}
