//! Implements `conviction contract`.

mod replay;

use super::args::{
    ContractArgs, ContractCommand, ConvictionArgs, Deployed, PointsArgs, StreamingArgs,
    ThresholdArgs, WeightedAverageArgs,
};
use super::{Failure, print};
use crate::contract::gardens2::{self, Decimals, Rebalance, Snapshot, Streamed, Version};
use crate::contract::{U256, one_hive};
use clap::ValueEnum;
use std::fmt::Display;

pub fn contract(args: &ContractArgs) -> Result<(), Failure> {
    let of = args.of;
    match &args.command {
        ContractCommand::Conviction(args) => conviction(of, args),
        ContractCommand::Threshold(args) => threshold(of, args),
        ContractCommand::Points(args) => points(of, args),
        ContractCommand::WeightedAverage(args) => weighted_average(of, args),
        ContractCommand::Streaming(args) => streaming(of, args),
        ContractCommand::Replay(args) => replay::replay(of, args),
    }
}

impl Deployed {
    /// Returns the version of Gardens v2; `None` for another contract.
    fn gardens2(self) -> Option<Version> {
        match self {
            Self::OneHive => None,
            Self::Gardens2At15ad374 => Some(Version::V15ad374),
            Self::Gardens2Ata75a6efe2 => Some(Version::Va75a6efe2),
        }
    }

    fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Returns an error for a command that this contract does not support.
    fn lacks(self, what: &str, others: &str) -> Failure {
        Failure::Input(format!(
            "--of {}: has no {what}; set it to {others}",
            self.name()
        ))
    }
}

const GARDENS2: &str = "gardens2-15ad374 or gardens2-a75a6efe2";

/// Prints the integer alone, or the revert's reason.
fn show<R: Display>(computed: Result<U256, R>) -> Result<(), Failure> {
    Ok(print(computed.map_err(reverts)?)?)
}

fn reverts(revert: impl Display) -> Failure {
    Failure::Work(format!("revert: {revert}"))
}

fn conviction(of: Deployed, args: &ConvictionArgs) -> Result<(), Failure> {
    let ConvictionArgs {
        decay,
        time_passed,
        last_conviction,
        amount,
    } = *args;
    if of.gardens2().is_some() {
        return show(gardens2::conviction(
            decay,
            time_passed,
            last_conviction,
            amount,
        ));
    }
    let time_passed = time_passed.try_into().map_err(|_| {
        Failure::Input("--time-passed: too large; 1hive expects at most 2^64 - 1 blocks".to_owned())
    })?;
    show(one_hive::conviction(
        decay,
        time_passed,
        last_conviction,
        amount,
    ))
}

/// Returns the values of the options that a contract needs, and reports missing and unexpected options by name.
fn needed<const N: usize>(
    of: Deployed,
    options: [(&str, Option<U256>); N],
    others: &[(&str, Option<U256>)],
) -> Result<[U256; N], Failure> {
    let names = |options: &[(&str, Option<U256>)], given: bool| {
        let named = options.iter().filter(|(_, value)| value.is_some() == given);
        named.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    };
    let (missing, foreign) = (names(&options, false), names(others, true));
    if !missing.is_empty() {
        let contract = of.name();
        return Err(Failure::Input(format!(
            "{missing}: missing; --of {contract} needs it"
        )));
    }
    if !foreign.is_empty() {
        let contract = of.name();
        return Err(Failure::Input(format!(
            "{foreign}: unknown to --of {contract}; leave it out, or set --of"
        )));
    }
    Ok(options.map(|(_, value)| value.unwrap_or_default()))
}

