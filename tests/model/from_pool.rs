//! Runs that start from a history under Gardens v2: with nobody acting, conviction, points and thresholds are those
//! that a replay of the same history gives for checks at later blocks, to the last digit.

use crate::runs::{Left, simulate};
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use conviction::contract::gardens2::{Gardens2 as Pool, Version};
use conviction::contract::{U256, real};
use conviction::engine::{Batch, RunOf, Seeds};
use conviction::model;
use conviction::study::execute::collect;
use conviction::study::{Plan, Single, Spec};
use conviction::voting::conviction::{ProposalRows, RunProposalRows};
use conviction::voting::history::snapshot;
use conviction::voting::mechanism::{Capabilities, Chain, Gardens2};
use conviction::voting::participants::ParticipantRows;
use conviction::voting::supply::{InitialSupply, SupplyRows};
use conviction::voting::support::{Deciding, SupportEdgeRows};
use fearless_simd::Level;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

/// How many days runs last.
const DAYS: u32 = 12;

/// A recorded history.
struct Recorded {
    name: String,
    /// The header of its file.
    header: String,
    /// Version of the columns of its file.
    columns: Version,
    /// Rows, with their blocks.
    rows: Vec<(u64, String)>,
}

impl Recorded {
    /// Version under which it begins.
    fn begins(&self) -> Version {
        let is_upgrade = |(_, row): &(u64, String)| row.split(',').nth(3) == Some("upgrade");
        match self.rows.iter().any(is_upgrade) {
            true => Version::V15ad374,
            false => self.columns,
        }
    }

    /// Text of the history, with further rows.
    fn text(&self, until: u64, more: &str) -> String {
        let rows = self.rows.iter().filter(|(block, _)| *block <= until);
        let rows: Vec<_> = rows.map(|(_, row)| row.as_str()).collect();
        format!("{}\n{}\n{more}", self.header, rows.join("\n"))
    }

    fn write(&self, folder: &Path) {
        fs::write(folder.join("history.csv"), self.text(u64::MAX, "")).unwrap();
    }

    fn last(&self) -> u64 {
        self.rows.last().unwrap().0
    }
}

/// The recorded histories of a token with 18 decimals.
fn recorded() -> Vec<Recorded> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/gardens2");
    let mut found = Vec::new();
    for (file, columns) in [
        ("history.csv", Version::V15ad374),
        ("history-a75a6efe2.csv", Version::Va75a6efe2),
    ] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let (header, rows) = text.split_once('\n').unwrap();
        let mut histories: BTreeMap<&str, Vec<(u64, String)>> = BTreeMap::new();
        for row in rows.lines() {
            let mut cells = row.split(',');
            let (name, block) = (cells.next().unwrap(), cells.nth(1).unwrap());
            let of = histories.entry(name).or_default();
            of.push((block.parse().unwrap(), row.to_owned()));
        }
        found.extend(histories.into_iter().map(|(name, rows)| Recorded {
            name: format!("{file}, {name}"),
            header: header.to_owned(),
            columns,
            rows,
        }));
    }
    let has_18_decimals = |of: &Recorded| of.rows[0].1.split(',').nth(15) == Some("18");
    assert!(found.iter().any(|of| !has_18_decimals(of)));
    found.retain(has_18_decimals);
    found
}

/// The spec of a run from a history in a folder; without `at` from its end.
fn spec_of(folder: &Path, at: Option<u64>, seconds: f64, model_keys: &str) -> Result<Spec, String> {
    let at = at.map_or(String::new(), |at| format!("at = {at}\n"));
    let text = format!(
        "days = {DAYS}\n[initial]\nhistory = \"history.csv\"\n{at}[chain]\nblock_time_seconds = {seconds:?}\n[model]\n\
         {model_keys}"
    );
    let spec = Spec::parse_run(&model(), &text, "spec.toml", folder);
    spec.map_err(|error| error.to_string())
}

/// Nobody acts.
const IDLE: &str = "base_engagement_rate = 0.0\n";

