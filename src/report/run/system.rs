//! Draws curves over the days.

use super::super::attack::names;
use super::super::figure::{Choice, Figure, Frame, all, frame, line, stacked};
use super::super::thin::telling;
use super::history::History;
use crate::input::TableError;
use crate::voting::proposals::Status;
use serde_json::{Value, json};

/// Number of stretches of days, in each of which a chart of half the page's width shows the least and the greatest
/// value.
const STRETCHES: usize = 250;

/// Draws columns over the days, each with its name; leaves out those that the run has not.
fn lines(
    run: &History,
    columns: &[(&str, &str)],
    trace: fn(&str, Value, Value) -> Value,
) -> Result<Vec<Value>, TableError> {
    let mut curves: Vec<(&str, Vec<f64>)> = Vec::new();
    for (column, name) in columns {
        curves.extend(run.column(column)?.map(|curve| (*name, curve)));
    }
    let slices: Vec<&[f64]> = curves.iter().map(|(_, curve)| curve.as_slice()).collect();
    let places = telling(&slices, run.day.len(), STRETCHES);
    let days: Vec<u32> = places.iter().map(|&place| run.day[place]).collect();
    let drawn = curves.iter().map(|(name, curve)| {
        let values = all(places.iter().map(|&place| curve[place]));
        trace(name, json!(days), values)
    });
    Ok(drawn.collect())
}

/// Draws columns over the days under their own names; leaves out those that the run has not.
pub fn drawn(
    run: &History,
    names: &[&str],
    suffix: &str,
    trace: fn(&str, Value, Value) -> Value,
) -> Result<Vec<Value>, TableError> {
    let columns: Vec<[String; 2]> = (names.iter())
        .map(|name| [format!("{name}{suffix}"), name.replace('_', " ")])
        .collect();
    let columns: Vec<_> = columns
        .iter()
        .map(|[column, name]| (column.as_str(), name.as_str()))
        .collect();
    lines(run, &columns, trace)
}

pub fn from_zero(figure: Figure) -> Figure {
    figure.with(json!({ "yaxis": { "rangemode": "tozero" } }))
}

pub fn funds(run: &History) -> Result<Figure, TableError> {
    let lines = drawn(run, &["funds", "candidate_funds"], "", line)?;
    let caption = "The pool, and what the candidates request in sum.";
    Ok(from_zero(Figure::fixed(caption, "day", "Honey", lines)))
}

/// Draws the takes of attackers beside the remaining pool.
pub fn takes(run: &History) -> Result<Figure, TableError> {
    let names = names(&run.setting);
    let columns: Vec<String> = (0..names.len())
        .map(|attacker| format!("attacker_{attacker}_take"))
        .collect();
    let taken = columns.iter().zip(&names);
    let taken = taken.map(|(column, name)| (column.as_str(), name.as_str()));
    let columns: Vec<_> = std::iter::once(("funds", "the pool"))
        .chain(taken)
        .collect();
    let caption = "What each attacker has taken so far, and what is left in the pool.";
    let lines = lines(run, &columns, line)?;
    Ok(from_zero(Figure::fixed(caption, "day", "Honey", lines)))
}

/// Draws the tokens that extensions move: gifts, issuance, flows, and payments to standing proposals.
pub fn moved(run: &History) -> Result<Vec<Figure>, TableError> {
    let charts: [(&str, &[(&str, &str)]); 4] = [
        ("Donations to the pool, so far.", &[("donated", "donated")]),
        (
            "Issuance: minted into the pool and burnt from it, so far.",
            &[("minted", "minted"), ("burnt", "burnt")],
        ),
        (
            "Flows between participants and their cold storage, so far, and what lies there.",
            &[
                ("staked_in", "moved to holdings"),
                ("staked_out", "moved to cold storage"),
                ("cold", "in cold storage"),
            ],
        ),
        (
            "Streams: paid to standing proposals, so far.",
            &[("streamed", "paid")],
        ),
    ];
    let mut figures = Vec::new();
    for (caption, columns) in charts {
        let lines = lines(run, columns, line)?;
        if !lines.is_empty() {
            figures.push(from_zero(Figure::fixed(caption, "day", "Honey", lines)));
        }
    }
    let streams = lines(run, &[("standing_count", "standing proposals")], line)?;
    if !streams.is_empty() {
        let caption = "Standing proposals that gather support.";
        let figure = Figure::fixed(caption, "day", "proposals", streams);
        figures.push(from_zero(figure));
    }
    Ok(figures)
}

/// Draws how much of the supply that votes is staked, on the days of the slider.
pub fn turnout(run: &History) -> Result<Figure, TableError> {
    let effective = run.column("effective_supply")?.unwrap_or_default();
    let share = run.shown.iter().map(|day| {
        let place = run.day.binary_search(day).ok();
        let effective = place.and_then(|place| effective.get(place));
        let staked = run.on.get(day).map(|on| on.staked);
        staked
            .zip(effective)
            .map_or(f64::NAN, |(staked, all)| staked / all)
    });
    let data = vec![line("turnout", json!(run.shown), all(share))];
    let caption =
        "Turnout: what participants stake on candidates, as a share of the effective supply.";
    let figure = Figure::fixed(caption, "day", "share of effective supply", data);
    Ok(from_zero(figure))
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
