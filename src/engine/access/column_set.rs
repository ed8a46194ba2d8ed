//! Types that state access to components: references, options of them, and tuples.

use bevy_ecs::component::{Component, ComponentId, Mutable, StorageType};
use bevy_ecs::query::Access;
use bevy_ecs::storage::Table;
use bevy_ecs::world::World;
use std::cell::UnsafeCell;
use std::marker::PhantomData;

/// Access to components of the same entities: `&A` for reading, `&mut A` for writing, an `Option` of either for
/// components that may be missing, or a tuple of these. Their lifetimes have no meaning. Other crates cannot
/// implement it.
pub trait ColumnSet: Sealed {
    /// Ids of the components.
    type Ids: Send + Sync + 'static;
    /// Their columns in a table.
    type Columns<'w>;
    /// Components of one entity.
    type Each<'w>;
    /// Registers the access.
    fn register(builder: &mut AccessBuilder) -> Self::Ids;
    /// Returns their columns in a table, if it has all required ones.
    ///
    /// # Safety
    /// `ids` must come from `register` of the same type, in the world of the table. While the columns are held,
    /// nothing else may write to them, and nothing else may hold the writable ones.
    unsafe fn columns<'w>(ids: &Self::Ids, table: &'w Table) -> Option<Self::Columns<'w>>;
    /// Returns the number of entities in every column.
    fn count(columns: &Self::Columns<'_>) -> usize;
    /// Returns the components at a position.
    ///
    /// # Safety
    /// The position must be below [`ColumnSet::count`]. Nothing else may use it while its components are held.
    unsafe fn each<'w>(columns: &Self::Columns<'w>, place: usize) -> Self::Each<'w>;
}

/// Types that may state access; other crates cannot add any.
mod sealed {
    pub trait Sealed {}
}

use sealed::Sealed;

/// Column whose components may be written.
pub struct Writable<'w, C> {
    first: *mut C,
    count: usize,
    lent: PhantomData<&'w mut [C]>,
}

impl<'w, C> Writable<'w, C> {
    /// Returns the complete column.
    #[inline(always)]
    pub fn slice(&mut self) -> &mut [C] {
        // SAFETY: `ColumnSet::columns` creates this from a whole column that nothing else holds. `ColumnSet::each`, which
        // lends single components, allows no other use of their positions.
        unsafe { std::slice::from_raw_parts_mut(self.first, self.count) }
    }
}

/// Builder of a system's access.
pub struct AccessBuilder<'w> {
    pub(super) world: &'w mut World,
    pub(super) access: Access,
    pub(super) names: Vec<(ComponentId, &'static str)>,
    pub(super) needed: Vec<ComponentId>,
}

impl AccessBuilder<'_> {
    /// Adds access to a component, for writing or only for reading.
    fn add<C: Component>(&mut self, to_write: bool) -> ComponentId {
        const { assert!(matches!(C::STORAGE_TYPE, StorageType::Table)) };
        let (id, name) = (
            self.world.register_component::<C>(),
            std::any::type_name::<C>(),
        );
        let before = &self.access;
        if before.has_write(id) || to_write && before.has_read(id) {
            accessed_twice(name);
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

/// Panics: a component that is written may be accessed only once.
#[cold]
pub(super) fn accessed_twice(component: &str) -> ! {
    panic!("a system writes to {component}, and accesses it a second time")
}

/// Returns the column of a table: its first component, and their number.
///
/// # Safety
/// The component must have this id in the table's world.
#[inline(always)]
unsafe fn column<C: Component>(id: ComponentId, table: &Table) -> Option<(*mut C, usize)> {
    // SAFETY: the caller guarantees that the id is the component's.
    let cells = unsafe { table.get_data_slice_for::<C>(id) }?;
    Some((UnsafeCell::raw_get(cells.as_ptr()), cells.len()))
}

impl<C: Component> Sealed for &C {}

impl<C: Component> ColumnSet for &C {
    type Ids = ComponentId;
    type Columns<'w> = &'w [C];
    type Each<'w> = &'w C;

    fn register(builder: &mut AccessBuilder) -> Self::Ids {
        builder.add::<C>(false)
    }

    #[inline(always)]
    unsafe fn columns<'w>(ids: &Self::Ids, table: &'w Table) -> Option<Self::Columns<'w>> {
        // SAFETY: the id was registered for the component; the caller guarantees that nothing writes to the
        // column.
        unsafe {
            column(*ids, table).map(|(first, count)| std::slice::from_raw_parts(first, count))
        }
    }

    #[inline(always)]
    fn count(columns: &Self::Columns<'_>) -> usize {
        columns.len()
    }

    #[inline(always)]
    unsafe fn each<'w>(columns: &Self::Columns<'w>, place: usize) -> Self::Each<'w> {
        // SAFETY: the caller guarantees that the position exists.
        unsafe { columns.get_unchecked(place) }
    }
}

