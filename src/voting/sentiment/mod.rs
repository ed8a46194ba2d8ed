//! Models the sentiment of the system, and its response to news.

use crate::engine::{Columns, Domain, Gathered, ModelBuilder, PerRun, Runs, Sampled, Start};
use bevy_ecs::prelude::*;

crate::settings! {
    /// Initial sentiment.
    InitialSentiment in "initial" {
        sentiment: f64 = 0.6, "", Domain::from_to(0.0, 1.0), "sentiment of the system at the start";
    }
}

/// How sentiment measures news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// Number of proposals concerned.
    #[default]
    Counts,
    /// Share of funds concerned.
    Funds,
    /// Not at all: an extension sets the sentiment.
    Nothing,
}

/// s: the system's sentiment, 0 to 1.
#[derive(Component, Default, Clone, Copy, Debug, PartialEq)]
pub struct Sentiment {
    /// Current value.
    pub value: f64,
    /// How news are measured.
    pub measure: Measure,
    /// Sum of the values at the end of earlier days.
    sum: f64,
}

impl PerRun for Sentiment {}

/// Requests that news concern, Honey.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Funds {
    /// Requests of the proposals concerned: good minus bad.
    pub concerned: f64,
    /// Requests of all proposals that could have been concerned.
    pub at_stake: f64,
}

impl Funds {
    /// Returns the share concerned; 0 if nothing is at stake.
    fn share(self) -> f64 {
        match self.at_stake > 0.0 {
            true => self.concerned / self.at_stake,
            false => 0.0,
        }
    }
}

impl Sentiment {
    /// Applies news, good minus bad: s ← clamp₀₁(0.75 s + 0.25 news). The news concern `count` proposals, or
    /// a share of the `funds` at stake; if nothing is at stake, they are 0.
    #[inline]
    pub fn hear(&mut self, count: f64, funds: impl FnOnce() -> Funds) {
        let news = match self.measure {
            Measure::Counts => count,
            Measure::Funds => funds().share(),
            Measure::Nothing => return,
        };
        self.value = (0.75 * self.value + 0.25 * news).clamp(0.0, 1.0);
    }

    /// Adds the value at the end of the previous day to the sum, as a day begins; days count from 1.
    #[inline]
    pub fn begin_day(&mut self, day: u32) {
        if day > 1 {
            self.sum += self.value;
        }
    }
}

crate::columns! {
    /// Sentiment.
    SentimentRow, SentimentRows {
        sentiment: f64, "", "s, sentiment of the system, 0 to 1" => max;
    }
}

crate::columns! {
    /// Sentiment over a whole run.
    MeanSentimentRow, MeanSentimentRows {
        mean_sentiment: f64, "", "mean of s over the ends of days" => max;
    }
}

/// Registers the sentiment.
pub fn sentiment(model: &mut ModelBuilder) {
    model
        .settings::<InitialSentiment>()
        .per_run::<Sentiment>()
        .start(Start::Draw, begin)
        .columns::<SentimentRows, _>(&["days", "runs"], show)
        .columns::<MeanSentimentRows, _>(&["runs"], show_mean);
}

fn begin(mut runs: Runs<(&InitialSentiment, &mut Sentiment)>) {
    for (_, (initial, sentiment)) in runs.batch() {
        sentiment.value = initial.sentiment;
    }
}

fn show(mut runs: Sampled<(&Sentiment, &mut Gathered<SentimentRows>)>) {
    for (_, (sentiment, rows)) in runs.batch() {
        rows.push(SentimentRow {
            sentiment: sentiment.value,
        });
    }
}

fn show_mean(mut runs: Sampled<(&Sentiment, &mut Gathered<MeanSentimentRows>)>) {
    for (run, (sentiment, rows)) in runs.batch() {
        let sum = if run.day > 0 {
            sentiment.sum + sentiment.value
        } else {
            0.0
        };
        rows.push(MeanSentimentRow {
            mean_sentiment: sum / f64::from(run.day.max(1)),
        });
    }
}
