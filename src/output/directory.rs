//! Directories that exist complete or not at all.

use super::file::{OutputError, folder_of, temporary};
use super::sync::sync_directory;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A directory that takes its name only once it is complete. Until then it lies beside its place under a temporary
/// name, and dropping it removes it.
pub struct WholeDirectory {
    path: PathBuf,
    partial: PathBuf,
}

impl WholeDirectory {
    /// Begins a directory, whose place must be free or an empty directory.
    ///
    /// # Errors
    /// When something is there, or no directory can be made beside it.
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

    /// Where its files are written.
    pub fn place(&self) -> &Path {
        &self.partial
    }

    /// An error about one of its files, which it names as the complete directory would.
    pub fn named(&self, mut error: OutputError) -> OutputError {
        if let OutputError::Write { path, .. } | OutputError::Parquet { path, .. } = &mut error
            && let Ok(own) = path.strip_prefix(&self.partial)
        {
            *path = self.path.join(own);
        }
        error
    }

    /// Gives the directory its name, once the names in it are on the disk.
    ///
    /// # Errors
    /// When its place is taken, or the disk fails.
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
            // Files that remain are in nobody's way.
            let _ = fs::remove_dir_all(&self.partial);
        }
    }
}

/// Expects that nothing is in a place, or an empty directory.
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
