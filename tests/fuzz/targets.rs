//! What is fuzzed: a function for each kind of input, which panics where the library breaks a promise. Both
//! the tests on stable Rust and the targets of cargo-fuzz call these.

#![allow(dead_code, reason = "each target of cargo-fuzz calls one of them")]

use conviction::engine::Model;
use conviction::study::spec::{SpecError, parse_rules};
use conviction::study::{Plan, Spec};
use std::path::Path;
use std::sync::LazyLock;

static MODEL: LazyLock<Model> = LazyLock::new(conviction::model);

/// A spec that is read is written and read again as the same; one that is not has faults that a terminal may
/// show.
pub fn spec(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let spec = match read(text) {
        Ok(spec) => spec,
        Err(error) => return told(&error),
    };
    let written = spec.text();
    let again = read(&written).unwrap_or_else(|e| panic!("{e}\n{text}\n{written}"));
    assert_eq!(again.text(), written);
    spec.warnings();
    let counts = spec
        .factors
        .iter()
        .map(|factor| factor.design.count(&factor.axes));
    let points = counts.fold(spec.variants.len().max(1) as u64, u64::saturating_mul);
    if points <= 2000
        && let (Ok(plan), Ok(same)) = (Plan::new(spec), Plan::new(again))
    {
        for point in 0..plan.points {
            assert_eq!(plan.describe(point), same.describe(point));
            assert_eq!(plan.setting(point).fault(), None);
        }
    }
}

/// Lines of `KEY=VALUE`, and the first line as rules.
pub fn assignments(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    if let Err(error) = Spec::of(&MODEL).assign(&lines) {
        told(&error);
    }
    if let Err(error) = parse_rules(&MODEL, text.lines().next().unwrap_or("")) {
        told(&error);
    }
}

fn read(text: &str) -> Result<Spec, SpecError> {
    // Points that a mutated spec names are looked for where there are none.
    Spec::parse(&MODEL, text, "spec.toml", Path::new("tests/fuzz/nowhere"))
}

/// An error says what is wrong, in lines that do nothing to a terminal.
fn told(error: &SpecError) {
    let SpecError::Faults { faults, more, .. } = error else {
        panic!("{error}");
    };
    assert!(!faults.is_empty());
    for fault in faults {
        assert!(!fault.message.is_empty(), "{fault:?}");
        if let Some(excerpt) = &fault.excerpt {
            assert!(
                excerpt.text.get(excerpt.marked.clone()).is_some(),
                "{fault:?}"
            );
            assert!(!excerpt.text.contains(char::is_control), "{fault:?}");
        }
    }
    let shown = error.to_string();
    assert_eq!(
        shown.lines().count(),
        faults.len() + usize::from(*more > 0),
        "{shown:?}"
    );
    assert!(
        !shown.contains(|c: char| c.is_control() && c != '\n'),
        "{shown:?}"
    );
}
