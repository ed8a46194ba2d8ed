//! The directory of a sweep: what belongs there, and whether it is whole.
//!
//! ```text
//! dataset.toml               the resolved spec, the results version, the number of runs and parts
//! points.parquet             every setting of every point
//! runs/part-000000.parquet   a row per run; days/ and proposals/ likewise, where asked for
//! parts/part-000000.sha256   written last: the part is whole, and its files have these sums
//! ```

use super::plan::Plan;
use crate::RESULTS_VERSION;
use crate::output::{Metadata, OutputError, PARTIAL, hex, sync_directory, write_whole};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The name of the manifest.
pub const MANIFEST: &str = "dataset.toml";

/// The name of the table of points.
pub const POINTS: &str = "points.parquet";

/// What a dataset says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the results: equal versions give equal numbers.
    pub results_version: u32,
    /// How many points there are.
    pub points: u32,
    /// How many runs there are.
    pub runs: u64,
    /// Runs in each part but perhaps the last.
    pub runs_per_part: u64,
    /// How many parts there are.
    pub parts: u64,
    /// The tables, each a directory.
    pub tables: Vec<String>,
    /// The spec, every default filled in.
    pub spec: toml::Table,
}

impl Manifest {
    /// What the dataset of a plan says.
    pub fn of(plan: &Plan) -> Self {
        let output = plan.spec.output;
        let optional = [("days", output.days), ("proposals", output.proposals)];
        let optional = optional.iter().filter(|table| table.1).map(|table| table.0);
        Self {
            results_version: RESULTS_VERSION,
            points: plan.points,
            runs: plan.runs,
            runs_per_part: plan.runs_per_part,
            parts: plan.parts(),
            tables: ["runs"]
                .into_iter()
                .chain(optional)
                .map(str::to_owned)
                .collect(),
            spec: plan.spec.resolved(),
        }
    }

    fn text(&self) -> String {
        let toml = toml::to_string(self).expect("a manifest is plain TOML");
        format!("# A dataset of conviction; `conviction verify` says whether it is whole.\n{toml}")
    }
}

/// Why a directory cannot be used as a dataset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// It cannot be written, or holds something else.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// It holds a dataset already.
    #[error("{}: holds a dataset already; --resume finishes it, or choose another directory", path.display())]
    Exists {
        /// The directory.
        path: PathBuf,
    },
    /// It holds a dataset of another sweep.
    #[error("{}: holds the dataset of another sweep; choose another directory. What differs:\n{}", path.display(), differences.join("\n"))]
    Differs {
        /// The directory.
        path: PathBuf,
        /// What differs, a line each.
        differences: Vec<String>,
    },
    /// It holds no dataset.
    #[error("{}: is no dataset: {MANIFEST} cannot be read", path.display())]
    Missing {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The manifest is broken.
    #[error("{}: is no manifest of a dataset", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<toml::de::Error>,
    },
}

/// Whether a directory may hold the dataset already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// No: refuse it.
    Refuse,
    /// Yes, if it is that of the same sweep.
    Join,
}

/// The directory of a sweep.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The directory.
    pub directory: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
}

impl Dataset {
    /// Opens a dataset.
    ///
    /// # Errors
    /// When there is none, or its manifest is broken.
    pub fn open(directory: &Path) -> Result<Self, DatasetError> {
        let path = directory.join(MANIFEST);
        let text = fs::read_to_string(&path).map_err(|source| DatasetError::Missing {
            path: directory.to_owned(),
            source,
        })?;
        let manifest = toml::from_str(&text).map_err(|source| DatasetError::Manifest {
            path,
            source: Box::new(source),
        })?;
        Ok(Self {
            directory: directory.to_owned(),
            manifest,
        })
    }

