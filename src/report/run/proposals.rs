//! Draws requests, and conviction against trigger.

use super::super::figure::{Choice, Figure, Frame, all, bars, frame, line};
use super::super::thin::telling;
use super::history::{History, Proposal};
use super::{level, some_of};
use crate::input::TableError;
use crate::voting::conviction::{Conviction, max_conviction};
use crate::voting::proposals::Status;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Number of stretches, in each of which a chart of the page's width shows the least and the greatest value.
const STRETCHES: usize = 200;

/// Returns a column of the table of days by day.
fn by_day(run: &History, column: &str) -> Result<BTreeMap<u32, f64>, TableError> {
    let values = run.column(column)?.unwrap_or_default();
    Ok(run.day.iter().copied().zip(values).collect())
}

fn on(day: u32, values: &BTreeMap<u32, f64>) -> f64 {
    values.get(&day).copied().unwrap_or(f64::NAN)
}

pub fn requests(run: &History) -> Result<Figure, TableError> {
    let funds = by_day(run, "funds")?;
    let by_status = |value: &dyn Fn(&Proposal) -> f64| -> Vec<Value> {
        let traces = Status::ALL.map(Status::name).map(|name| {
            let of = run
                .proposals
                .iter()
                .filter(|(_, proposal)| proposal.status == name);
            let (ids, values): (Vec<u32>, Vec<f64>) =
                of.map(|(&id, proposal)| (id, value(proposal))).unzip();
            bars(name, json!(ids), all(values))
        });
        traces.into()
    };
    let frames = vec![
        frame(by_status(&|proposal| proposal.requested)),
        Frame {
            data: by_status(&|proposal| proposal.requested / on(proposal.arrived, &funds)),
            layout: json!({
                "yaxis": { "title": { "text": "share of the pool" } },
                "shapes": level(run.setting.group::<Conviction>().beta),
            }),
        },
    ];
    let options = ["Honey", "share of the pool when it arrived"];
    let choices = vec![Choice::list("Show", options)];
    let caption = "What each proposal requests, by what became of it; dotted, beta.";
    Ok(Figure::chosen(
        caption, "proposal", "Honey", choices, frames,
    ))
}

pub fn required(run: &History) -> Result<Figure, TableError> {
    let effective = by_day(run, "effective_supply")?;
    let alpha = run.setting.group::<Conviction>().alpha;
    let largest = |day: u32| max_conviction(on(day, &effective), alpha);
    let last = run.proposals.values().filter_map(|proposal| {
        let (day, trigger) = proposal.last_trigger?;
        Some((proposal.requested, day, trigger))
    });
    let last: Vec<_> = last.collect();
    let points = |y: &dyn Fn(u32, f64) -> f64| {
        let x = all(last.iter().map(|point| point.0));
        let y = all(last.iter().map(|point| y(point.1, point.2)));
        json!({ "type": "scatter", "mode": "markers", "x": x, "y": y, "showlegend": false })
    };
    let frames = vec![
        frame(vec![points(&|_, trigger| trigger)]),
        Frame {
            data: vec![points(&|day, trigger| trigger / largest(day))],
            layout: json!({ "yaxis": { "title": { "text": "share of the largest conviction" } } }),
        },
    ];
    let options = ["absolute", "share of the largest possible"];
    let choices = vec![Choice::list("Show", options)];
    let caption = "Conviction required of each proposal, as last stated, by what it requests.";
    Ok(
        Figure::chosen(caption, "Honey requested", "Honey days", choices, frames)
            .with(json!({ "yaxis": { "type": "log" } })),
    )
}

pub fn convictions(run: &History) -> Figure {
    let candidacies = &run.candidacies;
    let run_days = run.day.len().max(1);
    let shares = candidacies.iter().map(|(id, days)| {
        let share: Vec<f64> = days
            .iter()
            .map(|day| day.conviction / day.trigger)
            .collect();
        // All days share the chart's width.
        let stretches = (STRETCHES * days.len()).div_ceil(run_days);
        let places = telling(&[&share], days.len(), stretches);
        let x: Vec<u32> = places.iter().map(|&place| days[place].day).collect();
        let y = all(places.iter().map(|&place| share[place]));
        let mut line = line(&format!("proposal {id}"), json!(x), y);
        line["line"] = json!({ "width": 1 });
        line
    });
    let mut frames = vec![Frame {
        data: shares.collect(),
        layout: json!({
            "showlegend": false,
            "yaxis": { "title": { "text": "conviction / trigger" }, "range": [0, 2] },
            "shapes": level(1.0),
        }),
    }];
    frames.extend(candidacies.values().map(|days| {
        let conviction: Vec<f64> = days.iter().map(|day| day.conviction).collect();
        let trigger: Vec<f64> = days.iter().map(|day| day.trigger).collect();
        let places = telling(&[&conviction, &trigger], days.len(), STRETCHES);
        let x: Vec<u32> = places.iter().map(|&place| days[place].day).collect();
        let curve =
            |name: &str, y: &[f64]| line(name, json!(x), all(places.iter().map(|&place| y[place])));
        frame(vec![
            curve("conviction", &conviction),
            curve("trigger", &trigger),
        ])
    }));
    let names = candidacies.keys().map(|id| format!("proposal {id}"));
    let options = std::iter::once("all, as a share of their triggers".to_owned()).chain(names);
    let choices = vec![Choice::list("Show", options)];
    let candidates = run.proposals.values().filter(|p| p.was_candidate()).count();
    let caption = format!(
        "Conviction against trigger over time, of proposals while they were candidates.{}",
        some_of(
            candidacies.len(),
            candidates,
            "proposals that came closest to passing"
        ),
    );
    Figure::chosen(&caption, "day", "Honey days", choices, frames)
        .with(json!({ "yaxis": { "rangemode": "tozero" } }))
        .tall(420)
}
