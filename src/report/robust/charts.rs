//! Draws lever settings: price against safety, criteria, and parallel coordinates.

use super::{MOST, label, with_unit};
use crate::analyse::robust::{LeverResult, Pareto, Robustness};
use crate::digits::percent;
use crate::engine::Goal;
use crate::input::RawValue;
use crate::report::figure::{Choice, Figure, Frame, all, bars, frame, shown};
use serde_json::{Value, json};

/// Most lever settings that a chart names.
const NAMED: usize = 12;

/// Greatest number of characters of a name in a chart.
const LONG: usize = 24;

/// Returns the name of a lever setting in a chart: its number, if the words would not fit.
fn name(found: &Robustness, lever: usize) -> String {
    let words = label(&found.levers[lever]);
    match found.levers.len() <= NAMED && words.chars().count() <= LONG {
        true => words,
        false => lever.to_string(),
    }
}

/// Draws a scatter for each pair of objectives.
pub fn price(found: &Robustness) -> Figure {
    let pairs = || {
        found
            .pareto
            .iter()
            .filter(|pareto| pareto.objectives.len() == 2)
    };
    let names = pairs().map(|pareto| {
        let [a, b] = [0, 1].map(|of| &found.question.objectives[pareto.objectives[of]].name);
        format!("{b} against {a}")
    });
    let choices = vec![Choice::list("Objectives", names.collect::<Vec<_>>())];
    let frames = pairs().map(|pareto| scatter(found, pareto)).collect();
    let compared = match found.question.pareto_quantile {
        Some(share) => format!(", by the {} quantile from the worst", percent(share)),
        None => String::new(),
    };
    let caption = format!(
        "Means with 95 % intervals. No other setting is better in both objectives than those in colour{compared}."
    );
    Figure::chosen(&caption, "", "", choices, frames).tall(460)
}

fn scatter(found: &Robustness, pareto: &Pareto) -> Frame {
    let is_in = |lever: usize| pareto.levers.contains(&lever);
    let mean = |lever: usize, of: usize| found.levers[lever].outcomes[pareto.objectives[of]].mean;
    let width = |lever: usize, of: usize| {
        let outcomes = &found.levers[lever].outcomes;
        outcomes[pareto.objectives[of]].half_width
    };
    let trace = |title: &str, color: &str, mut levers: Vec<usize>| {
        levers.sort_by(|&a, &b| mean(a, 0).total_cmp(&mean(b, 0)));
        let numbers = |number: &dyn Fn(usize) -> f64| all(levers.iter().map(|&of| number(of)));
        let error = |of: usize| json!({ "type": "data", "array": numbers(&|lever| width(lever, of)), "thickness": 1 });
        let words = levers.iter().map(|&lever| name(found, lever));
        // Neighbours have their names on different sides.
        let sides: Vec<&str> = (0..levers.len())
            .map(|place| {
                if place % 2 == 0 {
                    "top center"
                } else {
                    "bottom center"
                }
            })
            .collect();
        let full = levers
            .iter()
            .map(|&lever| format!("{lever}: {}", label(&found.levers[lever])));
        json!({
            "type": "scatter", "mode": "markers+text", "name": title,
            "x": numbers(&|lever| mean(lever, 0)), "y": numbers(&|lever| mean(lever, 1)),
            "error_x": error(0), "error_y": error(1), "marker": { "color": color, "size": 9 },
            "text": words.collect::<Vec<_>>(), "textposition": sides, "cliponaxis": false,
            "hovertext": full.collect::<Vec<_>>(),
        })
    };
    let (best, others): (Vec<usize>, Vec<usize>) =
        (0..found.levers.len()).partition(|&of| is_in(of));
    let axis = |of: usize| {
        let objective = pareto.objectives[of];
        let better = match (found.question.objectives[objective].goal, of) {
            (Goal::Min, 0) => "← better",
            (_, 0) => "better →",
            (Goal::Min, _) => "lower is better",
            _ => "higher is better",
        };
        json!({ "title": { "text": format!("{} ({better})", with_unit(found, objective)) } })
    };
    let mut data = vec![
        trace("another is better in both", "#999999", others),
        trace("none is better in both (Pareto set)", "#d62728", best),
    ];
    data[1]["mode"] = json!("lines+markers+text");
    data[1]["line"] = json!({ "dash": "dot", "width": 1, "color": "#d62728" });
    Frame {
        data,
        layout: json!({ "xaxis": axis(0), "yaxis": axis(1) }),
    }
}

