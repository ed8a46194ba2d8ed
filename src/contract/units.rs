//! Converts real numbers of tokens to the contract's integers, and back.

use ruint::aliases::U256;

/// Units per token.
const ONE_TOKEN: f64 = 1e18;

/// Converts tokens to whole units of 10⁻¹⁸, rounded towards 0.
pub fn units(tokens: f64) -> i128 {
    // Casts saturate.
    (tokens * ONE_TOKEN) as i128
}

/// Converts units of 10⁻¹⁸ to tokens.
pub fn tokens(units: i128) -> f64 {
    units as f64 / ONE_TOKEN
}

/// Returns the largest number of tokens that converts to at most this many units.
pub fn tokens_within(most: i128) -> f64 {
    let mut found = tokens(most);
    while units(found) > most {
        found = found.next_down();
    }
    found
}

/// Converts an integer of the contract, in units of 10⁻¹⁸, to a real number.
pub fn real(integer: U256) -> f64 {
    f64::from(integer) / ONE_TOKEN
}

/// Converts units to an integer of the contract; negative units give 0.
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

    #[test]
    fn tokens_stay_within_units() {
        for most in [
            0i128,
            1,
            999,
            10i128.pow(18) + 1,
            123_456_789 * 10i128.pow(15) + 7,
        ] {
            let found = units(tokens_within(most));
            assert!(found <= most);
            assert!(most - found <= most >> 52);
        }
    }
}
