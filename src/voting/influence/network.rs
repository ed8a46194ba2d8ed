//! Laws of the influence network, and the places of its edges.
//!
//! **Published.** Each ordered pair of participants has an influence edge independently, with chance e⁻⁴; its
//! strength is 4 + X, X ~ Exp(1). With a mean degree d, the chance is min(1, d / (n − 1)) instead, where n is the
//! number of participants at the start. Each of them then has Binomial(n − 1, d / (n − 1)) influencers. A newcomer is
//! linked with all earlier participants by the same chance, in both directions. The gaps between linked pairs are
//! geometric, so the network is drawn by its gaps instead of pair by pair; the law is the same.
//!
//! **Preferential.** Participants join one after another: those of the start in a random order, newcomers as they
//! arrive. Each chooses ⌊d⌋ or ⌊d⌋ + 1 influencers among the earlier ones, d in the mean, or all of them if there are
//! no more. They choose one after another without repetition, by chances in proportion to d + k, where k is the
//! candidate's number of followers. Strengths are as published. With many participants and a whole d, the share
//! d (d + 1) / (q (q + 1)) has q − d followers or more, q ≥ d. This is a tail of exponent 2 (Barabási and Albert,
//! Science 286, 1999; exactly, Bollobás and others, Random Structures & Algorithms 18, 2001). The mean degree is below
//! d, since the first have fewer earlier participants to choose from. The default d is (n − 1) e⁻⁴.

use super::Network;
use crate::engine::{Geometric, Source};
use crate::voting::chance::{Link, NONE};
use bevy_ecs::prelude::*;

/// Minimum strength: an influence edge exists if X ~ Exp(1) exceeds it, and then has strength X.
const CUTOFF: f64 = 4.0;

/// Influencers of a participant. The first edges are in neighbouring rows, so that reading many is bound by memory
/// bandwidth; later edges form a list.
#[derive(Component, Clone, Copy, Debug)]
pub struct Swayed {
    /// Σ w over the influencers.
    pub sum: f64,
    /// Row of the first of the neighbouring influence edges.
    pub first: u32,
    /// Number of neighbouring edges.
    pub count: u32,
    /// Row of the first later edge, or [`NONE`].
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

/// Influence edge.
#[derive(Component, Clone, Copy, Debug)]
pub struct Influence {
    /// w, strength.
    pub strength: f64,
    /// Row of the influenced participant.
    pub influenced: u32,
    /// Row of the influencer.
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

/// Returns the chance that a pair is linked after `rounds` draws of chance `once` each.
pub fn chance_after(once: f64, rounds: u32) -> f64 {
    1.0 - libm::pow(1.0 - once, f64::from(rounds))
}

/// Returns the chance of an influence edge in one draw: e⁻⁴.
fn chance_of_link() -> f64 {
    libm::exp(-CUTOFF)
}

/// Law by which participants are linked.
#[derive(Clone, Copy, Debug)]
pub enum Law {
    /// Each ordered pair is linked independently.
    Pairs {
        /// Gaps between linked pairs of the start.
        initial: Geometric,
        /// Gaps between linked pairs of a newcomer.
        newcomer: Geometric,
    },
    /// Each participant chooses this mean number of influencers among earlier ones.
    Preferential(f64),
}

impl Default for Law {
    fn default() -> Self {
        Self::Preferential(0.0)
    }
}

impl Law {
    /// Returns the published law for a number of rounds of initial draws.
    pub fn published(rounds: u32) -> Self {
        Self::Pairs {
            initial: Geometric::new(chance_after(chance_of_link(), rounds)),
            newcomer: Geometric::new(chance_of_link()),
        }
    }

    /// Returns the published law, with the chance of a link that gives the initial participants this mean degree.
    pub fn of_degree(degree: f64, participants: usize) -> Self {
        let others = participants.saturating_sub(1).max(1);
        let law = Geometric::new((degree / others as f64).min(1.0));
        Self::Pairs {
            initial: law,
            newcomer: law,
        }
    }

    /// Returns the preferential law. Its default degree is the mean of the published law.
    pub fn preferential(degree: Option<f64>, participants: usize) -> Self {
        let published = || participants.saturating_sub(1) as f64 * chance_of_link();
        Self::Preferential(degree.unwrap_or_else(published))
    }

