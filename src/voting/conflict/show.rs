//! Columns of the network, and of what conflicts came to.

use super::acts::Ties;
use super::late::{LateDraws, LateNetwork, draw_together};
use super::{Conflict, Conflicts};
use crate::engine::{Columns, Gathered, ModelBuilder, Rows, Shown};
use crate::voting::conviction::Rivals;
use crate::voting::participants::Population;
use crate::voting::proposals::{FundsRequested, History, InitialProposals, ProposalId, Status};
use crate::voting::rules::{RuleSet, Rules};
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
        killed_by_conflict: u32, "", "candidates that were killed since one in conflict with them was granted" => min;
        conflicting_pairs_granted: u32, "", "pairs of proposals that were both granted though in conflict, either way" => min;
        concord_pairs_granted: u32, "", "pairs of proposals that were both granted and are good together, either way" => max;
        funds_in_conflict: f64, "Honey", "requests of the granted proposals that are in conflict with another granted one" => min;
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

impl Pair {
    fn of(concord: bool, a: u32, b: u32) -> Self {
        Self {
            concord,
            first: a.min(b),
            second: a.max(b),
        }
    }
}

/// Shows what conflicts came to. Networks that were not drawn day by day are drawn here.
#[allow(
    clippy::type_complexity,
    reason = "what the columns follow from, each said once"
)]
fn show_outcome(
    mut runs: Shown<(
        &'static Conflicts,
        &'static Ties,
        &'static Rivals,
        &'static LateDraws,
        &'static Population,
        &'static InitialProposals,
        &'static Rules,
        &'static mut Gathered<ConflictOutcomeRows>,
    )>,
    mut proposals: Rows<(&'static Status, &'static History, &'static FundsRequested)>,
    mut edges: Rows<&'static Conflict>,
    mut late: Local<Vec<LateNetwork>>,
    mut pairs: Local<Vec<Pair>>,
    mut in_conflict: Local<Vec<u32>>,
) {
    let mut count = 0;
    let batch = runs.batch();
    let vectors = batch.vectors;
    let mut of_batch = proposals.of_batch(&batch);
    for (run, (conflicts, _, _, draws, population, initial, rules, _)) in batch {
        if conflicts.drawn {
            continue;
        }
        if count == late.len() {
            late.push(LateNetwork::default());
        }
        let (statuses, histories, _) = of_batch.of(run);
        late[count].plan(
            draws,
            initial.proposals as usize,
            rules.newcomer_links == RuleSet::Corrected,
            &statuses[..population.proposals],
            &histories[..population.proposals],
        );
        count += 1;
    }
    let late = &mut late[..count];
    draw_together(vectors, late);
    let mut late = late.iter();
    let batch = runs.batch();
    let (mut proposals, mut edges) = (proposals.of_batch(&batch), edges.of_batch(&batch));
    for (run, (conflicts, ties, rivals, _, _, _, _, rows)) in batch {
        let (statuses, _, requested) = proposals.of(run);
        pairs.clear();
        if conflicts.drawn {
            let granted = |row: u32| statuses[row as usize].was_granted();
            for (number, edge) in edges.of(run)[..conflicts.edges].iter().enumerate() {
                let (a, b) = (edge.proposal, edge.other);
                if granted(a) && granted(b) {
                    pairs.push(Pair::of(ties.is_concord(number), a, b));
                }
            }
        } else if let Some(network) = late.next() {
            let links = network.links.iter();
            pairs.extend(links.map(|&[a, b]| Pair::of(false, a, b)));
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
