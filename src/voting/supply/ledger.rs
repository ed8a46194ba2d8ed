//! Defines how a mechanism counts tokens.

use super::Supply;
use crate::engine::PerRun;

/// Accounting of tokens in a mechanism's own numbers; its methods also update the supply.
pub trait Ledger: PerRun {
    /// Rounds an amount of Honey to the mechanism's numbers.
    fn held(&self, tokens: f64) -> f64;
    /// Increases S and F.
    fn mint(&mut self, supply: &mut Supply, minted: f64);
    /// Moves a newcomer's holdings from L to E.
    fn admit(&mut self, supply: &mut Supply, holdings: f64);
    /// Moves a leaver's holdings from E to L.
    fn dismiss(&mut self, supply: &mut Supply, holdings: f64);
}
