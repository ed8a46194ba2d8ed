//! Samples of a DAO at earlier blocks, for charts.

use super::{open, open_in_pool};
use crate::contract::gardens2::{self, Gardens2, Plain, PoolTotals};
use crate::contract::one_hive::{OneHive, ThresholdQuery, Totals, conviction, threshold};
use crate::contract::{Stored, real};
use crate::digits::rounded;
use ruint::aliases::U256;

/// An earlier block.
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
    /// The threshold, in tokens times blocks; infinite where nothing can pass.
    pub threshold: f64,
}

/// A DAO at an earlier block, from which [`Past`] is computed.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The block.
    pub block: u64,
    contract: Sampled,
    /// Proposals that accept stakes.
    proposals: Vec<SampledProposal>,
}

/// State of a contract besides proposals.
#[derive(Clone, Debug)]
enum Sampled {
    OneHive(Totals),
    Gardens2(PoolTotals),
}

#[derive(Clone, Copy, Debug)]
struct SampledProposal {
    number: u64,
    requested: U256,
    stored: Stored,
    snapshot: gardens2::Snapshot,
}

impl Sample {
    /// A DAO at a block.
    pub fn of(dao: &OneHive, block: u64) -> Self {
        let proposals = open(dao).map(|number| {
            let of = dao.proposals()[number as usize - 1];
            SampledProposal {
                number,
                requested: of.requested,
                stored: of.stored,
                snapshot: gardens2::Snapshot::default(),
            }
        });
        Self {
            block,
            contract: Sampled::OneHive(*dao.totals()),
            proposals: proposals.collect(),
        }
    }

    /// A Gardens v2 pool at a block.
    pub fn of_pool(pool: &Gardens2, block: u64) -> Self {
        let proposals = open_in_pool(pool).map(|number| {
            let of = pool.proposal(U256::from(number));
            SampledProposal {
                number,
                requested: of.requested,
                stored: of.stored,
                snapshot: of.snapshot,
            }
        });
        Self {
            block,
            contract: Sampled::Gardens2(*pool.totals()),
            proposals: proposals.collect(),
        }
    }

    /// Returns conviction and threshold of a proposal, in units times blocks.
    fn state(&self, of: &SampledProposal) -> (Option<U256>, Option<U256>) {
        match &self.contract {
            Sampled::OneHive(totals) => {
                let passed = match of.stored.block_last {
                    0 => 0,
                    last => self.block - last,
                };
                let Stored {
                    staked,
                    conviction_last,
                    ..
                } = of.stored;
                let settings = totals.settings;
                let threshold = threshold(&ThresholdQuery {
                    decay: settings.decay,
                    max_ratio: settings.max_ratio,
                    weight: settings.weight,
                    min_threshold_stake_percentage: settings.min_threshold_stake_percentage,
                    funds: totals.funds,
                    stake_token_total_supply: totals.supply,
                    total_staked: totals.total_staked,
                    requested: of.requested,
                });
                let conviction = conviction(settings.decay, passed, conviction_last, staked);
                (conviction.ok(), threshold.ok())
            }
            Sampled::Gardens2(totals) => {
                let by = &mut Plain(totals.settings.decay);
                let conviction = totals.conviction_of(of.stored, self.block, by);
                let points = totals.points_of_proposal(of.snapshot, self.block);
                let threshold = points.and_then(|points| totals.threshold(of.requested, points));
                let threshold = threshold.ok().filter(|&threshold| threshold != U256::MAX);
                (conviction.ok(), threshold)
            }
        }
    }

    /// Returns the pool and the proposals with these numbers.
    fn past(&self, open: &[u64]) -> Past {
        let kept = self.proposals.iter();
        let kept = kept.filter(|of| open.binary_search(&of.number).is_ok());
        let proposals = kept.map(|of| {
            let (conviction, threshold) = self.state(of);
            PastProposal {
                number: of.number,
                conviction: short(conviction.map_or(f64::NAN, real)),
                threshold: short(threshold.map_or(f64::INFINITY, real)),
            }
        });
        let funds = match &self.contract {
            Sampled::OneHive(totals) => totals.funds,
            Sampled::Gardens2(totals) => totals.funds,
        };
        Past {
            block: self.block,
            funds: short(real(funds)),
            proposals: proposals.collect(),
        }
    }
}

/// Returns earlier blocks and the last one, with the proposals that are open at the end.
pub(super) fn all(earlier: &[Sample], last: Sample, open: &[u64]) -> Vec<Past> {
    let samples = earlier.iter().chain([&last]);
    samples.map(|sample| sample.past(open)).collect()
}

/// Rounds to the digits of a chart.
fn short(number: f64) -> f64 {
    match number.is_finite() {
        true => rounded(number, 7),
        false => number,
    }
}
