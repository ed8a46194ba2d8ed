//! Files that exist complete or not at all.

use super::sync::sync_file;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// Reason why output could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// The file system reported an error.
    #[error(
        "{path}: cannot be written; check that the directory is writable and the disk has space"
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// The Parquet writer reported an error.
    #[error(
        "{path}: cannot be written; check that the directory is writable and the disk has space"
    )]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Cause.
        source: parquet::errors::ParquetError,
    },
    /// The directory is not empty.
    #[error("{path}: not empty (contains {found}); choose a new or empty directory")]
    Occupied {
        /// The directory.
        path: PathBuf,
        /// Name of an entry in it.
        found: String,
    },
}

impl OutputError {
    /// Wraps an error of the file system about `path`.
    pub fn write(path: &Path, source: io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}

/// Prefix of temporary names. They do not contain the final name, which may have the maximum length of a file
/// name.
const TEMPORARY: &str = ".conviction-";

/// Suffix of temporary files and directories.
const PARTIAL: &str = ".partial";

/// Recognises the name of a temporary file.
pub fn is_partial(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(PARTIAL)
}

/// Recognises a name that [`temporary`] builds.
pub(super) fn is_temporary(name: &str) -> bool {
    let random = name
        .strip_prefix(TEMPORARY)
        .and_then(|rest| rest.strip_suffix(PARTIAL));
    random.is_some_and(|random| !random.is_empty() && random.chars().all(char::is_alphanumeric))
}

/// Builds temporary names.
pub(super) fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY).suffix(PARTIAL);
    builder
}

/// Returns true if the writer of a temporary file or directory is dead: no process holds it locked. Where it cannot be
/// opened or locked, the writer may be alive.
pub fn is_by_the_dead(opened: io::Result<File>) -> bool {
    opened.is_ok_and(|file| file.try_lock().is_ok())
}

/// A file written under a temporary name beside its final place, and renamed once complete. Dropping it removes the
/// temporary file.
pub struct WholeFile {
    path: PathBuf,
    file: BufWriter<File>,
    partial: TempPath,
}

impl WholeFile {
    /// Creates a file under a temporary name.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        let create = |partial: &Path| File::options().write(true).create_new(true).open(partial);
        let (file, partial) = temporary()
            .make_in(folder_of(path), create)
            .map_err(|source| OutputError::write(path, source))?
            .into_parts();
        // The lock shows other processes that the writer is alive. File systems without locks are not asked.
        let _ = file.try_lock();
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::with_capacity(1 << 16, file),
            partial,
        })
    }

    /// Flushes the file to the disk and renames it, replacing any existing file.
    ///
    /// # Errors
    /// When the disk fails, or the file cannot be renamed.
    pub fn publish(self) -> Result<(), OutputError> {
        self.finish(|partial, path| partial.persist(path).map_err(|error| error.error))
    }

    /// Flushes the file to the disk and renames it, never replacing an existing file.
    ///
    /// # Errors
    /// As [`WholeFile::publish`]; of kind [`io::ErrorKind::AlreadyExists`] if the file exists.
    pub fn publish_new(self) -> Result<(), OutputError> {
        self.finish(persist_new)
    }

    fn finish(
        self,
        take_name: impl FnOnce(TempPath, &Path) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let failed = |source| OutputError::write(&self.path, source);
        // The file stays open, and so locked, until it has its name.
        let file = self.file.into_inner().map_err(|e| failed(e.into_error()))?;
        sync_file(&file).map_err(failed)?;
        take_name(self.partial, &self.path).map_err(failed)
    }
}

fn persist_new(partial: TempPath, path: &Path) -> io::Result<()> {
    use io::ErrorKind::{AlreadyExists, NotFound};
    match partial.persist_noclobber(path) {
        Err(refused) if !matches!(refused.error.kind(), AlreadyExists | NotFound) => {
            // Many file systems support neither links nor a rename that replaces nothing, and report so by
            // different errors. A plain rename meets any other error as well.
            match fs::symlink_metadata(path) {
                Ok(_) => Err(AlreadyExists.into()),
                Err(_) => refused.path.persist(path).map_err(|error| error.error),
            }
        }
        named => named.map_err(|error| error.error),
    }
}

/// Returns the directory of a file.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

impl Write for WholeFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.file.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes a small file at once.
///
/// # Errors
/// When the file cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let mut file = WholeFile::create(path)?;
    file.write_all(bytes)
        .map_err(|source| OutputError::write(path, source))?;
    file.publish()
}
