//! Provides checked arithmetic on unsigned 256-bit integers.

use ruint::Uint;
use ruint::aliases::U256;

/// 10⁷, the scale of decay, weight and max_ratio in every contract.
pub const SCALE: U256 = U256::from_limbs([10_000_000, 0, 0, 0]);
/// 2¹²⁸, the scale of shares of conviction.
pub const TWO_128: U256 = U256::from_limbs([0, 0, 1, 0]);

/// Operation without a valid result. Each contract maps it to its own error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArithmeticFault {
    /// A product beyond 256 bits.
    Product,
    /// A sum beyond 256 bits.
    Sum,
    /// A difference below 0.
    Difference,
    /// A division by 0.
    Division,
    /// A decay of 1 or more.
    Decay,
}

/// Result of checked arithmetic.
pub type Checked = Result<U256, ArithmeticFault>;

pub fn mul(a: U256, b: U256) -> Checked {
    a.checked_mul(b).ok_or(ArithmeticFault::Product)
}

pub fn add(a: U256, b: U256) -> Checked {
    a.checked_add(b).ok_or(ArithmeticFault::Sum)
}

pub fn sub(a: U256, b: U256) -> Checked {
    a.checked_sub(b).ok_or(ArithmeticFault::Difference)
}

pub fn div(a: U256, b: U256) -> Checked {
    a.checked_div(b).ok_or(ArithmeticFault::Division)
}

/// Computes ⌊a·b / c⌋ with a 512-bit product; `None` if the quotient does not fit or c is 0.
pub fn mul_div(a: U256, b: U256, c: U256) -> Option<U256> {
    let product: Uint<512, 8> = a.widening_mul(b);
    let quotient = product.checked_div(Uint::from(c))?;
    U256::checked_from_limbs_slice(quotient.as_limbs())
}

/// Parses a whole number below 2²⁵⁶ from decimal digits only.
pub fn whole_number(digits: &str) -> Option<U256> {
    /// Number of decimal digits that always fit in 128 bits.
    const SHORT: usize = 38;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if digits.len() <= SHORT {
        return digits.parse::<u128>().ok().map(U256::from);
    }
    U256::from_str_radix(digits, 10).ok()
}

/// Signed whole number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signed {
    /// True below 0; false for 0.
    is_negative: bool,
    magnitude: U256,
}

impl Signed {
    /// Parses an optional minus sign and decimal digits, below 2²⁵⁵ in magnitude.
    pub fn parse(text: &str) -> Option<Self> {
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let magnitude = whole_number(digits).filter(|magnitude| !magnitude.bit(255))?;
        Some(Self::new(is_negative, magnitude))
    }

    fn new(is_negative: bool, magnitude: U256) -> Self {
        Self {
            is_negative: is_negative && !magnitude.is_zero(),
            magnitude,
        }
    }

    /// Returns true above 0.
    pub fn is_positive(self) -> bool {
        !self.is_negative && !self.magnitude.is_zero()
    }

    /// Returns the number, unless it is negative.
    pub fn unsigned(self) -> Option<U256> {
        (!self.is_negative).then_some(self.magnitude)
    }

    /// Returns the sum, if its magnitude fits in 256 bits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.is_negative == other.is_negative {
            let magnitude = self.magnitude.checked_add(other.magnitude)?;
            return Some(Self::new(self.is_negative, magnitude));
        }
        let (large, small) = match self.magnitude >= other.magnitude {
            true => (self, other),
            false => (other, self),
        };
        let magnitude = large.magnitude - small.magnitude;
        Some(Self::new(large.is_negative, magnitude))
    }
}

impl From<U256> for Signed {
    fn from(magnitude: U256) -> Self {
        Self::new(false, magnitude)
    }
}

impl std::fmt::Display for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.is_negative { "-" } else { "" };
        write!(f, "{sign}{}", self.magnitude)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_length_are_read() {
        for shift in 0..256 {
            let number: U256 = U256::from(1) << shift;
            for number in [number - U256::from(1), number] {
                assert_eq!(whole_number(&number.to_string()), Some(number));
            }
        }
        for text in ["", "-1", "+1", "1_000", " 1", "0x1"] {
            assert_eq!(whole_number(text), None, "{text:?}");
        }
        assert_eq!(whole_number(&format!("{}0", U256::MAX)), None);
    }

    #[test]
    fn signs_add_up() {
        let signed = |text| Signed::parse(text).unwrap();
        for (a, b, sum) in [
            ("5", "-7", "-2"),
            ("-5", "7", "2"),
            ("-5", "-7", "-12"),
            ("-5", "5", "0"),
            ("-0", "0", "0"),
        ] {
            let found = signed(a).checked_add(signed(b)).unwrap();
            assert_eq!((found, found.to_string()), (signed(sum), sum.to_owned()));
        }
        let beyond: U256 = U256::from(1) << 255;
        assert_eq!(Signed::parse(&beyond.to_string()), None);
        assert_eq!(signed("-3").unsigned(), None);
    }

    #[test]
    fn a_wide_product_is_divided() {
        assert_eq!(mul_div(U256::MAX, U256::MAX, U256::MAX), Some(U256::MAX));
        assert_eq!(mul_div(U256::MAX, U256::from(2), U256::from(1)), None);
        assert_eq!(mul_div(U256::from(1), U256::from(1), U256::ZERO), None);
    }
}
