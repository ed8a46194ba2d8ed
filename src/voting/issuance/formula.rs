//! Computes dynamic issuance in real numbers.

/// Returns the change of the pool and of the supply S on a day of adjustment: positive if minted, negative if
/// burnt, Honey.
///
/// Dynamic issuance moves the pool's share of the supply, g = F/S, towards `target` τ: by |1 − g/τ| of the
/// supply per year, at most `most`, and never beyond τS. Follows `Issuance.sol` of 1Hive/dynamic-issuance-app
/// (commit f37d515).
///
/// - `funds`, `supply`: F and S, Honey; `target` within (0, 1].
/// - `most`: maximum adjustment, as a share of the supply per year.
/// - `days`: days since the previous adjustment.
///
/// ```
/// use conviction::voting::issuance::adjustment;
/// let minted = adjustment(4867.21, 22392.22, 0.3, 0.1 / 0.3, 1);
/// assert!((minted - 16.899141552128878).abs() < 1e-6);
/// // At its target, the pool does not change.
/// assert_eq!(adjustment(300.0, 1000.0, 0.3, 0.1 / 0.3, 1), 0.0);
/// ```
pub fn adjustment(funds: f64, supply: f64, target: f64, most: f64, days: u32) -> f64 {
    let wanted = target * supply;
    let off = (1.0 - funds / wanted).abs();
    let adjusted = off.min(most) * (f64::from(days) / 365.0) * supply;
    if funds < wanted {
        adjusted.min(wanted - funds)
    } else {
        -adjusted.min(funds - wanted)
    }
}

/// Returns the maximum adjustment, as a share of the supply per year. The deployed contract divides the
/// throttle by τ, so that 0.1 at a target of 0.3 lets the supply grow by a third per year, not a tenth.
pub fn most(throttle: f64, target: f64, cap: Cap) -> f64 {
    match cap {
        Cap::Contract => throttle / target,
        Cap::Published => throttle,
    }
}

crate::choices! {
    /// Bound of an adjustment.
    Cap {
        /// The deployed contract's: throttle/τ.
        Contract = "contract",
        /// The documentation's: the throttle.
        Published = "published",
    }
}
