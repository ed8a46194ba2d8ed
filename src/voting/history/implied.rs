//! Derives settings from a state: defaults of keys that a spec neither sets nor varies.

use super::snapshot;
use super::start::pool;
use crate::contract::{Snapshot, U256, integer, real, units};
use crate::engine::{Fault, Idle, Implied, ModelBuilder, Setting, Value};
use crate::voting::holdings::{HoldingsLaw, Spread};
use crate::voting::mechanism::{Capabilities, Chain, Numbers, Votes};
use crate::voting::participants::InitialParticipants;
use crate::voting::proposals::InitialProposals;
use crate::voting::rules::needs_accounting;
use crate::voting::supply::InitialSupply;

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

/// Reports a mechanism whose points a history of the 1Hive contract lacks.
fn mechanism_can_resume(setting: &Setting) -> Option<Fault> {
    snapshot(setting)?;
    let of = Capabilities::of(setting);
    (of.votes == Votes::Points).then(|| Fault {
        key: "arithmetic",
        message: format!(
            "is \"{}\", which has its own points, but initial.history is of the 1Hive contract; set arithmetic to \
             \"contract\" or \"real\"",
            of.name
        ),
    })
}

fn implied(setting: &Setting) -> Vec<Implied> {
    let Some(state) = snapshot(setting) else {
        return Vec::new();
    };
    let chain: Chain = setting.group();
    let stated = Stated::of(state);
    let counts = [
        ("initial.participants", state.holders.len()),
        ("initial.proposals", state.proposals.len()),
    ];
    let counts = counts.map(|(key, count)| (key, Value::Count(count as u64)));
    let share = least_share(state.settings.min_threshold_stake_percentage);
    // Contract arithmetic has the share of [chain].
    let is_real = Capabilities::of(setting).numbers == Numbers::Real;
    let share_in_real = if is_real { share } else { 0.0 };
    let reals = [
        ("initial.funds", stated.funds),
        ("initial.supply", stated.supply),
        ("initial.voting_share", stated.voting_share),
        ("alpha", alpha(state.settings.decay, &chain).0),
        ("beta", scaled(state.settings.max_ratio)),
        ("rho", scaled(state.settings.weight)),
        ("chain.min_threshold_stake_share", share),
        ("voting.min_share", share_in_real),
        ("voting.abstain", 0.0),
        // The contract has none of these rules.
        ("tmin", 0.0),
        ("min_supp", 0.0),
        ("gamma", 0.0),
    ];
    let reals = reals.map(|(key, number)| (key, Value::Real(number)));
    // A changed block time does not change the stored decay.
    let assumed = (!is_real).then_some((
        "chain.assumed_block_time_seconds",
        Value::Real(chain.block_time_seconds),
    ));
    let reals = reals.into_iter().chain(assumed);
    let names = [("voting.counted", "staked"), ("voting.stale", "keep")];
    let names = names.map(|(key, name)| (key, Value::Name(name)));
    let all = counts.into_iter().chain(reals).chain(names);
    // Values outside their domain are not implied; a check reports them.
    let all = all.filter(|(key, value)| {
        let key = setting.keys().find(key);
        key.is_some_and(|key| key.domain.holds(*value))
    });
    all.map(|(key, value)| Implied { key, value }).collect()
}

/// Settings that follow from the state alone.
struct Stated {
    funds: f64,
    supply: f64,
    voting_share: f64,
}

impl Stated {
    fn of(state: &Snapshot) -> Self {
        let held: f64 = state
            .holders
            .iter()
            .map(|holder| real(holder.balance))
            .sum();
        let (funds, all) = (pool(state), held + real(state.elsewhere));
        Self {
            funds,
            supply: funds + all,
            voting_share: held / all,
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
    let settings = state.settings;
    let named = [
        ("alpha", "decay", settings.decay),
        ("beta", "max_ratio", settings.max_ratio),
        ("rho", "weight", settings.weight),
        (
            "chain.min_threshold_stake_share",
            "min_threshold_stake_percentage",
            settings.min_threshold_stake_percentage,
        ),
    ];
    let fault = |key: &'static str, message: String| Some(Fault { key, message });
    for (key, stored, value) in named {
        let of = setting.keys().find(key)?;
        let share = match key {
            "chain.min_threshold_stake_share" => real(value),
            _ => scaled(value),
        };
        let default = (of.default)();
        // The spec sets another value.
        if of.domain.holds(Value::Real(share)) || setting.value(of) != default {
            continue;
        }
        return fault(
            key,
            format!(
                "follows from {stored} = {value} in block {} of the history, and would be {share:e}, expected {}; set it, \
                 or choose another block",
                state.block, of.domain
            ),
        );
    }
    let chain: Chain = setting.group();
    let alpha_of = setting.keys().find("alpha")?;
    let (implied, again) = alpha(settings.decay, &chain);
    let is_implied = setting.value(alpha_of) == Value::Real(implied);
    if Capabilities::of(setting).numbers == Numbers::Whole && is_implied && again != settings.decay
    {
        return fault(
            "alpha",
            format!(
                "cannot say decay = {}, the history's, with blocks of {} s: what is left of conviction after a day is too \
                 little; set chain.block_time_seconds",
                settings.decay, chain.block_time_seconds
            ),
        );
    }
    let most = real(state.supply()).max(real(state.funds));
    (most > MOST_TOKENS).then(|| Fault {
        key: "initial.history",
        message: format!(
            "has {most:e} tokens in block {}, expected at most {MOST_TOKENS:e}; choose another block",
            state.block
        ),
    })
}

/// Reports counts and supply that differ from those of the state.
fn state_says_so(setting: &Setting) -> Option<Fault> {
    let state = snapshot(setting)?;
    let stated = Stated::of(state);
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
    let initial: InitialSupply = setting.group();
    let said = [
        (
            "initial.participants",
            f64::from(participants),
            people as f64,
        ),
        ("initial.proposals", f64::from(proposals), open as f64),
        ("initial.supply", initial.supply, stated.supply),
        (
            "initial.voting_share",
            initial.voting_share,
            stated.voting_share,
        ),
    ];
    let (key, is, stated) = said.into_iter().find(|(_, is, stated)| is != stated)?;
    Some(Fault {
        key,
        message: format!(
            "is {is}, but the history has {stated} in block {}; remove the key",
            state.block
        ),
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
