//! The spec of a sweep or of a run: a TOML file, checked whole, all faults reported at once.

use super::axis::{Axis, Levels};
use super::design::{Design, MOST_SOBOL_DIMENSIONS};
use crate::input::{RawValue, read_points};
use crate::model::{Domain, KEYS, Key, Rules, Setting, Value, find_key, nearest_key};
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What a sweep is asked to do.
#[derive(Clone)]
pub struct Spec {
    /// The root seed.
    pub seed: u64,
    /// Runs per point.
    pub replicates: u32,
    /// Whether replicate k meets the same random world at every point.
    pub randomness: Randomness,
    /// What holds wherever no axis or variant says otherwise.
    pub base: Setting,
    /// The keys of `base` that the file sets.
    pub fixed: Vec<&'static Key>,
    /// What is varied: axes, or levers and uncertainties; crossed with each other.
    pub factors: Vec<Factor>,
    /// Named settings, crossed with the factors; may be empty.
    pub variants: Vec<Variant>,
    /// What is written.
    pub output: OutputSpec,
}

/// How the random worlds of runs relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Randomness {
    /// Replicate k meets the same random world at every point, so that points are paired.
    Common,
    /// Every run meets a world of its own.
    Independent,
}

impl Randomness {
    const NAMES: [&'static str; 2] = ["common", "independent"];

    /// The name as written in a spec.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// What a factor's axes are to the study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Neither told.
    Axis,
    /// What a DAO chooses.
    Lever,
    /// What the world does.
    Uncertainty,
}

impl Role {
    /// The table of the spec that holds such axes.
    pub fn table(self) -> &'static str {
        match self {
            Self::Axis => "axes",
            Self::Lever => "levers",
            Self::Uncertainty => "uncertainties",
        }
    }

    /// The name in the metadata of a column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Axis => "axis",
            Self::Lever => "lever",
            Self::Uncertainty => "uncertainty",
        }
    }
}

/// Axes that are varied together, by one design.
#[derive(Clone)]
pub struct Factor {
    /// What they are to the study.
    pub role: Role,
    /// The axes.
    pub axes: Vec<Axis>,
    /// At which points.
    pub design: Design,
}

/// A named setting.
#[derive(Clone)]
pub struct Variant {
    /// The name.
    pub name: String,
    /// What it sets.
    pub settings: Vec<(&'static Key, Value)>,
}

/// What a sweep writes besides `runs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputSpec {
    /// A row per run and day.
    pub days: bool,
    /// A row per run and proposal.
    pub proposals: bool,
    /// `days` holds every so many days; and always the last.
    pub every: u32,
}

/// One thing that is wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecFault {
    /// Where, if it was in a file: the line, from 1.
    pub line: Option<usize>,
    /// The key.
    pub key: String,
    /// What was found and expected, and a way out.
    pub message: String,
}

/// All that is wrong with a spec.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// The file cannot be read.
    #[error("{}: cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What it says makes no sense.
    #[error("{}", list(source_name, faults))]
    Faults {
        /// The file, or `--set`.
        source_name: String,
        /// Everything that was found.
        faults: Vec<SpecFault>,
    },
}

fn list(source_name: &str, faults: &[SpecFault]) -> String {
    let lines: Vec<_> = faults
        .iter()
        .map(|fault| {
            let place = fault.line.map_or(String::new(), |line| format!(":{line}"));
            let key = &fault.key;
            let gap = if key.is_empty() { "" } else { ": " };
            format!("{source_name}{place}: {key}{gap}{}", fault.message)
        })
        .collect();
    lines.join("\n")
}

/// What a file is for, and so what it may say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Sweep,
    Run,
}

