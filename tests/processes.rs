//! Many processes in one directory, killed at any moment: always the bytes of one process.

mod common;

use common::{Place, assert_same, sums};
use conviction::study::store::{Directory, Store};
use conviction::study::verify::verify;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A sweep of 32 parts, done in a moment.
const SPEC: &str = "replicates = 256\ndays = 4\n[initial]\nparticipants = 5\n[axes]\nbeta = [0.1, 0.2]\n\
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
    Directory::new(place.path(directory)).tidy().unwrap();
    assert_same(&sums(&place.path(directory)), whole);
    std::fs::remove_dir_all(place.path(directory)).unwrap();
}

/// Waits until a dataset has so many parts.
fn wait_for_parts(place: &Place, directory: &str, parts: u64) {
    let begun = Instant::now();
    let is_part = |path: &Path| {
        path.file_name()
            .unwrap()
            .as_encoded_bytes()
            .starts_with(b"part-")
    };
    loop {
        let entries = std::fs::read_dir(place.path(directory).join("parts"));
        let names = entries.into_iter().flatten().flatten();
        if names.filter(|entry| is_part(&entry.path())).count() as u64 >= parts {
            return;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "no part for a minute"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Expects that a process is still at work.
fn assert_alive(child: &mut Child) {
    let ended = child.try_wait().unwrap();
    assert!(ended.is_none(), "{ended:?} already; make the sweep longer");
}

/// Kills a process that is still at work.
fn kill(mut child: Child) {
    assert_alive(&mut child);
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
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
    for round in 0..24 {
        let directory = format!("round-{round}");
        let same = ["--shard", "1/1"];
        let killed = begin(&place, &directory, &same);
        let other = begin(&place, &directory, &same);
        // After each number of parts once, and at moments all over the next part.
        wait_for_parts(&place, &directory, (round * 7) % 24);
        std::thread::sleep(Duration::from_millis(round % 5));
        kill(killed);
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
        wait_for_parts(&place, &directory, 1 + 4 * round);
        processes.drain(..2).for_each(kill);
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
        let mut stopped = begin(&place, &directory, &same);
        wait_for_parts(&place, &directory, 2 * round);
        assert_alive(&mut stopped);
        signal(&stopped, "-STOP");
        // Another does all of it meanwhile.
        assert_success(begin(&place, &directory, &same));
        signal(&stopped, "-CONT");
        assert_success(stopped);
        assert_whole(&place, &directory, &whole);
    }
}

/// Builds a library that stands before the system's own functions.
fn before_the_system(place: &Place, name: &str, source: &str) -> std::path::PathBuf {
    place.file(&format!("{name}.c"), source);
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o", name, &format!("{name}.c")])
        .current_dir(place.path(""))
        .status();
    assert!(built.unwrap().success());
    place.path(name)
}

/// One of so many calls of fsync fails, as on a disk that loses what it is given.
const LOSING: &str = "#include <errno.h>\n#include <stdlib.h>\nstatic int calls;\nint fsync(int file) {\n\
                      if (__sync_add_and_fetch(&calls, 1) % atoi(getenv(\"ONE_OF\"))) return 0;\n\
                      errno = EIO;\nreturn -1;\n}\n";

#[test]
fn a_disk_that_does_not_keep_what_it_is_given_is_told() {
    let place = Place::new();
    let whole = reference(&place);
    let losing = before_the_system(&place, "losing.so", LOSING);
    // In the middle, and at once.
    for one_of in ["30", "1"] {
        let mut program = place.program();
        program.env("LD_PRELOAD", &losing).env("ONE_OF", one_of);
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
}

/// A file system as many are behind FUSE: it cannot flush directories, rename without replacing, or link.
const LIMITED: &str = r#"
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int fsync(int file) {
    struct stat of;
    if (fstat(file, &of) || !S_ISDIR(of.st_mode)) return syscall(SYS_fsync, file);
    errno = atoi(getenv("FSYNC"));
    return -1;
}

int linkat(int from, const char *name, int to, const char *other, int flags) {
    errno = atoi(getenv("LINK"));
    return -1;
}

__attribute__((constructor)) static void refuse_renaming_without_replacing(void) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[4])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof rules / sizeof *rules, rules };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        abort();
}
"#;

#[cfg(target_os = "linux")]
#[test]
fn a_file_system_with_few_abilities_will_do() {
    let place = Place::new();
    let whole = reference(&place);
    let limited = before_the_system(&place, "limited.so", LIMITED);
    // EINVAL, ENOSYS, EOPNOTSUPP; EMLINK, EXDEV, EPERM.
    for (fsync, link) in [("22", "31"), ("38", "18"), ("95", "1")] {
        let run = |status: i32, arguments: &[&str]| {
            let mut program = place.program();
            program.env("LD_PRELOAD", &limited).env("FSYNC", fsync);
            program.env("LINK", link).args(arguments);
            let output = program.output().unwrap();
            let err = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{err}");
            err
        };
        run(0, &["sweep", "spec.toml", "--out", "data", "-q"]);
        run(
            0,
            &["sweep", "spec.toml", "--out", "data", "-q", "--resume"],
        );
        assert_whole(&place, "data", &whole);
        run(0, &["run", "--set", "days=3", "--out", "one"]);
        run(0, &["init", "new.toml"]);
        let err = run(2, &["init", "new.toml"]);
        assert!(err.contains("exists; choose another name"), "{err}");
        std::fs::remove_dir_all(place.path("one")).unwrap();
        std::fs::remove_file(place.path("new.toml")).unwrap();
    }
}

/// The sweep by a process that is still at work when its directory is given another name, or removed.
fn displaced(place: &Place, more: &[&str], displace: impl Fn()) -> (Option<i32>, String) {
    let mut child = begin(place, "data", more);
    wait_for_parts(place, "data", 3);
    assert_alive(&mut child);
    displace();
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), err)
}

