//! Reads presets of a spec: bases that everything else overrides.

use super::Spec;
use super::reader::{Reader, Span, clipped, closest_name};
use crate::engine::{Key, Preset, Setting};
use toml::Spanned;
use toml::de::DeValue;

impl Reader<'_> {
    /// Reads `preset = "tec"` at the top level: values of keys that the file does not set.
    pub(super) fn base_preset(&mut self, item: &Spanned<DeValue>, spec: &mut Spec) {
        if let Some(name) = self.preset_name(item, "preset") {
            spec.preset = self.apply_preset(name, Some(item.span()), &mut spec.base);
        }
    }

    /// Applies the named preset to a setting; returns its keys.
    pub(super) fn apply_preset(
        &mut self,
        name: &str,
        span: Span,
        setting: &mut Setting,
    ) -> Vec<&'static Key> {
        let Some(preset) = self.preset_called(name, "preset", span.clone()) else {
            return Vec::new();
        };
        if let Err(error) = preset.apply(setting) {
            self.fault(span, "preset", &error.to_string());
        }
        let keys = preset.values.iter();
        keys.filter_map(|(name, _)| self.keys.find(name)).collect()
    }

    /// Returns the preset that an item names.
    pub(super) fn preset(
        &mut self,
        item: &Spanned<DeValue>,
        path: &str,
    ) -> Option<&'static Preset> {
        let name = self.preset_name(item, path)?;
        self.preset_called(name, path, Some(item.span()))
    }

    fn preset_name<'t>(&mut self, item: &'t Spanned<DeValue>, path: &str) -> Option<&'t str> {
        let name = item.get_ref().as_str();
        if name.is_none() {
            let message = "expected a name in quotes; `conviction presets` lists all";
            self.fault(Some(item.span()), path, message);
        }
        name
    }

    fn preset_called(&mut self, name: &str, path: &str, span: Span) -> Option<&'static Preset> {
        let preset = self.model.preset(name);
        if preset.is_none() {
            let known = self.model.presets().iter();
            let near = closest_name(name, known.map(|preset| preset.name));
            let near = near.map_or(String::new(), |near| format!("; did you mean \"{near}\"?"));
            let name = clipped(name);
            let message =
                format!("unknown preset \"{name}\"{near}; `conviction presets` lists all");
            self.fault(span, path, &message);
        }
        preset
    }
}

/// Applies presets to the variants that start from them, by position: to keys that the variant does not set and
/// no axis varies.
pub(super) fn variants_from_presets(bases: &[(usize, &'static Preset)], spec: &mut Spec) {
    let keys = spec.model.keys().clone();
    for &(place, preset) in bases {
        let axes = spec.factors.iter().flat_map(|factor| &factor.axes);
        let mut taken: Vec<_> = axes.map(|axis| axis.key).collect();
        let settings = &mut spec.variants[place].settings;
        taken.extend(settings.iter().map(|&(key, _)| key));
        let of_preset = preset.values.iter().filter_map(|&(name, number)| {
            let key = keys.find(name)?;
            let is_free = !taken.iter().any(|other| other.overlaps(key));
            is_free.then_some((key, key.number(number)?))
        });
        settings.extend(of_preset);
    }
}
