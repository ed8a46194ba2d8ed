//! Runs that start from a history: with nobody acting, conviction and thresholds are those that a replay of the same
//! history gives for checks at later blocks.

use crate::runs::{Left, simulate};
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use conviction::contract::one_hive::OneHive;
use conviction::contract::{OpenProposal, U256, real};
use conviction::engine::Setting;
use conviction::model;
use conviction::study::execute::collect;
use conviction::study::{Plan, Single, Spec};
use conviction::voting::conviction::{Conviction, ProposalRows, RunProposalRows};
use conviction::voting::history::snapshot;
use conviction::voting::mechanism::Chain;
use conviction::voting::supply::SupplyRows;
use conviction::voting::support::{Deciding, SupportEdgeRows};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
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
    // A paused contract executes nothing; runs know no pause.
    let convinces = |of: &Expected| of.threshold.is_some_and(|least| of.conviction > least);
    let paused =
        |of: &OpenProposal, day: &Expected| of.is_payable && convinces(day) && !day.executable;
    let all = expected.iter().filter_map(|((number, _), day)| {
        let place = state.place(*number)?;
        Some((&state.proposals[place], day))
    });
    if all.into_iter().any(|(of, day)| paused(of, day)) {
        return 0;
    }
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
            let threshold = f64::from(threshold);
            let expected = f64::from(expected.conviction) / threshold;
            // Integers of a few digits are rounded by themselves.
            let tolerance = 1e-6 * expected + 2.0 * (1.0 + expected) / threshold;
            assert!(
                (share - expected).abs() <= tolerance,
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

/// The decay of a history applies per actual block, whatever block time its settings assumed.
#[test]
fn the_decay_of_a_history_follows_from_the_actual_block_time() {
    let (header, histories) = recorded();
    let folder = TempDir::new().unwrap();
    let rows = &histories["11"];
    let text: Vec<_> = rows.iter().map(|(_, row)| row.as_str()).collect();
    let text = format!("{header}\n{}\n", text.join("\n"));
    fs::write(folder.path().join("history.csv"), text).unwrap();
    let alpha = |chain: &str| {
        let at = rows[40].0;
        let text = format!("[initial]\nhistory = \"history.csv\"\nat = {at}\n[chain]\n{chain}");
        let spec = Spec::parse_run(&model(), &text, "spec.toml", folder.path()).unwrap();
        spec.base.group::<Conviction>().alpha
    };
    let fast = alpha("block_time_seconds = 5.0");
    let assumed = "block_time_seconds = 5.0\nassumed_block_time_seconds = 15.0";
    assert_eq!(alpha(assumed), fast);
    assert!(alpha("block_time_seconds = 15.0") > fast);
}

/// The example of the page does what the page says: each open proposal is followed day by day.
#[test]
fn the_example_of_the_page_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/histories.md")).unwrap();
    let example = page.split("```toml\n").nth(1).unwrap();
    let example = example
        .split("```")
        .next()
        .unwrap()
        .replace("replicates = 200", "replicates = 20");
    let spec = Spec::parse(&model(), &example, "forecast.toml", root).unwrap();
    let state = snapshot(&spec.base).unwrap();
    let open = state.proposals.len();
    let (replicates, days) = (20, 61);
    let plan = Plan::new(spec).unwrap();
    assert_eq!(plan.warnings, [""; 0]);
    let collected = collect(&plan, 2, &(), &AtomicBool::new(false)).unwrap();
    let (table, rows) = collected.tables.last().unwrap();
    assert_eq!((table.name, collected.failed), ("open", 0));
    let count: usize = rows.iter().map(RecordBatch::num_rows).sum();
    assert_eq!(count, replicates * days * open);
    let passed = rows
        .iter()
        .map(|rows| rows["has_passed"].as_boolean().true_count());
    let passed: usize = passed.sum();
    assert!((1..count).contains(&passed), "{passed} of {count}");
}

/// What is wrong with a spec of a run that starts from a history: `history` and `initial` are the rest of the file.
fn faults(history: Option<&str>, initial: &str) -> String {
    let folder = TempDir::new().unwrap();
    if let Some(history) = history {
        fs::write(folder.path().join("history.csv"), history).unwrap();
    }
    let text = format!("[initial]\nhistory = \"history.csv\"\n{initial}");
    let fault = Spec::parse_run(&model(), &text, "spec.toml", folder.path()).err();
    fault.expect("a spec that is refused").to_string()
}

