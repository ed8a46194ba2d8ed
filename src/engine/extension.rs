//! Defines extensions: features that are off by default. A disabled extension registers nothing: no settings,
//! systems, columns or random draws.

use super::columns::{ArrayRef, Column, Columns};
use super::key::Key;
use super::output::Buffer;
use super::setting::{Setting, Settings};
use bevy_ecs::component::Component;
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

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

    /// Adds a key of the model that a copy of an extension overrides. Only extensions that register
    /// [`ModelBuilder::says_anew`](super::ModelBuilder::says_anew) override keys; others ignore it.
    #[must_use]
    pub fn saying_anew(mut self, name: &str, copy: usize, key: &str) -> Self {
        let copy = self.0.get_mut(name).and_then(|copies| copies.get_mut(copy));
        if let Some(keys) = copy
            && !keys.iter().any(|there| there == key)
        {
            keys.push(key.to_owned());
        }
        self
    }

    /// Returns the keys of the model that a copy overrides, in the order added.
    pub fn said_anew(&self, name: &str, copy: usize) -> &[String] {
        let copy = self.0.get(name).and_then(|copies| copies.get(copy));
        copy.map_or(&[], Vec::as_slice)
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
pub struct Each<S: Settings>(Vec<S>);

impl<S: Settings> Default for Each<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S: Settings> Each<S> {
    pub(super) fn install(&mut self, setting: &Setting) {
        self.0.clear();
        self.0.extend(setting.each::<S>());
    }
}

impl<S: Settings> std::ops::Deref for Each<S> {
    type Target = [S];

    fn deref(&self) -> &[S] {
        &self.0
    }
}

/// Rows of columns that every copy of an extension has separately; a component of each run.
#[derive(Component)]
pub struct GatheredEach<B: Columns>(Vec<B>);

impl<B: Columns> GatheredEach<B> {
    pub(super) fn of(copies: usize) -> Self {
        Self((0..copies).map(|_| B::default()).collect())
    }

    /// Adds a row that consists of one part per copy.
    ///
    /// # Panics
    /// When there are fewer parts than copies.
    pub fn push(&mut self, parts: impl IntoIterator<Item = B::Row>) {
        let mut parts = parts.into_iter();
        for copy in &mut self.0 {
            copy.push(parts.next().expect("a part of the row for each copy"));
        }
    }

    pub(super) fn append(&mut self, other: &mut Self) {
        for (copy, other) in self.0.iter_mut().zip(&mut other.0) {
            copy.append(other);
        }
    }
}

impl<B: Columns> Buffer for GatheredEach<B> {
    fn rows(&self) -> usize {
        self.0.first().map_or(0, B::len)
    }

    fn not_finite(&self) -> Option<String> {
        let mut copies = self.0.iter().enumerate();
        copies.find_map(|(copy, rows)| Some(format!("{} of copy {copy}", rows.not_finite()?)))
    }

    fn forget(&mut self) {
        for copy in &mut self.0 {
            copy.clear();
        }
    }

    fn take(&mut self) -> Vec<ArrayRef> {
        self.0.iter_mut().flat_map(Buffer::take).collect()
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

/// Returns the columns of every copy, prefixed with the extension's name and the copy's number.
pub(super) fn columns_of_each<B: Columns>(name: &str, copies: usize) -> Vec<Column> {
    let of_copy = |copy: usize| {
        B::columns().into_iter().map(move |column| Column {
            name: format!("{name}_{copy}_{}", column.name),
            copy: format!("{name}.{copy}"),
            ..column
        })
    };
    (0..copies).flat_map(of_copy).collect()
}

/// Returns the key of a copy: `attacker.0.share` for `attacker.share`.
pub(super) fn key_of_copy(key: &'static Key, copy: usize) -> &'static Key {
    let (table, field) = key.name.split_once('.').unwrap_or((key.name, ""));
    key_called(format!("{table}.{copy}.{field}"), key, None)
}

/// Returns the key by which a copy of an extension overrides a key of the model: `change.0.beta` for `beta`.
pub(super) fn key_said_anew(key: &'static Key, extension: &str, copy: usize) -> &'static Key {
    key_called(format!("{extension}.{copy}.{}", key.name), key, Some(key))
}

/// Creates a key like another, with another name. Keys live as long as the program, so each is created once.
fn key_called(name: String, like: &'static Key, anew: Option<&'static Key>) -> &'static Key {
    static MADE: Mutex<BTreeMap<String, &'static Key>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(name.clone()).or_insert_with(|| {
        Box::leak(Box::new(Key {
            name: Box::leak(name.into_boxed_str()),
            unit: like.unit,
            meaning: like.meaning,
            domain: like.domain,
            default: like.default,
            alias: None,
            anew,
        }))
    })
}
