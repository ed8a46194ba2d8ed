//! What the contract stores of a proposal, and when it brings that up to date.

use super::one_hive::{Decay, Revert};
use ruint::aliases::U256;

/// What the contract stores of a proposal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Tokens staked on it.
    pub staked: U256,
    /// Conviction at `block_last`.
    pub conviction_last: U256,
    /// The block up to which conviction is stored; 0 before the first stake.
    pub block_last: u64,
}

impl Stored {
    /// Conviction at a block, not stored.
    ///
    /// # Errors
    /// Where the contract reverts.
    pub fn conviction_at(&self, block: u64, decay: &mut Decay) -> Result<U256, Revert> {
        decay.conviction(self.passed(block), self.conviction_last, self.staked)
    }

    /// As [`Stored::conviction_at`], without keeping what is computed on the way.
    ///
    /// # Errors
    /// Where the contract reverts.
    pub fn peek(&self, block: u64, decay: &Decay) -> Result<U256, Revert> {
        decay.peek(self.passed(block), self.conviction_last, self.staked)
    }

    /// Blocks since conviction was stored; nothing passes before the first stake.
    fn passed(&self, block: u64) -> u64 {
        match self.block_last {
            0 => 0,
            last => block - last,
        }
    }

    /// Changes what is staked at a block. Conviction is stored first, under the stake before the
    /// change; the first stake only records the block, and a second change in a block finds it
    /// recorded.
    ///
    /// # Errors
    /// Where the contract reverts; nothing is then changed.
    pub fn change(&mut self, block: u64, staked: U256, decay: &mut Decay) -> Result<(), Revert> {
        self.change_by(block, staked, |passed, last, amount| {
            decay.conviction(passed, last, amount)
        })
    }

    /// As [`Stored::change`], with conviction from blocks passed, the last one, and the stake.
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
