//! Reads single values of a spec, and collects faults.

use super::SpecTable;
use super::{Excerpt, MOST_FAULTS, SpecError, SpecFault};
use crate::engine::{Domain, Key, Keys, Model, Setting, Value, closest_name as closest_key};
use crate::input::meant;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Reader of a document's tables, which collects faults.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) model: &'a Model,
    pub(super) keys: &'a Keys,
    document: Option<&'a DeTable<'a>>,
    /// Folder to which paths are relative.
    pub(super) directory: &'a Path,
    /// Documents read from files, up to a part.
    pub(super) from_files: BTreeMap<(PathBuf, Option<u64>), Value>,
    faults: Vec<SpecFault>,
    /// Number of faults beyond those listed individually.
    more: usize,
}

pub(super) type Span = Option<Range<usize>>;

impl<'a> Reader<'a> {
    pub(super) fn new(
        text: &'a str,
        model: &'a Model,
        document: Option<&'a DeTable<'a>>,
        directory: &'a Path,
    ) -> Self {
        Self {
            text,
            model,
            keys: model.keys(),
            document,
            directory,
            from_files: BTreeMap::new(),
            faults: Vec::new(),
            more: 0,
        }
    }

    /// Returns the default setting of the model.
    pub(super) fn setting_of_model(&self) -> Setting {
        self.model.setting()
    }

