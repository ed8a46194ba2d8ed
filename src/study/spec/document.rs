//! Reads the tables of a spec, apart from axes.

use super::Home;
use super::lists::{FileWord, implied_by_extensions, imply};
use super::points::Cells;
use super::presets::variants_from_presets;
use super::reader::{Reader, Span, clipped, closest_name, shown};
use super::{Factor, MOST_SEED, Randomness, Role, Spec, SpecError, Variant};
use crate::engine::{Domain, Extensions, Key, Keys, Model, Preset, Setting};
use crate::input::points_of;
use crate::study::design::{Design, File};
use crate::study::world::World;
use arrow_array::RecordBatch;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Purpose of a file, which determines the keys that it may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Sweep,
    Run,
}

/// Maximum number of replicates: tables number them in signed 32-bit integers.
const MOST_REPLICATES: u64 = i32::MAX as u64;

/// Keys of a sweep besides settings.
const SWEEP_KEYS: &[&str] = &[
    "replicates",
    "randomness",
    "axes",
    "levers",
    "uncertainties",
    "design",
    "variant",
    "objective",
    "constraints",
    "title",
    "output",
];

/// Key of a preset, which supplies the values of keys that are not set.
const PRESET: &str = "preset";

/// Key that sets every rule.
const RULES: &str = "rules";

/// Key of the rule set that other rules override.
const RULES_BASE: &str = "rules.base";

/// Roles of variants; all variants of a spec have the same.
const ROLES: [Role; 2] = [Role::Lever, Role::Uncertainty];

/// Key of a single run: its random world.
const WORLD: &str = "world";

/// Table of a copy of an extension that overrides keys of the model.
const SET: &str = "set";

/// Returns the tables of features' own settings.
fn own_tables(keys: &Keys) -> Vec<&'static str> {
    let mut tables: Vec<&'static str> = Vec::new();
    for key in keys.all() {
        if let Home::Own(table) | Home::Copy(table, _) = Home::of(key)
            && !tables.contains(&table)
        {
            tables.push(table);
        }
    }
    tables
}

/// Returns all keys allowed at the top level of a file.
fn top_keys(model: &Model, purpose: Purpose) -> Vec<&'static str> {
    let mut top = vec!["preset", "seed", "days", "model"];
    if purpose == Purpose::Run {
        top.push(WORLD);
    }
    top.extend(own_tables(model.keys()));
    let off = |name: &&str| model.on().copies(name) == 0;
    let extensions = model.extensions().iter().map(|extension| extension.name);
    top.extend(extensions.filter(off));
    if purpose == Purpose::Sweep {
        top.extend(SWEEP_KEYS);
    }
    top
}

