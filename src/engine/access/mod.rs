//! Locates the components that a system accesses.
//!
//! Queries of bevy_ecs do the same, but the compiler instantiates them for each of some two hundred
//! combinations of components. That took a seventh of the crate's compile time, and 2 % of a default run. Here
//! only the columns are taken per combination; finding the tables that have them is shared code. Writing does
//! not mark changes, since no system reads change ticks. Disabled entities, which queries skip by default, are
//! found, but do not occur.
//!
//! Resources with an entry per run would need no code here, but take about twice as long to locate as columns:
//! 7 ns more for each component, system and day of a batch.

mod column_set;

pub use column_set::{AccessBuilder, ColumnSet, Writable};

use bevy_ecs::archetype::{ArchetypeGeneration, Archetypes};
use bevy_ecs::change_detection::Tick;
use bevy_ecs::component::ComponentId;
use bevy_ecs::query::{Access, FilteredAccess};
use bevy_ecs::storage::{Table, TableId, Tables};
use bevy_ecs::system::{SystemAccess, SystemMeta, SystemParam, SystemParamValidationError};
use bevy_ecs::world::World;
use bevy_ecs::world::unsafe_world_cell::UnsafeWorldCell;
use column_set::accessed_twice;

/// Tables that have some components, among the archetypes examined so far.
struct Matching {
    needed: Vec<ComponentId>,
    tables: Vec<TableId>,
    looked_at: ArchetypeGeneration,
}

impl Matching {
    /// Examines new archetypes.
    #[inline]
    fn update(&mut self, archetypes: &Archetypes) {
        if self.looked_at != archetypes.generation() {
            self.look(archetypes);
        }
    }

    #[cold]
    fn look(&mut self, archetypes: &Archetypes) {
        self.looked_at = archetypes.generation();
        self.tables.clear();
        for archetype in archetypes.iter() {
            let has_all = self.needed.iter().all(|&id| archetype.contains(id));
            if has_all && !self.tables.contains(&archetype.table_id()) {
                self.tables.push(archetype.table_id());
            }
        }
    }
}

/// State that a system keeps between days for its access.
pub struct ColumnState<D: ColumnSet> {
    ids: D::Ids,
    access: Access,
    /// Components by name: bevy_ecs knows names only in debug mode.
    names: Vec<(ComponentId, &'static str)>,
    matching: Matching,
}

impl<D: ColumnSet> ColumnState<D> {
    /// Registers access to components.
    fn new(world: &mut World) -> Self {
        let mut builder = AccessBuilder {
            world,
            access: Access::default(),
            names: Vec::new(),
            needed: Vec::new(),
        };
        let ids = D::register(&mut builder);
        Self {
            ids,
            access: builder.access,
            names: builder.names,
            matching: Matching {
                needed: builder.needed,
                tables: Vec::new(),
                looked_at: ArchetypeGeneration::initial(),
            },
        }
    }

    /// Iterates over components outside any system.
    pub fn find(world: &mut World, mut each: impl FnMut(D::Columns<'_>)) {
        let mut state = Self::new(world);
        state.matching.update(world.archetypes());
        let mut found: ColumnAccess<D> = ColumnAccess {
            ids: &state.ids,
            tables: &state.matching.tables,
            all: &world.storages().tables,
        };
        found.tables().for_each(&mut each);
    }
}

/// Declares a system's access to components with these names.
fn declare(
    access: &Access,
    names: &[(ComponentId, &str)],
    meta: &SystemMeta,
    of_system: &mut SystemAccess,
) {
    let mut asked = FilteredAccess::matches_everything();
    asked.access_mut().extend(access);
    let all = of_system.require_shared_access::<Table>(meta);
    for (id, name) in names {
        let before = all.combined_access();
        if before.has_write(*id) || before.has_read(*id) && access.has_write(*id) {
            accessed_twice(name);
        }
    }
    all.add(asked);
}

/// Components that a system accesses.
pub struct ColumnAccess<'w, 's, D: ColumnSet> {
    ids: &'s D::Ids,
    tables: &'s [TableId],
    all: &'w Tables,
}

// SAFETY: `init_access` declares every column that is read or written, and panics on conflicts.
unsafe impl<D: ColumnSet + 'static> SystemParam for ColumnAccess<'_, '_, D> {
    type State = ColumnState<D>;
    type Item<'w, 's> = ColumnAccess<'w, 's, D>;

