//! Gardens v2 pool with the members of its community, updated event by event.

use super::event::{COLUMNS, Event};
use super::revert::Revert;
use super::state::{Member, PoolProposal, Settings, Status, Supported, Version};
use super::totals::PoolTotals;
use crate::contract::history::{Account, Cell, CellFault, Cells, Contract, RETROACTIVE};
use crate::contract::integers::{add, sub};
use crate::contract::stored::Stored;
use crate::contract::undo::Undoable;
use ruint::aliases::U256;
use std::collections::BTreeMap;

const STATE_COLUMNS: [&str; 20] = [
    "ok",
    "revert_reason",
    "staked_after",
    "conviction_last",
    "block_last",
    "snapshot",
    "conviction_now",
    "threshold",
    "executable",
    "funds_after",
    "total_staked",
    "points_activated",
    "voter_points",
    "voter_stake",
    "voter_support",
    "snapshot_block",
    "pool_snapshot",
    "pool_snapshot_block",
    "proposal_points",
    "pool_points",
];

/// Number of these columns that describe a pool of 15ad374.
const STATE_COLUMNS_OF_15AD374: usize = 15;

/// Gardens v2 pool.
#[derive(Clone, Debug)]
pub struct Gardens2 {
    pub(super) totals: PoolTotals,
    pub(super) proposals: Undoable<PoolProposal>,
    pub(super) members: Undoable<Member>,
    /// Places of proposals, including those known only by number.
    places: BTreeMap<U256, usize>,
    created: u64,
    columns: &'static [&'static str],
}

impl Default for Gardens2 {
    /// Empty pool of the newest version.
    fn default() -> Self {
        Self::new(Version::default(), Version::default())
    }
}

pub(super) type Done = Result<(), Revert>;

impl Gardens2 {
    /// Creates a pool that begins under one version, and whose history has the columns of another.
    pub fn new(begins: Version, columns: Version) -> Self {
        Self {
            totals: PoolTotals::new(begins),
            proposals: Undoable::default(),
            members: Undoable::default(),
            places: BTreeMap::new(),
            created: 0,
            columns: match columns {
                Version::V15ad374 => &STATE_COLUMNS[..STATE_COLUMNS_OF_15AD374],
                Version::Va75a6efe2 => &STATE_COLUMNS,
            },
        }
    }

    /// Settings, pool and points.
    pub fn totals(&self) -> &PoolTotals {
        &self.totals
    }

    /// Returns a proposal; all zero if it does not exist.
    pub fn proposal(&self, proposal: U256) -> PoolProposal {
        let place = self.places.get(&proposal);
        place.map_or_else(PoolProposal::default, |&place| self.proposals.rows()[place])
    }

    /// Returns the number of created proposals, which are numbered from 1.
    pub fn created(&self) -> u64 {
        self.created
    }

    /// Returns the members, by account.
    pub fn members(&self) -> &[Member] {
        self.members.rows()
    }

    /// Returns a proposal's conviction at a block without storing it: constant while the pool is disabled.
    ///
    /// # Errors
    /// If the contract reverts.
    pub fn conviction_now(&self, of: &PoolProposal, block: u64) -> Result<U256, Revert> {
        let mut by = self.totals.over_blocks();
        self.totals.conviction_of(of.stored, block, &mut by)
    }

    /// Returns the conviction that a proposal must exceed at a block.
    ///
    /// # Errors
    /// If the contract reverts.
    pub fn threshold(&self, of: &PoolProposal, block: u64) -> Result<U256, Revert> {
        let points = self.totals.points_of_proposal(of.snapshot, block)?;
        self.totals.threshold(of.requested, points)
    }

    /// Returns the place of a proposal; creates it if only the number is known.
    pub(super) fn place(&mut self, proposal: U256) -> usize {
        let next = self.proposals.rows().len();
        let place = *self.places.entry(proposal).or_insert(next);
        self.proposals.grow_to(place + 1);
        place
    }

    pub(super) fn member(&self, voter: Account) -> &Member {
        &self.members.rows()[voter.index()]
    }

    pub(super) fn change_member(&mut self, voter: Account) -> &mut Member {
        self.members.change(voter.index())
    }

