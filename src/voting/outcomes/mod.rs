//! What becomes of proposals moves the sentiment of those who liked or disliked them, and with it how many
//! of them act.
//!
//! The published program calls for this and then leaves it out: its functions are called with weight 0,
//! and look proposals up by a misspelt type. `laws` has what it was meant to do, and what others do.

mod laws;

pub use laws::{PROPOSER_ACCEPTED, SUPPORTER_COMPLETED, SUPPORTER_FAILED, added, relaxed};

use super::Day;
use super::chance::NONE;
use super::participants::{Departed, OwnSentiment, Population};
use super::proposals::{History, Status};
use super::rules::needs_accounting;
use super::sentiment::{Measure, Sentiment};
use super::support::{ABSENT, Affinity, Deciding, Layout, Opinion, Opinions};
use crate::engine::{
    Columns, Domain, Failing, Gathered, ModelBuilder, PerRun, Rows, Runs, Setting, Shown, Start,
};
use bevy_ecs::prelude::*;

crate::settings! {
    /// How participants, and the mood, take what becomes of proposals.
    Outcomes in "outcomes" {
        law: &'static str = "off", "", Domain::Names(&["off", "relax", "add", "commons"]), "how what becomes of a proposal moves a participant's sentiment: by its affinity, mixed in with the weight (relax) or added (add); or as in the Commons Simulator";
        weight: f64 = 0.1, "", Domain::from_to(0.0, 1.0), "weight of an event under law relax";
        fade: f64 = 0.0, "1/day", Domain::from_to(0.0, 1e6), "what every participant's sentiment loses each day";
        mood: &'static str = "counts", "", Domain::Names(&["counts", "funds", "mean"]), "what the system's mood hears: counts of proposals, shares of funds, or nothing, being the participants' mean";
    }
}

/// A law that is on.
#[derive(Clone, Copy)]
enum Law {
    Relax { weight: f64 },
    Add,
    Commons,
}

impl Outcomes {
    fn law(&self) -> Option<Law> {
        match self.law {
            "relax" => Some(Law::Relax {
                weight: self.weight,
            }),
            "add" => Some(Law::Add),
            "commons" => Some(Law::Commons),
            _ => None,
        }
    }

    /// Whether each participant's sentiment stays what it was at first.
    fn moves_nobody(&self) -> bool {
        self.law().is_none() && self.fade == 0.0
    }
}

impl Law {
    /// A sentiment after an event of this force.
    fn moved(self, sentiment: f64, force: f64) -> f64 {
        match self {
            Self::Relax { weight } => relaxed(sentiment, weight, force),
            Self::Add | Self::Commons => added(sentiment, force),
        }
    }

    /// The force of a proposal's end for a participant with this affinity, who supported it or not; none
    /// for whom it does not touch.
    fn of_end(self, completed: bool, affinity: f64, supports: bool) -> Option<f64> {
        match (self, completed) {
            (Self::Commons, _) if !supports => None,
            (Self::Commons, true) => Some(SUPPORTER_COMPLETED * affinity),
            (Self::Commons, false) => Some(SUPPORTER_FAILED * affinity),
            (_, true) => Some(affinity),
            (_, false) => Some(-affinity),
        }
    }
}

/// How many could be expected to act, over the days so far.
#[derive(Component, Default)]
pub struct Engaged {
    /// Sum over the days of the mean chance to act.
    sum: f64,
    /// What the sentiments of the first participants come to, and how many participants those are.
    sentiments: f64,
    counted: usize,
}

impl PerRun for Engaged {}

crate::columns! {
    /// What outcomes did to participants.
    OwnSentimentRow, OwnSentimentRows {
        mean_own_sentiment_final: f64, "", "mean of the participants' own sentiment where the run ends" => max;
        engaged_mean: f64, "", "mean over the days of a participant's mean chance to act, base_engagement_rate times own sentiment" => max;
    }
}

/// Registers what outcomes do.
pub fn outcomes(model: &mut ModelBuilder) {
    model
        .settings::<Outcomes>()
        .check(|setting| needs_accounting(setting, "[outcomes]"))
        .warning(mood_stands_still)
        .per_run::<Opinions>()
        .per_run::<Engaged>()
        .start(Start::Draw, begin)
        .system_if(has_law, Day::Progress, hear_of_ends)
        .system_if(moves_somebody, Day::Release, hear_of_grants)
        .system(Day::Release, note_engaged)
        .invariant(check)
        .columns::<OwnSentimentRows, _>(&["runs"], show);
}

