//! What the settings of a plan mean before any simulation, in closed form.

use conviction::engine::Setting;
use conviction::study::Plan;
use conviction::voting::attackers::closed_form::{Pace, best_ask};
use conviction::voting::conviction::{Conviction, days_to_pass, largest_passing, stake_to_pass};
use conviction::voting::meaning::{Meaning, blocks_to_pass};
use conviction::voting::supply::InitialSupply;
use serde::Deserialize;
use serde_json::{Value, json};

/// For what the closed forms are asked: shares of the pool, of the supply that votes, and days.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Requests, as shares of the pool.
    requests: Vec<f64>,
    /// Stakes, as shares of the effective supply.
    stakes: Vec<f64>,
    /// Times within which something passes, days.
    days: Vec<f64>,
    /// Attackers' holdings, as shares of the effective supply.
    attackers: Vec<f64>,
}

/// The meaning of the setting of each point.
pub fn meaning(plan: &Plan, asked: &Asked) -> Value {
    let points = (0..plan.points).map(|point| of_setting(&plan.setting(point), asked));
    Value::Array(points.collect())
}

fn of_setting(setting: &Setting, asked: &Asked) -> Value {
    let p = &setting.group::<Conviction>();
    let (of, initial) = (Meaning::of(setting), setting.group::<InitialSupply>());
    let table = |cell: &dyn Fn(f64, f64) -> Value, columns: &[f64]| {
        let row = |&request: &f64| {
            let cells = columns.iter().map(|&column| cell(request, column));
            Value::Array(cells.collect())
        };
        Value::Array(asked.requests.iter().map(row).collect())
    };
    let days = |request, staked| json!(days_to_pass(p, request, staked));
    let hours = |request, staked| {
        let blocks = blocks_to_pass(setting, request, staked);
        json!(blocks.map(|blocks| blocks as f64 * of.block_time_seconds / 3600.0))
    };
    let stake = |request, within| json!(stake_to_pass(p, request, within));
    let drains = asked.attackers.iter().map(|&share| {
        best_ask(p, share, Pace::Plain).map(|drain| {
            json!({
                "ask": drain.ask, "cycle_days": drain.cycle_days,
                "pool_half_life_days": drain.half_life_days,
            })
        })
    });
    let overnight = asked
        .days
        .iter()
        .map(|&within| largest_passing(p, 1.0, within));
    json!({
        "half_life_days": of.half_life_days, "alpha": of.alpha, "beta": of.beta, "rho": of.rho,
        "largest_request": of.largest_passable_share,
        "minimum_conviction": of.minimum_conviction_share,
        "contract": {
            "decay": of.decay, "max_ratio": of.max_ratio, "weight": of.weight,
            "block_time_seconds": of.block_time_seconds,
        },
        "resistance_days": of.under_attack.map(|of| of.resistance_days),
        "price_of_conviction": of.under_attack.map(|of| of.price_of_conviction),
        "one_day_stake": of.under_attack.map(|of| of.one_day_stake_share),
        "funds": initial.funds, "effective_supply": initial.effective_supply(),
        "days_to_pass": table(&days, &asked.stakes), "hours_to_pass": table(&hours, &asked.stakes),
        "stake_to_pass": table(&stake, &asked.days),
        "largest_passing": overnight.collect::<Vec<_>>(),
        "drains": drains.collect::<Vec<_>>(),
    })
}
