//! Donations to the pool, flows between cold storage and holdings, and stakes that follow holdings.

use crate::common::extensions::with;
use crate::runs::{halves, numbers, simulate};
use conviction::engine::{Extensions, Model, Simulator};
use conviction::prelude::*;
use conviction::voting::conviction::RunProposalRows;
use conviction::voting::donations::published;
use conviction::voting::flows::{Cold, FlowRows, Flows, moved};
use conviction::voting::mechanism::{Gardens1, Real};
use conviction::voting::model_with;
use conviction::voting::participants::{Holdings, ParticipantRows, Population};
use conviction::voting::supply::Supply;
use conviction::voting::support::{Layout, Occupant, Stake, StakeRows, Staking};
use proptest::prelude::*;

/// The model of Conviction Voting and more, with some extensions on.
fn model(more: &[Feature], on: &[&str]) -> Model {
    let all = on
        .iter()
        .fold(Extensions::default(), |on, name| on.with(name, 1));
    model_with(more).with_extensions(&all).unwrap()
}

/// On a day, all participants but the first lose a share of their holdings to it.
mod levy {
    use super::*;

    settings! {
        /// A levy.
        Levy in "levy" {
            day: u32 = 20, "days", Domain::count(1, 100), "on which day";
            kept: f64 = 0.25, "", Domain::from_to(0.0, 1.0), "share of the holdings that is kept";
        }
    }

    /// The stakes before, participant by participant, each in order of id.
    #[derive(Component, Default)]
    pub struct Before(Vec<Vec<f64>>);

    impl PerRun for Before {}

    fn by_id(layout: &Layout, occupant: &[u32]) -> Vec<usize> {
        let mut seats: Vec<_> = layout.taken().collect();
        seats.sort_by_key(|&seat| occupant[seat]);
        seats
    }

    fn note(
        mut runs: Runs<(&Levy, &Population, &Layout, &mut Before)>,
        mut edges: Rows<&Stake>,
        mut seats: Rows<&Occupant>,
    ) {
        let batch = runs.batch();
        let (mut edges, mut seats) = (edges.of_batch(&batch), seats.of_batch(&batch));
        for (run, (levy, population, layout, before)) in batch {
            if run.day == levy.day {
                let seats = by_id(layout, seats.of(run));
                let stakes = edges.of(run);
                let of = |row| {
                    seats
                        .iter()
                        .map(|&seat| stakes[layout.edge(seat, row)])
                        .collect()
                };
                before.0 = (0..population.participants).map(of).collect();
            }
        }
    }

    fn take<M: Staking>(
        mut runs: Runs<(&Levy, &Population, &Layout, &Supply, &mut M, &mut Failing)>,
        mut people: Rows<&mut Holdings>,
        mut stakes: StakeRows<M>,
    ) {
        let batch = runs.batch();
        let (mut people, mut stakes) = (people.of_batch(&batch), stakes.of_batch(&batch));
        for (run, (levy, population, layout, supply, mechanism, failing)) in batch {
            if run.day != levy.day {
                continue;
            }
            let holdings = &mut people.of(run)[..population.participants];
            let mut stakes = stakes.of(run, mechanism, failing);
            for row in 1..holdings.len() {
                let kept = stakes.mechanism.held(holdings[row] * levy.kept);
                let first = holdings[0] + holdings[row] - kept;
                stakes.hold(supply, holdings, row, kept);
                stakes.hold(supply, holdings, 0, first);
            }
            stakes.settle(layout);
        }
    }

