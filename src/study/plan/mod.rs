//! Resolves a spec to runs: points, replicates and parts.

mod checks;

pub use checks::{PlanError, PointFault};

use super::cost::{Cost, Expected};
use super::design::Rows;
use super::parts::Parts;
use super::spec::{Factor, Randomness, Spec};
use super::world::World;
use crate::engine::{Key, Setting, Use, Value};
use crate::output::{Metadata, metadata};
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

    /// Returns the combination of a variant and factors' points at a point.
    fn combination(&self, point: u32) -> u32 {
        match &self.kept {
            Some(kept) => kept[point as usize],
            None => point,
        }
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

/// Returns the random world of a run.
pub fn world(randomness: Randomness, run: u64, replicate: u32) -> World {
    match randomness {
        Randomness::Common => World::of_replicate(replicate),
        Randomness::Independent => World::of_run(run),
    }
}
