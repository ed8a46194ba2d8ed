//! The mood of the system: what good and bad news do to it.

use crate::engine::{Columns, Domain, Gathered, ModelBuilder, PerRun, Runs, Shown, Start};
use bevy_ecs::prelude::*;

crate::settings! {
    /// The mood at the start.
    InitialSentiment in "initial" {
        sentiment: f64 = 0.6, "", Domain::from_to(0.0, 1.0), "system mood at the start";
    }
}

/// What the mood hears of news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// How many proposals they are about.
    #[default]
    Counts,
    /// Their share of the funds that they could have been about.
    Funds,
    /// Nothing: an extension says what the mood is.
    Nothing,
}

/// s: the system's sentiment, 0 to 1.
#[derive(Component, Default, Clone, Copy, Debug, PartialEq)]
pub struct Sentiment {
    /// What it is.
    pub value: f64,
    /// What it hears of news.
    pub measure: Measure,
    /// Sum over the days before this one of what it was at their end.
    sum: f64,
}

impl PerRun for Sentiment {}

impl Sentiment {
    /// The effect of news, good less bad: s ← clamp₀₁(0.75 s + 0.25 news). They are about `count` proposals,
    /// or about `share_of_funds` of the requests that they could have been about.
    #[inline]
    pub fn hear(&mut self, count: f64, share_of_funds: impl FnOnce() -> f64) {
        let news = match self.measure {
            Measure::Counts => count,
            Measure::Funds => share_of_funds(),
            Measure::Nothing => return,
        };
        self.value = (0.75 * self.value + 0.25 * news).clamp(0.0, 1.0);
    }

    /// Notes what the day before has left, as a day begins; days count from 1.
    #[inline]
    pub fn begin_day(&mut self, day: u32) {
        if day > 1 {
            self.sum += self.value;
        }
    }
}

crate::columns! {
    /// The mood.
    SentimentRow, SentimentRows {
        sentiment: f64, "", "s, the system's mood, 0 to 1" => max;
    }
}

crate::columns! {
    /// The mood over a whole run.
    MeanSentimentRow, MeanSentimentRows {
        mean_sentiment: f64, "", "mean over the days of s at the day's end" => max;
    }
}

/// Registers the mood.
pub fn sentiment(model: &mut ModelBuilder) {
    model
        .settings::<InitialSentiment>()
        .per_run::<Sentiment>()
        .start(Start::Draw, begin)
        .columns::<SentimentRows, _>(&["days", "runs"], show)
        .columns::<MeanSentimentRows, _>(&["runs"], show_mean);
}

fn begin(mut runs: Runs<(&'static InitialSentiment, &'static mut Sentiment)>) {
    for (_, (initial, sentiment)) in runs.batch() {
        sentiment.value = initial.sentiment;
    }
}

fn show(mut runs: Shown<(&'static Sentiment, &'static mut Gathered<SentimentRows>)>) {
    for (_, (sentiment, rows)) in runs.batch() {
        rows.push(SentimentRow {
            sentiment: sentiment.value,
        });
    }
}

fn show_mean(mut runs: Shown<(&'static Sentiment, &'static mut Gathered<MeanSentimentRows>)>) {
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
