//! The spec of a sweep or of a run: a TOML file, checked whole, all faults reported at once.
//!
//! | file | what it reads |
//! |---|---|
//! | `document` | the tables of the file, but for |
//! | `factors` | what is varied: axes, |
//! | `designs` | and at which points, |
//! | `points` | by a design or out of a table |
//! | `constraints` | what settings must keep |
//! | `objectives` | what outcomes should meet |
//! | `lists` | settings that are lists of numbers, |
//! | `reader` | single values, with their faults |
//! | `home` | which table a key stands in |
//! | `fault` | what can be wrong |
//! | `syntax` | text that is not TOML |
//! | `source` | where the text comes from |

mod constraints;
mod designs;
mod document;
mod factors;
mod fault;
mod home;
mod lists;
mod objectives;
mod points;
mod presets;
mod reader;
mod source;
mod syntax;

#[cfg(feature = "files")]
pub(in crate::study) use document::model_of;
pub use document::parse_rules;
#[cfg(feature = "cli")]
pub(crate) use fault::and_more;
pub use fault::{Excerpt, MOST_FAULTS, SpecError, SpecFault};
pub use home::Home;

use super::axis::Axis;
use super::condition::Condition;
use super::design::Design;
use super::objective::Objective;
use super::tables;
use super::world::World;
use crate::engine::{Key, Model, Output, Setting, Value};
use arrow_array::RecordBatch;
use document::{Purpose, parse};
use source::Source;
use std::path::Path;

/// The largest root seed: the largest whole number that TOML has, so that any seed can be recorded.
pub const MOST_SEED: u64 = i64::MAX as u64;

/// What a sweep is asked to do.
#[derive(Clone)]
pub struct Spec {
    /// The model whose settings these are.
    pub model: Model,
    /// The root seed, at most [`MOST_SEED`].
    pub seed: u64,
    /// The random world of a single run. A sweep counts its worlds itself.
    pub world: World,
    /// Runs per point.
    pub replicates: u32,
    /// Whether replicate k meets the same random world at every point.
    pub randomness: Randomness,
    /// What holds wherever no axis or variant says otherwise.
    pub base: Setting,
    /// The keys of `base` that the file sets.
    pub fixed: Vec<&'static Key>,
    /// What is varied: axes, or levers and uncertainties; crossed with each other.
    pub factors: Vec<Factor>,
    /// Named settings, crossed with the factors; may be empty.
    pub variants: Vec<Variant>,
    /// The role of the variants: lever or uncertainty.
    pub variant_role: Role,
    /// The outcomes by which lever settings are compared; may be empty.
    pub objectives: Vec<Objective>,
    /// The question that the study answers; may be empty.
    pub title: String,
    /// What settings must keep; points that do not are not simulated.
    pub constraints: Vec<Condition>,
    /// What is written.
    pub output: OutputSpec,
}

/// How the random worlds of runs relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Randomness {
    /// Replicate k meets the same random world at every point, so that points are paired.
    Common,
    /// Every run meets a world of its own.
    Independent,
}

impl Randomness {
    const NAMES: [&'static str; 2] = ["common", "independent"];

    /// The name as written in a spec.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// What a factor's axes are to the study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Neither told.
    Axis,
    /// What a DAO chooses.
    Lever,
    /// What the world does.
    Uncertainty,
}

impl Role {
    /// The table of the spec that holds such axes.
    pub fn table(self) -> &'static str {
        match self {
            Self::Axis => "axes",
            Self::Lever => "levers",
            Self::Uncertainty => "uncertainties",
        }
    }

    /// The name in the metadata of a column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Axis => "axis",
            Self::Lever => "lever",
            Self::Uncertainty => "uncertainty",
        }
    }
}

/// Axes that are varied together, by one design.
#[derive(Clone)]
pub struct Factor {
    /// What they are to the study.
    pub role: Role,
    /// The axes.
    pub axes: Vec<Axis>,
    /// At which points.
    pub design: Design,
}

/// A named setting.
#[derive(Clone)]
pub struct Variant {
    /// The name.
    pub name: String,
    /// What it sets.
    pub settings: Vec<(&'static Key, Value)>,
    /// How many of these, the first, the file itself sets; the others are those of its preset.
    pub own: usize,
}

/// What a sweep writes.
#[derive(Clone, Debug)]
pub struct OutputSpec {
    /// The tables, in the order of [`tables::tables`].
    pub tables: Vec<Output>,
    /// `days` holds every so many days; and always the last.
    pub every: u32,
}

impl Spec {
    /// Reads the spec of a sweep from a file, or from standard input if `path` is `-`.
    ///
    /// # Errors
    /// When the file cannot be read, or with what is wrong in it.
    pub fn read(model: &Model, path: &Path) -> Result<Self, SpecError> {
        let source = Source::read(path)?;
        Self::parse(model, &source.text, &source.name, &source.directory)
    }

