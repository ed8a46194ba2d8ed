//! Extension `[outcomes]`: outcomes of proposals change the sentiment of those who liked or disliked them, and
//! thus how many of them act.
//!
//! The published program intends this and then leaves it out: it calls its functions with weight 0, and looks
//! up proposals by a misspelt type. `laws` contains the intended law and others.

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
    Columns, Domain, Failing, Gathered, ModelBuilder, PerRun, Rows, Runs, Sampled, Setting, Start,
};
use bevy_ecs::prelude::*;

crate::choices! {
    /// Law by which an outcome changes a participant's sentiment.
    OutcomeLaw {
        /// None.
        Off = "off",
        /// The participant's affinity is mixed in with a weight.
        Relax = "relax",
        /// The participant's affinity is added.
        Add = "add",
        /// The law of the Commons Simulator.
        Commons = "commons",
    }

    /// How outcomes update the system's sentiment.
    Mood {
        /// By counts of proposals.
        Counts = "counts",
        /// By shares of funds.
        Funds = "funds",
        /// Outcomes have no effect: the sentiment is the participants' mean.
        Mean = "mean",
    }
}

crate::settings! {
    /// How outcomes update sentiments.
    Outcomes in "outcomes" {
        law: OutcomeLaw = OutcomeLaw::Off, "", OutcomeLaw::DOMAIN, "law by which an outcome changes a participant's sentiment: their affinity is mixed in with the weight (relax) or added (add); or as in the Commons Simulator";
        weight: f64 = 0.1, "", Domain::from_to(0.0, 1.0), "weight of an event under law relax";
        fade: f64 = 0.0, "1/day", Domain::from_to(0.0, 1e6), "daily decrease of every participant's sentiment";
        mood: Mood = Mood::Counts, "", Mood::DOMAIN, "how outcomes update the system's sentiment: by counts of proposals, by shares of funds, or not, since it is the participants' mean";
    }
}

/// Law in effect.
#[derive(Clone, Copy)]
enum Law {
    Relax { weight: f64 },
    Add,
    Commons,
}

impl Outcomes {
    fn law(&self) -> Option<Law> {
        match self.law {
            OutcomeLaw::Relax => Some(Law::Relax {
                weight: self.weight,
            }),
            OutcomeLaw::Add => Some(Law::Add),
            OutcomeLaw::Commons => Some(Law::Commons),
            OutcomeLaw::Off => None,
        }
    }

    /// Returns true if participants' sentiments never change.
    fn moves_nobody(&self) -> bool {
        self.law().is_none() && self.fade == 0.0
    }
}

impl Law {
    /// Returns a sentiment after an event of this force.
    fn moved(self, sentiment: f64, force: f64) -> f64 {
        match self {
            Self::Relax { weight } => relaxed(sentiment, weight, force),
            Self::Add | Self::Commons => added(sentiment, force),
        }
    }

