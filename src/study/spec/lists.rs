//! Reads settings that a file named by the spec may contain: lists of numbers, and documents.

use super::Spec;
use super::reader::{Reader, Span, clipped, shown};
use crate::engine::{Domain, Key, ListFile, Setting, Value};
use crate::input::{PointsError, RawValue, advice, read_column, read_snapshot};
use std::path::Path;
use toml::de::DeValue;

/// Key of a spec that concerns the file of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FileWord {
    /// Name of the file.
    Path,
    /// Part of the file: the column that contains a list, or the end of a document.
    Part,
}

/// Key whose value a file may contain, and the kind of a key that concerns this file.
#[derive(Clone, Copy)]
pub(super) struct KeptInFile {
    pub(super) key: &'static Key,
    pub(super) word: FileWord,
}

/// Returns the keys that concern the file of a value: for its name, and for its part.
fn words(key: &Key) -> Option<[&'static str; 2]> {
    match key.domain {
        Domain::List { file, .. } => file.map(|file| [file.path, file.column]),
        Domain::Document { file, .. } => Some([file.path, file.at]),
        _ => None,
    }
}

impl Reader<'_> {
    /// Returns the keys of a table that concern files, also those of disabled extensions.
    pub(super) fn files_in(&self, table: &str) -> Vec<&'static str> {
        let names = self
            .keys
            .all()
            .iter()
            .filter_map(|key| words(key))
            .flatten();
        let off = self.model.extensions().iter();
        let off = off.flat_map(|extension| extension.also).copied();
        let in_table = |name: &&str| {
            let inner = name.strip_prefix(table);
            inner.is_some_and(|inner| inner.starts_with('.'))
        };
        names.chain(off).filter(in_table).collect()
    }

    /// Returns the key whose file a key concerns.
    pub(super) fn kept_in_file(&self, name: &str) -> Option<KeptInFile> {
        self.keys.all().iter().find_map(|key| {
            let place = words(key)?.iter().position(|word| *word == name)?;
            let word = [FileWord::Path, FileWord::Part][place];
            Some(KeptInFile { key, word })
        })
    }

    /// Reads the value of a key from a file; `beside` looks up keys of the same table. Returns `None` for the key
    /// of a part, which is read with its file.
    pub(super) fn value_in_file<'i>(
        &mut self,
        KeptInFile { key, word }: KeptInFile,
        path: &str,
        item: &DeValue,
        span: Span,
        mut beside: impl FnMut(&str) -> Option<DeValue<'i>>,
    ) -> Option<Value> {
        let [file, part] = words(key)?;
        if word == FileWord::Part {
            let (expected, problem) = match key.domain {
                Domain::Document { .. } => ("a whole number", "end without a file"),
                _ => ("the name of a column", "column without a file"),
            };
            let sound = match key.domain {
                Domain::Document { .. } => whole(item).is_some(),
                _ => item.as_str().is_some(),
            };
            if !sound {
                let message = format!("expected {expected}, found {}", shown(item));
                self.fault(span, path, &message);
            } else if beside(file).is_none() {
                self.fault(span, path, &format!("{problem}; set {file} as well"));
            }
            return None;
        }
        let part = beside(part);
        let Some(name) = item.as_str() else {
            let kinds = match key.domain {
                Domain::Document { .. } => "CSV",
                _ => "CSV or Parquet",
            };
            self.fault(span, path, &format!("expected the name of a {kinds} file"));
            return None;
        };
        match key.domain {
            Domain::List { file: Some(of), .. } => {
                let column = part.as_ref().and_then(DeValue::as_str);
                self.list_of_file((key, of), path, name, column, span)
            }
            _ => {
                // Faults of the part are reported at its own key.
                let at = match &part {
                    Some(part) => Some(whole(part)?),
                    None => None,
                };
                self.document_of_file(key, path, name, at, span)
            }
        }
    }

    /// Reads a document from the file `name`; paths are relative to the folder of the spec.
    fn document_of_file(
        &mut self,
        key: &Key,
        path: &str,
        name: &str,
        at: Option<u64>,
        span: Span,
    ) -> Option<Value> {
        let file = (self.directory.join(name), at);
        if let Some(value) = self.from_files.get(&file) {
            return Some(*value);
        }
        match read_snapshot(&file.0, at) {
            Ok(snapshot) => {
                let value = key.word(&snapshot.to_string())?;
                self.from_files.insert(file, value);
                Some(value)
            }
            Err(error) => {
                self.fault(span, path, &crate::error::chain(&error));
                None
            }
        }
    }

    /// Reads a list from the file named `name`, out of the column named `column`; paths start at the folder of
    /// the spec.
    fn list_of_file(
        &mut self,
        (key, of): (&Key, ListFile),
        path: &str,
        name: &str,
        column: Option<&str>,
        span: Span,
    ) -> Option<Value> {
        let file = self.directory.join(name);
        let cells = match read_column(&file, column.unwrap_or(of.default)) {
            Ok(cells) => cells,
            Err(error) => {
                let mut message = crate::error::chain(&error);
                if let PointsError::Column { there, .. } = &error {
                    let (_, short) = of.column.rsplit_once('.').unwrap_or(("", of.column));
                    let example = likely_column(&file, there);
                    message +=
                        &format!("; name the column of the list, such as {short} = \"{example}\"");
                }
                self.fault(span, path, &message);
                return None;
            }
        };
        let column = column.unwrap_or(of.default);
        let sound = |cell: &RawValue| match cell {
            RawValue::Number(number) => key.numbers(&[*number]).map(|_| *number),
            RawValue::Word(_) => None,
        };
        let mut wrong = cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| sound(cell).is_none());
        if let Some((row, cell)) = wrong.next() {
            let place = format!("{}, row {}, column {column}", file.display(), row + 1);
            let fix = match cell {
                RawValue::Number(_) => "remove the row".to_owned(),
                RawValue::Word(word) => advice(word),
            };
            let others = match wrong.count() {
                0 => String::new(),
                1 => "; one more row is invalid".to_owned(),
                others => format!("; {others} more rows are invalid"),
            };
            let message = format!("found {cell}, expected a number above 0; {fix}{others}");
            self.fault(span, &place, &message);
            return None;
        }
        let numbers: Vec<f64> = cells.iter().filter_map(sound).collect();
        let list = key.numbers(&numbers).filter(|_| !numbers.is_empty());
        if list.is_none() {
            let message = format!(
                "{}: {} numbers, expected at least one, and {}",
                file.display(),
                numbers.len(),
                key.domain
            );
            self.fault(span, path, &message);
        }
        list
    }
}

