//! Computes the levels of varied settings.

use super::moments::Moments;
use super::runs::Runs;
use crate::digits::rounded;
use crate::input::{RawValue, Table, TableError};
use crate::study::Dataset;
use crate::study::tables::{POINTS, RUNS};

/// Most levels of an axis shown separately.
const MOST_LEVELS: usize = 24;

/// Number of groups of about equal size into which more levels are gathered.
const GROUPS: usize = 12;

/// Varied setting, or the variants.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Name of the setting, or "variant".
    pub name: String,
    /// Role: axis, lever, uncertainty or variant.
    pub role: String,
    /// Unit; empty for pure numbers and words.
    pub unit: String,
    /// Levels, or groups of them, in order.
    pub labels: Vec<String>,
    /// Mean of each level or group; `None` for words.
    pub numbers: Option<Vec<f64>>,
    /// Level of each point.
    pub level: Vec<u16>,
    /// Value of each point, as written.
    pub values: Vec<RawValue>,
}

impl Axis {
    /// Returns the name with its unit.
    pub fn label(&self) -> String {
        match &*self.unit {
            "" => self.name.clone(),
            unit => format!("{}, {unit}", self.name),
        }
    }

    /// Returns the least and the greatest value of the points; `None` for words.
    pub fn range(&self) -> Option<(f64, f64)> {
        let mut numbers = self.values.iter().map(|value| match value {
            RawValue::Number(number) => Some(*number),
            RawValue::Word(_) => None,
        });
        let nothing = (f64::INFINITY, f64::NEG_INFINITY);
        numbers.try_fold(nothing, |(least, most), number| {
            let number = number?;
            Some((least.min(number), most.max(number)))
        })
    }
}

/// Returns the axes with the values of the points, in the order of the spec, which is that of the columns of `runs`.
pub fn axes(dataset: &Dataset) -> Result<Vec<Axis>, TableError> {
    let (points, count) = (dataset.directory.join(POINTS), dataset.manifest.points);
    let part = Runs::of(dataset).files(RUNS).next();
    let roles = part.map_or(Ok(Vec::new()), |part| Table::roles(&part))?;
    let units = Runs::of(dataset).units()?;
    let names: Vec<&str> = roles.iter().map(|(name, _)| name.as_str()).collect();
    let table = Table::read_columns(&points, &names)?;
    roles
        .iter()
        .map(|(name, role)| {
            let values = table.raw(name)?;
            if values.len() != count as usize {
                let expected = format!("a row for each of the {count} points");
                let rows = format!("{} rows", values.len());
                return Err(table.fault(values.len(), name, &rows, expected));
            }
            let unit = units.get(name).cloned().unwrap_or_default();
            Ok(Axis {
                unit,
                ..axis(name, role, values)
            })
        })
        .collect()
}

fn axis(name: &str, role: &str, values: Vec<RawValue>) -> Axis {
    let numbers: Option<Vec<f64>> = values
        .iter()
        .map(|value| match value {
            RawValue::Number(number) => Some(*number),
            RawValue::Word(_) => None,
        })
        .collect();
    let (labels, middles, level) = match numbers {
        Some(numbers) => {
            let mut levels = numbers.clone();
            levels.sort_by(f64::total_cmp);
            levels.dedup();
            let groups = match levels.len() {
                few if few <= MOST_LEVELS => few,
                _ => GROUPS,
            };
            let group = |place: usize| place * groups / levels.len();
            let mut middles = vec![Moments::default(); groups];
            for (place, &number) in levels.iter().enumerate() {
                middles[group(place)].add(number);
            }
            let middles: Vec<f64> = middles.iter().map(Moments::mean).collect();
            let level = numbers.iter().map(|number| {
                let place = levels.partition_point(|level| level < number);
                group(place) as u16
            });
            let labels = middles.iter().map(|middle| rounded(*middle, 4).to_string());
            (labels.collect(), Some(middles.clone()), level.collect())
        }
        None => {
            // Words keep the order of the spec.
            let mut labels: Vec<String> = Vec::new();
            let level = values.iter().map(|value| {
                let word = match value {
                    RawValue::Word(word) => word.clone(),
                    RawValue::Number(number) => number.to_string(),
                };
                let place = labels.iter().position(|label| *label == word);
                place.unwrap_or_else(|| {
                    labels.push(word);
                    labels.len() - 1
                }) as u16
            });
            let level = level.collect();
            (labels, None, level)
        }
    };
    Axis {
        name: name.to_owned(),
        role: role.to_owned(),
        unit: String::new(),
        labels,
        numbers: middles,
        level,
        values,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_levels_are_grouped_and_words_keep_their_order() {
        let numbers = (0..100).rev().map(|i| RawValue::Number(f64::from(i)));
        let many = axis("beta", "axis", numbers.collect());
        assert_eq!(many.labels.len(), GROUPS);
        assert_eq!((many.level[99], many.level[0]), (0, GROUPS as u16 - 1));
        let words = ["v3", "corrected", "v3"].map(|w| RawValue::Word(w.to_owned()));
        let words = axis("rules", "axis", words.into());
        assert_eq!(words.labels, ["v3", "corrected"]);
        assert_eq!(words.level, [0, 1, 0]);
    }
}
