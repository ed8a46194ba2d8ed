//! Implements the actions of attackers in the phases of a day.

use super::asking::{Morning, ask};
use super::attacker::{Attacker, Attackers};
use super::people::{self, People};
use super::settings::{Attack, Strategy};
use super::staking::split;
use crate::engine::{Each, Failing, Rows, Run, Runs};
use crate::voting::conviction::{Conviction, Passing, SideCandidate, SideList};
use crate::voting::participants::{Departed, Holdings, Population};
use crate::voting::supply::{InitialSupply, Supply};
use crate::voting::support::{Layout, StakeRows};
use bevy_ecs::prelude::*;

/// Creates one attacker for each copy of the extension.
pub fn begin(mut runs: Runs<(&Each<Attack>, &mut Attackers)>) {
    for (_, (attacks, attackers)) in runs.batch() {
        attackers.each.resize_with(attacks.len(), Attacker::default);
    }
}

/// Counts the unpaid candidates of an attacker.
fn open<M: Passing>(side: &SideList<M>, owner: usize) -> usize {
    side.0
        .iter()
        .filter(|candidate| candidate.owner == owner)
        .count()
}

/// Files candidates of an attacker.
fn put_up<M: Passing>(
    side: &mut SideList<M>,
    mechanism: &M,
    run: &Run,
    owner: usize,
    count: usize,
    requested: f64,
) {
    let candidate = SideCandidate {
        owner,
        created: run.day,
        requested,
        stake: 0.0,
        conviction: 0.0,
        stored: mechanism.created(run.day),
        paid: false,
    };
    side.0.extend(std::iter::repeat_n(candidate, count));
}

/// Lets attackers whose day has come enter, at the end of Arrivals, and files their requests. A renter rents
/// tokens for each.
#[allow(
    clippy::type_complexity,
    reason = "one entry per component that the phase reads or changes"
)]
pub fn arrive<M: Passing>(
    mut runs: Runs<(
        &Each<Attack>,
        &Conviction,
        &Population,
        &Layout,
        &mut Supply,
        &mut Attackers,
        &mut SideList<M>,
        &mut M,
        &mut Failing,
    )>,
    mut holdings: Rows<&mut Holdings>,
    mut stakes: StakeRows<M>,
) {
    let batch = runs.batch();
    let (mut holdings, mut stakes) = (holdings.of_batch(&batch), stakes.of_batch(&batch));
    for (run, components) in batch {
        let (attacks, conviction, population, layout, supply, attackers, side, mechanism, failing) =
            components;
        let each = attacks.iter().zip(&mut attackers.each).enumerate();
        for (owner, (attack, attacker)) in each.filter(|(_, (attack, _))| attack.from <= run.day) {
            let (rents, flashes) = (
                attack.strategy == Strategy::Renter,
                attack.strategy == Strategy::Flash,
            );
            if run.day == attack.from && !rents && !flashes {
                let mut people = People {
                    layout,
                    holdings: &mut holdings.of(run)[..population.participants],
                    stakes: stakes.of(run, mechanism, failing),
                };
                people::enter(attack, attacker, supply, &mut people);
            }
            let morning = Morning {
                day: run.day,
                funds: supply.at_dawn.funds,
                beta: conviction.beta,
                min_supp: conviction.min_supp,
                open: open(side, owner),
                most_per_account: M::MOST_SUPPORTED,
            };
            let ask = ask(attack, attacker, &morning);
            if rents && ask.count > 0 {
                let holdings = &mut holdings.of(run)[..population.participants];
                if !people::pays(attack, conviction, supply, holdings) {
                    continue;
                }
                let mut people = People {
                    layout,
                    holdings,
                    stakes: stakes.of(run, mechanism, failing),
                };
                people::lend(attack, attacker, supply, &mut people);
            }
            put_up(side, mechanism, run, owner, ask.count, ask.requested);
        }
        mechanism.note_accounts(supply, run.day, attackers.holdings(), failing);
    }
}