impl Spec {
    /// Reads the spec of a sweep.
    ///
    /// # Errors
    /// When the file cannot be read, or with everything that is wrong in it.
    pub fn read(path: &Path) -> Result<Self, SpecError> {
        let text = std::fs::read_to_string(path).map_err(|source| SpecError::Read {
            path: path.to_owned(),
            source,
        })?;
        let directory = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, &path.display().to_string(), directory)
    }

    /// Parses the spec of a sweep; `source_name` names it in errors, and paths in it start at
    /// `directory`.
    ///
    /// # Errors
    /// With everything that is wrong.
    pub fn parse(text: &str, source_name: &str, directory: &Path) -> Result<Self, SpecError> {
        parse(text, source_name, directory, Purpose::Sweep)
    }

    /// Reads the configuration of a single run: seed and base setting.
    ///
    /// # Errors
    /// When the file cannot be read, or with everything that is wrong in it.
    pub fn read_run(path: &Path) -> Result<Self, SpecError> {
        let text = std::fs::read_to_string(path).map_err(|source| SpecError::Read {
            path: path.to_owned(),
            source,
        })?;
        let name = path.display().to_string();
        parse(&text, &name, Path::new(""), Purpose::Run)
    }
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            seed: 0,
            replicates: 1,
            randomness: Randomness::Common,
            base: Setting::default(),
            fixed: Vec::new(),
            factors: Vec::new(),
            variants: Vec::new(),
            output: OutputSpec {
                days: false,
                proposals: false,
                every: 1,
            },
        }
    }
}

/// Changes `setting` as `KEY=VALUE` assignments say.
///
/// # Errors
/// With everything that is wrong in them.
pub fn assign(setting: &mut Setting, assignments: &[String]) -> Result<(), SpecError> {
    let mut reader = Reader::new("");
    let mut fixed: Vec<&'static Key> = Vec::new();
    for assignment in assignments {
        let Some((name, value)) = assignment.split_once('=') else {
            reader.fault(None, assignment, "expected KEY=VALUE, such as beta=0.3");
            continue;
        };
        let (name, value) = (name.trim(), value.trim());
        let short = name.strip_prefix("model.").unwrap_or(name);
        let Some(key) = reader.known_key(short, name, None, |_| true) else {
            continue;
        };
        // Numbers as TOML writes them; anything else is a word, quoted or not.
        let parsed = DeValue::parse(value).ok().map(Spanned::into_inner);
        let value = match &parsed {
            Some(DeValue::Integer(_) | DeValue::Float(_)) => {
                reader.value(key, name, parsed.as_ref().expect("parsed"), None)
            }
            _ => reader.word(key, name, value.trim_matches('"'), None),
        };
        if let Some(value) = value {
            reader.fix(&mut fixed, key, name, None);
            key.set(setting, value);
        }
    }
    if reader.faults.is_empty()
        && let Some(fault) = setting.fault()
    {
        reader.fault(None, fault.key, &fault.message);
    }
    reader.finish("--set")
}

/// Reads rules as a spec writes them: `{ base = "corrected", over_release = "v3" }`.
///
/// # Errors
/// With everything that is wrong in them.
pub fn parse_rules(text: &str) -> Result<Rules, SpecError> {
    let document = format!("[model]\nrules = {text}");
    let parsed = parse(&document, "--rules", Path::new(""), Purpose::Run);
    parsed.map(|spec| spec.base.rules)
}

fn parse(
    text: &str,
    source_name: &str,
    directory: &Path,
    purpose: Purpose,
) -> Result<Spec, SpecError> {
    let mut reader = Reader::new(text);
    let document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => {
            reader.fault(
                error.span(),
                "",
                &format!("is not TOML: {}", error.message()),
            );
            return Err(reader
                .finish::<()>(source_name)
                .expect_err("a fault was noted"));
        }
    };
    let document = document.get_ref();
    let mut spec = Spec::default();
    reader.top(document, &mut spec, directory, purpose);
    // What spans several keys is checked once each of them is sound.
    if reader.faults.is_empty() {
        reader.whole(&spec);
    }
    reader.finish(source_name).map(|()| spec)
}

/// Reads tables of a document and gathers faults.
struct Reader<'a> {
    text: &'a str,
    faults: Vec<SpecFault>,
}

type Span = Option<Range<usize>>;

