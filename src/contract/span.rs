//! Computes conviction over a repeated span of blocks. The part that depends on the span alone is computed
//! once, and the rest fits in 128 bits for all realistic stakes.

use super::decay::{grown, kept, wide_product};
use super::integers::{ArithmeticFault, Checked, SCALE, TWO_128, mul};
use ruint::aliases::U256;

/// A stored decay, with the spans asked for so far. D − decay wraps here; a contract that checks it does so itself.
#[derive(Clone, Debug, Default)]
pub struct Spans {
    decay: U256,
    /// Numbers of blocks, ascending: apart from their spans, so that a search reads few cache lines.
    blocks: Vec<u64>,
    /// Spans of these numbers of blocks.
    spans: Vec<Span>,
    /// Place of the last span asked for: most updates of a day cover the same one.
    recent: usize,
}

impl Spans {
    /// No span was asked for yet; the decay is scaled by 10⁷.
    pub fn new(decay: U256) -> Self {
        Self {
            decay,
            blocks: Vec::new(),
            spans: Vec::new(),
            recent: 0,
        }
    }

    /// The decay, scaled by 10⁷.
    pub fn decay(&self) -> U256 {
        self.decay
    }

    /// A span of blocks, which is kept.
    ///
    /// # Errors
    /// Where the decay is 1 or more.
    #[inline]
    pub fn of(&mut self, blocks: u64) -> Result<&Span, ArithmeticFault> {
        if self.blocks.get(self.recent) != Some(&blocks) {
            self.recent = self.place(blocks)?;
        }
        Ok(&self.spans[self.recent])
    }

    /// Returns the place of a span, which is kept.
    fn place(&mut self, blocks: u64) -> Result<usize, ArithmeticFault> {
        match self.blocks.binary_search(&blocks) {
            Ok(place) => Ok(place),
            Err(place) => {
                let span = new_span(self.decay, blocks)?;
                self.blocks.insert(place, blocks);
                self.spans.insert(place, span);
                Ok(place)
            }
        }
    }

    /// Returns [`Spans::of`] without caching a new span.
    ///
    /// # Errors
    /// Where the decay is 1 or more.
    pub fn peek(&self, blocks: u64) -> Result<Span, ArithmeticFault> {
        match self.blocks.binary_search(&blocks) {
            Ok(place) => Ok(self.spans[place]),
            Err(_) => new_span(self.decay, blocks),
        }
    }
}

fn new_span(decay: U256, blocks: u64) -> Result<Span, ArithmeticFault> {
    Span::new(decay, SCALE.wrapping_sub(decay), blocks)
}

/// Span of blocks under a decay.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Share of conviction kept, scaled by 2¹²⁸.
    kept: U256,
    /// D − decay.
    lost: U256,
    short: Option<Short>,
}

/// Span in 128 bits, under a decay below 1: D(2¹²⁸ − kept) = q(D − decay) + r.
#[derive(Clone, Copy, Debug)]
struct Short {
    kept: u128,
    /// q, as its upper and lower 128 bits.
    whole: (u128, u128),
    /// r.
    rest: u128,
    /// D − decay.
    lost: u128,
}

impl Span {
    /// Creates a span of blocks; `lost` is D − decay.
    ///
    /// # Errors
    /// When the decay is 1 or more.
    pub fn new(decay: U256, lost: U256, blocks: u64) -> Result<Self, ArithmeticFault> {
        let kept = kept(decay, U256::from(blocks))?;
        let short = Short::new(kept, lost);
        Ok(Self { kept, lost, short })
    }

    /// Returns the share of conviction kept over the span, scaled by 2¹²⁸.
    pub fn kept(&self) -> U256 {
        self.kept
    }

    /// Returns conviction after the span, under a constant stake.
    ///
    /// # Errors
    /// When a product or sum exceeds 256 bits.
    pub fn conviction(&self, last: U256, amount: U256) -> Checked {
        let in_256_bits = || grown(self.kept, last, amount, self.lost);
        let Some(short) = self.short.and_then(|short| short.conviction(last, amount)) else {
            return in_256_bits();
        };
        debug_assert_eq!(Ok(short), in_256_bits());
        Ok(short)
    }
}

