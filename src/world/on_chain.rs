//! What a run in the contract's arithmetic keeps besides: the supply in whole units, and what the
//! contract stores of each candidate.
//!
//! The day's real numbers stay as estimates: they say which candidates are nowhere near their
//! threshold, and the contract's integers decide about the others. Conviction and thresholds in
//! token-blocks are stated over blocks per day, so as token-days, everywhere outside this file.

use super::kernels::seats::Bar;
use super::supply::Supply;
use crate::contract::{
    Decay, Revert, Stored, ThresholdQuery, U256, integer, real, threshold, tokens, units,
};
use crate::model::{Chain, Parameters, Setting, largest_passable_share, scaled};
use bevy_ecs::prelude::*;

/// What the contract stores of the candidate on a seat.
#[derive(Component, Clone, Copy, Debug, Default)]
pub struct OnChain(pub Stored);

/// Most candidates that a voter may stake on at a time.
pub const MOST_SUPPORTED: usize = 10;

/// How near its threshold an estimate must be for the contract to be asked: estimates are off by
/// roundings.
const NEAR: f64 = 0.98;

/// A share so little below 1 that stakes split in real numbers never exceed the holdings.
const A_LITTLE_LESS: f64 = 1.0 - f64::EPSILON * 8.0;

/// The chain as a run finds it.
#[derive(Clone, Debug)]
pub struct ChainState {
    chain: Chain,
    decay: Decay,
    max_ratio: U256,
    weight: U256,
    min_threshold_stake_percentage: U256,
    funds: i128,
    effective: i128,
    other: i128,
    total: i128,
}

impl ChainState {
    /// The chain at the start of a run of `setting`, with its supply in whole units. Takes over the
    /// powers of the decay that an earlier run computed.
    pub fn begin(earlier: Option<Self>, setting: &Setting, supply: &Supply) -> Self {
        let parameters = &setting.parameters;
        let decay = U256::from(setting.chain.decay(parameters.alpha));
        let decay = match earlier {
            Some(earlier) if earlier.decay.stored() == decay && earlier.chain == setting.chain => {
                earlier.decay
            }
            _ => Decay::new(decay),
        };
        let [funds, effective, total] = [supply.funds, supply.effective, supply.total].map(units);
        Self {
            chain: setting.chain,
            decay,
            max_ratio: U256::from(scaled(parameters.beta)),
            weight: U256::from(scaled(parameters.rho)),
            min_threshold_stake_percentage: integer(units(setting.chain.min_threshold_stake_share)),
            funds,
            effective,
            other: total - funds - effective,
            total,
        }
    }

    /// The supply as real numbers.
    pub fn supply(&self) -> Supply {
        Supply {
            funds: tokens(self.funds),
            effective: tokens(self.effective),
            other: tokens(self.other),
            total: tokens(self.total),
        }
    }

    /// Mints into the pool.
    pub fn mint(&mut self, minted: f64) {
        self.total += units(minted);
        self.funds += units(minted);
    }

    /// Moves a newcomer's holdings into the effective supply.
    pub fn admit(&mut self, holdings: f64) {
        self.effective += units(holdings);
        self.other -= units(holdings);
    }

    /// Pays a request from the pool.
    pub fn pay(&mut self, requested: f64) {
        self.funds -= units(requested);
        self.other += units(requested);
    }

    /// Blocks per day, in which token-blocks are stated as token-days.
    fn per_day(&self) -> f64 {
        self.chain.blocks_per_day()
    }

    /// What a day adds to an estimate per token staked, and what share it keeps: over the blocks
    /// until the next day, which are not as many every day.
    pub fn estimate(&self, day: u32) -> (f64, f64) {
        let blocks = self.chain.block(day + 1) - self.chain.block(day);
        let per_block = share(self.decay.stored());
        let kept = libm::pow(per_block, blocks as f64);
        ((1.0 - kept) / ((1.0 - per_block) * self.per_day()), kept)
    }

    /// The bar that an estimate must come near for the contract to be asked.
    pub fn bar(&self, day: u32, parameters: &Parameters) -> Bar {
        Bar {
            day: f64::from(day),
            tmin: parameters.tmin,
            funds: tokens(self.funds),
            most: largest_passable_share(parameters) * tokens(self.funds),
            beta: share(self.max_ratio),
            scale: NEAR * share(self.weight) * tokens(self.effective),
            lost: (1.0 - share(self.decay.stored())) * self.per_day(),
        }
    }

