//! `conviction sensitivity`.

use super::args::{Format, SensitivityArgs};
use super::text::number;
use super::{Failure, json, print};
use crate::analyse::sensitivity::{
    Asked, Indices, OutcomeSensitivity, Scheme, Sensitivity, sensitivity as compute,
};
use crate::digits::supported;
use crate::report::sensitivity::{distance, words};
use crate::study::Dataset;
use comfy_table::{CellAlignment, Table, presets};
use std::sync::atomic::AtomicBool;

pub fn sensitivity(args: &SensitivityArgs) -> Result<(), Failure> {
    let dataset = Dataset::open(&args.dataset).map_err(Failure::input)?;
    let asked = Asked {
        outcomes: args.outcome.clone(),
        combination: args.combination,
    };
    let found = compute(&dataset, &asked, &AtomicBool::new(false)).map_err(Failure::input)?;
    match args.format {
        Format::Json => json::print(&found.json())?,
        Format::Text => print(text(&found))?,
    }
    Ok(())
}

fn text(found: &Sensitivity) -> String {
    let mut text = String::new();
    for (number, scheme) in found.schemes.iter().enumerate() {
        text += &format!("{}\n\n", of_scheme(found, number, scheme));
    }
    text += &format!(
        "PAWN indices over the means of {} points, from 0 to 1: how far the distribution of an outcome moves once the \
         setting is known; unsure where chance alone may move it as far\n{}",
        found.points,
        distances(found)
    );
    for of in &found.outcomes {
        let name = &of.outcome.name;
        if of.is_constant {
            text += &format!("\n{name}: the same at every point");
        } else if of.missing > 0 {
            text += &format!(
                "\n{name}: missing at {} of {} points",
                of.missing, found.points
            );
        }
    }
    text
}

/// Outcomes that differ between points.
fn varying(found: &Sensitivity) -> impl Iterator<Item = &OutcomeSensitivity> {
    found.outcomes.iter().filter(|of| !of.is_constant)
}

fn of_scheme(found: &Sensitivity, number_of: usize, scheme: &Scheme) -> String {
    let names: Vec<&str> = scheme
        .axes
        .iter()
        .map(|&axis| found.axes[axis].name.as_str())
        .collect();
    let (mut sobols, mut pairs) = (Vec::new(), Vec::new());
    let mut effects = Vec::new();
    for of in varying(found) {
        let outcome = &of.outcome.name;
        match &of.schemes[number_of] {
            Some(Indices::Sobol(sobol)) => {
                for (axis, name) in names.iter().enumerate() {
                    let row = [outcome, *name].map(str::to_owned);
                    sobols.push(
                        [
                            &row[..],
                            &[words(&sobol.first[axis]), words(&sobol.total[axis])],
                        ]
                        .concat(),
                    );
                }
                for ((j, k), index) in &sobol.second {
                    pairs.push(vec![
                        outcome.clone(),
                        names[*j].to_owned(),
                        names[*k].to_owned(),
                        words(index),
                    ]);
                }
            }
            Some(Indices::Morris(found)) => {
                for (name, effect) in names.iter().zip(found) {
                    let (mean, _) = supported(effect.mean, effect.mean_size.half_width);
                    let deviation = number(effect.deviation);
                    effects.push(vec![
                        outcome.clone(),
                        (*name).to_owned(),
                        words(&effect.mean_size),
                        mean,
                        deviation,
                    ]);
                }
            }
            None => {}
        }
    }
    let which = match scheme.combinations {
        1 => String::new(),
        all => format!(
            ", combination {} of the {all} of all other settings",
            found.combination
        ),
    };
    let mut text = Vec::new();
    if !sobols.is_empty() {
        text.push(format!(
            "Sobol indices, shares of the variance of the point means{which}; ± half the 95 % interval, by 1,000 \
             resamples\n{}",
            table(&["outcome", "setting", "first", "total"], sobols)
        ));
    }
    if !pairs.is_empty() {
        let heads = ["outcome", "setting", "with", "second"];
        text.push(format!(
            "what pairs of settings do beyond each alone\n{}",
            table(&heads, pairs)
        ));
    }
    if !effects.is_empty() {
        text.push(format!(
            "elementary effects, in units of the outcome per range of the setting{which}; ± half the 95 % interval, by \
             1,000 resamples\n{}",
            table(&["outcome", "setting", "mean size", "mean", "sd"], effects)
        ));
    }
    match text.is_empty() {
        true => format!(
            "no outcome has a value at every point of the {} design",
            scheme.kind.name()
        ),
        false => text.join("\n\n"),
    }
}

fn distances(found: &Sensitivity) -> Table {
    let mut heads = vec!["outcome"];
    heads.extend(found.axes.iter().map(|axis| axis.name.as_str()));
    let rows = varying(found).map(|of| {
        let cells = of
            .pawn
            .iter()
            .map(|pawn| pawn.as_ref().map_or("–".to_owned(), distance));
        std::iter::once(of.outcome.name.clone())
            .chain(cells)
            .collect()
    });
    table(&heads, rows.collect())
}

fn table(heads: &[&str], rows: Vec<Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(heads);
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
