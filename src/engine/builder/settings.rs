//! Registers settings.

use super::ModelBuilder;
use super::components::Begin;
use crate::engine::extension::PerCopy;
use crate::engine::preset::Preset;
use crate::engine::setting::{DerivedDefault, Fault, Idle, Key, Scheduled, Setting, Settings, Use};

impl ModelBuilder {
    /// Registers a group of settings: keys of the model, and a component of each run.
    pub fn settings<S: Settings>(&mut self) -> &mut Self {
        self.keys.add_group::<S>();
        self.component::<S>(Begin::Install(|setting, world, run| {
            if let Some(mut group) = world.get_mut::<S>(run) {
                *group = setting.group();
            }
        }))
    }

    /// Registers an alias of other keys.
    pub fn alias(&mut self, key: &'static Key) -> &mut Self {
        self.keys.add_alias(key);
        self
    }

    /// Registers presets.
    pub fn presets(&mut self, presets: &'static [Preset]) -> &mut Self {
        self.presets.extend(presets);
        self
    }

    /// Registers a check across keys, for values that exclude each other.
    pub fn check(&mut self, check: fn(&Setting) -> Option<Fault>) -> &mut Self {
        self.keys.add_check(check);
        self
    }

    /// Registers when a key has an effect: a sweep may vary it even if other axes make it irrelevant at some
    /// points.
    pub fn used_if(&mut self, key: &'static str, is_used: fn(&Setting) -> bool) -> &mut Self {
        self.keys.uses.push(Use { key, is_used });
        self
    }

    /// Registers values that a setting implies for other keys: their defaults if a spec neither sets nor varies
    /// them. A value for a key of a disabled extension enables the extension.
    pub fn implied(&mut self, implied: fn(&Setting) -> Vec<DerivedDefault>) -> &mut Self {
        self.keys.implied.push(implied);
        self
    }

    /// Registers a warning about settings that are valid but probably not intended.
    pub fn warning(&mut self, warning: fn(&Setting) -> Option<String>) -> &mut Self {
        self.keys.add_warning(warning);
        self
    }

    /// Registers that only some runs read the settings of a table, so that a study can warn about settings that
    /// no run reads.
    pub fn idle(&mut self, idle: Idle) -> &mut Self {
        self.keys.idle.push(idle);
        self
    }

    /// Registers a group of settings once for each copy of the extension whose name prefixes its keys: keys
    /// such as `attacker.0.share`, and a component [`PerCopy`] of every run.
    pub fn settings_each<S: Settings>(&mut self) -> &mut Self {
        self.keys.add_copies::<S>(self.on.copies(table_of::<S>()));
        self.component::<PerCopy<S>>(Begin::Install(|setting, world, run| {
            if let Some(mut each) = world.get_mut::<PerCopy<S>>(run) {
                each.install(setting);
            }
        }))
    }

    /// Registers a group of settings like [`ModelBuilder::settings_each`], each copy of which changes other settings
    /// on a day: keys such as `change.0.beta`, which exist if
    /// [`Extensions::overriding`](crate::engine::Extensions::overriding) names them. In a spec they belong to the
    /// table `set` of the copy. Before any system of the day, the run's groups of settings take the new values.
    pub fn schedule<S: Scheduled>(&mut self) -> &mut Self {
        self.keys.set_schedule::<S>(table_of::<S>());
        self.settings_each::<S>()
    }
}

/// Returns the table of a spec that holds the keys of a group; empty for `[model]`.
fn table_of<S: Settings>() -> &'static str {
    let first = S::KEYS.first().and_then(|key| key.table().0);
    first.unwrap_or_default()
}
