//! Resolves a spec to runs: points, replicates, parts and columns.

use super::condition::{Cell, Condition};
use super::cost::{Cost, Expected};
use super::design::Rows;
use super::parts::Parts;
use super::spec::{Factor, Randomness, Spec};
use super::warnings::Warnings;
use super::world::World;
use crate::engine::{Fault, Key, Setting, Use, Value};
use crate::output::{Metadata, metadata};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Spec resolved to runs. Run r is replicate r mod replicates of point r / replicates. Points go through the
/// variants, then the first factor's points, with the last factor's fastest.
pub struct Plan {
    /// Spec.
    pub spec: Spec,
    /// Keys that some points use and others do not: the others are treated as if they omitted them.
    partly_used: Vec<Use>,
    /// Points of each factor.
    factors: Vec<Rows>,
    /// Combinations of variants and factors' points that keep the constraints; `None` without constraints.
    kept: Option<Vec<u32>>,
    /// Number of points.
    pub points: u32,
    /// Number of runs.
    pub runs: u64,
    /// Parts of the runs, which depend on the spec alone.
    pub parts: Parts,
    /// Expected cost of all runs.
    pub expected: Expected,
    /// Implausible settings that can still be simulated.
    pub warnings: Vec<String>,
}

/// Reasons why a spec makes no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The design makes too many points.
    #[error("the design makes {points} points, more than {most}; take fewer steps or axes")]
    TooManyPoints {
        /// Number of points.
        points: u64,
        /// Greatest number of points.
        most: u32,
    },
    /// No point keeps the constraints.
    #[error("constraints: none of {points} points keeps them; loosen them, or widen the axes")]
    NoPoints {
        /// Number of points without the constraints.
        points: u64,
    },
    /// Values of some points exclude each other.
    #[error("{}", lines(faults))]
    Points {
        /// Faults, one for each check that fails at some point.
        faults: Vec<PointFault>,
    },
}

/// Fault of points whose values exclude each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("point {point} ({values}): {fault}{}", and_others(*others))]
pub struct PointFault {
    /// First such point.
    pub point: u32,
    /// Its values of the varied settings.
    pub values: String,
    /// Key to change, and the problem.
    pub fault: Fault,
    /// Number of further such points.
    pub others: u32,
}

fn lines(faults: &[PointFault]) -> String {
    let lines: Vec<_> = faults.iter().map(PointFault::to_string).collect();
    lines.join("\n")
}

fn and_others(count: u32) -> String {
    match count {
        0 => String::new(),
        1 => "; and so in one more point".to_owned(),
        _ => format!("; and so in {count} more points"),
    }
}

/// Greatest number of points of a sweep.
pub const MOST_POINTS: u32 = 10_000_000;

impl Plan {
    /// Resolves a spec.
    ///
    /// # Errors
    /// When there are too many points, or values of some point exclude each other.
    pub fn new(spec: Spec) -> Result<Self, PlanError> {
        let planned = Self::interruptible(spec, &AtomicBool::new(false))?;
        Ok(planned.expect("nothing asks it to stop"))
    }

    /// Resolves a spec, which takes seconds for millions of points. Returns `None` if `stop` is set before the end.
    ///
    /// # Errors
    /// When [`Plan::new`] fails.
    pub fn interruptible(spec: Spec, stop: &AtomicBool) -> Result<Option<Self>, PlanError> {
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
            .map(|(salt, factor)| factor.design.points(&factor.axes, spec.seed, salt, stop))
            .collect();
        let is_stopped = || stop.load(Ordering::Relaxed);
        if is_stopped() {
            return Ok(None);
        }
        let mut plan = Self {
            factors,
            partly_used: Vec::new(),
            kept: None,
            points: points as u32,
            runs: points * u64::from(spec.replicates),
            parts: Parts::default(),
            expected: Expected::default(),
            warnings: Vec::new(),
            spec,
        };
        plan.keep_constraints(stop)?;
        plan.partly_used = plan.find_partly_used(stop);
        plan.check_points(stop)?;
        let cost = Cost::new(&plan.spec);
        let points = (0..plan.points).take_while(|_| !is_stopped());
        let points = points.map(|point| (point, plan.setting(point)));
        let replicates = plan.spec.replicates;
        (plan.parts, plan.expected) = cost.of_all(points, replicates);
        Ok((!is_stopped()).then_some(plan))
    }

