//! Chain of a contract: its blocks, and settings as contracts store them.

use crate::contract::{U256, integer, real, units};
use crate::engine::Domain;
use crate::voting::conviction::{Conviction, Growth};

crate::settings! {
    /// Chain of the contract, and stored settings besides α, β and ρ.
    Chain in "chain" {
        block_time_seconds: f64 = 15.0, "s", Domain::from_to(1e-3, 86_400.0), "seconds from block to block, for the contract's arithmetic";
        assumed_block_time_seconds: f64 = 0.0, "s", Domain::from_to(0.0, 86_400.0), "block time for which alpha was turned into the contract's decay; 0 for that of the chain";
        min_threshold_stake_share: f64 = 0.2, "", Domain::from_to(0.0, 1.0), "least share of the total supply that counts as staked in a threshold: the contract's minThresholdStakePercentage / 10^18";
    }
}

/// D: scale of the contract's decay, max_ratio and weight.
const SCALE: f64 = 1e7;

impl Chain {
    /// Returns the number of blocks per day.
    pub fn blocks_per_day(&self) -> f64 {
        86_400.0 / self.block_time_seconds
    }

    /// Returns the number of whole blocks in this many days.
    pub fn blocks(&self, days: u32) -> u64 {
        libm::floor(f64::from(days) * self.blocks_per_day()) as u64
    }

    /// Returns the contract's decay, ⌊10⁷ α^(1 / blocks per day)⌋, for α per day in [0, 1) and the assumed blocks per
    /// day.
    ///
    /// ```
    /// use conviction::voting::{conviction::alpha_from_half_life, mechanism::Chain};
    /// let chain = Chain { block_time_seconds: 5.0, ..Chain::default() };
    /// assert_eq!(chain.decay(alpha_from_half_life(2.0)), 9_999_799);
    /// ```
    pub fn decay(&self, alpha: f64) -> u64 {
        let assumed = match self.assumed_block_time_seconds {
            0.0 => self.block_time_seconds,
            assumed => assumed,
        };
        let per_block = libm::pow(alpha, assumed / 86_400.0);
        // A half-life so long that α rounds to 1 is stored as the longest possible one.
        (libm::floor(SCALE * per_block) as u64).min(9_999_999)
    }

    /// Returns the share of conviction kept from block to block, as the contract stores it.
    pub fn kept_per_block(&self, alpha: f64) -> f64 {
        self.decay(alpha) as f64 / SCALE
    }

    /// Returns the half-life of a stored decay, in days; infinite for a decay that loses nothing.
    pub fn half_life_days(&self, decay: u64) -> f64 {
        if decay == 0 {
            return 0.0;
        }
        -1.0 / (libm::log2(decay as f64 / SCALE) * self.blocks_per_day())
    }
}

/// Returns a share as the contract stores it: scaled by 10⁷, rounded to the nearest integer.
pub fn scaled(share: f64) -> u64 {
    libm::round(SCALE * share) as u64
}

/// Converts a stored share to a real number.
pub fn share(stored: U256) -> f64 {
    f64::from(stored) / SCALE
}

/// Settings as every contract stores them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parameters {
    /// The chain.
    pub chain: Chain,
    /// Share of conviction kept per block, scaled by 10⁷.
    pub decay: U256,
    /// β, scaled by 10⁷.
    pub max_ratio: U256,
    /// ρ, scaled by 10⁷.
    pub weight: U256,
    /// Minimum share of the supply that counts as staked, scaled by 10¹⁸.
    pub min_threshold_stake_percentage: U256,
}

impl Parameters {
    /// Converts settings.
    pub fn of(conviction: &Conviction, chain: &Chain) -> Self {
        Self {
            chain: *chain,
            decay: U256::from(chain.decay(conviction.alpha)),
            max_ratio: U256::from(scaled(conviction.beta)),
            weight: U256::from(scaled(conviction.rho)),
            min_threshold_stake_percentage: integer(units(chain.min_threshold_stake_share)),
        }
    }
}