/// A proposal at a block, as the contract has it.
struct Expected {
    conviction: U256,
    /// `None` where the contract reverts.
    threshold: Option<U256>,
    executable: bool,
}

/// A replay at later blocks.
struct Replayed {
    /// By number of a proposal, and block.
    proposals: BTreeMap<(u64, u64), Expected>,
    /// Points of the pool by block.
    points: BTreeMap<u64, U256>,
}

/// What a replay says of open proposals at blocks from that of the state on.
fn replayed(
    folder: &Path,
    of: &Recorded,
    at: u64,
    numbers: &[u64],
    blocks: impl Iterator<Item = u64>,
) -> Replayed {
    let mut checks = String::new();
    let after = ",".repeat(of.header.split(',').count() - 5);
    let name = of.rows[0].1.split(',').next().unwrap();
    for block in blocks {
        for number in numbers {
            writeln!(checks, "{name},,{block},check,{number}{after}").unwrap();
        }
    }
    let path = folder.join("checked.csv");
    fs::write(&path, of.text(at, &checks)).unwrap();
    let mut found = Replayed {
        proposals: BTreeMap::new(),
        points: BTreeMap::new(),
    };
    let (begins, mut header, mut row) = (of.begins(), Vec::new(), 0);
    let known = of.rows.iter().filter(|(block, _)| *block <= at).count();
    conviction::input::replay(
        &path,
        |_| Pool::new(begins, of.columns),
        |cells| {
            if row == 0 {
                header = cells.iter().map(str::to_owned).collect();
            } else if row > known {
                let place = |name: &str| header.iter().position(|column| column == name);
                let cell = |name: &str| place(name).map_or("", |place| &cells[place]);
                let number = |name: &str| {
                    let cell = cell(name);
                    (!cell.is_empty()).then(|| cell.parse::<U256>().ok())?
                };
                let block = cell("block").parse().unwrap();
                let expected = Expected {
                    conviction: number("conviction_now").unwrap(),
                    threshold: number("threshold"),
                    executable: cell("executable") == "1",
                };
                let proposal = cell("proposal").parse().unwrap();
                found.proposals.insert((proposal, block), expected);
                let points = number("pool_points").or(number("points_activated"));
                found.points.insert(block, points.unwrap());
            }
            row += 1;
            Ok(())
        },
    )
    .unwrap();
    found
}

