//! Search: finds settings that no other beats, generation by generation.
//!
//! Every generation is a separate dataset. Its settings follow from the seed, its number and the datasets before it.
//! A search is therefore byte-identical after interruptions, on any number of threads and in several processes. Each
//! generation draws other worlds, and a setting enters the archive once it was tried in enough of them. At the end
//! the archive is evaluated again, in worlds that the search never met.
//!
//! ```text
//! search.toml               the resolved spec and the other inputs of the search
//! settings-000.csv          the settings of a generation, and generation-000/ their dataset
//! fresh-020.csv, fresh-020/ the archive after 20 generations, in worlds that the search never met
//! archive.json              the archive, with both values of each objective; archive.parquet too
//! ```
//!
//! | file | purpose |
//! |---|---|
//! | `space` | defines the searched axes and the admitted settings |
//! | `trials` | collects results of the settings tried |
//! | `rank` | ranks settings by constraints, domination and crowding |
//! | `vary` | makes new settings out of good ones |
//! | `archive` | selects the settings that no other beats by more than their intervals |
//! | `answer` | presents the archive as JSON and as a table |
//! | `record` | records the inputs of a search in its place |
//!
//! The steps are those of NSGA-II (Deb et al. 2002), with `libm` and pinned streams. The crates moors 0.2 and
//! optirustic 1.2 run their own loops and have no ask-and-tell interface. Their powers and random generators are
//! those of the platform and of a version of `rand`.

mod answer;
mod archive;
mod rank;
mod record;
mod space;
mod trials;
mod vary;

pub use answer::{Found, Mean, Member, ObjectiveFound};

use crate::analyse::AnalyseError;
use crate::analyse::runs::Runs;
use crate::engine::{Goal, Seeds, Stream};
use crate::study::dataset::DatasetError;
use crate::study::execute::{self, OnFailure, Progress, Slice};
use crate::study::objective::Objective;
use crate::study::plan::PlanError;
use crate::study::record::Check;
use crate::study::store::StoreError;
use crate::study::{Dataset, Plan, Spec, SweepError, open_store, sweep};
use parquet::errors::ParquetError;
use record::Place;
use space::Space;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use trials::Trials;

/// Options of a search.
#[derive(Clone, Debug)]
pub struct Options {
    /// Number of generations, the first of which is the design of the spec.
    pub generations: u32,
    /// Number of settings that each later generation tries, at least 2.
    pub population: usize,
    /// Fewest worlds in which a setting is tried before it may enter the archive.
    pub least_worlds: u64,
    /// Number of half widths of an objective's interval by which two settings must differ to count as different.
    pub epsilon: f64,
    /// Number of the lever setting whose worst worlds are searched; `None` searches lever settings.
    pub worst_of: Option<usize>,
    /// Objectives in the syntax of [`Objective::parse`]; those of the spec if empty.
    pub objectives: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            generations: 20,
            population: 24,
            least_worlds: 100,
            epsilon: 1.0,
            worst_of: None,
            objectives: Vec::new(),
        }
    }
}

/// Execution options of a search; none changes its result.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    /// Worker threads, at least 1.
    pub threads: usize,
    /// True to continue an existing search.
    pub resume: bool,
    /// Parts of each generation that this process does first; it then does all other missing parts.
    pub slice: Slice,
}

