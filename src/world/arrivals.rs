//! Phase 1: participants and proposals arrive.

use super::chance::Chance;
use super::components::{NONE, Status, VACANT};
use super::kernels;
use super::network::{
    ConflictLinks, InfluenceLinks, add_conflict, add_influence, clear_influence, draw_conflict,
    draw_newcomer_influence,
};
use super::resources::{Conditions, Mood, Population, Supply, Today};
use super::seating::Seating;
use super::tables::{ConflictEdges, InfluenceEdges};
use super::tiles::{LANES, Tiles};
use crate::model::RuleSet;
use crate::rng::Stream;
use bevy_ecs::prelude::*;
use std::cmp::Ordering;

/// Most proposals that can arrive on a day.
pub const MOST_PROPOSALS_A_DAY: usize = 3;

/// What arrivals need only while they work; kept so that a day allocates nothing.
#[derive(Default)]
pub struct Scratch {
    requests: Vec<f64>,
    affinities: Vec<f64>,
    influence: InfluenceLinks,
    conflict: ConflictLinks,
}

/// Lets a participant and proposals arrive, as the state at the day's start decides.
#[allow(clippy::too_many_arguments, reason = "a system takes what it touches")]
pub fn admit_arrivals<C: Chance>(
    mut chance: ResMut<C>,
    conditions: Res<Conditions>,
    mood: Res<Mood>,
    mut today: ResMut<Today>,
    mut supply: ResMut<Supply>,
    mut population: ResMut<Population>,
    mut seating: Seating,
    mut influences: InfluenceEdges,
    mut conflicts: ConflictEdges,
    mut scratch: Local<Scratch>,
) {
    let chance = chance.bypass_change_detection();
    let rules = &conditions.setting.rules;
    today.day += 1;
    today.funds = supply.funds;
    today.effective = supply.effective;

    let newcomer_holdings = (chance.participant_arrival() < (1.0 + mood.0) / 10.0).then(|| {
        let unit = chance.participant_holdings();
        match rules.accounting {
            RuleSet::V3 => unit * 0.01 * (supply.total - supply.effective),
            RuleSet::Corrected => (unit * 0.01 * supply.other).min(supply.other),
        }
    });
    draw_requests(
        chance,
        &conditions,
        &today,
        &population,
        &mut seating,
        &mut scratch.requests,
    );
    if let Some(holdings) = newcomer_holdings {
        admit_participant(
            chance,
            holdings,
            &mut population,
            &mut seating,
            &mut scratch.affinities,
        );
        supply.effective += holdings;
        supply.other -= holdings;
        if rules.newcomer_links == RuleSet::Corrected {
            let stream = chance.own_streams().stream(Stream::Influence);
            scratch.influence.clear();
            draw_newcomer_influence(stream, population.participants - 1, &mut scratch.influence);
            add_influence(
                &scratch.influence,
                &mut population,
                &mut influences,
                &mut seating.participants,
            );
        }
    }
    for i in 0..scratch.requests.len() {
        let row = admit_proposal(
            chance,
            scratch.requests[i],
            today.day,
            &mut population,
            &mut seating,
            &mut scratch.affinities,
        );
        if conditions.detail && rules.newcomer_links == RuleSet::Corrected {
            let stream = chance.own_streams().stream(Stream::Conflict);
            scratch.conflict.clear();
            let proposals = seating.proposals.columns();
            for other in 0..row {
                if proposals.status[other] == Status::Candidate {
                    let (row, other) = (row as u32, other as u32);
                    draw_conflict(stream, (row, other), 1, &mut scratch.conflict);
                    draw_conflict(stream, (other, row), 1, &mut scratch.conflict);
                }
            }
            add_conflict(&scratch.conflict, &mut population, &mut conflicts);
        }
    }
}

/// Decides whether proposals arrive, and draws what they request: Honey, one for each.
fn draw_requests<C: Chance>(
    chance: &mut C,
    conditions: &Conditions,
    today: &Today,
    population: &Population,
    seating: &mut Seating,
    requests: &mut Vec<f64>,
) {
    requests.clear();
    let seats = seating.tiles.seats();
    let requested: f64 = seating.seats.columns().requested[..seats].iter().sum();
    let (arrive, count) = if requested == 0.0 {
        (true, MOST_PROPOSALS_A_DAY)
    } else {
        let u = chance.proposal_arrival();
        // u < (1 − med) F / R, solved for the median: only the side it lies on matters.
        let decisive = 1.0 - u * requested / today.funds;
        // trunc(1 − med) + 1 is 1 for a median above 0, else 2 (it would be 3 at −1, which
        // affinities do not reach).
        let [arrive, not_positive] = median_is_below(
            [decisive, f64::MIN_POSITIVE],
            population.participants,
            seating,
        );
        (arrive, if not_positive { 2 } else { 1 })
    };
    if !arrive && !C::RECORDED {
        return;
    }
    let scale = conditions.setting.parameters.beta * today.funds;
    for _ in 0..count {
        // The published program draws these also on a day when none arrive.
        let unit = chance.proposal_request();
        if arrive {
            requests.push(scale / 100.0 + unit * scale / 10.0);
        }
    }
}

