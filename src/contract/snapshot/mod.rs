//! State of a DAO at a block of its history, from which runs start; and its text.
//!
//! The text contains the contract's integers, line by line; amounts are in units of 10⁻¹⁸:
//!
//! ```text
//! 1hive at block 120
//! settings 9999799 2000000 2500 200000000000000000
//! funds 5000000000000000000000
//! elsewhere 0
//! proposal 2 active requested 10 created 101 staked 7 conviction 99 at 110
//! holder 9 closed 1 2:7
//! past 101 5000.0 2:0.5/12.25
//! ```
//!
//! Under Gardens v2 settings end with the points of the minimum threshold. Constants of the community and the stored
//! points of the pool follow, proposals have stored points, and holders are members with points:
//!
//! ```text
//! gardens2-a75a6efe2 at block 120
//! settings 9999799 2000000 2500 0
//! community capped 1000 50
//! pool 70 at 101
//! funds 5000000000000000000000
//! elsewhere 0
//! proposal 1 active requested 10 created 101 staked 7 conviction 99 at 110 points 72 at 110
//! member 90 points 90 1:7
//! ```
//!
//! | file | contents |
//! |---|---|
//! | `past` | samples of earlier blocks |
//! | `text` | the text |

mod past;
mod text;

pub use past::{Past, PastProposal, Sample};
pub use text::NotASnapshot;

use super::gardens2::{self, Community, Gardens2, Version};
use super::one_hive::{self, ABSTAIN, OneHive, Status};
use super::{Account, Stored};
use ruint::aliases::U256;

/// The state of a DAO at a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Block after whose events the state is taken.
    pub block: u64,
    /// The contract, with the settings in force.
    pub contract: Deployed,
    /// The pool.
    pub funds: U256,
    /// Tokens of accounts that are not listed.
    pub elsewhere: U256,
    /// Accounts that take part. Under 1Hive's contract: holders who have staked, or all if none has. Under Gardens v2:
    /// active members, or all members if none is active.
    pub holders: Vec<Holder>,
    /// Proposals that accept stakes, by number; the abstain proposal only if it has a stake.
    pub proposals: Vec<OpenProposal>,
    /// Sampled earlier blocks, then this one.
    pub past: Vec<Past>,
}

/// A contract, with what it stores besides accounts and proposals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployed {
    /// The 1Hive contract.
    OneHive(one_hive::Settings),
    /// A pool of Gardens v2.
    Gardens2(Pool),
}

impl Default for Deployed {
    fn default() -> Self {
        Self::OneHive(one_hive::Settings::default())
    }
}

/// A pool of Gardens v2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Version of the contracts.
    pub version: Version,
    /// The settings in force.
    pub settings: gardens2::Settings,
    /// Constants of the community, whose token has 18 decimals.
    pub community: Community,
    /// Points stored with the pool.
    pub snapshot: gardens2::Snapshot,
}

/// An account that takes part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// Tokens; under Gardens v2 those staked in the community.
    pub balance: U256,
    /// Points of an active member under Gardens v2.
    pub points: Option<U256>,
    /// Part of the tokens still staked on executed and cancelled proposals under 1Hive's contract.
    pub closed: U256,
    /// Stakes above 0 by number of an open proposal.
    pub stakes: Vec<(u64, U256)>,
}

/// A proposal that accepts stakes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenProposal {
    /// Its number in the contract.
    pub number: u64,
    /// True if conviction may execute it: it is active and requests more than 0.
    pub is_payable: bool,
    /// Requested amount.
    pub requested: U256,
    /// The block of its creation.
    pub created: u64,
    /// Its stake and stored conviction.
    pub stored: Stored,
    /// Points stored with it under Gardens v2.
    pub snapshot: gardens2::Snapshot,
}

/// Returns the numbers of the proposals that accept stakes in the 1Hive contract.
fn open(dao: &OneHive) -> impl Iterator<Item = u64> {
    let proposals = (1..).zip(dao.proposals());
    let is_open = |number: u64, status, staked: U256| {
        matches!(status, Status::Active | Status::Paused)
            && (U256::from(number) != ABSTAIN || !staked.is_zero())
    };
    proposals.filter_map(move |(number, of)| {
        is_open(number, of.status, of.stored.staked).then_some(number)
    })
}

/// Returns the numbers of the proposals that accept support in a pool.
fn open_in_pool(pool: &Gardens2) -> impl Iterator<Item = u64> {
    (1..=pool.created()).filter(|&number| {
        let status = pool.proposal(U256::from(number)).status;
        status.takes_support()
    })
}

