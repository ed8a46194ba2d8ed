//! Draws a comparison of lever settings: the answer, the table and the figures.

use super::figure::{Choice, Figure, Frame, all, bars, frame};
use super::page::Page;
use crate::analyse::robust::{LeverResult, Pareto, Robustness, WorldKind, shared_chance};
use crate::digits::{percent, rounded};
use crate::engine::Goal;
use crate::input::RawValue;
use crate::study::Dataset;
use serde_json::{Value, json};

/// Most lever settings in the table and the bars.
const MOST: usize = 50;

/// Returns the numbers of the lever settings, the best first: by the share of worlds that meet every criterion, then
/// by the mean of the first objective.
pub fn order(found: &Robustness) -> Vec<usize> {
    let mut order: Vec<usize> = (0..found.levers.len()).collect();
    let first = found.question.objectives.first();
    let sign = if first.is_some_and(|of| of.goal == Goal::Min) {
        -1.0
    } else {
        1.0
    };
    let rank = |lever: usize| {
        let of = &found.levers[lever];
        let mean = of
            .outcomes
            .first()
            .map_or(f64::NAN, |outcome| sign * outcome.mean);
        [of.satisficing.share, mean].map(|value| {
            if value.is_nan() {
                f64::NEG_INFINITY
            } else {
                value
            }
        })
    };
    order.sort_by(|&a, &b| {
        let pairs = rank(b).into_iter().zip(rank(a));
        let order = pairs
            .map(|(b, a)| b.total_cmp(&a))
            .find(|order| order.is_ne());
        order.unwrap_or(a.cmp(&b))
    });
    order
}

/// Returns a lever setting in words.
pub fn setting(of: &LeverResult) -> String {
    let values = of
        .setting
        .iter()
        .map(|(name, value)| format!("{name} = {}", plain(value)));
    let words: Vec<_> = values.collect();
    match words.is_empty() {
        true => "the only setting".to_owned(),
        false => words.join(", "),
    }
}

/// Returns the value of a lever, words without quotes.
pub fn plain(value: &RawValue) -> String {
    match value {
        RawValue::Word(word) => word.clone(),
        RawValue::Number(number) => number.to_string(),
    }
}

/// Returns the answer in a sentence or two.
pub fn sentence(found: &Robustness) -> String {
    let Some(&best) = order(found).first() else {
        return "no lever settings".to_owned();
    };
    let of = &found.levers[best];
    let worlds = match found.question.kind {
        WorldKind::Run => format!(
            "{} worlds at {} uncertain points",
            found.worlds, found.points
        ),
        WorldKind::Point => format!("{} worlds, each the mean of its replicates", found.worlds),
    };
    let criteria: Vec<String> = (found.question.objectives.iter())
        .filter_map(|objective| Some(format!("{} {}", objective.name, objective.meet?)))
        .collect();
    let words = setting(of);
    if !criteria.is_empty() {
        let (low, high) = of.satisficing.interval;
        return format!(
            "Over {worlds}, {words} (lever {best}) most often meets {}: in {} of them, 95 % interval {} to {}.",
            criteria.join(" and "),
            percent(of.satisficing.share),
            percent(low),
            percent(high),
        );
    }
    let objective = &found.question.objectives[0];
    let outcome = &of.outcomes[0];
    let most = if objective.goal == Goal::Min {
        "least"
    } else {
        "most"
    };
    format!(
        "Over {worlds}, {words} (lever {best}) has the {most} {}: {} ± {} in the mean, at 95 %.",
        objective.name,
        short(outcome.mean),
        short(outcome.half_width),
    )
}

fn short(value: f64) -> String {
    match value {
        value if !value.is_finite() => "–".to_owned(),
        0.0 => "0".to_owned(),
        value => rounded(value, 4).to_string(),
    }
}

fn share(value: f64) -> String {
    if value.is_finite() {
        percent(value)
    } else {
        "–".to_owned()
    }
}