    /// Makes a directory ready for the dataset of a plan.
    ///
    /// # Errors
    /// When it holds something else, or another dataset, or one at all and that is to be refused.
    pub fn prepare(
        directory: &Path,
        plan: &Plan,
        existing: Existing,
    ) -> Result<Self, DatasetError> {
        let manifest = Manifest::of(plan);
        if directory.join(MANIFEST).exists() {
            if existing == Existing::Refuse {
                return Err(DatasetError::Exists {
                    path: directory.to_owned(),
                });
            }
            let found = Self::open(directory)?;
            let differences = differences(&found.manifest, &manifest);
            if !differences.is_empty() {
                return Err(DatasetError::Differs {
                    path: directory.to_owned(),
                    differences,
                });
            }
        } else {
            // All that an interruption before the manifest can leave.
            let leftover = directory.join(MANIFEST).with_extension("toml.partial");
            if existing == Existing::Join && leftover.exists() {
                fs::remove_file(&leftover).map_err(|e| OutputError::write(&leftover, e))?;
            }
            crate::output::new_directory(directory)?;
            write_whole(&directory.join(MANIFEST), manifest.text().as_bytes())?;
        }
        let dataset = Self {
            directory: directory.to_owned(),
            manifest,
        };
        let tables = dataset.manifest.tables.iter().map(String::as_str);
        for table in tables.chain(["parts"]) {
            let path = directory.join(table);
            fs::create_dir_all(&path).map_err(|source| OutputError::write(&path, source))?;
        }
        sync_directory(directory)?;
        Ok(dataset)
    }

    /// The metadata of every file.
    pub fn metadata(&self) -> Metadata {
        let seed = self.manifest.spec.get("seed").map(ToString::to_string);
        let spec = toml::to_string(&self.manifest.spec).expect("a spec is plain TOML");
        vec![
            (
                "conviction.version".into(),
                env!("CARGO_PKG_VERSION").into(),
            ),
            (
                "conviction.results_version".into(),
                RESULTS_VERSION.to_string(),
            ),
            ("conviction.seed".into(), seed.unwrap_or_default()),
            ("conviction.spec".into(), spec),
        ]
    }

    /// The files of a part, relative to the directory.
    pub fn part_files(&self, part: u64) -> Vec<String> {
        let tables = self.manifest.tables.iter();
        tables
            .map(|table| format!("{table}/{}.parquet", part_name(part)))
            .collect()
    }

    /// The record that says that a part is whole, relative to the directory.
    pub fn part_record(part: u64) -> String {
        format!("parts/{}.sha256", part_name(part))
    }

    /// The record that says that the table of points is whole.
    pub const POINTS_RECORD: &str = "parts/points.sha256";

    /// Records that files (each with its sum) are whole, in the format of `sha256sum`.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub fn record(&self, record: &str, sums: &[(String, String)]) -> Result<(), OutputError> {
        for (file, _) in sums {
            let directory = self.directory.join(file);
            sync_directory(directory.parent().expect("a file in a directory"))?;
        }
        let lines: String = sums
            .iter()
            .map(|(file, sum)| format!("{sum}  {file}\n"))
            .collect();
        write_whole(&self.directory.join(record), lines.as_bytes())?;
        sync_directory(&self.directory.join("parts"))
    }

    /// What is wrong with recorded files, which must be `files`; nothing when all are whole.
    ///
    /// # Errors
    /// When a file is there but cannot be read.
    pub fn check(&self, record: &str, files: &[String]) -> Result<Vec<Problem>, OutputError> {
        let path = self.directory.join(record);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(vec![Problem::Missing(record.to_owned())]);
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => String::new(),
            Err(source) => return Err(OutputError::write(&path, source)),
        };
        let sums: Vec<_> = text
            .lines()
            .filter_map(|line| line.split_once("  "))
            .collect();
        if sums
            .iter()
            .map(|sum| sum.1)
            .ne(files.iter().map(String::as_str))
        {
            return Ok(vec![Problem::Altered(record.to_owned())]);
        }
        let mut problems = Vec::new();
        for (recorded, file) in sums {
            match sum_of(&self.directory.join(file))? {
                None => problems.push(Problem::Missing(file.to_owned())),
                Some(sum) if sum != recorded => problems.push(Problem::Altered(file.to_owned())),
                Some(_) => {}
            }
        }
        Ok(problems)
    }

    /// Removes what an interruption may have left of these files: they are whole under their own
    /// names, or not at all.
    ///
    /// # Errors
    /// When something is there but cannot be removed.
    pub fn remove_leftovers<'f>(
        &self,
        files: impl IntoIterator<Item = &'f String>,
    ) -> Result<(), OutputError> {
        for file in files {
            let leftover = self.directory.join(format!("{file}.{PARTIAL}"));
            match fs::remove_file(&leftover) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(OutputError::write(&leftover, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What is wrong with a part.
    ///
    /// # Errors
    /// When a file is there but cannot be read.
    pub fn check_part(&self, part: u64) -> Result<Vec<Problem>, OutputError> {
        self.check(&Self::part_record(part), &self.part_files(part))
    }

    /// Checks the whole dataset.
    ///
    /// # Errors
    /// When a file is there but cannot be read.
    pub fn verify(&self) -> Result<Verification, OutputError> {
        use rayon::prelude::*;
        let mut problems = self.check(Self::POINTS_RECORD, &[POINTS.to_owned()])?;
        let parts: Vec<_> = (0..self.manifest.parts)
            .into_par_iter()
            .map(|part| self.check_part(part))
            .collect::<Result<_, _>>()?;
        problems.extend(parts.into_iter().flatten());
        problems.extend(self.foreign()?.into_iter().map(Problem::Foreign));
        Ok(Verification {
            parts: self.manifest.parts,
            problems,
        })
    }

    /// The files that do not belong here, by name.
    fn foreign(&self) -> Result<Vec<String>, OutputError> {
        let mut expected: BTreeSet<String> = [MANIFEST, POINTS, Self::POINTS_RECORD]
            .map(str::to_owned)
            .into();
        for part in 0..self.manifest.parts {
            expected.extend(self.part_files(part));
            expected.insert(Self::part_record(part));
        }
        let mut foreign = Vec::new();
        let mut names = entries(&self.directory)?;
        names.sort();
        for name in names {
            let path = self.directory.join(&name);
            let known = name == "parts" || self.manifest.tables.contains(&name);
            if known && path.is_dir() {
                let mut inner = entries(&path)?;
                inner.sort();
                let inner = inner.into_iter().map(|file| format!("{name}/{file}"));
                foreign.extend(inner.filter(|file| !expected.contains(file)));
            } else if !expected.contains(&name) {
                foreign.push(name);
            }
        }
        Ok(foreign)
    }
}

/// The name of a part, without its ending.
pub fn part_name(part: u64) -> String {
    format!("part-{part:06}")
}

/// Something that is wrong with a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A file is not there.
    Missing(String),
    /// A file is not what was written: cut short, or changed.
    Altered(String),
    /// A file does not belong here, or was left by an interruption.
    Foreign(String),
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(file) => write!(f, "missing  {file}"),
            Self::Altered(file) => write!(f, "altered  {file}"),
            Self::Foreign(file) => write!(f, "foreign  {file}"),
        }
    }
}

