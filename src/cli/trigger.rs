//! `conviction trigger`.

use super::args::{Format, SpendingLimitMeans, TriggerArgs};
use super::page::{Target, is_output};
use super::text::number;
use super::{Failure, json, print, warn_line};
use crate::digits::{DIGITS, percent, rounded};
use crate::engine::{Model, Setting};
use crate::report::attack::{asks_of_a_third, best_asks, sentences};
use crate::report::trigger::page;
use crate::study::Spec;
use crate::voting::attackers::closed_form::{Pace, best_ask, pool_half_life};
use crate::voting::conviction::{Conviction, days_to_pass, minimum_conviction_share};
use crate::voting::meaning::{Asked, AskedError, Meaning, REQUESTS, STAKED, SpendingLimit};
use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

/// Options that are shares, which some write in per cent.
const IN_SHARES: [&str; 3] = ["spending_limit", "beta", "minimum_conviction"];

pub fn trigger(model: &Model, args: &TriggerArgs) -> Result<(), Failure> {
    let setting = setting(model, args)?;
    let is_page = args.report.as_deref().is_some_and(is_output);
    if is_page && args.format == Format::Json {
        return Err(Failure::Input(
            "--report -: standard output takes the JSON; give a file".to_owned(),
        ));
    }
    let target = args.report.as_deref().map(Target::at).transpose()?;
    for (_, warning) in setting.warnings() {
        warn_line("warning", warning);
    }
    // Written first: the page must not depend on whether the rest can be printed.
    if let Some(target) = target {
        target.write(&page(&setting, &args.attack_shares).html())?;
    }
    match args.format {
        _ if is_page => {}
        Format::Json => json::print(&document(&setting, &args.attack_shares))?,
        Format::Text => {
            print(summary(&setting))?;
            print(under_attack(&setting, &args.attack_shares))?;
            if let Some(report) = &args.report {
                print(format_args!("\n{}", report.display()))?;
            }
        }
    }
    Ok(())
}

/// The setting that the arguments describe, in whichever words.
fn setting(model: &Model, args: &TriggerArgs) -> Result<Setting, Failure> {
    let mut setting = match &args.config {
        Some(path) => Spec::read_run(model, path)?.base,
        None => model.setting(),
    };
    if let Some(preset) = args.preset.as_ref().and_then(|name| model.preset(name)) {
        preset.apply(&mut setting).map_err(Failure::input)?;
    }
    let asked = Asked {
        half_life_days: args.half_life_days,
        alpha: args.alpha,
        beta: args.beta,
        spending_limit: args
            .spending_limit
            .map(|limit| match args.spending_limit_means {
                Some(SpendingLimitMeans::LargestPassable) => SpendingLimit::LargestPassable(limit),
                _ => SpendingLimit::MaxRatio(limit),
            }),
        rho: args.rho,
        minimum_conviction: args.minimum_conviction,
        block_time_seconds: args.block_time_seconds,
    };
    match asked.put(&mut setting) {
        Ok(()) => Ok(setting),
        // By the name of the option.
        Err(
            ref error @ AskedError::Domain {
                name, ref found, ..
            },
        ) => {
            let option = format!("--{}", name.replace('_', "-"));
            let hint = match found.parse() {
                Ok(percent) if IN_SHARES.contains(&name) && (10.0..=100.0).contains(&percent) => {
                    format!("; did you mean {}?", percent / 100.0)
                }
                _ => String::new(),
            };
            let message = error.to_string().replacen(name, &option, 1);
            Err(Failure::Input(message + &hint))
        }
        Err(error) => Err(Failure::input(error)),
    }
}

fn summary(setting: &Setting) -> String {
    let (p, of) = (&setting.group::<Conviction>(), Meaning::of(setting));
    let (half_life, stored) = (of.half_life_days, of.stored_half_life_days);
    let mut lines = vec![
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
        String::new(),
        "days to pass: request as a share of the pool, by share of the supply staked on it"
            .to_owned(),
    ];
    let heads = STAKED.iter().map(|share| percent(*share));
    let rows = REQUESTS.iter().map(|share| {
        let request = share * p.beta;
        let days = STAKED
            .iter()
            .map(|&staked| match days_to_pass(p, request, staked) {
                Some(days) => days.to_string(),
                None => "never".to_owned(),
            });
        std::iter::once(percent(request))
            .chain(days)
            .collect::<Vec<_>>()
    });
    lines.push(table(
        std::iter::once("request".to_owned()).chain(heads),
        rows,
    ));
    lines.join("\n")
}

/// What the setting means under attack.
fn under_attack(setting: &Setting, shares: &[f64]) -> String {
    let p = &setting.group::<Conviction>();
    let mut lines = vec!["\nunder attack, before any simulation".to_owned()];
    lines.extend(sentences(setting));
    if minimum_conviction_share(p) < 1.0 {
        for rows in [best_asks(p, shares), asks_of_a_third(p, shares)] {
            let heads = rows.heads.iter().map(|&head| head.to_owned());
            lines.push(format!("\n{}", rows.title));
            lines.push(table(heads, rows.rows));
        }
    }
    lines.join("\n")
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

/// The same for machines.
fn document(setting: &Setting, shares: &[f64]) -> Value {
    let (p, of) = (&setting.group::<Conviction>(), Meaning::of(setting));
    let of_request = |share: &f64| {
        let request = share * p.beta;
        let days = STAKED.iter().map(
            |&staked| json!({ "staked_share": staked, "days": days_to_pass(p, request, staked) }),
        );
        json!({ "request_share": request, "days_to_pass": days.collect::<Vec<_>>() })
    };
    let best = |share: f64, pace: Pace| {
        best_ask(p, share, pace).map(|drain| {
            json!({
                "ask_share": drain.ask, "cycle_days": drain.cycle_days,
                "pool_half_life_days": drain.half_life_days,
            })
        })
    };
    let of_attack = |share: &f64| {
        json!({
            "share": share,
            "pool_half_life_days": pool_half_life(p, *share),
            "best_ask": best(*share, Pace::Plain),
            "best_eager_ask": best(*share, Pace::Eager),
        })
    };
    let under_attack = of.under_attack.map(|attack| {
        json!({
            "resistance_days": attack.resistance_days,
            "price_of_conviction": attack.price_of_conviction,
            "one_day_stake_share": attack.one_day_stake_share,
            "attackers": shares.iter().map(of_attack).collect::<Vec<_>>(),
        })
    });
    json!({
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
        "requests": REQUESTS.iter().map(of_request).collect::<Vec<_>>(),
        "under_attack": under_attack,
    })
}