/// Lets eager attackers file the next request on the day on which their candidate will pass: for their share of
/// what it will leave. The phase follows the day's mint and the computation of voting supply.
#[allow(
    clippy::type_complexity,
    reason = "one entry per component that the phase reads or changes"
)]
pub fn ask_again<M: Passing>(
    mut runs: Runs<(&Each<Attack>, &Conviction, &Supply, &M, &mut SideList<M>)>,
) {
    for (run, (attacks, conviction, supply, mechanism, side)) in runs.batch() {
        for (owner, attack) in attacks.iter().enumerate() {
            let asks_again = matches!(attack.strategy, Strategy::Leech | Strategy::Sybil);
            if !(attack.eager && asks_again) || open(side, owner) != 1 {
                continue;
            }
            let mut own = side.0.iter().filter(|candidate| candidate.owner == owner);
            if let Some(candidate) = own.next()
                && passes(candidate, run, conviction, supply, mechanism)
            {
                let left = supply.at_dawn.funds - candidate.requested;
                let requested = attack.share_of_pool(conviction.beta) * left;
                put_up(side, mechanism, run, owner, 1, requested);
            }
        }
    }
}

/// Returns true if a candidate passes today, provided that the pool suffices for all.
fn passes<M: Passing>(
    candidate: &SideCandidate<M::Stored>,
    run: &Run,
    conviction: &Conviction,
    supply: &Supply,
    mechanism: &M,
) -> bool {
    // Its conviction is still that of the end of the previous day.
    let yesterday = run.day - 1;
    let has = mechanism.conviction_at_end(Some(&candidate.stored), yesterday, candidate.conviction);
    candidate.is_older_than(conviction.tmin, run.day)
        && has
            > mechanism.trigger(
                Some(&candidate.stored),
                run.day,
                candidate.requested,
                supply.terms(),
                conviction,
            )
}

/// Records today's payments to attackers. Payments that they do not stake remain in L. Renters return the
/// tokens.
#[allow(
    clippy::type_complexity,
    reason = "one entry per component that the phase reads or changes"
)]
pub fn collect<M: Passing>(
    mut runs: Runs<(
        &Each<Attack>,
        &Population,
        &Departed,
        &mut Supply,
        &mut Attackers,
        &mut SideList<M>,
        &mut M,
        &mut Failing,
    )>,
    mut holdings: Rows<&mut Holdings>,
) {
    let batch = runs.batch();
    let mut holdings = holdings.of_batch(&batch);
    for (run, components) in batch {
        let (attacks, population, departed, supply, attackers, side, mechanism, failing) =
            components;
        for candidate in side.0.iter().filter(|candidate| candidate.paid) {
            let attack = &attacks[candidate.owner];
            let attacker = &mut attackers.each[candidate.owner];
            attacker.paid(run.day, candidate.requested);
            if attack.strategy == Strategy::Renter {
                let holdings = &mut holdings.of(run)[..population.participants];
                people::give_back(attacker, supply, mechanism, departed, holdings);
            } else if attack.compound {
                people::compound(attacker, candidate.requested, supply, mechanism);
            }
        }
        side.0.retain(|candidate| !candidate.paid);
        mechanism.note_accounts(supply, run.day, attackers.holdings(), failing);
    }
}

/// Lets a flash leave after it has held its stake long enough.
pub fn leave<M: Passing>(
    mut runs: Runs<(
        &Each<Attack>,
        &mut Supply,
        &mut Attackers,
        &mut M,
        &mut Failing,
    )>,
) {
    for (run, (attacks, supply, attackers, mechanism, failing)) in runs.batch() {
        for (attack, attacker) in attacks.iter().zip(&mut attackers.each) {
            if attack.leaves_on() == Some(run.day) {
                people::leave(attacker, supply, mechanism);
            }
        }
        mechanism.note_accounts(supply, run.day, attackers.holdings(), failing);
    }
}

