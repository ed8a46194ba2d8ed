//! Stores an attacker's tokens, goal and achievements.

use crate::engine::PerRun;
use bevy_ecs::prelude::*;

/// Attackers of a run, one for each copy of the extension.
#[derive(Component, Default, Debug)]
pub struct Attackers {
    /// Attackers, in order of the copies.
    pub each: Vec<Attacker>,
    /// First day at whose end half of the pool was gone.
    pub half_gone: Option<u32>,
}

impl Attackers {
    /// Returns the holdings of each account, Honey, attacker by attacker.
    pub fn holdings(&self) -> impl Iterator<Item = f64> {
        let accounts = self.each.iter().flat_map(|attacker| &attacker.accounts);
        accounts.copied()
    }
}

impl PerRun for Attackers {
    fn begin(&mut self) {
        self.half_gone = None;
        for attacker in &mut self.each {
            attacker.begin();
        }
    }
}

/// State of one attacker.
#[derive(Default, Debug)]
pub struct Attacker {
    /// Holdings of each account, Honey; empty before it enters.
    pub accounts: Vec<f64>,
    /// Amount lent by each participant, Honey.
    pub lent: Vec<f64>,
    /// Share of E on entry: smaller than its setting if L had too few tokens.
    pub share_held: Option<f64>,
    /// Unpaid rest of a splitter's goal.
    pub goal: Goal,
    /// Achievements so far.
    pub tally: Tally,
}

/// Unpaid rest of a splitter's goal.
#[derive(Default, Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// Amount of each part, Honey.
    pub part: f64,
    /// Number of unpaid parts.
    pub left: u32,
}

/// Achievements of an attacker so far.
#[derive(Default, Clone, Copy, Debug, PartialEq)]
pub struct Tally {
    /// Total received, Honey.
    pub take: f64,
    /// Number of payments received.
    pub grants: u32,
    /// Day of the first payment.
    pub first_grant: Option<u32>,
    /// Rent owed, Honey.
    pub cost: f64,
    /// Stakes summed over days, token-days.
    pub token_days: f64,
}

impl Attacker {
    fn begin(&mut self) {
        self.accounts.clear();
        self.lent.clear();
        self.share_held = None;
        self.goal = Goal::default();
        self.tally = Tally::default();
    }

    /// Returns the total holdings of its accounts, Honey.
    pub fn tokens(&self) -> f64 {
        self.accounts.iter().fold(0.0, |sum, tokens| sum + tokens)
    }

    /// Records a payment.
    pub fn paid(&mut self, day: u32, requested: f64) {
        self.goal.left = self.goal.left.saturating_sub(1);
        self.tally.take += requested;
        self.tally.grants += 1;
        self.tally.first_grant.get_or_insert(day);
    }
}