    /// Returns the line in which a range of the text begins, from 1.
    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
        before.iter().filter(|&&byte| byte == b'\n').count() + 1
    }

    /// Returns the number of faults found.
    pub(super) fn count(&self) -> usize {
        self.faults.len() + self.more
    }

    pub(super) fn fault(&mut self, span: Span, key: &str, message: &str) {
        self.fault_with(span, key, || message.to_owned());
    }

    /// Adds a fault; its message is built only if it will be listed.
    pub(super) fn fault_with(&mut self, span: Span, key: &str, message: impl FnOnce() -> String) {
        if self.faults.len() == MOST_FAULTS {
            self.more += 1;
            return;
        }
        // A missing key, or a fault of a whole table, is shown at the table.
        let span = span.or_else(|| place(self.document?, key));
        self.faults.push(SpecFault {
            line: span.as_ref().map(|span| self.line(span)),
            key: clipped(key).into_owned(),
            message: message(),
            excerpt: span.map(|span| Excerpt::of(self.text, span)),
        });
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Returns every fault found.
    pub(super) fn finish(self, source_name: &str) -> Result<(), SpecError> {
        if self.faults.is_empty() {
            return Ok(());
        }
        Err(SpecError::Faults {
            source_name: source_name.to_owned(),
            faults: self.faults,
            more: self.more,
        })
    }

    pub(super) fn table<'t, 'i>(
        &mut self,
        item: &'t DeValue<'i>,
        key: &str,
        span: Span,
    ) -> Option<&'t DeTable<'i>> {
        let table = item.as_table();
        if table.is_none() {
            let message = format!("expected a table, found {}", shown(item));
            self.fault(span, key, &message);
        }
        table
    }

    /// Returns the key of this name among those `allowed`. Otherwise reports a fault with the closest name,
    /// including `others`, which are not settings.
    pub(super) fn known_key(
        &mut self,
        name: &str,
        path: &str,
        span: Span,
        allowed: impl Fn(&Key) -> bool,
        others: &[&'static str],
    ) -> Option<&'static Key> {
        let keys = self.keys;
        if let Some(key) = keys.find(name).filter(|key| allowed(key)) {
            return Some(key);
        }
        let tail = name.rsplit('.').next().unwrap_or(name);
        let model = self.model;
        self.fault_with(span, path, || {
            if let Some(message) = of_extension_that_is_off(model, name) {
                return message;
            }
            if let Some(message) = not_said_anew(model, name) {
                return message;
            }
            if let Some(key) = keys.find(name).or_else(|| keys.find(tail)) {
                return format!(
                    "does not belong here; {} belongs {}",
                    key.name,
                    place_of(key)
                );
            }
            let names = keys
                .all()
                .iter()
                .filter(|key| allowed(key))
                .map(|key| key.name);
            match closest_name(name, names.chain(others.iter().copied())) {
                Some(near) => format!("unknown key; did you mean {near}?"),
                None => "unknown key; `conviction schema settings` lists all".to_owned(),
            }
        });
        None
    }

    pub(super) fn unknown(&mut self, path: &str, name: &str, span: Span, known: &[&str]) {
        // A setting in the wrong table is reported with the right one.
        let (keys, model) = (self.keys, self.model);
        self.fault_with(span, path, || {
            if let Some(message) = of_extension_that_is_off(model, name) {
                return message;
            }
            match keys.find(name) {
                Some(key) => format!(
                    "does not belong here; {} belongs {}",
                    key.name,
                    place_of(key)
                ),
                None => match closest_name(name, known.iter().copied()) {
                    Some(near) => format!("unknown key; did you mean {near}?"),
                    None => format!("unknown key; expected one of {}", known.join(", ")),
                },
            }
        });
    }

    pub(super) fn value(
        &mut self,
        key: &Key,
        path: &str,
        item: &DeValue,
        span: Span,
    ) -> Option<Value> {
        let value = match item {
            DeValue::String(word) => return self.word(key, path, word, span),
            DeValue::Array(items) => {
                let numbers = items.iter().map(|item| number(item.get_ref()));
                let numbers: Option<Vec<f64>> = numbers.collect();
                numbers.and_then(|numbers| key.numbers(&numbers))
            }
            DeValue::Boolean(truth) => key.word(&truth.to_string()),
            _ => number(item).and_then(|number| key.number(number)),
        };
        if value.is_none() {
            let near = number(item).and_then(|number| near_number(key, number));
            let hint = near.map_or(String::new(), did_you_mean);
            let message = format!("found {}, expected {}{hint}", shown(item), key.domain);
            self.fault(span, path, &message);
        }
        value
    }

    pub(super) fn word(&mut self, key: &Key, path: &str, word: &str, span: Span) -> Option<Value> {
        let value = key.word(word);
        if value.is_none() {
            let near = match key.domain {
                Domain::Names(names) => {
                    let near = closest_name(word, names.iter().copied());
                    near.map(|name| format!("\"{name}\""))
                }
                _ => meant(word).and_then(|number| match key.number(number) {
                    Some(value) => Some(value.to_string()),
                    None => near_number(key, number),
                }),
            };
            let hint = near.map_or(String::new(), did_you_mean);
            let message = format!("found \"{}\", expected {}{hint}", clipped(word), key.domain);
            self.fault(span, path, &message);
        }
        value
    }

    /// Reads a whole number; returns `low` after a fault.
    pub(super) fn whole_number(
        &mut self,
        item: &DeValue,
        path: &str,
        span: Span,
        low: u64,
        high: u64,
    ) -> u64 {
        let value = match item {
            DeValue::Integer(_) => integer(item).and_then(|v| u64::try_from(v).ok()),
            _ => None,
        };
        value
            .filter(|v| (low..=high).contains(v))
            .unwrap_or_else(|| {
                let near = number(item).or_else(|| item.as_str().and_then(meant));
                let near = near.and_then(|number| Domain::count(low, high).number(number));
                let hint = near.map_or(String::new(), |near| did_you_mean(near.to_string()));
                let message = format!(
                    "found {}, expected a whole number from {low} to {high}{hint}",
                    shown(item)
                );
                self.fault(span, path, &message);
                low
            })
    }

    /// Returns the position of a name in a list.
    pub(super) fn name(
        &mut self,
        item: &DeValue,
        path: &str,
        span: Span,
        names: &[&str],
    ) -> Option<usize> {
        self.name_or(item, path, span, names, &[])
    }

    /// Returns the position of a name in a list; `others` are synonyms that hints may mention.
    pub(super) fn name_or(
        &mut self,
        item: &DeValue,
        path: &str,
        span: Span,
        names: &[&str],
        others: &[(&str, &str)],
    ) -> Option<usize> {
        let place = item
            .as_str()
            .and_then(|word| names.iter().position(|&name| name == word));
        if place.is_none() {
            let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
            let near = item.as_str().and_then(|word| {
                let lower = word.to_lowercase();
                let other = others.iter().find(|(other, _)| *other == lower);
                other
                    .map(|&(_, name)| name)
                    .or_else(|| closest_name(word, names.iter().copied()))
            });
            let hint = near.map_or(String::new(), |name| did_you_mean(format!("\"{name}\"")));
            let message = format!(
                "found {}, expected one of {}{hint}",
                shown(item),
                quoted.join(", ")
            );
            self.fault(span, path, &message);
        }
        place
    }
}