    /// Finds the keys that some points use and others do not.
    fn find_partly_used(&self, stop: &AtomicBool) -> Vec<Use> {
        let keys = self.spec.model.keys();
        let partly = |of: &&Use| {
            let mut used = (0..self.points)
                .take_while(|_| !stop.load(Ordering::Relaxed))
                .map(|point| (of.is_used)(&self.setting(point)));
            let first = used.next();
            used.any(|used| Some(used) != first)
        };
        keys.uses().iter().filter(partly).copied().collect()
    }

    /// Removes the points that violate the constraints, until `stop` is set.
    fn keep_constraints(&mut self, stop: &AtomicBool) -> Result<(), PlanError> {
        if self.spec.constraints.is_empty() {
            return Ok(());
        }
        let keys = self.spec.model.keys();
        let constraints: Vec<(&Condition, Vec<&'static Key>)> = (self.spec.constraints.iter())
            .map(|of| {
                (
                    of,
                    of.names()
                        .iter()
                        .filter_map(|name| keys.find(name))
                        .collect(),
                )
            })
            .collect();
        let mut setting = self.spec.base.clone();
        let mut keeps = |point: &u32| {
            self.put_setting(*point, &mut setting);
            constraints.iter().all(|(constraint, keys)| {
                // Constraints see varied values as requested: a half-life, not the alpha that rounds it.
                let value = |key: &&'static Key| {
                    let varied = self.values(*point).find(|(axis, _)| axis.name == key.name);
                    varied.map_or_else(|| setting.value(key), |(_, value)| value)
                };
                let cells: Vec<Cell> = keys.iter().map(value).map(cell).collect();
                constraint.holds(&cells)
            })
        };
        let is_going_on = |_: &u32| !stop.load(Ordering::Relaxed);
        let points = (0..self.points).take_while(is_going_on);
        let kept: Vec<u32> = points.filter(&mut keeps).collect();
        if stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        let all = self.points;
        if kept.is_empty() {
            return Err(PlanError::NoPoints {
                points: u64::from(all),
            });
        }
        self.points = kept.len() as u32;
        self.runs = u64::from(self.points) * u64::from(self.spec.replicates);
        let out = all - self.points;
        if out > 0 {
            self.warnings
                .push(format!("constraints leave out {out} of {all} points"));
        }
        self.kept = Some(kept);
        Ok(())
    }

    /// Returns the combination of a variant and factors' points at a point.
    fn combination(&self, point: u32) -> u32 {
        match &self.kept {
            Some(kept) => kept[point as usize],
            None => point,
        }
    }

    /// Checks every point, until `stop` is set.
    fn check_points(&mut self, stop: &AtomicBool) -> Result<(), PlanError> {
        let mut warnings = Warnings::default();
        // By number of the check: the first point at which it fails, the fault, and the number of further points.
        let mut faults: BTreeMap<usize, (u32, Fault, u32)> = BTreeMap::new();
        let mut setting = self.spec.base.clone();
        for point in (0..self.points).take_while(|_| !stop.load(Ordering::Relaxed)) {
            self.put_setting(point, &mut setting);
            for (check, fault) in setting.faults() {
                faults
                    .entry(check)
                    .and_modify(|(_, _, others)| *others += 1)
                    .or_insert((point, fault, 0));
            }
            warnings.look(point, &setting);
        }
        if !faults.is_empty() {
            let faults = faults
                .into_values()
                .map(|(point, fault, others)| PointFault {
                    point,
                    values: self.concerned(point, &fault),
                    fault,
                    others,
                });
            return Err(PlanError::Points {
                faults: faults.collect(),
            });
        }
        let describe = |point| self.describe(point);
        let told = warnings.told(&self.spec, self.points, describe);
        self.warnings.extend(told);
        Ok(())
    }

    /// Returns the runs of a part.
    pub fn part_runs(&self, part: u64) -> Range<u64> {
        self.parts.runs(part)
    }

