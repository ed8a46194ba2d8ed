//! Computes conviction as every contract does. Powers of the decay fit in 128 bits; debug builds check them
//! against the 256-bit path.

use super::integers::{ArithmeticFault, Checked, SCALE, TWO_128, add, div, mul, sub};
use ruint::aliases::U256;

const TWO_127: U256 = U256::from_limbs([0, 1 << 63, 0, 0]);

/// Returns the share of conviction kept over a number of blocks, scaled by 2¹²⁸.
///
/// # Errors
/// When the decay is 1 or more. A decay of 2¹²⁸ or more loses its top bits and may pass.
pub fn kept(decay: U256, blocks: U256) -> Checked {
    let base = div(decay << 128, SCALE)?;
    let base = u128::try_from(base).map_err(|_| ArithmeticFault::Decay)?;
    let kept = power(base, blocks);
    debug_assert_eq!(Ok(kept), power_in_256_bits(U256::from(base), blocks));
    Ok(kept)
}

/// Returns conviction under a constant stake, given the share `kept` of the last conviction; `lost` is D −
/// decay.
///
/// # Errors
/// When a product or sum exceeds 256 bits.
pub fn grown(kept: U256, last: U256, amount: U256, lost: U256) -> Checked {
    let grown = mul(mul(amount, SCALE)?, sub(TWO_128, kept)?)?;
    let grown = div(grown, lost)?;
    Ok(add(add(mul(kept, last)?, grown)?, TWO_127)? >> 128)
}

/// Raises a number scaled by 2¹²⁸ to a power, by squaring. Each product rounds half up, so their order matters.
fn power(mut base: u128, exponent: U256) -> U256 {
    // Multiplying by 2¹²⁸, the scaled 1, would change nothing.
    let mut result: Option<u128> = None;
    let mut left = exponent;
    while !left.is_zero() {
        if left.bit(0) {
            result = Some(result.map_or(base, |result| product(result, base)));
            if left == U256::from(1) {
                break;
            }
        }
        base = product(base, base);
        left >>= 1;
    }
    result.map_or(TWO_128, U256::from)
}

/// Computes (ab + 2¹²⁷) / 2¹²⁸, rounded down.
fn product(a: u128, b: u128) -> u128 {
    let (high, low) = wide_product(a, b);
    high + (low >> 127)
}

/// Returns the upper and lower 128 bits of ab.
pub fn wide_product(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let low = a0 * b0;
    let middle = a1 * b0 + (low >> 64);
    let other = a0 * b1 + (middle & LOW);
    let high = a1 * b1 + (middle >> 64) + (other >> 64);
    (high, other << 64 | (low & LOW))
}

/// Same as [`power`], in the contract's own steps.
fn power_in_256_bits(mut base: U256, mut left: U256) -> Checked {
    let rounded = |a, b| Ok(add(mul(a, b)?, TWO_127)? >> 128);
    let mut result = TWO_128;
    while !left.is_zero() {
        if left.bit(0) {
            result = rounded(result, base)?;
            left -= U256::from(1);
        } else {
            base = rounded(base, base)?;
            left >>= 1;
        }
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn powers_in_128_bits_are_those_in_256(
            base in any::<u128>(), leading in 0u32..128, exponent in any::<[u64; 4]>(), shift in 0usize..256,
        ) {
            let (base, exponent) = (base >> leading, U256::from_limbs(exponent) >> shift);
            prop_assert_eq!(Ok(power(base, exponent)), power_in_256_bits(U256::from(base), exponent));
        }

        #[test]
        fn a_product_rounds_half_up(a in any::<u128>(), b in any::<u128>()) {
            let exact = (U256::from(a) * U256::from(b) + TWO_127) >> 128;
            prop_assert_eq!(U256::from(product(a, b)), exact);
        }
    }

    #[test]
    fn the_largest_base_stays_below_one() {
        for exponent in [0u64, 1, 2, 3, u64::MAX] {
            let exponent = U256::from(exponent);
            let checked = power_in_256_bits(U256::from(u128::MAX), exponent);
            assert_eq!(Ok(power(u128::MAX, exponent)), checked);
        }
    }
}
