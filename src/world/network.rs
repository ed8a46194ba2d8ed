//! Influence among participants and conflict among proposals: who is linked with whom.
//!
//! A network of many pairs is drawn by the gaps between its links, which are geometric, instead of
//! pair by pair; the law is the same.

use super::commons::Population;
use super::components::{Conflict, Influence, Swayed};
use crate::rng::{Geometric, Source};

/// An influence edge is there where X ~ Exp(1) exceeds this, and then has strength X.
const INFLUENCE_CUTOFF: f64 = 4.0;

/// The chance of a conflict edge; its strength is then uniform on (0.75, 1].
const CONFLICT_CHANCE: f64 = 0.25;

/// The chance that a pair is linked after `rounds` draws of chance `once` each.
pub fn chance_after(once: f64, rounds: u32) -> f64 {
    1.0 - libm::pow(1.0 - once, f64::from(rounds))
}

/// The chance of an influence edge in one draw: e⁻⁴.
pub fn influence_chance() -> f64 {
    libm::exp(-INFLUENCE_CUTOFF)
}

/// Calls `link` with each of `pairs` numbered pairs that an influence edge links by this chance, in
/// order, and with its strength: an exponential beyond the cutoff is again exponential.
fn each_link(stream: &mut Source, pairs: u64, chance: f64, mut link: impl FnMut(u64, f64)) {
    let (mut next, law) = (0, Geometric::new(chance));
    loop {
        for [gap, strength] in stream.exponentials().as_chunks().0 {
            let gap = u64::from(law.wait(*gap));
            next += gap;
            if gap == u64::from(u32::MAX) || next > pairs {
                return;
            }
            link(next - 1, INFLUENCE_CUTOFF + strength);
        }
    }
}

/// The influence edges yet to be put into rows: (influenced, influencer, strength).
pub type InfluenceLinks = Vec<(u32, u32, f64)>;

/// Draws the network among `participants` for the initial state, each ordered pair in `rounds`
/// rounds of which the last that links counts.
pub fn draw_influence(
    stream: &mut Source,
    participants: usize,
    rounds: u32,
    links: &mut InfluenceLinks,
) {
    let others = participants as u64 - 1;
    let chance = chance_after(influence_chance(), rounds);
    let pairs = participants as u64 * others;
    each_link(stream, pairs, chance, |pair, strength| {
        let (influenced, other) = (pair / others, pair % others);
        let influencer = other + u64::from(other >= influenced);
        links.push((influenced as u32, influencer as u32, strength));
    });
}

/// Draws the links of a newcomer in row `newcomer` with everybody before, both ways.
pub fn draw_newcomer_influence(stream: &mut Source, newcomer: usize, links: &mut InfluenceLinks) {
    let pairs = 2 * newcomer as u64;
    each_link(stream, pairs, influence_chance(), |pair, strength| {
        let (other, newcomer) = ((pair / 2) as u32, newcomer as u32);
        links.push(if pair % 2 == 0 {
            (newcomer, other, strength)
        } else {
            (other, newcomer, strength)
        });
    });
}

/// Puts links into rows, next to the others on the same participant if it can be, else at the head
/// of its list.
pub fn add_influence(
    links: &[(u32, u32, f64)],
    population: &mut Population,
    (edges, later): (&mut [Influence], &mut [u32]),
    swayed: &mut [Swayed],
) {
    for &(influenced, influencer, strength) in links {
        let row = population.influences;
        population.influences += 1;
        edges[row] = Influence {
            strength,
            influenced,
            influencer,
        };
        let (swayed, row) = (&mut swayed[influenced as usize], row as u32);
        swayed.sum += strength;
        if swayed.count == 0 {
            swayed.first = row;
        }
        if swayed.first + swayed.count == row {
            swayed.count += 1;
        } else {
            later[row as usize] = std::mem::replace(&mut swayed.later, row);
        }
    }
}

/// The conflict edges yet to be put into rows: (proposal, other, strength), by row.
pub type ConflictLinks = Vec<(u32, u32, f64)>;

/// Draws the conflict edge of one ordered pair in `rounds` rounds, of which the last that links
/// counts.
pub fn draw_conflict(
    stream: &mut Source,
    pair: (u32, u32),
    rounds: u32,
    links: &mut ConflictLinks,
) {
    if stream.uniform() < chance_after(CONFLICT_CHANCE, rounds) {
        let strength = 1.0 - CONFLICT_CHANCE * stream.uniform();
        links.push((pair.0, pair.1, strength));
    }
}

/// Puts links into rows.
pub fn add_conflict(
    links: &[(u32, u32, f64)],
    population: &mut Population,
    edges: &mut [Conflict],
) {
    for &(proposal, other, strength) in links {
        let row = population.conflicts;
        population.conflicts += 1;
        edges[row] = Conflict {
            strength,
            proposal,
            other,
        };
    }
}
