//! Many processes in one directory, killed at any moment: always the bytes of one process.

mod common;

use common::{Place, assert_same, sums};
use conviction::study::store::{Directory, Left, Store};
use conviction::study::verify::verify;
use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A sweep of some parts, done in a moment.
const SPEC: &str = "replicates = 64\ndays = 4\n[initial]\nparticipants = 5\n[axes]\nbeta = [0.1, 0.2]\n\
                    rho = { from = 1e-4, to = 1e-2, steps = 4 }\n[output]\ntables = [\"runs\", \"days\"]\n";

/// The sweep by one process, as `whole`.
fn reference(place: &Place) -> BTreeMap<String, String> {
    place.file("spec.toml", SPEC);
    place.run(0, &["sweep", "spec.toml", "--out", "whole"]);
    sums(&place.path("whole"))
}

/// Begins a sweep into a directory.
fn begin(place: &Place, directory: &str, more: &[&str]) -> Child {
    Command::new(assert_cmd::cargo::cargo_bin!("conviction"))
        .args(["sweep", "spec.toml", "--threads", "1", "--out", directory])
        .args(more)
        .current_dir(place.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Expects that a sweep did all that it was to do.
fn assert_success(child: Child) {
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
}

/// Expects a whole dataset of these bytes, but for what the dead left.
fn assert_whole(place: &Place, directory: &str, whole: &BTreeMap<String, String>) {
    let found = verify(&Directory::new(place.path(directory))).unwrap();
    assert_eq!(found.problems, []);
    Directory::new(place.path(directory))
        .tidy(Left::ByAnybody)
        .unwrap();
    assert_same(&sums(&place.path(directory)), whole);
    std::fs::remove_dir_all(place.path(directory)).unwrap();
}

#[test]
fn eight_shards_at_once() {
    let place = Place::new();
    let whole = reference(&place);
    for round in 0..20 {
        let directory = format!("round-{round}");
        let shards =
            (1..=8).map(|shard| begin(&place, &directory, &["--shard", &format!("{shard}/8")]));
        let shards: Vec<_> = shards.collect();
        shards.into_iter().for_each(assert_success);
        assert_whole(&place, &directory, &whole);
    }
}

#[test]
fn a_process_that_does_the_same_is_killed() {
    let place = Place::new();
    let whole = reference(&place);
    for round in 0..50 {
        let directory = format!("round-{round}");
        let same = ["--shard", "1/1"];
        let mut killed = begin(&place, &directory, &same);
        let other = begin(&place, &directory, &same);
        // At moments all over its life.
        std::thread::sleep(Duration::from_millis(5 + (round * 37) % 120));
        killed.kill().unwrap();
        killed.wait().unwrap();
        assert_success(other);
        assert_whole(&place, &directory, &whole);
    }
}

#[test]
fn whoever_comes_does_what_is_missing() {
    let place = Place::new();
    let whole = reference(&place);
    for round in 0..5 {
        let directory = format!("round-{round}");
        let any = || begin(&place, &directory, &["--shard", "any"]);
        let mut processes: Vec<_> = (0..4).map(|_| any()).collect();
        std::thread::sleep(Duration::from_millis(40 + 30 * round));
        for mut killed in processes.drain(..2) {
            killed.kill().unwrap();
            killed.wait().unwrap();
        }
        processes.push(any());
        processes.into_iter().for_each(assert_success);
        assert_whole(&place, &directory, &whole);
    }
}

/// Sends a signal to a process, by its number.
fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

#[test]
fn a_process_that_was_stopped_goes_on() {
    let place = Place::new();
    let whole = reference(&place);
    for round in 0..10 {
        let directory = format!("round-{round}");
        let same = ["--shard", "1/1"];
        let stopped = begin(&place, &directory, &same);
        std::thread::sleep(Duration::from_millis(5 + round * 11));
        signal(&stopped, "-STOP");
        // Another does all of it meanwhile.
        assert_success(begin(&place, &directory, &same));
        signal(&stopped, "-CONT");
        assert_success(stopped);
        assert_whole(&place, &directory, &whole);
    }
}

/// Every thirtieth call of fsync fails, as on a disk that loses what it is given.
const LOSING: &str = "#include <errno.h>\nstatic int calls;\nint fsync(int file) {\n\
                      if (__sync_add_and_fetch(&calls, 1) % 30) return 0;\nerrno = EIO;\nreturn -1;\n}\n";

#[test]
fn a_disk_that_does_not_keep_what_it_is_given_is_told() {
    let place = Place::new();
    let whole = reference(&place);
    place.file("losing.c", LOSING);
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o", "losing.so", "losing.c"])
        .current_dir(place.path(""))
        .status();
    assert!(built.unwrap().success());
    let mut program = place.program();
    program.env("LD_PRELOAD", place.path("losing.so"));
    let output = program
        .args(["sweep", "spec.toml", "--out", "lost"])
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(
        err.contains("Input/output error") && err.contains("lost"),
        "{err}"
    );
    place.run(0, &["sweep", "spec.toml", "--out", "lost", "--resume"]);
    assert_whole(&place, "lost", &whole);
}
