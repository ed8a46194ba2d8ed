//! Helpers shared by several tests: a directory each, and the program.

#![allow(dead_code, reason = "each test file uses its part")]

pub mod extensions;

use assert_cmd::Command;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A test's own directory.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Returns the program, to be run in the directory.
    pub fn program(&self) -> Command {
        let mut command = Command::cargo_bin("conviction").unwrap();
        command.current_dir(self.0.path());
        command
    }

    /// Runs the program and expects this exit status; returns its standard output and standard error.
    pub fn run(&self, status: i32, arguments: &[&str]) -> (String, String) {
        let output = self.program().args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(output.stdout), text(output.stderr));
        assert_eq!(
            output.status.code(),
            Some(status),
            "{arguments:?}\n{out}\n{err}"
        );
        (out, err)
    }

    /// Starts the program, interrupts it after a while like Ctrl-C, and expects the status of an interrupt;
    /// returns its standard error.
    pub fn interrupt(&self, after: Duration, arguments: &[&str]) -> String {
        let child = process::Command::new(assert_cmd::cargo::cargo_bin!("conviction"))
            .args(arguments)
            .current_dir(self.0.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(after);
        let interrupt = process::Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status();
        assert!(interrupt.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130));
        String::from_utf8(output.stderr).unwrap()
    }
}

/// Returns the SHA-256 of every file below a directory, by relative name.
pub fn sums(directory: &Path) -> BTreeMap<String, String> {
    let mut sums = BTreeMap::new();
    let mut todo = vec![directory.to_owned()];
    while let Some(next) = todo.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
                continue;
            }
            let name = path.strip_prefix(directory).unwrap().display().to_string();
            let sum = Sha256::digest(std::fs::read(&path).unwrap());
            sums.insert(name, sum.iter().map(|b| format!("{b:02x}")).collect());
        }
    }
    sums
}

/// Expects the same files with the same bytes; lists those that differ.
pub fn assert_same(found: &BTreeMap<String, String>, expected: &BTreeMap<String, String>) {
    let names = found.keys().chain(expected.keys());
    let differ = names.filter(|&name| found.get(name) != expected.get(name));
    let differ: std::collections::BTreeSet<_> = differ.collect();
    assert!(differ.is_empty(), "these files differ: {differ:?}");
}
