//! Defines tables: entities of one kind, pooled in rows that never move, with their columns as slices.
//!
//! A batch simulates several runs in lockstep, so that they share the engine's daily overhead. Each run has a
//! **slot** in every table: as many rows as any run needs, slot after slot.
//!
//! ```text
//! column of a table   | slot 0 of run 0      | slot 1 of run 1      | …
//! rows of a run         0 1 2 … used, spare    0 1 2 … used, spare
//! ```
//!
//! A **row** is counted from the start of its slot, so slots can grow and move without consequences. Rows are
//! spawned once and reused from batch to batch; none is despawned, and none gains or loses a component. So a
//! row is an address, and a system reads and writes plain slices.

use super::found::{Asked, Finder, Found};
use super::run::sealed::Sealed;
use super::run::{OfBatch, Run};
use bevy_ecs::bundle::NoBundleEffect;
use bevy_ecs::component::{Component, Mutable};
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use std::ops::Range;

/// Number of rows in a vector; rows come in multiples of it.
pub const LANES: usize = 8;

/// Kind of entity, pooled in rows. [`table!`](crate::table) declares one.
pub trait Table: Send + Sync + 'static {
    /// Name, for errors.
    const NAME: &'static str;
    /// Adds rows at the end; returns their entities.
    fn spawn(world: &mut World, rows: usize) -> Vec<Entity>;
    /// Moves the rows of `slots` slots apart, from `from` to `to` rows each.
    fn spread(world: &mut World, slots: usize, from: usize, to: usize);
}

/// Component of the rows of a table, whose column is available as a slice.
pub trait Column: Component<Mutability = Mutable> + Copy + Default {
    /// Element of the column's slice.
    type Value;
    /// Returns a column for reading.
    fn values(column: &[Self]) -> &[Self::Value];
    /// Returns a column for writing.
    fn values_mut(column: &mut [Self]) -> &mut [Self::Value];
}

/// Access of a system to columns of one table: `&'static A` for reading, `&'static mut A` for writing, or a
/// tuple of these; `Option<&'static A>` if only an extension adds the column. Access only what is used:
/// locating a column costs some nanoseconds per day and batch.
///
/// ```
/// use conviction::prelude::*;
///
/// table! {
///     /// Jars, one row each.
///     Jars {
///         /// Contents of a jar.
///         Filled(f64) = 0.0;
///     }
/// }
///
/// #[derive(Component, Default)]
/// struct InUse(usize);
///
/// fn look(mut runs: Runs<&'static InUse>, mut rows: Rows<&'static Filled>) {
///     let batch = runs.batch();
///     let mut rows = rows.of_batch(&batch);
///     for (run, in_use) in batch {
///         let filled = &rows.of(run)[..in_use.0];
///         assert!(filled.iter().all(|filled| *filled >= 0.0));
///     }
/// }
/// ```
#[derive(SystemParam)]
pub struct Rows<'w, 's, D: Asked>(Found<'w, 's, D>);

impl<D: Asked> Rows<'_, '_, D> {
    /// Returns the columns with the rows of every run of a batch, located once a day.
    #[inline(always)]
    pub fn of_batch<'a>(&'a mut self, batch: &impl OfBatch) -> RowsOfBatch<'a, D>
    where
        D::Columns<'a>: Slices,
    {
        RowsOfBatch::new(&mut self.0, batch.slots())
    }
}

/// Columns of one table with the rows of every run; empty if the table has no rows.
pub struct RowsOfBatch<'w, D>
where
    D: Asked,
    D::Columns<'w>: Slices,
{
    columns: Option<D::Columns<'w>>,
    rows: usize,
    rows_per_slot: usize,
}

