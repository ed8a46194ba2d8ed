//! Evaluates a setting of the trigger before any simulation, and sets it in the terms of dashboards.

use super::attackers::closed_form::{
    Pace, best_at_once, one_day_stake, price_of_conviction, resistance,
};
use super::conviction::{
    Conviction, days_to_pass, days_to_pass_as_points_move, half_life_from_alpha,
    largest_passable_share, minimum_conviction_share,
};
use super::mechanism::{Chain, scaled};
use super::supply::InitialSupply;
use crate::contract::gardens2::{BLOCKS_OF_APP, app_settings, half_life_on};
use crate::engine::{Columns, Fault, Setting, SettingError};

/// Requests to tabulate, as shares of β.
pub const REQUESTS: [f64; 8] = [0.0, 0.05, 0.1, 0.25, 0.5, 0.625, 0.75, 0.9];

/// Stakes to tabulate, as shares of the effective supply.
pub const STAKED: [f64; 8] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0];

/// Time limit for passing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Horizon {
    /// Name.
    pub name: &'static str,
    /// Days.
    pub days: f64,
}

/// A night's sleep.
pub const OVERNIGHT: Horizon = Horizon {
    name: "8 hours",
    days: 1.0 / 3.0,
};

/// Time limits to tabulate.
pub const HORIZONS: [Horizon; 6] = {
    const fn of(name: &'static str, days: f64) -> Horizon {
        Horizon { name, days }
    }
    [
        OVERNIGHT,
        of("1 day", 1.0),
        of("7 days", 7.0),
        of("14 days", 14.0),
        of("30 days", 30.0),
        of("90 days", 90.0),
    ]
};

/// Share of the pool that one proposal can take; dashboards use the term in two senses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SpendingLimit {
    /// The contract's maxRatio, β, which no request can reach (1Hive, Commons Config Dashboard).
    MaxRatio(f64),
    /// The largest share that can ever pass, β − √ρ (Gardens v2).
    LargestPassable(f64),
}

/// Values of the trigger's settings, in any of the terms; `None` leaves a setting unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asked {
    /// Days in which conviction halves once the stake is withdrawn; alternative to `alpha`.
    pub half_life_days: Option<f64>,
    /// Share of conviction kept each day.
    pub alpha: Option<f64>,
    /// Upper bound on the share of the pool that one proposal can take; alternative to `spending_limit`.
    pub beta: Option<f64>,
    /// Largest request that can pass, as a share of the pool; alternative to `beta`.
    pub largest_request: Option<f64>,
    /// Either of both in the terms of dashboards; it keeps the minimum conviction, unless `rho` is given.
    pub spending_limit: Option<SpendingLimit>,
    /// Scale of the trigger; alternative to `minimum_conviction`.
    pub rho: Option<f64>,
    /// Minimum conviction that passes anything, as a share of the largest possible.
    pub minimum_conviction: Option<f64>,
    /// Block time in seconds.
    pub block_time_seconds: Option<f64>,
}

/// Reason why values cannot be set.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AskedError {
    /// A value is outside its domain.
    #[error("{name}{}: found {found}, expected {expected}", said_as.map_or(String::new(), |key| format!(", as {key}")))]
    Domain {
        /// Field of [`Asked`].
        name: &'static str,
        /// Key that the value was converted to, if the field is not a key itself.
        said_as: Option<&'static str>,
        /// The value.
        found: String,
        /// Description of a valid value.
        expected: String,
    },
    /// Two fields set the same key.
    #[error("{0} duplicates {1}; keep one of them")]
    Twice(&'static str, &'static str),
    /// The resulting setting is inconsistent.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The model lacks such keys.
    #[error(transparent)]
    Setting(#[from] SettingError),
}

