//! Specs and assignments.

use super::{MODEL, told};
use conviction::study::spec::{SpecError, parse_rules};
use conviction::study::{Plan, Spec};
use std::path::Path;

/// A spec that is read is written and read again as the same; one that is not has faults that a terminal may
/// show.
pub fn spec(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let spec = match read(text) {
        Ok(spec) => spec,
        Err(error) => return told_of_spec(&error),
    };
    let written = spec.text();
    let again = read(&written).unwrap_or_else(|e| panic!("{e}\n{text}\n{written}"));
    assert_eq!(again.text(), written);
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
        told_of_spec(&error);
    }
    if let Err(error) = parse_rules(&MODEL, text.lines().next().unwrap_or("")) {
        told_of_spec(&error);
    }
}

fn read(text: &str) -> Result<Spec, SpecError> {
    // Points that a mutated spec names are looked for where there are none.
    Spec::parse(&MODEL, text, "spec.toml", Path::new("tests/fuzz/nowhere"))
}

/// Every fault of a spec is told on a line, with the place in the spec where there is one.
pub fn told_of_spec(error: &SpecError) {
    let SpecError::Faults { faults, more, .. } = error else {
        panic!("{error}");
    };
    assert!(!faults.is_empty());
    for fault in faults {
        assert!(!fault.message.is_empty(), "{fault:?}");
        if let Some(excerpt) = &fault.excerpt {
            let marked = excerpt.text.get(excerpt.marked.clone());
            assert!(marked.is_some(), "{fault:?}");
            assert!(!excerpt.text.contains(char::is_control), "{fault:?}");
        }
    }
    let lines = faults.len() + usize::from(*more > 0);
    assert_eq!(error.to_string().lines().count(), lines, "{error}");
    told(error);
}
