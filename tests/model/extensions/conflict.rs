//! Conflicts that act: what they change, to the last bit, and what they leave alone.

use crate::common::extensions::{model, setting};
use crate::extended::{assert_extends, fault, table};
use crate::runs::{numbers, simulate};
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use conviction::engine::{Batch, Given, Model, RunOf, Seeds, Setting, Simulator, Source, Stream};
use conviction::voting::chance::{Chance, Streams};
use conviction::voting::conflict::{ConcordRows, ConflictRows, damped, raised};
use conviction::voting::conviction::RunProposalRows;
use conviction::voting::support::SupportEdgeRows;
use fearless_simd::Level;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static PLAIN: LazyLock<Model> = LazyLock::new(conviction::model);
static MODEL: LazyLock<Model> = LazyLock::new(|| model(&["conflict"]));

const ARITHMETIC: [&str; 3] = ["real", "contract", "gardens2"];

fn with<'a>(values: &[(&str, Given<'a>)]) -> Setting {
    setting(&MODEL, values.iter().copied())
}

/// Proposals pass early and often, and end soon.
const LIVELY: [(&str, Given); 3] = [
    ("rho", Given::Number(0.0005)),
    ("base_completion_rate", Given::Number(4.0)),
    ("base_failure_rate", Given::Number(20.0)),
];

fn lively<'a>(values: &[(&'a str, Given<'a>)]) -> Setting {
    with(&[&LIVELY, values].concat())
}

#[test]
fn what_has_no_force_changes_nothing() {
    let nothing: [&[(&str, Given)]; 4] = [
        &[],
        &[
            ("conflict.acts", "damp".into()),
            ("conflict.force", 0.into()),
        ],
        &[
            ("conflict.acts", "exclude".into()),
            ("conflict.bar", 1.into()),
        ],
        &[
            ("conflict.acts", "exclude".into()),
            ("conflict.concord_share", 1.into()),
        ],
    ];
    for arithmetic in ARITHMETIC {
        for world in 0..3 {
            let chain = [("arithmetic", arithmetic.into())];
            let plain = setting(&PLAIN, [&LIVELY[..], &chain].concat());
            for values in nothing {
                let setting = lively(&[&chain, values].concat());
                for name in ["runs", "days", "conflict"] {
                    let (on, off) = (
                        table(&MODEL, name, &setting, world),
                        table(&PLAIN, name, &plain, world),
                    );
                    assert_extends(
                        &on,
                        &off,
                        &format!("{arithmetic}, {values:?}, world {world}, {name}"),
                    );
                }
            }
        }
    }
}