    /// Free tokens make up for the levy first. Then real stakes fall to the same share, and the contract's
    /// one after another in order of id.
    fn check(
        mut runs: Runs<(&Levy, &Layout, &Before, &Failing)>,
        mut people: Rows<&Holdings>,
        mut edges: Rows<&Stake>,
        mut seats: Rows<&Occupant>,
        on_chain: bool,
    ) {
        let batch = runs.batch();
        let (mut people, mut edges) = (people.of_batch(&batch), edges.of_batch(&batch));
        let mut seats = seats.of_batch(&batch);
        for (run, (levy, layout, before, failing)) in batch {
            if run.day != levy.day {
                continue;
            }
            assert!(failing.failure().is_none());
            let seats = by_id(layout, seats.of(run));
            let (holdings, stakes) = (people.of(run), edges.of(run));
            let (mut fell, mut stood, mut in_part) = (0, 0, 0);
            for (row, before) in before.0.iter().enumerate() {
                let (held, staked) = (holdings[row], before.iter().sum::<f64>());
                let mut excess = (staked - held).max(0.0);
                *(if excess > 0.0 { &mut fell } else { &mut stood }) += 1;
                for (&seat, &before) in seats.iter().zip(before) {
                    let after = stakes[layout.edge(seat, row)];
                    let expected = if on_chain {
                        (before - excess).max(0.0)
                    } else {
                        before * (held / staked).min(1.0)
                    };
                    in_part += usize::from(on_chain && excess > 0.0 && expected > 0.0);
                    excess = (excess - before).max(0.0);
                    let after = if staked > 0.0 { after } else { 0.0 };
                    let expected = if staked > 0.0 { expected } else { 0.0 };
                    assert!(
                        (after - expected).abs() <= 1e-9 * held.max(1.0),
                        "{after} for {expected}"
                    );
                }
            }
            assert!(fell > 5 && stood > 0, "{fell} fell, {stood} stood");
            assert!(in_part > 0 || !on_chain || levy.kept == 0.0);
        }
    }

    /// As [`check`], of the runs of one mechanism.
    fn check_of<M: Staking>(
        runs: Runs<(&Levy, &Layout, &Before, &Failing)>,
        mut of: Query<(), With<M>>,
        people: Rows<&Holdings>,
        edges: Rows<&Stake>,
        seats: Rows<&Occupant>,
    ) {
        if of.iter_mut().next().is_some() {
            check(
                runs,
                people,
                edges,
                seats,
                std::any::type_name::<M>().contains("Gardens1"),
            );
        }
    }

    pub fn register(model: &mut ModelBuilder) {
        model.settings::<Levy>().per_run::<Before>();
        model.system(Day::Change, note);
        model
            .system(Day::Change, take::<Real>)
            .system(Day::Change, take::<Gardens1>);
        model
            .system(Day::Change, check_of::<Real>)
            .system(Day::Change, check_of::<Gardens1>);
    }
}

#[test]
fn stakes_follow_what_participants_hold() {
    let model = model_with(&[Feature::new("levy", 1, levy::register)]);
    let mut simulator = Simulator::new(&model, &["runs"]);
    for arithmetic in ["real", "contract"] {
        for kept in [0.25, 0.0] {
            let setting = with(
                &model,
                &[("levy.kept", kept)],
                &[("arithmetic", arithmetic)],
            );
            let outcome = simulator.outcome("runs", &setting, 5, 0).unwrap();
            assert!(outcome.failure.is_none());
            assert_eq!(outcome.last_day, 100);
        }
    }
    // Where the idle move, they split anew what they hold now: the invariants hold.
    let idle = with(&model, &[], &[("rules.idle_stake", "v3")]);
    assert_eq!(
        simulator.outcome("runs", &idle, 5, 0).unwrap().last_day,
        100
    );
}

#[test]
fn what_is_off_is_absent_and_what_moves_nothing_changes_nothing() {
    let off = conviction::model();
    for extension in ["donations", "flows"] {
        assert!(off.extensions().iter().any(|known| known.name == extension));
        assert!(
            off.keys()
                .all()
                .iter()
                .all(|key| !key.name.starts_with(extension))
        );
    }
    let on = model(&[], &["donations", "flows"]);
    let (plain, more) = (off.columns("runs"), on.columns("runs"));
    let names = |columns: &[conviction::engine::Column]| {
        columns
            .iter()
            .map(|column| column.name.clone())
            .collect::<Vec<_>>()
    };
    let names = (names(&plain), names(&more));
    assert_eq!(names.0.len() + 4, names.1.len());
    // Streams of their own: the same world, day by day, in which nothing is given or moved.
    let still = with(&on, &[("flows.gain", 0.0)], &[("donations.law", "off")]);
    let mut before = simulate(&off, &["days"], &off.setting(), 3, 1);
    let mut after = simulate(&on, &["days"], &still, 3, 1);
    let (before, after) = (before.batch("days"), after.batch("days"));
    for column in before.schema().fields() {
        if column.name() != "donated" {
            let name = column.name().as_str();
            assert_eq!(&before[name], &after[name], "{name}");
        }
    }
}

