//! Fills the columns of inequality, at the beginning and end of a run.

use super::Concentration;
use crate::engine::{Columns, Gathered, ModelBuilder, PerRun, Rows, Runs, Sampled, Start};
use crate::voting::participants::{Holdings, Population};
use bevy_ecs::prelude::*;

/// Inequality at the start; a component of each run.
#[derive(Component, Default)]
struct Initially(Concentration);

impl PerRun for Initially {}

crate::columns! {
    /// Inequality of holdings, at the start and at the end of the run.
    ConcentrationRow, ConcentrationRows {
        gini_initial: f64, "", "Gini coefficient of holdings at the start";
        gini_final: f64, "", "Gini coefficient of holdings at the end of the run" => min;
        nakamoto_initial: u32, "", "minimum number of holders who together have more than half, at the start";
        nakamoto_final: u32, "", "minimum number of holders who together have more than half, at the end of the run" => max;
        top1_initial: f64, "", "share of holdings of the largest holder, at the start";
        top1_final: f64, "", "share of holdings of the largest holder, at the end of the run" => min;
        top10_initial: f64, "", "share of holdings of the ten largest holders, at the start";
        top10_final: f64, "", "share of holdings of the ten largest holders, at the end of the run" => min;
        effective_holders_initial: f64, "", "1 / sum of squared shares, at the start: number of equal holders with the same concentration";
        effective_holders_final: f64, "", "1 / sum of squared shares, at the end of the run" => max;
    }
}

pub(super) fn register(model: &mut ModelBuilder) {
    model
        .per_run::<Initially>()
        .start(Start::Fill, measure)
        .after(&["participants"])
        .columns::<ConcentrationRows, _>(&["runs"], show);
}

fn measure(
    mut runs: Runs<(&Population, &mut Initially)>,
    mut people: Rows<&Holdings>,
    mut scratch: Local<Vec<f64>>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (population, initially)) in batch {
        let holdings = &people.of(run)[..population.participants];
        initially.0 = Concentration::of_holders(holdings, &mut scratch);
    }
}

fn show(
    mut runs: Sampled<(&Population, &Initially, &mut Gathered<ConcentrationRows>)>,
    mut people: Rows<&Holdings>,
    mut scratch: Local<Vec<f64>>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (population, initially, rows)) in batch {
        let first = initially.0;
        let holdings = &people.of(run)[..population.participants];
        let last = Concentration::of_holders(holdings, &mut scratch);
        rows.push(ConcentrationRow {
            gini_initial: first.gini,
            gini_final: last.gini,
            nakamoto_initial: first.nakamoto,
            nakamoto_final: last.nakamoto,
            top1_initial: first.top1,
            top1_final: last.top1,
            top10_initial: first.top10,
            top10_final: last.top10,
            effective_holders_initial: first.effective_holders,
            effective_holders_final: last.effective_holders,
        });
    }
}