/// Returns the stakes on open proposals in order of number, and the sum of the others.
fn split(stakes: &[(U256, U256)], open: &[u64]) -> (Vec<(u64, U256)>, U256) {
    let (mut on_open, mut closed) = (Vec::new(), U256::ZERO);
    for &(proposal, stake) in stakes.iter().filter(|(_, stake)| !stake.is_zero()) {
        let number = u64::try_from(proposal).ok();
        match number.filter(|number| open.binary_search(number).is_ok()) {
            Some(number) => on_open.push((number, stake)),
            None => closed += stake,
        }
    }
    on_open.sort_unstable();
    (on_open, closed)
}

/// Returns the sum of tokens.
fn sum(amounts: impl Iterator<Item = U256>) -> U256 {
    amounts.fold(U256::ZERO, U256::saturating_add)
}

impl Snapshot {
    /// Takes the state of a DAO at a block, with samples of earlier blocks. `has_staked` tells whether an account has
    /// ever staked; `created` lists the blocks of creation by number, from the abstain proposal on.
    pub fn of(
        dao: &OneHive,
        block: u64,
        has_staked: impl Fn(Account) -> bool,
        created: &[u64],
        past: &[Sample],
    ) -> Self {
        let totals = dao.totals();
        let open: Vec<u64> = open(dao).collect();
        let proposals = open.iter().map(|&number| {
            let place = number as usize - 1;
            let of = dao.proposals()[place];
            OpenProposal {
                number,
                is_payable: of.status == Status::Active && !of.requested.is_zero(),
                requested: of.requested,
                created: created.get(place).copied().unwrap_or(0),
                stored: of.stored,
                snapshot: gardens2::Snapshot::default(),
            }
        });
        let holding = || {
            let accounts = (0..).map(Account).zip(dao.voters());
            accounts.filter(|(_, voter)| !voter.balance.is_zero())
        };
        let anybody = holding().any(|(account, _)| has_staked(account));
        let votes = |account| !anybody || has_staked(account);
        let holders = holding().filter(|(account, _)| votes(*account));
        let holders = holders.map(|(_, voter)| {
            let (stakes, closed) = split(&voter.stakes, &open);
            Holder {
                balance: voter.balance,
                points: None,
                closed,
                stakes,
            }
        });
        let holders: Vec<_> = holders.collect();
        Self {
            block,
            contract: Deployed::OneHive(totals.settings),
            funds: totals.funds,
            elsewhere: totals.supply - sum(holders.iter().map(|holder| holder.balance)),
            holders,
            proposals: proposals.collect(),
            past: past::all(past, Sample::of(dao, block), &open),
        }
    }

    /// Takes the state of a Gardens v2 pool at a block, with samples of earlier blocks; `created` lists the blocks of
    /// creation by number, from 1 on.
    pub fn of_pool(pool: &Gardens2, block: u64, created: &[u64], past: &[Sample]) -> Self {
        let totals = pool.totals();
        let open: Vec<u64> = open_in_pool(pool).collect();
        let proposals = open.iter().map(|&number| {
            let of = pool.proposal(U256::from(number));
            OpenProposal {
                number,
                is_payable: of.status == gardens2::Status::Active && !of.requested.is_zero(),
                requested: of.requested,
                created: created.get(number as usize - 1).copied().unwrap_or(0),
                stored: of.stored,
                snapshot: of.snapshot,
            }
        });
        let members = || {
            let members = pool.members().iter();
            members.filter(|member| member.is_member && !member.stake.is_zero())
        };
        let anybody = members().any(|member| member.is_active);
        let (inside, outside): (Vec<_>, Vec<_>) =
            members().partition(|member| !anybody || member.is_active);
        let holders = inside.into_iter().map(|member| Holder {
            balance: member.stake,
            points: member.is_active.then_some(member.points),
            closed: U256::ZERO,
            stakes: split(&member.supports, &open).0,
        });
        Self {
            block,
            contract: Deployed::Gardens2(Pool {
                version: totals.version,
                settings: totals.settings,
                community: totals.community,
                snapshot: totals.snapshot,
            }),
            funds: totals.funds,
            elsewhere: sum(outside.into_iter().map(|member| member.stake)),
            holders: holders.collect(),
            proposals: proposals.collect(),
            past: past::all(past, Sample::of_pool(pool, block), &open),
        }
    }

    /// Returns the pool of Gardens v2; `None` under the 1Hive contract.
    pub fn pool(&self) -> Option<&Pool> {
        match &self.contract {
            Deployed::OneHive(_) => None,
            Deployed::Gardens2(pool) => Some(pool),
        }
    }

    /// Returns the share of conviction kept per block, scaled by 10⁷.
    pub fn decay(&self) -> U256 {
        match self.contract {
            Deployed::OneHive(settings) => settings.decay,
            Deployed::Gardens2(pool) => pool.settings.decay,
        }
    }

    /// Returns the supply of the staked token.
    pub fn supply(&self) -> U256 {
        let held = sum(self.holders.iter().map(|holder| holder.balance));
        self.elsewhere.saturating_add(held)
    }

