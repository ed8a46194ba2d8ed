//! Implements `conviction trigger`.

use super::args::{Format, SpendingLimitMeans, TriggerArgs};
use super::page::{Target, is_output};
use super::text::number;
use super::{Failure, json, print, warn_line};
use crate::digits::{DIGITS, percent, rounded};
use crate::engine::{Model, Setting};
use crate::report::attack::{Rows, asks_of_a_third, best_asks, sentences};
use crate::report::means::{self, Named};
use crate::report::trigger::page;
use crate::study::Spec;
use crate::voting::attackers::closed_form::{
    Drain, Pace, at_once, best_ask, best_at_once, pool_half_life,
};
use crate::voting::conviction::{
    Conviction, days_to_pass, largest_passing, minimum_conviction_share, stake_to_pass,
};
use crate::voting::meaning::{
    Asked, AskedError, HORIZONS, Meaning, OVERNIGHT, POINTS_MOVE, REQUESTS, STAKED, SpendingLimit,
    blocks_to_pass, days_as_points_move, stored_by_app,
};
use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

/// Options that are shares, which some users enter in per cent.
const IN_SHARES: [&str; 4] = [
    "spending_limit",
    "largest_request",
    "beta",
    "minimum_conviction",
];

pub fn trigger(model: &Model, args: &TriggerArgs) -> Result<(), Failure> {
    let settings = settings(model, args)?;
    let shares = &args.attack_shares;
    let is_page = args.report.as_deref().is_some_and(is_output);
    if is_page && args.format == Format::Json {
        return Err(Failure::Input(
            "--report -: standard output takes the JSON; give a file".to_owned(),
        ));
    }
    let target = args.report.as_deref().map(Target::at).transpose()?;
    for Named { setting, .. } in &settings {
        for (_, warning) in setting.warnings() {
            warn_line("warning", warning);
        }
    }
    // Writes first: the page must not depend on whether the rest can be printed.
    if let Some(target) = target {
        target.write(&page(&settings, shares).html())?;
    }
    match (args.format, &settings[..]) {
        _ if is_page => {}
        (Format::Json, [one]) => json::print(&document(one, shares))?,
        (Format::Json, all) => {
            let all: Vec<_> = all.iter().map(|one| document(one, shares)).collect();
            json::print(&json!({ "settings": all }))?;
        }
        (Format::Text, all) => {
            match all {
                [one] => {
                    print(summary(one))?;
                    print(under_attack(&one.setting, shares))?;
                }
                all => print(titled(means::side_by_side(all, shares)))?,
            }
            if let Some(report) = &args.report {
                print(format_args!("\n{}", report.display()))?;
            }
        }
    }
    Ok(())
}

/// Returns the settings that the arguments describe: one for each preset, or one without presets.
fn settings(model: &Model, args: &TriggerArgs) -> Result<Vec<Named>, Failure> {
    let base = match &args.config {
        Some(path) => Spec::read_run(model, path)?.base,
        None => model.setting(),
    };
    let asked = asked(args);
    let named = |preset: Option<&String>| {
        let mut setting = base.clone();
        let known = preset.and_then(|name| model.preset(name));
        if let Some(preset) = known {
            preset.apply(&mut setting).map_err(Failure::input)?;
        }
        match asked.put(&mut setting) {
            Ok(()) => Ok(Named {
                preset: preset.cloned(),
                contract: known.and_then(|preset| preset.contract),
                setting,
            }),
            // Names the option instead of the key.
            Err(
                ref error @ AskedError::Domain {
                    name, ref found, ..
                },
            ) => {
                let option = format!("--{}", name.replace('_', "-"));
                let message = error.to_string().replacen(name, &option, 1);
                Err(Failure::Input(message + &hint(name, found)))
            }
            Err(error) => Err(Failure::input(error)),
        }
    };
    match &args.preset[..] {
        [] => Ok(vec![named(None)?]),
        presets => presets.iter().map(|preset| named(Some(preset))).collect(),
    }
}

