//! Lets conflicts act. A proposal that succeeds damps the affinity for those in conflict with it, and raises it
//! for those in concord; and of two proposals in conflict only one is granted.
//!
//! The published programs of versions 0 and 2 damp affinities; version 1 comments that out, and version 3 reads
//! the network without using it. Concord, and exclusion at release, are additions of this model.

use super::damping::{damped, raised};
use super::late::LateDraws;
use super::{Conflict, Conflicts};
use crate::engine::{
    Domain, Failing, Fault, ModelBuilder, PerRun, Rows, Runs, Seeded, Setting, Source, Start,
    Stream, StreamSeeds,
};
use crate::voting::Day;
use crate::voting::chance::NONE;
use crate::voting::conviction::Rivals;
use crate::voting::participants::Population;
use crate::voting::proposals::{History, Status, Underway};
use crate::voting::rules::{RuleSet, Rules, needs_accounting};
use crate::voting::support::{ABSENT, Affinity, AffinityRows, Histogram, Layout, Opinions};
use bevy_ecs::prelude::*;

/// Name of the extension.
pub(super) const NAME: &str = "conflict";

crate::choices! {
    /// Effect of a conflict.
    Effect {
        /// None.
        Off = "off",
        /// Affinities for rivals are damped.
        Damp = "damp",
        /// Rivals are excluded.
        Exclude = "exclude",
        /// Both.
        Both = "both",
    }

    /// Event that damps affinities.
    Event {
        /// The proposal is completed.
        Completed = "completed",
        /// The proposal is accepted.
        Accepted = "accepted",
    }
}

crate::settings! {
    /// Effects of conflicts.
    Acts in "conflict" {
        acts: Effect = Effect::Off, "", Effect::DOMAIN, "effect of a conflict: damp affinities for rivals once a proposal succeeds, exclude them when it is granted, or both";
        when: Event = Event::Completed, "", Event::DOMAIN, "event that damps affinities: the proposal is completed, or accepted";
        force: f64 = 1.0, "", Domain::from_to(0.0, 1.0), "damping factor: affinities are multiplied by 1 - force * strength";
        concord_share: f64 = 0.0, "", Domain::from_to(0.0, 1.0), "share of edges that are concord instead of conflict";
        concord_force: f64 = 0.5, "", Domain::from_to(0.0, 1.0), "raising factor of concord: 1 - affinity is multiplied by 1 - force * strength";
        bar: f64 = 0.0, "", Domain::from_to(0.0, 1.0), "minimum strength of a conflict that excludes";
    }
}

impl Acts {
    fn damps(&self) -> bool {
        matches!(self.acts, Effect::Damp | Effect::Both)
    }

    fn excludes(&self) -> bool {
        matches!(self.acts, Effect::Exclude | Effect::Both)
    }

    /// Returns true if anything besides the outcome depends on the network. These settings are constant during
    /// a run.
    fn look_at_the_network(&self) -> bool {
        self.damps() || self.excludes() || self.concord_share > 0.0
    }

    /// Returns an affinity after a proposal joined by an edge of this strength has succeeded.
    fn changed(&self, affinity: f64, strength: f64, concord: bool) -> f64 {
        if concord {
            raised(affinity, self.concord_force, strength)
        } else {
            damped(affinity, self.force, strength)
        }
    }
}

/// Random stream that decides which edges are concord.
#[derive(Component, Default)]
pub struct Signs(Source);

impl Seeded for Signs {
    fn seed(&mut self, seeds: StreamSeeds) {
        self.0 = seeds.source(Stream::named("conflict.signs"));
    }
}

/// State of the network besides its rows.
#[derive(Component, Default)]
pub struct Ties {
    /// Number of edges processed, in the order drawn.
    known: usize,
    /// Details of each edge, where needed.
    edges: Vec<Tie>,
    /// Last edge that leaves each proposal, or [`NONE`].
    last: Vec<u32>,
    /// Proposals that were active after the previous phase, in order of id.
    underway: Vec<u32>,
}

/// Details of an edge besides its row.
#[derive(Clone, Copy)]
struct Tie {
    /// True for concord.
    concord: bool,
    /// Previous edge that leaves the same proposal, or [`NONE`].
    before: u32,
}