impl Asked {
    /// Stores the values in a setting.
    ///
    /// # Errors
    /// When two fields set the same key, or a value is invalid.
    pub fn put(&self, setting: &mut Setting) -> Result<(), AskedError> {
        self.check()?;
        put(setting, "alpha", "alpha", self.alpha)?;
        put(
            setting,
            "half_life_days",
            "half_life_days",
            self.half_life_days,
        )?;
        let seconds = self.block_time_seconds;
        put(
            setting,
            "block_time_seconds",
            "chain.block_time_seconds",
            seconds,
        )?;
        if let Some(minimum) = self.minimum_conviction.filter(|m| !(0.0 < *m && *m < 1.0)) {
            return Err(AskedError::Domain {
                name: "minimum_conviction",
                said_as: None,
                found: minimum.to_string(),
                expected: "a share above 0 and below 1; at 1 nothing can ever pass".to_owned(),
            });
        }
        let kept = minimum_conviction_share(&setting.group());
        let is_kept = self.spending_limit.is_some() && self.rho.is_none();
        let minimum = self.minimum_conviction.or(is_kept.then_some(kept));
        let name = "minimum_conviction";
        put(setting, name, name, minimum)?;
        put(setting, "rho", "rho", self.rho)?;
        put(setting, "beta", "beta", self.beta)?;
        let name = "largest_request";
        put(setting, name, name, self.largest_request)?;
        match self.spending_limit {
            None => {}
            Some(SpendingLimit::MaxRatio(limit)) => {
                put(setting, "spending_limit", "beta", Some(limit))?;
            }
            Some(SpendingLimit::LargestPassable(limit)) => {
                put(setting, "spending_limit", name, Some(limit))?;
            }
        }
        setting.fault().map_or(Ok(()), |fault| Err(fault.into()))
    }

    fn check(&self) -> Result<(), AskedError> {
        let given = [
            ("alpha", self.alpha.is_some()),
            ("half_life_days", self.half_life_days.is_some()),
            ("beta", self.beta.is_some()),
            ("largest_request", self.largest_request.is_some()),
            ("spending_limit", self.spending_limit.is_some()),
            ("rho", self.rho.is_some()),
            ("minimum_conviction", self.minimum_conviction.is_some()),
        ];
        // At most one of each group may be given.
        for same in [&given[..2], &given[2..5], &given[5..]] {
            let mut names = same.iter().filter(|(_, given)| *given);
            if let (Some((one, _)), Some((other, _))) = (names.next(), names.next()) {
                return Err(AskedError::Twice(one, other));
            }
        }
        Ok(())
    }
}

fn put(
    setting: &mut Setting,
    name: &'static str,
    key: &'static str,
    value: Option<f64>,
) -> Result<(), AskedError> {
    let Some(value) = value else {
        return Ok(());
    };
    setting.set(key, value).map_err(|error| match error {
        SettingError::Domain { found, domain, .. } => AskedError::Domain {
            name,
            said_as: (!key.ends_with(name)).then_some(key),
            found,
            expected: domain.to_string(),
        },
        other => other.into(),
    })
}

/// Meaning of a setting before any simulation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meaning {
    /// Days in which conviction halves once the stake is withdrawn.
    pub half_life_days: f64,
    /// Share of conviction kept each day.
    pub alpha: f64,
    /// The contract's maxRatio, as a share of the pool.
    pub beta: f64,
    /// Scale of the trigger.
    pub rho: f64,
    /// Largest request that can ever pass, β − √ρ, as a share of the pool; 0 if none can.
    pub largest_passable_share: f64,
    /// Minimum conviction that passes anything, ρ/β², as a share of the largest possible.
    pub minimum_conviction_share: f64,
    /// Block time in seconds.
    pub block_time_seconds: f64,
    /// Decay that the contract stores: α per block, times 10^7.
    pub decay: u64,
    /// β times 10^7.
    pub max_ratio: u64,
    /// ρ times 10^7.
    pub weight: u64,
    /// Half-life of the stored decay, days.
    pub stored_half_life_days: f64,
    /// Resistance to attack; `None` if nothing can ever pass.
    pub under_attack: Option<UnderAttack>,
}

