//! Discovery: finds the box of inputs in which a condition on runs mostly holds.
//!
//! | file | purpose |
//! |---|---|
//! | [`prim`] | finds the boxes, from all rows to the last |
//! | `binomial` | computes how likely a box is by chance |
//! | `document`, `table` | write JSON and a table |

mod binomial;
mod document;
pub mod prim;
mod table;

use super::AnalyseError;
use super::runs::Runs;
use super::worlds::{PointsColumn, Worlds, columns};
use crate::engine::{closest_name, hash64};
use crate::input::{RawValue, Table, TableError};
use crate::study::Dataset;
use crate::study::condition::{Cell, Condition};
use crate::study::tables::{POINTS, RUNS};
use arrow_schema::{DataType, SchemaRef};
use prim::{Input, Kind, Limits, Options, Prim, Step};
use std::sync::atomic::AtomicBool;

/// Question about a dataset.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Condition on columns of `runs`.
    pub condition: String,
    /// Inputs; if empty, the uncertainties, or all varied settings without uncertainties.
    pub inputs: Vec<String>,
    /// Number of the lever setting to analyse; `None` for all.
    pub lever: Option<usize>,
    /// Density that a box should reach.
    pub threshold: f64,
    /// Step to choose; `None` for the last that reaches the threshold.
    pub step: Option<usize>,
    /// Share of uncertain points held out to judge the chosen box.
    pub hold_out: f64,
    /// Options of the search for boxes.
    pub options: Options,
}

/// Boxes found.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// Question.
    pub asked: Asked,
    /// Names of the inputs, with the words of inputs of words.
    pub inputs: Vec<(String, Vec<String>)>,
    /// Number of rows analysed.
    pub rows: u64,
    /// Number of rows in which the condition holds.
    pub hits: u64,
    /// Boxes from all rows to the last.
    pub steps: Vec<Step>,
    /// Chosen step, if one reaches the threshold.
    pub chosen: Option<usize>,
    /// Chosen box on the held-out points.
    pub held_out: Option<HeldOut>,
}

/// Box on points with which it was not found.
#[derive(Clone, Debug)]
pub struct HeldOut {
    /// Number of held-out uncertain points.
    pub points: u64,
    /// Number of their rows.
    pub rows: u64,
    /// Number of their rows in which the condition holds.
    pub hits: u64,
    /// Number of their rows in the box.
    pub rows_in: u64,
    /// Number of their rows in the box in which the condition holds.
    pub hits_in: u64,
}

/// Point of each analysed run, and whether the condition holds.
#[derive(Default)]
struct Judged {
    points: Vec<u32>,
    hits: Vec<bool>,
}

