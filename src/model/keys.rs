//! Every setting by name: one table that specs, the command line, sweep axes, the points table and
//! the schema all read.

use super::{Arithmetic, Chain, Initial, Parameters, RULES, RuleSet, Setting};
use super::{alpha_from_half_life, half_life_from_alpha};

/// The value of a setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A real number.
    Real(f64),
    /// A whole number.
    Count(u64),
    /// One of a few names.
    Name(&'static str),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Real(v) => write!(f, "{v}"),
            Self::Count(v) => write!(f, "{v}"),
            Self::Name(v) => f.write_str(v),
        }
    }
}

/// The values that a setting may take.
#[derive(Clone, Copy, Debug)]
pub enum Domain {
    /// Real numbers from `low` to `high`; `above` leaves `low` itself out, `below` leaves `high` out.
    Real {
        /// Least value.
        low: f64,
        /// Greatest value.
        high: f64,
        /// Whether `low` itself is left out.
        above: bool,
        /// Whether `high` itself is left out.
        below: bool,
    },
    /// Whole numbers from `low` to `high`.
    Count {
        /// Least value.
        low: u64,
        /// Greatest value.
        high: u64,
    },
    /// One of these names.
    Names(&'static [&'static str]),
}

impl std::fmt::Display for Domain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Real {
                low,
                high,
                above,
                below,
            } => {
                let more = if above { "above" } else { "of at least" };
                if high.is_infinite() {
                    return write!(f, "a number {more} {low}");
                }
                let less = if below { "below" } else { "at most" };
                write!(f, "a number {more} {low} and {less} {high}")
            }
            Self::Count { low, high } => write!(f, "a whole number from {low} to {high}"),
            Self::Names(names) => {
                let quoted: Vec<_> = names.iter().map(|n| format!("\"{n}\"")).collect();
                write!(f, "{}", quoted.join(" or "))
            }
        }
    }
}

/// A setting: its name, meaning and domain, and the ways to read and to change it.
pub struct Key {
    /// The name as written in `--set`, in `[axes]` and as a column.
    pub name: &'static str,
    /// The unit; empty for pure numbers and names.
    pub unit: &'static str,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// The values that it may take.
    pub domain: Domain,
    /// The key whose value this one sets as well, if another name for the same thing.
    pub alias_of: Option<&'static str>,
    get: Get,
    set: Set,
}

type Get = fn(&Setting) -> Value;

#[derive(Clone, Copy)]
enum Set {
    Real(fn(&mut Setting, f64)),
    Count(fn(&mut Setting, u64)),
    Name(fn(&mut Setting, &'static str)),
}

impl Key {
    /// The value in `setting`.
    pub fn get(&self, setting: &Setting) -> Value {
        (self.get)(setting)
    }

    /// Puts a value of the domain, as [`Key::number`] or [`Key::word`] gave it.
    pub fn set(&self, setting: &mut Setting, value: Value) {
        match (self.set, value) {
            (Set::Real(set), Value::Real(v)) => set(setting, v),
            (Set::Count(set), Value::Count(v)) => set(setting, v),
            (Set::Name(set), Value::Name(v)) => set(setting, v),
            _ => unreachable!("{} was given a value of another kind", self.name),
        }
    }

    /// A number as a value of this key, if within its domain. Whole numbers may be written as
    /// reals without a fraction.
    pub fn number(&self, number: f64) -> Option<Value> {
        match self.domain {
            Domain::Real {
                low,
                high,
                above,
                below,
            } => (number.is_finite()
                && (if above { number > low } else { number >= low })
                && (if below { number < high } else { number <= high }))
            .then_some(Value::Real(number)),
            Domain::Count { low, high } => {
                (number.fract() == 0.0 && number >= low as f64 && number <= high as f64)
                    .then_some(Value::Count(number as u64))
            }
            Domain::Names(_) => None,
        }
    }

    /// A word as a value of this key, if within its domain.
    pub fn word(&self, word: &str) -> Option<Value> {
        match self.domain {
            Domain::Names(names) => names
                .iter()
                .find(|&&name| name == word)
                .map(|&name| Value::Name(name)),
            _ => None,
        }
    }

    /// The key under which the same thing is stored.
    pub fn stored_as(&self) -> &'static str {
        self.alias_of.unwrap_or(self.name)
    }

    /// Whether setting both keys would say the same thing twice.
    pub fn overlaps(&self, other: &Key) -> bool {
        let (a, b) = (self.stored_as(), other.stored_as());
        a == b || within(a, b) || within(b, a)
    }
}

/// Whether `outer` is a table that holds `inner`: `rules` holds `rules.idle_stake`.
fn within(outer: &str, inner: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.starts_with('.'))
}

const ANY: f64 = f64::INFINITY;

const fn from(low: f64, high: f64) -> Domain {
    Domain::Real {
        low,
        high,
        above: false,
        below: false,
    }
}

