//! Stakes follow what participants hold, where that changes outside of acting.

use super::*;
use crate::engine::{Failing, OfBatch, RowsOfBatch, Run};
use crate::voting::supply::Supply;
use bevy_ecs::system::SystemParam;

type SeatColumns = (&'static Occupant, &'static mut StakeSum);

/// The stakes of all, for a system that changes what participants hold: it does so by
/// [`Following::hold`].
#[derive(SystemParam)]
pub struct StakeRows<'w, 's, M: Staking> {
    edges: Rows<'w, 's, &'static mut Stake>,
    seats: Rows<'w, 's, SeatColumns>,
    restake: Rows<'w, 's, &'static mut Restake>,
    stored: Rows<'w, 's, &'static mut <M as Staking>::Stored>,
}

/// The columns of [`StakeRows`] with the rows of every run.
pub struct StakesOfBatch<'w, M: Staking> {
    edges: RowsOfBatch<'w, &'static mut Stake>,
    seats: RowsOfBatch<'w, SeatColumns>,
    restake: RowsOfBatch<'w, &'static mut Restake>,
    stored: RowsOfBatch<'w, &'static mut M::Stored>,
}

/// The stakes of a run, and what is kept of them by seat.
#[allow(missing_docs, reason = "a column is documented at its component")]
pub struct StakesOfRun<'a, V> {
    pub occupant: &'a [u32],
    pub stake: &'a mut [f64],
    pub stake_sum: &'a mut [f64],
    /// What the mechanism stores.
    pub stored: &'a mut [V],
}

/// A participant who may stake less than it has at stake.
#[derive(Clone, Copy, Debug)]
pub struct Beyond {
    /// The participant's row.
    pub participant: usize,
    /// What it has at stake in sum, Honey.
    pub staked: f64,
    /// What it may stake, Honey: less.
    pub held: f64,
}

impl<M: Staking> StakeRows<'_, '_, M> {
    /// Finds the columns.
    #[inline]
    pub fn of_batch<'a>(&'a mut self, batch: &impl OfBatch) -> StakesOfBatch<'a, M> {
        StakesOfBatch {
            edges: self.edges.of_batch(batch),
            seats: self.seats.of_batch(batch),
            restake: self.restake.of_batch(batch),
            stored: self.stored.of_batch(batch),
        }
    }
}

impl<M: Staking> StakesOfBatch<'_, M> {
    /// The stakes of a run.
    pub fn of<'a>(
        &'a mut self,
        run: &'a Run,
        mechanism: &'a mut M,
        failing: &'a mut Failing,
    ) -> Following<'a, M> {
        let (occupant, stake_sum) = self.seats.of(run);
        Following {
            run,
            mechanism,
            failing,
            restake: self.restake.of(run),
            stakes: StakesOfRun {
                occupant,
                stake: self.edges.of(run),
                stake_sum,
                stored: self.stored.of(run),
            },
        }
    }
}

/// The stakes of a run, which follow what participants hold.
pub struct Following<'a, M: Staking> {
    run: &'a Run,
    /// What counts their tokens.
    pub mechanism: &'a mut M,
    failing: &'a mut Failing,
    restake: &'a mut [bool],
    stakes: StakesOfRun<'a, M::Stored>,
}

impl<M: Staking> Following<'_, M> {
    /// A participant holds `held` (Honey) from now on, outside of acting. Tokens, or points, that are not at
    /// stake make up for what it holds less; where they do not suffice, stakes fall as the mechanism says. Under
    /// rule idle_stake v3 whatever it holds is split anew even if it does not act.
    pub fn hold(
        &mut self,
        layout: &Layout,
        supply: &Supply,
        holdings: &mut [f64],
        participant: usize,
        held: f64,
    ) {
        self.restake[participant] = true;
        let before = std::mem::replace(&mut holdings[participant], held);
        let (before, held) = (supply.votes_of(before), supply.votes_of(held));
        if held >= before {
            // No more than that was at stake.
            return;
        }
        // Nothing is at stake on a vacant seat.
        let rows = layout.rows_in_use(participant);
        let staked = rows.map(|rows| sum(&self.stakes.stake[rows])).sum();
        if held < staked {
            let beyond = Beyond {
                participant,
                staked,
                held,
            };
            self.mechanism
                .take_back(self.run, layout, beyond, &mut self.stakes, self.failing);
        }
    }
}

/// The sum of numbers, eight at a time.
fn sum(numbers: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    for eight in numbers.as_chunks::<LANES>().0 {
        for (sum, number) in sums.iter_mut().zip(eight) {
            *sum += number;
        }
    }
    sums.iter().sum()
}
