//! Inputs that nobody wrote: those of the corpus, mutated. `scripts/fuzz` goes on for longer.

#[path = "fuzz/targets.rs"]
mod targets;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::path::{Path, PathBuf};
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
}

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
    ];
    prop::collection::vec(mutation, 1..6)
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

/// Gives a target its corpus, whole and mutated: `cases` times, or as often as
/// CONVICTION_FUZZ_CASES says.
fn fuzz(target: fn(&[u8]), folder: &str, cases: u32) {
    let corpus = corpus(folder);
    for input in &corpus {
        target(input);
    }
    let asked = std::env::var("CONVICTION_FUZZ_CASES").ok();
    let asked = asked.map(|cases| cases.parse().expect("a number of cases"));
    let mut runner = TestRunner::new(Config {
        cases: asked.unwrap_or(cases),
        source_file: Some(file!()),
        ..Config::default()
    });
    let inputs = (any::<Index>(), mutations());
    let done = runner.run(&inputs, |(first, mutations)| {
        let input = mutated(&corpus, first, &mutations);
        let begun = Instant::now();
        let panicked = std::panic::catch_unwind(|| target(&input)).is_err();
        let shown = String::from_utf8_lossy(&input);
        if panicked {
            return Err(TestCaseError::fail(format!("a panic, from\n{shown}")));
        }
        prop_assert!(begun.elapsed() < PATIENCE, "too slow:\n{}", shown);
        Ok(())
    });
    if let Err(error) = done {
        panic!("{error}");
    }
}

#[test]
fn specs() {
    fuzz(targets::spec, "spec", 20_000);
}

#[test]
fn assignments() {
    fuzz(targets::assignments, "assignments", 20_000);
}