/// Whether what becomes of proposals moves participants.
fn has_law(setting: &Setting) -> bool {
    setting.group::<Outcomes>().law().is_some()
}

/// Whether participants' sentiments do not stay what they were at first.
fn moves_somebody(setting: &Setting) -> bool {
    !setting.group::<Outcomes>().moves_nobody()
}

/// A mood that is the mean of what nothing moves.
fn mood_stands_still(setting: &Setting) -> Option<String> {
    let outcomes: Outcomes = setting.group();
    (outcomes.mood == "mean" && outcomes.moves_nobody()).then(|| {
        "outcomes.mood is \"mean\", but with outcomes.law \"off\" and no outcomes.fade nothing moves \
         participants, so that the mood stays initial.sentiment"
            .to_owned()
    })
}

fn begin(
    mut runs: Runs<(
        &'static Outcomes,
        &'static mut Opinions,
        &'static mut Sentiment,
    )>,
) {
    for (_, (outcomes, opinions, sentiment)) in runs.batch() {
        opinions.wanted = outcomes.law().is_some();
        sentiment.measure = match outcomes.mood {
            "funds" => Measure::Funds,
            "mean" => Measure::Nothing,
            _ => Measure::Counts,
        };
    }
}

/// The mean of those who are present.
fn mean(sentiments: &[f64], departed: &Departed) -> f64 {
    if departed.count() == 0 {
        return sentiments.iter().sum::<f64>() / sentiments.len() as f64;
    }
    let rows = sentiments.iter().enumerate();
    let present = rows.filter(|&(row, _)| !departed.contains(row));
    let sum: f64 = present.map(|(_, sentiment)| sentiment).sum();
    sum / (sentiments.len() - departed.count()) as f64
}

/// Proposals have completed or failed: each moves those who have an opinion of it, one after another in order
/// of id.
fn hear_of_ends(
    mut runs: Runs<(
        &'static Outcomes,
        &'static Population,
        &'static Departed,
        &'static mut Opinions,
        &'static mut Sentiment,
    )>,
    mut people: Rows<&'static mut OwnSentiment>,
    mut proposals: Rows<(&'static Status, &'static History)>,
) {
    let batch = runs.batch();
    let (mut people, mut proposals) = (people.of_batch(&batch), proposals.of_batch(&batch));
    for (run, (outcomes, population, departed, opinions, mood)) in batch {
        let Some(law) = outcomes.law() else {
            continue;
        };
        let (statuses, histories) = proposals.of(run);
        let sentiments = &mut people.of(run)[..population.participants];
        let mut moved = false;
        for opinion in &opinions.kept {
            let proposal = opinion.proposal as usize;
            let completed = match statuses[proposal] {
                Status::Completed => true,
                Status::Failed => false,
                _ => continue,
            };
            let proposer = histories[proposal].proposer as usize;
            let each = opinion.affinities.iter().zip(&opinion.staked).enumerate();
            let present = each.filter(|(_, (affinity, _))| **affinity != ABSENT);
            for (row, (&affinity, &staked)) in present {
                let sentiment = &mut sentiments[row];
                let supports = staked || row == proposer;
                if let Some(force) = law.of_end(completed, affinity, supports) {
                    *sentiment = law.moved(*sentiment, force);
                    moved = true;
                }
            }
        }
        opinions.forget_ended(statuses);
        if moved && mood.measure == Measure::Nothing {
            mood.value = mean(sentiments, departed);
        }
    }
}

