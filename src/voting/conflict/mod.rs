//! Draws a network of conflicts among proposals. Nothing in the published model depends on it. It is drawn only
//! where a table shows it or an extension uses it; otherwise at the end of a run, for the columns on outcomes
//! of conflicts.
//!
//! | file | contents |
//! |---|---|
//! | `acts` | the extension: effects of conflicts, and concord |
//! | `damping` | change of affinities when a proposal succeeds |
//! | `late` | deferred conflict network |
//! | `network` | probability law of the network |
//! | `show` | columns |

mod acts;
mod damping;
mod late;
mod network;
mod show;

pub use acts::{Acts, Signs, Ties, drawn_day_by_day};
pub use damping::{damped, raised};
pub use show::{
    ConcordRow, ConcordRows, ConflictOutcomeRow, ConflictOutcomeRows, ConflictRow, ConflictRows,
};

use super::Day;
use super::chance::{Chance, Link, NONE, Processes};
use super::participants::Population;
use super::proposals::{InitialProposals, MOST_A_DAY, Status};
use super::rules::{RuleSet, Rules};
use super::support::{Detail, Layout, keep};
use crate::engine::{ModelBuilder, Moment, Output, PerRun, Rows, Runs, Setting, Start};
use bevy_ecs::prelude::*;

crate::table! {
    /// Conflict edges, one row each, in the order drawn.
    ConflictEdges {
        record Conflict;
    }
}

/// A conflict edge.
#[derive(Component, Clone, Copy, Debug)]
pub struct Conflict {
    /// c: strength of the conflict.
    pub strength: f64,
    /// Row of the proposal at its start.
    pub proposal: u32,
    /// Row of the proposal at its end.
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

/// Network of a run: the number of edges, and edges without rows.
#[derive(Component, Default)]
pub struct Conflicts {
    /// Number of rows in use.
    pub edges: usize,
    /// True if the network is drawn day by day.
    drawn: bool,
    /// Number of initial proposals whose links are drawn.
    begun: u32,
    /// Buffer for the chances of links.
    chances: Vec<f64>,
    links: Vec<Link>,
    /// Candidates after the last arrivals, by row, followed by the number of proposals at that time.
    candidates: Vec<u32>,
    known: usize,
}

impl PerRun for Conflicts {
    fn begin(&mut self) {
        self.edges = 0;
        self.drawn = false;
        self.begun = 0;
        self.links.clear();
        self.candidates.clear();
        self.known = 0;
    }
}

impl Conflicts {
    /// Updates the list of candidates, which ends with today's arrivals, and removes those that are no longer
    /// candidates.
    fn find_candidates(&mut self, statuses: &[Status]) {
        let is_candidate = |row: &u32| statuses[*row as usize] == Status::Candidate;
        self.candidates.retain(is_candidate);
        let arrived = self.known as u32..statuses.len() as u32;
        self.candidates.extend(arrived.filter(is_candidate));
        self.known = statuses.len();
    }
}

/// Registers the effects of conflicts.
pub fn acts(model: &mut ModelBuilder) {
    acts::acts(model);
    show::acts(model);
}

/// Registers conflicts.
pub fn conflict(model: &mut ModelBuilder) {
    model
        .per_run::<Conflicts>()
        .table::<ConflictEdges, _>(demand);
    if model.copies(acts::NAME) > 0 {
        model
            .start(Start::Draw, acts::ask)
            .system_if(acts::drawn_day_by_day, Day::Arrivals, link_proposals)
            .after(&["arrivals"]);
    }
    // Either table stores the details of edges, so the network is drawn day by day.
    for table in ["conflict", "support_edges"] {
        model
            .system_for(table, Day::Arrivals, link_proposals)
            .after(&["arrivals"]);
    }
    model
        .start_in_steps(draw)
        .start(Start::Fill, fill)
        .after(&["arrivals"])
        .output(Output {
            name: "conflict",
            folder: None,
            keys: &[],
            rows: expected,
            meaning: "of a run: one row per conflict edge, at the end",
            moment: Moment::End,
            prepare: Some(|world| keep(world, Detail::Edges)),
        })
        .columns::<ConflictRows, _>(&["conflict"], show::show_edges);
}

/// Estimates the number of edges of the initial proposals; if there are many of these, later arrivals add
/// little.
fn expected(setting: &Setting) -> f64 {
    let initial = f64::from(setting.group::<InitialProposals>().proposals);
    let density = match setting.group::<Rules>().network_density {
        // Repeated draws link nearly every pair.
        RuleSet::V3 => 1.0,
        RuleSet::Corrected => network::CHANCE,
    };
    density * initial * initial
}

/// Reserves rows: a new proposal may be linked with every candidate, in both directions.
fn demand(In(days): In<u32>, mut runs: Runs<(&Conflicts, &Layout, &InitialProposals)>) -> usize {
    let more = days as usize * MOST_A_DAY;
    let edges = runs.batch().map(|(_, (conflicts, layout, initial))| {
        if !conflicts.drawn {
            return 0;
        }
        let candidates = layout.candidates().max(initial.proposals as usize);
        conflicts.edges + conflicts.links.len() + 2 * more * (candidates + more)
    });
    edges.max().unwrap_or(0)
}

crate::view! {
    /// Access of [`draw`] to a run.
    struct Drawing<'w> {
        initial: &'w InitialProposals,
        rules: &'w Rules,
        layout: &'w Layout,
        chance: &'w mut Chance,
        conflicts: &'w mut Conflicts,
    }
}