const TOP_KEYS: &[&str] = &[
    "seed",
    "replicates",
    "days",
    "randomness",
    "model",
    "initial",
    "axes",
    "levers",
    "uncertainties",
    "design",
    "variant",
    "output",
];
const RUN_KEYS: &[&str] = &["seed", "days", "model", "initial"];
const DESIGN_KINDS: &[&str] = &[
    "grid",
    "random",
    "latin-hypercube",
    "sobol",
    "saltelli",
    "morris",
    "file",
];

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            faults: Vec::new(),
        }
    }

    fn fault(&mut self, span: Span, key: &str, message: &str) {
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

    fn finish<T: Default>(self, source_name: &str) -> Result<T, SpecError> {
        if self.faults.is_empty() {
            return Ok(T::default());
        }
        Err(SpecError::Faults {
            source_name: source_name.to_owned(),
            faults: self.faults,
        })
    }

    fn top(&mut self, table: &DeTable, spec: &mut Spec, directory: &Path, purpose: Purpose) {
        let mut design = None;
        for (name, value) in table {
            let key = name.get_ref().as_ref();
            let span = Some(value.span());
            let item = value.get_ref();
            if purpose == Purpose::Run && TOP_KEYS.contains(&key) && !RUN_KEYS.contains(&key) {
                let message = "belongs to a sweep, not to a single run; give this file to \
                               `conviction sweep`, or take the key out";
                self.fault(Some(name.span()), key, message);
                continue;
            }
            match key {
                "seed" => spec.seed = self.whole_number(item, key, span, 0, i64::MAX as u64),
                "replicates" => {
                    spec.replicates =
                        self.whole_number(item, key, span, 1, u64::from(u32::MAX)) as u32;
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
                "initial" => self.initial(item, span, spec),
                // Read below, once the design is known.
                "axes" | "levers" | "uncertainties" => {}
                "design" => design = self.table(item, key, span),
                "variant" => self.variants(item, span, spec),
                "output" => self.output(item, span, spec),
                _ => self.unknown(key, key, Some(name.span()), TOP_KEYS),
            }
        }
        if purpose == Purpose::Sweep {
            self.factors(table, design, spec, directory);
        }
    }

    fn model(&mut self, item: &DeValue, span: Span, spec: &mut Spec) {
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
                    let in_model = |key: &Key| !key.name.contains('.') && key.name != "days";
                    if let Some(key) = self.known_key(name, &path, name_span, in_model) {
                        self.setting(key.name, &path, value, spec);
                    }
                }
            }
        }
    }

    /// `rules = { base = "corrected", over_release = "v3" }`.
    fn rules(&mut self, table: &DeTable, spec: &mut Spec) {
        // The base first, whatever its place.
        if let Some(base) = table.get("base") {
            self.setting("rules", "model.rules.base", base, spec);
        }
        spec.fixed.retain(|key| key.name != "rules");
        for (name, value) in table {
            let short = name.get_ref().as_ref();
            if short == "base" {
                continue;
            }
            let path = format!("model.rules.{short}");
            let full = format!("rules.{short}");
            let is_rule = |key: &Key| key.name.starts_with("rules.");
            if let Some(key) = self.known_key(&full, &path, Some(name.span()), is_rule) {
                self.setting(key.name, &path, value, spec);
            }
        }
        // From here on every rule counts as set.
        spec.fixed.retain(|key| !key.name.starts_with("rules."));
        spec.fixed.extend(find_key("rules"));
    }

    fn initial(&mut self, item: &DeValue, span: Span, spec: &mut Spec) {
        let Some(table) = self.table(item, "initial", span) else {
            return;
        };
        for (name, value) in table {
            let path = format!("initial.{}", name.get_ref());
            let is_initial = |key: &Key| key.name.starts_with("initial.");
            if let Some(key) = self.known_key(&path, &path, Some(name.span()), is_initial) {
                self.setting(key.name, &path, value, spec);
            }
        }
    }

    /// Puts one value into the base setting.
    fn setting(&mut self, name: &str, path: &str, value: &Spanned<DeValue>, spec: &mut Spec) {
        let key = find_key(name).expect("a known key");
        let span = Some(value.span());
        self.fix(&mut spec.fixed, key, path, span.clone());
        if let Some(value) = self.value(key, path, value.get_ref(), span) {
            key.set(&mut spec.base, value);
        }
    }

    /// Notes that a key is set, which none that says the same may be already.
    fn fix(&mut self, fixed: &mut Vec<&'static Key>, key: &'static Key, path: &str, span: Span) {
        if let Some(other) = fixed.iter().find(|other| other.overlaps(key)) {
            let message = if other.name == key.name {
                "is set twice; keep one".to_owned()
            } else {
                format!("says the same as {}; keep one of them", other.name)
            };
            self.fault(span, path, &message);
        }
        fixed.push(key);
    }

    fn variants(&mut self, item: &DeValue, span: Span, spec: &mut Spec) {
        let tables = item
            .as_array()
            .filter(|a| a.iter().all(|v| v.get_ref().is_table()));
        let Some(tables) = tables else {
            self.fault(span, "variant", "expected tables, each headed [[variant]]");
            return;
        };
        for (number, variant) in tables.iter().enumerate() {
            let table = variant.get_ref().as_table().expect("checked above");
            let mut read = Variant {
                name: String::new(),
                settings: Vec::new(),
            };
            let mut fixed = Vec::new();
            let place = format!("variant {}", number + 1);
            for (name, value) in table {
                let short = name.get_ref().as_ref();
                let span = Some(value.span());
                if short == "name" {
                    match value.get_ref().as_str() {
                        Some(text) if !text.is_empty() => read.name = text.to_owned(),
                        _ => self.fault(span, &place, "name: expected a text"),
                    }
                    continue;
                }
                self.variant_settings(&place, short, name.span(), value, &mut read, &mut fixed);
            }
            if read.name.is_empty() {
                self.fault(Some(variant.span()), &place, "needs a name");
            } else if spec.variants.iter().any(|other| other.name == read.name) {
                let message = format!("the name \"{}\" is taken; choose another", read.name);
                self.fault(Some(variant.span()), &place, &message);
            }
            spec.variants.push(read);
        }
    }

    /// A setting of a variant: `beta = 0.3`, `"initial.funds" = 100` or `initial.funds = 100`.
    fn variant_settings(
        &mut self,
        place: &str,
        name: &str,
        name_span: Range<usize>,
        value: &Spanned<DeValue>,
        variant: &mut Variant,
        fixed: &mut Vec<&'static Key>,
    ) {
        if let DeValue::Table(inner) = value.get_ref() {
            for (tail, value) in inner {
                let full = format!("{name}.{}", tail.get_ref());
                self.variant_settings(place, &full, tail.span(), value, variant, fixed);
            }
            return;
        }
        let path = format!("{place}, {name}");
        let not_days = |key: &Key| key.name != "days";
        if let Some(key) = self.known_key(name, &path, Some(name_span), not_days) {
            let span = Some(value.span());
            if let Some(value) = self.value(key, &path, value.get_ref(), span.clone()) {
                self.fix(fixed, key, &path, span);
                variant.settings.push((key, value));
            }
        }
    }

    fn output(&mut self, item: &DeValue, span: Span, spec: &mut Spec) {
        let Some(table) = self.table(item, "output", span) else {
            return;
        };
        const TABLES: &[&str] = &["runs", "days", "proposals"];
        for (name, value) in table {
            let span = Some(value.span());
            match name.get_ref().as_ref() {
                "tables" => {
                    let Some(names) = value.get_ref().as_array() else {
                        self.fault(
                            span,
                            "output.tables",
                            "expected a list, such as [\"runs\", \"days\"]",
                        );
                        continue;
                    };
                    for name in names {
                        match self.name(name.get_ref(), "output.tables", Some(name.span()), TABLES)
                        {
                            Some(1) => spec.output.days = true,
                            Some(2) => spec.output.proposals = true,
                            _ => {}
                        }
                    }
                }
                "every" => {
                    spec.output.every =
                        self.whole_number(value.get_ref(), "output.every", span, 1, 36_500) as u32;
                }
                other => {
                    let path = format!("output.{other}");
                    self.unknown(&path, other, Some(name.span()), &["tables", "every"]);
                }
            }
        }
    }

    /// Axes, or levers and uncertainties, each with its design.
    fn factors(
        &mut self,
        document: &DeTable,
        design: Option<&DeTable>,
        spec: &mut Spec,
        directory: &Path,
    ) {
        let split = document.contains_key("levers") || document.contains_key("uncertainties");
        if let (true, Some(axes)) = (split, document.get("axes")) {
            let message = "stands beside levers or uncertainties; move its axes into those";
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
            let Some((axes, design)) = self.design(role, own, axes, directory) else {
                continue;
            };
            // Those that a file brought.
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
                    let message = "with levers and uncertainties, each has a design of its own: \
                                   [design.levers], [design.uncertainties]";
                    self.fault(Some(name.span()), &path, message);
                }
            }
        }
    }

    /// An axis must not repeat what is fixed, what a variant sets, or another axis.
    fn free_axis(&mut self, key: &'static Key, path: &str, taken: &[&'static Key], spec: &Spec) {
        if let Some(other) = taken.iter().find(|other| other.overlaps(key)) {
            self.fault(
                None,
                path,
                &format!("says the same as axis {}; keep one", other.name),
            );
        }
        if let Some(fixed) = spec.fixed.iter().find(|fixed| fixed.overlaps(key)) {
            let message = format!(
                "repeats {}, which is fixed; take one of them out",
                fixed.name
            );
            self.fault(None, path, &message);
        }
        for variant in &spec.variants {
            if variant.settings.iter().any(|(set, _)| set.overlaps(key)) {
                let message = format!(
                    "is set by variant \"{}\"; take one of them out",
                    variant.name
                );
                self.fault(None, path, &message);
            }
        }
    }

    fn axes(&mut self, role: Role, item: &DeValue, span: Span) -> Vec<Axis> {
        let Some(table) = self.table(item, role.table(), span) else {
            return Vec::new();
        };
        let mut axes = Vec::new();
        for (name, value) in table {
            let name_span = Some(name.span());
            let name = name.get_ref().as_ref();
            let path = format!("{}.{name}", role.table());
            let short = name.strip_prefix("model.").unwrap_or(name);
            match (value.get_ref(), short) {
                // `initial.funds = [...]` without quotes nests.
                (DeValue::Table(inner), "initial" | "rules" | "model")
                    if !inner.contains_key("from") =>
                {
                    for (tail, value) in inner {
                        let full = match short {
                            "model" => tail.get_ref().to_string(),
                            _ => format!("{short}.{}", tail.get_ref()),
                        };
                        let path = format!("{path}.{}", tail.get_ref());
                        if let Some(key) = self.known_key(&full, &path, Some(tail.span()), |_| true)
                        {
                            axes.extend(self.axis(key, &path, value));
                        }
                    }
                }
                _ => {
                    if let Some(key) = self.known_key(short, &path, name_span, |_| true) {
                        axes.extend(self.axis(key, &path, value));
                    }
                }
            }
        }
        axes
    }

    fn axis(&mut self, key: &'static Key, path: &str, value: &Spanned<DeValue>) -> Option<Axis> {
        let span = Some(value.span());
        let levels = match value.get_ref() {
            DeValue::Array(items) => {
                let mut values: Vec<Value> = Vec::new();
                for item in items {
                    let span = Some(item.span());
                    let value = self.value(key, path, item.get_ref(), span.clone())?;
                    if values.contains(&value) {
                        self.fault(span, path, &format!("holds {value} twice; keep one"));
                    }
                    values.push(value);
                }
                if values.is_empty() {
                    self.fault(
                        span,
                        path,
                        "is empty; give it a value at least, or take it out",
                    );
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

    fn range(
        &mut self,
        key: &'static Key,
        path: &str,
        table: &DeTable,
        span: Span,
    ) -> Option<Levels> {
        const FIELDS: &[&str] = &["from", "to", "steps", "scale"];
        let (mut ends, mut steps, mut log) = ([None; 2], None, false);
        let faults = self.faults.len();
        if matches!(key.domain, Domain::Names(_)) {
            let message = format!("has no range; list its values: {}", key.domain);
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
        if self.faults.len() > faults {
            return None;
        }
        let [Some(low), Some(high)] = ends else {
            self.fault(span, path, "needs both from and to");
            return None;
        };
        if low >= high {
            let message =
                format!("from = {low} is not below to = {high}; swap them, or list one value");
            self.fault(span, path, &message);
            return None;
        }
        if log && low <= 0.0 {
            let message = format!("scale = \"log\" needs from above 0, found {low}");
            self.fault(span, path, &message);
            return None;
        }
        if let (Domain::Count { .. }, Some(steps)) = (key.domain, steps)
            && f64::from(steps) > high - low + 1.0
        {
            let message =
                format!("steps = {steps} is more than the whole numbers from {low} to {high}");
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

    /// The design of a factor, with its axes, which a file design brings itself.
    fn design(
        &mut self,
        role: Role,
        table: Option<&DeTable>,
        axes: Vec<Axis>,
        directory: &Path,
    ) -> Option<(Vec<Axis>, Design)> {
        let path = match role {
            Role::Axis => "design".to_owned(),
            _ => format!("design.{}", role.table()),
        };
        let kind = match table.and_then(|table| table.get("kind")) {
            Some(kind) => {
                let key = format!("{path}.kind");
                let place = self.name(kind.get_ref(), &key, Some(kind.span()), DESIGN_KINDS)?;
                DESIGN_KINDS[place]
            }
            None => "grid",
        };
        let fields: &[&str] = match kind {
            "grid" => &["kind"],
            "saltelli" => &["kind", "points", "second_order"],
            "morris" => &["kind", "trajectories", "levels"],
            "file" => &["kind", "path"],
            _ => &["kind", "points"],
        };
        let faults = self.faults.len();
        for (name, _) in table.into_iter().flatten() {
            let field = name.get_ref().as_ref();
            if !fields.contains(&field) {
                let inner = format!("{path}.{field}");
                self.unknown(&inner, field, Some(name.span()), fields);
            }
        }
        let mut number = |field: &str, default: Option<u64>, low: u64, high: u64| {
            let inner = format!("{path}.{field}");
            match table.and_then(|table| table.get(field)) {
                Some(value) => {
                    self.whole_number(value.get_ref(), &inner, Some(value.span()), low, high) as u32
                }
                None => {
                    if default.is_none() {
                        let message = format!("is missing; a {kind} design needs it");
                        self.fault(None, &inner, &message);
                    }
                    default.unwrap_or(low) as u32
                }
            }
        };
        const MOST: u64 = 10_000_000;
        let design = match kind {
            "grid" => Design::Grid,
            "random" => Design::Random {
                points: number("points", None, 1, MOST),
            },
            "latin-hypercube" => Design::LatinHypercube {
                points: number("points", None, 1, MOST),
            },
            "sobol" => Design::Sobol {
                points: number("points", None, 1, MOST),
            },
            "saltelli" => Design::Saltelli {
                points: number("points", None, 1, MOST),
                second_order: match table.and_then(|table| table.get("second_order")) {
                    Some(value) => value.get_ref().as_bool().unwrap_or_else(|| {
                        let inner = format!("{path}.second_order");
                        self.fault(Some(value.span()), &inner, "expected true or false");
                        true
                    }),
                    None => true,
                },
            },
            "morris" => Design::Morris {
                trajectories: number("trajectories", None, 1, MOST),
                levels: number("levels", Some(4), 2, 1000),
            },
            _ => return self.file_design(&path, table, axes, directory),
        };
        match &design {
            Design::Saltelli { points, .. } if !points.is_power_of_two() => {
                let message = format!(
                    "{points} is not a power of two, so that the indices would be biased; try {}",
                    points.next_power_of_two()
                );
                self.fault(None, &format!("{path}.points"), &message);
            }
            Design::Morris { levels, .. } if levels % 2 == 1 => {
                let message =
                    format!("{levels} is odd; trajectories need an even number, such as 4");
                self.fault(None, &format!("{path}.levels"), &message);
            }
            Design::Sobol { .. } | Design::Saltelli { .. }
                if 2 * axes.len() > MOST_SOBOL_DIMENSIONS =>
            {
                self.fault(
                    None,
                    &path,
                    "has more axes than the Sobol sequence has dimensions",
                );
            }
            Design::Grid => {
                for axis in axes.iter().filter(|axis| axis.grid().is_none()) {
                    let inner = format!("{}.{}", role.table(), axis.key.name);
                    let message = "needs steps on a grid: { from = …, to = …, steps = … }";
                    self.fault(None, &inner, message);
                }
            }
            _ => {}
        }
        if axes.is_empty() && design != Design::Grid {
            let message = format!("a {kind} design needs [{}] to vary", role.table());
            self.fault(None, &path, &message);
        }
        (self.faults.len() == faults).then_some((axes, design))
    }

    fn file_design(
        &mut self,
        path: &str,
        table: Option<&DeTable>,
        axes: Vec<Axis>,
        directory: &Path,
    ) -> Option<(Vec<Axis>, Design)> {
        let inner = format!("{path}.path");
        let Some(value) = table.and_then(|table| table.get("path")) else {
            self.fault(
                None,
                &inner,
                "is missing; a file design needs a CSV or Parquet file of points",
            );
            return None;
        };
        let span = Some(value.span());
        let Some(name) = value.get_ref().as_str() else {
            self.fault(span, &inner, "expected a text");
            return None;
        };
        if !axes.is_empty() {
            self.fault(
                span,
                path,
                "a file design brings its axes with it; take the table of axes out",
            );
            return None;
        }
        let file = directory.join(name);
        let points = match read_points(&file) {
            Ok(points) => points,
            Err(error) => {
                self.fault(span, &inner, &crate::error::chain(&error));
                return None;
            }
        };
        let faults = self.faults.len();
        let keys: Vec<_> = points
            .columns
            .iter()
            .map(|column| {
                let place = format!("{}, column {column}", file.display());
                self.known_key(column, &place, None, |_| true)
            })
            .collect();
        let mut rows = Vec::with_capacity(points.rows.len());
        for (number, row) in points.rows.iter().enumerate() {
            let mut values = Vec::with_capacity(row.len());
            for (key, cell) in keys.iter().zip(row) {
                let Some(key) = key else { continue };
                let value = match cell {
                    RawValue::Number(number) => key.number(*number),
                    RawValue::Word(word) => key.word(word),
                };
                match value {
                    Some(value) => values.push(value),
                    None if self.faults.len() < faults + 10 => {
                        let place = format!(
                            "{}, row {}, column {}",
                            file.display(),
                            number + 1,
                            key.name
                        );
                        self.fault(
                            None,
                            &place,
                            &format!("found {cell}, expected {}", key.domain),
                        );
                    }
                    None => {}
                }
            }
            rows.push(values);
        }
        if rows.is_empty() {
            self.fault(span, &inner, "holds no points; give it a row at least");
        }
        if self.faults.len() > faults {
            return None;
        }
        let axes = keys
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(place, key)| {
                let mut values: Vec<Value> = Vec::new();
                for row in rows.iter().take(1000) {
                    if !values.contains(&row[place]) {
                        values.push(row[place]);
                    }
                }
                Axis {
                    key,
                    levels: Levels::List(values),
                }
            })
            .collect();
        let design = Design::File {
            path: PathBuf::from(name),
            sha256: points.sha256,
            rows,
        };
        Some((axes, design))
    }

    /// What spans several keys.
    fn whole(&mut self, spec: &Spec) {
        // Axes and variants may mend or break a base setting: the plan checks each point.
        if spec.factors.is_empty()
            && spec.variants.is_empty()
            && let Some(fault) = spec.base.fault()
        {
            self.fault(None, fault.key, &fault.message);
        }
    }

    fn table<'t, 'i>(
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
    fn known_key(
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

    fn unknown(&mut self, path: &str, name: &str, span: Span, known: &[&str]) {
        // A setting at the wrong place is told its right one.
        let message = match (find_key(name), nearest_key(name, known.iter().copied())) {
            (Some(key), _) => format!("does not belong here; {} stands {}", key.name, home(key)),
            (None, Some(near)) => format!("unknown key; did you mean {near}?"),
            (None, None) => format!("unknown key; expected one of {}", known.join(", ")),
        };
        self.fault(span, path, &message);
    }

    fn value(&mut self, key: &Key, path: &str, item: &DeValue, span: Span) -> Option<Value> {
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

    fn word(&mut self, key: &Key, path: &str, word: &str, span: Span) -> Option<Value> {
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
    fn whole_number(&mut self, item: &DeValue, path: &str, span: Span, low: u64, high: u64) -> u64 {
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
    fn name(&mut self, item: &DeValue, path: &str, span: Span, names: &[&str]) -> Option<usize> {
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
        _ => "under [model]",
    }
}

fn as_number(value: Value) -> f64 {
    match value {
        Value::Real(v) => v,
        Value::Count(v) => v as f64,
        Value::Name(_) => unreachable!("ranges are of numbers"),
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
