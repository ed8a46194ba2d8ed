//! Directories that exist complete or not at all.

use super::file::{OutputError, folder_of, temporary};
use super::sync::sync_directory;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A directory written under a temporary name beside its final place, and renamed once complete. Dropping it
/// removes the temporary directory.
pub struct WholeDirectory {
    path: PathBuf,
    partial: PathBuf,
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
        let partial = temporary("").make_in(parent, |partial| fs::create_dir(partial));
        let partial = partial.map_err(failed)?.into_temp_path().keep();
        Ok(Self {
            path: path.clone(),
            partial: partial.map_err(|error| failed(error.error))?,
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
