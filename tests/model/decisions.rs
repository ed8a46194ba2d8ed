//! Features that revise decisions: what they may change, and that a run is the same where they change nothing.

use crate::properties::settings;
use crate::runs::{EVERY_TABLE, Left, narrower_levels, simulate, simulate_in};
use arrow_array::RecordBatch;
use conviction::engine::{Batch, Model, RunOf, Seeds};
use conviction::prelude::*;
use conviction::voting::model_with;
use conviction::voting::participants::ParticipantRows;
use conviction::voting::support::{Decisions, SupportEdgeRows};
use fearless_simd::Level;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

#[path = "../../examples/copying.rs"]
mod copying;

const ARITHMETIC: [&str; 4] = ["real", "contract", "gardens2", "gardens2-15ad374"];

static PLAIN: LazyLock<Model> = LazyLock::new(conviction::model);

static COPYING: LazyLock<Model> =
    LazyLock::new(|| model_with(&[Feature::new("copying", 1, copying::copying)]));

/// Change of the decisions of a day.
trait Revision: 'static {
    fn revise(decisions: &mut Decisions);
}

fn revise<R: Revision>(mut runs: Runs<&mut Decisions>) {
    for (_, decisions) in runs.batch() {
        R::revise(decisions);
    }
}

fn revising<R: Revision>() -> Model {
    let register = |model: &mut ModelBuilder| {
        model.system(Day::Revise, revise::<R>);
    };
    model_with(&[Feature::new("revising", 1, register)])
}

/// Divides decisions from stakes, without any change.
struct Nothing;

impl Revision for Nothing {
    fn revise(_: &mut Decisions) {}
}

/// Weights of twice the size: in binary numbers, all shares are the same to the last bit.
struct Doubled;

impl Revision for Doubled {
    fn revise(decisions: &mut Decisions) {
        decisions.revise(|_, weights| weights.iter_mut().for_each(|weight| *weight *= 2.0));
    }
}

/// Returns the end of a run and all its tables.
fn all(mut left: Left) -> (u32, String, [RecordBatch; EVERY_TABLE.len()]) {
    let tables = EVERY_TABLE.map(|table| left.batch(table));
    (left.last_day, format!("{:?}", left.failure), tables)
}

fn run_at(level: Level, model: &Model, setting: &Setting, seed: u64) -> Left {
    let mut batch = Batch::new(model, setting, &EVERY_TABLE, level);
    let seeds = Seeds {
        root: seed,
        world: 0,
    };
    let run = RunOf { setting, seeds };
    simulate_in(&mut batch, model, &EVERY_TABLE, &[run], |_| true).remove(0)
}

/// Names of the phases of a day in which systems run.
fn phases(model: &Model, settings: &[&Setting]) -> BTreeSet<&'static str> {
    let mut batch = Batch::new(model, settings[0], &[], Level::new());
    let seeds = Seeds { root: 1, world: 0 };
    batch.begin(settings.iter().map(|&setting| RunOf { setting, seeds }));
    let mut names = BTreeSet::new();
    batch.advance_by_phases(|phase| {
        names.insert(phase.name);
    });
    names
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// A run is the same whether participants decide and stake at once or in two phases, for vectors of any width.
    #[test]
    fn divided_decisions_are_the_same(
        setting in settings(),
        proposals in prop_oneof![0..20u32, 50..130u32],
        seed in any::<u64>(),
    ) {
        let setting = setting.with("initial.proposals", proposals).unwrap();
        let setting = setting.with("days", 15).unwrap();
        let plain = all(simulate(&PLAIN, &EVERY_TABLE, &setting, seed, 0));
        for model in [revising::<Nothing>(), revising::<Doubled>()] {
            let mut levels = narrower_levels();
            levels.push(Level::new());
            for level in levels {
                prop_assert_eq!(&all(run_at(level, &model, &setting, seed)), &plain);
            }
        }
    }
}

#[test]
fn decisions_divide_only_where_a_feature_revises_them() {
    let divided = ["decide", "revise"].map(|name| (name, true));
    let has = |names: &BTreeSet<_>| divided.map(|(name, _)| (name, names.contains(name)));
    let whole = divided.map(|(name, _)| (name, false));
    for arithmetic in ARITHMETIC {
        let setting = |model: &Model| model.setting().with("arithmetic", arithmetic).unwrap();
        assert_eq!(has(&phases(&PLAIN, &[&setting(&PLAIN)])), whole);
        let revising = revising::<Nothing>();
        assert_eq!(has(&phases(&revising, &[&setting(&revising)])), divided);
        let copies = setting(&COPYING);
        let none = copies.clone().with("copying.share", 0).unwrap();
        assert_eq!(has(&phases(&COPYING, &[&none, &none])), whole);
        assert_eq!(has(&phases(&COPYING, &[&none, &copies])), divided);
    }
}

/// A run in which nobody copies is the same beside runs in which participants do.
#[test]
fn who_copies_nobody_decides_alone() {
    for arithmetic in ARITHMETIC {
        let copies = COPYING.setting().with("arithmetic", arithmetic).unwrap();
        let none = copies.clone().with("copying.share", 0).unwrap();
        let seeds = Seeds { root: 4, world: 0 };
        let runs = [&none, &copies].map(|setting| RunOf { setting, seeds });
        let mut batch = Batch::new(&COPYING, &none, &EVERY_TABLE, Level::new());
        let mut left = simulate_in(&mut batch, &COPYING, &EVERY_TABLE, &runs, |_| true);
        let (copied, alone) = (all(left.remove(1)), all(left.remove(0)));
        let plain = PLAIN.setting().with("arithmetic", arithmetic).unwrap();
        assert_eq!(alone, all(simulate(&PLAIN, &EVERY_TABLE, &plain, 4, 0)));
        assert_ne!(copied, alone);
    }
}

