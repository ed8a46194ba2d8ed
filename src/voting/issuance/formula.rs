//! Dynamic issuance in real numbers.

/// What the pool and the supply S change by on a day of adjustment: above 0 minted, below 0 burnt, Honey.
///
/// The share g = F/S of the supply that lies in the pool is drawn towards `target` τ: by |1 − g/τ| of the
/// supply per year, `most` at most, and never beyond τS. After `Issuance.sol` of
/// 1Hive/dynamic-issuance-app (commit f37d515).
///
/// - `funds`, `supply`: F and S, Honey; `target` within (0, 1].
/// - `most`: the greatest adjustment, as a share of the supply per year.
/// - `days`: how many days since the adjustment before.
///
/// ```
/// use conviction::voting::issuance::adjustment;
/// let minted = adjustment(4867.21, 22392.22, 0.3, 0.1 / 0.3, 1);
/// assert!((minted - 16.899141552128878).abs() < 1e-6);
/// // What is at its target stays.
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

/// The greatest adjustment, as a share of the supply per year: τ bounds it in the deployed contract, so
/// that a throttle of 0.1 at a target of 0.3 lets the supply grow by a third per year, not a tenth.
pub fn most(throttle: f64, target: f64, cap: Cap) -> f64 {
    match cap {
        Cap::Contract => throttle / target,
        Cap::Published => throttle,
    }
}

/// What bounds an adjustment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    /// As the deployed contract does: throttle/τ.
    Contract,
    /// As its documentation says: the throttle.
    Published,
}
