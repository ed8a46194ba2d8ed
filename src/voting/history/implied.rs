//! Derives settings from a state: defaults of keys that a spec neither sets nor varies.

use super::snapshot;
use super::start::{beyond, pool, tokens_of_all};
use crate::contract::gardens2::PointSystem;
use crate::contract::{Deployed, Pool, Snapshot, U256, integer, real, units};
use crate::engine::{DerivedDefault, Fault, Field, Idle, ModelBuilder, Setting, Value};
use crate::voting::holdings::{HoldingsLaw, Spread};
use crate::voting::mechanism::{Capabilities, Chain, Community, Numbers, PointsOf, Votes};
use crate::voting::participants::InitialParticipants;
use crate::voting::proposals::InitialProposals;
use crate::voting::rules::needs_accounting;
use crate::voting::supply::{InitialSupply, pool_within_supply};

/// D: scale of the contract's decay, max_ratio and weight.
const SCALE: f64 = 1e7;

/// Most tokens that a run can start with.
const MOST_TOKENS: f64 = 1e15;

/// Most participants, and most proposals, that a run can start with.
const MOST_COUNTED: usize = 100_000;

/// Registers the implied settings, and the checks of a state.
pub fn register(model: &mut ModelBuilder) {
    model
        .implied(implied)
        .check(|setting| {
            snapshot(setting)?;
            needs_accounting(setting, "initial.history")
        })
        .check(|setting| match snapshot(setting) {
            None => pool_within_supply(setting),
            // The pool is not part of the supply of the staked token.
            Some(_) => None,
        })
        .check(mechanism_can_resume)
        .check(settings_in_range)
        .check(state_says_so)
        .check(holders_are_known)
        .idle(Idle {
            table: "chain",
            read_by: |setting| snapshot(setting).is_some(),
            message: "has no effect without a history while arithmetic is \"real\"; remove it",
        });
}

/// Reports a mechanism other than that of the history.
fn mechanism_can_resume(setting: &Setting) -> Option<Fault> {
    let state = snapshot(setting)?;
    let of = Capabilities::of(setting);
    let message = match state.pool() {
        None if of.votes == Votes::Points => format!(
            "is \"{}\", which has its own points, but initial.history is of the 1Hive contract; set arithmetic to \
             \"contract\" or \"real\"",
            of.name
        ),
        Some(pool) if of.name != pool.version.name() => format!(
            "is \"{}\", but initial.history is under Gardens v2 at {} in block {}; set arithmetic to \"{}\"{}",
            of.name,
            pool.version.commit(),
            state.block,
            pool.version.name(),
            match of.votes {
                Votes::Tokens => "",
                Votes::Points => ", or choose a block of the other version",
            }
        ),
        _ => return None,
    };
    Some(Fault {
        key: "arithmetic",
        message,
    })
}

/// A setting that the contract stores.
struct StoredSetting {
    key: &'static str,
    /// Its name in the contract.
    name: &'static str,
    stored: U256,
    /// Value of the key.
    value: f64,
}

/// Returns the settings that the contract stores.
fn stored_settings(state: &Snapshot, chain: &Chain) -> Vec<StoredSetting> {
    let of = |key, name, stored, value| StoredSetting {
        key,
        name,
        stored,
        value,
    };
    let decay = state.decay();
    let (max_ratio, weight, least) = match &state.contract {
        Deployed::OneHive(settings) => {
            let share = settings.min_threshold_stake_percentage;
            let key = "chain.min_threshold_stake_share";
            let name = "min_threshold_stake_percentage";
            let least = of(key, name, share, least_share(share));
            (settings.max_ratio, settings.weight, least)
        }
        Deployed::Gardens2(Pool { settings, .. }) => {
            let points = settings.min_threshold_points;
            let key = "gardens2.min_threshold_points";
            let least = of(key, "min_threshold_points", points, real(points));
            (settings.max_ratio, settings.weight, least)
        }
    };
    let mut all = vec![
        of("alpha", "decay", decay, alpha(decay, chain).0),
        of("beta", "max_ratio", max_ratio, scaled(max_ratio)),
        of("rho", "weight", weight, scaled(weight)),
        least,
    ];
    for (key, name, stored) in constants(state) {
        all.push(of(key, name, stored, real(stored)));
    }
    all
}

/// Returns the constants of the community of a pool that are amounts: key, name in the contract, and value.
fn constants(state: &Snapshot) -> impl Iterator<Item = (&'static str, &'static str, U256)> {
    let community = state.pool().map(|pool| &pool.community);
    let cap = community.filter(|of| of.point_system == PointSystem::Capped);
    let cap = cap.map(|of| ("gardens2.cap", "max_amount", of.max_amount));
    let least = community.map(|of| {
        (
            "gardens2.registration_stake",
            "registration_stake",
            of.registration_stake,
        )
    });
    cap.into_iter().chain(least)
}