    /// Returns the most links that a newcomer can have with `before` participants.
    pub fn most_of_newcomer(&self, before: usize) -> usize {
        match self {
            Self::Pairs { .. } => 2 * before,
            Self::Preferential(degree) => before.min(*degree as usize + 1),
        }
    }
}

/// Calls `link` for each linked one of `pairs` numbered pairs, in order, with the strength of its edge. An
/// exponential beyond the cutoff is again exponential.
fn each_link(stream: &mut Source, pairs: u64, law: Geometric, mut link: impl FnMut(u64, f64)) {
    let mut next = 0;
    loop {
        for [gap, strength] in stream.exponentials().as_chunks().0 {
            let gap = law.wait(*gap);
            if gap == u32::MAX {
                // No link follows within this gap. The law has no memory, so draw again from its end.
                next += u64::from(gap - 1);
                if next >= pairs {
                    return;
                }
                continue;
            }
            next += u64::from(gap);
            if next > pairs {
                return;
            }
            link(next - 1, CUTOFF + strength);
        }
    }
}

/// Draws the initial network among `participants` (at least 1).
pub fn draw(stream: &mut Source, participants: usize, law: Law, links: &mut Vec<Link>) {
    match law {
        Law::Pairs { initial, .. } => {
            let others = (participants as u64).saturating_sub(1);
            let pairs = participants as u64 * others;
            each_link(stream, pairs, initial, |pair, strength| {
                let (influenced, other) = (pair / others, pair % others);
                let influencer = other + u64::from(other >= influenced);
                links.push(Link {
                    from: influenced as u32,
                    to: influencer as u32,
                    strength,
                });
            });
        }
        Law::Preferential(degree) => {
            let order = random_order(stream, participants);
            let mut chosen = Chosen::among(participants);
            for (before, &from) in order.iter().enumerate() {
                let (row, influencer) = (|place: usize| order[place], |edge: usize| links[edge].to);
                chosen.choose(stream, degree, before, row, links.len(), influencer);
                chosen.link(stream, from, links);
            }
        }
    }
}

/// Draws the links of the newcomer in row `newcomer` with all earlier participants, whose edges are `edges`.
pub fn draw_newcomer(
    stream: &mut Source,
    newcomer: usize,
    law: Law,
    edges: &[Influence],
    links: &mut Vec<Link>,
) {
    match law {
        Law::Pairs { newcomer: law, .. } => {
            let pairs = 2 * newcomer as u64;
            each_link(stream, pairs, law, |pair, strength| {
                let (other, newcomer) = ((pair / 2) as u32, newcomer as u32);
                let (from, to) = if pair % 2 == 0 {
                    (newcomer, other)
                } else {
                    (other, newcomer)
                };
                links.push(Link { from, to, strength });
            });
        }
        Law::Preferential(degree) => {
            let mut chosen = Chosen::among(newcomer);
            let (row, influencer) = (|place| place as u32, |edge: usize| edges[edge].influencer);
            chosen.choose(stream, degree, newcomer, row, edges.len(), influencer);
            chosen.link(stream, newcomer as u32, links);
        }
    }
}

/// Returns the rows of participants in a random order.
fn random_order(stream: &mut Source, participants: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..participants as u32).collect();
    for last in (1..participants).rev() {
        order.swap(last, stream.index(last + 1));
    }
    order
}

/// Influencers that a participant chooses by the preferential law.
struct Chosen {
    rows: Vec<u32>,
    /// Marks of the chosen rows.
    is_chosen: Vec<bool>,
}

impl Chosen {
    fn among(rows: usize) -> Self {
        Self {
            rows: Vec::new(),
            is_chosen: vec![false; rows],
        }
    }

    fn add(&mut self, row: u32) {
        if !std::mem::replace(&mut self.is_chosen[row as usize], true) {
            self.rows.push(row);
        }
    }

    /// Chooses among `before` participants, whose rows `row` returns. `influencer` returns the influencer of each of
    /// the `edges` edges among them.
    fn choose(
        &mut self,
        stream: &mut Source,
        degree: f64,
        before: usize,
        row: impl Fn(usize) -> u32,
        edges: usize,
        influencer: impl Fn(usize) -> u32,
    ) {
        let more = stream.uniform() < degree.fract();
        let count = degree as usize + usize::from(more);
        if count >= before {
            (0..before).for_each(|place| self.add(row(place)));
            return;
        }
        // In proportion to d + k: any participant, or the influencer of any edge.
        let anybody = degree * before as f64;
        let anybody = anybody / (anybody + edges as f64);
        while self.rows.len() < count {
            let row = match stream.uniform() < anybody {
                true => row(stream.index(before)),
                false => influencer(stream.index(edges)),
            };
            self.add(row);
        }
    }