impl PerRun for Ties {
    fn begin(&mut self) {
        self.known = 0;
        self.edges.clear();
        self.last.clear();
        self.underway.clear();
    }
}

impl Ties {
    /// Returns true if an edge is concord.
    pub(super) fn is_concord(&self, edge: usize) -> bool {
        self.edges.get(edge).is_some_and(|tie| tie.concord)
    }

    fn add(&mut self, proposal: u32, concord: bool) {
        let proposal = proposal as usize;
        if self.last.len() <= proposal {
            self.last.resize(proposal + 1, NONE);
        }
        let edge = self.edges.len() as u32;
        let before = std::mem::replace(&mut self.last[proposal], edge);
        self.edges.push(Tie { concord, before });
    }

    /// Iterates over the edges that leave a proposal. Each leads to another proposal, so their order does not
    /// matter.
    fn leaving(&self, proposal: u32) -> impl Iterator<Item = (usize, Tie)> {
        let last = self.last.get(proposal as usize).copied();
        let mut next = last.unwrap_or(NONE);
        std::iter::from_fn(move || {
            let edge = next as usize;
            let tie = *self.edges.get(edge)?;
            next = tie.before;
            Some((edge, tie))
        })
    }
}

/// Registers the effects of conflicts, without columns.
pub fn acts(model: &mut ModelBuilder) {
    model
        .settings::<Acts>()
        .takes_longer(0.35)
        .check(|setting| needs_accounting(setting, "[conflict]"))
        .check(no_crash)
        .streams::<Signs>()
        .streams::<LateDraws>()
        .per_run::<Ties>()
        .per_run::<Rivals>()
        .start(Start::Fill, learn)
        .after(&["conflicts"])
        .system_if(looks, Day::Arrivals, learn)
        .after(&["conflicts"])
        .system_if(damps, Day::Progress, damp)
        .after(&["proposals"])
        .system_if(damps, Day::Release, damp)
        .after(&["conviction"])
        .invariant(check);
}

/// Returns true if a setting reads the network before a run ends.
fn looks(setting: &Setting) -> bool {
    setting.group::<Acts>().look_at_the_network()
}

fn damps(setting: &Setting) -> bool {
    setting.group::<Acts>().damps()
}

/// Rejects exclusion under rule over_release v3, which does not grant the strongest first.
fn no_crash(setting: &Setting) -> Option<Fault> {
    let acts: Acts = setting.group();
    let crashes = setting.group::<Rules>().over_release == RuleSet::V3;
    (acts.excludes() && crashes).then(|| Fault {
        key: "conflict.acts",
        message: format!(
            "is \"{}\", which grants the stronger of two in conflict, but rules.over_release is \"v3\", which grants in \
             order of id; set that to \"corrected\", or conflict.acts to \"damp\"",
            acts.acts
        ),
    })
}

/// Returns true if the network must be drawn during the run: because something reads it, or because the chance
/// of a link differs from pair to pair under rule network_density v3.
fn is_drawn_day_by_day(acts: &Acts, rules: &Rules) -> bool {
    acts.look_at_the_network() || rules.network_density == RuleSet::V3
}

/// Returns true if the networks of a setting's runs must be drawn during the runs.
pub fn drawn_day_by_day(setting: &Setting) -> bool {
    is_drawn_day_by_day(&setting.group(), &setting.group())
}

/// Requests networks that are drawn day by day.
pub(super) fn ask(mut runs: Runs<(&Acts, &Rules, &mut Conflicts)>) {
    for (_, (acts, rules, conflicts)) in runs.batch() {
        conflicts.drawn = is_drawn_day_by_day(acts, rules);
    }
}

crate::view! {
    /// Access of [`learn`] to a run.
    struct Learning<'w> {
        acts: &'w Acts,
        conflicts: &'w Conflicts,
        signs: &'w mut Signs,
        ties: &'w mut Ties,
        rivals: &'w mut Rivals,
    }
}

