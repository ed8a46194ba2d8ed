//! Defines the manifest of a dataset, and the names of its files.
//!
//! ```text
//! dataset.toml               the resolved spec, the versions, the number of points, runs and parts
//! points.parquet             every setting of every point
//! runs/part-000000.parquet   one row per run; also days/ and proposals/, if selected
//! parts/part-000000.sha256   written last: the part is complete, and its files have these checksums
//! parts/dataset.sha256       checksum of dataset.toml; parts/points.sha256 that of the points
//! ```

use super::plan::{MOST_POINTS, Plan};
use super::spec::model_of;
use super::tables::folder;
use crate::RESULTS_VERSION;
use crate::engine::Model;
use crate::output::sha256_of;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::collections::{BTreeMap, BTreeSet};

/// Name of the manifest.
pub const MANIFEST: &str = "dataset.toml";

/// Folder of records.
pub const RECORDS: &str = "parts";

/// Record of the manifest.
pub const MANIFEST_RECORD: &str = "parts/dataset.sha256";

/// Record of the table of points.
pub const POINTS_RECORD: &str = "parts/points.sha256";

/// Message if only the checksum of columns and parts differs.
const LAYOUT: &str = "columns, and the runs of each part, by checksum";

/// Maximum number of characters of a differing value to print.
const MOST_SHOWN: usize = 200;

/// Returns the name of a part, without extension.
pub fn part_name(part: u64) -> String {
    format!("part-{part:06}")
}

/// Returns the file of a part of a table.
pub fn part_file(table: &str, part: u64) -> String {
    format!("{table}/{}.parquet", part_name(part))
}

/// Returns the record of a complete part.
pub fn part_record(part: u64) -> String {
    format!("{RECORDS}/{}.sha256", part_name(part))
}

/// Manifest of a dataset: everything that its bytes depend on.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the program, which every file states.
    pub version: String,
    /// Version of the results: equal versions give equal numbers.
    pub results_version: u32,
    /// Number of points.
    pub points: u32,
    /// SHA-256 of the table of points, in hex.
    pub points_sha256: String,
    /// Number of runs.
    pub runs: u64,
    /// Number of parts.
    pub parts: u64,
    /// SHA-256, in hex, of the columns of tables and of the division of runs into parts. Datasets of older
    /// programs lack it.
    #[serde(default)]
    pub layout_sha256: String,
    /// Tables, each a folder.
    pub tables: Vec<String>,
    /// Features of the model with their versions.
    pub features: BTreeMap<String, u32>,
    /// Spec with every default filled in; stored as text.
    #[serde(deserialize_with = "spec")]
    pub spec: toml::Table,
}

/// Returns the manifest of a plan with this checksum of points: as text, and parsed.
pub fn manifest(plan: &Plan, points_sha256: &str) -> (String, Manifest) {
    let tables = plan.spec.output.tables.iter();
    let tables: Vec<_> = tables
        .map(|table| format!("\"{}\"", folder(table)))
        .collect();
    let text = format!(
        "# A dataset of conviction; `conviction verify` checks it.\n\
         version = \"{}\"\n\
         results_version = {RESULTS_VERSION}\n\
         points = {}\n\
         points_sha256 = \"{points_sha256}\"\n\
         runs = {}\n\
         parts = {}\n\
         layout_sha256 = \"{}\"\n\
         tables = [{}]\n{}\n{}",
        env!("CARGO_PKG_VERSION"),
        plan.points,
        plan.runs,
        plan.parts.count,
        layout(plan),
        tables.join(", "),
        spec_entry(&plan.spec_text()),
        features_section(&plan.spec.model)
    );
    let manifest = toml::from_str(&text).expect("a manifest is TOML");
    (text, manifest)
}