fn tables(spec: &Spec, tables: &[&'static str]) -> Left {
    simulate(&spec.model, tables, &spec.base, 3, 0)
}

/// How much was compared.
#[derive(Debug, Default)]
struct Compared {
    thresholds: usize,
    weighted: usize,
    passed: usize,
    refused: usize,
    of_version: [usize; 2],
}

#[test]
fn idle_runs_from_recorded_pools_are_what_a_replay_gives() {
    let folder = TempDir::new().unwrap();
    let mut compared = Compared::default();
    for of in recorded() {
        of.write(folder.path());
        let third = of.rows.len() / 3;
        let blocks = [
            Some(of.rows[third].0),
            Some(of.rows[2 * third].0),
            None,
            Some(of.last() + 17),
        ];
        for (at, seconds) in blocks.into_iter().zip([86_400.0, 15.0, 29_000.0, 5.2]) {
            // The history implies the arithmetic.
            let spec = match spec_of(folder.path(), at, seconds, &format!("{IDLE}tmin = 1e12\n")) {
                Ok(spec) => spec,
                Err(error) => {
                    let named = ["alpha: ", "beta: ", "no account is a member", "is disabled"];
                    assert!(named.iter().any(|part| error.contains(part)), "{error}");
                    compared.refused += 1;
                    continue;
                }
            };
            let place = format!("{} at {at:?}", of.name);
            compare(&of, &spec, &place, folder.path(), &mut compared);
        }
    }
    let Compared {
        thresholds,
        weighted,
        passed,
        of_version: [before, after],
        ..
    } = compared;
    assert!(
        thresholds > 1000 && weighted > 50 && passed > 5 && before > 10 && after > 10,
        "{compared:?}"
    );
}

/// Compares an idle run, in which nothing passes, with the replay.
fn compare(of: &Recorded, spec: &Spec, place: &str, folder: &Path, compared: &mut Compared) {
    let state = snapshot(&spec.base).unwrap();
    let version = state.pool().unwrap().version;
    compared.of_version[version as usize] += 1;
    assert_eq!(Capabilities::of(&spec.base).name, version.name(), "{place}");
    let chain: Chain = spec.base.group();
    let per_day = chain.blocks_per_day();
    let at = state.block;
    let block = |day: u32| {
        (at + chain.blocks(day))
            .saturating_sub(chain.blocks(1))
            .max(at)
    };
    let numbers: Vec<u64> = state.proposals.iter().map(|of| of.number).collect();
    let expected = replayed(folder, of, at, &numbers, (0..=DAYS + 1).map(block));

    // Points of the pool and of members.
    let mut batch = Batch::new(&spec.model, &spec.base, &["days"], Level::new());
    let (setting, seeds) = (&spec.base, Seeds { root: 3, world: 0 });
    batch.begin([RunOf { setting, seeds }].into_iter());
    loop {
        let day = batch.run(0).day;
        let pool = batch.get::<Gardens2>(0).totals();
        if let Some(points) = expected.points.get(&block(day)) {
            assert_eq!(pool.points(block(day)), Ok(*points), "{place}, day {day}");
            compared.weighted += usize::from(*points != pool.activated);
        }
        if batch.going_on() == 0 {
            break;
        }
        batch.advance();
    }
    assert!(batch.failure(0).is_none(), "{place}");

    // Each open proposal on each day.
    let people = state.holders.len() as u32;
    let found: ProposalRows = tables(spec, &["proposals"]).rows("proposals");
    for (row, (&day, &id)) in found.day.iter().zip(&found.proposal).enumerate() {
        let open = id.checked_sub(people);
        let Some(of) = open.and_then(|open| state.proposals.get(open as usize)) else {
            continue;
        };
        let place = || format!("{place}: proposal {}, day {day}", of.number);
        let at_end = &expected.proposals[&(of.number, block(day + 1))];
        let conviction = real(at_end.conviction) / per_day;
        assert_eq!(found.conviction[row], Some(conviction), "{}", place());
        let at_day_start = &expected.proposals[&(of.number, block(day))];
        match (found.trigger[row], at_day_start.threshold) {
            _ if !of.is_payable => {}
            (Some(found), Some(threshold)) => {
                assert_eq!(found, real(threshold) / per_day, "{}", place());
                compared.thresholds += 1;
            }
            (None, _) => assert!(!at_day_start.executable, "{}", place()),
            (found, threshold) => panic!("{}: {found:?} {threshold:?}", place()),
        }
    }
    compared.passed += as_executable(spec, &expected, place);
}

/// Proposals pass on the day on which the replay says that they can be executed, with its conviction and threshold.
/// What passes first changes the pool for the others.
fn as_executable(spec: &Spec, expected: &Replayed, place: &str) -> usize {
    let mut spec = spec.clone();
    spec.assign(&["tmin=0".to_owned()]).unwrap();
    let state = snapshot(&spec.base).unwrap();
    let chain: Chain = spec.base.group();
    let begins = |day: u32| state.block + chain.blocks(day) - chain.blocks(1);
    let on = |number: u64, day: u32| &expected.proposals[&(number, begins(day))];
    let payable = || state.proposals.iter().filter(|of| of.is_payable);
    let first = (1..=DAYS).find(|&day| payable().any(|of| on(of.number, day).executable));
    let ends: RunProposalRows = tables(&spec, &["run_proposals"]).rows("run_proposals");
    let people = state.holders.len();
    let open = || {
        let rows = (0..ends.proposal.len()).filter(|&row| ends.proposal[row] as usize >= people);
        rows.take(state.proposals.len())
    };
    let any = open().filter_map(|row| ends.day_passed[row]).min();
    assert_eq!(any, first, "{place}");
    let of_first = open().filter(|&row| first.is_some() && ends.day_passed[row] == first);
    // The strongest is executed first, with the pool as the replay has it.
    let strongest = of_first.max_by(|&a, &b| {
        let conviction = |row: usize| ends.conviction_passed[row].unwrap();
        conviction(a).total_cmp(&conviction(b))
    });
    let Some(row) = strongest else {
        return 0;
    };
    let of = &state.proposals[ends.proposal[row] as usize - people];
    let expected = on(of.number, first.unwrap());
    let token_days = |token_blocks: U256| Some(real(token_blocks) / chain.blocks_per_day());
    assert_eq!(ends.conviction_passed[row], token_days(expected.conviction));
    let threshold = token_days(expected.threshold.unwrap());
    assert_eq!(ends.trigger_passed[row], threshold, "{place}");
    1
}

/// Runs in which members act, newcomers join and proposals pass keep the invariants of the world, which each phase
/// checks.
#[test]
fn pools_go_on_as_others_do() {
    let folder = TempDir::new().unwrap();
    let (mut acted, mut granted) = (0, 0);
    for of in recorded() {
        of.write(folder.path());
        for at in [of.rows[of.rows.len() / 2].0, of.last()] {
            let Ok(spec) = spec_of(
                folder.path(),
                Some(at),
                3600.0,
                "base_engagement_rate = 0.9\n",
            ) else {
                continue;
            };
            let state = snapshot(&spec.base).unwrap();
            let mut left = tables(&spec, &["run_proposals", "support_edges", "participants"]);
            assert!(left.failure.is_none(), "{}: {:?}", of.name, left.failure);
            let edges: SupportEdgeRows = left.rows("support_edges");
            let supported = (0..edges.day.len()).filter(|&row| edges.tokens[row] > 0.0);
            acted += supported.filter(|&row| edges.day[row] == DAYS).count();
            let ends: RunProposalRows = left.rows("run_proposals");
            granted += ends.day_passed.iter().flatten().count();
            // Stakes of members at the start.
            let people: ParticipantRows = left.rows("participants");
            for (row, member) in state.holders.iter().enumerate() {
                let share = people.holdings[row] / real(member.balance);
                assert!((share - 1.0).abs() < 1e-12);
            }
        }
    }
    assert!(acted > 50 && granted > 0, "{acted} {granted}");
}

/// Who is seen to support a proposal would support it again.
#[test]
fn members_would_support_what_they_are_seen_to_support() {
    let folder = TempDir::new().unwrap();
    let mut supported = 0;
    for of in recorded() {
        of.write(folder.path());
        let at = of.rows[of.rows.len() / 2].0;
        let Ok(spec) = spec_of(folder.path(), Some(at), 15.0, IDLE) else {
            continue;
        };
        let deciding: Deciding = spec.base.group();
        let state = snapshot(&spec.base).unwrap();
        let edges: SupportEdgeRows = tables(&spec, &["support_edges"]).rows("support_edges");
        for (person, member) in state.holders.iter().enumerate() {
            let own = (0..edges.day.len()).filter(|&row| edges.day[row] == 0);
            let own: Vec<_> = own
                .filter(|&row| edges.participant[row] as usize == person)
                .collect();
            let greatest = own
                .iter()
                .fold(-1.0, |most: f64, &row| most.max(edges.affinity[row]));
            let cutoff = (deciding.sensitivity * greatest).max(deciding.lowest_affinity_to_support);
            for &row in own.iter().filter(|&&row| edges.tokens[row] > 0.0) {
                assert!(edges.affinity[row] > cutoff);
                supported += 1;
            }
            let staked: f64 = own.iter().map(|&row| edges.tokens[row]).sum();
            let expected: f64 = member.stakes.iter().map(|(_, stake)| real(*stake)).sum();
            assert!((staked - expected).abs() <= 1e-9 * expected);
        }
    }
    assert!(supported > 10, "{supported}");
}

/// The text of a run says all: it needs no file, and does not enable [voting].
#[test]
fn a_resolved_spec_holds_the_pool() {
    let folder = TempDir::new().unwrap();
    for of in recorded().into_iter().take(4) {
        of.write(folder.path());
        let Ok(spec) = spec_of(folder.path(), None, 15.0, "half_life_days = 9.0\n") else {
            continue;
        };
        assert_eq!(spec.model.on().copies("voting"), 0);
        fs::remove_file(folder.path().join("history.csv")).unwrap();
        let text = Single::of(&spec).text();
        let again = Spec::parse_run(&model(), &text, "again.toml", Path::new("")).unwrap();
        assert_eq!(again.base, spec.base);
        assert_eq!(again.run_text(), spec.run_text());
    }
}

/// A small history: its events, without recorded results.
fn events() -> String {
    let rows = [
        "settings,,,,,,9999799,2000000,2500,0,capped,500000000000000000000,18,50000000000000000000",
        "funds,,,1000000000000000000000",
        "join,,ada",
        "increase,,ada,400000000000000000123",
        "join,,bo",
        "join,,cy",
        "activate,,ada",
        "activate,,bo",
        "propose,,ada,,,20000000000000000007",
        "support,,ada,,1:300000000000000000000",
        "support,,bo,,1:20000000000000000001",
    ];
    let header = "block,kind,proposal,voter,amount,deltas,requested,decay,max_ratio,weight,min_threshold_points,\
                  point_system,max_amount,token_decimals,registration_stake";
    let mut text = format!("{header}\n");
    for (block, row) in (100..).zip(rows) {
        let missing = ",".repeat(14 - row.matches(',').count() - 1);
        writeln!(text, "{block},{row}{missing}").unwrap();
    }
    text
}

fn faults(history: &str, keys: &str) -> String {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("history.csv"), history).unwrap();
    let text = format!("[initial]\nhistory = \"history.csv\"\n{keys}");
    let fault = Spec::parse_run(&model(), &text, "spec.toml", folder.path()).err();
    fault.expect("a spec that is refused").to_string()
}

