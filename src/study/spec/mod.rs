//! The spec of a sweep or of a run: a TOML file, checked whole, all faults reported at once.
//!
//! | file | what it reads |
//! |---|---|
//! | `document` | the tables of the file, but for |
//! | `factors` | what is varied: axes, |
//! | `designs` | and at which points |
//! | `reader` | single values, with their faults |

mod designs;
mod document;
mod factors;
mod reader;

pub(crate) use document::RUN_KEYS;
pub use document::{assign, parse_rules};

use super::axis::Axis;
use super::design::Design;
use super::tables::{TABLES, Table};
use crate::model::{Key, Setting, Value};
use document::{Purpose, parse};
use std::path::{Path, PathBuf};

/// What a sweep is asked to do.
#[derive(Clone)]
pub struct Spec {
    /// The root seed.
    pub seed: u64,
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
}

/// What a sweep writes.
#[derive(Clone, Debug)]
pub struct OutputSpec {
    /// The tables, in the order of [`TABLES`].
    pub tables: Vec<&'static dyn Table>,
    /// `days` holds every so many days; and always the last.
    pub every: u32,
}

/// One thing that is wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecFault {
    /// Where, if it was in a file: the line, from 1.
    pub line: Option<usize>,
    /// The key.
    pub key: String,
    /// What was found and expected, and a way out.
    pub message: String,
}

/// All that is wrong with a spec.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// The file cannot be read.
    #[error("{}: cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What it says makes no sense.
    #[error("{}", list(source_name, faults))]
    Faults {
        /// The file, or `--set`.
        source_name: String,
        /// Everything that was found.
        faults: Vec<SpecFault>,
    },
}

fn list(source_name: &str, faults: &[SpecFault]) -> String {
    let lines: Vec<_> = faults
        .iter()
        .map(|fault| {
            let place = fault.line.map_or(String::new(), |line| format!(":{line}"));
            let key = &fault.key;
            let gap = if key.is_empty() { "" } else { ": " };
            format!("{source_name}{place}: {key}{gap}{}", fault.message)
        })
        .collect();
    lines.join("\n")
}

impl Spec {
    /// Reads the spec of a sweep.
    ///
    /// # Errors
    /// When the file cannot be read, or with everything that is wrong in it.
    pub fn read(path: &Path) -> Result<Self, SpecError> {
        let text = std::fs::read_to_string(path).map_err(|source| SpecError::Read {
            path: path.to_owned(),
            source,
        })?;
        let directory = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, &path.display().to_string(), directory)
    }

    /// Parses the spec of a sweep; `source_name` names it in errors, and paths in it start at
    /// `directory`.
    ///
    /// # Errors
    /// With everything that is wrong.
    pub fn parse(text: &str, source_name: &str, directory: &Path) -> Result<Self, SpecError> {
        parse(text, source_name, directory, Purpose::Sweep)
    }

    /// Reads the configuration of a single run: seed and base setting.
    ///
    /// # Errors
    /// When the file cannot be read, or with everything that is wrong in it.
    pub fn read_run(path: &Path) -> Result<Self, SpecError> {
        let text = std::fs::read_to_string(path).map_err(|source| SpecError::Read {
            path: path.to_owned(),
            source,
        })?;
        let name = path.display().to_string();
        parse(&text, &name, Path::new(""), Purpose::Run)
    }
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            seed: 0,
            replicates: 1,
            randomness: Randomness::Common,
            base: Setting::default(),
            fixed: Vec::new(),
            factors: Vec::new(),
            variants: Vec::new(),
            output: OutputSpec {
                tables: TABLES[..1].to_vec(),
                every: 1,
            },
        }
    }
}
