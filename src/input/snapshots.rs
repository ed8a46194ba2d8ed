//! Reads the state of a DAO at a block of its history, from which runs start.

use super::csv::CsvError;
use super::histories::{Followed, ReplayError, follow, histories_in, histories_with, read_header};
use crate::contract::gardens2::{self, Decimals, Gardens2, Version};
use crate::contract::one_hive::{self, Event, OneHive};
use crate::contract::{Account, Sample, Snapshot, U256};
use crate::error::chain;
use std::path::{Path, PathBuf};

/// Maximum number of sampled values in a snapshot.
const MOST_PAST: usize = 4_000;

/// Minimum and maximum number of sampled blocks in a snapshot.
const PAST: (usize, usize) = (16, 128);

/// Columns of histories of Gardens v2 only.
const OF_GARDENS2: [&str; 3] = ["point_system", "deltas", "min_threshold_points"];

/// Kind of event of a history that starts under 15ad374.
const UPGRADE: &str = "upgrade";

/// Recorded result of both versions of Gardens v2, and one of the newer version only.
const RESULTS_OF_GARDENS2: [&str; 2] = ["snapshot", "snapshot_block"];

/// Error in reading the state of a history.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The file is not CSV with a header.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// The file or an event is invalid, or the contract computes another state than recorded.
    #[error("{}; `conviction contract replay` shows the state before it", chain(.0))]
    Replay(ReplayError),
    /// The file holds several histories.
    #[error("{path}: holds {count} histories; keep the rows of one, told by the column history")]
    Several {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// The block is before the first event.
    #[error(
        "{path}: block {block} is before the first event, in block {first}; choose block {first} or later"
    )]
    Before {
        /// The file.
        path: PathBuf,
        /// The block.
        block: u64,
        /// That of the first event.
        first: u64,
    },
    /// The file has no rows.
    #[error("{path}: holds no events; add a row for each event")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// No account is a member with a stake.
    #[error(
        "{path}: no account is a member with a stake in block {block}; add rows of kind join before it, or choose a later \
         block"
    )]
    NoMembers {
        /// The file.
        path: PathBuf,
        /// The block.
        block: u64,
    },
    /// The pool is disabled.
    #[error(
        "{path}: the pool is disabled in block {block}, and runs have no rules for that; choose a block in which it is \
         enabled"
    )]
    Disabled {
        /// The file.
        path: PathBuf,
        /// The block.
        block: u64,
    },
    /// The staked token has another number of decimals.
    #[error(
        "{path}: token_decimals: {decimals}, but runs count tokens of 18 decimals; convert stakes, points, support and \
         requests to 18 decimals, and remove the recorded results"
    )]
    Decimals {
        /// The file.
        path: PathBuf,
        /// The number of decimals.
        decimals: Decimals,
    },
    /// No account holds tokens.
    #[error(
        "{path}: no account holds tokens in block {block}; add rows of kind supply before it, or choose a later block"
    )]
    NoHolders {
        /// The file.
        path: PathBuf,
        /// The block.
        block: u64,
    },
}

impl From<ReplayError> for SnapshotError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Csv(error) => Self::Csv(error),
            error => Self::Replay(error),
        }
    }
}

/// Samples of a history, whose distance grows so that their number stays bounded.
#[derive(Default)]
struct Trail {
    samples: Vec<Sample>,
    /// Minimum number of blocks between samples.
    apart: u64,
}

impl Trail {
    /// Takes a sample unless the last one is too close.
    fn note(&mut self, block: u64, sample: impl FnOnce() -> Sample) {
        let near = |last: &Sample| block < last.block + self.apart.max(1);
        if self.samples.last().is_some_and(near) {
            return;
        }
        self.samples.push(sample());
        if self.samples.len() == 2 * PAST.1 {
            let first = self.samples[0].block;
            self.apart = (block - first) / PAST.1 as u64;
            let mut kept = 0;
            let apart = self.apart;
            self.samples.retain(|sample| {
                let keep = sample.block >= kept;
                if keep {
                    kept = sample.block + apart;
                }
                keep
            });
        }
    }

    /// Returns as many samples as the number of open proposals allows.
    fn thinned(mut self, open: usize) -> Vec<Sample> {
        let most = (MOST_PAST / (1 + 2 * open)).clamp(PAST.0, PAST.1);
        let count = self.samples.len();
        if count > most {
            let mut place = 0;
            self.samples.retain(|_| {
                let keep = place * most / count != (place + 1) * most / count;
                place += 1;
                keep
            });
        }
        self.samples
    }
}

