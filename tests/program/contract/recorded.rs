//! Every recorded row of both versions of Gardens v2, and every recorded history.

use super::{Row, path, rows, whole};
use conviction::contract::gardens2::{
    self, Gardens2, PointChange, Rebalance, Snapshot, Streamed, Version,
};
use conviction::contract::one_hive::OneHive;
use conviction::contract::{Contract, U256};
use conviction::input::{ReplayError, histories_with, replay};
use std::collections::BTreeMap;
use std::fmt::Display;

pub fn text<R: Display>(computed: Result<U256, R>) -> String {
    match computed {
        Ok(value) => value.to_string(),
        Err(revert) => format!("revert: {revert}"),
    }
}

fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(row: &Row, column: &str) -> T {
    row[column].parse().unwrap()
}

#[test]
fn convictions_of_gardens2() {
    let rows = rows("gardens2/conviction.csv");
    assert_eq!(rows.len(), 192);
    for row in rows {
        let [decay, time_passed, last, amount] =
            ["decay", "time_passed", "last_conviction", "amount"].map(|column| whole(&row, column));
        let computed = gardens2::conviction(decay, time_passed, last, amount);
        assert_eq!(text(computed), row["conviction"], "{row:?}");
    }
}

#[test]
fn thresholds_of_gardens2() {
    let rows = rows("gardens2/threshold.csv");
    assert_eq!(rows.len(), 205);
    for row in rows {
        let computed = gardens2::threshold(&gardens2::ThresholdQuery {
            decay: whole(&row, "decay"),
            max_ratio: whole(&row, "max_ratio"),
            weight: whole(&row, "weight"),
            min_threshold_points: whole(&row, "min_threshold_points"),
            pool_amount: whole(&row, "pool_amount"),
            total_points: whole(&row, "total_points"),
            requested: whole(&row, "requested"),
        });
        assert_eq!(text(computed), row["threshold"], "{row:?}");
    }
}

#[test]
fn auxiliary_functions_of_gardens2() {
    let rows = rows("gardens2/auxiliary.csv");
    assert_eq!(rows.len(), 67);
    for row in rows {
        let (decay, amount) = (whole(&row, "decay"), whole(&row, "amount"));
        let computed = match row["function"].as_str() {
            "calculateThresholdOverride" => gardens2::threshold_floor(decay, amount),
            "getMaxConviction" => gardens2::maximum_conviction(decay, amount),
            other => panic!("{other}"),
        };
        assert_eq!(text(computed), row["result"], "{row:?}");
    }
}

#[test]
fn points_of_gardens2() {
    let rows = rows("gardens2/points.csv");
    assert_eq!(rows.len(), 255);
    for row in rows {
        let computed = gardens2::points(&PointChange {
            direction: number(&row, "direction"),
            point_system: number(&row, "point_system"),
            member_power: whole(&row, "member_power"),
            member_staked: whole(&row, "member_staked"),
            amount: whole(&row, "amount"),
            max_amount: whole(&row, "max_amount"),
            token_decimals: number(&row, "token_decimals"),
        });
        assert_eq!(text(computed), row["points"], "{row:?}");
    }
}

#[test]
fn weighted_averages_of_gardens2() {
    let rows = rows("gardens2/weighted_average.csv");
    assert_eq!(rows.len(), 92);
    for row in rows {
        let [snapshot, now, elapsed, decay] =
            ["snapshot", "now", "elapsed", "decay"].map(|column| whole(&row, column));
        let computed = gardens2::weighted_average(snapshot, now, elapsed, decay);
        assert_eq!(text(computed), row["result"], "{row:?}");
    }
}

fn rebalances(name: &str, version: Version, count: usize) {
    let rows = rows(name);
    assert_eq!(rows.len(), count);
    for row in rows {
        let proposals = row["proposals"].split(';').filter(|one| !one.is_empty());
        let proposals = proposals.map(|text| Streamed::parse(text, version).unwrap());
        let pool_snapshot = match version {
            Version::V15ad374 => Snapshot::default(),
            Version::Va75a6efe2 => Snapshot {
                points: whole(&row, "pool_snapshot"),
                block: number(&row, "pool_snapshot_block"),
            },
        };
        let computed = gardens2::rebalance(&Rebalance {
            version,
            settings: gardens2::Settings {
                decay: whole(&row, "decay"),
                max_ratio: whole(&row, "max_ratio"),
                weight: whole(&row, "weight"),
                min_threshold_points: whole(&row, "min_threshold_points"),
            },
            points_activated: whole(&row, "points_activated"),
            pool_snapshot,
            pool_balance: whole(&row, "pool_balance"),
            pool_decimals: number(&row, "pool_decimals"),
            super_balance: whole(&row, "super_balance"),
            super_decimals: number(&row, "super_decimals"),
            rate: whole(&row, "rate"),
            block: number(&row, "block"),
            proposals: proposals.collect(),
        });
        let (flow, units) = match computed {
            Ok(rebalanced) => {
                let units: Vec<_> = rebalanced.units.iter().map(U256::to_string).collect();
                (rebalanced.flow.to_string(), units.join(";"))
            }
            Err(revert) => (format!("revert: {revert}"), String::new()),
        };
        assert_eq!((&flow, &units), (&row["flow"], &row["units"]), "{row:?}");
    }
}

