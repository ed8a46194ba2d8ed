//! Settings that are lists of numbers: said in the spec, or held by a file that it names.

use super::Spec;
use super::reader::{Reader, Span};
use crate::engine::{Domain, Key, Setting, Value};
use crate::input::{RawValue, read_column};
use toml::de::DeValue;

impl Reader<'_> {
    /// The names under which a spec may name files of lists, each with the key of the list.
    fn files_of_lists(&self) -> impl Iterator<Item = (&'static str, &'static Key)> {
        self.keys.all().iter().filter_map(|key| match key.domain {
            Domain::List { file, .. } => Some((file, *key)),
            _ => None,
        })
    }

    /// The names in a table under which it may name files of lists.
    pub(super) fn files_in(&self, table: &str) -> Vec<&'static str> {
        let files = self.files_of_lists().map(|(file, _)| file);
        let in_table = |file: &&str| {
            let inner = file.strip_prefix(table);
            inner.is_some_and(|inner| inner.starts_with('.'))
        };
        files.filter(in_table).collect()
    }

    /// The key of the list whose file a spec may name so.
    pub(super) fn list_in_file(&self, name: &str) -> Option<&'static Key> {
        let mut files = self.files_of_lists();
        files.find_map(|(file, key)| (file == name).then_some(key))
    }

    /// The list that a file holds; paths start at the folder of the spec.
    pub(super) fn list_of_file(
        &mut self,
        key: &Key,
        path: &str,
        name: &str,
        span: Span,
    ) -> Option<Value> {
        let Domain::List { column, .. } = key.domain else {
            return None;
        };
        let file = self.directory.join(name);
        let cells = match read_column(&file, column) {
            Ok(cells) => cells,
            Err(error) => {
                self.fault(span, path, &crate::error::chain(&error));
                return None;
            }
        };
        let mut numbers = Vec::with_capacity(cells.len());
        for (row, cell) in (1..).zip(&cells) {
            match cell {
                RawValue::Number(number) if key.numbers(&[*number]).is_some() => {
                    numbers.push(*number);
                }
                _ => {
                    let place = format!("{}, row {row}, column {column}", file.display());
                    let message =
                        format!("found {cell}, expected a number above 0; leave the row out");
                    self.fault(span, &place, &message);
                    return None;
                }
            }
        }
        let list = key.numbers(&numbers).filter(|_| !numbers.is_empty());
        if list.is_none() {
            let message = format!(
                "{}: holds {} numbers, expected one at least, and {}",
                file.display(),
                numbers.len(),
                key.domain
            );
            self.fault(span, path, &message);
        }
        list
    }

    /// As [`Reader::list_of_file`], where the name stands in a document.
    pub(super) fn list_of_file_named_by(
        &mut self,
        key: &Key,
        path: &str,
        item: &DeValue,
        span: Span,
    ) -> Option<Value> {
        match item.as_str() {
            Some(name) => self.list_of_file(key, path, name, span),
            None => {
                self.fault(span, path, "expected the name of a CSV or Parquet file");
                None
            }
        }
    }
}

/// Puts what the base setting, and that of each variant, implies of keys that are neither set nor varied.
pub(super) fn imply(spec: &mut Spec, fixed: &[&'static Key]) {
    let axes = spec.factors.iter().flat_map(|factor| &factor.axes);
    let said: Vec<_> = axes
        .map(|axis| axis.key)
        .chain(fixed.iter().copied())
        .collect();
    let implied = |setting: &Setting| -> Vec<(&'static Key, Value)> {
        let all = setting.implied().filter_map(|implied| {
            let key = setting.keys().find(implied.key)?;
            Some((key, implied.value))
        });
        all.filter(|(key, _)| !said.iter().any(|other| other.overlaps(key)))
            .collect()
    };
    for (key, value) in implied(&spec.base) {
        spec.base.put(key, value);
    }
    for variant in &mut spec.variants {
        let mut setting = spec.base.clone();
        for (key, value) in &variant.settings {
            setting.put(key, *value);
        }
        for (key, value) in implied(&setting) {
            let mut set = variant.settings.iter();
            if setting.value(key) != value && !set.any(|(other, _)| other.overlaps(key)) {
                variant.settings.push((key, value));
            }
        }
    }
}
