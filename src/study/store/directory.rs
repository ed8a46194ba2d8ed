//! Implements a store in a directory.
//!
//! Each object is written under a unique temporary name and renamed atomically, never overwriting an existing
//! file. Writers lock their temporary file, so that others recognise leftovers of dead processes. On file
//! systems without locks, leftovers remain until the user removes them. Correctness does not depend on
//! locks: a writer whose file disappears writes it again.
//!
//! [`Store::make`] creates the directory itself once. If it is renamed or removed later, writing fails instead
//! of creating another directory in its place.

use super::{Entry, Store, StoreError};
use crate::output::{OutputError, WholeFile, is_by_the_dead, is_partial, sync_directory};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Directory that holds objects as files.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// Refers to a directory, without creating it; [`Store::make`] does.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    fn path(&self, name: &str) -> PathBuf {
        // Joining an empty name would append a slash.
        match name {
            "" => self.0.clone(),
            name => self.0.join(name),
        }
    }

    fn read_error(&self, name: &str, source: io::Error) -> StoreError {
        StoreError::Read {
            name: self.path(name).display().to_string(),
            source,
        }
    }

    fn write_error(&self, name: &str, source: io::Error) -> StoreError {
        if source.kind() == ErrorKind::NotFound && !self.0.is_dir() {
            return StoreError::Gone {
                place: self.place(),
            };
        }
        StoreError::Write {
            name: self.path(name).display().to_string(),
            source,
        }
    }

    /// Writes a complete file and gives it its name through `publish`.
    fn write(
        &self,
        name: &str,
        bytes: &[u8],
        publish: fn(WholeFile) -> Result<(), OutputError>,
    ) -> Result<(), io::Error> {
        /// Folders may be missing, and another process may remove the temporary file as a leftover.
        const ATTEMPTS: usize = 8;
        let path = self.path(name);
        let attempt = || {
            let mut file = WholeFile::create(&path)?;
            file.write_all(bytes)
                .map_err(|source| OutputError::write(&path, source))?;
            publish(file)
        };
        let mut done = attempt();
        for _ in 1..ATTEMPTS {
            match &done {
                Err(OutputError::Write { source, .. }) if source.kind() == ErrorKind::NotFound => {
                    self.make_folders_of(name)?;
                    done = attempt();
                }
                _ => break,
            }
        }
        match done {
            Ok(()) => self.sync_folder_of(name),
            Err(OutputError::Write { source, .. }) => Err(source),
            Err(other) => Err(io::Error::other(other)),
        }
    }

    /// Creates the folders of an object; the directory itself must exist.
    fn make_folders_of(&self, name: &str) -> io::Result<()> {
        for (end, _) in name.match_indices('/') {
            make_folder(&self.path(&name[..end]))?;
        }
        Ok(())
    }

    fn sync_folder_of(&self, name: &str) -> io::Result<()> {
        sync_directory(self.path(name).parent().unwrap_or(&self.0))
    }

    /// Lists the entries of a folder; empty if it does not exist.
    fn entries(&self, folder: &str) -> Result<Vec<Entry>, StoreError> {
        let failed = |source| self.read_error(folder, source);
        let found = match fs::read_dir(self.path(folder)) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(failed(source)),
        };
        let mut entries = Vec::new();
        for entry in found {
            let entry = entry.map_err(failed)?;
            let own = entry.file_name().to_string_lossy().into_owned();
            entries.push(Entry {
                is_folder: entry.path().is_dir(),
                name: match folder {
                    "" => own,
                    folder => format!("{folder}/{own}"),
                },
            });
        }
        entries.sort();
        Ok(entries)
    }
}

impl Store for Directory {
    fn place(&self) -> String {
        self.0.display().to_string()
    }

    fn directory(&self) -> Option<&Path> {
        Some(&self.0)
    }

