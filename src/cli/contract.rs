//! `conviction contract`.

use super::args::{ContractCommand, ContractReplayArgs, ConvictionArgs, ThresholdArgs};
use super::page::is_output;
use super::{Failure, print};
use crate::contract::{
    Action, Proposal, Revert, State, ThresholdQuery, U256, conviction, threshold,
};
use crate::input::{EventRow, read_events};
use crate::output::write_whole;
use std::collections::BTreeMap;

pub fn contract(command: &ContractCommand) -> Result<(), Failure> {
    match command {
        ContractCommand::Conviction(args) => show(of_conviction(args)),
        ContractCommand::Threshold(args) => show(of_threshold(args)),
        ContractCommand::Replay(args) => replay(args),
    }
}

/// The integer alone, or the revert's reason.
fn show(computed: Result<U256, Revert>) -> Result<(), Failure> {
    match computed {
        Ok(value) => Ok(print(value)?),
        Err(revert) => Err(Failure::Work(format!("revert: {revert}"))),
    }
}

fn of_conviction(args: &ConvictionArgs) -> Result<U256, Revert> {
    conviction(
        args.decay,
        args.time_passed,
        args.last_conviction,
        args.amount,
    )
}

fn of_threshold(args: &ThresholdArgs) -> Result<U256, Revert> {
    threshold(&ThresholdQuery {
        decay: args.decay,
        max_ratio: args.max_ratio,
        weight: args.weight,
        min_threshold_stake_percentage: args.min_threshold_stake_percentage,
        funds: args.funds,
        stake_token_total_supply: args.total_supply,
        total_staked: args.total_staked,
        requested: args.requested,
    })
}

const HEADER: [&str; 10] = [
    "scenario",
    "block",
    "action",
    "amount",
    "staked_after",
    "block_last",
    "conviction_last",
    "conviction_now",
    "threshold",
    "executable",
];

fn replay(args: &ContractReplayArgs) -> Result<(), Failure> {
    let name = args.events.display();
    let rows = read_events(&args.events).map_err(Failure::of_reading)?;
    let mut proposals: BTreeMap<&str, Proposal> = BTreeMap::new();
    let mut table = csv::Writer::from_writer(Vec::new());
    let in_memory = |error: csv::Error| Failure::Work(error.to_string());
    table.write_record(HEADER).map_err(in_memory)?;
    for row in &rows {
        let proposal = proposals.entry(&row.scenario).or_default();
        let state = proposal
            .apply(&row.event)
            .map_err(|error| Failure::Input(format!("{name}:{}: {error}", row.line)))?;
        table.write_record(record(row, &state)).map_err(in_memory)?;
    }
    let bytes = table
        .into_inner()
        .map_err(|error| Failure::Work(error.to_string()))?;
    match &args.out {
        Some(path) if !is_output(path) => {
            write_whole(path, &bytes)?;
            Ok(print(format_args!(
                "{} events of {name} replayed, written to {}",
                rows.len(),
                path.display()
            ))?)
        }
        _ => Ok(print(String::from_utf8_lossy(&bytes).trim_end())?),
    }
}

fn record(row: &EventRow, state: &State) -> [String; 10] {
    let (action, amount) = match &row.event.action {
        Action::Stake { amount, .. } => ("stake", *amount),
        Action::Withdraw { amount, .. } => ("withdraw", *amount),
        Action::Check => ("none", U256::ZERO),
    };
    let or_revert = |computed: Result<U256, Revert>| match computed {
        Ok(value) => value.to_string(),
        Err(revert) => format!("revert: {revert}"),
    };
    [
        row.scenario.clone(),
        row.event.block.to_string(),
        action.to_owned(),
        amount.to_string(),
        state.staked.to_string(),
        state.block_last.to_string(),
        state.conviction_last.to_string(),
        or_revert(state.conviction_now),
        or_revert(state.threshold),
        u8::from(state.executable).to_string(),
    ]
}