/// Returns the checksum of the columns of tables and of the division of runs into parts. A program under
/// development may change these without a new version.
fn layout(plan: &Plan) -> String {
    let tables = plan.spec.output.tables.iter();
    let columns = tables.flat_map(|table| {
        let columns = plan.spec.columns_of(table).into_iter();
        columns.map(move |column| format!("{}: {column:?}\n", table.name))
    });
    let parts = plan.parts.law();
    let parts = parts.map(|number| number.to_le_bytes().to_vec());
    sha256_of(columns.map(String::into_bytes).chain(parts))
}

/// Formats the features of a model for a manifest.
fn features_section(model: &Model) -> String {
    let features = model.features().iter();
    let lines = features.map(|feature| {
        let name = toml::Value::String(feature.name.to_owned());
        format!("{name} = {}\n", feature.version)
    });
    format!("[features]\n{}", lines.collect::<String>())
}

/// Formats a spec for a manifest: as text, since the order of axes matters, and TOML tables have none.
pub(super) fn spec_entry(spec: &str) -> String {
    format!("spec = {}\n", toml::Value::String(spec.to_owned()))
}

fn spec<'de, D: Deserializer<'de>>(text: D) -> Result<toml::Table, D::Error> {
    let text = String::deserialize(text)?;
    text.parse().map_err(D::Error::custom)
}

impl Manifest {
    /// Returns an inconsistency that no sweep can have written; such a manifest is not used to read data.
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
        let is_folder = |name: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            name != RECORDS && !name.is_empty() && name.bytes().all(plain)
        };
        if self.points > MOST_POINTS {
            Some(format!(
                "points = {}, but a sweep has at most {MOST_POINTS}",
                self.points
            ))
        } else if runs != Some(self.runs) {
            Some(format!(
                "runs = {}, expected points = {} times spec.replicates",
                self.runs, self.points
            ))
        } else if self.parts > self.runs {
            Some(format!(
                "parts = {}, more than runs = {}",
                self.parts, self.runs
            ))
        } else {
            let wrong = self.tables.iter().find(|name| !is_folder(name))?;
            Some(format!("tables: {wrong} is not a table"))
        }
    }

    /// Returns the model with the extensions that the spec enables, and the keys that they override.
    pub fn model(&self, model: &Model) -> Model {
        model_of(model, &self.spec.to_string())
    }

    /// Lists the differences between the features of the dataset and those of a model, one line each.
    pub fn other_features(&self, model: &Model) -> Vec<String> {
        let own: BTreeMap<_, _> = model
            .features()
            .iter()
            .map(|feature| (feature.name.to_owned(), feature.version))
            .collect();
        let names: BTreeSet<_> = self.features.keys().chain(own.keys()).collect();
        let shown = |version: Option<&u32>| version.map_or("none".to_owned(), u32::to_string);
        names
            .into_iter()
            .filter(|&name| self.features.get(name) != own.get(name))
            .map(|name| {
                let (there, here) = (shown(self.features.get(name)), shown(own.get(name)));
                format!("feature {name}: version {there} there, {here} here")
            })
            .collect()
    }

    /// Returns the files of a part.
    pub fn part_files(&self, part: u64) -> Vec<String> {
        let tables = self.tables.iter();
        tables.map(|table| part_file(table, part)).collect()
    }

    /// Lists the differences between this manifest and the requested one, one line each.
    pub fn differences(&self, asked: &Self) -> Vec<String> {
        let (found, asked) = (self.lines(), asked.lines());
        let keys: BTreeSet<_> = found.keys().chain(asked.keys()).collect();
        let shown = |value: Option<&String>| {
            let value = value.filter(|value| !value.is_empty());
            let value = value.map_or("nothing", String::as_str);
            match value.char_indices().nth(MOST_SHOWN) {
                Some((cut, _)) => format!("{}…", &value[..cut]),
                None => value.to_owned(),
            }
        };
        let mut differing: Vec<_> = keys
            .into_iter()
            .filter(|&key| found.get(key) != asked.get(key))
            .collect();
        if differing.len() > 1 {
            // Differences of columns and parts follow from the others.
            differing.retain(|&key| key != LAYOUT);
        }
        differing
            .into_iter()
            .map(|key| {
                let (there, here) = (shown(found.get(key)), shown(asked.get(key)));
                format!("  {key}: {there} there, {here} asked for")
            })
            .collect()
    }

    /// Returns its entries, by key.
    fn lines(&self) -> BTreeMap<String, String> {
        let mut lines = BTreeMap::from([
            ("version".to_owned(), self.version.clone()),
            (
                "results_version".to_owned(),
                self.results_version.to_string(),
            ),
            ("points".to_owned(), self.points.to_string()),
            ("runs".to_owned(), self.runs.to_string()),
            ("parts".to_owned(), self.parts.to_string()),
            (
                "values of points, by checksum".to_owned(),
                self.points_sha256.clone(),
            ),
            (LAYOUT.to_owned(), self.layout_sha256.clone()),
        ]);
        for (feature, version) in &self.features {
            lines.insert(format!("feature {feature}"), format!("version {version}"));
        }
        for (key, value) in &self.spec {
            flatten(key, value, &mut lines);
        }
        lines
    }
}