#[test]
fn rebalances_of_streaming_pools() {
    rebalances("gardens2/streaming.csv", Version::V15ad374, 120);
    rebalances("gardens2/streaming-a75a6efe2.csv", Version::Va75a6efe2, 74);
}

/// The states that a replay of a recorded file writes.
fn replayed<C: Contract>(name: &str, start: impl Fn(&str) -> C) -> (String, Option<ReplayError>) {
    let mut table = csv::Writer::from_writer(Vec::new());
    let replayed = replay(&path(name), start, |row| Ok(table.write_record(row)?));
    let states = String::from_utf8(table.into_inner().unwrap()).unwrap();
    (states, replayed.err())
}

/// Expects a replay to write a recorded file again, to the last digit.
fn is_replayed<C: Contract>(name: &str, count: usize, start: impl Fn(&str) -> C) {
    let recorded = std::fs::read_to_string(path(name)).unwrap();
    let (states, error) = replayed(name, start);
    assert!(error.is_none(), "{}", error.unwrap());
    for (line, (state, recorded)) in (1..).zip(states.lines().zip(recorded.lines())) {
        assert_eq!(state, recorded, "{name}:{line}");
    }
    assert_eq!(states.lines().count(), count + 1);
    assert_eq!(recorded.lines().count(), count + 1);
}

#[test]
fn histories_of_1hive() {
    is_replayed("histories/history.csv", 1816, |_| OneHive::default());
    is_replayed("histories/history-extra.csv", 494, |_| OneHive::default());
}

/// A pool whose version is this, or the older one up to its upgrade.
fn pool(name: &str, version: Version) -> impl Fn(&str) -> Gardens2 {
    let upgraded = histories_with(&path(name), "upgrade").unwrap();
    move |history| {
        let begins = match upgraded.contains(history) {
            true => Version::V15ad374,
            false => version,
        };
        Gardens2::new(begins, version)
    }
}

const OLD: &str = "gardens2/history.csv";
const NEW: &str = "gardens2/history-a75a6efe2.csv";

#[test]
fn histories_of_gardens2() {
    is_replayed(OLD, 1717, pool(OLD, Version::V15ad374));
    is_replayed(NEW, 869, pool(NEW, Version::Va75a6efe2));
}

/// The first row on which a replay under another version differs, by its line, and its column.
fn first_difference(name: &str, version: Version) -> (u64, &'static str) {
    let (states, error) = replayed(name, |_| Gardens2::new(version, version));
    let Some(ReplayError::Differs { line, column, .. }) = error else {
        panic!("{error:?}");
    };
    // The states end with that row.
    assert_eq!(states.lines().count() as u64, line);
    (line, column)
}

/// What the two versions store of a proposal differs from its creation on.
#[test]
fn a_wrong_version_differs_at_the_first_proposal() {
    let created = |name: &str, is_known: &dyn Fn(&Row) -> bool| {
        let rows = rows(name);
        let first = rows
            .iter()
            .position(|row| row["kind"] == "propose" && is_known(row));
        first.unwrap() as u64 + 2
    };
    let with_points = |row: &Row| row["points_activated"] != "0";
    let line = created(OLD, &with_points);
    assert_eq!(
        first_difference(OLD, Version::Va75a6efe2),
        (line, "snapshot")
    );
    let activated = rows(NEW)
        .iter()
        .position(|row| row["kind"] == "activate")
        .unwrap() as u64
        + 2;
    let (line, _) = first_difference(NEW, Version::V15ad374);
    assert!(line <= created(NEW, &with_points), "{line} {activated}");
}

/// A row of a recorded file is altered, one column at a time: the replay names it.
#[test]
fn an_altered_row_is_named() {
    let text = std::fs::read_to_string(path(OLD)).unwrap();
    let header: Vec<_> = text.lines().next().unwrap().split(',').collect();
    let recorded = rows(OLD);
    let place = tempfile::tempdir().unwrap();
    let mut altered_kinds = BTreeMap::new();
    for (index, row) in recorded.iter().enumerate().step_by(23) {
        for column in [
            "ok",
            "conviction_now",
            "threshold",
            "executable",
            "points_activated",
            "voter_points",
        ] {
            if row[column].is_empty() {
                continue;
            }
            let wrong = match row[column].as_str() {
                "0" => "1".to_owned(),
                "1" => "0".to_owned(),
                other => format!("{other}0"),
            };
            let lines = text.lines().enumerate().map(|(line, of)| {
                if line != index + 1 {
                    return of.to_owned();
                }
                let at = header.iter().position(|name| *name == column).unwrap();
                let mut cells: Vec<_> = of.split(',').map(str::to_owned).collect();
                cells[at].clone_from(&wrong);
                cells.join(",")
            });
            let file = place.path().join("altered.csv");
            std::fs::write(&file, lines.collect::<Vec<_>>().join("\n")).unwrap();
            let start = |_: &str| Gardens2::new(Version::V15ad374, Version::V15ad374);
            let error = replay(&file, start, |_| Ok(())).unwrap_err();
            let ReplayError::Differs {
                line,
                column: named,
                recorded,
                computed,
                ..
            } = error
            else {
                panic!("{error}");
            };
            assert_eq!((line, named), (index as u64 + 2, column));
            assert_eq!(recorded, wrong);
            assert!(computed.starts_with(row[column].as_str()), "{computed}");
            *altered_kinds.entry(row["kind"].clone()).or_insert(0) += 1;
        }
    }
    assert!(altered_kinds.len() > 6, "{altered_kinds:?}");
}
