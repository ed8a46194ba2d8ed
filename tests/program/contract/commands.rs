//! `conviction contract` under each contract, as typed.

use super::{Row, path, rows};
use crate::common::Place;

const OLD: &str = "gardens2-15ad374";
const NEW: &str = "gardens2-a75a6efe2";

/// The options of a command that are named like the columns of a row.
fn options(row: &Row, columns: &[&str]) -> Vec<String> {
    let option = |column: &&str| format!("--{}={}", column.replace('_', "-"), row[*column]);
    columns.iter().map(option).collect()
}

/// Runs a command on every so many rows of a file, and expects what was recorded.
fn every(step: usize, name: &str, of: &str, command: &str, columns: &[&str], results: &[&str]) {
    let place = Place::new();
    for row in rows(name).iter().step_by(step) {
        let options = options(row, columns);
        let mut arguments = vec!["contract", "--of", of, command];
        arguments.extend(options.iter().map(String::as_str));
        let reverts = row[results[0]].starts_with("revert");
        let (out, err) = place.run(i32::from(reverts), &arguments);
        if reverts {
            assert_eq!(err, format!("error: {}\n", row[results[0]]));
        } else {
            let recorded: Vec<_> = results.iter().map(|column| row[*column].as_str()).collect();
            assert_eq!(out, format!("{}\n", recorded.join("\n")), "{row:?}");
        }
    }
}

#[test]
fn commands_of_gardens2_give_what_was_recorded() {
    let conviction = ["decay", "time_passed", "last_conviction", "amount"];
    every(
        40,
        "gardens2/conviction.csv",
        OLD,
        "conviction",
        &conviction,
        &["conviction"],
    );
    let threshold = [
        "decay",
        "max_ratio",
        "weight",
        "min_threshold_points",
        "pool_amount",
        "total_points",
        "requested",
    ];
    every(
        40,
        "gardens2/threshold.csv",
        NEW,
        "threshold",
        &threshold,
        &["threshold"],
    );
    let points = [
        "direction",
        "point_system",
        "member_power",
        "member_staked",
        "amount",
        "max_amount",
        "token_decimals",
    ];
    every(
        40,
        "gardens2/points.csv",
        OLD,
        "points",
        &points,
        &["points"],
    );
    let average = ["snapshot", "now", "elapsed", "decay"];
    every(
        20,
        "gardens2/weighted_average.csv",
        "gardens2",
        "weighted-average",
        &average,
        &["result"],
    );
    let mut streaming = vec![
        "decay",
        "max_ratio",
        "weight",
        "min_threshold_points",
        "points_activated",
        "pool_balance",
        "pool_decimals",
        "super_balance",
        "super_decimals",
        "rate",
        "block",
        "proposals",
    ];
    every(
        30,
        "gardens2/streaming.csv",
        OLD,
        "streaming",
        &streaming,
        &["flow", "units"],
    );
    streaming.extend(["pool_snapshot", "pool_snapshot_block"]);
    let new = "gardens2/streaming-a75a6efe2.csv";
    every(20, new, NEW, "streaming", &streaming, &["flow", "units"]);
}

/// Replays a recorded file, and expects it to be written again.
fn is_replayed(place: &Place, name: &str, of: &str) {
    let recorded = path(name);
    let events = recorded.to_str().unwrap();
    let arguments = [
        "contract",
        "replay",
        events,
        "--of",
        of,
        "--out",
        "states.csv",
    ];
    let (out, _) = place.run(0, &arguments);
    let recorded = std::fs::read_to_string(&recorded).unwrap();
    let events = recorded.lines().count() - 1;
    assert!(out.starts_with(&format!("{events} events of ")), "{out}");
    assert_eq!(
        std::fs::read_to_string(place.path("states.csv")).unwrap(),
        recorded
    );
}

#[test]
fn histories_are_written_again() {
    let place = Place::new();
    is_replayed(&place, "histories/history-extra.csv", "1hive");
    is_replayed(&place, "gardens2/history.csv", OLD);
    // Histories with an upgrade begin under the older version.
    is_replayed(&place, "gardens2/history-a75a6efe2.csv", "gardens2");
}

#[test]
fn a_replay_stops_at_the_first_difference() {
    let place = Place::new();
    let recorded = path("histories/history.csv");
    let text = std::fs::read_to_string(&recorded).unwrap();
    let rows = rows("histories/history.csv");
    let at = rows
        .iter()
        .position(|row| row["kind"] == "execute" && row["ok"] == "0")
        .unwrap();
    let lines: Vec<_> = text.lines().collect();
    // The contract refuses what is recorded as done.
    let cells: Vec<_> = lines[at + 1].split(',').collect();
    let mut done = cells.clone();
    (done[13], done[14]) = ("1", "");
    let mut altered = lines.clone();
    let done = done.join(",");
    altered[at + 1] = &done;
    place.file("done.csv", &altered.join("\n"));
    let (out, err) = place.run(1, &["contract", "replay", "done.csv"]);
    let reason = cells[14];
    let line = at + 2;
    let expected = format!("done.csv:{line}: ok: recorded 1, computed 0 ({reason})");
    assert!(err.contains(&expected), "{err}");
    // What was computed is shown up to and with that row.
    assert_eq!(out.lines().last(), Some(lines[at + 1]));
    // Nothing incomplete is left behind.
    place.run(
        1,
        &["contract", "replay", "done.csv", "--out", "states.csv"],
    );
    assert!(!place.path("states.csv").exists());
    // And the reverse.
    let at = rows
        .iter()
        .position(|row| row["kind"] == "execute" && row["ok"] == "1")
        .unwrap();
    let mut cells: Vec<_> = lines[at + 1].split(',').collect();
    cells[13] = "0";
    let mut altered = lines.clone();
    let refused = cells.join(",");
    altered[at + 1] = &refused;
    place.file("refused.csv", &altered.join("\n"));
    let (_, err) = place.run(1, &["contract", "replay", "refused.csv"]);
    let expected = format!("refused.csv:{}: ok: recorded 0, computed 1", at + 2);
    assert!(err.contains(&expected), "{err}");
}

