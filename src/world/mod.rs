//! The simulated DAO: a bevy_ecs world of participants, proposals and their edges, and the phases
//! of its day. Knows no files.
//!
//! | file | what it owns |
//! |---|---|
//! | [`components`] | what entities are made of |
//! | [`tables`] | pools of entities whose columns are plain slices |
//! | [`tiles`] | which support edge lives in which row |
//! | [`resources`] | the commons: supply, mood, day, tally |
//! | [`schedule`] | the order of a day |
//! | [`start`] | the initial state |
//! | [`arrivals`], [`mint`], [`progress`], [`release`], [`act`], [`accrue`] | the phases |
//! | [`chain`] | what runs in the contract's arithmetic keep besides |
//! | [`seating`], [`network`], [`ranks`], [`kernels`] | what several phases share |
//! | [`chance`] | what the phases ask of chance |

pub mod accrue;
pub mod act;
pub mod arrivals;
pub mod chain;
pub mod chance;
pub mod components;
#[cfg(debug_assertions)]
mod invariants;
pub mod kernels;
pub mod mint;
pub mod network;
pub mod progress;
pub mod ranks;
pub mod release;
pub mod resources;
pub mod schedule;
pub mod seating;
pub mod start;
pub mod tables;
pub mod tiles;
mod view;

pub use chance::Chance;
pub use components::{NONE, Status, Support};
pub use resources::{RunFailure, Supply, Tally};
pub use start::Start;
pub use view::{Passing, View};

use crate::model::{Arithmetic, Setting};
use arrivals::MOST_PROPOSALS_A_DAY;
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemState;
use chain::OnChain;
use components::{Conflict, Influence};
use fearless_simd::Level;
use resources::{Commons, PhaseLog};
use start::Beginning;
use tables::*;
use tiles::LANES;

/// A world that simulates one run after another. Its entities are kept from run to run.
pub struct Dao<C: Chance> {
    world: World,
    day: Schedule,
    beginning: SystemState<Beginning<'static, 'static>>,
    view: view::Access,
    commons: SystemState<ResMut<'static, Commons>>,
    pooled: Pooled,
    phantom: std::marker::PhantomData<C>,
}