/// Changes the base setting by `KEY=VALUE` assignments; a key of an extension enables it.
///
/// # Errors
/// Returns every fault in the assignments.
pub(super) fn assign(
    spec: &mut Spec,
    assignments: &[String],
    source_name: &str,
) -> Result<(), SpecError> {
    // A preset and a base of rules apply first, wherever they are listed: the others override them.
    let mut pairs: Vec<_> = assignments
        .iter()
        .map(|text| pair(&spec.model, text))
        .collect();
    pairs.sort_by_key(|(name, _)| match name.as_ref() {
        PRESET => 0,
        RULES_BASE => 1,
        _ => 2,
    });
    let names: Vec<_> = pairs.iter().map(|(name, _)| name.as_ref()).collect();
    let model = switched_on_by_keys(&spec.model, &names);
    let mut reader = Reader::new("", &model, None, Path::new(""));
    let mut setting = spec.base.with_keys(model.keys());
    let mut fixed: Vec<&'static Key> = Vec::new();
    let mut preset = spec.preset.clone();
    for (name, value) in &pairs {
        let Some(value) = value else {
            reader.fault(None, name, "expected KEY=VALUE, such as beta=0.3");
            continue;
        };
        let word = value.trim_matches('"');
        if name == PRESET {
            preset = reader.apply_preset(word, None, &mut setting);
            continue;
        }
        if let Some(of) = reader.kept_in_file(name) {
            let item = DeValue::String(word.into());
            let beside = |name: &str| {
                let (_, value) = pairs.iter().find(|(other, _)| other == name)?;
                value.map(|value| DeValue::String(value.trim_matches('"').into()))
            };
            if let Some(value) = reader.value_in_file(of, name, &item, None, beside) {
                reader.fix(&mut fixed, of.key, name, None);
                setting.put(of.key, value);
            }
            continue;
        }
        let known = match name.as_ref() {
            RULES_BASE => reader.keys.find(RULES),
            name => reader.known_key(name, name, None, |_| true, &[]),
        };
        let Some(key) = known else {
            continue;
        };
        // Numbers and lists are in TOML syntax; anything else is a word, quoted or not.
        let parsed = DeValue::parse(value).ok().map(Spanned::into_inner);
        let value = match &parsed {
            Some(item @ (DeValue::Integer(_) | DeValue::Float(_) | DeValue::Array(_))) => {
                reader.value(key, name, item, None)
            }
            _ => reader.word(key, name, word, None),
        };
        if let Some(value) = value {
            if name != RULES_BASE {
                reader.fix(&mut fixed, key, name, None);
            }
            setting.put(key, value);
        }
    }
    if names.contains(&RULES_BASE) {
        fix_all_rules(&mut fixed, &model);
    }
    let mut assigned = spec.clone();
    assigned.switch_on(&model);
    (assigned.base, assigned.preset) = (setting, preset);
    let more = switched_on_by_keys(&model, &implied_by_extensions(&assigned));
    assigned.switch_on(&more);
    fixed.extend(&spec.fixed);
    imply(&mut assigned, &fixed);
    if reader.count() == 0 {
        reader.between_keys(&assigned);
    }
    reader.finish(source_name)?;
    assigned.fixed = fixed;
    *spec = assigned;
    Ok(())
}

/// Same as [`assign`], for a sweep: rejects assignments to keys that an axis or a variant sets.
pub(super) fn assign_sweep(
    spec: &mut Spec,
    assignments: &[String],
    source_name: &str,
) -> Result<(), SpecError> {
    let model = spec.model.clone();
    let mut reader = Reader::new("", &model, None, Path::new(""));
    let mut changed = spec.clone();
    let mut settings = Vec::new();
    for assignment in assignments {
        let (name, value) = pair(&model, assignment);
        let (name, value) = (&*name, value.unwrap_or(""));
        let number = DeValue::parse(value).map(Spanned::into_inner);
        let number = number.unwrap_or(DeValue::String(value.into()));
        match name {
            "seed" => changed.seed = reader.whole_number(&number, name, None, 0, MOST_SEED),
            "replicates" => {
                let read = reader.whole_number(&number, name, None, 1, MOST_REPLICATES);
                changed.replicates = read as u32;
            }
            _ => settings.push(assignment.clone()),
        }
        let key = reader.kept_in_file(name).map(|of| of.key);
        let Some(key) = key.or_else(|| model.keys().find(name)) else {
            continue;
        };
        let mut axes = spec.factors.iter().flat_map(|factor| &factor.axes);
        if let Some(axis) = axes.find(|axis| axis.key.overlaps(key)) {
            let message = format!(
                "axis {} of the spec varies it; remove the axis from the spec first",
                axis.key.name
            );
            reader.fault(None, name, &message);
        }
        let sets = |variant: &&Variant| variant.settings.iter().any(|(set, _)| set.overlaps(key));
        if let Some(variant) = spec.variants.iter().find(sets) {
            let variant = clipped(&variant.name);
            let message =
                format!("variant \"{variant}\" sets it; remove it from the variant first");
            reader.fault(None, name, &message);
        }
    }
    reader.finish(source_name)?;
    assign(&mut changed, &settings, source_name)?;
    *spec = changed;
    Ok(())
}