/// Stakes by participant and proposal, and the participant with the most tokens.
struct Evening {
    stakes: BTreeMap<u32, BTreeMap<u32, f64>>,
    open: BTreeSet<u32>,
    largest: u32,
}

/// Returns the evenings of a run, from the start on.
fn evenings(setting: &Setting) -> Vec<Evening> {
    let mut left = simulate(&COPYING, &EVERY_TABLE, setting, 9, 0);
    assert!(left.failure.is_none());
    let people: ParticipantRows = left.rows("participants");
    let edges: SupportEdgeRows = left.rows("support_edges");
    (0..=left.last_day)
        .map(|day| {
            let mut stakes = BTreeMap::<u32, BTreeMap<u32, f64>>::new();
            for row in (0..edges.day.len()).filter(|&row| edges.day[row] == day) {
                let of = stakes.entry(edges.participant[row]).or_default();
                of.insert(edges.proposal[row], edges.tokens[row]);
            }
            let today = (0..people.day.len()).filter(|&row| people.day[row] == day);
            let largest = today.max_by(|&a, &b| people.holdings[a].total_cmp(&people.holdings[b]));
            Evening {
                open: stakes.values().flat_map(|of| of.keys().copied()).collect(),
                stakes,
                largest: people.participant[largest.unwrap()],
            }
        })
        .collect()
}

/// Whoever acts stakes as the largest holder did the day before, under every mechanism.
#[test]
fn participants_copy_the_largest_holder() {
    for arithmetic in ARITHMETIC {
        let setting = COPYING.setting().with("arithmetic", arithmetic).unwrap();
        let setting = setting.with("copying.share", 1).unwrap();
        let setting = setting.with("initial.participants", 40).unwrap();
        let evenings = evenings(&setting.with("days", 60).unwrap());
        let mut copied = 0;
        for days in evenings.windows(2) {
            let [before, today] = days else { continue };
            // Candidates of both evenings: others have been paid or killed, or are new.
            let both: BTreeSet<u32> = before.open.intersection(&today.open).copied().collect();
            let stakes = |evening: &Evening, of: u32| -> Vec<f64> {
                let Some(stakes) = evening.stakes.get(&of) else {
                    return vec![0.0; both.len()];
                };
                both.iter().map(|proposal| stakes[proposal]).collect()
            };
            let example = stakes(before, today.largest);
            let of_example: f64 = example.iter().sum();
            if of_example <= 0.0 {
                continue;
            }
            for &participant in today.stakes.keys().filter(|&&one| one != today.largest) {
                let (own, earlier) = (stakes(today, participant), stakes(before, participant));
                let sum: f64 = own.iter().sum();
                if own == earlier || sum == 0.0 {
                    continue;
                }
                copied += 1;
                for (own, example) in own.iter().zip(&example) {
                    let (share, of_largest) = (own / sum, example / of_example);
                    assert!((share - of_largest).abs() < 1e-9, "{share} of {of_largest}");
                }
            }
        }
        assert!(copied > 50, "{arithmetic}: {copied}");
    }
}

/// The weight −1 on this seat, for all who act.
struct Negative<const SEAT: usize>;

impl<const SEAT: usize> Revision for Negative<SEAT> {
    fn revise(decisions: &mut Decisions) {
        decisions.revise(|mover, weights| {
            if let (true, Some(weight)) = (mover.acts, weights.get_mut(SEAT)) {
                *weight = -1.0;
            }
        });
    }
}

/// Weights that cancel each other.
struct Cancelling;

impl Revision for Cancelling {
    fn revise(decisions: &mut Decisions) {
        decisions.revise(|_, weights| {
            weights.fill(0.0);
            weights[..2].copy_from_slice(&[-1.0, 1.0]);
        });
    }
}

fn failure(model: &Model, setting: &Setting) -> String {
    let left = simulate(model, &["runs"], setting, 2, 0);
    let failure = left.failure.expect("a failure");
    assert_eq!((failure.name, left.last_day), ("decisions", failure.day));
    failure.to_string()
}

#[test]
fn invalid_decisions_fail_the_run() {
    let negative = revising::<Negative<1>>();
    for arithmetic in ARITHMETIC {
        let setting = negative.setting().with("arithmetic", arithmetic).unwrap();
        let text = failure(&negative, &setting);
        assert!(text.contains("the weight -1 on seat 1"), "{text}");
        let distant = revising::<Negative<9>>();
        let many = setting.with("initial.proposals", 12).unwrap();
        let text = failure(&distant, &many);
        assert!(text.contains("the weight -1 on seat 9"), "{text}");
    }
    // Under this rule, stakes can be negative.
    let signed = negative.setting().with("rules.stake_weight", "v3").unwrap();
    let signed = signed.with("days", 3).unwrap();
    let left = simulate(&negative, &["runs"], &signed, 2, 0);
    assert!(left.failure.is_none(), "{:?}", left.failure);
    let text = failure(&revising::<Cancelling>(), &signed);
    assert!(text.contains("weights that add up to 0"), "{text}");
}
