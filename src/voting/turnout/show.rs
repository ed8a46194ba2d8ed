//! What counted as voting, for tables.

use super::Votes;
use crate::engine::{Columns, Gathered, ModelBuilder, Rows, Shown};
use crate::voting::holdings::Concentration;
use crate::voting::participants::{Holdings, Population, VotingWeight};
use crate::voting::supply::Supply;
use bevy_ecs::prelude::*;

crate::columns! {
    /// What counted as voting over a whole run.
    CountingRow, CountingRows {
        counted_mean: Option<f64>, "", "mean, over the days on which anybody might vote, of what counted in triggers as a share of all that might vote: T/E, or in points T over the points of all", empty "no day on which anybody might vote" => neither;
        gini_of_weight: f64, "", "Gini coefficient of what stakes are split from, where the run ends: of holdings, or of points" => min;
    }
}

pub(super) fn register(model: &mut ModelBuilder) {
    model.columns::<CountingRows, _>(&["runs"], show);
}

fn show(
    mut runs: Shown<(
        &'static Supply,
        &'static Population,
        &'static Votes,
        &'static mut Gathered<CountingRows>,
    )>,
    mut people: Rows<(&'static Holdings, &'static VotingWeight)>,
    mut scratch: Local<Vec<f64>>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (supply, population, votes, rows)) in batch {
        let (holdings, points) = people.of(run);
        let weights = supply.weights(holdings, Some(points));
        rows.push(CountingRow {
            // Where all of E counts, nobody adds it up.
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
