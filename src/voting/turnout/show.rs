//! Fills the columns of votes that counted.

use super::Votes;
use crate::engine::{Columns, Gathered, ModelBuilder, Rows, Sampled};
use crate::voting::holdings::Concentration;
use crate::voting::participants::{Holdings, Population, VotingWeight};
use crate::voting::supply::Supply;
use bevy_ecs::prelude::*;

crate::columns! {
    /// Votes that counted over a whole run.
    CountingRow, CountingRows {
        counted_mean: Option<f64>, "", "mean share of possible votes that counted in triggers, T/E, or T over all points, over the days with possible votes", empty "no day had possible votes" => neither;
        gini_of_weight: f64, "", "Gini coefficient, at the end of the run, of the holdings or points that stakes are split from" => min;
    }
}

pub(super) fn register(model: &mut ModelBuilder) {
    model.columns::<CountingRows, _>(&["runs"], show);
}

fn show(
    mut runs: Sampled<(&Supply, &Population, &Votes, &mut Gathered<CountingRows>)>,
    mut people: Rows<(&Holdings, &VotingWeight)>,
    mut scratch: Local<Vec<f64>>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (supply, population, votes, rows)) in batch {
        let (holdings, points) = people.of(run);
        let weights = supply.weights(holdings, Some(points));
        rows.push(CountingRow {
            // If all of E counts, no sums are kept.
            counted_mean: match supply.turnout {
                None => Some(1.0),
                Some(_) => (votes.days > 0).then(|| votes.counted / f64::from(votes.days)),
            },
            gini_of_weight: Concentration::of_holders(
                &weights[..population.participants],
                &mut scratch,
            )
            .gini,
        });
    }
}