    /// Returns the force of a proposal's end on a participant with this affinity, who did or did not support
    /// it; `None` if it does not affect them.
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

/// Expected participation over the days so far.
#[derive(Component, Default)]
pub struct Engaged {
    /// Sum over days of the mean chance to act.
    sum: f64,
    /// Sum of the sentiments of the first `counted` participants.
    sentiments: f64,
    counted: usize,
}

impl PerRun for Engaged {}

crate::columns! {
    /// Effects of outcomes on participants.
    OwnSentimentRow, OwnSentimentRows {
        mean_own_sentiment_final: f64, "", "mean of the participants' own sentiments at the end of the run" => max;
        engaged_mean: f64, "", "mean over days of the participants' mean chance to act: base_engagement_rate times own sentiment" => max;
    }
}

/// Registers the effects of outcomes.
pub fn outcomes(model: &mut ModelBuilder) {
    model
        .settings::<Outcomes>()
        .check(|setting| needs_accounting(setting, "[outcomes]"))
        .warning(mood_stands_still)
        .per_run::<Opinions>()
        .per_run::<Engaged>()
        .start(Start::Draw, begin)
        .after(&["sentiment"])
        .system_if(has_law, Day::Progress, hear_of_ends)
        .after(&["proposals", "conflict"])
        .system_if(moves_somebody, Day::Release, hear_of_grants)
        .after(&["conviction", "conflict"])
        .system(Day::Release, note_engaged)
        .invariant(check)
        .columns::<OwnSentimentRows, _>(&["runs"], show);
}

/// Returns true if outcomes change participants' sentiments.
fn has_law(setting: &Setting) -> bool {
    setting.group::<Outcomes>().law().is_some()
}

/// Returns true if participants' sentiments can change.
fn moves_somebody(setting: &Setting) -> bool {
    !setting.group::<Outcomes>().moves_nobody()
}

/// Warns if sentiment is a mean that never changes.
fn mood_stands_still(setting: &Setting) -> Option<String> {
    let outcomes: Outcomes = setting.group();
    (outcomes.mood == Mood::Mean && outcomes.moves_nobody()).then(|| {
        "outcomes.mood is \"mean\", but with outcomes.law \"off\" and no outcomes.fade participants' sentiments never \
         change, so sentiment stays at initial.sentiment"
            .to_owned()
    })
}

fn begin(mut runs: Runs<(&Outcomes, &mut Opinions, &mut Sentiment)>) {
    for (_, (outcomes, opinions, sentiment)) in runs.batch() {
        opinions.wanted = outcomes.law().is_some();
        sentiment.measure = match outcomes.mood {
            Mood::Funds => Measure::Funds,
            Mood::Mean => Measure::Nothing,
            Mood::Counts => Measure::Counts,
        };
    }
}

/// Returns the mean over participants who have not left.
fn mean(sentiments: &[f64], departed: &Departed) -> f64 {
    if departed.count() == 0 {
        return sentiments.iter().sum::<f64>() / sentiments.len() as f64;
    }
    let rows = sentiments.iter().enumerate();
    let present = rows.filter(|&(row, _)| !departed.contains(row));
    let sum: f64 = present.map(|(_, sentiment)| sentiment).sum();
    sum / (sentiments.len() - departed.count()) as f64
}

crate::view! {
    /// Access of [`hear_of_ends`] to a run.
    struct HearingOfEnds<'w> {
        outcomes: &'w Outcomes,
        population: &'w Population,
        departed: &'w Departed,
        opinions: &'w mut Opinions,
        mood: &'w mut Sentiment,
    }
}

/// Applies completions and failures: each changes the sentiment of participants with an opinion of the
/// proposal, in order of id.
fn hear_of_ends(
    mut runs: Runs<HearingOfEnds>,
    mut people: Rows<&mut OwnSentiment>,
    mut proposals: Rows<(&Status, &History)>,
) {
    let batch = runs.batch();
    let (mut people, mut proposals) = (people.of_batch(&batch), proposals.of_batch(&batch));
    for (run, of) in batch {
        let Some(law) = of.outcomes.law() else {
            continue;
        };
        let (statuses, histories) = proposals.of(run);
        let sentiments = &mut people.of(run)[..of.population.participants];
        let mut moved = false;
        for opinion in &of.opinions.kept {
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
        of.opinions.forget_ended(statuses);
        if moved && of.mood.measure == Measure::Nothing {
            of.mood.value = mean(sentiments, of.departed);
        }
    }
}

crate::view! {
    /// Access of [`hear_of_grants`] to a run.
    struct HearingOfGrants<'w> {
        outcomes: &'w Outcomes,
        deciding: &'w Deciding,
        population: &'w Population,
        departed: &'w Departed,
        layout: &'w Layout,
        opinions: &'w Opinions,
        mood: &'w mut Sentiment,
    }
}

