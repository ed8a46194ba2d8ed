//! Defines settings by name: unit, domain, default and meaning.

use super::Setting;
use crate::engine::document::{Content, Document};
use crate::engine::list::List;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Value of a setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A real number.
    Real(f64),
    /// A whole number.
    Count(u64),
    /// One of a few names.
    Name(&'static str),
    /// A list of numbers.
    List(List),
    /// A document.
    Document(Document),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // As briefly as possible: `1e308`, `0.1`, `30000`.
            Self::Real(v) => {
                let text = format!("{v:?}");
                f.write_str(text.strip_suffix(".0").unwrap_or(&text))
            }
            Self::Count(v) => write!(f, "{v}"),
            Self::Name(v) => f.write_str(v),
            Self::List(v) => f.write_str(v.text()),
            Self::Document(v) => f.write_str(v.text()),
        }
    }
}

/// Values that a setting may take.
#[derive(Clone, Copy, Debug)]
pub enum Domain {
    /// Real numbers from `low` to `high`; `above` excludes `low`, `below` excludes `high`.
    Real {
        /// Minimum.
        low: f64,
        /// Maximum.
        high: f64,
        /// True if `low` is excluded.
        above: bool,
        /// True if `high` is excluded.
        below: bool,
    },
    /// Whole numbers from `low` to `high`.
    Count {
        /// Minimum.
        low: u64,
        /// Maximum.
        high: u64,
    },
    /// One of these names.
    Names(&'static [&'static str]),
    /// Lists of numbers above 0.
    List {
        /// Maximum number of items.
        most: usize,
        /// True if items may be 0.
        zero: bool,
        /// Keys that name a file with the items, if allowed.
        file: Option<ListFile>,
    },
    /// Documents.
    Document {
        /// Name in messages.
        name: &'static str,
        /// Parses a text; returns `None` if it is not such a document.
        read: fn(&str) -> Option<Content>,
        /// Keys of a spec that take the document from a file.
        file: DocumentFile,
    },
}

/// Keys of a spec that take a document from a file.
#[derive(Clone, Copy, Debug)]
pub struct DocumentFile {
    /// Key of the file's name.
    pub path: &'static str,
    /// Key of the last number, in the order of the file, to read; without it, the whole file is read.
    pub at: &'static str,
}

/// Keys by which a spec names a file that contains a list.
#[derive(Clone, Copy, Debug)]
pub struct ListFile {
    /// Key that names the file, such as `holdings.path`.
    pub path: &'static str,
    /// Key that names the column of the file, such as `holdings.column`.
    pub column: &'static str,
    /// Default column.
    pub default: &'static str,
}

impl Domain {
    const fn real(low: f64, high: f64, above: bool, below: bool) -> Self {
        Self::Real {
            low,
            high,
            above,
            below,
        }
    }

    /// Real numbers of at least `low`.
    pub const fn at_least(low: f64) -> Self {
        Self::real(low, f64::INFINITY, false, false)
    }

    /// Real numbers above `low`.
    pub const fn above(low: f64) -> Self {
        Self::real(low, f64::INFINITY, true, false)
    }

    /// Real numbers from `low` to `high`, inclusive.
    pub const fn from_to(low: f64, high: f64) -> Self {
        Self::real(low, high, false, false)
    }

    /// Real numbers above `low`, up to and including `high`.
    pub const fn above_to(low: f64, high: f64) -> Self {
        Self::real(low, high, true, false)
    }

    /// Real numbers from `low`, inclusive, to below `high`.
    pub const fn from_below(low: f64, high: f64) -> Self {
        Self::real(low, high, false, true)
    }

    /// Real numbers above `low` and below `high`.
    pub const fn between(low: f64, high: f64) -> Self {
        Self::real(low, high, true, true)
    }

    /// Whole numbers from `low` to `high`, inclusive.
    pub const fn count(low: u64, high: u64) -> Self {
        Self::Count { low, high }
    }