/// Whether the median affinity of all participants for all candidates (of which there is one at
/// least) lies below each of two values; the mean of the middle two when there is an even number.
fn median_is_below(values: [f64; 2], participants: usize, seating: &mut Seating) -> [bool; 2] {
    let tiles = &*seating.tiles;
    let affinities = seating.edges.columns().affinity.as_chunks::<LANES>().0;
    let rows = |tile| tile * tiles.stride()..tile * tiles.stride() + participants;
    // Vacant seats count as below everything.
    let vacant = (tiles.seats() - tiles.candidates()) * participants;
    let mut below = [0; 2];
    for tile in 0..tiles.count() {
        let counts = kernels::count_below(&affinities[rows(tile)], values);
        below = [below[0] + counts[0], below[1] + counts[1]];
    }
    let all = tiles.candidates() * participants;
    let is_below = |value: f64, below: usize| match (2 * (below - vacant)).cmp(&all) {
        Ordering::Less => false,
        Ordering::Greater => true,
        // The value parts the middle two.
        Ordering::Equal => {
            let (mut low, mut high) = (VACANT, f64::INFINITY);
            for tile in 0..tiles.count() {
                for &affinity in affinities[rows(tile)].as_flattened() {
                    if affinity < value {
                        low = low.max(affinity);
                    } else {
                        high = high.min(affinity);
                    }
                }
            }
            (low + high) / 2.0 < value
        }
    };
    [is_below(values[0], below[0]), is_below(values[1], below[1])]
}

/// Gives a newcomer a row, and an affinity for each candidate.
fn admit_participant<C: Chance>(
    chance: &mut C,
    holdings: f64,
    population: &mut Population,
    seating: &mut Seating,
    affinities: &mut Vec<f64>,
) {
    let row = population.participants;
    let people = seating.participants.columns();
    people.id[row] = population.next_id();
    people.holdings[row] = holdings;
    people.sentiment[row] = chance.participant_sentiment();
    people.restake[row] = false;
    clear_influence(&mut seating.participants, row);
    population.participants += 1;

    clear_rows(row, &seating.tiles, seating.edges.columns());
    let proposals = seating.proposals.columns();
    let seats = &proposals.seat[..population.proposals];
    // The published program draws an affinity for every proposal, whatever its status.
    let drawn = || seats.iter().filter(|&&seat| C::RECORDED || seat != NONE);
    affinities.clear();
    affinities.resize(drawn().count(), 0.0);
    chance.affinities(affinities);
    let edges = seating.edges.columns();
    for (&seat, &affinity) in drawn().zip(&*affinities) {
        if seat != NONE {
            edges.affinity[seating.tiles.edge(seat as usize, row)] = affinity;
        }
    }
}

/// Empties a participant's edges in every tile in use.
fn clear_rows(participant: usize, tiles: &Tiles, edges: super::tables::SupportEdgeColumns) {
    for tile in 0..tiles.count() {
        let first = tiles.row(tile, participant);
        let row = first..first + LANES;
        edges.affinity[row.clone()].fill(VACANT);
        edges.stake[row.clone()].fill(0.0);
        edges.conviction[row].fill(0.0);
    }
}

/// Gives a new proposal a row and a seat, with an affinity of 1 from its proposer; returns the row.
fn admit_proposal<C: Chance>(
    chance: &mut C,
    requested: f64,
    day: u32,
    population: &mut Population,
    seating: &mut Seating,
    affinities: &mut Vec<f64>,
) -> usize {
    let proposer = chance.proposer(population.participants);
    affinities.clear();
    affinities.resize(population.participants - 1, 0.0);
    chance.affinities(affinities);
    affinities.insert(proposer, 1.0);

    let (row, id) = (population.proposals, population.next_id());
    population.proposals += 1;
    seating.seat(row, id, requested, day, affinities);
    row
}