/// Returns the point system of a pool as a value of `gardens2.points`.
fn points_of(pool: &Pool) -> PointsOf {
    match pool.community.point_system {
        PointSystem::Capped => PointsOf::Capped,
        PointSystem::Quadratic => PointsOf::Quadratic,
        PointSystem::Fixed => PointsOf::Fixed,
        // A history has no custom points.
        PointSystem::Unlimited | PointSystem::Custom => PointsOf::Unlimited,
    }
}

fn implied(setting: &Setting) -> Vec<DerivedDefault> {
    let Some(state) = snapshot(setting) else {
        return Vec::new();
    };
    let chain: Chain = setting.group();
    let stated = Stated::of(state, &setting.group());
    let mut all = vec![
        (
            "initial.participants",
            Value::Count(state.holders.len() as u64),
        ),
        (
            "initial.proposals",
            Value::Count(state.proposals.len() as u64),
        ),
        ("initial.funds", Value::Real(stated.funds)),
        ("initial.supply", Value::Real(stated.supply)),
        ("initial.voting_share", Value::Real(stated.voting_share)),
        // The contracts have none of these rules.
        ("tmin", Value::Real(0.0)),
        ("min_supp", Value::Real(0.0)),
        ("gamma", Value::Real(0.0)),
    ];
    let settings = stored_settings(state, &chain);
    all.extend(settings.iter().map(|of| (of.key, Value::Real(of.value))));
    let is_real = match &state.contract {
        Deployed::OneHive(settings) => {
            let is_real = Capabilities::of(setting).numbers == Numbers::Real;
            // Contract arithmetic has the share of [chain].
            let share = match is_real {
                true => least_share(settings.min_threshold_stake_percentage),
                false => 0.0,
            };
            all.extend([
                ("voting.min_share", Value::Real(share)),
                ("voting.abstain", Value::Real(0.0)),
                ("voting.counted", Value::Name("staked")),
                ("voting.stale", Value::Name("keep")),
            ]);
            is_real
        }
        Deployed::Gardens2(pool) => {
            all.extend([
                ("arithmetic", Value::Name(pool.version.name())),
                ("gardens2.points", points_of(pool).value()),
            ]);
            false
        }
    };
    // A changed block time does not change the stored decay.
    if !is_real {
        let assumed = Value::Real(chain.block_time_seconds);
        all.push(("chain.assumed_block_time_seconds", assumed));
    }
    // Values outside their domain are not implied; a check reports them.
    let all = all.into_iter().filter(|(key, value)| {
        let key = setting.keys().find(key);
        key.is_none_or(|key| key.domain.holds(*value))
    });
    all.map(|(key, value)| DerivedDefault { key, value })
        .collect()
}

/// Tokens of a state, Honey, beside those that a spec sets.
struct Stated {
    /// The pool.
    funds: f64,
    /// The supply if the spec does not set it: the pool of the spec and the tokens of all accounts.
    supply: f64,
    /// Share of the supply outside the pool that votes.
    voting_share: f64,
}

impl Stated {
    fn of(state: &Snapshot, initial: &InitialSupply) -> Self {
        let balances = state.holders.iter().map(|holder| real(holder.balance));
        let held: f64 = balances.sum();
        Self {
            funds: pool(state),
            supply: initial.funds + tokens_of_all(state),
            voting_share: held / (tokens_of_all(state) + beyond(state, initial)),
        }
    }
}

fn scaled(stored: U256) -> f64 {
    f64::from(stored) / SCALE
}

/// Returns the share of conviction kept each day that gives the same decay again, if any does; and its decay.
fn alpha(decay: U256, chain: &Chain) -> (f64, U256) {
    // Decay follows from the actual block time, not from an assumed one.
    let chain = Chain {
        assumed_block_time_seconds: 0.0,
        ..*chain
    };
    let again = |alpha: f64| U256::from(chain.decay(alpha));
    let mut alpha = libm::pow(scaled(decay), chain.blocks_per_day());
    // Rounding may give slightly too little.
    let mut step = f64::EPSILON;
    while alpha > 0.0 && again(alpha) < decay && step < 1e-6 {
        alpha *= 1.0 + step;
        step *= 2.0;
    }
    (alpha, again(alpha))
}

/// Returns the minimum share of the supply that gives the same integer again, if any does.
fn least_share(percentage: U256) -> f64 {
    let share = real(percentage);
    match integer(units(share)) < percentage {
        true => share.next_up(),
        false => share,
    }
}