/// A setting as the Gardens v2 app stores it on a chain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stored {
    /// Chain.
    pub chain: &'static str,
    /// Block time that the app assumes, seconds.
    pub block_seconds: f64,
    /// Share of conviction kept per block, times 10^7.
    pub decay: u64,
    /// maxRatio, times 10^7.
    pub max_ratio: u64,
    /// weight, times 10^7.
    pub weight: u64,
    /// Half-life if blocks take as long as assumed, days.
    pub half_life_days: f64,
    /// Half-life under the setting's own block time, days.
    pub half_life_on_chain_days: f64,
}

/// Returns a setting as the Gardens v2 app stores it, chain by chain; empty if nothing can ever pass, which the app
/// cannot express. The app takes the largest request that can pass as its spending limit.
pub fn stored_by_app(setting: &Setting) -> Vec<Stored> {
    let (p, chain): (Conviction, Chain) = (setting.group(), setting.group());
    let (limit, minimum) = (largest_passable_share(&p), minimum_conviction_share(&p));
    if minimum >= 1.0 {
        return Vec::new();
    }
    let days = half_life_from_alpha(p.alpha);
    let stored = BLOCKS_OF_APP.iter().map(|app| {
        let stored = app_settings(limit, minimum, days, app.block_seconds);
        Stored {
            chain: app.name,
            block_seconds: app.block_seconds,
            decay: stored.decay,
            max_ratio: stored.max_ratio,
            weight: stored.weight,
            half_life_days: half_life_on(stored.decay, app.block_seconds),
            half_life_on_chain_days: half_life_on(stored.decay, chain.block_time_seconds),
        }
    });
    stored.collect()
}

/// A change of a pool's points on the day of a stake.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointsMove {
    /// Description.
    pub name: &'static str,
    /// Points of others that were active until then and left, as a share of the points of now.
    pub left: f64,
    /// True if the points of the stake became active on that day.
    pub stake_is_new: bool,
}

/// Changes of points to tabulate.
pub const POINTS_MOVE: [PointsMove; 4] = {
    const fn of(name: &'static str, left: f64, stake_is_new: bool) -> PointsMove {
        PointsMove {
            name,
            left,
            stake_is_new,
        }
    }
    [
        of("no points move", 0.0, false),
        of("the stake's points become active", 0.0, true),
        of("a tenth of all points leave", 1.0 / 9.0, false),
        of("half of all points leave", 1.0, false),
    ]
};

impl PointsMove {
    /// Returns the points until that day, relative to those of now, if `staked` of these are on the request.
    pub fn before(&self, staked: f64) -> f64 {
        let own = if self.stake_is_new { staked } else { 0.0 };
        1.0 - own + self.left
    }
}

/// Returns the days in which a request passes in Gardens v2 as points move, for [`STAKED`]; see
/// [`days_to_pass_as_points_move`].
pub fn days_as_points_move(
    setting: &Setting,
    request: f64,
    moved: PointsMove,
) -> [Option<u64>; STAKED.len()] {
    let p: Conviction = setting.group();
    STAKED.map(|staked| days_to_pass_as_points_move(&p, request, staked, moved.before(staked)))
}

/// Resistance of a setting against attackers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnderAttack {
    /// κ, days: in the limit of continuous time, a share s of the supply halves the pool in κ/s days.
    pub resistance_days: f64,
    /// Minimum token-days of stake per token taken, with the initial pool and supply.
    pub price_of_conviction: f64,
    /// Share of the supply that passes a request of β/3 of the pool in a day; impossible above 1.
    pub one_day_stake_share: f64,
}

impl Meaning {
    /// Evaluates a setting.
    pub fn of(setting: &Setting) -> Self {
        let (p, chain) = (&setting.group::<Conviction>(), &setting.group::<Chain>());
        let initial: InitialSupply = setting.group();
        let (decay, minimum) = (chain.decay(p.alpha), minimum_conviction_share(p));
        Self {
            half_life_days: half_life_from_alpha(p.alpha),
            alpha: p.alpha,
            beta: p.beta,
            rho: p.rho,
            largest_passable_share: largest_passable_share(p).max(0.0),
            minimum_conviction_share: minimum,
            block_time_seconds: chain.block_time_seconds,
            decay,
            max_ratio: scaled(p.beta),
            weight: scaled(p.rho),
            stored_half_life_days: chain.half_life_days(decay),
            under_attack: (minimum < 1.0).then(|| UnderAttack {
                resistance_days: resistance(p),
                price_of_conviction: price_of_conviction(
                    p,
                    initial.effective_supply(),
                    initial.funds,
                ),
                one_day_stake_share: one_day_stake(p),
            }),
        }
    }
}

