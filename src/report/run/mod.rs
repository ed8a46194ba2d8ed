//! Draws one run from the tables that `run --out` wrote: all figures of the published notebook, and more.
//!
//! | file | purpose |
//! |---|---|
//! | `history` | reads the parts of the tables that are drawn |
//! | `headline` | tells the run in a few numbers |
//! | `system` | draws curves over the days |
//! | `proposals` | draws requests, and conviction against trigger |
//! | `open` | draws the future of a run that starts from a history |
//! | `people` | draws holdings, influence and affinities |
//! | `support` | draws support, day by day |
//! | `market` | draws the price, the pool and leaving holders of a run with a market |

mod headline;
mod history;
mod market;
mod open;
mod people;
mod proposals;
mod support;
mod system;

use super::forecast::beginning;
use super::page::Page;
use crate::digits::{DIGITS, percent, rounded};
use crate::engine::Setting;
use crate::input::TableError;
use crate::voting::attackers::Attack;
use crate::voting::change::Change;
use crate::voting::conviction::{
    Conviction, half_life_from_alpha, largest_passable_share, minimum_conviction_share,
};
use crate::voting::history::snapshot;
use crate::voting::holdings::Spread;
use crate::voting::market::MarketSettings;
use crate::voting::mechanism::Capabilities;
use crate::voting::rules::set_name;
use history::History;
use serde_json::{Value, json};
use std::path::Path;

/// Draws a run of `setting` from its directory.
///
/// # Errors
/// When a table is missing or broken.
pub fn page(directory: &Path, setting: &Setting, seed: u64) -> Result<Page, TableError> {
    let run = History::read(directory, setting)?;
    let p: Conviction = setting.group();
    let (kind, seed) = match run.is_replay {
        true => ("A replay", String::new()),
        false => ("A run", format!(", seed {seed}")),
    };
    let title = format!(
        "{kind} of {} days: half-life {} days, largest request {}, minimum conviction {}",
        run.last_day(),
        (half_life_from_alpha(p.alpha) * 100.0).round() / 100.0,
        percent(largest_passable_share(&p).max(0.0)),
        percent(minimum_conviction_share(&p)),
    );
    let lead = format!(
        "Conviction Voting, rules {}, {} arithmetic{seed}; alpha {}, beta {}, rho {}.",
        set_name(setting),
        Capabilities::of(setting).name,
        rounded(p.alpha, 6),
        rounded(p.beta, DIGITS),
        rounded(p.rho, DIGITS),
    );
    let mut page = Page::new(&title, &lead);
    page.section("In short")
        .table(&headline::HEADS, headline::rows(&run)?);
    let marks = changes(setting);
    if !marks.is_empty() {
        let changes = marks.iter().map(|(day, what)| format!("day {day}: {what}"));
        let changes: Vec<_> = changes.collect();
        page.text(&format!(
            "Settings change, dashed in the charts: {}.",
            changes.join("; ")
        ));
    }
    if let Some(state) = snapshot(setting) {
        let forecast = page.section("Forecast").text(&beginning(state));
        forecast.wide(open::pool(&run, state)?);
        if let Some(shares) = open::shares(&run, state) {
            forecast.wide(shares);
        }
    }
    let has_columns = |column: &str| Ok::<bool, TableError>(run.column(column)?.is_some());
    let funds = page
        .section("Funds and supply")
        .figure(system::funds(&run)?);
    if has_columns("other_supply")? {
        funds.figure(system::supply(&run)?);
    }
    funds.figure(system::sentiment(&run)?);
    if has_columns("participant_count")? {
        funds.figure(system::participants(&run)?);
    }
    funds.figure(system::turnout(&run)?);
    let moved = system::moved(&run)?;
    if !moved.is_empty() {
        let section = page.section("Donations, issuance, flows and streams");
        for figure in moved {
            section.figure(figure);
        }
    }
    let proposals = page.section("Proposals");
    if has_columns("candidate_count")? {
        proposals
            .figure(system::stages(&run)?)
            .figure(system::health(&run)?);
    }
    proposals
        .figure(proposals::requests(&run)?)
        .figure(proposals::required(&run)?)
        .wide(proposals::convictions(&run));
    if setting.each::<Attack>().next().is_some() {
        page.section("Attackers").figure(system::takes(&run)?);
    }
    let participants = page.section("Participants");
    participants.figure(people::holdings(&run));
    if setting.group_if_on::<Spread>().is_some() {
        participants.figure(people::lorenz(&run));
    }
    if !run.is_replay {
        participants.figure(people::influence(&run));
    }
    participants
        .wide(people::affinities(&run))
        .wide(support::who_supports_what(&run));
    if setting.group_if_on::<MarketSettings>().is_some() {
        page.section("Market")
            .figure(market::price(&run)?)
            .figure(market::reserves(&run)?)
            .figure(market::departures(&run));
    }
    page.mark(&marks);
    Ok(page)
}

/// Returns the days on which settings change, with the new values.
fn changes(setting: &Setting) -> Vec<(u32, String)> {
    let changes = setting.each::<Change>().enumerate();
    let changes = changes.map(|(number, change)| {
        let values = setting.overridden("change", number);
        let values = values.map(|(key, value)| format!("{} = {value}", key.name));
        (change.day, values.collect::<Vec<_>>().join(", "))
    });
    changes.collect()
}

/// Returns a dotted line across a chart, in its layout.
fn level(y: f64) -> Value {
    json!([{
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y,
        "line": { "dash": "dot", "color": "#888" },
    }])
}

/// Returns the part of a caption that names the selection drawn; empty if all are drawn.
fn some_of(some: usize, all: usize, which: &str) -> String {
    if some < all {
        format!(" Drawn: the {some} {which}, of {all}.")
    } else {
        String::new()
    }
}
