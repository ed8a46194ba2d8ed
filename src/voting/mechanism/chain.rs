//! The chain that a contract runs on: its blocks, and what contracts store of a setting.

use crate::contract::{U256, integer, real, units};
use crate::engine::Domain;
use crate::voting::conviction::{Conviction, Growth};

crate::settings! {
    /// The chain that the contract runs on, and what it stores besides α, β and ρ.
    Chain in "chain" {
        block_time_seconds: f64 = 15.0, "s", Domain::from_to(1e-3, 86_400.0), "seconds from block to block, for the contract's arithmetic";
        assumed_block_time_seconds: f64 = 0.0, "s", Domain::from_to(0.0, 86_400.0), "block time for which alpha was turned into the contract's decay; 0 for that of the chain";
        min_threshold_stake_share: f64 = 0.2, "", Domain::from_to(0.0, 1.0), "least share of the total supply that counts as staked in a threshold: the contract's minThresholdStakePercentage / 10^18";
    }
}

/// D: what the contract's decay, max_ratio and weight are scaled by.
const SCALE: f64 = 1e7;

impl Chain {
    /// Blocks per day.
    pub fn blocks_per_day(&self) -> f64 {
        86_400.0 / self.block_time_seconds
    }

    /// Whole blocks in so many days.
    pub fn blocks(&self, days: u32) -> u64 {
        libm::floor(f64::from(days) * self.blocks_per_day()) as u64
    }

    /// The contract's decay, ⌊10⁷ α^(1 / blocks per day)⌋, for α per day in [0, 1) and the blocks per
    /// day that were assumed.
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
        // A half-life so long that α rounds to 1 is stored as the longest that can be.
        (libm::floor(SCALE * per_block) as u64).min(9_999_999)
    }

    /// The share of conviction kept from block to block, as the contract stores it.
    pub fn kept_per_block(&self, alpha: f64) -> f64 {
        self.decay(alpha) as f64 / SCALE
    }

    /// The half-life in days that a stored decay comes to; infinite for a decay that loses nothing.
    pub fn half_life_days(&self, decay: u64) -> f64 {
        if decay == 0 {
            return 0.0;
        }
        -1.0 / (libm::log2(decay as f64 / SCALE) * self.blocks_per_day())
    }
}

/// A share as the contract stores it: scaled by 10⁷, to the nearest.
pub fn scaled(share: f64) -> u64 {
    libm::round(SCALE * share) as u64
}

/// A share as the contract stores it, as a real number.
pub fn share(stored: U256) -> f64 {
    f64::from(stored) / SCALE
}

/// What a setting comes to, as every contract stores it.
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
    /// The least share of the supply that counts as staked, scaled by 10¹⁸.
    pub min_threshold_stake_percentage: U256,
}

impl Parameters {
    /// What a setting comes to.
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

/// Which block a day begins at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockClock {
    /// The day since which the chain has its block time.
    pub day: u32,
    /// Block of that day; below 0 if the run starts from a block of the first day.
    block: i64,
    per_day: f64,
}

impl Default for BlockClock {
    /// Since the start; no day is block 0.
    fn default() -> Self {
        Self::from_start(&Chain::default())
    }
}

impl BlockClock {
    /// A chain from the start of a run.
    pub fn from_start(chain: &Chain) -> Self {
        Self {
            day: 0,
            block: 1,
            per_day: chain.blocks_per_day(),
        }
    }

    /// Creates the clock of a run whose day 1 begins at a block.
    pub fn from_block(block: u64, chain: &Chain) -> Self {
        Self {
            block: block as i64 - chain.blocks(1) as i64,
            ..Self::from_start(chain)
        }
    }

    /// Continues from a day with a chain, which may have another block time than before.
    pub fn go_on(&mut self, day: u32, chain: &Chain) {
        *self = Self {
            day,
            block: self.at(day) as i64,
            per_day: chain.blocks_per_day(),
        };
    }

    /// The block at a day's beginning.
    pub fn at(&self, day: u32) -> u64 {
        let blocks = libm::floor(f64::from(day - self.day) * self.per_day) as u64;
        self.block.saturating_add_unsigned(blocks) as u64
    }

    /// Blocks per day, in which token-blocks are stated as token-days.
    pub fn per_day(&self) -> f64 {
        self.per_day
    }

    /// Token-blocks as token-days.
    pub fn token_days(&self, token_blocks: U256) -> f64 {
        real(token_blocks) / self.per_day
    }

    /// What a day does to an estimate of conviction: over the blocks until the next day, which are not as many
    /// every day.
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
        // What seven digits cost: a half-life of 60 days on blocks of a second.
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
