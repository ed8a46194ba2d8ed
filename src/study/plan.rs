//! The runs that a spec makes: run number ↔ point and replicate, parts, columns.

use super::cost::{Cost, Expected};
use super::parts::Parts;
use super::spec::{Factor, Randomness, Spec};
use crate::engine::{Domain, Fault, Key, Setting, Use, Value};
use crate::output::{Column, Kind, Metadata, metadata};
use std::ops::Range;

/// A spec resolved to runs. Run r is replicate r mod replicates of point r / replicates; points go
/// through the variants, then the first factor's points, the last factor's fastest.
pub struct Plan {
    /// The spec.
    pub spec: Spec,
    /// For each factor, its points.
    factors: Vec<Vec<Vec<Value>>>,
    /// Keys that some points use and others do not: these others count as leaving them out.
    partly_used: Vec<Use>,
    /// How many points there are.
    pub points: u32,
    /// How many runs there are.
    pub runs: u64,
    /// The parts that the runs are cut into; they depend on the spec alone.
    pub parts: Parts,
    /// What all runs are expected to take.
    pub expected: Expected,
    /// What can be simulated but is hardly meant.
    pub warnings: Vec<String>,
}

/// Why a spec makes no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// More than can be counted or kept.
    #[error("the design makes {points} points, more than {most}; take fewer steps or axes")]
    TooManyPoints {
        /// How many.
        points: u64,
        /// How many there may be.
        most: u32,
    },
    /// Values of some points exclude each other.
    #[error("point {point} ({values}): {key} {message}{}", and_others(*others))]
    Point {
        /// The first such point.
        point: u32,
        /// Its values of what is varied.
        values: String,
        /// The key to change.
        key: &'static str,
        /// What is wrong.
        message: String,
        /// How many more such points there are.
        others: u64,
    },
}

fn and_others(count: u64) -> String {
    match count {
        0 => String::new(),
        1 => "; and so in one more point".to_owned(),
        _ => format!("; and so in {count} more points"),
    }
}

/// Most points of a sweep.
pub const MOST_POINTS: u32 = 10_000_000;

impl Plan {
    /// Resolves a spec.
    ///
    /// # Errors
    /// When there are too many points, or values of some point exclude each other.
    pub fn new(spec: Spec) -> Result<Self, PlanError> {
        let variants = spec.variants.len().max(1) as u64;
        let count = |factor: &Factor| factor.design.count(&factor.axes);
        let points = spec
            .factors
            .iter()
            .map(count)
            .fold(variants, u64::saturating_mul);
        if points > u64::from(MOST_POINTS) {
            return Err(PlanError::TooManyPoints {
                points,
                most: MOST_POINTS,
            });
        }
        let factors = (0..)
            .zip(&spec.factors)
            .map(|(salt, factor)| factor.design.points(&factor.axes, spec.seed, salt))
            .collect();
        let mut plan = Self {
            factors,
            partly_used: Vec::new(),
            points: points as u32,
            runs: points * u64::from(spec.replicates),
            parts: Parts::default(),
            expected: Expected::default(),
            warnings: Vec::new(),
            spec,
        };
        plan.partly_used = plan.find_partly_used();
        plan.check_points()?;
        let cost = Cost::new(&plan);
        let points = (0..plan.points).map(|point| (point, plan.setting(point)));
        let replicates = plan.spec.replicates;
        (plan.parts, plan.expected) = cost.of_all(points, replicates);
        Ok(plan)
    }

    /// Finds the keys that some points use and others do not.
    fn find_partly_used(&self) -> Vec<Use> {
        let keys = self.spec.model.keys();
        let partly = |of: &&Use| {
            let mut used = (0..self.points).map(|point| (of.is_used)(&self.setting(point)));
            let first = used.next();
            used.any(|used| Some(used) != first)
        };
        keys.uses().iter().filter(partly).copied().collect()
    }

    /// Checks every point.
    fn check_points(&mut self) -> Result<(), PlanError> {
        let (mut hopeless, mut example) = (0u64, None);
        let mut first = None;
        let mut faulty = 0u64;
        for point in 0..self.points {
            let setting = self.setting(point);
            if let Some(fault) = setting.fault() {
                faulty += 1;
                first.get_or_insert((point, fault));
            }
            if let Some(warning) = setting.warning() {
                hopeless += 1;
                example.get_or_insert((point, warning));
            }
        }
        if let Some((point, fault)) = first {
            return Err(PlanError::Point {
                point,
                values: self.concerned(point, &fault),
                key: fault.key,
                message: fault.message,
                others: faulty - 1,
            });
        }
        if let Some((point, warning)) = example {
            self.warnings.push(format!(
                "at {hopeless} of {} points nothing can pass; at point {point} ({}) {warning}",
                self.points,
                self.describe(point)
            ));
        }
        Ok(())
    }

    /// The runs of a part.
    pub fn part_runs(&self, part: u64) -> Range<u64> {
        self.parts.runs(part)
    }

    /// The spec with every default filled in, as TOML: equal texts mean equal sweeps.
    pub fn spec_text(&self) -> String {
        self.spec.text()
    }

    /// What every file of the sweep says of itself.
    pub fn metadata(&self) -> Metadata {
        let seed = self.spec.seed.to_string();
        metadata(&[("seed", seed), ("spec", self.spec_text())])
    }

