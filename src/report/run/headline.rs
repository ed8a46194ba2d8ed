//! Tells a run in a few numbers.

use super::super::attack::names;
use super::history::History;
use crate::analyse::statistics::{quantile, sorted};
use crate::digits::{percent, rounded};
use crate::input::TableError;

/// Heads of the table.
pub const HEADS: [&str; 2] = ["outcome", "value"];

fn short(value: f64) -> String {
    match value.is_finite() {
        true if value == 0.0 => "0".to_owned(),
        true => rounded(value, 4).to_string(),
        false => "–".to_owned(),
    }
}

/// Returns the headline numbers, a row each.
///
/// # Errors
/// When a column is broken.
pub fn rows(run: &History) -> Result<Vec<Vec<String>>, TableError> {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = Vec::new();
    let ends = |column: &str| -> Result<Option<[f64; 2]>, TableError> {
        let values = run.column(column)?;
        Ok(values.and_then(|values| Some([*values.first()?, *values.last()?])))
    };
    if let Some([first, last]) = ends("funds")? {
        let pool = format!("{} Honey, from {} at the start", short(last), short(first));
        rows.push(row("in the pool", pool));
    }
    let granted: Vec<f64> = (run.proposals.values())
        .filter_map(|of| Some(f64::from(of.passed? - of.arrived)))
        .collect();
    let requested = run.proposals.values().filter(|of| of.passed.is_some());
    let funds: f64 = requested.map(|of| of.requested).sum();
    let count = format!(
        "{} of {}, for {} Honey",
        granted.len(),
        run.proposals.len(),
        short(funds)
    );
    rows.push(row("proposals granted", count));
    if !granted.is_empty() {
        let median = quantile(&sorted(granted), 0.5);
        rows.push(row(
            "median wait to pass",
            format!("{} days", short(median)),
        ));
    }
    for (number, name) in names(&run.setting).iter().enumerate() {
        let take = ends(&format!("attacker_{number}_take"))?;
        let grants = ends(&format!("attacker_{number}_grants"))?;
        let pool = ends("funds")?;
        if let (Some([_, take]), Some([_, grants]), Some([first, _])) = (take, grants, pool) {
            let of_pool = percent(take / first);
            let took = format!(
                "{} Honey in {grants} grants, {of_pool} of the first pool",
                short(take)
            );
            rows.push(row(&format!("taken by {name}"), took));
        }
    }
    if let Some([first, last]) = ends("participant_count")? {
        let people = format!("{last}, from {first} at the start");
        rows.push(row("participants", people));
    }
    if let Some([first, last]) = ends("sentiment")? {
        let mood = format!("{}, from {} at the start", short(last), short(first));
        rows.push(row("sentiment, 0 to 1", mood));
    }
    Ok(rows)
}
