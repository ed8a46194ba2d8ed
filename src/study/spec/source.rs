//! Where a spec is read from.

use super::{SpecError, SpecFault};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Most bytes of a spec.
const MOST_BYTES: u64 = 16 << 20;

/// A text, with its name in errors and the directory from which paths in it start.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) directory: PathBuf,
}

impl Source {
    /// Reads a regular file, or standard input if the path is `-`.
    pub(super) fn read(path: &Path) -> Result<Self, SpecError> {
        let failed = |source| SpecError::Read {
            path: path.to_owned(),
            source,
        };
        let (name, bytes) = if path == Path::new("-") {
            let name = "standard input".to_owned();
            (name, bounded(io::stdin().lock()).map_err(failed)?)
        } else {
            // Asked before it is opened: opening a pipe waits for its writer.
            let kind = fs::metadata(path).map_err(failed)?.file_type();
            if !kind.is_file() {
                return Err(SpecError::Kind {
                    path: path.to_owned(),
                    kind: if kind.is_dir() {
                        "directory"
                    } else {
                        "pipe or device"
                    },
                });
            }
            let file = File::open(path).map_err(failed)?;
            (path.display().to_string(), bounded(file).map_err(failed)?)
        };
        if bytes.len() as u64 > MOST_BYTES {
            return Err(SpecError::Size {
                source_name: name,
                most: MOST_BYTES,
            });
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self {
                name,
                text,
                directory: path.parent().unwrap_or(Path::new("")).to_owned(),
            }),
            Err(error) => Err(not_text(
                name,
                error.as_bytes(),
                error.utf8_error().valid_up_to(),
            )),
        }
    }
}

/// At most one byte more than a spec may have.
fn bounded(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn not_text(source_name: String, bytes: &[u8], place: usize) -> SpecError {
    let line = bytes[..place].iter().filter(|&&byte| byte == b'\n').count() + 1;
    let message = format!(
        "holds the byte 0x{:02x}, which is not UTF-8; save the file as UTF-8, for example with \
         `iconv -f LATIN1 -t UTF-8`",
        bytes[place]
    );
    SpecError::Faults {
        source_name,
        faults: vec![SpecFault {
            line: Some(line),
            key: String::new(),
            message,
            excerpt: None,
        }],
        more: 0,
    }
}
