//! The initial state: drawn by the model's law, or given.

use super::chance::Chance;
use super::network::{
    ConflictLinks, InfluenceLinks, add_conflict, add_influence, clear_influence, draw_conflict,
    draw_influence,
};
use super::resources::{Conditions, Mood, Population, Supply, Tally, Today, Verdict};
use super::seating::Seating;
use super::tables::{ConflictEdges, InfluenceEdges};
use crate::model::{Initial, RuleSet, Setting};
use crate::rng::{Stream, Streams};
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;

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
    pub fn draw(&mut self, setting: &Setting, conflict_network: bool, streams: &mut Streams) {
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
            .extend((0..proposals).map(|_| 0.001 + requests.gamma3() * scale));

        let (people, count) = (participants as usize, proposals as usize);
        self.affinities.clear();
        self.affinities.resize(people * count, 0.0);
        for affinities in self.affinities.chunks_mut(people) {
            streams.affinities(affinities);
        }

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
    conditions: Res<'w, Conditions>,
    supply: ResMut<'w, Supply>,
    mood: ResMut<'w, Mood>,
    today: ResMut<'w, Today>,
    tally: ResMut<'w, Tally>,
    verdict: ResMut<'w, Verdict>,
    population: ResMut<'w, Population>,
    seating: Seating<'w, 's>,
    influences: InfluenceEdges<'w, 's>,
    conflicts: ConflictEdges<'w, 's>,
}

impl Beginning<'_, '_> {
    /// Puts a state into the world. Under rule accounting `corrected` the holdings are scaled so
    /// that they sum to E.
    pub fn fill(mut self, start: &Start, stride: usize) {
        let held: f64 = start.participants.iter().map(|p| p.0).sum();
        let (scale, voting) = match self.conditions.setting.rules.accounting {
            RuleSet::V3 => (1.0, held),
            RuleSet::Corrected => (start.effective_supply / held, start.effective_supply),
        };
        *self.supply = Supply {
            funds: start.funds,
            effective: start.effective_supply,
            other: start.total_supply - start.funds - start.effective_supply,
            total: start.total_supply,
        };
        self.mood.0 = start.sentiment;
        // The initial triggers are stated with what the participants hold.
        *self.today = Today {
            day: 0,
            funds: start.funds,
            effective: voting,
        };
        self.tally.clear(start.funds);
        self.verdict.0 = None;
        self.seating.tiles.clear(stride);
        let population = &mut *self.population;
        population.active.clear();
        *population = Population {
            participants: start.participants.len(),
            active: std::mem::take(&mut population.active),
            ..Population::default()
        };

        let people = self.seating.participants.columns();
        for (row, &(holdings, sentiment)) in start.participants.iter().enumerate() {
            people.id[row] = row as u32;
            people.holdings[row] = holdings * scale;
            people.sentiment[row] = sentiment;
            people.restake[row] = false;
        }
        for row in 0..population.participants {
            clear_influence(&mut self.seating.participants, row);
        }
        add_influence(
            &start.influence,
            population,
            &mut self.influences,
            &mut self.seating.participants,
        );
        for (&requested, affinities) in start
            .requests
            .iter()
            .zip(start.affinities.chunks(start.participants.len()))
        {
            let (row, id) = (population.proposals, population.next_id());
            population.proposals += 1;
            self.seating.seat(row, id, requested, 0, affinities);
        }
        add_conflict(&start.conflict, population, &mut self.conflicts);
    }
}