crate::columns! {
    /// Days that a request takes to pass, by stake.
    DaysToPassRow, DaysToPassRows {
        request_share: f64, "", "request, as a share of the pool";
        staked_share: f64, "", "stake on it, as a share of the effective supply";
        days: Option<f64>, "days", "days of constant stake until it passes", empty "it never passes";
    }
}

crate::columns! {
    /// Fastest drain of the pool by a share of the supply, through repeated requests.
    AttackRow, AttackRows {
        staked_share: f64, "", "holdings of the attacker, as a share of the effective supply";
        requests: Option<f64>, "", "number of requests at once that drain the pool fastest", empty "nothing passes";
        ask_share: Option<f64>, "", "each of these requests, as a share of what the earlier ones leave of the pool", empty "nothing passes";
        cycle_days: Option<f64>, "days", "days from one payment to the next", empty "nothing passes";
        pool_half_life_days: Option<f64>, "days", "days until the pool is halved", empty "nothing passes";
    }
}

/// Returns the first block at which a request of this share of the pool passes, with this share of the
/// effective supply staked on it and the half-life as stored by the contract; `None` for never.
pub fn blocks_to_pass(setting: &Setting, request: f64, staked: f64) -> Option<u64> {
    let (p, chain): (Conviction, Chain) = (setting.group(), setting.group());
    let per_block = Conviction {
        alpha: chain.kept_per_block(p.alpha),
        ..p
    };
    days_to_pass(&per_block, request, staked)
}

/// Tabulates days to pass, for [`REQUESTS`] by [`STAKED`].
pub fn days_table(setting: &Setting) -> DaysToPassRows {
    let p = &setting.group::<Conviction>();
    let mut rows = DaysToPassRows::default();
    for request_share in REQUESTS.iter().map(|share| share * p.beta) {
        for staked_share in STAKED {
            let days = days_to_pass(p, request_share, staked_share);
            rows.push(DaysToPassRow {
                request_share,
                staked_share,
                days: days.map(|days| days as f64),
            });
        }
    }
    rows
}

