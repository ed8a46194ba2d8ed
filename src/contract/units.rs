//! From real numbers of tokens to the contract's integers, and back.

use ruint::aliases::U256;

/// Units in a token.
const ONE_TOKEN: f64 = 1e18;

/// Tokens as whole units of 10⁻¹⁸, rounded towards 0.
pub fn units(tokens: f64) -> i128 {
    // A cast saturates.
    (tokens * ONE_TOKEN) as i128
}

/// Units of 10⁻¹⁸ as tokens.
pub fn tokens(units: i128) -> f64 {
    units as f64 / ONE_TOKEN
}

/// An integer of the contract, in units of 10⁻¹⁸, as a real number.
pub fn real(integer: U256) -> f64 {
    f64::from(integer) / ONE_TOKEN
}

/// Units as an integer of the contract; below 0 there are none.
pub fn integer(units: i128) -> U256 {
    U256::from(u128::try_from(units).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_whole_and_come_back() {
        assert_eq!(units(1.5), 1_500_000_000_000_000_000);
        assert_eq!(tokens(units(4867.21)), 4867.21);
        assert_eq!(real(integer(units(-2.0))), 0.0);
        assert_eq!(real(integer(units(12.5))), 12.5);
        assert_eq!(real(U256::from(3u64) << 100), 3.0 * 2f64.powi(100) / 1e18);
    }
}