/// Reads the state of the DAO whose history a CSV file contains, after all events up to a block, or at the end.
///
/// # Errors
/// Returns an error if the file is missing or invalid, if a recorded state differs, or if no account holds tokens.
pub fn read_snapshot(path: &Path, at: Option<u64>) -> Result<Snapshot, SnapshotError> {
    let header = read_header(path)?;
    let has = |column: &&str| header.iter().any(|other| other == column);
    let count = histories_in(path)?.len();
    if count > 1 {
        let path = path.to_owned();
        return Err(SnapshotError::Several { path, count });
    }
    if !OF_GARDENS2.iter().any(has) {
        return dao(path, at);
    }
    let [of_both, of_newer] = RESULTS_OF_GARDENS2.each_ref().map(has);
    let (begins, columns) = if !histories_with(path, UPGRADE)?.is_empty() {
        (Version::V15ad374, Version::Va75a6efe2)
    } else if of_both && !of_newer {
        (Version::V15ad374, Version::V15ad374)
    } else {
        (Version::Va75a6efe2, Version::Va75a6efe2)
    };
    pool(path, at, || Gardens2::new(begins, columns))
}

/// Reads the state under the 1Hive contract.
fn dao(path: &Path, at: Option<u64>) -> Result<Snapshot, SnapshotError> {
    let (mut has_staked, mut created, mut trail) = (Vec::new(), vec![0], Trail::default());
    let followed = follow(
        path,
        at.unwrap_or(u64::MAX),
        |_| OneHive::default(),
        |row, _| {
            if row.outcome.is_ok() {
                if let Event::Stake { voter, .. } | Event::StakeAll { voter, .. } = *row.event {
                    let place = voter.0 as usize;
                    has_staked.resize(has_staked.len().max(place + 1), false);
                    has_staked[place] = true;
                }
                if row.created.is_some() {
                    created.push(row.block);
                }
            }
            trail.note(row.block, || Sample::of(row.contract, row.block));
            Ok(())
        },
    )?;
    let (dao, block) = last(path, at, followed)?;
    if dao.totals().supply.is_zero() {
        let path = path.to_owned();
        return Err(SnapshotError::NoHolders { path, block });
    }
    let has_staked = |account: Account| has_staked.get(account.0 as usize) == Some(&true);
    let proposals = dao.proposals().iter();
    let open = proposals.filter(|of| of.status == one_hive::Status::Active);
    let past = trail.thinned(open.count());
    Ok(Snapshot::of(&dao, block, has_staked, &created, &past))
}

/// Reads the state of a Gardens v2 pool, which starts as `begin` returns it.
fn pool(
    path: &Path,
    at: Option<u64>,
    begin: impl Fn() -> Gardens2,
) -> Result<Snapshot, SnapshotError> {
    let (mut created, mut trail) = (Vec::new(), Trail::default());
    let followed = follow(
        path,
        at.unwrap_or(u64::MAX),
        |_| begin(),
        |row, _| {
            if row.created.is_some() {
                created.push(row.block);
            }
            trail.note(row.block, || Sample::of_pool(row.contract, row.block));
            Ok(())
        },
    )?;
    let (pool, block) = last(path, at, followed)?;
    let totals = pool.totals();
    let path = || path.to_owned();
    let decimals = totals.community.token_decimals;
    if decimals != Decimals::default() {
        let path = path();
        return Err(SnapshotError::Decimals { path, decimals });
    }
    if !totals.is_enabled {
        let path = path();
        return Err(SnapshotError::Disabled { path, block });
    }
    let proposals = (1..=pool.created()).map(|number| pool.proposal(U256::from(number)));
    let open = proposals.filter(|of| of.status == gardens2::Status::Active);
    let past = trail.thinned(open.count());
    let state = Snapshot::of_pool(&pool, block, &created, &past);
    if state.holders.is_empty() {
        let path = path();
        return Err(SnapshotError::NoMembers { path, block });
    }
    Ok(state)
}

/// Returns the contract of the only history after its last event, and the block of the state.
fn last<C>(path: &Path, at: Option<u64>, followed: Followed<C>) -> Result<(C, u64), SnapshotError> {
    let path = || path.to_owned();
    let mut histories = followed.histories.into_iter();
    match (histories.next(), at, followed.beyond) {
        (Some((_, history)), ..) => Ok((history.contract, at.unwrap_or(history.block))),
        (None, Some(block), Some(first)) => Err(SnapshotError::Before {
            path: path(),
            block,
            first,
        }),
        (None, ..) => Err(SnapshotError::Empty { path: path() }),
    }
}
