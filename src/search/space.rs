//! Defines the searched axes, those of one factor of a spec, and the settings that the spec admits.

use super::SearchError;
use crate::engine::{Domain, Value};
use crate::study::axis::{Axis, Levels};
use crate::study::design::{Design, File};
use crate::study::plan::PlanError;
use crate::study::spec::Role;
use crate::study::{Plan, Spec};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// Setting: a value for each searched axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Point(pub Vec<Value>);

impl Point {
    /// Returns a text that identifies a setting, exact to the last bit.
    pub fn key(&self) -> String {
        let cells: Vec<_> = self.0.iter().map(Value::to_string).collect();
        cells.join(",")
    }
}

/// Searched axes.
pub struct Space {
    /// Spec, one factor of which is searched.
    pub spec: Spec,
    /// True in a search for the worlds that hurt one setting most.
    pub is_worst: bool,
    factor: usize,
}

impl Space {
    /// Returns the lever settings of a spec, or its worlds for the lever setting of a number. Returns `None` once
    /// `stop` is set.
    pub fn new(
        spec: Spec,
        worst_of: Option<usize>,
        stop: &AtomicBool,
    ) -> Result<Option<Self>, SearchError> {
        let place = |spec: &Spec, is_searched: fn(Role) -> bool| {
            spec.factors
                .iter()
                .position(|factor| is_searched(factor.role))
        };
        let wrong = |problem: &str| Err(SearchError::Question(problem.to_owned()));
        let Some(number) = worst_of else {
            if !spec.variants.is_empty() && spec.variant_role == Role::Lever {
                return wrong(
                    "variant: named settings cannot be searched; vary their keys in [levers], or give them \
                     role = \"uncertainty\"",
                );
            }
            return match place(&spec, |role| role != Role::Uncertainty) {
                Some(factor) => Ok(Some(Self {
                    spec,
                    is_worst: false,
                    factor,
                })),
                None => wrong("levers: missing; add what may be chosen as [levers], with a design"),
            };
        };
        if place(&spec, |role| role == Role::Uncertainty).is_none() {
            return wrong(
                "uncertainties: missing; add what the world or an attacker decides as [uncertainties]",
            );
        }
        let Some(spec) = with_lever(spec, number, stop)? else {
            return Ok(None);
        };
        let factor = place(&spec, |role| role == Role::Uncertainty).unwrap_or(0);
        Ok(Some(Self {
            spec,
            is_worst: true,
            factor,
        }))
    }

    /// Returns the searched axes.
    pub fn axes(&self) -> &[Axis] {
        &self.spec.factors[self.factor].axes
    }

    /// Returns the settings of the first generation: the design of the spec, without duplicates and settings not
    /// admitted.
    pub fn first(&self, stop: &AtomicBool) -> Result<Option<Vec<Point>>, SearchError> {
        let factor = &self.spec.factors[self.factor];
        let salt = self.factor as u64;
        let rows = factor
            .design
            .points(&factor.axes, self.spec.seed, salt, stop);
        let mut seen = BTreeSet::new();
        let mut points = Vec::new();
        for row in 0..rows.len() {
            let point = Point(rows.row(row).to_vec());
            if seen.insert(point.key()) && self.admits(&point)? {
                points.push(point);
            }
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
        }
        if points.is_empty() {
            // The plan of all settings explains why none is admitted.
            let all: Vec<Point> = (0..rows.len())
                .map(|row| Point(rows.row(row).to_vec()))
                .collect();
            Plan::new(self.generation(&all, "", "", self.spec.seed, 1))?;
        }
        Ok(Some(points))
    }

