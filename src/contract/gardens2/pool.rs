//! A Gardens v2 pool with the members of its community, brought along event by event.

use super::arithmetic::{ThresholdQuery, threshold};
use super::event::{COLUMNS, Community, Event};
use super::over_blocks::{OverBlocks, Plain};
use super::revert::Revert;
use crate::contract::history::{Account, Cell, CellFault, Cells, Contract, RETROACTIVE};
use crate::contract::integers::{SCALE, add, mul, sub};
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

/// How many of these columns describe a pool of 15ad374.
const STATE_COLUMNS_OF_15AD374: usize = 15;

/// A version of the contracts, by its commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// The largest number of points seen enters a threshold.
    V15ad374,
    /// Points weighted by time enter a threshold.
    #[default]
    Va75a6efe2,
}

/// What the contract stores of its settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Share of conviction kept per block, scaled by 10⁷.
    pub decay: U256,
    /// β, scaled by 10⁷.
    pub max_ratio: U256,
    /// ρ, scaled by 10⁷.
    pub weight: U256,
    /// Points whose largest conviction is the least threshold.
    pub min_threshold_points: U256,
}

/// The status of a proposal, with the contract's number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// No such proposal.
    #[default]
    Inactive = 0,
    /// Open.
    Active = 1,
    /// Paused.
    Paused = 2,
    /// Cancelled by its submitter.
    Cancelled = 3,
    /// Executed.
    Executed = 4,
    /// Disputed; takes support.
    Disputed = 5,
    /// Rejected by the arbitrator.
    Rejected = 6,
}

impl Status {
    /// From the contract's number.
    pub fn of(number: u8) -> Option<Self> {
        use Status::{Active, Cancelled, Disputed, Executed, Inactive, Paused, Rejected};
        let all = [
            Inactive, Active, Paused, Cancelled, Executed, Disputed, Rejected,
        ];
        all.get(usize::from(number)).copied()
    }

    /// Whether support may grow.
    pub(super) fn takes_support(self) -> bool {
        matches!(self, Self::Active | Self::Paused | Self::Disputed)
    }
}

/// Points at a block; block 0 where this version has stored none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The points.
    pub points: U256,
    /// The block.
    pub block: u64,
}

/// What is stored of the support of a proposal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Supported {
    /// Its support and conviction.
    pub stored: Stored,
    /// The points stored with it.
    pub snapshot: Snapshot,
}

/// A proposal.
#[derive(Clone, Copy, Debug, Default)]
pub struct PoolProposal {
    /// What it asks for.
    pub requested: U256,
    /// Its support and stored conviction.
    pub stored: Stored,
    /// Its status.
    pub status: Status,
    /// Who submitted it.
    pub submitter: Option<Account>,
    /// The points stored with it.
    pub snapshot: Snapshot,
}

/// Somebody with an account in the community.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// Whether they are a member now.
    pub is_member: bool,
    /// Their stake in the community.
    pub stake: U256,
    /// Whether they are active in the pool.
    pub is_active: bool,
    /// Their points in the pool.
    pub points: U256,
    /// The sum of their support.
    pub support: U256,
    /// Their support by proposal, in the contract's order; some may be 0.
    pub supports: Vec<(U256, U256)>,
}

/// What is neither of one proposal nor of one member.
#[derive(Clone, Copy, Debug)]
pub struct PoolTotals {
    /// The version of the contracts.
    pub version: Version,
    /// The settings in force.
    pub settings: Settings,
    /// The constants of the community.
    pub community: Community,
    /// Whether the pool is enabled.
    pub is_enabled: bool,
    /// The pool's balance.
    pub funds: U256,
    /// Support of all proposals.
    pub total_staked: U256,
    /// Points of all active members.
    pub activated: U256,
    /// The points stored with the pool.
    pub snapshot: Snapshot,
    /// Whether the migration has run.
    pub is_migrated: bool,
}

impl Default for PoolTotals {
    /// An empty pool of the newest version.
    fn default() -> Self {
        Self::new(Version::default())
    }
}

