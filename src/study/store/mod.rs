//! Defines stores, to which studies write: complete objects by name, each committed once.

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

/// Opens a store by its name: a directory, or `file:///directory`; with the crate's feature `cloud` also
/// `s3://bucket/folder`, `gs://bucket/folder` and `az://container/folder`, with credentials from the
/// environment.
///
/// # Errors
/// When the kind of name is unknown, or the environment is incomplete. Existence is not checked.
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
                "file" => "expected file:///directory, without percent escapes".to_owned(),
                "s3" | "gs" | "az" => {
                    "this program was built without object stores; build with --features cloud"
                        .to_owned()
                }
                _ => format!(
                    "unknown scheme {scheme}://; expected a directory, s3://, gs://, az:// or file://"
                ),
            },
        }),
    }
}

/// Returns true if a store is named by a URL rather than a path.
pub fn is_url(place: &Path) -> bool {
    let text = place.to_str().and_then(|text| text.split_once("://"));
    text.is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Store of complete objects by name. `/` separates folders in names.
///
/// Any number of processes may work in one store at the same time, and be killed at any moment: an object is
/// either complete or absent.
pub trait Store: Debug + Send + Sync {
    /// Returns the store's name, as users write it.
    fn place(&self) -> String;

    /// Returns the directory in which objects are files of the same names, if any.
    fn directory(&self) -> Option<&Path> {
        None
    }

    /// Creates the store, unless it exists. Nothing else does: if it is lost later, writing to it fails.
    ///
    /// # Errors
    /// When it cannot be created.
    fn make(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Creates an object; succeeds if an identical one exists.
    ///
    /// # Errors
    /// When a different object exists, or it cannot be written.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// Creates or overwrites an object atomically.
    ///
    /// # Errors
    /// When it cannot be written.
    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// Returns the bytes of an object; `None` if it does not exist.
    ///
    /// # Errors
    /// When it cannot be read.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns the size of an object in bytes; `None` if it does not exist.
    ///
    /// # Errors
    /// When the size cannot be read.
    fn size(&self, name: &str) -> Result<Option<u64>, StoreError>;

    /// Lists a folder by name (`""` is the store itself), without temporary files; empty if the folder does not
    /// exist.
    ///
    /// # Errors
    /// When it cannot be read.
    fn list(&self, folder: &str) -> Result<Vec<Entry>, StoreError>;

    /// Lists unfinished objects; none if objects appear atomically.
    ///
    /// # Errors
    /// When folders cannot be read.
    fn unfinished(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    /// Removes the unfinished objects of writers known to be dead; returns their number.
    ///
    /// # Errors
    /// When they cannot be removed.
    fn tidy(&self) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// Entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Full name, including folders.
    pub name: String,
    /// True for a folder.
    pub is_folder: bool,
}

/// Reason why a store cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store cannot be opened.
    #[error("{name}: cannot be opened: {why}")]
    Place {
        /// Name of the store.
        name: String,
        /// Cause.
        why: String,
    },
    /// An object cannot be read.
    #[error("{name}: cannot be read")]
    Read {
        /// Object, with its store.
        name: String,
        /// Cause.
        source: io::Error,
    },
    /// An object cannot be written.
    #[error("{name}: cannot be written; check that the place is writable and has space")]
    Write {
        /// Object, with its store.
        name: String,
        /// Cause.
        source: io::Error,
    },
    /// The store disappeared.
    #[error(
        "{place}: missing; it was renamed or removed while in use. Move it back and use --resume"
    )]
    Gone {
        /// Store.
        place: String,
    },
    /// A different object exists.
    #[error(
        "{name}: exists with other bytes; nothing was changed. If this is a dataset of the same sweep, \
         --resume --check full repairs it"
    )]
    Differs {
        /// Object, with its store.
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
            ("ftp://host/data", "unknown scheme ftp://"),
            ("file://data", "expected file:///directory"),
            ("file:///a%20b", "without percent escapes"),
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
