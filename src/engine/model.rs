//! Combines features into a model, and checks it once.
//!
//! A feature is a function that registers its parts: settings, components of runs, tables with their demand for
//! rows, random streams, systems in the phases of a day, columns of output tables, and invariants. Nothing else
//! knows the feature.

use super::builder::{Feature, FeatureId, ModelBuilder};
use super::columns::Column;
use super::extension::{Extension, ExtensionError, Extensions};
use super::output::Output;
use super::preset::Preset;
use super::setting::{Keys, Setting};
use std::sync::Arc;

/// Features of one kind of batch. A model may have several kinds, since batches are homogeneous.
pub(super) struct Variant {
    /// Returns true if a setting needs this kind.
    pub when: fn(&Setting) -> bool,
    pub registry: ModelBuilder,
}

/// Model: settings, columns and systems of every feature. Cheap to clone.
#[derive(Clone)]
pub struct Model {
    kinds: Arc<[KindOfBatch]>,
    more: Arc<[Feature]>,
    on: Extensions,
    pub(super) variants: Arc<Vec<Variant>>,
    keys: Arc<Keys>,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Model").field(&self.features()).finish()
    }
}

/// Kind of batch: the condition on settings, and its features.
pub type KindOfBatch = (fn(&Setting) -> bool, fn(&mut ModelBuilder));

impl Model {
    /// Creates a model with these kinds of batches, of which a setting uses the first that applies; all kinds
    /// have the features in `more`.
    ///
    /// # Panics
    /// When features contradict each other through duplicate names, keys, tables or columns. That is a mistake
    /// of their authors, detected whenever the model is created.
    pub fn new(kinds: &[KindOfBatch], more: &[Feature]) -> Self {
        Self::build(kinds.into(), more.into(), Extensions::default())
    }

    fn build(kinds: Arc<[KindOfBatch]>, more: Arc<[Feature]>, on: Extensions) -> Self {
        let mut variants: Vec<_> = kinds
            .iter()
            .map(|&(when, features)| {
                let registry = ModelBuilder::registered(features, &more, &on);
                Variant { when, registry }
            })
            .collect();
        assert!(
            !variants.is_empty(),
            "a model has at least one kind of batch"
        );
        let keys = Arc::new(std::mem::take(&mut variants[0].registry.keys));
        for variant in &variants[1..] {
            let names = |keys: &Keys| keys.all().iter().map(|key| key.name).collect::<Vec<_>>();
            assert_eq!(
                names(&keys),
                names(&variant.registry.keys),
                "all kinds of batches have the same settings"
            );
        }
        Self {
            kinds,
            more,
            on,
            variants: Arc::new(variants),
            keys,
        }
    }

    /// Returns the model with exactly these extensions enabled.
    ///
    /// # Errors
    /// When the model lacks an extension, or too many copies of one are requested.
    pub fn with_extensions(&self, on: &Extensions) -> Result<Self, ExtensionError> {
        let known = self.extensions();
        for (name, asked) in on.iter() {
            let Some(extension) = known.iter().find(|extension| extension.name == name) else {
                return Err(ExtensionError::Unknown {
                    name: name.to_owned(),
                    known: known.iter().map(|extension| extension.name).collect(),
                });
            };
            let most = extension.most.unwrap_or(1);
            if asked > most {
                return Err(ExtensionError::TooMany {
                    name: extension.name,
                    asked,
                    most,
                });
            }
        }
        if *on == self.on {
            return Ok(self.clone());
        }
        Ok(Self::build(
            self.kinds.clone(),
            self.more.clone(),
            on.clone(),
        ))
    }

    /// Returns true if both are the same model with the same extensions enabled.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.kinds, &other.kinds)
            && Arc::ptr_eq(&self.more, &other.more)
            && self.on == other.on
    }

    /// Returns all extensions, enabled or not, in the order registered.
    pub fn extensions(&self) -> &[Extension] {
        &self.variants[0].registry.extensions
    }

    /// Returns the model with only one extension enabled, in one copy, for describing it.
    pub fn with_extension(&self, extension: &Extension) -> Self {
        let on = Extensions::default().with(extension.name, 1);
        self.with_extensions(&on).unwrap_or_else(|_| self.clone())
    }

    /// Returns the enabled extensions.
    pub fn on(&self) -> &Extensions {
        &self.on
    }

    /// Returns all features, in the order registered.
    pub fn features(&self) -> &[FeatureId] {
        &self.variants[0].registry.features
    }

    /// Returns all keys, in the order registered.
    pub fn keys(&self) -> &Arc<Keys> {
        &self.keys
    }

    /// Returns all presets, in the order registered.
    pub fn presets(&self) -> &[&'static Preset] {
        &self.variants[0].registry.presets
    }

    /// Returns the preset with this name, if registered.
    pub fn preset(&self, name: &str) -> Option<&'static Preset> {
        let mut presets = self.presets().iter().copied();
        presets.find(|preset| preset.name == name)
    }

    /// Returns the default setting.
    pub fn setting(&self) -> Setting {
        Setting::new(self.keys.clone())
    }

    /// Returns the number of the kind of batch for a setting.
    pub fn kind(&self, setting: &Setting) -> usize {
        let kind = self
            .variants
            .iter()
            .position(|variant| (variant.when)(setting));
        kind.unwrap_or(0)
    }

    /// Returns the optimal number of runs of a setting to simulate together, at least 1.
    pub fn together(&self, setting: &Setting) -> usize {
        let together = self.variants[self.kind(setting)].registry.together;
        together.map_or(1, |together| together(setting).max(1))
    }

    /// Returns the expected nanoseconds of a run of a setting on one core, without writing.
    pub fn nanoseconds(&self, setting: &Setting) -> f64 {
        let ModelBuilder {
            estimate, longer, ..
        } = &self.variants[self.kind(setting)].registry;
        let estimate = estimate.map_or(1e5, |estimate| (estimate.nanoseconds)(setting));
        estimate * (1.0 + longer)
    }

    /// Returns the expected bytes required to simulate this many runs of a setting together.
    pub fn bytes(&self, setting: &Setting, together: f64) -> f64 {
        let estimate = self.variants[self.kind(setting)].registry.estimate;
        estimate.map_or(0.0, |estimate| (estimate.bytes)(setting, together))
    }

    /// Returns the output table with this name, if registered.
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.outputs().iter().find(|output| output.name == name)
    }

    /// Returns the output tables.
    pub fn outputs(&self) -> &[Output] {
        &self.variants[0].registry.outputs
    }

    /// Returns the columns of an output table, in the order registered; empty if no feature registers the
    /// table.
    pub fn columns(&self, table: &str) -> Vec<Column> {
        let groups = self.variants[0].registry.groups_of(table);
        groups.flat_map(|(_, group)| (group.columns)()).collect()
    }
}
