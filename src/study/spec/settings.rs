//! Reads tables of settings: `[model]`, rules, those of features, and those of copies of extensions.

use super::Spec;
use super::SpecTable;
use super::enabling::{SET, leaves};
use super::lists::FileWord;
use super::reader::{Reader, Span, closest_name};
use crate::engine::{Domain, Key, Model};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Key that sets every rule.
pub(super) const RULES: &str = "rules";

/// Marks every rule as set, as by a base of rules.
pub(super) fn fix_all_rules(fixed: &mut Vec<&'static Key>, model: &Model) {
    fixed.retain(|key| key.name != RULES && !key.name.starts_with("rules."));
    fixed.extend(model.keys().find(RULES));
}

impl Reader<'_> {
    pub(super) fn model(&mut self, item: &DeValue, span: Span, spec: &mut Spec) {
        let Some(table) = self.table(item, "model", span) else {
            return;
        };
        for (name, value) in table {
            let name_span = Some(name.span());
            let name = name.get_ref().as_ref();
            let path = format!("model.{name}");
            match value.get_ref() {
                DeValue::Table(rules) if name == "rules" => self.rules(rules, spec),
                _ => {
                    let in_model = |key: &Key| SpecTable::of(key) == SpecTable::Model;
                    if let Some(key) = self.known_key(name, &path, name_span, in_model, &["rules"])
                    {
                        self.setting(key.name, &path, value, spec);
                    }
                }
            }
        }
    }

    /// `rules = { base = "corrected", over_release = "v3" }`.
    pub(super) fn rules(&mut self, table: &DeTable, spec: &mut Spec) {
        // The base applies first, wherever it is listed: the named rules override it.
        let base = table.get("base");
        if let Some(base) = base {
            self.setting("rules", "model.rules.base", base, spec);
            spec.fixed.retain(|key| key.name != "rules");
        }
        for (name, value) in table {
            let short = name.get_ref().as_ref();
            if short == "base" {
                continue;
            }
            let path = format!("model.rules.{short}");
            let full = format!("rules.{short}");
            let is_rule = |key: &Key| key.name.starts_with("rules.");
            if let Some(key) = self.known_key(&full, &path, Some(name.span()), is_rule, &["base"]) {
                self.setting(key.name, &path, value, spec);
            }
        }
        if base.is_some() {
            fix_all_rules(&mut spec.fixed, &spec.model);
        }
    }

    /// Reads the settings of a table whose keys begin with its name. A table headed `[[name]]` is a fault, but
    /// is read to find more faults.
    pub(super) fn group(&mut self, group: &str, item: &DeValue, span: Span, spec: &mut Spec) {
        let listed = item.as_array().filter(|all| all.len() == 1);
        let table = listed.and_then(|all| all[0].get_ref().as_table());
        if let Some(table) = table {
            let message = format!("expected one table, headed [{group}], not [[{group}]]");
            self.fault(span.clone(), group, &message);
            self.settings_of(group, table, spec);
        } else if let Some(table) = self.table(item, group, span) {
            self.settings_of(group, table, spec);
        }
    }

    fn settings_of(&mut self, group: &str, table: &DeTable, spec: &mut Spec) {
        for (name, value) in table {
            let path = format!("{group}.{}", name.get_ref());
            let extension = group.split('.').next().unwrap_or(group);
            if name.get_ref() == SET && self.keys.changeable(extension).next().is_some() {
                self.overridden(group, value, spec);
                continue;
            }
            let is_of_group = |key: &Key| {
                let inner = key.name.strip_prefix(group);
                inner.is_some_and(|inner| inner.starts_with('.'))
            };
            if let Some(of) = self.kept_in_file(&path) {
                let span = Some(value.span());
                if of.word == FileWord::Path {
                    self.fix(&mut spec.fixed, of.key, &path, span.clone());
                }
                let beside = |name: &str| {
                    let short = name.strip_prefix(group)?.strip_prefix('.')?;
                    table.get(short).map(|value| value.get_ref().clone())
                };
                if let Some(value) = self.value_in_file(of, &path, value.get_ref(), span, beside) {
                    spec.base.put(of.key, value);
                }
                continue;
            }
            if self.is_kind_with_others(&path, value, group, spec) {
                continue;
            }
            let files = self.files_in(group);
            if let Some(key) = self.known_key(&path, &path, Some(name.span()), is_of_group, &files)
            {
                self.setting(key.name, &path, value, spec);
            }
        }
    }

    /// Reads a setting of names given as a table, such as `network = { kind = "preferential", degree = 8 }`: `kind`
    /// holds the name, and the other keys belong to the setting's own table. Returns false if it is not a table.
    fn is_kind_with_others(
        &mut self,
        path: &str,
        value: &Spanned<DeValue>,
        group: &str,
        spec: &mut Spec,
    ) -> bool {
        let key = self.keys.find(path);
        let key = key.filter(|key| matches!(key.domain, Domain::Names(_)));
        let (Some(key), Some(table)) = (key, value.get_ref().as_table()) else {
            return false;
        };
        for (name, value) in table {
            let word = name.get_ref().as_ref();
            let path = format!("{path}.{word}");
            if word == "kind" {
                self.setting(key.name, &path, value, spec);
                continue;
            }
            let beside = format!("{group}.{word}");
            let is_beside = |other: &Key| {
                let inner = other.name.strip_prefix(group);
                other.name != key.name && inner.is_some_and(|inner| inner.starts_with('.'))
            };
            if let Some(key) =
                self.known_key(&beside, &path, Some(name.span()), is_beside, &["kind"])
            {
                self.setting(key.name, &path, value, spec);
            }
        }
        true
    }

    /// Reads the tables of an extension that may have several.
    pub(super) fn copies(&mut self, name: &str, item: &DeValue, span: Span, spec: &mut Spec) {
        let tables = self.tables(item, name, span.clone());
        let known = spec.model.on().copies(name);
        if tables.len() > known {
            let message = format!(
                "{} tables [[{name}]], expected at most {known}",
                tables.len()
            );
            self.fault(span, name, &message);
            return;
        }
        for (copy, (table, _)) in tables.into_iter().enumerate() {
            let group = format!("{name}.{copy}");
            self.settings_of(&group, table, spec);
        }
    }

    /// Reads the table `set` of a copy of an extension: keys of the model that it overrides. Axes and variants
    /// may override them again.
    fn overridden(&mut self, group: &str, set: &Spanned<DeValue>, spec: &mut Spec) {
        let path = format!("{group}.{SET}");
        let Some(table) = self.table(set.get_ref(), &path, Some(set.span())) else {
            return;
        };
        for (name, value) in leaves(table) {
            let (path, span) = (format!("{path}.{name}"), Some(value.span()));
            let full = format!("{group}.{name}");
            if let Some(key) = self.keys.find(&full).filter(|key| key.overrides.is_some()) {
                if let Some(value) = self.value(key, &path, value.get_ref(), span) {
                    spec.base.put(key, value);
                }
                continue;
            }
            let extension = group.split('.').next().unwrap_or(group);
            let mut names = self.keys.changeable(extension).map(|key| key.name);
            let message = match closest_name(&name, names.by_ref()) {
                Some(near) => format!("cannot change during a run; did you mean {near}?"),
                None => {
                    "cannot change during a run; only keys of [model] (except rules and arithmetic), [chain] and \
                     gardens2.min_threshold_points can"
                        .to_owned()
                }
            };
            self.fault(span, &path, &message);
        }
    }

    /// Stores one value in the base setting.
    pub(super) fn setting(
        &mut self,
        name: &str,
        path: &str,
        value: &Spanned<DeValue>,
        spec: &mut Spec,
    ) {
        let key = self.keys.find(name).expect("a known key");
        let span = Some(value.span());
        self.fix(&mut spec.fixed, key, path, span.clone());
        if let Some(value) = self.value(key, path, value.get_ref(), span) {
            spec.base.put(key, value);
        }
    }

    /// Marks a key as set, and reports a duplicate.
    pub(super) fn fix(
        &mut self,
        fixed: &mut Vec<&'static Key>,
        key: &'static Key,
        path: &str,
        span: Span,
    ) {
        if let Some(other) = fixed.iter().find(|other| other.overlaps(key)) {
            let message = if other.name == key.name {
                "set twice; keep one".to_owned()
            } else {
                format!("duplicates {}; keep one of them", other.name)
            };
            self.fault(span, path, &message);
        }
        fixed.push(key);
    }
}
