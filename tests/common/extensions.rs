//! What tests of extensions share: runs of a model with some of them on.

#![allow(dead_code, reason = "each test file uses its part")]

use conviction::engine::{Extensions, Given, Model, Outcome, Setting, Simulator};

/// The model with extensions on: each as often as it is named.
pub fn model(on: &[&str]) -> Model {
    let mut extensions = Extensions::default();
    for name in on {
        let copies = extensions.copies(name) + 1;
        extensions = extensions.with(name, copies);
    }
    conviction::model().with_extensions(&extensions).unwrap()
}

/// The defaults of a model, with these values.
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

/// The defaults of a model, with these numbers and these words.
pub fn with(model: &Model, numbers: &[(&str, f64)], words: &[(&str, &str)]) -> Setting {
    let numbers = numbers.iter().map(|&(key, number)| (key, number.into()));
    let words = words.iter().map(|&(key, word)| (key, word.into()));
    setting(model, numbers.chain(words))
}

/// What a run comes to.
pub fn outcome(model: &Model, setting: &Setting, seed: u64) -> Outcome {
    let outcome = Simulator::new(model, &["runs"]).outcome("runs", setting, seed, 0);
    outcome.unwrap_or_else(|fault| panic!("{fault}"))
}

/// What is wrong with a setting of a model, and a way out.
pub fn fault<'a>(model: &Model, values: impl IntoIterator<Item = (&'a str, Given<'a>)>) -> String {
    let fault = setting(model, values).fault();
    fault.expect("a setting that is refused").to_string()
}

/// Asserts that every column of the model without extensions says the same of both outcomes, to the bit.
pub fn assert_same(one: &Outcome, other: &Outcome) {
    for column in conviction::model().columns("runs") {
        let [one, other] = [one, other].map(|outcome| outcome.get(&column.name));
        // Values that are not numbers are the same if they are the same bits.
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "{}", column.name);
    }
}
