//! Computes the points that participants split into stakes.

use super::{Counting, Votes};
use crate::engine::{ModelBuilder, Rows, Runs, Setting, Start};
use crate::voting::Day;
use crate::voting::attackers::Attackers;
use crate::voting::participants::{Holdings, Participants, Population, VotingWeight};
use crate::voting::supply::Points;

crate::choices! {
    /// System of points.
    PointSystem {
        /// Tokens.
        Tokens = "tokens",
        /// Tokens up to a maximum.
        Capped = "capped",
        /// The square root of tokens.
        Quadratic = "quadratic",
        /// 1 per participant.
        Equal = "equal",
    }
}

/// Returns the law of points of a spec; `None` if stakes are split from tokens.
pub fn law(counting: &Counting) -> Option<Points> {
    match counting.points {
        PointSystem::Capped => Some(Points::Capped(counting.cap)),
        PointSystem::Quadratic => Some(Points::Quadratic),
        PointSystem::Equal => Some(Points::Equal(1.0)),
        PointSystem::Tokens => None,
    }
}

/// Registers points. They are updated after arrivals, before the day's release, and before participants act. A feature
/// that changes holdings at another time must precede one of these.
pub fn register(model: &mut ModelBuilder) {
    model
        .column::<Participants, VotingWeight>()
        .start(Start::Fill, weigh)
        .after(&["participants"])
        .system_if(in_points, Day::Mint, weigh)
        .system_if(in_points, Day::Market, weigh)
        .after(&["market"])
        .system_if(in_points, Day::End, weigh);
}

/// Returns true if stakes are split from points.
fn in_points(setting: &Setting) -> bool {
    !setting.group::<Counting>().in_tokens()
}

/// Computes everyone's points from holdings, and their sum with those of attackers' accounts.
fn weigh(
    mut runs: Runs<(&Counting, &Population, &mut Votes, Option<&Attackers>)>,
    mut people: Rows<(&Holdings, &mut VotingWeight)>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (counting, population, votes, attackers)) in batch {
        let (holdings, weights) = people.of(run);
        let everybody = ..population.participants;
        let (holdings, weights) = (&holdings[everybody], &mut weights[everybody]);
        let Some(law) = law(counting) else {
            continue;
        };
        // Departed participants hold nothing.
        for (weight, &held) in weights.iter_mut().zip(holdings) {
            *weight = law.of(held);
        }
        let attackers = attackers.map_or(&[][..], |attackers| &attackers.each);
        let accounts = attackers.iter().flat_map(|attacker| &attacker.accounts);
        let of_attackers = accounts.fold(0.0, |sum, &tokens| sum + law.of(tokens));
        votes.points = weights.iter().sum::<f64>() + of_attackers;
    }
}
