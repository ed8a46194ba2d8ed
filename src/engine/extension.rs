//! Defines extensions: features that are off by default. A disabled extension registers nothing: no settings,
//! systems, columns or random draws.

use super::setting::{Setting, Settings};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

/// Extension of a model, enabled or disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Name of the extension: of its table in a spec, which enables it, and prefix of its keys.
    pub name: &'static str,
    /// Description of what it adds, in one line.
    pub meaning: &'static str,
    /// Maximum number of copies, `[[name]]` in a spec, each with its own settings; `None` for a single
    /// `[name]`.
    pub most: Option<usize>,
    /// Keys outside its table that enable it as well.
    pub also: &'static [&'static str],
}

impl Extension {
    /// Returns the header of its table in a spec.
    pub fn header(&self) -> String {
        match self.most {
            Some(_) => format!("[[{}]]", self.name),
            None => format!("[{}]", self.name),
        }
    }
}

/// Enabled extensions, with their number of copies and the keys of the model that each copy overrides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions(BTreeMap<String, Vec<Vec<String>>>);

impl Extensions {
    /// Adds an extension with this number of copies.
    #[must_use]
    pub fn with(mut self, name: &str, copies: usize) -> Self {
        if copies > 0 {
            let there = self.0.entry(name.to_owned()).or_default();
            there.resize(copies, Vec::new());
        }
        self
    }

    /// Adds a key of the model that a copy of an extension overrides. Only the extension that registers
    /// [`ModelBuilder::schedule`](super::ModelBuilder::schedule) overrides keys; others ignore it.
    #[must_use]
    pub fn overriding(mut self, name: &str, copy: usize, key: &str) -> Self {
        let copy = self.0.get_mut(name).and_then(|copies| copies.get_mut(copy));
        if let Some(keys) = copy
            && !keys.iter().any(|there| there == key)
        {
            keys.push(key.to_owned());
        }
        self
    }

    /// Iterates over the keys of the model that copies of an extension override, each with its copy.
    pub(super) fn overrides(&self, name: &str) -> impl Iterator<Item = (usize, &str)> {
        let copies = self.0.get(name).into_iter().flatten().enumerate();
        copies.flat_map(|(copy, keys)| keys.iter().map(move |key| (copy, key.as_str())))
    }

    /// Returns the number of copies of an extension: 0 if disabled.
    pub fn copies(&self, name: &str) -> usize {
        self.0.get(name).map_or(0, Vec::len)
    }

    /// Iterates over the enabled extensions, with their number of copies.
    pub fn iter(&self) -> impl Iterator<Item = (&str, usize)> {
        let each = self.0.iter();
        each.map(|(name, copies)| (name.as_str(), copies.len()))
    }
}

/// Invalid request for an extension.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionError {
    /// The model lacks the extension.
    #[error("{name}: the model has no such extension; it has {}", known.join(", "))]
    Unknown {
        /// Requested name.
        name: String,
        /// Extensions of the model.
        known: Vec<&'static str>,
    },
    /// Too many copies are requested.
    #[error("{name}: found {asked}, expected at most {most}")]
    TooMany {
        /// Extension.
        name: &'static str,
        /// Requested number.
        asked: usize,
        /// Maximum number.
        most: usize,
    },
}

/// Settings of every copy of an extension, in order; a component of each run.
#[derive(Component, Clone, Debug, PartialEq)]
pub struct PerCopy<S: Settings>(Vec<S>);

impl<S: Settings> Default for PerCopy<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S: Settings> PerCopy<S> {
    pub(super) fn install(&mut self, setting: &Setting) {
        self.0.clear();
        self.0.extend(setting.each::<S>());
    }
}

impl<S: Settings> std::ops::Deref for PerCopy<S> {
    type Target = [S];

    fn deref(&self) -> &[S] {
        &self.0
    }
}
