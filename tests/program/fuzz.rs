//! Inputs that nobody wrote: those of the corpus, mutated. `scripts/fuzz` goes on for longer.

#[path = "../fuzz/targets/mod.rs"]
mod targets;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A change to an input.
#[derive(Clone, Debug)]
enum Mutation {
    Flip(Index, u8),
    Set(Index, u8),
    End(Index),
    Remove(Index, usize),
    Repeat(Index, usize, usize),
    /// A stretch of another input of the corpus, put in.
    Splice(Index, Index, usize, Index),
    /// A number where another, or anything else, was.
    Number(Index, &'static [u8]),
}

/// Numbers at which something ends, as texts and as a binary file has them.
const NUMBERS: [&[u8]; 19] = [
    b"0",
    b"-1",
    b"-0.0",
    b"1",
    b"255",
    b"65536",
    b"4294967295",
    b"4294967296",
    b"9223372036854775807",
    b"18446744073709551616",
    b"115792089237316195423570985008687907853269984665640564039457584007913129639935",
    b"1e308",
    b"5e-324",
    b"1e999",
    b"nan",
    b"-inf",
    &[0xff; 5],
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
];

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let place = any::<Index>;
    let mutation = prop_oneof![
        (place(), 0u8..8).prop_map(|(at, bit)| Mutation::Flip(at, bit)),
        // Bytes that mean something to TOML, CSV and JSON, and any others.
        (
            place(),
            prop_oneof![
                prop::sample::select(b"\n\"'=[]{}.,#-_019eE\\".to_vec()),
                any::<u8>()
            ]
        )
            .prop_map(|(at, byte)| Mutation::Set(at, byte)),
        place().prop_map(Mutation::End),
        (place(), 1usize..40).prop_map(|(at, length)| Mutation::Remove(at, length)),
        (place(), 1usize..40, 1usize..100)
            .prop_map(|(at, length, times)| Mutation::Repeat(at, length, times)),
        (place(), place(), 1usize..80, place())
            .prop_map(|(other, from, length, at)| Mutation::Splice(other, from, length, at)),
        (place(), prop::sample::select(&NUMBERS)).prop_map(|(at, with)| Mutation::Number(at, with)),
    ];
    // One is enough to be refused for, and a few may be needed to get anywhere.
    let some = |mutation, counts: std::ops::Range<usize>| prop::collection::vec(mutation, counts);
    prop_oneof![some(mutation.clone(), 1..2), some(mutation, 1..6)]
}

fn mutated(corpus: &[Vec<u8>], first: Index, mutations: &[Mutation]) -> Vec<u8> {
    let mut bytes = first.get(corpus).clone();
    for mutation in mutations {
        let at = |index: &Index| index.index(bytes.len() + 1);
        let stretch = |from: usize, length: usize| from..(from + length).min(bytes.len());
        match mutation {
            Mutation::Flip(index, bit) => {
                let at = at(index);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << bit;
                }
            }
            Mutation::Set(index, with) => {
                let at = at(index);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = *with;
                }
            }
            Mutation::End(index) => bytes.truncate(at(index)),
            Mutation::Remove(index, length) => drop(bytes.drain(stretch(at(index), *length))),
            Mutation::Repeat(index, length, times) => {
                let at = at(index);
                let again = bytes[stretch(at, *length)].repeat(*times);
                bytes.splice(at..at, again);
            }
            Mutation::Splice(other, from, length, index) => {
                let other = other.get(corpus);
                let from = from.index(other.len() + 1);
                let part = other[from..(from + length).min(other.len())].to_vec();
                let at = at(index);
                bytes.splice(at..at, part);
            }
            Mutation::Number(index, with) => {
                let at = at(index);
                let is_digit = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
                let digits = bytes[at..].iter().take_while(is_digit).count();
                let end = (at + digits.max(1)).min(bytes.len());
                bytes.splice(at..end, with.iter().copied());
            }
        }
    }
    bytes
}

/// The inputs of a folder of the corpus, in the order of their names.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz/corpus")
        .join(name);
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect()
}

