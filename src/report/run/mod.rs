//! Draws one run from the tables that `run --out` wrote: all figures of the published notebook, and more.
//!
//! | file | purpose |
//! |---|---|
//! | `history` | reads the parts of the tables that are drawn |
//! | `system` | draws curves over the days |
//! | `proposals` | draws requests, and conviction against trigger |
//! | `open` | draws the future of a run that starts from a history |
//! | `people` | draws holdings, influence and affinities |
//! | `support` | draws support, day by day |
//! | `market` | draws the price, the pool and leaving holders of a run with a market |

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
    let mut page = Page::new(
        "A run of Conviction Voting",
        &format!(
            "{} days, rules {}, {} arithmetic, seed {seed}; half-life {} days, largest request {}, minimum \
             conviction {} (alpha {}, beta {}, rho {}).",
            run.last_day(),
            set_name(setting),
            Capabilities::of(setting).name,
            (half_life_from_alpha(p.alpha) * 100.0).round() / 100.0,
            percent(largest_passable_share(&p)),
            percent(minimum_conviction_share(&p)),
            rounded(p.alpha, 6),
            rounded(p.beta, DIGITS),
            rounded(p.rho, DIGITS),
        ),
    );
    if let Some(state) = snapshot(setting) {
        let forecast = page.section("Forecast").text(&beginning(state));
        forecast.wide(open::pool(&run, state)?);
        if let Some(shares) = open::shares(&run, state) {
            forecast.wide(shares);
        }
    }
    page.section("Funds and supply")
        .figure(system::funds(&run)?)
        .figure(system::supply(&run)?)
        .figure(system::sentiment(&run)?)
        .figure(system::participants(&run)?);
    page.section("Proposals")
        .figure(system::stages(&run)?)
        .figure(system::health(&run)?)
        .figure(proposals::requests(&run)?)
        .figure(proposals::required(&run)?)
        .wide(proposals::convictions(&run));
    if let Some(takes) = system::takes(&run)? {
        page.section("Attackers").figure(takes);
    }
    let participants = page.section("Participants");
    participants.figure(people::holdings(&run));
    if setting.group_if_on::<Spread>().is_some() {
        participants.figure(people::lorenz(&run));
    }
    participants
        .figure(people::influence(&run))
        .wide(people::affinities(&run))
        .wide(support::who_supports_what(&run));
    if setting.group_if_on::<MarketSettings>().is_some() {
        page.section("Market")
            .figure(market::price(&run)?)
            .figure(market::reserves(&run)?)
            .figure(market::departures(&run));
    }
    Ok(page)
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