impl<C: Component<Mutability = Mutable>> Sealed for &mut C {}

impl<C: Component<Mutability = Mutable>> ColumnSet for &mut C {
    type Ids = ComponentId;
    type Columns<'w> = Writable<'w, C>;
    type Each<'w> = &'w mut C;

    fn register(builder: &mut AccessBuilder) -> Self::Ids {
        builder.add::<C>(true)
    }

    #[inline(always)]
    unsafe fn columns<'w>(ids: &Self::Ids, table: &'w Table) -> Option<Self::Columns<'w>> {
        // SAFETY: the id was registered for the component.
        let (first, count) = unsafe { column(*ids, table) }?;
        Some(Writable {
            first,
            count,
            lent: PhantomData,
        })
    }

    #[inline(always)]
    fn count(columns: &Self::Columns<'_>) -> usize {
        columns.count
    }

    #[inline(always)]
    unsafe fn each<'w>(columns: &Self::Columns<'w>, place: usize) -> Self::Each<'w> {
        // SAFETY: this has exclusive access to the column, and the caller guarantees that the position exists
        // and is used only once.
        unsafe { &mut *columns.first.add(place) }
    }
}

impl<D: Sealed> Sealed for Option<D> {}

impl<D: ColumnSet> ColumnSet for Option<D> {
    type Ids = D::Ids;
    type Columns<'w> = Option<D::Columns<'w>>;
    type Each<'w> = Option<D::Each<'w>>;

    fn register(builder: &mut AccessBuilder) -> Self::Ids {
        let needed = builder.needed.len();
        let ids = D::register(builder);
        builder.needed.truncate(needed);
        ids
    }

    #[inline(always)]
    unsafe fn columns<'w>(ids: &Self::Ids, table: &'w Table) -> Option<Self::Columns<'w>> {
        // SAFETY: guaranteed by the caller.
        Some(unsafe { D::columns(ids, table) })
    }

    #[inline(always)]
    fn count(columns: &Self::Columns<'_>) -> usize {
        columns.as_ref().map_or(usize::MAX, D::count)
    }

    #[inline(always)]
    unsafe fn each<'w>(columns: &Self::Columns<'w>, place: usize) -> Self::Each<'w> {
        // SAFETY: the caller's guarantee covers existing columns.
        columns
            .as_ref()
            .map(|columns| unsafe { D::each(columns, place) })
    }
}

macro_rules! side_by_side {
    ($($($name:ident)+;)+) => {$(
        impl<$($name: Sealed),+> Sealed for ($($name,)+) {}

        impl<$($name: ColumnSet),+> ColumnSet for ($($name,)+) {
            type Ids = ($($name::Ids,)+);
            type Columns<'w> = ($($name::Columns<'w>,)+);
            type Each<'w> = ($($name::Each<'w>,)+);

            fn register(builder: &mut AccessBuilder) -> Self::Ids {
                ($($name::register(builder),)+)
            }

            #[inline(always)]
            #[allow(non_snake_case, reason = "each value is named as its type")]
            unsafe fn columns<'w>(ids: &Self::Ids, table: &'w Table) -> Option<Self::Columns<'w>> {
                let ($($name,)+) = ids;
                // SAFETY: guaranteed by the caller. No written column occurs twice: registering it would have panicked.
                unsafe { Some(($($name::columns($name, table)?,)+)) }
            }

            #[inline(always)]
            #[allow(non_snake_case, reason = "each value is named as its type")]
            fn count(columns: &Self::Columns<'_>) -> usize {
                let ($($name,)+) = columns;
                [$($name::count($name)),+].into_iter().fold(usize::MAX, usize::min)
            }

            #[inline(always)]
            #[allow(non_snake_case, reason = "each value is named as its type")]
            unsafe fn each<'w>(columns: &Self::Columns<'w>, place: usize) -> Self::Each<'w> {
                let ($($name,)+) = columns;
                // SAFETY: the caller's guarantee covers each column.
                unsafe { ($($name::each($name, place),)+) }
            }
        }
    )+};
}

of_tuples!(side_by_side);