    fn make(&self) -> Result<(), StoreError> {
        make_with_parents(&self.0).map_err(|source| StoreError::Write {
            name: self.place(),
            source,
        })
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        match self.write(name, bytes, WholeFile::publish_new) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                if self.get(name)?.as_deref() != Some(bytes) {
                    let name = self.path(name).display().to_string();
                    return Err(StoreError::Differs { name });
                }
                // The process that created it may not have flushed its folder yet.
                self.sync_folder_of(name)
                    .map_err(|source| self.write_error(name, source))
            }
            done => done.map_err(|source| self.write_error(name, source)),
        }
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(name, bytes, WholeFile::publish)
            .map_err(|source| self.write_error(name, source))
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.size(name)? {
            None => Ok(None),
            Some(_) => match fs::read(self.path(name)) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                read => read.map(Some).map_err(|e| self.read_error(name, e)),
            },
        }
    }

    fn size(&self, name: &str) -> Result<Option<u64>, StoreError> {
        match fs::metadata(self.path(name)) {
            Ok(found) if found.is_file() => Ok(Some(found.len())),
            Ok(_) => {
                Err(self.read_error(name, io::Error::new(ErrorKind::IsADirectory, "not a file")))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(self.read_error(name, source)),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<Entry>, StoreError> {
        let mut entries = self.entries(folder)?;
        entries.retain(|entry| !is_unfinished(&entry.name));
        Ok(entries)
    }

    fn unfinished(&self) -> Result<Vec<String>, StoreError> {
        let mut found = self.entries("")?;
        for folder in found.clone().iter().filter(|entry| entry.is_folder) {
            found.extend(self.entries(&folder.name)?);
        }
        found.retain(|entry| !entry.is_folder && is_unfinished(&entry.name));
        Ok(found.into_iter().map(|entry| entry.name).collect())
    }

    fn tidy(&self) -> Result<u64, StoreError> {
        let mut removed = 0;
        for name in self.unfinished()? {
            if !is_by_the_dead(File::options().write(true).open(self.path(&name))) {
                continue;
            }
            match fs::remove_file(self.path(&name)) {
                // Its writer, or another process, was faster.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                done => {
                    done.map_err(|source| self.write_error(&name, source))?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

fn is_unfinished(name: &str) -> bool {
    is_partial(name.rsplit('/').next().unwrap_or(name))
}

/// Creates a directory and its parents.
fn make_with_parents(path: &Path) -> io::Result<()> {
    match make_folder(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => match path.parent() {
            Some(parent) if parent != Path::new("") => {
                make_with_parents(parent)?;
                make_folder(path)
            }
            _ => Err(error),
        },
        made => made,
    }
}

/// Creates a folder, unless it exists, and flushes its name to the disk.
fn make_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_directory(path.parent().unwrap_or(Path::new(""))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_put_once() {
        let place = tempfile::tempdir().unwrap();
        let store = Directory::new(place.path().join("deep/new"));
        assert_eq!(store.get("a/b").unwrap(), None);
        assert_eq!(store.list("a").unwrap(), []);
        store.make().unwrap();
        store.make().unwrap();
        store.put("a/b", b"one").unwrap();
        store.put("a/b", b"one").unwrap();
        let error = store.put("a/b", b"two").unwrap_err();
        assert!(matches!(error, StoreError::Differs { .. }), "{error}");
        assert_eq!(store.get("a/b").unwrap().unwrap(), b"one");
        store.replace("a/b", b"two").unwrap();
        assert_eq!(store.size("a/b").unwrap(), Some(3));
        assert_eq!(store.get("a/b").unwrap().unwrap(), b"two");
        let names: Vec<_> = store
            .list("a")
            .unwrap()
            .into_iter()
            .map(|e| e.name)
            .collect();
        assert_eq!(names, ["a/b"]);
        assert_eq!(store.unfinished().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_directory_that_is_gone_is_not_begun_again() {
        let place = tempfile::tempdir().unwrap();
        let store = Directory::new(place.path().join("store"));
        for put in [Store::put, Store::replace] {
            let error = put(&store, "a/b", b"one").unwrap_err().to_string();
            assert!(error.contains("store: missing"), "{error}");
        }
        store.make().unwrap();
        store.put("a/b", b"one").unwrap();
        fs::rename(place.path().join("store"), place.path().join("moved")).unwrap();
        for name in ["a/c", "a/b", "c"] {
            let error = store.put(name, b"one").unwrap_err();
            assert!(matches!(error, StoreError::Gone { .. }), "{error}");
        }
        assert!(!place.path().join("store").exists());
    }

    #[test]
    fn what_the_dead_left_is_told_from_what_is_being_written() {
        let place = tempfile::tempdir().unwrap();
        let store = Directory::new(place.path());
        fs::create_dir(place.path().join("runs")).unwrap();
        let left = place.path().join("runs/.part.1.partial");
        fs::write(&left, "half").unwrap();
        let alive = WholeFile::create(&place.path().join("runs/part")).unwrap();
        assert_eq!(store.unfinished().unwrap().len(), 2);
        assert_eq!(store.tidy().unwrap(), 1);
        assert!(!left.exists());
        assert_eq!(store.unfinished().unwrap().len(), 1);
        assert_eq!(store.tidy().unwrap(), 0);
        alive.publish_new().unwrap();
        assert_eq!(store.unfinished().unwrap(), Vec::<String>::new());
        // A writer whose file disappears writes it again.
        let taken = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !taken.load(std::sync::atomic::Ordering::Relaxed) {
                    store.tidy().unwrap();
                }
            });
            for i in 0..50 {
                store.put(&format!("runs/{i}"), &[i; 10_000]).unwrap();
            }
            taken.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        assert_eq!(store.list("runs").unwrap().len(), 51);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let victim = place.path().join("victim");
        fs::write(&victim, "mine").unwrap();
        let store = Directory::new(place.path().join("store"));
        store.make().unwrap();
        store.put("x", b"x").unwrap();
        std::os::unix::fs::symlink(&victim, place.path().join("store/part")).unwrap();
        assert!(store.put("part", b"theirs").is_err());
        store.replace("part", b"theirs").unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
    }
}
