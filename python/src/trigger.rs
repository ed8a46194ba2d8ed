//! Binds the evaluation of settings before any simulation, and the presets.

use crate::faults;
use crate::given;
use crate::table::Table;
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use conviction::engine::{Preset, Setting, Value};
use conviction::output::Columns;
use conviction::voting::meaning::{Asked, Meaning, SpendingLimit, attack_table, days_table};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

/// Returns the numbers of a setting by name, the days to pass, and the effect of attackers.
#[pyfunction]
#[pyo3(signature = (preset, asked, largest_passable, attack_shares))]
pub fn trigger<'py>(
    py: Python<'py>,
    preset: Option<&str>,
    asked: &Bound<'py, PyDict>,
    largest_passable: bool,
    attack_shares: &Bound<'py, PyAny>,
) -> PyResult<(Bound<'py, PyDict>, Table, Table)> {
    let model = conviction::model();
    let mut setting = model.setting();
    if let Some(name) = preset {
        let known = || -> Vec<_> { model.presets().iter().map(|preset| preset.name).collect() };
        let found = model.preset(name).ok_or_else(|| {
            PyValueError::new_err(format!(
                "preset: found {name}, expected one of {}",
                known().join(", ")
            ))
        })?;
        found.apply(&mut setting).map_err(faults::value)?;
    }
    let said = |name: &str| -> PyResult<Option<f64>> {
        let value = asked.get_item(name)?;
        value.map(|value| given::real(name, &value)).transpose()
    };
    let limit = said("spending_limit")?.map(|limit| match largest_passable {
        true => SpendingLimit::LargestPassable(limit),
        false => SpendingLimit::MaxRatio(limit),
    });
    let asked = Asked {
        half_life_days: said("half_life_days")?,
        alpha: said("alpha")?,
        beta: said("beta")?,
        largest_request: said("largest_request")?,
        spending_limit: limit,
        rho: said("rho")?,
        minimum_conviction: said("minimum_conviction")?,
        block_time_seconds: said("block_time_seconds")?,
    };
    asked.put(&mut setting).map_err(faults::value)?;
    let attack_shares = given::shares("attack_shares", attack_shares)?;
    let of = Meaning::of(&setting);
    let numbers = PyDict::new(py);
    for (name, value) in [
        ("half_life_days", of.half_life_days),
        ("alpha", of.alpha),
        ("beta", of.beta),
        ("rho", of.rho),
        ("largest_passable_share", of.largest_passable_share),
        ("minimum_conviction_share", of.minimum_conviction_share),
        ("block_time_seconds", of.block_time_seconds),
        ("stored_half_life_days", of.stored_half_life_days),
    ] {
        numbers.set_item(name, value)?;
    }
    let attack = of.under_attack;
    for (name, value) in [
        ("resistance_days", attack.map(|of| of.resistance_days)),
        (
            "price_of_conviction",
            attack.map(|of| of.price_of_conviction),
        ),
        (
            "one_day_stake_share",
            attack.map(|of| of.one_day_stake_share),
        ),
    ] {
        numbers.set_item(name, value)?;
    }
    for (name, value) in [
        ("decay", of.decay),
        ("max_ratio", of.max_ratio),
        ("weight", of.weight),
    ] {
        numbers.set_item(name, value)?;
    }
    let days = Table::of_batch(days_table(&setting).batch());
    let attack = Table::of_batch(attack_table(&setting, &attack_shares).batch());
    Ok((numbers, days, attack))
}

/// Returns the settings of real organisations.
#[pyfunction]
pub fn presets() -> PyResult<Table> {
    let model = conviction::model();
    let presets = || model.presets().iter().copied();
    let texts = |of: fn(&Preset) -> &'static str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(presets().map(of)))
    };
    let mut columns = vec![("preset", texts(|preset| preset.name))];
    let contracts = presets().map(|preset| preset.contract);
    columns.push(("contract", Arc::new(StringArray::from_iter(contracts))));
    // In a fixed set of keys, whichever keys the preset uses.
    let settings: Result<Vec<_>, _> = presets()
        .map(|preset| {
            let mut setting = model.setting();
            preset.apply(&mut setting).map(|()| setting)
        })
        .collect();
    let settings = settings.map_err(faults::value)?;
    for name in [
        "half_life_days",
        "beta",
        "rho",
        "largest_request",
        "minimum_conviction",
    ] {
        let key = model.keys().find(name);
        let of = |setting: &Setting| match setting.value(key?) {
            Value::Real(number) => Some(number),
            _ => None,
        };
        let values: Float64Array = settings.iter().map(of).collect();
        columns.push((name, Arc::new(values)));
    }
    for (name, key) in [
        ("block_time_seconds", "chain.block_time_seconds"),
        (
            "min_threshold_stake_share",
            "chain.min_threshold_stake_share",
        ),
    ] {
        let values: Float64Array = presets().map(|preset| preset.value(key)).collect();
        columns.push((name, Arc::new(values)));
    }
    columns.push(("meaning", texts(|preset| preset.meaning)));
    columns.push(("source", texts(|preset| preset.source)));
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns
            .into_iter()
            .map(|(name, column)| (name, column, true)),
    );
    batch.map(Table::of_batch).map_err(faults::value)
}