    /// Conviction on a day, before its stakes move, in token-blocks.
    ///
    /// # Errors
    /// Where the contract reverts.
    pub fn conviction(&mut self, candidate: &OnChain, day: u32) -> Result<U256, Revert> {
        candidate
            .0
            .conviction_at(self.chain.block(day), &mut self.decay)
    }

    /// The threshold (token-blocks) of a request, with the pool and the effective supply as they
    /// are: all of it is staked, what supports no candidate on the abstain proposal.
    ///
    /// # Errors
    /// Where the contract reverts.
    pub fn threshold(&self, requested: f64) -> Result<U256, Revert> {
        self.threshold_with(requested, self.funds, self.effective)
    }

    fn threshold_with(&self, requested: f64, funds: i128, staked: i128) -> Result<U256, Revert> {
        threshold(&ThresholdQuery {
            decay: self.decay.stored(),
            max_ratio: self.max_ratio,
            weight: self.weight,
            min_threshold_stake_percentage: self.min_threshold_stake_percentage,
            funds: integer(funds),
            stake_token_total_supply: integer(self.total),
            total_staked: integer(staked),
            requested: integer(units(requested)),
        })
    }

    /// The trigger (token-days) of a request with this pool and effective supply; infinite where the
    /// contract reverts.
    pub fn trigger(&self, requested: f64, funds: f64, effective: f64) -> f64 {
        self.threshold_with(requested, units(funds), units(effective))
            .map_or(f64::INFINITY, |threshold| self.token_days(threshold))
    }

    /// Token-blocks as token-days.
    pub fn token_days(&self, token_blocks: U256) -> f64 {
        real(token_blocks) / self.per_day()
    }

    /// The conviction (token-days) of a candidate at the end of a day; infinite where the contract
    /// reverts.
    pub fn conviction_at_end(&self, candidate: &OnChain, day: u32) -> f64 {
        candidate
            .0
            .peek(self.chain.block(day + 1), &self.decay)
            .map_or(f64::INFINITY, |conviction| self.token_days(conviction))
    }

    /// Changes one voter's stake on a candidate, on a day.
    ///
    /// # Errors
    /// Where the contract reverts.
    pub fn change(
        &mut self,
        candidate: &mut OnChain,
        day: u32,
        before: f64,
        after: f64,
    ) -> Result<(), Revert> {
        let staked = candidate.0.staked + integer(units(after)) - integer(units(before));
        let block = self.chain.block(day);
        candidate.0.change(block, staked, &mut self.decay)
    }
}

/// A share as the contract stores it, as a real number.
fn share(stored: U256) -> f64 {
    f64::from(stored) / 1e7
}

/// The stakes that weights come to, a little below the holdings in sum: the ten greatest weights
/// count, of equal ones those on lower seats.
pub fn split(weights: &mut [f64], holdings: f64) {
    let supported = weights.iter().filter(|&&weight| weight > 0.0).count();
    for _ in MOST_SUPPORTED..supported {
        let positive = weights.iter_mut().filter(|weight| **weight > 0.0);
        // Of equal weights the last.
        let least = positive.reduce(|least, weight| if *weight <= *least { weight } else { least });
        *least.expect("more than ten are positive") = 0.0;
    }
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 {
        let tokens_per_weight = holdings * A_LITTLE_LESS / sum;
        for weight in weights {
            *weight *= tokens_per_weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ten_greatest_weights_count_and_holdings_are_not_exceeded() {
        let mut weights: Vec<f64> = (0..14).map(|i| f64::from(i % 12)).collect();
        split(&mut weights, 100.0);
        let supported: Vec<usize> = (0..14).filter(|&i| weights[i] > 0.0).collect();
        // 1 is least, and of the two 1s the last goes first.
        assert_eq!(supported, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        let staked: i128 = weights.iter().map(|&x| units(x)).sum();
        assert!(staked <= units(100.0));
        assert!(staked > units(99.999_999_999));
        let mut nothing = [0.0; 3];
        split(&mut nothing, 5.0);
        assert_eq!(nothing, [0.0; 3]);
    }
}
