//! Defines designers' aliases, which may be set in place of alpha, beta and rho.
//!
//! | alias | sets | to |
//! |---|---|---|
//! | `half_life_days`, h | α | 2^(−1/h) |
//! | `largest_request`, l | β | l / (1 − √m) if m is given, else l + √ρ |
//! | `minimum_conviction`, m | ρ | mβ² |

use super::{
    Conviction, alpha_from_half_life, beta_from_largest_passable, half_life_from_alpha,
    largest_passable_share, minimum_conviction_share, rho_from_minimum_conviction,
};
use crate::digits::rounded;
use crate::engine::{Alias, Domain, Key, ModelBuilder, Setting, Value};

static HALF_LIFE: Key = Key {
    name: "half_life_days",
    unit: "days",
    meaning: "days in which conviction halves once the stake is withdrawn; overrides alpha",
    domain: Domain::from_to(0.0, 1e6),
    default: || default(|p| half_life_from_alpha(p.alpha)),
    overrides: None,
    alias: Some(Alias {
        of: "alpha",
        with: &[],
        get: |setting| real(setting, |p| half_life_from_alpha(p.alpha)),
        store: |_, days| computed(days, alpha_from_half_life),
    }),
};

static LARGEST_REQUEST: Key = Key {
    name: "largest_request",
    unit: "",
    meaning: "largest request that can pass, as a share of the pool, beta - sqrt(rho); overrides beta",
    domain: Domain::between(0.0, 1.0),
    default: || default(largest_passable_share),
    overrides: None,
    alias: Some(Alias {
        of: "beta",
        with: &["rho"],
        get: |setting| real(setting, largest_passable_share),
        store: |setting, limit| {
            let rho = setting.group::<Conviction>().rho;
            computed(limit, |limit| {
                match setting.given(MINIMUM_CONVICTION.name) {
                    Some(Value::Real(minimum)) => beta_from_largest_passable(limit, minimum),
                    _ => limit + rho.sqrt(),
                }
            })
        },
    }),
};

static MINIMUM_CONVICTION: Key = Key {
    name: "minimum_conviction",
    unit: "",
    meaning: "minimum conviction that passes anything, as a share of the largest possible, rho/beta^2; overrides rho",
    domain: Domain::between(0.0, 1.0),
    default: || default(minimum_conviction_share),
    overrides: None,
    alias: Some(Alias {
        of: "rho",
        with: &["beta"],
        get: |setting| real(setting, minimum_conviction_share),
        store: |setting, minimum| {
            let beta = setting.group::<Conviction>().beta;
            computed(minimum, |minimum| {
                rho_from_minimum_conviction(minimum, beta)
            })
        },
    }),
};

/// Registers the aliases.
pub(super) fn register(model: &mut ModelBuilder) {
    model
        .alias(&HALF_LIFE)
        .alias(&LARGEST_REQUEST)
        .alias(&MINIMUM_CONVICTION);
}

/// Computes the default of an alias, rounded to drop arithmetic noise.
fn default(of: impl Fn(&Conviction) -> f64) -> Value {
    Value::Real(rounded(of(&Conviction::default()), 10))
}

/// Computes a number from a setting.
fn real(setting: &Setting, of: impl Fn(&Conviction) -> f64) -> Value {
    Value::Real(of(&setting.group()))
}

/// Applies a formula to a number.
fn computed(value: Value, of: impl Fn(f64) -> f64) -> Value {
    match value {
        Value::Real(number) => Value::Real(of(number)),
        other => other,
    }
}
