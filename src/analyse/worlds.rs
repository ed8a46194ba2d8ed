//! Divides the points of a dataset into lever settings and worlds.
//!
//! A lever setting is chosen; an uncertain point may occur. Points divide by the roles of their columns: levers and
//! plain axes are chosen, uncertainties may occur, and variants have either role. An uncertain point that is drawn
//! twice counts twice; a lever setting that is drawn twice meets the same worlds again, which count once.

use super::AnalyseError;
use super::runs::{Rows, Runs};
use crate::input::{RawValue, Table};
use crate::study::Dataset;
use crate::study::tables::{POINTS, RUNS};
use std::collections::HashMap;

/// Division of the points of a dataset.
#[derive(Clone, Debug)]
pub struct Worlds {
    /// Lever settings in the order of points: the value of each lever by name.
    pub levers: Vec<Vec<(String, RawValue)>>,
    /// Lever setting of each point.
    lever: Vec<u32>,
    /// Uncertain point of each point.
    uncertain: Vec<u32>,
    /// Number of uncertain points.
    pub points: usize,
    /// Number of replicates of each point.
    pub replicates: usize,
    /// True if all points meet the same random worlds.
    pub are_common: bool,
    /// Uncertainties, with the coordinate of each uncertain point.
    pub uncertainties: Vec<Uncertainty>,
}

/// Setting that the world decides.
#[derive(Clone, Debug)]
pub struct Uncertainty {
    /// Name of the setting, or `variant`.
    pub name: String,
    /// True if its values are words: coordinates are then only equal or different.
    pub are_words: bool,
    /// Coordinate of each uncertain point: for numbers, the place in the range, from 0 to 1; for words, a number
    /// each.
    pub coordinates: Vec<f64>,
}

/// Column of the points.
pub(super) struct PointsColumn {
    pub name: String,
    pub is_lever: bool,
    /// Number of each point's value among the values.
    pub ids: Vec<u32>,
    pub values: Vec<RawValue>,
}

impl Worlds {
    /// Divides the points of a dataset. `levers` names the columns that are levers and makes all others
    /// uncertainties; `None` uses the roles in the dataset.
    ///
    /// # Errors
    /// When the points cannot be read, or a name in `levers` is not varied.
    pub fn of(dataset: &Dataset, levers: Option<&[String]>) -> Result<Self, AnalyseError> {
        let spec = &dataset.manifest.spec;
        let columns = columns(dataset, levers)?;
        let points = dataset.manifest.points as usize;
        let chosen = |is_lever: bool| columns.iter().filter(move |of| of.is_lever == is_lever);
        let lever = combine(points, chosen(true).map(|column| &*column.ids));
        let values = combine(points, chosen(false).map(|column| &*column.ids));
        let draws = draws(spec, &lever, &values);
        let uncertain = combine(points, [&*values, &*draws].into_iter());
        let first_lever = firsts(&lever);
        let first_uncertain = firsts(&uncertain);
        let setting = |&point: &usize| {
            let value =
                |of: &PointsColumn| (of.name.clone(), of.values[of.ids[point] as usize].clone());
            chosen(true).map(value).collect()
        };
        let replicates = spec.get("replicates").and_then(toml::Value::as_integer);
        Ok(Self {
            levers: first_lever.iter().map(setting).collect(),
            points: first_uncertain.len(),
            replicates: replicates.map_or(1, |replicates| replicates.max(1) as usize),
            are_common: spec.get("randomness").and_then(toml::Value::as_str) != Some("independent"),
            uncertainties: chosen(false)
                .map(|column| Uncertainty::of(column, &first_uncertain, spec))
                .collect(),
            lever,
            uncertain,
        })
    }

    /// Returns the lever setting of a point.
    pub fn lever_of(&self, point: u32) -> usize {
        self.lever[point as usize] as usize
    }

    /// Returns the uncertain point of a point.
    pub fn uncertain_of(&self, point: u32) -> u32 {
        self.uncertain[point as usize]
    }