/// Splits an assignment into key and value. The key may be written as in a spec: `model.beta` means `beta`, and
/// `change.0.set.beta` means `change.0.beta`.
fn pair<'t>(model: &Model, text: &'t str) -> (Cow<'t, str>, Option<&'t str>) {
    let Some((name, value)) = text.split_once('=') else {
        return (Cow::Borrowed(text), None);
    };
    let name = name.trim();
    let name = name.strip_prefix("model.").unwrap_or(name);
    let parts: Vec<_> = name.splitn(4, '.').collect();
    let name = match parts[..] {
        [extension, copy, SET, key] if has_copies(model, extension) => {
            Cow::Owned(format!("{extension}.{copy}.{key}"))
        }
        _ => Cow::Borrowed(name),
    };
    (name, Some(value.trim()))
}

/// Marks every rule as set, as by a base of rules.
fn fix_all_rules(fixed: &mut Vec<&'static Key>, model: &Model) {
    fixed.retain(|key| key.name != RULES && !key.name.starts_with("rules."));
    fixed.extend(model.keys().find(RULES));
}

/// Returns the model with the extensions of these keys enabled, in addition to those already enabled.
fn switched_on_by_keys(model: &Model, names: &[&str]) -> Model {
    let mut on = model.on().clone();
    for extension in model.extensions() {
        let own = names.iter().filter_map(|name| {
            if extension.also.contains(name) {
                return Some(1);
            }
            let rest = name.strip_prefix(extension.name)?.strip_prefix('.')?;
            Some(match extension.most {
                None => 1,
                Some(most) => {
                    let copy: usize = rest.split('.').next()?.parse().ok()?;
                    copy.saturating_add(1).min(most)
                }
            })
        });
        let copies = own.max().unwrap_or(0).max(on.copies(extension.name));
        on = on.with(extension.name, copies);
        on = names
            .iter()
            .fold(on, |on, name| naming(on, extension.name, name));
    }
    model.with_extensions(&on).unwrap_or_else(|_| model.clone())
}

/// Returns the model with the extensions enabled that a spec, as text, enables.
#[cfg(feature = "files")]
pub(in crate::study) fn model_of(model: &Model, spec: &str) -> Model {
    let (document, _) = DeTable::parse_recoverable(spec);
    switched_on(model, document.get_ref())
}

/// Returns the model with the extensions enabled whose tables a document contains.
fn switched_on(model: &Model, document: &DeTable) -> Model {
    let mut on = Extensions::default();
    for extension in model.extensions() {
        if let Some(item) = document.get(extension.name) {
            let copies = match extension.most {
                None => 1,
                Some(most) => {
                    let tables = item.get_ref().as_array();
                    tables.map_or(1, |tables| tables.len()).min(most)
                }
            };
            on = on.with(extension.name, copies);
            on = overriding(on, extension.name, document);
        } else if extension.also.iter().any(|key| holds(document, key)) {
            on = on.with(extension.name, 1);
        }
    }
    model.with_extensions(&on).unwrap_or_else(|_| model.clone())
}

/// Returns true if a document, or one of its variants, sets a key.
fn holds(document: &DeTable, key: &str) -> bool {
    let sets = |table: &DeTable| leaves(table).iter().any(|(name, _)| name == key);
    let variants = document.get("variant").map(Spanned::get_ref);
    let variants = variants.and_then(DeValue::as_array).into_iter().flatten();
    let mut variants = variants.filter_map(|variant| variant.get_ref().as_table());
    sets(document) || variants.any(sets)
}

/// Adds the keys of the model that copies of an extension override, through their tables `set` or through axes.
fn overriding(mut on: Extensions, extension: &str, document: &DeTable) -> Extensions {
    let item = document.get(extension).map(Spanned::get_ref);
    let listed = item.and_then(DeValue::as_array).into_iter().flatten();
    let listed = listed.map(|table| table.get_ref().as_table());
    // A single table headed [name] is a fault, but is read to find more faults.
    let single = item.and_then(DeValue::as_table).map(Some);
    for (copy, table) in listed.chain(single).enumerate() {
        let set = table.and_then(|table| table.get(SET));
        for (key, _) in set
            .and_then(|set| set.get_ref().as_table())
            .into_iter()
            .flat_map(leaves)
        {
            on = on.overriding(extension, copy, &key);
        }
    }
    let axes = ["axes", "levers", "uncertainties"].iter();
    let axes = axes.filter_map(|name| document.get(*name)?.get_ref().as_table());
    let names: Vec<_> = axes.flat_map(leaves).map(|(name, _)| name).collect();
    names
        .iter()
        .fold(on, |on, name| naming(on, extension, name))
}

