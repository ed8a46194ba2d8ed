//! Defines presets.

use super::setting::{Setting, SettingError};

/// Named setting: values for keys of the model; other keys keep their defaults.
#[derive(Debug)]
pub struct Preset {
    /// Name in `preset = "…"` and `--preset`.
    pub name: &'static str,
    /// Origin, and the meaning of its terms there.
    pub meaning: &'static str,
    /// Short name of the deployed contract that its numbers are meant for, if any.
    pub contract: Option<&'static str>,
    /// Source of its numbers.
    pub source: &'static str,
    /// Keys with their values.
    pub values: &'static [(&'static str, f64)],
}

impl Preset {
    /// Stores its values in a setting.
    ///
    /// # Errors
    /// When the model of the setting lacks one of the keys.
    pub fn apply(&self, setting: &mut Setting) -> Result<(), SettingError> {
        let mut values = self.values.iter();
        values.try_for_each(|&(key, value)| setting.set(key, value))
    }

    /// Returns the value of a key, if the preset sets it.
    pub fn value(&self, key: &str) -> Option<f64> {
        let mut values = self.values.iter();
        values.find_map(|&(name, value)| (name == key).then_some(value))
    }
}
