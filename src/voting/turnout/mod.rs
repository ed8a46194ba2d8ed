//! Extension `[voting]`: the votes that count in triggers.
//!
//! Triggers grow with the tokens that count as voting. In the published model all of E counts, staked or not.
//! Here only staked tokens may count, plus a share of abstaining ones, and at least a share of the supply.
//! Voters may also weigh by points instead of tokens.
//!
//! | file | contents |
//! |---|---|
//! | `points` | points that participants split into stakes |
//! | `stale` | tokens left on granted proposals |
//! | `show` | columns |

mod points;
mod show;
mod stale;

use super::Day;
use super::conviction::{Passing, SideList};
use super::mechanism::{self, Capabilities, Numbers};
use super::opening::Opening;
use super::participants::Population;
use super::rules::needs_accounting;
use super::supply::{InPoints, Staked, Supply, Turnout};
use super::support::{Layout, StakeSum};
use crate::engine::{Domain, Fault, LANES, ModelBuilder, PerRun, Rows, Runs, Setting, Start};
use bevy_ecs::prelude::*;
use stale::Stale;

pub use points::PointSystem;

crate::choices! {
    /// Tokens that count in triggers.
    CountedTokens {
        /// All of the effective supply.
        All = "all",
        /// Those staked on candidates at the end of the previous day.
        Staked = "staked",
    }

    /// Stakes on a granted proposal.
    StaleStakes {
        /// They no longer count.
        Drop = "drop",
        /// They count until their holders next act.
        Keep = "keep",
    }
}

crate::settings! {
    /// Votes that count.
    Counting in "voting" {
        counted: CountedTokens = CountedTokens::All, "", CountedTokens::DOMAIN, "tokens that count in triggers: all of effective supply, or those staked on candidates at the end of the previous day";
        abstain: f64 = 1.0, "", Domain::from_to(0.0, 1.0), "share of unstaked tokens that counts as well, if counted is staked";
        min_share: f64 = 0.0, "", Domain::from_to(0.0, 1.0), "minimum share of the total supply that counts in triggers";
        stale: StaleStakes = StaleStakes::Drop, "", StaleStakes::DOMAIN, "whether stakes on a granted proposal still count as staked until their holders next act, as in the contract";
        min_points: f64 = 0.0, "", Domain::from_to(0.0, 1.0), "minimum conviction that passes anything, as a share of the largest possible";
        points: PointSystem = PointSystem::Tokens, "", PointSystem::DOMAIN, "unit of stakes and triggers: tokens, tokens up to cap, their square root, or 1 per participant; min_supp is then in points";
        cap: f64 = 1000.0, "Honey", Domain::from_to(1e-9, 1e15), "maximum of a participant's tokens that counts, for points capped";
    }
}

impl Counting {
    /// Returns true if the count depends on stakes; with abstain = 1 it does not.
    fn counts_staked(&self) -> bool {
        self.counted == CountedTokens::Staked && self.abstain < 1.0
    }

    fn keeps_stale(&self) -> bool {
        self.counts_staked() && self.stale == StaleStakes::Keep
    }

    fn in_tokens(&self) -> bool {
        points::law(self).is_none()
    }

    /// Returns true if everything follows the published model.
    fn is_as_published(&self) -> bool {
        !self.counts_staked() && self.in_tokens() && self.min_share == 0.0 && self.min_points == 0.0
    }
}

/// Votes of a run, and totals so far.
#[derive(Component, Default)]
struct Votes {
    /// Stakes at the end of the previous day, stale ones included.
    staked: f64,
    /// The same stakes in units of 10⁻¹⁸, if the run starts from a history.
    units: Option<i128>,
    /// Points of all accounts.
    points: f64,
    /// Sum over days of T over all possible votes, and number of days with possible votes.
    counted: f64,
    days: u32,
}

impl PerRun for Votes {}

/// Registers the votes that count.
pub fn voting<M: Passing>(model: &mut ModelBuilder) {
    model
        .settings::<Counting>()
        .takes_longer(0.1)
        .check(|setting| needs_accounting(setting, "[voting]"))
        .check(mechanism_has_points)
        .check(contract_knows_tokens_only)
        .check(supply_is_in_tokens)
        .per_run::<Votes>();
    points::register(model);
    stale::register(model);
    model
        .start(Start::Fill, begin)
        .start(Start::Fill, stale::begin)
        .after(&["participants", "support"])
        .start(Start::Fill, count_at_start::<M>)
        .after(&["arrivals"])
        .system_if(counts_otherwise, Day::Mint, count_before_release)
        .after(&["supply", "issuance", "donations"])
        .system_if(counts_otherwise, Day::End, count_stakes::<M>);
    show::register(model);
}

/// Returns true if anything but all of E counts.
fn counts_otherwise(setting: &Setting) -> bool {
    !setting.group::<Counting>().is_as_published()
}

/// Rejects `[voting]` beside a mechanism that has its own points: points are one concept.
fn mechanism_has_points(setting: &Setting) -> Option<Fault> {
    let of = Capabilities::of(setting);
    (of.votes == mechanism::Votes::Points).then(|| Fault {
        key: "arithmetic",
        message: format!(
            "is \"{}\", which has its own points; remove [voting] and set gardens2.points, or set arithmetic to \"real\". \
             A history of the 1Hive contract in the same spec also enables [voting]: write a spec for each contract",
            of.name
        ),
    })
}