#[test]
fn faults_name_key_value_and_fix() {
    let events = events();
    let plus = |row: &str| format!("{events}200,{row}\n");
    let upgraded = plus("upgrade,,,,,,,,,,,,,");
    for (history, keys, expected) in [
        (
            events.clone(),
            "[model]\narithmetic = \"real\"\n",
            "arithmetic: is \"real\", but initial.history is under Gardens v2 at a75a6efe2 in block 110; set arithmetic \
             to \"gardens2\"",
        ),
        (
            events.clone(),
            "[model]\narithmetic = \"contract\"\n",
            "is \"contract\", but initial.history is under Gardens v2 at a75a6efe2 in block 110",
        ),
        (
            events.clone(),
            "[model]\narithmetic = \"gardens2-15ad374\"\n",
            "is \"gardens2-15ad374\", but initial.history is under Gardens v2 at a75a6efe2 in block 110; set arithmetic \
             to \"gardens2\", or choose a block of the other version",
        ),
        (
            upgraded.clone(),
            "at = 150\n[model]\narithmetic = \"gardens2\"\n",
            "under Gardens v2 at 15ad374 in block 150; set arithmetic to \"gardens2-15ad374\"",
        ),
        (
            plus("disable,,,,,,,,,,,,,"),
            "",
            "the pool is disabled in block 200, and runs have no rules for that; choose a block in which it is enabled",
        ),
        (
            events.replace(",18,", ",6,"),
            "",
            "token_decimals: 6, but runs count tokens of 18 decimals; convert stakes",
        ),
        (
            events.clone(),
            "at = 101\n",
            "no account is a member with a stake in block 101; add rows of kind join before it",
        ),
        (
            events.clone(),
            "at = 7\n",
            "block 7 is before the first event, in block 100",
        ),
        (
            events.replace("capped", "custom"),
            "",
            "point_system: found \"custom\", expected fixed, capped, unlimited or quadratic",
        ),
        (
            events.replace("500000000000000000000", "0"),
            "",
            "gardens2.cap: follows from max_amount = 0 in block 110",
        ),
        (
            events.clone(),
            "[gardens2]\npoints = \"unlimited\"\n",
            "gardens2.points: is \"unlimited\", but the history has \"capped\" in block 110; remove the key",
        ),
        (
            events.clone(),
            "[gardens2]\ncap = 400\n",
            "gardens2.cap: is 400, but the history has 500 in block 110; remove the key",
        ),
        (
            events.clone(),
            "[gardens2]\nregistration_stake = 40\n",
            "gardens2.registration_stake: is 40, but the history has 50 in block 110; remove the key",
        ),
        (
            events.clone(),
            "supply = 900\n",
            "initial.supply: is 900, but the history has 1550",
        ),
        (
            events.clone(),
            "[voting]\n",
            "arithmetic: is \"gardens2\", which has its own points; remove [voting]",
        ),
        (
            events.clone(),
            "[streaming]\n",
            "for which [streaming] has no rules",
        ),
        (
            plus("stream,1,,,,,,,,,,,,"),
            "",
            "kind: found \"stream\", expected settings, funds",
        ),
    ] {
        let found = faults(&history, keys);
        assert!(found.contains(expected), "{expected} is not in\n{found}");
    }
}