impl PoolTotals {
    /// An empty pool under a version.
    pub fn new(version: Version) -> Self {
        Self {
            version,
            settings: Settings::default(),
            community: Community::default(),
            is_enabled: true,
            funds: U256::ZERO,
            total_staked: U256::ZERO,
            activated: U256::ZERO,
            snapshot: Snapshot::default(),
            is_migrated: false,
        }
    }

    /// Points of the pool at a block: weighted by time from a75a6efe2 on.
    ///
    /// # Errors
    /// When the contract reverts.
    pub fn points(&self, block: u64) -> Result<U256, Revert> {
        self.points_by(block, &mut self.over_blocks())
    }

    /// As [`PoolTotals::points`], by what computes under the same decay.
    ///
    /// # Errors
    /// Where the contract reverts.
    pub fn points_by(&self, block: u64, by: &mut impl OverBlocks) -> Result<U256, Revert> {
        match (self.version, self.snapshot.block) {
            (Version::V15ad374, _) | (_, 0) => Ok(self.activated),
            _ => self.weighted(self.snapshot, block, by),
        }
    }

    /// Points that enter the threshold of a proposal with this snapshot.
    ///
    /// # Errors
    /// When the contract reverts.
    pub fn points_of_proposal(&self, snapshot: Snapshot, block: u64) -> Result<U256, Revert> {
        self.points_of_proposal_by(snapshot, block, &mut self.over_blocks())
    }

    /// As [`PoolTotals::points_of_proposal`], by what computes under the same decay.
    ///
    /// # Errors
    /// Where the contract reverts.
    pub fn points_of_proposal_by(
        &self,
        snapshot: Snapshot,
        block: u64,
        by: &mut impl OverBlocks,
    ) -> Result<U256, Revert> {
        let of_pool = self.points_by(block, by)?;
        let is_weighted = self.version == Version::Va75a6efe2
            && snapshot.block != 0
            && snapshot.points > self.activated;
        let own = match is_weighted {
            true => self.weighted(snapshot, block, by)?,
            false => snapshot.points,
        };
        Ok(own.max(of_pool))
    }

    pub(super) fn over_blocks(&self) -> Plain {
        Plain(self.settings.decay)
    }

    fn weighted(
        &self,
        snapshot: Snapshot,
        block: u64,
        by: &mut impl OverBlocks,
    ) -> Result<U256, Revert> {
        let elapsed = elapsed(block, snapshot.block)?;
        by.weighted_average(snapshot.points, self.activated, elapsed)
    }

    /// Stores the points of the pool, as before any change of the activated points.
    ///
    /// # Errors
    /// Where the contract reverts.
    pub fn store_points(&mut self, block: u64, by: &mut impl OverBlocks) -> Result<(), Revert> {
        if self.version == Version::Va75a6efe2 {
            let points = self.points_by(block, by)?;
            self.snapshot = Snapshot { points, block };
        }
        Ok(())
    }

    /// A proposal that is created at a block.
    pub fn created(&self, block: u64) -> Supported {
        Supported {
            stored: Stored {
                block_last: block,
                ..Stored::default()
            },
            snapshot: self.first_snapshot(block),
        }
    }

    /// Conviction at a block, not stored: it stands still while the pool is disabled.
    ///
    /// # Errors
    /// Where the contract reverts.
    pub fn conviction_of(
        &self,
        stored: Stored,
        block: u64,
        by: &mut impl OverBlocks,
    ) -> Result<U256, Revert> {
        if !self.is_enabled {
            return Ok(stored.conviction_last);
        }
        let passed = elapsed(block, stored.block_last)?;
        by.conviction(passed, stored.conviction_last, stored.staked)
    }

    /// A proposal with its conviction and points stored, and with this support from now on.
    ///
    /// # Errors
    /// Where the contract reverts.
    pub fn up_to_date(
        &self,
        of: Supported,
        block: u64,
        support: U256,
        by: &mut impl OverBlocks,
    ) -> Result<Supported, Revert> {
        let Supported {
            mut stored,
            snapshot,
        } = of;
        let points = self.points_of_proposal_by(snapshot, block, by)?;
        if stored.block_last != 0 && stored.block_last < block {
            stored.conviction_last = self.conviction_of(stored, block, by)?;
        }
        stored.block_last = block;
        stored.staked = support;
        Ok(Supported {
            stored,
            snapshot: Snapshot {
                points,
                block: self.block_of_snapshot(block),
            },
        })
    }