/// Tabulates attacks with these shares of the effective supply.
pub fn attack_table(setting: &Setting, shares: &[f64]) -> AttackRows {
    let p = &setting.group::<Conviction>();
    let mut rows = AttackRows::default();
    for &staked_share in shares {
        let drain = best_at_once(p, staked_share, Pace::Plain);
        rows.push(AttackRow {
            staked_share,
            requests: drain.map(|of| f64::from(of.requests)),
            ask_share: drain.map(|of| of.ask),
            cycle_days: drain.map(|of| of.cycle_days as f64),
            pool_half_life_days: drain.map(|of| of.half_life_days),
        });
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(asked: Asked) -> Result<Setting, String> {
        let mut setting = crate::model().setting();
        asked.put(&mut setting).map_err(|error| error.to_string())?;
        Ok(setting)
    }

    #[test]
    fn dashboards_and_the_model_speak_of_one_setting() {
        let asked = Asked {
            half_life_days: Some(3.0),
            spending_limit: Some(SpendingLimit::LargestPassable(0.15)),
            minimum_conviction: Some(0.0625),
            ..Asked::default()
        };
        let meaning = Meaning::of(&setting(asked).unwrap());
        assert!((meaning.beta - 0.2).abs() < 1e-12 && (meaning.rho - 0.0025).abs() < 1e-12);
        assert!((meaning.largest_passable_share - 0.15).abs() < 1e-12);
        assert_eq!((meaning.max_ratio, meaning.weight), (2_000_000, 25_000));
        let default = Meaning::of(&crate::model().setting());
        let [asked, default] =
            [meaning, default].map(|of| of.under_attack.unwrap().resistance_days);
        assert!((asked - default).abs() < 1e-9 && (default - 6.328).abs() < 1e-3);
        let mut nothing = crate::model().setting();
        nothing.set("rho", 0.05).unwrap();
        let nothing = Meaning::of(&nothing);
        assert_eq!(
            (nothing.largest_passable_share, nothing.under_attack),
            (0.0, None)
        );
    }

    #[test]
    fn what_is_said_twice_or_wrongly_is_named() {
        let twice = Asked {
            beta: Some(0.1),
            spending_limit: Some(SpendingLimit::MaxRatio(0.1)),
            ..Asked::default()
        };
        assert!(
            setting(twice)
                .unwrap_err()
                .contains("beta duplicates spending_limit")
        );
        let wrong = Asked {
            spending_limit: Some(SpendingLimit::MaxRatio(2.0)),
            ..Asked::default()
        };
        assert!(
            setting(wrong)
                .unwrap_err()
                .starts_with("spending_limit, as beta: found 2")
        );
        let seconds = Asked {
            block_time_seconds: Some(-1.0),
            ..Asked::default()
        };
        assert!(
            setting(seconds)
                .unwrap_err()
                .starts_with("block_time_seconds: found -1")
        );
    }

    #[test]
    fn the_app_stores_what_the_model_means() {
        let setting = crate::model().setting();
        let stored = stored_by_app(&setting);
        let of = |chain: &str| *stored.iter().find(|of| of.chain == chain).unwrap();
        let (ethereum, celo) = (of("ethereum"), of("celo"));
        let meaning = Meaning::of(&setting);
        for stored in &stored {
            assert_eq!(
                (stored.max_ratio, stored.weight),
                (meaning.max_ratio, meaning.weight)
            );
        }
        // On Arbitrum a contract sees the blocks of Ethereum.
        assert_eq!(of("arbitrum").decay, ethereum.decay);
        // A block that takes 15 times as long keeps conviction 15 times as long.
        assert!((celo.half_life_on_chain_days / celo.half_life_days - 15.0).abs() < 1e-9);
        let mut nothing = setting;
        nothing.set("rho", 0.05).unwrap();
        assert!(stored_by_app(&nothing).is_empty());
    }

    #[test]
    fn points_of_before_are_those_that_stay_and_those_that_leave() {
        let [none, new, tenth, half] = POINTS_MOVE;
        assert_eq!(
            [none, new, half].map(|moved| moved.before(0.2)),
            [1.0, 0.8, 2.0]
        );
        assert!((1.0 / tenth.before(0.2) - 0.9).abs() < 1e-12);
        let setting = crate::model().setting();
        let still = days_as_points_move(&setting, 0.1, none);
        let p: Conviction = setting.group();
        assert_eq!(still, STAKED.map(|staked| days_to_pass(&p, 0.1, staked)));
    }

    #[test]
    fn tables_say_what_passes_and_what_is_taken() {
        let setting = crate::model().setting();
        let days = days_table(&setting);
        assert_eq!(days.len(), REQUESTS.len() * STAKED.len());
        // A stake below the minimum conviction passes nothing.
        assert_eq!(days.days[0], None);
        let p: Conviction = setting.group();
        for (row, passes_after) in days.days.iter().enumerate() {
            let request = REQUESTS[row / STAKED.len()] * 0.2;
            assert_eq!(days.request_share[row], request);
            let exact = days_to_pass(&p, request, days.staked_share[row]);
            assert_eq!(*passes_after, exact.map(|days| days as f64));
        }
        let attack = attack_table(&setting, &[0.02, 0.2]);
        assert_eq!(attack.pool_half_life_days[0], None);
        assert!((attack.pool_half_life_days[1].unwrap() - 60.1).abs() < 0.1);
        assert_eq!(attack.requests, [None, Some(1.0)]);
    }
}
