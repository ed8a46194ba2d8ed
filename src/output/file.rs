//! Files that are there whole or not at all.

use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

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

/// The end of the name of a file that is not whole yet.
pub const PARTIAL: &str = "partial";

/// A file that takes its name only when it is whole; until then its name ends in `.partial`, and
/// dropping it removes it. Hashes what is written.
pub struct WholeFile {
    path: PathBuf,
    partial: PathBuf,
    file: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
    published: bool,
}

impl WholeFile {
    /// Begins a file.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(".");
        partial.push(PARTIAL);
        let partial = PathBuf::from(partial);
        let file = File::create(&partial).map_err(|source| OutputError::write(&partial, source))?;
        Ok(Self {
            path: path.to_owned(),
            partial,
            file: BufWriter::with_capacity(1 << 16, file),
            hash: Sha256::new(),
            bytes: 0,
            published: false,
        })
    }

    /// Sees to it that every byte is on the disk.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn sync(&mut self) -> Result<(), OutputError> {
        self.file
            .flush()
            .and_then(|()| self.file.get_ref().sync_all())
            .map_err(|source| OutputError::write(&self.partial, source))
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn publish(mut self) -> Result<Written, OutputError> {
        self.sync()?;
        fs::rename(&self.partial, &self.path)
            .map_err(|source| OutputError::write(&self.path, source))?;
        self.published = true;
        Ok(Written {
            sha256: hex(&self.hash.finalize_reset()),
            bytes: self.bytes,
        })
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

impl Drop for WholeFile {
    fn drop(&mut self) {
        if !self.published {
            // Nothing more can be done about it here; the name tells that it is not whole.
            let _ = fs::remove_file(&self.partial);
        }
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