const fn above(low: f64, high: f64) -> Domain {
    Domain::Real {
        low,
        high,
        above: true,
        below: false,
    }
}

macro_rules! real {
    ($name:literal, $unit:literal, $domain:expr, $meaning:literal, $($path:ident).+) => {
        Key {
            name: $name,
            unit: $unit,
            meaning: $meaning,
            domain: $domain,
            alias_of: None,
            get: |s| Value::Real(s.$($path).+),
            set: Set::Real(|s, v| s.$($path).+ = v),
        }
    };
}

macro_rules! count {
    ($name:literal, $unit:literal, $low:literal, $high:literal, $meaning:literal, $($path:ident).+) => {
        Key {
            name: $name,
            unit: $unit,
            meaning: $meaning,
            domain: Domain::Count { low: $low, high: $high },
            alias_of: None,
            get: |s| Value::Count(u64::from(s.$($path).+)),
            set: Set::Count(|s, v| s.$($path).+ = v as u32),
        }
    };
}

macro_rules! rule {
    ($name:ident, $index:literal) => {
        Key {
            name: concat!("rules.", stringify!($name)),
            unit: "",
            meaning: RULES[$index].meaning,
            domain: Domain::Names(RuleSet::NAMES),
            alias_of: None,
            get: |s| Value::Name(s.rules.$name.name()),
            set: Set::Name(|s, v| s.rules.$name = rule_set(v)),
        }
    };
}

fn rule_set(name: &'static str) -> RuleSet {
    RuleSet::from_name(name).expect("a name of the domain")
}

/// Every setting, parameters first, then the arithmetic, the initial state and the rules.
pub static KEYS: &[Key] = &[
    real!(
        "alpha",
        "1/day",
        Domain::Real {
            low: 0.0,
            high: 1.0,
            above: false,
            below: true
        },
        "share of conviction kept each day, 2^(-1/half-life)",
        parameters.alpha
    ),
    Key {
        name: "half_life_days",
        unit: "days",
        meaning: "days after which half of a conviction is left once its stake is gone; stands instead of alpha",
        domain: from(0.0, 1e6),
        alias_of: Some("alpha"),
        get: |s| Value::Real(half_life_from_alpha(s.parameters.alpha)),
        set: Set::Real(|s, v| s.parameters.alpha = alpha_from_half_life(v)),
    },
    real!(
        "beta",
        "",
        above(0.0, 1.0),
        "upper bound on the share of the pool that one proposal can take",
        parameters.beta
    ),
    real!(
        "rho",
        "",
        above(0.0, ANY),
        "scale of the trigger; nothing can pass unless rho < beta^2",
        parameters.rho
    ),
    real!(
        "gamma",
        "1/day",
        from(0.0, ANY),
        "expansion of the total supply, minted into the pool",
        parameters.gamma
    ),
    real!(
        "sensitivity",
        "",
        from(0.0, ANY),
        "how close to the favourite a proposal must be to be supported",
        parameters.sensitivity
    ),
    real!(
        "tmin",
        "days",
        from(0.0, ANY),
        "a proposal passes only when older than this",
        parameters.tmin
    ),
    real!(
        "min_supp",
        "Honey",
        from(0.0, ANY),
        "a candidate with less staked on it is killed",
        parameters.min_supp
    ),
    real!(
        "base_completion_rate",
        "days",
        above(0.0, ANY),
        "expected days until an active proposal completes",
        parameters.base_completion_rate
    ),
    real!(
        "base_failure_rate",
        "days",
        above(0.0, ANY),
        "expected days until an active proposal fails",
        parameters.base_failure_rate
    ),
    real!(
        "base_engagement_rate",
        "1/day",
        from(0.0, 1.0),
        "chance to act on a day at full sentiment",
        parameters.base_engagement_rate
    ),
    real!(
        "lowest_affinity_to_support",
        "",
        from(-1.0, 1.0),
        "least affinity at which a proposal is supported",
        parameters.lowest_affinity_to_support
    ),
    Key {
        name: "arithmetic",
        unit: "",
        meaning: "whether stakes, conviction and triggers are real numbers, or the deployed contract's integers",
        domain: Domain::Names(Arithmetic::NAMES),
        alias_of: None,
        get: |s| Value::Name(s.arithmetic.name()),
        set: Set::Name(|s, v| {
            s.arithmetic = Arithmetic::from_name(v).expect("a name of the domain");
        }),
    },
    real!(
        "chain.block_time_seconds",
        "s",
        above(0.0, 86_400.0),
        "seconds from block to block, for the contract's arithmetic",
        chain.block_time_seconds
    ),
    real!(
        "chain.assumed_block_time_seconds",
        "s",
        from(0.0, 86_400.0),
        "block time for which alpha was turned into the contract's decay; 0 for that of the chain",
        chain.assumed_block_time_seconds
    ),
    real!(
        "chain.min_threshold_stake_share",
        "",
        from(0.0, 1.0),
        "least share of the total supply that counts as staked in a threshold: the contract's minThresholdStakePercentage / 10^18",
        chain.min_threshold_stake_share
    ),
    count!("days", "days", 1, 36_500, "horizon of a run", days),
    count!(
        "initial.participants",
        "",
        1,
        100_000,
        "participants at the start",
        initial.participants
    ),
    count!(
        "initial.proposals",
        "",
        0,
        100_000,
        "candidates at the start",
        initial.proposals
    ),
    real!(
        "initial.funds",
        "Honey",
        above(0.0, ANY),
        "the pool at the start",
        initial.funds
    ),
    real!(
        "initial.supply",
        "Honey",
        above(0.0, ANY),
        "total supply at the start; effective supply is 0.8 (supply - funds)",
        initial.supply
    ),
    real!(
        "initial.sentiment",
        "",
        from(0.0, 1.0),
        "system mood at the start",
        initial.sentiment
    ),
    Key {
        name: "rules",
        unit: "",
        meaning: "the rule set: the corrected model or the published program with its defects",
        domain: Domain::Names(RuleSet::NAMES),
        alias_of: None,
        get: |s| Value::Name(s.rules.set_name()),
        set: Set::Name(|s, v| s.rules = rule_set(v).into()),
    },
    rule!(stake_weight, 0),
    rule!(idle_stake, 1),
    rule!(over_release, 2),
    rule!(network_density, 3),
    rule!(newcomer_links, 4),
    rule!(accounting, 5),
    rule!(small_grant, 6),
    rule!(pool_metric, 7),
];

