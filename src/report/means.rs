//! Tabulates what a setting means: both vocabularies, time to pass, and what passes in time.

use super::attack::{Rows, brief, in_percent};
use crate::digits::{DIGITS, percent, rounded};
use crate::engine::Setting;
use crate::voting::attackers::closed_form::{Pace, at_once, best_at_once};
use crate::voting::conviction::{
    Conviction, days_to_pass, largest_passing, minimum_conviction_share, stake_to_pass,
};
use crate::voting::meaning::{
    HORIZONS, Horizon, Meaning, OVERNIGHT, POINTS_MOVE, REQUESTS, STAKED, blocks_to_pass,
    days_as_points_move, stored_by_app,
};

/// A setting, with the name of its preset.
#[derive(Clone, Debug)]
pub struct Named {
    /// Preset that the setting starts from, if any.
    pub preset: Option<String>,
    /// Contract that the preset is meant for.
    pub contract: Option<&'static str>,
    /// Setting.
    pub setting: Setting,
}

impl Named {
    /// Returns the name of the preset, or "this setting".
    pub fn name(&self) -> &str {
        self.preset.as_deref().unwrap_or("this setting")
    }
}

/// Tabulates a setting as each contract stores it.
pub fn contracts(setting: &Setting) -> Rows {
    let of = Meaning::of(setting);
    let seconds = of.block_time_seconds;
    let one_hive = vec![
        "1Hive".to_owned(),
        seconds.to_string(),
        of.decay.to_string(),
        of.max_ratio.to_string(),
        of.weight.to_string(),
        brief(of.stored_half_life_days),
        brief(of.stored_half_life_days),
    ];
    let app = stored_by_app(setting).into_iter().map(|of| {
        vec![
            format!("Gardens v2, {}", of.chain),
            of.block_seconds.to_string(),
            of.decay.to_string(),
            of.max_ratio.to_string(),
            of.weight.to_string(),
            brief(of.half_life_days),
            brief(of.half_life_on_chain_days),
        ]
    });
    Rows {
        title: format!(
            "in each contract's integers: 1Hive's on blocks of {seconds} s, and as the Gardens v2 app stores them for the \
             block time that it assumes of a chain, with the half-life in days that follows there and on blocks of \
             {seconds} s"
        ),
        heads: [
            "contract".to_owned(),
            "block, s".to_owned(),
            "decay".to_owned(),
            "maxRatio".to_owned(),
            "weight".to_owned(),
            "half-life".to_owned(),
            format!("on {seconds} s"),
        ]
        .to_vec(),
        rows: std::iter::once(one_hive).chain(app).collect(),
    }
}

/// Explains how the apps convert the values that users type.
pub fn conventions(setting: &Setting) -> Vec<String> {
    let of = Meaning::of(setting);
    if of.minimum_conviction_share >= 1.0 {
        return Vec::new();
    }
    let mut lines = vec![
        format!(
            "A spending limit of {} in the 1Hive app or the Commons Config Dashboard is this maxRatio; in the Gardens v2 \
             app, which stores maxRatio = limit / (1 - sqrt(minimum conviction)), it takes a limit of {}.",
            in_percent(of.beta),
            in_percent(of.largest_passable_share),
        ),
        "A contract keeps a share of conviction per block: blocks that take k times as long as assumed make the half-life \
         k times as long. On Arbitrum a contract sees Ethereum's blocks, so the app assumes 12 s there."
            .to_owned(),
        "In every contract a change of settings applies to all blocks since a proposal's last update, also those before \
         the change."
            .to_owned(),
        "In Gardens v2 a request of 0 executes without conviction, and the support of an expelled member goes \
         without an update of conviction."
            .to_owned(),
    ];
    let tmin = setting.group::<Conviction>().tmin;
    if tmin > 1.0 {
        lines.push(format!(
            "The tables of what passes in time leave out the minimum age of a proposal, tmin = {tmin} days, which contracts lack: in \
             a run nothing passes before."
        ));
    }
    lines
}