/// Proposals were granted: each moves those who have an opinion of it, one after another in order of id. Then
/// the sentiment of all fades.
#[allow(
    clippy::type_complexity,
    reason = "what the system reads and changes, each said once"
)]
fn hear_of_grants(
    mut runs: Runs<(
        &'static Outcomes,
        &'static Deciding,
        &'static Population,
        &'static Departed,
        &'static Layout,
        &'static Opinions,
        &'static mut Sentiment,
    )>,
    mut people: Rows<&'static mut OwnSentiment>,
    mut proposals: Rows<&'static History>,
    mut edges: Rows<&'static Affinity>,
    mut favourites: Local<Vec<f64>>,
) {
    let batch = runs.batch();
    let (mut people, mut proposals) = (people.of_batch(&batch), proposals.of_batch(&batch));
    let mut edges = edges.of_batch(&batch);
    for (run, components) in batch {
        let (outcomes, deciding, population, departed, layout, opinions, mood) = components;
        let sentiments = &mut people.of(run)[..population.participants];
        let today = |opinion: &&Opinion| opinion.day == run.day;
        let mut moved = false;
        match outcomes.law() {
            Some(law @ Law::Commons) => {
                let histories = proposals.of(run);
                for opinion in opinions.kept.iter().filter(today) {
                    let proposer = histories[opinion.proposal as usize].proposer;
                    if proposer != NONE {
                        let sentiment = &mut sentiments[proposer as usize];
                        *sentiment = law.moved(*sentiment, PROPOSER_ACCEPTED);
                        moved = true;
                    }
                }
            }
            // What is granted is held against the favourite of what is left, if there is a choice.
            Some(law) if layout.candidates() > 1 && opinions.kept.iter().any(|o| today(&o)) => {
                favourites.clear();
                favourites.resize(sentiments.len(), f64::NEG_INFINITY);
                let affinities = edges.of(run);
                for seat in layout.taken() {
                    for (most, &affinity) in
                        favourites.iter_mut().zip(layout.column(affinities, seat))
                    {
                        *most = most.max(affinity);
                    }
                }
                for opinion in opinions.kept.iter().filter(today) {
                    let each = opinion.affinities.iter().zip(&*favourites);
                    let each = sentiments.iter_mut().zip(each);
                    let present = each.filter(|(_, (affinity, _))| **affinity != ABSENT);
                    for (sentiment, (affinity, favourite)) in present {
                        let force = affinity - deciding.sensitivity * favourite;
                        *sentiment = law.moved(*sentiment, force);
                    }
                    moved = true;
                }
            }
            _ => {}
        }
        if outcomes.fade > 0.0 {
            for sentiment in &mut *sentiments {
                *sentiment = (*sentiment - outcomes.fade).max(0.0);
            }
            moved = true;
        }
        if moved && mood.measure == Measure::Nothing {
            mood.value = mean(sentiments, departed);
        }
    }
}

/// Notes how many can be expected to act today.
fn note_engaged(
    mut runs: Runs<(
        &'static Outcomes,
        &'static Deciding,
        &'static Population,
        &'static Departed,
        &'static mut Engaged,
    )>,
    mut people: Rows<&'static OwnSentiment>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (outcomes, deciding, population, departed, engaged)) in batch {
        let sentiments = &people.of(run)[..population.participants];
        let mean = if outcomes.moves_nobody() && departed.count() == 0 {
            // Only newcomers' are new.
            for sentiment in &sentiments[engaged.counted..] {
                engaged.sentiments += sentiment;
            }
            engaged.counted = sentiments.len();
            engaged.sentiments / sentiments.len() as f64
        } else {
            mean(sentiments, departed)
        };
        engaged.sum += deciding.base_engagement_rate * mean;
    }
}

/// Sentiment stays between 0 and 1.
fn check(
    mut runs: Runs<(&'static Population, &'static Sentiment, &'static Failing)>,
    mut people: Rows<&'static OwnSentiment>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (population, mood, failing)) in batch {
        if failing.failure().is_none() {
            let sentiments = &people.of(run)[..population.participants];
            let all = sentiments.iter().chain([&mood.value]);
            for sentiment in all {
                let day = run.day;
                assert!(
                    (0.0..=1.0).contains(sentiment),
                    "day {day}: sentiment {sentiment}"
                );
            }
        }
    }
}

fn show(
    mut runs: Shown<(
        &'static Population,
        &'static Departed,
        &'static Engaged,
        &'static mut Gathered<OwnSentimentRows>,
    )>,
    mut people: Rows<&'static OwnSentiment>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (population, departed, engaged, rows)) in batch {
        let sentiments = &people.of(run)[..population.participants];
        rows.push(OwnSentimentRow {
            mean_own_sentiment_final: mean(sentiments, departed),
            engaged_mean: engaged.sum / f64::from(run.day.max(1)),
        });
    }
}
