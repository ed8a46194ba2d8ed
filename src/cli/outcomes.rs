//! Prints the mean outcomes of a sweep's points as a table that fits the terminal.

use super::text::number;
use crate::analyse::means::PointMeans;
use crate::digits::rounded;
use crate::engine::Value;
use crate::study::Plan;
use crate::study::tables::RUNS;
use comfy_table::{CellAlignment, Table, presets};

/// Heading and cells.
type Column = (String, Vec<String>);

/// Number of outcomes that are shown before any axis.
const ALWAYS: usize = 2;

/// Maximum number of points shown.
const SHOWN: usize = 10;

/// Outcomes shown, with headings.
const SUMMARY: [(&str, &str); 5] = [
    ("proposals_granted", "granted"),
    ("funds_granted", "Honey granted"),
    ("funds", "pool at end"),
    ("median_days_to_pass", "median days"),
    ("mean_sentiment", "mean sentiment"),
];

/// Returns the outcomes to show, of those that a plan writes; the first one orders the points.
pub fn summary(plan: &Plan) -> Vec<(&'static str, &'static str)> {
    let runs = plan
        .spec
        .output
        .tables
        .iter()
        .find(|table| table.name == RUNS);
    let written = runs.map_or(Vec::new(), |runs| plan.spec.columns_of(runs));
    let is_written = |name: &str| written.iter().any(|column| column.name == name);
    let shown = SUMMARY.into_iter().filter(|(name, _)| is_written(name));
    shown.collect()
}

/// Tabulates the mean outcomes by point: of all points, or of those with the least and greatest mean of the first
/// outcome shown. Columns that do not fit into `width` characters are left out: first outcomes but for two, then axes.
pub fn outcomes(
    plan: &Plan,
    shown: &[(&str, &str)],
    mut points: Vec<PointMeans>,
    width: usize,
) -> String {
    let all = points.len();
    let empty = left_out(shown, &points);
    if all > SHOWN {
        let first = |of: &PointMeans| match shown.is_empty() {
            true => 0.0,
            false => of.mean(0).unwrap_or(f64::NEG_INFINITY),
        };
        points.sort_by(|a, b| first(a).total_cmp(&first(b)).then(a.point.cmp(&b.point)));
        points.drain(SHOWN / 2..all - SHOWN / 2);
    }
    let (varied, ends) = (varied(plan, &points), ends(shown, &points));
    let numbers = points.iter().map(|of| of.point.to_string()).collect();
    let number = ("point".to_owned(), numbers);
    let (first, more) = ends.split_at(ends.len().min(ALWAYS));
    let spent: usize = first.iter().chain([&number]).map(column_width).sum();
    let mut room = width.saturating_sub(spent);
    let axes = fitting(&varied, &mut room);
    let more = fitting(more, &mut room);

    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let columns = || {
        std::iter::once(&number)
            .chain(axes)
            .chain(first)
            .chain(more)
    };
    table.set_header(columns().map(|(name, _)| name));
    for row in 0..points.len() {
        table.add_row(columns().map(|(_, cells)| &cells[row]));
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = if all > SHOWN {
        match shown.first() {
            Some(("proposals_granted", _)) => {
                format!("means over the runs, at the points that grant least and most of {all}")
            }
            Some((_, name)) => {
                format!("means over the runs, at the points of least and most {name}, of {all}")
            }
            None => format!("the first and the last of {all} points"),
        }
    } else {
        "means over the runs of each point".to_owned()
    };
    text += &format!("\n{table}");
    let hidden: Vec<&str> = varied[axes.len()..]
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    if !hidden.is_empty() {
        text += &format!(
            "\nalso varied, see points.parquet: {}",
            first_of(&hidden, width.saturating_sub(48))
        );
    }
    text + &empty[..first.len() + more.len()].concat()
}

/// Lists the first names, at least one, of those that fit into `width` characters, and how many more there are.
fn first_of(names: &[&str], width: usize) -> String {
    let mut listed = names[0].to_owned();
    for (place, name) in names.iter().enumerate().skip(1) {
        if listed.len() + name.len() + 2 > width {
            return format!("{listed} and {} more", names.len() - place);
        }
        listed += &format!(", {name}");
    }
    listed
}

/// Tells, for each outcome, how many runs its means leave out, since they have no value; empty if none.
fn left_out(shown: &[(&str, &str)], points: &[PointMeans]) -> Vec<String> {
    let completed: u64 = points.iter().map(|of| u64::from(of.completed)).sum();
    let of_outcome = shown.iter().enumerate().map(|(place, (_, name))| {
        let empty: u64 = points.iter().map(|of| u64::from(of.empty(place))).sum();
        match empty {
            0 => String::new(),
            _ => format!(
                "\n{name}: means leave out {empty} of {completed} runs, which have no value"
            ),
        }
    });
    of_outcome.collect()
}

/// Returns the variant and the axes, each with its values at these points.
fn varied(plan: &Plan, points: &[PointMeans]) -> Vec<Column> {
    let shown = |value: Value| match value {
        // Enough digits to distinguish points.
        Value::Real(number) => Value::Real(rounded(number, 6)).to_string(),
        other => other.to_string(),
    };
    let mut columns: Vec<Column> = plan
        .spec
        .point_columns()
        .into_iter()
        .map(|column| (column.name, Vec::new()))
        .collect();
    for of in points {
        let variant = plan.variant(of.point).map(str::to_owned);
        let values = plan.values(of.point).map(|(_, value)| shown(value));
        for ((_, cells), value) in columns.iter_mut().zip(variant.into_iter().chain(values)) {
            cells.push(value);
        }
    }
    columns
}

/// Returns the mean outcomes of these points.
fn ends(shown: &[(&str, &str)], points: &[PointMeans]) -> Vec<Column> {
    let mean = |of: &PointMeans, place| of.mean(place).map_or("–".to_owned(), number);
    let column = |(place, (_, name)): (usize, &(&str, &str))| {
        let cells = points.iter().map(|of| mean(of, place)).collect();
        ((*name).to_owned(), cells)
    };
    shown.iter().enumerate().map(column).collect()
}

/// Returns the first columns that fit into the room, and subtracts their width from it.
fn fitting<'c>(columns: &'c [Column], room: &mut usize) -> &'c [Column] {
    let fit = columns.iter().take_while(|column| {
        let left = room.checked_sub(column_width(column));
        *room = left.unwrap_or(0);
        left.is_some()
    });
    &columns[..fit.count()]
}

/// Returns the width of a column in characters, including the space on either side.
fn column_width((name, cells): &Column) -> usize {
    let widest = cells.iter().map(|cell| cell.chars().count()).max();
    widest.unwrap_or(0).max(name.chars().count()) + 2
}