/// Flattens values by path, including the order of axes, on which points depend.
fn flatten(path: &str, value: &toml::Value, lines: &mut BTreeMap<String, String>) {
    let toml::Value::Table(table) = value else {
        lines.insert(path.to_owned(), value.to_string());
        return;
    };
    if ["axes", "levers", "uncertainties"].contains(&path) {
        let order: Vec<_> = table.keys().map(String::as_str).collect();
        lines.insert(format!("order of {path}"), order.join(", "));
    }
    for (key, value) in table {
        flatten(&format!("{path}.{key}"), value, lines);
    }
}

/// Returns the number of the part to which a file belongs.
pub(super) fn part_of(name: &str, end: &str) -> Option<u64> {
    let own = own_name(name).strip_suffix(end)?;
    let part = own.strip_prefix("part-")?.parse().ok()?;
    (part_name(part) == own).then_some(part)
}

/// Returns the name of a file without its folder.
pub(super) fn own_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Spec;

    #[test]
    fn a_manifest_holds_its_spec_and_the_order_of_axes() {
        let manifest_of = |axes: &str| {
            let spec = format!(
                "replicates = 3\n{axes}\n[[variant]]\nname = \"a\\n[b]\"\n[output]\ntables = [\"days\"]"
            );
            let spec =
                Spec::parse(&crate::model(), &spec, "a spec", std::path::Path::new("")).unwrap();
            let plan = Plan::new(spec).unwrap();
            let (text, manifest) = manifest(&plan, "sum");
            let spec: toml::Table = plan.spec_text().parse().unwrap();
            assert_eq!(manifest.spec, spec);
            assert_eq!(manifest.tables, ["runs", "days"]);
            assert_eq!(manifest.fault(), None);
            assert!(text.contains(&spec_entry(&plan.spec_text())), "{text}");
            manifest
        };
        let one = manifest_of("[axes]\nbeta = [0.1, 0.2]\nrho = [0.001]");
        let other = manifest_of("[axes]\nrho = [0.001]\nbeta = [0.1, 0.2]");
        assert_eq!(
            one.differences(&other),
            ["  order of axes: beta, rho there, rho, beta asked for"]
        );
        // The names of tables are those of folders in the dataset.
        for name in ["", RECORDS, "..", "../runs", "runs/more", "/runs", "runs.d"] {
            let foreign = Manifest {
                tables: vec![name.to_owned()],
                ..other.clone()
            };
            let fault = format!("tables: {name} is not a table");
            assert_eq!(foreign.fault(), Some(fault));
        }
        let absurd = Manifest {
            parts: 1_000_000_000,
            ..one
        };
        assert!(absurd.fault().unwrap().contains("parts = 1000000000"));
    }
}
