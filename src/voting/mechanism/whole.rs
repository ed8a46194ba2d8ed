//! Shared parts of mechanisms in whole units: the supply in units of 10⁻¹⁸ tokens, the order of payment, and estimates after a change of settings.
//!
//! Estimates remain real numbers. They exclude candidates far below their threshold; the contract's integers decide
//! on the others. Outside mechanisms, conviction and thresholds in token-blocks are divided by blocks per day, and so
//! are in token-days.

use super::chain::{BlockClock, Chain};
use crate::contract::{Adjustment, IssuancePolicy, U256, adjustment, integer, tokens, units};
use crate::engine::{Failing, PerRun, Rows, Run, Runs};
use crate::voting::arrivals::Arriving;
use crate::voting::chance::NONE;
use crate::voting::conviction::{
    Accepted, Conviction, Convinced, InSum, Passing, Seated, SideList,
};
use crate::voting::issuance::{Cap, Issuance, Issuing};
use crate::voting::opening::{Observed, Opening, OpeningCandidate};
use crate::voting::participants::Population;
use crate::voting::proposals::History;
use crate::voting::supply::{Ledger, Supply};
use crate::voting::support::{ConvictionSum, Detail, EdgeConviction, Layout, Staking};
use std::cmp::Reverse;
use std::error::Error;

/// Revert of the contract.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "the contract reverts ({0}) when a stake moves; its 256 bits do not hold what this supply comes \
     to, so take less supply, or arithmetic = \"real\""
)]
pub struct Reverts<R: Error>(pub R);

/// Share of its threshold above which an estimate is checked by the contract: estimates have rounding errors.
pub const NEAR: f64 = 0.98;

/// Factor slightly below 1, by which stakes split in real numbers never exceed the holdings.
pub const A_LITTLE_LESS: f64 = 1.0 - f64::EPSILON * 8.0;

/// Most tokens whose conviction fits in the contracts' intermediate results: tokens · 10¹⁸ · 10⁷ · 2¹²⁸ must be below
/// 2²⁵⁶.
pub const MOST_TOKENS: f64 = 1e13;

/// Supply in whole units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WholeSupply {
    /// F.
    pub funds: i128,
    /// E.
    pub effective: i128,
    /// L.
    pub other: i128,
    /// S.
    pub total: i128,
    /// Part of the total that does not consist of the staked token.
    pub apart: i128,
}

impl WholeSupply {
    /// Converts a supply to whole units, and replaces it by the rounded amounts.
    pub fn count(supply: &mut Supply) -> Self {
        let [funds, effective, total] = [supply.funds, supply.effective, supply.total].map(units);
        let whole = Self {
            funds,
            effective,
            other: total - funds - effective,
            total,
            apart: 0,
        };
        whole.tell(supply);
        whole
    }

    /// Takes the supply of a chain from a history, at the start of a run.
    pub fn observe(observed: &Observed, supply: &mut Supply) -> Self {
        let (funds, held, elsewhere) = (observed.funds, observed.held, observed.elsewhere);
        let whole = Self {
            funds,
            effective: held,
            other: elsewhere,
            total: funds + held + elsewhere,
            apart: funds,
        };
        whole.tell(supply);
        whole
    }

    /// Converts the pool, in real numbers, to units: exactly if it is the present one.
    pub fn exact(&self, funds: f64) -> i128 {
        match tokens(self.funds) == funds {
            true => self.funds,
            false => units(funds),
        }
    }

    /// Writes the supply as real numbers.
    pub fn tell(&self, supply: &mut Supply) {
        supply.funds = tokens(self.funds);
        supply.effective = tokens(self.effective);
        supply.other = tokens(self.other);
        supply.total = tokens(self.total);
    }

    /// Adds minted tokens to S and F.
    pub fn mint(&mut self, supply: &mut Supply, minted: f64) {
        self.total += units(minted);
        self.funds += units(minted);
        self.tell(supply);
    }

    /// Moves tokens from L to E.
    pub fn admit(&mut self, supply: &mut Supply, holdings: f64) {
        self.effective += units(holdings);
        self.other -= units(holdings);
        self.tell(supply);
    }

    /// Moves tokens from E to L.
    pub fn dismiss(&mut self, supply: &mut Supply, holdings: f64) {
        self.effective -= units(holdings);
        self.other += units(holdings);
        self.tell(supply);
    }

    /// Pays a request from the pool.
    pub fn pay(&mut self, requested: i128) {
        self.funds -= requested;
        self.other += requested;
    }