impl Short {
    fn new(kept: U256, lost: U256) -> Option<Self> {
        let gained = mul(SCALE, TWO_128.checked_sub(kept)?).ok()?;
        if lost.is_zero() || lost > SCALE {
            return None;
        }
        let (whole, rest) = gained.div_rem(lost);
        let upper: U256 = whole >> 128;
        Some(Self {
            // The conversion fails only if everything is kept, because no block has passed.
            kept: kept.try_into().ok()?,
            whole: (upper.wrapping_to(), whole.wrapping_to()),
            rest: rest.wrapping_to(),
            lost: lost.wrapping_to(),
        })
    }

    /// Computes ⌊(kept · last + amount · q + ⌊amount · r / (D − decay)⌋ + 2¹²⁷) / 2¹²⁸⌋, provided that no part
    /// overflows: the amount is below 2¹⁰³ and the last conviction below 2¹²⁵.
    #[inline]
    fn conviction(&self, last: U256, amount: U256) -> Option<U256> {
        let [amount_0, amount_1, 0, 0] = *amount.as_limbs() else {
            return None;
        };
        let [last_0, last_1, 0, 0] = *last.as_limbs() else {
            return None;
        };
        if amount_1 >> 39 != 0 || last_1 >> 61 != 0 {
            return None;
        }
        let amount = u128::from(amount_1) << 64 | u128::from(amount_0);
        let last = u128::from(last_1) << 64 | u128::from(last_0);
        let (old, old_below) = wide_product(self.kept, last);
        let (new, new_below) = wide_product(self.whole.1, amount);
        let (below, carry_0) = old_below.overflowing_add(new_below);
        let (below, carry_1) = below.overflowing_add(amount * self.rest / self.lost);
        let (_, carry_2) = below.overflowing_add(1 << 127);
        let carries = u128::from(carry_0) + u128::from(carry_1) + u128::from(carry_2);
        Some(U256::from(old + new + self.whole.0 * amount + carries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_whole() -> impl Strategy<Value = U256> {
        (any::<[u64; 4]>(), 0usize..256).prop_map(|(limbs, shift)| U256::from_limbs(limbs) >> shift)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// Includes inputs that overflow 256 bits: then both paths report a fault.
        #[test]
        fn spans_in_128_bits_are_those_in_256(
            decay in prop_oneof![0u64..10_000_000, 9_999_000u64..10_000_000],
            blocks in prop_oneof![0u64..100, any::<u64>(), 0u64..10_000_000],
            last in any_whole(), amount in any_whole(),
        ) {
            let (decay, lost) = (U256::from(decay), SCALE - U256::from(decay));
            let span = Span::new(decay, lost, blocks).unwrap();
            let expected = grown(span.kept, last, amount, lost);
            prop_assert_eq!(span.conviction(last, amount), expected);
        }

        /// Amounts at the bounds still take the 128-bit path.
        #[test]
        fn the_largest_stakes_fit(
            decay in 0u64..10_000_000, blocks in 1u64..100_000_000,
            last in (1u128 << 125) - 1000..1 << 125, amount in (1u128 << 103) - 1000..1 << 103,
        ) {
            let (decay, lost) = (U256::from(decay), SCALE - U256::from(decay));
            let span = Span::new(decay, lost, blocks).unwrap();
            let (last, amount) = (U256::from(last), U256::from(amount));
            let short = span.short.unwrap().conviction(last, amount).unwrap();
            prop_assert_eq!(Ok(short), grown(span.kept, last, amount, lost));
        }
    }

    #[test]
    fn beyond_the_bounds_256_bits_are_asked() {
        let decay = U256::from(9_999_599);
        let span = Span::new(decay, SCALE - decay, 7).unwrap();
        let short = span.short.unwrap();
        let one = U256::from(1);
        let most: U256 = one << 103;
        let high: U256 = one << 125;
        assert_eq!(short.conviction(one, most), None);
        assert_eq!(short.conviction(high, one), None);
        // A decay that has lost its top bits.
        let wrapped: U256 = one << 255;
        let span = Span::new(wrapped, SCALE.wrapping_sub(wrapped), 7).unwrap();
        assert!(span.short.is_none());
    }
}
