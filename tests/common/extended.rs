//! Compares runs of models with extensions with runs without.

#![allow(dead_code, reason = "each test file uses its part")]

use crate::runs::simulate;
use arrow_array::RecordBatch;
use conviction::engine::{Model, Setting};
use conviction::study::Spec;
use std::path::Path;

/// Returns a table of a run: a setting of this model, in a world of seed 7.
pub fn table(model: &Model, table: &'static str, setting: &Setting, world: u64) -> RecordBatch {
    simulate(model, &[table], setting, 7, world).batch(table)
}

/// Expects the columns of `plain` in `extended`, in the same order and equal to the last bit.
pub fn assert_extends(extended: &RecordBatch, plain: &RecordBatch, what: &str) {
    let names = |table: &RecordBatch| -> Vec<String> {
        let schema = table.schema();
        schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect()
    };
    let (known, all) = (names(plain), names(extended));
    let mut there = all.iter();
    for column in &known {
        assert!(
            there.any(|other| other == column),
            "{what}: column {column} has lost its place"
        );
        // Text shows every digit, and NaN.
        assert_eq!(
            format!("{:?}", extended[column.as_str()]),
            format!("{:?}", plain[column.as_str()]),
            "{what}: {column}"
        );
    }
}

/// Returns the faults of a spec.
pub fn fault(text: &str) -> String {
    match Spec::parse(&conviction::model(), text, "spec.toml", Path::new("")) {
        Ok(spec) => panic!("sound: {}", spec.text()),
        Err(error) => error.to_string(),
    }
}
