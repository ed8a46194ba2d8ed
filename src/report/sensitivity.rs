//! Which settings matter, as a section of a sweep's report, and in words.

use super::ReportError;
use super::figure::{Figure, all, bars, frame, shown};
use super::outcomes::outcome_choice;
use super::page::Page;
use crate::analyse::Aggregate;
use crate::analyse::sensitivity::{
    Index, Indices, Morris, OutcomeSensitivity, Pawn, Scheme, Sensitivity, Sobol, of_means,
};
use crate::digits::supported;
use crate::study::Dataset;
use serde_json::{Value, json};
use std::sync::atomic::AtomicBool;

/// Most points whose means a report keeps.
pub const MOST_POINTS: u32 = 100_000;

/// An estimate with its half width, to the digits that this supports; marks unsure ones.
pub fn words(index: &Index) -> String {
    if index.value.is_nan() {
        return "–".to_owned();
    }
    let (value, half_width) = supported(index.value, index.half_width);
    match index.is_unsure {
        true => format!("unsure ({value} ± {half_width})"),
        false => format!("{value} ± {half_width}"),
    }
}

/// A PAWN index; marks those that chance alone can cause.
pub fn distance(pawn: &Pawn) -> String {
    let (median, chance) = (format!("{:.2}", pawn.median), format!("{:.2}", pawn.chance));
    match pawn.is_unsure() {
        true => format!("unsure ({median}; chance {chance})"),
        false => median,
    }
}

/// Adds the indices of a sweep to its report, where the means of its points are kept.
///
/// # Errors
/// When the points are not those of the dataset.
pub(super) fn section(
    page: &mut Page,
    dataset: &Dataset,
    found: &Aggregate,
) -> Result<(), ReportError> {
    if found.points.is_empty() {
        return Ok(());
    }
    let (axes, outcomes) = (found.axes.clone(), found.outcomes.clone());
    let spec = &dataset.manifest.spec;
    let stop = AtomicBool::new(false);
    let of = of_means(axes, spec, outcomes, &found.points, 0, &stop)?;
    page.wide(distances(&of));
    for (number, scheme) in of.schemes.iter().enumerate() {
        let by_outcome: Vec<_> = (of.outcomes.iter())
            .map(|outcome| (outcome, outcome.schemes[number].as_ref()))
            .collect();
        variance(page, found, &of, scheme, &by_outcome);
        elementary(page, found, &of, scheme, &by_outcome);
    }
    Ok(())
}

/// The indices of a scheme for each outcome.
type ByOutcome<'a> = [(&'a OutcomeSensitivity, Option<&'a Indices>)];

fn names(of: &Sensitivity, scheme: &Scheme) -> Vec<String> {
    let names = scheme.axes.iter().map(|&axis| of.axes[axis].name.clone());
    names.collect()
}

fn distances(of: &Sensitivity) -> Figure {
    let axes: Vec<_> = of.axes.iter().map(|axis| axis.name.as_str()).collect();
    let titles: Vec<_> = of
        .outcomes
        .iter()
        .map(|outcome| outcome.outcome.title())
        .collect();
    let z = (0..axes.len()).map(|axis| {
        let cells = of.outcomes.iter().map(|outcome| {
            let pawn = outcome.pawn[axis].as_ref().filter(|pawn| !pawn.is_unsure());
            pawn.map_or(f64::NAN, |pawn| pawn.median)
        });
        all(cells)
    });
    let data = vec![json!({
        "type": "heatmap", "colorscale": "Blues", "reversescale": true, "zmin": 0, "zmax": 1, "x": titles, "y": axes,
        "z": z.collect::<Vec<_>>(), "texttemplate": "%{z:.2f}", "hoverongaps": false,
    })];
    let caption = "PAWN indices, over the point means: how far the distribution of an outcome moves once the setting is \
                   known, from 0 to 1. Empty where chance alone may move it as far.";
    Figure::fixed(caption, "", "", data)
        .with(json!({
            "xaxis": { "type": "category", "tickangle": -40 }, "yaxis": { "type": "category" },
        }))
        .tall(230 + 40 * of.axes.len() as u32)
        .turning()
}

fn errors(indices: &[Index]) -> Value {
    json!({ "type": "data", "array": indices.iter().map(|index| shown(index.half_width)).collect::<Vec<_>>() })
}

