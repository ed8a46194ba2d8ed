//! Arrivals of participants and proposals.

use super::Day;
use super::chance::{Chance, NONE, Processes};
use super::conviction::Conviction;
use super::influence::{Influence, LaterInfluence, Network, Swayed, link_newcomer};
use super::opening::{Opening, OpeningCandidate};
use super::participants::{
    Departed, Holdings, Newcomer, OwnSentiment, ParticipantId, People, Population, admit_newcomer,
    draw_newcomer,
};
use super::proposals::{InitialProposals, MOST_A_DAY};
use super::rules::{RuleSet, Rules};
use super::sentiment::Sentiment;
use super::supply::{InitialSupply, Supply};
use super::support::kernel::{self, affinities::Affinities};
use super::support::{
    ABSENT, Deciding, Layout, SeatingRows, Staking, draw_supported, grow_to, median_is_below,
    meet_newcomer,
};
use crate::engine::{ModelBuilder, PerRun, Rows, Runs, Source, Start};
use bevy_ecs::prelude::*;
use fearless_simd::{Simd, dispatch};

/// Newcomer and proposals of a day.
#[derive(Component, Default)]
pub struct Arriving {
    /// Today's newcomer.
    pub newcomer: Option<Newcomer>,
    /// Request of each new proposal, Honey.
    pub requests: Vec<f64>,
    /// Row of the first proposal seated today, or [`NONE`].
    pub first: u32,
}

impl PerRun for Arriving {
    fn begin(&mut self) {
        self.newcomer = None;
        self.requests.clear();
        self.first = NONE;
    }
}

/// Registers the initial proposals and the arrivals.
pub fn arrivals<M: Staking>(model: &mut ModelBuilder) {
    model
        .per_run::<Arriving>()
        .start(Start::Draw, draw_initial)
        .start(Start::Fill, seat_initial::<M>)
        .after(&["participants", "support"])
        .system(Day::Arrivals, arrive::<M>);
}

crate::view! {
    /// Access of [`draw_initial`] to a run.
    struct Drawing<'w> {
        initial: &'w InitialProposals,
        supply: &'w InitialSupply,
        conviction: &'w Conviction,
        chance: &'w mut Chance,
        arriving: &'w mut Arriving,
        opening: &'w mut Opening,
    }
}

fn draw_initial(mut runs: Runs<Drawing>) {
    for (_, of) in runs.batch() {
        let scale = 0.05 * of.conviction.beta * of.supply.funds;
        let count = of.initial.proposals as usize;
        let request = |unit| 0.001 + unit * scale;
        of.chance
            .initial_requests(count, request, &mut of.arriving.requests);
        let candidates = of.arriving.requests.drain(..).map(OpeningCandidate::new);
        of.opening.candidates.extend(candidates);
    }
}

crate::view! {
    /// Access of [`seat_initial`] to a run.
    struct InitialSeating<'w, M: Staking> {
        deciding: &'w Deciding,
        population: &'w mut Population,
        layout: &'w mut Layout,
        opening: &'w mut Opening,
        mechanism: &'w M,
        chance: &'w mut Chance,
    }
}

/// Seats the initial candidates, with their stakes and conviction.
fn seat_initial<M: Staking>(
    mut runs: Runs<InitialSeating<M>>,
    mut rows: SeatingRows,
    mut stored: Rows<&mut M::Stored>,
    mut affinities: Local<Vec<f64>>,
) {
    let batch = runs.batch();
    let (mut rows, mut stored) = (rows.of_batch(&batch), stored.of_batch(&batch));
    dispatch!(batch.vectors, simd => {
        for (run, of) in batch {
            let (mut seating, stored) = (rows.of(run), stored.of(run));
            let participants = of.population.participants;
            let Opening { candidates, observed, .. } = of.opening;
            // Proposal by proposal, one affinity per participant.
            let affinities = grow_to(&mut affinities, participants * candidates.len());
            for (proposal, of_all) in affinities.chunks_mut(participants.max(1)).enumerate() {
                of.chance.initial_affinities(simd, proposal, of_all);
            }
            if let Some(observed) = observed {
                suit_stakes(&mut observed.affinities, of.deciding, candidates, participants, affinities);
            }
            for (proposal, candidate) in candidates.iter().enumerate() {
                let of_all = &affinities[proposal * participants..][..participants];
                let row = seating.seat(simd, of.layout, of.population, 0, candidate.requested, of_all);
                let seat = seating.proposals.history[row].seat as usize;
                let (state, conviction) = of.mechanism.resume(candidate);
                if let Some(stored) = stored.get_mut(seat) {
                    *stored = state;
                }
                seating.open(of.layout, participants, seat, candidate, conviction);
            }
        }
    });
}

/// Redraws affinities of participants for the candidates on which they have stakes, so that they would support them.
/// `affinities` holds those of all participants, candidate by candidate.
fn suit_stakes(
    source: &mut Source,
    deciding: &Deciding,
    candidates: &[OpeningCandidate],
    participants: usize,
    affinities: &mut [f64],
) {
    let mut supported = vec![Vec::new(); participants];
    for (candidate, of) in candidates.iter().enumerate() {
        for &(participant, _) in &of.stakes {
            supported[participant as usize].push(candidate);
        }
    }
    let mut drawn = Vec::new();
    for (participant, supported) in supported.iter().enumerate() {
        let others = (0..candidates.len()).filter(|candidate| !supported.contains(candidate));
        let others = others.map(|candidate| affinities[candidate * participants + participant]);
        let greatest = others.fold(-1.0, f64::max);
        drawn.clear();
        drawn.resize(supported.len(), 0.0);
        draw_supported(source, deciding, greatest, &mut drawn);
        for (candidate, affinity) in supported.iter().zip(&drawn) {
            affinities[candidate * participants + participant] = *affinity;
        }
    }
}

