//! Writes a spec with every default filled in, as TOML, for printing and for the manifest.
//!
//! Axes keep their order, on which the points depend. Each range is an inline table: a separate one would have
//! to follow all lists.

use super::axis::{Axis, Levels};
use super::design::Design;
use super::objective::Objective;
use super::spec::{ALL, Factor, Role, Spec, SpecTable, Variant};
use super::tables::folder;
use crate::digits::rounded;
use crate::engine::{Choice, Domain, Key, Moment, Value};
use toml::Table;

impl Spec {
    /// Returns the spec with every default filled in, as TOML; parsing it gives the same points in the same
    /// order. Equal texts mean equal sweeps, except that a file of points counts by name and checksum.
    pub fn text(&self) -> String {
        let mut text = format!(
            "seed = {}\nreplicates = {}\nrandomness = {}\n",
            self.seed,
            self.replicates,
            quoted(self.randomness.name())
        );
        if !self.title.is_empty() {
            text += &lines([("title", quoted(&self.title))]);
        }
        if !self.constraints.is_empty() {
            let constraints = self.constraints.iter().map(|of| quoted(&of.to_string()));
            let constraints = constraints.collect::<Vec<_>>().join(", ");
            text += &lines([("constraints", format!("[{constraints}]"))]);
        }
        text += &self.base_text();
        let split = self.factors.iter().any(|factor| factor.role != Role::Axis);
        for Factor { role, axes, design } in &self.factors {
            let name = role.table();
            if !matches!(design, Design::File(_)) {
                let lines = axes.iter().map(|axis| (axis.key.name, levels(axis)));
                text += &section(&format!("[{name}]"), lines);
            }
            let header = if split {
                format!("[design.{name}]")
            } else {
                "[design]".to_owned()
            };
            text += &section(&header, design_lines(design));
        }
        for Variant { name, settings, .. } in &self.variants {
            let settings = settings
                .iter()
                .map(|(key, value)| (key.name, written(*value)));
            let role = ("role", quoted(self.variant_role.name()));
            let lines = [("name", quoted(name)), role];
            text += &section("[[variant]]", lines.into_iter().chain(settings));
        }
        for objective in &self.objectives {
            text += &section("[[objective]]", objective_lines(objective));
        }
        let tables = &self.output.tables;
        let names: Vec<_> = tables.iter().map(|table| quoted(folder(table))).collect();
        let looks_daily = tables.iter().any(|table| table.moment == Moment::Day);
        let every = looks_daily.then(|| ("every", self.output.every.to_string()));
        let tables = std::iter::once(("tables", format!("[{}]", names.join(", "))));
        let chosen = self.output.tables.iter().filter_map(|table| {
            let choice = match self.output.choice(table, &self.model) {
                Choice::These(names) => {
                    let names: Vec<_> = names.iter().map(|name| quoted(name)).collect();
                    format!("[{}]", names.join(", "))
                }
                // Written only if it differs from the default.
                Choice::All if self.output.columns.contains_key(table.name) => quoted(ALL),
                Choice::All => return None,
            };
            Some((folder(table), choice))
        });
        text + &section("[output]", tables.chain(every).chain(chosen))
    }

    /// Returns the part of the spec that a single run needs, as TOML: seed, world and base setting.
    pub fn run_text(&self) -> String {
        let world = self.world.text();
        format!(
            "seed = {}\nworld = {world}\n{}",
            self.seed,
            self.base_text()
        )
    }

    /// Returns the spec with every default filled in, as a table. Unlike texts, tables compare equal in any
    /// order.
    pub fn resolved(&self) -> Table {
        self.text().parse().expect("the text of a spec is TOML")
    }

    /// Formats the base setting, without keys that vary.
    fn base_text(&self) -> String {
        let varied = |key: &Key| {
            let axes = self.factors.iter().flat_map(|factor| &factor.axes);
            axes.map(|axis| axis.key).any(|axis| axis.overlaps(key))
        };
        let stored = self.model.keys().all().iter();
        // Tables of the keys, in order of first appearance.
        let mut tables: Vec<(SpecTable, Vec<_>)> = Vec::new();
        for key in stored.filter(|key| key.alias.is_none() && key.overrides.is_none()) {
            let table = SpecTable::of(key);
            // Written as it was set: an alias determines the stored key again.
            let (said, value) = self.base.said(key);
            let line = (!varied(key)).then(|| (said.table().1, written(value)));
            match tables.iter_mut().find(|(of, _)| *of == table) {
                Some((_, lines)) => lines.extend(line),
                None => tables.push((table, line.into_iter().collect())),
            }
        }
        for (table, lines) in &mut tables {
            lines.extend(self.overridden(*table).map(|set| ("set", set)));
        }
        let section = |table: SpecTable, keys: Vec<(&str, String)>| match self.other_words(table) {
            Some(words) => section(&format!("{}\n# {words}", table.header()), keys),
            None => section(&table.header(), keys),
        };
        // The table of an extension enables it, even if all its keys vary.
        let on = self.model.on();
        tables.retain(|(table, lines)| !lines.is_empty() || on.copies(&table.to_string()) > 0);
        // Keys outside tables come first, or they would belong to one.
        tables.sort_by_key(|(table, _)| *table != SpecTable::Top);
        tables
            .into_iter()
            .map(|(table, keys)| match table {
                SpecTable::Top => lines(keys),
                table => section(table, keys),
            })
            .collect()
    }
}