    /// The conviction that a request must exceed where so many points count.
    ///
    /// # Errors
    /// Where the contract reverts.
    pub fn threshold(&self, requested: U256, total_points: U256) -> Result<U256, Revert> {
        let Settings {
            decay,
            max_ratio,
            weight,
            min_threshold_points,
        } = self.settings;
        threshold(&ThresholdQuery {
            decay,
            max_ratio,
            weight,
            min_threshold_points,
            pool_amount: self.funds,
            total_points,
            requested,
        })
    }

    /// Whether the pool can pay a request at all, whatever its conviction.
    ///
    /// # Errors
    /// Where the contract reverts.
    pub fn check_request(&self, proposal: U256, requested: U256) -> Result<(), Revert> {
        let pool = self.funds;
        if requested > pool {
            return Err(Revert::PoolAmountNotEnough(proposal, requested, pool));
        }
        if !requested.is_zero() {
            let most = mul(self.settings.max_ratio, pool)?;
            if most <= mul(requested, SCALE)? {
                return Err(Revert::AmountOverMaxRatio(requested, most / SCALE, pool));
            }
            if self.activated.is_zero() {
                return Err(Revert::NoActiveGovernancePoints(proposal));
            }
        }
        Ok(())
    }

    /// The snapshot of a proposal that is created or edited.
    fn first_snapshot(&self, block: u64) -> Snapshot {
        match self.version {
            Version::V15ad374 => Snapshot::default(),
            Version::Va75a6efe2 => Snapshot {
                points: self.activated,
                block,
            },
        }
    }

    fn block_of_snapshot(&self, block: u64) -> u64 {
        match self.version {
            Version::V15ad374 => 0,
            Version::Va75a6efe2 => block,
        }
    }
}

/// Blocks since an earlier one.
pub(super) fn elapsed(block: u64, last: u64) -> Result<u64, Revert> {
    block.checked_sub(last).ok_or(Revert::Overflow)
}

/// A pool of Gardens v2.
#[derive(Clone, Debug)]
pub struct Gardens2 {
    pub(super) totals: PoolTotals,
    pub(super) proposals: Undoable<PoolProposal>,
    pub(super) members: Undoable<Member>,
    /// Where each proposal is, also those that were only named.
    places: BTreeMap<U256, usize>,
    created: u64,
    columns: &'static [&'static str],
}

impl Default for Gardens2 {
    /// An empty pool of the newest version.
    fn default() -> Self {
        Self::new(Version::default(), Version::default())
    }
}

pub(super) type Done = Result<(), Revert>;

impl Gardens2 {
    /// A pool that begins under a version, and of which the columns of a version are written.
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

    /// A proposal; all zero if it does not exist.
    pub fn proposal(&self, proposal: U256) -> PoolProposal {
        let place = self.places.get(&proposal);
        place.map_or_else(PoolProposal::default, |&place| self.proposals.rows()[place])
    }

    /// How many proposals were created: they are numbered from 1.
    pub fn created(&self) -> u64 {
        self.created
    }

    /// Whoever has an account, by account.
    pub fn members(&self) -> &[Member] {
        self.members.rows()
    }

    /// A proposal's conviction at a block, not stored: it stands still while the pool is disabled.
    ///
    /// # Errors
    /// When the contract reverts.
    pub fn conviction_now(&self, of: &PoolProposal, block: u64) -> Result<U256, Revert> {
        let mut by = self.totals.over_blocks();
        self.totals.conviction_of(of.stored, block, &mut by)
    }

    /// The conviction that a proposal must exceed at a block.
    ///
    /// # Errors
    /// When the contract reverts.
    pub fn threshold(&self, of: &PoolProposal, block: u64) -> Result<U256, Revert> {
        let points = self.totals.points_of_proposal(of.snapshot, block)?;
        self.totals.threshold(of.requested, points)
    }

    /// The place of a proposal, which is made if only its number is known.
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

    /// A proposal as it is once executed. A request of 0 needs no conviction.
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
        // Conviction of this block is not stored again, and nor are the points then.
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

    /// The place of a proposal that its submitter may still change.
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
