//! Versions, presets, and every setting with its unit and meaning.

use conviction::engine::{Domain, Key, Model, Value as Cell};
use conviction::study::schema::new_keys;
use conviction::voting::meaning::Meaning;
use serde_json::{Map, Value, json};

/// Versions, and the presets of a model.
pub fn about(model: &Model) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"), "results_version": conviction::RESULTS_VERSION,
        "presets": presets(model),
    })
}

/// Every setting of a model, and of its extensions.
pub fn settings(model: &Model) -> Value {
    let mut settings: Vec<Value> = described(model, model.keys().all(), "");
    for extension in model.extensions() {
        let on = model.with_extension(extension);
        settings.extend(described(&on, &new_keys(model, &on), &extension.header()));
    }
    Value::Array(settings)
}

fn described(model: &Model, keys: &[&Key], extension: &str) -> Vec<Value> {
    let default = model.setting();
    let described = |key: &&Key| {
        json!({
            "key": key.name, "default": cell(default.value(key)), "unit": key.unit,
            "domain": key.domain.to_string(), "names": names(&key.domain), "meaning": key.meaning,
            "extension": extension,
        })
    };
    keys.iter().map(described).collect()
}

fn names(domain: &Domain) -> &[&'static str] {
    match domain {
        Domain::Names(names) => names,
        _ => &[],
    }
}

fn cell(value: Cell) -> Value {
    match value {
        Cell::Real(number) => json!(number),
        Cell::Count(number) => json!(number),
        Cell::Name(name) => json!(name),
        Cell::List(list) => json!(list.numbers()),
    }
}

/// Presets with what they set, and with their words for designers.
fn presets(model: &Model) -> Vec<Value> {
    let described = |preset: &&'static conviction::engine::Preset| {
        let mut setting = model.setting();
        preset.apply(&mut setting).ok()?;
        let meaning = Meaning::of(&setting);
        let values: Map<String, Value> = (preset.values.iter())
            .map(|&(key, value)| (key.to_owned(), json!(value)))
            .collect();
        Some(json!({
            "name": preset.name, "meaning": preset.meaning, "source": preset.source, "values": values,
            "half_life_days": meaning.half_life_days, "largest_request": meaning.largest_passable_share,
            "minimum_conviction": meaning.minimum_conviction_share,
            "block_time_seconds": meaning.block_time_seconds,
        }))
    };
    model.presets().iter().filter_map(described).collect()
}