/// Returns a hint to the share that a percentage means.
fn hint(name: &str, found: &str) -> String {
    match found.parse::<f64>() {
        Ok(percent) if IN_SHARES.contains(&name) && percent > 1.0 && percent <= 100.0 => {
            format!("; did you mean {}?", percent / 100.0)
        }
        _ => String::new(),
    }
}

fn asked(args: &TriggerArgs) -> Asked {
    let spending_limit = args
        .spending_limit
        .map(|limit| match args.spending_limit_means {
            Some(SpendingLimitMeans::LargestPassable) => SpendingLimit::LargestPassable(limit),
            _ => SpendingLimit::MaxRatio(limit),
        });
    Asked {
        half_life_days: args.half_life_days,
        alpha: args.alpha,
        beta: args.beta,
        largest_request: args.largest_request,
        spending_limit,
        rho: args.rho,
        minimum_conviction: args.minimum_conviction,
        block_time_seconds: args.block_time_seconds,
    }
}

fn summary(named: &Named) -> String {
    let setting = &named.setting;
    let (p, of) = (&setting.group::<Conviction>(), Meaning::of(setting));
    let (half_life, stored) = (of.half_life_days, of.stored_half_life_days);
    let preset = named.preset.iter().map(|name| match named.contract {
        Some(contract) => format!("preset {name}, meant for the contract {contract}"),
        None => format!("preset {name}"),
    });
    let mut lines: Vec<_> = preset.collect();
    lines.extend([
        format!(
            "half-life {} days       alpha {}",
            number(half_life),
            p.alpha
        ),
        format!(
            "spending limit {} of the pool as maxRatio, beta {}; {} as the largest request that can pass",
            percent(p.beta),
            rounded(p.beta, DIGITS),
            percent(of.largest_passable_share),
        ),
        format!(
            "minimum conviction {} of the largest possible       rho {}",
            percent(of.minimum_conviction_share),
            rounded(p.rho, DIGITS)
        ),
        String::new(),
        format!(
            "contract, {} s blocks: decay {}, maxRatio {}, weight {}",
            of.block_time_seconds, of.decay, of.max_ratio, of.weight
        ),
        format!(
            "as stored, the half-life is {} days ({:+.2} %)",
            number(stored),
            if half_life > 0.0 {
                (stored / half_life - 1.0) * 100.0
            } else {
                0.0
            },
        ),
    ]);
    lines.extend([String::new(), titled(means::contracts(setting))]);
    lines.extend(means::conventions(setting));
    for rows in [
        means::time_to_pass(setting),
        means::time_as_points_move(setting),
        means::stakes_to_pass(p),
        means::largest_requests(p),
    ] {
        lines.extend([String::new(), titled(rows)]);
    }
    lines.push(String::new());
    lines.extend(means::overnight(p));
    lines.join("\n")
}

/// Returns the results of attacks under the setting.
fn under_attack(setting: &Setting, shares: &[f64]) -> String {
    let p = &setting.group::<Conviction>();
    let mut lines = vec!["\nunder attack, before any simulation".to_owned()];
    lines.extend(sentences(setting, shares));
    if minimum_conviction_share(p) < 1.0 {
        for rows in [best_asks(p, shares), asks_of_a_third(p, shares)] {
            lines.extend([String::new(), titled(rows)]);
        }
    }
    lines.join("\n")
}

/// Returns a table below its title.
fn titled(rows: Rows) -> String {
    format!(
        "{}\n{}",
        rows.title,
        table(rows.heads.into_iter(), rows.rows)
    )
}