/// Draws a comparison.
pub fn page(dataset: &Dataset, found: &Robustness) -> Page {
    let manifest = &dataset.manifest;
    let title = manifest.spec.get("title").and_then(toml::Value::as_str);
    let mut page = Page::new(
        title.unwrap_or("Which setting, and how sure"),
        &format!(
            "{} runs: {} lever settings, {} worlds; conviction {}, results version {}.",
            manifest.runs,
            found.levers.len(),
            found.worlds,
            manifest.version,
            manifest.results_version,
        ),
    );
    let order = order(found);
    page.section("The answer").text(&sentence(found));
    if let Some(warning) = shared_chance(dataset, found) {
        page.text(&format!("Caution: {warning}."));
    }
    let (header, rows) = settings(found, &order);
    page.table(&header.iter().map(String::as_str).collect::<Vec<_>>(), rows);
    if order.len() > MOST {
        page.text(&format!(
            "The best {MOST} of {} lever settings.",
            order.len()
        ));
    }
    if !found.pareto.is_empty() {
        page.section("The price")
            .text("Means with 95 % intervals; settings in colour are those that no other betters in both.")
            .wide(price(found));
    }
    let has_criteria = found.question.objectives.iter().any(|of| of.meet.is_some());
    if has_criteria {
        page.section("How often the criteria are met")
            .wide(met(found, &order));
        page.text("If one criterion were half, or double:");
        let (header, rows) = grid(found, &order);
        page.table(&header.iter().map(String::as_str).collect::<Vec<_>>(), rows);
    }
    let empty: Vec<String> = empties(found).collect();
    if !empty.is_empty() {
        page.section("Worlds without a value");
        for line in &empty {
            page.text(line);
        }
    }
    let spec = toml::to_string(&manifest.spec).unwrap_or_default();
    page.section("What was run").code(&spec);
    page
}

fn settings(found: &Robustness, order: &[usize]) -> (Vec<String>, Vec<Vec<String>>) {
    let objectives = &found.question.objectives;
    let mut header = vec![
        "setting".to_owned(),
        "meets all".to_owned(),
        "95 %".to_owned(),
    ];
    for objective in objectives {
        let name = &objective.name;
        header.extend([
            name.clone(),
            "± 95 %".to_owned(),
            format!("regret of {name}"),
        ]);
        header.push(format!("{name}, worst tenth"));
    }
    let rows = order.iter().take(MOST).map(|&lever| {
        let of = &found.levers[lever];
        let (low, high) = of.satisficing.interval;
        let interval = match low.is_nan() {
            true => String::new(),
            false => format!("{} – {}", share(low), share(high)),
        };
        let mut row = vec![
            format!("{lever}: {}", setting(of)),
            share(of.satisficing.share),
            interval,
        ];
        for (outcome, regret) in of.outcomes.iter().zip(&of.regret) {
            let numbers = [
                outcome.mean,
                outcome.half_width,
                regret.mean,
                outcome.worst_tenth,
            ];
            row.extend(numbers.map(short));
        }
        row
    });
    let rows = rows.collect();
    (header, rows)
}

/// Draws a scatter for each pair of objectives.
fn price(found: &Robustness) -> Figure {
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
    Figure::chosen("Each dot is a lever setting.", "", "", choices, frames).tall(460)
}

