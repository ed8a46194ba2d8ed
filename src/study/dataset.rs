//! The dataset of a sweep: begun in a store, opened from one, checked there.

use super::manifest::{MANIFEST, MANIFEST_RECORD, Manifest, POINTS_RECORD, manifest};
use super::origin::is_of;
use super::part::File;
use super::plan::Plan;
use super::record::{self, commit};
use super::store::{Directory, Store, StoreError, open_store};
use super::tables::points::points;
use parquet::errors::ParquetError;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

pub use super::manifest::part_name;
pub use super::tables::points::POINTS;

/// Why a place cannot be used as a dataset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// It cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The table of points cannot be written.
    #[error("the table of points cannot be written as Parquet")]
    Points(#[from] ParquetError),
    /// It holds something else.
    #[error("{place}: holds something already ({found}); choose a new or empty directory")]
    Occupied {
        /// The place.
        place: String,
        /// The name of something in it.
        found: String,
    },
    /// It holds a dataset already.
    #[error("{place}: holds a dataset already; --resume finishes it, or choose another directory")]
    Exists {
        /// The place.
        place: String,
    },
    /// It holds a dataset of another sweep.
    #[error("{place}: holds the dataset of another sweep; choose another directory. What differs:\n{}", differences.join("\n"))]
    Differs {
        /// The place.
        place: String,
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
    #[error("{path}: is no manifest of a dataset; --resume with its spec writes it again")]
    Manifest {
        /// The file.
        path: String,
        /// Why.
        source: Box<toml::de::Error>,
    },
    /// The manifest says what cannot be.
    #[error("{path}: is no manifest of a dataset: {fault}; --resume with its spec writes it again")]
    Absurd {
        /// The file.
        path: String,
        /// What cannot be.
        fault: String,
    },
}

/// What to do about a dataset that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Refuse it.
    Refuse,
    /// Join it, if it is that of the same sweep.
    Join,
    /// Join it, and mend what is damaged.
    Mend,
}

/// A dataset to be read.
///
/// Tables are read as files, which have their names below a directory. Of a store that is no directory
/// they are copied to a temporary one, when their sums are held against the records
/// ([`Dataset::expect_part`], [`Dataset::expect_points`]); it goes with the dataset.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The directory.
    pub directory: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
    pub(super) store: Arc<dyn Store>,
    /// Where files are copied to, unless the store has them itself.
    pub(super) copy: Option<Arc<TempDir>>,
}

impl Dataset {
    /// Opens a dataset by the name of its place, as [`open_store`] takes it.
    ///
    /// # Errors
    /// When there is none, or its manifest is broken.
    pub fn open(place: &Path) -> Result<Self, DatasetError> {
        Self::of(open_store(place)?)
    }

    /// Opens the dataset of a store.
    ///
    /// # Errors
    /// When there is none, or its manifest is broken.
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

    /// The files below the directory, as a store.
    pub(super) fn files(&self) -> Directory {
        Directory::new(&self.directory)
    }
}

/// Reads the manifest in a store: its text, and what it says.
pub(super) fn read(store: &dyn Store) -> Result<(String, Manifest), DatasetError> {
    let missing = |source| DatasetError::Missing {
        path: store.place().into(),
        source,
    };
    let text = match store.get(MANIFEST) {
        Ok(Some(text)) => text,
        Ok(None) => {
            let none = io::Error::new(io::ErrorKind::NotFound, "there is none");
            return Err(missing(none));
        }
        Err(StoreError::Read { source, .. }) => return Err(missing(source)),
        Err(error) => return Err(error.into()),
    };
    let text = String::from_utf8_lossy(&text).into_owned();
    let manifest = parse(&format!("{}/{MANIFEST}", store.place()), &text)?;
    Ok((text, manifest))
}

/// What the dataset in a store says of itself.
///
/// # Errors
/// When there is none, or its manifest is broken.
pub fn manifest_of(store: &dyn Store) -> Result<Manifest, DatasetError> {
    read(store).map(|(_, manifest)| manifest)
}

/// Reads a manifest.
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

/// Begins the dataset of a plan in a store, or joins it: puts its manifest and its points where they
/// are not. Returns the manifest.
///
/// # Errors
/// When something else is there, or another dataset, or one at all and that is to be refused.
pub fn begin(store: &dyn Store, plan: &Plan, existing: Existing) -> Result<Manifest, DatasetError> {
    let mend = existing == Existing::Mend;
    let points = points(plan)?;
    let (text, manifest) = manifest(plan, &points.sha256);
    let asked = File::new(MANIFEST.to_owned(), text.into_bytes());
    let is_ours = |found| mend && is_ours(store, plan, &asked, found, &points);
    // Looked at first: whatever another process puts here comes after its manifest.
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

/// Whether a dataset whose manifest is lost, or not the one asked for, is of the plan's sweep nevertheless: its record
/// decides, and where that fits neither manifest, the other files.
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

/// That another dataset is there.
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
