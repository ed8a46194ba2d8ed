//! Replays a 1Hive DAO: many proposals and voters, event by event.

use super::arithmetic::{Revert, ThresholdQuery, threshold};
use super::event::{COLUMNS, Event};
use super::state::{ABSTAIN, DaoProposal, Status, Totals, Voter};
use crate::contract::decay::{grown, kept};
use crate::contract::history::{Account, Cell, CellFault, Cells, Contract, RETROACTIVE};
use crate::contract::integers::{SCALE, add, sub};
use crate::contract::undo::Undoable;
use ruint::aliases::U256;

/// Maximum number of proposals that a voter may stake on at a time.
const MOST_SUPPORTED: usize = 10;

const STATE_COLUMNS: [&str; 10] = [
    "ok",
    "revert_reason",
    "staked_after",
    "conviction_last",
    "block_last",
    "conviction_now",
    "threshold",
    "executable",
    "funds_after",
    "total_staked",
];

/// State of a DAO under the 1Hive contract.
#[derive(Clone, Debug)]
pub struct OneHive {
    totals: Totals,
    proposals: Undoable<DaoProposal>,
    voters: Undoable<Voter>,
}

impl Default for OneHive {
    fn default() -> Self {
        let mut proposals = Undoable::default();
        proposals.push(DaoProposal::default());
        Self {
            totals: Totals::default(),
            proposals,
            voters: Undoable::default(),
        }
    }
}

type Done = Result<(), Revert>;

impl OneHive {
    /// Returns settings, pool, supply and stakes.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Returns the proposals, beginning with the abstain proposal, number 1.
    pub fn proposals(&self) -> &[DaoProposal] {
        self.proposals.rows()
    }

    /// Returns the holders of tokens, by account.
    pub fn voters(&self) -> &[Voter] {
        self.voters.rows()
    }

    /// Returns a proposal's conviction at a block, without storing it.
    ///
    /// # Errors
    /// When the contract reverts.
    pub fn conviction_now(&self, proposal: U256, block: u64) -> Result<U256, Revert> {
        let stored = self.read(proposal).stored;
        let passed = block - stored.block_last;
        self.grown(passed, stored.conviction_last, stored.staked)
    }

    /// Returns the conviction that a proposal must exceed; 0 for a request of 0.
    ///
    /// # Errors
    /// When the contract reverts.
    pub fn threshold(&self, proposal: U256) -> Result<U256, Revert> {
        let requested = self.read(proposal).requested;
        if requested.is_zero() {
            return Ok(U256::ZERO);
        }
        let Totals {
            settings,
            funds,
            supply,
            total_staked,
            ..
        } = self.totals;
        threshold(&ThresholdQuery {
            decay: settings.decay,
            max_ratio: settings.max_ratio,
            weight: settings.weight,
            min_threshold_stake_percentage: settings.min_threshold_stake_percentage,
            funds,
            stake_token_total_supply: supply,
            total_staked,
            requested,
        })
    }

    fn grown(&self, passed: u64, last: U256, amount: U256) -> Result<U256, Revert> {
        let decay = self.totals.settings.decay;
        let kept = kept(decay, U256::from(passed))?;
        // The contract does not check this difference.
        Ok(grown(kept, last, amount, SCALE.wrapping_sub(decay))?)
    }

    /// Returns the position of a proposal, if it exists.
    fn place(&self, proposal: U256) -> Result<usize, Revert> {
        let number = usize::try_from(proposal).unwrap_or(usize::MAX);
        let place = number.checked_sub(1);
        let place = place.filter(|&place| place < self.proposals().len());
        place.ok_or(Revert::ProposalDoesNotExist)
    }

    /// Returns a proposal, all zero if it does not exist.
    fn read(&self, proposal: U256) -> DaoProposal {
        self.place(proposal)
            .map_or_else(|_| DaoProposal::default(), |place| self.proposals()[place])
    }

