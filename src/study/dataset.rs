//! Begins the dataset of a sweep in a store, opens existing ones and reads their manifests.

use super::file::File;
use super::gather::points::points;
use super::manifest::{MANIFEST, MANIFEST_RECORD, Manifest, POINTS_RECORD, manifest};
use super::origin::is_of;
use super::plan::Plan;
use super::record::{self, commit};
use super::store::{Directory, Store, StoreError, open_store};
use parquet::errors::ParquetError;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

pub use super::manifest::part_name;
pub use super::tables::POINTS;

/// Reasons why a place cannot be used as a dataset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The table of points cannot be written.
    #[error("the table of points cannot be written as Parquet")]
    Points(#[from] ParquetError),
    /// The place holds something other than a dataset.
    #[error("{place}: not empty (contains {found}); choose a new or empty directory")]
    Occupied {
        /// The place.
        place: String,
        /// Name of one of its entries.
        found: String,
    },
    /// The place already holds a dataset.
    #[error("{place}: holds a dataset already; --resume finishes it, or choose another directory")]
    Exists {
        /// The place.
        place: String,
    },
    /// The place holds the dataset of another sweep.
    #[error("{place}: holds the dataset of another sweep; choose another directory. What differs:\n{}", differences.join("\n"))]
    Differs {
        /// The place.
        place: String,
        /// Differences, one per line.
        differences: Vec<String>,
    },
    /// The place holds no dataset.
    #[error("{}: not a dataset; {MANIFEST} cannot be read", path.display())]
    Missing {
        /// The directory.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// The manifest cannot be parsed.
    #[error("{path}: not the manifest of a dataset; --resume with its spec writes it again")]
    Manifest {
        /// The file.
        path: String,
        /// Cause.
        source: Box<toml::de::Error>,
    },
    /// The manifest contradicts itself.
    #[error(
        "{path}: not the manifest of a dataset: {fault}; --resume with its spec writes it again"
    )]
    Absurd {
        /// The file.
        path: String,
        /// Contradiction.
        fault: String,
    },
}

/// How to handle an existing dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Refuse it.
    Refuse,
    /// Join it if it belongs to the same sweep.
    Join,
    /// Join it and repair damaged files.
    Mend,
}

/// Dataset to be read.
///
/// Tables are read as files below a directory. Those of a remote store are first copied to a temporary directory and
/// checked against the recorded sums ([`Dataset::expect_part`], [`Dataset::expect_points`]). The temporary directory
/// is removed with the dataset.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Directory of the files.
    pub directory: PathBuf,
    /// Manifest.
    pub manifest: Manifest,
    pub(super) store: Arc<dyn Store>,
    /// Temporary directory of copied files; `None` if the store is a directory.
    pub(super) copy: Option<Arc<TempDir>>,
}

impl Dataset {
    /// Opens a dataset by the name of its place, as in [`open_store`].
    ///
    /// # Errors
    /// When the dataset is missing, or its manifest is broken.
    pub fn open(place: &Path) -> Result<Self, DatasetError> {
        Self::of(open_store(place)?)
    }

    /// Opens the dataset of a store.
    ///
    /// # Errors
    /// When the dataset is missing, or its manifest is broken.
    pub fn of(store: Arc<dyn Store>) -> Result<Self, DatasetError> {
        let (_, manifest) = read(&*store)?;
        let (directory, copy) = match store.directory() {
            Some(directory) => (directory.to_owned(), None),
            None => {
                let copy = TempDir::new().map_err(|source| StoreError::Write {
                    name: std::env::temp_dir().display().to_string(),
                    source,
                })?;
                (copy.path().to_owned(), Some(Arc::new(copy)))
            }
        };
        Ok(Self {
            directory,
            manifest,
            store,
            copy,
        })
    }

    /// Returns the files below the directory as a store.
    pub(super) fn files(&self) -> Directory {
        Directory::new(&self.directory)
    }
}

/// Reads the manifest in a store; returns its text and content.
pub(super) fn read(store: &dyn Store) -> Result<(String, Manifest), DatasetError> {
    let missing = |source| DatasetError::Missing {
        path: store.place().into(),
        source,
    };
    let text = match store.get(MANIFEST) {
        Ok(Some(text)) => text,
        Ok(None) => {
            let none = io::Error::new(io::ErrorKind::NotFound, "missing");
            return Err(missing(none));
        }
        Err(StoreError::Read { source, .. }) => return Err(missing(source)),
        Err(error) => return Err(error.into()),
    };
    let text = String::from_utf8_lossy(&text).into_owned();
    let manifest = parse(&format!("{}/{MANIFEST}", store.place()), &text)?;
    Ok((text, manifest))
}

