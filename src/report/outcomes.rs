//! Choices, labels and bands of outcomes, which the sections on a sweep share.

use super::figure::{Choice, all, band, line, marked};
use crate::analyse::histogram::Histogram;
use crate::analyse::{Aggregate, Outcome};
use serde_json::{Value, json};

/// Returns the titles of all outcomes.
pub fn titles(found: &Aggregate) -> Vec<String> {
    found.outcomes.iter().map(Outcome::title).collect()
}

/// Returns the label of an outcome on an axis.
pub fn label(found: &Aggregate, outcome: usize) -> Value {
    json!(found.outcomes[outcome].label())
}

/// Returns the choice among all outcomes.
pub fn outcome_choice(found: &Aggregate) -> Choice {
    Choice::list("Outcome", titles(found))
}

/// Most levels whose medians are marked.
const MARKED: usize = 24;

/// Returns the median and bands of histograms, along x; few levels are marked.
pub fn bands(x: Value, levels: &[&Histogram]) -> Vec<Value> {
    let quantiles = |share: f64| all(levels.iter().map(|level| level.quantile(share)));
    let mut data = Vec::new();
    data.extend(band("90 %", &x, quantiles(0.05), quantiles(0.95), 0.18));
    data.extend(band("50 %", &x, quantiles(0.25), quantiles(0.75), 0.32));
    let median = if levels.len() <= MARKED { marked } else { line };
    data.push(median("median", x, quantiles(0.5)));
    data
}
