//! Computes conviction, threshold and weighted points in the contract's order of operations.

use super::revert::Revert;
use crate::contract::decay::{grown, kept, wide_product};
use crate::contract::integers::{self, SCALE, TWO_128, add, div, mul, sub};
use ruint::Uint;
use ruint::aliases::U256;

type Computed = Result<U256, Revert>;

/// Computes ⌊a·b / c⌋ with a 512-bit product.
pub(super) fn mul_div(a: U256, b: U256, c: U256) -> Computed {
    match integers::mul_div(a, b, c) {
        Some(quotient) => Ok(quotient),
        // If the product fits in 256 bits, dividing it by 0 fails like any other division by 0.
        None if c.is_zero() && a.checked_mul(b).is_some() => Err(Revert::DivisionByZero),
        None => Err(Revert::MulDivOverflow),
    }
}

/// Returns conviction after some blocks of constant support, given the last conviction.
///
/// # Errors
/// When the contract reverts.
///
/// ```
/// use conviction::contract::{U256, gardens2::conviction};
/// let one = U256::from(10u64.pow(18));
/// let grown = conviction(U256::from(9_999_799), U256::from(1), one, U256::ZERO);
/// assert_eq!(grown, Ok(U256::from(999_979_900_000_000_000u64)));
/// ```
pub fn conviction(decay: U256, time_passed: U256, last: U256, amount: U256) -> Computed {
    let kept = kept(decay, time_passed)?;
    Ok(grown(kept, last, amount, sub(SCALE, decay)?)?)
}

/// Inputs of the threshold of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThresholdQuery {
    /// Share of conviction kept per block, scaled by 10⁷.
    pub decay: U256,
    /// β, scaled by 10⁷.
    pub max_ratio: U256,
    /// ρ, scaled by 10⁷.
    pub weight: U256,
    /// Points whose largest conviction is the minimum threshold.
    pub min_threshold_points: U256,
    /// Pool balance.
    pub pool_amount: U256,
    /// Points that enter the threshold.
    pub total_points: U256,
    /// Requested amount.
    pub requested: U256,
}

/// Returns the conviction that a request must exceed: 2²⁵⁶ − 1 if it is not below max_ratio of the pool.
///
/// # Errors
/// When the contract reverts.
pub fn threshold(query: &ThresholdQuery) -> Computed {
    let ThresholdQuery {
        decay,
        max_ratio,
        weight,
        min_threshold_points,
        pool_amount,
        total_points,
        requested,
    } = *query;
    let has_pool = !pool_amount.is_zero();
    if has_pool && mul(max_ratio, pool_amount)? <= mul(requested, SCALE)? {
        return Ok(U256::MAX);
    }
    let two_64 = U256::from_limbs([0, 1, 0, 0]);
    let asked = match has_pool {
        true => div(mul(requested, two_64)?, pool_amount)?,
        false => U256::ZERO,
    };
    let headroom = sub(div(mul(max_ratio, two_64)?, SCALE)?, asked)?;
    let headroom_squared = mul(headroom, headroom)? >> 64;
    let share = mul_div(div(weight << 128, SCALE)?, SCALE, headroom_squared)?;
    let share = div(share, sub(SCALE, decay)?)?;
    let moving = mul_div(share, total_points, two_64)?;
    Ok(moving.max(threshold_floor(decay, min_threshold_points)?))
}

/// Returns the minimum threshold: the largest conviction of `min_threshold_points`.
///
/// # Errors
/// When the contract reverts.
pub fn threshold_floor(decay: U256, min_threshold_points: U256) -> Computed {
    mul_div(min_threshold_points, SCALE, sub(SCALE, decay)?)
}

/// Returns the largest conviction of an amount, as a rebalance of streams computes it.
///
/// # Errors
/// When the contract reverts.
pub fn maximum_conviction(decay: U256, amount: U256) -> Computed {
    Ok(div(mul(amount, SCALE)?, sub(SCALE, decay)?)?)
}

/// Returns points weighted by time: a snapshot that approaches the current points as conviction decays. The
/// remaining difference is rounded up, so that the result stays on the snapshot's side.
///
/// # Errors
/// When the contract reverts.
pub fn weighted_average(snapshot: U256, now: U256, elapsed: U256, decay: U256) -> Computed {
    weighted_by(kept(decay, elapsed)?, snapshot, now)
}

/// Computes [`weighted_average`] from the share of its weight that the snapshot has kept, scaled by 2¹²⁸.
pub(super) fn weighted_by(kept: U256, snapshot: U256, now: U256) -> Computed {
    Ok(match now >= snapshot {
        true => sub(now, rest(kept, now - snapshot))?,
        false => add(now, rest(kept, snapshot - now))?,
    })
}

/// Returns the part of a difference that is left, rounded up; at most the difference.
fn rest(kept: U256, difference: U256) -> U256 {
    let in_512_bits = || {
        let product: Uint<512, 8> = difference.widening_mul(kept);
        let below_one: Uint<512, 8> = Uint::from(TWO_128 - U256::from(1));
        let rounded_up: Uint<512, 8> = (product + below_one) >> 128;
        // The rest is at most the difference, so it fits.
        rounded_up.wrapping_to::<U256>()
    };
    let (Ok(kept), Ok(short)) = (u128::try_from(kept), u128::try_from(difference)) else {
        return in_512_bits();
    };
    let (high, low) = wide_product(kept, short);
    let rest = U256::from(high + u128::from(low != 0));
    debug_assert_eq!(rest, in_512_bits());
    rest
}
