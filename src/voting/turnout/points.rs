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
        if counting.in_tokens() {
            weights.copy_from_slice(holdings);
        } else {
            let points = points(counting.points);
            for (held, weight) in holdings.iter().zip(&mut *weights) {
                *weight = points(*held, counting.cap);
            }
            votes.points = weights.iter().sum();
        }
    }
}

/// The points for so many tokens, in a system of points with a cap.
fn points(system: &str) -> fn(f64, f64) -> f64 {
    match system {
        "capped" => f64::min,
        "quadratic" => |held, _| held.sqrt(),
        // Who has left holds nothing.
        "equal" => |held, _| if held > 0.0 { 1.0 } else { 0.0 },
        // Tokens.
        _ => |held, _| held,
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
            let found = [0.0, 4.0, 900.0].map(|held| points(system)(held, 100.0));
            assert_eq!(found, expected, "{system}");
        }
    }

    /// Quadratic points of tokens split over m accounts are √m times as many.
    #[test]
    fn accounts_multiply_quadratic_points_only() {
        for accounts in [1.0, 4.0, 9.0, 50.0] {
            let all = |system: &str| accounts * points(system)(1000.0 / accounts, 1e9);
            assert!(
                (all("quadratic") / points("quadratic")(1000.0, 1e9) - accounts.sqrt()).abs()
                    < 1e-12
            );
            assert!((all("tokens") - 1000.0).abs() < 1e-9);
        }
    }
}
