//! Shows where the best lever setting misses its criteria.

use super::{label, short, with_unit};
use crate::analyse::AnalyseError;
use crate::analyse::discover::prim::Options;
use crate::analyse::discover::{Asked, Discovery, density, discover, words};
use crate::analyse::robust::{Across, Level, Robustness, across};
use crate::digits::percent;
use crate::report::ReportError;
use crate::report::figure::{Choice, Figure, Frame, all, marked};
use crate::report::page::Page;
use crate::study::Dataset;
use crate::study::objective::Empty;
use serde_json::{Value, json};
use std::sync::atomic::AtomicBool;

/// Most lever settings that the chart draws.
const DRAWN: usize = 6;

/// Least number of uncertain points of which some are held out to judge the box.
const ENOUGH: usize = 50;

/// Adds the section, if the dataset has uncertainties.
///
/// # Errors
/// When the files of the dataset cannot be read.
pub fn section(
    page: &mut Page,
    dataset: &Dataset,
    found: &Robustness,
    levers: Option<&[String]>,
    order: &[usize],
) -> Result<(), ReportError> {
    let shown = &order[..order.len().min(DRAWN)];
    let mut along = across(dataset, found, levers, shown)?;
    along.sort_by(|a, b| reach(b).total_cmp(&reach(a)));
    if along.is_empty() {
        return Ok(());
    }
    page.section("Where it fails");
    // The number of a lever setting follows from the roles of the dataset.
    if levers.is_none()
        && let Some(text) = in_words(dataset, found, order[0])?
    {
        page.text(&text);
    }
    page.wide(chart(found, &along, shown));
    Ok(())
}

/// Returns how far the first objective of the best lever setting moves along an uncertainty.
fn reach(across: &Across) -> f64 {
    let means = across.outcomes[0][0].iter().map(|level| level.mean);
    let means: Vec<f64> = means.filter(|mean| !mean.is_nan()).collect();
    let end = |first: f64, choose: fn(f64, f64) -> f64| means.iter().copied().fold(first, choose);
    end(f64::NEG_INFINITY, f64::max) - end(f64::INFINITY, f64::min)
}

/// Describes the worlds in which a lever setting misses its criteria; `None` without criteria.
fn in_words(
    dataset: &Dataset,
    found: &Robustness,
    lever: usize,
) -> Result<Option<String>, AnalyseError> {
    let criteria = found.question.objectives.iter();
    let criteria = criteria.filter_map(|of| Some(format!("{} {}", of.column, of.meet?)));
    let criteria: Vec<String> = criteria.collect();
    if criteria.is_empty() {
        return Ok(None);
    }
    let name = label(&found.levers[lever]);
    let asked = Asked {
        condition: format!("not ({})", criteria.join(" and ")),
        inputs: Vec::new(),
        lever: Some(lever),
        threshold: 0.8,
        step: None,
        hold_out: if found.points >= ENOUGH { 0.3 } else { 0.0 },
        options: Options::default(),
    };
    match discover(dataset, asked, &AtomicBool::new(false)) {
        Ok(of) => Ok(Some(description(&name, &of) + missing(found))),
        Err(AnalyseError::Constant { holds, rows, .. }) => Ok(Some(match holds {
            true => format!(
                "{name} misses its criteria in all of {rows} runs.{}",
                missing(found)
            ),
            false => format!("{name} misses its criteria in none of {rows} runs."),
        })),
        Err(error) => Err(error),
    }
}

/// Tells that runs without a value count as misses here, if elsewhere they do not.
fn missing(found: &Robustness) -> &'static str {
    let mut objectives = found.question.objectives.iter();
    match objectives.any(|of| of.meet.is_some() && of.empty != Empty::Fail) {
        true => " Runs without a value count as misses here, whatever `empty` says.",
        false => "",
    }
}

fn description(name: &str, found: &Discovery) -> String {
    let share = |of: u64, all: u64| percent(of as f64 / all as f64);
    let missed = format!(
        "{name} misses its criteria in {} of {} runs.",
        share(found.hits, found.rows),
        found.rows
    );
    let Some(step) = found.chosen.map(|chosen| &found.steps[chosen]) else {
        let densest = found.steps.iter().map(density).fold(0.0, f64::max);
        return format!(
            "{missed} No range of the uncertainties explains it: in the box with most misses it misses {}.",
            percent(densest)
        );
    };
    let limits = match words(found, step) {
        limits if limits.is_empty() => "everywhere".to_owned(),
        limits => format!("where {}", limits.join(" and ")),
    };
    let held = found.held_out.as_ref().map(|held| {
        format!(
            " On {} uncertain points held out, it misses them in {} there.",
            held.points,
            share(held.hits_in, held.rows_in)
        )
    });
    format!(
        "{missed} Mostly {limits}: it misses them in {} of the runs there, which are {} of all misses.{}",
        percent(density(step)),
        share(step.hits, found.hits),
        held.unwrap_or_default(),
    )
}

/// Draws outcomes along each uncertainty, a line for each lever setting.
fn chart(found: &Robustness, along: &[Across], shown: &[usize]) -> Figure {
    let objectives = &found.question.objectives;
    let mut frames = Vec::new();
    for across in along {
        for (number, objective) in objectives.iter().enumerate() {
            let lines = shown.iter().zip(&across.outcomes);
            let lines = lines.map(|(&lever, outcomes)| {
                line(across, &label(&found.levers[lever]), &outcomes[number])
            });
            let limit = objective.meet.map(|meet| {
                json!([{
                    "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": meet.limit, "y1": meet.limit,
                    "line": { "dash": "dot", "color": "#888" },
                }])
            });
            let kind = if across.axis.numbers.is_some() {
                "linear"
            } else {
                "category"
            };
            frames.push(Frame {
                data: lines.collect(),
                layout: json!({
                    "xaxis": { "title": { "text": across.axis.label() }, "type": kind },
                    "yaxis": { "title": { "text": with_unit(found, number) } },
                    "shapes": limit.unwrap_or(json!([])),
                }),
            });
        }
    }
    let uncertainties = along.iter().map(|across| across.axis.name.clone());
    let names = objectives.iter().map(|objective| {
        let meet = objective
            .meet
            .map(|meet| format!(" (dotted: {})", short(meet.limit)));
        format!("{}{}", objective.name, meet.unwrap_or_default())
    });
    let choices = vec![
        Choice::list("Uncertainty", uncertainties),
        Choice::list("Objective", names),
    ];
    let which = match shown.len() < found.levers.len() {
        true => format!(" The best {} settings.", shown.len()),
        false => String::new(),
    };
    let caption = format!(
        "Each objective along each uncertainty: means with 95 % intervals; runs without a value are left out.{which}"
    );
    Figure::chosen(&caption, "", "", choices, frames)
        .with(json!({ "showlegend": true, "yaxis": { "rangemode": "tozero" } }))
        .tall(420)
}

fn line(across: &Across, name: &str, outcomes: &[Level]) -> Value {
    let x = match &across.axis.numbers {
        Some(numbers) => all(numbers.iter().copied()),
        None => json!(across.axis.labels),
    };
    let mut line = marked(name, x, all(outcomes.iter().map(|level| level.mean)));
    let widths = all(outcomes.iter().map(|level| level.half_width));
    line["error_y"] = json!({ "type": "data", "array": widths, "thickness": 1 });
    line
}
