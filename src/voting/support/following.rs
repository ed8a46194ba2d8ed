//! Updates of stakes after changes of holdings outside of acting.

use super::*;
use crate::engine::{BatchLayout, Failing, RowsOfBatch, Run};
use crate::voting::supply::Supply;
use bevy_ecs::system::SystemParam;
use fearless_simd::Level;

crate::rows_view! {
    /// Columns of seats that change with stakes.
    struct StakedSeats<'w, M: Staking> {
        occupant: &'w Occupant,
        stake_sum: &'w mut StakeSum,
        stored: Option<&'w mut M::Stored>,
    }
}

/// Stakes of all runs, for a system that changes holdings. It does so by [`Following::hold`], and calls
/// [`Following::settle`] before any system reads stakes.
#[derive(SystemParam)]
pub struct StakeRows<'w, 's, M: Staking> {
    edges: Rows<'w, 's, &'static mut Stake>,
    seats: Rows<'w, 's, StakedSeats<'static, M>>,
    restake: Rows<'w, 's, &'static mut Restake>,
    falls: Local<'s, Falls>,
}

/// Columns of [`StakeRows`] with the rows of every run.
pub struct StakesOfBatch<'w, M: Staking> {
    edges: RowsOfBatch<'w, &'static mut Stake>,
    seats: RowsOfBatch<'w, StakedSeats<'static, M>>,
    restake: RowsOfBatch<'w, &'static mut Restake>,
    falls: &'w mut Falls,
    vectors: Level,
}

/// Stakes of a run, and records by seat.
#[allow(missing_docs, reason = "a column is documented at its component")]
pub struct StakesOfRun<'a, V> {
    pub occupant: &'a [u32],
    pub stake: &'a mut [f64],
    pub stake_sum: &'a mut [f64],
    /// Records of the mechanism.
    pub stored: &'a mut [V],
}

impl<V> StakesOfRun<'_, V> {
    /// Returns the sum of a participant's stakes, Honey; stakes on vacant seats are 0.
    pub fn of_participant(&self, layout: &Layout, participant: usize) -> f64 {
        let blocks = layout.rows_in_use(participant);
        blocks.map(|rows| sum(&self.stake[rows])).sum()
    }
}

/// Returns the sum of numbers, eight at a time.
fn sum(numbers: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    for eight in numbers.as_chunks::<LANES>().0 {
        for (sum, number) in sums.iter_mut().zip(eight) {
            *sum += number;
        }
    }
    sums.iter().sum()
}

/// Participant with fewer votes than before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fall {
    /// Row of the participant.
    pub participant: u32,
    /// Votes, Honey or points.
    pub held: f64,
    /// Holdings, Honey.
    pub tokens: f64,
}

/// Participants with fewer votes than before, in order of the changes.
#[derive(Default)]
struct Falls {
    all: Vec<Fall>,
    /// Number of valid entries.
    count: usize,
}

impl Falls {
    /// Adds an entry if it `counts`. The entry is always written, since a branch would often be mispredicted.
    #[inline(always)]
    fn add_if(&mut self, counts: bool, fall: Fall) {
        if self.count == self.all.len() {
            self.all.resize(2 * self.count + 64, Fall::default());
        }
        self.all[self.count] = fall;
        self.count += usize::from(counts);
    }
}

impl<M: Staking> StakeRows<'_, '_, M> {
    /// Returns the columns for a batch.
    #[inline]
    pub fn of_batch<'a>(&'a mut self, batch: &impl BatchLayout) -> StakesOfBatch<'a, M> {
        StakesOfBatch {
            edges: self.edges.of_batch(batch),
            seats: self.seats.of_batch(batch),
            restake: self.restake.of_batch(batch),
            falls: &mut self.falls,
            vectors: batch.vectors(),
        }
    }
}

impl<M: Staking> StakesOfBatch<'_, M> {
    /// Returns the stakes of a run.
    pub fn of<'a>(
        &'a mut self,
        run: &'a Run,
        mechanism: &'a mut M,
        failing: &'a mut Failing,
    ) -> Following<'a, M> {
        assert!(
            self.falls.count == 0,
            "a system lets holdings of a run fall by Following::hold, and does not call Following::settle"
        );
        let seats = self.seats.of(run);
        Following {
            run,
            vectors: self.vectors,
            mechanism,
            failing,
            falls: self.falls,
            restake: self.restake.of(run),
            stakes: StakesOfRun {
                occupant: seats.occupant,
                stake: self.edges.of(run),
                stake_sum: seats.stake_sum,
                stored: seats.stored.unwrap_or_default(),
            },
        }
    }
}

/// Stakes of a run, updated to holdings.
pub struct Following<'a, M: Staking> {
    run: &'a Run,
    vectors: Level,
    /// Mechanism that counts the tokens.
    pub mechanism: &'a mut M,
    failing: &'a mut Failing,
    falls: &'a mut Falls,
    restake: &'a mut [bool],
    stakes: StakesOfRun<'a, M::Stored>,
}

impl<M: Staking> Following<'_, M> {
    /// Sets the holdings of a participant to `held` (Honey), outside of acting. Under rule idle_stake v3 all their
    /// votes are split again even if they do not act.
    #[inline]
    pub fn hold(&mut self, supply: &Supply, holdings: &mut [f64], participant: usize, held: f64) {
        self.restake[participant] = true;
        let before = std::mem::replace(&mut holdings[participant], held);
        let (before, votes) = (supply.votes_of(before), supply.votes_of(held));
        // If votes do not fall, stakes do not exceed them.
        let fall = Fall {
            participant: participant as u32,
            held: votes,
            tokens: held,
        };
        self.falls.add_if(votes < before, fall);
    }

    /// Updates stakes to the new holdings, in order of the changes. Votes that are not at stake cover a loss first;
    /// if they do not suffice, stakes fall by the rule of the mechanism.
    pub fn settle(&mut self, layout: &Layout) {
        let falls = &self.falls.all[..self.falls.count];
        if !falls.is_empty() {
            self.mechanism.take_back(
                self.vectors,
                self.run,
                layout,
                falls,
                &mut self.stakes,
                self.failing,
            );
            self.falls.count = 0;
        }
    }
}
