//! Reads the spec of a sweep or a run: a TOML file, checked completely, with all faults reported at once.
//!
//! | file | contents |
//! |---|---|
//! | `document` | the top level of the file |
//! | `settings` | `[model]`, rules, and the tables of features |
//! | `variants` | variants |
//! | `assignments` | assignments `KEY=VALUE` |
//! | `enabling` | the extensions that a spec enables |
//! | `factors` | axes, or levers and uncertainties |
//! | `designs` | designs |
//! | `points` | tables of points |
//! | `constraints` | constraints on settings |
//! | `output` | tables and columns to write |
//! | `columns` | the columns of each table written |
//! | `objectives` | objectives |
//! | `lists` | settings that files contain: lists of numbers and documents |
//! | `reader` | single values, and the collection of faults |
//! | `spec_table` | tables of keys |
//! | `fault` | faults |
//! | `syntax` | errors of TOML syntax |
//! | `source` | input of the text |

mod assignments;
mod columns;
mod constraints;
mod designs;
mod document;
mod enabling;
mod factors;
mod fault;
mod lists;
mod objectives;
mod output;
mod points;
mod presets;
mod reader;
mod settings;
mod source;
mod spec_table;
mod syntax;
mod variants;

pub use columns::OutputSpec;
pub use document::parse_rules;
#[cfg(feature = "files")]
pub(in crate::study) use enabling::model_of;
#[cfg(feature = "cli")]
pub(crate) use fault::and_more;
pub use fault::{Excerpt, MOST_FAULTS, SpecError, SpecFault};
pub(super) use output::ALL;
pub use spec_table::SpecTable;

use super::axis::Axis;
use super::condition::Condition;
use super::design::{Design, File};
use super::objective::Objective;
use super::tables;
use super::world::World;
use crate::engine::{Key, Model, Setting, Value};
use arrow_array::RecordBatch;
use document::{Purpose, parse};
use source::Source;
use std::collections::BTreeMap;
use std::path::Path;

/// Largest root seed: the largest TOML integer, so that any seed can be recorded.
pub const MOST_SEED: u64 = i64::MAX as u64;

/// Maximum number of replicates: tables number them in signed 32-bit integers.
pub const MOST_REPLICATES: u64 = i32::MAX as u64;

/// Spec of a sweep.
#[derive(Clone)]
pub struct Spec {
    /// Model of the settings.
    pub model: Model,
    /// Root seed, at most [`MOST_SEED`].
    pub seed: u64,
    /// Random world of a single run. A sweep numbers its own worlds.
    pub world: World,
    /// Runs per point.
    pub replicates: u32,
    /// Relation of random worlds across points.
    pub randomness: Randomness,
    /// Base setting, which axes and variants override.
    pub base: Setting,
    /// Keys of `base` that the file sets.
    pub fixed: Vec<&'static Key>,
    /// Keys of `base` that a preset sets.
    pub preset: Vec<&'static Key>,
    /// Axes, or levers and uncertainties, crossed with each other.
    pub factors: Vec<Factor>,
    /// Named settings, crossed with the factors; may be empty.
    pub variants: Vec<Variant>,
    /// Role of the variants: lever or uncertainty.
    pub variant_role: Role,
    /// Outcomes by which lever settings are compared; may be empty.
    pub objectives: Vec<Objective>,
    /// Question that the study answers; may be empty.
    pub title: String,
    /// Constraints; points that violate them are not simulated.
    pub constraints: Vec<Condition>,
    /// Output.
    pub output: OutputSpec,
}

/// Relation of the random worlds of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Randomness {
    /// Replicate k has the same random world at every point, so that points are paired.
    Common,
    /// Every run has its own world.
    Independent,
}

impl Randomness {
    const NAMES: [&'static str; 2] = ["common", "independent"];

    /// Returns the name in a spec.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// Role of a factor's axes in the study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Unspecified.
    Axis,
    /// Choice of a DAO.
    Lever,
    /// Property of the world.
    Uncertainty,
}

impl Role {
    /// Returns the table of the spec that contains such axes.
    pub fn table(self) -> &'static str {
        match self {
            Self::Axis => "axes",
            Self::Lever => "levers",
            Self::Uncertainty => "uncertainties",
        }
    }

    /// Returns the name in the metadata of a column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Axis => "axis",
            Self::Lever => "lever",
            Self::Uncertainty => "uncertainty",
        }
    }
}

/// Axes that vary together, by one design.
#[derive(Clone)]
pub struct Factor {
    /// Role in the study.
    pub role: Role,
    /// Axes.
    pub axes: Vec<Axis>,
    /// Design, which chooses the points.
    pub design: Design,
}