    /// Returns the distance of each uncertain point from point `base`, in units of the ranges.
    pub fn distances_from(&self, base: usize) -> Vec<f64> {
        let mut squares = vec![0.0; self.points];
        for Uncertainty {
            are_words,
            coordinates,
            ..
        } in &self.uncertainties
        {
            for (square, coordinate) in squares.iter_mut().zip(coordinates) {
                let distance = coordinate - coordinates[base];
                *square += match are_words {
                    true => f64::from(distance != 0.0),
                    false => distance * distance,
                };
            }
        }
        squares.into_iter().map(f64::sqrt).collect()
    }

    /// Shows the runs of each lever setting in turn. If the points of lever settings are consecutive, the runs of
    /// only one setting are in memory at a time.
    ///
    /// # Errors
    /// When a part cannot be read.
    pub fn each_lever(
        &self,
        runs: Runs,
        columns: &[&str],
        mut show: impl FnMut(usize, &LeverRuns),
    ) -> Result<(), AnalyseError> {
        let mut left = vec![0; self.levers.len()];
        for &lever in &self.lever {
            left[lever as usize] += self.replicates;
        }
        let mut open: HashMap<u32, LeverRuns> = HashMap::new();
        runs.each_part(columns, |rows: Rows| {
            for row in 0..rows.len() {
                let point = rows.point[row] as usize;
                let lever = self.lever[point];
                let empty = || LeverRuns::new(columns.len(), self.points, self.replicates);
                let of = open.entry(lever).or_insert_with(empty);
                of.put(self.uncertain[point] as usize, &rows, row);
                left[lever as usize] = left[lever as usize].saturating_sub(1);
                if left[lever as usize] == 0
                    && let Some(whole) = open.remove(&lever)
                {
                    show(lever as usize, &whole);
                }
            }
        })
    }
}

/// Returns the number of each point's draw of its uncertain values, from the lever setting and the values of each point. A
/// repeated pair of both is a further draw of the values, unless the design of the levers repeats its settings.
fn draws(spec: &toml::Table, lever: &[u32], values: &[u32]) -> Vec<u32> {
    let is_grid = |half: &str| {
        let design = spec.get("design").and_then(|design| design.get(half));
        let kind = design.and_then(|design| design.get("kind"));
        kind.is_none_or(|kind| kind.as_str() == Some("grid"))
    };
    let (levers_differ, values_differ) = (is_grid("levers"), is_grid("uncertainties"));
    let pairs = || lever.iter().copied().zip(values.iter().copied());
    let mut met: HashMap<(u32, u32), u32> = HashMap::new();
    for pair in pairs() {
        *met.entry(pair).or_default() += 1;
    }
    // Number of draws of the same values. The lever setting that was drawn least often was probably drawn once.
    let mut drawn: HashMap<u32, u32> = HashMap::new();
    for (&(_, values), &times) in &met {
        let most = drawn.entry(values).or_insert(times);
        *most = match (levers_differ, values_differ) {
            (true, _) => times.max(*most),
            (false, true) => 1,
            (false, false) => times.min(*most),
        };
    }
    met.clear();
    let draw = |pair: (u32, u32)| {
        let times = met.entry(pair).or_default();
        *times += 1;
        (*times - 1) % drawn[&pair.1]
    };
    pairs().map(draw).collect()
}

/// Runs of a lever setting, by uncertain point and replicate.
#[derive(Clone, Debug)]
pub struct LeverRuns {
    replicates: usize,
    /// True for each simulated run; constraints may leave points out.
    pub present: Vec<bool>,
    /// Requested columns; NaN for a missing value.
    pub columns: Vec<Vec<f64>>,
}

impl LeverRuns {
    /// Returns the number of simulated runs, and of those without a value in a column.
    pub fn counts(&self, column: usize) -> (u64, u64) {
        let simulated = self.present.iter().zip(&self.columns[column]);
        let simulated = simulated.filter(|(present, _)| **present);
        let empty = simulated.clone().filter(|(_, value)| value.is_nan());
        (simulated.count() as u64, empty.count() as u64)
    }

    fn new(columns: usize, points: usize, replicates: usize) -> Self {
        let worlds = points * replicates;
        Self {
            replicates,
            present: vec![false; worlds],
            columns: vec![vec![f64::NAN; worlds]; columns],
        }
    }