#[test]
fn a_directory_that_is_renamed_or_removed_is_told() {
    let place = Place::new();
    let whole = reference(&place);
    let data = place.path("data");
    let rename = || std::fs::rename(&data, place.path("moved")).unwrap();
    for more in [&["-q"][..], &["--shard", "1/1"], &["--format", "json"]] {
        let (status, err) = displaced(&place, more, rename);
        assert_eq!(status, Some(1), "{err}");
        assert!(err.contains("renamed or removed"), "{err}");
        // Nothing was begun in its place; moved back, it is completed.
        assert!(!data.exists());
        std::fs::rename(place.path("moved"), &data).unwrap();
        place.run(0, &["sweep", "spec.toml", "--out", "data", "--resume"]);
        assert_whole(&place, "data", &whole);
    }
    let (status, err) = displaced(&place, &["-q"], || {
        // A writer may put a file into a folder that is just being removed.
        while data.exists() {
            let _ = std::fs::remove_dir_all(&data);
        }
    });
    assert_eq!(status, Some(1), "{err}");
    assert!(err.contains("renamed or removed"), "{err}");
    assert!(!data.exists());
}

#[test]
fn a_directory_in_whose_place_another_is_begun_is_told() {
    let place = Place::new();
    let whole = reference(&place);
    let data = place.path("data");
    let (status, err) = displaced(&place, &["-q", "--shard", "1/2"], || {
        std::fs::rename(&data, place.path("moved")).unwrap();
        // As another shard would, but faster.
        std::fs::create_dir(&data).unwrap();
        for name in ["dataset.toml", "points.parquet"] {
            std::fs::copy(place.path("moved").join(name), data.join(name)).unwrap();
        }
    });
    assert_eq!(status, Some(1), "{err}");
    assert!(
        err.contains("of 16 parts missing") || err.contains("renamed or removed"),
        "{err}"
    );
    place.run(0, &["sweep", "spec.toml", "--out", "data", "--resume"]);
    assert_whole(&place, "data", &whole);

    // Without files it is not a dataset.
    let (status, err) = displaced(&place, &["-q"], || {
        std::fs::remove_file(data.join("dataset.toml")).unwrap();
    });
    assert_eq!(status, Some(1), "{err}");
    assert!(err.contains("dataset.toml missing"), "{err}");
    place.run(0, &["sweep", "spec.toml", "--out", "data", "--resume"]);
    assert_whole(&place, "data", &whole);
}

#[test]
fn temporary_files_of_the_living_are_not_removed() {
    let place = Place::new();
    let whole = reference(&place);
    let file = |name: &str| place.path("whole").join(name);
    let alive = conviction::output::WholeFile::create(&file("runs/part")).unwrap();
    std::fs::write(file("runs/.conviction-dead.partial"), "half").unwrap();
    let (out, _) = place.run(0, &["verify", "whole", "--clean"]);
    assert!(out.contains("temporary files removed: 1"), "{out}");
    assert!(out.contains("note: 1 temporary files"), "{out}");
    drop(alive);
    assert_same(&sums(&place.path("whole")), &whole);
}

#[test]
fn what_a_killed_run_leaves_is_removed_by_the_next_beside_it() {
    let place = Place::new();
    let run = |out: &str, days: &str| {
        Command::new(assert_cmd::cargo::cargo_bin!("conviction"))
            .args(["run", "--quiet", "--set", days, "--out", out])
            .current_dir(place.path(""))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let hidden = || {
        let entries = std::fs::read_dir(place.path("")).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        let hidden = names.filter(|name| name.starts_with(".conviction-"));
        hidden.collect::<BTreeSet<_>>()
    };
    let wait_for = |count: usize| {
        let begun = Instant::now();
        while hidden().len() < count {
            assert!(begun.elapsed() < Duration::from_secs(60), "no directory");
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    let mut killed = run("killed", "days=36500");
    wait_for(1);
    let left = hidden();
    let mut alive = run("alive", "days=36500");
    wait_for(2);
    assert_alive(&mut killed);
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_success(run("next", "days=3"));
    assert_alive(&mut alive);
    assert!(hidden().is_disjoint(&left) && hidden().len() == 1);
    assert!(place.path("next/run.toml").exists());
    alive.kill().unwrap();
    alive.wait().unwrap();
}