/// The streams of a run where it ends.
fn streams(model: &Model, setting: &Setting, tables: &[&'static str]) -> Streams {
    let mut batch = Batch::new(model, setting, tables, Level::new());
    let seeds = Seeds { root: 7, world: 1 };
    batch.begin(std::iter::once(RunOf { setting, seeds }));
    while batch.going_on() > 0 {
        batch.advance();
    }
    batch.get::<Chance>(0).streams().clone()
}

/// Only the network's own stream is drawn from more often, as it is where a table shows the network.
#[test]
fn only_the_network_is_drawn_besides() {
    let bits = |model: &Model, setting: &Setting, tables: &[&'static str]| {
        let mut streams = streams(model, setting, tables);
        let conflict = streams.conflict.bits();
        streams.conflict = Source::default();
        (conflict, format!("{streams:?}"))
    };
    let (off, on) = (
        PLAIN.setting(),
        with(&[("conflict.concord_share", 0.4.into())]),
    );
    let (plain, shown) = (
        bits(&PLAIN, &off, &["runs"]),
        bits(&PLAIN, &off, &["conflict"]),
    );
    let extended = bits(&MODEL, &on, &["runs"]);
    assert_ne!(plain.0, shown.0);
    assert_eq!(extended.0, shown.0);
    assert_eq!(extended.1, plain.1);
}

/// The network of a run, and which of its edges are concord.
fn network(setting: &Setting, world: u64) -> (ConflictRows, Vec<bool>) {
    let mut left = simulate(&MODEL, &["conflict"], setting, 7, world);
    let signs: ConcordRows = left.rows("conflict");
    (left.rows("conflict"), signs.concord)
}

#[test]
fn signs_are_drawn_edge_by_edge_and_coupled() {
    let of = |share: f64| {
        network(
            &with(&[("conflict.concord_share", share.into()), ("days", 1.into())]),
            3,
        )
    };
    let (edges, some) = of(0.3);
    // Edges of the start stand in the table as they were drawn.
    let mut signs = Seeds { root: 7, world: 3 }.source(Stream::named("conflict.signs"));
    let of_the_start = |edge: &usize| edges.proposal[*edge].max(edges.other[*edge]) < 37;
    let start: Vec<_> = (0..some.len()).filter(of_the_start).collect();
    assert!(start.len() > 5);
    for edge in start {
        assert_eq!(some[edge], signs.uniform() < 0.3);
    }
    assert!(of(0.0).1.iter().all(|concord| !concord));
    assert!(of(1.0).1.iter().all(|&concord| concord));
    let more = of(0.6).1;
    assert!(some.iter().zip(&more).all(|(some, more)| !some || *more));
    assert_ne!(some, more);
}

#[test]
fn a_pair_is_in_conflict_with_the_chance_of_two_draws() {
    let setting = with(&[("initial.proposals", 40.into()), ("days", 1.into())]);
    let (mut pairs, mut all) = (0u32, 0u32);
    for world in 0..40 {
        let (edges, _) = network(&setting, world);
        let ends = edges.proposal.iter().zip(&edges.other);
        let start = ends.filter(|(a, b)| **a.max(b) < 70);
        let unordered: std::collections::BTreeSet<_> =
            start.map(|(a, b)| (a.min(b), a.max(b))).collect();
        pairs += unordered.len() as u32;
        all += 40 * 39 / 2;
    }
    let (share, expected) = (f64::from(pairs) / f64::from(all), 1.0 - 0.75 * 0.75);
    let error = (expected * (1.0 - expected) / f64::from(all)).sqrt();
    assert!((share - expected).abs() < 4.0 * error, "{share}");
}

/// The affinities of candidates day by day follow from the network and what came about, to the last bit.
#[test]
fn affinities_are_damped_and_raised_by_what_comes_about() {
    let mut changed = 0;
    for (when, comes_about) in [("completed", "completed"), ("accepted", "active")] {
        for world in 0..4 {
            let setting = lively(&[
                ("conflict.acts", "damp".into()),
                ("conflict.when", when.into()),
                ("conflict.force", 0.6.into()),
                ("conflict.concord_share", 0.3.into()),
                ("conflict.concord_force", 0.2.into()),
            ]);
            let mut left = simulate(
                &MODEL,
                &["support_edges", "proposals", "conflict"],
                &setting,
                7,
                world,
            );
            let edges: ConflictRows = left.rows("conflict");
            let signs: ConcordRows = left.rows("conflict");
            let support: SupportEdgeRows = left.rows("support_edges");
            let proposals = left.batch("proposals");
            // Who came about on which day, in order of id.
            let mut came_about: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            let mut before: BTreeMap<u32, String> = BTreeMap::new();
            let statuses = proposals["status"].as_string::<i32>();
            let (days, ids) = (numbers(&proposals, "day"), numbers(&proposals, "proposal"));
            for row in 0..days.len() {
                let (day, id, status) = (days[row] as u32, ids[row] as u32, statuses.value(row));
                let last = before.insert(id, status.to_owned());
                if status == comes_about && last.as_deref() != Some(status) {
                    came_about.entry(day).or_default().push(id);
                }
            }
            let affinities: BTreeMap<_, _> = (0..support.day.len())
                .map(|row| {
                    (
                        (
                            support.day[row],
                            support.participant[row],
                            support.proposal[row],
                        ),
                        support.affinity[row],
                    )
                })
                .collect();
            for (&(day, participant, proposal), &affinity) in &affinities {
                let mut next = affinity;
                for &ended in came_about.get(&(day + 1)).into_iter().flatten() {
                    let edge = (0..signs.concord.len()).find(|&edge| {
                        (edges.proposal[edge], edges.other[edge]) == (ended, proposal)
                    });
                    if let Some(edge) = edge {
                        let strength = edges.conflict[edge];
                        next = match signs.concord[edge] {
                            true => raised(next, 0.2, strength),
                            false => damped(next, 0.6, strength),
                        };
                        changed += 1;
                    }
                }
                if let Some(&found) = affinities.get(&(day + 1, participant, proposal)) {
                    assert_eq!(
                        found, next,
                        "{when}, world {world}, day {day}: {participant} for {proposal}"
                    );
                }
            }
        }
    }
    assert!(changed > 1000, "{changed}");
}

/// The rows of a table of days before one.
fn before(days: &RecordBatch, day: usize) -> RecordBatch {
    days.slice(0, day)
}

#[test]
fn damping_alters_nothing_before_the_first_completion() {
    let plain = setting(&PLAIN, LIVELY);
    let damping = lively(&[("conflict.acts", "damp".into())]);
    let mut altered = 0;
    for world in 0..6 {
        let (off, on) = (
            table(&PLAIN, "days", &plain, world),
            table(&MODEL, "days", &damping, world),
        );
        let completed = numbers(&off, "completed_count");
        let first = completed
            .iter()
            .position(|&count| count > 0.0)
            .unwrap_or(completed.len());
        assert_extends(
            &before(&on, first),
            &before(&off, first),
            &format!("world {world}"),
        );
        altered += usize::from(
            numbers(&on, "candidate_conviction") != numbers(&off, "candidate_conviction"),
        );
    }
    assert!(altered > 3, "{altered}");
}

/// On the day that a proposal is granted, every candidate in conflict with it dies, and none other but of
/// too little support; nothing in conflict is granted.
#[test]
fn of_two_in_conflict_one_is_granted() {
    let mut killed = 0.0;
    for arithmetic in ARITHMETIC {
        for (bar, concord_share) in [(0.0, 0.0), (0.9, 0.0), (0.0, 0.5)] {
            for world in 0..6 {
                let setting = lively(&[
                    ("arithmetic", arithmetic.into()),
                    ("min_supp", 0.into()),
                    ("conflict.acts", "exclude".into()),
                    ("conflict.bar", bar.into()),
                    ("conflict.concord_share", concord_share.into()),
                ]);
                let mut left = simulate(
                    &MODEL,
                    &["runs", "run_proposals", "conflict"],
                    &setting,
                    7,
                    world,
                );
                let outcome = left.batch("runs");
                let number = |column: &str| numbers(&outcome, column)[0];
                let edges: ConflictRows = left.rows("conflict");
                let signs: ConcordRows = left.rows("conflict");
                let proposals: RunProposalRows = left.rows("run_proposals");
                let place = |id: u32| {
                    proposals
                        .proposal
                        .iter()
                        .position(|&other| other == id)
                        .unwrap()
                };
                let mut granted = [0, 0];
                let mut barred: Vec<usize> = Vec::new();
                for edge in 0..signs.concord.len() {
                    let ends = [place(edges.proposal[edge]), place(edges.other[edge])];
                    if ends.iter().all(|&end| proposals.day_passed[end].is_some()) {
                        granted[usize::from(signs.concord[edge])] += 1;
                        assert!(signs.concord[edge] || edges.conflict[edge] < bar);
                    }
                    let excludes = !signs.concord[edge] && edges.conflict[edge] >= bar;
                    for (a, b) in [(ends[0], ends[1]), (ends[1], ends[0])] {
                        if let (true, Some(day)) = (excludes, proposals.day_passed[a]) {
                            assert!(proposals.day_left[b].is_some_and(|left| left <= day));
                            assert!(proposals.day_passed[b].is_none());
                            barred.push(b);
                        }
                    }
                }
                barred.sort_unstable();
                barred.dedup();
                assert_eq!(number("killed_by_conflict"), barred.len() as f64);
                assert_eq!(
                    number("killed_count"),
                    barred.len() as f64,
                    "nothing dies of too little support"
                );
                killed += number("killed_by_conflict");
                if bar == 0.0 {
                    assert_eq!(number("conflicting_pairs_granted"), 0.0);
                    assert_eq!(number("funds_in_conflict"), 0.0);
                }
                assert!(number("concord_pairs_granted") <= f64::from(granted[1]));
                assert_eq!(number("concord_pairs_granted") > 0.0, granted[1] > 0);
            }
        }
    }
    assert!(killed > 50.0, "{killed}");
}

#[test]
fn pairs_that_were_granted_are_counted_once() {
    let (mut pairs, mut once) = (0, false);
    for world in 0..6 {
        let setting = lively(&[("conflict.concord_share", 0.3.into())]);
        let mut left = simulate(
            &MODEL,
            &["runs", "run_proposals", "conflict"],
            &setting,
            7,
            world,
        );
        let outcome = left.batch("runs");
        let edges: ConflictRows = left.rows("conflict");
        let signs: ConcordRows = left.rows("conflict");
        let proposals: RunProposalRows = left.rows("run_proposals");
        let place = |id: u32| {
            proposals
                .proposal
                .iter()
                .position(|&other| other == id)
                .unwrap()
        };
        let mut found = [const { std::collections::BTreeSet::new() }; 2];
        for edge in 0..signs.concord.len() {
            let (a, b) = (place(edges.proposal[edge]), place(edges.other[edge]));
            if proposals.day_passed[a].is_some() && proposals.day_passed[b].is_some() {
                once |= !found[usize::from(signs.concord[edge])].insert((a.min(b), a.max(b)));
            }
        }
        let [conflicting, concordant] = &found;
        let ends: std::collections::BTreeSet<_> =
            conflicting.iter().flat_map(|&(a, b)| [a, b]).collect();
        let funds: f64 = ends.iter().map(|&row| proposals.funds_requested[row]).sum();
        assert_eq!(
            numbers(&outcome, "conflicting_pairs_granted"),
            [conflicting.len() as f64]
        );
        assert_eq!(
            numbers(&outcome, "concord_pairs_granted"),
            [concordant.len() as f64]
        );
        assert_eq!(numbers(&outcome, "funds_in_conflict"), [funds]);
        pairs += conflicting.len();
    }
    assert!(pairs > 20 && once, "{pairs} {once}");
}

/// A network at which nobody looks before the run ends is drawn then. It is the one that is drawn day by day.
#[test]
fn a_network_drawn_at_the_end_is_the_one_drawn_day_by_day() {
    let settings: [&[(&str, Given)]; 7] = [
        &[],
        &LIVELY,
        &[("initial.proposals", 0.into())],
        &[("initial.proposals", 1.into()), ("rho", 0.0003.into())],
        &[("initial.proposals", 40.into()), ("beta", 0.6.into())],
        &[("rules.newcomer_links", "v3".into()), LIVELY[0]],
        &[("rules.network_density", "v3".into()), LIVELY[0]],
    ];
    let mut pairs = 0.0;
    for arithmetic in ARITHMETIC {
        for values in settings {
            let setting = with(&[values, &[("arithmetic", arithmetic.into())]].concat());
            for world in 0..5 {
                let outcome =
                    |tables: &_| simulate(&MODEL, tables, &setting, 7, world).batch("runs");
                let at_end = outcome(&["runs"]);
                for table in ["conflict", "support_edges"] {
                    let by_day = outcome(&["runs", table]);
                    assert_eq!(at_end, by_day, "{arithmetic}, {values:?}, world {world}");
                }
                pairs += numbers(&at_end, "conflicting_pairs_granted")[0];
            }
        }
    }
    assert!(pairs > 500.0, "{pairs}");
}

#[test]
fn what_has_no_rules_is_refused() {
    let accounting = fault("[conflict]\n[model.rules]\naccounting = \"v3\"");
    assert!(
        accounting.contains("[conflict] has no rules"),
        "{accounting}"
    );
    let crash = fault("[conflict]\nacts = \"both\"\n[model.rules]\nover_release = \"v3\"");
    assert!(
        crash.contains("conflict.acts") && crash.contains("\"damp\""),
        "{crash}"
    );
    let word = fault("[conflict]\nacts = \"dampen\"");
    assert!(
        word.contains("\"off\" or \"damp\" or \"exclude\" or \"both\""),
        "{word}"
    );
    let off = fault("[axes]\nconflict.force = [0.1]");
    assert!(off.contains("add a table [conflict]"), "{off}");
}

#[test]
fn columns_are_documented() {
    let names: Vec<_> = MODEL
        .columns("runs")
        .into_iter()
        .map(|column| column.name)
        .collect();
    assert!(
        names.ends_with(
            &[
                "killed_by_conflict",
                "conflicting_pairs_granted",
                "concord_pairs_granted",
                "funds_in_conflict"
            ]
            .map(str::to_owned)
        )
    );
    assert_eq!(MODEL.columns("conflict").last().unwrap().name, "concord");
    assert_eq!(MODEL.columns("days"), PLAIN.columns("days"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever is set, runs reach their horizon, the invariants hold, and no two in conflict are granted
    /// where they exclude each other.
    #[test]
    fn any_setting_runs(
        acts in prop::sample::select(vec!["off", "damp", "exclude", "both"]),
        when in prop::sample::select(vec!["completed", "accepted"]),
        arithmetic in prop::sample::select(ARITHMETIC.to_vec()),
        shares in prop::array::uniform4(0.0..=1.0f64),
        rho in 0.0001..0.004f64,
        completion in 1.0..40.0f64,
        participants in 1..40u32,
        proposals in 0..30u32,
        seed in any::<u64>(),
    ) {
        let [force, concord_share, concord_force, bar] = shares;
        let setting = with(&[
            ("conflict.acts", acts.into()),
            ("conflict.when", when.into()),
            ("conflict.force", force.into()),
            ("conflict.concord_share", concord_share.into()),
            ("conflict.concord_force", concord_force.into()),
            ("conflict.bar", (if bar < 0.5 { 0.0 } else { bar }).into()),
            ("arithmetic", arithmetic.into()),
            ("rho", rho.into()),
            ("base_completion_rate", completion.into()),
            ("initial.participants", participants.into()),
            ("initial.proposals", proposals.into()),
            ("days", 60.into()),
        ]);
        prop_assert!(cfg!(debug_assertions), "the invariants are checked in debug builds only");
        let outcome = Simulator::new(&MODEL, &["runs"]).outcome("runs", &setting, seed, 0).unwrap();
        prop_assert!(outcome.failure.is_none());
        if matches!(acts, "exclude" | "both") && bar < 0.5 {
            prop_assert_eq!(outcome.number("conflicting_pairs_granted"), 0.0);
        }
    }
}
