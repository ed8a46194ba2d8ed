//! What a dataset says of itself, and the names of what is in it.
//!
//! ```text
//! dataset.toml               the resolved spec, the versions, the number of points, runs and parts
//! points.parquet             every setting of every point
//! runs/part-000000.parquet   a row per run; days/ and proposals/ likewise, where asked for
//! parts/part-000000.sha256   written last: the part is whole, and its files have these sums
//! parts/dataset.sha256       the sum of dataset.toml; parts/points.sha256 likewise
//! ```

use super::plan::{MOST_POINTS, Plan};
use super::tables::TABLES;
use crate::RESULTS_VERSION;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The name of the manifest.
pub const MANIFEST: &str = "dataset.toml";

/// The folder of records.
pub const RECORDS: &str = "parts";

/// The record of the manifest.
pub const MANIFEST_RECORD: &str = "parts/dataset.sha256";

/// The record of the table of points.
pub const POINTS_RECORD: &str = "parts/points.sha256";

/// The name of a part, without its ending.
pub fn part_name(part: u64) -> String {
    format!("part-{part:06}")
}

/// The file that holds a part of a table.
pub fn part_file(table: &str, part: u64) -> String {
    format!("{table}/{}.parquet", part_name(part))
}

/// The record that says that a part is whole.
pub fn part_record(part: u64) -> String {
    format!("{RECORDS}/{}.sha256", part_name(part))
}

/// What a dataset says of itself: all that a byte of it depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the program, which every file names.
    pub version: String,
    /// The version of the results: equal versions give equal numbers.
    pub results_version: u32,
    /// How many points there are.
    pub points: u32,
    /// The SHA-256 of the table of points, in hex.
    pub points_sha256: String,
    /// How many runs there are.
    pub runs: u64,
    /// How many parts there are.
    pub parts: u64,
    /// The tables, each a folder.
    pub tables: Vec<String>,
    /// The spec, every default filled in.
    pub spec: toml::Table,
}

impl Manifest {
    /// What the dataset of a plan says, whose table of points has this sum.
    pub fn of(plan: &Plan, points_sha256: &str) -> Self {
        let tables = plan.spec.output.tables.iter();
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            results_version: RESULTS_VERSION,
            points: plan.points,
            points_sha256: points_sha256.to_owned(),
            runs: plan.runs,
            parts: plan.parts.count,
            tables: tables.map(|table| table.name().to_owned()).collect(),
            spec: plan.spec.resolved(),
        }
    }

    /// The manifest as written.
    pub fn text(&self) -> String {
        let toml = toml::to_string(self).expect("a manifest is plain TOML");
        format!("# A dataset of conviction; `conviction verify` says whether it is whole.\n{toml}")
    }

    /// What no sweep can have written; nothing is read by such numbers.
    pub fn fault(&self) -> Option<String> {
        let replicates = self
            .spec
            .get("replicates")
            .and_then(toml::Value::as_integer);
        let runs = replicates.and_then(|replicates| {
            u64::try_from(replicates)
                .ok()?
                .checked_mul(u64::from(self.points))
        });
        let known = |name: &&String| TABLES.iter().any(|table| table.name() == **name);
        if self.points > MOST_POINTS {
            Some(format!(
                "points = {}, but a sweep has {MOST_POINTS} at most",
                self.points
            ))
        } else if runs != Some(self.runs) {
            Some(format!(
                "runs = {} are not points = {} times spec.replicates",
                self.runs, self.points
            ))
        } else if self.parts > self.runs {
            Some(format!(
                "parts = {} are more than runs = {}",
                self.parts, self.runs
            ))
        } else {
            let unknown = self.tables.iter().find(|name| !known(name))?;
            Some(format!("tables: this program knows none called {unknown}"))
        }
    }

    /// The files of a part.
    pub fn part_files(&self, part: u64) -> Vec<String> {
        let tables = self.tables.iter();
        tables.map(|table| part_file(table, part)).collect()
    }

    /// What differs in this manifest from the one that is asked for, a line each.
    pub fn differences(&self, asked: &Self) -> Vec<String> {
        let flat = |manifest: &Self| {
            let table = toml::Table::try_from(manifest).expect("a manifest is plain TOML");
            let mut lines = BTreeMap::new();
            flatten("", &toml::Value::Table(table), &mut lines);
            lines
        };
        let (found, asked) = (flat(self), flat(asked));
        let keys: BTreeSet<_> = found.keys().chain(asked.keys()).collect();
        let shown = |value: Option<&String>| value.map_or("nothing", String::as_str).to_owned();
        let differ = |key: &&&String| found.get(**key) != asked.get(**key);
        // The points differ wherever the spec does.
        let only_points = keys.iter().filter(differ).count() == 1;
        let shown_keys = keys
            .iter()
            .filter(differ)
            .filter(|&&key| only_points || key != "points_sha256");
        shown_keys
            .map(|&key| {
                let (there, here) = (shown(found.get(key)), shown(asked.get(key)));
                format!("  {key}: {there} there, {here} asked for")
            })
            .collect()
    }
}

/// Values by path; of tables also the order of their keys, on which points depend.
fn flatten(path: &str, value: &toml::Value, lines: &mut BTreeMap<String, String>) {
    let toml::Value::Table(table) = value else {
        lines.insert(path.to_owned(), value.to_string());
        return;
    };
    let path = path.strip_prefix("spec.").unwrap_or(path);
    if ["axes", "levers", "uncertainties"].contains(&path) {
        let order: Vec<_> = table.keys().map(String::as_str).collect();
        lines.insert(format!("order of {path}"), order.join(", "));
    }
    for (key, value) in table {
        let path = match path {
            "" => key.clone(),
            path => format!("{path}.{key}"),
        };
        flatten(path.strip_prefix("spec.").unwrap_or(&path), value, lines);
    }
}