/// Reads a whole number, written as an integer or as text.
fn whole(item: &DeValue) -> Option<u64> {
    match item {
        DeValue::Integer(number) => {
            u64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok()
        }
        DeValue::String(word) => word.parse().ok(),
        _ => None,
    }
}

/// Returns the column that probably contains the list: the first of numbers.
fn likely_column(file: &Path, there: &[String]) -> String {
    let is_of_numbers = |name: &&String| {
        let cells = read_column(file, name).unwrap_or_default();
        !name.is_empty()
            && !cells.is_empty()
            && cells.iter().all(|cell| matches!(cell, RawValue::Number(_)))
    };
    let found = there.iter().find(is_of_numbers).or_else(|| there.first());
    found.map_or(String::new(), |name| clipped(name).into_owned())
}

/// Returns the keys of disabled extensions for which the base setting, or that of a variant, implies values.
pub(super) fn implied_by_extensions(spec: &Spec) -> Vec<&'static str> {
    let variants = spec.variants.iter().map(|variant| {
        let mut setting = spec.base.clone();
        for (key, value) in &variant.settings {
            setting.put(key, *value);
        }
        setting
    });
    let settings = std::iter::once(spec.base.clone()).chain(variants);
    let names = settings.flat_map(|setting| {
        let names: Vec<_> = setting.implied().map(|implied| implied.key).collect();
        names.into_iter()
    });
    names
        .filter(|name| spec.model.keys().find(name).is_none())
        .collect()
}

/// Most rounds until implied values no longer change: a value may follow from another implied one.
const MOST_ROUNDS: usize = 8;

/// Stores the values that the base setting, and that of each variant, implies for keys that are not varied, and that
/// neither the file nor its preset sets.
pub(super) fn imply(spec: &mut Spec, fixed: &[&'static Key]) {
    let axes = spec.factors.iter().flat_map(|factor| &factor.axes);
    let said: Vec<_> = axes
        .map(|axis| axis.key)
        .chain(fixed.iter().chain(&spec.preset).copied())
        .collect();
    // Puts the implied values into a setting, except those of keys that `sets` selects.
    let settle =
        |setting: &mut Setting, sets: &dyn Fn(&Key) -> bool| -> Vec<(&'static Key, Value)> {
            let mut found = Vec::new();
            for _ in 0..MOST_ROUNDS {
                let all = setting.implied().filter_map(|implied| {
                    let key = setting.keys().find(implied.key)?;
                    Some((key, implied.value))
                });
                let is_said = |key: &Key| said.iter().any(|other| other.overlaps(key)) || sets(key);
                found = all.filter(|(key, _)| !is_said(key)).collect();
                if found
                    .iter()
                    .all(|(key, value)| setting.value(key) == *value)
                {
                    break;
                }
                for (key, value) in &found {
                    setting.put(key, *value);
                }
            }
            found
        };
    settle(&mut spec.base, &|_| false);
    for variant in &mut spec.variants {
        let mut setting = spec.base.clone();
        for (key, value) in &variant.settings {
            setting.put(key, *value);
        }
        let own = |key: &Key| {
            let mut set = variant.settings.iter();
            set.any(|(other, _)| other.overlaps(key))
        };
        let implied = settle(&mut setting, &own);
        let differs = |(key, value): &(&'static Key, Value)| spec.base.value(key) != *value;
        variant.settings.extend(implied.into_iter().filter(differs));
    }
}
