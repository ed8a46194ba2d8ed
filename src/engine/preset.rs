//! Settings with a name, to start from.

use super::setting::{Setting, SettingError};

/// A setting with a name: values for keys of the model; what it does not name keeps its default.
#[derive(Debug)]
pub struct Preset {
    /// The name, as `preset = "…"` and `--preset` take it.
    pub name: &'static str,
    /// Whose it is, and what its words mean there.
    pub meaning: &'static str,
    /// The deployed program that its numbers are meant for, by its short name, if there is one.
    pub contract: Option<&'static str>,
    /// Where its numbers are from.
    pub source: &'static str,
    /// Keys of a setting, with their values.
    pub values: &'static [(&'static str, f64)],
}

impl Preset {
    /// Gives its values to a setting.
    ///
    /// # Errors
    /// When the model of the setting has no such keys.
    pub fn apply(&self, setting: &mut Setting) -> Result<(), SettingError> {
        let mut values = self.values.iter();
        values.try_for_each(|&(key, value)| setting.set(key, value))
    }

    /// The value that it gives to a key, if any.
    pub fn value(&self, key: &str) -> Option<f64> {
        let mut values = self.values.iter();
        values.find_map(|&(name, value)| (name == key).then_some(value))
    }
}
