//! Support of proposals, for tables.

use super::*;
use crate::engine::{Columns, Gathered, Moment, Output, Sampled};
use crate::voting::participants::ParticipantId;
use crate::voting::proposals::ProposalId;

/// Support of a proposal when it left candidacy; kept only if a table shows it: a column of proposals.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct ProposalSupport {
    /// Participants with a stake.
    pub supporters: u32,
    /// Tokens of participants whose affinity is below 0, from 0 to below 0.5, and from 0.5 on.
    pub tokens_by_affinity: [f64; 3],
}

impl ProposalSupport {
    /// Adds a stake of a participant with this affinity.
    pub fn add(&mut self, affinity: f64, stake: f64) {
        if stake != 0.0 {
            self.supporters += 1;
            let class = usize::from(affinity >= 0.0) + usize::from(affinity >= 0.5);
            self.tokens_by_affinity[class] += stake;
        }
    }

    /// Returns the support of the candidate on a seat.
    pub fn of_seat(
        layout: &Layout,
        participants: usize,
        seat: usize,
        affinity: &[f64],
        stake: &[f64],
    ) -> Self {
        let mut support = Self::default();
        for participant in 0..participants {
            let edge = layout.edge(seat, participant);
            support.add(affinity[edge], stake[edge]);
        }
        support
    }
}

crate::record!(ProposalSupport);

crate::columns! {
    /// Edges between participants and candidates at the end of each day.
    SupportEdgeRow, SupportEdgeRows {
        day: u32, "days", "the day; 0 is the start";
        participant: u32, "", "id of the participant";
        proposal: u32, "", "id of the candidate";
        affinity: f64, "", "a, how much the participant likes the proposal, -1 to 1";
        tokens: f64, "Honey", "x, tokens staked";
        conviction: f64, "Honey days", "y, conviction built up";
    }
}

pub(super) fn register(model: &mut ModelBuilder) {
    model
        .output(Output {
            name: "support_edges",
            folder: None,
            keys: &[],
            rows: |_| 0.0,
            meaning: "of a run or a replay: a row per participant, candidate and day",
            moment: Moment::Day,
            prepare: Some(|world| keep(world, Detail::Edges)),
        })
        .columns::<SupportEdgeRows, _>(&["support_edges"], show_edges);
}

/// Makes runs of a world keep at least this much detail.
pub fn keep(world: &mut World, detail: Detail) {
    let mut kept = world.get_resource_or_init::<Detail>();
    *kept = (*kept).max(detail);
}

fn show_edges(
    mut runs: Sampled<(
        &Population,
        &Departed,
        &Layout,
        &mut Gathered<SupportEdgeRows>,
    )>,
    mut people: Rows<&ParticipantId>,
    mut proposals: Rows<(&ProposalId, &History)>,
    mut edges: Rows<(&Affinity, &Stake, &EdgeConviction)>,
) {
    let batch = runs.batch();
    let (mut people, mut proposals) = (people.of_batch(&batch), proposals.of_batch(&batch));
    let mut edges = edges.of_batch(&batch);
    for (run, (population, departed, layout, rows)) in batch {
        let people = &people.of(run)[..population.participants];
        let (ids, histories) = proposals.of(run);
        let (affinity, stake, conviction) = edges.of(run);
        let seated = histories[..population.proposals].iter().zip(ids);
        for (history, proposal) in seated.filter(|(history, _)| history.seat != NONE) {
            let people = people.iter().enumerate();
            for (row, &participant) in people.filter(|&(row, _)| !departed.contains(row)) {
                let edge = layout.edge(history.seat as usize, row);
                rows.push(SupportEdgeRow {
                    day: run.day,
                    participant,
                    proposal: *proposal,
                    affinity: affinity[edge],
                    tokens: stake[edge],
                    conviction: conviction[edge],
                });
            }
        }
    }
}
