//! Files that are there whole or not at all.

use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

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

/// The end of the name of a file that is not whole yet; it begins with a dot.
const PARTIAL: &str = ".partial";

/// Whether this is the name of a file that is not whole yet.
pub fn is_partial(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(PARTIAL)
}

/// A file that takes its name only when it is whole. Until then it stands beside its place, under a
/// name of its own that nobody else takes, and dropping it removes it. Hashes what is written.
pub struct WholeFile {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
    hash: Sha256,
    bytes: u64,
}

impl WholeFile {
    /// Begins a file.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.");
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(PARTIAL);
        #[cfg(unix)]
        let builder = {
            // A temporary file is private; this one is as any other.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o666))
        };
        let file = builder
            .tempfile_in(folder_of(path))
            .map_err(|source| OutputError::write(path, source))?;
        // Tells others that its writer lives; where locks are unknown nobody may ask.
        let _ = file.as_file().try_lock();
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::with_capacity(1 << 16, file),
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// Gives the file its name, whatever bore it before, once every byte is on the disk.
    ///
    /// # Errors
    /// When the disk does not take it, or it cannot be renamed.
    pub fn publish(self) -> Result<Written, OutputError> {
        self.finish(|file, path| file.persist(path).map(drop).map_err(|error| error.error))
    }

    /// Gives the file its name where nothing bears it, once every byte is on the disk.
    ///
    /// # Errors
    /// As [`WholeFile::publish`]; and of kind [`io::ErrorKind::AlreadyExists`] where something does.
    pub fn publish_new(self) -> Result<Written, OutputError> {
        self.finish(persist_new)
    }

    fn finish(
        mut self,
        take_name: impl FnOnce(NamedTempFile, &Path) -> io::Result<()>,
    ) -> Result<Written, OutputError> {
        let failed = |source| OutputError::write(&self.path, source);
        self.file.flush().map_err(failed)?;
        let file = self.file.into_inner().map_err(|e| failed(e.into_error()))?;
        file.as_file().sync_all().map_err(failed)?;
        take_name(file, &self.path).map_err(failed)?;
        Ok(Written {
            sha256: hex(&self.hash.finalize()),
            bytes: self.bytes,
        })
    }
}

fn persist_new(file: NamedTempFile, path: &Path) -> io::Result<()> {
    use io::ErrorKind::{PermissionDenied, Unsupported};
    match file.persist_noclobber(path) {
        // A file system that knows neither links nor a rename that replaces nothing.
        Err(error) if matches!(error.error.kind(), PermissionDenied | Unsupported) => {
            if fs::symlink_metadata(path).is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            error.file.persist(path).map(drop).map_err(|e| e.error)
        }
        named => named.map(drop).map_err(|e| e.error),
    }
}

/// The directory that a file is in.
fn folder_of(path: &Path) -> &Path {
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

/// The SHA-256 of bytes, in hex.
pub fn sha256(bytes: &[u8]) -> String {
    sha256_of([bytes])
}

/// The SHA-256 of bytes that come piece by piece, in hex.
pub fn sha256_of(pieces: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update(piece);
    }
    hex(&hash.finalize())
}

/// Makes a directory, which must be empty if it is there; returns whether it was made.
///
/// # Errors
/// When it holds something or cannot be made.
pub fn new_directory(path: &Path) -> Result<bool, OutputError> {
    match fs::read_dir(path) {
        Ok(mut entries) => match entries.next() {
            None => Ok(false),
            Some(entry) => Err(OutputError::Occupied {
                path: path.to_owned(),
                found: entry
                    .map(|entry| entry.file_name().to_string_lossy().into_owned())
                    .unwrap_or_default(),
            }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(path).map_err(|source| OutputError::write(path, source))?;
            Ok(true)
        }
        Err(source) => Err(OutputError::write(path, source)),
    }
}

/// Sees to it that the names in a directory are on the disk.
///
/// # Errors
/// When the disk does not take them.
pub fn sync_directory(path: &Path) -> Result<(), OutputError> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(|source| OutputError::write(path, source))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
