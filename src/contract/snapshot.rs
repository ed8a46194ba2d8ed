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

use super::one_hive::{
    ABSTAIN, OneHive, Settings, Status, ThresholdQuery, Totals, conviction, threshold,
};
use super::{Account, Stored, real, whole_number};
use crate::digits::rounded;
use ruint::aliases::U256;
use std::fmt::{self, Display};
use std::str::{FromStr, SplitWhitespace};

/// The state of a DAO under the 1Hive contract at a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Block after whose events the state is taken.
    pub block: u64,
    /// The settings in force.
    pub settings: Settings,
    /// The pool.
    pub funds: U256,
    /// Tokens of holders who have never staked.
    pub elsewhere: U256,
    /// Holders who have staked; all holders if none has.
    pub holders: Vec<Holder>,
    /// Proposals that accept stakes, by number; the abstain proposal only if it has a stake.
    pub proposals: Vec<OpenProposal>,
    /// Sampled earlier blocks, then this one.
    pub past: Vec<Past>,
}

/// A holder of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// Tokens.
    pub balance: U256,
    /// Part of the tokens still staked on executed and cancelled proposals.
    pub closed: U256,
    /// Stakes above 0 by number of an open proposal.
    pub stakes: Vec<(u64, U256)>,
}

/// A proposal that accepts stakes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenProposal {
    /// Its number in the contract.
    pub number: u64,
    /// True if the contract may execute it: it is active and requests more than 0.
    pub is_payable: bool,
    /// Requested amount.
    pub requested: U256,
    /// The block of its creation.
    pub created: u64,
    /// Its stake and stored conviction.
    pub stored: Stored,
}

/// An earlier block, for charts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    /// The block.
    pub block: u64,
    /// The pool, in tokens.
    pub funds: f64,
    /// Proposals open both at this block and at the block of the state.
    pub proposals: Vec<PastProposal>,
}

/// A proposal at an earlier block.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PastProposal {
    /// Its number in the contract.
    pub number: u64,
    /// Conviction, in tokens times blocks.
    pub conviction: f64,
    /// The threshold, in tokens times blocks; infinite where the contract reverts.
    pub threshold: f64,
}

/// A DAO at an earlier block, from which [`Past`] is computed.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The block.
    pub block: u64,
    totals: Totals,
    /// Proposals that accept stakes: number, request and stored state.
    proposals: Vec<(u64, U256, Stored)>,
}

impl Sample {
    /// A DAO at a block.
    pub fn of(dao: &OneHive, block: u64) -> Self {
        let proposals = open(dao).map(|number| {
            let of = dao.proposals()[number as usize - 1];
            (number, of.requested, of.stored)
        });
        Self {
            block,
            totals: *dao.totals(),
            proposals: proposals.collect(),
        }
    }

    /// Returns the pool and the proposals with these numbers, for charts.
    fn past(&self, open: &[u64]) -> Past {
        let Totals {
            settings,
            funds,
            supply,
            total_staked,
            ..
        } = self.totals;
        let kept = self.proposals.iter();
        let kept = kept.filter(|(number, ..)| open.binary_search(number).is_ok());
        let proposals = kept.map(|&(number, requested, stored)| {
            let passed = match stored.block_last {
                0 => 0,
                last => self.block - last,
            };
            let conviction = conviction(
                settings.decay,
                passed,
                stored.conviction_last,
                stored.staked,
            );
            let threshold = threshold(&ThresholdQuery {
                decay: settings.decay,
                max_ratio: settings.max_ratio,
                weight: settings.weight,
                min_threshold_stake_percentage: settings.min_threshold_stake_percentage,
                funds,
                stake_token_total_supply: supply,
                total_staked,
                requested,
            });
            PastProposal {
                number,
                conviction: short(conviction.map_or(f64::NAN, real)),
                threshold: short(threshold.map_or(f64::INFINITY, real)),
            }
        });
        Past {
            block: self.block,
            funds: short(real(funds)),
            proposals: proposals.collect(),
        }
    }
}

/// Rounds to the digits of a chart.
fn short(number: f64) -> f64 {
    match number.is_finite() {
        true => rounded(number, 7),
        false => number,
    }
}

