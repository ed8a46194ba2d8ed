//! Numbers to so many digits.

/// A finite number to so many significant digits. By way of its decimal text, which alone is right to
/// the last bit.
pub(crate) fn rounded(value: f64, digits: usize) -> f64 {
    let decimals = digits - 1;
    format!("{value:.decimals$e}")
        .parse()
        .expect("a number just written")
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
}
