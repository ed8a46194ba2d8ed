//! Community of a Gardens v2 pool, and the pool's minimum threshold.

use super::super::{Capabilities, Votes};
use crate::contract::gardens2::{self as contract, Decimals, PointSystem};
use crate::contract::{Pool, U256, integer, real, units};
use crate::engine::{Domain, Fault, ModelBuilder, Setting};
use crate::voting::supply::{InPoints, Points};

/// Most tokens for which a member may have points.
const MOST: f64 = 1e13;

crate::choices! {
    /// Points of a member.
    PointsOf {
        /// One for each of their tokens.
        Unlimited = "unlimited",
        /// One for each of their tokens, up to a maximum.
        Capped = "capped",
        /// The square root of their tokens.
        Quadratic = "quadratic",
        /// The registration stake.
        Fixed = "fixed",
    }
}

crate::settings! {
    /// Community of a Gardens v2 pool, and the pool's minimum threshold.
    Community in "gardens2" {
        points: PointsOf = PointsOf::Unlimited, "", PointsOf::DOMAIN, "points of a member: as many as their tokens (unlimited), up to cap (capped), the square root (quadratic), or registration_stake (fixed); members split points among proposals, and min_supp is in points";
        cap: f64 = 1000.0, "Honey", Domain::from_to(1e-9, MOST), "most points of a member, for points capped: the contract's maxAmount";
        registration_stake: f64 = 1.0, "Honey", Domain::from_to(0.0, MOST), "least stake of a member; a participant who holds less cannot join, and so supports nothing";
        min_threshold_points: f64 = 0.0, "Honey", Domain::from_to(0.0, MOST), "points whose largest conviction no threshold is below: the contract's minThresholdPoints";
    }
}

impl Community {
    /// Returns the community as the contract stores it; its token has 18 decimals.
    pub(super) fn stored(&self) -> contract::Community {
        let point_system = match self.points {
            PointsOf::Capped => PointSystem::Capped,
            PointsOf::Quadratic => PointSystem::Quadratic,
            PointsOf::Fixed => PointSystem::Fixed,
            PointsOf::Unlimited => PointSystem::Unlimited,
        };
        contract::Community {
            point_system,
            max_amount: integer(units(self.cap)),
            token_decimals: Decimals::default(),
            registration_stake: integer(units(self.registration_stake)),
        }
    }

    /// Returns the points of the minimum threshold as the contract stores them: exactly those of the pool `from`
    /// which a run starts, unless the setting has other ones.
    pub(super) fn stored_least(&self, from: Option<&Pool>) -> U256 {
        let of_pool = from.map(|pool| pool.settings.min_threshold_points);
        of_pool
            .filter(|&least| real(least) == self.min_threshold_points)
            .unwrap_or_else(|| integer(units(self.min_threshold_points)))
    }

    /// Returns the law of points in real numbers, where all accounts together have `of_all`.
    pub(super) fn in_points(&self, of_all: f64) -> InPoints {
        let law = match self.points {
            PointsOf::Capped => Points::Capped(self.cap),
            PointsOf::Quadratic => Points::Quadratic,
            PointsOf::Fixed => Points::Equal(self.registration_stake),
            PointsOf::Unlimited => Points::Tokens,
        };
        InPoints {
            law,
            least_held: self.registration_stake,
            of_all,
        }
    }
}

/// Registers the checks of settings.
pub fn checks(model: &mut ModelBuilder) {
    model
        .check(nobody_has_points)
        .used_if("gardens2.cap", |setting| {
            setting.group::<Community>().points == PointsOf::Capped
        });
}

/// Reports settings under which all points are 0.
fn nobody_has_points(setting: &Setting) -> Option<Fault> {
    let community: Community = setting.group();
    let of = Capabilities::of(setting);
    let none = community.points == PointsOf::Fixed && community.registration_stake == 0.0;
    (none && of.votes == Votes::Points).then(|| Fault {
        key: "gardens2.registration_stake",
        message: "is 0, but gardens2.points is \"fixed\", under which each member has as many points: set it above 0, \
                  or points to \"unlimited\""
            .to_owned(),
    })
}