    /// Links a participant to those chosen, and clears the choice.
    fn link(&mut self, stream: &mut Source, from: u32, links: &mut Vec<Link>) {
        for to in self.rows.drain(..) {
            self.is_chosen[to as usize] = false;
            let strength = CUTOFF + stream.exponential();
            links.push(Link { from, to, strength });
        }
    }
}

/// Gives pending links rows: next to the other edges of the same participant if possible, otherwise at the head of
/// its list.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Seeds, Stream};

    fn source(root: u64) -> Source {
        Seeds { root, world: 0 }.source(Stream::numbered(2))
    }

    /// Draws a network, and counts the influencers and followers of each participant.
    fn drawn(root: u64, people: usize, law: Law) -> (Vec<Link>, Vec<u32>, Vec<u32>) {
        let mut links = Vec::new();
        draw(&mut source(root), people, law, &mut links);
        let (mut by, mut whom) = (vec![0; people], vec![0; people]);
        for link in &links {
            assert_ne!(link.from, link.to);
            by[link.from as usize] += 1;
            whom[link.to as usize] += 1;
        }
        (links, by, whom)
    }

    fn mean(values: &[u32]) -> f64 {
        values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64
    }

    fn variance(values: &[u32]) -> f64 {
        let mean = mean(values);
        let squares = values.iter().map(|&v| (f64::from(v) - mean).powi(2));
        squares.sum::<f64>() / (values.len() - 1) as f64
    }

    #[test]
    fn a_network_of_a_degree_links_each_pair_by_the_same_chance() {
        const PEOPLE: usize = 4000;
        for degree in [0.5, 8.0, 40.0] {
            let (links, by, whom) = drawn(3, PEOPLE, Law::of_degree(degree, PEOPLE));
            let chance = degree / (PEOPLE - 1) as f64;
            // Binomial in both directions.
            let spread = degree * (1.0 - chance);
            for of in [&by, &whom] {
                let error = (spread / PEOPLE as f64).sqrt();
                assert!(
                    (mean(of) - degree).abs() < 4.0 * error,
                    "{degree}: {}",
                    mean(of)
                );
                let error = spread * ((2.0 + 1.0 / spread) / PEOPLE as f64).sqrt();
                assert!(
                    (variance(of) - spread).abs() < 4.0 * error,
                    "{degree}: {}",
                    variance(of)
                );
            }
            // Independent: mutual links are as frequent as the chance squared.
            let mut pairs: Vec<_> = links.iter().map(|link| (link.from, link.to)).collect();
            assert!(pairs.is_sorted());
            pairs.dedup();
            assert_eq!(pairs.len(), links.len());
            let mutual = pairs
                .iter()
                .filter(|(a, b)| pairs.binary_search(&(*b, *a)).is_ok());
            let (mutual, expected) = (
                mutual.count() as f64 / 2.0,
                chance * degree * PEOPLE as f64 / 2.0,
            );
            assert!(
                (mutual - expected).abs() < 4.0 * expected.sqrt() + 1.0,
                "{degree}: {mutual}"
            );
            let by_whom: f64 = by.iter().zip(&whom).map(|(a, b)| f64::from(a * b)).sum();
            let covariance = by_whom / PEOPLE as f64 - mean(&by) * mean(&whom);
            assert!(
                covariance.abs() < 4.0 * spread / (PEOPLE as f64).sqrt(),
                "{covariance}"
            );
            let strengths: f64 = links.iter().map(|link| link.strength - CUTOFF).sum();
            let error = 1.0 / (links.len() as f64).sqrt();
            assert!((strengths / links.len() as f64 - 1.0).abs() < 4.0 * error);
        }
        // At most all others.
        let (links, ..) = drawn(3, 20, Law::of_degree(100.0, 20));
        assert_eq!(links.len(), 20 * 19);
    }

    #[test]
    fn a_chance_that_is_hardly_any_is_kept_to_over_pairs_beyond_32_bits() {
        let law = Geometric::new(1e-9);
        let mut count = 0;
        let mut stream = source(5);
        for _ in 0..40 {
            each_link(&mut stream, 10_000_000_000, law, |_, _| count += 1);
        }
        assert!((320..480).contains(&count), "{count}");
        each_link(
            &mut stream,
            u64::from(u32::MAX),
            Geometric::new(0.0),
            |_, _| panic!("never"),
        );
    }