    /// Adjusts S and F by dynamic issuance; returns the change, tokens.
    pub fn adjust(&mut self, supply: &mut Supply, issuance: &Issuance) -> f64 {
        /// Seconds of a day and of the contract's year.
        const DAY: u64 = 86_400;
        const YEAR: f64 = 31_536_000.0;
        let per_second = |per_year: f64| integer((per_year / YEAR * 1e18) as i128);
        let target = integer((issuance.target * 1e10) as i128);
        let policy = match issuance.cap {
            Cap::Contract => IssuancePolicy::deployed(target, per_second(issuance.throttle)),
            Cap::Published => IssuancePolicy {
                target,
                most_per_second: per_second(issuance.throttle),
            },
        };
        let seconds = u64::from(issuance.every) * DAY;
        let [funds, total] = [self.funds, self.total].map(integer);
        // The largest supply of a mechanism keeps all products within 256 bits.
        let change = match adjustment(policy, funds, total, seconds) {
            Some(Adjustment::Mint(minted)) => i128::try_from(minted).unwrap_or(0),
            Some(Adjustment::Burn(burnt)) => -i128::try_from(burnt).unwrap_or(0),
            None => 0,
        };
        self.total += change;
        self.funds += change;
        self.tell(supply);
        tokens(change)
    }
}

/// Mechanism that counts in whole units, block by block.
pub trait Whole: PerRun {
    /// Returns its clock.
    fn clock(&self) -> &BlockClock;

    /// Returns its supply.
    fn whole_supply(&mut self) -> &mut WholeSupply;
}

impl<M: Whole> Ledger for M {
    fn held(&self, holdings: f64) -> f64 {
        tokens(units(holdings))
    }

    fn mint(&mut self, supply: &mut Supply, minted: f64) {
        self.whole_supply().mint(supply, minted);
    }

    fn admit(&mut self, supply: &mut Supply, holdings: f64) {
        self.whole_supply().admit(supply, holdings);
    }

    fn dismiss(&mut self, supply: &mut Supply, holdings: f64) {
        self.whole_supply().dismiss(supply, holdings);
    }
}

impl<M: Whole> Issuing for M {
    fn adjust(&mut self, supply: &mut Supply, issuance: &Issuance) -> f64 {
        self.whole_supply().adjust(supply, issuance)
    }
}

/// Returns clock and supply at the start of a run.
pub fn start(chain: &Chain, opening: &Opening, supply: &mut Supply) -> (BlockClock, WholeSupply) {
    match &opening.observed {
        None => (BlockClock::from_start(chain), WholeSupply::count(supply)),
        Some(observed) => (
            BlockClock::from_block(observed.state.block, chain),
            WholeSupply::observe(observed, supply),
        ),
    }
}

/// Returns the record of a candidate of the initial state, with its conviction (token-days).
pub fn resumed<M: Passing>(
    mechanism: &M,
    stored: M::Stored,
    candidate: &OpeningCandidate,
) -> (M::Stored, f64) {
    let conviction = mechanism.conviction_at_end(Some(&stored), 0, candidate.conviction);
    (stored, conviction)
}

/// Contract that executes one proposal after another.
pub trait InTurn: Passing + Whole {
    /// Reason of a revert.
    type Revert: Error + Send + Sync + 'static;

    /// Returns the conviction of a candidate at a block.
    fn conviction_at(&mut self, stored: &Self::Stored, block: u64) -> Result<U256, Self::Revert>;

    /// Returns the threshold of a request at a block, given the pool; `None` if it cannot be executed.
    fn threshold_at(
        &mut self,
        supply: &Supply,
        stored: &Self::Stored,
        requested: i128,
        block: u64,
    ) -> Option<U256>;

    /// Returns the request of a candidate in units of 10⁻¹⁸; 0 if only its real number is known.
    fn known_request(stored: &Self::Stored) -> i128;

    /// Returns the request of a candidate, `requested` (Honey) in real numbers, in units of 10⁻¹⁸.
    fn requested(stored: &Self::Stored, requested: f64) -> i128 {
        match Self::known_request(stored) {
            0 => units(requested),
            known => known,
        }
    }

    /// Returns a reused buffer.
    fn by_conviction(&mut self) -> &mut Vec<(U256, usize)>;
}

