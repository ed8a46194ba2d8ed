//! What becomes of proposals moves sentiment: day by day as another program would have it, to the last bit.

use crate::common::extensions::{model, setting};
use crate::extended::{assert_extends, fault, table};
use crate::runs::{Left, numbers, simulate};
use arrow_array::cast::AsArray;
use conviction::engine::{Batch, Given, Model, RunOf, Seeds, Setting, Simulator};
use conviction::voting::chance::Chance;
use conviction::voting::conflict::{ConcordRows, ConflictRows, damped, raised};
use conviction::voting::outcomes::{
    PROPOSER_ACCEPTED, SUPPORTER_COMPLETED, SUPPORTER_FAILED, added, relaxed,
};
use conviction::voting::participants::ParticipantRows;
use conviction::voting::support::SupportEdgeRows;
use fearless_simd::Level;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

static PLAIN: LazyLock<Model> = LazyLock::new(conviction::model);
static MODEL: LazyLock<Model> = LazyLock::new(|| model(&["outcomes"]));
static BOTH: LazyLock<Model> = LazyLock::new(|| model(&["conflict", "outcomes"]));

const ARITHMETIC: [&str; 2] = ["real", "contract"];

/// Proposals pass early and often, and end soon; none dies of too little support.
const LIVELY: [(&str, Given); 4] = [
    ("rho", Given::Number(0.0005)),
    ("min_supp", Given::Number(0.0)),
    ("base_completion_rate", Given::Number(4.0)),
    ("base_failure_rate", Given::Number(12.0)),
];

fn lively<'a>(of: &Model, values: &[(&'a str, Given<'a>)]) -> Setting {
    setting(of, [&LIVELY[..], values].concat())
}