    /// Point and replicate of a run.
    pub fn place(&self, run: u64) -> (u32, u32) {
        let replicates = u64::from(self.spec.replicates);
        ((run / replicates) as u32, (run % replicates) as u32)
    }

    /// The random world that a run meets.
    pub fn world(&self, run: u64) -> u64 {
        world(self.spec.randomness, run, self.place(run).1)
    }

    /// The variant of a point, if there are variants.
    pub fn variant(&self, point: u32) -> Option<&str> {
        let variant = self.spec.variants.get(self.variant_place(point));
        variant.map(|variant| variant.name.as_str())
    }

    /// Which of the variants a point has, if there are any.
    fn variant_place(&self, point: u32) -> usize {
        let factors = self.factors.iter();
        let others: u32 = factors.map(|points| points.len() as u32).product();
        (point / others.max(1)) as usize
    }

    /// What is varied, with its values at a point, in the axes' order.
    pub fn values(&self, point: u32) -> impl Iterator<Item = (&'static Key, Value)> {
        let mut rest = point as usize;
        let mut rows = Vec::with_capacity(self.factors.len());
        for points in self.factors.iter().rev() {
            rows.push(&points[rest % points.len()]);
            rest /= points.len();
        }
        let axes = self.spec.factors.iter().map(|factor| &factor.axes);
        axes.zip(rows.into_iter().rev())
            .flat_map(|(axes, row)| axes.iter().zip(row).map(|(axis, &value)| (axis.key, value)))
    }

    /// The complete setting of a point.
    pub fn setting(&self, point: u32) -> Setting {
        let mut setting = self.spec.base.clone();
        self.put_setting(point, &mut setting);
        setting
    }

    /// Makes a setting that of a point, allocating nothing.
    pub fn put_setting(&self, point: u32, setting: &mut Setting) {
        setting.copy_from(&self.spec.base);
        if let Some(variant) = self.spec.variants.get(self.variant_place(point)) {
            for (key, value) in &variant.settings {
                setting.put(key, *value);
            }
        }
        for (key, value) in self.values(point) {
            setting.put(key, value);
        }
        for of in &self.partly_used {
            if !(of.is_used)(setting) {
                setting.leave_out(of.key);
            }
        }
    }

    /// A point in words: `beta = 0.2, rho = 0.001`; the first of many values.
    pub fn describe(&self, point: u32) -> String {
        self.in_words(point, |_| true)
    }

    /// The values of a point that a fault is about: those that it names, and those without which it is gone.
    fn concerned(&self, point: u32, fault: &Fault) -> String {
        let names = |key: &Key| {
            let mut words = fault
                .message
                .split(|c: char| !(c.is_alphanumeric() || "._".contains(c)));
            fault.key == key.name || words.any(|word| word.trim_end_matches('.') == key.name)
        };
        let mends = |key: &Key| {
            let mut setting = self.setting(point);
            setting.put(key, self.spec.base.value(key));
            setting.fault().as_ref() != Some(fault)
        };
        let concerned = self.in_words(point, |key| names(key) || mends(key));
        match concerned.is_empty() {
            true => self.describe(point),
            false => concerned,
        }
    }

    /// The variant and the values of a point, of those keys that are wanted; the first of many.
    fn in_words(&self, point: u32, wanted: impl Fn(&Key) -> bool) -> String {
        const MOST: usize = 6;
        let variant = self.variant(point).map(|name| format!("variant {name}"));
        let values = self.values(point).filter(|(key, _)| wanted(key));
        let mut parts: Vec<_> = variant.into_iter().collect();
        parts.extend(values.map(|(key, value)| format!("{} = {value}", key.name)));
        if parts.len() > MOST + 1 {
            let more = parts.len() - MOST;
            parts.truncate(MOST);
            parts.push(format!("and {more} more"));
        }
        match parts.is_empty() && self.spec.factors.is_empty() {
            true => "the only one".to_owned(),
            false => parts.join(", "),
        }
    }

    /// The columns that say which point a row is about: the variant, then the axes. Their role is
    /// part of their meaning.
    pub fn point_columns(&self) -> Vec<Column> {
        let variant = (!self.spec.variants.is_empty()).then(|| Column {
            name: "variant".to_owned(),
            kind: Kind::Text,
            nullable: false,
            unit: String::new(),
            meaning: "name of the variant".to_owned(),
            role: Some("variant"),
        });
        let axes = self.spec.factors.iter().flat_map(|factor| {
            factor
                .axes
                .iter()
                .map(|axis| setting_column(axis.key, Some(factor.role.name())))
        });
        variant.into_iter().chain(axes).collect()
    }
}

/// The random world that a run meets: the replicate's, or one of the run's own. The two are told
/// apart by the highest bit.
pub fn world(randomness: Randomness, run: u64, replicate: u32) -> u64 {
    match randomness {
        Randomness::Common => u64::from(replicate),
        Randomness::Independent => 1 << 63 | run,
    }
}

/// The column that holds a setting.
pub fn setting_column(key: &Key, role: Option<&'static str>) -> Column {
    Column {
        name: key.name.to_owned(),
        kind: match key.domain {
            Domain::Real { .. } => Kind::F64,
            Domain::Count { .. } => Kind::U64,
            Domain::Names(_) | Domain::List { .. } => Kind::Text,
        },
        nullable: false,
        unit: key.unit.to_owned(),
        meaning: key.meaning.to_owned(),
        role,
    }
}
