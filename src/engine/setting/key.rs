//! Keys of settings: name, unit, domain, default and meaning.

use super::{Domain, Setting, Value};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Setting: name, meaning, domain and default.
#[derive(Debug)]
pub struct Key {
    /// Name in `--set`, in `[axes]` and as a column; the part before a dot is its table in a spec.
    pub name: &'static str,
    /// Unit; empty for pure numbers and names.
    pub unit: &'static str,
    /// Meaning, in one line.
    pub meaning: &'static str,
    /// Values that it may take.
    pub domain: Domain,
    /// Default.
    pub default: fn() -> Value,
    /// Storage under other keys, for an alias.
    pub alias: Option<Alias>,
    /// Key of the model that it overrides, for a key of an extension that overrides others.
    pub overrides: Option<&'static Key>,
}

/// Relation of an alias to the keys that store its value.
///
/// An alias sets one key, or all keys of a table. It determines that key, together with the keys named in
/// `with`, whatever the order in which they are set: see [`Setting::put`].
#[derive(Debug)]
pub struct Alias {
    /// Key that it sets, or table of keys, all of which it sets.
    pub of: &'static str,
    /// Other keys that the stored value depends on.
    pub with: &'static [&'static str],
    /// Computes its value from the stored ones.
    pub get: fn(&Setting) -> Value,
    /// Computes the stored value from a value in the alias's domain. An alias that depends on another is
    /// registered before it, and reads it through [`Setting::given`].
    pub store: fn(&Setting, Value) -> Value,
}

impl Key {
    /// Converts a number to a value of this key, if within its domain.
    pub fn number(&self, number: f64) -> Option<Value> {
        self.domain.number(number)
    }

    /// Returns true if its values are lists or documents, which are too long for a row of a table.
    pub fn is_long(&self) -> bool {
        matches!(self.domain, Domain::List { .. } | Domain::Document { .. })
    }

    /// Converts numbers to a value of this key, if its values are lists, and these are within its domain.
    pub fn numbers(&self, numbers: &[f64]) -> Option<Value> {
        self.domain.numbers(numbers)
    }

    /// Converts a word to a value of this key, if within its domain.
    pub fn word(&self, word: &str) -> Option<Value> {
        self.domain.word(word)
    }

    /// Returns the key's table in a spec, and its name there.
    pub fn table(&self) -> (Option<&'static str>, &'static str) {
        match (self.name.split_once('.'), self.name.rsplit_once('.')) {
            (Some((table, _)), Some((_, name))) => (Some(table), name),
            _ => (None, self.name),
        }
    }

    /// Returns the copy of an extension that it belongs to, from 0, such as of `[[attacker]]`; `None` for a key
    /// without copies.
    pub fn copy(&self) -> Option<usize> {
        let (_, rest) = self.name.split_once('.')?;
        let (copy, _) = rest.split_once('.')?;
        copy.parse().ok()
    }

    /// Returns the key under which its value is stored.
    pub fn stored_as(&self) -> &'static str {
        self.alias.as_ref().map_or(self.name, |alias| alias.of)
    }

    /// Returns true if setting both keys would set the same thing twice.
    pub fn overlaps(&self, other: &Key) -> bool {
        let (a, b) = (self.stored_as(), other.stored_as());
        a == b || within(a, b) || within(b, a)
    }
}

/// Returns the key of a copy: `attacker.0.share` for `attacker.share`.
pub(super) fn key_of_copy(key: &'static Key, copy: usize) -> &'static Key {
    let (table, field) = key.name.split_once('.').unwrap_or((key.name, ""));
    key_called(format!("{table}.{copy}.{field}"), key, None)
}

/// Returns the key by which a copy of an extension overrides a key of the model: `change.0.beta` for `beta`.
pub(super) fn key_of_override(key: &'static Key, extension: &str, copy: usize) -> &'static Key {
    key_called(format!("{extension}.{copy}.{}", key.name), key, Some(key))
}

/// Creates a key like another, with another name. Keys live as long as the program, so each is created once.
fn key_called(name: String, like: &'static Key, overrides: Option<&'static Key>) -> &'static Key {
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
            overrides,
        }))
    })
}

/// Returns true if `outer` is a table that contains `inner`, as `table` contains `table.key`.
pub(super) fn within(outer: &str, inner: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.starts_with('.'))
}

/// Returns the name among `names` that is most similar to `wrong`, ignoring case; `None` if none is similar.
pub fn closest_name<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = wrong.to_lowercase();
    let alike = |name: &str| {
        strsim::jaro_winkler(wrong, name).max(strsim::jaro_winkler(&lower, &name.to_lowercase()))
    };
    // A bare word may be the last part of a dotted key: `key` for `table.key`.
    let likeness = |name: &str| {
        let tail = name.rsplit('.').next().unwrap_or(name);
        alike(name).max(alike(tail))
    };
    names
        .into_iter()
        .map(|name| (likeness(name), name))
        .filter(|&(alike, _)| alike > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
