//! Where a study writes: whole objects by name, each committed once.

#[cfg(feature = "cloud")]
mod cloud;
mod directory;

#[cfg(feature = "cloud")]
pub use cloud::Cloud;
pub use directory::Directory;

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Opens a place by the name that a user gives it: a directory, or `file:///directory`; with the feature
/// `cloud` of the crate also `s3://bucket/folder`, `gs://bucket/folder` and `az://container/folder`, with
/// credentials from the environment.
///
/// # Errors
/// When the name is of no known kind, or the environment says too little. Whether anything is there is
/// not asked.
pub fn open_store(place: impl AsRef<Path>) -> Result<Arc<dyn Store>, StoreError> {
    let place = place.as_ref();
    let url = place.to_str().filter(|_| is_url(place)).unwrap_or("");
    match url.split_once("://") {
        None => Ok(Arc::new(Directory::new(place))),
        Some(("file", path)) if path.starts_with('/') && !path.contains('%') => {
            Ok(Arc::new(Directory::new(path)))
        }
        #[cfg(feature = "cloud")]
        Some((scheme, _)) if cloud::SCHEMES.contains(&scheme) => {
            Ok(Arc::new(Cloud::open(scheme, url)?))
        }
        Some((scheme, _)) => Err(StoreError::Place {
            name: url.to_owned(),
            why: match scheme {
                "file" => "expected file:///directory, its letters as they are".to_owned(),
                "s3" | "gs" | "az" => {
                    "this program was built without object stores; build it with --features cloud"
                        .to_owned()
                }
                _ => format!(
                    "{scheme}:// is not known; expected a directory, s3://, gs://, az:// or file://"
                ),
            },
        }),
    }
}

/// Whether a place is named by a URL rather than by a path.
pub fn is_url(place: &Path) -> bool {
    let text = place.to_str().and_then(|text| text.split_once("://"));
    text.is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// A place that holds whole objects by name. Folders in names are parted by `/`.
///
/// Any number of processes may work in one place at the same time, and be killed at any moment: an
/// object is there whole or not at all.
pub trait Store: Debug + Send + Sync {
    /// The place, as a user names it.
    fn place(&self) -> String;

    /// The directory in which its objects are files of the same names, if they are.
    fn directory(&self) -> Option<&Path> {
        None
    }

    /// Makes the place, unless it is there. Nothing else does: if it is lost later, writing to it fails.
    ///
    /// # Errors
    /// When it cannot be made.
    fn make(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Puts an object where nothing is. The same bytes there are fine.
    ///
    /// # Errors
    /// When other bytes are there, or it cannot be written.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// Puts an object in the place of whatever is there, in one step.
    ///
    /// # Errors
    /// When it cannot be written.
    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// The bytes of an object; `None` where none is.
    ///
    /// # Errors
    /// When it cannot be read.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// The size of an object in bytes; `None` where none is.
    ///
    /// # Errors
    /// When that cannot be told.
    fn size(&self, name: &str) -> Result<Option<u64>, StoreError>;

    /// What is in a folder (`""` is the place itself), by name, without what is being written; nothing
    /// where there is no such folder.
    ///
    /// # Errors
    /// When it cannot be read.
    fn list(&self, folder: &str) -> Result<Vec<Entry>, StoreError>;

    /// The names of objects that somebody began and has not ended; none where objects appear at once.
    ///
    /// # Errors
    /// When folders cannot be read.
    fn unfinished(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    /// Removes the unfinished objects whose writers are known to be gone; returns how many.
    ///
    /// # Errors
    /// When they cannot be removed.
    fn tidy(&self) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The whole name, folders and all.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The place is none that can be used.
    #[error("{name}: cannot be opened: {why}")]
    Place {
        /// The place, as it was named.
        name: String,
        /// Why.
        why: String,
    },
    /// An object cannot be read.
    #[error("{name}: cannot be read")]
    Read {
        /// The object, with its place.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// An object cannot be written.
    #[error("{name}: cannot be written; see that the place may be written to and has room")]
    Write {
        /// The object, with its place.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// The place was there and is not any more.
    #[error(
        "{place}: missing; it was renamed or removed while in use. Move it back, and --resume completes it"
    )]
    Gone {
        /// The place.
        place: String,
    },
    /// Something else is there already.
    #[error(
        "{name}: is there already, with other bytes; nothing was changed. --resume --check full puts \
         the right ones in their place, if this is the dataset of the same sweep"
    )]
    Differs {
        /// The object, with its place.
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_opened_by_their_names() {
        for (place, shown) in [
            ("data", "data"),
            ("file:///tmp/data", "/tmp/data"),
            ("a:b", "a:b"),
        ] {
            let store = open_store(place).unwrap();
            assert_eq!(
                (store.place(), store.directory().is_some()),
                (shown.to_owned(), true)
            );
        }
        for (place, why) in [
            ("ftp://host/data", "ftp:// is not known"),
            ("file://data", "expected file:///directory"),
            ("file:///a%20b", "its letters as they are"),
        ] {
            let error = open_store(place).unwrap_err().to_string();
            assert!(error.starts_with(place) && error.contains(why), "{error}");
        }
        #[cfg(not(feature = "cloud"))]
        {
            let error = open_store("s3://bucket/data").unwrap_err().to_string();
            assert!(error.contains("--features cloud"), "{error}");
        }
    }
}
