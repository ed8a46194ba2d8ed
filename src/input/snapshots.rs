//! Reads the state of a DAO at a block of its history, from which runs start.

use super::csv::CsvError;
use super::histories::{ReplayError, follow, histories_in, read_header};
use crate::contract::one_hive::{Event, OneHive, Status};
use crate::contract::{Account, Sample, Snapshot};
use crate::error::chain;
use std::path::{Path, PathBuf};

/// Maximum number of sampled values in a snapshot.
const MOST_PAST: usize = 4_000;

/// Minimum and maximum number of sampled blocks in a snapshot.
const PAST: (usize, usize) = (16, 128);

/// Columns of histories of Gardens v2 only.
const OF_GARDENS2: [&str; 3] = ["point_system", "deltas", "min_threshold_points"];

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
    /// The history is that of another contract.
    #[error(
        "{path}: column {column}: of a history under Gardens v2, which runs cannot start from; give a history under the \
         1Hive contract"
    )]
    Contract {
        /// The file.
        path: PathBuf,
        /// A column that only such histories have.
        column: &'static str,
    },
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
    fn note(&mut self, dao: &OneHive, block: u64) {
        let near = |last: &Sample| block < last.block + self.apart.max(1);
        if self.samples.last().is_some_and(near) {
            return;
        }
        self.samples.push(Sample::of(dao, block));
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
    let of_gardens2 = OF_GARDENS2
        .into_iter()
        .find(|column| header.iter().any(|other| other == column));
    if let Some(column) = of_gardens2 {
        let path = path.to_owned();
        return Err(SnapshotError::Contract { path, column });
    }
    let count = histories_in(path)?.len();
    if count > 1 {
        let path = path.to_owned();
        return Err(SnapshotError::Several { path, count });
    }
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
            trail.note(row.contract, row.block);
            Ok(())
        },
    )?;
    let path = || path.to_owned();
    let mut histories = followed.histories.into_iter();
    let history = match (histories.next(), at, followed.beyond) {
        (Some((_, history)), ..) => history,
        (None, Some(block), Some(first)) => {
            return Err(SnapshotError::Before {
                path: path(),
                block,
                first,
            });
        }
        (None, ..) => return Err(SnapshotError::Empty { path: path() }),
    };
    let block = at.unwrap_or(history.block);
    let dao = history.contract;
    if dao.totals().supply.is_zero() {
        return Err(SnapshotError::NoHolders {
            path: path(),
            block,
        });
    }
    let has_staked = |account: Account| has_staked.get(account.0 as usize) == Some(&true);
    let open = dao
        .proposals()
        .iter()
        .filter(|of| of.status == Status::Active);
    let past = trail.thinned(open.count());
    Ok(Snapshot::of(&dao, block, has_staked, &created, &past))
}