#[test]
fn faults_are_named() {
    let on = model(&[], &["donations", "flows"]);
    for (key, word) in [("arithmetic", "contract"), ("rules.accounting", "v3")] {
        for extension in ["donations", "flows"] {
            let alone = model(&[], &[extension]);
            let fault = with(&alone, &[], &[(key, word)]).fault().unwrap();
            assert_eq!(fault.key, key);
            assert!(fault.message.contains(&format!("[{extension}]")), "{fault}");
        }
    }
    for (key, value) in [
        ("flows.gain", 1.1),
        ("flows.cold_share", -0.1),
        ("donations.mean", -1.0),
        ("flows.pivot", 2.0),
    ] {
        assert!(on.setting().with(key, value).is_err(), "{key}");
    }
    assert!(on.setting().with("donations.law", "v3").is_err());
}

#[test]
fn donations_follow_their_laws() {
    assert_eq!(published(1.0, 4867.21, 0.6), 1.0);
    assert_eq!(published(2.0, 4867.21, 0.4), 0.0);
    assert_eq!(published(0.5, 40_000.0, 1.0), 2.0);

    let on = model(&[], &["donations"]);
    let days = 30;
    let run = |law: &str, source: &str| {
        let words = [("donations.law", law), ("donations.source", source)];
        let values = [
            ("donations.mean", 3.0),
            ("days", f64::from(days)),
            ("gamma", 0.0),
        ];
        let setting = with(&on, &values, &words);
        let days = simulate(&on, &["days"], &setting, 9, 2).batch("days");
        ["donated", "total_supply", "sentiment"].map(|column| numbers(&days, column))
    };
    let mut stream = Seeds { root: 9, world: 2 }.source(Stream::named("donations"));
    let units: Vec<f64> = (0..days).map(|_| stream.exponential()).collect();
    let [constant, supply, _] = run("constant", "outside");
    assert_eq!(constant.last(), Some(&f64::from(days)));
    assert!((supply[days as usize] - supply[0] - f64::from(days)).abs() < 1e-9);
    let [exponential, supply, _] = run("exponential", "other");
    let given = exponential.windows(2).map(|days| days[1] - days[0]);
    for (given, unit) in given.zip(&units) {
        assert!((given - 3.0 * unit).abs() < 1e-9);
    }
    assert!(supply.iter().all(|total| (total - supply[0]).abs() < 1e-9));
    // The law of the published program: what the mood was, since the day's news come later.
    let [published, _, sentiment] = run("v2", "outside");
    for day in 1..=days as usize {
        let given = published[day] - published[day - 1];
        let expected = if sentiment[day - 1] > 0.4 {
            units[day - 1]
        } else {
            0.0
        };
        assert!((given - expected).abs() < 1e-9, "day {day}");
    }
}

/// Holdings and cold storage of each participant, in sum: as first seen, since only flows move them.
mod owned {
    use super::*;

    #[derive(Component, Default)]
    pub struct Owned(Vec<f64>);

    impl PerRun for Owned {}

    fn check(mut runs: Runs<(&Population, &mut Owned)>, mut people: Rows<(&Holdings, &Cold)>) {
        let batch = runs.batch();
        let mut people = people.of_batch(&batch);
        for (run, (population, owned)) in batch {
            let (holdings, cold) = people.of(run);
            for row in 0..population.participants {
                let own = holdings[row] + cold[row].0;
                match owned.0.get(row) {
                    Some(before) => assert!((own - before).abs() <= 1e-9 * before.max(1.0)),
                    None => owned.0.push(own),
                }
            }
        }
    }

    pub fn register(model: &mut ModelBuilder) {
        model.per_run::<Owned>().system(Day::End, check);
    }
}