/// Classifies each new edge: concord, or else conflict, strong enough to exclude or not.
fn learn(mut runs: Runs<Learning>, mut edges: Rows<&Conflict>) {
    let batch = runs.batch();
    let mut edges = edges.of_batch(&batch);
    for (run, of) in batch {
        if !of.acts.look_at_the_network() {
            continue;
        }
        let some_concord = of.acts.concord_share > 0.0;
        for edge in &edges.of(run)[of.ties.known..of.conflicts.edges] {
            let concord = some_concord && of.signs.0.uniform() < of.acts.concord_share;
            if of.acts.damps() || some_concord {
                of.ties.add(edge.proposal, concord);
            }
            if of.acts.excludes() && !concord && edge.strength >= of.acts.bar {
                of.rivals.add(edge.proposal, edge.other);
            }
        }
        of.ties.known = of.conflicts.edges;
    }
}

crate::view! {
    /// Access of [`damp`] to a run.
    struct Damping<'w> {
        acts: &'w Acts,
        population: &'w Population,
        underway: &'w Underway,
        layout: &'w mut Layout,
        ties: &'w mut Ties,
        opinions: Option<&'w mut Opinions>,
    }
}

/// Damps and raises the affinities for candidates that share an edge with a proposal that succeeded in this
/// phase: completed or, by the setting, accepted. Includes the affinities stored for active proposals, if any.
fn damp(
    mut runs: Runs<Damping>,
    mut proposals: Rows<(&Status, &History)>,
    mut edges: Rows<&Conflict>,
    mut affinities: AffinityRows,
    mut came_about: Local<Vec<u32>>,
) {
    let batch = runs.batch();
    let (mut proposals, mut edges) = (proposals.of_batch(&batch), edges.of_batch(&batch));
    let mut affinities = affinities.of_batch(&batch);
    for (run, mut of) in batch {
        if !of.acts.damps() {
            continue;
        }
        let (statuses, histories) = proposals.of(run);
        let now = of.underway.active.iter().map(|active| active.row);
        came_about.clear();
        match of.acts.when {
            Event::Accepted => {
                came_about.extend(
                    now.clone()
                        .filter(|row| of.ties.underway.binary_search(row).is_err()),
                );
            }
            Event::Completed => {
                let completed = |row: &u32| statuses[*row as usize] == Status::Completed;
                came_about.extend(of.ties.underway.iter().copied().filter(completed));
            }
        }
        of.ties.underway.clear();
        of.ties.underway.extend(now);
        for &proposal in &*came_about {
            for (edge, tie) in of.ties.leaving(proposal) {
                let Conflict {
                    strength, other, ..
                } = edges.of(run)[edge];
                let seat = histories[other as usize].seat;
                let change = |affinity| of.acts.changed(affinity, strength, tie.concord);
                if statuses[other as usize] == Status::Active
                    && let Some(kept) = of.opinions.as_deref_mut().and_then(|all| all.of(other))
                {
                    let of_all = kept.affinities.iter_mut();
                    for affinity in of_all.filter(|affinity| **affinity != ABSENT) {
                        *affinity = change(*affinity);
                    }
                } else if seat != NONE {
                    let participants = of.population.participants;
                    affinities.change_seat(run, of.layout, participants, seat as usize, change);
                }
            }
        }
    }
}

/// Checks that affinities stay between −1 and 1, and that histograms match them.
fn check(
    mut runs: Runs<(&Population, &Layout, &Failing)>,
    mut edges: Rows<&Affinity>,
    mut seats: Rows<&Histogram>,
) {
    let batch = runs.batch();
    let (mut edges, mut seats) = (edges.of_batch(&batch), seats.of_batch(&batch));
    for (run, (population, layout, failing)) in batch {
        if failing.failure().is_some() {
            continue;
        }
        let (day, affinities, histograms) = (run.day, edges.of(run), seats.of(run));
        let mut all = Histogram::default();
        for seat in layout.taken() {
            let mut of_seat = Histogram::default();
            let column = layout.column(affinities, seat);
            let present = column
                .take(population.participants)
                .filter(|a| **a != ABSENT);
            for &affinity in present {
                assert!(
                    (-1.0..=1.0).contains(&affinity),
                    "day {day}: affinity {affinity}"
                );
                of_seat.add(affinity);
            }
            assert_eq!(
                histograms[seat].below, of_seat.below,
                "day {day}: seat {seat}"
            );
            all.join(&of_seat);
        }
        assert_eq!(layout.affinities.below, all.below, "day {day}");
    }
}