    fn try_event(&mut self, block: u64, event: &Event) -> Done {
        match *event {
            Event::Settings(settings, community) => {
                if settings != Settings::default() {
                    self.totals.settings = settings;
                }
                self.totals.community = community.unwrap_or(self.totals.community);
            }
            Event::Funds { amount } => self.totals.funds = add(self.totals.funds, amount)?,
            Event::Enable { is_enabled } => self.totals.is_enabled = is_enabled,
            Event::Join { voter } => self.join(voter),
            Event::Increase { voter, amount } => self.increase(block, voter, amount)?,
            Event::Decrease { voter, amount } => self.decrease(block, voter, amount)?,
            Event::Activate { voter } => self.activate(block, voter)?,
            Event::Leave { voter } => self.leave(block, voter)?,
            Event::Deactivate { voter } => self.deactivate(block, voter)?,
            Event::Expel { voter } => self.expel(block, voter)?,
            Event::Propose { voter, requested } => self.propose(block, voter, requested)?,
            Event::Support { voter, ref deltas } => self.move_support(block, voter, deltas)?,
            Event::Execute { proposal } => {
                let executed = self.executed(block, proposal)?;
                self.totals.funds = sub(self.totals.funds, executed.requested)?;
                let place = self.place(proposal);
                *self.proposals.change(place) = executed;
            }
            Event::Cancel { voter, proposal } => {
                let place = self.own_proposal(voter, proposal)?;
                self.proposals.change(place).status = Status::Cancelled;
            }
            Event::Edit {
                voter,
                proposal,
                requested,
            } => self.edit(block, voter, proposal, requested)?,
            Event::Check { .. } => {}
            Event::Upgrade => self.totals.version = Version::Va75a6efe2,
            Event::Migrate => self.migrate(block)?,
        }
        Ok(())
    }

    fn propose(&mut self, block: u64, voter: Account, requested: U256) -> Done {
        if !self.totals.is_enabled {
            return Err(Revert::StrategyDisabled);
        }
        if !self.member(voter).is_member {
            return Err(Revert::OnlyMember);
        }
        self.created += 1;
        let place = self.place(U256::from(self.created));
        let Supported { stored, snapshot } = self.totals.created(block);
        let of = self.proposals.change(place);
        (of.requested, of.stored, of.snapshot) = (requested, stored, snapshot);
        of.status = Status::Active;
        of.submitter = Some(voter);
        Ok(())
    }

    /// Returns a proposal after execution. A request of 0 needs no conviction.
    fn executed(&self, block: u64, proposal: U256) -> Result<PoolProposal, Revert> {
        let mut of = self.proposal(proposal);
        let (requested, pool) = (of.requested, self.totals.funds);
        let asks = !requested.is_zero();
        if asks && pool.is_zero() {
            return Err(Revert::PoolIsEmpty);
        }
        if of.status == Status::Inactive {
            return Err(Revert::ProposalNotInList(proposal));
        }
        if of.status != Status::Active {
            return Err(Revert::ProposalNotActive(proposal, of.status));
        }
        self.totals.check_request(proposal, requested)?;
        // Conviction of this block is not stored again, nor are the points.
        if of.stored.block_last != block {
            of = self.up_to_date(of, block, of.stored.staked)?;
        }
        let threshold = self.threshold(&of, block)?;
        let conviction = of.stored.conviction_last;
        if asks && conviction <= threshold {
            return Err(Revert::ConvictionUnderMinimumThreshold(
                conviction, threshold, requested,
            ));
        }
        of.status = Status::Executed;
        Ok(of)
    }

    /// Returns the place of a proposal that its submitter may still change.
    fn own_proposal(&self, voter: Account, proposal: U256) -> Result<usize, Revert> {
        let of = self.proposal(proposal);
        if of.status != Status::Active {
            return Err(Revert::ProposalNotActive(proposal, of.status));
        }
        if of.submitter != Some(voter) {
            return Err(Revert::OnlySubmitter);
        }
        Ok(self.places[&proposal])
    }

