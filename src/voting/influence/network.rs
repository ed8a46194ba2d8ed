//! The law of the network, and where its edges lie.
//!
//! A network of many pairs is drawn by the gaps between its links, which are geometric, instead of
//! pair by pair; the law is the same.

use super::Network;
use crate::engine::{Geometric, Source};
use crate::voting::chance::{Link, NONE};
use bevy_ecs::prelude::*;

/// An influence edge is there where X ~ Exp(1) exceeds this, and then has strength X.
const CUTOFF: f64 = 4.0;

/// Who sways a participant. The edges that it came with lie in neighbouring rows, so that many are
/// read at the pace of memory; those that came later are a list.
#[derive(Component, Clone, Copy, Debug)]
pub struct Swayed {
    /// Σ w over its influencers.
    pub sum: f64,
    /// Row of the first of its neighbouring influence edges.
    pub first: u32,
    /// How many neighbouring ones there are.
    pub count: u32,
    /// Row of the first of the others, or [`NONE`].
    pub later: u32,
}

impl Default for Swayed {
    fn default() -> Self {
        Self {
            sum: 0.0,
            first: 0,
            count: 0,
            later: NONE,
        }
    }
}

/// An influence edge.
#[derive(Component, Clone, Copy, Debug)]
pub struct Influence {
    /// w: how strongly.
    pub strength: f64,
    /// Row of the participant who is swayed.
    pub influenced: u32,
    /// Row of the participant who sways.
    pub influencer: u32,
}

impl Default for Influence {
    fn default() -> Self {
        Self {
            strength: 0.0,
            influenced: NONE,
            influencer: NONE,
        }
    }
}

/// The chance that a pair is linked after `rounds` draws of chance `once` each.
pub fn chance_after(once: f64, rounds: u32) -> f64 {
    1.0 - libm::pow(1.0 - once, f64::from(rounds))
}

/// The chance of an influence edge in one draw: e⁻⁴.
fn chance_of_link() -> f64 {
    libm::exp(-CUTOFF)
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
            link(next - 1, CUTOFF + strength);
        }
    }
}

/// Draws the network among `participants` (at least 1) for the initial state, each ordered pair in
/// `rounds` rounds of which the last that links counts.
pub fn draw(stream: &mut Source, participants: usize, rounds: u32, links: &mut Vec<Link>) {
    let others = (participants as u64).saturating_sub(1);
    let chance = chance_after(chance_of_link(), rounds);
    let pairs = participants as u64 * others;
    each_link(stream, pairs, chance, |pair, strength| {
        let (influenced, other) = (pair / others, pair % others);
        let influencer = other + u64::from(other >= influenced);
        links.push(Link {
            from: influenced as u32,
            to: influencer as u32,
            strength,
        });
    });
}

/// Draws the links of a newcomer in row `newcomer` with everybody before, both ways.
pub fn draw_newcomer(stream: &mut Source, newcomer: usize, links: &mut Vec<Link>) {
    let pairs = 2 * newcomer as u64;
    each_link(stream, pairs, chance_of_link(), |pair, strength| {
        let (other, newcomer) = ((pair / 2) as u32, newcomer as u32);
        let (from, to) = if pair % 2 == 0 {
            (newcomer, other)
        } else {
            (other, newcomer)
        };
        links.push(Link { from, to, strength });
    });
}

/// Puts the links that have none into rows, next to the others on the same participant if it can be,
/// else at the head of its list.
pub fn add(
    network: &mut Network,
    edges: &mut [Influence],
    later: &mut [u32],
    swayed: &mut [Swayed],
) {
    for Link { from, to, strength } in network.links.drain(..) {
        let row = network.edges;
        network.edges += 1;
        edges[row] = Influence {
            strength,
            influenced: from,
            influencer: to,
        };
        let (swayed, row) = (&mut swayed[from as usize], row as u32);
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
