//! Implements `conviction robust`.

use super::args::{Format, RegretIn, RobustArgs, World};
use super::text::number;
use super::{Failure, json, print, warn_line};
use crate::analyse::robust::{
    Asked, LeverResult, Pareto, Robustness, WorldKind, robust as compare, shared_chance,
};
use crate::digits::percent;
use crate::report::Place;
use crate::report::robust::{order, page, plain, sentence, setting};
use crate::study::Dataset;
use comfy_table::{CellAlignment, Table, presets};
use std::sync::atomic::AtomicBool;

/// Number of lever settings shown.
const SHOWN: usize = 20;

pub fn robust(args: &RobustArgs) -> Result<(), Failure> {
    let place = args.out.as_deref().map(Place::at).transpose()?;
    let dataset = Dataset::open(&args.dataset).map_err(Failure::input)?;
    let asked = Asked {
        objectives: args.objective.clone(),
        kind: args.world.map(|world| match world {
            World::Run => WorldKind::Run,
            World::Point => WorldKind::Point,
        }),
        base: args.base,
        reference: args.reference,
        levers: args.levers.clone(),
        is_relative: args.regret == RegretIn::Shares,
        pareto_quantile: args.pareto_quantile,
    };
    let found = compare(&dataset, &asked, &AtomicBool::new(false)).map_err(Failure::input)?;
    if let Some(warning) = shared_chance(&dataset, &found) {
        warn_line("warning", warning);
    }
    match args.format {
        Format::Json => json::print(&found.json())?,
        Format::Text => print(text(&found))?,
    }
    if let (Some(place), Some(out)) = (place, &args.out) {
        let page = page(&dataset, &found, args.levers.as_deref()).map_err(Failure::of_reading)?;
        place.write(&page.html())?;
        if args.format == Format::Text {
            print(format_args!("\n{}", out.display()))?;
        }
    }
    Ok(())
}

/// Returns the comparison in words and tables.
fn text(found: &Robustness) -> String {
    let mut text = sentence(found);
    text += &format!("\n\n{}", table(found));
    if found.levers.len() > SHOWN {
        text += &format!(
            "\n{SHOWN} of {} lever settings; --format json has all",
            found.levers.len()
        );
    }
    for pareto in &found.pareto {
        text += &format!("\n\n{}", set(found, pareto));
    }
    text
}

fn table(found: &Robustness) -> Table {
    let objectives = &found.question.objectives;
    let has_criteria = objectives.iter().any(|objective| objective.meet.is_some());
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let mut header = vec!["lever".to_owned()];
    let first = found.levers.first();
    header.extend(
        first
            .into_iter()
            .flat_map(|lever| lever.setting.iter().map(|of| of.0.clone())),
    );
    if has_criteria {
        header.extend(["meets all".to_owned(), "95 %".to_owned()]);
    }
    for objective in objectives {
        header.extend([objective.name.clone(), "±".to_owned(), "regret".to_owned()]);
    }
    table.set_header(header);
    for lever in order(found).into_iter().take(SHOWN) {
        table.add_row(row(lever, &found.levers[lever], has_criteria));
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn row(number_of: usize, of: &LeverResult, has_criteria: bool) -> Vec<String> {
    let mut row = vec![number_of.to_string()];
    row.extend(of.setting.iter().map(|(_, value)| plain(value)));
    if has_criteria {
        let (low, high) = of.satisficing.interval;
        row.push(shown(of.satisficing.share, percent));
        row.push(shown(low, |low| {
            format!("{} – {}", percent(low), percent(high))
        }));
    }
    for (outcome, regret) in of.outcomes.iter().zip(&of.regret) {
        row.extend(
            [outcome.mean, outcome.half_width, regret.mean].map(|value| shown(value, number)),
        );
    }
    row
}

fn shown(value: f64, show: impl Fn(f64) -> String) -> String {
    match value.is_nan() {
        true => "–".to_owned(),
        false => show(value),
    }
}

/// Returns a Pareto set, a line per setting.
fn set(found: &Robustness, pareto: &Pareto) -> String {
    let names = pareto
        .objectives
        .iter()
        .map(|&of| found.question.objectives[of].name.as_str());
    let names: Vec<_> = names.collect();
    let lines = pareto.levers.iter().take(SHOWN).map(|&lever| {
        let membership = pareto.membership.get(lever);
        let membership = membership.map(|share| format!(", in {} of resamples", percent(*share)));
        let words = setting(&found.levers[lever]);
        format!("\n  {lever}: {words}{}", membership.unwrap_or_default())
    });
    let more = match pareto.levers.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("\n  and {more} more; --format json has all"),
    };
    format!(
        "no other setting is better in {}{}:{}{more}",
        match found.question.pareto_quantile {
            Some(share) => format!("the {} quantile, from the worst, of ", percent(share)),
            None => String::new(),
        },
        names.join(" and "),
        lines.collect::<String>()
    )
}