/// Applies grants: each changes the sentiment of participants with an opinion of the proposal, in order of id.
/// Then all sentiments fade.
fn hear_of_grants(
    mut runs: Runs<HearingOfGrants>,
    mut people: Rows<&mut OwnSentiment>,
    mut proposals: Rows<&History>,
    mut edges: Rows<&Affinity>,
    mut favourites: Local<Vec<f64>>,
) {
    let batch = runs.batch();
    let (mut people, mut proposals) = (people.of_batch(&batch), proposals.of_batch(&batch));
    let mut edges = edges.of_batch(&batch);
    for (run, of) in batch {
        let sentiments = &mut people.of(run)[..of.population.participants];
        let today = |opinion: &&Opinion| opinion.day == run.day;
        let mut moved = false;
        match of.outcomes.law() {
            Some(law @ Law::Commons) => {
                let histories = proposals.of(run);
                for opinion in of.opinions.kept.iter().filter(today) {
                    let proposer = histories[opinion.proposal as usize].proposer;
                    if proposer != NONE {
                        let sentiment = &mut sentiments[proposer as usize];
                        *sentiment = law.moved(*sentiment, PROPOSER_ACCEPTED);
                        moved = true;
                    }
                }
            }
            // A grant is compared with the favourite among the remaining candidates, if there is a choice.
            Some(law)
                if of.layout.candidates() > 1 && of.opinions.kept.iter().any(|o| today(&o)) =>
            {
                favourites.clear();
                favourites.resize(sentiments.len(), f64::NEG_INFINITY);
                let affinities = edges.of(run);
                for seat in of.layout.taken() {
                    for (most, &affinity) in favourites
                        .iter_mut()
                        .zip(of.layout.column(affinities, seat))
                    {
                        *most = most.max(affinity);
                    }
                }
                for opinion in of.opinions.kept.iter().filter(today) {
                    let each = opinion.affinities.iter().zip(&*favourites);
                    let each = sentiments.iter_mut().zip(each);
                    let present = each.filter(|(_, (affinity, _))| **affinity != ABSENT);
                    for (sentiment, (affinity, favourite)) in present {
                        let force = affinity - of.deciding.sensitivity * favourite;
                        *sentiment = law.moved(*sentiment, force);
                    }
                    moved = true;
                }
            }
            _ => {}
        }
        if of.outcomes.fade > 0.0 {
            for sentiment in &mut *sentiments {
                *sentiment = (*sentiment - of.outcomes.fade).max(0.0);
            }
            moved = true;
        }
        if moved && of.mood.measure == Measure::Nothing {
            of.mood.value = mean(sentiments, of.departed);
        }
    }
}

crate::view! {
    /// Access of [`note_engaged`] to a run.
    struct Engaging<'w> {
        outcomes: &'w Outcomes,
        deciding: &'w Deciding,
        population: &'w Population,
        departed: &'w Departed,
        engaged: &'w mut Engaged,
    }
}

/// Adds today's expected participation.
fn note_engaged(mut runs: Runs<Engaging>, mut people: Rows<&OwnSentiment>) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, of) in batch {
        let sentiments = &people.of(run)[..of.population.participants];
        let mean = if of.outcomes.moves_nobody() && of.departed.count() == 0 {
            // Only newcomers' sentiments are new.
            for sentiment in &sentiments[of.engaged.counted..] {
                of.engaged.sentiments += sentiment;
            }
            of.engaged.counted = sentiments.len();
            of.engaged.sentiments / sentiments.len() as f64
        } else {
            mean(sentiments, of.departed)
        };
        of.engaged.sum += of.deciding.base_engagement_rate * mean;
    }
}

/// Checks that sentiments stay between 0 and 1.
fn check(mut runs: Runs<(&Population, &Sentiment, &Failing)>, mut people: Rows<&OwnSentiment>) {
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
    mut runs: Sampled<(
        &Population,
        &Departed,
        &Engaged,
        &mut Gathered<OwnSentimentRows>,
    )>,
    mut people: Rows<&OwnSentiment>,
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
