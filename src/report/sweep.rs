//! Draws a sweep: its runs, its outcomes, and the settings that matter.

use super::ReportError;
use super::figure::{Choice, Figure, Frame, all, bars, shown};
use super::forecast;
use super::outcomes::{bands, label, outcome_choice, titles};
use super::page::Page;
use super::{robust, sensitivity};
use crate::analyse::histogram::{BINS, Histogram};
use crate::analyse::levels::Axis;
use crate::analyse::sensitivity::rank_correlation;
use crate::analyse::{Aggregate, Fans, Outcome, aggregate};
use crate::digits::rounded;
use crate::study::Dataset;
use serde_json::{Value, json};

/// Draws a sweep from its dataset.
///
/// # Errors
/// When a part is missing or altered.
pub fn page(dataset: &Dataset) -> Result<Page, ReportError> {
    let manifest = &dataset.manifest;
    let by_point = manifest.points <= sensitivity::MOST_POINTS;
    let is_common = manifest
        .spec
        .get("randomness")
        .and_then(toml::Value::as_str)
        == Some("common");
    let mut found = aggregate(dataset, by_point, is_common)?;
    let everything = found.outcomes.clone();
    let constant = found.split_constant();
    let number = |key: &str| {
        manifest
            .spec
            .get(key)
            .and_then(toml::Value::as_integer)
            .unwrap_or(0)
    };

    let title = manifest.spec.get("title").and_then(toml::Value::as_str);
    let mut page = Page::new(
        &title.map_or_else(|| question(&found.axes), str::to_owned),
        &format!(
            "{}{} runs: {} points, {} each, seed {}; conviction {}, results version {}.",
            varied(&found.axes),
            manifest.runs,
            manifest.points,
            match number("replicates") {
                1 => "1 replicate".to_owned(),
                many => format!("{many} replicates"),
            },
            number("seed"),
            env!("CARGO_PKG_VERSION"),
            manifest.results_version,
        ),
    );
    robust::answer(&mut page, dataset, &everything)?;
    page.section("Outcomes");
    if found.failed > 0 {
        page.text(&format!(
            "{} runs failed. Charts over the days show them until they failed; the rest of this page is about the {} that \
             completed.",
            found.failed, found.completed
        ));
    }
    page.table(
        &[
            "outcome", "unit", "mean", "sd", "5 %", "25 %", "median", "75 %", "95 %",
        ],
        table(&found),
    );
    if !constant.is_empty() {
        page.text(&same(&constant));
    }
    if !found.all.iter().all(Histogram::is_exact) {
        page.text(&format!(
            "Quantiles are exact at the least and the greatest value, and at every value that more than one run in \
             {BINS} shares; others are rounded to {BINS} steps of the range."
        ));
    }
    if !found.outcomes.is_empty() {
        page.wide(distribution(&found));
    }
    if !found.axes.is_empty() && !found.outcomes.is_empty() {
        page.section("Effects").wide(effects(&found));
        if !found.pairs.is_empty() {
            page.wide(maps(&found));
        }
        page.section("Which settings matter")
            .text("Rank correlation of each numeric setting with each outcome, over all runs.")
            .wide(correlations(&found));
        sensitivity::section(&mut page, dataset, &found)?;
    }
    if let Some(differences) = differences(&found) {
        page.section("Differences between variants")
            .text(
                "Mean difference to the first variant, run by run in the same random worlds, with 95 % \
                 confidence intervals (normal approximation).",
            )
            .wide(differences);
    }
    if let Some(fans) = &found.fans {
        page.section("Over the days").wide(over_days(fans));
    }
    forecast::add(&mut page, dataset, found.fans.as_ref())?;
    let spec = toml::to_string(&manifest.spec).unwrap_or_default();
    page.section("What was run").code(&spec);
    Ok(page)
}

/// Returns the title of a sweep that has none: the question that its settings ask.
fn question(axes: &[Axis]) -> String {
    let names: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
    match names.as_slice() {
        [] => "What happens at this setting?".to_owned(),
        [one] => format!("What does {one} change?"),
        [first @ .., last] if names.len() <= 3 => {
            format!("What do {} and {last} change?", first.join(", "))
        }
        _ => format!("What do {} settings change?", names.len()),
    }
}

