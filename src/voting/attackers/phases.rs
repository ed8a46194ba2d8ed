//! Implements the actions of attackers in the phases of a day.

use super::asking::{Morning, ask};
use super::attacker::{Attacker, Attackers};
use super::people::{self, People};
use super::settings::{Attack, Strategy};
use super::staking::split;
use crate::engine::{Failing, PerCopy, Rows, Run, Runs};
use crate::voting::conviction::{Conviction, Passing, SideCandidate, SideList};
use crate::voting::participants::{Departed, Holdings, Population};
use crate::voting::supply::{InitialSupply, Supply};
use crate::voting::support::{Layout, StakeRows};
use bevy_ecs::prelude::*;

/// Creates one attacker for each copy of the extension.
pub fn begin(mut runs: Runs<(&PerCopy<Attack>, &mut Attackers)>) {
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

crate::view! {
    /// Access of [`arrive`] to a run.
    pub struct Arriving<'w, M: Passing> {
        attacks: &'w PerCopy<Attack>,
        conviction: &'w Conviction,
        population: &'w Population,
        layout: &'w Layout,
        supply: &'w mut Supply,
        attackers: &'w mut Attackers,
        side: &'w mut SideList<M>,
        mechanism: &'w mut M,
        failing: &'w mut Failing,
    }
}

/// Lets attackers whose day has come enter, and files their requests. A renter rents tokens for each.
pub fn arrive<M: Passing>(
    mut runs: Runs<Arriving<M>>,
    mut holdings: Rows<&mut Holdings>,
    mut stakes: StakeRows<M>,
) {
    let batch = runs.batch();
    let (mut holdings, mut stakes) = (holdings.of_batch(&batch), stakes.of_batch(&batch));
    for (run, of) in batch {
        let each = of.attacks.iter().zip(&mut of.attackers.each).enumerate();
        for (owner, (attack, attacker)) in each.filter(|(_, (attack, _))| attack.from <= run.day) {
            let (rents, flashes) = (
                attack.strategy == Strategy::Renter,
                attack.strategy == Strategy::Flash,
            );
            if run.day == attack.from && !rents && !flashes {
                let mut people = People {
                    layout: of.layout,
                    holdings: &mut holdings.of(run)[..of.population.participants],
                    stakes: stakes.of(run, of.mechanism, of.failing),
                };
                people::enter(attack, attacker, of.supply, &mut people);
            }
            let morning = Morning {
                day: run.day,
                funds: of.supply.at_day_start.funds,
                beta: of.conviction.beta,
                min_supp: of.conviction.min_supp,
                open: open(of.side, owner),
                most_per_account: M::MOST_SUPPORTED,
            };
            let ask = ask(attack, attacker, &morning);
            if rents && ask.count > 0 {
                let holdings = &mut holdings.of(run)[..of.population.participants];
                if !people::pays(attack, of.conviction, of.supply, holdings) {
                    continue;
                }
                let mut people = People {
                    layout: of.layout,
                    holdings,
                    stakes: stakes.of(run, of.mechanism, of.failing),
                };
                people::lend(attack, attacker, of.supply, &mut people);
            }
            put_up(of.side, of.mechanism, run, owner, ask.count, ask.requested);
        }
        of.mechanism
            .note_accounts(of.supply, run.day, of.attackers.holdings(), of.failing);
    }
}

crate::view! {
    /// Access of [`ask_again`] to a run.
    pub struct Asking<'w, M: Passing> {
        attacks: &'w PerCopy<Attack>,
        conviction: &'w Conviction,
        supply: &'w Supply,
        mechanism: &'w M,
        side: &'w mut SideList<M>,
    }
}

