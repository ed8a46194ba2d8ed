//! Standing proposals: paid by streams, never granted; and that none change nothing.

use crate::common::extensions::{model, with};
use crate::runs::{numbers, numbers_or_nan, simulate};
use arrow_array::cast::AsArray;
use conviction::engine::{Model, Seeds, Simulator, Stream, Value};
use conviction::study::{Plan, Spec};
use conviction::voting::conviction::Conviction;
use conviction::voting::streaming::wanted;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn on() -> Model {
    model(&["streaming"])
}

#[test]
fn without_standing_proposals_nothing_changes_to_the_bit() {
    let (off, on) = (conviction::model(), on());
    for world in 0..5 {
        let one = Simulator::new(&off, &["runs"]).outcome("runs", &off.setting(), 9, world);
        let other = Simulator::new(&on, &["runs"]).outcome("runs", &on.setting(), 9, world);
        let (one, other) = (one.unwrap(), other.unwrap());
        for column in off.columns("runs") {
            let shown = |value: Option<Value>| format!("{value:?}");
            let name = &column.name;
            assert_eq!(shown(one.get(name)), shown(other.get(name)), "{name}");
        }
        assert_eq!(other.number("streamed"), 0.0);
    }
}

/// Follows every standing proposal through the tables, by the rule said a second time.
#[test]
fn streams_follow_their_conviction() {
    let model = on();
    let (mut most, mut capped) = (0, 0);
    for (world, ceiling) in [(0, 0.05), (1, 0.05), (2, 0.005)] {
        let keys = [
            ("days", 80.0),
            ("streaming.standing", 0.5),
            ("streaming.ceiling", ceiling),
        ];
        let setting = with(&model, &keys, &[]);
        let p: Conviction = setting.group();
        let tables = ["days", "proposals", "support_edges"];
        let mut left = simulate(&model, &tables, &setting, 5, world);
        let [days, proposals, edges] = tables.map(|table| left.batch(table));
        let [funds, effective, other, streamed, standing, granted] = [
            "funds",
            "effective_supply",
            "other_supply",
            "streamed",
            "standing_count",
            "funds_granted",
        ]
        .map(|column| numbers(&days, column));
        let [day, id, requested] =
            ["day", "proposal", "funds_requested"].map(|column| numbers(&proposals, column));
        let conviction = numbers_or_nan(&proposals, "conviction");
        let status = proposals["status"].as_string::<i32>();
        // Which new proposals are standing: stream 17, one uniform each, in order of id.
        let mut source = Seeds { root: 5, world }.source(Stream::numbered(17));
        let (mut known, mut stands) = (BTreeSet::new(), BTreeSet::new());
        let mut candidates: Vec<BTreeMap<u32, f64>> = vec![BTreeMap::new(); funds.len()];
        for row in 0..day.len() {
            let id = id[row] as u32;
            if known.insert(id) && day[row] > 0.0 && source.uniform() < 0.5 {
                stands.insert(id);
            }
            if stands.contains(&id) {
                assert_eq!(requested[row], 0.0);
                assert!(["candidate", "killed"].contains(&status.value(row)));
                if status.value(row) == "candidate" {
                    candidates[day[row] as usize].insert(id, conviction[row]);
                }
            } else {
                assert!(requested[row] > 0.0);
            }
        }
        assert!(stands.len() > 5);
        let mut rates: BTreeMap<u32, f64> = BTreeMap::new();
        let mut paid = 0.0;
        for day in 1..funds.len() {
            assert_eq!(standing[day] as usize, candidates[day].len());
            // As the day before left them, but for those that arrived.
            let minted = 1.001 * (funds[day - 1] + effective[day - 1] + other[day - 1])
                - (funds[day - 1] + effective[day - 1] + other[day - 1]);
            let pool = funds[day - 1] + minted - (granted[day] - granted[day - 1]);
            rates.retain(|id, _| candidates[day - 1].contains_key(id));
            let arrived = candidates[day].keys().filter(|id| !rates.contains_key(id));
            let arrived: Vec<_> = arrived.copied().collect();
            // A newcomer's holdings count in E by then.
            for id in candidates[day - 1].keys().copied().chain(arrived) {
                let conviction = candidates[day - 1].get(&id).copied().unwrap_or(0.0);
                let share = conviction * (1.0 - p.alpha) / effective[day];
                let target = wanted(share, &p) * pool / 30.0;
                let rate = rates.entry(id).or_default();
                *rate = p.alpha * *rate + (1.0 - p.alpha) * target;
            }
            let wanted: f64 = rates.values().sum();
            let today = wanted.min(ceiling * pool / 30.0);
            capped += usize::from(today < wanted);
            paid += today;
            assert!(
                (streamed[day] - paid).abs() < 1e-6,
                "day {day}: {}, not {paid}",
                streamed[day]
            );
            assert!((funds[day] - (pool - today)).abs() < 1e-6, "day {day}");
        }
        most += usize::from(paid > 1.0);
        // They are candidates as any: people stake on them.
        let on = numbers(&edges, "proposal");
        let tokens = numbers(&edges, "tokens");
        let staked = on
            .iter()
            .zip(tokens)
            .filter(|(on, _)| stands.contains(&(**on as u32)));
        assert!(staked.map(|(_, tokens)| tokens).sum::<f64>() > 0.0);
    }
    assert!(most >= 2 && capped > 5, "{most}, {capped}");
}

/// All new proposals standing: nothing new is ever granted, and three arrive on each day without others.
#[test]
fn standing_proposals_never_pass_and_request_nothing() {
    let model = on();
    let keys = [
        ("days", 60.0),
        ("streaming.standing", 1.0),
        ("initial.proposals", 0.0),
    ];
    let setting = with(&model, &keys, &[]);
    let days = simulate(&model, &["days"], &setting, 5, 0).batch("days");
    let runs = simulate(&model, &["runs"], &setting, 5, 0).batch("runs");
    assert_eq!(numbers(&days, "proposals_granted").last(), Some(&0.0));
    assert_eq!(numbers(&days, "candidate_funds").last(), Some(&0.0));
    let [candidates, killed] =
        ["candidate_count", "killed_count"].map(|column| numbers(&days, column));
    for day in 0..=60 {
        assert_eq!(candidates[day] + killed[day], 3.0 * day as f64);
    }
    assert!(numbers(&days, "streamed")[60] > 0.0);
    assert_eq!(numbers(&runs, "days_nothing_could_pass"), [60.0]);
}

#[test]
fn faults_say_what_to_do() {
    for (text, expected) in [
        (
            "[streaming]\n[model]\narithmetic = \"contract\"",
            "for which [streaming] has no rules",
        ),
        (
            "[streaming]\n[model]\nrules = \"v3\"",
            "for which [streaming] has no rules",
        ),
        ("[streaming]\nperiod = 0.5", "a number of at least 1"),
        (
            "[axes]\nstreaming.standing = [0.1]",
            "add a table [streaming]",
        ),
    ] {
        let spec = Spec::parse(&conviction::model(), text, "spec.toml", Path::new(""));
        let found = match spec.map(Plan::new) {
            Ok(Ok(_)) => panic!("sound: {text}"),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        assert!(found.contains(expected), "{text}\n{found}");
    }
}