/// What a spec says overrides the history: settings of the pool, and the pool, whatever the supply.
#[test]
fn settings_of_the_spec_override_the_pool() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("history.csv"), events()).unwrap();
    let of = |more: &str| spec_of(folder.path(), None, 5.0, more).unwrap();
    let base = of("");
    let pool = |spec: &Spec| {
        let mut batch = Batch::new(&spec.model, &spec.base, &["days"], Level::new());
        let (setting, seeds) = (&spec.base, Seeds { root: 3, world: 0 });
        batch.begin([RunOf { setting, seeds }].into_iter());
        *batch.get::<Gardens2>(0).totals()
    };
    let before = pool(&base);
    assert_eq!(before.settings.decay, U256::from(9_999_799));
    assert_eq!(
        before.activated,
        U256::from(500) * U256::from(10u64.pow(18)) + U256::from(123)
    );
    let changed = of("half_life_days = 9.0\n[gardens2]\nmin_threshold_points = 12.5\n");
    let after = pool(&changed);
    assert!(after.settings.decay > before.settings.decay);
    assert_eq!(real(after.settings.min_threshold_points), 12.5);
    assert_eq!(after.settings.max_ratio, before.settings.max_ratio);
    // The pool is not part of the supply of the staked token.
    for (arithmetic, file) in [
        ("gardens2", "history.csv"),
        ("contract", "sweeps/history.csv"),
    ] {
        let root = match arithmetic {
            "gardens2" => folder.path(),
            _ => Path::new(env!("CARGO_MANIFEST_DIR")),
        };
        let text = format!(
            "days = 3\n[initial]\nhistory = \"{file}\"\nfunds = 90000\n[model]\narithmetic = \"{arithmetic}\"\n"
        );
        let spec = Spec::parse_run(&model(), &text, "spec.toml", root).unwrap();
        let state = snapshot(&spec.base).unwrap();
        let days: SupplyRows = tables(&spec, &["days"]).rows("days");
        assert_eq!(days.funds[0], 90_000.0);
        let total = 90_000.0 + real(state.supply());
        assert!((days.total_supply[0] - total).abs() < 1e-6);
        // Forecasts before simulation agree.
        let held = state.holders.iter().map(|holder| real(holder.balance));
        let held: f64 = held.sum();
        let initial: InitialSupply = spec.base.group();
        assert!((initial.effective_supply() / held - 1.0).abs() < 1e-12);
        assert!((days.effective_supply[0] / held - 1.0).abs() < 1e-12);
    }
    // The history does not tell the supply of the token.
    let mut spec = of("");
    let more = ["initial.supply=9000", "attacker.0.share=0.2"].map(str::to_owned);
    spec.assign(&more).unwrap();
    assert_eq!(spec.base.group::<InitialSupply>().supply, 9000.0);
    let left = tables(&spec, &["days"]);
    assert!(left.failure.is_none(), "{:?}", left.failure);
    let days: SupplyRows = { left }.rows("days");
    let outside = 9000.0 - days.funds[0] - days.effective_supply[0];
    assert!((days.other_supply[0] - outside).abs() < 1e-6);
    assert!(
        days.total_supply
            .iter()
            .all(|all| (all - 9000.0).abs() < 1e-6)
    );
}

