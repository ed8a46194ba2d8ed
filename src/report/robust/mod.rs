//! Draws a comparison of lever settings: the answer first, then its price, where it fails, and how sure it is.
//!
//! | file | purpose |
//! |---|---|
//! | `tables` | a row per lever setting |
//! | `charts` | price against safety, criteria, parallel coordinates |
//! | `failing` | where the best setting misses its criteria |

mod charts;
mod failing;
mod tables;

use super::ReportError;
use super::page::Page;
use crate::analyse::outcome::Outcome;
use crate::analyse::robust::{Asked, LeverResult, Robustness, WorldKind, robust, shared_chance};
use crate::analyse::worlds::Worlds;
use crate::digits::{percent, rounded};
use crate::engine::Goal;
use crate::input::RawValue;
use crate::study::Dataset;
use std::sync::atomic::AtomicBool;

/// Most lever settings in a table or chart.
const MOST: usize = 50;

/// Returns the numbers of the lever settings, the best first: by the share of worlds that meet every criterion, then
/// by the mean of the first objective.
pub fn order(found: &Robustness) -> Vec<usize> {
    let mut order: Vec<usize> = (0..found.levers.len()).collect();
    let first = found.question.objectives.first();
    let sign = if first.is_some_and(|of| of.goal == Goal::Min) {
        -1.0
    } else {
        1.0
    };
    let rank = |lever: usize| {
        let of = &found.levers[lever];
        let mean = of
            .outcomes
            .first()
            .map_or(f64::NAN, |outcome| sign * outcome.mean);
        [of.satisficing.share, mean].map(|value| {
            if value.is_nan() {
                f64::NEG_INFINITY
            } else {
                value
            }
        })
    };
    order.sort_by(|&a, &b| {
        let pairs = rank(b).into_iter().zip(rank(a));
        let order = pairs
            .map(|(b, a)| b.total_cmp(&a))
            .find(|order| order.is_ne());
        order.unwrap_or(a.cmp(&b))
    });
    order
}

/// Returns a lever setting in words.
pub fn setting(of: &LeverResult) -> String {
    let values = of
        .setting
        .iter()
        .map(|(name, value)| format!("{name} = {}", plain(value)));
    let words: Vec<_> = values.collect();
    match words.is_empty() {
        true => "the only setting".to_owned(),
        false => words.join(", "),
    }
}

/// Returns the value of a lever, words without quotes.
pub fn plain(value: &RawValue) -> String {
    match value {
        RawValue::Word(word) => word.clone(),
        RawValue::Number(number) => number.to_string(),
    }
}

/// Returns the answer in a sentence or two.
pub fn sentence(found: &Robustness) -> String {
    let order = order(found);
    let Some(&best) = order.first() else {
        return "no lever settings".to_owned();
    };
    let of = &found.levers[best];
    let counted = of.satisficing.worlds;
    let worlds = match (found.question.kind, found.points) {
        (WorldKind::Run, 1) => format!("{} worlds", found.worlds),
        (WorldKind::Run, points) => {
            format!("{} worlds at {points} uncertain points", found.worlds)
        }
        (WorldKind::Point, _) => {
            format!("{} worlds, each the mean of its replicates", found.worlds)
        }
    };
    let criteria: Vec<String> = (found.question.objectives.iter())
        .filter_map(|objective| Some(format!("{} {}", objective.name, objective.meet?)))
        .collect();
    let words = setting(of);
    if !criteria.is_empty() {
        let (low, high) = of.satisficing.interval;
        let share = of.satisficing.share;
        if share == 0.0 {
            return format!(
                "Over {worlds}, no lever setting ever meets {}.",
                criteria.join(" and ")
            );
        }
        let tied = order[1..]
            .iter()
            .filter(|&&lever| found.levers[lever].satisficing.share == share);
        let tied: Vec<_> = tied.map(usize::to_string).collect();
        let tied = match &tied[..] {
            [] => String::new(),
            [one] => format!(" So does lever {one}, which {}.", ranks_lower(found)),
            levers if levers.len() <= 5 => {
                format!(
                    " So do levers {}, which {}.",
                    levers.join(", "),
                    ranks_lower(found)
                )
            }
            levers => format!(
                " So do {} others, which {}.",
                levers.len(),
                ranks_lower(found)
            ),
        };
        let among = match counted as usize == found.worlds {
            true => "of them".to_owned(),
            false => format!("of the {counted} of them that count for it"),
        };
        return format!(
            "Over {worlds}, {words} (lever {best}) most often meets {}: in {} {among}, 95 % interval {} to {}.{tied}{}",
            criteria.join(" and "),
            percent(share),
            percent(low),
            percent(high),
            unequal(found),
        );
    }
    let objective = &found.question.objectives[0];
    let outcome = &of.outcomes[0];
    let most = if objective.goal == Goal::Min {
        "least"
    } else {
        "most"
    };
    format!(
        "Over {worlds}, {words} (lever {best}) has the {most} {}: {} ± {} in the mean, at 95 %.",
        objective.name,
        short(outcome.mean),
        short(outcome.half_width),
    )
}

/// Tells that settings were judged in different worlds, if they were.
fn unequal(found: &Robustness) -> String {
    let worlds = || found.levers.iter().map(|of| of.satisficing.worlds);
    match (worlds().min(), worlds().max()) {
        (Some(least), Some(most)) if least < most => format!(
            " Constraints or missing values leave settings {least} to {most} worlds: compare them by paired differences \
             (--reference), which are of the same worlds."
        ),
        _ => String::new(),
    }
}

