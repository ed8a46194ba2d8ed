//! Draws the future of a history: the pool, and the proposals that were open.

use super::super::figure::{Choice, Figure, all, frame, line};
use super::super::forecast::{Before, against_trigger};
use super::super::thin::telling;
use super::history::History;
use crate::contract::Snapshot;
use crate::input::TableError;
use crate::voting::mechanism::Chain;
use serde_json::json;

/// Number of stretches, in each of which a chart of the page's width shows the least and the greatest value.
const STRETCHES: usize = 200;

fn before<'s>(run: &History, state: &'s Snapshot) -> Before<'s> {
    Before::new(state, run.setting.group::<Chain>().blocks_per_day())
}

/// Draws the pool before and after the start.
pub fn pool(run: &History, state: &Snapshot) -> Result<Figure, TableError> {
    let funds = run.column("funds")?.unwrap_or_default();
    let places = telling(&[&funds], run.day.len(), STRETCHES);
    let days: Vec<u32> = places.iter().map(|&place| run.day[place]).collect();
    let funds = all(places.iter().map(|&place| funds[place]));
    let data = vec![before(run, state).pool(), line("run", json!(days), funds)];
    let caption = "The pool: its history, and this run.";
    let figure = Figure::fixed(caption, "day", "Honey", data);
    Ok(figure.with(json!({ "yaxis": { "rangemode": "tozero" } })))
}

/// Draws conviction against its threshold for each open proposal that may pass; returns `None` without any.
pub fn shares(run: &History, state: &Snapshot) -> Option<Figure> {
    let before = before(run, state);
    let (mut names, mut frames) = (Vec::new(), Vec::new());
    for (place, number) in before.payable() {
        let mut data = vec![before.share(number)];
        // Participants come first in the sequence of ids.
        let id = (state.holders.len() + place) as u32;
        if let Some(days) = run.candidacies.get(&id) {
            let share: Vec<f64> = days.iter().map(|of| of.conviction / of.trigger).collect();
            let places = telling(&[&share], days.len(), STRETCHES);
            let x: Vec<u32> = places.iter().map(|&place| days[place].day).collect();
            let share = all(places.iter().map(|&place| share[place]));
            data.push(line("run", json!(x), share));
        }
        let status = run.proposals.get(&id).map_or("", |of| &*of.status);
        names.push(format!("proposal {number}: {status}"));
        frames.push(frame(data));
    }
    let choices = vec![Choice::list("Proposal", names)];
    let caption = "Conviction as a share of its threshold: the history, and this run while the proposal is a candidate.";
    let figure = (!frames.is_empty())
        .then(|| Figure::chosen(caption, "day", "conviction / threshold", choices, frames));
    Some(figure?.with(against_trigger()).tall(420))
}
