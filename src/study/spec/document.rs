//! Reads the top level of a spec, and calls the readers of its tables.

use super::SpecTable;
use super::enabling::{has_copies, switched_on, switched_on_by_keys};
use super::lists::{implied_by_extensions, imply};
use super::presets::variants_from_presets;
use super::reader::{Reader, Span, shown};
use super::{MOST_REPLICATES, MOST_SEED, Randomness, Spec, SpecError};
use crate::engine::{Keys, Model, Setting};
use crate::study::world::World;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Purpose of a file, which determines the keys that it may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Sweep,
    Run,
}

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

/// Key of a single run: its random world.
const WORLD: &str = "world";

/// Returns the tables of features' own settings.
fn own_tables(keys: &Keys) -> Vec<&'static str> {
    let mut tables: Vec<&'static str> = Vec::new();
    for key in keys.all() {
        if let SpecTable::Own(table) | SpecTable::Copy(table, _) = SpecTable::of(key)
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
    fn top(&mut self, table: &DeTable, spec: &mut Spec, directory: &Path, purpose: Purpose) {
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

    /// Returns the tables of an item that may have several, each with its place. A single one headed `[name]`
    /// is a fault, but is read to find more faults.
    pub(super) fn tables<'t, 'i>(
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

    /// Checks faults that involve several keys.
    pub(super) fn between_keys(&mut self, spec: &Spec) {
        self.objectives_are_written(spec);
        // Axes and variants may repair or break a base setting: the plan checks each point.
        if spec.factors.is_empty() && spec.variants.is_empty() {
            for (_, fault) in spec.base.faults() {
                self.fault(None, fault.key, &fault.message);
            }
        }
    }

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