    fn put(&mut self, point: usize, rows: &Rows, row: usize) {
        let replicate = (rows.replicate[row] as usize).min(self.replicates - 1);
        let world = point * self.replicates + replicate;
        self.present[world] = true;
        for (column, values) in self.columns.iter_mut().zip(&rows.columns) {
            column[world] = values[row];
        }
    }
}

/// Returns the points' columns of varied settings, by role.
pub(super) fn columns(
    dataset: &Dataset,
    levers: Option<&[String]>,
) -> Result<Vec<PointsColumn>, AnalyseError> {
    let part = Runs::of(dataset).files(RUNS).next();
    let roles = part.map_or(Ok(Vec::new()), |part| Table::roles(&part))?;
    for name in levers.unwrap_or_default() {
        if !roles.iter().any(|(varied, _)| varied == name) {
            let varied = roles.iter().map(|(name, _)| name.clone()).collect();
            return Err(AnalyseError::Lever {
                option: "levers",
                name: name.clone(),
                varied,
            });
        }
    }
    let file = dataset.directory.join(POINTS);
    let column = |(name, role): &(String, String)| {
        let is_lever = match (levers, role.as_str()) {
            (Some(levers), _) => levers.contains(name),
            (None, "variant") => variants_are_levers(&dataset.manifest.spec),
            (None, role) => role != "uncertainty",
        };
        // Reads columns one by one: with many points, each takes much memory.
        let table = Table::read_columns(&file, &[name])?;
        let (ids, values) = match table.reals(name) {
            Ok(numbers) => numbered(&numbers),
            Err(_) => named(&table.texts(name)?),
        };
        let expected = dataset.manifest.points as usize;
        if ids.len() != expected {
            let expected = format!("a row for each of the {expected} points");
            let rows = format!("{} rows", ids.len());
            return Err(table.fault(ids.len(), name, &rows, expected).into());
        }
        Ok(PointsColumn {
            name: name.clone(),
            is_lever,
            ids,
            values,
        })
    };
    roles.iter().map(column).collect()
}

/// Returns true unless the spec makes its variants uncertainties.
fn variants_are_levers(spec: &toml::Table) -> bool {
    let variants = spec.get("variant").and_then(toml::Value::as_array);
    let mut roles = variants
        .into_iter()
        .flatten()
        .filter_map(|variant| variant.get("role"));
    roles.next().and_then(toml::Value::as_str) != Some("uncertainty")
}

fn numbered(numbers: &[f64]) -> (Vec<u32>, Vec<RawValue>) {
    let mut values = numbers.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values.dedup();
    let id = |number: &f64| values.partition_point(|value| value < number) as u32;
    let ids = numbers.iter().map(id).collect();
    (ids, values.into_iter().map(RawValue::Number).collect())
}

fn named(words: &[String]) -> (Vec<u32>, Vec<RawValue>) {
    let mut seen: HashMap<&str, u32> = HashMap::new();
    let mut values = Vec::new();
    let ids = words.iter().map(|word| {
        *seen.entry(word).or_insert_with(|| {
            values.push(RawValue::Word(word.clone()));
            values.len() as u32 - 1
        })
    });
    (ids.collect(), values)
}

/// Numbers the combinations of columns, in the order of their first points.
fn combine<'a>(points: usize, columns: impl Iterator<Item = &'a [u32]>) -> Vec<u32> {
    let mut ids = vec![0; points];
    for column in columns {
        let mut seen: HashMap<(u32, u32), u32> = HashMap::new();
        for (id, &value) in ids.iter_mut().zip(column) {
            let next = seen.len() as u32;
            *id = *seen.entry((*id, value)).or_insert(next);
        }
    }
    ids
}

/// Returns the first point of each number.
fn firsts(ids: &[u32]) -> Vec<usize> {
    let mut firsts = Vec::new();
    for (point, &id) in ids.iter().enumerate() {
        if id as usize == firsts.len() {
            firsts.push(point);
        }
    }
    firsts
}

