//! Defines a feature outside the crate: participants who follow the crowd. Its program has `run`, `sweep`,
//! `report` and all other commands: `cargo run --release --example crowd -- run --set crowd.pull=0.2`
use conviction::prelude::*;
use conviction::voting::{self, participants::Population, support::AffinityRows, support::Layout};

settings! {
    /// How participants follow the crowd.
    Crowd in "crowd" {
        pull: f64 = 0.05, "1/day", Domain::from_to(0.0, 1.0), "how far affinities move to the mean";
    }
}

columns! {
    CrowdRow, CrowdRows {
        crowd_moved: f64, "", "sum of the changes of affinity so far";
    }
}

#[derive(Component, Default)]
struct Moved(f64);
impl PerRun for Moved {}

/// Moves all affinities for each candidate towards their mean.
fn follow(
    mut runs: Runs<(&Crowd, &Population, &mut Layout, &mut Moved)>,
    mut affinities: AffinityRows,
) {
    let batch = runs.batch();
    let mut affinities = affinities.of_batch(&batch);
    for (run, (crowd, population, layout, moved)) in batch {
        affinities.change(run, layout, population.participants, |all| {
            let mean = all.iter().sum::<f64>() / all.len() as f64;
            for affinity in all {
                moved.0 += crowd.pull * (mean - *affinity).abs();
                *affinity += crowd.pull * (mean - *affinity);
            }
        });
    }
}

fn show(mut runs: Sampled<(&Moved, &mut Gathered<CrowdRows>)>) {
    for (_, (&Moved(crowd_moved), rows)) in runs.batch() {
        rows.push(CrowdRow { crowd_moved });
    }
}

fn crowd(model: &mut ModelBuilder) {
    model.settings::<Crowd>().per_run::<Moved>();
    model.system(Day::Change, follow);
    model.columns::<CrowdRows, _>(&["days", "runs"], show);
}

fn main() -> std::process::ExitCode {
    conviction::cli::main(&voting::model_with(&[Feature::new("crowd", 1, crowd)]))
}
