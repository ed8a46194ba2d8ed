//! Extension: participants move tokens between cold storage and their holdings, depending on their sentiment.
//!
//! A participant's cold tokens are part of L and do not vote. Each day before participants act, some of them
//! move a small share: those with good sentiment from cold storage to their holdings, the others back. The
//! amount follows versions 0 and 1 of the published program, in which participants buy and burn tokens this
//! way.

use super::Day;
use super::chance::NONE;
use super::mechanism::Capabilities;
use super::participants::{Departed, Holdings, OwnSentiment, Participants, Population};
use super::proposals::{FundsRequested, History, Underway};
use super::rules::needs_accounting;
use super::supply::Supply;
use super::support::kernel::chosen::Chosen;
use super::support::{Layout, StakeRows, Staking};
use crate::engine::{
    Columns, Domain, Failing, Fault, Gathered, Lanes, ModelBuilder, PerRun, Rows, Runs, Sampled,
    Seeded, Setting, Start, Stream, StreamSeeds,
};
use bevy_ecs::prelude::*;

crate::choices! {
    /// Recipient of grants.
    Recipient {
        /// Other supply.
        Other = "other",
        /// The proposer's cold storage.
        Proposer = "proposer",
    }
}

crate::settings! {
    /// Flows between cold storage and holdings.
    Flows in "flows" {
        cold_share: f64 = 0.5, "", Domain::from_to(0.0, 1.0), "share of free other supply that lies in participants' cold storage at the start, in proportion to holdings";
        move_rate: f64 = 0.3, "1/day", Domain::from_to(0.0, 1.0), "chance to move tokens on a day, at full sentiment";
        pivot: f64 = 0.75, "", Domain::from_to(0.0, 1.0), "own sentiment above which a participant moves tokens out of cold storage, and below which into it";
        gain: f64 = 0.01, "1/day", Domain::from_to(0.0, 1.0), "share of tokens moved, per unit of sentiment from the pivot";
        grants_to: Recipient = Recipient::Other, "", Recipient::DOMAIN, "recipient of grants: other supply, or the proposer's cold storage";
    }
}

/// l: tokens of a participant in cold storage, Honey; a column of participants.
#[derive(Component, Clone, Copy, Debug, Default)]
pub struct Cold(pub f64);

crate::record!(Cold);

/// Random stream of flows.
#[derive(Component, Default)]
pub struct Moving(Lanes);

impl Seeded for Moving {
    fn seed(&mut self, seeds: StreamSeeds) {
        self.0 = seeds.lanes(Stream::named("flows"));
    }
}

/// Tokens in cold storage, and flows so far, Honey.
#[derive(Component, Default)]
pub struct Storage {
    /// Tokens in cold storage.
    pub tokens: f64,
    /// Total moved to holdings.
    pub staked_in: f64,
    /// Total moved from holdings.
    pub staked_out: f64,
    /// Number of rows of participants with an initialised storage: newcomers begin empty.
    opened: usize,
}

impl PerRun for Storage {}

impl Storage {
    /// Initialises the storages of newcomers.
    #[inline]
    fn open(&mut self, cold: &mut [Cold], participants: usize) {
        cold[self.opened..participants].fill(Cold(0.0));
        self.opened = participants;
    }
}

crate::columns! {
    /// Flows so far.
    FlowRow, FlowRows {
        staked_in: f64, "Honey", "moved from cold storage to holdings so far" => neither;
        staked_out: f64, "Honey", "moved from holdings to cold storage so far" => neither;
        cold: f64, "Honey", "in participants' cold storage: a part of other supply" => neither;
    }
}

/// Registers the flows.
pub fn flows<M: Staking>(model: &mut ModelBuilder) {
    model
        .settings::<Flows>()
        .takes_longer(0.3)
        .check(fault)
        .streams::<Moving>()
        .per_run::<Storage>()
        .column::<Participants, Cold>()
        .start(Start::Fill, open)
        .after(&["participants"])
        .system_if(proposers_are_paid, Day::Flows, store_grants)
        .system(Day::Flows, flow::<M>)
        .invariant(check)
        .columns::<FlowRows, _>(&["days", "runs"], show);
}

fn fault(setting: &Setting) -> Option<Fault> {
    needs_accounting(setting, "[flows]")
        .or_else(|| Capabilities::needs_real_numbers(setting, "[flows]"))
}

/// Returns the tokens in cold storage at the start, of `free` Honey of L that nothing else sets aside; 0
/// without flows.
pub fn set_aside_at_start(setting: &Setting, free: f64) -> f64 {
    let flows = setting.group_if_on::<Flows>();
    flows.map_or(0.0, |flows| flows.cold_share * free)
}

/// Returns true if grants go to the proposers.
fn proposers_are_paid(setting: &Setting) -> bool {
    setting.group::<Flows>().grants_to == Recipient::Proposer
}

/// Returns the tokens that a participant moves to their holdings, in Honey; negative if they leave the holdings. With
/// d = s − pivot, the participant moves gain · d of the tokens in cold storage or, if d is negative, of the holdings.
pub fn moved(flows: &Flows, sentiment: f64, held: f64, cold: f64) -> f64 {
    let spirits = sentiment - flows.pivot;
    flows.gain * spirits * if spirits > 0.0 { cold } else { held }
}

