//! How proposals come to and leave candidacy.

use super::commons::{Commons, Detail, born};
use super::components::{History, NONE, Restake, Status, Support};
use super::kernels::ranking::{self, Affinities};
use super::on_chain::OnChain;
use super::slots::{Slot, spread};
use super::tables::*;
use super::tiles::{SEATS, Shape};
use bevy_ecs::system::SystemParam;
use fearless_simd::Simd;
use std::ops::Range;

/// The tables that change when a seat is taken or vacated.
#[derive(SystemParam)]
pub struct SeatingTables<'w, 's> {
    proposals: Columns<'w, 's, Proposals>,
    seats: Columns<'w, 's, Seats>,
    edges: Columns<'w, 's, SupportEdges>,
    restake: Columns<'w, 's, &'static mut Restake>,
    chain: Columns<'w, 's, &'static mut OnChain>,
}

/// The columns of [`SeatingTables`] with the rows of every run.
pub struct WholeSeating<'w, 's> {
    /// The proposals.
    pub proposals: WholeProposals<'w>,
    /// The seats.
    pub seats: WholeSeats<'w>,
    /// The support edges.
    pub edges: WholeSupportEdges<'w>,
    restake: Whole<'w, 's, &'static mut Restake>,
    chain: Whole<'w, 's, &'static mut OnChain>,
}

impl<'s> SeatingTables<'_, 's> {
    /// Finds the columns.
    pub fn whole(&mut self) -> WholeSeating<'_, 's> {
        WholeSeating {
            proposals: self.proposals.whole().named(),
            seats: self.seats.whole().named(),
            edges: self.edges.whole().named(),
            restake: self.restake.whole(),
            chain: self.chain.whole(),
        }
    }
}

impl WholeSeating<'_, '_> {
    /// The affinities of a run.
    pub fn affinities(&mut self, commons: &Commons) -> Affinities<'_> {
        let rows = self.edges.affinity.of(&commons.slot);
        let vacancy = self.seats.vacancy.of(&commons.slot);
        Affinities::new(rows, vacancy, &commons.tiles)
    }

    /// All of a run that changes.
    pub fn of(&mut self, slot: &Slot) -> Seating<'_> {
        Seating {
            proposals: self.proposals.of(slot),
            seats: self.seats.of(slot),
            edges: self.edges.of(slot),
            restake: self.restake.of(slot),
            chain: self.chain.of(slot),
        }
    }
}

/// The columns of a run that change when a seat is taken or vacated.
pub struct Seating<'a> {
    /// The proposals.
    pub proposals: ProposalColumns<'a>,
    /// The seats.
    pub seats: SeatColumns<'a>,
    /// The support edges.
    pub edges: SupportEdgeColumns<'a>,
    /// Which idle participants' stakes must be split anew.
    pub restake: &'a mut [bool],
    /// What the contract stores of each seat's candidate; empty but in the contract's arithmetic.
    pub chain: &'a mut [OnChain],
}

