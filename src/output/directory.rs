//! Directories that exist complete or not at all.

use super::file::{OutputError, folder_of, is_by_the_dead, is_temporary, temporary};
use super::sync::sync_directory;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A directory written under a temporary name beside its final place, and renamed once complete. Dropping it
/// removes the temporary directory. If the writer is killed, the next directory created in the same folder removes it.
pub struct WholeDirectory {
    path: PathBuf,
    partial: PathBuf,
    /// Lock that shows other processes that the writer is alive; `None` on file systems without locks.
    _lock: Option<File>,
}

impl WholeDirectory {
    /// Creates a directory whose path must be free, or an empty directory.
    ///
    /// # Errors
    /// When something exists at the path, or no directory can be created beside it.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        let failed = |source| OutputError::write(path, source);
        let path = &std::path::absolute(path).map_err(failed)?;
        expect_free(path)?;
        let parent = folder_of(path);
        fs::create_dir_all(parent).map_err(failed)?;
        remove_left_by_the_dead(parent);
        let (partial, lock) = create_temporary(parent).map_err(failed)?;
        Ok(Self {
            path: path.clone(),
            partial,
            _lock: lock,
        })
    }

    /// Temporary directory to write its files into.
    pub fn place(&self) -> &Path {
        &self.partial
    }

    /// Renames the temporary path in an error to that of the complete directory.
    pub fn named(&self, mut error: OutputError) -> OutputError {
        if let OutputError::Write { path, .. } | OutputError::Parquet { path, .. } = &mut error
            && let Ok(own) = path.strip_prefix(&self.partial)
        {
            *path = self.path.join(own);
        }
        error
    }

    /// Renames the directory to its final name, after flushing its entries to the disk.
    ///
    /// # Errors
    /// When the path is taken, or the disk fails.
    pub fn publish(mut self) -> Result<(), OutputError> {
        let publish = || {
            sync_directory(&self.partial)?;
            fs::rename(&self.partial, &self.path)?;
            sync_directory(folder_of(&self.path))
        };
        publish().map_err(|source| OutputError::write(&self.path, source))?;
        self.partial.clear();
        Ok(())
    }
}

impl Drop for WholeDirectory {
    fn drop(&mut self) {
        if !self.partial.as_os_str().is_empty() {
            // Leftover files do no harm.
            let _ = fs::remove_dir_all(&self.partial);
        }
    }
}

/// Creates a temporary directory in a folder, and locks it.
fn create_temporary(folder: &Path) -> io::Result<(PathBuf, Option<File>)> {
    loop {
        let partial = temporary().make_in(folder, |partial| fs::create_dir(partial))?;
        let partial = partial.into_temp_path().keep()?;
        let lock = match File::open(&partial) {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(_) => return Ok((partial, None)),
        };
        match lock.try_lock() {
            // Before the lock, another process may have taken its writer for dead.
            Ok(()) if partial.exists() => return Ok((partial, Some(lock))),
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(_)) => return Ok((partial, None)),
        }
    }
}

/// Removes the temporary directories of dead writers from a folder: those that no process holds locked. Without locks
/// or permission they remain.
fn remove_left_by_the_dead(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_directory
            && is_temporary(&entry.file_name().to_string_lossy())
            && is_by_the_dead(File::open(entry.path()))
        {
            // Leftover files do no harm.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Checks that a path is free, or an empty directory.
fn expect_free(path: &Path) -> Result<(), OutputError> {
    let failed = |source| OutputError::write(path, source);
    let mut entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(failed(source)),
    };
    match entries.next() {
        None => Ok(()),
        Some(entry) => Err(OutputError::Occupied {
            path: path.to_owned(),
            found: entry
                .map_err(failed)?
                .file_name()
                .to_string_lossy()
                .into_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_writer_left_is_removed_and_what_is_being_written_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let alive = WholeDirectory::create(&place("alive")).unwrap();
        fs::write(alive.place().join("file"), "half").unwrap();
        // A killed writer holds no lock, and the names of others are not ours.
        let dead = alive.place().with_file_name(".conviction-a1B2c3.partial");
        let others = [".conviction-notes", "conviction-a1B2c3.partial", "run"].map(place);
        for path in others.iter().chain([&dead]) {
            fs::create_dir(path).unwrap();
            fs::write(path.join("file"), "half").unwrap();
        }
        let next = WholeDirectory::create(&place("next")).unwrap();
        assert!(!dead.exists());
        assert!(others.iter().all(|path| path.join("file").exists()));
        assert!(alive.place().join("file").exists());
        next.publish().unwrap();
        alive.publish().unwrap();
        assert!(place("alive/file").exists() && place("next").exists());
        let left = fs::read_dir(folder.path()).unwrap();
        assert_eq!(left.count(), 2 + others.len());
    }
}