    /// Returns the activated points: those of all active members.
    pub fn activated(&self) -> U256 {
        sum(self.holders.iter().filter_map(|holder| holder.points))
    }

    /// Checks that stakes are within balances or of active members, and add up to the stake on each proposal.
    fn adds_up(&self) -> bool {
        let pool = self.pool();
        let within = |holder: &Holder| {
            let stakes = holder.stakes.iter().map(|(_, stake)| *stake);
            let may_stake = match pool {
                None => sum(stakes).saturating_add(holder.closed) <= holder.balance,
                Some(_) => holder.points.is_some() || holder.stakes.is_empty(),
            };
            let mut numbers = holder.stakes.iter().map(|(number, _)| *number);
            may_stake && numbers.all(|number| self.place(number).is_some())
        };
        let on = |number: u64| {
            let stakes = self.holders.iter().flat_map(|holder| &holder.stakes);
            let stakes = stakes.filter(|(other, _)| *other == number);
            sum(stakes.map(|(_, stake)| *stake))
        };
        let ascending = self.proposals.is_sorted_by(|a, b| a.number < b.number);
        let before = |of: &OpenProposal| {
            let blocks = [of.stored.block_last, of.created, of.snapshot.block];
            blocks.iter().all(|block| *block <= self.block) && of.stored.staked == on(of.number)
        };
        ascending
            && pool.is_none_or(|pool| pool.snapshot.block <= self.block)
            && self.holders.iter().all(within)
            && self.proposals.iter().all(before)
    }