/// Blocks at which days begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockClock {
    /// Day since which the chain has its block time.
    pub day: u32,
    /// Block of that day; below 0 if the run starts from a block of the first day.
    block: i64,
    per_day: f64,
    /// First block of the run.
    first: u64,
}

impl Default for BlockClock {
    /// Clock from the start of a run; no day is block 0.
    fn default() -> Self {
        Self::from_start(&Chain::default())
    }
}

impl BlockClock {
    /// Creates the clock of a chain at the start of a run.
    pub fn from_start(chain: &Chain) -> Self {
        Self {
            day: 0,
            block: 1,
            per_day: chain.blocks_per_day(),
            first: 1,
        }
    }

    /// Creates the clock of a run whose day 1 begins at a block; day 0 is the moment before.
    pub fn from_block(block: u64, chain: &Chain) -> Self {
        Self {
            block: block as i64 - chain.blocks(1) as i64,
            first: block,
            ..Self::from_start(chain)
        }
    }

    /// Continues from a day with the settings of a chain, whose block time may have changed.
    pub fn go_on(&mut self, day: u32, chain: &Chain) {
        *self = Self {
            day,
            block: self.at(day) as i64,
            per_day: chain.blocks_per_day(),
            first: self.first,
        };
    }

    /// Returns the block at which a day begins, or the first of the run.
    pub fn at(&self, day: u32) -> u64 {
        let blocks = libm::floor(f64::from(day - self.day) * self.per_day) as u64;
        let block = self.block.saturating_add_unsigned(blocks);
        u64::try_from(block).map_or(self.first, |block| block.max(self.first))
    }

    /// Returns the number of blocks per day, by which token-blocks are converted to token-days.
    pub fn per_day(&self) -> f64 {
        self.per_day
    }

    /// Converts token-blocks to token-days.
    pub fn token_days(&self, token_blocks: U256) -> f64 {
        real(token_blocks) / self.per_day
    }

    /// Returns the growth of estimated conviction on a day. Its number of blocks differs from day to day.
    pub fn growth(&self, day: u32, decay: U256) -> Growth {
        let blocks = self.at(day + 1) - self.at(day);
        let per_block = share(decay);
        let kept = libm::pow(per_block, blocks as f64);
        Growth {
            gain: (1.0 - kept) / ((1.0 - per_block) * self.per_day),
            kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voting::conviction::alpha_from_half_life;

    #[test]
    fn settings_of_public_deployments() {
        let chain = |block_time_seconds| Chain {
            block_time_seconds,
            ..Chain::default()
        };
        assert_eq!(chain(15.0).decay(alpha_from_half_life(3.0)), 9_999_598);
        assert_eq!(chain(5.0).decay(alpha_from_half_life(2.0)), 9_999_799);
        assert_eq!(chain(5.0).decay(alpha_from_half_life(0.5)), 9_999_197);
        assert_eq!(chain(1.0).decay(alpha_from_half_life(60.0)), 9_999_998);
        let sped_up = Chain {
            assumed_block_time_seconds: 15.0,
            ..chain(5.0)
        };
        let alpha = alpha_from_half_life(3.0);
        assert_eq!(sped_up.decay(alpha), chain(15.0).decay(alpha));
        // The cost of seven digits: a half-life of 60 days on blocks of a second.
        assert!((chain(1.0).half_life_days(9_999_998) - 40.1).abs() < 0.05);
        assert_eq!(chain(15.0).half_life_days(0), 0.0);
        assert_eq!(chain(15.0).decay(0.0), 0);
        assert_eq!(chain(15.0).decay(alpha_from_half_life(1e9)), 9_999_999);
        assert_eq!(
            [scaled(0.2), scaled(0.0025), scaled(0.4)],
            [2_000_000, 25_000, 4_000_000]
        );
    }

    #[test]
    fn blocks_are_whole() {
        let chain = Chain {
            block_time_seconds: 7.0,
            ..Chain::default()
        };
        assert_eq!(
            [chain.blocks(0), chain.blocks(1), chain.blocks(2)],
            [0, 12_342, 24_685]
        );
    }
}
