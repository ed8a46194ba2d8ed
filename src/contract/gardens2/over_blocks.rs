//! Growth and decay over blocks: computed each time, or from cached spans.

use super::arithmetic::{conviction, weighted_average, weighted_by};
use super::revert::Revert;
use crate::contract::integers::{SCALE, sub};
use crate::contract::span::Spans;
use ruint::aliases::U256;

/// Conviction and weighted points over spans of blocks, under a stored decay.
pub trait OverBlocks {
    /// Conviction after some blocks of a constant support; see [`conviction`].
    ///
    /// # Errors
    /// Where the contract reverts.
    fn conviction(&mut self, passed: u64, last: U256, amount: U256) -> Result<U256, Revert>;

    /// Points weighted by time; see [`weighted_average`].
    ///
    /// # Errors
    /// Where the contract reverts.
    fn weighted_average(&mut self, snapshot: U256, now: U256, elapsed: u64)
    -> Result<U256, Revert>;
}

/// A stored decay, scaled by 10⁷, from which everything is computed each time.
#[derive(Clone, Copy, Debug)]
pub struct Plain(pub U256);

impl OverBlocks for Plain {
    fn conviction(&mut self, passed: u64, last: U256, amount: U256) -> Result<U256, Revert> {
        conviction(self.0, U256::from(passed), last, amount)
    }

    fn weighted_average(
        &mut self,
        snapshot: U256,
        now: U256,
        elapsed: u64,
    ) -> Result<U256, Revert> {
        weighted_average(snapshot, now, U256::from(elapsed), self.0)
    }
}

/// A stored decay that keeps the spans asked for, and the last weighted average: that of a pool is asked for again and
/// again in a block.
#[derive(Clone, Debug, Default)]
pub struct Decay {
    spans: Spans,
    last: Option<Weighted>,
}

/// A weighted average, and what it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Weighted {
    of: (U256, U256, u64),
    average: U256,
}

impl Decay {
    /// A decay, scaled by 10⁷.
    pub fn new(decay: U256) -> Self {
        Self {
            spans: Spans::new(decay),
            last: None,
        }
    }

    /// The decay, scaled by 10⁷.
    pub fn stored(&self) -> U256 {
        self.spans.decay()
    }

    /// This decay, without keeping what is asked for.
    pub fn peek(&self) -> Peek<'_> {
        Peek(&self.spans)
    }
}

impl OverBlocks for Decay {
    fn conviction(&mut self, passed: u64, last: U256, amount: U256) -> Result<U256, Revert> {
        let lost = sub(SCALE, self.spans.decay());
        let span = self.spans.of(passed)?;
        lost?;
        Ok(span.conviction(last, amount)?)
    }

    fn weighted_average(
        &mut self,
        snapshot: U256,
        now: U256,
        elapsed: u64,
    ) -> Result<U256, Revert> {
        let of = (snapshot, now, elapsed);
        if let Some(last) = self.last.filter(|last| last.of == of) {
            return Ok(last.average);
        }
        let average = weighted_by(self.spans.of(elapsed)?.kept(), snapshot, now)?;
        self.last = Some(Weighted { of, average });
        Ok(average)
    }
}

/// A [`Decay`] that is only read.
#[derive(Clone, Copy, Debug)]
pub struct Peek<'a>(&'a Spans);

impl OverBlocks for Peek<'_> {
    fn conviction(&mut self, passed: u64, last: U256, amount: U256) -> Result<U256, Revert> {
        let span = self.0.peek(passed)?;
        sub(SCALE, self.0.decay())?;
        Ok(span.conviction(last, amount)?)
    }

    fn weighted_average(
        &mut self,
        snapshot: U256,
        now: U256,
        elapsed: u64,
    ) -> Result<U256, Revert> {
        weighted_by(self.0.peek(elapsed)?.kept(), snapshot, now)
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
        /// Also where the contract reverts.
        #[test]
        fn kept_spans_change_nothing(
            decay in prop_oneof![0u64..10_000_002, 9_999_000u64..10_000_002],
            blocks in prop_oneof![0u64..100, any::<u64>(), 0u64..10_000_000],
            one in any_whole(), other in any_whole(),
        ) {
            let decay = U256::from(decay);
            let (mut plain, mut kept) = (Plain(decay), Decay::new(decay));
            let peeked = kept.peek().conviction(blocks, one, other);
            let expected = plain.conviction(blocks, one, other);
            for _ in 0..2 {
                prop_assert_eq!(kept.conviction(blocks, one, other), expected);
            }
            prop_assert_eq!(peeked, expected);
            prop_assert_eq!(kept.peek().conviction(blocks, one, other), expected);
            let expected = plain.weighted_average(one, other, blocks);
            prop_assert_eq!(kept.weighted_average(one, other, blocks), expected);
            prop_assert_eq!(kept.peek().weighted_average(one, other, blocks), expected);
        }
    }
}
