//! Applies gains and losses of points, and changes of support.

use super::points::{Direction, points_in, points_on_activation};
use super::pool::{Done, Gardens2};
use super::revert::Revert;
use super::state::{PoolProposal, Supported};
use crate::contract::history::Account;
use crate::contract::integers::{ArithmeticFault, Signed, TWO_128, add, mul, sub};
use ruint::aliases::U256;

/// Maximum number of changes of support in a call.
const MOST_CHANGES: usize = 64;
/// Maximum number of proposals on a member's list.
pub const MOST_SUPPORTED: usize = 128;

impl Gardens2 {
    pub(super) fn join(&mut self, voter: Account) {
        let stake = self.totals.community.registration_stake;
        if !self.member(voter).is_member {
            let member = self.change_member(voter);
            member.is_member = true;
            member.stake = stake;
        }
    }

    pub(super) fn increase(&mut self, block: u64, voter: Account, amount: U256) -> Done {
        self.require_member(voter)?;
        let member = self.member(voter);
        let (is_active, power) = (member.is_active, member.points);
        let staked = member.stake;
        if is_active {
            let gain = self.points_of(Direction::Increase, power, staked, amount)?;
            if !gain.is_zero() {
                self.store_points(block)?;
                self.totals.activated = add(self.totals.activated, gain)?;
                self.change_member(voter).points = add(power, gain)?;
            }
        }
        self.change_member(voter).stake = add(staked, amount)?;
        Ok(())
    }

    pub(super) fn decrease(&mut self, block: u64, voter: Account, amount: U256) -> Done {
        self.require_member(voter)?;
        let staked = sub(self.member(voter).stake, amount)?;
        if staked < self.totals.community.registration_stake {
            return Err(Revert::DecreaseUnderMinimum);
        }
        self.change_member(voter).stake = staked;
        let (is_active, power) = (self.member(voter).is_active, self.member(voter).points);
        if !is_active {
            return Ok(());
        }
        let loss = self.points_of(Direction::Decrease, power, staked, amount)?;
        if loss > power {
            return Err(Revert::CantDecreaseMoreThanPower(loss, power));
        }
        self.shrink_support(block, voter, loss)?;
        self.store_points(block)?;
        self.totals.activated = sub(self.totals.activated, loss)?;
        self.change_member(voter).points = power - loss;
        Ok(())
    }

    pub(super) fn activate(&mut self, block: u64, voter: Account) -> Done {
        self.require_member(voter)?;
        if !self.totals.is_enabled {
            return Err(Revert::StrategyDisabled);
        }
        let member = self.member(voter);
        if member.is_active {
            return Err(Revert::UserAlreadyActivated);
        }
        let gain = points_on_activation(&self.totals.community, member.stake)?;
        self.store_points(block)?;
        self.totals.activated = add(self.totals.activated, gain)?;
        let member = self.change_member(voter);
        member.is_active = true;
        member.points = gain;
        Ok(())
    }

    pub(super) fn leave(&mut self, block: u64, voter: Account) -> Done {
        self.require_member(voter)?;
        self.deactivate(block, voter)?;
        let member = self.change_member(voter);
        member.is_member = false;
        member.stake = U256::ZERO;
        Ok(())
    }

    /// Withdraws all support, bringing each proposal up to date, then removes the points.
    pub(super) fn deactivate(&mut self, block: u64, voter: Account) -> Done {
        for (proposal, own) in self.member(voter).supports.clone() {
            if own.is_zero() {
                continue;
            }
            let before = self.proposal(proposal).stored.staked;
            self.change_support(block, proposal, sub(before, own)?)?;
            self.totals.total_staked = sub(self.totals.total_staked, own)?;
        }
        self.take_points_off(block, voter)?;
        self.forget_support(voter);
        Ok(())
    }

    /// Removes the points, then all support. Proposals are not brought up to date: later their conviction is
    /// computed as if the smaller support had held since their last block.
    pub(super) fn expel(&mut self, block: u64, voter: Account) -> Done {
        self.take_points_off(block, voter)?;
        for (proposal, own) in self.member(voter).supports.clone() {
            let place = self.place(proposal);
            let of = self.proposals.change(place);
            of.stored.staked = sub(of.stored.staked, own)?;
            self.totals.total_staked = sub(self.totals.total_staked, own)?;
        }
        self.forget_support(voter);
        Ok(())
    }

    fn take_points_off(&mut self, block: u64, voter: Account) -> Done {
        if !self.member(voter).is_active {
            return Ok(());
        }
        self.store_points(block)?;
        let member = self.change_member(voter);
        let points = std::mem::take(&mut member.points);
        member.is_active = false;
        self.totals.activated = self.totals.activated.saturating_sub(points);
        Ok(())
    }

    fn forget_support(&mut self, voter: Account) {
        if !self.member(voter).supports.is_empty() {
            let member = self.change_member(voter);
            member.support = U256::ZERO;
            member.supports.clear();
        }
    }