/// Gives participants a share of the free part of L, in proportion to holdings.
fn open(
    mut runs: Runs<(&Flows, &Population, &mut Supply, &mut Storage)>,
    mut people: Rows<(&Holdings, &mut Cold)>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (flows, population, supply, storage)) in batch {
        let per_token = flows.cold_share * supply.free() / supply.effective;
        let (holdings, cold) = people.of(run);
        let participants = population.participants;
        for (cold, held) in cold[..participants].iter_mut().zip(holdings) {
            cold.0 = per_token * held;
            storage.tokens += cold.0;
        }
        storage.opened = participants;
        supply.set_aside += storage.tokens;
    }
}

crate::view! {
    /// Access of [`store_grants`] to a run.
    struct Granting<'w> {
        flows: &'w Flows,
        population: &'w Population,
        underway: &'w Underway,
        supply: &'w mut Supply,
        storage: &'w mut Storage,
    }
}

/// Adds today's grants to the proposers' storages, if the setting requires it.
fn store_grants(
    mut runs: Runs<Granting>,
    mut people: Rows<&mut Cold>,
    mut proposals: Rows<(&FundsRequested, &History)>,
) {
    let batch = runs.batch();
    let (mut people, mut proposals) = (people.of_batch(&batch), proposals.of_batch(&batch));
    for (run, of) in batch {
        if of.flows.grants_to != Recipient::Proposer {
            continue;
        }
        let cold = people.of(run);
        of.storage.open(cold, of.population.participants);
        let (requested, histories) = proposals.of(run);
        for proposal in of.underway.active.iter().map(|active| active.row as usize) {
            let History {
                left_candidacy,
                proposer,
                ..
            } = histories[proposal];
            if left_candidacy == run.day && proposer != NONE {
                let granted = requested[proposal];
                cold[proposer as usize].0 += granted;
                of.storage.tokens += granted;
                of.supply.set_aside += granted;
            }
        }
    }
}

crate::view! {
    /// Access of [`flow`] to a run.
    struct Flowing<'w, M: Staking> {
        flows: &'w Flows,
        population: &'w Population,
        departed: &'w Departed,
        layout: &'w Layout,
        moving: &'w mut Moving,
        supply: &'w mut Supply,
        storage: &'w mut Storage,
        mechanism: &'w mut M,
        failing: &'w mut Failing,
    }
}

/// Draws who moves tokens today: participants whose u is below move_rate · own sentiment. The tokens move
/// between L and E.
fn flow<M: Staking>(
    mut runs: Runs<Flowing<M>>,
    mut people: Rows<(&OwnSentiment, &mut Holdings, &mut Cold)>,
    mut stakes: StakeRows<M>,
    mut chosen: Local<Chosen>,
) {
    let batch = runs.batch();
    let (mut people, mut stakes) = (people.of_batch(&batch), stakes.of_batch(&batch));
    let vectors = batch.vectors;
    for (run, of) in batch {
        let (sentiments, holdings, cold) = people.of(run);
        of.storage.open(cold, of.population.participants);
        let mut stakes = stakes.of(run, of.mechanism, of.failing);
        let (rate, everybody) = (of.flows.move_rate, of.population.participants);
        let moving = chosen.draw(vectors, &mut of.moving.0, rate, sentiments, everybody);
        let (mut into, mut out) = (0.0, 0.0);
        for row in moving {
            let moved = moved(of.flows, sentiments[row], holdings[row], cold[row].0);
            if moved == 0.0 || of.departed.contains(row) {
                continue;
            }
            cold[row].0 -= moved;
            into += moved.max(0.0);
            out += (-moved).max(0.0);
            let held = holdings[row] + moved;
            stakes.hold(of.supply, holdings, row, held);
        }
        stakes.settle(of.layout);
        of.storage.staked_in += into;
        of.storage.staked_out += out;
        let moved = into - out;
        of.storage.tokens -= moved;
        of.supply.set_aside -= moved;
        of.supply.other -= moved;
        of.supply.effective += moved;
    }
}

fn show(mut runs: Sampled<(&Storage, &mut Gathered<FlowRows>)>) {
    for (_, (storage, rows)) in runs.batch() {
        rows.push(FlowRow {
            staked_in: storage.staked_in,
            staked_out: storage.staked_out,
            cold: storage.tokens,
        });
    }
}

/// Checks that the total in cold storage matches participants' storages, and is part of what L sets aside.
fn check(mut runs: Runs<(&Supply, &Storage, &Failing)>, mut people: Rows<&Cold>) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (supply, storage, failing)) in batch {
        if failing.failure().is_some() {
            continue;
        }
        let (day, rounding) = (run.day, 1e-9 * supply.total);
        let cold = &people.of(run)[..storage.opened];
        assert!(
            cold.iter().all(|cold| cold.0 >= 0.0),
            "day {day}: negative cold storage"
        );
        let stored: f64 = cold.iter().map(|cold| cold.0).sum();
        assert!(
            (stored - storage.tokens).abs() <= rounding,
            "day {day}: {stored} in cold storage, but the total is {}",
            storage.tokens
        );
        assert!(
            supply.set_aside >= stored - rounding,
            "day {day}: {stored} in cold storage, {} set aside",
            supply.set_aside
        );
    }
}