crate::view! {
    /// Access of [`arrive`] to a run.
    struct Arrivals<'w, M: Staking> {
        conviction: &'w Conviction,
        rules: &'w Rules,
        supply: &'w mut Supply,
        sentiment: &'w mut Sentiment,
        departed: &'w Departed,
        population: &'w mut Population,
        layout: &'w mut Layout,
        network: &'w mut Network,
        arriving: &'w mut Arriving,
        ledger: &'w mut M,
        chance: &'w mut Chance,
    }
}

/// Lets a participant and proposals arrive, according to the state at the start of the day.
fn arrive<M: Staking>(
    mut runs: Runs<Arrivals<M>>,
    mut rows: SeatingRows,
    mut people: Rows<(
        &mut ParticipantId,
        &mut Holdings,
        &mut OwnSentiment,
        &mut Swayed,
    )>,
    mut influences: Rows<(&mut Influence, &mut LaterInfluence)>,
    mut affinities: Local<Vec<f64>>,
) {
    let batch = runs.batch();
    let (mut rows, mut people) = (rows.of_batch(&batch), people.of_batch(&batch));
    let mut influences = influences.of_batch(&batch);
    let affinities = &mut *affinities;
    dispatch!(batch.vectors, simd => {
        for (run, of) in batch {
            of.supply.begin_day();
            of.sentiment.begin_day(run.day);
            of.arriving.newcomer =
                draw_newcomer(of.chance, of.population, of.supply, of.sentiment, of.rules, of.ledger);
            let requests = &mut of.arriving.requests;
            {
                let (seats, edges) = (rows.seats.of(run), rows.edges.of(run));
                let (participants, absent) = (of.population.participants, of.departed.count());
                let edges = Affinities::new(edges.affinity, seats.vacancy, of.layout);
                let requested = kernel::total(simd, &seats.requested.as_chunks().0[..of.layout.count()]);
                let funds = of.supply.at_day_start.funds;
                let scale = of.conviction.beta * funds;
                draw_requests(
                    simd, of.chance, requested, funds, scale, of.layout, participants, absent, edges, requests,
                );
            }
            of.arriving.first = NONE;
            if of.arriving.newcomer.is_none() && requests.is_empty() {
                continue;
            }
            let mut seating = rows.of(run);
            if let Some(Newcomer { held, .. }) = of.arriving.newcomer {
                let (ids, holdings, sentiments, swayed) = people.of(run);
                let people = People {
                    ids,
                    holdings,
                    sentiments,
                };
                let row = admit_newcomer(of.chance, held, of.population, people, of.supply, of.ledger);
                meet_newcomer(simd, of.chance, row, of.population.proposals, of.layout, &mut seating);
                swayed[row] = Swayed::default();
                if of.rules.newcomer_links == RuleSet::Corrected {
                    let (edges, later) = influences.of(run);
                    link_newcomer(of.chance, row, of.network, edges, later, swayed);
                }
            }
            if !requests.is_empty() {
                of.arriving.first = of.population.proposals as u32;
            }
            for requested in requests.drain(..) {
                let participants = of.population.participants;
                let proposer = of.departed.row_of_present(of.chance.proposer(participants - of.departed.count()));
                let affinities = grow_to(affinities, participants);
                of.chance.affinities_for(simd, proposer, affinities);
                for &row in of.departed.rows() {
                    affinities[row as usize] = ABSENT;
                }
                let row = seating.seat(simd, of.layout, of.population, run.day, requested, affinities);
                seating.proposals.history[row].proposer = proposer as u32;
            }
        }
    });
}

/// Lets proposals arrive when u < (1 − med) F / R, and draws their requests. Without candidates, three arrive.
#[inline(always)]
#[allow(
    clippy::too_many_arguments,
    reason = "each is a number of the law, or where affinities lie"
)]
fn draw_requests<S: Simd>(
    simd: S,
    chance: &mut Chance,
    requested: f64,
    funds: f64,
    scale: f64,
    layout: &Layout,
    participants: usize,
    absent: usize,
    edges: Affinities,
    requests: &mut Vec<f64>,
) {
    let (mut arrive, mut count) = (true, MOST_A_DAY);
    if requested != 0.0 {
        // u < (1 − med) F / R, solved for the median: only the side on which it lies matters.
        let decisive = 1.0 - chance.proposal_arrival() * requested / funds;
        arrive = median_is_below(simd, decisive, layout, participants, absent, edges);
    }
    if !chance.draws_requests(arrive) {
        return;
    }
    if requested != 0.0 {
        // trunc(1 − med) + 1 is 1 for a median above 0, otherwise 2. It would be 3 at −1, which affinities do not
        // reach.
        let zero = f64::MIN_POSITIVE;
        count = 1 + usize::from(median_is_below(
            simd,
            zero,
            layout,
            participants,
            absent,
            edges,
        ));
    }
    for _ in 0..count {
        let unit = chance.proposal_request();
        if arrive {
            requests.push(scale / 100.0 + unit * scale / 10.0);
        }
    }
}
