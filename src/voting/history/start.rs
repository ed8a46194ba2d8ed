//! Replaces the drawn initial state by that of a history.

use super::{Draws, HistorySettings};
use crate::contract::{OpenProposal, Snapshot, U256, real, tokens_within};
use crate::engine::Runs;
use crate::voting::mechanism::Chain;
use crate::voting::opening::{Closed, Observed, OnChainCandidate, Opening, OpeningCandidate};
use crate::voting::supply::{InitialSupply, Supply};

crate::view! {
    /// Access of [`start`] to a run.
    pub(super) struct Starting<'w> {
        history: &'w HistorySettings,
        initial: &'w InitialSupply,
        chain: &'w Chain,
        draws: &'w mut Draws,
        opening: &'w mut Opening,
        supply: &'w mut Supply,
    }
}

/// Replaces the drawn supply, holdings and candidates by those of the state. Own sentiments stay as drawn.
pub(super) fn start(mut runs: Runs<Starting>) {
    for (
        _,
        Starting {
            history,
            initial,
            chain,
            draws,
            opening,
            supply,
        },
    ) in runs.batch()
    {
        let Some(state) = history.snapshot() else {
            continue;
        };
        for (founder, holder) in opening.founders.iter_mut().zip(&state.holders) {
            founder.holdings = real(holder.balance);
        }
        opening.candidates.clear();
        let candidates = state.proposals.iter().map(|of| candidate(state, of, chain));
        opening.candidates.extend(candidates);
        for (row, holder) in (0..).zip(&state.holders) {
            for (number, stake) in &holder.stakes {
                if let Some(place) = state.place(*number) {
                    let stakes = &mut opening.candidates[place].stakes;
                    stakes.push((row, tokens_within(units(*stake))));
                }
            }
        }
        let held = state.holders.iter().map(|holder| holder.balance);
        let closed = state.holders.iter().map(|holder| Closed {
            tokens: real(holder.closed),
            units: units(holder.closed),
        });
        let observed = Observed {
            state,
            funds: funds(state, initial),
            held: held.map(units).sum(),
            elsewhere: units(state.elsewhere) + crate::contract::units(beyond(state, initial)),
            closed: closed.collect(),
            affinities: draws.0.clone(),
        };
        let effective: f64 = opening.founders.iter().map(|of| of.holdings).sum();
        let elsewhere = real(state.elsewhere) + beyond(state, initial);
        let total = initial.funds + effective + elsewhere;
        *supply = Supply::at_start(initial.funds, effective, total);
        supply.apart = initial.funds;
        opening.observed = Some(observed);
    }
}

/// Returns the pool in units of 10⁻¹⁸, exact unless the spec sets another.
fn funds(state: &Snapshot, initial: &InitialSupply) -> i128 {
    match initial.funds == pool(state) {
        true => units(state.funds),
        false => crate::contract::units(initial.funds),
    }
}

/// Returns the pool, Honey: at least the minimum of `initial.funds`.
pub fn pool(state: &Snapshot) -> f64 {
    real(state.funds).max(1e-6)
}

/// Returns the tokens of all accounts of a state, Honey.
pub fn tokens_of_all(state: &Snapshot) -> f64 {
    let balances = state.holders.iter().map(|holder| real(holder.balance));
    balances.sum::<f64>() + real(state.elsewhere)
}

/// Returns the tokens, Honey, by which the supply that a spec sets exceeds the stakes in the community of a pool.
pub fn beyond(state: &Snapshot, initial: &InitialSupply) -> f64 {
    let all = tokens_of_all(state);
    let is_implied = [pool(state), initial.funds]
        .iter()
        .any(|funds| initial.supply == funds + all);
    match is_implied || state.pool().is_none() {
        true => 0.0,
        false => (initial.supply - initial.funds - all).max(0.0),
    }
}

/// Converts to units of 10⁻¹⁸. A check of the setting refuses amounts beyond 128 bits.
fn units(amount: U256) -> i128 {
    i128::try_from(amount).unwrap_or(i128::MAX)
}

fn candidate(state: &Snapshot, of: &OpenProposal, chain: &Chain) -> OpeningCandidate {
    OpeningCandidate {
        requested: real(of.requested),
        age: (state.block - of.created) as f64 / chain.blocks_per_day(),
        never_passes: !of.is_payable,
        stakes: Vec::new(),
        conviction: conviction(state, of, chain),
        on_chain: OnChainCandidate {
            requested: units(of.requested),
            stored: of.stored,
        },
        snapshot: of.snapshot,
    }
}

/// Converts conviction to token-days of real numbers, which keep its share of the largest possible conviction.
fn conviction(state: &Snapshot, of: &OpenProposal, chain: &Chain) -> f64 {
    let decay = state.decay();
    let blocks = crate::contract::conviction(
        decay,
        match of.stored.block_last {
            0 => 0,
            last => state.block - last,
        },
        of.stored.conviction_last,
        of.stored.staked,
    );
    let kept = f64::from(decay) / 1e7;
    let kept_a_day = libm::pow(kept, chain.blocks_per_day());
    real(blocks.unwrap_or_default()) * (1.0 - kept) / (1.0 - kept_a_day)
}