#[test]
fn flows_move_tokens_between_what_each_participant_has() {
    let flows = Flows::default();
    assert_eq!(moved(&flows, 0.75, 10.0, 20.0), 0.0);
    assert!((moved(&flows, 0.95, 10.0, 20.0) - 0.04).abs() < 1e-15);
    assert!((moved(&flows, 0.25, 10.0, 20.0) + 0.05).abs() < 1e-15);

    let on = model(&[Feature::new("owned", 1, owned::register)], &["flows"]);
    let values = [
        ("flows.gain", 1.0),
        ("flows.pivot", 0.5),
        ("flows.move_rate", 1.0),
        ("gamma", 0.0),
    ];
    let setting = with(&on, &values, &[]);
    let mut left = simulate(&on, &["days", "participants"], &setting, 4, 0);
    let people: ParticipantRows = left.rows("participants");
    let days = left.batch("days");
    let [cold, staked_in, staked_out] =
        ["cold", "staked_in", "staked_out"].map(|column| numbers(&days, column));
    assert!(staked_in[100] > 100.0 && staked_out[100] > 100.0);
    // L is what is neither voting nor in the pool, and half of it lay in cold storage.
    let other = numbers(&days, "other_supply");
    assert!((cold[0] - other[0] / 2.0).abs() < 1e-9);
    let still: Vec<f64> = (0..=100)
        .map(|day| cold[day] + staked_in[day] - staked_out[day])
        .collect();
    assert!(still.iter().all(|cold| (cold - still[0]).abs() < 1e-9));

    // Day 1 by hand, with the numbers of the stream.
    let mut stream = Seeds { root: 4, world: 0 }.lanes(Stream::named("flows"));
    let day = &people.day;
    let on_day = |on: u32| (0..day.len()).filter(move |&row| day[row] == on);
    let all: f64 = on_day(0).map(|row| people.holdings[row]).sum();
    let setting: Flows = setting.group();
    let drawn = halves(&mut stream, on_day(1).count());
    for ((before, after), drawn) in on_day(0).zip(on_day(1)).zip(drawn) {
        let (held, sentiment) = (people.holdings[before], people.sentiment[before]);
        let mut expected = held;
        if drawn < sentiment {
            expected += moved(&setting, sentiment, held, cold[0] * held / all);
        }
        assert!((people.holdings[after] - expected).abs() < 1e-9 * held.max(1.0));
    }
}

#[test]
fn grants_may_go_to_the_cold_storage_of_who_proposed() {
    let on = model(&[], &["flows"]);
    let run = |to: &str| {
        let setting = with(&on, &[("flows.move_rate", 0.0)], &[("flows.grants_to", to)]);
        let mut left = simulate(&on, &["days", "run_proposals"], &setting, 6, 0);
        let cold = left.rows::<FlowRows>("days").cold;
        let proposals: RunProposalRows = left.rows("run_proposals");
        let granted = (0..proposals.proposal.len()).filter(|&row| {
            // Those of the start were proposed by nobody.
            proposals.day_created[row] > 0 && proposals.day_passed[row].is_some()
        });
        let granted: f64 = granted.map(|row| proposals.funds_requested[row]).sum();
        (cold[100] - cold[0], granted)
    };
    let (stored, granted) = run("proposer");
    assert!(granted > 100.0);
    assert!((stored - granted).abs() < 1e-9);
    let (stored, same) = run("other");
    assert_eq!((stored, same), (0.0, granted));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever is given and moved, the invariants hold, and S is F + E + L.
    #[test]
    fn any_flow_keeps_the_invariants(
        [cold_share, move_rate, pivot, gain, engagement] in prop::array::uniform5(0.0..=1.0f64),
        (v3_idle, proposer, other) in any::<(bool, bool, bool)>(),
        law in prop::sample::select(vec!["v2", "exponential", "constant", "off"]),
        participants in 1..40u32,
        amount in 0.0..1e4f64,
        seed in any::<u64>(),
    ) {
        let on = model(&[], &["donations", "flows"]);
        let setting = with(
            &on,
            &[
                ("flows.cold_share", cold_share),
                ("flows.move_rate", move_rate),
                ("flows.pivot", pivot),
                ("flows.gain", gain),
                ("donations.amount", amount),
                ("donations.mean", amount),
                ("base_engagement_rate", engagement),
                ("initial.participants", f64::from(participants)),
                ("days", 60.0),
            ],
            &[
                ("rules.idle_stake", if v3_idle { "v3" } else { "corrected" }),
                ("flows.grants_to", if proposer { "proposer" } else { "other" }),
                ("donations.source", if other { "other" } else { "outside" }),
                ("donations.law", law),
            ],
        );
        let outcome = Simulator::new(&on, &["runs"]).outcome("runs", &setting, seed, 0).unwrap();
        prop_assert!(outcome.failure.is_none());
        let number = |column| outcome.number(column);
        prop_assert!(number("cold") <= number("other_supply") + 1e-9 * number("total_supply"));
    }
}
