//! Draws forecasts of runs and sweeps that start from a history.

use super::figure::{Choice, Figure, Frame, all, band, frame, line};
use super::outcomes::bands;
use super::page::Page;
use crate::analyse::histogram::Histogram;
use crate::analyse::runs::Runs;
use crate::analyse::tracks::{TrackColumns, Tracks, tracks};
use crate::analyse::{AnalyseError, Fans};
use crate::contract::{Past, Snapshot};
use crate::digits::percent;
use crate::input::Table;
use crate::study::Dataset;
use serde_json::{Value, json};

/// The table of a sweep that follows the proposals that were open at the start.
const OPEN: TrackColumns = TrackColumns {
    table: "open",
    number: "number",
    state: "share_of_trigger",
    event: "has_passed",
};

/// A history up to the block from which runs start, in days before that block.
pub struct Before<'s> {
    state: &'s Snapshot,
    blocks_per_day: f64,
}

impl<'s> Before<'s> {
    /// The history of a state, on a chain with so many blocks a day.
    pub fn new(state: &'s Snapshot, blocks_per_day: f64) -> Self {
        Self {
            state,
            blocks_per_day,
        }
    }

    fn day(&self, past: &Past) -> f64 {
        (past.block as f64 - self.state.block as f64) / self.blocks_per_day
    }

    /// Draws the pool.
    pub fn pool(&self) -> Value {
        let past = &self.state.past;
        let x = all(past.iter().map(|past| self.day(past)));
        line("history", x, all(past.iter().map(|past| past.funds)))
    }

    /// Draws a proposal's conviction as a share of its threshold.
    pub fn share(&self, number: u64) -> Value {
        let past = self.state.past.iter().filter_map(|past| {
            let of = past.proposals.iter().find(|of| of.number == number)?;
            Some((self.day(past), of.conviction / of.threshold))
        });
        let (x, y): (Vec<f64>, Vec<f64>) = past.unzip();
        line("history", all(x), all(y))
    }

    /// Returns the open proposals that may pass.
    pub fn payable(&self) -> impl Iterator<Item = (usize, u64)> {
        let proposals = self.state.proposals.iter().enumerate();
        let payable = proposals.filter(|(_, of)| of.is_payable);
        payable.map(|(place, of)| (place, of.number))
    }
}

/// Layout of charts of conviction against its threshold.
pub fn against_trigger() -> Value {
    json!({
        "yaxis": { "rangemode": "tozero" },
        "shapes": [{
            "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 1, "y1": 1,
            "line": { "dash": "dot", "color": "#888" },
        }],
    })
}

/// Describes the start of a run or sweep.
pub fn beginning(state: &Snapshot) -> String {
    let (people, open) = (state.holders.len(), state.proposals.len());
    format!(
        "From block {} of a history: {people} participants, {open} open proposals. Day 0 is that block; days before it are \
         the history.",
        state.block
    )
}

/// Adds the forecast of a sweep that starts from a history.
///
/// # Errors
/// When a part cannot be read.
pub fn add(page: &mut Page, dataset: &Dataset, fans: Option<&Fans>) -> Result<(), AnalyseError> {
    let spec = &dataset.manifest.spec;
    let of = |table: &str, key: &str| spec.get(table)?.as_table()?.get(key);
    let state = of("history", "state").and_then(toml::Value::as_str);
    let Some(state) = state.and_then(|text| text.parse::<Snapshot>().ok()) else {
        return Ok(());
    };
    let seconds = of("chain", "block_time_seconds").and_then(toml::Value::as_float);
    let before = Before::new(&state, 86_400.0 / seconds.unwrap_or(15.0));
    page.section("Forecast").text(&beginning(&state));
    if let Some(pool) = fans.and_then(|fans| pool(fans, &before)) {
        page.wide(pool);
    }
    if !has_table(dataset)? {
        page.text(
            "The table open with all its columns, requested under [output], adds the chances of each open proposal.",
        );
        return Ok(());
    }
    let tracks = tracks(Runs::of(dataset), OPEN)?;
    let open: Vec<(usize, u64)> = before
        .payable()
        .filter_map(|(_, number)| {
            let place = tracks.numbers.binary_search(&u32::try_from(number).ok()?);
            Some((place.ok()?, number))
        })
        .collect();
    if open.is_empty() {
        page.text("No open proposal can pass.");
        return Ok(());
    }
    page.wide(chances(&tracks, &open))
        .wide(shares(&tracks, &open, &before))
        .table(
            &["proposal", "day", "passed", "95 % interval"],
            ends(&tracks, &open),
        );
    Ok(())
}