/// Describes the varied settings, with their ranges, by role.
fn varied(axes: &[Axis]) -> String {
    let described = |axis: &Axis| {
        let levels = &axis.labels;
        let range = match axis.range() {
            Some((least, most)) if levels.len() > 4 => {
                format!("{} to {}", rounded(least, 4), rounded(most, 4))
            }
            _ if levels.len() > 6 => format!("{} values", levels.len()),
            _ => levels.join(" · "),
        };
        let unit = match &*axis.unit {
            "" => String::new(),
            unit => format!(" {unit}"),
        };
        format!("{} ({range}{unit})", axis.name)
    };
    let of = |title: &str, is_shown: &dyn Fn(&Axis) -> bool| {
        let names = axes.iter().filter(|axis| is_shown(axis)).map(described);
        let names: Vec<String> = names.collect();
        match names.is_empty() {
            true => String::new(),
            false => format!("{title}: {}. ", names.join("; ")),
        }
    };
    let is_uncertain = |axis: &Axis| axis.role == "uncertainty";
    of("Varied", &|axis| !is_uncertain(axis)) + &of("Uncertain", &is_uncertain)
}

/// Names the outcomes that are the same in every run.
fn same(constant: &[(Outcome, f64)]) -> String {
    let values = constant
        .iter()
        .map(|(outcome, value)| match value.is_nan() {
            true => format!("{} (no value)", outcome.label()),
            false => format!("{} ({})", outcome.label(), short(*value)),
        });
    let values: Vec<String> = values.collect();
    format!("The same in every run: {}.", values.join("; "))
}

fn short(value: f64) -> String {
    match shown(value) {
        Value::Null => String::new(),
        _ if value == 0.0 => "0".to_owned(),
        _ => rounded(value, 4).to_string(),
    }
}

fn table(found: &Aggregate) -> Vec<Vec<String>> {
    let rows = found.all.iter().zip(&found.moments).enumerate();
    rows.map(|(outcome, (histogram, moments))| {
        let mut row = vec![
            found.outcomes[outcome].title(),
            found.outcomes[outcome].unit.clone(),
            short(moments.mean()),
            short(moments.deviation()),
        ];
        row.extend([0.05, 0.25, 0.5, 0.75, 0.95].map(|share| short(histogram.quantile(share))));
        row
    })
    .collect()
}

fn distribution(found: &Aggregate) -> Figure {
    let frames = found.all.iter().enumerate().map(|(outcome, histogram)| {
        // Bars are a few pixels wide.
        let (x, y): (Vec<_>, Vec<_>) = histogram.bars(64).into_iter().unzip();
        let lines = [0.05, 0.5, 0.95].map(|share| {
            let x = shown(histogram.quantile(share));
            json!({ "type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": x, "x1": x,
                    "line": { "dash": "dot", "color": "#d62728" } })
        });
        Frame {
            data: vec![bars("runs", all(x), json!(y))],
            layout: json!({ "xaxis": { "title": { "text": label(found, outcome) } }, "shapes": lines }),
        }
    });
    let caption = "How the runs are spread; dotted, the 5th, 50th and 95th percentiles.";
    let frames = frames.collect();
    Figure::chosen(caption, "", "runs", vec![outcome_choice(found)], frames)
        .with(json!({ "bargap": 0 }))
}

fn effects(found: &Aggregate) -> Figure {
    let mut frames = Vec::new();
    for (axis, by_level) in found.axes.iter().zip(&found.by_level) {
        for (outcome, levels) in by_level.iter().enumerate() {
            let levels: Vec<&Histogram> = levels.iter().collect();
            let data = match &axis.numbers {
                Some(numbers) => bands(all(numbers.clone()), &levels),
                None => boxes(axis, &levels),
            };
            frames.push(Frame {
                data,
                layout: json!({
                    "xaxis": { "title": { "text": axis.label() } },
                    "yaxis": { "title": { "text": label(found, outcome) } },
                }),
            });
        }
    }
    let names = found.axes.iter().map(|axis| axis.name.clone());
    let choices = vec![Choice::list("Setting", names), outcome_choice(found)];
    let caption =
        "What one setting does, over all others: median, and the middle 50 % and 90 % of the runs.";
    Figure::chosen(caption, "", "", choices, frames).tall(420)
}

fn boxes(axis: &Axis, levels: &[&Histogram]) -> Vec<Value> {
    let quantiles = |share: f64| all(levels.iter().map(|level| level.quantile(share)));
    vec![json!({
        "type": "box", "name": "runs", "x": axis.labels,
        "lowerfence": quantiles(0.05), "q1": quantiles(0.25), "median": quantiles(0.5),
        "q3": quantiles(0.75), "upperfence": quantiles(0.95),
    })]
}