    fn edit(&mut self, block: u64, voter: Account, proposal: U256, requested: U256) -> Done {
        let place = self.own_proposal(voter, proposal)?;
        let snapshot = self.totals.first_snapshot(block);
        let of = self.proposals.rows()[place];
        if of.requested == requested {
            return Ok(());
        }
        if !of.stored.staked.is_zero() {
            return Err(Revert::CannotEditRequestedAmountWithActiveSupport(
                proposal,
                of.requested,
                requested,
            ));
        }
        let of = self.proposals.change(place);
        of.requested = requested;
        of.stored = Stored::default();
        of.snapshot = snapshot;
        Ok(())
    }

    fn migrate(&mut self, block: u64) -> Done {
        if self.totals.version == Version::V15ad374 {
            return Err(Revert::NoSuchFunction);
        }
        if self.totals.is_migrated {
            return Err(Revert::AlreadyInitialized);
        }
        self.totals.is_migrated = true;
        let snapshot = self.totals.first_snapshot(block);
        for number in 1..=self.created {
            let place = self.places[&U256::from(number)];
            self.proposals.change(place).snapshot = snapshot;
        }
        Ok(())
    }
}

impl Contract for Gardens2 {
    type Event = Event;
    type Revert = Revert;

    const EVENT_COLUMNS: &'static [&'static str] = &COLUMNS;

    fn state_columns(&self) -> &'static [&'static str] {
        self.columns
    }

    fn read_event(kind: &str, cells: &mut Cells) -> Result<Event, CellFault> {
        Event::read(kind, cells)
    }

    fn apply(&mut self, block: u64, event: &Event) -> Result<(), Revert> {
        if let Some(voter) = event.voter() {
            self.members.grow_to(voter.index() + 1);
        }
        let before = self.totals;
        let done = self.try_event(block, event);
        if done.is_ok() {
            self.proposals.keep();
            self.members.keep();
        } else {
            self.totals = before;
            self.proposals.undo();
            self.members.undo();
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
        let first = cells.len();
        cells.push(outcome.is_ok().into());
        cells.push(outcome.map_or_else(Cell::Reason, |()| Cell::Blank));
        let created = outcome.ok().and_then(|()| Contract::created(self, event));
        let named = created.or(event.proposal());
        let of = named.map(|proposal| (proposal, self.proposal(proposal)));
        match &of {
            None => cells.extend([Cell::Blank; 7]),
            Some((proposal, of)) => cells.extend::<[Cell<Revert>; 7]>([
                of.stored.staked.into(),
                of.stored.conviction_last.into(),
                of.stored.block_last.into(),
                of.snapshot.points.into(),
                self.conviction_now(of, block).into(),
                self.threshold(of, block).into(),
                self.executed(block, *proposal).is_ok().into(),
            ]),
        }
        cells.extend::<[Cell<Revert>; 3]>([
            self.totals.funds.into(),
            self.totals.total_staked.into(),
            self.totals.activated.into(),
        ]);
        match event.voter() {
            None => cells.extend([Cell::Blank; 3]),
            Some(voter) => {
                let member = self.member(voter);
                let numbers = [member.points, member.stake, member.support];
                cells.extend(numbers.map(Cell::Whole));
            }
        }
        if self.columns.len() > cells.len() - first {
            let snapshot = self.totals.snapshot;
            cells.extend::<[Cell<Revert>; 5]>([
                of.map_or(Cell::Blank, |(_, of)| of.snapshot.block.into()),
                snapshot.points.into(),
                snapshot.block.into(),
                of.map_or(Cell::Blank, |(_, of)| {
                    self.totals.points_of_proposal(of.snapshot, block).into()
                }),
                self.totals.points(block).into(),
            ]);
        }
    }

    fn created(&self, event: &Event) -> Option<U256> {
        matches!(event, Event::Propose { .. }).then(|| U256::from(self.created))
    }

    fn remark(&self, event: &Event) -> Option<&'static str> {
        match *event {
            Event::Settings(..) if self.created > 0 => Some(RETROACTIVE),
            Event::Expel { .. } => Some(
                "an expelled member's support is removed without an update: the conviction of those proposals is \
                 later computed as if the smaller support had held since their last block",
            ),
            Event::Execute { proposal } if self.proposal(proposal).requested.is_zero() => {
                Some("a request of 0 executes without any conviction")
            }
            _ => None,
        }
    }
}