    fn voter(&self, voter: Account) -> &Voter {
        &self.voters()[voter.index()]
    }

    fn change_voter(&mut self, voter: Account) -> &mut Voter {
        self.voters.change(voter.index())
    }

    fn is_running(&self) -> Done {
        match self.totals.is_paused {
            true => Err(Revert::ContractPaused),
            false => Ok(()),
        }
    }

    /// Changes the stake on a proposal; if it is open, brings its conviction up to date first.
    fn restake(&mut self, proposal: U256, block: u64, staked: U256) -> Done {
        let place = self.place(proposal)?;
        let mut of = self.proposals()[place];
        if of.status.takes_stakes() {
            of.stored.change_by(block, staked, |passed, last, amount| {
                self.grown(passed, last, amount)
            })?;
        } else {
            of.stored.staked = staked;
        }
        *self.proposals.change(place) = of;
        Ok(())
    }

    fn try_event(&mut self, block: u64, event: &Event) -> Done {
        match *event {
            Event::Settings(settings) => self.totals.settings = settings,
            Event::Supply { voter, amount } => {
                self.totals.supply = add(self.totals.supply, amount)?;
                let voter = self.change_voter(voter);
                voter.balance = add(voter.balance, amount)?;
            }
            Event::Funds { amount } => self.totals.funds = add(self.totals.funds, amount)?,
            Event::Propose { voter, requested } => {
                self.is_running()?;
                self.proposals.push(DaoProposal {
                    requested,
                    submitter: Some(voter),
                    ..DaoProposal::default()
                });
            }
            Event::Stake {
                voter,
                proposal,
                amount,
            } => self.stake(block, voter, proposal, amount)?,
            Event::StakeAll { voter, proposal } => {
                if !self.voter(voter).staked.is_zero() {
                    return Err(Revert::AlreadyStaked);
                }
                self.stake(block, voter, proposal, self.voter(voter).balance)?;
            }
            Event::Withdraw {
                voter,
                proposal,
                amount,
            } => {
                self.place(proposal)?;
                self.remove(block, voter, proposal, amount)?;
            }
            Event::WithdrawAll { voter, proposal } => {
                self.place(proposal)?;
                let amount = self.voter(voter).stake_on(proposal);
                self.remove(block, voter, proposal, amount)?;
            }
            Event::WithdrawInactive { voter } => self.free_inactive(block, voter, U256::MAX)?,
            Event::Transfer { voter, to, amount } => self.transfer(block, voter, to, amount)?,
            Event::Burn { voter, amount } => {
                let kept = sub(self.voter(voter).balance, amount)?;
                self.release(block, voter, kept)?;
                self.change_voter(voter).balance = kept;
                self.totals.supply = sub(self.totals.supply, amount)?;
            }
            Event::Execute { proposal } => {
                let executed = self.executed(block, proposal)?;
                self.totals.funds = sub(self.totals.funds, executed.requested)?;
                let place = self.place(proposal)?;
                *self.proposals.change(place) = executed;
            }
            Event::Cancel { voter, proposal } => self.cancel(voter, proposal)?,
            Event::Dispute { proposal, status } => {
                let place = self.place(proposal)?;
                self.proposals.change(place).status = status;
            }
            Event::Pause { is_paused } => self.totals.is_paused = is_paused,
            Event::Check { .. } => {}
        }
        Ok(())
    }

