//! State of a Gardens v2 pool apart from single proposals and members, and what follows from it.

use super::arithmetic::{ThresholdQuery, threshold};
use super::over_blocks::{OverBlocks, Plain};
use super::points::Community;
use super::revert::Revert;
use super::state::{Settings, Snapshot, Supported, Version};
use crate::contract::integers::{SCALE, mul};
use crate::contract::stored::Stored;
use ruint::aliases::U256;

/// State of the pool apart from single proposals and members.
#[derive(Clone, Copy, Debug)]
pub struct PoolTotals {
    /// Version of the contracts.
    pub version: Version,
    /// Settings in force.
    pub settings: Settings,
    /// Constants of the community.
    pub community: Community,
    /// True if the pool is enabled.
    pub is_enabled: bool,
    /// Balance of the pool.
    pub funds: U256,
    /// Support of all proposals.
    pub total_staked: U256,
    /// Points of all active members.
    pub activated: U256,
    /// Points stored with the pool.
    pub snapshot: Snapshot,
    /// True if the migration has run.
    pub is_migrated: bool,
}

impl Default for PoolTotals {
    /// Empty pool of the newest version.
    fn default() -> Self {
        Self::new(Version::default())
    }
}

impl PoolTotals {
    /// Creates an empty pool under a version.
    pub fn new(version: Version) -> Self {
        Self {
            version,
            settings: Settings::default(),
            community: Community::default(),
            is_enabled: true,
            funds: U256::ZERO,
            total_staked: U256::ZERO,
            activated: U256::ZERO,
            snapshot: Snapshot::default(),
            is_migrated: false,
        }
    }

    /// Returns the points of the pool at a block: weighted by time from a75a6efe2 on.
    ///
    /// # Errors
    /// If the contract reverts.
    pub fn points(&self, block: u64) -> Result<U256, Revert> {
        self.points_by(block, &mut self.over_blocks())
    }

    /// Returns [`PoolTotals::points`], computed with `by` of the same decay.
    ///
    /// # Errors
    /// If the contract reverts.
    pub fn points_by(&self, block: u64, by: &mut impl OverBlocks) -> Result<U256, Revert> {
        match (self.version, self.snapshot.block) {
            (Version::V15ad374, _) | (_, 0) => Ok(self.activated),
            _ => self.weighted(self.snapshot, block, by),
        }
    }

    /// Returns the points that enter the threshold of a proposal with this snapshot.
    ///
    /// # Errors
    /// If the contract reverts.
    pub fn points_of_proposal(&self, snapshot: Snapshot, block: u64) -> Result<U256, Revert> {
        self.points_of_proposal_by(snapshot, block, &mut self.over_blocks())
    }

    /// Returns [`PoolTotals::points_of_proposal`], computed with `by` of the same decay.
    ///
    /// # Errors
    /// If the contract reverts.
    pub fn points_of_proposal_by(
        &self,
        snapshot: Snapshot,
        block: u64,
        by: &mut impl OverBlocks,
    ) -> Result<U256, Revert> {
        let of_pool = self.points_by(block, by)?;
        let is_weighted = self.version == Version::Va75a6efe2
            && snapshot.block != 0
            && snapshot.points > self.activated;
        let own = match is_weighted {
            true => self.weighted(snapshot, block, by)?,
            false => snapshot.points,
        };
        Ok(own.max(of_pool))
    }

    pub(super) fn over_blocks(&self) -> Plain {
        Plain(self.settings.decay)
    }

    fn weighted(
        &self,
        snapshot: Snapshot,
        block: u64,
        by: &mut impl OverBlocks,
    ) -> Result<U256, Revert> {
        let elapsed = elapsed(block, snapshot.block)?;
        by.weighted_average(snapshot.points, self.activated, elapsed)
    }

    /// Stores the points of the pool, as before any change of the activated points.
    ///
    /// # Errors
    /// If the contract reverts.
    pub fn store_points(&mut self, block: u64, by: &mut impl OverBlocks) -> Result<(), Revert> {
        if self.version == Version::Va75a6efe2 {
            let points = self.points_by(block, by)?;
            self.snapshot = Snapshot { points, block };
        }
        Ok(())
    }

    /// Returns the stored state of a proposal that is created at a block.
    pub fn created(&self, block: u64) -> Supported {
        Supported {
            stored: Stored {
                block_last: block,
                ..Stored::default()
            },
            snapshot: self.first_snapshot(block),
        }
    }

    /// Returns conviction at a block without storing it: constant while the pool is disabled.
    ///
    /// # Errors
    /// If the contract reverts.
    pub fn conviction_of(
        &self,
        stored: Stored,
        block: u64,
        by: &mut impl OverBlocks,
    ) -> Result<U256, Revert> {
        if !self.is_enabled {
            return Ok(stored.conviction_last);
        }
        let passed = elapsed(block, stored.block_last)?;
        by.conviction(passed, stored.conviction_last, stored.staked)
    }

    /// Returns a proposal after its conviction and points are stored and its support is set.
    ///
    /// # Errors
    /// If the contract reverts.
    pub fn up_to_date(
        &self,
        of: Supported,
        block: u64,
        support: U256,
        by: &mut impl OverBlocks,
    ) -> Result<Supported, Revert> {
        let Supported {
            mut stored,
            snapshot,
        } = of;
        let points = self.points_of_proposal_by(snapshot, block, by)?;
        if stored.block_last != 0 && stored.block_last < block {
            stored.conviction_last = self.conviction_of(stored, block, by)?;
        }
        stored.block_last = block;
        stored.staked = support;
        Ok(Supported {
            stored,
            snapshot: Snapshot {
                points,
                block: self.block_of_snapshot(block),
            },
        })
    }

    /// Returns the conviction that a request must exceed, given the points that count.
    ///
    /// # Errors
    /// If the contract reverts.
    pub fn threshold(&self, requested: U256, total_points: U256) -> Result<U256, Revert> {
        let Settings {
            decay,
            max_ratio,
            weight,
            min_threshold_points,
        } = self.settings;
        threshold(&ThresholdQuery {
            decay,
            max_ratio,
            weight,
            min_threshold_points,
            pool_amount: self.funds,
            total_points,
            requested,
        })
    }

    /// Checks that the pool can pay a request, regardless of its conviction.
    ///
    /// # Errors
    /// If the contract reverts.
    pub fn check_request(&self, proposal: U256, requested: U256) -> Result<(), Revert> {
        let pool = self.funds;
        if requested > pool {
            return Err(Revert::PoolAmountNotEnough(proposal, requested, pool));
        }
        if !requested.is_zero() {
            let most = mul(self.settings.max_ratio, pool)?;
            if most <= mul(requested, SCALE)? {
                return Err(Revert::AmountOverMaxRatio(requested, most / SCALE, pool));
            }
            if self.activated.is_zero() {
                return Err(Revert::NoActiveGovernancePoints(proposal));
            }
        }
        Ok(())
    }

    /// Returns the snapshot of a proposal that is created or edited.
    pub(super) fn first_snapshot(&self, block: u64) -> Snapshot {
        match self.version {
            Version::V15ad374 => Snapshot::default(),
            Version::Va75a6efe2 => Snapshot {
                points: self.activated,
                block,
            },
        }
    }

    fn block_of_snapshot(&self, block: u64) -> u64 {
        match self.version {
            Version::V15ad374 => 0,
            Version::Va75a6efe2 => block,
        }
    }
}

/// Returns the number of blocks since an earlier one.
pub(super) fn elapsed(block: u64, last: u64) -> Result<u64, Revert> {
    block.checked_sub(last).ok_or(Revert::Overflow)
}
