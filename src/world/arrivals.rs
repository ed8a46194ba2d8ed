//! Phase 1: participants and proposals arrive.

use super::chance::Chance;
use super::commons::{Commons, Detail, Runs, Today, Vectors, each_run};
use super::components::{Holdings, NONE, OwnSentiment, ParticipantId, Status, Swayed};
use super::kernels::{ranking, seats};
use super::network::{
    ConflictLinks, InfluenceLinks, add_conflict, add_influence, draw_conflict,
    draw_newcomer_influence,
};
use super::room::MOST_PROPOSALS_A_DAY;
use super::scratch::sized;
use super::seating::{Seating, SeatingTables, WholeSeating};
use super::tables::{ConflictEdges, InfluenceEdges, Slices, system_tables};
use super::tiles::LANES;
use crate::model::RuleSet;
use crate::rng::Stream;
use bevy_ecs::prelude::*;
use fearless_simd::{Simd, dispatch};

/// What arrivals need only while they work; kept so that a day allocates nothing.
#[derive(Default)]
pub struct Scratch {
    requests: Vec<f64>,
    affinities: Vec<f64>,
    influence: InfluenceLinks,
    conflict: ConflictLinks,
}

/// Lets a participant and proposals arrive, as the state at the day's start decides.
pub fn admit_arrivals<C: Chance>(
    mut runs: Runs<C>,
    mut tables: SeatingTables,
    mut newcomers: Newcomers,
    mut scratch: Local<Scratch>,
    vectors: Res<Vectors>,
) {
    let mut tables = tables.whole();
    let mut newcomers = newcomers.whole();
    dispatch!(vectors.0, simd => {
        for (commons, chance) in each_run(&mut runs) {
            admit(simd, commons, chance, &mut tables, &mut newcomers, &mut scratch);
        }
    });
}

#[inline(always)]
fn admit<S: Simd, C: Chance>(
    simd: S,
    commons: &mut Commons,
    chance: &mut C,
    tables: &mut WholeSeating,
    newcomers: &mut WholeNewcomers,
    scratch: &mut Scratch,
) {
    let rules = commons.setting.rules;
    commons.today = Today {
        day: commons.today.day + 1,
        funds: commons.supply.funds,
        effective: commons.supply.effective,
    };

    let newcomer_holdings =
        (chance.participant_arrival() < (1.0 + commons.mood.0) / 10.0).then(|| {
            let unit = chance.participant_holdings();
            let supply = &commons.supply;
            commons.held(match rules.accounting {
                RuleSet::V3 => unit * 0.01 * (supply.total - supply.effective),
                RuleSet::Corrected => (unit * 0.01 * supply.other).min(supply.other),
            })
        });
    draw_requests(simd, chance, commons, tables, &mut scratch.requests);
    if newcomer_holdings.is_none() && scratch.requests.is_empty() {
        return;
    }
    let mut seating = tables.of(&commons.slot);
    if let Some(holdings) = newcomer_holdings {
        let row = admit_participant(
            simd,
            chance,
            holdings,
            commons,
            &mut seating,
            newcomers,
            &mut scratch.affinities,
        );
        let swayed = newcomers.swayed.of(&commons.slot);
        swayed[row] = Swayed::default();
        if rules.newcomer_links == RuleSet::Corrected {
            let stream = chance.own_streams().stream(Stream::Influence);
            scratch.influence.clear();
            draw_newcomer_influence(stream, row, &mut scratch.influence);
            let population = &mut commons.population;
            let edges = newcomers.influences.of(&commons.slot);
            add_influence(&scratch.influence, population, edges, swayed);
        }
    }
    for i in 0..scratch.requests.len() {
        let request = scratch.requests[i];
        let participants = commons.population.participants;
        let proposer = chance.proposer(participants);
        let affinities = sized(&mut scratch.affinities, participants);
        chance.affinities_for(simd, proposer, affinities);
        let row = seating.seat(simd, commons, request, affinities);
        if commons.detail >= Detail::Edges && rules.newcomer_links == RuleSet::Corrected {
            let stream = chance.own_streams().stream(Stream::Conflict);
            scratch.conflict.clear();
            for other in 0..row {
                if seating.proposals.status[other] == Status::Candidate {
                    let (row, other) = (row as u32, other as u32);
                    draw_conflict(stream, (row, other), 1, &mut scratch.conflict);
                    draw_conflict(stream, (other, row), 1, &mut scratch.conflict);
                }
            }
            let edges = newcomers.conflicts.of(&commons.slot);
            add_conflict(&scratch.conflict, &mut commons.population, edges);
        }
    }
}