#[test]
fn what_weighs_nothing_changes_nothing() {
    for arithmetic in ARITHMETIC {
        let chain = [("arithmetic", arithmetic.into())];
        let plain = lively(&PLAIN, &chain);
        let nothing: [&[(&str, Given)]; 2] = [
            &[("outcomes.weight", 1.into())],
            &[
                ("outcomes.law", "relax".into()),
                ("outcomes.weight", 0.into()),
            ],
        ];
        for values in nothing {
            let setting = lively(&MODEL, &[&chain, values].concat());
            for world in 0..3 {
                for name in ["runs", "days", "participants"] {
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

/// A daily decrease too small to change any number takes the path of sentiments that change.
#[test]
fn engagement_is_the_same_where_sentiments_stay_and_where_they_may_change() {
    let engaged = |fade: f64, world| {
        let setting = lively(&MODEL, &[("outcomes.fade", fade.into())]);
        let mut simulator = Simulator::new(&MODEL, &["runs"]);
        let outcome = simulator.outcome("runs", &setting, 3, world).unwrap();
        outcome.number("engaged_mean")
    };
    for world in 0..3 {
        let (stay, change) = (engaged(0.0, world), engaged(1e-300, world));
        assert!(
            stay > 0.0 && (stay / change - 1.0).abs() < 1e-12,
            "{stay}, {change}"
        );
    }
}

/// No stream is drawn from.
#[test]
fn nothing_is_drawn() {
    let streams = |model: &Model, setting: &Setting| {
        let mut batch = Batch::new(model, setting, &["runs"], Level::new());
        let seeds = Seeds { root: 7, world: 1 };
        batch.begin(std::iter::once(RunOf { setting, seeds }));
        while batch.going_on() > 0 {
            batch.advance();
        }
        format!("{:?}", batch.get::<Chance>(0).streams())
    };
    let on = lively(
        &MODEL,
        &[
            ("outcomes.law", "relax".into()),
            ("outcomes.weight", 0.into()),
        ],
    );
    assert_eq!(streams(&MODEL, &on), streams(&PLAIN, &lively(&PLAIN, &[])));
    let fading = lively(&MODEL, &[("outcomes.fade", 0.01.into())]);
    assert_ne!(
        streams(&MODEL, &fading),
        streams(&MODEL, &on),
        "arrivals follow"
    );
}

/// A run as tables show it.
struct Shown {
    /// Proposals by status, day by day: ids in order.
    by_status: Vec<BTreeMap<&'static str, BTreeSet<u32>>>,
    requests: BTreeMap<u32, f64>,
    /// Affinity and tokens by day, proposal and participant.
    edges: BTreeMap<(u32, u32), BTreeMap<u32, (f64, f64)>>,
    /// Own sentiment by participant, day by day.
    sentiments: Vec<BTreeMap<u32, f64>>,
    /// Edges of the conflict network: strength, and whether they are concord.
    conflicts: BTreeMap<(u32, u32), (f64, bool)>,
    moods: Vec<f64>,
    runs: arrow_array::RecordBatch,
}

impl Shown {
    fn of(model: &Model, setting: &Setting, world: u64) -> Self {
        const TABLES: [&str; 6] = [
            "runs",
            "days",
            "proposals",
            "participants",
            "support_edges",
            "conflict",
        ];
        let mut left: Left = simulate(model, &TABLES, setting, 7, world);
        assert!(left.failure.is_none());
        let proposals = left.batch("proposals");
        let (days, ids) = (numbers(&proposals, "day"), numbers(&proposals, "proposal"));
        let (requested, statuses) = (
            numbers(&proposals, "funds_requested"),
            proposals["status"].as_string::<i32>(),
        );
        let mut by_status = vec![BTreeMap::<_, BTreeSet<u32>>::new(); left.last_day as usize + 1];
        let mut requests = BTreeMap::new();
        for row in 0..days.len() {
            let known = ["candidate", "active", "completed", "failed", "killed"];
            let status = known
                .into_iter()
                .find(|&status| status == statuses.value(row))
                .unwrap();
            by_status[days[row] as usize]
                .entry(status)
                .or_default()
                .insert(ids[row] as u32);
            requests.insert(ids[row] as u32, requested[row]);
        }
        let support: SupportEdgeRows = left.rows("support_edges");
        let mut edges: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for row in 0..support.day.len() {
            let of_day = edges
                .entry((support.day[row], support.proposal[row]))
                .or_default();
            of_day.insert(
                support.participant[row],
                (support.affinity[row], support.tokens[row]),
            );
        }
        let people: ParticipantRows = left.rows("participants");
        let mut sentiments = vec![BTreeMap::new(); left.last_day as usize + 1];
        for row in 0..people.day.len() {
            sentiments[people.day[row] as usize]
                .insert(people.participant[row], people.sentiment[row]);
        }
        let mut conflicts = BTreeMap::new();
        if setting.keys().find("conflict.acts").is_some() {
            let signs: ConcordRows = left.rows("conflict");
            let links: ConflictRows = left.rows("conflict");
            for (row, &concord) in signs.concord.iter().enumerate() {
                conflicts.insert(
                    (links.proposal[row], links.other[row]),
                    (links.conflict[row], concord),
                );
            }
        }
        Self {
            by_status,
            requests,
            edges,
            sentiments,
            conflicts,
            moods: numbers(&left.batch("days"), "sentiment"),
            runs: left.batch("runs"),
        }
    }

    fn with_status(&self, day: usize, status: &str) -> BTreeSet<u32> {
        self.by_status[day].get(status).cloned().unwrap_or_default()
    }

    /// Those that had this status on a day and not on the day before, in order of id.
    fn newly(&self, day: usize, status: &str) -> BTreeSet<u32> {
        &self.with_status(day, status) - &self.with_status(day - 1, status)
    }

    /// The effect on an affinity for `other` of proposals that came about.
    fn changed(&self, came_about: &BTreeSet<u32>, other: u32, mut affinity: f64) -> f64 {
        for &proposal in came_about {
            match self.conflicts.get(&(proposal, other)) {
                Some(&(strength, true)) => affinity = raised(affinity, 0.5, strength),
                Some(&(strength, false)) => affinity = damped(affinity, 0.7, strength),
                None => {}
            }
        }
        affinity
    }
}

/// What is kept of a granted proposal: of each participant its affinity, if it can be told from tables, and
/// whether it supported; and who proposed it.
type Kept = BTreeMap<u32, (BTreeMap<u32, (Option<f64>, bool)>, Option<u32>)>;

fn moved(law: &str, weight: f64, sentiment: f64, force: f64) -> f64 {
    match law {
        "relax" => relaxed(sentiment, weight, force),
        _ => added(sentiment, force),
    }
}

/// Follows the sentiments of all through a run from nothing but what tables show; returns how many events
/// moved somebody. `damps` says when, if conflicts do.
fn follow(
    shown: &Shown,
    law: &str,
    weight: f64,
    fade: f64,
    damps: Option<&str>,
    what: &str,
) -> u32 {
    let (mut kept, mut events) = (Kept::new(), 0);
    // None once it cannot be told.
    let mut sentiments: BTreeMap<u32, Option<f64>> = BTreeMap::new();
    for (day, there) in shown.sentiments.iter().enumerate() {
        if day == 0 {
            sentiments = there
                .iter()
                .map(|(&id, &sentiment)| (id, Some(sentiment)))
                .collect();
            continue;
        }
        let yesterday = day as u32 - 1;
        let newcomers: Vec<_> = there
            .keys()
            .filter(|id| !sentiments.contains_key(id))
            .copied()
            .collect();
        sentiments.extend(newcomers.iter().map(|&id| (id, None)));
        let (completed, failed) = (shown.newly(day, "completed"), shown.newly(day, "failed"));
        let accepted: BTreeSet<u32> =
            &shown.with_status(day, "active") - &shown.with_status(day - 1, "active");
        let by_completion = if damps == Some("completed") {
            completed.clone()
        } else {
            BTreeSet::new()
        };
        let by_acceptance = if damps == Some("accepted") {
            accepted.clone()
        } else {
            BTreeSet::new()
        };
        for (&proposal, (opinions, _)) in &mut kept {
            if !completed.contains(&proposal) && !failed.contains(&proposal) {
                for (affinity, _) in opinions.values_mut() {
                    *affinity = affinity.map(|a| shown.changed(&by_completion, proposal, a));
                }
            }
        }
        for proposal in &completed | &failed {
            let (opinions, proposer) = kept.remove(&proposal).unwrap();
            let completed = completed.contains(&proposal);
            for (id, (affinity, staked)) in opinions {
                let force = match (law, completed) {
                    ("commons", _) if !staked && Some(id) != proposer => continue,
                    ("commons", true) => affinity.map(|a| SUPPORTER_COMPLETED * a),
                    ("commons", false) => affinity.map(|a| SUPPORTER_FAILED * a),
                    (_, true) => affinity,
                    (_, false) => affinity.map(|a| -a),
                };
                let sentiment = sentiments.get_mut(&id).unwrap();
                *sentiment = sentiment.zip(force).map(|(s, f)| moved(law, weight, s, f));
                events += 1;
            }
        }
        for &proposal in &accepted {
            let before = &shown.edges[&(yesterday, proposal)];
            let mut opinions: BTreeMap<_, _> = before
                .iter()
                .map(|(&id, &(a, x))| {
                    (
                        id,
                        (Some(shown.changed(&by_completion, proposal, a)), x > 0.0),
                    )
                })
                .collect();
            opinions.extend(newcomers.iter().map(|&id| (id, (None, false))));
            let first = (0..day as u32)
                .find(|&day| shown.edges.contains_key(&(day, proposal)))
                .unwrap();
            let ones = shown.edges[&(first, proposal)]
                .iter()
                .filter(|(_, edge)| edge.0 == 1.0);
            let proposer = ones.map(|(&id, _)| id).next().filter(|_| first > 0);
            kept.insert(proposal, (opinions, proposer));
        }
        for (&proposal, (opinions, _)) in &mut kept {
            for (affinity, _) in opinions.values_mut() {
                *affinity = affinity.map(|a| shown.changed(&by_acceptance, proposal, a));
            }
        }
        let remaining = shown.with_status(day, "candidate");
        for proposal in &accepted {
            let (opinions, proposer) = &kept[proposal];
            for (id, (affinity, _)) in opinions {
                let force = match law {
                    "commons" if Some(*id) == *proposer => Some(PROPOSER_ACCEPTED),
                    "commons" => continue,
                    _ if remaining.len() < 2 => continue,
                    _ => {
                        let of = |c: &u32| shown.edges[&(day as u32, *c)][id].0;
                        let favourite = remaining.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
                        affinity.map(|a| a - 0.75 * favourite)
                    }
                };
                let sentiment = sentiments.get_mut(id).unwrap();
                *sentiment = sentiment.zip(force).map(|(s, f)| moved(law, weight, s, f));
                events += 1;
            }
        }
        for sentiment in sentiments.values_mut().flatten() {
            *sentiment = (*sentiment - fade).max(0.0);
        }
        for (id, expected) in &mut sentiments {
            let found = there[id];
            if let Some(expected) = expected {
                assert_eq!(found, *expected, "{what}, day {day}: participant {id}");
            } else if newcomers.contains(id) {
                // What it came with is not shown, but where it stands at the end of its first day.
                *expected = Some(found);
            }
        }
    }
    events
}

#[test]
fn sentiments_follow_from_what_becomes_of_proposals() {
    for (law, weight, fade) in [
        ("relax", 0.1, 0.0),
        ("relax", 1.0, 0.0),
        ("add", 0.1, 0.005),
        ("commons", 0.1, 0.005),
        ("off", 0.1, 0.02),
    ] {
        for arithmetic in ARITHMETIC {
            let (mut events, worlds) = (0, 3);
            for world in 0..worlds {
                let setting = lively(
                    &MODEL,
                    &[
                        ("outcomes.law", law.into()),
                        ("outcomes.weight", weight.into()),
                        ("outcomes.fade", fade.into()),
                        ("arithmetic", arithmetic.into()),
                    ],
                );
                let shown = Shown::of(&MODEL, &setting, world);
                let what = format!("{law}, weight {weight}, {arithmetic}, world {world}");
                if law == "off" {
                    let start = &shown.sentiments[0];
                    for (id, sentiment) in &shown.sentiments[1] {
                        assert!(
                            start
                                .get(id)
                                .is_none_or(|start| *sentiment == (start - fade).max(0.0))
                        );
                    }
                    events += 1000;
                } else {
                    events += follow(&shown, law, weight, fade, None, &what);
                }
                let final_mean = numbers(&shown.runs, "mean_own_sentiment_final")[0];
                let mean = |all: &BTreeMap<u32, f64>| all.values().sum::<f64>() / all.len() as f64;
                assert_eq!(final_mean, mean(shown.sentiments.last().unwrap()), "{what}");
                let days = &shown.sentiments[1..];
                let engaged =
                    days.iter().map(|all| 0.3 * mean(all)).sum::<f64>() / days.len() as f64;
                assert!(
                    (numbers(&shown.runs, "engaged_mean")[0] - engaged).abs() < 1e-12,
                    "{what}"
                );
            }
            assert!(
                events > if law == "commons" { 100 } else { 1000 },
                "{law}: {events}"
            );
        }
    }
}

/// Conflicts that damp change also what is kept of affinities for proposals under way.
#[test]
fn what_is_kept_is_damped_too() {
    for when in ["completed", "accepted"] {
        for world in 0..4 {
            let setting = lively(
                &BOTH,
                &[
                    ("outcomes.law", "add".into()),
                    ("conflict.acts", "damp".into()),
                    ("conflict.when", when.into()),
                    ("conflict.force", 0.7.into()),
                    ("conflict.concord_share", 0.3.into()),
                ],
            );
            let shown = Shown::of(&BOTH, &setting, world);
            assert!(
                follow(
                    &shown,
                    "add",
                    0.0,
                    0.0,
                    Some(when),
                    &format!("{when}, world {world}")
                ) > 300
            );
        }
    }
}

#[test]
fn the_mood_can_hear_funds() {
    let setting = lively(&MODEL, &[("outcomes.mood", "funds".into())]);
    for world in 0..4 {
        let shown = Shown::of(&MODEL, &setting, world);
        let funds = |ids: &BTreeSet<u32>| ids.iter().map(|id| shown.requests[id]).sum::<f64>();
        let mut mood: f64 = 0.6;
        for day in 1..shown.moods.len() {
            let (completed, failed) = (shown.newly(day, "completed"), shown.newly(day, "failed"));
            let hear = |mood: f64, news: f64| (0.75 * mood + 0.25 * news).clamp(0.0, 1.0);
            if !completed.is_empty() || !failed.is_empty() {
                let net = funds(&completed) - funds(&failed);
                mood = hear(mood, net / funds(&shown.with_status(day - 1, "active")));
            }
            let accepted = shown.newly(day, "active");
            if !accepted.is_empty() {
                let left = shown.with_status(day, "candidate");
                mood = hear(mood, funds(&accepted) / (funds(&accepted) + funds(&left)));
            }
            assert!(
                (shown.moods[day] - mood).abs() < 1e-12,
                "world {world}, day {day}"
            );
        }
    }
}

/// Once streams have emptied the pool, requests are of nothing, and so is a share of them.
#[test]
fn news_of_requests_of_nothing_leave_the_mood_a_number() {
    let on = model(&["outcomes", "streaming"]);
    let values: [(&str, Given); 6] = [
        ("beta", 1.0.into()),
        ("outcomes.mood", "funds".into()),
        ("streaming.standing", 0.584.into()),
        ("streaming.period", 1.0.into()),
        ("streaming.ceiling", 1.0.into()),
        ("days", 40.0.into()),
    ];
    let setting = setting(&on, values);
    let mut of_nothing = 0;
    for world in 0..20 {
        let shown = Shown::of(&on, &setting, world);
        for day in 1..shown.moods.len() {
            let accepted = shown.newly(day, "active");
            let left = shown.with_status(day, "candidate");
            let at_stake = || accepted.iter().chain(&left).map(|id| shown.requests[id]);
            let mood = shown.moods[day];
            assert!(
                (0.0..=1.0).contains(&mood),
                "world {world}, day {day}: {mood}"
            );
            of_nothing += usize::from(!accepted.is_empty() && at_stake().sum::<f64>() == 0.0);
        }
    }
    assert!(of_nothing > 0);
}

#[test]
fn the_mood_can_be_the_mean() {
    let mean = |all: &BTreeMap<u32, f64>| all.values().sum::<f64>() / all.len() as f64;
    for world in 0..3 {
        let fading = [
            ("outcomes.mood", "mean".into()),
            ("outcomes.fade", 0.005.into()),
        ];
        let shown = Shown::of(&MODEL, &lively(&MODEL, &fading), world);
        for (day, mood) in shown.moods.iter().enumerate().skip(1) {
            assert_eq!(
                *mood,
                mean(&shown.sentiments[day]),
                "world {world}, day {day}"
            );
        }
        // Without, it moves when somebody does, and hears nothing else.
        let adding = [
            ("outcomes.mood", "mean".into()),
            ("outcomes.law", "add".into()),
        ];
        let shown = Shown::of(&MODEL, &lively(&MODEL, &adding), world);
        for day in 1..shown.moods.len() {
            let ended =
                !shown.newly(day, "completed").is_empty() || !shown.newly(day, "failed").is_empty();
            let accepted = !shown.newly(day, "active").is_empty();
            let choice = shown.with_status(day, "candidate").len() > 1;
            let expected = if ended || accepted && choice {
                mean(&shown.sentiments[day])
            } else {
                shown.moods[day - 1]
            };
            assert_eq!(shown.moods[day], expected, "world {world}, day {day}");
        }
    }
}

#[test]
fn what_has_no_rules_is_refused_and_what_stands_still_is_said() {
    let accounting = fault("[outcomes]\n[model.rules]\naccounting = \"v3\"");
    assert!(
        accounting.contains("[outcomes] has no rules"),
        "{accounting}"
    );
    let word = fault("[outcomes]\nlaw = \"relaxed\"");
    assert!(word.contains("\"relax\" or \"add\""), "{word}");
    let off = fault("[axes]\noutcomes.fade = [0.1]");
    assert!(off.contains("add a table [outcomes]"), "{off}");
    let warning = |values: &[(&str, Given)]| {
        let setting = setting(&MODEL, values.iter().copied());
        setting.warnings().next().map(|(_, text)| text)
    };
    assert!(
        warning(&[("outcomes.mood", "mean".into())])
            .unwrap()
            .contains("stays at initial.sentiment")
    );
    assert_eq!(
        warning(&[
            ("outcomes.mood", "mean".into()),
            ("outcomes.law", "add".into())
        ]),
        None
    );
}

#[test]
fn columns_are_documented() {
    let names: Vec<_> = MODEL
        .columns("runs")
        .into_iter()
        .map(|column| column.name)
        .collect();
    assert!(names.ends_with(&["mean_own_sentiment_final", "engaged_mean"].map(str::to_owned)));
    assert_eq!(MODEL.columns("days"), PLAIN.columns("days"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever is set, with conflicts or without, runs reach their horizon and the invariants hold.
    #[test]
    fn any_setting_runs(
        law in prop::sample::select(vec!["off", "relax", "add", "commons"]),
        mood in prop::sample::select(vec!["counts", "funds", "mean"]),
        acts in prop::sample::select(vec!["off", "damp", "exclude", "both"]),
        when in prop::sample::select(vec!["completed", "accepted"]),
        arithmetic in prop::sample::select(ARITHMETIC.to_vec()),
        weight in 0.0..=1.0f64,
        fade in 0.0..0.1f64,
        rho in 0.0001..0.004f64,
        completion in 1.0..40.0f64,
        participants in 1..40u32,
        proposals in 0..30u32,
        seed in any::<u64>(),
    ) {
        let setting = setting(&BOTH, [
            ("outcomes.law", law.into()),
            ("outcomes.mood", mood.into()),
            ("outcomes.weight", weight.into()),
            ("outcomes.fade", fade.into()),
            ("conflict.acts", acts.into()),
            ("conflict.when", when.into()),
            ("conflict.concord_share", weight.into()),
            ("arithmetic", arithmetic.into()),
            ("rho", rho.into()),
            ("base_completion_rate", completion.into()),
            ("initial.participants", participants.into()),
            ("initial.proposals", proposals.into()),
            ("days", 60.into()),
        ]);
        prop_assert!(cfg!(debug_assertions), "the invariants are checked in debug builds only");
        let outcome = Simulator::new(&BOTH, &["runs"]).outcome("runs", &setting, seed, 0).unwrap();
        prop_assert!(outcome.failure.is_none());
        let engaged = outcome.number("engaged_mean");
        prop_assert!((0.0..=0.3).contains(&engaged), "{}", engaged);
    }
}