/// Draws the links of some more initial proposals; returns true if others remain.
fn draw(mut runs: Runs<Drawing>) -> bool {
    /// Ordered pairs per step: a few milliseconds.
    const PAIRS: u32 = 1 << 20;
    let mut are_left = false;
    for (_, of) in runs.batch() {
        let proposals = of.initial.proposals;
        of.conflicts.drawn |= of.layout.detail >= Detail::Edges;
        if !of.conflicts.drawn || of.conflicts.begun == proposals {
            continue;
        }
        // Under rule v3, a pair is drawn again after each proposal, from the later of the two on.
        let overrides = of.rules.network_density == RuleSet::V3;
        let first = of.conflicts.begun;
        // A recorded network is complete at once.
        of.conflicts.begun = proposals;
        of.chance
            .initial_conflict(&mut of.conflicts.links, |stream, links| {
                let end = proposals.min(first + 1 + PAIRS / proposals);
                let chances = &mut of.conflicts.chances;
                network::draw(stream, first..end, proposals, overrides, chances, links);
                of.conflicts.begun = end;
            });
        are_left |= of.conflicts.begun < proposals;
    }
    are_left
}

fn fill(mut runs: Runs<&mut Conflicts>, mut edges: Rows<&mut Conflict>) {
    let batch = runs.batch();
    let mut edges = edges.of_batch(&batch);
    for (run, conflicts) in batch {
        add(conflicts, edges.of(run));
    }
}

/// Moves links without rows into rows.
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

crate::view! {
    /// Access of [`link_proposals`] to a run.
    struct Linking<'w> {
        rules: &'w Rules,
        population: &'w Population,
        initial: &'w InitialProposals,
        chance: &'w mut Chance,
        conflicts: &'w mut Conflicts,
    }
}

/// Links new proposals with the earlier candidates, by the law of the initial network; under rule
/// newcomer_links v3 not at all. A batch may call this more than once a day: the second call finds nothing new.
fn link_proposals(
    mut runs: Runs<Linking>,
    mut proposals: Rows<&Status>,
    mut edges: Rows<&mut Conflict>,
) {
    let batch = runs.batch();
    let (mut proposals, mut edges) = (proposals.of_batch(&batch), edges.of_batch(&batch));
    for (run, of) in batch {
        let linked = of.rules.newcomer_links == RuleSet::Corrected;
        let first = of.conflicts.known.max(of.initial.proposals as usize);
        if !of.conflicts.drawn || first == of.population.proposals || !linked {
            continue;
        }
        let statuses = &proposals.of(run)[..of.population.proposals];
        of.conflicts.find_candidates(statuses);
        let candidates = &of.conflicts.candidates;
        let before = candidates.partition_point(|&row| (row as usize) < first);
        for place in before..candidates.len() {
            let (stream, links) = (of.chance.conflict(), &mut of.conflicts.links);
            network::draw_newcomer(stream, candidates[place], &candidates[..place], links);
        }
        add(of.conflicts, edges.of(run));
    }
}
