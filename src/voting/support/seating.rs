//! Start and end of candidacies.

use super::kernel::affinities;
use super::layout::{Detail, Layout, SEATS, Shape};
use super::show::ProposalSupport;
use super::*;
use crate::engine::{BatchLayout, RowsOfBatch, Run};
use crate::voting::opening::OpeningCandidate;
use crate::voting::proposals::{Ended, FundsRequested, ProposalId, Status, born};
use bevy_ecs::system::SystemParam;
use fearless_simd::Simd;

crate::rows_view! {
    /// Columns of proposals.
    #[allow(missing_docs, reason = "a column is documented at its component")]
    pub struct ProposalColumns<'w> {
        pub id: &'w mut ProposalId,
        pub requested: &'w mut FundsRequested,
        pub status: &'w mut Status,
        pub history: &'w mut History,
        pub support: &'w mut ProposalSupport,
    }
}

crate::rows_view! {
    /// Columns of seats.
    #[allow(missing_docs, reason = "a column is documented at its component")]
    pub struct SeatColumns<'w> {
        pub occupant: &'w mut Occupant,
        pub vacancy: &'w mut Vacancy,
        pub requested: &'w mut SeatRequest,
        pub born: &'w mut Born,
        pub stake_sum: &'w mut StakeSum,
        pub conviction_sum: &'w mut ConvictionSum,
        pub histogram: &'w mut Histogram,
    }
}

crate::rows_view! {
    /// Columns of edges.
    #[allow(missing_docs, reason = "a column is documented at its component")]
    pub struct EdgeColumns<'w> {
        pub affinity: &'w mut Affinity,
        pub stake: &'w mut Stake,
        pub conviction: &'w mut EdgeConviction,
    }
}

/// Tables that change when a seat is taken or vacated, for a system.
#[derive(SystemParam)]
pub struct SeatingRows<'w, 's> {
    proposals: Rows<'w, 's, ProposalColumns<'static>>,
    seats: Rows<'w, 's, SeatColumns<'static>>,
    edges: Rows<'w, 's, EdgeColumns<'static>>,
    restake: Rows<'w, 's, &'static mut Restake>,
}

/// Columns of [`SeatingRows`] with the rows of every run.
pub struct SeatingOfBatch<'w> {
    proposals: RowsOfBatch<'w, ProposalColumns<'static>>,
    /// Columns of seats.
    pub seats: RowsOfBatch<'w, SeatColumns<'static>>,
    /// Columns of edges.
    pub edges: RowsOfBatch<'w, EdgeColumns<'static>>,
    restake: RowsOfBatch<'w, &'static mut Restake>,
}

impl SeatingRows<'_, '_> {
    /// Returns the columns for a batch.
    #[inline]
    pub fn of_batch<'a>(&'a mut self, batch: &impl BatchLayout) -> SeatingOfBatch<'a> {
        SeatingOfBatch {
            proposals: self.proposals.of_batch(batch),
            seats: self.seats.of_batch(batch),
            edges: self.edges.of_batch(batch),
            restake: self.restake.of_batch(batch),
        }
    }
}

impl SeatingOfBatch<'_> {
    /// Returns all changing columns of a run.
    #[inline]
    pub fn of(&mut self, run: &Run) -> Seating<'_> {
        Seating {
            proposals: self.proposals.of(run),
            seats: self.seats.of(run),
            edges: self.edges.of(run),
            restake: self.restake.of(run),
        }
    }
}

/// Columns of a run that change when a seat is taken or vacated.
pub struct Seating<'a> {
    /// Proposals.
    pub proposals: ProposalColumns<'a>,
    /// Seats.
    pub seats: SeatColumns<'a>,
    /// Edges.
    pub edges: EdgeColumns<'a>,
    /// Participants whose support has changed.
    pub restake: &'a mut [bool],
}

/// End of a candidacy.
#[derive(Clone, Copy, Debug)]
pub struct Leaving {
    /// Day.
    pub day: u32,
    /// `Active` or `Killed`.
    pub status: Status,
    /// Last conviction, token-days.
    pub conviction: f64,
}