#[test]
fn what_a_history_meets_is_noted() {
    let place = Place::new();
    let recorded = path("gardens2/history.csv");
    let arguments = [
        "contract",
        "replay",
        recorded.to_str().unwrap(),
        "--of",
        OLD,
        "--out",
        "a.csv",
    ];
    let (_, err) = place.run(0, &arguments);
    for part in [
        "before the change",
        "without an update",
        "a request of 0 executes",
    ] {
        assert!(
            err.lines()
                .any(|line| line.starts_with("note: line ") && line.contains(part)),
            "{err}"
        );
    }
}

#[test]
fn what_makes_no_sense_is_refused_by_name() {
    let place = Place::new();
    let refused = |arguments: &[&str], part: &str| {
        let (_, err) = place.run(2, arguments);
        assert!(err.contains(part), "{err}");
    };
    let points = [
        "--direction=increase",
        "--point-system=fixed",
        "--member-power=0",
    ];
    let points = [&points[..], &["--member-staked=0", "--amount=1"]].concat();
    refused(
        &[&["contract", "points"], &points[..]].concat(),
        "--of 1hive: has no points",
    );
    let average = ["--snapshot=1", "--now=2", "--elapsed=3", "--decay=4"];
    let of_old = [&["contract", "--of", OLD, "weighted-average"], &average[..]].concat();
    refused(
        &of_old,
        "has no weighted average; set it to gardens2-a75a6efe2",
    );
    let threshold = [
        "contract",
        "threshold",
        "--decay=1",
        "--max-ratio=1",
        "--weight=1",
        "--requested=1",
    ];
    refused(
        &threshold,
        "--min-threshold-stake-percentage, --funds, --total-supply, --total-staked: missing",
    );
    let of_new = [&threshold[..], &["--of=gardens2", "--funds=1"]].concat();
    refused(
        &of_new,
        "--min-threshold-points, --pool-amount, --total-points: missing",
    );
    let all = [
        "--min-threshold-points=1",
        "--pool-amount=1",
        "--total-points=1",
    ];
    refused(
        &[&of_new[..], &all].concat(),
        "--funds: unknown to --of gardens2-a75a6efe2",
    );
    let conviction = [
        "contract",
        "conviction",
        "--decay=1",
        "--last-conviction=1",
        "--amount=1",
    ];
    refused(
        &[&conviction[..], &["--time-passed=18446744073709551616"]].concat(),
        "--time-passed: too large",
    );

    place.file("no-block.csv", "kind,amount\nfunds,1\n");
    refused(
        &["contract", "replay", "no-block.csv"],
        "no-block.csv: column block missing",
    );
    place.file("kind.csv", "block,kind,amount\n1,funds,1\n2,join,1\n");
    refused(
        &["contract", "replay", "kind.csv"],
        "kind.csv:3: kind: found \"join\", expected settings, supply",
    );
    place.file("cell.csv", "block,kind,amount\n1,funds,\n");
    refused(
        &["contract", "replay", "cell.csv"],
        "cell.csv:2: amount: missing, expected a whole number",
    );
    place.file("back.csv", "block,kind,amount\n5,funds,1\n4,funds,1\n");
    refused(
        &["contract", "replay", "back.csv"],
        "back.csv:3: block: 4 follows 5",
    );
    let custom = "block,kind,decay,max_ratio,weight,min_threshold_points,point_system\n1,settings,1,1,1,1,custom\n";
    place.file("custom.csv", custom);
    let arguments = ["contract", "--of", "gardens2", "replay", "custom.csv"];
    refused(
        &arguments,
        "custom.csv:2: point_system: found \"custom\", expected fixed, capped",
    );
    // Histories of single proposals are 1Hive's.
    let scenario = path("scenario.csv");
    let arguments = [
        "contract",
        "--of",
        "gardens2",
        "replay",
        scenario.to_str().unwrap(),
    ];
    refused(&arguments, "scenario.csv: column kind: missing");
}

/// A history needs no recorded states, and no names of histories.
#[test]
fn a_plain_history_is_replayed() {
    let place = Place::new();
    let text = "block,kind,proposal,voter,amount,requested,decay,max_ratio,weight,min_threshold_stake_percentage\n\
                1,settings,,,,,9999599,2000000,20000,200000000000000000\n\
                1,supply,,ann,100,,,,,\n1,funds,,,1000,,,,,\n2,propose,,ann,,5,,,,\n3,stake,2,ann,100,,,,,\n";
    place.file("plain.csv", text);
    let (out, _) = place.run(0, &["contract", "replay", "plain.csv"]);
    let last = out.lines().last().unwrap();
    assert_eq!(
        last,
        ",,3,stake,2,ann,,100,,,,,,1,,100,0,3,0,131164,0,1000,100"
    );
}