impl Seating<'_> {
    /// Vacates every seat there is room for, with its edges.
    pub fn clear(&mut self, commons: &Commons) {
        let people = commons.population.participants;
        self.clear_seats(0, commons);
        self.clear_edges(0, 0..people, commons);
        self.restake[..people].fill(false);
    }

    /// Prepares the row of a newcomer and its edges.
    pub fn clear_participant(&mut self, participant: usize, commons: &Commons) {
        self.clear_edges(0, participant..participant + 1, commons);
        self.restake[participant] = false;
    }

    /// Clears the edges of neighbouring participants in the blocks from `first` on.
    fn clear_edges(&mut self, first: usize, people: Range<usize>, commons: &Commons) {
        let edges = &mut self.edges;
        for rows in commons.tiles.rows(first, people) {
            edges.stake[rows.clone()].fill(0.0);
            if commons.detail >= Detail::Edges {
                edges.conviction[rows].fill(0.0);
            }
        }
    }

    fn clear_seats(&mut self, seat: usize, commons: &Commons) {
        let (rows, seats) = (seat..commons.tiles.shape().seats(), &mut self.seats);
        seats.occupant[rows.clone()].fill(NONE);
        seats.vacancy[rows.clone()].fill(f64::NEG_INFINITY);
        seats.requested[rows.clone()].fill(0.0);
        seats.stake[rows.clone()].fill(0.0);
        seats.conviction[rows].fill(0.0);
    }

    /// Makes room for more edges. Blocks move apart where participants are too many for them.
    pub fn enlarge(&mut self, shape: Shape, commons: &mut Commons) {
        let (before, people) = (commons.tiles.shape(), commons.population.participants);
        commons.tiles.enlarge(shape);
        let (from, to) = (before.people * SEATS, shape.people * SEATS);
        spread(self.edges.affinity, before.blocks, from, to);
        spread(self.edges.stake, before.blocks, from, to);
        if commons.detail >= Detail::Edges {
            spread(self.edges.conviction, before.blocks, from, to);
        }
        self.clear_seats(before.seats(), commons);
        self.clear_edges(before.blocks, 0..people, commons);
    }

    /// Makes a proposal of this day a candidate with this affinity of each participant; returns its
    /// row.
    #[inline(always)]
    pub fn seat<S: Simd>(
        &mut self,
        simd: S,
        commons: &mut Commons,
        requested: f64,
        affinities: &[f64],
    ) -> usize {
        let (id, row) = (commons.population.next_id(), commons.population.proposals);
        commons.population.proposals += 1;
        let seat = commons.tiles.take();
        let column = &mut self.edges.affinity[commons.tiles.edge(seat, 0)..];
        let ranks = ranking::fill_seat(simd, column, affinities);
        commons.ranks.join(&ranks);

        let (seats, created) = (&mut self.seats, commons.today.day);
        seats.occupant[seat] = row as u32;
        seats.vacancy[seat] = 0.0;
        seats.ranks[seat] = ranks;
        seats.requested[seat] = requested;
        seats.born[seat] = f64::from(born(created));
        if commons.chain.is_some() {
            self.chain[seat] = OnChain::default();
        }

        let proposals = &mut self.proposals;
        proposals.id[row] = id;
        proposals.requested[row] = requested;
        proposals.status[row] = Status::Candidate;
        proposals.history[row] = History::begin(created, seat as u32);
        if commons.detail >= Detail::Proposals {
            proposals.support[row] = Support::default();
        }
        row
    }

    /// Ends the candidacy on a seat; returns the row of the proposal, which keeps this last
    /// conviction (token-days). Idle participants who had staked on it are marked, since what they
    /// support has changed.
    pub fn vacate(
        &mut self,
        commons: &mut Commons,
        seat: usize,
        status: Status,
        conviction: f64,
    ) -> usize {
        let (seats, proposals) = (&mut self.seats, &mut self.proposals);
        let row = seats.occupant[seat] as usize;
        debug_assert!(proposals.status[row].may_become(status));
        proposals.status[row] = status;
        commons.tally.note_end(status, proposals.requested[row]);
        let history = &mut proposals.history[row];
        history.left_candidacy = commons.today.day;
        history.conviction = conviction;
        history.seat = NONE;

        commons.ranks.part(&seats.ranks[seat]);
        seats.occupant[seat] = NONE;
        seats.vacancy[seat] = f64::NEG_INFINITY;
        seats.requested[seat] = 0.0;
        seats.stake[seat] = 0.0;
        seats.conviction[seat] = 0.0;

        let edges = &mut self.edges;
        let participants = commons.population.participants;
        if commons.detail >= Detail::Proposals {
            let mut support = Support::default();
            for participant in 0..participants {
                let edge = commons.tiles.edge(seat, participant);
                support.add(edges.affinity[edge], edges.stake[edge]);
            }
            proposals.support[row] = support;
        }
        if commons.detail >= Detail::Edges {
            for participant in 0..participants {
                edges.conviction[commons.tiles.edge(seat, participant)] = 0.0;
            }
        }
        let mut edge = commons.tiles.edge(seat, 0);
        for restake in &mut self.restake[..participants] {
            let stake = &mut edges.stake[edge];
            // Whether it is 0, of either sign.
            *restake |= stake.to_bits() << 1 != 0;
            *stake = 0.0;
            edge += SEATS;
        }
        commons.tiles.vacate(seat);
        row
    }
}
