//! Which proposals exclude each other: a network among proposals, drawn only where a table shows it,
//! since nothing in the published model depends on it.

use super::Day;
use super::arrivals::Arriving;
use super::chance::{Chance, Link, NONE};
use super::influence::chance_after;
use super::participants::Population;
use super::proposals::{InitialProposals, MOST_A_DAY, ProposalId, Status};
use super::rules::{RuleSet, Rules};
use super::support::{Detail, Layout, keep};
use crate::engine::{
    Columns, Gathered, ModelBuilder, Moment, Output, PerRun, Rows, Runs, Shown, Source, Start,
};
use bevy_ecs::prelude::*;

/// The chance of a conflict edge; its strength is then uniform on (0.75, 1].
const CHANCE: f64 = 0.25;

crate::table! {
    /// Conflict edges, a row each in the order drawn.
    ConflictEdges {
        record Conflict;
    }
}

/// A conflict edge.
#[derive(Component, Clone, Copy, Debug)]
pub struct Conflict {
    /// c: how much the two exclude each other.
    pub strength: f64,
    /// Row of the proposal that it leaves.
    pub proposal: u32,
    /// Row of the proposal that it leads to.
    pub other: u32,
}

impl Default for Conflict {
    fn default() -> Self {
        Self {
            strength: 0.0,
            proposal: NONE,
            other: NONE,
        }
    }
}

/// The network of a run: how many edges it has, and those that have no rows yet.
#[derive(Component, Default)]
pub struct Conflicts {
    /// Rows in use.
    pub edges: usize,
    links: Vec<Link>,
}

impl PerRun for Conflicts {
    fn begin(&mut self) {
        self.edges = 0;
        self.links.clear();
    }
}

crate::columns! {
    /// Each conflict edge among proposals at the end of a run.
    ConflictRow, ConflictRows {
        proposal: u32, "", "id of a proposal";
        other: u32, "", "id of a proposal that it conflicts with";
        conflict: f64, "", "c, how much they exclude each other";
    }
}

/// Registers conflicts.
pub fn conflict<C: Chance>(model: &mut ModelBuilder) {
    model
        .per_run::<Conflicts>()
        .table::<ConflictEdges, _>(demand)
        .start(Start::Draw, draw::<C>)
        .start(Start::Fill, fill)
        .system_for("conflict", Day::Arrivals, link_proposals::<C>)
        .output(Output {
            name: "conflict",
            folder: None,
            rows: |_| 0.0,
            meaning: "of a run: a row per conflict edge, at its end",
            moment: Moment::End,
            prepare: Some(|world| keep(world, Detail::Edges)),
        })
        .columns::<ConflictRows, _>(&["conflict"], show);
}

/// A new proposal may be linked with every candidate, both ways.
fn demand(
    In(days): In<u32>,
    mut runs: Runs<(
        &'static Conflicts,
        &'static Layout,
        &'static InitialProposals,
    )>,
) -> usize {
    let more = days as usize * MOST_A_DAY;
    let edges = runs.batch().map(|(_, (conflicts, layout, initial))| {
        if layout.detail < Detail::Edges {
            return 0;
        }
        let candidates = layout.candidates().max(initial.proposals as usize);
        conflicts.edges + conflicts.links.len() + 2 * more * (candidates + more)
    });
    edges.max().unwrap_or(0)
}

/// Draws the conflict edge of one ordered pair in `rounds` rounds, of which the last that links
/// counts.
fn draw_pair(stream: &mut Source, from: u32, to: u32, rounds: u32, links: &mut Vec<Link>) {
    if stream.uniform() < chance_after(CHANCE, rounds) {
        let strength = 1.0 - CHANCE * stream.uniform();
        links.push(Link { from, to, strength });
    }
}

fn draw<C: Chance>(
    mut runs: Runs<(
        &'static InitialProposals,
        &'static Rules,
        &'static Layout,
        &'static mut C,
        &'static mut Conflicts,
    )>,
) {
    for (_, (initial, rules, layout, chance, conflicts)) in runs.batch() {
        if layout.detail < Detail::Edges {
            continue;
        }
        let proposals = initial.proposals;
        chance.initial_conflict(&mut conflicts.links, |stream, links| {
            for proposal in 0..proposals {
                for other in (0..proposals).filter(|&other| other != proposal) {
                    // A pair is drawn anew after each proposal from the later of the two on.
                    let rounds = match rules.network_density {
                        RuleSet::V3 => proposals - proposal.max(other),
                        RuleSet::Corrected => 1,
                    };
                    draw_pair(stream, proposal, other, rounds, links);
                }
            }
        });
    }
}

fn fill(mut runs: Runs<&'static mut Conflicts>, mut edges: Rows<&'static mut Conflict>) {
    let batch = runs.batch();
    let mut edges = edges.of_batch(&batch);
    for (run, conflicts) in batch {
        add(conflicts, edges.of(run));
    }
}

/// Puts the links that have none into rows.
fn add(conflicts: &mut Conflicts, edges: &mut [Conflict]) {
    for Link { from, to, strength } in conflicts.links.drain(..) {
        edges[conflicts.edges] = Conflict {
            strength,
            proposal: from,
            other: to,
        };
        conflicts.edges += 1;
    }
}

/// Links the proposals of the day with the candidates before them, by the law of the initial network;
/// under rule newcomer_links v3 not at all.
fn link_proposals<C: Chance>(
    mut runs: Runs<(
        &'static Rules,
        &'static Layout,
        &'static Population,
        &'static Arriving,
        &'static mut C,
        &'static mut Conflicts,
    )>,
    mut proposals: Rows<&'static Status>,
    mut edges: Rows<&'static mut Conflict>,
) {
    let batch = runs.batch();
    let (mut proposals, mut edges) = (proposals.of_batch(&batch), edges.of_batch(&batch));
    for (run, (rules, layout, population, arriving, chance, conflicts)) in batch {
        let linked = rules.newcomer_links == RuleSet::Corrected;
        if layout.detail < Detail::Edges || arriving.first == NONE || !linked {
            continue;
        }
        let statuses = proposals.of(run);
        for row in arriving.first..population.proposals as u32 {
            for other in 0..row {
                if statuses[other as usize] == Status::Candidate {
                    let stream = chance.conflict();
                    draw_pair(stream, row, other, 1, &mut conflicts.links);
                    draw_pair(stream, other, row, 1, &mut conflicts.links);
                }
            }
        }
        add(conflicts, edges.of(run));
    }
}

fn show(
    mut runs: Shown<(&'static Conflicts, &'static mut Gathered<ConflictRows>)>,
    mut proposals: Rows<&'static ProposalId>,
    mut edges: Rows<&'static Conflict>,
) {
    let batch = runs.batch();
    let (mut proposals, mut edges) = (proposals.of_batch(&batch), edges.of_batch(&batch));
    for (run, (conflicts, rows)) in batch {
        let ids = proposals.of(run);
        let mut links: Vec<_> = edges.of(run)[..conflicts.edges].iter().collect();
        links.sort_by_key(|edge| (edge.proposal, edge.other));
        for edge in links {
            rows.push(ConflictRow {
                proposal: ids[edge.proposal as usize],
                other: ids[edge.other as usize],
                conflict: edge.strength,
            });
        }
    }
}
