//! Single values of a spec, with the faults found in them.

use super::{SpecError, SpecFault};
use crate::model::{KEYS, Key, Value, find_key, nearest_key};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Reads tables of a document and gathers faults.
pub(super) struct Reader<'a> {
    text: &'a str,
    pub(super) faults: Vec<SpecFault>,
}

pub(super) type Span = Option<Range<usize>>;

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            faults: Vec::new(),
        }
    }

    pub(super) fn fault(&mut self, span: Span, key: &str, message: &str) {
        let line = span.map(|span| {
            let before = &self.text[..span.start.min(self.text.len())];
            before.matches('\n').count() + 1
        });
        self.faults.push(SpecFault {
            line,
            key: key.to_owned(),
            message: message.to_owned(),
        });
    }

    pub(super) fn finish<T: Default>(self, source_name: &str) -> Result<T, SpecError> {
        if self.faults.is_empty() {
            return Ok(T::default());
        }
        Err(SpecError::Faults {
            source_name: source_name.to_owned(),
            faults: self.faults,
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

    /// The key of this name among those that are `allowed`; a fault with the nearest one if none.
    pub(super) fn known_key(
        &mut self,
        name: &str,
        path: &str,
        span: Span,
        allowed: impl Fn(&Key) -> bool,
    ) -> Option<&'static Key> {
        if let Some(key) = find_key(name).filter(|key| allowed(key)) {
            return Some(key);
        }
        let tail = name.rsplit('.').next().unwrap_or(name);
        let near = || {
            let names = KEYS.iter().filter(|key| allowed(key)).map(|key| key.name);
            nearest_key(name, names)
        };
        let message = match find_key(name).or_else(|| find_key(tail)) {
            Some(key) => format!("does not belong here; {} stands {}", key.name, home(key)),
            None => match near() {
                Some(near) => format!("unknown key; did you mean {near}?"),
                None => "unknown key; `conviction schema settings` lists all".to_owned(),
            },
        };
        self.fault(span, path, &message);
        None
    }

    pub(super) fn unknown(&mut self, path: &str, name: &str, span: Span, known: &[&str]) {
        // A setting at the wrong place is told its right one.
        let message = match (find_key(name), nearest_key(name, known.iter().copied())) {
            (Some(key), _) => format!("does not belong here; {} stands {}", key.name, home(key)),
            (None, Some(near)) => format!("unknown key; did you mean {near}?"),
            (None, None) => format!("unknown key; expected one of {}", known.join(", ")),
        };
        self.fault(span, path, &message);
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
            _ => number(item).and_then(|number| key.number(number)),
        };
        if value.is_none() {
            self.fault(
                span,
                path,
                &format!("found {}, expected {}", shown(item), key.domain),
            );
        }
        value
    }

    pub(super) fn word(&mut self, key: &Key, path: &str, word: &str, span: Span) -> Option<Value> {
        let value = key.word(word);
        if value.is_none() {
            self.fault(
                span,
                path,
                &format!("found \"{word}\", expected {}", key.domain),
            );
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
                let message = format!(
                    "found {}, expected a whole number from {low} to {high}",
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
        let place = item
            .as_str()
            .and_then(|word| names.iter().position(|&name| name == word));
        if place.is_none() {
            let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
            let message = format!(
                "found {}, expected one of {}",
                shown(item),
                quoted.join(", ")
            );
            self.fault(span, path, &message);
        }
        place
    }
}

/// Where a setting stands in a spec.
fn home(key: &Key) -> &'static str {
    match key.name {
        "days" => "at the top of the file",
        name if name.starts_with("initial.") => "under [initial]",
        name if name.starts_with("chain.") => "under [chain]",
        _ => "under [model]",
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
fn shown(item: &DeValue) -> String {
    match item {
        DeValue::String(word) => format!("\"{word}\""),
        DeValue::Integer(integer) => integer.as_str().to_owned(),
        DeValue::Float(float) => float.as_str().to_owned(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
        DeValue::Datetime(date) => date.to_string(),
    }
}