    fn stake(&mut self, block: u64, voter: Account, proposal: U256, amount: U256) -> Done {
        self.is_running()?;
        let place = self.place(proposal)?;
        if amount.is_zero() {
            return Err(Revert::AmountZero);
        }
        if !self.proposals()[place].status.takes_stakes() {
            return Err(Revert::IncorrectStatus);
        }
        let of = self.voter(voter);
        let unstaked = sub(of.balance, of.staked)?;
        if amount > unstaked {
            self.free_inactive(block, voter, amount - unstaked)?;
        }
        let of = self.voter(voter);
        let staked = add(of.staked, amount)?;
        if staked > of.balance {
            return Err(Revert::StakingMoreThanAvailable);
        }
        self.totals.total_staked = add(self.totals.total_staked, amount)?;
        let on_proposal = add(self.proposals()[place].stored.staked, amount)?;
        self.restake(proposal, block, on_proposal)?;
        let of = self.change_voter(voter);
        of.staked = staked;
        match of.place(proposal) {
            Some(place) => of.stakes[place].1 += amount,
            None if of.stakes.len() == MOST_SUPPORTED => return Err(Revert::MaxProposalsReached),
            None => of.stakes.push((proposal, amount)),
        }
        Ok(())
    }

    /// Withdraws a stake. If the proposal is open, its conviction is brought up to date first.
    fn remove(&mut self, block: u64, voter: Account, proposal: U256, amount: U256) -> Done {
        let own = self.voter(voter).stake_on(proposal);
        if own < amount {
            return Err(Revert::WithdrawMoreThanStaked);
        }
        if amount.is_zero() {
            return Err(Revert::AmountZero);
        }
        let on_proposal = sub(self.read(proposal).stored.staked, amount)?;
        self.restake(proposal, block, on_proposal)?;
        self.totals.total_staked = sub(self.totals.total_staked, amount)?;
        let of = self.change_voter(voter);
        of.staked = sub(of.staked, amount)?;
        if let Some(place) = of.place(proposal) {
            of.stakes[place].1 = own - amount;
            if own == amount {
                of.stakes.swap_remove(place);
            }
        }
        Ok(())
    }

    /// Withdraws whole stakes from executed and cancelled proposals, until at least `target` is free.
    fn free_inactive(&mut self, block: u64, voter: Account, target: U256) -> Done {
        let mut freed = U256::ZERO;
        for (proposal, stake) in self.voter(voter).stakes.clone() {
            if freed >= target {
                break;
            }
            if !self.read(proposal).status.takes_stakes() {
                self.remove(block, voter, proposal, stake)?;
                freed = add(freed, stake)?;
            }
        }
        Ok(())
    }

    /// Withdraws stakes until a voter's stakes are within `kept`: first inactive ones, then those on the
    /// abstain proposal, then the others in order.
    fn release(&mut self, block: u64, voter: Account, kept: U256) -> Done {
        let beyond = |dao: &Self| dao.voter(voter).staked.saturating_sub(kept);
        if beyond(self).is_zero() {
            return Ok(());
        }
        self.free_inactive(block, voter, beyond(self))?;
        let mut target = beyond(self);
        let abstained = self.voter(voter).stake_on(ABSTAIN).min(target);
        if !abstained.is_zero() {
            self.remove(block, voter, ABSTAIN, abstained)?;
            target -= abstained;
        }
        for (proposal, stake) in self.voter(voter).stakes.clone() {
            if target.is_zero() {
                break;
            }
            let removed = stake.min(target);
            self.remove(block, voter, proposal, removed)?;
            target -= removed;
        }
        Ok(())
    }

    fn transfer(&mut self, block: u64, voter: Account, to: Account, amount: U256) -> Done {
        if amount.is_zero() {
            return Ok(());
        }
        let kept = self.voter(voter).balance.checked_sub(amount);
        let kept = kept.ok_or(Revert::ReturnedFalse)?;
        self.release(block, voter, kept)?;
        self.change_voter(voter).balance = kept;
        let to = self.change_voter(to);
        to.balance = add(to.balance, amount)?;
        Ok(())
    }