impl Seating<'_> {
    /// Vacates all seats.
    pub(super) fn clear(&mut self, layout: &Layout, participants: usize) {
        self.clear_seats(0, layout);
        self.restake[..participants].fill(false);
    }

    /// Clears the edges of a newcomer.
    pub(super) fn clear_newcomer(&mut self, row: usize, layout: &Layout) {
        for rows in layout.rows_opened(row) {
            self.edges.stake[rows.clone()].fill(0.0);
            if layout.detail >= Detail::Edges {
                self.edges.conviction[rows].fill(0.0);
            }
        }
        self.restake[row] = false;
    }

    /// Clears the edges of all participants for an eight that comes into use. Most others never do, and clearing them
    /// would displace used rows from the caches.
    fn clear_eight(&mut self, eight: usize, layout: &Layout, participants: usize) {
        let stakes = layout.eight_mut(self.edges.stake, eight);
        stakes
            .take(participants)
            .for_each(|stakes| stakes.fill(0.0));
        if layout.detail >= Detail::Edges {
            let convictions = layout.eight_mut(self.edges.conviction, eight);
            convictions
                .take(participants)
                .for_each(|convictions| convictions.fill(0.0));
        }
    }

    fn clear_seats(&mut self, seat: usize, layout: &Layout) {
        let rows = seat..layout.shape().seats();
        self.seats.occupant[rows.clone()].fill(NONE);
        self.seats.vacancy[rows.clone()].fill(f64::NEG_INFINITY);
        self.seats.requested[rows.clone()].fill(0.0);
        self.seats.stake_sum[rows.clone()].fill(0.0);
        self.seats.conviction_sum[rows].fill(0.0);
    }

    /// Makes room for more edges. Blocks move apart if they need room for more participants.
    pub(super) fn enlarge(&mut self, shape: Shape, layout: &mut Layout) {
        let before = layout.shape();
        layout.enlarge(shape);
        let (from, to) = (before.people * SEATS, shape.people * SEATS);
        spread(self.edges.affinity, before.blocks, from, to);
        spread(self.edges.stake, before.blocks, from, to);
        if layout.detail >= Detail::Edges {
            spread(self.edges.conviction, before.blocks, from, to);
        }
        self.clear_seats(before.seats(), layout);
    }

    /// Makes a proposal of this day a candidate with these affinities of participants; returns its row.
    #[inline(always)]
    pub fn seat<S: Simd>(
        &mut self,
        simd: S,
        layout: &mut Layout,
        population: &mut Population,
        day: u32,
        requested: f64,
        affinities: &[f64],
    ) -> usize {
        let (id, row) = (population.next_id(), population.proposals);
        population.proposals += 1;
        let seat = layout.take();
        if layout.opens(seat) {
            self.clear_eight(seat / LANES, layout, population.participants);
        }
        let column = layout.column_mut(self.edges.affinity, seat);
        let histogram = affinities::fill_seat(simd, column, affinities);
        layout.affinities.join(&histogram);

        self.seats.occupant[seat] = row as u32;
        self.seats.vacancy[seat] = 0.0;
        self.seats.histogram[seat] = histogram;
        self.seats.requested[seat] = requested;
        self.seats.born[seat] = f64::from(born(day));

        self.proposals.id[row] = id;
        self.proposals.requested[row] = requested;
        self.proposals.status[row] = Status::Candidate;
        self.proposals.history[row] = History::begin(day, seat as u32);
        if layout.detail >= Detail::Proposals {
            self.proposals.support[row] = ProposalSupport::default();
        }
        row
    }

    /// Sets the initial age, stakes and conviction (token-days) of the candidate on a seat. Conviction is split in
    /// proportion to the stakes, or equally among all participants without stakes.
    pub fn open(
        &mut self,
        layout: &mut Layout,
        participants: usize,
        seat: usize,
        candidate: &OpeningCandidate,
        conviction: f64,
    ) {
        self.seats.born[seat] -= candidate.age;
        if candidate.never_passes {
            layout.never_passes(seat);
        }
        for &(participant, stake) in &candidate.stakes {
            self.edges.stake[layout.edge(seat, participant as usize)] = stake;
            self.seats.stake_sum[seat] += stake;
        }
        self.seats.conviction_sum[seat] = conviction;
        if layout.detail >= Detail::Edges && conviction > 0.0 {
            let staked = self.seats.stake_sum[seat];
            for participant in 0..participants {
                let edge = layout.edge(seat, participant);
                let share = match staked > 0.0 {
                    true => self.edges.stake[edge] / staked,
                    false => 1.0 / participants as f64,
                };
                self.edges.conviction[edge] = share * conviction;
            }
        }
    }

    /// Ends the candidacy on a seat; returns the row of the proposal. It marks participants with a stake on it, since
    /// their support has changed.
    pub fn vacate(
        &mut self,
        layout: &mut Layout,
        participants: usize,
        ended: &mut Ended,
        seat: usize,
        leaving: Leaving,
    ) -> usize {
        let Leaving {
            day,
            status,
            conviction,
        } = leaving;
        let row = self.seats.occupant[seat] as usize;
        debug_assert!(self.proposals.status[row].may_become(status));
        self.proposals.status[row] = status;
        if status == Status::Killed {
            ended.killed.add(self.proposals.requested[row]);
        }
        let history = &mut self.proposals.history[row];
        history.left_candidacy = day;
        history.conviction = conviction;
        history.seat = NONE;

        layout.affinities.part(&self.seats.histogram[seat]);
        self.seats.occupant[seat] = NONE;
        self.seats.vacancy[seat] = f64::NEG_INFINITY;
        self.seats.requested[seat] = 0.0;
        self.seats.stake_sum[seat] = 0.0;
        self.seats.conviction_sum[seat] = 0.0;

        if layout.detail >= Detail::Proposals {
            let mut support = ProposalSupport::default();
            let affinities = layout.column(self.edges.affinity, seat);
            let stakes = layout.column(self.edges.stake, seat);
            for (&affinity, &stake) in affinities.zip(stakes).take(participants) {
                support.add(affinity, stake);
            }
            self.proposals.support[row] = support;
        }
        if layout.detail >= Detail::Edges {
            let convictions = layout.column_mut(self.edges.conviction, seat);
            convictions
                .take(participants)
                .for_each(|conviction| *conviction = 0.0);
        }
        let restake = self.restake[..participants].iter_mut();
        for (restake, stake) in restake.zip(layout.column_mut(self.edges.stake, seat)) {
            // Any number but 0, of either sign.
            *restake |= stake.to_bits() << 1 != 0;
            *stake = 0.0;
        }
        layout.vacate(seat);
        row
    }
}