impl<'w, D> RowsOfBatch<'w, D>
where
    D: Asked,
    D::Columns<'w>: Slices,
{
    #[inline(always)]
    fn new(found: &'w mut Found<'_, '_, D>, slots: usize) -> Self {
        let mut tables = found.tables();
        let columns = tables.next();
        debug_assert!(
            tables.next().is_none(),
            "all rows of a table have the same components"
        );
        let rows = columns.as_ref().map_or(0, Slices::rows);
        Self {
            columns,
            rows,
            rows_per_slot: per_slot(rows, slots),
        }
    }

    /// Returns a run's rows of the columns; empty slices if the table has no rows.
    ///
    /// # Panics
    /// When the run does not belong to the batch.
    #[inline(always)]
    pub fn of(&mut self, run: &Run) -> <D::Columns<'w> as Slices>::Out<'_> {
        match &mut self.columns {
            Some(columns) => {
                let slots_end = self.rows - self.rows_per_slot;
                let first = run.slot * self.rows_per_slot;
                assert!(first <= slots_end, "a run of another batch");
                // Checking each column, used or not, took a fortieth of a run's instructions.
                // SAFETY: each column has at least `rows` rows, and the range ends there at the latest.
                unsafe { columns.slices(first..first + self.rows_per_slot) }
            }
            None => Default::default(),
        }
    }
}

/// Returns the number of rows per slot.
#[inline]
pub(super) fn per_slot(rows: usize, slots: usize) -> usize {
    rows / slots / LANES * LANES
}

/// Columns with the rows of every run, from which ranges are taken.
pub trait Slices: Sealed {
    /// Range of rows of each.
    type Out<'a>: Default
    where
        Self: 'a;
    /// Returns the number of rows in each column.
    fn rows(&self) -> usize;
    /// Returns a range of rows of each column.
    ///
    /// # Safety
    /// The range must not exceed [`Slices::rows`].
    unsafe fn slices(&mut self, rows: Range<usize>) -> Self::Out<'_>;
}

impl<C: Column> Slices for &[C] {
    type Out<'a>
        = &'a [C::Value]
    where
        Self: 'a;

    #[inline(always)]
    fn rows(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    unsafe fn slices(&mut self, rows: Range<usize>) -> Self::Out<'_> {
        // SAFETY: the caller guarantees that the rows exist.
        C::values(unsafe { self.get_unchecked(rows) })
    }
}

impl<C: Column> Slices for &mut [C] {
    type Out<'a>
        = &'a mut [C::Value]
    where
        Self: 'a;

    #[inline(always)]
    fn rows(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    unsafe fn slices(&mut self, rows: Range<usize>) -> Self::Out<'_> {
        // SAFETY: the caller guarantees that the rows exist.
        C::values_mut(unsafe { self.get_unchecked_mut(rows) })
    }
}

impl<S: Slices> Slices for Option<S> {
    type Out<'a>
        = Option<S::Out<'a>>
    where
        Self: 'a;

    #[inline(always)]
    fn rows(&self) -> usize {
        self.as_ref().map_or(usize::MAX, S::rows)
    }

    #[inline(always)]
    unsafe fn slices(&mut self, rows: Range<usize>) -> Self::Out<'_> {
        // SAFETY: the caller's guarantee covers existing columns.
        self.as_mut().map(|columns| unsafe { columns.slices(rows) })
    }
}

macro_rules! side_by_side {
    ($($first:ident $($name:ident)*;)+) => {$(
        impl<$first: Slices, $($name: Slices),*> Slices for ($first, $($name,)*) {
            type Out<'a> = ($first::Out<'a>, $($name::Out<'a>,)*)
            where
                Self: 'a;

            #[inline(always)]
            #[allow(non_snake_case, reason = "each value is named as its type")]
            fn rows(&self) -> usize {
                let ($first, $($name,)*) = self;
                [$first.rows(), $($name.rows(),)*].into_iter().fold(usize::MAX, usize::min)
            }

            #[inline(always)]
            #[allow(non_snake_case, reason = "each value is named as its type")]
            unsafe fn slices(&mut self, rows: Range<usize>) -> Self::Out<'_> {
                let ($first, $($name,)*) = self;
                // SAFETY: the caller's guarantee covers each column.
                unsafe { ($first.slices(rows.clone()), $($name.slices(rows.clone()),)*) }
            }
        }
    )+};
}

