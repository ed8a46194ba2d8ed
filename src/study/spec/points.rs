//! Reads tables of points: the columns that are axes, and the values of cells. The points of a dataset, or some
//! of them, are such a table, except that their numbers, and columns that repeat others or the spec, are left
//! out.

use super::enabling::switched_on_by_keys;
use super::reader::{Reader, Span, clipped, closest_name, did_you_mean, near_number};
use super::{Factor, Role, Spec, SpecError};
use crate::engine::{Domain, Key, Setting, Value};
use crate::input::{RawValue, advice, points_of};
use crate::study::axis::{Axis, Levels};
use crate::study::design::{Design, File};
use arrow_array::RecordBatch;
use std::path::{Path, PathBuf};

/// Columns of a dataset's points that are not settings: point numbers, and names of variants, whose settings
/// are in the other columns.
const NUMBER: &str = "point";
const VARIANT: &str = "variant";

/// Points as cells, one per column and row.
pub(super) struct Cells {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<RawValue>>,
}

/// Name of points held in memory.
const IN_MEMORY: &str = "points in memory";

pub(super) fn over_points(mut spec: Spec, points: &RecordBatch) -> Result<Spec, SpecError> {
    let schema = points.schema();
    let names: Vec<_> = schema
        .fields()
        .iter()
        .map(|field| &**field.name())
        .collect();
    spec.switch_on(&switched_on_by_keys(&spec.model, &names));
    let model = spec.model.clone();
    let mut reader = Reader::new("", &model, None, Path::new(""));
    match points_of(points, IN_MEMORY) {
        Err(error) => reader.fault(None, "points", &crate::error::chain(&error)),
        Ok(points) => {
            let path = PathBuf::from(IN_MEMORY);
            let sha256 = points.sha256;
            let cells = Cells {
                columns: points.columns,
                rows: points.rows,
            };
            if let Some((axes, rows)) = reader.points(IN_MEMORY, "points", None, &cells, &spec) {
                let mut taken = Vec::new();
                for axis in &axes {
                    reader.free_axis(axis.key, axis.key.name, &taken, &spec);
                    taken.push(axis.key);
                }
                spec.factors = vec![Factor {
                    role: Role::Axis,
                    axes,
                    design: Design::File(File { path, sha256, rows }),
                }];
            }
        }
    }
    reader.finish(IN_MEMORY).map(|()| spec)
}