/// Reports stored parameters that settings cannot express.
fn settings_in_range(setting: &Setting) -> Option<Fault> {
    let state = snapshot(setting)?;
    let chain: Chain = setting.group();
    let fault = |key: &'static str, message: String| Some(Fault { key, message });
    for StoredSetting {
        key,
        name,
        stored,
        value,
    } in stored_settings(state, &chain)
    {
        let of = setting.keys().find(key)?;
        let default = (of.default)();
        // The spec sets another value.
        if of.domain.holds(Value::Real(value)) || setting.value(of) != default {
            continue;
        }
        return fault(
            key,
            format!(
                "follows from {name} = {stored} in block {} of the history, and would be {value:e}, expected {}; set it, \
                 or choose another block",
                state.block, of.domain
            ),
        );
    }
    let alpha_of = setting.keys().find("alpha")?;
    let (implied, again) = alpha(state.decay(), &chain);
    let is_implied = setting.value(alpha_of) == Value::Real(implied);
    if Capabilities::of(setting).numbers == Numbers::Whole && is_implied && again != state.decay() {
        return fault(
            "alpha",
            format!(
                "cannot say decay = {}, the history's, with blocks of {} s: what is left of conviction after a day is too \
                 little; set chain.block_time_seconds",
                state.decay(),
                chain.block_time_seconds
            ),
        );
    }
    let amounts = [state.supply(), state.funds, state.activated()];
    let most = amounts.map(real).into_iter().fold(0.0, f64::max);
    (most > MOST_TOKENS).then(|| Fault {
        key: "initial.history",
        message: format!(
            "has {most:e} tokens in block {}, expected at most {MOST_TOKENS:e}; choose another block",
            state.block
        ),
    })
}

/// Reports counts, supply and constants of the community that differ from those of the state.
fn state_says_so(setting: &Setting) -> Option<Fault> {
    let state = snapshot(setting)?;
    let initial: InitialSupply = setting.group();
    let stated = Stated::of(state, &initial);
    let (people, open) = (state.holders.len(), state.proposals.len());
    if people.max(open) > MOST_COUNTED {
        return Some(Fault {
            key: "initial.history",
            message: format!(
                "has {people} participants and {open} open proposals in block {}, expected at most {MOST_COUNTED} of each; \
                 choose another block",
                state.block
            ),
        });
    }
    let InitialParticipants { participants } = setting.group();
    let InitialProposals { proposals } = setting.group();
    let supply = initial.supply;
    // The history of a pool does not tell the supply of the token.
    let is_sound = supply == stated.funds + tokens_of_all(state)
        || supply == stated.supply
        || (state.pool().is_some() && supply > stated.supply);
    let said = [
        (
            "initial.participants",
            f64::from(participants),
            people as f64,
        ),
        ("initial.proposals", f64::from(proposals), open as f64),
        (
            "initial.supply",
            supply,
            if is_sound { supply } else { stated.supply },
        ),
        (
            "initial.voting_share",
            initial.voting_share,
            stated.voting_share,
        ),
    ];
    let differs = said.into_iter().find(|(_, is, stated)| is != stated);
    let differs = differs.map(|(key, is, stated)| (key, is.to_string(), stated.to_string()));
    let (key, is, stated) = differs.or_else(|| other_community(setting, state))?;
    Some(Fault {
        key,
        message: format!(
            "is {is}, but the history has {stated} in block {}; remove the key",
            state.block
        ),
    })
}

/// Returns a constant of the community that differs from that of the state: key, value and that of the state.
fn other_community(setting: &Setting, state: &Snapshot) -> Option<(&'static str, String, String)> {
    let points = points_of(state.pool()?);
    let community: Community = setting.group();
    if community.points != points {
        let quoted = |name| format!("\"{name}\"");
        return Some(("gardens2.points", quoted(community.points), quoted(points)));
    }
    constants(state).find_map(|(key, _, stored)| {
        let (is, stated) = (setting.value(setting.keys().find(key)?), real(stored));
        (is != Value::Real(stated)).then(|| (key, is.to_string(), stated.to_string()))
    })
}

/// Reports a law of holdings, since the history lists holders.
fn holders_are_known(setting: &Setting) -> Option<Fault> {
    snapshot(setting)?;
    let spread = setting.group_if_on::<Spread>()?;
    (spread.law != HoldingsLaw::Exponential).then(|| Fault {
        key: "holdings.law",
        message: format!(
            "is \"{}\", but initial.history lists what holders have; remove the key",
            spread.law
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From one day to more than a year of half-life, on blocks of a fraction of a second to a minute.
    #[test]
    fn a_share_per_day_gives_the_stored_decay_again() {
        for seconds in [0.25, 2.0, 5.0, 12.0, 13.7, 60.0] {
            let chain = Chain {
                block_time_seconds: seconds,
                ..Chain::default()
            };
            let least = chain.decay(0.5);
            let step = ((9_999_999 - least) / 500).max(1) as usize;
            for decay in (least..=9_999_999).step_by(step).map(U256::from) {
                let (share, again) = alpha(decay, &chain);
                assert_eq!(again, decay, "{seconds} s: {share}");
            }
        }
    }
}
