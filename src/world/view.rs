//! The state of a world, to be read.

use super::commons::{Commons, Group, RunFailure, Tally, Vectors};
use super::components::{Conflict, Influence, NONE, Status, Support};
use super::kernels::seats::{self, Bar};
use super::on_chain::OnChain;
use super::supply::Supply;
use super::tables::*;
use crate::model::Setting;
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemState;
use fearless_simd::{Level, dispatch};

type Tables = (
    Columns<'static, 'static, Participants>,
    Columns<'static, 'static, Proposals>,
    Columns<'static, 'static, Seats>,
    Columns<'static, 'static, SupportEdges>,
    Columns<'static, 'static, &'static Influence>,
    Columns<'static, 'static, ConflictEdges>,
    Columns<'static, 'static, &'static OnChain>,
    Query<'static, 'static, &'static Commons>,
    Res<'static, Vectors>,
);

/// The ways into a world that views need, made once.
pub struct Access(SystemState<Tables>);

impl Access {
    /// Prepares the ways into `world`.
    pub fn new(world: &mut World) -> Self {
        Self(SystemState::new(world))
    }

    /// The states of `runs` as they are.
    pub fn read<'w>(&'w mut self, world: &'w mut World, runs: &'w [Entity]) -> Views<'w> {
        let (participants, proposals, seats, edges, influences, conflicts, chain, commons, vectors) =
            self.0.get_mut(world).expect("queries are always valid");
        Views {
            participants: participants.into_whole(),
            proposals: proposals.into_whole(),
            seats: seats.into_whole(),
            edges: edges.into_whole(),
            influences: influences.into_whole(),
            conflicts: conflicts.into_whole(),
            chain: chain.into_whole(),
            commons,
            vectors: vectors.0,
            runs,
        }
    }
}

/// The states of all runs of a world at one moment.
pub struct Views<'w> {
    participants: Whole<'w, 'w, Participants>,
    proposals: Whole<'w, 'w, Proposals>,
    seats: Whole<'w, 'w, Seats>,
    edges: Whole<'w, 'w, SupportEdges>,
    influences: Whole<'w, 'w, &'static Influence>,
    conflicts: Whole<'w, 'w, ConflictEdges>,
    chain: Whole<'w, 'w, &'static OnChain>,
    commons: Query<'w, 'w, &'static Commons>,
    vectors: Level,
    runs: &'w [Entity],
}

impl Views<'_> {
    /// The state of a run.
    pub fn of(&mut self, run: usize) -> View<'_> {
        let commons = self.commons.get(self.runs[run]).expect("a run's entity");
        let slot = &commons.slot;
        View {
            participants: self.participants.of(slot).into(),
            proposals: self.proposals.of(slot).into(),
            seats: self.seats.of(slot).into(),
            edges: self.edges.of(slot).into(),
            influences: self.influences.of(slot),
            conflicts: self.conflicts.of(slot),
            chain: self.chain.of(slot),
            commons,
            vectors: self.vectors,
        }
    }
}

/// The state of a run at one moment.
pub struct View<'w> {
    participants: ParticipantColumns<'w>,
    proposals: ProposalColumns<'w>,
    seats: SeatColumns<'w>,
    edges: SupportEdgeColumns<'w>,
    influences: &'w [Influence],
    conflicts: &'w [Conflict],
    chain: &'w [OnChain],
    commons: &'w Commons,
    vectors: Level,
}

/// A participant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParticipantState {
    /// Id, in the sequence that proposals share.
    pub id: u32,
    /// Tokens, Honey.
    pub holdings: f64,
    /// Own sentiment, 0 to 1.
    pub sentiment: f64,
}

/// A proposal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProposalState {
    /// Id, in the sequence that participants share.
    pub id: u32,
    /// Where it is in its life.
    pub status: Status,
    /// Days since creation; one that arrives on a day has age 1 by that day's end.
    pub age: u32,
    /// The day on which it was made.
    pub created: u32,
    /// Honey.
    pub funds_requested: f64,
    /// Token-days: of a candidate, or the last of a killed one; NaN once it was accepted.
    pub conviction: f64,
    /// Token-days, as stated on this day; NaN for those that were no candidates this day.
    pub trigger: f64,
    /// The day on which it left candidacy.
    pub left_candidacy: Option<u32>,
    /// How it passed, if it did.
    pub passing: Option<Passing>,
}