/// Longest time for one input.
const PATIENCE: Duration = Duration::from_secs(10);

/// Most memory of this process, kB.
const ROOM: u64 = 2 << 20;

/// The greatest memory of this process so far, kB; 0 where the system does not tell.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let told = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = told.and_then(|told| told.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}

/// Ends the process, with the input that a target has, where that takes too long or too much memory.
fn watch(name: &str, given: &Mutex<(Instant, Vec<u8>)>, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(20));
        let (begun, input) = &*given.lock().unwrap();
        let (time, memory) = (begun.elapsed(), memory());
        if time > PATIENCE || memory > ROOM {
            let shown = input.escape_ascii();
            // Not as a test prints, which is kept until its end.
            let said =
                format!("{name}: after {time:?}, with {memory} kB of memory, from\n{shown}\n");
            let _ = std::io::stderr().write_all(said.as_bytes());
            std::process::exit(1);
        }
    }
}

/// Gives a target its corpus, whole and mutated: `cases` times, or as often as
/// CONVICTION_FUZZ_CASES says.
fn fuzz(target: fn(&[u8]), name: &str, cases: u32) {
    // Inputs are files for a moment: in memory, where there is such a place.
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        // Another test may have said so already.
        let _ = tempfile::env::override_temp_dir(memory);
    }
    let mut corpus = corpus(name);
    corpus.extend(targets::made_now(name));
    for input in &corpus {
        target(input);
    }
    let asked = std::env::var("CONVICTION_FUZZ_CASES").ok();
    let asked = asked.map(|cases| cases.parse().expect("a number of cases"));
    // Tests meet the same inputs each time; who asks for more asks for others.
    let rng_seed = match asked {
        Some(_) => RngSeed::Random,
        None => RngSeed::Fixed(1),
    };
    let mut runner = TestRunner::new(Config {
        cases: asked.unwrap_or(cases),
        rng_seed,
        source_file: Some(file!()),
        ..Config::default()
    });
    let inputs = (any::<Index>(), mutations());
    let given = Mutex::new((Instant::now(), Vec::new()));
    let is_over = AtomicBool::new(false);
    let done = std::thread::scope(|scope| {
        scope.spawn(|| watch(name, &given, &is_over));
        let done = runner.run(&inputs, |(first, mutations)| {
            let input = mutated(&corpus, first, &mutations);
            *given.lock().unwrap() = (Instant::now(), input.clone());
            match std::panic::catch_unwind(|| target(&input)) {
                Ok(()) => Ok(()),
                Err(_) => Err(TestCaseError::fail(format!(
                    "a panic, from\n{}",
                    input.escape_ascii()
                ))),
            }
        });
        is_over.store(true, Ordering::Relaxed);
        done
    });
    if let Err(error) = done {
        panic!("{error}");
    }
}

#[test]
fn specs() {
    fuzz(targets::spec, "spec", 10_000);
}

#[test]
fn assignments() {
    fuzz(targets::assignments, "assignments", 10_000);
}

#[test]
fn tables_of_points() {
    fuzz(targets::points, "points", 5_000);
}

#[test]
fn datasets() {
    fuzz(targets::dataset, "dataset", 400);
}

#[test]
fn directories_of_runs() {
    fuzz(targets::run, "run", 2_000);
}

#[test]
fn recordings() {
    fuzz(targets::recording, "recording", 3_000);
}

#[test]
fn events_of_proposals() {
    fuzz(targets::events, "events", 10_000);
}

#[test]
fn histories_of_daos() {
    fuzz(targets::dao, "dao", 2_000);
}

#[test]
fn histories_of_proposals() {
    fuzz(targets::history, "history", 10_000);
}

/// For cargo-fuzz, which takes its first inputs from folders.
#[test]
#[ignore = "writes files for scripts/fuzz"]
fn inputs_made_now() {
    for name in ["dataset", "run"] {
        let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/found");
        let folder = found.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for (number, input) in targets::made_now(name).iter().enumerate() {
            std::fs::write(folder.join(format!("made-{number}")), input).unwrap();
        }
    }
}