/// What a check of a dataset found.
#[derive(Clone, Debug)]
pub struct Verification {
    /// How many parts there should be.
    pub parts: u64,
    /// What is wrong; nothing when the dataset is whole.
    pub problems: Vec<Problem>,
}

fn entries(directory: &Path) -> Result<Vec<String>, OutputError> {
    let failed = |source| OutputError::write(directory, source);
    fs::read_dir(directory)
        .map_err(failed)?
        .map(|entry| {
            Ok(entry
                .map_err(failed)?
                .file_name()
                .to_string_lossy()
                .into_owned())
        })
        .collect()
}

/// The SHA-256 of a file, in hex; `None` when it is not there.
fn sum_of(path: &Path) -> Result<Option<String>, OutputError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(OutputError::write(path, source)),
    };
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = io::Read::read(&mut file, &mut buffer)
            .map_err(|source| OutputError::write(path, source))?;
        if read == 0 {
            return Ok(Some(hex(&hash.finalize())));
        }
        hash.update(&buffer[..read]);
    }
}

/// What differs between the dataset that is there and the one that is asked for, a line each.
fn differences(found: &Manifest, asked: &Manifest) -> Vec<String> {
    let flat = |manifest: &Manifest| {
        let table = toml::Table::try_from(manifest).expect("a manifest is plain TOML");
        let mut lines = std::collections::BTreeMap::new();
        flatten("", &toml::Value::Table(table), &mut lines);
        lines
    };
    let (found, asked) = (flat(found), flat(asked));
    let keys: BTreeSet<_> = found.keys().chain(asked.keys()).collect();
    let shown = |value: Option<&String>| value.map_or("nothing", String::as_str).to_owned();
    keys.into_iter()
        .filter(|&key| found.get(key) != asked.get(key))
        .map(|key| {
            let (there, here) = (shown(found.get(key)), shown(asked.get(key)));
            format!("  {key}: {there} there, {here} asked for")
        })
        .collect()
}

fn flatten(
    path: &str,
    value: &toml::Value,
    lines: &mut std::collections::BTreeMap<String, String>,
) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                flatten(path.strip_prefix("spec.").unwrap_or(&path), value, lines);
            }
        }
        value => drop(lines.insert(path.to_owned(), value.to_string())),
    }
}
