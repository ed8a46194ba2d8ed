//! What an attacker has, is after, and has achieved.

use crate::engine::PerRun;
use bevy_ecs::prelude::*;

/// The attackers of a run, one for each copy of the extension.
#[derive(Component, Default, Debug)]
pub struct Attackers {
    /// Each of them.
    pub each: Vec<Attacker>,
    /// The first day at whose end half of the pool was gone.
    pub half_gone: Option<u32>,
}

impl Attackers {
    /// What each account holds, Honey, attacker by attacker.
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

/// An attacker.
#[derive(Default, Debug)]
pub struct Attacker {
    /// What each of its accounts holds, Honey: none before it enters.
    pub accounts: Vec<f64>,
    /// What each participant has lent to it, Honey.
    pub lent: Vec<f64>,
    /// Its share of E as it entered: less than it asks for where L had too few tokens.
    pub share_held: Option<f64>,
    /// What is left of a splitter's goal.
    pub goal: Goal,
    /// What it has achieved.
    pub tally: Tally,
}

/// What is left of a splitter's goal.
#[derive(Default, Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// What each part asks for, Honey.
    pub part: f64,
    /// Parts that are not paid.
    pub left: u32,
}

/// What an attacker has achieved so far.
#[derive(Default, Clone, Copy, Debug, PartialEq)]
pub struct Tally {
    /// What it was paid, Honey.
    pub take: f64,
    /// How often it was paid.
    pub grants: u32,
    /// The first day on which it was.
    pub first_grant: Option<u32>,
    /// Rent, Honey.
    pub cost: f64,
    /// Its stakes, summed over days, token-days.
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

    /// What its accounts hold in sum, Honey.
    pub fn tokens(&self) -> f64 {
        self.accounts.iter().fold(0.0, |sum, tokens| sum + tokens)
    }

    /// Notes that it was paid.
    pub fn paid(&mut self, day: u32, requested: f64) {
        self.goal.left = self.goal.left.saturating_sub(1);
        self.tally.take += requested;
        self.tally.grants += 1;
        self.tally.first_grant.get_or_insert(day);
    }
}
