//! What attackers have achieved, for tables.

use super::attacker::Attackers;
use crate::engine::{GatheredEach, ModelBuilder, Shown};
use crate::voting::conviction::{Granted, Passing, SideList};
use crate::voting::supply::{InitialSupply, Supply};

crate::columns! {
    /// What an attacker has, and has at stake.
    AttackRow, AttackRows {
        take: f64, "Honey", "what it was paid so far" => min;
        grants: u32, "", "how often it was paid so far" => min;
        holdings: f64, "Honey", "tokens that it can stake, rented ones too";
        stake: f64, "Honey or points", "staked on its candidates; in points where voting.points is not tokens" => neither;
        conviction: f64, "Honey days or point days", "sum of its candidates' conviction; of points where voting.points is not tokens";
    }
}

crate::columns! {
    /// What an attack came to.
    AttackOutcomeRow, AttackOutcomeRows {
        share_held: Option<f64>, "", "its share of the effective supply as it entered: less than it asks for where other supply had too few tokens", empty "a renter, before it enters, or nobody votes";
        take_share: f64, "", "what it was paid, as a share of the pool of the start and all that was minted since" => min;
        first_grant_day: Option<u32>, "days", "the first day on which it was paid", empty "it was never paid" => max;
        days_to_half: Option<u32>, "days", "the first day at whose end the pool was half of that of the start, or less, whoever was paid", empty "the pool never halved" => max;
        cost: f64, "Honey", "rent that it owes for what it was lent so far" => max;
        token_days: f64, "Honey days or point days", "its stakes, summed over days; of points where voting.points is not tokens" => neither;
        honest_granted: u32, "", "proposals of others, no attackers, that passed" => max;
    }
}

/// Registers the columns.
pub(super) fn register<M: Passing>(model: &mut ModelBuilder) {
    model
        .columns_each::<AttackRows, _>("attacker", &["days", "runs"], show::<M>)
        .columns_each::<AttackOutcomeRows, _>("attacker", &["runs"], show_outcome);
}

fn show<M: Passing>(
    mut runs: Shown<(
        &'static Attackers,
        &'static SideList<M>,
        &'static mut GatheredEach<AttackRows>,
    )>,
) {
    for (_, (attackers, side, rows)) in runs.batch() {
        rows.push(attackers.each.iter().enumerate().map(|(owner, attacker)| {
            let own = || side.0.iter().filter(move |of| of.owner == owner);
            AttackRow {
                take: attacker.tally.take,
                grants: attacker.tally.grants,
                holdings: attacker.tokens(),
                stake: own().fold(0.0, |sum, candidate| sum + candidate.stake),
                conviction: own().fold(0.0, |sum, candidate| sum + candidate.conviction),
            }
        }));
    }
}

fn show_outcome(
    mut runs: Shown<(
        &'static Attackers,
        &'static InitialSupply,
        &'static Supply,
        &'static Granted,
        &'static mut GatheredEach<AttackOutcomeRows>,
    )>,
) {
    for (_, (attackers, initial, supply, granted, rows)) in runs.batch() {
        let minted = supply.total - initial.supply;
        rows.push(attackers.each.iter().map(|attacker| AttackOutcomeRow {
            share_held: attacker.share_held,
            take_share: attacker.tally.take / (initial.funds + minted),
            first_grant_day: attacker.tally.first_grant,
            days_to_half: attackers.half_gone,
            cost: attacker.tally.cost,
            token_days: attacker.tally.token_days,
            honest_granted: granted.count,
        }));
    }
}