/// Finds the inputs for which a condition holds. Setting `stop` ends this with [`AnalyseError::Interrupted`].
///
/// # Errors
/// When the question does not fit the dataset, or its files are not intact.
pub fn discover(
    dataset: &Dataset,
    asked: Asked,
    stop: &AtomicBool,
) -> Result<Discovery, AnalyseError> {
    let condition = Condition::parse(&asked.condition)?;
    let runs = Runs::verified(dataset, stop)?;
    let worlds = Worlds::of(dataset, None)?;
    if let Some(lever) = asked.lever
        && lever >= worlds.levers.len()
    {
        let (option, count) = ("lever", worlds.levers.len());
        return Err(AnalyseError::Number {
            option,
            number: lever,
            count,
        });
    }
    let columns = columns(dataset, None)?;
    let chosen = chosen(&columns, &asked.inputs)?;
    let is_asked = |point: u32| {
        asked
            .lever
            .is_none_or(|lever| worlds.lever_of(point) == lever)
    };
    let judged = judge(runs, &condition, is_asked)?;
    let is_held = |point: u32| {
        // Highest bits of a hash with fixed values, as a share.
        let hash = hash64(u64::from(worlds.uncertain_of(point))) >> 11;
        (hash as f64 / (1u64 << 53) as f64) < asked.hold_out
    };
    let (held, looked): (Vec<usize>, Vec<usize>) =
        (0..judged.points.len()).partition(|&row| is_held(judged.points[row]));
    let hits: Vec<bool> = looked.iter().map(|&row| judged.hits[row]).collect();
    let count = hits.iter().filter(|hit| **hit).count() as u64;
    if count == 0 || count == hits.len() as u64 {
        let (holds, rows) = (count > 0, hits.len());
        return Err(AnalyseError::Constant {
            condition: asked.condition,
            holds,
            rows,
        });
    }
    let kinds = kinds(dataset, &chosen)?;
    let inputs = |rows: &[usize]| -> Vec<Input> {
        let of = chosen.iter().zip(&kinds);
        of.map(|(column, kind)| input(column, *kind, rows.iter().map(|&row| judged.points[row])))
            .collect()
    };
    // With levers among the inputs, rows of different lever settings differ in their inputs.
    let by_uncertain = chosen.iter().all(|column| !column.is_lever);
    let cluster = |row: &usize| match by_uncertain {
        true => worlds.uncertain_of(judged.points[*row]),
        false => judged.points[*row],
    };
    let clusters: Vec<u32> = looked.iter().map(cluster).collect();
    let table = inputs(&looked);
    let steps = Prim::new(&table, &hits, &clusters, asked.options).trajectory(stop);
    runs.go_on()?;
    let chosen_step = match asked.step {
        Some(step) if step >= steps.len() => {
            return Err(AnalyseError::Number {
                option: "step",
                number: step,
                count: steps.len(),
            });
        }
        Some(step) => Some(step),
        None => steps
            .iter()
            .rposition(|step| density(step) >= asked.threshold),
    };
    let held_out = chosen_step.filter(|_| !held.is_empty()).map(|step| {
        let inputs = inputs(&held);
        let is_in = |row: usize| steps[step].holds(inputs.iter().map(|input| input.values[row]));
        let mut points: Vec<u32> = held
            .iter()
            .map(|&row| worlds.uncertain_of(judged.points[row]))
            .collect();
        points.sort_unstable();
        points.dedup();
        let count = |is_counted: &dyn Fn(usize) -> bool| {
            (0..held.len()).filter(|&row| is_counted(row)).count() as u64
        };
        let is_hit = |row: usize| judged.hits[held[row]];
        HeldOut {
            points: points.len() as u64,
            rows: held.len() as u64,
            hits: count(&is_hit),
            rows_in: count(&is_in),
            hits_in: count(&|row| is_in(row) && is_hit(row)),
        }
    });
    Ok(Discovery {
        inputs: table
            .into_iter()
            .map(|input| (input.name, input.words))
            .collect(),
        rows: looked.len() as u64,
        hits: count,
        steps,
        chosen: chosen_step,
        held_out,
        asked,
    })
}

/// Returns the share of the rows of a box in which the condition holds.
pub fn density(step: &Step) -> f64 {
    step.hits as f64 / step.rows as f64
}

impl Step {
    /// Returns true if a row is in the box.
    fn holds(&self, values: impl Iterator<Item = f64>) -> bool {
        self.limits
            .iter()
            .zip(values)
            .all(|(limits, value)| limits.hold(value))
    }
}

/// Returns the columns that are inputs.
fn chosen<'c>(
    columns: &'c [PointsColumn],
    names: &[String],
) -> Result<Vec<&'c PointsColumn>, AnalyseError> {
    if names.is_empty() {
        let uncertain: Vec<_> = columns.iter().filter(|column| !column.is_lever).collect();
        return Ok(match uncertain.is_empty() {
            true => columns.iter().collect(),
            false => uncertain,
        });
    }
    let find = |name: &String| {
        let found = columns.iter().find(|column| column.name == *name);
        found.ok_or_else(|| AnalyseError::Lever {
            option: "inputs",
            name: name.clone(),
            varied: columns.iter().map(|column| column.name.clone()).collect(),
        })
    };
    names.iter().map(find).collect()
}

/// Returns the kinds of the inputs, by the types of their columns.
fn kinds(dataset: &Dataset, columns: &[&PointsColumn]) -> Result<Vec<Kind>, TableError> {
    let schema = Table::schema(&dataset.directory.join(POINTS))?;
    let kind = |column: &&PointsColumn| match schema.field_with_name(&column.name) {
        Ok(field) if field.data_type().is_integer() => Kind::Whole,
        Ok(field) if field.data_type().is_numeric() => Kind::Real,
        _ => Kind::Word,
    };
    Ok(columns.iter().map(kind).collect())
}