fn scatter(found: &Robustness, pareto: &Pareto) -> Frame {
    let trace = |name: &str, color: &str, is_shown: &dyn Fn(usize) -> bool| {
        let levers = || (0..found.levers.len()).filter(|&lever| is_shown(lever));
        let numbers = |of: usize, number: fn(&LeverResult, usize) -> f64| {
            all(levers().map(|lever| number(&found.levers[lever], pareto.objectives[of])))
        };
        let mean = |of: usize| numbers(of, |lever, of| lever.outcomes[of].mean);
        let error = |of: usize| {
            let width = numbers(of, |lever, of| lever.outcomes[of].half_width);
            json!({ "type": "data", "array": width, "thickness": 1 })
        };
        let words = levers().map(|lever| format!("{lever}: {}", setting(&found.levers[lever])));
        json!({
            "type": "scatter", "mode": "markers", "name": name, "x": mean(0), "y": mean(1),
            "error_x": error(0), "error_y": error(1), "text": words.collect::<Vec<_>>(),
            "marker": { "color": color, "size": 8 },
        })
    };
    let is_in = |lever: usize| pareto.levers.contains(&lever);
    let axis = |of: usize| json!({ "title": { "text": found.question.objectives[pareto.objectives[of]].name } });
    Frame {
        data: vec![
            trace("bettered by another", "#999999", &|lever| !is_in(lever)),
            trace("bettered by none", "#d62728", &is_in),
        ],
        layout: json!({ "xaxis": axis(0), "yaxis": axis(1) }),
    }
}

/// Draws bars of the share of worlds that meet each criterion.
fn met(found: &Robustness, order: &[usize]) -> Figure {
    let order = &order[..order.len().min(MOST)];
    let labels: Vec<String> = order.iter().map(|lever| lever.to_string()).collect();
    let share = |share: &dyn Fn(&LeverResult) -> f64| {
        all(order.iter().map(|&lever| share(&found.levers[lever])))
    };
    let mut data: Vec<Value> = vec![bars(
        "all",
        json!(labels),
        share(&|of| of.satisficing.share),
    )];
    for (number, objective) in found.question.objectives.iter().enumerate() {
        if let Some(meet) = objective.meet {
            let name = format!("{} {meet}", objective.name);
            data.push(bars(
                &name,
                json!(labels),
                share(&|of| of.satisficing.each[number]),
            ));
        }
    }
    let caption = "Share of worlds that meet each criterion, and all of them, by lever setting.";
    let choices = Vec::new();
    Figure::chosen(
        caption,
        "lever setting",
        "share of worlds",
        choices,
        vec![frame(data)],
    )
    .with(json!({ "xaxis": { "type": "category" }, "yaxis": { "range": [0, 1] } }))
}

/// Returns a table of the share that meets all criteria, with each criterion in turn halved and doubled.
fn grid(found: &Robustness, order: &[usize]) -> (Vec<String>, Vec<Vec<String>>) {
    let mut header = vec!["setting".to_owned(), "as asked".to_owned()];
    let criteria: Vec<usize> = (found.question.objectives.iter().enumerate())
        .filter_map(|(number, objective)| {
            let meet = objective.meet?;
            let names =
                [0.5, 2.0].map(|factor| format!("{} {}", objective.name, meet.times(factor)));
            header.extend(names);
            Some(number)
        })
        .collect();
    let rows = order.iter().take(MOST).map(|&lever| {
        let of = &found.levers[lever];
        let mut row = vec![
            format!("{lever}: {}", setting(of)),
            share(of.satisficing.share),
        ];
        row.extend(
            criteria
                .iter()
                .flat_map(|&number| of.satisficing.grid[number].map(share)),
        );
        row
    });
    let rows = rows.collect();
    (header, rows)
}

/// Returns the number of worlds without a value, by objective.
fn empties(found: &Robustness) -> impl Iterator<Item = String> {
    let objectives = found.question.objectives.iter().enumerate();
    objectives.filter_map(|(number, objective)| {
        let empty = |of: &LeverResult| of.outcomes[number].empty;
        let (sum, levers) = (
            found.levers.iter().map(empty).sum::<u64>(),
            found.levers.len(),
        );
        (sum > 0).then(|| {
            format!(
                "{}: {sum} of {} outcomes have no value and count as \"{}\".",
                objective.name,
                found.worlds * levers,
                objective.empty.name(),
            )
        })
    })
}