/// Rejects points and a minimum conviction, which the deployed contract lacks.
fn contract_knows_tokens_only(setting: &Setting) -> Option<Fault> {
    let counting: Counting = setting.group();
    let of = Capabilities::of(setting);
    let (key, off) = if of.numbers == Numbers::Real {
        return None;
    } else if !counting.in_tokens() {
        ("voting.points", "\"tokens\"")
    } else if counting.min_points > 0.0 {
        ("voting.min_points", "0")
    } else {
        return None;
    };
    Some(Fault {
        key,
        message: format!(
            "contract arithmetic has no rule for it; set it to {off}, or arithmetic to \"real\""
        ),
    })
}

/// Rejects a minimum share of the supply with points that are not tokens.
fn supply_is_in_tokens(setting: &Setting) -> Option<Fault> {
    let counting: Counting = setting.group();
    let in_tokens = matches!(counting.points, PointSystem::Tokens | PointSystem::Capped);
    let differs = counting.min_share > 0.0 && !in_tokens;
    differs.then(|| Fault {
        key: "voting.min_share",
        message: format!(
            "is a share of tokens, but points are \"{}\"; set it to 0, or points to \"tokens\" or \"capped\"",
            counting.points
        ),
    })
}

/// Computes the votes that count.
fn turnout(counting: &Counting, votes: &Votes) -> Option<Turnout> {
    (!counting.is_as_published()).then(|| Turnout {
        points: points::law(counting).map(|law| InPoints {
            law,
            least_held: 0.0,
            of_all: votes.points,
        }),
        staked: counting.counts_staked().then_some(Staked {
            tokens: votes.staked,
            abstain: counting.abstain,
            units: votes.units,
        }),
        min_share: counting.min_share,
        min_points: counting.min_points,
    })
}

/// Begins without stakes.
fn begin(mut runs: Runs<(&Counting, &Votes, &mut Supply)>) {
    for (_, (counting, votes, supply)) in runs.batch() {
        supply.turnout = turnout(counting, votes);
        if supply.turnout.is_some() {
            supply.at_day_start = supply.terms();
        }
    }
}

/// Stores the votes that count in today's triggers.
fn count_before_release(mut runs: Runs<(&Counting, &mut Votes, &mut Supply)>) {
    for (_, (counting, votes, supply)) in runs.batch() {
        if counting.is_as_published() {
            continue;
        }
        supply.turnout = turnout(counting, votes);
        let all = supply.votes();
        if all > 0.0 {
            votes.counted += supply.terms().counted / all;
            votes.days += 1;
        }
    }
}

crate::view! {
    /// Access to a run, to count its stakes.
    struct Counted<'w, M: Passing> {
        counting: &'w Counting,
        population: &'w Population,
        layout: &'w Layout,
        opening: &'w Opening,
        votes: &'w mut Votes,
        supply: &'w mut Supply,
        side: Option<&'w SideList<M>>,
    }
}

/// Sums the stakes at the start of a history; other runs start without stakes.
fn count_at_start<M: Passing>(
    runs: Runs<Counted<M>>,
    seats: Rows<&StakeSum>,
    stored: Rows<&M::Stored>,
    people: Rows<&Stale>,
) {
    count::<M>(runs, seats, stored, people, |opening| {
        opening.observed.is_some()
    });
}

/// Sums the stakes on candidates at the end of the day, and the rest of those on granted proposals.
fn count_stakes<M: Passing>(
    runs: Runs<Counted<M>>,
    seats: Rows<&StakeSum>,
    stored: Rows<&M::Stored>,
    people: Rows<&Stale>,
) {
    count::<M>(runs, seats, stored, people, |_| true);
}

fn count<M: Passing>(
    mut runs: Runs<Counted<M>>,
    mut seats: Rows<&StakeSum>,
    mut stored: Rows<&M::Stored>,
    mut people: Rows<&Stale>,
    counts: impl Fn(&Opening) -> bool,
) {
    let batch = runs.batch();
    let (mut seats, mut people) = (seats.of_batch(&batch), people.of_batch(&batch));
    let mut stored = stored.of_batch(&batch);
    for (run, of) in batch {
        if !counts(of.opening) {
            continue;
        }
        let side = of.side.map_or(&[][..], |side| &side.0);
        let sums = &seats.of(run)[..of.layout.count() * LANES];
        if of.counting.counts_staked() {
            let on_seats = sums.iter().sum::<f64>();
            of.votes.staked = on_seats + side.iter().map(|candidate| candidate.stake).sum::<f64>();
        }
        let stale = match of.counting.keeps_stale() {
            true => &people.of(run)[..of.population.participants],
            false => &[],
        };
        of.votes.staked += stale.iter().map(|stale| stale.left).sum::<f64>();
        of.votes.units = of.opening.observed.as_ref().map(|_| {
            let stored = stored.of(run);
            let on_seats = of
                .layout
                .taken()
                .map(|seat| M::staked(stored.get(seat), sums[seat]));
            let aside = side
                .iter()
                .map(|candidate| M::staked(Some(&candidate.stored), candidate.stake));
            let left = stale.iter().map(|stale| stale.units);
            on_seats.chain(aside).chain(left).sum()
        });
        of.supply.turnout = turnout(of.counting, of.votes);
        if run.day == 0 {
            of.supply.at_day_start = of.supply.terms();
        }
    }
}