/// Buffers of the staking phase, kept so that a day allocates nothing.
#[derive(Default)]
pub struct Scratch {
    places: Vec<usize>,
    votes: Vec<f64>,
    stakes: Vec<f64>,
}

impl Scratch {
    /// Finds the candidates of an attacker, and resizes the buffer of their stakes.
    fn find<M: Passing>(&mut self, side: &SideList<M>, owner: usize) {
        self.places.clear();
        let all = side.0.iter().enumerate();
        let own = all.filter(|(_, candidate)| candidate.owner == owner);
        self.places.extend(own.map(|(place, _)| place));
        self.stakes.resize(self.places.len(), 0.0);
    }
}

/// Lets a flash enter on its day.
#[allow(
    clippy::type_complexity,
    reason = "one entry per component that the phase reads or changes"
)]
pub fn flash<M: Passing>(
    mut runs: Runs<(
        &Each<Attack>,
        &Population,
        &Layout,
        &mut Supply,
        &mut Attackers,
        &mut M,
        &mut Failing,
    )>,
    mut holdings: Rows<&mut Holdings>,
    mut stakes: StakeRows<M>,
) {
    let batch = runs.batch();
    let (mut holdings, mut stakes) = (holdings.of_batch(&batch), stakes.of_batch(&batch));
    for (run, components) in batch {
        let (attacks, population, layout, supply, attackers, mechanism, failing) = components;
        for (attack, attacker) in attacks.iter().zip(&mut attackers.each) {
            if attack.strategy == Strategy::Flash && attack.from == run.day {
                let mut people = People {
                    layout,
                    holdings: &mut holdings.of(run)[..population.participants],
                    stakes: stakes.of(run, mechanism, failing),
                };
                people::enter(attack, attacker, supply, &mut people);
            }
        }
        mechanism.note_accounts(supply, run.day, attackers.holdings(), failing);
    }
}

/// Stakes all tokens of every attacker, and lets conviction accrue on their candidates. No system reads these
/// stakes in between. Charges the day's rent.
#[allow(
    clippy::type_complexity,
    reason = "one entry per component that the phase reads or changes"
)]
pub fn accrue<M: Passing>(
    mut runs: Runs<(
        &Each<Attack>,
        &Conviction,
        &InitialSupply,
        &Supply,
        &mut Attackers,
        &mut SideList<M>,
        &mut M,
        &mut Failing,
    )>,
    mut scratch: Local<Scratch>,
) {
    for (run, components) in runs.batch() {
        let (attacks, conviction, initial, supply, attackers, side, mechanism, failing) =
            components;
        for (owner, (attack, attacker)) in attacks.iter().zip(&attackers.each).enumerate() {
            scratch.find(side, owner);
            let Scratch {
                places,
                votes,
                stakes,
            } = &mut *scratch;
            let accounts = attacker.accounts.iter();
            votes.clear();
            votes.extend(accounts.map(|&tokens| supply.votes_of(tokens)));
            split(
                attack,
                votes,
                conviction.min_supp,
                M::MOST_SUPPORTED,
                stakes,
            );
            for (&place, &stake) in places.iter().zip(&*stakes) {
                let candidate = &mut side.0[place];
                if candidate.stake != stake {
                    mechanism.restake(&mut candidate.stored, run.day, stake, failing);
                    candidate.stake = stake;
                }
            }
        }
        let growth = mechanism.growth(run.day, conviction);
        for candidate in &mut side.0 {
            let SideCandidate {
                stake,
                conviction: grown,
                ..
            } = *candidate;
            candidate.conviction = stake * growth.gain + grown * growth.kept;
            attackers.each[candidate.owner].tally.token_days += stake;
        }
        for (attack, attacker) in attacks.iter().zip(&mut attackers.each) {
            if attack.strategy == Strategy::Renter {
                attacker.tally.cost += attack.rent * attacker.tokens();
            }
        }
        if supply.funds <= initial.funds / 2.0 {
            attackers.half_gone.get_or_insert(run.day);
        }
    }
}
