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

/// An estimate and its half width, to the decimals that the half width supports, at most six: `("0.42", "0.03")`.
#[cfg(feature = "report")]
pub(crate) fn supported(value: f64, half_width: f64) -> (String, String) {
    // The place of the first digit of the half width.
    let first = format!("{half_width:.0e}");
    let place = first
        .split_once('e')
        .and_then(|(_, place)| place.parse::<i32>().ok());
    let Some(place) = place.filter(|_| half_width > 0.0 && value.is_finite()) else {
        let plain = |number: f64| match number.is_finite() {
            true => rounded(number, 6).to_string(),
            false => number.to_string(),
        };
        return (plain(value), plain(half_width));
    };
    let decimals = usize::try_from(-place).unwrap_or(0).min(6);
    let shown = |number: f64| {
        let text = format!("{number:.decimals$}");
        match text.strip_prefix('-') {
            Some(zero) if zero.bytes().all(|byte| matches!(byte, b'0' | b'.')) => zero.to_owned(),
            _ => text,
        }
    };
    (shown(value), shown(half_width))
}

/// Formats an estimate and its half width with one digit more than is sure, so that neighbours differ: `0.423 ± 0.031`.
#[cfg(feature = "report")]
pub(crate) fn plus_minus(value: f64, half_width: f64) -> String {
    let (value, _) = supported(value, half_width / 10.0);
    format!("{value} ± {}", rounded(half_width, 2))
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
    fn estimates_have_the_digits_that_their_half_widths_support() {
        let shown = |value, half_width| supported(value, half_width);
        let text = |value: &str, half: &str| (value.to_owned(), half.to_owned());
        assert_eq!(shown(0.423456, 0.0312), text("0.42", "0.03"));
        assert_eq!(shown(0.423456, 0.000_96), text("0.423", "0.001"));
        assert_eq!(shown(123.456, 20.0), text("123", "20"));
        assert_eq!(shown(-0.001, 0.1), text("0.0", "0.1"));
        assert_eq!(shown(0.5, 0.0), text("0.5", "0"));
        assert_eq!(plus_minus(0.088_6, 0.109_9), "0.09 ± 0.11");
        assert_eq!(plus_minus(3.2, 0.0), "3.2 ± 0");
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
