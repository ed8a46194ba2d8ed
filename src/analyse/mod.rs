//! Analysis of sweeps: passes over the runs of a dataset, or of a plan in memory, by point, lever setting and world.
//!
//! Every column that declares a goal is an outcome ([`outcome`]). Analyses know no outcome's meaning and draw no
//! figures: reports, the command line and Python show the numbers computed here.
//!
//! | file | purpose |
//! |---|---|
//! | [`runs`] | the rows of `runs`, part by part; the outcomes of a dataset |
//! | [`means`] | means by point |
//! | [`summary`], [`evaluate()`] | the means of a dataset, and of a plan that is simulated for them |
//! | [`histogram`], [`moments`] | distributions in bounded memory |
//! | [`levels`] | the levels of each axis |
//! | [`aggregate()`] | all runs, by level, by pair of levels, by variant |
//! | [`worlds`] | lever settings and worlds |
//! | [`robust`] | lever settings compared over worlds |
//! | [`discover`] | where a condition mostly holds |
//! | [`statistics`] | quantiles, Student's law, intervals of shares |
//! | [`clustered`] | intervals from runs that share points or random worlds |
//! | [`memory`] | runs held in memory, while more of them come |
//! | `fans` | states over the days |
//! | `answer` | the tables of answers |
//! | [`sensitivity`] | Sobol and PAWN indices, elementary effects, rank correlation |
//! | [`tracks`] | states of several things over the days, and what has happened to them |
//!
//! Without the feature `files`, only analyses that need no dataset remain.
//!
//! DataFusion 55 also groups and sketches, but it brings a query engine and hundreds of crates for sums over a layout
//! known in advance.

#[cfg(feature = "files")]
pub mod aggregate;
#[cfg(feature = "files")]
pub(crate) mod answer;
#[cfg(feature = "files")]
pub mod clustered;
#[cfg(feature = "files")]
mod differences;
#[cfg(feature = "files")]
pub mod discover;
#[cfg(feature = "files")]
mod evaluate;
#[cfg(feature = "files")]
mod fans;
pub mod histogram;
#[cfg(feature = "files")]
pub mod levels;
#[cfg(feature = "files")]
pub mod means;
pub mod memory;
pub mod moments;
pub mod outcome;
#[cfg(feature = "files")]
pub mod robust;
#[cfg(feature = "files")]
pub mod runs;
#[cfg(feature = "files")]
pub mod sensitivity;
pub mod statistics;
#[cfg(feature = "files")]
pub mod summary;
#[cfg(feature = "files")]
pub mod tracks;
#[cfg(feature = "files")]
pub mod worlds;

#[cfg(feature = "files")]
pub use aggregate::{Aggregate, aggregate};
#[cfg(feature = "files")]
pub use evaluate::{EvaluateError, evaluate};
#[cfg(feature = "files")]
pub use fans::Fans;
#[cfg(feature = "report")]
pub(crate) use fans::spread;
pub use outcome::Outcome;

#[cfg(feature = "files")]
use crate::input::TableError;
#[cfg(feature = "files")]
use crate::study::NotWhole;
#[cfg(feature = "files")]
use crate::study::condition::ConditionError;

/// Reasons why a dataset cannot be analysed.
#[cfg(feature = "files")]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyseError {
    /// A file of the dataset is missing or altered.
    #[error(transparent)]
    NotWhole(#[from] NotWhole),
    /// A table cannot be read or is inconsistent.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A text is not an objective of the dataset.
    #[error("objective {text}: {problem}")]
    Objective {
        /// Text.
        text: String,
        /// Problem and fix.
        problem: String,
    },
    /// No objective was given.
    #[error(
        "objective: missing; give one such as 'NAME = COLUMN max', or [[objective]] in the spec"
    )]
    NoObjective,
    /// A text is not a condition.
    #[error(transparent)]
    Condition(#[from] ConditionError),
    /// A name is not that of a column.
    #[error("{option}: {name} is not a column of runs{}", nearest.as_ref().map_or("; the schema of runs lists all".to_owned(), |near| format!("; did you mean {near}?")))]
    Column {
        /// Option with the name.
        option: &'static str,
        /// Name.
        name: String,
        /// Column with the closest name.
        nearest: Option<String>,
    },
    /// A condition holds in all runs or in none, so that no input can explain it.
    #[error("where: {condition} holds in {} of {rows} runs; choose another condition", if *holds { "all" } else { "none" })]
    Constant {
        /// Condition.
        condition: String,
        /// True if it holds in all runs.
        holds: bool,
        /// Number of runs.
        rows: usize,
    },
    /// A named axis is not varied in the dataset.
    #[error("{option}: {name} is not varied; the dataset varies {}", varied.join(", "))]
    Lever {
        /// Option with the name.
        option: &'static str,
        /// Name.
        name: String,
        /// Varied axes.
        varied: Vec<String>,
    },
    /// A number exceeds those of the dataset.
    #[error("{option}: {number} is too large; expected a number below {count}")]
    Number {
        /// Option with the number.
        option: &'static str,
        /// Number.
        number: usize,
        /// Count that it must be below.
        count: usize,
    },
    /// Nothing is varied, so that nothing can matter.
    #[error("the dataset varies nothing; add [axes] or [uncertainties] to its spec")]
    NothingVaried,
    /// The analysis was stopped.
    #[error("interrupted")]
    Interrupted,
    /// The value of an option is not a share.
    #[error("{option}: expected a share from 0 to 1, found {share}")]
    Share {
        /// Option with the share.
        option: &'static str,
        /// Number.
        share: f64,
    },
    /// Runs of different points share no worlds.
    #[error(
        "world: the runs of different points meet different worlds (randomness = \"independent\"); use point"
    )]
    Independent,
}