/// Adds a key such as `change.0.beta` to those that its copy overrides.
fn naming(on: Extensions, extension: &str, name: &str) -> Extensions {
    let rest = name
        .strip_prefix(extension)
        .and_then(|rest| rest.strip_prefix('.'));
    match rest.and_then(|rest| rest.split_once('.')) {
        Some((copy, key)) => match copy.parse() {
            Ok(copy) => on.overriding(extension, copy, key),
            Err(_) => on,
        },
        None => on,
    }
}

/// Lists the values of a table and its subtables by key; tables that define a range are values.
fn leaves<'t, 'i>(table: &'t DeTable<'i>) -> Vec<(String, &'t Spanned<DeValue<'i>>)> {
    let mut leaves = Vec::new();
    for (name, value) in table {
        match value.get_ref() {
            DeValue::Table(inner) if !inner.contains_key("from") => {
                let inner = self::leaves(inner).into_iter();
                leaves
                    .extend(inner.map(|(key, value)| (format!("{}.{key}", name.get_ref()), value)));
            }
            _ => leaves.push((name.get_ref().to_string(), value)),
        }
    }
    leaves
}

/// Parses rules in the syntax of a spec: `{ base = "corrected", over_release = "v3" }`, or the name of a set.
///
/// # Errors
/// Returns every fault in the rules.
pub fn parse_rules(model: &Model, text: &str) -> Result<Setting, SpecError> {
    let rules = match text.trim_start().starts_with('{') {
        true => text.to_owned(),
        false => toml::Value::String(text.to_owned()).to_string(),
    };
    let document = format!("[model]\nrules = {rules}");
    let parsed = parse(model, &document, "--rules", Path::new(""), Purpose::Run);
    parsed.map(|spec| spec.base)
}

/// Table of a variant, and its place in messages.
#[derive(Clone, Copy)]
struct VariantTable<'t, 'i> {
    place: &'t str,
    table: &'t DeTable<'i>,
}

/// Name of points held in memory.
const IN_MEMORY: &str = "points in memory";

pub(super) fn over_points(mut spec: Spec, points: &RecordBatch) -> Result<Spec, SpecError> {
    let schema = points.schema();
    let names: Vec<_> = schema
        .fields()
        .iter()
        .map(|field| &**field.name())
        .collect();
    spec.switch_on(&switched_on_by_keys(&spec.model, &names));
    let model = spec.model.clone();
    let mut reader = Reader::new("", &model, None, Path::new(""));
    match points_of(points, IN_MEMORY) {
        Err(error) => reader.fault(None, "points", &crate::error::chain(&error)),
        Ok(points) => {
            let path = PathBuf::from(IN_MEMORY);
            let sha256 = points.sha256;
            let cells = Cells {
                columns: points.columns,
                rows: points.rows,
            };
            if let Some((axes, rows)) = reader.points(IN_MEMORY, "points", None, &cells, &spec) {
                let mut taken = Vec::new();
                for axis in &axes {
                    reader.free_axis(axis.key, axis.key.name, &taken, &spec);
                    taken.push(axis.key);
                }
                spec.factors = vec![Factor {
                    role: Role::Axis,
                    axes,
                    design: Design::File(File { path, sha256, rows }),
                }];
            }
        }
    }
    reader.finish(IN_MEMORY).map(|()| spec)
}

