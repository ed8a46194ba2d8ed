//! Influence network among participants.

mod network;

pub use network::{Influence, Law, Swayed, chance_after};

use super::chance::{Chance, Link, Processes};
use super::participants::{InitialParticipants, ParticipantId, Participants, Population};
use super::proposals::InitialProposals;
use super::rules::{RuleSet, Rules};
use crate::engine::{
    Columns, Domain, Gathered, ModelBuilder, Moment, Output, PerRun, Rows, Runs, Sampled, Start,
};
use bevy_ecs::prelude::*;

crate::choices! {
    /// Kind of influence network.
    NetworkKind {
        /// Each ordered pair is linked by the same chance.
        Published = "published",
        /// Influencers attract followers in proportion to a constant and to those they have.
        Preferential = "preferential",
    }
}

crate::settings! {
    /// Law of the influence network.
    InitialNetwork in "initial" {
        network: NetworkKind = NetworkKind::Published, "", NetworkKind::DOMAIN, "network of influence: published, each ordered pair is linked by the same chance; preferential, influencers attract followers in proportion to d + those they have. Also as a table, { kind = \"preferential\", degree = 8 }";
        degree: f64 = 0.0, "", Domain::from_to(0.0, 100_000.0), "d: mean number of influencers of a participant; 0: that of the published model, (participants - 1) e^-4. Newcomers follow the same law";
    }
}

impl InitialNetwork {
    /// Returns the mean number of influencers, if it is not that of the published model.
    pub fn mean_degree(&self) -> Option<f64> {
        (self.degree > 0.0).then_some(self.degree)
    }

    /// Returns the law for this many initial participants; the published law is drawn in rounds.
    fn law(&self, participants: usize, rounds: u32) -> Law {
        match (self.network, self.mean_degree()) {
            (NetworkKind::Preferential, degree) => Law::preferential(degree, participants),
            (NetworkKind::Published, Some(degree)) => Law::of_degree(degree, participants),
            (NetworkKind::Published, None) => Law::published(rounds),
        }
    }
}

crate::table! {
    /// Influence edges, one row each, in the order drawn.
    InfluenceEdges {
        /// Row of the next later influence edge of a participant, or [`NONE`](super::chance::NONE).
        LaterInfluence(u32) = crate::voting::chance::NONE;
        record Influence;
    }
}

impl crate::engine::TableColumn for Swayed {
    type Value = Self;

    fn values(column: &[Self]) -> &[Self] {
        column
    }

    fn values_mut(column: &mut [Self]) -> &mut [Self] {
        column
    }
}

/// Influence network of a run: number of its edges, and links that have no rows yet.
#[derive(Component, Default)]
pub struct Network {
    /// Rows in use.
    pub edges: usize,
    /// Law of its links.
    law: Law,
    links: Vec<Link>,
}

impl PerRun for Network {
    fn begin(&mut self) {
        self.edges = 0;
        self.links.clear();
    }
}

crate::columns! {
    /// Influence edges among participants at the end of a run.
    InfluenceRow, InfluenceRows {
        influenced: u32, "", "id of the influenced participant";
        influencer: u32, "", "id of the influencer";
        influence: f64, "", "w, how strongly";
    }
}

/// Registers influence among participants.
pub fn influence(model: &mut ModelBuilder) {
    model
        .settings::<InitialNetwork>()
        .per_run::<Network>()
        .table::<InfluenceEdges, _>(demand)
        .column::<Participants, Swayed>()
        .start(Start::Draw, draw)
        .after(&["participants"])
        .start(Start::Fill, fill)
        .output(Output {
            name: "influence",
            folder: None,
            keys: &[],
            rows: |_| 0.0,
            meaning: "of a run: a row per influence edge, at its end",
            moment: Moment::End,
            prepare: None,
        })
        .columns::<InfluenceRows, _>(&["influence"], show);
}

/// Returns the number of edges that may be needed: a newcomer may have as many links as the law allows.
fn demand(In(days): In<u32>, mut runs: Runs<(&Network, &Population)>) -> usize {
    let days = days as usize;
    let edges = runs.batch().map(|(_, (network, population))| {
        let most = network.law.most_of_newcomer(population.participants + days);
        network.edges + network.links.len() + days * most
    });
    edges.max().unwrap_or(0)
}

crate::view! {
    /// Access of [`draw`] to a run.
    struct Drawing<'w> {
        people: &'w InitialParticipants,
        initial: &'w InitialNetwork,
        proposals: &'w InitialProposals,
        rules: &'w Rules,
        chance: &'w mut Chance,
        network: &'w mut Network,
    }
}

fn draw(mut runs: Runs<Drawing>) {
    for (_, of) in runs.batch() {
        let rounds = match of.rules.network_density {
            RuleSet::V3 => of.proposals.proposals,
            RuleSet::Corrected => 1,
        };
        let participants = of.people.participants as usize;
        of.network.law = of.initial.law(participants, rounds);
        let law = of.network.law;
        of.chance
            .initial_influence(&mut of.network.links, |stream, links| {
                network::draw(stream, participants, law, links);
            });
    }
}

fn fill(
    mut runs: Runs<(&Population, &mut Network)>,
    mut people: Rows<&mut Swayed>,
    mut edges: Rows<(&mut Influence, &mut LaterInfluence)>,
) {
    let batch = runs.batch();
    let (mut people, mut edges) = (people.of_batch(&batch), edges.of_batch(&batch));
    for (run, (population, network)) in batch {
        let swayed = people.of(run);
        swayed[..population.participants].fill(Swayed::default());
        let (influences, later) = edges.of(run);
        network::add(network, influences, later, swayed);
    }
}

/// Links the newcomer in a row by the law of the initial network.
pub fn link_newcomer(
    chance: &mut Chance,
    row: usize,
    network: &mut Network,
    influences: &mut [Influence],
    later: &mut [u32],
    swayed: &mut [Swayed],
) {
    let edges = &influences[..network.edges];
    network::draw_newcomer(
        chance.influence(),
        row,
        network.law,
        edges,
        &mut network.links,
    );
    network::add(network, influences, later, swayed);
}

fn show(
    mut runs: Sampled<(&Network, &mut Gathered<InfluenceRows>)>,
    mut people: Rows<&ParticipantId>,
    mut edges: Rows<&Influence>,
) {
    let batch = runs.batch();
    let (mut people, mut edges) = (people.of_batch(&batch), edges.of_batch(&batch));
    for (run, (network, rows)) in batch {
        let ids = people.of(run);
        let mut links: Vec<_> = edges.of(run)[..network.edges].iter().collect();
        links.sort_by_key(|edge| (edge.influenced, edge.influencer));
        for edge in links {
            rows.push(InfluenceRow {
                influenced: ids[edge.influenced as usize],
                influencer: ids[edge.influencer as usize],
                influence: edge.strength,
            });
        }
    }
}