/// Returns the numbers of the proposals that accept stakes.
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
            }
        });
        let proposals = proposals.collect();
        let holding = || {
            let accounts = (0..).map(Account).zip(dao.voters());
            accounts.filter(|(_, voter)| !voter.balance.is_zero())
        };
        let anybody = holding().any(|(account, _)| has_staked(account));
        let votes = |account| !anybody || has_staked(account);
        let holders = holding().filter(|(account, _)| votes(*account));
        let holders = holders.map(|(_, voter)| {
            let mut stakes = Vec::new();
            let mut closed = U256::ZERO;
            for &(proposal, stake) in &voter.stakes {
                match open.iter().find(|&&number| U256::from(number) == proposal) {
                    Some(&number) => stakes.push((number, stake)),
                    None => closed += stake,
                }
            }
            stakes.sort_unstable();
            Holder {
                balance: voter.balance,
                closed,
                stakes,
            }
        });
        let holders: Vec<_> = holders.collect();
        let held = holders.iter().map(|holder| holder.balance);
        let held = held.fold(U256::ZERO, |sum, balance| sum + balance);
        let now = Sample::of(dao, block);
        let past = past.iter().chain([&now]).map(|sample| sample.past(&open));
        let past = past.collect();
        Self {
            block,
            settings: totals.settings,
            funds: totals.funds,
            elsewhere: totals.supply - held,
            holders,
            proposals,
            past,
        }
    }

    /// Returns the supply of the staked token.
    pub fn supply(&self) -> U256 {
        self.holders.iter().fold(self.elsewhere, |sum, holder| {
            sum.saturating_add(holder.balance)
        })
    }

    /// Checks that stakes are within balances and add up to the stake on each proposal.
    fn adds_up(&self) -> bool {
        let within = |holder: &Holder| {
            let stakes = holder.stakes.iter().map(|(_, stake)| *stake);
            let staked = stakes.fold(holder.closed, U256::saturating_add);
            let mut numbers = holder.stakes.iter().map(|(number, _)| *number);
            staked <= holder.balance && numbers.all(|number| self.place(number).is_some())
        };
        let on = |number: u64| {
            let stakes = self.holders.iter().flat_map(|holder| &holder.stakes);
            let stakes = stakes.filter(|(other, _)| *other == number);
            stakes.fold(U256::ZERO, |sum, (_, stake)| sum.saturating_add(*stake))
        };
        let ascending = self.proposals.is_sorted_by(|a, b| a.number < b.number);
        let before = |of: &OpenProposal| {
            of.stored.block_last <= self.block
                && of.created <= self.block
                && of.stored.staked == on(of.number)
        };
        ascending && self.holders.iter().all(within) && self.proposals.iter().all(before)
    }

    /// Returns the place of an open proposal.
    pub fn place(&self, number: u64) -> Option<usize> {
        let place = self.proposals.binary_search_by_key(&number, |of| of.number);
        place.ok()
    }
}

