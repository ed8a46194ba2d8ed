//! Runs that start from a history: with nobody acting, conviction and thresholds are those that a replay of the same
//! history gives for checks at later blocks.

use crate::runs::{Left, simulate};
use conviction::contract::one_hive::OneHive;
use conviction::contract::{U256, real};
use conviction::engine::Setting;
use conviction::model;
use conviction::study::{Single, Spec};
use conviction::voting::conviction::{ProposalRows, RunProposalRows};
use conviction::voting::history::snapshot;
use conviction::voting::mechanism::Chain;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// How many days runs last.
const DAYS: u32 = 12;

/// The recorded histories: the header, and the rows of each, with their blocks.
fn recorded() -> (String, BTreeMap<String, Vec<(u64, String)>>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/histories");
    let mut histories: BTreeMap<String, Vec<(u64, String)>> = BTreeMap::new();
    let mut header = String::new();
    for file in ["history.csv", "history-extra.csv"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        for (place, line) in text.lines().enumerate() {
            if place == 0 {
                header = line.to_owned();
                continue;
            }
            let mut cells = line.split(',');
            let (name, block) = (cells.next().unwrap(), cells.nth(1).unwrap());
            let rows = histories.entry(name.to_owned()).or_default();
            rows.push((block.parse().unwrap(), line.to_owned()));
        }
    }
    (header, histories)
}

/// The setting of runs in which nobody acts, from a history in a folder.
fn idle(folder: &Path, at: u64, seconds: f64, more: &str) -> Result<Spec, String> {
    let text = format!(
        "days = {DAYS}\n[initial]\nhistory = \"history.csv\"\nat = {at}\n[chain]\nblock_time_seconds = {seconds:?}\n\
         [model]\nbase_engagement_rate = 0.0\n{more}"
    );
    let spec = Spec::parse_run(&model(), &text, "spec.toml", folder);
    spec.map_err(|error| error.to_string())
}

/// A proposal at the end of a day, as the contract has it.
struct Expected {
    conviction: U256,
    /// `None` where the contract reverts, or for a request of 0.
    threshold: Option<U256>,
    executable: bool,
}

/// What a replay says of the open proposals at blocks after the last row.
fn replayed(
    folder: &Path,
    header: &str,
    rows: &[&(u64, String)],
    numbers: &[u64],
    blocks: &[u64],
) -> BTreeMap<(u64, u64), Expected> {
    let mut text = header.to_owned() + "\n";
    rows.iter()
        .for_each(|(_, row)| text += &(row.clone() + "\n"));
    let name = rows[0].1.split(',').next().unwrap();
    for block in blocks {
        for number in numbers {
            writeln!(text, "{name},,{block},check,{number}{}", ",".repeat(18)).unwrap();
        }
    }
    let path = folder.join("checked.csv");
    fs::write(&path, text).unwrap();
    let mut expected = BTreeMap::new();
    let mut row = 0;
    conviction::input::replay(
        &path,
        |_| OneHive::default(),
        |cells| {
            // The header comes first.
            if row > rows.len() {
                let number = |place: usize| cells[place].parse::<U256>().ok();
                let key = (cells[4].parse().unwrap(), cells[2].parse().unwrap());
                let found = Expected {
                    conviction: number(18).unwrap(),
                    threshold: number(19),
                    executable: &cells[20] == "1",
                };
                expected.insert(key, found);
            }
            row += 1;
            Ok(())
        },
    )
    .unwrap();
    expected
}

fn tables(setting: &Setting, spec: &Spec) -> Left {
    simulate(&spec.model, &["proposals", "run_proposals"], setting, 3, 0)
}

#[test]
fn idle_runs_from_recorded_histories_are_what_a_replay_gives() {
    let (header, histories) = recorded();
    let folder = TempDir::new().unwrap();
    let (mut compared, mut passed, mut refused, mut in_real) = (0, 0, 0, 0);
    for (name, rows) in &histories {
        let text: Vec<_> = rows.iter().map(|(_, row)| row.as_str()).collect();
        let text = format!("{header}\n{}\n", text.join("\n"));
        fs::write(folder.path().join("history.csv"), text).unwrap();
        let last = rows.last().unwrap().0;
        let blocks: Vec<u64> = [
            rows[rows.len() / 3].0,
            rows[2 * rows.len() / 3].0,
            last,
            last + 17,
        ]
        .into();
        for (place, &at) in blocks.iter().enumerate() {
            // Blocks that divide a day, and some that do not.
            let seconds = [86_400.0, 15.0, 29_000.0, 5.2][place];
            let more = "arithmetic = \"contract\"\ntmin = 1e6\n";
            let spec = match idle(folder.path(), at, seconds, more) {
                Ok(spec) => spec,
                Err(error) => {
                    let named = ["alpha", "beta", "rho", "share", "initial."];
                    assert!(
                        named.iter().any(|key| error.contains(key)),
                        "{name} at {at}: {error}"
                    );
                    refused += 1;
                    continue;
                }
            };
            let setting = &spec.base;
            let state = snapshot(setting).unwrap();
            let chain: Chain = setting.group();
            let per_day = chain.blocks_per_day();
            let block = |day: u32| at + chain.blocks(day + 1) - chain.blocks(1);
            let numbers: Vec<u64> = state.proposals.iter().map(|of| of.number).collect();
            let ends: Vec<u64> = (0..=DAYS).map(block).collect();
            let until: Vec<_> = rows.iter().filter(|(block, _)| *block <= at).collect();
            let expected = replayed(folder.path(), &header, &until, &numbers, &ends);
            let people = state.holders.len() as u32;
            let found: ProposalRows = tables(setting, &spec).rows("proposals");
            for (row, (&day, &id)) in found.day.iter().zip(&found.proposal).enumerate() {
                let Some(of) = state
                    .proposals
                    .get((id - people) as usize)
                    .filter(|_| id >= people)
                else {
                    continue;
                };
                let place = || format!("{name} at {at}: proposal {}, day {day}", of.number);
                let expected = &expected[&(of.number, block(day))];
                let conviction = real(expected.conviction) / per_day;
                assert_eq!(found.conviction[row], Some(conviction), "{}", place());
                match (found.trigger[row], expected.threshold) {
                    _ if !of.is_payable => {}
                    (Some(found), Some(expected)) => {
                        let ratio = found / (real(expected) / per_day);
                        assert!((ratio - 1.0).abs() < 1e-9, "{}: {ratio}", place());
                        compared += 1;
                    }
                    (None, None) => {}
                    (found, expected) => panic!("{}: {found:?} {expected:?}", place()),
                }
            }
            passed += as_executable(&spec, folder.path(), at, seconds, &expected, name);
            in_real += as_in_real_numbers(folder.path(), at, seconds, &expected);
        }
    }
    assert!(
        compared > 2000 && passed > 10 && in_real > 1000,
        "{compared} compared, {passed} passed, {in_real} in real numbers, {refused} refused"
    );
}