/// Reasons why a search failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// The question does not suit the spec.
    #[error("{0}")]
    Question(String),
    /// A text is not an objective of the spec.
    #[error("objective {text}: {problem}")]
    Objective {
        /// Text.
        text: String,
        /// Problem and fix.
        problem: String,
    },
    /// The spec makes no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The place already holds a search.
    #[error("{place}: holds a search already; --resume continues it, or choose another directory")]
    Exists {
        /// Name of the place.
        place: String,
    },
    /// The place holds another search.
    #[error("{place}: holds another search; choose another directory. What differs:\n{}", differences.join("\n"))]
    Differs {
        /// Name of the place.
        place: String,
        /// Differences, one per line.
        differences: Vec<String>,
    },
    /// The place cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The dataset of a generation cannot be used.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A generation could not be simulated.
    #[error("generation {generation}")]
    Sweep {
        /// Number of the generation.
        generation: u32,
        /// Cause.
        source: SweepError,
    },
    /// A generation cannot be read.
    #[error(transparent)]
    Analyse(#[from] AnalyseError),
    /// The archive cannot be written as Parquet.
    #[error("the archive cannot be written as Parquet")]
    Parquet(#[from] ParquetError),
}

/// Receiver of the progress of a search, besides the runs of each generation.
pub trait Listener: Progress {
    /// Reports that a generation begins, with this many settings to try.
    fn generation(&self, _number: u32, _of: u32, _settings: usize) {}
}

impl Listener for () {}

/// Searches the settings of a spec, in the place of this name. Setting `stop` asks for a clean end, and this returns
/// `None`; the same call with `resume` continues.
///
/// # Errors
/// When the question does not suit the spec, the place holds something else, or a generation cannot be simulated.
pub fn search(
    spec: Spec,
    place: &Path,
    options: &Options,
    running: Running,
    listener: &dyn Listener,
    stop: &AtomicBool,
) -> Result<Option<Found>, SearchError> {
    check(options)?;
    let spec = with_objectives(spec, &options.objectives)?;
    let Some(space) = Space::new(spec, options.worst_of, stop)? else {
        return Ok(None);
    };
    let place = Place::begin(place, &space, options, running)?;
    let mut search = Search {
        trials: Trials::new(objectives(&space)),
        place,
        space,
        options,
        running,
        listener,
        stop,
    };
    for generation in 0..options.generations {
        let Some(settings) = search.ask(generation)? else {
            return Ok(None);
        };
        if settings.is_empty() {
            // All possible settings were tried.
            break;
        }
        listener.generation(generation, options.generations, settings.len());
        let name = format!("generation-{generation:03}");
        let file = format!("settings-{generation:03}.csv");
        let seed = search.seed("search worlds", generation);
        let mut tried = search.trials.clone();
        if !search.simulate(generation, (&name, &file), &settings, (seed, 1), &mut tried)? {
            return Ok(None);
        }
        search.trials = tried;
    }
    search.conclude()
}

fn check(options: &Options) -> Result<(), SearchError> {
    let wrong = |problem: String| Err(SearchError::Question(problem));
    match options {
        Options { generations: 0, .. } => wrong("generations: expected at least 1".to_owned()),
        Options {
            population: 0 | 1, ..
        } => wrong("population: expected at least 2".to_owned()),
        Options { epsilon, .. } if !(*epsilon >= 0.0 && epsilon.is_finite()) => wrong(format!(
            "epsilon: expected a number from 0, found {epsilon}"
        )),
        _ => Ok(()),
    }
}

/// Returns the spec with these objectives; without texts, with its own.
fn with_objectives(mut spec: Spec, texts: &[String]) -> Result<Spec, SearchError> {
    if !texts.is_empty() {
        let columns = spec.number_columns();
        spec.objectives.clear();
        for text in texts {
            let wrong = |problem: String| SearchError::Objective {
                text: text.clone(),
                problem,
            };
            let read = Objective::parse(text, &columns).map_err(|error| wrong(error.problem))?;
            if spec.objectives.iter().any(|other| other.name == read.name) {
                let problem = "name taken by another objective; choose another";
                return Err(wrong(problem.to_owned()));
            }
            spec.objectives.push(read);
        }
    }
    match spec.objectives.is_empty() {
        true => Err(SearchError::Question(
            "objective: missing; add [[objective]] to the spec, or --objective 'NAME = COLUMN max'"
                .to_owned(),
        )),
        false => Ok(spec),
    }
}

/// Returns the objectives of the search: a search for the worst reverses the goals.
fn objectives(space: &Space) -> Vec<Objective> {
    let turned = |objective: &Objective| Objective {
        goal: match objective.goal {
            Goal::Min => Goal::Max,
            _ => Goal::Min,
        },
        ..objective.clone()
    };
    let own = space.spec.objectives.iter();
    match space.is_worst {
        true => own.map(turned).collect(),
        false => own.cloned().collect(),
    }
}

/// Search under way.
struct Search<'s> {
    space: Space,
    place: Place,
    options: &'s Options,
    running: Running,
    listener: &'s dyn Listener,
    stop: &'s AtomicBool,
    trials: Trials,
}