/// On day 0 the table `open` continues the history, in both versions.
#[test]
fn the_example_continues_its_history() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("sweeps/gardens2-history.toml")).unwrap();
    let text = text.replace("replicates = 500", "replicates = 3");
    let text = text.replace("days = 60", "days = 5");
    let older = text
        .replace(
            "gardens2-history.csv\"",
            "gardens2-history.csv\"\nat = 44240000",
        )
        .replace("\"gardens2\"", "\"gardens2-15ad374\"");
    for text in [text, older] {
        let spec = Spec::parse(&model(), &text, "spec.toml", &root.join("sweeps")).unwrap();
        let state = snapshot(&spec.base).unwrap();
        let plan = Plan::new(spec).unwrap();
        assert_eq!(plan.warnings, [""; 0]);
        let collected = collect(&plan, 2, &(), &AtomicBool::new(false)).unwrap();
        assert_eq!(collected.failed, 0);
        let (table, parts) = collected.tables.last().unwrap();
        assert_eq!(table.name, "open");
        let mut compared = 0;
        for rows in parts {
            let whole = |name: &str| rows[name].as_primitive::<Int32Type>().values().to_vec();
            let shares = rows["share_of_trigger"].as_primitive::<Float64Type>();
            // The half-life of the history, which the second point has.
            let points = whole("point");
            for (row, (day, number)) in whole("day").into_iter().zip(whole("number")).enumerate() {
                let now = state.past.last().unwrap().proposals.iter();
                let of = { now }.find(|of| of.number == number as u64).unwrap();
                if day == 0 && points[row] == 1 && shares.is_valid(row) {
                    let share = of.conviction / of.threshold;
                    assert!((shares.value(row) - share).abs() < 1e-3 * share + 1e-9);
                    compared += 1;
                }
            }
        }
        assert!(compared >= 3 * 2, "{compared}");
    }
}