/// How a proposal passed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Passing {
    /// The day.
    pub day: u32,
    /// Its conviction then, token-days.
    pub conviction: f64,
    /// The trigger it exceeded, with F and E at that moment, token-days.
    pub trigger: f64,
}

/// A support edge to a candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SupportEdgeState {
    /// Id of the participant.
    pub participant: u32,
    /// Id of the proposal.
    pub proposal: u32,
    /// −1 to 1.
    pub affinity: f64,
    /// Tokens staked, Honey.
    pub tokens: f64,
    /// Token-days; kept only in runs with detail of edges.
    pub conviction: f64,
}

impl View<'_> {
    /// The setting of the run.
    pub fn setting(&self) -> &Setting {
        &self.commons.setting
    }

    /// Why the run could not go on, if it could not.
    pub fn failure(&self) -> Option<&RunFailure> {
        self.commons.failure.as_ref()
    }

    /// Whether the run has neither reached its horizon nor failed.
    pub fn goes_on(&self) -> bool {
        self.commons.goes_on
    }

    /// The day that was simulated last; 0 before the first.
    pub fn day(&self) -> u32 {
        self.commons.today.day
    }

    /// Where the tokens are.
    pub fn supply(&self) -> Supply {
        self.commons.supply
    }

    /// s.
    pub fn sentiment(&self) -> f64 {
        self.commons.mood.0
    }

    /// F as the day began, with which triggers are stated.
    pub fn trigger_funds(&self) -> f64 {
        self.commons.today.funds
    }

    /// E as the day began, with which triggers are stated.
    pub fn trigger_effective_supply(&self) -> f64 {
        self.commons.today.effective
    }

    /// What the run has come to so far.
    pub fn tally(&self) -> &Tally {
        &self.commons.tally
    }

    /// Participants there are.
    pub fn participant_count(&self) -> usize {
        self.commons.population.participants
    }

    /// Proposals of every status there are.
    pub fn proposal_count(&self) -> usize {
        self.commons.population.proposals
    }

    /// Candidates there are.
    pub fn candidate_count(&self) -> usize {
        self.commons.tiles.candidates()
    }

    /// The participants, in order of id.
    pub fn participants(&self) -> impl Iterator<Item = ParticipantState> {
        (0..self.commons.population.participants).map(|row| ParticipantState {
            id: self.participants.id[row],
            holdings: self.participants.holdings[row],
            sentiment: self.participants.sentiment[row],
        })
    }

    /// The proposals in each status, by its number.
    pub fn by_status(&self) -> [Group; Status::ALL.len()] {
        let Tally {
            completed,
            failed,
            killed,
            ..
        } = self.commons.tally;
        let (population, requested) = (&self.commons.population, &self.proposals.requested);
        let tiles = &self.commons.tiles;
        let by_seat = &self.seats.requested.as_chunks().0[..tiles.count()];
        let candidates = Group {
            count: tiles.candidates() as u32,
            funds: dispatch!(self.vectors, simd => seats::total(simd, by_seat)),
        };
        let mut active = Group::default();
        for proposal in &population.active {
            active.add(requested[proposal.row as usize]);
        }
        [candidates, active, completed, failed, killed]
    }

    /// The proposals of every status, in order of id.
    pub fn proposals(&self) -> impl Iterator<Item = ProposalState> {
        (0..self.commons.population.proposals).map(|row| self.proposal(row))
    }

    fn proposal(&self, row: usize) -> ProposalState {
        let (history, today) = (&self.proposals.history[row], &self.commons.today);
        let left = history.left_candidacy;
        let (conviction, trigger) = match history.seat {
            NONE if left == today.day => (history.conviction, self.trigger(row)),
            NONE => (history.conviction, f64::NAN),
            seat => (self.conviction(seat as usize), self.trigger(row)),
        };
        let status = self.proposals.status[row];
        let granted = !matches!(status, Status::Candidate | Status::Killed);
        ProposalState {
            id: self.proposals.id[row],
            status,
            age: today.age(history.created),
            created: history.created,
            funds_requested: self.proposals.requested[row],
            conviction: if granted { f64::NAN } else { conviction },
            trigger,
            left_candidacy: (left != NONE).then_some(left),
            passing: granted.then_some(Passing {
                day: left,
                conviction: history.conviction,
                trigger: history.passed_trigger,
            }),
        }
    }

    /// Who supports each proposal, or did when it left candidacy, in order of id. Of those that
    /// left, known only in runs with detail of proposals.
    pub fn support(&self) -> impl Iterator<Item = Support> {
        (0..self.commons.population.proposals).map(|row| match self.proposals.history[row].seat {
            NONE => self.proposals.support[row],
            seat => {
                let mut support = Support::default();
                for participant in 0..self.commons.population.participants {
                    let edge = self.commons.tiles.edge(seat as usize, participant);
                    support.add(self.edges.affinity[edge], self.edges.stake[edge]);
                }
                support
            }
        })
    }

    /// The conviction of the candidate on a seat, token-days.
    fn conviction(&self, seat: usize) -> f64 {
        match &self.commons.chain {
            None => self.seats.conviction[seat],
            Some(chain) => chain.conviction_at_end(&self.chain[seat], self.day()),
        }
    }

    /// The trigger of a request, with F and E as the day began.
    fn trigger(&self, row: usize) -> f64 {
        self.commons.trigger_today(self.proposals.requested[row])
    }

    /// The sum of the candidates' conviction, token-days, and of its shares of their triggers.
    pub fn conviction_in_sum(&self) -> (f64, f64) {
        let Commons {
            chain,
            setting,
            today,
            ..
        } = self.commons;
        if chain.is_some() {
            return self.seated().fold((0.0, 0.0), |sums, (row, seat)| {
                let conviction = self.conviction(seat);
                let share = conviction / self.trigger(row);
                (sums.0 + conviction, sums.1 + share)
            });
        }
        let tiles = ..self.commons.tiles.count();
        let requested = &self.seats.requested.as_chunks().0[tiles];
        let conviction = &self.seats.conviction.as_chunks().0[tiles];
        let bar = Bar::on(today.day, today.funds, today.effective, &setting.parameters);
        dispatch!(self.vectors, simd => {
            let shares = seats::shares_of_trigger(simd, requested, conviction, &bar);
            (seats::total(simd, conviction), shares)
        })
    }

    /// The candidates' rows and seats, in order of id.
    fn seated(&self) -> impl Iterator<Item = (usize, usize)> {
        let histories = &self.proposals.history[..self.commons.population.proposals];
        let seats = histories.iter().map(|history| history.seat).enumerate();
        seats
            .filter(|&(_, seat)| seat != NONE)
            .map(|(row, seat)| (row, seat as usize))
    }

    /// The edges between participants and candidates, in order of proposal, then participant.
    pub fn support_edges(&self) -> impl Iterator<Item = SupportEdgeState> {
        self.seated().flat_map(move |(row, seat)| {
            (0..self.commons.population.participants).map(move |participant| {
                let edge = self.commons.tiles.edge(seat, participant);
                SupportEdgeState {
                    participant: self.participants.id[participant],
                    proposal: self.proposals.id[row],
                    affinity: self.edges.affinity[edge],
                    tokens: self.edges.stake[edge],
                    conviction: self.edges.conviction[edge],
                }
            })
        })
    }

    /// Influence edges there are.
    pub fn influence_count(&self) -> usize {
        self.commons.population.influences
    }

    /// The influence edges (influenced, influencer, strength), by id, in order.
    pub fn influence(&self) -> Vec<(u32, u32, f64)> {
        let (edges, id) = (self.influences.iter(), &self.participants.id);
        sorted(edges.take(self.commons.population.influences).map(|edge| {
            (
                id[edge.influenced as usize],
                id[edge.influencer as usize],
                edge.strength,
            )
        }))
    }

    /// The conflict edges (proposal, other, strength), by id, in order.
    pub fn conflict(&self) -> Vec<(u32, u32, f64)> {
        let (edges, id) = (self.conflicts.iter(), &self.proposals.id);
        sorted(edges.take(self.commons.population.conflicts).map(|edge| {
            (
                id[edge.proposal as usize],
                id[edge.other as usize],
                edge.strength,
            )
        }))
    }
}

fn sorted(links: impl Iterator<Item = (u32, u32, f64)>) -> Vec<(u32, u32, f64)> {
    let mut links: Vec<_> = links.collect();
    links.sort_by_key(|link| (link.0, link.1));
    links
}
