//! A spec with every default filled in, as TOML: kept beside the data, compared on resumption.

use super::axis::{Axis, Levels};
use super::design::Design;
use super::spec::{Role, Spec};
use super::tables::Looks;
use crate::model::{Domain, KEYS, Key, Value};
use toml::{Table, Value as Toml};

impl Spec {
    /// The spec with every default filled in; parsing it gives the same sweep.
    pub fn resolved(&self) -> Table {
        let mut table = Table::new();
        table.insert("seed".into(), int(self.seed));
        table.insert("replicates".into(), int(u64::from(self.replicates)));
        table.insert("randomness".into(), text(self.randomness.name()));
        self.add_base(&mut table);
        let split = self.factors.iter().any(|factor| factor.role != Role::Axis);
        let mut designs = Table::new();
        for factor in &self.factors {
            let name = factor.role.table();
            if !matches!(factor.design, Design::File { .. }) {
                let axes = factor.axes.iter();
                let axes = axes.map(|axis| (axis.key.name.to_owned(), levels(axis)));
                table.insert(name.into(), Toml::Table(axes.collect()));
            }
            if split {
                designs.insert(name.into(), Toml::Table(design(&factor.design)));
            } else {
                designs = design(&factor.design);
            }
        }
        if !designs.is_empty() {
            table.insert("design".into(), Toml::Table(designs));
        }
        if !self.variants.is_empty() {
            let variants = self.variants.iter().map(|variant| {
                let mut table = Table::from_iter([("name".to_owned(), text(&variant.name))]);
                for (key, value) in &variant.settings {
                    table.insert(key.name.to_owned(), value_of(*value));
                }
                Toml::Table(table)
            });
            table.insert("variant".into(), Toml::Array(variants.collect()));
        }
        let tables = &self.output.tables;
        let names = tables.iter().map(|table| text(table.name()));
        let mut output = Table::from_iter([("tables".to_owned(), Toml::Array(names.collect()))]);
        if tables.iter().any(|table| table.looks() == Looks::EachDay) {
            output.insert("every".into(), int(u64::from(self.output.every)));
        }
        table.insert("output".into(), Toml::Table(output));
        table
    }

    /// The base setting, apart from what is varied.
    fn add_base(&self, table: &mut Table) {
        let varied = |key: &Key| {
            let axes = self.factors.iter().flat_map(|factor| &factor.axes);
            axes.map(|axis| axis.key).any(|axis| axis.overlaps(key))
        };
        let [mut model, mut chain, mut initial, mut rules] = std::array::from_fn(|_| Table::new());
        for key in KEYS
            .iter()
            .filter(|key| key.alias_of.is_none() && !varied(key))
        {
            let value = value_of(key.get(&self.base));
            match key.name.split_once('.') {
                _ if key.name == "days" => drop(table.insert("days".into(), value)),
                _ if key.name == "rules" => {}
                Some(("chain", name)) => drop(chain.insert(name.into(), value)),
                Some(("initial", name)) => drop(initial.insert(name.into(), value)),
                Some((_, rule)) => drop(rules.insert(rule.into(), value)),
                None => drop(model.insert(key.name.into(), value)),
            }
        }
        if !rules.is_empty() {
            model.insert("rules".into(), Toml::Table(rules));
        }
        table.insert("model".into(), Toml::Table(model));
        table.insert("chain".into(), Toml::Table(chain));
        table.insert("initial".into(), Toml::Table(initial));
    }
}

fn int(value: u64) -> Toml {
    Toml::Integer(i64::try_from(value).expect("checked when read"))
}

fn text(value: &str) -> Toml {
    Toml::String(value.to_owned())
}

fn value_of(value: Value) -> Toml {
    match value {
        Value::Real(v) => Toml::Float(v),
        Value::Count(v) => int(v),
        Value::Name(v) => text(v),
    }
}

fn levels(axis: &Axis) -> Toml {
    match &axis.levels {
        Levels::List(values) => Toml::Array(values.iter().copied().map(value_of).collect()),
        Levels::Range {
            low,
            high,
            steps,
            log,
        } => {
            let end = |v: f64| match axis.key.domain {
                Domain::Count { .. } => int(v as u64),
                _ => Toml::Float(v),
            };
            let mut range =
                Table::from_iter([("from".into(), end(*low)), ("to".into(), end(*high))]);
            if let Some(steps) = steps {
                range.insert("steps".into(), int(u64::from(*steps)));
            }
            range.insert("scale".into(), text(if *log { "log" } else { "linear" }));
            Toml::Table(range)
        }
    }
}

fn design(design: &Design) -> Table {
    let mut table = Table::from_iter([("kind".to_owned(), text(design.name()))]);
    match design {
        Design::Grid => {}
        Design::Random { points }
        | Design::LatinHypercube { points }
        | Design::Sobol { points } => drop(table.insert("points".into(), int(u64::from(*points)))),
        Design::Saltelli {
            points,
            second_order,
        } => {
            table.insert("points".into(), int(u64::from(*points)));
            table.insert("second_order".into(), Toml::Boolean(*second_order));
        }
        Design::Morris {
            trajectories,
            levels,
        } => {
            table.insert("trajectories".into(), int(u64::from(*trajectories)));
            table.insert("levels".into(), int(u64::from(*levels)));
        }
        Design::File { path, sha256, .. } => {
            table.insert("path".into(), text(&path.display().to_string()));
            table.insert("sha256".into(), text(sha256));
        }
    }
    table
}
