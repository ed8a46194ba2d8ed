//! Collects warnings about plans that are valid but probably not intended.

use super::spec::Spec;
use crate::engine::{Idle, Key, Setting};
use std::collections::BTreeMap;

/// Warning at some points: the first of them, its text, and their number.
struct AtPoints {
    first: u32,
    text: String,
    points: u32,
}

/// Collector of warnings over the points of a plan.
#[derive(Default)]
pub struct Warnings {
    of_points: BTreeMap<usize, AtPoints>,
    /// True for each list of settings, in the model's order, that some point reads.
    read: Vec<bool>,
}

impl Warnings {
    /// Collects the warnings of a point.
    pub fn look(&mut self, point: u32, setting: &Setting) {
        for (number, text) in setting.warnings() {
            let first = || AtPoints {
                first: point,
                text,
                points: 0,
            };
            self.of_points.entry(number).or_insert_with(first).points += 1;
        }
        let idle = setting.keys().idle();
        self.read.resize(idle.len(), false);
        for (read, idle) in self.read.iter_mut().zip(idle) {
            *read |= (idle.read_by)(setting);
        }
    }

    /// Returns every warning once, in the order registered; those about settings that no point reads come
    /// first. `describe` returns the values of one of the `points`.
    pub fn told(&self, spec: &Spec, points: u32, describe: impl Fn(u32) -> String) -> Vec<String> {
        let all = spec.model.keys().idle();
        let is_read = |table: &str| {
            let mut idle = all.iter().zip(&self.read);
            idle.any(|(idle, read)| idle.table == table && *read)
        };
        // Several features may read a table.
        let is_first = |place: &usize| {
            let before = &all[..*place];
            before.iter().all(|idle| idle.table != all[*place].table)
        };
        let idle = (0..all.len()).filter(is_first).map(|place| &all[place]);
        let idle = idle.filter(|idle| !is_read(idle.table));
        let mut told: Vec<_> = idle.flat_map(|idle| unread(spec, idle)).collect();
        let of_points = self.of_points.values();
        told.extend(of_points.map(|at| {
            let AtPoints { first, text, .. } = at;
            if points == 1 {
                return text.clone();
            }
            let (warned, values) = (at.points, describe(*first));
            format!("at {warned} of {points} points, such as point {first} ({values}): {text}")
        }));
        told
    }
}

/// Lists the settings of a table that the spec sets or varies although no point reads them.
fn unread(spec: &Spec, idle: &Idle) -> Vec<String> {
    let default = spec.model.setting();
    let fixed = spec.fixed.iter().copied();
    let fixed = fixed.filter(|key| spec.base.value(key) != default.value(key));
    let fixed = fixed.map(|key| (String::new(), key));
    let axes = spec.factors.iter().flat_map(|factor| {
        let place = format!("{}.", factor.role.table());
        factor
            .axes
            .iter()
            .map(move |axis| (place.clone(), axis.key))
    });
    let variants = spec.variants.iter().flat_map(|variant| {
        let place = format!("variant \"{}\", ", variant.name);
        let own = variant.settings[..variant.own].iter();
        own.map(move |&(key, _)| (place.clone(), key))
    });
    let in_table = |key: &Key| key.table().0 == Some(idle.table);
    fixed
        .chain(axes)
        .chain(variants)
        .filter(|(_, key)| in_table(key))
        .map(|(place, key)| format!("{place}{}: {}", key.name, idle.message))
        .collect()
}
