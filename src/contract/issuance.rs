//! Computes how much the deployed dynamic-issuance contract mints into the pool, or burns, in its integers.
//!
//! Follows `Issuance.sol` of 1Hive/dynamic-issuance-app (commit f37d515). It moves the pool's share of the
//! supply towards a target, faster the further away it is, up to a maximum rate.

use super::U256;

/// 10¹⁸, the scale of ratios per second.
const PRECISION: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);
/// 10¹⁰, the scale of the target.
const TARGET_PRECISION: U256 = U256::from_limbs([10_000_000_000, 0, 0, 0]);
/// Length of the contract's year, in seconds.
const YEAR: U256 = U256::from_limbs([31_536_000, 0, 0, 0]);

/// Parameters of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuancePolicy {
    /// `targetRatio`: target share of the supply in the pool, scaled by 10¹⁰; above 0.
    pub target: U256,
    /// Maximum adjustment per second, as a share of the supply, scaled by 10¹⁸. The contract's is
    /// `maxAdjustmentRatioPerSecond` over the target: see [`IssuancePolicy::deployed`].
    pub most_per_second: U256,
}

impl IssuancePolicy {
    /// Returns the policy of a contract deployed with these parameters. The maximum bounds the change of the
    /// ratio in units of the target, so up to 1/target of it is issued.
    pub fn deployed(target: U256, max_adjustment_ratio_per_second: U256) -> Self {
        Self {
            target,
            most_per_second: (max_adjustment_ratio_per_second * TARGET_PRECISION)
                .checked_div(target)
                .unwrap_or_default(),
        }
    }
}

/// Change of the supply and the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adjustment {
    /// Units minted into the pool.
    Mint(U256),
    /// Units burnt from the pool.
    Burn(U256),
}

/// Computes the adjustment after `seconds` without one, in units of 10⁻¹⁸. Returns `None` for an empty supply,
/// a target of 0, or a product beyond 256 bits.
///
/// ```
/// use conviction::contract::{Adjustment, IssuancePolicy, U256, adjustment, whole_number};
/// let policy = IssuancePolicy::deployed(U256::from(3_000_000_000u64), U256::from(3_170_979_198u64));
/// let number = |digits| whole_number(digits).unwrap();
/// let (funds, supply) = (number("4867210000000000000000"), number("22392220000000000000000"));
/// let minted = Adjustment::Mint(number("16899141552128878464"));
/// assert_eq!(adjustment(policy, funds, supply, 86_400), Some(minted));
/// ```
pub fn adjustment(
    policy: IssuancePolicy,
    funds: U256,
    supply: U256,
    seconds: u64,
) -> Option<Adjustment> {
    let wanted = supply
        .checked_mul(policy.target)?
        .checked_div(TARGET_PRECISION)?;
    let scaled = funds
        .checked_mul(PRECISION)?
        .checked_mul(TARGET_PRECISION)?;
    let of_target = scaled.checked_div(supply)?.checked_div(policy.target)?;
    let off = of_target.abs_diff(PRECISION);
    let per_second = (off / YEAR).min(policy.most_per_second);
    let adjusted = per_second
        .checked_mul(U256::from(seconds))?
        .checked_mul(supply)?
        / PRECISION;
    Some(if of_target < PRECISION {
        Adjustment::Mint(adjusted.min(wanted.saturating_sub(funds)))
    } else {
        Adjustment::Burn(adjusted.min(funds.saturating_sub(wanted)))
    })
}

#[cfg(test)]
mod tests {
    use super::super::whole_number;
    use super::*;

    #[test]
    fn as_a_replica_of_the_contract_computed() {
        let number = |digits: &str| whole_number(digits).unwrap();
        let policy =
            IssuancePolicy::deployed(U256::from(3_000_000_000u64), U256::from(3_170_979_198u64));
        let supply = number("22392220000000000000000");
        let funds = number("4867210000000000000000");
        let day = |funds| adjustment(policy, funds, supply, 86_400);
        let minted = number("16899141552128878464");
        let most = number("20449515979307393280");
        assert_eq!(day(funds), Some(Adjustment::Mint(minted)));
        assert_eq!(day(funds / U256::from(4)), Some(Adjustment::Mint(most)));
        assert_eq!(day(funds * U256::from(2)), Some(Adjustment::Burn(most)));
        let year = adjustment(policy, U256::ZERO, supply, 365 * 86_400);
        assert_eq!(
            year,
            Some(Adjustment::Mint(number("6717666000000000000000")))
        );
    }

    #[test]
    fn what_cannot_be_told_is_none() {
        let policy = IssuancePolicy::deployed(U256::ZERO, U256::from(1));
        assert_eq!(adjustment(policy, U256::from(1), U256::from(2), 1), None);
        let policy = IssuancePolicy::deployed(U256::from(1), U256::from(1));
        assert_eq!(adjustment(policy, U256::from(1), U256::ZERO, 1), None);
        assert_eq!(adjustment(policy, U256::MAX, U256::from(2), 1), None);
    }
}