    #[test]
    fn whoever_sways_many_is_chosen_by_more() {
        const PEOPLE: usize = 40_000;
        let degree = 4.0;
        let (_, by, whom) = drawn(7, PEOPLE, Law::preferential(Some(degree), PEOPLE));
        // All but the first four have four influencers.
        assert_eq!(by.iter().filter(|&&by| by != 4).count(), 4);
        assert_eq!(by.iter().sum::<u32>(), 4 * PEOPLE as u32 - 10);
        for followers in [1, 4, 16, 64] {
            let q = f64::from(followers) + degree;
            let expected = degree * (degree + 1.0) / (q * (q + 1.0));
            let found = whom.iter().filter(|&&whom| whom >= followers).count();
            let found = found as f64 / PEOPLE as f64;
            let error = (expected / PEOPLE as f64).sqrt();
            // With few participants, the first have more followers than in the limit.
            assert!(
                (found - expected).abs() < 5.0 * error + 0.02 * expected,
                "{followers}: {found}, {expected}"
            );
        }
        // The initial order is random: rows do not tell who has many followers.
        let halves = whom.split_at(PEOPLE / 2);
        assert!((mean(halves.0) - mean(halves.1)).abs() < 0.5);
        // A mean between two whole numbers.
        let (_, by, _) = drawn(8, 4000, Law::preferential(Some(2.5), 4000));
        assert!((mean(&by) - 2.5).abs() < 0.04, "{}", mean(&by));
        // The default degree is that of the published law.
        let (_, by, _) = drawn(8, 4000, Law::preferential(None, 4000));
        assert!((mean(&by) / (3999.0 * chance_of_link()) - 1.0).abs() < 0.02);
        let (links, ..) = drawn(8, 5, Law::preferential(Some(100.0), 5));
        assert_eq!(links.len(), 10);
    }

    /// Adds newcomers one after another to a network.
    fn grown(law: Law, initial: usize, newcomers: usize) -> Vec<Link> {
        let mut stream = source(11);
        let (mut all, mut links) = (Vec::new(), Vec::new());
        draw(&mut stream, initial, law, &mut all);
        for newcomer in initial..initial + newcomers {
            let edge = |link: &Link| Influence {
                strength: link.strength,
                influenced: link.from,
                influencer: link.to,
            };
            let edges: Vec<_> = all.iter().map(edge).collect();
            draw_newcomer(&mut stream, newcomer, law, &edges, &mut links);
            assert!(links.len() <= law.most_of_newcomer(newcomer));
            all.append(&mut links);
        }
        all
    }

    #[test]
    fn newcomers_are_linked_as_those_of_the_start() {
        const INITIAL: usize = 400;
        let count = |links: &[Link], is: fn(&Link) -> bool| {
            links.iter().filter(|link| is(link)).count() as f64
        };
        let links = grown(Law::of_degree(8.0, INITIAL), INITIAL, 200);
        let pairs = (400..600).sum::<usize>() as f64;
        let expected = pairs * 8.0 / (INITIAL - 1) as f64;
        for is in [
            (|link| link.from >= 400 && link.to < link.from) as fn(&Link) -> bool,
            |link| link.to >= 400 && link.from < link.to,
        ] {
            let found = count(&links, is);
            assert!(
                (found - expected).abs() < 4.0 * expected.sqrt(),
                "{found}, {expected}"
            );
        }
        // By the preferential law only newcomers choose, and more of them choose those with many followers.
        let links = grown(Law::preferential(Some(8.0), INITIAL), INITIAL, 200);
        assert_eq!(count(&links, |link| link.from >= 400), 8.0 * 200.0);
        assert_eq!(count(&links, |link| link.from < 400 && link.to >= 400), 0.0);
        let mut whom = vec![0; 400];
        links
            .iter()
            .filter(|link| link.from < 400)
            .for_each(|link| whom[link.to as usize] += 1);
        let popular = links
            .iter()
            .filter(|link| link.from >= 400 && link.to < 400);
        let popular: Vec<_> = popular.map(|link| whom[link.to as usize]).collect();
        assert!(
            mean(&popular) > 1.5 * mean(&whom),
            "{} {}",
            mean(&popular),
            mean(&whom)
        );
    }
}
