//! Text of a state, line by line.

use super::{Deployed, Holder, OpenProposal, Past, PastProposal, Pool, Snapshot};
use crate::contract::gardens2::{self, Community, Decimals, PointSystem, Version};
use crate::contract::{Stored, one_hive, whole_number};
use ruint::aliases::U256;
use std::fmt::{self, Display};
use std::str::{FromStr, SplitWhitespace};

/// First word of the text of a state under the 1Hive contract.
const ONE_HIVE: &str = "1hive";

/// Beginning of the first word of the text of a state under Gardens v2; the commit follows.
const GARDENS2: &str = "gardens2-";

/// Word in place of the points of a member who is not active.
const INACTIVE: &str = "inactive";

impl Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.contract {
            Deployed::OneHive(settings) => {
                let one_hive::Settings {
                    decay,
                    max_ratio,
                    weight,
                    min_threshold_stake_percentage: least,
                } = settings;
                writeln!(f, "{ONE_HIVE} at block {}", self.block)?;
                writeln!(f, "settings {decay} {max_ratio} {weight} {least}")?;
            }
            Deployed::Gardens2(pool) => {
                let gardens2::Settings {
                    decay,
                    max_ratio,
                    weight,
                    min_threshold_points: least,
                } = pool.settings;
                let of = &pool.community;
                writeln!(
                    f,
                    "{GARDENS2}{} at block {}",
                    pool.version.commit(),
                    self.block
                )?;
                writeln!(f, "settings {decay} {max_ratio} {weight} {least}")?;
                writeln!(
                    f,
                    "community {} {} {}",
                    of.point_system, of.max_amount, of.registration_stake
                )?;
                let gardens2::Snapshot { points, block } = pool.snapshot;
                writeln!(f, "pool {points} at {block}")?;
            }
        }
        let is_pool = self.pool().is_some();
        writeln!(f, "funds {}", self.funds)?;
        writeln!(f, "elsewhere {}", self.elsewhere)?;
        for of in &self.proposals {
            let status = if of.is_payable { "active" } else { "unpayable" };
            let Stored {
                staked,
                conviction_last,
                block_last,
            } = of.stored;
            write!(
                f,
                "proposal {} {status} requested {} created {} staked {staked} conviction {conviction_last} at \
                 {block_last}",
                of.number, of.requested, of.created
            )?;
            if is_pool {
                write!(f, " points {} at {}", of.snapshot.points, of.snapshot.block)?;
            }
            writeln!(f)?;
        }
        for holder in &self.holders {
            match holder.points {
                _ if !is_pool => write!(f, "holder {} closed {}", holder.balance, holder.closed)?,
                Some(points) => write!(f, "member {} points {points}", holder.balance)?,
                None => write!(f, "member {} {INACTIVE}", holder.balance)?,
            }
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

    /// Reads points and their block.
    fn snapshot(&mut self, name: &str) -> Option<gardens2::Snapshot> {
        Some(gardens2::Snapshot {
            points: self.named(name, Self::amount)?,
            block: self.named("at", Self::number)?,
        })
    }

    /// Reads the whole line.
    fn ending<T>(mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<T> {
        let found = read(&mut self)?;
        self.ends()?;
        Some(found)
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
    let version = head.next(|word| match word.strip_prefix(GARDENS2) {
        Some(commit) => Version::of(commit).map(Some),
        None => (word == ONE_HIVE).then_some(None),
    })?;
    head.word("at")?;
    found.block = head.named("block", Words::number)?;
    head.ends()?;
    let mut settings = next()?;
    settings.word("settings")?;
    let [decay, max_ratio, weight, least] = [
        settings.amount()?,
        settings.amount()?,
        settings.amount()?,
        settings.amount()?,
    ];
    settings.ends()?;
    found.contract = match version {
        None => Deployed::OneHive(one_hive::Settings {
            decay,
            max_ratio,
            weight,
            min_threshold_stake_percentage: least,
        }),
        Some(version) => Deployed::Gardens2(Pool {
            version,
            settings: gardens2::Settings {
                decay,
                max_ratio,
                weight,
                min_threshold_points: least,
            },
            community: community(next()?)?,
            snapshot: next()?.ending(|line| line.snapshot("pool"))?,
        }),
    };
    found.funds = next()?.ending(|line| line.named("funds", Words::amount))?;
    found.elsewhere = next()?.ending(|line| line.named("elsewhere", Words::amount))?;
    let is_pool = version.is_some();
    while let Some(mut line) = next() {
        match line.0.next()? {
            "proposal" => found.proposals.push(proposal(line, is_pool)?),
            "holder" if !is_pool => found.holders.push(holder(line)?),
            "member" if is_pool => found.holders.push(member(line)?),
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

fn community(mut words: Words) -> Option<Community> {
    words.word("community")?;
    let point_system = words.next(|word| word.parse().ok())?;
    let found = Community {
        point_system,
        max_amount: words.amount()?,
        token_decimals: Decimals::default(),
        registration_stake: words.amount()?,
    };
    words.ends()?;
    (point_system != PointSystem::Custom).then_some(found)
}

fn proposal(mut words: Words, is_pool: bool) -> Option<OpenProposal> {
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
        snapshot: match is_pool {
            true => words.snapshot("points")?,
            false => gardens2::Snapshot::default(),
        },
    };
    words.ends()?;
    Some(found)
}

fn holder(mut words: Words) -> Option<Holder> {
    Some(Holder {
        balance: words.amount()?,
        points: None,
        closed: words.named("closed", Words::amount)?,
        stakes: stakes(words)?,
    })
}

fn member(mut words: Words) -> Option<Holder> {
    let balance = words.amount()?;
    let is_active = words.next(|word| match word {
        "points" => Some(true),
        INACTIVE => Some(false),
        _ => None,
    })?;
    Some(Holder {
        balance,
        points: match is_active {
            true => Some(words.amount()?),
            false => None,
        },
        closed: U256::ZERO,
        stakes: stakes(words)?,
    })
}

fn stakes(words: Words) -> Option<Vec<(u64, U256)>> {
    let stake = |word: &str| {
        let (number, stake) = word.split_once(':')?;
        Some((number.parse().ok()?, whole_number(stake)?))
    };
    words.0.map(stake).collect()
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
