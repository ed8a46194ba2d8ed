//! Computes the points that members gain and lose as their stake in the community changes.

use super::arithmetic::mul_div;
use super::revert::Revert;
use crate::contract::integers::{ArithmeticFault, add, mul};
use ruint::aliases::U256;
use std::fmt;
use std::str::FromStr;

/// Law that turns stakes into points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PointSystem {
    /// Every member has as many points as the registration stake.
    Fixed,
    /// Points equal stakes, up to a maximum.
    Capped,
    /// Points equal stakes.
    #[default]
    Unlimited,
    /// Points equal square roots of stakes.
    Quadratic,
    /// An external registry assigns points.
    Custom,
}

impl FromStr for PointSystem {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "fixed" => Self::Fixed,
            "capped" => Self::Capped,
            "unlimited" => Self::Unlimited,
            "quadratic" => Self::Quadratic,
            "custom" => Self::Custom,
            _ => return Err("expected fixed, capped, unlimited, quadratic or custom"),
        })
    }
}

impl fmt::Display for PointSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed => "fixed",
            Self::Capped => "capped",
            Self::Unlimited => "unlimited",
            Self::Quadratic => "quadratic",
            Self::Custom => "custom",
        })
    }
}

/// Direction of a change of stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The stake grows.
    Increase,
    /// The stake falls.
    Decrease,
}

impl FromStr for Direction {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "increase" => Ok(Self::Increase),
            "decrease" => Ok(Self::Decrease),
            _ => Err("expected increase or decrease"),
        }
    }
}

/// Decimals of the staked token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimals(pub u8);

impl Default for Decimals {
    /// Returns 18, which applies to tokens without code or without a `decimals` function.
    fn default() -> Self {
        Self(18)
    }
}

impl FromStr for Decimals {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "no_code" | "no_decimals" => Ok(Self::default()),
            number => number
                .parse()
                .map(Self)
                .map_err(|_| "expected a whole number up to 255, no_code or no_decimals"),
        }
    }
}

impl fmt::Display for Decimals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Constants set at the creation of a community and its pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Community {
    /// Law that turns stakes into points.
    pub point_system: PointSystem,
    /// Maximum number of points of a member, under the capped system.
    pub max_amount: U256,
    /// Decimals of the staked token.
    pub token_decimals: Decimals,
    /// Minimum stake of a member.
    pub registration_stake: U256,
}

/// A change of a member's stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointChange {
    /// Direction of the change.
    pub direction: Direction,
    /// Point system.
    pub point_system: PointSystem,
    /// Current points of the member.
    pub member_power: U256,
    /// Stake of the member: before an increase, after a decrease.
    pub member_staked: U256,
    /// Amount of the change.
    pub amount: U256,
    /// Maximum number of points, under the capped system.
    pub max_amount: U256,
    /// Decimals of the staked token.
    pub token_decimals: Decimals,
}

/// Returns the points gained or lost.
///
/// # Errors
/// When the contract reverts.
pub fn points(change: &PointChange) -> Result<U256, Revert> {
    let PointChange {
        direction,
        point_system,
        member_power: power,
        member_staked: staked,
        amount,
        max_amount: most,
        token_decimals,
    } = *change;
    let grows = direction == Direction::Increase;
    Ok(match point_system {
        PointSystem::Fixed | PointSystem::Custom => U256::ZERO,
        PointSystem::Unlimited => amount,
        PointSystem::Capped if grows && power >= most => U256::ZERO,
        PointSystem::Capped if grows && add(power, amount)? > most => most - power,
        PointSystem::Capped if grows || power < most => amount,
        PointSystem::Capped => most.saturating_sub(staked),
        PointSystem::Quadratic => {
            let staked = if grows { add(staked, amount)? } else { staked };
            let root = root(staked, token_decimals);
            match grows {
                true => root.saturating_sub(power),
                false => power.saturating_sub(root),
            }
        }
    })
}

/// Returns the points gained or lost in a community.
///
/// # Errors
/// Returns the contract's revert.
pub fn points_in(
    community: &Community,
    direction: Direction,
    member_power: U256,
    member_staked: U256,
    amount: U256,
) -> Result<U256, Revert> {
    points(&PointChange {
        direction,
        point_system: community.point_system,
        member_power,
        member_staked,
        amount,
        max_amount: community.max_amount,
        token_decimals: community.token_decimals,
    })
}

/// Returns the points of a member who becomes active with a stake.
///
/// # Errors
/// Returns the contract's revert.
pub fn points_on_activation(community: &Community, staked: U256) -> Result<U256, Revert> {
    let none = U256::ZERO;
    let increase = |staked, amount| points_in(community, Direction::Increase, none, staked, amount);
    match community.point_system {
        PointSystem::Fixed => Ok(community.registration_stake),
        PointSystem::Quadratic => increase(staked, none),
        _ => increase(none, staked),
    }
}

/// Computes ⌊√(stake · 10^decimals)⌋; a stake too large for 256 bits counts as the largest that fits.
fn root(staked: U256, Decimals(decimals): Decimals) -> U256 {
    /// 10⁷⁷ is the largest power of ten below 2²⁵⁶.
    const MOST: u8 = 77;
    let scale = U256::from(10).pow(U256::from(decimals.min(MOST)));
    let counted = staked.min(U256::MAX / scale);
    (counted * scale).root(2)
}

/// Converts an amount between numbers of decimals.
pub(super) fn scaled(amount: U256, from: Decimals, to: Decimals) -> Result<U256, Revert> {
    let power = |decimals: u8| {
        let power = U256::from(10).checked_pow(U256::from(decimals));
        power.ok_or(ArithmeticFault::Product)
    };
    Ok(match to.0.checked_sub(from.0) {
        Some(more) => mul(amount, power(more)?)?,
        None => mul_div(amount, U256::from(1), power(from.0 - to.0)?)?,
    })
}
