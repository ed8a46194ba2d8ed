//! Files that somebody else wrote: what is no plain file, or is larger than anything of its kind, is
//! refused before it is read.

use super::form::Form;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Most bytes of a text that is read at once: specs, manifests, descriptions of recordings.
pub const MOST_TEXT: u64 = 64 << 20;

/// Most bytes of a table that is read at once: points, histories, tables of recordings.
pub const MOST_TABLE: u64 = 1 << 30;

/// Most rows of a table that is read at once: more than a sweep has points.
pub const MOST_ROWS: usize = 1 << 24;

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file system said no.
    #[error("{path}: cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no plain file, and reading it might never end.
    #[error("{path}: is {found}, expected a plain file; write what it gives to a file first")]
    Kind {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: &'static str,
    },
    /// It is larger than anything of its kind.
    #[error(
        "{path}: is too large, expected at most {most} bytes; see that this is the file you mean, or split it"
    )]
    Size {
        /// The file.
        path: PathBuf,
        /// The limit.
        most: u64,
    },
    /// It is of another form.
    #[error("{path}: is {found}; {fix}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: &'static str,
        /// What to do about it.
        fix: &'static str,
    },
    /// It is no text.
    #[error(
        "{path}:{line}: is not UTF-8 text: the byte 0x{byte:02x}; see that this is the file you mean, and save it \
         as UTF-8, for example with `iconv -f LATIN1 -t UTF-8`"
    )]
    Text {
        /// The file.
        path: PathBuf,
        /// The first line that is none, from 1.
        line: usize,
        /// The first byte that is none.
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

/// Opens a plain file of at most this many bytes.
///
/// # Errors
/// When it is not there, no plain file, or larger.
pub fn open(path: &Path, most: u64) -> Result<File, FileError> {
    let failed = |source| FileError::Read {
        path: path.to_owned(),
        source,
    };
    // Looked at before it is opened: opening a pipe waits for a writer.
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

/// Reads a whole file of at most this many bytes.
///
/// # Errors
/// As [`open`], and when it cannot be read.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    // A file may grow while it is read.
    open(path, most)?
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|source| FileError::Read {
            path: path.to_owned(),
            source,
        })?;
    Ok(bytes)
}

/// Reads a whole text of at most this many bytes.
///
/// # Errors
/// As `read`, and when it is no UTF-8.
pub fn read_text(path: &Path, most: u64) -> Result<String, FileError> {
    text(path, read(path, most)?)
}

/// Reads a whole text from standard input, of at most this many bytes.
///
/// # Errors
/// When it cannot be read, is longer, or is no UTF-8.
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

/// The form of files that look like text and are not.
pub(super) const NOT_TEXT: Form = Form {
    name: "not text",
    fix: "see that this is the file you mean, and save it as UTF-8",
};

/// The text of a file's bytes: UTF-8, or UTF-16 with its mark, as Windows writes both.
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