/// Executes proposals one after another as a contract does, the strongest first. A candidate is paid if its
/// conviction exceeds its threshold with the remaining pool, and no earlier rival has barred it.
pub fn pay_in_turn<M: InTurn>(
    mechanism: &mut M,
    run: &Run,
    supply: &mut Supply,
    convinced: Convinced<M::Stored>,
    accepted: &mut Vec<Accepted>,
    failing: &mut Failing,
) {
    let mut by_conviction = std::mem::take(mechanism.by_conviction());
    by_conviction.clear();
    let block = mechanism.clock().at(run.day);
    let Convinced {
        places,
        judged,
        mut rivals,
        ..
    } = convinced;
    for &place in &*places {
        match mechanism.conviction_at(judged.stored(place), block) {
            Ok(conviction) => by_conviction.push((conviction, place)),
            Err(revert) => {
                failing.fail("reverts", run.day, Reverts(revert));
                return;
            }
        }
    }
    by_conviction
        .sort_unstable_by_key(|&(conviction, place)| (Reverse(conviction), judged.order(place)));
    for &(conviction, place) in &by_conviction {
        let (id, requested) = (judged.order(place), judged.requested(place));
        if rivals.as_ref().is_some_and(|rivals| rivals.is_barred(id)) {
            continue;
        }
        let in_units = M::requested(judged.stored(place), requested);
        let threshold = mechanism.threshold_at(supply, judged.stored(place), in_units, block);
        if let Some(threshold) = threshold.filter(|&threshold| conviction > threshold) {
            mechanism.whole_supply().pay(in_units);
            accepted.push(Accepted {
                place,
                requested,
                conviction: mechanism.clock().token_days(conviction),
                trigger: mechanism.clock().token_days(threshold),
            });
            if let Some(rivals) = &mut rivals {
                rivals.bar_rivals_of(id);
            }
        }
    }
    *mechanism.by_conviction() = by_conviction;
    mechanism.whole_supply().tell(supply);
}

/// Sums the conviction of all candidates, as the contract computes it one by one.
pub fn in_sum<M: Passing>(
    mechanism: &M,
    day: u32,
    supply: &Supply,
    conviction: &Conviction,
    seated: &Seated<M::Stored>,
) -> InSum {
    let requested = seated.requested.as_flattened();
    let mut sums = InSum::default();
    let candidates = seated
        .histories
        .iter()
        .filter(|history| history.seat != NONE);
    for history in candidates {
        let seat = history.seat as usize;
        let stored = seated.stored.get(seat);
        let conviction_now = mechanism.conviction_at_end(stored, day, f64::NAN);
        let trigger = mechanism.trigger(
            stored,
            day,
            requested[seat],
            supply.at_day_start,
            conviction,
        );
        sums.conviction += conviction_now;
        sums.shares_of_trigger += conviction_now / trigger;
    }
    sums
}

/// Opens an account for each proposal of the day, or of a drawn initial state.
pub fn open_accounts<M: Staking>(
    mut runs: Runs<(&Population, &Arriving, &Opening, &M)>,
    mut proposals: Rows<&History>,
    mut stored: Rows<&mut M::Stored>,
) {
    let batch = runs.batch();
    let (mut proposals, mut stored) = (proposals.of_batch(&batch), stored.of_batch(&batch));
    for (run, (population, arriving, opening, mechanism)) in batch {
        let first = match (run.day, arriving.first) {
            (0, _) if opening.observed.is_some() => continue,
            (0, _) => 0,
            (_, NONE) => continue,
            (_, first) => first as usize,
        };
        let new = first..population.proposals;
        for history in &proposals.of(run)[new] {
            stored.of(run)[history.seat as usize] = mechanism.created(run.day);
        }
    }
}

/// Estimates the conviction of candidates again, with and without seats, after a change of settings today; the parts
/// on edges change in proportion. The contracts' `setConvictionCalculationSettings` stores settings without updating
/// proposals. The next update of a proposal covers all blocks since the last one with the new decay. So conviction
/// changes at once.
pub fn estimate_changed<M: InTurn>(
    mut runs: Runs<(&Population, &Layout, &M, Option<&mut SideList<M>>)>,
    mut stored: Rows<&M::Stored>,
    mut sums: Rows<&mut ConvictionSum>,
    mut edges: Rows<&mut EdgeConviction>,
) {
    let batch = runs.batch();
    let (mut stored, mut sums) = (stored.of_batch(&batch), sums.of_batch(&batch));
    let mut edges = edges.of_batch(&batch);
    for (run, (population, layout, contract, side)) in batch {
        if contract.clock().day != run.day {
            continue;
        }
        let yesterday = run.day - 1;
        for candidate in side.into_iter().flat_map(|side| &mut side.0) {
            let (stored, before) = (&candidate.stored, candidate.conviction);
            candidate.conviction = contract.conviction_at_end(Some(stored), yesterday, before);
        }
        let (stored, sums) = (stored.of(run), sums.of(run));
        for seat in layout.taken() {
            let before = sums[seat];
            sums[seat] = contract.conviction_at_end(Some(&stored[seat]), yesterday, before);
            if layout.detail >= Detail::Edges && before > 0.0 {
                let edges = edges.of(run);
                for participant in 0..population.participants {
                    edges[layout.edge(seat, participant)] *= sums[seat] / before;
                }
            }
        }
    }
}
