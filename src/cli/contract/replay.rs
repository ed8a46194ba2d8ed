//! Implements `conviction contract replay`.

use crate::cli::args::{ContractReplayArgs, Deployed};
use crate::cli::page::is_output;
use crate::cli::{Failure, print, warn_line};
use crate::contract::gardens2::{Gardens2, Version};
use crate::contract::one_hive::OneHive;
use crate::contract::{Action, Proposal, Revert, State, U256};
use crate::error::visible;
use crate::input::{
    EventRow, KIND, ReplayError, Replayed, histories_with, read_events, read_header,
};
use crate::output::{OutputError, WholeFile, write_whole};
use csv::StringRecord;
use std::collections::BTreeMap;
use std::io::{self, BufWriter};
use std::path::Path;

pub fn replay(of: Deployed, args: &ContractReplayArgs) -> Result<(), Failure> {
    let header = read_header(&args.events).map_err(Failure::of_reading)?;
    match header.iter().any(|column| column == KIND) {
        true => dao(of, args),
        false if of == Deployed::OneHive => proposals(args),
        false => Err(Failure::Input(format!(
            "{}: column {KIND}: missing; a history under --of {} has it",
            args.events.display(),
            of.name()
        ))),
    }
}

/// Replays histories of DAOs, state by state.
fn dao(of: Deployed, args: &ContractReplayArgs) -> Result<(), Failure> {
    let path = &args.events;
    let Some(out) = args.out.as_ref().filter(|out| !is_output(out)) else {
        let mut table = csv::Writer::from_writer(BufWriter::new(io::stdout().lock()));
        // Makes cells safe to print on a terminal.
        let done = under(of, path, |row| {
            Ok(table.write_record(row.iter().map(|cell| visible(cell).into_owned()))?)
        });
        table.flush()?;
        remark(&done.map_err(|error| failure(error, None))?);
        return Ok(());
    };
    let file = WholeFile::create(out)?;
    let mut table = csv::Writer::from_writer(file);
    let replayed = under(of, path, |row| Ok(table.write_record(row)?));
    let replayed = replayed.map_err(|error| failure(error, Some(out)))?;
    let file = table.into_inner();
    let file = file.map_err(|error| OutputError::write(out, error.into_error()))?;
    file.publish()?;
    remark(&replayed);
    Ok(print(format_args!(
        "{} events of {} replayed, written to {}",
        replayed.events,
        path.display(),
        out.display()
    ))?)
}

/// Replays every history of a file under a contract.
fn under(
    of: Deployed,
    path: &Path,
    write: impl FnMut(&StringRecord) -> io::Result<()>,
) -> Result<Replayed, ReplayError> {
    match of.gardens2() {
        None => crate::input::replay(path, |_| OneHive::default(), write),
        Some(version) => histories_with(path, "upgrade").and_then(|upgraded| {
            let begins = |history: &str| match upgraded.contains(history) {
                true => Version::V15ad374,
                false => version,
            };
            let start = |history: &str| Gardens2::new(begins(history), version);
            crate::input::replay(path, start, write)
        }),
    }
}

/// Returns the failure of a replay; `out` is the file that states are written to.
fn failure(error: ReplayError, out: Option<&Path>) -> Failure {
    match (error, out) {
        (ReplayError::Write(error), Some(out)) => OutputError::write(out, error).into(),
        (ReplayError::Write(error), None) => Failure::Pipe(error),
        (error @ ReplayError::Differs { .. }, _) => Failure::work(error),
        (error, _) => Failure::input(error),
    }
}

/// Prints notes about facts that readers may not expect.
fn remark(replayed: &Replayed) {
    for (remark, (line, times)) in &replayed.remarks {
        let again = match times {
            1 => String::new(),
            times => format!(" (first of {times})"),
        };
        warn_line("note", format_args!("line {line}{again}: {remark}"));
    }
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

/// Replays histories of single proposals.
fn proposals(args: &ContractReplayArgs) -> Result<(), Failure> {
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
