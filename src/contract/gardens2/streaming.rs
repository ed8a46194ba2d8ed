//! Computes which proposals a rebalance of a streaming pool pays, and how much.

use super::arithmetic::{ThresholdQuery, conviction, maximum_conviction, mul_div, threshold};
use super::points::{Decimals, scaled};
use super::revert::Revert;
use super::state::{Settings, Snapshot, Status, Version};
use super::totals::{PoolTotals, elapsed};
use crate::contract::integers::{SCALE, add, div, mul, whole_number};
use crate::contract::stored::Stored;
use ruint::aliases::U256;

/// A streaming proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streamed {
    /// Status; only active and disputed proposals are paid.
    pub status: Status,
    /// Support and stored conviction.
    pub stored: Stored,
    /// Points stored with the proposal, since a75a6efe2.
    pub snapshot: Snapshot,
}

impl Streamed {
    /// Returns the text format of a proposal in a version.
    pub fn columns(version: Version) -> &'static str {
        match version {
            Version::V15ad374 => "status:support:conviction_last:block_last",
            Version::Va75a6efe2 => {
                "status:support:conviction_last:block_last:snapshot:snapshot_block"
            }
        }
    }

    /// Parses a proposal in the format of a version.
    pub fn parse(text: &str, version: Version) -> Option<Self> {
        let parts: Vec<_> = text.split(':').collect();
        let (&[status, staked, conviction_last, block_last], snapshot) =
            parts.split_first_chunk()?;
        let snapshot = match (version, snapshot) {
            (Version::V15ad374, []) => Snapshot::default(),
            (Version::Va75a6efe2, [points, block]) => Snapshot {
                points: whole_number(points)?,
                block: block.parse().ok()?,
            },
            _ => return None,
        };
        Some(Self {
            status: Status::of(status.parse().ok()?)?,
            stored: Stored {
                staked: whole_number(staked)?,
                conviction_last: whole_number(conviction_last)?,
                block_last: block_last.parse().ok()?,
            },
            snapshot,
        })
    }
}

/// Inputs of a rebalance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebalance {
    /// Version of the contracts.
    pub version: Version,
    /// Current settings.
    pub settings: Settings,
    /// Points of all active members.
    pub points_activated: U256,
    /// Points stored with the pool, since a75a6efe2.
    pub pool_snapshot: Snapshot,
    /// Balance of the pool token.
    pub pool_balance: U256,
    /// Decimals of the pool token.
    pub pool_decimals: Decimals,
    /// Balance of the Superfluid token.
    pub super_balance: U256,
    /// Decimals of the Superfluid token.
    pub super_decimals: Decimals,
    /// Budget per second, in units of the pool token.
    pub rate: U256,
    /// Block.
    pub block: u64,
    /// Open proposals.
    pub proposals: Vec<Streamed>,
}

/// Result of a rebalance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebalanced {
    /// Total flow per second, in units of the Superfluid token.
    pub flow: U256,
    /// Units of each proposal; the flow is divided in proportion to them.
    pub units: Vec<U256>,
}

/// 2⁹⁵ − 1, the maximum flow of Superfluid.
const MOST_FLOW: U256 = U256::from_limbs([u64::MAX, (1 << 31) - 1, 0, 0]);
/// 2¹²⁸ − 1, the maximum units of a proposal.
const MOST_UNITS: U256 = U256::from_limbs([u64::MAX, u64::MAX, 0, 0]);

/// Rebalances a streaming pool. Conviction accrues per block and money flows per second; the flow is constant
/// until the next rebalance.
///
/// # Errors
/// When the contract reverts.
pub fn rebalance(of: &Rebalance) -> Result<Rebalanced, Revert> {
    let totals = PoolTotals {
        settings: of.settings,
        activated: of.points_activated,
        snapshot: of.pool_snapshot,
        ..PoolTotals::new(of.version)
    };
    let decay = of.settings.decay;
    let brought = scaled(of.super_balance, of.super_decimals, of.pool_decimals)?;
    let pool = add(of.pool_balance, brought)?;
    let mut eligible = Vec::with_capacity(of.proposals.len());
    let mut sum = U256::ZERO;
    for proposal in &of.proposals {
        let conviction = match proposal.status {
            Status::Active | Status::Disputed => eligible_conviction(of, &totals, pool, proposal)?,
            _ => None,
        };
        sum = add(sum, conviction.unwrap_or_default())?;
        eligible.push(conviction);
    }
    let most = maximum_conviction(decay, totals.points(of.block)?)?;
    let is_paid = [of.super_balance, of.rate, most, sum]
        .iter()
        .all(|number| !number.is_zero());
    let flow = match is_paid {
        true => {
            let rate = scaled(of.rate, of.pool_decimals, of.super_decimals)?;
            div(mul(rate, sum.min(most))?, most)?
        }
        false => U256::ZERO,
    };
    if flow > MOST_FLOW {
        return Err(Revert::StreamingRateOverflow(flow));
    }
    let units = eligible.into_iter().map(|conviction| match conviction {
        None => Ok(U256::ZERO),
        Some(conviction) if !is_paid => Ok((conviction / SCALE).min(MOST_UNITS)),
        Some(_) if flow.is_zero() => Ok(U256::ZERO),
        Some(conviction) => Ok(mul_div(conviction, flow, sum)?.max(U256::from(1))),
    });
    let units = units.collect::<Result<_, Revert>>()?;
    Ok(Rebalanced { flow, units })
}

/// Returns the conviction of an open proposal at this block, if it exceeds the threshold.
fn eligible_conviction(
    of: &Rebalance,
    totals: &PoolTotals,
    pool: U256,
    proposal: &Streamed,
) -> Result<Option<U256>, Revert> {
    let Settings {
        decay,
        max_ratio,
        weight,
        min_threshold_points,
    } = of.settings;
    let Stored {
        staked,
        conviction_last,
        block_last,
    } = proposal.stored;
    let passed = U256::from(elapsed(of.block, block_last)?);
    let conviction = conviction(decay, passed, conviction_last, staked)?;
    let total_points = match of.version {
        Version::V15ad374 => of.points_activated,
        Version::Va75a6efe2 => totals.points_of_proposal(proposal.snapshot, of.block)?,
    };
    let threshold = threshold(&ThresholdQuery {
        decay,
        max_ratio,
        weight,
        min_threshold_points,
        pool_amount: pool,
        total_points,
        requested: U256::ZERO,
    })?;
    Ok((conviction > threshold).then_some(conviction))
}
