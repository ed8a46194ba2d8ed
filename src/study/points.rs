//! Reads the setting of a run back from a dataset.

use super::dataset::Dataset;
use super::spec::Randomness;
use super::tables::POINTS;
use super::whole::NotWhole;
use crate::engine::{Key, Model, Setting, Value};
use crate::input::{RawValue, Table, TableError};

/// A run of a dataset, with everything needed to simulate it again.
#[derive(Clone, Debug)]
pub struct RunOf {
    /// Model with the extensions of the dataset.
    pub model: Model,
    /// Setting of its point.
    pub setting: Setting,
    /// Root seed.
    pub seed: u64,
    /// Relation of random worlds.
    pub randomness: Randomness,
    /// Replicate within its point.
    pub replicate: u32,
}

/// Reason why a run cannot be read from a dataset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunOfError {
    /// The table of points differs from what was written.
    #[error(transparent)]
    NotWhole(#[from] NotWhole),
    /// The table of points is invalid.
    #[error(transparent)]
    Points(#[from] TableError),
    /// The run does not exist.
    #[error("run {run} missing; the dataset has runs 0 to {last}")]
    NoRun {
        /// Requested run.
        run: u64,
        /// Last run.
        last: u64,
    },
    /// The dataset has another version of results.
    #[error(
        "the dataset has results version {found}, this program {}; use a program with that version",
        crate::RESULTS_VERSION
    )]
    Version {
        /// Version of the dataset.
        found: u32,
    },
    /// The dataset was written by another model.
    #[error("the dataset was written by another model; use the program that wrote it: {}", differences.join("; "))]
    Features {
        /// Differences, by feature.
        differences: Vec<String>,
    },
    /// The table of points has the wrong number of rows.
    #[error("{file}: has {found} points, but the dataset has {expected}")]
    Rows {
        /// The file.
        file: String,
        /// Number of rows.
        found: usize,
        /// Expected number.
        expected: u32,
    },
    /// The manifest's spec is incomplete.
    #[error("dataset.toml: spec.{key} is missing or not a number")]
    Spec {
        /// Key.
        key: &'static str,
    },
}

/// Reads run number `run` of a dataset.
///
/// # Errors
/// When the run does not exist, or the dataset is damaged or of another version.
pub fn run_of(dataset: &Dataset, model: &Model, run: u64) -> Result<RunOf, RunOfError> {
    let manifest = &dataset.manifest;
    if manifest.results_version != crate::RESULTS_VERSION {
        return Err(RunOfError::Version {
            found: manifest.results_version,
        });
    }
    let model = &manifest.model(model);
    let differences = manifest.other_features(model);
    if !differences.is_empty() {
        return Err(RunOfError::Features { differences });
    }
    if run >= manifest.runs {
        return Err(RunOfError::NoRun {
            run,
            last: manifest.runs.saturating_sub(1),
        });
    }
    let number = |key: &'static str| {
        let value = manifest.spec.get(key).and_then(toml::Value::as_integer);
        let value = value.and_then(|value| u64::try_from(value).ok());
        value.ok_or(RunOfError::Spec { key })
    };
    let replicates = number("replicates")?.max(1);
    let (point, replicate) = ((run / replicates) as usize, (run % replicates) as u32);
    let independent = Randomness::Independent.name();
    let randomness = match manifest
        .spec
        .get("randomness")
        .and_then(toml::Value::as_str)
    {
        Some(name) if name == independent => Randomness::Independent,
        _ => Randomness::Common,
    };

    dataset.expect_points()?;
    let path = dataset.directory.join(POINTS);
    let table = Table::read(&path)?;
    let found = table.raw("point")?.len();
    if found != manifest.points as usize {
        return Err(RunOfError::Rows {
            file: path.display().to_string(),
            found,
            expected: manifest.points,
        });
    }
    let mut setting = model.setting();
    let variants = table.texts("variant").unwrap_or_default();
    let variant = variants
        .get(point)
        .and_then(|name| variant_of(&manifest.spec, name));
    let varied = Table::roles(&path)?;
    let is_given = |key: &Key| {
        let is_varied = varied.iter().any(|(name, _)| name == key.name);
        is_varied || gives(&manifest.spec, variant, model, key)
    };
    let (aliases, keys): (Vec<&Key>, Vec<_>) = {
        let all = model.keys().all().iter().copied();
        all.partition(|key| key.alias.is_some())
    };
    // Other aliases only repeat what is stored.
    let aliases = aliases.into_iter().filter(|key| is_given(key));
    for key in keys.into_iter().chain(aliases) {
        if key.is_long() {
            let value = long_value(&manifest.spec, variant, key);
            setting.put(key, value.ok_or(RunOfError::Spec { key: key.name })?);
            continue;
        }
        let column = table.raw(key.name)?;
        let found = column.get(point);
        let value = match found {
            Some(RawValue::Number(number)) => key.number(*number),
            Some(RawValue::Word(word)) => key.word(word),
            None => None,
        };
        let value = value.ok_or_else(|| {
            let found = found.map_or("nothing".to_owned(), ToString::to_string);
            table.fault(point, key.name, &found, key.domain.to_string())
        })?;
        setting.put(key, value);
    }
    // Like the dataset's plan, ignores settings that a point does not use.
    for of in model.keys().uses() {
        if !(of.is_used)(&setting) {
            setting.leave_out(of.key);
        }
    }
    Ok(RunOf {
        model: model.clone(),
        setting,
        seed: number("seed")?,
        randomness,
        replicate,
    })
}

/// Returns the table of a variant.
fn variant_of<'s>(spec: &'s toml::Table, name: &str) -> Option<&'s toml::Table> {
    let mut variants = spec.get("variant")?.as_array()?.iter();
    variants.find_map(|variant| {
        let variant = variant.as_table()?;
        (variant.get("name")?.as_str()? == name).then_some(variant)
    })
}

/// Returns the spec's value of a key, apart from variants and axes.
fn base_value<'s>(spec: &'s toml::Table, key: &Key) -> Option<&'s toml::Value> {
    let (table, name) = key.table();
    spec.get(table.unwrap_or("model"))?.get(name)
}

/// Returns true if an alias is set at a point: by its variant, or by the base setting if the variant sets no
/// overlapping key.
fn gives(spec: &toml::Table, variant: Option<&toml::Table>, model: &Model, alias: &Key) -> bool {
    let overlaps = |name: &String| {
        let key = model.keys().find(name);
        key.is_some_and(|key| key.overlaps(alias))
    };
    match variant {
        Some(variant) if variant.keys().any(overlaps) => variant.contains_key(alias.name),
        _ => base_value(spec, alias).is_some_and(|value| !value.is_table()),
    }
}

/// Returns the list or document of a key, which cannot vary by point: the variant's, or else the spec's.
fn long_value(spec: &toml::Table, variant: Option<&toml::Table>, key: &Key) -> Option<Value> {
    let of_variant = variant.and_then(|variant| variant.get(key.name));
    let value = of_variant.or_else(|| base_value(spec, key))?;
    if let Some(text) = value.as_str() {
        return key.word(text);
    }
    let numbers: Option<Vec<f64>> = value
        .as_array()?
        .iter()
        .map(toml::Value::as_float)
        .collect();
    key.numbers(&numbers?)
}
