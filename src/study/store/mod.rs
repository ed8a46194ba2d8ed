//! Where a study writes: whole objects by name, each committed once.

mod directory;

pub use directory::Directory;

use std::io;

/// A place that holds whole objects by name. Folders in names are parted by `/`.
///
/// Any number of processes may work in one place at the same time, and be killed at any moment: an
/// object is there whole or not at all.
pub trait Store: Sync {
    /// The place, as a user names it.
    fn place(&self) -> String;

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

    /// Removes what somebody began and will never end; returns how many.
    ///
    /// # Errors
    /// When they cannot be removed.
    fn tidy(&self, _left: Left) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// Which unfinished objects to remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Those whose writer is known to be gone.
    ByTheDead,
    /// All. A writer that goes on writes its own again.
    ByAnybody,
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