    /// Returns a proposal in its state after execution.
    fn executed(&self, block: u64, proposal: U256) -> Result<DaoProposal, Revert> {
        self.is_running()?;
        let mut of = self.proposals()[self.place(proposal)?];
        if proposal == ABSTAIN {
            return Err(Revert::CannotExecuteAbstain);
        }
        if of.requested.is_zero() {
            return Err(Revert::CannotExecuteZeroValue);
        }
        if of.status != Status::Active {
            return Err(Revert::ProposalNotActive);
        }
        if of.stored.block_last != block {
            of.stored.conviction_last = self.conviction_now(proposal, block)?;
            of.stored.block_last = block;
        }
        if of.stored.conviction_last <= self.threshold(proposal)? {
            return Err(Revert::InsufficientConviction);
        }
        of.status = Status::Executed;
        Ok(of)
    }

    fn cancel(&mut self, voter: Account, proposal: U256) -> Done {
        self.is_running()?;
        let place = self.place(proposal)?;
        let of = self.proposals()[place];
        if of.submitter != Some(voter) && voter != Account::ADMINISTRATOR {
            return Err(Revert::SenderCannotCancel);
        }
        if proposal == ABSTAIN {
            return Err(Revert::CannotCancelAbstain);
        }
        if of.status != Status::Active {
            return Err(Revert::ProposalNotActive);
        }
        self.proposals.change(place).status = Status::Cancelled;
        Ok(())
    }

    /// Grows the list of voters to include those that an event names.
    fn meet(&mut self, event: &Event) {
        let (voter, to) = match *event {
            Event::Transfer { voter, to, .. } => (voter, to),
            Event::Supply { voter, .. }
            | Event::Propose { voter, .. }
            | Event::Stake { voter, .. }
            | Event::StakeAll { voter, .. }
            | Event::Withdraw { voter, .. }
            | Event::WithdrawAll { voter, .. }
            | Event::WithdrawInactive { voter }
            | Event::Burn { voter, .. }
            | Event::Cancel { voter, .. } => (voter, voter),
            _ => return,
        };
        self.voters.grow_to(voter.max(to).index() + 1);
    }
}

impl Contract for OneHive {
    type Event = Event;
    type Revert = Revert;

    const EVENT_COLUMNS: &'static [&'static str] = &COLUMNS;

    fn state_columns(&self) -> &'static [&'static str] {
        &STATE_COLUMNS
    }

    fn read_event(kind: &str, cells: &mut Cells) -> Result<Event, CellFault> {
        Event::read(kind, cells)
    }

    fn apply(&mut self, block: u64, event: &Event) -> Result<(), Revert> {
        self.meet(event);
        let before = self.totals;
        let done = self.try_event(block, event);
        if done.is_ok() {
            self.proposals.keep();
            self.voters.keep();
        } else {
            self.totals = before;
            self.proposals.undo();
            self.voters.undo();
        }
        done
    }

    fn write_state(
        &self,
        block: u64,
        event: &Event,
        outcome: Result<(), Revert>,
        cells: &mut Vec<Cell<Revert>>,
    ) {
        cells.push(outcome.is_ok().into());
        cells.push(outcome.map_or_else(Cell::Reason, |()| Cell::Blank));
        let created = outcome.ok().and_then(|()| self.created(event));
        match created.or(event.proposal()) {
            None => cells.extend([Cell::Blank; 6]),
            Some(proposal) => {
                let stored = self.read(proposal).stored;
                cells.extend::<[Cell<Revert>; 6]>([
                    stored.staked.into(),
                    stored.conviction_last.into(),
                    stored.block_last.into(),
                    self.conviction_now(proposal, block).into(),
                    self.threshold(proposal).into(),
                    self.executed(block, proposal).is_ok().into(),
                ]);
            }
        }
        cells.extend([self.totals.funds, self.totals.total_staked].map(Cell::Whole));
    }

    fn created(&self, event: &Event) -> Option<U256> {
        matches!(event, Event::Propose { .. }).then(|| U256::from(self.proposals().len()))
    }

    fn remark(&self, event: &Event) -> Option<&'static str> {
        // The abstain proposal exists from the start.
        let has_proposals = self.proposals().len() > 1;
        (has_proposals && matches!(event, Event::Settings(_))).then_some(RETROACTIVE)
    }
}
