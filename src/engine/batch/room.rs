//! Makes room for the rows of runs.

use super::{Batch, run_system};
use crate::engine::builder::TableOf;
use crate::engine::table::{LANES, per_slot};

/// Spawned rows of a table, and rows per slot.
#[derive(Clone, Copy, Default)]
pub(super) struct Room {
    pub rows: usize,
    pub per_slot: usize,
}

impl Batch {
    /// Makes room for the next days of every run.
    pub(super) fn make_room(&mut self) {
        /// Days of room after a table has grown, and days below which it must grow.
        const PLENTY: u32 = 8;
        const ENOUGH: u32 = 4;
        let mut days = PLENTY;
        for table in 0..self.room.len() {
            let mut needed = |days| run_system(&mut self.demands[table], days, &mut self.world);
            let plenty = needed(PLENTY);
            if plenty <= self.room[table].per_slot {
                continue;
            }
            let enough = needed(ENOUGH);
            if enough <= self.room[table].per_slot {
                days = ENOUGH;
            } else {
                // Half as much again, so that growth remains rare.
                self.grow(table, plenty.max(enough + enough / 2));
            }
        }
        for room in &mut self.rooms {
            run_system(room, days, &mut self.world);
        }
        self.ample_days = days - 1;
    }

    /// Gives every slot at least this many rows of a table.
    fn grow(&mut self, table: usize, rows: usize) {
        let slots = self.begun.max(1);
        let TableOf {
            spawn,
            spread,
            more,
            ..
        } = self.registry().tables[table].clone();
        let room = &mut self.room[table];
        let from = room.per_slot;
        let to = rows.next_multiple_of(LANES);
        let lacking = (slots * to).saturating_sub(room.rows);
        let rows = spawn(&mut self.world, lacking);
        for column in &more {
            (column.insert)(&mut self.world, &rows);
        }
        room.rows += lacking;
        debug_assert_eq!(per_slot(room.rows, slots), to, "systems count rows so");
        room.per_slot = to;
        spread(&mut self.world, slots, from, to);
        for column in &more {
            (column.spread)(&mut self.world, slots, from, to);
        }
    }
}
