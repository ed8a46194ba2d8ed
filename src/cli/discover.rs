//! Implements `conviction discover`.

use super::args::{DiscoverArgs, Format, Gain};
use super::{Failure, json, print};
use crate::analyse::discover::prim::{self, Options};
use crate::analyse::discover::{Asked, Discovery, density, discover as find, words};
use crate::digits::percent;
use crate::study::Dataset;
use std::sync::atomic::AtomicBool;

pub fn discover(args: &DiscoverArgs) -> Result<(), Failure> {
    let dataset = Dataset::open(&args.dataset).map_err(Failure::input)?;
    let asked = Asked {
        condition: args.condition.clone(),
        inputs: args.inputs.clone(),
        lever: args.lever,
        threshold: args.threshold,
        step: args.step,
        hold_out: args.hold_out.unwrap_or(0.0),
        options: Options {
            peel: args.peel,
            paste: args.paste,
            least_mass: args.least_mass,
            gain: match args.objective {
                Gain::Lenient1 => prim::Gain::Lenient1,
                Gain::Lenient2 => prim::Gain::Lenient2,
                Gain::Original => prim::Gain::Original,
            },
        },
    };
    let found = find(&dataset, asked, &AtomicBool::new(false)).map_err(Failure::input)?;
    match args.format {
        Format::Json => json::print(&found.json())?,
        Format::Text => print(text(&found))?,
    }
    Ok(())
}

fn text(found: &Discovery) -> String {
    let share = |of: u64, all: u64| percent(of as f64 / all as f64);
    let mut text = format!(
        "{} holds in {} of {} runs ({})",
        found.asked.condition,
        found.hits,
        found.rows,
        share(found.hits, found.rows)
    );
    let Some(chosen) = found.chosen else {
        let best = found.steps.iter().map(density).fold(0.0, f64::max);
        return text
            + &format!(
                "\nno box reaches a density of {}; the densest has {}: lower --threshold, or choose by --step",
                percent(found.asked.threshold),
                percent(best)
            );
    };
    let step = &found.steps[chosen];
    let limits = words(found, step);
    let limits = match limits.is_empty() {
        true => "everywhere".to_owned(),
        false => limits.join(" and "),
    };
    text += &format!(
        "\nstep {chosen} of {}: where {limits}\nit holds in {} of the runs there, which are {} of all that it holds in",
        found.steps.len() - 1,
        percent(density(step)),
        share(step.hits, found.hits),
    );
    if let Some(held) = &found.held_out {
        text += &format!(
            "\non {} points held out: in {} of the runs there",
            held.points,
            share(held.hits_in, held.rows_in)
        );
    }
    for ((name, _), [low, high]) in found.inputs.iter().zip(&step.quasi_p) {
        for (side, p) in [("lower", low), ("upper", high)] {
            if !p.is_nan() {
                text += &format!("\n  {name}, {side} limit: quasi-p {p:.2e}");
            }
        }
    }
    text
}
