//! Reading back the setting of a run from a dataset.

use super::dataset::Dataset;
use super::spec::Randomness;
use super::tables::points::POINTS;
use super::whole::NotWhole;
use crate::engine::{Key, Model, Setting, Value};
use crate::input::{RawValue, Table, TableError};

/// A run of a dataset: all that is needed to simulate it again.
#[derive(Clone, Debug)]
pub struct RunOf {
    /// The model, with the extensions on that the dataset has.
    pub model: Model,
    /// The setting of its point.
    pub setting: Setting,
    /// The root seed.
    pub seed: u64,
    /// How random worlds relate.
    pub randomness: Randomness,
    /// Which replicate of its point it is.
    pub replicate: u32,
}

/// Why a run cannot be found in a dataset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunOfError {
    /// The table of points is not what was written.
    #[error(transparent)]
    NotWhole(#[from] NotWhole),
    /// The table of points makes no sense.
    #[error(transparent)]
    Points(#[from] TableError),
    /// There is no such run.
    #[error("there is no run {run}; the dataset has runs 0 to {last}")]
    NoRun {
        /// The run asked for.
        run: u64,
        /// The last there is.
        last: u64,
    },
    /// The dataset's numbers are of another version.
    #[error(
        "the dataset has results version {found}, this program {}; use a program of that version",
        crate::RESULTS_VERSION
    )]
    Version {
        /// The version of the dataset.
        found: u32,
    },
    /// The dataset is of another model.
    #[error("the dataset is of another model, use the program that wrote it: {}", differences.join("; "))]
    Features {
        /// What differs, feature by feature.
        differences: Vec<String>,
    },
    /// The table of points has too few or too many rows.
    #[error("{file}: has {found} points, but the dataset has {expected}")]
    Rows {
        /// The file.
        file: String,
        /// How many it has.
        found: usize,
        /// How many it should have.
        expected: u32,
    },
    /// The manifest's spec is incomplete.
    #[error("dataset.toml: spec.{key} is missing or no number")]
    Spec {
        /// The key.
        key: &'static str,
    },
}

/// Finds run number `run` of a dataset.
///
/// # Errors
/// When there is no such run, or the dataset is broken or of another version.
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
    // Other aliases only show what is stored.
    let aliases = aliases.into_iter().filter(|key| is_given(key));
    for key in keys.into_iter().chain(aliases) {
        if key.is_long() {
            let list = listed(&manifest.spec, variant, key);
            setting.put(key, list.ok_or(RunOfError::Spec { key: key.name })?);
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
    // As the plan of the dataset did: what a point does not use may say anything.
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

/// The table of a variant.
fn variant_of<'s>(spec: &'s toml::Table, name: &str) -> Option<&'s toml::Table> {
    let mut variants = spec.get("variant")?.as_array()?.iter();
    variants.find_map(|variant| {
        let variant = variant.as_table()?;
        (variant.get("name")?.as_str()? == name).then_some(variant)
    })
}

/// What the spec sets of a key, apart from variants and axes.
fn base_value<'s>(spec: &'s toml::Table, key: &Key) -> Option<&'s toml::Value> {
    let (table, name) = key.table();
    spec.get(table.unwrap_or("model"))?.get(name)
}

/// Whether an alias is given at a point: by its variant, or by the base setting where the variant sets
/// nothing that says the same.
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

/// The list of a key, which no point varies: of the variant, or else of the spec.
fn listed(spec: &toml::Table, variant: Option<&toml::Table>, key: &Key) -> Option<Value> {
    let of_variant = variant.and_then(|variant| variant.get(key.name));
    let items = of_variant.or_else(|| base_value(spec, key))?;
    let numbers: Option<Vec<f64>> = items
        .as_array()?
        .iter()
        .map(toml::Value::as_float)
        .collect();
    key.numbers(&numbers?)
}
