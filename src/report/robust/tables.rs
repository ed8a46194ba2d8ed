//! Tabulates lever settings, one row each.

use super::{MOST, label, short, with_unit};
use crate::analyse::robust::{LeverResult, Robustness};
use crate::digits::{percent, plus_minus};
use crate::engine::Goal;

/// Headings and rows.
type Cells = (Vec<String>, Vec<Vec<String>>);

fn share(value: f64) -> String {
    match value.is_finite() {
        true => percent(value),
        false => "–".to_owned(),
    }
}

fn estimate(mean: f64, half_width: f64) -> String {
    if !mean.is_finite() {
        return "–".to_owned();
    }
    if !half_width.is_finite() {
        return short(mean);
    }
    plus_minus(mean, half_width)
}

/// Returns an interval of shares in per cent, with one decimal.
fn interval((low, high): (f64, f64)) -> String {
    format!("{:.1} to {:.1}", low * 100.0, high * 100.0)
}

fn rows(
    found: &Robustness,
    order: &[usize],
    cells: impl Fn(&LeverResult) -> Vec<String>,
) -> Vec<Vec<String>> {
    let row = |&lever: &usize| {
        let of = &found.levers[lever];
        let name = format!("{lever}: {}", label(of));
        std::iter::once(name).chain(cells(of)).collect()
    };
    order.iter().take(MOST).map(row).collect()
}

/// Returns the answer: the share of worlds that meet all criteria, and each objective with its interval and regret.
pub fn settings(found: &Robustness, order: &[usize]) -> Cells {
    let objectives = &found.question.objectives;
    let has_criteria = objectives.iter().any(|of| of.meet.is_some());
    let mut header = vec!["setting".to_owned()];
    if has_criteria {
        header.push("meets all, 95 %".to_owned());
    }
    for (number, objective) in objectives.iter().enumerate() {
        let better = match objective.goal {
            Goal::Min => "↓",
            _ => "↑",
        };
        header.push(format!("{} {better}", with_unit(found, number)));
        header.push("regret".to_owned());
    }
    let cells = |of: &LeverResult| {
        let met = &of.satisficing;
        let mut row = match (has_criteria, met.share.is_nan()) {
            (false, _) => Vec::new(),
            (true, true) => vec!["–".to_owned()],
            (true, false) => vec![format!(
                "{} ({})",
                percent(met.share),
                interval(met.interval)
            )],
        };
        for (outcome, regret) in of.outcomes.iter().zip(&of.regret) {
            row.push(estimate(outcome.mean, outcome.half_width));
            row.push(short(regret.mean));
        }
        row
    };
    (header, rows(found, order, cells))
}

/// Returns the mean over the worst tenth of worlds, and the greatest regret, by objective.
pub fn worst(found: &Robustness, order: &[usize]) -> Cells {
    let mut header = vec!["setting".to_owned()];
    for number in 0..found.question.objectives.len() {
        let name = with_unit(found, number);
        header.extend([format!("{name}, worst tenth"), "greatest regret".to_owned()]);
    }
    let cells = |of: &LeverResult| {
        let of = of.outcomes.iter().zip(&of.regret);
        of.flat_map(|(outcome, regret)| [short(outcome.worst_tenth), short(regret.max)])
            .collect()
    };
    (header, rows(found, order, cells))
}

/// Returns the share that meets all criteria, with each criterion in turn halved and doubled.
pub fn grid(found: &Robustness, order: &[usize]) -> Cells {
    let mut header = vec!["setting".to_owned(), "as asked".to_owned()];
    let mut criteria = Vec::new();
    for (number, objective) in found.question.objectives.iter().enumerate() {
        if let Some(meet) = objective.meet {
            let names =
                [0.5, 2.0].map(|factor| format!("{} {}", objective.name, meet.times(factor)));
            header.extend(names);
            criteria.push(number);
        }
    }
    let cells = |of: &LeverResult| {
        let varied = criteria.iter();
        let varied = varied.flat_map(|&number| of.satisficing.grid[number].map(share));
        std::iter::once(share(of.satisficing.share))
            .chain(varied)
            .collect()
    };
    (header, rows(found, order, cells))
}

/// Returns the number of runs without a value, by objective.
pub fn empties(found: &Robustness) -> impl Iterator<Item = String> {
    let objectives = found.question.objectives.iter().enumerate();
    objectives.filter_map(|(number, objective)| {
        let of = || found.levers.iter().map(|lever| &lever.outcomes[number]);
        let empty: u64 = of().map(|of| of.empty).sum();
        let runs: u64 = of().map(|of| of.runs).sum();
        (empty > 0).then(|| {
            format!(
                "{}: {empty} of {runs} runs have no value and count as \"{}\".",
                objective.name,
                objective.empty.name(),
            )
        })
    })
}