    fn init_state(world: &mut World) -> Self::State {
        ColumnState::new(world)
    }

    fn init_access(
        state: &Self::State,
        system_meta: &mut SystemMeta,
        system_access: &mut SystemAccess,
        _world: &mut World,
    ) {
        declare(&state.access, &state.names, system_meta, system_access);
    }

    #[inline]
    unsafe fn get_param<'w, 's>(
        state: &'s mut Self::State,
        _system_meta: &SystemMeta,
        world: UnsafeWorldCell<'w>,
        _change_tick: Tick,
    ) -> Result<Self::Item<'w, 's>, SystemParamValidationError> {
        state.matching.update(world.archetypes());
        Ok(ColumnAccess {
            ids: &state.ids,
            tables: &state.matching.tables,
            // SAFETY: only the columns that `init_access` declares are accessed.
            all: unsafe { &world.storages().tables },
        })
    }
}

impl<D: ColumnSet> ColumnAccess<'_, '_, D> {
    /// Iterates over the columns of each table that has them, and has rows.
    #[inline(always)]
    pub fn tables(&mut self) -> ColumnTables<'_, D> {
        ColumnTables {
            ids: self.ids,
            tables: self.tables.iter(),
            all: self.all,
        }
    }
}

/// Iterator over the columns of tables.
pub struct ColumnTables<'a, D: ColumnSet> {
    ids: &'a D::Ids,
    tables: std::slice::Iter<'a, TableId>,
    all: &'a Tables,
}

impl<'a, D: ColumnSet> Iterator for ColumnTables<'a, D> {
    type Item = D::Columns<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let table = self.all.get(*self.tables.next()?)?;
            if !table.is_empty() {
                // SAFETY: the ids are of this world, since a system runs in the world in which it was
                // initialised. The state is mutably borrowed while columns are held, and each table occurs
                // once.
                return unsafe { D::columns(self.ids, table) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy_ecs::component::Component;
    use bevy_ecs::system::RunSystemOnce;

    #[derive(Component, Clone, Copy, Debug, PartialEq)]
    struct Kept(u32);

    #[derive(Component, Clone, Copy)]
    struct Added(u32);

    /// Collects the components of a world, for tests.
    fn look(mut found: ColumnAccess<(&Kept, Option<&Added>)>) -> Vec<(u32, Option<u32>)> {
        let mut seen = Vec::new();
        for (kept, added) in found.tables() {
            for (place, kept) in kept.iter().enumerate() {
                seen.push((kept.0, added.map(|added| added[place].0)));
            }
        }
        seen
    }

    #[test]
    fn columns_are_found_in_every_table_that_has_them_also_in_new_ones() {
        let mut world = World::new();
        world.spawn_batch([Kept(1), Kept(2)]);
        world.spawn(Added(7));
        let look = world.register_system(look);
        assert_eq!(world.run_system(look).unwrap(), [(1, None), (2, None)]);
        world.spawn((Kept(3), Added(8)));
        let seen = world.run_system(look).unwrap();
        assert_eq!(seen, [(1, None), (2, None), (3, Some(8))]);
    }

    #[test]
    fn what_is_written_is_written() {
        fn double(mut found: ColumnAccess<&mut Kept>) {
            for mut kept in found.tables() {
                kept.slice().iter_mut().for_each(|kept| kept.0 *= 2);
            }
        }
        let mut world = World::new();
        let entity = world.spawn(Kept(4)).id();
        world.run_system_once(double).unwrap();
        assert_eq!(world.get::<Kept>(entity), Some(&Kept(8)));
    }

    #[test]
    #[should_panic(expected = "Kept, and accesses it a second time")]
    fn nothing_is_written_twice() {
        fn twice(_: ColumnAccess<(&mut Kept, Option<&Kept>)>) {}
        World::new().run_system_once(twice).unwrap();
    }

    #[test]
    #[should_panic(expected = "Kept, and accesses it a second time")]
    fn nothing_is_written_by_one_parameter_and_read_by_another() {
        fn twice(_: ColumnAccess<&Kept>, _: ColumnAccess<&mut Kept>) {}
        World::new().run_system_once(twice).unwrap();
    }
}