system_tables! {
    /// What else arrivals write: of newcomers, and edges among participants and among proposals.
    Newcomers, WholeNewcomers {
        people: (
            &'static mut ParticipantId,
            &'static mut Holdings,
            &'static mut OwnSentiment,
        ),
        swayed: &'static mut Swayed,
        influences: InfluenceEdges,
        conflicts: ConflictEdges,
    }
}

/// Decides whether proposals arrive, and draws what they request: Honey, one for each.
#[inline(always)]
fn draw_requests<S: Simd, C: Chance>(
    simd: S,
    chance: &mut C,
    commons: &Commons,
    tables: &mut WholeSeating,
    requests: &mut Vec<f64>,
) {
    requests.clear();
    let requested = tables.seats.requested.of(&commons.slot);
    let requested = &requested.as_chunks().0[..commons.tiles.count()];
    let requested = seats::total(simd, requested);
    let (arrive, count) = if requested == 0.0 {
        (true, MOST_PROPOSALS_A_DAY)
    } else {
        let u = chance.proposal_arrival();
        // u < (1 − med) F / R, solved for the median: only the side it lies on matters.
        let decisive = 1.0 - u * requested / commons.today.funds;
        let arrive = median_is_below(simd, decisive, commons, tables);
        if !arrive && !C::RECORDED {
            return;
        }
        // trunc(1 − med) + 1 is 1 for a median above 0, else 2 (it would be 3 at −1, which
        // affinities do not reach).
        let not_positive = median_is_below(simd, f64::MIN_POSITIVE, commons, tables);
        (arrive, if not_positive { 2 } else { 1 })
    };
    let scale = commons.setting.parameters.beta * commons.today.funds;
    for _ in 0..count {
        // The published program draws these also on a day when none arrive.
        let unit = chance.proposal_request();
        if arrive {
            requests.push(scale / 100.0 + unit * scale / 10.0);
        }
    }
}

/// Whether the median affinity of all participants for all candidates (of which there is one at
/// least) lies below a value; the mean of the middle two when there is an even number.
#[inline(always)]
fn median_is_below<S: Simd>(
    simd: S,
    value: f64,
    commons: &Commons,
    tables: &mut WholeSeating,
) -> bool {
    let (tiles, participants) = (&commons.tiles, commons.population.participants);
    let all = (tiles.candidates() * participants) as i64;
    let (least, most) = commons.ranks.bounds(value, all);
    if 2 * most < all || 2 * least > all {
        return 2 * least > all;
    }
    let affinities = tables.affinities(commons);
    let below = ranking::count_below(simd, affinities, participants, value);
    // Vacant seats count as below everything.
    let vacant = tiles.count() * LANES - tiles.candidates();
    let below = (below - vacant * participants) as i64;
    if 2 * below != all {
        return 2 * below > all;
    }
    // The value parts the middle two.
    let (low, high) = ranking::neighbours(simd, affinities, participants, value);
    (low + high) / 2.0 < value
}

/// Gives a newcomer a row, and an affinity for each candidate; returns the row.
#[inline(always)]
fn admit_participant<S: Simd, C: Chance>(
    simd: S,
    chance: &mut C,
    holdings: f64,
    commons: &mut Commons,
    seating: &mut Seating,
    newcomers: &mut WholeNewcomers,
    affinities: &mut Vec<f64>,
) -> usize {
    let row = commons.population.participants;
    let (ids, all_holdings, sentiments) = newcomers.people.of(&commons.slot);
    ids[row] = commons.population.next_id();
    all_holdings[row] = holdings;
    sentiments[row] = chance.participant_sentiment();
    commons.population.participants += 1;
    commons.admit(holdings);

    seating.clear_participant(row, commons);
    let tiles = &commons.tiles;
    let edges = &mut *seating.edges.affinity;
    if C::RECORDED {
        // The published program draws an affinity for every proposal, whatever its status.
        let histories = &seating.proposals.history[..commons.population.proposals];
        let affinities = sized(affinities, histories.len());
        chance.affinities(simd, affinities);
        for (history, &affinity) in histories.iter().zip(&*affinities) {
            if history.seat != NONE {
                edges[tiles.edge(history.seat as usize, row)] = affinity;
            }
        }
    } else {
        let mut seats = tiles.count() * LANES;
        for rows in tiles.rows(0, row..row + 1) {
            let edges = &mut edges[rows];
            let used = seats.min(edges.len());
            chance.affinities(simd, &mut edges[..used]);
            seats -= used;
        }
    }
    for seat in tiles.taken() {
        let affinity = edges[tiles.edge(seat, row)];
        seating.seats.ranks[seat].add(affinity);
        commons.ranks.add(affinity);
    }
    row
}