    /// Cuts the runs of a part into pieces of about equal length, by the spec alone. Several threads may simulate the
    /// pieces of one part, so that all have work when few parts are left.
    pub fn pieces(&self, part: u64) -> Vec<Range<u64>> {
        /// Most pieces of a part …
        const MOST: u64 = 16;
        /// … and least expected nanoseconds of a piece.
        const LEAST_NANOSECONDS: f64 = 20e6;
        /// Number of runs simulated in lockstep.
        const LOCKSTEP: u64 = 16;
        let runs = self.part_runs(part);
        let each = self.expected.nanoseconds / self.runs as f64;
        let least = (LEAST_NANOSECONDS / each).ceil() as u64;
        let mut length = least.max((runs.end - runs.start).div_ceil(MOST)).max(1);
        if length > LOCKSTEP {
            length = length.next_multiple_of(LOCKSTEP);
        }
        let firsts = runs
            .clone()
            .step_by(usize::try_from(length).unwrap_or(usize::MAX));
        firsts
            .map(|first| first..runs.end.min(first.saturating_add(length)))
            .collect()
    }

    /// Returns how many threads have work at once, up to `most`.
    pub fn workers(&self, most: usize) -> usize {
        let mut pieces = 0;
        for part in 0..self.parts.count {
            if pieces >= most {
                break;
            }
            pieces += self.pieces(part).len();
        }
        pieces.min(most)
    }

    /// Returns the spec as TOML with every default filled in: equal texts mean equal sweeps.
    pub fn spec_text(&self) -> String {
        self.spec.text()
    }

    /// Returns the metadata of every file of the sweep.
    pub fn metadata(&self) -> Metadata {
        let seed = self.spec.seed.to_string();
        metadata(&[("seed", seed), ("spec", self.spec_text())])
    }

    /// Returns the point and replicate of a run.
    pub fn place(&self, run: u64) -> (u32, u32) {
        let replicates = u64::from(self.spec.replicates);
        ((run / replicates) as u32, (run % replicates) as u32)
    }

    /// Returns the random world of a run.
    pub fn world(&self, run: u64) -> u64 {
        world(self.spec.randomness, run, self.place(run).1).0
    }

    /// Returns the variant of a point; `None` without variants.
    pub fn variant(&self, point: u32) -> Option<&str> {
        let variant = self.spec.variants.get(self.variant_place(point));
        variant.map(|variant| variant.name.as_str())
    }

    /// Returns the place of a point's variant among the variants.
    fn variant_place(&self, point: u32) -> usize {
        let factors = self.factors.iter();
        let others: u32 = factors.map(|points| points.len() as u32).product();
        (self.combination(point) / others.max(1)) as usize
    }

    /// Returns the varied keys with their values at a point, in the order of the axes.
    pub fn values(&self, point: u32) -> impl Iterator<Item = (&'static Key, Value)> {
        let mut rest = self.combination(point) as usize;
        let mut rows = Vec::with_capacity(self.factors.len());
        for points in self.factors.iter().rev() {
            rows.push(points.row(rest % points.len()));
            rest /= points.len();
        }
        let axes = self.spec.factors.iter().map(|factor| &factor.axes);
        axes.zip(rows.into_iter().rev())
            .flat_map(|(axes, row)| axes.iter().zip(row).map(|(axis, &value)| (axis.key, value)))
    }

    /// Returns the complete setting of a point.
    pub fn setting(&self, point: u32) -> Setting {
        let mut setting = self.spec.base.clone();
        self.put_setting(point, &mut setting);
        setting
    }

    /// Sets `setting` to that of a point, without allocating.
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

    /// Describes a point, as in `beta = 0.2, rho = 0.001`; lists only the first of many values.
    pub fn describe(&self, point: u32) -> String {
        self.in_words(point, |_| true)
    }

    /// Describes the values of a point that a fault concerns: those that it names, and those whose base value removes
    /// it.
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
            !setting.faults().iter().any(|(_, other)| other == fault)
        };
        let concerned = self.in_words(point, |key| names(key) || mends(key));
        match concerned.is_empty() {
            true => self.describe(point),
            false => concerned,
        }
    }

    /// Describes the variant and the wanted values of a point; lists only the first of many.
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
}

/// Returns a value in the form that conditions compare.
fn cell(value: Value) -> Cell<'static> {
    match value {
        Value::Real(number) => Cell::Number(number),
        Value::Count(number) => Cell::Number(number as f64),
        Value::Name(name) => Cell::Word(name),
        Value::List(_) | Value::Document(_) => Cell::Number(f64::NAN),
    }
}

/// Returns the random world of a run.
pub fn world(randomness: Randomness, run: u64, replicate: u32) -> World {
    match randomness {
        Randomness::Common => World::of_replicate(replicate),
        Randomness::Independent => World::of_run(run),
    }
}