/// Returns the manifest of the dataset in a store.
///
/// # Errors
/// When the dataset is missing, or its manifest is broken.
pub fn manifest_of(store: &dyn Store) -> Result<Manifest, DatasetError> {
    read(store).map(|(_, manifest)| manifest)
}

/// Parses a manifest.
pub(super) fn parse(path: &str, text: &str) -> Result<Manifest, DatasetError> {
    let manifest: Manifest = toml::from_str(text).map_err(|source| DatasetError::Manifest {
        path: path.to_owned(),
        source: Box::new(source),
    })?;
    match manifest.fault() {
        Some(fault) => Err(DatasetError::Absurd {
            path: path.to_owned(),
            fault,
        }),
        None => Ok(manifest),
    }
}

/// Begins the dataset of a plan in a store or joins an existing one, adding a missing manifest or points. Returns the
/// manifest.
///
/// # Errors
/// When the place holds something else or the dataset of another sweep, or when `existing` refuses the dataset found.
pub fn begin(store: &dyn Store, plan: &Plan, existing: Existing) -> Result<Manifest, DatasetError> {
    let mend = existing == Existing::Mend;
    let points = points(plan)?;
    let (text, manifest) = manifest(plan, &points.sha256);
    let asked = File::new(MANIFEST.to_owned(), text.into_bytes());
    let is_ours = |found| mend && is_ours(store, plan, &asked, found, &points);
    // Lists entries first: other processes write the manifest before all other files.
    let entries = store.list("")?;
    match store.get(MANIFEST) {
        Ok(Some(_)) if existing == Existing::Refuse => {
            return Err(DatasetError::Exists {
                place: store.place(),
            });
        }
        Ok(Some(found)) if found != asked.bytes && !is_ours(Some(&found)) => {
            return Err(differs(store, &found, &manifest));
        }
        Ok(None) if !entries.is_empty() && !is_ours(None) => {
            return Err(DatasetError::Occupied {
                place: store.place(),
                found: entries[0].name.clone(),
            });
        }
        Err(error) if !is_ours(None) => return Err(error.into()),
        _ => {}
    }
    store.make()?;
    let files = [asked];
    match commit(store, MANIFEST_RECORD, &files, mend) {
        // Another sweep began here at the same moment.
        Err(StoreError::Differs { .. })
            if store.get(MANIFEST)?.as_ref() != Some(&files[0].bytes) =>
        {
            let bytes = store.get(MANIFEST)?.unwrap_or_default();
            return Err(differs(store, &bytes, &manifest));
        }
        done => done?,
    }
    commit(store, POINTS_RECORD, &[points], mend)?;
    Ok(manifest)
}

/// Returns true if a dataset belongs to the plan's sweep although its manifest is missing or unexpected. The
/// manifest's record decides; if it fits neither manifest, the other files do.
fn is_ours(
    store: &dyn Store,
    plan: &Plan,
    asked: &File,
    found: Option<&Vec<u8>>,
    points: &File,
) -> bool {
    let recorded = store.get(MANIFEST_RECORD).ok().flatten();
    let is_recorded = |file: &File| {
        let record = record::text(std::slice::from_ref(file));
        recorded.as_deref() == Some(record.as_bytes())
    };
    let is_another = |bytes: &Vec<u8>| is_recorded(&File::new(MANIFEST.to_owned(), bytes.clone()));
    is_recorded(asked) || !found.is_some_and(is_another) && is_of(store, plan, points)
}

/// Returns the error that reports another sweep's dataset.
fn differs(store: &dyn Store, found: &[u8], asked: &Manifest) -> DatasetError {
    let path = format!("{}/{MANIFEST}", store.place());
    let text = String::from_utf8_lossy(found);
    let differences = match parse(&path, &text) {
        Ok(found) => found.differences(asked),
        Err(error) => return error,
    };
    DatasetError::Differs {
        place: store.place(),
        differences: match differences.is_empty() {
            true => vec![format!(
                "  {MANIFEST}: written otherwise, or changed by hand"
            )],
            false => differences,
        },
    }
}
