//! Opens files written by other programs. Refuses anything but plain files of a limited size, before reading.

use super::form::Form;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Maximum size in bytes of a text read at once: specs, manifests, descriptions of recordings.
pub const MOST_TEXT: u64 = 64 << 20;

/// Maximum size in bytes of a table read at once: points, histories, tables of recordings.
pub const MOST_TABLE: u64 = 1 << 30;

/// Maximum number of rows of a table read at once: more than a sweep has points.
pub const MOST_ROWS: usize = 1 << 24;

/// Reason why a file is not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file system reported an error.
    #[error("{path}: cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// The path is not a plain file, so reading it might never end.
    #[error("{path}: is {found}, expected a plain file; save its contents to a file first")]
    Kind {
        /// The file.
        path: PathBuf,
        /// Kind of file found.
        found: &'static str,
    },
    /// The file is larger than the limit.
    #[error(
        "{path}: too large, expected at most {most} bytes; check that this is the intended file, or split it"
    )]
    Size {
        /// The file.
        path: PathBuf,
        /// Maximum size in bytes.
        most: u64,
    },
    /// The file has another format.
    #[error("{path}: is {found}; {fix}")]
    Form {
        /// The file.
        path: PathBuf,
        /// Format found.
        found: &'static str,
        /// How to convert the file.
        fix: &'static str,
    },
    /// The file is not UTF-8 text.
    #[error(
        "{path}:{line}: not UTF-8 text: the byte 0x{byte:02x}; check that this is the intended file, and save it as \
         UTF-8, for example with `iconv -f LATIN1 -t UTF-8`"
    )]
    Text {
        /// The file.
        path: PathBuf,
        /// First invalid line, from 1.
        line: usize,
        /// First invalid byte.
        byte: u8,
    },
}

impl FileError {
    pub(super) fn form(path: &Path, form: Form) -> Self {
        Self::Form {
            path: path.to_owned(),
            found: form.name,
            fix: form.fix,
        }
    }
}

/// Opens a plain file of at most `most` bytes.
///
/// # Errors
/// When the file is missing, not a plain file, or larger.
pub fn open(path: &Path, most: u64) -> Result<File, FileError> {
    let failed = |source| FileError::Read {
        path: path.to_owned(),
        source,
    };
    // Checks the kind first: opening a pipe blocks until it has a writer.
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(FileError::Kind {
            path: path.to_owned(),
            found: kind(&metadata),
        });
    }
    if metadata.len() > most {
        return Err(FileError::Size {
            path: path.to_owned(),
            most,
        });
    }
    File::open(path).map_err(failed)
}

fn kind(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() {
        return "a directory";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if metadata.file_type().is_fifo() {
            return "a pipe";
        }
    }
    "a device or socket"
}

/// Reads a file of at most `most` bytes.
///
/// # Errors
/// As [`open`], and when the file cannot be read.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    // The file may grow during the read.
    open(path, most)?
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|source| FileError::Read {
            path: path.to_owned(),
            source,
        })?;
    Ok(bytes)
}

/// Reads a text file of at most `most` bytes.
///
/// # Errors
/// When the file cannot be read, is too large, or is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> Result<String, FileError> {
    text(path, read(path, most)?)
}

/// Reads a text of at most `most` bytes from standard input.
///
/// # Errors
/// When standard input cannot be read, is longer, or is not UTF-8.
pub fn read_standard_input(most: u64) -> Result<String, FileError> {
    let path = || PathBuf::from("standard input");
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(most + 1).read_to_end(&mut bytes);
    let read = read.map_err(|source| FileError::Read {
        path: path(),
        source,
    })?;
    if read as u64 > most {
        return Err(FileError::Size { path: path(), most });
    }
    text(&path(), bytes)
}

/// Format of binary files that begin like text.
pub(super) const NOT_TEXT: Form = Form {
    name: "not text",
    fix: "check that this is the intended file, and save it as UTF-8",
};

/// Decodes a file: UTF-8, or UTF-16 with a byte order mark, as Windows writes both.
pub(super) fn text(path: &Path, mut bytes: Vec<u8>) -> Result<String, FileError> {
    let utf16 = |unit: fn([u8; 2]) -> u16| {
        let (units, rest) = bytes[2..].as_chunks::<2>();
        let units = units.iter().copied().map(unit);
        let text = char::decode_utf16(units).collect::<Result<String, _>>();
        text.ok().filter(|_| rest.is_empty())
    };
    let decoded = match bytes.get(..2) {
        Some([0xff, 0xfe]) => Some(utf16(u16::from_le_bytes)),
        Some([0xfe, 0xff]) => Some(utf16(u16::from_be_bytes)),
        _ => None,
    };
    if let Some(decoded) = decoded {
        return decoded.ok_or_else(|| FileError::form(path, NOT_TEXT));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map_err(|error| {
        let (valid, rest) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        FileError::Text {
            path: path.to_owned(),
            line: 1 + valid.iter().filter(|&&byte| byte == b'\n').count(),
            byte: rest.first().copied().unwrap_or_default(),
        }
    })
}