    /// Parses the spec of a sweep; `source_name` names it in errors, and paths in it start at
    /// `directory`.
    ///
    /// # Errors
    /// With what is wrong in it.
    pub fn parse(
        model: &Model,
        text: &str,
        source_name: &str,
        directory: &Path,
    ) -> Result<Self, SpecError> {
        parse(model, text, source_name, directory, Purpose::Sweep)
    }

    /// Parses the configuration of a single run, seed and base setting; `source_name` names it in errors,
    /// and paths in it start at `directory`.
    ///
    /// # Errors
    /// With what is wrong in it.
    pub fn parse_run(
        model: &Model,
        text: &str,
        source_name: &str,
        directory: &Path,
    ) -> Result<Self, SpecError> {
        parse(model, text, source_name, directory, Purpose::Run)
    }

    /// Reads the configuration of a single run, seed and base setting, from a file, or from standard
    /// input if `path` is `-`.
    ///
    /// # Errors
    /// When the file cannot be read, or with what is wrong in it.
    pub fn read_run(model: &Model, path: &Path) -> Result<Self, SpecError> {
        let source = Source::read(path)?;
        Self::parse_run(model, &source.text, &source.name, &source.directory)
    }
}

impl Spec {
    /// A sweep over points held in memory, a row each, with a column per key that is varied; all else as
    /// in [`Spec::of`], to be changed as wanted.
    ///
    /// # Errors
    /// With what is wrong in the points.
    pub fn of_points(model: &Model, points: &RecordBatch) -> Result<Self, SpecError> {
        Self::of(model).over_points(points)
    }

    /// This spec with other points: those held in memory, a row each, with a column per key that is
    /// varied, instead of its axes. A key of an extension switches it on.
    ///
    /// # Errors
    /// With what is wrong in the points, or where they repeat what is fixed.
    pub fn over_points(self, points: &RecordBatch) -> Result<Self, SpecError> {
        document::over_points(self, points)
    }

    /// The same spec of its model with more extensions on.
    fn switch_on(&mut self, model: &Model) {
        self.base = self.base.in_model(model);
        let own = self.output.tables.iter();
        self.output.tables = own
            .filter_map(|table| model.output(table.name))
            .copied()
            .collect();
        self.model = model.clone();
    }

    /// Changes the base setting as `KEY=VALUE` assignments say, such as `beta=0.3`. A key of an extension,
    /// such as `attacker.0.share=0.2`, switches it on.
    ///
    /// # Errors
    /// With everything that is wrong in them; the spec is then as it was.
    pub fn assign(&mut self, assignments: &[String]) -> Result<(), SpecError> {
        document::assign(self, assignments, "--set")
    }

    /// As [`Spec::assign`], for a sweep: it changes seed and replicates as well, and no key that is varied.
    ///
    /// # Errors
    /// As [`Spec::assign`].
    pub fn assign_sweep(&mut self, assignments: &[String]) -> Result<(), SpecError> {
        document::assign_sweep(self, assignments, "--set")
    }

    /// As [`Spec::assign`]; `source_name` names the assignments in errors.
    ///
    /// # Errors
    /// As [`Spec::assign`].
    pub fn assign_from(
        &mut self,
        source_name: &str,
        assignments: &[String],
    ) -> Result<(), SpecError> {
        document::assign(self, assignments, source_name)
    }

    /// This spec with the paths of its files made absolute, so that its text means the same wherever it is
    /// read; relative ones start at `directory`.
    pub fn anchored(&self, directory: &Path) -> Self {
        let mut spec = self.clone();
        for factor in &mut spec.factors {
            if let Design::File { path, .. } = &mut factor.design {
                let file = directory.join(&path);
                // Only an unknown working directory leaves a path relative.
                *path = std::path::absolute(&file).unwrap_or(file);
            }
        }
        spec
    }

    /// One run of the defaults of a model.
    pub fn of(model: &Model) -> Self {
        Self {
            model: model.clone(),
            seed: 0,
            world: World::default(),
            replicates: 1,
            randomness: Randomness::Common,
            base: model.setting(),
            fixed: Vec::new(),
            factors: Vec::new(),
            variants: Vec::new(),
            variant_role: Role::Lever,
            objectives: Vec::new(),
            title: String::new(),
            constraints: Vec::new(),
            output: OutputSpec {
                tables: tables::tables(model).take(1).collect(),
                every: 1,
            },
        }
    }
}
