//! Stores a proposal's conviction, and brings it up to date as the contract does.

use super::one_hive::{Decay, Revert};
use ruint::aliases::U256;

/// State that the contract stores of a proposal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Tokens staked on it.
    pub staked: U256,
    /// Conviction at `block_last`.
    pub conviction_last: U256,
    /// Block of the stored conviction; 0 before the first stake.
    pub block_last: u64,
}

impl Stored {
    /// Returns conviction at a block, without storing it.
    ///
    /// # Errors
    /// When the contract reverts.
    pub fn conviction_at(&self, block: u64, decay: &mut Decay) -> Result<U256, Revert> {
        decay.conviction(self.passed(block), self.conviction_last, self.staked)
    }

    /// Same as [`Stored::conviction_at`], without caching.
    ///
    /// # Errors
    /// When the contract reverts.
    pub fn peek(&self, block: u64, decay: &Decay) -> Result<U256, Revert> {
        decay.peek(self.passed(block), self.conviction_last, self.staked)
    }

    /// Returns the blocks since conviction was stored; 0 before the first stake.
    fn passed(&self, block: u64) -> u64 {
        match self.block_last {
            0 => 0,
            last => block - last,
        }
    }

    /// Changes the stake at a block. Stores conviction first, under the old stake; the first stake only records
    /// the block. A second change in the same block does not store conviction again.
    ///
    /// # Errors
    /// When the contract reverts; nothing is then changed.
    pub fn change(&mut self, block: u64, staked: U256, decay: &mut Decay) -> Result<(), Revert> {
        self.change_by(block, staked, |passed, last, amount| {
            decay.conviction(passed, last, amount)
        })
    }

    /// Same as [`Stored::change`], with `conviction` as a function of blocks passed, last conviction and stake.
    pub(super) fn change_by<E>(
        &mut self,
        block: u64,
        staked: U256,
        conviction: impl FnOnce(u64, U256, U256) -> Result<U256, E>,
    ) -> Result<(), E> {
        if self.block_last != 0 && self.block_last < block {
            let passed = block - self.block_last;
            self.conviction_last = conviction(passed, self.conviction_last, self.staked)?;
        }
        self.block_last = block;
        self.staked = staked;
        Ok(())
    }
}
