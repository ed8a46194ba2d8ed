//! Where the components lie that a system asks for.
//!
//! A query of bevy_ecs finds them as well, but it is compiled anew for each combination of components that
//! some system asks for, of which there are some two hundred: that took a seventh of the time in which the crate is
//! compiled, and 2 % of a default run. Here only the columns are taken by combination; which tables have them is found
//! once for all. Nothing asks when a component changed, so writing does not mark it; and what a query would pass over by
//! default, such as disabled entities, is found: there are none here.

use super::run::sealed::Sealed;
use bevy_ecs::archetype::{ArchetypeGeneration, Archetypes};
use bevy_ecs::change_detection::Tick;
use bevy_ecs::component::{Component, ComponentId, Mutable, StorageType};
use bevy_ecs::query::{Access, FilteredAccess};
use bevy_ecs::storage::{Table, TableId, Tables};
use bevy_ecs::system::{SystemAccess, SystemMeta, SystemParam, SystemParamValidationError};
use bevy_ecs::world::World;
use bevy_ecs::world::unsafe_world_cell::UnsafeWorldCell;
use std::cell::UnsafeCell;

/// Components of the same entities, as a system asks for them: `&'static A` to be read, `&'static mut A` to be
/// written, an `Option` of either where they may not be there, or a tuple of such.
pub trait Asked: Sealed + 'static {
    /// What tells their columns.
    type Ids: Send + Sync + 'static;
    /// Their columns in a table.
    type Columns<'w>;
    /// Notes what is asked for.
    fn ask(asking: &mut Asking) -> Self::Ids;
    /// Their columns in a table, if it has all that must be there.
    ///
    /// # Safety
    /// The ids are what `ask` of the same type gave, in the world of the table. While the columns are held nobody
    /// else writes to them, and nobody else holds those that can be written.
    unsafe fn columns<'w>(ids: &Self::Ids, table: &'w Table) -> Option<Self::Columns<'w>>;
}

/// What a system asks for.
pub struct Asking<'w> {
    world: &'w mut World,
    access: Access,
    names: Vec<(ComponentId, &'static str)>,
    needed: Vec<ComponentId>,
}

impl Asking<'_> {
    /// Asks for a component, to be written or only read.
    fn ask<C: Component>(&mut self, to_write: bool) -> ComponentId {
        const { assert!(matches!(C::STORAGE_TYPE, StorageType::Table)) };
        let (id, name) = (
            self.world.register_component::<C>(),
            std::any::type_name::<C>(),
        );
        let before = &self.access;
        if before.has_write(id) || to_write && before.has_read(id) {
            asked_twice(name);
        }
        if to_write {
            self.access.add_write(id);
        } else {
            self.access.add_read(id);
        }
        self.names.push((id, name));
        self.needed.push(id);
        id
    }
}

/// Ends in a panic: what is written can be asked for only once.
#[cold]
fn asked_twice(component: &str) -> ! {
    panic!("a system asks for {component} to be written, and asks for it once more")
}

/// A column of a table: where it begins, and how many components it has.
///
/// # Safety
/// The component has this id in the table's world.
#[inline(always)]
unsafe fn column<C: Component>(id: ComponentId, table: &Table) -> Option<(*mut C, usize)> {
    // SAFETY: the caller says that the id is the component's.
    let cells = unsafe { table.get_data_slice_for::<C>(id) }?;
    Some((UnsafeCell::raw_get(cells.as_ptr()), cells.len()))
}

impl<C: Component> Sealed for &'static C {}

impl<C: Component> Asked for &'static C {
    type Ids = ComponentId;
    type Columns<'w> = &'w [C];

    fn ask(asking: &mut Asking) -> Self::Ids {
        asking.ask::<C>(false)
    }

    #[inline(always)]
    unsafe fn columns<'w>(ids: &Self::Ids, table: &'w Table) -> Option<Self::Columns<'w>> {
        // SAFETY: the id was registered for the component; nobody writes to the column, as the caller says.
        unsafe {
            column(*ids, table).map(|(first, count)| std::slice::from_raw_parts(first, count))
        }
    }
}

impl<C: Component<Mutability = Mutable>> Sealed for &'static mut C {}

impl<C: Component<Mutability = Mutable>> Asked for &'static mut C {
    type Ids = ComponentId;
    type Columns<'w> = &'w mut [C];

    fn ask(asking: &mut Asking) -> Self::Ids {
        asking.ask::<C>(true)
    }

    #[inline(always)]
    unsafe fn columns<'w>(ids: &Self::Ids, table: &'w Table) -> Option<Self::Columns<'w>> {
        // SAFETY: the id was registered for the component; nobody else holds the column, as the caller says.
        unsafe {
            column(*ids, table).map(|(first, count)| std::slice::from_raw_parts_mut(first, count))
        }
    }
}

impl<D: Asked> Asked for Option<D> {
    type Ids = D::Ids;
    type Columns<'w> = Option<D::Columns<'w>>;

    fn ask(asking: &mut Asking) -> Self::Ids {
        let needed = asking.needed.len();
        let ids = D::ask(asking);
        asking.needed.truncate(needed);
        ids
    }

    #[inline(always)]
    unsafe fn columns<'w>(ids: &Self::Ids, table: &'w Table) -> Option<Self::Columns<'w>> {
        // SAFETY: as the caller says.
        Some(unsafe { D::columns(ids, table) })
    }
}

