//! Batch: runs simulated in lockstep in one bevy_ecs world, which is reused for the next batch.
//!
//! | file | contents |
//! |---|---|
//! | `create` | creation of a batch, and of the entities of its runs |
//! | `room` | rows for the next days |
//! | `rows` | recorded rows of runs, by table |

mod create;
mod room;
mod rows;

pub use rows::TableRows;

use super::builder::{Begin, ModelBuilder};
use super::model::Model;
use super::random::Seeds;
use super::run::{Failing, Run, RunFailure};
use super::setting::Setting;
use super::systems::{Phase, RunsIn};
use super::table::per_slot;
use bevy_ecs::change_detection::ContiguousMut;
use bevy_ecs::component::{Component, Mutable};
use bevy_ecs::entity::Entity;
use bevy_ecs::query::QueryState;
use bevy_ecs::system::{BoxedSystem, In, SystemInput};
use bevy_ecs::world::World;
use fearless_simd::Level;
use room::Room;

/// Run to be simulated.
#[derive(Clone, Copy, Debug)]
pub struct RunOf<'a> {
    /// Setting on which it depends, apart from its random numbers.
    pub setting: &'a Setting,
    /// Seeds of its random streams.
    pub seeds: Seeds,
}

/// World that simulates runs, several at a time in lockstep. It keeps its entities, so that runs allocate nothing
/// once it is warm.
pub struct Batch {
    world: World,
    model: Model,
    kind: usize,
    vectors: Level,
    draw: Vec<BoxedSystem>,
    draw_steps: Vec<BoxedSystem<(), bool>>,
    fill: Vec<BoxedSystem>,
    day: Vec<SystemOfDay>,
    invariants: Vec<BoxedSystem>,
    looks: [Looks; 2],
    /// Entities of the runs, in the order of their slots.
    runs: Vec<Entity>,
    begun: usize,
    going_on: usize,
    room: Vec<Room>,
    /// Systems that return how many rows of each table runs may need.
    demands: Vec<BoxedSystem<In<u32>, usize>>,
    /// Systems that arrange rows for more room.
    rooms: Vec<BoxedSystem<In<u32>>>,
    /// Number of further days for which every table has enough room.
    ample_days: u32,
    /// Changes of each slot's run; empty unless settings may change.
    later: Vec<Changes>,
    /// True if no system is skipped.
    every_system: bool,
    every_run: QueryState<(&'static mut Run, &'static Failing)>,
}

/// System of each day.
struct SystemOfDay {
    phase: Phase,
    system: BoxedSystem,
    /// Batches in which it runs.
    runs_in: RunsIn,
    /// True if it runs: the setting of some run of the batch needs it, at the start or later.
    runs: bool,
}

/// Changes of a run's setting on later days.
#[derive(Default)]
struct Changes {
    of: Option<Setting>,
    days: Vec<(u32, Setting)>,
}

impl Changes {
    /// Prepares the changes of another run; does nothing if its setting is the same.
    fn begin(&mut self, setting: &Setting) {
        if self.of.as_ref() != Some(setting) {
            self.days = setting.schedule();
            self.of = Some(setting.clone());
        }
    }
}

/// Groups of columns that are filled at a moment, and the systems that fill them.
#[derive(Default)]
struct Looks {
    groups: Vec<usize>,
    systems: Vec<BoxedSystem>,
}

impl Batch {
    fn registry(&self) -> &ModelBuilder {
        &self.model.variants[self.kind].registry
    }

    /// Returns true if a run of this setting belongs to this kind of batch.
    pub fn is_for(&self, setting: &Setting) -> bool {
        self.model.kind(setting) == self.kind
    }

    /// Runs every system from the next runs on, even if no run needs it: results must not change.
    pub fn run_every_system(&mut self) {
        self.every_system = true;
    }

