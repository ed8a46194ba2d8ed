//! The initial state: drawn by the model's law, or given.

use super::chance::Chance;
use super::commons::{Commons, Today, Vectors};
use super::components::{Holdings, OwnSentiment, ParticipantId, Swayed};
use super::network::{
    ConflictLinks, InfluenceLinks, add_conflict, add_influence, draw_conflict, draw_influence,
};
use super::on_chain::ChainState;
use super::ranks::Ranks;
use super::seating::SeatingTables;
use super::supply::Supply;
use super::tables::{Columns, ConflictEdges, InfluenceEdges};
use super::tiles::Shape;
use crate::model::{Arithmetic, Initial, RuleSet, Setting};
use crate::rng::{Stream, Streams};
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use fearless_simd::{Level, dispatch};

/// A state to start from. Participants and proposals are numbered by their place in these lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Start {
    /// F, Honey.
    pub funds: f64,
    /// E, Honey.
    pub effective_supply: f64,
    /// S, Honey.
    pub total_supply: f64,
    /// s.
    pub sentiment: f64,
    /// Holdings (Honey) and own sentiment of each participant.
    pub participants: Vec<(f64, f64)>,
    /// The request of each proposal, Honey.
    pub requests: Vec<f64>,
    /// Affinities, proposal by proposal, a participant each.
    pub affinities: Vec<f64>,
    /// Influence edges: (influenced, influencer, strength).
    pub influence: InfluenceLinks,
    /// Conflict edges: (proposal, other, strength).
    pub conflict: ConflictLinks,
}

impl Start {
    /// Draws the initial state of a setting into `self`, whose room is used again.
    pub fn draw(
        &mut self,
        setting: &Setting,
        conflict_network: bool,
        streams: &mut Streams,
        vectors: Level,
    ) {
        let Initial {
            participants,
            proposals,
            funds,
            supply,
            sentiment,
        } = setting.initial;
        self.funds = funds;
        self.total_supply = supply;
        self.effective_supply = setting.initial.effective_supply();
        self.sentiment = sentiment;

        let people = streams.stream(Stream::InitialParticipants);
        let share = supply / f64::from(participants);
        self.participants.clear();
        self.participants
            .extend((0..participants).map(|_| (people.exponential() * share, people.uniform())));

        let requests = streams.stream(Stream::InitialRequests);
        let scale = 0.05 * setting.parameters.beta * funds;
        self.requests.clear();
        self.requests
            .extend((0..proposals).map(|_| 0.001 + requests.gamma::<3>() * scale));

        let (people, count) = (participants as usize, proposals as usize);
        self.affinities.clear();
        self.affinities.resize(people * count, 0.0);
        dispatch!(vectors, simd => {
            for affinities in self.affinities.chunks_mut(people) {
                streams.affinities(simd, affinities);
            }
        });

        let rounds = |redrawn: u32| match setting.rules.network_density {
            RuleSet::V3 => redrawn,
            RuleSet::Corrected => 1,
        };
        self.influence.clear();
        let stream = streams.stream(Stream::Influence);
        draw_influence(stream, people, rounds(proposals), &mut self.influence);
        self.conflict.clear();
        if conflict_network {
            let stream = streams.stream(Stream::Conflict);
            for proposal in 0..proposals {
                for other in (0..proposals).filter(|&other| other != proposal) {
                    // A pair is drawn anew after each proposal from the later of the two on.
                    let rounds = rounds(proposals - proposal.max(other));
                    draw_conflict(stream, (proposal, other), rounds, &mut self.conflict);
                }
            }
        }
    }
}

/// All that a start fills.
#[derive(SystemParam)]
pub struct Beginning<'w, 's> {
    runs: Query<'w, 's, &'static mut Commons>,
    vectors: Res<'w, Vectors>,
    people: Columns<
        'w,
        's,
        (
            &'static mut ParticipantId,
            &'static mut Holdings,
            &'static mut OwnSentiment,
            &'static mut Swayed,
        ),
    >,
    tables: SeatingTables<'w, 's>,
    influences: Columns<'w, 's, InfluenceEdges>,
    conflicts: Columns<'w, 's, ConflictEdges>,
}

impl Beginning<'_, '_> {
    /// Puts a state into the rows of a run, with room for edges of this shape. Under rule accounting
    /// `corrected` the holdings are scaled so that they sum to E.
    pub fn fill(mut self, run: Entity, start: &Start, shape: Shape) {
        let commons = self.runs.get_mut(run).expect("a run's entity").into_inner();
        let (slot, vectors) = (commons.slot, self.vectors.0);
        let held: f64 = start.participants.iter().map(|p| p.0).sum();
        let (scale, voting) = match commons.setting.rules.accounting {
            RuleSet::V3 => (1.0, held),
            RuleSet::Corrected => (start.effective_supply / held, start.effective_supply),
        };
        commons.supply = Supply {
            funds: start.funds,
            effective: start.effective_supply,
            other: start.total_supply - start.funds - start.effective_supply,
            total: start.total_supply,
        };
        let chain = commons.chain.take();
        if commons.setting.arithmetic == Arithmetic::Contract {
            let chain = ChainState::begin(chain, &commons.setting, &commons.supply);
            commons.supply = chain.supply();
            commons.chain = Some(chain);
        }
        commons.mood.0 = start.sentiment;
        // The initial triggers are stated with what the participants hold.
        commons.today = Today {
            day: 0,
            funds: start.funds,
            effective: voting,
        };
        commons.tally.clear(start.funds);
        commons.failure = None;
        commons.tiles.clear(shape);
        commons.ranks = Ranks::default();
        commons.population.clear();

        let people = start.participants.len();
        commons.population.participants = people;
        let mut columns = self.people.whole();
        let (ids, all_holdings, sentiments, swayed) = columns.of(&slot);
        for (row, &(holdings, sentiment)) in start.participants.iter().enumerate() {
            ids[row] = row as u32;
            all_holdings[row] = commons.held(holdings * scale);
            sentiments[row] = sentiment;
        }
        swayed[..people].fill(Swayed::default());
        let mut influences = self.influences.whole();
        let (population, influences) = (&mut commons.population, influences.of(&slot));
        add_influence(&start.influence, population, influences, swayed);

        let mut tables = self.tables.whole();
        let mut seating = tables.of(&slot);
        seating.clear(commons);
        let affinities = start.affinities.chunks(people);
        dispatch!(vectors, simd => {
            for (&requested, affinities) in start.requests.iter().zip(affinities) {
                seating.seat(simd, commons, requested, affinities);
            }
        });
        let mut conflicts = self.conflicts.whole();
        let (population, conflicts) = (&mut commons.population, conflicts.of(&slot));
        add_conflict(&start.conflict, population, conflicts);
    }

    /// Makes room for more edges in a run.
    pub fn enlarge(mut self, run: Entity, shape: Shape) {
        let commons = self.runs.get_mut(run).expect("a run's entity").into_inner();
        let slot = commons.slot;
        self.tables.whole().of(&slot).enlarge(shape, commons);
    }
}