// At most eight: `Default` is not implemented for longer tuples of slices.
side_by_side! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}

/// Moves `count` blocks of `from` values apart, to `to` values each.
pub fn spread<T: Copy>(column: &mut [T], count: usize, from: usize, to: usize) {
    for block in (1..count).rev() {
        column.copy_within(block * from..(block + 1) * from, block * to);
    }
}

/// Adds rows of some components at the end of their table.
#[doc(hidden)]
pub fn spawn_rows<B>(world: &mut World, rows: usize) -> Vec<Entity>
where
    B: Bundle<Effect: NoBundleEffect> + Default + Clone,
{
    world
        .spawn_batch(std::iter::repeat_n(B::default(), rows))
        .collect()
}

/// Moves the slots of one column apart.
#[doc(hidden)]
pub fn spread_column<C: Column>(world: &mut World, slots: usize, from: usize, to: usize) {
    Finder::<&'static mut C>::find(world, |column| spread(column, slots, from, to));
}

/// Declares a table and the components of its rows: numbers, whose columns are plain slices, and records, which
/// are always read as a whole.
///
/// It expands to a type that names the table, a component per number (a `Copy` struct of one field), and
/// [`Column`] for each component. A record is a component declared elsewhere, `Copy` and `Default`.
#[macro_export]
macro_rules! table {
    (
        $(#[doc = $doc:literal])+
        $table:ident {
            $($(#[doc = $column_doc:literal])+ $column:ident($inner:ty) = $default:expr;)*
            $(record $record:ident;)*
        }
    ) => {
        $(#[doc = $doc])+
        pub struct $table;

        impl $crate::engine::Table for $table {
            const NAME: &'static str = stringify!($table);

            fn spawn(
                world: &mut $crate::bevy_ecs::world::World,
                rows: usize,
            ) -> Vec<$crate::bevy_ecs::entity::Entity> {
                $crate::engine::spawn_rows::<($($column,)* $($record,)*)>(world, rows)
            }

            fn spread(
                world: &mut $crate::bevy_ecs::world::World,
                slots: usize,
                from: usize,
                to: usize,
            ) {
                $($crate::engine::spread_column::<$column>(world, slots, from, to);)*
                $($crate::engine::spread_column::<$record>(world, slots, from, to);)*
            }
        }

        $(
            $(#[doc = $column_doc])+
            #[derive(
                $crate::bevy_ecs::component::Component,
                Clone,
                Copy,
                Debug,
                $crate::bytemuck::TransparentWrapper,
            )]
            #[repr(transparent)]
            pub struct $column(pub $inner);

            impl Default for $column {
                fn default() -> Self {
                    Self($default)
                }
            }

            impl $crate::engine::Column for $column {
                type Value = $inner;

                fn values(column: &[Self]) -> &[$inner] {
                    $crate::bytemuck::TransparentWrapper::peel_slice(column)
                }

                fn values_mut(column: &mut [Self]) -> &mut [$inner] {
                    $crate::bytemuck::TransparentWrapper::peel_slice_mut(column)
                }
            }
        )*

        $($crate::record!($record);)*
    };
}

/// Makes a component a [`Column`] of records: its slices contain the components themselves.
#[macro_export]
macro_rules! record {
    ($record:ident) => {
        impl $crate::engine::Column for $record {
            type Value = Self;

            fn values(column: &[Self]) -> &[Self] {
                column
            }

            fn values_mut(column: &mut [Self]) -> &mut [Self] {
                column
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_move_apart_with_what_they_hold() {
        let mut column: Vec<usize> = (0..6).collect();
        column.resize(15, 99);
        spread(&mut column, 3, 2, 5);
        for slot in 0..3 {
            assert_eq!(column[slot * 5..][..2], [2 * slot, 2 * slot + 1]);
        }
    }

    #[test]
    fn slots_come_in_eights() {
        assert_eq!(
            [per_slot(100, 3), per_slot(96, 3), per_slot(7, 1)],
            [32, 32, 0]
        );
    }
}