/// Says why settings that meet the criteria as often as the first come after it.
fn ranks_lower(found: &Robustness) -> String {
    let first = &found.question.objectives[0].name;
    format!("the table lists later, by the mean of {first}")
}

fn short(value: f64) -> String {
    match value {
        value if !value.is_finite() => "–".to_owned(),
        0.0 => "0".to_owned(),
        value => rounded(value, 4).to_string(),
    }
}

/// Returns a lever setting in a few words: without the word "variant", where nothing else is chosen.
fn label(of: &LeverResult) -> String {
    match &*of.setting {
        [(name, value)] if name == "variant" => plain(value),
        _ => setting(of),
    }
}

/// Returns the name of an objective with its unit.
fn with_unit(found: &Robustness, objective: usize) -> String {
    let name = &found.question.objectives[objective].name;
    match &*found.units[objective] {
        "" => name.clone(),
        unit => format!("{name}, {unit}"),
    }
}

/// Draws a comparison. `levers` names the columns that it took as levers; `None` stands for the roles in the dataset.
///
/// # Errors
/// When the files of the dataset cannot be read.
pub fn page(
    dataset: &Dataset,
    found: &Robustness,
    levers: Option<&[String]>,
) -> Result<Page, ReportError> {
    let manifest = &dataset.manifest;
    let title = manifest.spec.get("title").and_then(toml::Value::as_str);
    let mut page = Page::new(
        title.unwrap_or("Which setting, and how sure"),
        &format!(
            "{} runs: {} lever settings, {} worlds; conviction {}, results version {}.",
            manifest.runs,
            found.levers.len(),
            found.worlds,
            manifest.version,
            manifest.results_version,
        ),
    );
    sections(&mut page, dataset, found, levers)?;
    let spec = toml::to_string(&manifest.spec).unwrap_or_default();
    page.section("What was run").code(&spec);
    Ok(page)
}

/// Adds the answer to the report of a sweep with several lever settings: levers, or variants to choose from, or
/// settings with stated objectives.
///
/// # Errors
/// When the files of the dataset cannot be read.
pub(super) fn answer(
    page: &mut Page,
    dataset: &Dataset,
    outcomes: &[Outcome],
) -> Result<(), ReportError> {
    let spec = &dataset.manifest.spec;
    let has = |key: &str| spec.contains_key(key);
    if !(has("levers") || has("variant") || has("objective"))
        || Worlds::of(dataset, None)?.levers.len() < 2
    {
        return Ok(());
    }
    let objectives = match has("objective") {
        true => Vec::new(),
        false => usual(outcomes),
    };
    if objectives.is_empty() && !has("objective") {
        return Ok(());
    }
    let asked = Asked {
        objectives,
        ..Asked::default()
    };
    let found = robust(dataset, &asked, &AtomicBool::new(false))?;
    sections(page, dataset, &found, None)
}

/// Returns the objectives of a spec that states none: what attackers take, what is granted, and the wait.
fn usual(outcomes: &[Outcome]) -> Vec<String> {
    let is_usual = |name: &str| {
        let is_take = name.starts_with("attacker_") && name.ends_with("_take_share");
        is_take || ["proposals_granted", "median_days_to_pass"].contains(&name)
    };
    let names = outcomes.iter().map(|outcome| &outcome.name);
    names.filter(|name| is_usual(name)).cloned().collect()
}

fn sections(
    page: &mut Page,
    dataset: &Dataset,
    found: &Robustness,
    levers: Option<&[String]>,
) -> Result<(), ReportError> {
    let order = order(found);
    page.section("Which setting").text(&sentence(found));
    if let Some(warning) = shared_chance(dataset, found) {
        page.text(&format!("Caution: {warning}."));
    }
    if !dataset.manifest.spec.contains_key("objective") && levers.is_none() {
        page.text(
            "The spec states no [[objective]]. An objective with a criterion, such as meet = \"<= 0.1\", also ranks \
             settings by the share of worlds that meet it.",
        );
    }
    let (header, rows) = tables::settings(found, &order);
    page.table(&header, rows);
    let regret = match found.question.is_relative {
        true => ", as a share of it",
        false => "",
    };
    page.text(&format!(
        "Means with half of their 95 % intervals; ↓ less is better, ↑ more is better. Regret: how much worse than the best \
         setting of each world{regret}, on average."
    ));
    if order.len() > MOST {
        page.text(&format!(
            "The best {MOST} of {} lever settings.",
            order.len()
        ));
    }
    if !found.pareto.is_empty() {
        page.section("Price against safety")
            .wide(charts::price(found));
    }
    failing::section(page, dataset, found, levers, &order)?;
    page.section("How sure");
    if found.question.objectives.iter().any(|of| of.meet.is_some()) {
        page.wide(charts::met(found, &order));
        page.text("Share of worlds that meet all criteria, if one criterion were half, or double:");
        let (header, rows) = tables::grid(found, &order);
        page.table(&header, rows);
    }
    page.text("How bad it gets: means over the worst tenth of worlds, and greatest regret.");
    let (header, rows) = tables::worst(found, &order);
    page.table(&header, rows);
    for line in tables::empties(found) {
        page.text(&line);
    }
    if order.len() > 2 {
        page.wide(charts::coordinates(found, &order, &dataset.manifest.spec));
    }
    Ok(())
}
