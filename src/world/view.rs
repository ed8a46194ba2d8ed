//! The state of a world, to be read.

use super::commons::{Commons, RunFailure, Supply, Tally};
use super::components::{Conflict, Influence, NONE, Status, Support};
use super::on_chain::OnChain;
use super::tables::*;
use crate::model::Setting;
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemState;

type Tables = (
    Columns<'static, 'static, Participants>,
    Columns<'static, 'static, Proposals>,
    Columns<'static, 'static, Seats>,
    Columns<'static, 'static, SupportEdges>,
    Columns<'static, 'static, InfluenceEdges>,
    Columns<'static, 'static, ConflictEdges>,
    Columns<'static, 'static, &'static OnChain>,
    Query<'static, 'static, &'static Commons>,
);

/// The ways into a world that a view needs, made once.
pub struct Access(SystemState<Tables>);

impl Access {
    /// Prepares the ways into `world`.
    pub fn new(world: &mut World) -> Self {
        Self(SystemState::new(world))
    }

    /// The state of a run as it is.
    pub fn read<'w>(&'w mut self, world: &'w mut World, run: Entity) -> View<'w> {
        let (participants, proposals, seats, edges, influences, conflicts, chain, runs) =
            self.0.get_mut(world).expect("queries are always valid");
        let commons = runs.get_inner(run).expect("a run's entity");
        let slot = &commons.slot;
        View {
            participants: participants.into_whole().into_rows(slot).into(),
            proposals: proposals.into_whole().into_rows(slot).into(),
            seats: seats.into_whole().into_rows(slot).into(),
            edges: edges.into_whole().into_rows(slot).into(),
            influences: influences.into_whole().into_rows(slot),
            conflicts: conflicts.into_whole().into_rows(slot),
            chain: chain.into_whole().into_rows(slot),
            commons,
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
    /// Token-days; kept only in runs with detail.
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

    /// Status and request (Honey) of each proposal, in order of id.
    pub fn statuses(&self) -> impl Iterator<Item = (Status, f64)> {
        let count = self.commons.population.proposals;
        let statuses = self.proposals.status[..count].iter().copied();
        statuses.zip(self.proposals.requested[..count].iter().copied())
    }

    /// The proposals of every status, in order of id.
    pub fn proposals(&self) -> impl Iterator<Item = ProposalState> {
        (0..self.commons.population.proposals).map(|row| self.proposal(row))
    }

    fn proposal(&self, row: usize) -> ProposalState {
        let (history, today) = (&self.proposals.history[row], &self.commons.today);
        let left = history.left_candidacy;
        let (conviction, trigger) = match history.seat {
            NONE if left == today.day => (history.conviction, history.trigger),
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
    /// left, known only in runs with detail.
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

    /// The trigger of a candidate, with F and E as the day began.
    fn trigger(&self, row: usize) -> f64 {
        self.commons.trigger_today(self.proposals.requested[row])
    }

    /// The candidates' conviction and trigger, token-days, in order of id.
    pub fn candidates(&self) -> impl Iterator<Item = (f64, f64)> {
        self.seated()
            .map(|(row, seat)| (self.conviction(seat), self.trigger(row)))
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
