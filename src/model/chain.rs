//! Whether a run computes in real numbers or as the deployed contract does.

/// How stakes, conviction and triggers are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arithmetic {
    /// In real numbers, day by day.
    #[default]
    Real,
    /// As the deployed contract does: in whole units of 10⁻¹⁸ tokens, block by block.
    Contract,
}

impl Arithmetic {
    /// The names as written in a spec.
    pub const NAMES: &'static [&'static str] = &["real", "contract"];

    /// The arithmetic of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "real" => Some(Self::Real),
            "contract" => Some(Self::Contract),
            _ => None,
        }
    }

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Contract => "contract",
        }
    }
}

/// The chain that a contract runs on, and what the contract stores besides α, β and ρ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chain {
    /// Seconds from block to block, above 0, at most a day. Default 15.
    pub block_time_seconds: f64,
    /// The seconds from block to block for which α was turned into the contract's decay, at most a
    /// day; 0 for those of the chain. A chain that speeds up afterwards shortens the half-life.
    /// Default 0.
    pub assumed_block_time_seconds: f64,
    /// Least share of the total supply that counts as staked in a threshold, 0 to 1: the contract's
    /// minThresholdStakePercentage over 10¹⁸. Default 0.2.
    pub min_threshold_stake_share: f64,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            block_time_seconds: 15.0,
            assumed_block_time_seconds: 0.0,
            min_threshold_stake_share: 0.2,
        }
    }
}

/// D: what the contract's decay, max_ratio and weight are scaled by.
const SCALE: f64 = 1e7;

impl Chain {
    /// Blocks per day.
    pub fn blocks_per_day(&self) -> f64 {
        86_400.0 / self.block_time_seconds
    }

    /// Whole blocks from the start of the chain to a day, from 1: no day is block 0.
    pub fn block(&self, day: u32) -> u64 {
        1 + libm::floor(f64::from(day) * self.blocks_per_day()) as u64
    }

    /// The contract's decay, ⌊10⁷ α^(1 / blocks per day)⌋, for α per day in [0, 1) and the blocks per
    /// day that were assumed.
    ///
    /// ```
    /// use conviction::model::{Chain, alpha_from_half_life};
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::alpha_from_half_life;

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
            [chain.block(0), chain.block(1), chain.block(2)],
            [1, 12_343, 24_686]
        );
    }
}
