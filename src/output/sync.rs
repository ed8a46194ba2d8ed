//! Flushing files and the names in directories to the disk.

use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::path::Path;

/// Flushes a file to the disk, where its file system supports that.
///
/// # Errors
/// When the disk does not store every byte.
pub fn sync_file(file: &File) -> io::Result<()> {
    where_supported(file.sync_all())
}

/// Flushes the names in a directory to the disk, where its file system supports that.
///
/// # Errors
/// When the directory is missing, or the disk does not store its entries.
pub fn sync_directory(path: &Path) -> io::Result<()> {
    let path = match path.as_os_str().is_empty() {
        true => Path::new("."),
        false => path,
    };
    where_supported(File::open(path).and_then(|directory| directory.sync_all()))
}

/// Ignores errors of file systems, mostly FUSE and network ones, that do not support flushing; and of
/// directories that are writable but not readable.
fn where_supported(done: io::Result<()>) -> io::Result<()> {
    const UNSUPPORTED: [Errno; 6] = [
        Errno::INVAL,
        Errno::NOSYS,
        Errno::OPNOTSUPP,
        Errno::NOTSUP,
        Errno::BADF,
        Errno::ACCESS,
    ];
    match done {
        Err(error) if Errno::from_io_error(&error).is_some_and(|no| UNSUPPORTED.contains(&no)) => {
            Ok(())
        }
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_unsupported_is_passed_over() {
        let answer = |errno: Errno| where_supported(Err(errno.into()));
        for errno in [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP] {
            answer(errno).unwrap();
        }
        for errno in [
            Errno::IO,
            Errno::NOSPC,
            Errno::DQUOT,
            Errno::ROFS,
            Errno::NOENT,
        ] {
            assert_eq!(
                answer(errno).unwrap_err().raw_os_error(),
                Some(errno.raw_os_error())
            );
        }
        sync_directory(Path::new("")).unwrap();
    }
}
