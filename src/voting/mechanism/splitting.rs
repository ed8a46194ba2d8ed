//! Split of votes by contracts, which change one stake after another.

use crate::engine::LANES;
use crate::voting::mechanism::whole::A_LITTLE_LESS;
use crate::voting::support::{Decisions, Stakes};
use fearless_simd::Simd;

/// Reused buffers of the split.
#[derive(Clone, Debug, Default)]
pub struct Splitting {
    /// Bits of the seats on which a mover has a weight or a stake: mover by mover, a byte per eight.
    touched: Vec<u8>,
    /// These seats of one mover, in order, and the stakes on them.
    seats: Vec<(usize, f64)>,
    /// Weights on these seats, replaced by stakes.
    weights: Vec<f64>,
}

impl Splitting {
    /// Splits the votes of all participants whose stakes move over at most `most` candidates each, as decided.
    /// `change` changes one stake from one number of tokens (Honey) to another, in the
    /// mechanism's record of the candidate.
    ///
    /// # Errors
    /// Returns the first error of `change`.
    #[allow(clippy::too_many_arguments, reason = "each is a column")]
    #[inline(always)]
    pub fn split<S: Simd, V, E>(
        &mut self,
        simd: S,
        most: usize,
        stakes: &mut Stakes,
        decisions: &Decisions,
        holdings: &[f64],
        stored: &mut [V],
        change: impl FnMut(&mut V, f64, f64) -> Result<(), E>,
    ) -> Result<(), E> {
        decisions.find_touched(simd, stakes, &mut self.touched);
        self.split_touched(most, stakes, decisions, holdings, stored, change)
    }

    /// Splits the votes over the touched seats; all others have neither a weight nor a stake.
    #[allow(clippy::too_many_arguments, reason = "each is a column")]
    fn split_touched<V, E>(
        &mut self,
        most: usize,
        stakes: &mut Stakes,
        decisions: &Decisions,
        holdings: &[f64],
        stored: &mut [V],
        mut change: impl FnMut(&mut V, f64, f64) -> Result<(), E>,
    ) -> Result<(), E> {
        let count = decisions.count();
        for (mover, &participant) in decisions.moving().iter().enumerate() {
            let participant = participant as usize;
            stakes.restake[participant] = false;
            self.seats.clear();
            self.weights.clear();
            let mut touched = &self.touched[mover * count..][..count];
            for (first, weights) in decisions.blocks_of(mover) {
                let staked = stakes.block(first, participant);
                let (of_block, later) = touched.split_at(weights.len());
                touched = later;
                let eights = of_block.iter().zip(weights).zip(staked);
                for (eight, ((&touched, weights), staked)) in eights.enumerate() {
                    let mut left = touched;
                    while left != 0 {
                        let lane = left.trailing_zeros() as usize;
                        self.seats
                            .push(((first + eight) * LANES + lane, staked[lane]));
                        self.weights.push(weights[lane]);
                        left &= left - 1;
                    }
                }
            }
            to_stakes(&mut self.weights, holdings[participant], most);
            for (&(seat, before), &after) in self.seats.iter().zip(&self.weights) {
                if before != after {
                    change(&mut stored[seat], before, after)?;
                    stakes.set(participant, seat, after);
                }
            }
        }
        Ok(())
    }
}

/// Replaces weights by stakes, in sum slightly below the holdings. Only the `most` greatest weights count; among
/// equal ones, those on lower seats.
fn to_stakes(weights: &mut [f64], holdings: f64, most: usize) {
    let supported = weights.iter().filter(|&&weight| weight > 0.0).count();
    for _ in most..supported {
        let positive = weights.iter_mut().filter(|weight| **weight > 0.0);
        // The last of equal weights.
        let least = positive.reduce(|least, weight| if *weight <= *least { weight } else { least });
        if let Some(least) = least {
            *least = 0.0;
        }
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
    use crate::contract::units;

    #[test]
    fn the_ten_greatest_weights_count_and_holdings_are_not_exceeded() {
        let mut weights: Vec<f64> = (0..14).map(|i| f64::from(i % 12)).collect();
        to_stakes(&mut weights, 100.0, 10);
        let supported: Vec<usize> = (0..14).filter(|&i| weights[i] > 0.0).collect();
        // 1 is the least weight; of the two 1s the last is dropped first.
        assert_eq!(supported, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        let staked: i128 = weights.iter().map(|&x| units(x)).sum();
        assert!(staked <= units(100.0));
        assert!(staked > units(99.999_999_999));
        let mut nothing = [0.0; 3];
        to_stakes(&mut nothing, 5.0, 10);
        assert_eq!(nothing, [0.0; 3]);
    }
}
