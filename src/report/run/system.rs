//! Draws curves over the days.

use super::super::figure::{Choice, Figure, Frame, all, frame, line, stacked};
use super::super::thin::telling;
use super::history::History;
use crate::input::TableError;
use crate::voting::attackers::Attack;
use crate::voting::proposals::Status;
use serde_json::{Value, json};

/// Number of stretches of days, in each of which a chart of half the page's width shows the least and the greatest
/// value.
const STRETCHES: usize = 250;

/// Returns the days to draw, and the values of each column on them.
fn curves(run: &History, columns: &[String]) -> Result<(Value, Vec<Value>), TableError> {
    let read = columns.iter().map(|column| {
        let values = run.days.optional_reals(column)?.into_iter();
        Ok(values.map(|value| value.unwrap_or(f64::NAN)).collect())
    });
    let curves: Vec<Vec<f64>> = read.collect::<Result<_, TableError>>()?;
    let slices: Vec<&[f64]> = curves.iter().map(Vec::as_slice).collect();
    let places = telling(&slices, run.day.len(), STRETCHES);
    let days: Vec<u32> = places.iter().map(|&place| run.day[place]).collect();
    let values = curves
        .iter()
        .map(|curve| all(places.iter().map(|&place| curve[place])));
    Ok((json!(days), values.collect()))
}

pub fn drawn(
    run: &History,
    names: &[&str],
    suffix: &str,
    trace: fn(&str, Value, Value) -> Value,
) -> Result<Vec<Value>, TableError> {
    let columns: Vec<String> = names.iter().map(|name| format!("{name}{suffix}")).collect();
    let (days, curves) = curves(run, &columns)?;
    let names = names.iter().map(|name| name.replace('_', " "));
    let traces = names
        .zip(curves)
        .map(|(name, curve)| trace(&name, days.clone(), curve));
    Ok(traces.collect())
}

pub fn from_zero(figure: Figure) -> Figure {
    figure.with(json!({ "yaxis": { "rangemode": "tozero" } }))
}

pub fn funds(run: &History) -> Result<Figure, TableError> {
    let lines = drawn(run, &["funds", "candidate_funds"], "", line)?;
    let caption = "The pool, and what the candidates request in sum.";
    Ok(from_zero(Figure::fixed(caption, "day", "Honey", lines)))
}

/// Draws the takes of attackers beside the remaining pool; returns `None` without attackers.
pub fn takes(run: &History) -> Result<Option<Figure>, TableError> {
    let takes = |attacker| format!("attacker_{attacker}_take");
    let attackers = 0..run.setting.each::<Attack>().count();
    if attackers.is_empty() {
        return Ok(None);
    }
    let columns: Vec<_> = std::iter::once("funds".to_owned())
        .chain(attackers.map(takes))
        .collect();
    let columns: Vec<_> = columns.iter().map(String::as_str).collect();
    let caption = "What each attacker has taken so far, and what it has left in the pool.";
    let lines = drawn(run, &columns, "", line)?;
    Ok(Some(from_zero(Figure::fixed(
        caption, "day", "Honey", lines,
    ))))
}

pub fn supply(run: &History) -> Result<Figure, TableError> {
    let columns = ["effective_supply", "other_supply", "funds"];
    let caption = "Where the tokens are: voting, elsewhere, in the pool. In sum the total supply.";
    Ok(Figure::fixed(
        caption,
        "day",
        "Honey",
        drawn(run, &columns, "", stacked)?,
    ))
}

pub fn sentiment(run: &History) -> Result<Figure, TableError> {
    let lines = drawn(run, &["sentiment"], "", line)?;
    let caption = "Sentiment: the mood of the system.";
    Ok(from_zero(Figure::fixed(caption, "day", "sentiment", lines)))
}

pub fn participants(run: &History) -> Result<Figure, TableError> {
    let lines = drawn(run, &["participant_count"], "", line)?;
    Ok(from_zero(Figure::fixed(
        "Participants.",
        "day",
        "participants",
        lines,
    )))
}

pub fn stages(run: &History) -> Result<Figure, TableError> {
    let stages = Status::ALL.map(Status::name);
    let frames = vec![
        frame(drawn(run, &stages, "_count", stacked)?),
        Frame {
            data: drawn(run, &stages, "_funds", stacked)?,
            layout: json!({ "yaxis": { "title": { "text": "Honey requested" } } }),
        },
    ];
    let choices = vec![Choice::list("Show", ["count", "funds requested"])];
    let caption = "Proposals by status.";
    Ok(Figure::chosen(caption, "day", "proposals", choices, frames))
}

pub fn health(run: &History) -> Result<Figure, TableError> {
    let stages = ["active", "completed", "failed", "killed", "candidate"];
    let frames = vec![
        frame(drawn(run, &["fraction_of_supply_for_voting"], "", line)?),
        frame(drawn(run, &["fraction_of_supply_in_pool"], "", line)?),
        frame(drawn(run, &stages, "_share", line)?),
        frame(drawn(run, &stages, "_funds_share", line)?),
    ];
    let options = [
        "fraction of supply for voting",
        "fraction of supply in pool",
        "proposals by stage",
        "funds by stage",
    ];
    let choices = vec![Choice::list("Metric", options)];
    let caption = "The four health metrics.";
    Ok(from_zero(Figure::chosen(
        caption, "day", "share", choices, frames,
    )))
}
