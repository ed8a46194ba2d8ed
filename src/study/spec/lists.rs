//! Reads settings that are lists of numbers: from the spec, or from a file that it names.

use super::Spec;
use super::reader::{Reader, Span, clipped};
use crate::engine::{Domain, Key, ListFile, Setting, Value};
use crate::input::{PointsError, RawValue, advice, read_column};
use std::path::Path;
use toml::de::DeValue;

/// Key of a spec that concerns the file of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FileWord {
    /// Name of the file.
    Path,
    /// Name of the column that contains the list.
    Column,
}

impl Reader<'_> {
    /// Returns the lists that files may contain, with the keys that name these files.
    fn lists_in_files(&self) -> impl Iterator<Item = (&'static Key, ListFile)> {
        self.keys.all().iter().filter_map(|key| match key.domain {
            Domain::List { file, .. } => Some((*key, file?)),
            _ => None,
        })
    }

    /// Returns the keys of a table that concern files of lists.
    pub(super) fn files_in(&self, table: &str) -> Vec<&'static str> {
        let names = self
            .lists_in_files()
            .flat_map(|(_, file)| [file.path, file.column]);
        let in_table = |name: &&str| {
            let inner = name.strip_prefix(table);
            inner.is_some_and(|inner| inner.starts_with('.'))
        };
        names.filter(in_table).collect()
    }

    /// Returns the list whose file a key concerns.
    pub(super) fn list_in_file(&self, name: &str) -> Option<(&'static Key, ListFile, FileWord)> {
        self.lists_in_files().find_map(|(key, file)| {
            let word = match name {
                _ if name == file.path => FileWord::Path,
                _ if name == file.column => FileWord::Column,
                _ => return None,
            };
            Some((key, file, word))
        })
    }

    /// Reads a list from the column `column` of the file `name`; paths are relative to the folder of the spec.
    pub(super) fn list_of_file(
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

    /// Same as [`Reader::list_of_file`], if a document names the file; `beside` looks up keys of the same
    /// table. Returns `None` for the name of a column, which is read with its file.
    pub(super) fn list_of_file_named_by<'t, 'i: 't>(
        &mut self,
        (key, file, word): (&Key, ListFile, FileWord),
        path: &str,
        item: &DeValue,
        span: Span,
        beside: impl Fn(&str) -> Option<&'t DeValue<'i>>,
    ) -> Option<Value> {
        let (expected, needs) = match word {
            FileWord::Path => ("the name of a CSV or Parquet file", None),
            FileWord::Column => ("the name of a column", Some(file.path)),
        };
        let Some(name) = item.as_str() else {
            self.fault(span, path, &format!("expected {expected}"));
            return None;
        };
        if let Some(needs) = needs {
            if beside(needs).is_none() {
                let message = format!("column without a file; set {needs} as well");
                self.fault(span, path, &message);
            }
            return None;
        }
        let column = beside(file.column).and_then(|column| column.as_str());
        self.list_of_file((key, file), path, name, column, span)
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

/// Stores the values that the base setting, and that of each variant, implies for keys that are neither set nor
/// varied.
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