impl Search<'_> {
    /// Returns a separate seed for each purpose and generation, within the range of root seeds.
    fn seed(&self, purpose: &'static str, generation: u32) -> u64 {
        let seeds = Seeds {
            root: self.space.spec.seed,
            world: u64::from(generation),
        };
        seeds.seed(Stream::named(purpose)) >> 1
    }

    /// Returns the settings to try next; `None` once `stop` is set.
    fn ask(&self, generation: u32) -> Result<Option<Vec<space::Point>>, SearchError> {
        match generation {
            0 => self.space.first(self.stop),
            _ => {
                let seeds = Seeds {
                    root: self.space.spec.seed,
                    world: u64::from(generation),
                };
                let source = seeds.source(Stream::named("search variation"));
                let scores = self.trials.scores(self.space.is_worst);
                let asked = vary::ask(
                    &self.space,
                    &self.trials,
                    &scores,
                    self.options,
                    source,
                    self.stop,
                );
                Ok(asked)
            }
        }
    }

    /// Simulates settings into a dataset and records the results; returns false once `stop` is set. `seed` is that of
    /// the runs, and `times` multiplies the spec's replicates.
    fn simulate(
        &self,
        generation: u32,
        (name, file): (&str, &str),
        settings: &[space::Point],
        (seed, times): (u64, u32),
        trials: &mut Trials,
    ) -> Result<bool, SearchError> {
        let csv = self.space.csv(settings);
        let spec = self.space.generation(settings, file, &csv, seed, times);
        self.place.put(file, csv.as_bytes())?;
        let Some(plan) = Plan::interruptible(spec, self.stop)? else {
            return Ok(false);
        };
        let store = open_store(self.place.folder(name))?;
        for slice in slices(self.running.slice) {
            let options = execute::Options {
                threads: self.running.threads,
                // The record of the place shows that its datasets belong to this search.
                resume: true,
                check: Check::Size,
                slice,
                on_failure: OnFailure::Record,
            };
            let progress = Heard(self.listener);
            let swept = sweep(&plan, &*store, options, &progress, self.stop);
            let swept = swept.map_err(|source| SearchError::Sweep { generation, source })?;
            if swept.interrupted {
                return Ok(false);
            }
        }
        let dataset = Dataset::of(store)?;
        let runs = Runs::verified(&dataset, self.stop)?;
        match trials.tell(generation, &plan, &self.space, settings, runs) {
            Err(AnalyseError::Interrupted) => Ok(false),
            told => told.map(|()| true).map_err(SearchError::from),
        }
    }

    /// Evaluates the archive in worlds that the search never met, and writes the result.
    fn conclude(self) -> Result<Option<Found>, SearchError> {
        let scores = self.trials.scores(self.space.is_worst);
        let archive = archive::archive(&self.trials, &scores, self.options);
        let settings: Vec<space::Point> = archive
            .members
            .iter()
            .map(|&trial| self.trials.all[trial].setting.clone())
            .collect();
        let mut fresh = Trials::new(objectives(&self.space));
        if !settings.is_empty() {
            let last = self.options.generations;
            let (name, file) = (format!("fresh-{last:03}"), format!("fresh-{last:03}.csv"));
            let seed = self.seed("search fresh worlds", last);
            let times = archive
                .members
                .iter()
                .map(|&trial| self.trials.all[trial].generations);
            let times = times.max().unwrap_or(1);
            if !self.simulate(last, (&name, &file), &settings, (seed, times), &mut fresh)? {
                return Ok(None);
            }
        }
        let found = Found::new(&self.space, self.options, &self.trials, &archive, &fresh);
        self.place.conclude(&found)?;
        Ok(Some(found))
    }
}

/// Returns the slices that a process does in turn: its own, then all missing parts, which the next generation needs.
fn slices(slice: Slice) -> Vec<Slice> {
    match slice {
        Slice::Every { .. } => vec![slice, Slice::Any],
        Slice::Whole | Slice::Any => vec![slice],
    }
}

/// Receiver of the runs of a generation, for a listener.
struct Heard<'l>(&'l dyn Listener);

impl Progress for Heard<'_> {
    fn begin(&self, runs: u64) {
        self.0.begin(runs);
    }

    fn advance(&self, runs: u64) {
        self.0.advance(runs);
    }

    fn part(&self, part: u64) {
        self.0.part(part);
    }

    fn end(&self) {
        self.0.end();
    }
}
