//! The mood of the system: what good and bad news do to it.

use crate::engine::{Columns, Domain, Gathered, ModelBuilder, PerRun, Runs, Shown, Start};
use bevy_ecs::prelude::*;

crate::settings! {
    /// The mood at the start.
    InitialSentiment in "initial" {
        sentiment: f64 = 0.6, "", Domain::from_to(0.0, 1.0), "system mood at the start";
    }
}

/// s: the system's sentiment, 0 to 1.
#[derive(Component, Default, Clone, Copy, Debug, PartialEq)]
pub struct Sentiment(pub f64);

impl PerRun for Sentiment {}

impl Sentiment {
    /// The effect of `net` good news: s ← clamp₀₁(0.75 s + 0.25 net).
    pub fn hear(&mut self, net: f64) {
        self.0 = (0.75 * self.0 + 0.25 * net).clamp(0.0, 1.0);
    }
}

crate::columns! {
    /// The mood.
    SentimentRow, SentimentRows {
        sentiment: f64, "", "s, the system's mood, 0 to 1";
    }
}

/// Registers the mood.
pub fn sentiment(model: &mut ModelBuilder) {
    model
        .settings::<InitialSentiment>()
        .per_run::<Sentiment>()
        .start(Start::Draw, begin)
        .columns::<SentimentRows, _>(&["days", "runs"], show);
}

fn begin(mut runs: Runs<(&'static InitialSentiment, &'static mut Sentiment)>) {
    for (_, (initial, sentiment)) in runs.batch() {
        sentiment.0 = initial.sentiment;
    }
}

fn show(mut runs: Shown<(&'static Sentiment, &'static mut Gathered<SentimentRows>)>) {
    for (_, (sentiment, rows)) in runs.batch() {
        rows.push(SentimentRow {
            sentiment: sentiment.0,
        });
    }
}