/// Affinities of all participants for the candidates, for a system that changes them and keeps their histograms up to
/// date.
#[derive(SystemParam)]
pub struct AffinityRows<'w, 's> {
    edges: Rows<'w, 's, &'static mut Affinity>,
    seats: Rows<'w, 's, &'static mut Histogram>,
}

/// Columns of [`AffinityRows`] with the rows of every run.
pub struct AffinitiesOfBatch<'w> {
    edges: RowsOfBatch<'w, &'static mut Affinity>,
    seats: RowsOfBatch<'w, &'static mut Histogram>,
    of_seat: Vec<f64>,
}

impl AffinityRows<'_, '_> {
    /// Returns the columns for a batch.
    #[inline]
    pub fn of_batch<'a>(&'a mut self, batch: &impl BatchLayout) -> AffinitiesOfBatch<'a> {
        AffinitiesOfBatch {
            edges: self.edges.of_batch(batch),
            seats: self.seats.of_batch(batch),
            of_seat: Vec::new(),
        }
    }
}

impl AffinitiesOfBatch<'_> {
    /// Changes the affinity of each present participant for the candidate on a seat.
    pub fn change_seat(
        &mut self,
        run: &Run,
        layout: &mut Layout,
        participants: usize,
        seat: usize,
        change: impl Fn(f64) -> f64,
    ) {
        let (edges, seats) = (self.edges.of(run), self.seats.of(run));
        let column = edges[layout.edge(seat, 0)..].iter_mut().step_by(SEATS);
        let mut histogram = Histogram::default();
        let present = column
            .take(participants)
            .filter(|affinity| **affinity != ABSENT);
        for affinity in present {
            *affinity = change(*affinity);
            histogram.add(*affinity);
        }
        layout.affinities.part(&seats[seat]);
        layout.affinities.join(&histogram);
        seats[seat] = histogram;
    }

    /// Calls `change` with the affinities of all present participants for each candidate of a run, in the order of
    /// seats.
    pub fn change(
        &mut self,
        run: &Run,
        layout: &mut Layout,
        participants: usize,
        mut change: impl FnMut(&mut [f64]),
    ) {
        let (edges, seats) = (self.edges.of(run), self.seats.of(run));
        let mut all = Histogram::default();
        for seat in layout.taken() {
            let column = &mut edges[layout.edge(seat, 0)..];
            let values = column.iter().step_by(SEATS).take(participants);
            let of_seat = &mut self.of_seat;
            of_seat.clear();
            of_seat.extend(values.filter(|&&value| value != ABSENT));
            change(of_seat);
            let mut histogram = Histogram::default();
            let values = column.iter_mut().step_by(SEATS).take(participants);
            let present = values.filter(|value| **value != ABSENT);
            for (value, edge) in of_seat.iter().zip(present) {
                *edge = *value;
                histogram.add(*value);
            }
            seats[seat] = histogram;
            all.join(&histogram);
        }
        layout.affinities = all;
    }

    /// Removes the affinities of a participant who leaves from all counts.
    pub fn forget(&mut self, run: &Run, layout: &mut Layout, participant: usize) {
        let (edges, seats) = (self.edges.of(run), self.seats.of(run));
        let mut all = layout.affinities;
        for seat in layout.taken() {
            let edge = &mut edges[layout.edge(seat, participant)];
            seats[seat].take_out(*edge);
            all.take_out(*edge);
            *edge = ABSENT;
        }
        layout.affinities = all;
    }
}
