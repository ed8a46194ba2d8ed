//! Reads assignments `KEY=VALUE`, which change settings of a spec.

use super::enabling::{SET, has_copies, switched_on_by_keys};
use super::lists::{implied_by_extensions, imply};
use super::reader::{Reader, clipped};
use super::settings::{RULES, fix_all_rules};
use super::{MOST_REPLICATES, MOST_SEED, Spec, SpecError, Variant};
use crate::engine::{Key, Model};
use std::borrow::Cow;
use std::path::Path;
use toml::Spanned;
use toml::de::DeValue;

/// Key of a preset, which supplies the values of keys that are not set.
const PRESET: &str = "preset";

/// Key of the rule set that other rules override.
const RULES_BASE: &str = "rules.base";

/// Changes the base setting by `KEY=VALUE` assignments; a key of an extension enables it.
///
/// # Errors
/// Returns every fault in the assignments.
pub(super) fn assign(
    spec: &mut Spec,
    assignments: &[String],
    source_name: &str,
) -> Result<(), SpecError> {
    // A preset and a base of rules apply first, wherever they are listed: the others override them.
    let mut pairs: Vec<_> = assignments
        .iter()
        .map(|text| pair(&spec.model, text))
        .collect();
    pairs.sort_by_key(|(name, _)| match name.as_ref() {
        PRESET => 0,
        RULES_BASE => 1,
        _ => 2,
    });
    let names: Vec<_> = pairs.iter().map(|(name, _)| name.as_ref()).collect();
    let model = switched_on_by_keys(&spec.model, &names);
    let mut reader = Reader::new("", &model, None, Path::new(""));
    let mut setting = spec.base.with_keys(model.keys());
    let mut fixed: Vec<&'static Key> = Vec::new();
    let mut preset = spec.preset.clone();
    for (name, value) in &pairs {
        let Some(value) = value else {
            reader.fault(None, name, "expected KEY=VALUE, such as beta=0.3");
            continue;
        };
        let word = value.trim_matches('"');
        if name == PRESET {
            preset = reader.apply_preset(word, None, &mut setting);
            continue;
        }
        if let Some(of) = reader.kept_in_file(name) {
            let item = DeValue::String(word.into());
            let beside = |name: &str| {
                let (_, value) = pairs.iter().find(|(other, _)| other == name)?;
                value.map(|value| DeValue::String(value.trim_matches('"').into()))
            };
            if let Some(value) = reader.value_in_file(of, name, &item, None, beside) {
                reader.fix(&mut fixed, of.key, name, None);
                setting.put(of.key, value);
            }
            continue;
        }
        let known = match name.as_ref() {
            RULES_BASE => reader.keys.find(RULES),
            name => reader.known_key(name, name, None, |_| true, &[]),
        };
        let Some(key) = known else {
            continue;
        };
        // Numbers and lists are in TOML syntax; anything else is a word, quoted or not.
        let parsed = DeValue::parse(value).ok().map(Spanned::into_inner);
        let value = match &parsed {
            Some(item @ (DeValue::Integer(_) | DeValue::Float(_) | DeValue::Array(_))) => {
                reader.value(key, name, item, None)
            }
            _ => reader.word(key, name, word, None),
        };
        if let Some(value) = value {
            if name != RULES_BASE {
                reader.fix(&mut fixed, key, name, None);
            }
            setting.put(key, value);
        }
    }
    if names.contains(&RULES_BASE) {
        fix_all_rules(&mut fixed, &model);
    }
    let mut assigned = spec.clone();
    assigned.switch_on(&model);
    (assigned.base, assigned.preset) = (setting, preset);
    let more = switched_on_by_keys(&model, &implied_by_extensions(&assigned));
    assigned.switch_on(&more);
    fixed.extend(&spec.fixed);
    imply(&mut assigned, &fixed);
    if reader.count() == 0 {
        reader.between_keys(&assigned);
    }
    reader.finish(source_name)?;
    assigned.fixed = fixed;
    *spec = assigned;
    Ok(())
}

/// Same as [`assign`], for a sweep: rejects assignments to keys that an axis or a variant sets.
pub(super) fn assign_sweep(
    spec: &mut Spec,
    assignments: &[String],
    source_name: &str,
) -> Result<(), SpecError> {
    let model = spec.model.clone();
    let mut reader = Reader::new("", &model, None, Path::new(""));
    let mut changed = spec.clone();
    let mut settings = Vec::new();
    for assignment in assignments {
        let (name, value) = pair(&model, assignment);
        let (name, value) = (&*name, value.unwrap_or(""));
        let number = DeValue::parse(value).map(Spanned::into_inner);
        let number = number.unwrap_or(DeValue::String(value.into()));
        match name {
            "seed" => changed.seed = reader.whole_number(&number, name, None, 0, MOST_SEED),
            "replicates" => {
                let read = reader.whole_number(&number, name, None, 1, MOST_REPLICATES);
                changed.replicates = read as u32;
            }
            _ => settings.push(assignment.clone()),
        }
        let key = reader.kept_in_file(name).map(|of| of.key);
        let Some(key) = key.or_else(|| model.keys().find(name)) else {
            continue;
        };
        let mut axes = spec.factors.iter().flat_map(|factor| &factor.axes);
        if let Some(axis) = axes.find(|axis| axis.key.overlaps(key)) {
            let message = format!(
                "axis {} of the spec varies it; remove the axis from the spec first",
                axis.key.name
            );
            reader.fault(None, name, &message);
        }
        let sets = |variant: &&Variant| variant.settings.iter().any(|(set, _)| set.overlaps(key));
        if let Some(variant) = spec.variants.iter().find(sets) {
            let variant = clipped(&variant.name);
            let message =
                format!("variant \"{variant}\" sets it; remove it from the variant first");
            reader.fault(None, name, &message);
        }
    }
    reader.finish(source_name)?;
    assign(&mut changed, &settings, source_name)?;
    *spec = changed;
    Ok(())
}

/// Splits an assignment into key and value. The key may be written as in a spec: `model.beta` means `beta`, and
/// `change.0.set.beta` means `change.0.beta`.
fn pair<'t>(model: &Model, text: &'t str) -> (Cow<'t, str>, Option<&'t str>) {
    let Some((name, value)) = text.split_once('=') else {
        return (Cow::Borrowed(text), None);
    };
    let name = name.trim();
    let name = name.strip_prefix("model.").unwrap_or(name);
    let parts: Vec<_> = name.splitn(4, '.').collect();
    let name = match parts[..] {
        [extension, copy, SET, key] if has_copies(model, extension) => {
            Cow::Owned(format!("{extension}.{copy}.{key}"))
        }
        _ => Cow::Borrowed(name),
    };
    (name, Some(value.trim()))
}