/// A sweep may start from a pool in some variants, and from a drawn state in others, but not from histories of both
/// contracts.
#[test]
fn variants_start_from_different_histories() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("pool.csv"), events()).unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("sweeps/history.csv");
    fs::copy(example, folder.path().join("dao.csv")).unwrap();
    let variants = |more: &str| {
        let text = format!(
            "days = 3\n[[variant]]\nname = \"pool\"\ninitial.history = \"pool.csv\"\n[[variant]]\nname = \"drawn\"\n{more}"
        );
        Spec::parse(&model(), &text, "sweep.toml", folder.path())
            .map_err(|error| error.to_string())
            .and_then(|spec| Plan::new(spec).map_err(|error| error.to_string()))
    };
    let plan = variants("beta = 0.3\n").unwrap();
    let names: Vec<_> = (0..plan.spec.variants.len())
        .map(|variant| {
            let mut setting = plan.spec.base.clone();
            for (key, value) in &plan.spec.variants[variant].settings {
                setting.put(key, *value);
            }
            Capabilities::of(&setting).name
        })
        .collect();
    assert_eq!(names, ["gardens2", "real"]);
    assert_eq!(plan.spec.model.on().copies("voting"), 0);
    // Points of the mechanism and [voting] exclude each other.
    let both = variants("initial.history = \"dao.csv\"\n").err().unwrap();
    assert!(
        both.contains("A history of the 1Hive contract in the same spec also enables [voting]: write a spec for each"),
        "{both}"
    );
}