/// The key of this name.
pub fn find_key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The name among `names` that looks most like `wrong`, if any looks alike at all.
pub fn nearest_key<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A bare word may be the last part of a dotted key: `participants` for `initial.participants`.
    let likeness = |name: &str| {
        let tail = name.rsplit('.').next().unwrap_or(name);
        strsim::jaro_winkler(wrong, name).max(strsim::jaro_winkler(wrong, tail))
    };
    names
        .into_iter()
        .map(|name| (likeness(name), name))
        .filter(|&(alike, _)| alike > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// The key that stores each parameter of [`Parameters`] and [`Initial`], checked here so that a new
/// field cannot be forgotten in the table.
const _: () = {
    assert!(size_of::<Parameters>() == 11 * 8);
    assert!(size_of::<Initial>() == 4 * 8);
    assert!(size_of::<Chain>() == 3 * 8);
    assert!(KEYS.len() == 11 + 1 + 1 + 3 + 1 + 5 + 1 + RULES.len());
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_reads_back_what_it_sets() {
        for key in KEYS {
            let mut setting = Setting::default();
            let value = match key.domain {
                Domain::Real { .. } => key.number(0.5),
                Domain::Count { .. } => key.number(17.0),
                Domain::Names(names) => key.word(names[1]),
            }
            .expect("within the domain");
            key.set(&mut setting, value);
            let back = key.get(&setting);
            match (value, back) {
                (Value::Real(a), Value::Real(b)) => assert!((a - b).abs() < 1e-12, "{}", key.name),
                _ => assert_eq!(value, back, "{}", key.name),
            }
        }
        for (rule, key) in RULES.iter().zip(&KEYS[KEYS.len() - RULES.len()..]) {
            assert_eq!(key.name, format!("rules.{}", rule.name));
        }
    }

    #[test]
    fn domains_hold_their_bounds() {
        let key = |name| find_key(name).unwrap();
        assert!(key("alpha").number(1.0).is_none());
        assert!(key("alpha").number(0.0).is_some());
        assert!(key("beta").number(0.0).is_none());
        assert!(key("beta").number(1.0).is_some());
        assert!(key("rho").number(f64::NAN).is_none());
        assert!(key("rho").number(f64::INFINITY).is_none());
        assert!(key("initial.participants").number(2.5).is_none());
        assert!(key("initial.participants").number(0.0).is_none());
        assert!(key("rules").word("v4").is_none());
    }

    #[test]
    fn the_nearest_key_is_offered() {
        let names = || KEYS.iter().map(|k| k.name);
        assert_eq!(nearest_key("betta", names()), Some("beta"));
        assert_eq!(nearest_key("half_life", names()), Some("half_life_days"));
        assert_eq!(
            nearest_key("participants", names()),
            Some("initial.participants")
        );
        assert_eq!(nearest_key("qqq", names()), None);
    }

    #[test]
    fn keys_that_say_the_same_overlap() {
        let key = |name| find_key(name).unwrap();
        assert!(key("alpha").overlaps(key("half_life_days")));
        assert!(key("rules").overlaps(key("rules.idle_stake")));
        assert!(!key("rules.idle_stake").overlaps(key("rules.over_release")));
        assert!(!key("alpha").overlaps(key("beta")));
    }
}
