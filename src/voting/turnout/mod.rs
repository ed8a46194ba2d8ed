//! What counts as voting (extension `[voting]`).
//!
//! Triggers grow with the tokens that count as voting. In the published model all of E does, whether it is
//! staked or not. Here only what is staked may count, with a share of the rest that abstains, and a share of
//! the supply at least; and voters may weigh by points that are not their tokens.
//!
//! | file | what it owns |
//! |---|---|
//! | `points` | what a participant's stakes are split from |
//! | `stale` | tokens left on proposals that were granted |
//! | `show` | the columns |

mod points;
mod show;
mod stale;

use super::Day;
use super::conviction::{Passing, SideList};
use super::mechanism::{self, Capabilities, Numbers};
use super::participants::Population;
use super::rules::needs_accounting;
use super::supply::{InPoints, Staked, Supply, Turnout};
use super::support::{Layout, StakeSum};
use crate::engine::{Domain, Fault, LANES, ModelBuilder, PerRun, Rows, Runs, Setting, Start};
use bevy_ecs::prelude::*;
use stale::Stale;

crate::settings! {
    /// What counts as voting.
    Counting in "voting" {
        counted: &'static str = "all", "", Domain::Names(&["all", "staked"]), "which tokens count in triggers: all of E, or those that the day before left staked on candidates";
        abstain: f64 = 1.0, "", Domain::from_to(0.0, 1.0), "where those staked count, share of the others that counts besides";
        min_share: f64 = 0.0, "", Domain::from_to(0.0, 1.0), "least share of the total supply that counts in triggers";
        stale: &'static str = "drop", "", Domain::Names(&["drop", "keep"]), "whether stakes on a granted proposal still count as staked until their holders next act, as in the contract";
        min_points: f64 = 0.0, "", Domain::from_to(0.0, 1.0), "least conviction that passes anything, as a share of the largest possible";
        points: &'static str = "tokens", "", Domain::Names(points::NAMES), "what a participant's stakes are split from, and triggers stated with: tokens, tokens up to cap, their square root, or 1 each; min_supp is then in points";
        cap: f64 = 1000.0, "Honey", Domain::from_to(1e-9, 1e15), "the most that counts of a participant's tokens, for points capped";
    }
}

impl Counting {
    /// Whether what counts depends on what is staked. Where all that abstains counts, it does not.
    fn counts_staked(&self) -> bool {
        self.counted == "staked" && self.abstain < 1.0
    }

    fn keeps_stale(&self) -> bool {
        self.counts_staked() && self.stale == "keep"
    }

    fn in_tokens(&self) -> bool {
        points::law(self).is_none()
    }

    /// Whether everything is as in the published model.
    fn is_as_published(&self) -> bool {
        !self.counts_staked() && self.in_tokens() && self.min_share == 0.0 && self.min_points == 0.0
    }
}

/// What is known of the votes of a run, and what they came to so far.
#[derive(Component, Default)]
struct Votes {
    /// What the day before left staked, stale stakes included.
    staked: f64,
    /// Points of all.
    points: f64,
    /// Sum over the days of T over all that might vote, and the days on which somebody might.
    counted: f64,
    days: u32,
}

impl PerRun for Votes {}

/// Registers what counts as voting.
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
        .system_if(counts_otherwise, Day::Mint, count_before_release)
        .system_if(counts_otherwise, Day::Dusk, count_stakes::<M>);
    show::register(model);
}

/// Whether anything but all of E counts.
fn counts_otherwise(setting: &Setting) -> bool {
    !setting.group::<Counting>().is_as_published()
}

/// Points are one concept: a mechanism that has some of its own decides what counts as voting.
fn mechanism_has_points(setting: &Setting) -> Option<Fault> {
    let of = Capabilities::of(setting);
    (of.votes == mechanism::Votes::Points).then(|| Fault {
        key: "arithmetic",
        message: format!(
            "is \"{}\", which has points of its own, so that [voting] has no rules for it: leave [voting] out and set \
             gardens2.points, or set arithmetic to \"real\"",
            of.name
        ),
    })
}

/// The deployed contract has neither points nor a least conviction.
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
            "has no rule in the contract's integers; set it to {off}, or arithmetic to \"real\""
        ),
    })
}

/// A share of the supply is in tokens, and so are capped points.
fn supply_is_in_tokens(setting: &Setting) -> Option<Fault> {
    let counting: Counting = setting.group();
    let differs = counting.min_share > 0.0 && ["quadratic", "equal"].contains(&counting.points);
    differs.then(|| Fault {
        key: "voting.min_share",
        message: format!(
            "is a share of tokens, but points are \"{}\"; set it to 0, or points to \"tokens\" or \"capped\"",
            counting.points
        ),
    })
}

/// What counts, from what is known of the votes.
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
        }),
        min_share: counting.min_share,
        min_points: counting.min_points,
    })
}

/// Nothing is staked yet.
fn begin(mut runs: Runs<(&'static Counting, &'static Votes, &'static mut Supply)>) {
    for (_, (counting, votes, supply)) in runs.batch() {
        supply.turnout = turnout(counting, votes);
        if supply.turnout.is_some() {
            supply.at_dawn = supply.terms();
        }
    }
}

/// Notes what counts in today's triggers.
fn count_before_release(
    mut runs: Runs<(&'static Counting, &'static mut Votes, &'static mut Supply)>,
) {
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

/// Adds up what the day leaves staked on candidates, and what is left of stakes on those granted.
#[allow(clippy::type_complexity, reason = "a list of what is read")]
fn count_stakes<M: Passing>(
    mut runs: Runs<(
        &'static Counting,
        &'static Population,
        &'static Layout,
        &'static mut Votes,
        &'static mut Supply,
        Option<&'static SideList<M>>,
    )>,
    mut seats: Rows<&'static StakeSum>,
    mut people: Rows<&'static Stale>,
) {
    let batch = runs.batch();
    let (mut seats, mut people) = (seats.of_batch(&batch), people.of_batch(&batch));
    for (run, (counting, population, layout, votes, supply, side)) in batch {
        if counting.counts_staked() {
            let on_seats = seats.of(run)[..layout.count() * LANES].iter().sum::<f64>();
            let side = side.map_or(&[][..], |side| &side.0);
            votes.staked = on_seats + side.iter().map(|candidate| candidate.stake).sum::<f64>();
        }
        if counting.keeps_stale() {
            let stale = &people.of(run)[..population.participants];
            votes.staked += stale.iter().map(|stale| stale.left).sum::<f64>();
        }
        supply.turnout = turnout(counting, votes);
    }
}
