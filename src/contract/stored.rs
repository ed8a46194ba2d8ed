//! Stores a proposal's conviction, and brings it up to date as the contract does.

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
    /// Returns the blocks since conviction was stored; 0 before the first stake.
    pub(super) fn passed(&self, block: u64) -> u64 {
        match self.block_last {
            0 => 0,
            last => block - last,
        }
    }

    /// Changes the stake at a block. Stores conviction first, under the old stake: `conviction` is a function of
    /// blocks passed, last conviction and stake. The first stake only records the block. A second change in the same
    /// block does not store conviction again.
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
