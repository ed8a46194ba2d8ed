//! Defines a decision policy outside the crate: participants who copy the largest holder. Its program has all
//! commands: `cargo run --release --example copying -- run --set copying.share=0.8`
use conviction::prelude::*;
use conviction::voting::{self, participants::Holdings, participants::Population};
use conviction::voting::{support::Decisions, support::Layout, support::Stake};

settings! {
    /// How participants copy the largest holder.
    Copying in "copying" {
        share: f64 = 0.5, "", Domain::from_to(0.0, 1.0), "how far splits of votes move to that of the largest holder";
    }
}

type All<'w> = (&'w Copying, &'w Population, &'w Layout, &'w mut Decisions);

/// Moves the split of each participant who acts towards the largest holder's stakes of the day before.
fn copy(mut runs: Runs<All>, mut people: Rows<&Holdings>, mut edges: Rows<&Stake>) {
    let batch = runs.batch();
    let (mut people, mut edges) = (people.of_batch(&batch), edges.of_batch(&batch));
    for (run, (copying, population, layout, decisions)) in batch {
        let (holdings, stakes) = (people.of(run), edges.of(run));
        let by_holdings = |a: &usize, b: &usize| holdings[*a].total_cmp(&holdings[*b]);
        let Some(largest) = (0..population.participants).max_by(by_holdings) else {
            continue;
        };
        let copied = |seat| stakes[layout.edge(seat, largest)];
        let staked: f64 = layout.taken().map(copied).sum();
        if staked <= 0.0 {
            continue;
        }
        decisions.revise(|mover, weights| {
            if mover.acts && mover.participant != largest {
                let own: f64 = weights.iter().sum();
                let scale = if own > 0.0 { own } else { 1.0 } / staked;
                for seat in layout.taken() {
                    weights[seat] += copying.share * (scale * copied(seat) - weights[seat]);
                }
            }
        });
    }
}

/// Registers the policy: decisions are separate from stakes only where some run copies.
pub fn copying(model: &mut ModelBuilder) {
    let copies = |setting: &Setting| setting.group::<Copying>().share > 0.0;
    model
        .settings::<Copying>()
        .system_if(copies, Day::Revise, copy);
}

#[allow(dead_code, reason = "tests use the policy alone")]
fn main() -> std::process::ExitCode {
    conviction::cli::main(&voting::model_with(&[Feature::new("copying", 1, copying)]))
}