fn with_errors(name: &str, names: &[String], indices: &[Index]) -> Value {
    let mut bars = bars(
        name,
        json!(names),
        all(indices.iter().map(|index| index.value)),
    );
    bars["error_y"] = errors(indices);
    bars
}

fn variance(
    page: &mut Page,
    found: &Aggregate,
    of: &Sensitivity,
    scheme: &Scheme,
    by_outcome: &ByOutcome,
) {
    let sobol = |indices: Option<&Indices>| match indices {
        Some(Indices::Sobol(sobol)) => Some(sobol.clone()),
        _ => None,
    };
    let all: Vec<Option<Sobol>> = by_outcome.iter().map(|of| sobol(of.1)).collect();
    if all.iter().all(Option::is_none) {
        return;
    }
    let names = names(of, scheme);
    let (mut frames, mut rows, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
    for ((outcome, _), sobol) in by_outcome.iter().zip(&all) {
        let title = outcome.outcome.title();
        let Some(sobol) = sobol else {
            frames.push(frame(Vec::new()));
            continue;
        };
        for (axis, name) in names.iter().enumerate() {
            let indices = [&sobol.first[axis], &sobol.total[axis]].map(words);
            rows.push([vec![title.clone(), name.clone()], indices.into()].concat());
        }
        for ((j, k), index) in sobol.second.iter().filter(|(_, index)| !index.is_unsure) {
            if index.value > index.half_width {
                let both = format!("{} and {}", names[*j], names[*k]);
                pairs.push(vec![title.clone(), both, words(index)]);
            }
        }
        frames.push(frame(vec![
            with_errors("first order", &names, &sobol.first),
            with_errors("total", &names, &sobol.total),
        ]));
    }
    let caption = "Sobol indices: each setting's share of the variance of the point means, alone and with \
                   its interactions; with 95 % intervals by the bootstrap.";
    let choices = vec![outcome_choice(found)];
    page.wide(Figure::chosen(
        caption,
        "setting",
        "share of variance",
        choices,
        frames,
    ));
    page.table(&["outcome", "setting", "first order", "total"], rows);
    if !pairs.is_empty() {
        page.text("Pairs of settings that act together, beyond what each does alone.")
            .table(&["outcome", "settings", "share of variance"], pairs);
    }
}

fn elementary(
    page: &mut Page,
    found: &Aggregate,
    of: &Sensitivity,
    scheme: &Scheme,
    by_outcome: &ByOutcome,
) {
    let effects = |indices: Option<&Indices>| match indices {
        Some(Indices::Morris(effects)) => effects.clone(),
        _ => Vec::new(),
    };
    let every: Vec<Vec<Morris>> = by_outcome.iter().map(|of| effects(of.1)).collect();
    if every.iter().all(Vec::is_empty) {
        return;
    }
    let names = names(of, scheme);
    let (mut frames, mut rows) = (Vec::new(), Vec::new());
    for ((outcome, _), effects) in by_outcome.iter().zip(&every) {
        let title = outcome.outcome.title();
        for (name, effect) in names.iter().zip(effects) {
            let (mean, _) = supported(effect.mean, effect.mean_size.half_width);
            let (deviation, _) = supported(effect.deviation, effect.mean_size.half_width);
            rows.push(vec![
                title.clone(),
                name.clone(),
                mean,
                words(&effect.mean_size),
                deviation,
            ]);
        }
        let sizes: Vec<Index> = effects.iter().map(|effect| effect.mean_size).collect();
        let texts = names.iter().zip(effects).map(|(name, _)| name);
        frames.push(frame(vec![json!({
            "type": "scatter", "mode": "markers+text", "text": texts.collect::<Vec<_>>(), "textposition": "top center",
            "x": all(sizes.iter().map(|size| size.value)), "error_x": errors(&sizes),
            "y": all(effects.iter().map(|effect| effect.deviation)),
        })]));
    }
    let caption = "Morris' elementary effects: how much a setting does (across, with 95 % intervals), and how much that \
                   depends on the others (up).";
    let choices = vec![outcome_choice(found)];
    page.wide(Figure::chosen(
        caption,
        "mean size, in units of the outcome",
        "deviation, in units of the outcome",
        choices,
        frames,
    ));
    page.table(
        &["outcome", "setting", "mean", "mean size", "deviation"],
        rows,
    );
}
