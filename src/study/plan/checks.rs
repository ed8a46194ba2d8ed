//! Checks the points of a plan: constraints, values that exclude each other, and warnings.

use super::Plan;
use crate::engine::{Fault, Key, Use, Value};
use crate::study::condition::{Cell, Condition};
use crate::study::warnings::Warnings;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

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

impl Plan {
    /// Finds the keys that some points use and others do not.
    pub(super) fn find_partly_used(&self, stop: &AtomicBool) -> Vec<Use> {
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
    pub(super) fn keep_constraints(&mut self, stop: &AtomicBool) -> Result<(), PlanError> {
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

    /// Checks every point, until `stop` is set.
    pub(super) fn check_points(&mut self, stop: &AtomicBool) -> Result<(), PlanError> {
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