    /// Changes support on several proposals; a revert undoes all of it.
    pub(super) fn move_support(
        &mut self,
        block: u64,
        voter: Account,
        deltas: &[(U256, Signed)],
    ) -> Done {
        if !self.totals.is_enabled {
            return Err(Revert::StrategyDisabled);
        }
        if deltas.len() > MOST_CHANGES {
            return Err(Revert::TooManyAllocations(deltas.len(), MOST_CHANGES));
        }
        for &(proposal, delta) in deltas {
            let status = self.proposal(proposal).status;
            if delta.is_positive() && !status.takes_support() {
                return Err(Revert::ProposalInvalidForAllocation(proposal, status));
            }
        }
        let member = self.member(voter);
        if !member.is_member {
            return Err(Revert::OnlyMember);
        }
        if !member.is_active {
            return Err(Revert::UserIsInactive);
        }
        let sum = deltas
            .iter()
            .try_fold(Signed::default(), |sum, &(_, delta)| sum.checked_add(delta));
        let sum = sum.ok_or(Revert::Overflow)?;
        let support = grown_by(member.support, sum)?;
        if support > member.points {
            return Err(Revert::NotEnoughPointsToSupport(support, member.points));
        }
        for (index, &(proposal, delta)) in deltas.iter().enumerate() {
            let same = |&(other, _): &(U256, Signed)| other == proposal;
            if let Some(first) = deltas[..index].iter().position(same) {
                return Err(Revert::ProposalSupportDuplicated(proposal, first));
            }
            self.support(block, voter, proposal, delta)?;
        }
        self.change_member(voter).support = support;
        Ok(())
    }

    /// Changes a member's support of one proposal.
    fn support(&mut self, block: u64, voter: Account, proposal: U256, delta: Signed) -> Done {
        let supports = &self.member(voter).supports;
        let place = supports.iter().position(|&(other, _)| other == proposal);
        let own = place.map_or(U256::ZERO, |place| supports[place].1);
        let after = grown_by(own, delta)?;
        let supports = &mut self.change_member(voter).supports;
        match place {
            Some(place) => supports[place].1 = after,
            None if supports.len() == MOST_SUPPORTED => {
                return Err(Revert::TooManyVoterStakedProposals);
            }
            None => supports.push((proposal, after)),
        }
        let before = self.proposal(proposal).stored.staked;
        self.change_support(block, proposal, grown_by(before, delta)?)?;
        self.totals.total_staked = grown_by(self.totals.total_staked, delta)?;
        Ok(())
    }

    /// Reduces support in proportion when a member loses points in use. Each share rounds half up, so the total
    /// removed may differ from the loss by some units.
    fn shrink_support(&mut self, block: u64, voter: Account, loss: U256) -> Done {
        let member = self.member(voter);
        let Some(ratio) = share_of_support(loss, member.points, member.support) else {
            return Ok(());
        };
        for place in 0..self.member(voter).supports.len() {
            let (proposal, own) = self.member(voter).supports[place];
            let taken = taken_off(own, ratio)?;
            let before = self.proposal(proposal).stored.staked;
            self.change_support(block, proposal, sub(before, taken)?)?;
            self.totals.total_staked = sub(self.totals.total_staked, taken)?;
            let member = self.change_member(voter);
            member.supports[place].1 = sub(own, taken)?;
            member.support = sub(member.support, taken)?;
        }
        let supports = &mut self.change_member(voter).supports;
        let mut place = 0;
        while let Some((_, own)) = supports.get(place) {
            match own.is_zero() {
                true => drop(supports.swap_remove(place)),
                false => place += 1,
            }
        }
        Ok(())
    }

    /// Sets the support of a proposal, after bringing its conviction up to date.
    fn change_support(&mut self, block: u64, proposal: U256, support: U256) -> Done {
        let changed = self.up_to_date(self.proposal(proposal), block, support)?;
        let place = self.place(proposal);
        *self.proposals.change(place) = changed;
        Ok(())
    }

    /// Returns a proposal with its conviction and points stored, and with new support. Conviction does not
    /// change while the pool is disabled.
    pub(super) fn up_to_date(
        &self,
        mut of: PoolProposal,
        block: u64,
        support: U256,
    ) -> Result<PoolProposal, Revert> {
        let before = Supported {
            stored: of.stored,
            snapshot: of.snapshot,
        };
        let by = &mut self.totals.over_blocks();
        let after = self.totals.up_to_date(before, block, support, by)?;
        (of.stored, of.snapshot) = (after.stored, after.snapshot);
        Ok(of)
    }

    fn store_points(&mut self, block: u64) -> Done {
        let by = &mut self.totals.over_blocks();
        self.totals.store_points(block, by)
    }

    fn require_member(&self, voter: Account) -> Done {
        match self.member(voter).is_member {
            true => Ok(()),
            false => Err(Revert::UserNotInRegistry),
        }
    }

    fn points_of(
        &self,
        direction: Direction,
        member_power: U256,
        member_staked: U256,
        amount: U256,
    ) -> Result<U256, Revert> {
        let community = &self.totals.community;
        points_in(community, direction, member_power, member_staked, amount)
    }
}

/// Returns the share of a member's support that a loss of points removes, scaled by 2¹²⁸; `None` if unused points
/// cover the loss.
pub fn share_of_support(loss: U256, points: U256, support: U256) -> Option<U256> {
    let unused = points.saturating_sub(support);
    let takes = unused < loss && !support.is_zero();
    takes.then(|| ((loss - unused) << 128) / support)
}

/// Returns the amount that such a share removes from one support, rounded half up.
///
/// # Errors
/// Returns the contract's revert.
pub fn taken_off(own: U256, share: U256) -> Result<U256, Revert> {
    Ok(add(mul(own, share)?, TWO_128 >> 1)? >> 128)
}

/// Applies a signed change to a support.
fn grown_by(support: U256, delta: Signed) -> Result<U256, Revert> {
    let result = Signed::from(support).checked_add(delta);
    let result = result.ok_or(ArithmeticFault::Sum)?;
    let underflow = Revert::SupportUnderflow(support, delta, result);
    result.unsigned().ok_or(underflow)
}
