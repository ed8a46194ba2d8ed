//! Defines the probability law of the network of conflicts.

use crate::engine::Source;
use crate::voting::chance::Link;
use crate::voting::influence::chance_after;
use std::ops::Range;

/// Chance of a conflict edge per draw; its strength is then uniform on (0.75, 1].
pub(super) const CHANCE: f64 = 0.25;

/// Returns the strength of an edge, from u ∈ [0, 1).
fn strength(u: f64) -> f64 {
    1.0 - CHANCE * u
}

/// Draws the links that leave some of the initial `proposals`. Each ordered pair is drawn once, or, with
/// `overrides`, once for each proposal from the later of the two on; the last draw that links it counts. `chances`
/// is a buffer for the chance of each proposal's links.
pub fn draw(
    stream: &mut Source,
    some: Range<u32>,
    proposals: u32,
    overrides: bool,
    chances: &mut Vec<f64>,
    links: &mut Vec<Link>,
) {
    let rounds = |later: u32| if overrides { proposals - later } else { 1 };
    chances.clear();
    chances.extend((0..proposals).map(|later| chance_after(CHANCE, rounds(later))));
    for proposal in some {
        for other in (0..proposals).filter(|&other| other != proposal) {
            if stream.uniform() < chances[proposal.max(other) as usize] {
                links.push(Link {
                    from: proposal,
                    to: other,
                    strength: strength(stream.uniform()),
                });
            }
        }
    }
}

/// Draws the links of an arriving proposal with each of the earlier candidates, in both directions.
pub fn draw_newcomer(
    stream: &mut Source,
    newcomer: u32,
    candidates: &[u32],
    links: &mut Vec<Link>,
) {
    each_link(stream, 2 * candidates.len(), |pair, strength| {
        let other = candidates[pair / 2];
        let (from, to) = if pair % 2 == 0 {
            (newcomer, other)
        } else {
            (other, newcomer)
        };
        links.push(Link { from, to, strength });
    });
}

/// Calls `link` with each linked pair among `pairs` numbered pairs, in order, and with its strength. A pair
/// takes one number of the stream, and another if it is linked, as if drawn one after another. Most pairs are
/// not linked, and those are skipped together.
fn each_link(stream: &mut Source, pairs: usize, mut link: impl FnMut(usize, f64)) {
    /// Numbers drawn at a time, one bit each.
    const MOST: usize = 64;
    let mut numbers = [0.0; MOST];
    let (mut pair, mut linked) = (0, None);
    while pair < pairs {
        // Each remaining pair takes at least one number.
        let numbers = &mut numbers[..MOST.min(pairs - pair)];
        let mut hits = 0_u64;
        for (place, number) in numbers.iter_mut().enumerate() {
            *number = stream.uniform();
            hits |= u64::from(*number < CHANCE) << place;
        }
        let mut strengths = 0;
        if let Some(linked) = linked.take() {
            link(linked, strength(numbers[0]));
            strengths = 1;
            hits &= !1;
        }
        while hits != 0 {
            let place = hits.trailing_zeros() as usize;
            let hit = pair + place - strengths;
            hits &= hits - 1;
            match numbers.get(place + 1) {
                Some(&number) => {
                    link(hit, strength(number));
                    strengths += 1;
                    hits &= !(1 << (place + 1));
                }
                None => linked = Some(hit),
            }
        }
        pair += numbers.len() - strengths;
    }
    if let Some(linked) = linked {
        link(linked, strength(stream.uniform()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Seeds, Stream};

    /// Reference: links drawn pair by pair.
    fn one_by_one(stream: &mut Source, pairs: usize) -> Vec<(usize, f64)> {
        let mut links = Vec::new();
        for pair in 0..pairs {
            if stream.uniform() < CHANCE {
                links.push((pair, strength(stream.uniform())));
            }
        }
        links
    }

    #[test]
    fn links_drawn_together_are_those_drawn_one_by_one() {
        for pairs in 0..300 {
            let seeds = Seeds {
                root: pairs as u64,
                world: 0,
            };
            let [mut together, mut apart] = [(); 2].map(|()| seeds.source(Stream::numbered(1)));
            let mut links = Vec::new();
            each_link(&mut together, pairs, |pair, strength| {
                links.push((pair, strength));
            });
            assert_eq!(links, one_by_one(&mut apart, pairs), "{pairs} pairs");
            assert_eq!(together.bits(), apart.bits(), "after {pairs} pairs");
        }
    }

    #[test]
    fn a_network_drawn_in_steps_is_that_drawn_at_once() {
        for overrides in [false, true] {
            let seeds = Seeds { root: 7, world: 0 };
            let draw_in = |ends: &[u32]| {
                let (mut stream, mut links) = (seeds.source(Stream::numbered(1)), Vec::new());
                let mut first = 0;
                for &end in ends {
                    draw(
                        &mut stream,
                        first..end,
                        9,
                        overrides,
                        &mut Vec::new(),
                        &mut links,
                    );
                    first = end;
                }
                (links, stream.bits())
            };
            assert_eq!(draw_in(&[2, 3, 9]), draw_in(&[9]));
        }
    }
}