/// Tabulates the time that a request takes to pass in Gardens v2, where the threshold follows all points.
pub fn time_as_points_move(setting: &Setting) -> Rows {
    let p = setting.group::<Conviction>();
    let request = REQUESTS[3] * p.beta;
    let rows = POINTS_MOVE.iter().map(|&moved| {
        let days = days_as_points_move(setting, request, moved).into_iter();
        let cells = days.map(|days| days.map_or("never".to_owned(), |days| days.to_string()));
        std::iter::once(moved.name.to_owned())
            .chain(cells)
            .collect()
    });
    Rows {
        title: format!(
            "days to pass in Gardens v2 (a75a6efe2), whose threshold follows the activated points as conviction follows \
             support, for a request of {} of the pool: what happens on the day of the stake, by share of the points that \
             then are active staked on it",
            percent(request)
        ),
        heads: std::iter::once("that day".to_owned())
            .chain(STAKED.map(percent))
            .collect(),
        rows: rows.collect(),
    }
}

/// Tabulates a setting in both vocabularies, and as the contract stores it.
pub fn vocabularies(setting: &Setting) -> Rows {
    let of = Meaning::of(setting);
    let row = |cells: [String; 6]| cells.to_vec();
    Rows {
        title: "in designers' words, in the model's, and in the contract's integers".to_owned(),
        heads: ["designer", "", "model", "", "contract", ""]
            .map(str::to_owned)
            .to_vec(),
        rows: vec![
            row([
                "half-life".to_owned(),
                format!("{} days", brief(of.half_life_days)),
                "alpha".to_owned(),
                rounded(of.alpha, 6).to_string(),
                format!("decay, {} s blocks", of.block_time_seconds),
                of.decay.to_string(),
            ]),
            row([
                "largest request".to_owned(),
                in_percent(of.largest_passable_share),
                "beta".to_owned(),
                rounded(of.beta, 6).to_string(),
                "maxRatio".to_owned(),
                of.max_ratio.to_string(),
            ]),
            row([
                "minimum conviction".to_owned(),
                in_percent(of.minimum_conviction_share),
                "rho".to_owned(),
                rounded(of.rho, 6).to_string(),
                "weight".to_owned(),
                of.weight.to_string(),
            ]),
        ],
    }
}

/// Tabulates the time that requests take to pass, by stake.
pub fn time_to_pass(setting: &Setting) -> Rows {
    let p = &setting.group::<Conviction>();
    let seconds = Meaning::of(setting).block_time_seconds;
    let cell = |request: f64, staked: f64| match days_to_pass(p, request, staked) {
        None => "never".to_owned(),
        Some(days) if days > 1 => days.to_string(),
        // Within a day, the contract passes it at a block.
        Some(_) => match blocks_to_pass(setting, request, staked) {
            None => "never".to_owned(),
            Some(blocks) => match blocks as f64 * seconds / 3600.0 {
                hours if hours >= 1.0 => format!("{} h", brief(hours)),
                _ => format!("{blocks} b"),
            },
        },
    };
    let rows = REQUESTS.iter().map(|share| {
        let request = share * p.beta;
        let times = STAKED.iter().map(|&staked| cell(request, staked));
        std::iter::once(percent(request)).chain(times).collect()
    });
    Rows {
        title: format!(
            "days to pass (of a day or less: h, hours; b, blocks of {seconds} s): request as a share of the pool, by \
             share of the supply staked on it"
        ),
        heads: std::iter::once("request".to_owned())
            .chain(STAKED.map(percent))
            .collect(),
        rows: rows.collect(),
    }
}

/// Tabulates the stake that passes a request in time.
pub fn stakes_to_pass(p: &Conviction) -> Rows {
    let requests = REQUESTS.map(|share| share * p.beta);
    let rows = HORIZONS.iter().map(|horizon| {
        let stakes = requests.iter().map(|&request| {
            stake_to_pass(p, request, horizon.days).map_or("–".to_owned(), in_percent)
        });
        within(horizon, stakes)
    });
    Rows {
        title: "stake needed to pass in time, as a share of the supply that votes (–: not even all of it), by request as \
                a share of the pool"
            .to_owned(),
        heads: std::iter::once("within".to_owned())
            .chain(requests.map(percent))
            .collect(),
        rows: rows.collect(),
    }
}

/// Tabulates the largest request that a share of the voters passes in time.
pub fn largest_requests(p: &Conviction) -> Rows {
    let ever = Horizon {
        name: "ever",
        days: f64::INFINITY,
    };
    let rows = HORIZONS.iter().chain([&ever]).map(|horizon| {
        let requests = STAKED.iter().map(|&staked| {
            largest_passing(p, staked, horizon.days).map_or("–".to_owned(), in_percent)
        });
        within(horizon, requests)
    });
    Rows {
        title: "largest request that passes in time, as a share of the pool (–: none), by share of the supply that votes \
                for it"
            .to_owned(),
        heads: std::iter::once("within".to_owned())
            .chain(STAKED.map(percent))
            .collect(),
        rows: rows.collect(),
    }
}

