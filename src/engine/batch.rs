//! Batch: runs simulated in lockstep in one bevy_ecs world, which is reused for the next batch.

use super::builder::{Begin, ModelBuilder, TableOf};
use super::columns::ArrayRef;
use super::model::Model;
use super::output::{Buffer, Choice, Leaving, Moment};
use super::random::Seeds;
use super::run::{Failing, NotFinite, Run, RunFailure};
use super::setting::Setting;
use super::systems::{Make, Phase, RunsIn, Start, When};
use super::table::{LANES, per_slot};
use bevy_ecs::change_detection::ContiguousMut;
use bevy_ecs::component::{Component, Mutable};
use bevy_ecs::entity::Entity;
use bevy_ecs::query::QueryState;
use bevy_ecs::system::{BoxedSystem, In, SystemInput};
use bevy_ecs::world::World;
use fearless_simd::Level;

/// Run to be simulated.
#[derive(Clone, Copy, Debug)]
pub struct RunOf<'a> {
    /// Setting on which it depends, apart from its random numbers.
    pub setting: &'a Setting,
    /// Seeds of its random streams.
    pub seeds: Seeds,
}

/// Spawned rows of a table, and rows per slot.
#[derive(Clone, Copy, Default)]
struct Room {
    rows: usize,
    per_slot: usize,
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
    /// Later settings of each slot's run.
    later: Vec<Schedule>,
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

/// Later settings of a run.
#[derive(Default)]
struct Schedule {
    of: Option<Setting>,
    days: Vec<(u32, Setting)>,
}

impl Schedule {
    /// Prepares the later settings of another run; does nothing if its setting is the same.
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
    /// Creates an empty batch of the kind for `setting`. Its runs fill every column of `tables`.
    pub fn new(model: &Model, setting: &Setting, tables: &[&'static str], vectors: Level) -> Self {
        let tables: Vec<_> = tables.iter().map(|table| Leaving::all(table)).collect();
        Self::leaving(model, setting, &tables, vectors)
    }

    /// Creates an empty batch whose runs fill only the chosen columns of each table.
    pub fn leaving(model: &Model, setting: &Setting, tables: &[Leaving], vectors: Level) -> Self {
        let kind = model.kind(setting);
        let registry = &model.variants[kind].registry;
        let mut world = World::new();
        for resource in &registry.resources {
            resource(&mut world);
        }
        let mut looks = <[Looks; 2]>::default();
        for output in &registry.outputs {
            let Some(leaving) = tables.iter().find(|of| of.table == output.name) else {
                continue;
            };
            if let Some(prepare) = output.prepare {
                prepare(&mut world);
            }
            let looks = &mut looks[usize::from(output.moment == Moment::End)];
            for (number, group) in registry.groups_for(output.name, &leaving.columns) {
                if !looks.groups.contains(&number) {
                    looks.groups.push(number);
                    looks.systems.push(ready((group.make)(), &mut world));
                }
            }
        }
        let stage = |stage: Start, world: &mut World| -> Vec<BoxedSystem> {
            let systems = registry.systems.iter();
            let systems = systems.filter(|system| system.when == When::Start(stage));
            systems
                .map(|system| ready((system.make)(), world))
                .collect()
        };
        let runs_in_tables = |runs_in: RunsIn| match runs_in {
            RunsIn::Leaving(table) => tables.iter().any(|of| of.table == table),
            _ => true,
        };
        let is_busy = |phase: Phase| {
            let mut systems = registry.systems.iter();
            systems.any(|of| of.when == When::Day(phase) && runs_in_tables(of.runs_in))
        };
        let invariants: &[Make] = if cfg!(debug_assertions) {
            &registry.invariants
        } else {
            &[]
        };
        Self {
            draw: stage(Start::Draw, &mut world),
            draw_steps: registry
                .start_steps
                .iter()
                .map(|make| ready(make(), &mut world))
                .collect(),
            fill: stage(Start::Fill, &mut world),
            day: registry
                .systems
                .iter()
                .filter(|system| match system.runs_in {
                    RunsIn::Beside(phase) => is_busy(phase),
                    runs_in => runs_in_tables(runs_in),
                })
                .filter_map(|system| match system.when {
                    When::Start(_) => None,
                    When::Day(phase) => Some(SystemOfDay {
                        phase,
                        system: ready((system.make)(), &mut world),
                        runs_in: system.runs_in,
                        runs: true,
                    }),
                })
                .collect(),
            invariants: invariants
                .iter()
                .map(|make| ready(make(), &mut world))
                .collect(),
            looks,
            runs: Vec::new(),
            begun: 0,
            going_on: 0,
            room: vec![Room::default(); registry.tables.len()],
            demands: registry
                .tables
                .iter()
                .map(|table| ready((table.demand)(), &mut world))
                .collect(),
            rooms: registry
                .rooms
                .iter()
                .map(|make| ready(make(), &mut world))
                .collect(),
            ample_days: 0,
            later: Vec::new(),
            every_system: false,
            every_run: world.query(),
            model: model.clone(),
            kind,
            vectors,
            world,
        }
    }

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
            self.later.resize_with(self.runs.len(), Schedule::default);
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
                day: 0,
                horizon,
                goes_on: true,
                went_on: true,
                shown: false,
                vectors: self.vectors,
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

    fn spawn_run(&mut self) -> Entity {
        let registry = &self.model.variants[self.kind].registry;
        let run = Run {
            slot: 0,
            slots: 1,
            day: 0,
            horizon: 0,
            goes_on: false,
            went_on: false,
            shown: false,
            vectors: self.vectors,
        };
        let mut entity = self.world.spawn((run, Failing::default()));
        for component in &registry.components {
            (component.insert)(&mut entity);
        }
        for looks in &self.looks {
            for &group in &looks.groups {
                (registry.groups[group].insert)(&mut entity);
            }
        }
        entity.id()
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

    /// Makes room for the next days of every run.
    fn make_room(&mut self) {
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

    /// Returns the failure of a failed run, whose state is as the failing phase left it.
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

    /// Adds the day's rows of daily tables for each run that continued to this day and for which `wanted` returns
    /// true.
    pub fn look(&mut self, wanted: impl Fn(&Run) -> bool) {
        every_run(&mut self.every_run, &mut self.world, |run, failing| {
            run.shown = run.went_on && failing.failure().is_none() && wanted(run);
        });
        run_all(&mut self.looks[0].systems, &mut self.world);
    }

    /// Adds the rows of tables that show the ends of runs.
    pub fn look_at_ends(&mut self) {
        let begun = self.begun;
        for (place, &run) in self.runs.iter().enumerate() {
            if let Some(mut run) = self.world.get_mut::<Run>(run) {
                run.shown = place < begun;
            }
        }
        run_all(&mut self.looks[1].systems, &mut self.world);
    }

    /// Returns the first column with a number that is not finite, among the untaken rows of a run.
    pub fn not_finite(&self, run: usize) -> Option<NotFinite> {
        let entity = self.runs[..self.begun][run];
        let groups = &self.registry().groups;
        let looks = self.looks.iter().flat_map(|looks| &looks.groups);
        looks
            .filter_map(|&group| (groups[group].rows)(&self.world, entity)?.not_finite())
            .map(|column| NotFinite { column })
            .next()
    }

    /// Moves the rows of a run in columns of a table to the end of `rows`.
    pub fn take(&mut self, run: usize, rows: &mut TableRows) {
        let entity = self.runs[..self.begun][run];
        let groups = &self.model.variants[self.kind].registry.groups;
        for (group, buffer) in &mut rows.groups {
            (groups[*group].take)(&mut self.world, entity, buffer.as_mut());
        }
    }
}

/// Rows of runs in one table, column by column.
pub struct TableRows {
    groups: Vec<(usize, Box<dyn Buffer>)>,
    /// Marks of the wanted columns; the others are read only to compute these.
    wanted: Vec<bool>,
}

impl TableRows {
    /// Creates a buffer without rows for every column of a table.
    pub fn new(model: &Model, table: &str) -> Self {
        Self::of(model, table, &Choice::All)
    }

    /// Creates a buffer without rows for the chosen columns of a table.
    pub fn of(model: &Model, table: &str, columns: &Choice) -> Self {
        let groups = model.variants[0].registry.groups_for(table, columns);
        let all = groups.iter().flat_map(|(_, group)| (group.columns)());
        Self {
            wanted: all.map(|column| columns.has(&column.name)).collect(),
            groups: groups
                .into_iter()
                .map(|(number, group)| (number, (group.buffer)()))
                .collect(),
        }
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.groups.first().map_or(0, |(_, buffer)| buffer.rows())
    }

    /// Returns true if there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drops all rows, and keeps their memory.
    pub fn clear(&mut self) {
        for (_, buffer) in &mut self.groups {
            buffer.forget();
        }
    }

    /// Returns the columns as arrays, in the order registered, and empties the buffer.
    pub fn arrays(&mut self) -> Vec<ArrayRef> {
        let groups = self.groups.iter_mut();
        let all = groups.flat_map(|(_, buffer)| buffer.take());
        let wanted = all.zip(&self.wanted).filter(|(_, wanted)| **wanted);
        wanted.map(|(array, _)| array).collect()
    }

    /// Returns the rows of one group of columns.
    pub fn group<B: super::Columns>(&mut self) -> Option<&mut B> {
        let mut groups = self.groups.iter_mut();
        groups.find_map(|(_, buffer)| buffer.as_any().downcast_mut())
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

/// Makes a system ready to run.
fn ready<I, O>(mut system: BoxedSystem<I, O>, world: &mut World) -> BoxedSystem<I, O>
where
    I: SystemInput + 'static,
    O: 'static,
{
    system.initialize(world);
    system
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
