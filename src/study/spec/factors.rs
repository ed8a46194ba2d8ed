//! Reads axes, or levers and uncertainties.

use super::reader::{Reader, Span, brief, clipped};
use super::{Factor, Role, Spec};
use crate::engine::{Domain, Key, Value};
use crate::study::axis::{Axis, Levels};
use std::collections::BTreeSet;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

impl Reader<'_> {
    /// Reads axes, or levers and uncertainties, each with its design.
    pub(super) fn factors(
        &mut self,
        document: &DeTable,
        design: Option<&DeTable>,
        spec: &mut Spec,
        directory: &Path,
    ) {
        let split = document.contains_key("levers") || document.contains_key("uncertainties");
        if let (true, Some(axes)) = (split, document.get("axes")) {
            let message = "cannot be combined with levers or uncertainties; move its axes there";
            self.fault(Some(axes.span()), "axes", message);
        }
        let named = |role: Role| design.is_some_and(|design| design.contains_key(role.table()));
        let roles: &[Role] = if split || named(Role::Lever) || named(Role::Uncertainty) {
            &[Role::Lever, Role::Uncertainty]
        } else {
            &[Role::Axis]
        };
        let mut taken: Vec<&'static Key> = Vec::new();
        for &role in roles {
            let own = match (design, role) {
                (Some(design), Role::Axis) => Some(design),
                (Some(design), _) => match design.get(role.table()) {
                    Some(own) => {
                        let path = format!("design.{}", role.table());
                        self.table(own.get_ref(), &path, Some(own.span()))
                    }
                    None => None,
                },
                (None, _) => None,
            };
            let axes = match document.get(role.table()) {
                Some(table) => self.axes(role, table.get_ref(), Some(table.span())),
                None => Vec::new(),
            };
            let listed = axes.len();
            let mut check = |reader: &mut Self, axes: &[Axis]| {
                for axis in axes {
                    let path = format!("{}.{}", role.table(), axis.key.name);
                    reader.free_axis(axis.key, &path, &taken, spec);
                    taken.push(axis.key);
                }
            };
            check(self, &axes);
            let Some((axes, design)) = self.design(role, own, axes, directory, spec) else {
                continue;
            };
            // Axes from a file.
            check(self, &axes[listed..]);
            if !axes.is_empty() {
                spec.factors.push(Factor { role, axes, design });
            }
        }
        if let (Some(design), true) = (design, roles.len() > 1) {
            let tables: Vec<_> = roles.iter().map(|role| role.table()).collect();
            for (name, _) in design {
                if !tables.contains(&name.get_ref().as_ref()) {
                    let path = format!("design.{}", name.get_ref());
                    let message = "levers and uncertainties have separate designs: \
                                   [design.levers], [design.uncertainties]";
                    self.fault(Some(name.span()), &path, message);
                }
            }
        }
    }

    /// Checks that an axis does not repeat a fixed key, a variant's key, or another axis.
    pub(super) fn free_axis(
        &mut self,
        key: &'static Key,
        path: &str,
        taken: &[&'static Key],
        spec: &Spec,
    ) {
        if let Some(other) = taken.iter().find(|other| other.overlaps(key)) {
            self.fault(
                None,
                path,
                &format!("duplicates axis {}; keep one", other.name),
            );
        }
        if let Some(fixed) = spec.fixed.iter().find(|fixed| fixed.overlaps(key)) {
            let message = format!("repeats {}, which is fixed; remove one of them", fixed.name);
            self.fault(None, path, &message);
        }
        for variant in &spec.variants {
            if variant.settings.iter().any(|(set, _)| set.overlaps(key)) {
                let name = clipped(&variant.name);
                let message = format!("set by variant \"{name}\"; remove one of them");
                self.fault(None, path, &message);
            }
        }
    }

    pub(super) fn axes(&mut self, role: Role, item: &DeValue, span: Span) -> Vec<Axis> {
        let Some(table) = self.table(item, role.table(), span) else {
            return Vec::new();
        };
        let mut axes = Vec::new();
        self.axes_in(table, "", role.table(), &mut axes);
        axes
    }

    /// Reads the axes of a table whose keys begin with `group`: `initial.funds = [...]` without quotes is a
    /// nested table.
    fn axes_in(&mut self, table: &DeTable, group: &str, path: &str, axes: &mut Vec<Axis>) {
        for (name, value) in table {
            let path = format!("{path}.{}", name.get_ref());
            let full = match group {
                "" | "model" => name.get_ref().to_string(),
                _ => format!("{group}.{}", name.get_ref()),
            };
            let short = full.strip_prefix("model.").unwrap_or(&full);
            match value.get_ref() {
                DeValue::Table(inner)
                    if (short == "model" || self.is_group(short))
                        && !inner.contains_key("from") =>
                {
                    if inner.is_empty() {
                        let message = "empty; add an axis, or remove it";
                        self.fault(Some(value.span()), &path, message);
                    }
                    self.axes_in(inner, short, &path, axes);
                }
                _ => {
                    let span = Some(name.span());
                    let is_short = |key: &Key| !key.is_long();
                    if let Some(key) = self.known_key(short, &path, span, is_short, &[]) {
                        axes.extend(self.axis(key, &path, value));
                    }
                }
            }
        }
    }

    pub(super) fn axis(
        &mut self,
        key: &'static Key,
        path: &str,
        value: &Spanned<DeValue>,
    ) -> Option<Axis> {
        let span = Some(value.span());
        let levels = match value.get_ref() {
            DeValue::Array(items) => {
                let mut values: Vec<Value> = Vec::new();
                let mut seen = BTreeSet::new();
                for item in items {
                    let span = Some(item.span());
                    let value = self.value(key, path, item.get_ref(), span.clone())?;
                    if !seen.insert(identity(value)) {
                        let value = shown(value);
                        self.fault(span, path, &format!("contains {value} twice; keep one"));
                    }
                    values.push(value);
                }
                if values.is_empty() {
                    self.fault(span, path, "empty; add a value, or remove it");
                    return None;
                }
                Levels::List(values)
            }
            DeValue::Table(table) => self.range(key, path, table, span)?,
            _ => {
                let message = "expected a list, or { from = …, to = …, steps = … }; \
                               a single value belongs to [model] or [initial]";
                self.fault(span, path, message);
                return None;
            }
        };
        Some(Axis { key, levels })
    }

    pub(super) fn range(
        &mut self,
        key: &'static Key,
        path: &str,
        table: &DeTable,
        span: Span,
    ) -> Option<Levels> {
        const FIELDS: &[&str] = &["from", "to", "steps", "scale"];
        let (mut ends, mut steps, mut log) = ([None; 2], None, false);
        let faults = self.count();
        if !matches!(key.domain, Domain::Real { .. } | Domain::Count { .. }) {
            let message = format!("cannot have a range; list its values: {}", key.domain);
            self.fault(span, path, &message);
            return None;
        }
        for (name, value) in table {
            let at = Some(value.span());
            let item = value.get_ref();
            let field = name.get_ref().as_ref();
            let inner = format!("{path}.{field}");
            match field {
                "from" | "to" => {
                    let end = usize::from(field == "to");
                    ends[end] = self.value(key, &inner, item, at).map(as_number);
                }
                "steps" => steps = Some(self.whole_number(item, &inner, at, 2, 1_000_000) as u32),
                "scale" => log = self.name(item, &inner, at, &["linear", "log"]) == Some(1),
                _ => self.unknown(&inner, field, Some(name.span()), FIELDS),
            }
        }
        if self.count() > faults {
            return None;
        }
        let [Some(low), Some(high)] = ends else {
            self.fault(span, path, "requires both from and to");
            return None;
        };
        if low >= high {
            let (low, high) = (brief(low), brief(high));
            let message =
                format!("from = {low} is not below to = {high}; swap them, or list one value");
            self.fault(span, path, &message);
            return None;
        }
        if log && low <= 0.0 {
            let message = format!(
                "scale = \"log\" requires from above 0, found {}",
                brief(low)
            );
            self.fault(span, path, &message);
            return None;
        }
        if let (Domain::Count { .. }, Some(steps)) = (key.domain, steps)
            && f64::from(steps) > high - low + 1.0
        {
            let (low, high) = (brief(low), brief(high));
            let message = format!("steps = {steps} exceeds the whole numbers from {low} to {high}");
            self.fault(span, path, &message);
            return None;
        }
        Some(Levels::Range {
            low,
            high,
            steps,
            log,
        })
    }
}

fn as_number(value: Value) -> f64 {
    match value {
        Value::Real(v) => v,
        Value::Count(v) => v as f64,
        Value::Name(_) | Value::List(_) | Value::Document(_) => {
            unreachable!("ranges are of numbers")
        }
    }
}

/// Returns a key that distinguishes values of one setting.
fn identity(value: Value) -> (u64, &'static str) {
    match value {
        // 0 and -0 are the same.
        Value::Real(v) => ((v + 0.0).to_bits(), ""),
        Value::Count(v) => (v, ""),
        Value::Name(v) => (0, v),
        Value::List(v) => (0, v.text()),
        Value::Document(v) => (0, v.text()),
    }
}

fn shown(value: Value) -> String {
    match value {
        Value::Real(v) => brief(v),
        other => other.to_string(),
    }
}