impl Uncertainty {
    fn of(column: &PointsColumn, points: &[usize], spec: &toml::Table) -> Self {
        let value = |point: &usize| &column.values[column.ids[*point] as usize];
        let are_words = column
            .values
            .iter()
            .any(|value| matches!(value, RawValue::Word(_)));
        let numbers = |value: &RawValue| match value {
            RawValue::Number(number) => *number,
            RawValue::Word(_) => f64::NAN,
        };
        let range = Range::declared(spec, &column.name);
        let range = range.unwrap_or_else(|| Range::of(column.values.iter().map(numbers)));
        let coordinate = |point: &usize| match are_words {
            true => f64::from(column.ids[*point]),
            false => range.place(numbers(value(point))),
        };
        Self {
            name: column.name.clone(),
            are_words,
            coordinates: points.iter().map(coordinate).collect(),
        }
    }
}

/// Range of an uncertainty.
struct Range {
    low: f64,
    high: f64,
    is_log: bool,
}

impl Range {
    /// Returns the range that a resolved spec declares, `{ from, to, scale }`.
    fn declared(spec: &toml::Table, name: &str) -> Option<Self> {
        let tables = ["levers", "uncertainties", "axes"].iter();
        let axis = tables
            .filter_map(|table| spec.get(*table)?.get(name))
            .next()?;
        let number = |key: &str| match axis.get(key)? {
            toml::Value::Integer(whole) => Some(*whole as f64),
            other => other.as_float(),
        };
        Some(Self {
            low: number("from")?,
            high: number("to")?,
            is_log: axis.get("scale").and_then(toml::Value::as_str) == Some("log"),
        })
    }

    /// Returns the range of a list.
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let ends = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) = values.fold(ends, |(low, high), value| (low.min(value), high.max(value)));
        Self {
            low,
            high,
            is_log: false,
        }
    }

    /// Returns the place of a value, from 0 to 1.
    fn place(&self, value: f64) -> f64 {
        let place = match self.is_log {
            true => libm::log(value / self.low) / libm::log(self.high / self.low),
            false => (value - self.low) / (self.high - self.low),
        };
        // Guards against a range without width.
        if place.is_finite() { place } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_are_numbered_by_first_point() {
        let ids = combine(4, [&[7, 7, 1, 7][..], &[0, 1, 0, 0]].into_iter());
        assert_eq!(ids, [0, 1, 2, 0]);
        assert_eq!(firsts(&ids), [0, 1, 2]);
        assert_eq!(combine(2, std::iter::empty()), [0, 0]);
    }

    #[test]
    fn places_are_linear_or_logarithmic() {
        let spec: toml::Table =
            "[uncertainties]\n\"a.b\" = { from = 1, to = 100, scale = \"log\" }\n\
                                 c = { from = 0.0, to = 4.0, scale = \"linear\" }\nd = [1, 3]"
                .parse()
                .unwrap();
        let log = Range::declared(&spec, "a.b").unwrap();
        assert!((log.place(10.0) - 0.5).abs() < 1e-15);
        assert_eq!(Range::declared(&spec, "c").unwrap().place(1.0), 0.25);
        assert!(Range::declared(&spec, "d").is_none());
        let list = Range::of([1.0, 3.0].into_iter());
        assert_eq!([list.place(1.0), list.place(2.0)], [0.0, 0.5]);
        assert_eq!(Range::of([2.0].into_iter()).place(2.0), 0.0);
    }

    #[test]
    fn repeated_values_are_draws_unless_the_lever_setting_is_repeated() {
        let spec = |text: &str| toml::from_str::<toml::Table>(text).unwrap();
        let drawn = |kinds: &str| {
            // Lever settings 0, 1, 0, each at values 5, 6, 5.
            let lever = [0, 0, 0, 1, 1, 1, 0, 0, 0];
            draws(&spec(kinds), &lever, &[5, 6, 5, 5, 6, 5, 5, 6, 5])
        };
        let levers = "[design.levers]\nkind = \"random\"\n";
        let values = "[design.uncertainties]\nkind = \"sobol\"\n";
        assert_eq!(drawn(""), [0, 0, 1, 0, 0, 1, 2, 1, 3]);
        assert_eq!(drawn(values), [0, 0, 1, 0, 0, 1, 2, 1, 3]);
        assert_eq!(
            drawn(&(levers.to_owned() + values)),
            [0, 0, 1, 0, 0, 1, 0, 0, 1]
        );
        let grid = draws(&spec(levers), &[0, 0, 1, 1, 0, 0], &[5, 6, 5, 6, 5, 6]);
        assert_eq!(grid, [0; 6]);
    }
}