    /// Returns the place of an open proposal.
    pub fn place(&self, number: u64) -> Option<usize> {
        let place = self.proposals.binary_search_by_key(&number, |of| of.number);
        place.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::one_hive::{Event, Settings};
    use crate::contract::{Contract, Signed, real};

    fn dao() -> (OneHive, u64) {
        let mut dao = OneHive::default();
        let amount = |tokens: u64| U256::from(tokens) * U256::from(10u64.pow(18));
        let events = [
            Event::Settings(Settings {
                decay: U256::from(9_999_799),
                max_ratio: U256::from(2_000_000),
                weight: U256::from(2_500),
                min_threshold_stake_percentage: U256::from(200_000_000_000_000_000u64),
            }),
            Event::Funds { amount: amount(50) },
            Event::Supply {
                voter: Account(1),
                amount: amount(9),
            },
            Event::Supply {
                voter: Account(2),
                amount: amount(7),
            },
            Event::Propose {
                voter: Account(1),
                requested: amount(1),
            },
            Event::Stake {
                voter: Account(1),
                proposal: U256::from(2),
                amount: amount(4),
            },
            Event::Propose {
                voter: Account(1),
                requested: U256::ZERO,
            },
            Event::Stake {
                voter: Account(1),
                proposal: U256::from(3),
                amount: amount(2),
            },
            Event::Cancel {
                voter: Account(1),
                proposal: U256::from(3),
            },
        ];
        let mut block = 100;
        for event in events {
            block += 5;
            dao.apply(block, &event).unwrap();
        }
        (dao, block)
    }

    #[test]
    fn a_text_says_the_same() {
        let (dao, block) = dao();
        let snapshot = Snapshot::of(
            &dao,
            block + 10,
            |account| account == Account(1),
            &[0, 125, 135],
            &[Sample::of(&dao, block)],
        );
        assert_eq!(snapshot.to_string().parse(), Ok(snapshot.clone()));
        assert_eq!((snapshot.holders.len(), snapshot.proposals.len()), (1, 1));
        assert_eq!(real(snapshot.supply()), 16.0);
        assert_eq!(real(snapshot.elsewhere), 7.0);
        assert_eq!(real(snapshot.holders[0].closed), 2.0);
        assert_eq!(snapshot.past.len(), 2);
        // Without any stake, all holders participate.
        let all = Snapshot::of(&dao, block, |_| false, &[], &[]);
        assert_eq!(all.holders.len(), 2);
    }

    #[test]
    fn texts_that_do_not_add_up_are_refused() {
        let (dao, block) = dao();
        let snapshot = Snapshot::of(&dao, block, |_| true, &[], &[]);
        let text = snapshot.to_string();
        for (from, to) in [
            ("1hive", "2hive"),
            ("2:4", "2:5"),
            ("2:4", "7:4"),
            ("staked 4", "staked 5"),
            ("at 130", "at 9130"),
            ("holder 9", "holder 5"),
            ("active", "passive"),
        ] {
            assert!(text.contains(from), "{text}");
            assert_eq!(
                text.replacen(from, to, 1).parse::<Snapshot>(),
                Err(NotASnapshot)
            );
        }
        assert_eq!("".parse::<Snapshot>(), Err(NotASnapshot));
    }

    /// A pool under a version, with three members of which two are active, and an executed and two open proposals.
    fn pool(version: Version) -> (Gardens2, u64) {
        use gardens2::{Event, PointSystem, Settings};
        let mut pool = Gardens2::new(version, version);
        let amount = |tokens: u64| U256::from(tokens) * U256::from(10u64.pow(18));
        let [ada, bo, cy] = [1, 2, 3].map(Account);
        let join = |voter, more| {
            [
                Event::Join { voter },
                Event::Increase {
                    voter,
                    amount: amount(more),
                },
            ]
        };
        let support = |voter, deltas: &[(u64, u64)]| {
            let delta = |tokens| Signed::parse(&amount(tokens).to_string()).unwrap();
            let deltas = deltas.iter();
            let deltas = deltas.map(|&(number, tokens)| (U256::from(number), delta(tokens)));
            Event::Support {
                voter,
                deltas: deltas.collect(),
            }
        };
        let propose = |requested| Event::Propose {
            voter: ada,
            requested,
        };
        let settings = Settings {
            decay: U256::from(9_999_799),
            max_ratio: U256::from(2_000_000),
            weight: U256::from(2_500),
            min_threshold_points: U256::ZERO,
        };
        let community = Community {
            point_system: PointSystem::Capped,
            max_amount: amount(7),
            registration_stake: amount(2),
            ..Community::default()
        };
        let mut events = vec![
            Event::Settings(settings, Some(community)),
            Event::Funds { amount: amount(50) },
        ];
        events.extend([join(ada, 8), join(bo, 1), join(cy, 3)].concat());
        events.extend([
            Event::Activate { voter: ada },
            Event::Activate { voter: bo },
            propose(amount(1)),
            propose(U256::ZERO),
            propose(amount(2)),
            support(ada, &[(1, 2), (2, 1), (3, 4)]),
            support(bo, &[(1, 3)]),
            Event::Execute {
                proposal: U256::from(2),
            },
        ]);
        let mut block = 100;
        for event in events {
            block += 5;
            pool.apply(block, &event).unwrap();
        }
        (pool, block)
    }

    #[test]
    fn a_text_of_a_pool_says_the_same() {
        for version in [Version::V15ad374, Version::Va75a6efe2] {
            let (pool, block) = pool(version);
            let created = [150, 155, 160];
            let earlier = [Sample::of_pool(&pool, block)];
            let snapshot = Snapshot::of_pool(&pool, block + 10, &created, &earlier);
            assert_eq!(snapshot.to_string().parse(), Ok(snapshot.clone()));
            assert_eq!(snapshot.activated(), pool.totals().activated);
            assert_eq!(real(snapshot.elsewhere), 5.0);
            let points: Vec<_> = snapshot.holders.iter().map(|of| of.points).collect();
            assert_eq!(
                points.iter().flatten().copied().map(real).sum::<f64>(),
                10.0
            );
            let open: Vec<_> = snapshot.proposals.iter().map(|of| of.number).collect();
            assert_eq!(open, [1, 3]);
            let on_open: Vec<_> = snapshot.holders[0].stakes.iter().map(|of| of.0).collect();
            assert_eq!(on_open, [1, 3]);
            let last = snapshot.past.last().unwrap();
            let of = pool.proposal(U256::from(3));
            let threshold = pool.threshold(&of, block + 10).unwrap();
            assert!((last.proposals[1].threshold / real(threshold) - 1.0).abs() < 1e-6);
            assert!(snapshot.proposals[0].snapshot.points > U256::ZERO);
            let text = snapshot.to_string();
            for (from, to) in [
                ("gardens2-", "gardens3-"),
                ("capped", "custom"),
                ("points 7", "points x"),
                ("1:3", "2:3"),
                ("3:4", "3:5"),
                ("member", "holder"),
                ("points 3000000000000000000", "inactive"),
            ] {
                assert!(text.contains(from), "{from} in {text}");
                let changed = text.replacen(from, to, 1).parse::<Snapshot>();
                assert_eq!(changed, Err(NotASnapshot), "{from}");
            }
        }
    }

    #[test]
    fn all_members_take_part_if_none_is_active() {
        let (mut pool, block) = pool(Version::Va75a6efe2);
        for voter in [1, 2].map(Account) {
            let event = gardens2::Event::Deactivate { voter };
            pool.apply(block + 1, &event).unwrap();
        }
        let snapshot = Snapshot::of_pool(&pool, block + 2, &[], &[]);
        assert_eq!(snapshot.to_string().parse(), Ok(snapshot.clone()));
        assert_eq!(snapshot.holders.len(), 3);
        assert_eq!(snapshot.activated(), U256::ZERO);
        assert_eq!(snapshot.elsewhere, U256::ZERO);
    }
}
