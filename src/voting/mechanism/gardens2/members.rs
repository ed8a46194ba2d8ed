//! Members: all that they hold is their stake in the community, which gives them points.

use super::{Gardens2, OnPool};
use crate::contract::gardens2::{
    Direction, Revert, points_in, points_on_activation, share_of_support, taken_off,
};
use crate::contract::{Holder, U256, integer, real, tokens_within, units};
use crate::engine::{Failing, Rows, Runs};
use crate::voting::mechanism::whole::Reverts;
use crate::voting::opening::Opening;
use crate::voting::participants::{Holdings, Population, VotingWeight};
use crate::voting::supply::{Supply, Turnout};
use crate::voting::support::{Fall, Layout, StakesOfRun};

/// State of a participant in a pool and its community.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Member {
    /// Holdings when the stake was last updated, Honey.
    pub held: f64,
    /// Stake in the community, in units; below the registration stake the participant is not a member.
    pub stake: U256,
    /// True if active in the pool.
    pub is_active: bool,
    /// Points in the pool, in units: 0 unless active.
    pub points: U256,
}

crate::view! {
    /// Access of [`found`] to a run.
    pub struct Founding<'w> {
        population: &'w Population,
        opening: &'w Opening,
        supply: &'w mut Supply,
        pool: &'w mut Gardens2,
        failing: &'w mut Failing,
    }
}

/// Makes the founders the members of the history from which the run starts; or else active members. They have long
/// been active, in a pool that has stored no points yet, so that all active points count until the next change. A pool
/// is in this state after its upgrade to a75a6efe2.
pub fn found(mut runs: Runs<Founding>, mut people: Rows<(&Holdings, &mut VotingWeight)>) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, of) in batch {
        let (holdings, weights) = people.of(run);
        let founders = of.population.participants;
        let holdings = &holdings[..founders];
        let done = match &of.opening.observed {
            Some(observed) => {
                let holders = &observed.state.holders;
                of.pool.resume_members(holders, holdings, weights)
            }
            None => {
                let followed = of.pool.follow(run.day, holdings, weights);
                followed.and_then(|()| (0..founders).try_for_each(|row| of.pool.count_in(row)))
            }
        };
        if let Err(revert) = done {
            of.failing.fail("reverts", run.day, Reverts(revert));
        }
        of.pool.tell_points(of.supply);
        of.supply.at_day_start = of.supply.terms();
    }
}

/// Updates stakes in the community to participants' holdings.
pub fn follow(
    mut runs: Runs<(&Population, &mut Supply, &mut Gardens2, &mut Failing)>,
    mut people: Rows<(&Holdings, &mut VotingWeight)>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (population, supply, pool, failing)) in batch {
        let (holdings, weights) = people.of(run);
        let holdings = &holdings[..population.participants];
        if let Err(revert) = pool.follow(run.day, holdings, weights) {
            failing.fail("reverts", run.day, Reverts(revert));
        }
        pool.tell_points(supply);
    }
}

/// Writes the points at the end of the day.
pub fn tell(mut runs: Runs<(&mut Supply, &Gardens2)>) {
    for (_, (supply, pool)) in runs.batch() {
        pool.tell_points(supply);
    }
}

impl Gardens2 {
    /// Writes the points of all as real numbers.
    pub(super) fn tell_points(&self, supply: &mut Supply) {
        supply.turnout = Some(Turnout {
            points: Some(self.community.in_points(real(self.totals.activated))),
            ..Turnout::default()
        });
    }

    /// Takes the members of a history, and writes the points that they may split into `weights`.
    fn resume_members(
        &mut self,
        holders: &[Holder],
        holdings: &[f64],
        weights: &mut [f64],
    ) -> Result<(), Revert> {
        for ((holder, &held), weight) in holders.iter().zip(holdings).zip(weights) {
            let points = holder.points.unwrap_or_default();
            self.totals.activated += points;
            self.members.push(Member {
                held,
                stake: holder.balance,
                is_active: holder.points.is_some(),
                points,
            });
            *weight = real(match holder.points {
                Some(points) => points,
                None => self.points_of(holder.balance)?,
            });
        }
        Ok(())
    }

    /// Updates members' stakes to their holdings, and writes the points that they may split into `weights`. Support
    /// that a loss of points reduces was reduced before, by [`Gardens2::lose`].
    fn follow(&mut self, day: u32, holdings: &[f64], weights: &mut [f64]) -> Result<(), Revert> {
        let known = self.members.len();
        for (row, (&held, weight)) in holdings.iter().zip(weights).enumerate() {
            if row >= known {
                self.members.push(Member::default());
            } else if self.members[row].held == held {
                continue;
            }
            self.hold(day, row, held)?;
            let member = &self.members[row];
            let points = match member.is_active {
                true => member.points,
                false => self.points_of(member.stake)?,
            };
            *weight = real(points);
        }
        Ok(())
    }

    /// Returns the points of an account that is or would be active with a stake, in units.
    fn points_of(&self, stake: U256) -> Result<U256, Revert> {
        let community = &self.totals.community;
        match stake < community.registration_stake {
            true => Ok(U256::ZERO),
            false => points_on_activation(community, stake),
        }
    }