macro_rules! side_by_side {
    ($($($name:ident)+;)+) => {$(
        impl<$($name: Asked),+> Asked for ($($name,)+) {
            type Ids = ($($name::Ids,)+);
            type Columns<'w> = ($($name::Columns<'w>,)+);

            fn ask(asking: &mut Asking) -> Self::Ids {
                ($($name::ask(asking),)+)
            }

            #[inline(always)]
            #[allow(non_snake_case, reason = "each value is named as its type")]
            unsafe fn columns<'w>(ids: &Self::Ids, table: &'w Table) -> Option<Self::Columns<'w>> {
                let ($($name,)+) = ids;
                // SAFETY: as the caller says. No column is there twice if one is written: it could not be asked for.
                unsafe { Some(($($name::columns($name, table)?,)+)) }
            }
        }
    )+};
}

of_tuples!(side_by_side);

/// The tables that have some components, as far as they have been looked at.
struct Matching {
    needed: Vec<ComponentId>,
    tables: Vec<TableId>,
    looked_at: ArchetypeGeneration,
}

impl Matching {
    /// Looks at archetypes that are new.
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

/// What a system keeps from day to day of what it asks for.
pub struct Finder<D: Asked> {
    ids: D::Ids,
    access: Access,
    /// The components asked for, by name: bevy_ecs knows them only as it is debugged.
    names: Vec<(ComponentId, &'static str)>,
    matching: Matching,
}

impl<D: Asked> Finder<D> {
    /// Asks for components.
    fn new(world: &mut World) -> Self {
        let mut asking = Asking {
            world,
            access: Access::default(),
            names: Vec::new(),
            needed: Vec::new(),
        };
        let ids = D::ask(&mut asking);
        Self {
            ids,
            access: asking.access,
            names: asking.names,
            matching: Matching {
                needed: asking.needed,
                tables: Vec::new(),
                looked_at: ArchetypeGeneration::initial(),
            },
        }
    }

    /// Finds components, outside of any system.
    pub fn find(world: &mut World, mut each: impl FnMut(D::Columns<'_>)) {
        let mut finder = Self::new(world);
        finder.matching.update(world.archetypes());
        let mut found: Found<D> = Found {
            ids: &finder.ids,
            tables: &finder.matching.tables,
            all: &world.storages().tables,
        };
        found.tables().for_each(&mut each);
    }
}

/// Declares what a system accesses, in components with these names.
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
            asked_twice(name);
        }
    }
    all.add(asked);
}

/// The components that a system asks for.
pub struct Found<'w, 's, D: Asked> {
    ids: &'s D::Ids,
    tables: &'s [TableId],
    all: &'w Tables,
}

// SAFETY: `init_access` declares every column that is read or written, and panics where two may meet.
unsafe impl<D: Asked> SystemParam for Found<'_, '_, D> {
    type State = Finder<D>;
    type Item<'w, 's> = Found<'w, 's, D>;

    fn init_state(world: &mut World) -> Self::State {
        Finder::new(world)
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
        Ok(Found {
            ids: &state.ids,
            tables: &state.matching.tables,
            // SAFETY: of what is there only the columns are touched that `init_access` declares.
            all: unsafe { &world.storages().tables },
        })
    }
}

impl<D: Asked> Found<'_, '_, D> {
    /// The columns of each table that has them, and rows.
    #[inline(always)]
    pub fn tables(&mut self) -> FoundTables<'_, D> {
        FoundTables {
            ids: self.ids,
            tables: self.tables.iter(),
            all: self.all,
        }
    }
}

/// The columns of one table after another.
pub struct FoundTables<'a, D: Asked> {
    ids: &'a D::Ids,
    tables: std::slice::Iter<'a, TableId>,
    all: &'a Tables,
}

impl<'a, D: Asked> Iterator for FoundTables<'a, D> {
    type Item = D::Columns<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let table = self.all.get(*self.tables.next()?)?;
            if !table.is_empty() {
                // SAFETY: the ids are of this world, since a system is initialised with the world that it runs in.
                // What was found is borrowed to be changed for as long as columns are held, and each table comes
                // once.
                return unsafe { D::columns(self.ids, table) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy_ecs::system::RunSystemOnce;

    #[derive(Component, Clone, Copy, Debug, PartialEq)]
    struct Kept(u32);

    #[derive(Component, Clone, Copy)]
    struct Added(u32);

    /// What is kept, with what is added where it is.
    fn look(mut found: Found<(&'static Kept, Option<&'static Added>)>) -> Vec<(u32, Option<u32>)> {
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
        fn double(mut found: Found<&'static mut Kept>) {
            for kept in found.tables() {
                kept.iter_mut().for_each(|kept| kept.0 *= 2);
            }
        }
        let mut world = World::new();
        let entity = world.spawn(Kept(4)).id();
        world.run_system_once(double).unwrap();
        assert_eq!(world.get::<Kept>(entity), Some(&Kept(8)));
    }

    #[test]
    #[should_panic(expected = "Kept to be written, and asks for it once more")]
    fn nothing_is_written_twice() {
        fn twice(_: Found<(&'static mut Kept, Option<&'static Kept>)>) {}
        World::new().run_system_once(twice).unwrap();
    }

    #[test]
    #[should_panic(expected = "Kept to be written, and asks for it once more")]
    fn nothing_is_written_by_one_parameter_and_read_by_another() {
        fn twice(_: Found<&'static Kept>, _: Found<&'static mut Kept>) {}
        World::new().run_system_once(twice).unwrap();
    }
}
