//! How proposals come to and leave candidacy.

use super::components::{NONE, Status, Support, VACANT};
use super::resources::{Conditions, Today};
use super::tables::{Participants, Proposals, Seats, SupportEdges};
use super::tiles::{LANES, Tiles};
use crate::model::trigger;
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;

/// All that changes when a seat is taken or vacated.
#[derive(SystemParam)]
pub struct Seating<'w, 's> {
    /// Which edge lives where.
    pub tiles: ResMut<'w, Tiles>,
    /// The proposals.
    pub proposals: Proposals<'w, 's>,
    /// The seats.
    pub seats: Seats<'w, 's>,
    /// The support edges.
    pub edges: SupportEdges<'w, 's>,
    /// The participants.
    pub participants: Participants<'w, 's>,
}

impl Seating<'_, '_> {
    /// Makes the proposal in `row` a candidate with this affinity of each participant; returns its
    /// seat. `id`, `requested` and the day of creation become the proposal's.
    pub fn seat(
        &mut self,
        row: usize,
        id: u32,
        requested: f64,
        created: u32,
        affinities: &[f64],
    ) -> usize {
        let (seat, opened) = self.tiles.take();
        let edges = self.edges.columns();
        if opened {
            let first = self.tiles.row(seat / LANES, 0);
            let rows = first..first + affinities.len() * LANES;
            edges.affinity[rows.clone()].fill(VACANT);
            edges.stake[rows.clone()].fill(0.0);
            edges.conviction[rows].fill(0.0);
        }
        for (participant, &affinity) in affinities.iter().enumerate() {
            edges.affinity[self.tiles.edge(seat, participant)] = affinity;
        }

        let seats = self.seats.columns();
        if opened {
            seats.occupant[seat..seat + LANES].fill(NONE);
            seats.requested[seat..seat + LANES].fill(0.0);
        }
        seats.occupant[seat] = row as u32;
        seats.requested[seat] = requested;
        seats.created[seat] = created;
        seats.stake[seat] = 0.0;
        seats.conviction[seat] = 0.0;

        let proposals = self.proposals.columns();
        proposals.id[row] = id;
        proposals.requested[row] = requested;
        proposals.status[row] = Status::Candidate;
        proposals.created[row] = created;
        proposals.left_candidacy[row] = NONE;
        proposals.conviction[row] = 0.0;
        proposals.trigger[row] = f64::NAN;
        proposals.passed_trigger[row] = f64::NAN;
        proposals.support[row] = Support::default();
        proposals.seat[row] = seat as u32;
        seat
    }

    /// Ends the candidacy on a seat; returns the row of the proposal, which keeps its last
    /// conviction and the trigger stated this day. Idle participants who had staked on it are
    /// marked, since what they support has changed.
    pub fn vacate(
        &mut self,
        seat: usize,
        today: &Today,
        conditions: &Conditions,
        participants: usize,
    ) -> usize {
        let seats = self.seats.columns();
        let row = seats.occupant[seat] as usize;
        let conviction = seats.conviction[seat];
        seats.occupant[seat] = NONE;
        seats.requested[seat] = 0.0;
        seats.stake[seat] = 0.0;
        seats.conviction[seat] = 0.0;

        let proposals = self.proposals.columns();
        debug_assert!(today.age(proposals.created[row]) > 0);
        proposals.left_candidacy[row] = today.day;
        proposals.conviction[row] = conviction;
        proposals.trigger[row] = trigger(
            proposals.requested[row],
            today.funds,
            today.effective,
            &conditions.setting.parameters,
        );
        proposals.seat[row] = NONE;

        let edges = self.edges.columns();
        let people = self.participants.columns();
        if conditions.detail {
            let mut support = Support::default();
            for participant in 0..participants {
                let edge = self.tiles.edge(seat, participant);
                support.add(edges.affinity[edge], edges.stake[edge]);
            }
            proposals.support[row] = support;
        }
        for participant in 0..participants {
            let edge = self.tiles.edge(seat, participant);
            people.restake[participant] |= edges.stake[edge] != 0.0;
            edges.affinity[edge] = VACANT;
            edges.stake[edge] = 0.0;
            edges.conviction[edge] = 0.0;
        }
        self.tiles.vacate(seat);
        row
    }
}