fn maps(found: &Aggregate) -> Figure {
    let mut frames = Vec::new();
    for (&(a, b), by_outcome) in &found.pairs {
        for (outcome, means) in by_outcome.iter().enumerate() {
            let z = means
                .iter()
                .map(|row| all(row.iter().map(|cell| cell.mean())));
            frames.push(Frame {
                data: vec![json!({
                    "type": "heatmap", "colorscale": "Viridis", "x": found.axes[b].labels,
                    "y": found.axes[a].labels, "z": z.collect::<Vec<_>>(),
                    "colorbar": { "title": { "text": label(found, outcome), "side": "right" } },
                })],
                layout: json!({
                    "xaxis": { "title": { "text": found.axes[b].label() }, "type": "category" },
                    "yaxis": { "title": { "text": found.axes[a].label() }, "type": "category" },
                }),
            });
        }
    }
    let names = found
        .pairs
        .keys()
        .map(|&(a, b)| format!("{} and {}", found.axes[a].name, found.axes[b].name));
    let choices = vec![Choice::list("Settings", names), outcome_choice(found)];
    let caption = "What two settings do together: the mean over all others.";
    Figure::chosen(caption, "", "", choices, frames).tall(480)
}

fn correlations(found: &Aggregate) -> Figure {
    let numeric = || {
        let axes = found.axes.iter().zip(&found.by_level);
        axes.filter(|(axis, _)| axis.numbers.is_some() && axis.labels.len() > 1)
    };
    let z = numeric().map(|(_, by_level)| all(by_level.iter().map(|l| rank_correlation(l))));
    let names: Vec<_> = numeric().map(|(axis, _)| axis.name.clone()).collect();
    let height = 230 + 40 * names.len() as u32;
    let data = vec![json!({
        "type": "heatmap", "colorscale": "RdBu", "zmin": -1, "zmax": 1, "x": titles(found), "y": names,
        "z": z.collect::<Vec<_>>(), "texttemplate": "%{z:.2f}",
    })];
    let caption = "From -1 (the more, the less) to 1 (the more, the more).";
    Figure::fixed(caption, "", "", data)
        .with(json!({
            "xaxis": { "type": "category", "tickangle": -40 }, "yaxis": { "type": "category" },
        }))
        .tall(height)
        .turning()
}

fn differences(found: &Aggregate) -> Option<Figure> {
    let variants = found.axes.iter().find(|axis| axis.name == "variant")?;
    if found.differences.is_empty() {
        return None;
    }
    let others = &variants.labels[1..];
    let frames = (0..found.outcomes.len()).map(|outcome| {
        let by_variant = || {
            found
                .differences
                .iter()
                .map(|by_outcome| by_outcome[outcome])
        };
        Frame {
            data: vec![json!({
                "type": "scatter", "mode": "markers", "x": others,
                "y": all(by_variant().map(|d| d.mean())),
                "error_y": { "type": "data", "array": all(by_variant().map(|d| d.half_width())) },
                "marker": { "size": 9 },
            })],
            layout: json!({ "yaxis": { "title": { "text": format!("difference in {}", label(found, outcome)) } } }),
        }
    });
    let frames = frames.collect();
    let caption = format!("Difference to \"{}\".", variants.labels[0]);
    let figure = Figure::chosen(&caption, "", "", vec![outcome_choice(found)], frames);
    let axes = json!({
        "xaxis": { "type": "category", "title": { "text": "variant" } },
        "yaxis": { "zeroline": true, "rangemode": "tozero" },
    });
    Some(figure.with(axes))
}

fn over_days(fans: &Fans) -> Figure {
    let frames = fans.values.iter().zip(&fans.states).map(|(fan, state)| {
        let levels: Vec<&Histogram> = fan.iter().collect();
        Frame {
            data: bands(json!(fans.days), &levels),
            layout: json!({ "yaxis": { "title": { "text": state.label() } } }),
        }
    });
    let choices = vec![Choice::list(
        "State",
        fans.states.iter().map(Outcome::title),
    )];
    let caption = "Over all runs: median, and the middle 50 % and 90 %.";
    Figure::chosen(caption, "day", "", choices, frames.collect()).tall(420)
}
