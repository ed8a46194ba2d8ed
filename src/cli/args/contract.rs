//! Arguments of `contract`.

use super::values::whole;
use crate::contract::U256;
use crate::contract::gardens2::{Decimals, Direction, PointSystem};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Args)]
pub struct ContractArgs {
    /// Contract. Commits distinguish versions of Gardens v2; gardens2 means the newest.
    #[arg(long, global = true, value_name = "CONTRACT", default_value = "1hive")]
    pub of: Deployed,
    #[command(subcommand)]
    pub command: ContractCommand,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deployed {
    /// 1Hive's ConvictionVoting on Gnosis Chain.
    #[value(name = "1hive")]
    OneHive,
    /// Gardens v2 before the upgrade of August 2026.
    #[value(name = "gardens2-15ad374")]
    Gardens2At15ad374,
    /// Gardens v2 with points weighted by time.
    #[value(name = "gardens2-a75a6efe2", alias = "gardens2")]
    Gardens2Ata75a6efe2,
}

#[derive(Subcommand)]
pub enum ContractCommand {
    /// Print conviction after some blocks of a constant stake, as an integer.
    Conviction(ConvictionArgs),
    /// Print the conviction that a request must exceed, as an integer.
    Threshold(ThresholdArgs),
    /// Print the points that a member gains or loses when their stake changes, as an integer (Gardens v2).
    Points(PointsArgs),
    /// Print points weighted by time, as an integer (Gardens v2 at a75a6efe2).
    WeightedAverage(WeightedAverageArgs),
    /// Print the flow of a streaming pool after a rebalance, then the units of each proposal (Gardens v2).
    Streaming(StreamingArgs),
    /// Replay histories of DAOs, or of single proposals, and print the state after each event.
    Replay(ContractReplayArgs),
}

#[derive(Args)]
pub struct ConvictionArgs {
    /// Share of conviction kept per block, times 10^7.
    #[arg(long, value_parser = whole)]
    pub decay: U256,
    /// Number of blocks.
    #[arg(long, value_parser = whole)]
    pub time_passed: U256,
    /// Previous conviction.
    #[arg(long, value_parser = whole)]
    pub last_conviction: U256,
    /// Tokens or points staked throughout, times 10^18.
    #[arg(long, value_parser = whole)]
    pub amount: U256,
}

#[derive(Args)]
pub struct ThresholdArgs {
    /// Share of conviction kept per block, times 10^7.
    #[arg(long, value_parser = whole)]
    pub decay: U256,
    /// beta times 10^7.
    #[arg(long, value_parser = whole)]
    pub max_ratio: U256,
    /// rho times 10^7.
    #[arg(long, value_parser = whole)]
    pub weight: U256,
    /// Minimum share of the supply that counts as staked, times 10^18 (1hive).
    #[arg(long, value_parser = whole)]
    pub min_threshold_stake_percentage: Option<U256>,
    /// Pool balance, times 10^18 (1hive).
    #[arg(long, value_parser = whole)]
    pub funds: Option<U256>,
    /// Supply of the staked token, times 10^18 (1hive).
    #[arg(long, value_parser = whole, alias = "stake-token-total-supply")]
    pub total_supply: Option<U256>,
    /// Tokens staked on all proposals, abstain proposal included, times 10^18 (1hive).
    #[arg(long, value_parser = whole)]
    pub total_staked: Option<U256>,
    /// Points whose largest conviction is the minimum threshold (gardens2).
    #[arg(long, value_parser = whole)]
    pub min_threshold_points: Option<U256>,
    /// Pool balance (gardens2).
    #[arg(long, value_parser = whole)]
    pub pool_amount: Option<U256>,
    /// Points that enter the threshold (gardens2).
    #[arg(long, value_parser = whole)]
    pub total_points: Option<U256>,
    /// Requested amount, times 10^18.
    #[arg(long, value_parser = whole)]
    pub requested: U256,
}

#[derive(Args)]
pub struct PointsArgs {
    /// Direction of the change of stake: increase or decrease.
    #[arg(long)]
    pub direction: Direction,
    /// Point system: fixed, capped, unlimited, quadratic or custom.
    #[arg(long)]
    pub point_system: PointSystem,
    /// Current points of the member.
    #[arg(long, value_parser = whole)]
    pub member_power: U256,
    /// Stake of the member: before an increase, after a decrease.
    #[arg(long, value_parser = whole)]
    pub member_staked: U256,
    /// Amount by which the stake changes.
    #[arg(long, value_parser = whole)]
    pub amount: U256,
    /// Maximum number of points of a member, under the capped system.
    #[arg(long, value_parser = whole, default_value = "0")]
    pub max_amount: U256,
    /// Decimals of the staked token, or no_code or no_decimals.
    #[arg(long, default_value = "18")]
    pub token_decimals: Decimals,
}

#[derive(Args)]
pub struct WeightedAverageArgs {
    /// Stored points.
    #[arg(long, value_parser = whole)]
    pub snapshot: U256,
    /// Current points.
    #[arg(long, value_parser = whole)]
    pub now: U256,
    /// Blocks since the points were stored.
    #[arg(long, value_parser = whole)]
    pub elapsed: U256,
    /// Share of conviction kept per block, times 10^7.
    #[arg(long, value_parser = whole)]
    pub decay: U256,
}

#[derive(Args)]
pub struct StreamingArgs {
    /// Share of conviction kept per block, times 10^7.
    #[arg(long, value_parser = whole)]
    pub decay: U256,
    /// beta times 10^7.
    #[arg(long, value_parser = whole)]
    pub max_ratio: U256,
    /// rho times 10^7.
    #[arg(long, value_parser = whole)]
    pub weight: U256,
    /// Points whose largest conviction is the minimum threshold.
    #[arg(long, value_parser = whole)]
    pub min_threshold_points: U256,
    /// Points of all active members.
    #[arg(long, value_parser = whole)]
    pub points_activated: U256,
    /// Points stored with the pool (a75a6efe2).
    #[arg(long, value_parser = whole, requires = "pool_snapshot_block")]
    pub pool_snapshot: Option<U256>,
    /// Block at which they were stored; 0 for never (a75a6efe2).
    #[arg(long, requires = "pool_snapshot")]
    pub pool_snapshot_block: Option<u64>,
    /// Balance of the pool token, in its units.
    #[arg(long, value_parser = whole)]
    pub pool_balance: U256,
    /// Decimals of the pool token.
    #[arg(long)]
    pub pool_decimals: u8,
    /// Balance of the Superfluid token, in its units.
    #[arg(long, value_parser = whole)]
    pub super_balance: U256,
    /// Decimals of the Superfluid token.
    #[arg(long)]
    pub super_decimals: u8,
    /// Budget per second, in units of the pool token.
    #[arg(long, value_parser = whole)]
    pub rate: U256,
    /// Block of the rebalance.
    #[arg(long)]
    pub block: u64,
    /// Open proposals as status:support:conviction_last:block_last, separated by semicolons; at a75a6efe2 each
    /// followed by :snapshot:snapshot_block.
    #[arg(long)]
    pub proposals: String,
}

#[derive(Args)]
pub struct ContractReplayArgs {
    /// CSV with one row per event, in the order of the chain. A DAO's history has the columns block, kind and
    /// those that its kinds require (proposal, voter, amount and so on), and optionally history, to distinguish
    /// several DAOs. Recorded states are compared, and the replay ends at the first difference. A proposal's
    /// history has the columns decay, max_ratio, weight, min_threshold_stake_percentage, requested, block,
    /// action (stake, withdraw, none), voter, amount, total_staked, stake_token_total_supply, funds; and
    /// optionally scenario.
    pub events: PathBuf,
    /// Write the states to this CSV file instead of printing them.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}
