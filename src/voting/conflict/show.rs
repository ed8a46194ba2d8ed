//! Fills the columns of the network, and of the outcomes of conflicts.

use super::acts::Ties;
use super::late::{LateDraws, LateNetwork, draw_together};
use super::{Conflict, Conflicts};
use crate::engine::{Columns, Gathered, ModelBuilder, Rows, Sampled};
use crate::voting::conviction::Rivals;
use crate::voting::participants::Population;
use crate::voting::proposals::{FundsRequested, History, InitialProposals, ProposalId, Status};
use crate::voting::rules::{RuleSet, Rules};
use bevy_ecs::prelude::*;

crate::columns! {
    /// Conflict edges among proposals at the end of a run.
    ConflictRow, ConflictRows {
        proposal: u32, "", "id of a proposal";
        other: u32, "", "id of the proposal that it conflicts with";
        conflict: f64, "", "c, strength of the conflict";
    }
}

crate::columns! {
    /// Edges of concord.
    ConcordRow, ConcordRows {
        concord: bool, "", "whether the edge is concord, of this strength, instead of conflict";
    }
}

crate::columns! {
    /// Outcome of conflicts.
    ConflictOutcomeRow, ConflictOutcomeRows {
        killed_by_conflict: u32, "", "candidates killed because a proposal in conflict with them was granted" => min;
        conflicting_pairs_granted: u32, "", "pairs of granted proposals in conflict, in either direction" => min;
        concord_pairs_granted: u32, "", "pairs of granted proposals in concord, in either direction" => max;
        funds_in_conflict: f64, "Honey", "total request of granted proposals in conflict with another granted one" => min;
    }
}

/// Registers the columns of outcomes of conflicts.
pub(super) fn acts(model: &mut ModelBuilder) {
    model
        .columns::<ConcordRows, _>(&["conflict"], show_concord)
        .columns::<ConflictOutcomeRows, _>(&["runs"], show_outcome);
}

/// Returns the numbers of edges, in the order of tables.
fn in_order(edges: &[Conflict]) -> Vec<usize> {
    let mut order: Vec<_> = (0..edges.len()).collect();
    order.sort_by_key(|&edge| (edges[edge].proposal, edges[edge].other));
    order
}

pub(super) fn show_edges(
    mut runs: Sampled<(&Conflicts, &mut Gathered<ConflictRows>)>,
    mut proposals: Rows<&ProposalId>,
    mut edges: Rows<&Conflict>,
) {
    let batch = runs.batch();
    let (mut proposals, mut edges) = (proposals.of_batch(&batch), edges.of_batch(&batch));
    for (run, (conflicts, rows)) in batch {
        let (ids, edges) = (proposals.of(run), &edges.of(run)[..conflicts.edges]);
        for edge in in_order(edges) {
            let edge = edges[edge];
            rows.push(ConflictRow {
                proposal: ids[edge.proposal as usize],
                other: ids[edge.other as usize],
                conflict: edge.strength,
            });
        }
    }
}

fn show_concord(
    mut runs: Sampled<(&Conflicts, &Ties, &mut Gathered<ConcordRows>)>,
    mut edges: Rows<&Conflict>,
) {
    let batch = runs.batch();
    let mut edges = edges.of_batch(&batch);
    for (run, (conflicts, ties, rows)) in batch {
        for edge in in_order(&edges.of(run)[..conflicts.edges]) {
            rows.push(ConcordRow {
                concord: ties.is_concord(edge),
            });
        }
    }
}

/// Two granted proposals joined by an edge, by row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    concord: bool,
    first: u32,
    second: u32,
}

impl Pair {
    fn of(concord: bool, a: u32, b: u32) -> Self {
        Self {
            concord,
            first: a.min(b),
            second: a.max(b),
        }
    }
}

crate::view! {
    /// Access of [`show_outcome`] to a run.
    struct ShownOutcome<'w> {
        conflicts: &'w Conflicts,
        ties: &'w Ties,
        rivals: &'w Rivals,
        draws: &'w LateDraws,
        population: &'w Population,
        initial: &'w InitialProposals,
        rules: &'w Rules,
        rows: &'w mut Gathered<ConflictOutcomeRows>,
    }
}

/// Fills the outcomes of conflicts, and draws deferred networks.
fn show_outcome(
    mut runs: Sampled<ShownOutcome>,
    mut proposals: Rows<(&Status, &History, &FundsRequested)>,
    mut edges: Rows<&Conflict>,
    mut late: Local<Vec<LateNetwork>>,
    mut pairs: Local<Vec<Pair>>,
    mut in_conflict: Local<Vec<u32>>,
) {
    let mut count = 0;
    let batch = runs.batch();
    let vectors = batch.vectors;
    let mut of_batch = proposals.of_batch(&batch);
    for (run, of) in batch {
        if of.conflicts.drawn {
            continue;
        }
        if count == late.len() {
            late.push(LateNetwork::default());
        }
        let (statuses, histories, _) = of_batch.of(run);
        late[count].plan(
            of.draws,
            of.initial.proposals as usize,
            of.rules.newcomer_links == RuleSet::Corrected,
            &statuses[..of.population.proposals],
            &histories[..of.population.proposals],
        );
        count += 1;
    }
    let late = &mut late[..count];
    draw_together(vectors, late);
    let mut late = late.iter();
    let batch = runs.batch();
    let (mut proposals, mut edges) = (proposals.of_batch(&batch), edges.of_batch(&batch));
    for (run, of) in batch {
        let (statuses, _, requested) = proposals.of(run);
        pairs.clear();
        if of.conflicts.drawn {
            let granted = |row: u32| statuses[row as usize].was_granted();
            for (number, edge) in edges.of(run)[..of.conflicts.edges].iter().enumerate() {
                let (a, b) = (edge.proposal, edge.other);
                if granted(a) && granted(b) {
                    pairs.push(Pair::of(of.ties.is_concord(number), a, b));
                }
            }
        } else if let Some(network) = late.next() {
            let links = network.links.iter();
            pairs.extend(links.map(|&[a, b]| Pair::of(false, a, b)));
        }
        // Edges in both directions count as one pair.
        pairs.sort_unstable();
        pairs.dedup();
        let (conflicting, concordant) = pairs.split_at(pairs.partition_point(|pair| !pair.concord));
        in_conflict.clear();
        in_conflict.extend(
            conflicting
                .iter()
                .flat_map(|pair| [pair.first, pair.second]),
        );
        in_conflict.sort_unstable();
        in_conflict.dedup();
        of.rows.push(ConflictOutcomeRow {
            killed_by_conflict: of.rivals.killed,
            conflicting_pairs_granted: conflicting.len() as u32,
            concord_pairs_granted: concordant.len() as u32,
            funds_in_conflict: in_conflict.iter().map(|&row| requested[row as usize]).sum(),
        });
    }
}