impl Spec {
    /// Formats a table in other terms: aliases that are not set, or the keys that the set ones determine. Terms
    /// that differ from point to point are left out.
    fn other_words(&self, table: SpecTable) -> Option<String> {
        let keys = self.model.keys();
        let axes = self.factors.iter().flat_map(|factor| &factor.axes);
        let variants = self.variants.iter().flat_map(|variant| &variant.settings);
        let varied: Vec<_> = axes
            .map(|axis| axis.key)
            .chain(variants.map(|(key, _)| *key))
            .collect();
        let words = keys.all().iter().copied().filter_map(|alias| {
            let of = alias
                .alias
                .as_ref()
                .filter(|_| SpecTable::of(alias) == table)?;
            let stored = keys.find(of.of).filter(|key| key.alias.is_none())?;
            let with = of.with.iter().filter_map(|name| keys.find(name));
            let is_varied = |key: &Key| varied.iter().any(|other| other.overlaps(key));
            if with.chain([stored]).any(is_varied) {
                return None;
            }
            let other = match self.base.said(stored).0 {
                said if said.name == stored.name => alias,
                _ => stored,
            };
            let value = match self.base.value(other) {
                // Computed, and so inexact in its last digits.
                Value::Real(number) => Value::Real(rounded(number, 10)),
                value => value,
            };
            Some(format!("{} = {value}", other.name))
        });
        let words: Vec<_> = words.collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// Formats the overrides of a copy of an extension, varied or not: only keys that it overrides can vary.
    fn overridden(&self, table: SpecTable) -> Option<String> {
        let SpecTable::Copy(extension, copy) = table else {
            return None;
        };
        let values = self.base.overridden(extension, copy);
        let lines: Vec<_> = values
            .map(|(key, value)| format!("{} = {}", key.name, written(value)))
            .collect();
        (!lines.is_empty()).then(|| format!("{{ {} }}", lines.join(", ")))
    }
}

/// Formats a header and the keys below it.
fn section<'k>(header: &str, keys: impl IntoIterator<Item = (&'k str, String)>) -> String {
    format!("\n{header}\n{}", lines(keys))
}

fn lines<'k>(keys: impl IntoIterator<Item = (&'k str, String)>) -> String {
    keys.into_iter()
        .map(|(key, value)| match key.contains('.') {
            true => format!("{} = {value}\n", quoted(key)),
            false => format!("{key} = {value}\n"),
        })
        .collect()
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn written(value: Value) -> String {
    match value {
        Value::Real(v) => real(v),
        Value::Count(v) => v.to_string(),
        Value::Name(v @ ("false" | "true")) => v.to_owned(),
        Value::Name(v) => quoted(v),
        Value::List(v) => v.text().to_owned(),
        Value::Document(v) => quoted(v.text()),
    }
}

/// Formats a number that TOML parses as a float, in few digits: `0.1`, `1.0`, `1e308`.
fn real(number: f64) -> String {
    format!("{number:?}")
}

fn levels(axis: &Axis) -> String {
    match &axis.levels {
        Levels::List(values) => {
            let values: Vec<_> = values.iter().copied().map(written).collect();
            format!("[{}]", values.join(", "))
        }
        Levels::Range {
            low,
            high,
            steps,
            log,
        } => {
            let end = |v: f64| match axis.key.domain {
                Domain::Count { .. } => (v as u64).to_string(),
                _ => real(v),
            };
            let steps = steps.map_or(String::new(), |steps| format!(", steps = {steps}"));
            let scale = quoted(if *log { "log" } else { "linear" });
            let (low, high) = (end(*low), end(*high));
            format!("{{ from = {low}, to = {high}{steps}, scale = {scale} }}")
        }
    }
}

fn objective_lines(objective: &Objective) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("name", quoted(&objective.name)),
        ("column", quoted(&objective.column)),
        ("goal", quoted(objective.goal.name())),
    ];
    let meet = objective.meet.map(|meet| quoted(&meet.to_string()));
    lines.extend(meet.map(|meet| ("meet", meet)));
    lines.push(("empty", quoted(objective.empty.name())));
    lines
}

fn design_lines(design: &Design) -> impl Iterator<Item = (&'static str, String)> {
    [("kind", quoted(design.name()))]
        .into_iter()
        .chain(design.written())
}
