//! Brings stored conviction up to date by the arithmetic of the 1Hive contract.

use super::arithmetic::{Decay, Revert};
use crate::contract::Stored;
use ruint::aliases::U256;

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
}
