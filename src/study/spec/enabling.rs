//! Enables extensions: those whose tables or keys a spec names.

use crate::engine::{Extensions, Model};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Table of a copy of an extension that overrides keys of the model.
pub(super) const SET: &str = "set";

/// Returns true if an extension with this name may have several tables.
pub(super) fn has_copies(model: &Model, name: &str) -> bool {
    let mut extensions = model.extensions().iter();
    extensions.any(|extension| extension.name == name && extension.most.is_some())
}

/// Returns the model with the extensions of these keys enabled, in addition to those already enabled.
pub(super) fn switched_on_by_keys(model: &Model, names: &[&str]) -> Model {
    let mut on = model.on().clone();
    for extension in model.extensions() {
        let own = names.iter().filter_map(|name| {
            if extension.also.contains(name) {
                return Some(1);
            }
            let rest = name.strip_prefix(extension.name)?.strip_prefix('.')?;
            Some(match extension.most {
                None => 1,
                Some(most) => {
                    let copy: usize = rest.split('.').next()?.parse().ok()?;
                    copy.saturating_add(1).min(most)
                }
            })
        });
        let copies = own.max().unwrap_or(0).max(on.copies(extension.name));
        on = on.with(extension.name, copies);
        on = names
            .iter()
            .fold(on, |on, name| naming(on, extension.name, name));
    }
    model.with_extensions(&on).unwrap_or_else(|_| model.clone())
}

/// Returns the model with the extensions enabled that a spec, as text, enables.
#[cfg(feature = "files")]
pub(in crate::study) fn model_of(model: &Model, spec: &str) -> Model {
    let (document, _) = DeTable::parse_recoverable(spec);
    switched_on(model, document.get_ref())
}

/// Returns the model with the extensions enabled whose tables a document contains.
pub(super) fn switched_on(model: &Model, document: &DeTable) -> Model {
    let mut on = Extensions::default();
    for extension in model.extensions() {
        if let Some(item) = document.get(extension.name) {
            let copies = match extension.most {
                None => 1,
                Some(most) => {
                    let tables = item.get_ref().as_array();
                    tables.map_or(1, |tables| tables.len()).min(most)
                }
            };
            on = on.with(extension.name, copies);
            on = overriding(on, extension.name, document);
        } else if extension.also.iter().any(|key| holds(document, key)) {
            on = on.with(extension.name, 1);
        }
    }
    model.with_extensions(&on).unwrap_or_else(|_| model.clone())
}

/// Returns true if a document, or one of its variants, sets a key.
fn holds(document: &DeTable, key: &str) -> bool {
    let sets = |table: &DeTable| leaves(table).iter().any(|(name, _)| name == key);
    let variants = document.get("variant").map(Spanned::get_ref);
    let variants = variants.and_then(DeValue::as_array).into_iter().flatten();
    let mut variants = variants.filter_map(|variant| variant.get_ref().as_table());
    sets(document) || variants.any(sets)
}

/// Adds the keys of the model that copies of an extension override, through their tables `set` or through axes.
fn overriding(mut on: Extensions, extension: &str, document: &DeTable) -> Extensions {
    let item = document.get(extension).map(Spanned::get_ref);
    let listed = item.and_then(DeValue::as_array).into_iter().flatten();
    let listed = listed.map(|table| table.get_ref().as_table());
    // A single table headed [name] is a fault, but is read to find more faults.
    let single = item.and_then(DeValue::as_table).map(Some);
    for (copy, table) in listed.chain(single).enumerate() {
        let set = table.and_then(|table| table.get(SET));
        for (key, _) in set
            .and_then(|set| set.get_ref().as_table())
            .into_iter()
            .flat_map(leaves)
        {
            on = on.overriding(extension, copy, &key);
        }
    }
    let axes = ["axes", "levers", "uncertainties"].iter();
    let axes = axes.filter_map(|name| document.get(*name)?.get_ref().as_table());
    let names: Vec<_> = axes.flat_map(leaves).map(|(name, _)| name).collect();
    names
        .iter()
        .fold(on, |on, name| naming(on, extension, name))
}

/// Adds a key such as `change.0.beta` to those that its copy overrides.
fn naming(on: Extensions, extension: &str, name: &str) -> Extensions {
    let rest = name
        .strip_prefix(extension)
        .and_then(|rest| rest.strip_prefix('.'));
    match rest.and_then(|rest| rest.split_once('.')) {
        Some((copy, key)) => match copy.parse() {
            Ok(copy) => on.overriding(extension, copy, key),
            Err(_) => on,
        },
        None => on,
    }
}

/// Lists the values of a table and its subtables by key; tables that define a range are values.
pub(super) fn leaves<'t, 'i>(table: &'t DeTable<'i>) -> Vec<(String, &'t Spanned<DeValue<'i>>)> {
    let mut leaves = Vec::new();
    for (name, value) in table {
        match value.get_ref() {
            DeValue::Table(inner) if !inner.contains_key("from") => {
                let inner = self::leaves(inner).into_iter();
                leaves
                    .extend(inner.map(|(key, value)| (format!("{}.{key}", name.get_ref()), value)));
            }
            _ => leaves.push((name.get_ref().to_string(), value)),
        }
    }
    leaves
}