/// Draws bars of the share of worlds that meet each criterion.
pub fn met(found: &Robustness, order: &[usize]) -> Figure {
    let order = &order[..order.len().min(MOST)];
    let labels: Vec<String> = order.iter().map(|&lever| name(found, lever)).collect();
    let share = |share: &dyn Fn(&LeverResult) -> f64| {
        all(order.iter().map(|&lever| share(&found.levers[lever])))
    };
    let mut data = Vec::new();
    let criteria = found.question.objectives.iter().enumerate();
    let criteria = criteria.filter_map(|(number, of)| Some((number, of, of.meet?)));
    for (number, objective, meet) in criteria {
        let met = share(&|of| of.satisficing.each[number]);
        data.push(bars(
            &format!("{} {meet}", objective.name),
            json!(labels),
            met,
        ));
    }
    // One criterion is all of them.
    if data.len() > 1 {
        let all = share(&|of| of.satisficing.share);
        data.insert(0, bars("all criteria", json!(labels), all));
    }
    let caption = "Share of worlds that meet each criterion, by lever setting.";
    Figure::chosen(
        caption,
        "lever setting",
        "share of worlds",
        Vec::new(),
        vec![frame(data)],
    )
    .with(json!({
        "xaxis": { "type": "category" }, "yaxis": { "range": [0, 1] }, "showlegend": true,
    }))
}

/// Draws the best lever settings as lines over parallel axes: levers, the share that meets all criteria, and the means
/// of objectives.
pub fn coordinates(found: &Robustness, order: &[usize], spec: &toml::Table) -> Figure {
    let order = &order[..order.len().min(MOST)];
    let levers = found.levers[order[0]].setting.len();
    let mut dimensions: Vec<Value> = (0..levers)
        .map(|lever| of_lever(found, order, lever, spec))
        .collect();
    let numbers = |number: &dyn Fn(&LeverResult) -> f64| {
        all(order.iter().map(|&lever| number(&found.levers[lever])))
    };
    let met = numbers(&|of| of.satisficing.share);
    let has_criteria = found.question.objectives.iter().any(|of| of.meet.is_some());
    if has_criteria {
        dimensions.push(json!({ "label": "meets all", "values": met, "range": [0, 1] }));
    }
    for number in 0..found.question.objectives.len() {
        let means = numbers(&|of| of.outcomes[number].mean);
        dimensions.push(json!({ "label": with_unit(found, number), "values": means }));
    }
    let (color, title) = match has_criteria {
        true => (met, "meets all".to_owned()),
        false => (numbers(&|of| of.outcomes[0].mean), with_unit(found, 0)),
    };
    let width = 120 * dimensions.len() as u32;
    let data = json!({
        "type": "parcoords", "dimensions": dimensions, "labelangle": -15,
        "line": { "color": color, "colorscale": "Viridis", "showscale": true, "colorbar": { "title": { "text": title } } },
    });
    let which = match order.len() < found.levers.len() {
        true => format!(
            "The best {} of {} lever settings",
            order.len(),
            found.levers.len()
        ),
        false => "Every lever setting".to_owned(),
    };
    let caption = format!(
        "{which}, a line each, through its levers and its outcomes. Drag along an axis to keep the lines that pass there."
    );
    Figure::fixed(&caption, "", "", vec![data])
        .with(json!({ "margin": { "l": 130, "r": 40, "t": 80, "b": 30 } }))
        .tall(420)
        .broad(width)
}

/// Returns the axis of a lever: its words in order, or its numbers, on the scale of the spec.
fn of_lever(found: &Robustness, order: &[usize], lever: usize, spec: &toml::Table) -> Value {
    let name = &found.levers[order[0]].setting[lever].0;
    let values: Vec<&RawValue> = (order.iter())
        .map(|&of| &found.levers[of].setting[lever].1)
        .collect();
    let numbers: Option<Vec<f64>> = (values.iter())
        .map(|value| match value {
            RawValue::Number(number) => Some(*number),
            RawValue::Word(_) => None,
        })
        .collect();
    let Some(numbers) = numbers else {
        let mut words: Vec<String> = values.iter().map(|value| super::plain(value)).collect();
        let all = words.clone();
        words.sort();
        words.dedup();
        let place = |word: &String| words.iter().position(|other| other == word);
        let places: Vec<_> = all.iter().map(place).collect();
        let ticks: Vec<usize> = (0..words.len()).collect();
        return json!({ "label": name, "values": places, "tickvals": ticks, "ticktext": words });
    };
    let mut ticks = numbers.clone();
    ticks.sort_by(f64::total_cmp);
    ticks.dedup();
    let is_log = is_log(spec, name) && ticks[0] > 0.0;
    let at = |number: f64| if is_log { libm::log10(number) } else { number };
    let mut axis =
        json!({ "label": name, "values": all(numbers.iter().map(|&number| at(number))) });
    if is_log || ticks.len() <= NAMED {
        let kept = crate::analyse::spread(ticks.len(), NAMED / 2);
        let kept: Vec<f64> = kept.map(|place| ticks[place]).collect();
        axis["tickvals"] = all(kept.iter().map(|&tick| at(tick)));
        let texts = kept
            .iter()
            .map(|&tick| shown(crate::digits::rounded(tick, 3)).to_string());
        axis["ticktext"] = json!(texts.collect::<Vec<_>>());
    }
    axis
}

/// Returns true if the spec declares the range of a setting on a logarithmic scale.
fn is_log(spec: &toml::Table, name: &str) -> bool {
    let tables = ["levers", "uncertainties", "axes"];
    let mut axes = tables
        .iter()
        .filter_map(|table| spec.get(*table)?.get(name));
    axes.any(|axis| axis.get("scale").and_then(toml::Value::as_str) == Some("log"))
}