impl Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings {
            decay,
            max_ratio,
            weight,
            min_threshold_stake_percentage,
        } = self.settings;
        writeln!(f, "1hive at block {}", self.block)?;
        writeln!(
            f,
            "settings {decay} {max_ratio} {weight} {min_threshold_stake_percentage}"
        )?;
        writeln!(f, "funds {}", self.funds)?;
        writeln!(f, "elsewhere {}", self.elsewhere)?;
        for of in &self.proposals {
            let status = if of.is_payable { "active" } else { "unpayable" };
            let Stored {
                staked,
                conviction_last,
                block_last,
            } = of.stored;
            writeln!(
                f,
                "proposal {} {status} requested {} created {} staked {staked} conviction {conviction_last} at \
                 {block_last}",
                of.number, of.requested, of.created
            )?;
        }
        for holder in &self.holders {
            write!(f, "holder {} closed {}", holder.balance, holder.closed)?;
            for (number, stake) in &holder.stakes {
                write!(f, " {number}:{stake}")?;
            }
            writeln!(f)?;
        }
        for past in &self.past {
            write!(f, "past {} {}", past.block, past.funds)?;
            for of in &past.proposals {
                write!(f, " {}:{}/{}", of.number, of.conviction, of.threshold)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// The words of a line, read one after another.
struct Words<'a>(SplitWhitespace<'a>);

impl<'a> Words<'a> {
    fn next<T>(&mut self, read: impl Fn(&'a str) -> Option<T>) -> Option<T> {
        self.0.next().and_then(read)
    }

    /// Reads a fixed word.
    fn word(&mut self, expected: &str) -> Option<()> {
        self.next(|word| (word == expected).then_some(()))
    }

    fn amount(&mut self) -> Option<U256> {
        self.next(whole_number)
    }

    fn number(&mut self) -> Option<u64> {
        self.next(|word| word.parse().ok())
    }

    /// Reads a named value.
    fn named<T>(&mut self, name: &str, read: impl Fn(&mut Self) -> Option<T>) -> Option<T> {
        self.word(name)?;
        read(self)
    }

    fn ends(mut self) -> Option<()> {
        self.0.next().is_none().then_some(())
    }
}

/// Error: a text is not that of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the state of a DAO")]
pub struct NotASnapshot;

impl FromStr for Snapshot {
    type Err = NotASnapshot;

    fn from_str(text: &str) -> Result<Self, NotASnapshot> {
        let found = parse(text).filter(Self::adds_up);
        found.ok_or(NotASnapshot)
    }
}

fn parse(text: &str) -> Option<Snapshot> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let mut next = || Some(Words(lines.next()?.split_whitespace()));
    let mut found = Snapshot::default();
    let mut head = next()?;
    head.word("1hive")?;
    head.word("at")?;
    found.block = head.named("block", Words::number)?;
    head.ends()?;
    let mut settings = next()?;
    settings.word("settings")?;
    found.settings = Settings {
        decay: settings.amount()?,
        max_ratio: settings.amount()?,
        weight: settings.amount()?,
        min_threshold_stake_percentage: settings.amount()?,
    };
    settings.ends()?;
    found.funds = next()?.named("funds", Words::amount)?;
    found.elsewhere = next()?.named("elsewhere", Words::amount)?;
    while let Some(mut line) = next() {
        match line.0.next()? {
            "proposal" => found.proposals.push(proposal(line)?),
            "holder" => found.holders.push(holder(line)?),
            "past" => found.past.push(past(line)?),
            _ => return None,
        }
    }
    // All balances together fit 256 bits, so all sums do.
    let held = found.holders.iter().map(|holder| holder.balance);
    let mut held = held.chain([found.elsewhere]);
    held.try_fold(U256::ZERO, U256::checked_add)?;
    Some(found)
}

fn proposal(mut words: Words) -> Option<OpenProposal> {
    let number = words.number()?;
    let is_payable = words.next(|word| match word {
        "active" => Some(true),
        "unpayable" => Some(false),
        _ => None,
    })?;
    let found = OpenProposal {
        number,
        is_payable,
        requested: words.named("requested", Words::amount)?,
        created: words.named("created", Words::number)?,
        stored: Stored {
            staked: words.named("staked", Words::amount)?,
            conviction_last: words.named("conviction", Words::amount)?,
            block_last: words.named("at", Words::number)?,
        },
    };
    words.ends()?;
    Some(found)
}

fn holder(mut words: Words) -> Option<Holder> {
    let balance = words.amount()?;
    let closed = words.named("closed", Words::amount)?;
    let stake = |word: &str| {
        let (number, stake) = word.split_once(':')?;
        Some((number.parse().ok()?, whole_number(stake)?))
    };
    let stakes = words.0.map(stake).collect::<Option<_>>()?;
    Some(Holder {
        balance,
        closed,
        stakes,
    })
}

fn past(mut words: Words) -> Option<Past> {
    let real = |word: &str| word.parse::<f64>().ok();
    let block = words.number()?;
    let funds = words.next(real)?;
    let of = |word: &str| {
        let (number, state) = word.split_once(':')?;
        let (conviction, threshold) = state.split_once('/')?;
        Some(PastProposal {
            number: number.parse().ok()?,
            conviction: real(conviction)?,
            threshold: real(threshold)?,
        })
    };
    let proposals = words.0.map(of).collect::<Option<_>>()?;
    Some(Past {
        block,
        funds,
        proposals,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Contract;
    use crate::contract::one_hive::Event;

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
}