    /// Updates a member to new holdings (Honey).
    fn hold(&mut self, day: u32, row: usize, held: f64) -> Result<(), Revert> {
        let stake = integer(units(held));
        let member = &mut self.members[row];
        member.held = held;
        let Member {
            stake: before,
            is_active,
            points: power,
            ..
        } = *member;
        if !is_active || stake == before {
            member.stake = stake;
            return Ok(());
        }
        if stake < before {
            let loss = self.loss(row, stake)?;
            return self.shed(day, row, stake, loss);
        }
        let community = &self.totals.community;
        let gain = points_in(
            community,
            Direction::Increase,
            power,
            before,
            stake - before,
        )?;
        member.stake = stake;
        if !gain.is_zero() {
            member.points = power + gain;
            self.store_points(day)?;
            self.totals.activated += gain;
        }
        Ok(())
    }

    /// Returns the points that an active member loses when their stake falls.
    fn loss(&self, row: usize, stake: U256) -> Result<U256, Revert> {
        let member = &self.members[row];
        let community = &self.totals.community;
        if stake < community.registration_stake {
            return Ok(member.points);
        }
        let amount = member.stake - stake;
        let loss = points_in(community, Direction::Decrease, member.points, stake, amount)?;
        match loss > member.points {
            true => Err(Revert::CantDecreaseMoreThanPower(loss, member.points)),
            false => Ok(loss),
        }
    }

    /// Takes points off an active member whose stake falls. Below the registration stake they leave.
    fn shed(&mut self, day: u32, row: usize, stake: U256, loss: U256) -> Result<(), Revert> {
        self.store_points(day)?;
        self.totals.activated -= loss;
        let member = &mut self.members[row];
        member.stake = stake;
        member.points -= loss;
        member.is_active = stake >= self.totals.community.registration_stake;
        Ok(())
    }

    fn store_points(&mut self, day: u32) -> Result<(), Revert> {
        let block = self.clock.at(day);
        self.totals.store_points(block, &mut self.decay)
    }

    /// Registers a participant with all holdings as stake and activates them, unless they are active or hold too
    /// little.
    pub(super) fn activate(&mut self, day: u32, row: usize) -> Result<(), Revert> {
        let member = &self.members[row];
        if member.is_active || member.stake < self.totals.community.registration_stake {
            return Ok(());
        }
        self.store_points(day)?;
        self.count_in(row)
    }

    /// Adds a member to the active ones, unless they hold too little.
    fn count_in(&mut self, row: usize) -> Result<(), Revert> {
        let stake = self.members[row].stake;
        if stake >= self.totals.community.registration_stake {
            let gain = self.points_of(stake)?;
            self.totals.activated += gain;
            let member = &mut self.members[row];
            (member.is_active, member.points) = (true, gain);
        }
        Ok(())
    }

    /// Reduces the supports of a member who holds less, by their loss of points. Each remainder is rounded down to a
    /// possible stake, which also remains on the chain.
    pub(super) fn lose(
        &mut self,
        day: u32,
        layout: &Layout,
        fall: &Fall,
        stakes: &mut StakesOfRun<OnPool>,
    ) -> Result<(), Revert> {
        let row = fall.participant as usize;
        // Today's newcomer has no account yet.
        if !self.members.get(row).is_some_and(|member| member.is_active) {
            return Ok(());
        }
        let (stake, before) = (integer(units(fall.tokens)), self.members[row]);
        if stake >= before.stake {
            return Ok(());
        }
        let loss = self.loss(row, stake)?;
        let own = |stake: f64| integer(units(stake));
        let support = layout
            .taken()
            .map(|seat| own(stakes.stake[layout.edge(seat, row)]))
            .fold(U256::ZERO, |sum, own| sum + own);
        let leaves = stake < self.totals.community.registration_stake;
        let share = share_of_support(loss, before.points, support);
        for seat in layout.taken().filter(|_| leaves || share.is_some()) {
            let edge = &mut stakes.stake[layout.edge(seat, row)];
            let own = own(*edge);
            if own.is_zero() {
                continue;
            }
            let left = match share {
                _ if leaves => 0.0,
                None => *edge,
                Some(share) => {
                    let left = own.saturating_sub(taken_off(own, share)?);
                    tokens_within(i128::try_from(left).unwrap_or(i128::MAX))
                }
            };
            self.change(&mut stakes.stored[seat], day, *edge, left)?;
            stakes.stake_sum[seat] += left - *edge;
            *edge = left;
        }
        self.shed(day, row, stake, loss)
    }

    /// Updates the points of other accounts to their holdings (Honey).
    pub(super) fn weigh_accounts(
        &mut self,
        day: u32,
        accounts: impl Iterator<Item = f64>,
    ) -> Result<(), Revert> {
        let (mut sum, mut same) = (U256::ZERO, None);
        for held in accounts {
            // Accounts of one owner mostly hold equal amounts.
            let points = match same {
                Some((other, points)) if other == held => points,
                _ => self.points_of(integer(units(held)))?,
            };
            same = Some((held, points));
            sum += points;
        }
        if sum != self.of_accounts {
            self.store_points(day)?;
            self.totals.activated = self.totals.activated - self.of_accounts + sum;
            self.of_accounts = sum;
        }
        Ok(())
    }
}