/// A named setting.
#[derive(Clone)]
pub struct Variant {
    /// Name.
    pub name: String,
    /// Values that it sets.
    pub settings: Vec<(&'static Key, Value)>,
    /// Number of leading values that the file itself sets; the others come from its preset.
    pub own: usize,
}

impl Spec {
    /// Reads the spec of a sweep from a file, or from standard input if `path` is `-`.
    ///
    /// # Errors
    /// When the file cannot be read; otherwise every fault in the spec.
    pub fn read(model: &Model, path: &Path) -> Result<Self, SpecError> {
        let source = Source::read(path)?;
        Self::parse(model, &source.text, &source.name, &source.directory)
    }

    /// Parses the spec of a sweep; errors name it `source_name`, and its paths are relative to `directory`.
    ///
    /// # Errors
    /// Returns every fault found in the spec.
    pub fn parse(
        model: &Model,
        text: &str,
        source_name: &str,
        directory: &Path,
    ) -> Result<Self, SpecError> {
        parse(model, text, source_name, directory, Purpose::Sweep)
    }

    /// Parses the configuration of a single run, seed and base setting; errors name it `source_name`, and its
    /// paths are relative to `directory`.
    ///
    /// # Errors
    /// Returns every fault found in the configuration.
    pub fn parse_run(
        model: &Model,
        text: &str,
        source_name: &str,
        directory: &Path,
    ) -> Result<Self, SpecError> {
        parse(model, text, source_name, directory, Purpose::Run)
    }

    /// Reads the configuration of a single run, seed and base setting, from a file, or from standard input if
    /// `path` is `-`.
    ///
    /// # Errors
    /// When the file cannot be read; otherwise every fault in the configuration.
    pub fn read_run(model: &Model, path: &Path) -> Result<Self, SpecError> {
        let source = Source::read(path)?;
        Self::parse_run(model, &source.text, &source.name, &source.directory)
    }
}

impl Spec {
    /// Creates a sweep over points held in memory, one per row, with a column per varied key; everything else
    /// as in [`Spec::of`].
    ///
    /// # Errors
    /// Returns every fault in the points.
    pub fn of_points(model: &Model, points: &RecordBatch) -> Result<Self, SpecError> {
        Self::of(model).over_points(points)
    }

    /// Replaces the axes by points held in memory, one per row, with a column per varied key. A key of an
    /// extension enables it.
    ///
    /// # Errors
    /// Returns every fault in the points, including keys that the spec fixes.
    pub fn over_points(self, points: &RecordBatch) -> Result<Self, SpecError> {
        points::over_points(self, points)
    }

    /// Moves the spec to a model with more extensions enabled.
    fn switch_on(&mut self, model: &Model) {
        self.base = self.base.with_keys(model.keys());
        let own = self.output.tables.iter();
        self.output.tables = own
            .filter_map(|table| model.output(table.name))
            .copied()
            .collect();
        self.model = model.clone();
    }

    /// Changes the base setting by `KEY=VALUE` assignments, such as `beta=0.3`. A key of an extension, such as
    /// `attacker.0.share=0.2`, enables it.
    ///
    /// # Errors
    /// Returns every fault in the assignments; the spec is then unchanged.
    pub fn assign(&mut self, assignments: &[String]) -> Result<(), SpecError> {
        assignments::assign(self, assignments, "--set")
    }

    /// Same as [`Spec::assign`], for a sweep: also changes seed and replicates, but no key that varies.
    ///
    /// # Errors
    /// Same as [`Spec::assign`].
    pub fn assign_sweep(&mut self, assignments: &[String]) -> Result<(), SpecError> {
        assignments::assign_sweep(self, assignments, "--set")
    }

    /// Same as [`Spec::assign`]; errors name the assignments `source_name`.
    ///
    /// # Errors
    /// Same as [`Spec::assign`].
    pub fn assign_from(
        &mut self,
        source_name: &str,
        assignments: &[String],
    ) -> Result<(), SpecError> {
        assignments::assign(self, assignments, source_name)
    }

    /// Makes the paths of files absolute, so that the spec means the same wherever it is read; relative ones
    /// start at `directory`.
    pub fn anchored(&self, directory: &Path) -> Self {
        let mut spec = self.clone();
        for factor in &mut spec.factors {
            if let Design::File(File { path, .. }) = &mut factor.design {
                let file = directory.join(&path);
                // A path stays relative only if the working directory is unknown.
                *path = std::path::absolute(&file).unwrap_or(file);
            }
        }
        spec
    }

    /// Returns one run of the defaults of a model.
    pub fn of(model: &Model) -> Self {
        Self {
            model: model.clone(),
            seed: 0,
            world: World::default(),
            replicates: 1,
            randomness: Randomness::Common,
            base: model.setting(),
            fixed: Vec::new(),
            preset: Vec::new(),
            factors: Vec::new(),
            variants: Vec::new(),
            variant_role: Role::Lever,
            objectives: Vec::new(),
            title: String::new(),
            constraints: Vec::new(),
            output: OutputSpec {
                tables: tables::tables(model).take(1).collect(),
                every: 1,
                columns: BTreeMap::new(),
            },
        }
    }
}