pub(super) fn did_you_mean(near: String) -> String {
    format!("; did you mean {near}?")
}

/// Returns the value that a number outside a key's domain may stand for: a share written as a percentage.
pub(super) fn near_number(key: &Key, number: f64) -> Option<String> {
    let Domain::Real { high, .. } = key.domain else {
        return None;
    };
    let share = key
        .number(number / 100.0)
        .filter(|_| number > 1.0 && high <= 1.0)?;
    Some(share.to_string())
}

/// Returns the closest name; `None` for a text that is too long.
pub(super) fn closest_name<'n>(
    wrong: &str,
    names: impl Iterator<Item = &'n str>,
) -> Option<&'n str> {
    if wrong.len() > 80 {
        return None;
    }
    closest_key(wrong, names)
}

/// Returns the location of a key, or else of the innermost table that it would belong to.
fn place(table: &DeTable, path: &str) -> Option<Range<usize>> {
    if let Some((name, _)) = table.get_key_value(path) {
        return Some(name.span());
    }
    path.match_indices('.').find_map(|(dot, _)| {
        let (name, value) = table.get_key_value(&path[..dot])?;
        let inner = value.get_ref().as_table();
        inner
            .and_then(|inner| place(inner, &path[dot + 1..]))
            .or_else(|| Some(name.span()))
    })
}

/// Truncates a long text.
pub(super) fn clipped(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(100) {
        Some((cut, _)) => Cow::Owned(format!("{}…", &text[..cut])),
        None => Cow::Borrowed(text),
    }
}

/// Formats a number as briefly as possible: `1e308`, `0.1`, `30000`.
pub(super) fn brief(number: f64) -> String {
    let text = format!("{number:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Explains how to enable the extension of a key.
fn of_extension_that_is_off(model: &Model, name: &str) -> Option<String> {
    let table = name.split('.').next()?;
    let known = model.extensions().iter();
    let mut off = known.filter(|extension| model.on().copies(extension.name) == 0);
    let off = off.find(|extension| extension.name == table)?;
    let header = off.header();
    Some(format!(
        "belongs to a disabled extension; add a table {header}, even an empty one, to enable it"
    ))
}

/// Explains a key that a copy of an extension could override, but does not.
fn not_said_anew(model: &Model, name: &str) -> Option<String> {
    let (extension, rest) = name.split_once('.')?;
    let (copy, key) = rest.split_once('.')?;
    let number = copy
        .parse::<usize>()
        .ok()
        .filter(|copy| *copy < model.on().copies(extension))?
        + 1;
    let mut keys = model.keys().changeable(extension);
    keys.find(|other| other.name == key)?;
    Some(format!(
        "not set by [[{extension}]], number {number}; set it there first, such as set = {{ {key} = … }}"
    ))
}

/// Returns the location of a setting in a spec.
fn place_of(key: &Key) -> String {
    match SpecTable::of(key) {
        SpecTable::Rules => SpecTable::Model.place(),
        table => table.place(),
    }
}

fn integer(item: &DeValue) -> Option<i64> {
    let integer = item.as_integer()?;
    i64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok()
}

fn number(item: &DeValue) -> Option<f64> {
    match item {
        DeValue::Integer(_) => integer(item).map(|v| v as f64),
        DeValue::Float(float) => float.as_str().replace('_', "").parse().ok(),
        _ => None,
    }
}

/// Formats a value as in the file, for messages.
pub(super) fn shown(item: &DeValue) -> String {
    match item {
        DeValue::String(word) => format!("\"{}\"", clipped(word)),
        DeValue::Integer(integer) => clipped(integer.as_str()).into_owned(),
        DeValue::Float(float) => clipped(float.as_str()).into_owned(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
        DeValue::Datetime(date) => date.to_string(),
    }
}