    /// Returns true if a setting keeps the constraints and is valid in every world.
    pub fn admits(&self, point: &Point) -> Result<bool, SearchError> {
        let spec = self.generation(std::slice::from_ref(point), "", "", self.spec.seed, 1);
        match Plan::new(spec) {
            Ok(_) => Ok(true),
            Err(PlanError::NoPoints { .. } | PlanError::Points { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns settings as a CSV file, the design of their generation.
    pub fn csv(&self, points: &[Point]) -> String {
        let names: Vec<_> = self.axes().iter().map(|axis| axis.key.name).collect();
        let rows = points.iter().map(|point| format!("{}\n", point.key()));
        format!("{}\n{}", names.join(","), rows.collect::<String>())
    }

    /// Returns the sweep of a generation: its settings, from a file of this text, in the worlds of a seed.
    pub fn generation(
        &self,
        points: &[Point],
        file: &str,
        csv: &str,
        seed: u64,
        times: u32,
    ) -> Spec {
        let mut spec = self.spec.clone();
        spec.seed = seed;
        spec.replicates = spec.replicates.saturating_mul(times).min(i32::MAX as u32);
        spec.factors[self.factor].design = Design::File(File {
            path: PathBuf::from(file),
            sha256: crate::output::sha256(csv.as_bytes()),
            rows: points.iter().map(|point| point.0.clone()).collect(),
        });
        spec
    }
}

/// Returns the spec of one lever setting, numbered as in `robust` by the first point that has it.
fn with_lever(
    mut spec: Spec,
    number: usize,
    stop: &AtomicBool,
) -> Result<Option<Spec>, SearchError> {
    let are_levers = spec.variant_role == Role::Lever;
    let Some(plan) = Plan::interruptible(spec.clone(), stop)? else {
        return Ok(None);
    };
    let is_lever = |key: &str| {
        let levers = spec
            .factors
            .iter()
            .filter(|factor| factor.role != Role::Uncertainty);
        levers
            .flat_map(|factor| &factor.axes)
            .any(|axis| axis.key.name == key)
    };
    let mut seen = BTreeSet::new();
    let found = (0..plan.points).find(|&point| {
        let variant = plan
            .variant(point)
            .filter(|_| are_levers)
            .unwrap_or_default();
        let values = plan.values(point).filter(|(key, _)| is_lever(key.name));
        let values: Vec<_> = values.map(|(_, value)| value.to_string()).collect();
        seen.insert((variant.to_owned(), values)) && seen.len() == number + 1
    });
    let Some(point) = found else {
        let problem = format!(
            "lever: {number} is too large; expected a number below {}",
            seen.len()
        );
        return Err(SearchError::Question(problem));
    };
    if are_levers {
        let variant = plan.variant(point);
        let own = spec
            .variants
            .iter()
            .find(|of| Some(of.name.as_str()) == variant);
        for &(key, value) in own.map_or(&[][..], |variant| &variant.settings) {
            spec.base.put(key, value);
            spec.fixed.push(key);
        }
        spec.variants.clear();
    }
    for (key, value) in plan.values(point) {
        if is_lever(key.name) {
            spec.base.put(key, value);
            spec.fixed.push(key);
        }
    }
    spec.factors
        .retain(|factor| factor.role == Role::Uncertainty);
    Ok(Some(spec))
}

/// Returns the place of a value on an axis, from 0 to 1. [`Axis::sample`] of it returns the value again, up to
/// rounding.
pub fn coordinate(axis: &Axis, value: Value) -> f64 {
    let number = match value {
        Value::Real(number) => number,
        Value::Count(number) => number as f64,
        Value::Name(_) | Value::List(_) | Value::Document(_) => f64::NAN,
    };
    match &axis.levels {
        Levels::List(values) => {
            let place = values.iter().position(|other| *other == value).unwrap_or(0);
            (place as f64 + 0.5) / values.len() as f64
        }
        Levels::Range { low, high, log, .. } => {
            // A whole number is in the middle of the values rounded down to it.
            let (number, high) = match axis.key.domain {
                Domain::Count { .. } => (number + 0.5, high + 1.0),
                _ => (number, *high),
            };
            let place = match log {
                true => libm::log(number / low) / libm::log(high / low),
                false => (number - low) / (high - low),
            };
            place.clamp(0.0, 1.0)
        }
    }
}

/// Returns true if the values of an axis are words, which have no order.
pub fn are_words(axis: &Axis) -> bool {
    matches!(axis.key.domain, Domain::Names(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_give_their_values_again() {
        let model = crate::model();
        let axis = |name: &str, levels| Axis {
            key: model.keys().find(name).unwrap(),
            levels,
        };
        let range = |low, high, log| Levels::Range {
            low,
            high,
            steps: None,
            log,
        };
        let people = axis("initial.participants", range(1.0, 9.0, false));
        for number in 1..=9 {
            let value = Value::Count(number);
            assert_eq!(people.sample(coordinate(&people, value)), value);
        }
        let rho = axis("rho", range(1e-4, 1e-2, true));
        assert!((coordinate(&rho, Value::Real(1e-3)) - 0.5).abs() < 1e-12);
        let list = axis(
            "beta",
            Levels::List(vec![Value::Real(0.1), Value::Real(0.4)]),
        );
        assert_eq!(
            list.sample(coordinate(&list, Value::Real(0.4))),
            Value::Real(0.4)
        );
    }
}
