//! Files that exist complete or not at all.

use super::hash::hex;
use super::sync::sync_file;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// Why output could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// The file system said no.
    #[error("{path}: cannot be written; see that the directory may be written to and has room")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The Parquet writer said no.
    #[error("{path}: cannot be written; see that the directory may be written to and has room")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why.
        source: parquet::errors::ParquetError,
    },
    /// There is something already.
    #[error("{path}: holds something already ({found}); choose a new or empty directory")]
    Occupied {
        /// The directory.
        path: PathBuf,
        /// The name of something in it.
        found: String,
    },
}

impl OutputError {
    /// An error of the file system about `path`.
    pub fn write(path: &Path, source: io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}

/// What a file came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// The beginning of temporary names. What is written has no part in them: its own name may be as long as names can be.
const TEMPORARY: &str = ".conviction-";

/// The end of the names of temporary files.
const PARTIAL: &str = ".partial";

/// Whether this is the name of a temporary file.
pub fn is_partial(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(PARTIAL)
}

/// Makes temporary names with this end.
pub(super) fn temporary(end: &str) -> tempfile::Builder<'_, '_> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY).suffix(end);
    builder
}

/// A file that takes its name only once it is complete. Until then it lies beside its place under a temporary name,
/// and dropping it removes it. Hashes what is written.
pub struct WholeFile {
    path: PathBuf,
    file: BufWriter<File>,
    partial: TempPath,
    hash: Sha256,
    bytes: u64,
}

impl WholeFile {
    /// Begins a file.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        let create = |partial: &Path| File::options().write(true).create_new(true).open(partial);
        let (file, partial) = temporary(PARTIAL)
            .make_in(folder_of(path), create)
            .map_err(|source| OutputError::write(path, source))?
            .into_parts();
        // Tells others that its writer lives; where locks are unknown nobody may ask.
        let _ = file.try_lock();
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::with_capacity(1 << 16, file),
            partial,
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// Gives the file its name, whatever bore it before, once every byte is on the disk.
    ///
    /// # Errors
    /// When the disk does not take it, or it cannot be renamed.
    pub fn publish(self) -> Result<Written, OutputError> {
        self.finish(|partial, path| partial.persist(path).map_err(|error| error.error))
    }

    /// Gives the file its name where nothing bears it, once every byte is on the disk.
    ///
    /// # Errors
    /// As [`WholeFile::publish`]; and of kind [`io::ErrorKind::AlreadyExists`] where something does.
    pub fn publish_new(self) -> Result<Written, OutputError> {
        self.finish(persist_new)
    }

    fn finish(
        self,
        take_name: impl FnOnce(TempPath, &Path) -> io::Result<()>,
    ) -> Result<Written, OutputError> {
        let failed = |source| OutputError::write(&self.path, source);
        // Closed, and so unlocked, only once it has its name.
        let file = self.file.into_inner().map_err(|e| failed(e.into_error()))?;
        sync_file(&file).map_err(failed)?;
        take_name(self.partial, &self.path).map_err(failed)?;
        Ok(Written {
            sha256: hex(&self.hash.finalize()),
            bytes: self.bytes,
        })
    }
}

fn persist_new(partial: TempPath, path: &Path) -> io::Result<()> {
    use io::ErrorKind::{AlreadyExists, NotFound};
    match partial.persist_noclobber(path) {
        Err(refused) if !matches!(refused.error.kind(), AlreadyExists | NotFound) => {
            // Many file systems know neither links nor a rename that replaces nothing, and each says so by an error
            // of its own. Whatever else is wrong, the plain rename meets as well.
            match fs::symlink_metadata(path) {
                Ok(_) => Err(AlreadyExists.into()),
                Err(_) => refused.path.persist(path).map_err(|error| error.error),
            }
        }
        named => named.map_err(|error| error.error),
    }
}

/// The directory that a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

impl Write for WholeFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.hash.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes a whole small file at once.
///
/// # Errors
/// When it cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<Written, OutputError> {
    let mut file = WholeFile::create(path)?;
    file.write_all(bytes)
        .map_err(|source| OutputError::write(path, source))?;
    file.publish()
}