    /// Begins other runs, and drops the previous ones. They must belong to this kind of batch.
    pub fn begin<'a>(&mut self, runs: impl ExactSizeIterator<Item = RunOf<'a>>) {
        self.begin_unless(runs, || false);
    }

    /// Begins other runs like [`Batch::begin`], but stops if `stop` returns true while the initial state is drawn.
    /// Returns true if the runs were begun.
    pub fn begin_unless<'a>(
        &mut self,
        runs: impl ExactSizeIterator<Item = RunOf<'a>>,
        stop: impl Fn() -> bool,
    ) -> bool {
        self.set_up(runs);
        self.start_unless(stop)
    }

    /// First half of [`Batch::begin`]: gives runs their components, but no initial state yet.
    pub fn set_up<'a>(&mut self, runs: impl ExactSizeIterator<Item = RunOf<'a>>) {
        let slots = runs.len();
        for room in &mut self.room {
            room.per_slot = per_slot(room.rows, slots.max(1));
        }
        while self.runs.len() < slots {
            let run = self.spawn_run();
            self.runs.push(run);
        }
        self.begun = slots;
        let registry = &self.model.variants[self.kind].registry;
        if self.model.keys().scheduled_by().is_some() {
            self.later.resize_with(self.runs.len(), Changes::default);
        }
        for system in &mut self.day {
            let is_optional = matches!(system.runs_in, RunsIn::Needing(_));
            system.runs = self.every_system || !is_optional;
        }
        let mut before: Option<&Setting> = None;
        let world = &mut self.world;
        for (slot, (&entity, run)) in self.runs.iter().zip(runs).enumerate() {
            for component in &registry.components {
                match component.begin {
                    Begin::Clear(begin) => begin(world, entity),
                    Begin::Install(begin) => begin(run.setting, world, entity),
                    Begin::Seed(begin) => begin(run.seeds, world, entity),
                }
            }
            if let Some(later) = self.later.get_mut(slot) {
                later.begin(run.setting);
            }
            // Runs of one setting are neighbours.
            if !before.is_some_and(|before| std::ptr::eq(before, run.setting)) {
                before = Some(run.setting);
                let later = self.later.get(slot).map_or(&[][..], |later| &later.days);
                let settings = later.iter().map(|(_, setting)| setting);
                for setting in settings.chain([run.setting]) {
                    for system in &mut self.day {
                        if let RunsIn::Needing(needed) = system.runs_in {
                            system.runs |= needed(setting);
                        }
                    }
                }
            }
            put(world, entity, Failing::default());
            let horizon = world.get::<super::Horizon>(entity);
            let horizon = horizon.map_or(0, |horizon| horizon.days);
            let begun = Run {
                slot,
                slots,
                horizon,
                goes_on: true,
                went_on: true,
                ..Run::idle(self.vectors)
            };
            put(world, entity, begun);
        }
        for place in 0..self.day.len() {
            let is_busy = |phase| self.day.iter().any(|of| of.phase == phase && of.runs);
            match self.day[place].runs_in {
                RunsIn::Beside(phase) => self.day[place].runs = is_busy(phase),
                RunsIn::Without(phase) => self.day[place].runs = !is_busy(phase),
                _ => {}
            }
        }
        for &entity in &self.runs[slots..] {
            if let Some(mut run) = self.world.get_mut::<Run>(entity) {
                (run.goes_on, run.went_on, run.shown) = (false, false, false);
                run.slots = slots;
            }
        }
    }

    /// Second half of [`Batch::begin`]: draws the initial state, and fills rows.
    pub fn start(&mut self) {
        self.start_unless(|| false);
    }

    fn start_unless(&mut self, stop: impl Fn() -> bool) -> bool {
        run_all(&mut self.draw, &mut self.world);
        for step in &mut self.draw_steps {
            while run_system(step, (), &mut self.world) {
                if stop() {
                    return false;
                }
            }
        }
        self.make_room();
        run_all(&mut self.fill, &mut self.world);
        self.ample_days = 0;
        self.look_ahead();
        true
    }

    /// Simulates one day of every continuing run.
    pub fn advance(&mut self) {
        self.advance_by_phases(|_| {});
    }

    /// Simulates a day like [`Batch::advance`]; calls `ended` after each system of a phase, for timing.
    #[inline]
    pub fn advance_by_phases(&mut self, mut ended: impl FnMut(Phase)) {
        // All continuing runs have the same day.
        let mut today = 0;
        every_run(&mut self.every_run, &mut self.world, |run, _| {
            run.went_on = run.goes_on;
            if run.goes_on {
                run.day += 1;
                today = run.day;
            }
        });
        self.take_up_later_settings(today);
        // After every phase of each day, checks took longer than all simulations of the tests.
        let after_phases = today <= 2 || today.is_multiple_of(8);
        for place in 0..self.day.len() {
            let SystemOfDay {
                phase,
                system,
                runs,
                ..
            } = &mut self.day[place];
            let phase = *phase;
            if *runs {
                run_system(system, (), &mut self.world);
                ended(phase);
            }
            let next = self.day.get(place + 1);
            let check = || next.is_none_or(|next| after_phases && next.phase != phase);
            if !self.invariants.is_empty() && check() {
                run_all(&mut self.invariants, &mut self.world);
            }
        }
        self.look_ahead();
    }

    /// Installs the settings of runs that change on this day.
    fn take_up_later_settings(&mut self, today: u32) {
        let registry = &self.model.variants[self.kind].registry;
        for (&entity, later) in self.runs[..self.begun].iter().zip(&self.later) {
            for (_, setting) in later.days.iter().filter(|&&(day, _)| day == today) {
                if !self.world.get::<Run>(entity).is_some_and(|run| run.goes_on) {
                    continue;
                }
                for component in &registry.components {
                    if let Begin::Install(install) = component.begin {
                        install(setting, &mut self.world, entity);
                    }
                }
            }
        }
    }

    /// Ends the runs whose days are over. It makes room for all arrivals of the other runs' next day, so that no
    /// system needs to spawn.
    fn look_ahead(&mut self) {
        let mut going_on = 0;
        every_run(&mut self.every_run, &mut self.world, |run, failing| {
            run.goes_on &= failing.failure().is_none() && run.day < run.horizon;
            going_on += usize::from(run.goes_on);
        });
        self.going_on = going_on;
        match self.ample_days.checked_sub(1) {
            Some(left) => self.ample_days = left,
            None => self.make_room(),
        }
    }

    /// Returns the number of runs that have neither reached their horizon nor failed.
    pub fn going_on(&self) -> usize {
        self.going_on
    }

    /// Returns the number of begun runs.
    pub fn runs(&self) -> usize {
        self.begun
    }

    /// Returns the engine's data on a run.
    ///
    /// # Panics
    /// If fewer runs were begun.
    pub fn run(&self, run: usize) -> Run {
        *self.get(run)
    }

    /// Returns the failure of a failed run. The day of its failure was simulated to its end.
    pub fn failure(&self, run: usize) -> Option<&RunFailure> {
        self.get::<Failing>(run).failure()
    }

    /// Returns a component of a run.
    ///
    /// # Panics
    /// If fewer runs were begun, or no feature registers the component.
    pub fn get<C: Component>(&self, run: usize) -> &C {
        let component = self.world.get::<C>(self.runs[..self.begun][run]);
        component.expect("a component that a feature registers")
    }

    /// Returns a mutable component of a run.
    ///
    /// # Panics
    /// If fewer runs were begun, or no feature registers the component.
    pub fn get_mut<C: Component<Mutability = Mutable>>(&mut self, run: usize) -> &mut C {
        let component = self.world.get_mut::<C>(self.runs[..self.begun][run]);
        let component = component.expect("a component that a feature registers");
        component.into_inner()
    }
}

/// Calls `each` with the engine's data on each run and its failure, in no particular order.
#[inline]
fn every_run(
    query: &mut QueryState<(&'static mut Run, &'static Failing)>,
    world: &mut World,
    mut each: impl FnMut(&mut Run, &Failing),
) {
    let tables = query.contiguous_iter_mut(world);
    for (runs, failing) in tables.expect("components of runs are dense") {
        let (runs, _) = ContiguousMut::bypass_change_detection_split(runs);
        for (run, failing) in runs.iter_mut().zip(failing) {
            each(run, failing);
        }
    }
}

fn put<C: Component<Mutability = Mutable>>(world: &mut World, entity: Entity, component: C) {
    if let Some(mut there) = world.get_mut::<C>(entity) {
        *there = component;
    }
}

fn run_all(systems: &mut [BoxedSystem], world: &mut World) {
    for system in systems {
        run_system(system, (), world);
    }
}

#[inline]
fn run_system<I, O>(system: &mut BoxedSystem<I, O>, given: I::Inner<'_>, world: &mut World) -> O
where
    I: SystemInput + 'static,
    O: 'static,
{
    // A system is skipped only if a resource that it needs is missing.
    system
        .run(given, world)
        .expect("every resource that systems ask for is registered")
}