/// Returns true if the dataset has the table of open proposals with the columns that are drawn.
fn has_table(dataset: &Dataset) -> Result<bool, AnalyseError> {
    let is_open = |table: &String| table == OPEN.table;
    let part = Runs::of(dataset).files(OPEN.table).next();
    let part = part.filter(|_| dataset.manifest.tables.iter().any(is_open));
    let Some(part) = part else {
        return Ok(false);
    };
    let schema = Table::schema(&part)?;
    let columns = [OPEN.number, OPEN.state, OPEN.event];
    Ok(columns
        .iter()
        .all(|column| schema.field_with_name(column).is_ok()))
}

/// The pool: its history, then all runs.
fn pool(fans: &Fans, before: &Before) -> Option<Figure> {
    let state = fans.states.iter().position(|state| state.name == "funds")?;
    let levels: Vec<&Histogram> = fans.values[state].iter().collect();
    let mut data = bands(json!(fans.days), &levels);
    data.push(before.pool());
    let caption =
        "The pool: its history, and over all runs the median and the middle 50 % and 90 %.";
    let figure = Figure::fixed(caption, "day", "Honey", data);
    Some(figure.with(json!({ "yaxis": { "rangemode": "tozero" } })))
}

fn options(open: &[(usize, u64)]) -> Choice {
    let names = open.iter().map(|(_, number)| format!("proposal {number}"));
    Choice::list("Proposal", names)
}

/// The share of runs in which each proposal has passed.
fn chances(tracks: &Tracks, open: &[(usize, u64)]) -> Figure {
    let days = json!(tracks.days);
    let frames = open.iter().map(|&(place, _)| {
        let shares = &tracks.shares[place];
        let bound = |bound: fn((f64, f64)) -> f64| all(shares.iter().map(|of| bound(of.interval)));
        let mut data = Vec::new();
        data.extend(band(
            "95 % interval",
            &days,
            bound(|of| of.0),
            bound(|of| of.1),
            0.25,
        ));
        let share = all(shares.iter().map(|of| of.share));
        data.push(line("share of runs", days.clone(), share));
        frame(data)
    });
    let frames = frames.collect();
    let caption = "The probability that a proposal has passed by a day: the share of runs, with a 95 % interval that counts \
                   independent worlds.";
    Figure::chosen(caption, "day", "share of runs", vec![options(open)], frames)
        .with(json!({ "yaxis": { "range": [0, 1] } }))
}

/// Conviction against its threshold: the history, then all runs in which the proposal is still a candidate.
fn shares(tracks: &Tracks, open: &[(usize, u64)], before: &Before) -> Figure {
    let frames = open.iter().map(|&(place, number)| {
        let levels: Vec<&Histogram> = tracks.states[place].iter().collect();
        let mut data = bands(json!(tracks.days), &levels);
        data.push(before.share(number));
        Frame {
            data,
            layout: json!({}),
        }
    });
    let frames = frames.collect();
    let caption = "Conviction as a share of its threshold: the history, and over the runs in which the proposal has not passed \
                   the median and the middle 50 % and 90 %.";
    Figure::chosen(
        caption,
        "day",
        "conviction / threshold",
        vec![options(open)],
        frames,
    )
    .with(against_trigger())
    .tall(420)
}

/// Lists the share of runs in which each proposal has passed by the last day.
fn ends(tracks: &Tracks, open: &[(usize, u64)]) -> Vec<Vec<String>> {
    let Some((last, day)) = tracks.days.len().checked_sub(1).zip(tracks.days.last()) else {
        return Vec::new();
    };
    let row = |&(place, number): &(usize, u64)| {
        let of = tracks.shares[place][last];
        let (low, high) = of.interval;
        let interval = format!("{} to {}", percent(low), percent(high));
        vec![
            number.to_string(),
            day.to_string(),
            percent(of.share),
            interval,
        ]
    };
    open.iter().map(row).collect()
}
