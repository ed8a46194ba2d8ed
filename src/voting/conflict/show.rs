//! Columns of the network, and of what conflicts came to.

use super::acts::Ties;
use super::{Conflict, Conflicts};
use crate::engine::{Columns, Gathered, ModelBuilder, Rows, Shown};
use crate::voting::conviction::Rivals;
use crate::voting::proposals::{FundsRequested, ProposalId, Status};
use bevy_ecs::prelude::*;

crate::columns! {
    /// Each conflict edge among proposals at the end of a run.
    ConflictRow, ConflictRows {
        proposal: u32, "", "id of a proposal";
        other: u32, "", "id of a proposal that it conflicts with";
        conflict: f64, "", "c, how much they exclude each other";
    }
}

crate::columns! {
    /// Which edges join proposals that are good together.
    ConcordRow, ConcordRows {
        concord: bool, "", "whether the two are good together by this strength, instead of in conflict";
    }
}

crate::columns! {
    /// What conflicts came to.
    ConflictOutcomeRow, ConflictOutcomeRows {
        killed_by_conflict: u32, "", "candidates that were killed since one in conflict with them was granted";
        conflicting_pairs_granted: u32, "", "pairs of proposals that were both granted though in conflict, either way";
        concord_pairs_granted: u32, "", "pairs of proposals that were both granted and are good together, either way";
        funds_in_conflict: f64, "Honey", "requests of the granted proposals that are in conflict with another granted one";
    }
}

/// Registers the columns of what conflicts came to.
pub(super) fn acts(model: &mut ModelBuilder) {
    model
        .columns::<ConcordRows, _>(&["conflict"], show_concord)
        .columns::<ConflictOutcomeRows, _>(&["runs"], show_outcome);
}

/// The edges of a network by number, in the order in which tables show them.
fn in_order(edges: &[Conflict]) -> Vec<usize> {
    let mut order: Vec<_> = (0..edges.len()).collect();
    order.sort_by_key(|&edge| (edges[edge].proposal, edges[edge].other));
    order
}

pub(super) fn show_edges(
    mut runs: Shown<(&'static Conflicts, &'static mut Gathered<ConflictRows>)>,
    mut proposals: Rows<&'static ProposalId>,
    mut edges: Rows<&'static Conflict>,
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
    mut runs: Shown<(
        &'static Conflicts,
        &'static Ties,
        &'static mut Gathered<ConcordRows>,
    )>,
    mut edges: Rows<&'static Conflict>,
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

/// Two granted proposals that an edge joins, by row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    concord: bool,
    first: u32,
    second: u32,
}

fn show_outcome(
    mut runs: Shown<(
        &'static Conflicts,
        &'static Ties,
        &'static Rivals,
        &'static mut Gathered<ConflictOutcomeRows>,
    )>,
    mut proposals: Rows<(&'static Status, &'static FundsRequested)>,
    mut edges: Rows<&'static Conflict>,
    mut pairs: Local<Vec<Pair>>,
    mut in_conflict: Local<Vec<u32>>,
) {
    let batch = runs.batch();
    let (mut proposals, mut edges) = (proposals.of_batch(&batch), edges.of_batch(&batch));
    for (run, (conflicts, ties, rivals, rows)) in batch {
        let (statuses, requested) = proposals.of(run);
        let granted =
            |row: u32| !matches!(statuses[row as usize], Status::Candidate | Status::Killed);
        pairs.clear();
        for (number, edge) in edges.of(run)[..conflicts.edges].iter().enumerate() {
            let (a, b) = (edge.proposal, edge.other);
            if granted(a) && granted(b) {
                pairs.push(Pair {
                    concord: ties.is_concord(number),
                    first: a.min(b),
                    second: a.max(b),
                });
            }
        }
        // An edge each way is one pair.
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
        rows.push(ConflictOutcomeRow {
            killed_by_conflict: rivals.killed,
            conflicting_pairs_granted: conflicting.len() as u32,
            concord_pairs_granted: concordant.len() as u32,
            funds_in_conflict: in_conflict.iter().map(|&row| requested[row as usize]).sum(),
        });
    }
}
