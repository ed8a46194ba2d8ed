//! Results of the deployed contract in a real virtual machine, to the last digit, reverts included.

mod commands;
mod oddities;
mod properties;
mod recorded;

use crate::common::Place;
use conviction::contract::{Proposal, ThresholdQuery, U256, conviction, threshold};
use conviction::input::read_events;
use recorded::text;
use std::collections::BTreeMap;
use std::path::PathBuf;

type Row = BTreeMap<String, String>;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/contract")
        .join(name)
}

fn rows(name: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path(name)).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn whole(row: &Row, column: &str) -> U256 {
    U256::from_str_radix(&row[column], 10).unwrap()
}

#[test]
fn every_conviction() {
    let rows = rows("conviction.csv");
    assert_eq!(rows.len(), 316);
    for row in rows {
        let computed = conviction(
            whole(&row, "decay"),
            row["time_passed"].parse().unwrap(),
            whole(&row, "last_conviction"),
            whole(&row, "amount"),
        );
        // The recordings give no reasons here.
        let computed = computed.map_or("revert".to_owned(), |value| value.to_string());
        assert_eq!(computed, row["conviction"], "{row:?}");
    }
}

fn query(row: &Row) -> ThresholdQuery {
    ThresholdQuery {
        decay: whole(row, "decay"),
        max_ratio: whole(row, "max_ratio"),
        weight: whole(row, "weight"),
        min_threshold_stake_percentage: whole(row, "min_threshold_stake_percentage"),
        funds: whole(row, "funds"),
        stake_token_total_supply: whole(row, "stake_token_total_supply"),
        total_staked: whole(row, "total_staked"),
        requested: whole(row, "requested"),
    }
}

#[test]
fn every_threshold() {
    let rows = rows("threshold.csv");
    assert_eq!(rows.len(), 307);
    for row in rows {
        assert_eq!(text(threshold(&query(&row))), row["threshold"], "{row:?}");
    }
}

#[test]
fn every_step_of_every_scenario() {
    let (rows, events) = (
        rows("scenario.csv"),
        read_events(&path("scenario.csv")).unwrap(),
    );
    assert_eq!((rows.len(), events.len()), (279, 279));
    let mut proposals: BTreeMap<&str, Proposal> = BTreeMap::new();
    for (row, event) in rows.iter().zip(&events) {
        let state = proposals
            .entry(&event.scenario)
            .or_default()
            .apply(&event.event)
            .unwrap();
        let found = [
            ("staked_after", state.staked.to_string()),
            ("block_last", state.block_last.to_string()),
            ("conviction_last", state.conviction_last.to_string()),
            ("conviction_now", text(state.conviction_now)),
            ("threshold", text(state.threshold)),
            ("executable", u8::from(state.executable).to_string()),
        ];
        for (column, found) in found {
            assert_eq!(found, row[column], "{column} of {row:?}");
        }
    }
}

#[test]
fn the_command_line_gives_the_same() {
    let place = Place::new();
    let flags = |row: &Row, columns: &[(&str, &str)]| {
        let flags = columns
            .iter()
            .flat_map(|(flag, column)| [format!("--{flag}"), row[*column].clone()]);
        flags.collect::<Vec<_>>()
    };
    let columns = [
        ("decay", "decay"),
        ("max-ratio", "max_ratio"),
        ("weight", "weight"),
        (
            "min-threshold-stake-percentage",
            "min_threshold_stake_percentage",
        ),
        ("funds", "funds"),
        ("total-supply", "stake_token_total_supply"),
        ("total-staked", "total_staked"),
        ("requested", "requested"),
    ];
    for row in rows("threshold.csv").iter().step_by(20) {
        let reverts = row["threshold"].starts_with("revert");
        let flags = flags(row, &columns);
        let mut arguments = vec!["contract", "threshold"];
        arguments.extend(flags.iter().map(String::as_str));
        let (out, err) = place.run(i32::from(reverts), &arguments);
        if reverts {
            assert_eq!(err, format!("error: {}\n", row["threshold"]));
        } else {
            assert_eq!(out, format!("{}\n", row["threshold"]));
        }
    }
    let one = [
        "--decay",
        "9999599",
        "--time-passed",
        "1",
        "--last-conviction",
        "1000000000000000000",
    ];
    let mut arguments = vec!["contract", "conviction"];
    arguments.extend(one);
    arguments.extend(["--amount", "0"]);
    assert_eq!(place.run(0, &arguments).0, "999959900000000000\n");
    *arguments.last_mut().unwrap() = "-1";
    place.run(2, &arguments);

    let events = path("scenario.csv");
    let events = events.to_str().unwrap();
    place.run(0, &["contract", "replay", events, "--out", "states.csv"]);
    let mut states = csv::Reader::from_path(place.path("states.csv")).unwrap();
    let states: Vec<Row> = states.deserialize().map(Result::unwrap).collect();
    for (state, row) in states.iter().zip(rows("scenario.csv")) {
        for column in ["staked_after", "conviction_now", "threshold", "executable"] {
            assert_eq!(state[column], row[column]);
        }
    }
    let text = std::fs::read_to_string(events).unwrap();
    let (header, first) = (text.lines().next().unwrap(), text.lines().nth(2).unwrap());
    place.file("overdrawn.csv", &format!("{header}\n{first}\n"));
    let (_, err) = place.run(2, &["contract", "replay", "overdrawn.csv"]);
    assert!(err.contains("overdrawn.csv:2: voter 1 withdraws"), "{err}");
    place.file("wrong.csv", &text.replace(",stake,", ",steak,"));
    let (_, err) = place.run(2, &["contract", "replay", "wrong.csv"]);
    assert!(
        err.contains("wrong.csv:2: action: found \"steak\""),
        "{err}"
    );
}
