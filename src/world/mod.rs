//! The simulated DAOs: a bevy_ecs world of runs, their participants, proposals and edges, and the
//! phases of their day. Knows no files.
//!
//! | file | what it owns |
//! |---|---|
//! | [`components`] | what entities are made of |
//! | [`tables`] | pools of entities whose columns are plain slices |
//! | [`tiles`] | which support edge lives in which row |
//! | [`slots`], [`room`] | which rows belong to which run, and how many it needs |
//! | [`commons`], [`supply`] | what a run holds once: supply, mood, day, tally |
//! | [`schedule`] | the order of a day |
//! | [`start`] | the initial state |
//! | [`arrivals`], [`mint`], [`progress`], [`release`], [`act`], [`accrue`] | the phases |
//! | [`on_chain`] | what runs in the contract's arithmetic keep besides |
//! | [`seating`], [`network`], [`ranks`], [`scratch`], [`kernels`] | what several phases share |
//! | [`chance`] | what the phases ask of chance |

pub mod accrue;
pub mod act;
pub mod arrivals;
pub mod chance;
pub mod commons;
pub mod components;
#[cfg(debug_assertions)]
mod invariants;
pub mod kernels;
pub mod mint;
pub mod network;
pub mod on_chain;
pub mod progress;
pub mod ranks;
pub mod release;
pub mod room;
pub mod schedule;
pub mod scratch;
pub mod seating;
pub mod slots;
pub mod start;
pub mod supply;
pub mod tables;
pub mod tiles;
mod view;

pub use chance::Chance;
pub use commons::{Detail, Group, RunFailure, Tally};
pub use components::{NONE, Status, Support};
pub use start::Start;
pub use supply::Supply;
pub use view::{Passing, View, Views};

use crate::model::Setting;
use bevy_ecs::prelude::*;
use bevy_ecs::query::QueryState;
use bevy_ecs::system::SystemState;
use commons::{Commons, PhaseLog, Vectors};
use fearless_simd::Level;
use schedule::Phase;
use slots::Room;
use start::Beginning;
use tables::POOLS;
use tiles::LANES;

/// A world that simulates runs, several at a time in lockstep. Its entities are kept from run to
/// run.
pub struct Dao<C: Chance> {
    world: World,
    day: Schedule,
    beginning: SystemState<Beginning<'static, 'static>>,
    view: view::Access,
    commons: QueryState<&'static mut Commons>,
    logs_phases: bool,
    /// The runs' entities, in the order of their slots.
    runs: Vec<Entity>,
    /// How many slots there are, and how many of them hold a run.
    slots: usize,
    begun: usize,
    /// How many runs go on.
    going_on: usize,
    /// Rows spawned.
    spawned: Room,
    /// Rows of each slot.
    room: Room,
    phantom: std::marker::PhantomData<C>,
}

impl<C: Chance> Default for Dao<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: Chance> Dao<C> {
    /// An empty world, for the widest vectors that the machine has.
    pub fn new() -> Self {
        Self::with_vectors(Level::new())
    }

    /// An empty world, for vectors of this width. Results are the same for all.
    pub fn with_vectors(vectors: Level) -> Self {
        let mut world = World::new();
        world.insert_resource(Vectors(vectors));
        Self {
            beginning: SystemState::new(&mut world),
            view: view::Access::new(&mut world),
            commons: world.query(),
            world,
            day: schedule::day::<C>(),
            logs_phases: false,
            runs: Vec::new(),
            slots: 0,
            begun: 0,
            going_on: 0,
            spawned: Room::default(),
            room: Room::default(),
            phantom: std::marker::PhantomData,
        }
    }

    /// An empty world that keeps a [`Dao::phase_log`].
    pub fn logging_phases() -> Self {
        let mut dao = Self::new();
        dao.logs_phases = true;
        schedule::log_each_phase(&mut dao.day);
        dao
    }

    /// Supply and mood after each phase of the day that a run simulated last.
    ///
    /// # Panics
    /// When the world was not made by [`Dao::logging_phases`].
    pub fn phase_log(&self, run: usize) -> &[(Supply, f64)] {
        let log = self.world.get::<PhaseLog>(self.runs[run]);
        &log.expect("a world that logs phases").0
    }

    /// Forgets the runs there were, and makes slots for others.
    pub fn clear(&mut self, slots: usize) {
        for mut commons in self.commons.iter_mut(&mut self.world) {
            commons.goes_on = false;
        }
        (self.slots, self.begun, self.going_on) = (slots, 0, 0);
        self.room = self.spawned.shared(slots.max(1));
    }