fn input(column: &PointsColumn, kind: Kind, points: impl Iterator<Item = u32>) -> Input {
    let value = |point: u32| {
        let id = column.ids[point as usize];
        match &column.values[id as usize] {
            RawValue::Number(number) => *number,
            RawValue::Word(_) => f64::from(id),
        }
    };
    let word = |value: &RawValue| match value {
        RawValue::Word(word) => Some(word.clone()),
        RawValue::Number(_) => None,
    };
    Input {
        name: column.name.clone(),
        kind,
        values: points.map(value).collect(),
        words: column.values.iter().filter_map(word).collect(),
    }
}

/// Evaluates the condition for each run of the requested points.
fn judge(
    runs: Runs,
    condition: &Condition,
    is_asked: impl Fn(u32) -> bool,
) -> Result<Judged, AnalyseError> {
    let mut judged = Judged::default();
    let names: Vec<&str> = condition.names().iter().map(String::as_str).collect();
    let mut read = vec!["point"];
    read.extend(&names);
    let points = runs.dataset().manifest.points;
    for part in runs.files(RUNS) {
        runs.go_on()?;
        if judged.points.is_empty() {
            known(&Table::schema(&part)?, &names)?;
        }
        let table = Table::read_columns(&part, &read)?;
        let point = table.counts("point")?;
        if let Some(row) = point.iter().position(|&point| point >= points) {
            return Err(table
                .fault(row, "point", &point[row], "a point of this dataset")
                .into());
        }
        let columns: Vec<Cells> = names
            .iter()
            .map(|name| Cells::read(&table, name))
            .collect::<Result<_, _>>()?;
        let mut cells = Vec::new();
        for (row, &point) in point.iter().enumerate() {
            if is_asked(point) {
                cells.clear();
                cells.extend(columns.iter().map(|column| column.cell(row)));
                judged.points.push(point);
                judged.hits.push(condition.holds(&cells));
            }
        }
    }
    Ok(judged)
}

/// Checks that the names of a condition are columns.
fn known(schema: &SchemaRef, names: &[&str]) -> Result<(), AnalyseError> {
    for name in names {
        if schema.column_with_name(name).is_none() {
            let all = schema.fields().iter().map(|field| field.name().as_str());
            let nearest = closest_name(name, all).map(str::to_owned);
            return Err(AnalyseError::Column {
                option: "where",
                name: (*name).to_owned(),
                nearest,
            });
        }
    }
    Ok(())
}

/// Column of a condition.
enum Cells {
    Numbers(Vec<f64>),
    Words(Vec<String>),
}

impl Cells {
    fn read(table: &Table, name: &str) -> Result<Self, TableError> {
        Ok(match table.kind(name) {
            Some(DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => {
                Self::Words(table.texts(name)?)
            }
            _ => {
                let values = table.optional_reals(name)?.into_iter();
                Self::Numbers(values.map(|value| value.unwrap_or(f64::NAN)).collect())
            }
        })
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Numbers(numbers) => Cell::Number(numbers[row]),
            Self::Words(words) => Cell::Word(&words[row]),
        }
    }
}

/// Returns the restricting limits of a step in words: `share > 0.1`.
pub fn words(found: &Discovery, step: &Step) -> Vec<String> {
    let first = &found.steps[0];
    let inputs = found.inputs.iter().zip(&step.limits).zip(&first.limits);
    inputs
        .filter_map(|(((name, words), limits), whole)| match (limits, whole) {
            (limits, whole) if limits == whole => None,
            (Limits::Range(low, high), Limits::Range(least, greatest)) => Some(match (low, high) {
                (low, high) if high == greatest => format!("{name} ≥ {}", short(*low)),
                (low, high) if low == least => format!("{name} ≤ {}", short(*high)),
                (low, high) => format!("{name} from {} to {}", short(*low), short(*high)),
            }),
            (Limits::Words(is_in), _) => {
                let kept = words.iter().zip(is_in).filter(|(_, is_in)| **is_in);
                let kept: Vec<_> = kept.map(|(word, _)| word.as_str()).collect();
                Some(format!("{name} is {}", kept.join(" or ")))
            }
            _ => None,
        })
        .collect()
}

fn short(value: f64) -> f64 {
    crate::digits::rounded(value, 4)
}