fn table(
    heads: impl Iterator<Item = String>,
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(heads);
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// Returns the same as JSON.
fn document(named: &Named, shares: &[f64]) -> Value {
    let setting = &named.setting;
    let (p, of) = (&setting.group::<Conviction>(), Meaning::of(setting));
    let of_request = |share: &f64| {
        let request = share * p.beta;
        let days = STAKED.iter().map(|&staked| {
            json!({
                "staked_share": staked,
                "days": days_to_pass(p, request, staked),
                "blocks": blocks_to_pass(setting, request, staked),
            })
        });
        let stakes = HORIZONS.iter().map(|horizon| {
            json!({
                "within_days": horizon.days,
                "staked_share": stake_to_pass(p, request, horizon.days),
            })
        });
        json!({
            "request_share": request,
            "days_to_pass": days.collect::<Vec<_>>(),
            "stake_to_pass": stakes.collect::<Vec<_>>(),
        })
    };
    let of_stake = |&staked: &f64| {
        let within = HORIZONS.iter().map(|horizon| {
            json!({
                "within_days": horizon.days,
                "request_share": largest_passing(p, staked, horizon.days),
            })
        });
        json!({
            "staked_share": staked,
            "largest_request": within.collect::<Vec<_>>(),
            "largest_request_ever": largest_passing(p, staked, f64::INFINITY),
        })
    };
    let overnight = |share: f64| {
        at_once(p, share, OVERNIGHT.days).map(
            |of| json!({ "requests": of.requests, "ask_share": of.ask, "taken_share": of.taken }),
        )
    };
    let drained = |drain: Drain| {
        json!({
            "requests": drain.requests, "ask_share": drain.ask, "cycle_days": drain.cycle_days,
            "pool_half_life_days": drain.half_life_days,
        })
    };
    let best = |share: f64, pace: Pace| best_ask(p, share, pace).map(drained);
    let of_attack = |share: &f64| {
        json!({
            "share": share,
            "best_ask": best(*share, Pace::Plain),
            "best_eager_ask": best(*share, Pace::Eager),
            "best_at_once": best_at_once(p, *share, Pace::Plain).map(drained),
            "continuous_limit_days": pool_half_life(p, *share),
            "overnight": overnight(*share),
        })
    };
    let under_attack = of.under_attack.map(|attack| {
        json!({
            "resistance_days": attack.resistance_days,
            "price_of_conviction": attack.price_of_conviction,
            "one_day_stake_share": attack.one_day_stake_share,
            "overnight": overnight(1.0),
            "attackers": shares.iter().map(of_attack).collect::<Vec<_>>(),
        })
    });
    let app = stored_by_app(setting).into_iter().map(|of| {
        json!({
            "chain": of.chain,
            "block_seconds": of.block_seconds,
            "decay": of.decay,
            "max_ratio": of.max_ratio,
            "weight": of.weight,
            "half_life_days": of.half_life_days,
            "half_life_on_chain_days": of.half_life_on_chain_days,
        })
    });
    let moved_request = REQUESTS[3] * p.beta;
    let moves = POINTS_MOVE.iter().map(|&moved| {
        let days = days_as_points_move(setting, moved_request, moved);
        let days = STAKED.iter().zip(days);
        let days = days.map(|(staked, days)| json!({ "staked_share": staked, "days": days }));
        json!({ "move": moved.name, "days_to_pass": days.collect::<Vec<_>>() })
    });
    json!({
        "preset": named.preset,
        "preset_contract": named.contract,
        "half_life_days": of.half_life_days,
        "alpha": of.alpha,
        "beta": of.beta,
        "rho": of.rho,
        "largest_passable_share": of.largest_passable_share,
        "minimum_conviction_share": of.minimum_conviction_share,
        "contract": {
            "block_time_seconds": of.block_time_seconds,
            "decay": of.decay,
            "max_ratio": of.max_ratio,
            "weight": of.weight,
            "half_life_days": of.stored_half_life_days,
        },
        "gardens2_app": app.collect::<Vec<_>>(),
        "as_points_move": json!({
            "request_share": moved_request,
            "moves": moves.collect::<Vec<_>>(),
        }),
        "requests": REQUESTS.iter().map(of_request).collect::<Vec<_>>(),
        "stakes": STAKED.iter().map(of_stake).collect::<Vec<_>>(),
        "under_attack": under_attack,
    })
}