fn threshold(of: Deployed, args: &ThresholdArgs) -> Result<(), Failure> {
    let ThresholdArgs {
        decay,
        max_ratio,
        weight,
        requested,
        ..
    } = *args;
    let of_one_hive = [
        (
            "--min-threshold-stake-percentage",
            args.min_threshold_stake_percentage,
        ),
        ("--funds", args.funds),
        ("--total-supply", args.total_supply),
        ("--total-staked", args.total_staked),
    ];
    let of_gardens2 = [
        ("--min-threshold-points", args.min_threshold_points),
        ("--pool-amount", args.pool_amount),
        ("--total-points", args.total_points),
    ];
    if of.gardens2().is_some() {
        let [min_threshold_points, pool_amount, total_points] =
            needed(of, of_gardens2, &of_one_hive)?;
        return show(gardens2::threshold(&gardens2::ThresholdQuery {
            decay,
            max_ratio,
            weight,
            min_threshold_points,
            pool_amount,
            total_points,
            requested,
        }));
    }
    let [
        min_threshold_stake_percentage,
        funds,
        stake_token_total_supply,
        total_staked,
    ] = needed(of, of_one_hive, &of_gardens2)?;
    show(one_hive::threshold(&one_hive::ThresholdQuery {
        decay,
        max_ratio,
        weight,
        min_threshold_stake_percentage,
        funds,
        stake_token_total_supply,
        total_staked,
        requested,
    }))
}

fn points(of: Deployed, args: &PointsArgs) -> Result<(), Failure> {
    of.gardens2().ok_or_else(|| of.lacks("points", GARDENS2))?;
    show(gardens2::points(&gardens2::PointChange {
        direction: args.direction,
        point_system: args.point_system,
        member_power: args.member_power,
        member_staked: args.member_staked,
        amount: args.amount,
        max_amount: args.max_amount,
        token_decimals: args.token_decimals,
    }))
}

fn weighted_average(of: Deployed, args: &WeightedAverageArgs) -> Result<(), Failure> {
    if of.gardens2() != Some(Version::Va75a6efe2) {
        return Err(of.lacks("weighted average", "gardens2-a75a6efe2"));
    }
    let WeightedAverageArgs {
        snapshot,
        now,
        elapsed,
        decay,
    } = *args;
    show(gardens2::weighted_average(snapshot, now, elapsed, decay))
}

fn streaming(of: Deployed, args: &StreamingArgs) -> Result<(), Failure> {
    let version = of
        .gardens2()
        .ok_or_else(|| of.lacks("streaming pools", GARDENS2))?;
    if version == Version::V15ad374 && args.pool_snapshot.is_some() {
        return Err(Failure::Input(format!(
            "--pool-snapshot: unknown to --of {}; leave it out, or set --of",
            of.name()
        )));
    }
    let listed = args.proposals.split(';').filter(|one| !one.is_empty());
    let proposals = listed.map(|text| Streamed::parse(text, version).ok_or(text));
    let proposals = proposals.collect::<Result<_, _>>().map_err(|text| {
        let expected = Streamed::columns(version);
        Failure::Input(format!(
            "--proposals: found \"{text}\", expected {expected}"
        ))
    })?;
    let rebalanced = gardens2::rebalance(&Rebalance {
        version,
        settings: gardens2::Settings {
            decay: args.decay,
            max_ratio: args.max_ratio,
            weight: args.weight,
            min_threshold_points: args.min_threshold_points,
        },
        points_activated: args.points_activated,
        pool_snapshot: Snapshot {
            points: args.pool_snapshot.unwrap_or_default(),
            block: args.pool_snapshot_block.unwrap_or_default(),
        },
        pool_balance: args.pool_balance,
        pool_decimals: Decimals(args.pool_decimals),
        super_balance: args.super_balance,
        super_decimals: Decimals(args.super_decimals),
        rate: args.rate,
        block: args.block,
        proposals,
    });
    let rebalanced = rebalanced.map_err(reverts)?;
    let units: Vec<_> = rebalanced.units.iter().map(U256::to_string).collect();
    Ok(print(format_args!(
        "{}\n{}",
        rebalanced.flow,
        units.join(";")
    ))?)
}