fn within(horizon: &Horizon, cells: impl Iterator<Item = String>) -> Vec<String> {
    std::iter::once(horizon.name.to_owned())
        .chain(cells)
        .collect()
}

/// Describes what passes overnight, in the worst case.
pub fn overnight(p: &Conviction) -> Vec<String> {
    let Some(least) = stake_to_pass(p, 0.0, OVERNIGHT.days) else {
        return vec!["Overnight, within 8 hours, nothing passes, whatever the stakes.".to_owned()];
    };
    let worst = at_once(p, 1.0, OVERNIGHT.days).map(|worst| {
        let requests = match worst.requests {
            1 => "by one request".to_owned(),
            requests => format!("by {requests} requests at once"),
        };
        format!(
            "In the worst case, with all of it staked, attackers take {} of the pool in one night, {requests}.",
            in_percent(worst.taken)
        )
    });
    let least = format!(
        "Overnight, within 8 hours, nothing passes below {} of the supply that votes.",
        in_percent(least)
    );
    std::iter::once(least).chain(worst).collect()
}

/// Compares settings, including the effect of attackers who hold these shares of the supply.
pub fn side_by_side(settings: &[Named], shares: &[f64]) -> Rows {
    let of = |name: &str, cell: &dyn Fn(&Setting) -> String| {
        let cells = settings.iter().map(|named| cell(&named.setting));
        std::iter::once(name.to_owned()).chain(cells).collect()
    };
    let p = |setting: &Setting| setting.group::<Conviction>();
    let attack = |setting: &Setting, of: &dyn Fn(crate::voting::meaning::UnderAttack) -> String| {
        let attack = Meaning::of(setting).under_attack;
        attack.map_or("–".to_owned(), of)
    };
    let contracts = settings
        .iter()
        .map(|named| named.contract.unwrap_or("–").to_owned());
    let mut rows: Vec<Vec<String>> = vec![
        std::iter::once("contract".to_owned())
            .chain(contracts)
            .collect(),
        of("half-life, days", &|s| brief(Meaning::of(s).half_life_days)),
        of("largest request", &|s| {
            in_percent(Meaning::of(s).largest_passable_share)
        }),
        of("minimum conviction", &|s| {
            in_percent(minimum_conviction_share(&p(s)))
        }),
        of("alpha", &|s| rounded(p(s).alpha, 6).to_string()),
        of("beta (maxRatio)", &|s| {
            rounded(p(s).beta, DIGITS).to_string()
        }),
        of("rho (weight)", &|s| rounded(p(s).rho, 6).to_string()),
        of("block, s", &|s| {
            Meaning::of(s).block_time_seconds.to_string()
        }),
        of("decay", &|s| Meaning::of(s).decay.to_string()),
        of("maxRatio", &|s| Meaning::of(s).max_ratio.to_string()),
        of("weight", &|s| Meaning::of(s).weight.to_string()),
    ];
    for horizon in &HORIZONS[..3] {
        rows.push(of(&format!("stake to pass, {}", horizon.name), &|s| {
            stake_to_pass(&p(s), 0.0, horizon.days).map_or("–".to_owned(), in_percent)
        }));
    }
    rows.push(of("taken overnight, at worst", &|s| {
        in_percent(at_once(&p(s), 1.0, OVERNIGHT.days).map_or(0.0, |worst| worst.taken))
    }));
    for &share in shares {
        rows.push(of(
            &format!("{} halves the pool in", percent(share)),
            &|s| {
                let drain = best_at_once(&p(s), share, Pace::Plain);
                drain.map_or("never".to_owned(), |drain| {
                    format!("{} days", brief(drain.half_life_days))
                })
            },
        ));
    }
    rows.push(of("kappa, days", &|s| {
        attack(s, &|attack| brief(attack.resistance_days))
    }));
    rows.push(of("price of conviction", &|s| {
        attack(s, &|attack| brief(attack.price_of_conviction))
    }));
    Rows {
        title: "settings side by side; stake to pass: share of the supply that votes, above which small requests pass in time"
            .to_owned(),
        heads: std::iter::once(String::new())
            .chain(settings.iter().map(|named| named.name().to_owned()))
            .collect(),
        rows,
    }
}