/// Proposals pass on the day on which the replay says that they can be executed, with its conviction and threshold
/// to the last unit. What passes first changes the pool for the others.
fn as_executable(
    spec: &Spec,
    folder: &Path,
    at: u64,
    seconds: f64,
    expected: &BTreeMap<(u64, u64), Expected>,
    name: &str,
) -> usize {
    let state = snapshot(&spec.base).unwrap();
    let setting = idle(folder, at, seconds, "arithmetic = \"contract\"\n")
        .unwrap()
        .base;
    let chain: Chain = setting.group();
    let begins = |day: u32| at + chain.blocks(day) - chain.blocks(1);
    let ends: RunProposalRows = tables(&setting, spec).rows("run_proposals");
    let people = state.holders.len();
    let first = (1..=DAYS).find(|&day| {
        let mut open = state.proposals.iter();
        open.any(|of| expected[&(of.number, begins(day))].executable)
    });
    let passed = |place: usize| ends.day_passed[place];
    let open = || (0..ends.proposal.len()).filter(|&row| ends.proposal[row] as usize >= people);
    let open = || open().take(state.proposals.len());
    let of_first = open().filter(|&row| passed(row).is_some_and(|day| Some(day) == first));
    // The strongest is executed first, with the pool as the replay has it.
    let strongest = of_first.max_by(|&a, &b| {
        let conviction = |row: usize| ends.conviction_passed[row].unwrap();
        conviction(a).total_cmp(&conviction(b))
    });
    let any = open().filter_map(passed).min();
    assert_eq!(any, first, "{name} at {at}");
    let Some(row) = strongest else {
        return 0;
    };
    let of = &state.proposals[ends.proposal[row] as usize - people];
    let expected = &expected[&(of.number, begins(first.unwrap()))];
    let per_day = chain.blocks_per_day();
    assert_eq!(
        ends.conviction_passed[row],
        Some(real(expected.conviction) / per_day)
    );
    let threshold = real(expected.threshold.unwrap()) / per_day;
    assert_eq!(ends.trigger_passed[row], Some(threshold), "{name} at {at}");
    1
}

/// In real numbers the share of the trigger is the same but for roundings, and for blocks that do not divide a day.
fn as_in_real_numbers(
    folder: &Path,
    at: u64,
    seconds: f64,
    expected: &BTreeMap<(u64, u64), Expected>,
) -> usize {
    if 86_400.0 % seconds != 0.0 {
        return 0;
    }
    let spec = idle(folder, at, seconds, "tmin = 1e6\n").unwrap();
    let state = snapshot(&spec.base).unwrap();
    let chain: Chain = spec.base.group();
    let people = state.holders.len() as u32;
    let found: ProposalRows = tables(&spec.base, &spec).rows("proposals");
    let mut compared = 0;
    for (row, (&day, &id)) in found.day.iter().zip(&found.proposal).enumerate() {
        let Some(of) = state
            .proposals
            .get((id - people) as usize)
            .filter(|_| id >= people)
        else {
            continue;
        };
        let block = at + chain.blocks(day + 1) - chain.blocks(1);
        let expected = &expected[&(of.number, block)];
        if let (true, Some(trigger), Some(threshold)) =
            (of.is_payable, found.trigger[row], expected.threshold)
        {
            let share = found.conviction[row].unwrap() / trigger;
            let expected = f64::from(expected.conviction) / f64::from(threshold);
            // A threshold of a few digits is rounded by itself.
            let tolerance = 1e-6 + 2.0 / f64::from(threshold);
            assert!(
                (share - expected).abs() <= tolerance * expected,
                "at {at}, day {day}: {share} {expected}"
            );
            compared += 1;
        }
    }
    compared
}

/// The text of a run says all: it needs no file.
#[test]
fn a_resolved_spec_holds_the_state() {
    let (header, histories) = recorded();
    let folder = TempDir::new().unwrap();
    let rows = &histories["11"];
    let text: Vec<_> = rows.iter().map(|(_, row)| row.as_str()).collect();
    fs::write(
        folder.path().join("history.csv"),
        format!("{header}\n{}\n", text.join("\n")),
    )
    .unwrap();
    let spec = idle(folder.path(), rows[40].0, 15.0, "").unwrap();
    fs::remove_file(folder.path().join("history.csv")).unwrap();
    let again = Spec::parse_run(
        &model(),
        &Single::of(&spec).text(),
        "again.toml",
        Path::new(""),
    )
    .unwrap();
    assert_eq!(again.base, spec.base);
    assert_eq!(again.run_text(), spec.run_text());
}
