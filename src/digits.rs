//! Rounds numbers to significant digits.

/// Significant digits of computed results; later digits are rounding noise.
#[cfg(feature = "report")]
pub(crate) const DIGITS: usize = 11;

/// Rounds a finite number to this many significant digits, through its decimal text: the only way that is exact
/// to the last bit.
pub(crate) fn rounded(value: f64, digits: usize) -> f64 {
    let decimals = digits - 1;
    format!("{value:.decimals$e}")
        .parse()
        .expect("a number just written")
}

/// Formats a share in per cent, with at most two decimals: `6.25 %`.
#[cfg(feature = "report")]
pub(crate) fn percent(share: f64) -> String {
    let text = format!("{:.2}", share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_decimal_text() {
        assert_eq!(rounded(1.0 / 3.0, 6), 0.333333);
        assert_eq!(rounded(0.1 + 0.2, 15), 0.3);
        assert_eq!(rounded(-123_456.0, 3), -123_000.0);
        assert_eq!(rounded(0.0, 4), 0.0);
    }

    #[test]
    #[cfg(feature = "report")]
    fn shares_are_in_per_cent() {
        assert_eq!(
            [0.0625, 0.2, 1.0, 0.0, 0.123456].map(percent),
            ["6.25 %", "20 %", "100 %", "0 %", "12.35 %"]
        );
    }
}
