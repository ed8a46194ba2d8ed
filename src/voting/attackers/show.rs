//! Fills the columns of attackers.

use super::attacker::Attackers;
use crate::engine::{ModelBuilder, PerCopyRows, Sampled};
use crate::voting::conviction::{Granted, Passing, SideList};
use crate::voting::donations::Donated;
use crate::voting::market::Market;
use crate::voting::supply::{InitialSupply, Supply};

crate::columns! {
    /// Tokens, stakes and gains of an attacker.
    AttackRow, AttackRows {
        take: f64, "Honey", "granted to it so far" => min;
        grants: u32, "", "number of grants to it so far" => min;
        holdings: f64, "Honey", "tokens that it can stake, including rented ones";
        stake: f64, "Honey or points", "staked on its candidates; in points where votes are points" => neither;
        conviction: f64, "Honey days or point days", "sum of its candidates' conviction; of points where votes are points";
    }
}

crate::columns! {
    /// Outcome of an attack.
    AttackOutcomeRow, AttackOutcomeRows {
        share_held: Option<f64>, "", "its share of the effective supply on entry: smaller than its setting if other supply had too few tokens", empty "a renter, before it enters, or no participant votes";
        take_share: f64, "", "total granted to it, as a share of the initial pool and all that has entered it since: minted, donated, or paid by fees of the market, less what was burnt" => min;
        first_grant_day: Option<u32>, "days", "day of its first grant", empty "it received no grant" => max;
        days_to_half: Option<u32>, "days", "first day at whose end the pool was at most half of the initial pool, for any reason", empty "the pool never halved" => max;
        cost: f64, "Honey", "rent owed so far" => max;
        token_days: f64, "Honey days or point days", "its stakes summed over days; of points where votes are points" => neither;
        honest_granted: u32, "", "honest proposals that passed" => max;
    }
}

/// Registers the columns.
pub(super) fn register<M: Passing>(model: &mut ModelBuilder) {
    model
        .columns_each::<AttackRows, _>("attacker", &["days", "runs"], show::<M>)
        .columns_each::<AttackOutcomeRows, _>("attacker", &["runs"], show_outcome);
}

fn show<M: Passing>(mut runs: Sampled<(&Attackers, &SideList<M>, &mut PerCopyRows<AttackRows>)>) {
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

crate::view! {
    /// Access of [`show_outcome`] to a run.
    struct ShownOutcome<'w> {
        attackers: &'w Attackers,
        initial: &'w InitialSupply,
        supply: &'w Supply,
        granted: &'w Granted,
        donated: Option<&'w Donated>,
        market: Option<&'w Market>,
        rows: &'w mut PerCopyRows<AttackOutcomeRows>,
    }
}

fn show_outcome(mut runs: Sampled<ShownOutcome>) {
    for (_, of) in runs.batch() {
        // Tokens that are minted, or donated from outside, enter S and F alike.
        let from_outside = of.supply.total - of.initial.supply;
        let from_within = of.donated.map_or(0.0, Donated::from_other)
            + of.market.map_or(0.0, Market::fees_to_pool);
        let entered = of.initial.funds + from_outside + from_within;
        of.rows
            .push(of.attackers.each.iter().map(|attacker| AttackOutcomeRow {
                share_held: attacker.share_held,
                take_share: attacker.tally.take / entered,
                first_grant_day: attacker.tally.first_grant,
                days_to_half: of.attackers.half_gone,
                cost: attacker.tally.cost,
                token_days: attacker.tally.token_days,
                honest_granted: of.granted.count,
            }));
    }
}
