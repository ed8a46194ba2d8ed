//! How tokens are counted: what a mechanism does as they move.

use super::Supply;
use crate::engine::PerRun;

/// Counts tokens as they move, in the mechanism's own numbers, and keeps the supply up to date.
pub trait Ledger: PerRun {
    /// Tokens (Honey) that can be held: what is left of a real number in the mechanism's numbers.
    fn held(&self, tokens: f64) -> f64;
    /// S and F grow.
    fn mint(&mut self, supply: &mut Supply, minted: f64);
    /// A newcomer's holdings go from L to E.
    fn admit(&mut self, supply: &mut Supply, holdings: f64);
    /// The holdings of someone who leaves go from E to L.
    fn dismiss(&mut self, supply: &mut Supply, holdings: f64);
}