#[test]
fn faults_name_file_key_value_and_fix() {
    let example =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("sweeps/history.csv"))
            .unwrap();
    let example = example.as_str();
    let replaced = |from: &str, to: &str| {
        assert!(example.contains(from));
        example.replacen(from, to, 1)
    };
    let header = example.lines().next().unwrap();
    // Without recorded results, of which the first would differ.
    let events = |from: &str, to: &str| {
        let cells = |line: &str| line.split(',').take(13).collect::<Vec<_>>().join(",");
        let lines: Vec<_> = replaced(from, to).lines().map(cells).collect();
        lines.join("\n") + "\n"
    };
    let settings = format!(
        "{header}\n,,7,settings,,,,,,9999799,2000000,2500,0{}\n",
        ",".repeat(10)
    );
    for (history, initial, expected) in [
        (
            None,
            "",
            &["initial.history", "history.csv: cannot be read"][..],
        ),
        (
            Some(example.to_owned()),
            "at = 19999999",
            &[
                "block 19999999 is before the first event, in block 20000000; choose block 20000000 or later",
            ],
        ),
        (
            Some(example.to_owned()),
            "at = \"late\"",
            &["initial.at", "expected a whole number, found \"late\""],
        ),
        (
            Some(example.to_owned()),
            "at = -1",
            &["initial.at", "expected a whole number, found -1"],
        ),
        (Some(format!("{header}\n")), "", &["holds no events"]),
        (
            Some(settings),
            "",
            &["no account holds tokens in block 7; add rows of kind supply"],
        ),
        (
            Some(replaced("stake,2", "stack,2")),
            "",
            &["kind: found \"stack\", expected settings, supply"],
        ),
        (
            Some(replaced("640000000000000000000", "64e19")),
            "",
            &["history.csv:5: amount: found \"64e19\", expected a whole number below 2^256"],
        ),
        (
            Some(replaced(
                "5000000000000000000000,0\n",
                "5000000000000000000001,0\n",
            )),
            "",
            &[
                "history.csv:3: funds_after: recorded 5000000000000000000001, computed 5000000000000000000000",
            ],
        ),
        (
            Some(example.replace("\n,", "\n1,").replacen("\n1,", "\n2,", 1)),
            "",
            &["holds 2 histories; keep the rows of one"],
        ),
        (
            Some(events("9999799,2000000", "9999799,12000000")),
            "",
            &[
                "beta",
                "follows from max_ratio = 12000000 in block",
                "expected a number above 0",
            ],
        ),
        (
            Some(events("9999799", "10000000")),
            "",
            &["alpha", "follows from decay = 10000000"],
        ),
        (
            Some(example.to_owned()),
            "participants = 3",
            &[
                "initial.participants",
                "is 3, but the history has ",
                "remove the key",
            ],
        ),
        (
            Some(example.to_owned()),
            "supply = 5000",
            &["initial.supply", "is 5000, but the history has"],
        ),
        (
            Some(example.to_owned()),
            "[model]\nrules = \"v3\"",
            &["rules.accounting", "for which initial.history has no rules"],
        ),
        (
            Some(example.to_owned()),
            "[holdings]\nlaw = \"equal\"",
            &["holdings.law", "initial.history lists what holders have"],
        ),
        (
            Some(example.to_owned()),
            "[history]\nstate = \"\"",
            &["history.state: set twice; keep one"],
        ),
    ] {
        let found = faults(history.as_deref(), initial);
        for expected in expected {
            assert!(
                found.contains(expected),
                "{initial}: {expected} is not in\n{found}"
            );
        }
    }
    let alone = Spec::parse_run(&model(), "[initial]\nat = 7\n", "spec.toml", Path::new(""));
    let alone = alone.err().unwrap().to_string();
    assert!(
        alone.contains("initial.at") && alone.contains("set initial.history as well"),
        "{alone}"
    );
    let misspelt = Spec::parse_run(
        &model(),
        "[initial]\nhistroy = \"a\"\n",
        "spec.toml",
        Path::new(""),
    );
    let misspelt = misspelt.err().unwrap().to_string();
    assert!(
        misspelt.contains("did you mean initial.history?"),
        "{misspelt}"
    );
}

/// Whoever acts on the first day goes on supporting what they support, and what they hold stays theirs.
#[test]
fn participants_would_support_what_they_are_seen_to_support() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = "[initial]\nhistory = \"sweeps/history.csv\"\nat = 20345000\n[chain]\nblock_time_seconds = 5.0\n";
    let mut spec = Spec::parse_run(&model(), text, "spec.toml", root).unwrap();
    let deciding: Deciding = spec.base.group();
    let state = snapshot(&spec.base).unwrap();
    let mut supported = 0;
    for world in 0..20 {
        let mut left = simulate(
            &spec.model,
            &["support_edges", "participants"],
            &spec.base,
            5,
            world,
        );
        let edges: SupportEdgeRows = left.rows("support_edges");
        let mut of_person: BTreeMap<u32, Vec<(f64, f64)>> = BTreeMap::new();
        for row in (0..edges.day.len()).filter(|&row| edges.day[row] == 0) {
            let of = of_person.entry(edges.participant[row]).or_default();
            of.push((edges.affinity[row], edges.tokens[row]));
        }
        for (person, edges) in &of_person {
            let greatest = edges
                .iter()
                .fold(-1.0, |most: f64, (affinity, _)| most.max(*affinity));
            let cutoff = (deciding.sensitivity * greatest).max(deciding.lowest_affinity_to_support);
            let staked: f64 = edges.iter().map(|(_, tokens)| tokens).sum();
            let own = &state.holders[*person as usize];
            let expected: f64 = own.stakes.iter().map(|(_, stake)| real(*stake)).sum();
            assert!((staked - expected).abs() < 1e-9);
            for (affinity, _) in edges.iter().filter(|(_, tokens)| *tokens > 0.0) {
                assert!(*affinity > cutoff, "world {world}: {affinity} {cutoff}");
                supported += 1;
            }
        }
    }
    assert!(supported > 100, "{supported}");
    // What the spec says overrides the history.
    spec.assign(&[
        "half_life_days=9".to_owned(),
        "initial.funds=9000".to_owned(),
    ])
    .unwrap();
    let left = simulate(&spec.model, &["days"], &spec.base, 5, 0).rows::<SupplyRows>("days");
    assert_eq!(left.funds[0], 9000.0);
    let held: f64 = state
        .holders
        .iter()
        .map(|holder| real(holder.balance))
        .sum();
    assert!((left.effective_supply[0] - held).abs() < 1e-6);
}
