//! Points: what a participant's stakes are split from.

use super::{Counting, Votes};
use crate::engine::{ModelBuilder, Rows, Runs, Start};
use crate::voting::Day;
use crate::voting::participants::{Holdings, Participants, Population, VotingWeight};

/// The systems of points, by the names that a spec gives them.
pub const NAMES: &[&str] = &["tokens", "capped", "quadratic", "equal"];

/// Registers points. They follow whatever changes holdings: arrivals, and what comes before participants
/// act.
pub fn register(model: &mut ModelBuilder) {
    model
        .column::<Participants, VotingWeight>()
        .start(Start::Fill, weigh)
        .system(Day::Progress, weigh)
        .system(Day::Market, weigh)
        .system(Day::Dusk, weigh);
}

/// Gives everybody points for holdings.
fn weigh(
    mut runs: Runs<(&'static Counting, &'static Population, &'static mut Votes)>,
    mut people: Rows<(&'static Holdings, &'static mut VotingWeight)>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (counting, population, votes)) in batch {
        let (holdings, weights) = people.of(run);
        let everybody = ..population.participants;
        let (holdings, weights) = (&holdings[everybody], &mut weights[everybody]);
        give_points(counting.points, counting.cap, holdings, weights);
        if !counting.in_tokens() {
            votes.points = weights.iter().sum();
        }
    }
}

/// Gives points for holdings, in a system of points with a cap.
fn give_points(system: &str, cap: f64, holdings: &[f64], weights: &mut [f64]) {
    fn each(holdings: &[f64], weights: &mut [f64], points: impl Fn(f64) -> f64) {
        for (&held, weight) in holdings.iter().zip(weights) {
            *weight = points(held);
        }
    }
    match system {
        "capped" => each(holdings, weights, |held| held.min(cap)),
        "quadratic" => each(holdings, weights, f64::sqrt),
        // Who has left holds nothing.
        "equal" => each(holdings, weights, |held| if held > 0.0 { 1.0 } else { 0.0 }),
        _ => weights.copy_from_slice(holdings),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_for_tokens() {
        for (system, expected) in [
            ("tokens", [0.0, 4.0, 900.0]),
            ("capped", [0.0, 4.0, 100.0]),
            ("quadratic", [0.0, 2.0, 30.0]),
            ("equal", [0.0, 1.0, 1.0]),
        ] {
            let mut found = [0.0; 3];
            give_points(system, 100.0, &[0.0, 4.0, 900.0], &mut found);
            assert_eq!(found, expected, "{system}");
        }
    }

    /// Quadratic points of tokens split over m accounts are √m times as many.
    #[test]
    fn accounts_multiply_quadratic_points_only() {
        let points = |system: &str, tokens: f64| {
            let mut points = [0.0];
            give_points(system, 1e9, &[tokens], &mut points);
            points[0]
        };
        for accounts in [1.0, 4.0, 9.0, 50.0] {
            let all = |system: &str| accounts * points(system, 1000.0 / accounts);
            assert!(
                (all("quadratic") / points("quadratic", 1000.0) - accounts.sqrt()).abs() < 1e-12
            );
            assert!((all("tokens") - 1000.0).abs() < 1e-9);
        }
    }
}
