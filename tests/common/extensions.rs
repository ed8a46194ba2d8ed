//! Helpers for tests of extensions: runs of a model with some of them enabled.

#![allow(dead_code, reason = "each test file uses its part")]

use conviction::engine::{Extensions, Given, Model, Outcome, Setting, Simulator};

/// Returns the model with extensions enabled, each as often as it is named.
pub fn model(on: &[&str]) -> Model {
    let mut extensions = Extensions::default();
    for name in on {
        let copies = extensions.copies(name) + 1;
        extensions = extensions.with(name, copies);
    }
    conviction::model().with_extensions(&extensions).unwrap()
}

/// Returns the defaults of a model, with these values.
pub fn setting<'a>(
    model: &Model,
    values: impl IntoIterator<Item = (&'a str, Given<'a>)>,
) -> Setting {
    let mut setting = model.setting();
    for (key, value) in values {
        let set = setting.set(key, value);
        set.unwrap_or_else(|error| panic!("{error}"));
    }
    setting
}

/// Returns the defaults of a model, with these numbers and words.
pub fn with(model: &Model, numbers: &[(&str, f64)], words: &[(&str, &str)]) -> Setting {
    let numbers = numbers.iter().map(|&(key, number)| (key, number.into()));
    let words = words.iter().map(|&(key, word)| (key, word.into()));
    setting(model, numbers.chain(words))
}

/// Returns the outcome of a run.
pub fn outcome(model: &Model, setting: &Setting, seed: u64) -> Outcome {
    let outcome = Simulator::new(model, &["runs"]).outcome("runs", setting, seed, 0);
    outcome.unwrap_or_else(|fault| panic!("{fault}"))
}

/// Returns the fault of a setting of a model.
pub fn fault<'a>(model: &Model, values: impl IntoIterator<Item = (&'a str, Given<'a>)>) -> String {
    let fault = setting(model, values).fault();
    fault.expect("a setting that is refused").to_string()
}

/// Asserts that both outcomes agree to the bit in every column of the model without extensions.
pub fn assert_same(one: &Outcome, other: &Outcome) {
    for column in conviction::model().columns("runs") {
        let [one, other] = [one, other].map(|outcome| outcome.get(&column.name));
        // Compares bits, so that NaN equals NaN.
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "{}", column.name);
    }
}
