//! Single values of a spec, with the faults found in them.

use super::Home;
use super::{Excerpt, MOST_FAULTS, SpecError, SpecFault};
use crate::engine::{Domain, Key, Keys, Model, Setting, Value, nearest as nearest_key};
use crate::input::meant;
use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Reads tables of a document and gathers faults.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) model: &'a Model,
    pub(super) keys: &'a Keys,
    document: Option<&'a DeTable<'a>>,
    /// The folder at which paths start.
    pub(super) directory: &'a Path,
    faults: Vec<SpecFault>,
    /// Faults beyond those that are told one by one.
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
            faults: Vec::new(),
            more: 0,
        }
    }

    /// The setting of the model where a spec says nothing.
    pub(super) fn setting_of_model(&self) -> Setting {
        self.model.setting()
    }

    /// The line in which a stretch of the text begins, from 1.
    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
        before.iter().filter(|&&byte| byte == b'\n').count() + 1
    }

    /// How many faults were found.
    pub(super) fn count(&self) -> usize {
        self.faults.len() + self.more
    }

    pub(super) fn fault(&mut self, span: Span, key: &str, message: &str) {
        self.fault_with(span, key, || message.to_owned());
    }

    /// Notes a fault; its message is made only if it will be told.
    pub(super) fn fault_with(&mut self, span: Span, key: &str, message: impl FnOnce() -> String) {
        if self.faults.len() == MOST_FAULTS {
            self.more += 1;
            return;
        }
        // What is missing, or wrong as a whole, is shown where its table stands.
        let span = span.or_else(|| place(self.document?, key));
        self.faults.push(SpecFault {
            line: span.as_ref().map(|span| self.line(span)),
            key: clipped(key).into_owned(),
            message: message(),
            excerpt: span.map(|span| Excerpt::of(self.text, span)),
        });
    }

    /// # Errors
    /// With all that was found wrong.
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

    /// The key of this name among those that are `allowed`; a fault with the nearest one if none,
    /// where names that are no settings may be meant as well.
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
                return format!("does not belong here; {} stands {}", key.name, home(key));
            }
            let names = keys
                .all()
                .iter()
                .filter(|key| allowed(key))
                .map(|key| key.name);
            match nearest(name, names.chain(others.iter().copied())) {
                Some(near) => format!("unknown key; did you mean {near}?"),
                None => "unknown key; `conviction schema settings` lists all".to_owned(),
            }
        });
        None
    }

    pub(super) fn unknown(&mut self, path: &str, name: &str, span: Span, known: &[&str]) {
        // A setting at the wrong place is told its right one.
        let (keys, model) = (self.keys, self.model);
        self.fault_with(span, path, || {
            if let Some(message) = of_extension_that_is_off(model, name) {
                return message;
            }
            match keys.find(name) {
                Some(key) => format!("does not belong here; {} stands {}", key.name, home(key)),
                None => match nearest(name, known.iter().copied()) {
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
                    let near = nearest(word, names.iter().copied());
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

    /// A whole number; `low` after a fault.
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

    /// The place of a name in a list.
    pub(super) fn name(
        &mut self,
        item: &DeValue,
        path: &str,
        span: Span,
        names: &[&str],
    ) -> Option<usize> {
        self.name_or(item, path, span, names, &[])
    }

    /// The place of a name in a list; `others` are other words for its names, which faults know.
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
                    .or_else(|| nearest(word, names.iter().copied()))
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

/// The value that a number beyond a key's domain may stand for: a share written as a percentage.
pub(super) fn near_number(key: &Key, number: f64) -> Option<String> {
    let Domain::Real { high, .. } = key.domain else {
        return None;
    };
    let share = key
        .number(number / 100.0)
        .filter(|_| number >= 10.0 && high <= 1.0)?;
    Some(share.to_string())
}

/// The name that looks most like a wrong one; nothing for what is too long to be any.
pub(super) fn nearest<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    if wrong.len() > 80 {
        return None;
    }
    nearest_key(wrong, names)
}

/// Where a key stands, or else the innermost table that it would stand in.
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

/// The beginning of a text that nobody would read to its end.
pub(super) fn clipped(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(100) {
        Some((cut, _)) => Cow::Owned(format!("{}…", &text[..cut])),
        None => Cow::Borrowed(text),
    }
}

/// A number as briefly as possible: `1e308`, `0.1`, `30000`.
pub(super) fn brief(number: f64) -> String {
    let text = format!("{number:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// What to do about a key of an extension that no table switches on.
fn of_extension_that_is_off(model: &Model, name: &str) -> Option<String> {
    let table = name.split('.').next()?;
    let known = model.extensions().iter();
    let mut off = known.filter(|extension| model.on().copies(extension.name) == 0);
    let off = off.find(|extension| extension.name == table)?;
    let header = off.header();
    Some(format!(
        "belongs to an extension that is off; a table {header} switches it on, even an empty one"
    ))
}

/// Of a key that a copy of an extension could say anew, but does not.
fn not_said_anew(model: &Model, name: &str) -> Option<String> {
    let (extension, rest) = name.split_once('.')?;
    let (copy, key) = rest.split_once('.')?;
    let number = copy
        .parse::<usize>()
        .ok()
        .filter(|copy| *copy < model.on().copies(extension))?
        + 1;
    let mut keys = model.to_be_said_anew(extension);
    keys.find(|other| other.name == key)?;
    Some(format!(
        "is not set by [[{extension}]], number {number}: give it a value there first, as in set = {{ {key} = … }}"
    ))
}

/// Where a setting stands in a spec.
fn home(key: &Key) -> String {
    match Home::of(key) {
        Home::Rules => Home::Model.place(),
        home => home.place(),
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

/// A value as the file writes it, for messages.
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