    /// Lists of up to `most` numbers above 0.
    pub const fn list(most: usize) -> Self {
        Self::List {
            most,
            zero: false,
            file: None,
        }
    }

    /// Lists of up to `most` numbers of at least 0.
    pub const fn list_from_zero(most: usize) -> Self {
        Self::List {
            most,
            zero: true,
            file: None,
        }
    }

    /// Lists of up to `most` numbers above 0, from the spec or a file.
    pub const fn list_or_file(most: usize, file: ListFile) -> Self {
        Self::List {
            most,
            zero: false,
            file: Some(file),
        }
    }

    /// Truth values: the domain of a field of type `bool`.
    pub const TRUTH: Self = Self::Names(&["false", "true"]);

    /// Returns true if the values are true and false.
    pub fn is_truth(&self) -> bool {
        matches!(self, Self::Names(["false", "true"]))
    }

    /// Converts a number to a value of this domain, if it is within. Whole numbers may be written as reals
    /// without a fraction.
    pub fn number(&self, number: f64) -> Option<Value> {
        match *self {
            Self::Real {
                low,
                high,
                above,
                below,
            } => (number.is_finite()
                && (if above { number > low } else { number >= low })
                && (if below { number < high } else { number <= high }))
            // Turns −0 into 0, for which 1/x is +∞.
            .then_some(Value::Real(number + 0.0)),
            Self::Count { low, high } => {
                (number.fract() == 0.0 && number >= low as f64 && number <= high as f64)
                    .then_some(Value::Count(number as u64))
            }
            Self::Names(_) | Self::List { .. } | Self::Document { .. } => None,
        }
    }

    /// Returns true if a value is within the domain.
    pub fn holds(&self, value: Value) -> bool {
        match value {
            Value::Real(number) => self.number(number).is_some(),
            Value::Count(number) => self.number(number as f64).is_some(),
            Value::Name(word) => self.word(word).is_some(),
            Value::List(list) => self.numbers(list.numbers()).is_some(),
            Value::Document(_) => matches!(self, Self::Document { .. }),
        }
    }

    /// Converts numbers to a value of this domain, if it consists of lists.
    pub fn numbers(&self, numbers: &[f64]) -> Option<Value> {
        let Self::List { most, zero, .. } = self else {
            return None;
        };
        let sound = |number: &f64| number.is_finite() && (*number > 0.0 || *zero && *number == 0.0);
        (numbers.len() <= *most && numbers.iter().all(sound))
            .then(|| Value::List(List::new(numbers)))
    }

    /// Converts a word to a value of this domain: one of its names, or the text of a list or document.
    pub fn word(&self, word: &str) -> Option<Value> {
        match self {
            Self::Names(names) => names
                .iter()
                .find(|&&name| name == word)
                .map(|&name| Value::Name(name)),
            Self::List { .. } => self.numbers(List::parse(word)?.numbers()),
            Self::Document { read, .. } => Document::new(word, *read).map(Value::Document),
            _ => None,
        }
    }
}

impl std::fmt::Display for Domain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Real {
                low,
                high,
                above,
                below,
            } => {
                let more = if above { "above" } else { "of at least" };
                let less = if below { "below" } else { "at most" };
                let unbounded = high.is_infinite();
                // As briefly as values are written.
                let (low, high) = (Value::Real(low), Value::Real(high));
                if unbounded {
                    return write!(f, "a number {more} {low}");
                }
                write!(f, "a number {more} {low} and {less} {high}")
            }
            Self::Count { low, high } => write!(f, "a whole number from {low} to {high}"),
            Self::Names(names) => {
                let quoted: Vec<_> = names.iter().map(|n| format!("\"{n}\"")).collect();
                write!(f, "{}", quoted.join(" or "))
            }
            Self::List { most, zero, .. } => {
                let least = if zero { "of at least 0" } else { "above 0" };
                write!(f, "a list of at most {most} numbers {least}")
            }
            Self::Document { name, file, .. } => {
                write!(f, "{name}, as {} takes it from a file", file.path)
            }
        }
    }
}

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
