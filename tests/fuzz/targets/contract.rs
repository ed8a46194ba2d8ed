//! Histories of proposals and of DAOs as the contracts keep them.

use super::{directory, told};
use conviction::contract::gardens2::{Gardens2, Version};
use conviction::contract::one_hive::OneHive;
use conviction::contract::{Action, Contract, Event, Proposal, Snapshot, ThresholdQuery, U256};
use conviction::input::{EVENT_COLUMNS, EventRow, read_events, read_snapshot, replay};
use std::collections::BTreeMap;

/// A history is written and read again as the same, and every event of it is applied or refused.
pub fn events(bytes: &[u8]) {
    let read = |bytes: &[u8]| {
        let place = directory(&[("events.csv".to_owned(), bytes.to_vec())].into());
        read_events(&place.path().join("events.csv"))
    };
    let rows = match read(bytes) {
        Ok(rows) => rows,
        Err(error) => return told(&error),
    };
    let again = read(&written(&rows)).unwrap();
    let events = |rows: &[EventRow]| -> Vec<_> {
        let events = rows
            .iter()
            .map(|row| (row.scenario.clone(), row.event.clone()));
        events.collect()
    };
    assert_eq!(events(&again), events(&rows));
    let mut proposals: BTreeMap<String, Shadowed> = BTreeMap::new();
    for row in rows {
        proposals.entry(row.scenario).or_default().apply(&row.event);
    }
}

/// A history of DAOs is replayed or refused under every contract; replayed again from its own states, it gives
/// the same. Its state at the end is written and read again as the same.
pub fn dao(bytes: &[u8]) {
    again(bytes, OneHive::default);
    again(bytes, || {
        Gardens2::new(Version::V15ad374, Version::V15ad374)
    });
    again(bytes, || {
        Gardens2::new(Version::V15ad374, Version::Va75a6efe2)
    });
    again(bytes, Gardens2::default);
    let place = directory(&[("events.csv".to_owned(), bytes.to_vec())].into());
    match read_snapshot(&place.path().join("events.csv"), None) {
        Ok(state) => {
            let text = state.to_string();
            assert_eq!(text.parse::<Snapshot>().unwrap().to_string(), text);
        }
        Err(error) => told(&error),
    }
}

fn again<C: Contract>(bytes: &[u8], start: impl Fn() -> C) {
    let states = |bytes: &[u8]| {
        let place = directory(&[("events.csv".to_owned(), bytes.to_vec())].into());
        let mut table = csv::Writer::from_writer(Vec::new());
        let events = place.path().join("events.csv");
        replay(&events, |_| start(), |row| Ok(table.write_record(row)?))
            .map(|_| table.into_inner().unwrap())
    };
    match states(bytes) {
        Ok(first) => assert_eq!(states(&first).unwrap(), first),
        Err(error) => told(&error),
    }
}

fn written(rows: &[EventRow]) -> Vec<u8> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let header = EVENT_COLUMNS.iter().copied().chain(["scenario"]);
    table.write_record(header).unwrap();
    for EventRow {
        event, scenario, ..
    } in rows
    {
        let (action, voter, amount) = match &event.action {
            Action::Stake { voter, amount } => ("stake", voter.as_str(), *amount),
            Action::Withdraw { voter, amount } => ("withdraw", voter.as_str(), *amount),
            Action::Check => ("check", "", U256::ZERO),
        };
        let of = &event.query;
        let record = [
            of.decay.to_string(),
            of.max_ratio.to_string(),
            of.weight.to_string(),
            of.min_threshold_stake_percentage.to_string(),
            of.requested.to_string(),
            event.block.to_string(),
            action.to_owned(),
            voter.to_owned(),
            amount.to_string(),
            of.total_staked.to_string(),
            of.stake_token_total_supply.to_string(),
            of.funds.to_string(),
            scenario.clone(),
        ];
        table.write_record(record).unwrap();
    }
    table.into_inner().unwrap()
}

/// Bytes as events, most of which make sense.
pub fn history(bytes: &[u8]) {
    let mut bytes = bytes.iter().copied();
    let mut proposal = Shadowed::default();
    let mut block: u64 = 0;
    while let Some(kind) = bytes.next() {
        let mut number = || number(bytes.next().unwrap_or(0), bytes.next().unwrap_or(0));
        let voter = || if kind & 4 == 0 { "one" } else { "two" }.to_owned();
        let action = match kind % 4 {
            0 | 1 => Action::Stake {
                voter: voter(),
                amount: number(),
            },
            2 => Action::Withdraw {
                voter: voter(),
                amount: number(),
            },
            _ => Action::Check,
        };
        // One in thirty-two goes back.
        let next = match kind >> 3 {
            0 => block.wrapping_add(number().as_limbs()[0]),
            later => block.saturating_add(u64::from(later)),
        };
        block = block.max(next);
        proposal.apply(&Event {
            block: next,
            action,
            query: ThresholdQuery {
                decay: number(),
                max_ratio: number(),
                weight: number(),
                min_threshold_stake_percentage: number(),
                funds: number(),
                stake_token_total_supply: number(),
                total_staked: number(),
                requested: number(),
            },
        });
    }
}

/// A number of any size, often one of those at which something changes.
fn number(which: u8, other: u8) -> U256 {
    let power = |of: u32| U256::from(1) << of as usize;
    match which % 16 {
        0 => U256::ZERO,
        1 => U256::from(1),
        2 => U256::from(9_999_599),
        3 => U256::from(2_000_000),
        4 => U256::from(9_999_999),
        5 => U256::from(10_000_000),
        6 => U256::from(10u64.pow(18)),
        7 => U256::from(10u64.pow(17)) * U256::from(other),
        8 => power(64),
        9 => power(128) - U256::from(1),
        10 => power(128),
        11 => U256::MAX,
        12 => U256::MAX - U256::from(other),
        13 => U256::from(other),
        14 => power(u32::from(other)),
        _ => power(u32::from(other)) - U256::from(1),
    }
}

/// A proposal, with what its stakes must come to.
#[derive(Default)]
struct Shadowed {
    proposal: Proposal,
    stakes: BTreeMap<String, U256>,
    block: u64,
}

impl Shadowed {
    /// Applies an event, and sees to it that the stakes are those of the voters, and that what is refused
    /// changes nothing.
    fn apply(&mut self, event: &Event) {
        let before = self.proposal.clone();
        let state = match self.proposal.apply(event) {
            Ok(state) => state,
            Err(error) => {
                told(&error);
                assert_eq!(format!("{:?}", self.proposal), format!("{before:?}"));
                return;
            }
        };
        assert!(event.block >= self.block);
        self.block = event.block;
        match &event.action {
            Action::Stake { voter, amount } => {
                let stake = self.stakes.entry(voter.clone()).or_default();
                *stake = stake.checked_add(*amount).unwrap();
            }
            Action::Withdraw { voter, amount } => {
                let stake = self.stakes.entry(voter.clone()).or_default();
                *stake = stake.checked_sub(*amount).unwrap();
            }
            Action::Check => {}
        }
        let all = self
            .stakes
            .values()
            .try_fold(U256::ZERO, |sum, stake| sum.checked_add(*stake));
        assert_eq!(Some(state.staked), all);
        assert!(state.block_last <= event.block);
        let exceeds = state.conviction_now.ok() > state.threshold.ok();
        assert!(!state.executable || (exceeds && !event.query.requested.is_zero()));
        // To look changes nothing.
        let look = Event {
            action: Action::Check,
            ..event.clone()
        };
        assert_eq!(self.proposal.apply(&look), Ok(state));
    }
}