    /// Begins a run of `setting` from `start`, in the next slot. `detail` says what to keep
    /// besides what the model depends on. Runs are numbered in the order begun.
    ///
    /// # Panics
    /// When no slot is free.
    pub fn begin(&mut self, setting: &Setting, start: &Start, chance: C, detail: Detail) {
        assert!(self.begun < self.slots, "a free slot");
        if self.begun == self.runs.len() {
            let run = self.spawn_run();
            self.runs.push(run);
        }
        let shape = room::shape_to_begin(start);
        self.make_room(&room::to_begin(setting, start, shape));
        let run = self.runs[self.begun];
        let mut entity = self.world.entity_mut(run);
        entity.insert(chance);
        #[cfg(debug_assertions)]
        entity
            .entry::<invariants::Seen>()
            .or_default()
            .get_mut()
            .clear();
        let mut commons = entity.get_mut::<Commons>().expect("a run's entity");
        commons.slot = slots::Slot {
            number: self.begun,
            room: self.room,
        };
        commons.setting = *setting;
        commons.detail = detail;
        commons.goes_on = setting.days > 0;
        commons.ample_until = 0;
        self.begun += 1;
        self.beginning
            .get_mut(&mut self.world)
            .expect("queries are always valid")
            .fill(run, start, shape);
        self.look_ahead();
    }

    fn spawn_run(&mut self) -> Entity {
        let mut run = self.world.spawn(Commons::default());
        if self.logs_phases {
            run.insert(PhaseLog::default());
        }
        run.id()
    }

    /// Simulates one day of every run that goes on.
    pub fn advance(&mut self) {
        self.day.run(&mut self.world);
        self.look_ahead();
    }

    /// As [`Dao::advance`], phase by phase by schedules of their own ([`schedule::phase`]), so that
    /// each can be measured: calls `ended` as each ends.
    pub fn advance_by_phases(
        &mut self,
        phases: &mut [(Phase, Schedule)],
        mut ended: impl FnMut(Phase),
    ) {
        for (phase, schedule) in phases {
            schedule.run(&mut self.world);
            ended(*phase);
        }
        self.look_ahead();
    }

    /// How many runs have neither reached their horizon nor failed.
    pub fn going_on(&self) -> usize {
        self.going_on
    }

    /// Why a run could not go on, if it could not. Its state is then as the failing phase left it.
    pub fn failure(&self, run: usize) -> Option<&RunFailure> {
        let commons = self.world.get::<Commons>(self.runs[run]);
        commons.expect("a run's entity").failure.as_ref()
    }

    /// A run's source of chance.
    pub fn chance(&mut self, run: usize) -> &mut C {
        let chance = self.world.get_mut::<C>(self.runs[run]);
        chance.expect("a run's entity").into_inner()
    }

    /// The states of the runs, to be read.
    pub fn views(&mut self) -> Views<'_> {
        self.view.read(&mut self.world, &self.runs[..self.begun])
    }

    /// Ends the runs whose days are over, and sees to it that whatever can arrive in the next day
    /// of the others finds a row: no system needs to spawn.
    fn look_ahead(&mut self) {
        let mut needed = Room::default();
        let mut cramped = false;
        self.going_on = 0;
        for mut commons in self.commons.iter_mut(&mut self.world) {
            commons.goes_on &=
                commons.failure.is_none() && commons.today.day < commons.setting.days;
            if commons.goes_on {
                self.going_on += 1;
                if commons.today.day < commons.ample_until {
                    continue;
                }
                let ample = room::ample_days(&commons);
                commons.ample_until = commons.today.day + ample;
                if ample == 0 {
                    cramped |= room::shape_for_a_day(&commons) != commons.tiles.shape();
                    needed = needed.or(&room::for_a_day(&commons));
                }
            }
        }
        self.make_room(&needed);
        if cramped {
            self.enlarge();
        }
    }

    /// Makes room for more edges where there may be too few.
    fn enlarge(&mut self) {
        for &run in &self.runs[..self.begun] {
            let commons = self.world.get::<Commons>(run).expect("a run's entity");
            let shape = room::shape_for_a_day(commons);
            if commons.goes_on && shape != commons.tiles.shape() {
                self.beginning
                    .get_mut(&mut self.world)
                    .expect("queries are always valid")
                    .enlarge(run, shape);
            }
        }
    }

    /// Sees to it that every slot has this room.
    fn make_room(&mut self, room: &Room) {
        if self.room.holds(room) {
            return;
        }
        for (table, pool) in POOLS.iter().enumerate() {
            let (from, needed) = (self.room.0[table], room.0[table]);
            if from >= needed {
                continue;
            }
            // Half as much again, so that growth stays rare.
            let to = (needed + needed / 2).next_multiple_of(LANES);
            let lacking = (self.slots * to).saturating_sub(self.spawned.0[table]);
            (pool.spawn)(&mut self.world, lacking);
            self.spawned.0[table] += lacking;
            (pool.spread)(&mut self.world, self.begun, from, to);
            self.room.0[table] = to;
        }
        for mut commons in self.commons.iter_mut(&mut self.world) {
            commons.slot.room = self.room;
        }
    }
}