pub(super) fn parse(
    model: &Model,
    text: &str,
    source_name: &str,
    directory: &Path,
    purpose: Purpose,
) -> Result<Spec, SpecError> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let document = document.get_ref();
    let model = switched_on(model, document);
    let mut reader = Reader::new(text, &model, Some(document), directory);
    let mut spec = Spec::of(&model);
    if !errors.is_empty() {
        reader.not_toml(&errors);
        return reader.finish(source_name).map(|()| spec);
    }
    reader.top(document, &mut spec, directory, purpose);
    // Derived defaults may enable extensions, whose keys and columns the document may name.
    let more = switched_on_by_keys(&model, &implied_by_extensions(&spec));
    if more.on() != model.on() {
        let from_files = reader.from_files;
        reader = Reader::new(text, &more, Some(document), directory);
        reader.from_files = from_files;
        spec = Spec::of(&more);
        reader.top(document, &mut spec, directory, purpose);
    }
    let fixed = spec.fixed.clone();
    imply(&mut spec, &fixed);
    // Checks across keys run only if each key is valid.
    if reader.count() == 0 {
        reader.between_keys(&spec);
    }
    reader.finish(source_name).map(|()| spec)
}

impl Reader<'_> {
    pub(super) fn top(
        &mut self,
        table: &DeTable,
        spec: &mut Spec,
        directory: &Path,
        purpose: Purpose,
    ) {
        let (mut design, mut bases) = (None, Vec::new());
        let known = top_keys(&spec.model, purpose);
        // The preset applies first, wherever it is listed: the file overrides it.
        if let Some(item) = table.get("preset") {
            self.base_preset(item, spec);
        }
        for (name, value) in table {
            let key = name.get_ref().as_ref();
            let span = Some(value.span());
            let item = value.get_ref();
            if purpose == Purpose::Run && SWEEP_KEYS.contains(&key) {
                let message = "belongs to a sweep, not a single run; pass this file to \
                               `conviction sweep`, or remove the key";
                self.fault(Some(name.span()), key, message);
                continue;
            }
            if purpose == Purpose::Sweep && key == WORLD {
                let message = "belongs to a single run, not a sweep, which numbers its own worlds; \
                               remove it";
                self.fault(Some(name.span()), key, message);
                continue;
            }
            match key {
                WORLD => match World::read(item) {
                    Some(world) => spec.world = world,
                    None => self.fault(span, key, World::EXPECTED),
                },
                "seed" => spec.seed = self.whole_number(item, key, span, 0, MOST_SEED),
                "replicates" => {
                    spec.replicates = self.whole_number(item, key, span, 1, MOST_REPLICATES) as u32;
                }
                "days" => self.setting("days", key, value, spec),
                "randomness" => {
                    let names = Randomness::NAMES;
                    spec.randomness = match self.name(item, key, span, &names) {
                        Some(1) => Randomness::Independent,
                        _ => Randomness::Common,
                    };
                }
                "model" => self.model(item, span, spec),
                // Read above; or below, once the design is known.
                "preset" | "axes" | "levers" | "uncertainties" => {}
                "design" => design = self.table(item, key, span),
                "variant" => bases = self.variants(item, span, spec),
                "objective" => self.objectives(item, span, spec),
                "constraints" => self.constraints(item, span, spec),
                "title" => match item.as_str() {
                    Some(title) => spec.title = title.to_owned(),
                    None => self.fault(span, key, "expected a string"),
                },
                "output" => self.output(item, span, spec),
                _ if has_copies(&spec.model, key) => self.copies(key, item, span, spec),
                _ if self.is_table(key) => self.group(key, item, span, spec),
                _ => self.unknown(key, key, Some(name.span()), &known),
            }
        }
        if purpose == Purpose::Sweep {
            self.factors(table, design, spec, directory);
            self.constraints_suit_designs(spec);
            variants_from_presets(&bases, spec);
        }
    }

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
                    let in_model = |key: &Key| Home::of(key) == Home::Model;
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
    fn group(&mut self, group: &str, item: &DeValue, span: Span, spec: &mut Spec) {
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
    fn copies(&mut self, name: &str, item: &DeValue, span: Span, spec: &mut Spec) {
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

    /// Returns the tables of an item that may have several, each with its place. A single one headed `[name]`
    /// is a fault, but is read to find more faults.
    fn tables<'t, 'i>(
        &mut self,
        item: &'t DeValue<'i>,
        name: &str,
        span: Span,
    ) -> Vec<(&'t DeTable<'i>, Span)> {
        let listed = item.as_array().map(|all| {
            let tables = all
                .iter()
                .map(|one| Some((one.get_ref().as_table()?, Some(one.span()))));
            tables.collect::<Option<Vec<_>>>()
        });
        if let Some(Some(tables)) = listed {
            return tables;
        }
        let single = item.as_table();
        let found = match single {
            Some(_) => format!("found one headed [{name}]"),
            None => format!("found {}", shown(item)),
        };
        let message = format!("expected tables, each headed [[{name}]]; {found}");
        self.fault(span.clone(), name, &message);
        single.map(|table| (table, span)).into_iter().collect()
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

    /// Reads the variants; returns those that start from a preset, by position.
    fn variants(
        &mut self,
        item: &DeValue,
        span: Span,
        spec: &mut Spec,
    ) -> Vec<(usize, &'static Preset)> {
        let tables = self.tables(item, "variant", span);
        let (mut names, mut bases) = (BTreeSet::new(), Vec::new());
        let mut roles = Vec::new();
        for (number, (table, span)) in tables.into_iter().enumerate() {
            let mut read = Variant {
                name: String::new(),
                settings: Vec::new(),
                own: 0,
            };
            let mut fixed = Vec::new();
            let place = format!("variant {}", number + 1);
            let of = VariantTable {
                place: &place,
                table,
            };
            for (name, value) in table {
                let short = name.get_ref().as_ref();
                let span = Some(value.span());
                if short == "name" {
                    match value.get_ref().as_str() {
                        Some(text) if !text.is_empty() => read.name = text.to_owned(),
                        _ => self.fault(span, &place, "name: expected a string"),
                    }
                    continue;
                }
                if short == "role" {
                    let path = format!("{place}, role");
                    let named =
                        self.name(value.get_ref(), &path, span.clone(), &ROLES.map(Role::name));
                    let Some(role) = named.map(|role| ROLES[role]) else {
                        continue;
                    };
                    roles.push((number, role));
                    if roles[0].1 != role {
                        let message = "differs from another variant's; all must be the same";
                        self.fault(span, &path, message);
                    }
                    continue;
                }
                if short == "preset" {
                    let path = format!("{place}, preset");
                    let preset = self.preset(value, &path);
                    bases.extend(preset.map(|preset| (number, preset)));
                    continue;
                }
                self.variant_settings(of, short, name.span(), value, &mut read, &mut fixed);
            }
            if read.name.is_empty() {
                if !table.contains_key("name") {
                    self.fault(span, &place, "name missing");
                }
            } else if !names.insert(read.name.clone()) {
                let name = clipped(&read.name);
                let message = format!("duplicate name \"{name}\"; choose another");
                self.fault(span, &place, &message);
            }
            read.own = read.settings.len();
            spec.variants.push(read);
        }
        if let Some(&(_, role)) = roles.first() {
            spec.variant_role = role;
        }
        bases
    }

    /// Reads a setting of a variant: `beta = 0.3`, `"initial.funds" = 100` or `initial.funds = 100`.
    fn variant_settings(
        &mut self,
        of: VariantTable<'_, '_>,
        name: &str,
        name_span: Range<usize>,
        value: &Spanned<DeValue>,
        variant: &mut Variant,
        fixed: &mut Vec<&'static Key>,
    ) {
        let VariantTable { place, table } = of;
        if let DeValue::Table(inner) = value.get_ref()
            && self.is_group(name)
        {
            if name == "rules"
                && let Some(base) = inner.get("base")
            {
                self.rules_of_variant(place, base, inner, variant, fixed);
                return;
            }
            if inner.is_empty() {
                let path = format!("{place}, {name}");
                self.fault(
                    Some(value.span()),
                    &path,
                    "empty; set a key in it, or remove it",
                );
            }
            for (tail, value) in inner {
                let full = format!("{name}.{}", tail.get_ref());
                self.variant_settings(of, &full, tail.span(), value, variant, fixed);
            }
            return;
        }
        let path = format!("{place}, {name}");
        if let Some(of) = self.kept_in_file(name) {
            let span = Some(value.span());
            let beside = |name: &str| {
                let all = leaves(table).into_iter();
                let mut named = all.filter(|(other, _)| other == name);
                named.next().map(|(_, value)| value.get_ref().clone())
            };
            let value = self.value_in_file(of, &path, value.get_ref(), span.clone(), beside);
            if let Some(value) = value {
                self.fix(fixed, of.key, &path, span);
                variant.settings.push((of.key, value));
            }
            return;
        }
        let not_days = |key: &Key| key.name != "days";
        if let Some(key) = self.known_key(
            name,
            &path,
            Some(name_span),
            not_days,
            &["name", "preset", "role"],
        ) {
            let span = Some(value.span());
            if let Some(value) = self.value(key, &path, value.get_ref(), span.clone()) {
                self.fix(fixed, key, &path, span);
                variant.settings.push((key, value));
            }
        }
    }

    /// Reads `rules = { base = "v3", over_release = "corrected" }` of a variant, which sets every rule.
    fn rules_of_variant(
        &mut self,
        place: &str,
        base: &Spanned<DeValue>,
        rules: &DeTable,
        variant: &mut Variant,
        fixed: &mut Vec<&'static Key>,
    ) {
        let path = format!("{place}, rules.base");
        let span = Some(base.span());
        let set = self.keys.find("rules");
        let base = set.and_then(|key| {
            let value = self.value(key, &path, base.get_ref(), span.clone())?;
            Some((key, value))
        });
        let mut setting = self.setting_of_model();
        if let Some((key, value)) = base {
            self.fix(fixed, key, &path, span.clone());
            setting.put(key, value);
        }
        for (name, value) in rules {
            let short = name.get_ref().as_ref();
            if short == "base" {
                continue;
            }
            let (path, full) = (format!("{place}, rules.{short}"), format!("rules.{short}"));
            let is_rule = |key: &Key| key.name.starts_with("rules.");
            let key = self.known_key(&full, &path, Some(name.span()), is_rule, &["base"]);
            let value = key.and_then(|key| {
                let value = self.value(key, &path, value.get_ref(), Some(value.span()))?;
                Some((key, value))
            });
            if let Some((key, value)) = value {
                setting.put(key, value);
            }
        }
        let all = self.keys.all().iter();
        let all = all.filter(|key| key.name.starts_with("rules."));
        variant
            .settings
            .extend(all.map(|key| (*key, setting.value(key))));
    }

    /// Checks faults that involve several keys.
    fn between_keys(&mut self, spec: &Spec) {
        self.objectives_are_written(spec);
        // Axes and variants may repair or break a base setting: the plan checks each point.
        if spec.factors.is_empty() && spec.variants.is_empty() {
            for (_, fault) in spec.base.faults() {
                self.fault(None, fault.key, &fault.message);
            }
        }
    }
}

/// Returns true if an extension with this name may have several tables.
fn has_copies(model: &Model, name: &str) -> bool {
    let mut extensions = model.extensions().iter();
    extensions.any(|extension| extension.name == name && extension.most.is_some())
}

impl Reader<'_> {
    /// Returns true if a feature has its own table with this name.
    fn is_table(&self, name: &str) -> bool {
        own_tables(self.keys).contains(&name)
    }

    /// Returns true if names of settings begin with this one, as in `initial` and `initial.funds`.
    pub(super) fn is_group(&self, name: &str) -> bool {
        let mut keys = self.keys.all().iter();
        keys.any(|key| {
            let inner = key.name.strip_prefix(name);
            inner.is_some_and(|inner| inner.starts_with('.'))
        })
    }
}
