//! Tables of points, and of what holders have: CSV and Parquet.

use super::spec::told_of_spec;
use super::{MODEL, directory, told};
use conviction::engine::Value;
use conviction::input::{RawValue, read_column, read_points};
use conviction::output::sha256;
use conviction::study::{Plan, Spec};
use std::path::Path;

/// A table is read the same again and column by column, and a sweep over it has its values.
pub fn points(bytes: &[u8]) {
    let magic = b"PAR1";
    let name = match bytes.starts_with(magic) || bytes.ends_with(magic) {
        true => "points.parquet",
        false => "points.csv",
    };
    let place = directory(&[(name.to_owned(), bytes.to_vec())].into());
    let file = place.path().join(name);
    let rows = match read_points(&file) {
        Err(error) => {
            told(&error);
            None
        }
        Ok(points) => {
            assert_eq!(points.sha256, sha256(bytes));
            for (at, column) in points.columns.iter().enumerate() {
                let cells = read_column(&file, column).unwrap();
                assert_eq!(cells.len(), points.rows.len());
                for (row, cell) in points.rows.iter().zip(&cells) {
                    assert_eq!(row.len(), points.columns.len());
                    assert!(same(&row[at], cell), "{column} {cell}");
                }
            }
            Some((points.columns, points.rows))
        }
    };
    if let Err(error) = read_column(&file, "holdings") {
        told(&error);
    }
    as_design(place.path(), name, rows);
    as_holdings(place.path(), name);
}

fn same(one: &RawValue, other: &RawValue) -> bool {
    match (one, other) {
        (RawValue::Number(one), RawValue::Number(other)) => one.to_bits() == other.to_bits(),
        _ => one == other,
    }
}

type Rows = (Vec<String>, Vec<Vec<RawValue>>);

fn as_design(place: &Path, name: &str, read: Option<Rows>) {
    let text = format!("replicates = 1\n[design]\nkind = \"file\"\npath = \"{name}\"");
    let spec = match Spec::parse(&MODEL, &text, "spec.toml", place) {
        Ok(spec) => spec,
        Err(error) => return told_of_spec(&error),
    };
    let (_, rows) = read.expect("a spec takes what cannot be read");
    let plan = match Plan::new(spec) {
        Ok(plan) => plan,
        Err(error) => return told(&error),
    };
    assert_eq!(plan.points as usize, rows.len());
    for point in 0..plan.points {
        let setting = plan.setting(point);
        assert_eq!(setting.fault(), None);
        for (key, value) in plan.values(point) {
            assert_eq!(setting.value(key), value, "point {point}, {}", key.name);
        }
    }
}

fn as_holdings(place: &Path, name: &str) {
    let text = format!("[holdings]\nlaw = \"file\"\npath = \"{name}\"");
    match Spec::parse(&MODEL, &text, "spec.toml", place) {
        Ok(spec) => assert_eq!(spec.base.fault(), None),
        Err(error) => told_of_spec(&error),
    }
}