/// Lets eager attackers file the next request on the day on which their candidate will pass: for their share of
/// what it will leave of the pool at the start of the day. If it leaves nothing, they wait until the next morning. The phase
/// follows the day's mint and the computation of voting supply.
pub fn ask_again<M: Passing>(mut runs: Runs<Asking<M>>) {
    for (run, of) in runs.batch() {
        for (owner, attack) in of.attacks.iter().enumerate() {
            let asks_again = matches!(attack.strategy, Strategy::Leech | Strategy::Sybil);
            if !(attack.eager && asks_again) || open(of.side, owner) != 1 {
                continue;
            }
            let mut own = of
                .side
                .0
                .iter()
                .filter(|candidate| candidate.owner == owner);
            if let Some(candidate) = own.next()
                && passes(candidate, run, of.conviction, of.supply, of.mechanism)
            {
                let left = of.supply.at_day_start.funds - candidate.requested;
                // Today's mint may be all that pays for the candidate.
                if left > 0.0 {
                    let requested = attack.share_of_pool(of.conviction.beta) * left;
                    put_up(of.side, of.mechanism, run, owner, 1, requested);
                }
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

crate::view! {
    /// Access of [`collect`] to a run.
    pub struct Collecting<'w, M: Passing> {
        attacks: &'w PerCopy<Attack>,
        population: &'w Population,
        departed: &'w Departed,
        supply: &'w mut Supply,
        attackers: &'w mut Attackers,
        side: &'w mut SideList<M>,
        mechanism: &'w mut M,
        failing: &'w mut Failing,
    }
}

/// Records today's payments to attackers. Payments that they do not stake remain in L. Renters return the
/// tokens.
pub fn collect<M: Passing>(mut runs: Runs<Collecting<M>>, mut holdings: Rows<&mut Holdings>) {
    let batch = runs.batch();
    let mut holdings = holdings.of_batch(&batch);
    for (run, of) in batch {
        for candidate in of.side.0.iter().filter(|candidate| candidate.paid) {
            let attack = &of.attacks[candidate.owner];
            let attacker = &mut of.attackers.each[candidate.owner];
            attacker.paid(run.day, candidate.requested);
            if attack.strategy == Strategy::Renter {
                let holdings = &mut holdings.of(run)[..of.population.participants];
                people::give_back(attacker, of.supply, of.mechanism, of.departed, holdings);
            } else if attack.compound {
                people::compound(attacker, candidate.requested, of.supply, of.mechanism);
            }
        }
        of.side.0.retain(|candidate| !candidate.paid);
        of.mechanism
            .note_accounts(of.supply, run.day, of.attackers.holdings(), of.failing);
    }
}

crate::view! {
    /// Access of [`leave`] to a run.
    pub struct Leaving<'w, M: Passing> {
        attacks: &'w PerCopy<Attack>,
        supply: &'w mut Supply,
        attackers: &'w mut Attackers,
        mechanism: &'w mut M,
        failing: &'w mut Failing,
    }
}

/// Lets a flash leave after it has held its stake long enough.
pub fn leave<M: Passing>(mut runs: Runs<Leaving<M>>) {
    for (run, of) in runs.batch() {
        for (attack, attacker) in of.attacks.iter().zip(&mut of.attackers.each) {
            if attack.leaves_on() == Some(run.day) {
                people::leave(attacker, of.supply, of.mechanism);
            }
        }
        of.mechanism
            .note_accounts(of.supply, run.day, of.attackers.holdings(), of.failing);
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

crate::view! {
    /// Access of [`flash`] to a run.
    pub struct Flashing<'w, M: Passing> {
        attacks: &'w PerCopy<Attack>,
        population: &'w Population,
        layout: &'w Layout,
        supply: &'w mut Supply,
        attackers: &'w mut Attackers,
        mechanism: &'w mut M,
        failing: &'w mut Failing,
    }
}

/// Lets a flash enter on its day.
pub fn flash<M: Passing>(
    mut runs: Runs<Flashing<M>>,
    mut holdings: Rows<&mut Holdings>,
    mut stakes: StakeRows<M>,
) {
    let batch = runs.batch();
    let (mut holdings, mut stakes) = (holdings.of_batch(&batch), stakes.of_batch(&batch));
    for (run, of) in batch {
        for (attack, attacker) in of.attacks.iter().zip(&mut of.attackers.each) {
            if attack.strategy == Strategy::Flash && attack.from == run.day {
                let mut people = People {
                    layout: of.layout,
                    holdings: &mut holdings.of(run)[..of.population.participants],
                    stakes: stakes.of(run, of.mechanism, of.failing),
                };
                people::enter(attack, attacker, of.supply, &mut people);
            }
        }
        of.mechanism
            .note_accounts(of.supply, run.day, of.attackers.holdings(), of.failing);
    }
}

crate::view! {
    /// Access of [`accrue`] to a run.
    pub struct Accruing<'w, M: Passing> {
        attacks: &'w PerCopy<Attack>,
        conviction: &'w Conviction,
        initial: &'w InitialSupply,
        supply: &'w Supply,
        attackers: &'w mut Attackers,
        side: &'w mut SideList<M>,
        mechanism: &'w mut M,
        failing: &'w mut Failing,
    }
}

/// Stakes all tokens of every attacker, and lets conviction accrue on their candidates. No system reads these
/// stakes in between. Charges the day's rent.
pub fn accrue<M: Passing>(mut runs: Runs<Accruing<M>>, mut scratch: Local<Scratch>) {
    for (run, of) in runs.batch() {
        for (owner, (attack, attacker)) in of.attacks.iter().zip(&of.attackers.each).enumerate() {
            scratch.find(of.side, owner);
            let Scratch {
                places,
                votes,
                stakes,
            } = &mut *scratch;
            let accounts = attacker.accounts.iter();
            votes.clear();
            votes.extend(accounts.map(|&tokens| of.supply.votes_of(tokens)));
            split(
                attack,
                votes,
                of.conviction.min_supp,
                M::MOST_SUPPORTED,
                stakes,
            );
            for (&place, &stake) in places.iter().zip(&*stakes) {
                let candidate = &mut of.side.0[place];
                if candidate.stake != stake {
                    of.mechanism
                        .restake(&mut candidate.stored, run.day, stake, of.failing);
                    candidate.stake = stake;
                }
            }
        }
        let growth = of.mechanism.growth(run.day, of.conviction);
        for candidate in &mut of.side.0 {
            let SideCandidate {
                stake,
                conviction: grown,
                ..
            } = *candidate;
            candidate.conviction = stake * growth.gain + grown * growth.kept;
            of.attackers.each[candidate.owner].tally.token_days += stake;
        }
        for (attack, attacker) in of.attacks.iter().zip(&mut of.attackers.each) {
            if attack.strategy == Strategy::Renter {
                attacker.tally.cost += attack.rent * attacker.tokens();
            }
        }
        if of.supply.funds <= of.initial.funds / 2.0 {
            of.attackers.half_gone.get_or_insert(run.day);
        }
    }
}
