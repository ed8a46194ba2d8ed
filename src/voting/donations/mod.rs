//! Extension: donations to the pool.
//!
//! The first versions of the published program let people donate when the mood is good; the third computes
//! donations and drops them. Here donations arrive each day after the supply has expanded.

use super::Day;
use super::mechanism::Capabilities;
use super::rules::needs_accounting;
use super::sentiment::Sentiment;
use super::supply::Supply;
use crate::engine::{
    Columns, Domain, Fault, Gathered, ModelBuilder, PerRun, Runs, Sampled, Seeded, Setting, Source,
    Stream, StreamSeeds,
};
use bevy_ecs::prelude::*;

crate::choices! {
    /// Law of daily donations.
    DonationLaw {
        /// The law of the published program's versions 0 to 2.
        V2 = "v2",
        /// Exponential.
        Exponential = "exponential",
        /// Constant.
        Constant = "constant",
        /// None.
        Off = "off",
    }

    /// Origin of donations.
    Origin {
        /// Outside: the supply grows.
        Outside = "outside",
        /// The free part of other supply.
        Other = "other",
    }
}

crate::settings! {
    /// Amount and origin of donations.
    Donations in "donations" {
        law: DonationLaw = DonationLaw::V2, "", DonationLaw::DOMAIN, "law of daily donations: as in the published program's versions 0 to 2, exponential, constant, or none";
        mean: f64 = 1.0, "Honey/day", Domain::from_to(0.0, 1e15), "mean donation, for law exponential";
        amount: f64 = 1.0, "Honey/day", Domain::from_to(0.0, 1e15), "donation per day, for law constant";
        source: Origin = Origin::Outside, "", Origin::DOMAIN, "origin: outside, so that the supply grows, or the free part of other supply";
    }
}

/// Random stream of donations.
#[derive(Component, Default)]
pub struct Gifts(Source);

impl Seeded for Gifts {
    fn seed(&mut self, seeds: StreamSeeds) {
        self.0 = seeds.source(Stream::named("donations"));
    }
}

/// Donations so far, Honey.
#[derive(Component, Default)]
pub struct Donated {
    /// From anywhere.
    total: f64,
    /// From L.
    from_other: f64,
}

impl Donated {
    /// Returns the donations that came from L, so that S did not grow, Honey.
    pub fn from_other(&self) -> f64 {
        self.from_other
    }
}

impl PerRun for Donated {}

crate::columns! {
    /// Donations.
    DonationRow, DonationRows {
        donated: f64, "Honey", "donated to the pool so far" => max;
    }
}

/// Registers donations.
pub fn donations(model: &mut ModelBuilder) {
    model
        .settings::<Donations>()
        .takes_longer(0.05)
        .check(fault)
        .streams::<Gifts>()
        .per_run::<Donated>()
        .system(Day::Mint, donate)
        .after(&["supply", "issuance"])
        .columns::<DonationRows, _>(&["days", "runs"], show);
}

fn fault(setting: &Setting) -> Option<Fault> {
    needs_accounting(setting, "[donations]")
        .or_else(|| Capabilities::needs_real_numbers(setting, "[donations]"))
}

/// Returns the day's donation by the law of the published program's versions 0 to 2, Honey, with X ~ Exp(1), F
/// and s: X · max(1, F s² / 10000) if s > 0.4, else 0.
///
/// Source: BlockScience/conviction, `conviction_system_logic3.py`; BlockScience/Aragon_Conviction_Voting,
/// `models/v1` and `models/v2`.
pub fn published(unit: f64, funds: f64, sentiment: f64) -> f64 {
    if sentiment > 0.4 {
        unit * (funds * sentiment * sentiment / 10_000.0).max(1.0)
    } else {
        0.0
    }
}

crate::view! {
    /// Access of [`donate`] to a run.
    struct Donating<'w> {
        donations: &'w Donations,
        sentiment: &'w Sentiment,
        gifts: &'w mut Gifts,
        donated: &'w mut Donated,
        supply: &'w mut Supply,
    }
}

/// Adds the donations to F, and to S, or takes them from L.
fn donate(mut runs: Runs<Donating>) {
    for (_, of) in runs.batch() {
        let offered = match of.donations.law {
            DonationLaw::V2 => published(
                of.gifts.0.exponential(),
                of.supply.funds,
                of.sentiment.value,
            ),
            DonationLaw::Exponential => of.gifts.0.exponential() * of.donations.mean,
            DonationLaw::Constant => of.donations.amount,
            DonationLaw::Off => 0.0,
        };
        let given = if of.donations.source == Origin::Other {
            let given = offered.min(of.supply.free());
            of.supply.other -= given;
            of.donated.from_other += given;
            given
        } else {
            of.supply.total += offered;
            offered
        };
        of.supply.funds += given;
        of.donated.total += given;
    }
}

fn show(mut runs: Sampled<(&Donated, &mut Gathered<DonationRows>)>) {
    for (_, (donated, rows)) in runs.batch() {
        rows.push(DonationRow {
            donated: donated.total,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_donation_grows_with_the_square_of_sentiment() {
        // F s² up to 10,000 leaves the draw as it is.
        assert_eq!(published(2.0, 10_000.0, 0.5), 2.0);
        assert_eq!(published(2.0, 80_000.0, 0.5), 4.0);
        assert_eq!(published(2.0, 80_000.0, 1.0), 16.0);
        assert_eq!(published(2.0, 80_000.0, 0.4), 0.0);
    }
}