impl Reader<'_> {
    /// Reads the axes and points of a table; `path` is the key that names it.
    pub(super) fn points(
        &mut self,
        source: &str,
        path: &str,
        span: Span,
        cells: &Cells,
        spec: &Spec,
    ) -> Option<(Vec<Axis>, Vec<Vec<Value>>)> {
        let faults = self.count();
        let Cells { columns, rows } = cells;
        let is_of_dataset = columns.iter().any(|column| column == NUMBER);
        let mut kept: Vec<(usize, &'static Key)> = Vec::new();
        for (place, column) in columns.iter().enumerate() {
            let at = format!("{source}, column {column}");
            match &**column {
                NUMBER => continue,
                VARIANT if spec.variants.is_empty() => continue,
                VARIANT => {
                    let message = "the spec has its own variants; remove the column";
                    self.fault(span.clone(), &at, message);
                    continue;
                }
                _ => {}
            }
            let is_short = |key: &Key| !key.is_long();
            let key = self.known_key(column, &at, span.clone(), is_short, &[]);
            kept.extend(key.map(|key| (place, key)));
        }
        if rows.is_empty() || kept.is_empty() && self.count() == faults {
            let message = "no points; expected at least one column and one row";
            self.fault(span, path, message);
            return None;
        }
        if self.count() > faults {
            return None;
        }
        self.leave_out_other_names(source, &span, rows, &mut kept);
        let mut points = Vec::with_capacity(rows.len());
        for (number, row) in rows.iter().enumerate() {
            let mut values = Vec::with_capacity(kept.len());
            for &(place, key) in &kept {
                let cell = &row[place];
                match value(key, cell) {
                    Some(value) => values.push(value),
                    None => {
                        let place = format!("{source}, row {}, column {}", number + 1, key.name);
                        self.fault_with(span.clone(), &place, || wrong(key, cell));
                    }
                }
            }
            points.push(values);
        }
        if self.count() > faults {
            return None;
        }
        // Columns that repeat the spec are not axes.
        let repeats = |(place, key): (usize, &Key)| {
            let said = is_of_dataset || spec.fixed.iter().any(|fixed| fixed.name == key.name);
            let base = spec.base.value(key);
            said && points.iter().all(|point| point[place] == base)
        };
        let mut axes: Vec<usize> = (0..kept.len())
            .filter(|&place| !repeats((place, kept[place].1)))
            .collect();
        if axes.is_empty() {
            axes = (0..kept.len().min(1)).collect();
        }
        if axes.len() < kept.len() {
            for point in &mut points {
                *point = axes.iter().map(|&place| point[place]).collect();
            }
        }
        let axis = |(place, &of): (usize, &usize)| {
            let mut values: Vec<Value> = Vec::new();
            for point in points.iter().take(1000) {
                if !values.contains(&point[place]) {
                    values.push(point[place]);
                }
            }
            Axis {
                key: kept[of].1,
                levels: Levels::List(values),
            }
        };
        Some((axes.iter().enumerate().map(axis).collect(), points))
    }

    /// Leaves out columns that repeat others under an alias. An alias that reproduces the stored key exactly
    /// replaces it; otherwise the stored key stays.
    fn leave_out_other_names(
        &mut self,
        source: &str,
        span: &Span,
        rows: &[Vec<RawValue>],
        kept: &mut Vec<(usize, &'static Key)>,
    ) {
        let columns = kept.clone();
        let others: Vec<_> = columns
            .iter()
            .filter(|(_, key)| key.alias.is_some())
            .filter_map(|&(place, key)| {
                let stored: Option<Vec<_>> = self
                    .stored(key)
                    .map(|stored| of_key(&columns, stored))
                    .collect();
                Some((place, key, stored?))
            })
            .collect();
        if others.is_empty() {
            return;
        }
        let stored = columns.iter().filter(|(_, key)| key.alias.is_none());
        let stored: Vec<_> = stored.copied().collect();
        let settings = || settings(self.setting_of_model(), stored.clone(), rows);
        let mut left_out = Vec::new();
        let mut disagreements = Vec::new();
        for (place, key, of) in others {
            // Once for all rows: true if the alias reproduces the stored values to the last bit.
            let depends = key
                .alias
                .as_ref()
                .is_some_and(|alias| !alias.with.is_empty());
            let mut makes = !depends && of.iter().all(|(place, _)| !left_out.contains(place));
            for (number, (row, setting)) in rows.iter().zip(settings()).enumerate() {
                let Some(mut setting) = setting else {
                    // An invalid cell is reported separately.
                    makes = false;
                    break;
                };
                if !says(&row[place], setting.value(key)) {
                    let names: Vec<_> = of.iter().map(|(_, key)| key.name).collect();
                    disagreements.push((number, key, names.join(", ")));
                    break;
                }
                let Some(value) = value(key, &row[place]).filter(|_| makes) else {
                    makes = false;
                    continue;
                };
                let before: Vec<_> = of.iter().map(|(_, key)| setting.value(key)).collect();
                setting.put(key, value);
                makes = of
                    .iter()
                    .zip(before)
                    .all(|((_, key), before)| setting.value(key) == before);
            }
            match makes {
                true => left_out.extend(of.iter().map(|&(place, _)| place)),
                false => left_out.push(place),
            }
        }
        for (number, key, names) in disagreements {
            let place = format!("{source}, row {}, column {}", number + 1, key.name);
            let message = format!("contradicts {names}; keep one of the columns");
            self.fault(span.clone(), &place, &message);
        }
        kept.retain(|(place, _)| !left_out.contains(place));
    }

    /// Returns the keys that store the value of an alias.
    fn stored(&self, name: &'static Key) -> impl Iterator<Item = &'static Key> {
        let all = self.keys.all().iter().copied();
        all.filter(|key| key.alias.is_none() && key.overrides.is_none() && key.overlaps(name))
    }
}

fn of_key(columns: &[(usize, &'static Key)], key: &Key) -> Option<(usize, &'static Key)> {
    columns
        .iter()
        .find(|(_, other)| other.name == key.name)
        .copied()
}

/// Returns the setting of each row from the columns of stored keys; `None` if a cell is invalid.
fn settings(
    mut setting: Setting,
    columns: Vec<(usize, &'static Key)>,
    rows: &[Vec<RawValue>],
) -> impl Iterator<Item = Option<Setting>> {
    let varies = |&(place, _): &(usize, &Key)| rows.iter().any(|row| row[place] != rows[0][place]);
    let (varying, constant): (Vec<_>, Vec<_>) = columns.into_iter().partition(varies);
    let put = |setting: &mut Setting, columns: &[(usize, &'static Key)], row: &[RawValue]| {
        for &(place, key) in columns {
            setting.put(key, value(key, &row[place])?);
        }
        Some(())
    };
    let sound = rows
        .first()
        .and_then(|row| put(&mut setting, &constant, row));
    rows.iter().map(move |row| {
        sound?;
        let mut setting = setting.clone();
        put(&mut setting, &varying, row)?;
        Some(setting)
    })
}

/// Compares a cell with a value, up to rounding.
fn says(cell: &RawValue, value: Value) -> bool {
    match (cell, value) {
        (RawValue::Number(number), Value::Real(value)) => {
            (number - value).abs() <= 1e-9 * number.abs().max(value.abs()) || *number == value
        }
        (RawValue::Number(number), Value::Count(value)) => *number == value as f64,
        (RawValue::Word(word), Value::Name(name)) => word == name,
        _ => false,
    }
}

/// Parses a cell as the value of a key.
fn value(key: &Key, cell: &RawValue) -> Option<Value> {
    match cell {
        RawValue::Number(number) => key.number(*number),
        // True and false as pandas and R write them.
        RawValue::Word(word) if key.domain.is_truth() => key.word(&word.to_ascii_lowercase()),
        RawValue::Word(word) => key.word(word),
    }
}

/// Describes an invalid cell, with a fix.
fn wrong(key: &Key, cell: &RawValue) -> String {
    /// Exceeds the amount of any token: probably the contracts' units of 10⁻¹⁸.
    const WEI: f64 = 1e15;
    let fix = match (cell, key.domain) {
        (RawValue::Number(number), _) => match near_number(key, *number) {
            Some(near) => did_you_mean(near),
            None if *number >= WEI => "; divide it by 10^18 if it is in wei".to_owned(),
            None => String::new(),
        },
        (RawValue::Word(word), Domain::Names(names)) => closest_name(word, names.iter().copied())
            .map_or(String::new(), |name| did_you_mean(format!("\"{name}\""))),
        (RawValue::Word(word), _) => format!("; {}", advice(word)),
    };
    let found = cell.to_string();
    format!("found {}, expected {}{fix}", clipped(&found), key.domain)
}