/// Rows spawned in each pool.
#[derive(Default)]
struct Pooled {
    participants: usize,
    proposals: usize,
    seats: usize,
    edges: usize,
    influences: usize,
    conflicts: usize,
    on_chain: usize,
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
        world.insert_resource(Commons::new(vectors));
        #[cfg(debug_assertions)]
        world.init_resource::<invariants::Seen>();
        let beginning = SystemState::new(&mut world);
        let view = view::Access::new(&mut world);
        let commons = SystemState::new(&mut world);
        Self {
            world,
            commons,
            day: schedule::day::<C>(),
            beginning,
            view,
            pooled: Pooled::default(),
            phantom: std::marker::PhantomData,
        }
    }

    /// An empty world that keeps a [`Dao::phase_log`].
    pub fn logging_phases() -> Self {
        let mut dao = Self::new();
        dao.world.init_resource::<PhaseLog>();
        schedule::log_each_phase(&mut dao.day);
        dao
    }

    /// Supply and mood after each phase of the day simulated last.
    ///
    /// # Panics
    /// When the world was not made by [`Dao::logging_phases`].
    pub fn phase_log(&self) -> &[(Supply, f64)] {
        &self.world.resource::<PhaseLog>().0
    }

    /// Begins a run of `setting` from `start`. `detail` says whether to keep what nothing in
    /// the model depends on: conflict edges of new proposals, the conviction of each edge, and who
    /// supported the proposals that left.
    pub fn begin(&mut self, setting: &Setting, start: &Start, chance: C, detail: bool) {
        self.world.insert_resource(chance);
        #[cfg(debug_assertions)]
        self.world.insert_resource(invariants::Seen::default());
        let mut commons = self.world.resource_mut::<Commons>();
        commons.setting = *setting;
        commons.detail = detail;
        // At most one participant arrives a day.
        let stride = start.participants.len() + setting.days as usize;
        self.make_room(&Room {
            participants: stride,
            proposals: start.requests.len(),
            seats: start.requests.len(),
            stride,
            influences: start.influence.len(),
            conflicts: start.conflict.len(),
            on_chain: setting.arithmetic == Arithmetic::Contract,
        });
        self.beginning
            .get_mut(&mut self.world)
            .expect("every resource is there")
            .fill(start, stride);
        self.make_room_for_a_day()
            .expect("a run begins without failure");
    }

    /// Simulates one day.
    ///
    /// # Errors
    /// When the rules cannot say how the run goes on. The world then stays as the failing phase
    /// left it.
    pub fn advance(&mut self) -> Result<(), RunFailure> {
        self.day.run(&mut self.world);
        self.make_room_for_a_day()
    }

    /// The source of chance.
    pub fn chance(&mut self) -> &mut C {
        self.world.resource_mut::<C>().into_inner()
    }

    /// The state, to be read.
    pub fn view(&mut self) -> View<'_> {
        self.view.read(&mut self.world)
    }

    /// Sees to it that whatever can arrive in the next day finds a row: no system needs to spawn.
    /// Passes on why there is no next day, if there is none.
    fn make_room_for_a_day(&mut self) -> Result<(), RunFailure> {
        let commons = self.commons.get_mut(&mut self.world);
        let commons = commons.expect("every resource is there");
        if let Some(failure) = &commons.failure {
            return Err(failure.clone());
        }
        let (population, tiles) = (&commons.population, &commons.tiles);
        let candidates = tiles.candidates() + MOST_PROPOSALS_A_DAY;
        let room = Room {
            participants: population.participants + 1,
            proposals: population.proposals + MOST_PROPOSALS_A_DAY,
            seats: candidates.max(tiles.seats()),
            stride: tiles.stride(),
            influences: population.influences + 2 * population.participants,
            conflicts: population.conflicts + 2 * MOST_PROPOSALS_A_DAY * candidates,
            on_chain: commons.chain.is_some(),
        };
        self.make_room(&room);
        Ok(())
    }

    fn make_room(&mut self, room: &Room) {
        let (world, pooled) = (&mut self.world, &mut self.pooled);
        let tiles = room.seats.div_ceil(LANES);
        grow(&mut pooled.participants, room.participants, |n| {
            ParticipantColumns::spawn(world, n)
        });
        grow(&mut pooled.proposals, room.proposals, |n| {
            ProposalColumns::spawn(world, n)
        });
        grow(&mut pooled.seats, tiles * LANES, |n| {
            SeatColumns::spawn(world, n)
        });
        if room.on_chain {
            grow(&mut pooled.on_chain, tiles * LANES, |n| {
                spawn::<OnChain>(world, n)
            });
        }
        grow(&mut pooled.edges, tiles * room.stride * LANES, |n| {
            SupportEdgeColumns::spawn(world, n)
        });
        grow(&mut pooled.influences, room.influences, |n| {
            spawn::<Influence>(world, n)
        });
        grow(&mut pooled.conflicts, room.conflicts, |n| {
            spawn::<Conflict>(world, n)
        });
    }
}

fn spawn<C: Component + Default + Clone>(world: &mut World, rows: usize) {
    world.spawn_batch(std::iter::repeat_n(C::default(), rows));
}

/// Rows that must be there.
struct Room {
    participants: usize,
    proposals: usize,
    seats: usize,
    stride: usize,
    influences: usize,
    conflicts: usize,
    on_chain: bool,
}

/// Spawns what a pool lacks, and half as much again so that growth stays rare.
fn grow(pooled: &mut usize, needed: usize, spawn: impl FnOnce(usize)) {
    if *pooled < needed {
        let more = needed - *pooled + *pooled / 2;
        spawn(more);
        *pooled += more;
    }
}
