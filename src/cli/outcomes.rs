//! Prints the mean outcomes of a sweep's points as a table that fits the terminal.

use super::text::number;
use crate::analyse::means::PointMeans;
use crate::digits::rounded;
use crate::engine::Value;
use crate::study::Plan;
use crate::study::tables::RUNS;
use comfy_table::{CellAlignment, Table, presets};

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
/// outcome shown. Columns of axes that do not fit into `width` characters are left out.
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
    let varied = varied(plan, &points);
    let ends = ends(&points, shown.len());
    let spent = column_width("point", ["0".repeat(all.to_string().len())].iter())
        + shown
            .iter()
            .enumerate()
            .map(|(place, (_, name))| column_width(name, ends.iter().map(|end| &end[place])))
            .sum::<usize>();
    let mut room = width.saturating_sub(spent);
    let fitting = varied.iter().take_while(|(name, cells)| {
        let needed = column_width(name, cells.iter());
        let fits = needed <= room;
        room = room.saturating_sub(needed);
        fits
    });
    let fitting: Vec<_> = fitting.collect();

    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let names = fitting.iter().map(|(name, _)| name.as_str());
    table.set_header(
        std::iter::once("point")
            .chain(names)
            .chain(shown.iter().map(|(_, name)| *name)),
    );
    for (row, (of, end)) in points.iter().zip(&ends).enumerate() {
        let cells = fitting.iter().map(|(_, cells)| cells[row].clone());
        let number = std::iter::once(of.point.to_string());
        table.add_row(number.chain(cells).chain(end.iter().cloned()));
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
    let hidden: Vec<&str> = varied[fitting.len()..]
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    if !hidden.is_empty() {
        text += &format!(
            "\nalso varied, see points.parquet: {}",
            first_of(&hidden, width.saturating_sub(48))
        );
    }
    text + &empty
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

/// Tells how many runs the means leave out, since they have no value.
fn left_out(shown: &[(&str, &str)], points: &[PointMeans]) -> String {
    let completed: u64 = points.iter().map(|of| u64::from(of.completed)).sum();
    let of_outcome = shown.iter().enumerate().filter_map(|(place, (_, name))| {
        let empty: u64 = points.iter().map(|of| u64::from(of.empty(place))).sum();
        (empty > 0).then(|| {
            format!("\n{name}: means leave out {empty} of {completed} runs, which have no value")
        })
    });
    of_outcome.collect()
}

/// Returns the variant and the axes, each with its values at these points.
fn varied(plan: &Plan, points: &[PointMeans]) -> Vec<(String, Vec<String>)> {
    let shown = |value: Value| match value {
        // Enough digits to distinguish points.
        Value::Real(number) => Value::Real(rounded(number, 6)).to_string(),
        other => other.to_string(),
    };
    let mut columns: Vec<(String, Vec<String>)> = plan
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
fn ends(points: &[PointMeans], outcomes: usize) -> Vec<Vec<String>> {
    let mean = |of: &PointMeans, column| of.mean(column).map_or("–".to_owned(), number);
    let end = |of: &PointMeans| (0..outcomes).map(|column| mean(of, column)).collect();
    points.iter().map(end).collect()
}

/// Returns the width of a column in characters, including the space on either side.
fn column_width<'c>(name: &str, cells: impl Iterator<Item = &'c String>) -> usize {
    let widest = cells.map(|cell| cell.chars().count()).max();
    widest.unwrap_or(0).max(name.chars().count()) + 2
}
