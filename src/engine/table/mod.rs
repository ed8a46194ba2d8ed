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

mod declare;

pub use declare::{spawn_rows, spread, spread_column};

use super::access::{ColumnAccess, ColumnSet, Writable};
use super::run::{BatchLayout, Run};
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
pub trait TableColumn: Component<Mutability = Mutable> + Copy + Default {
    /// Element of the column's slice.
    type Value;
    /// Returns a column for reading.
    fn values(column: &[Self]) -> &[Self::Value];
    /// Returns a column for writing.
    fn values_mut(column: &mut [Self]) -> &mut [Self::Value];
}

/// Access to the rows of a table: a struct with named fields, declared by
/// [`rows_view!`](crate::rows_view), or, for few columns, references to their components: `&A` for reading,
/// `&mut A` for writing, `Option<&A>` if only an extension adds the column, or a tuple of these.
pub trait RowsView {
    /// References to the components.
    type ColumnSet: Slices;
    /// Slices of one run's rows.
    type Of<'w>;
    /// Returns the value for these slices.
    fn of(slices: <Self::ColumnSet as Slices>::Out<'_>) -> Self::Of<'_>;
}

impl<D: Slices> RowsView for D {
    type ColumnSet = D;
    type Of<'w> = D::Out<'w>;

    #[inline(always)]
    fn of(slices: D::Out<'_>) -> D::Out<'_> {
        slices
    }
}

/// Declares a named [`RowsView`], for more than a few columns of a table. Its fields are declared as
/// references to components, and are slices of what the components hold.
///
/// ```
/// use conviction::prelude::*;
///
/// # table! {
/// #     /// Jars, one row each.
/// #     Jars {
/// #         /// Size of a jar.
/// #         Size(f64) = 1.0;
/// #         /// Contents of a jar.
/// #         Filled(f64) = 0.0;
/// #     }
/// # }
/// #
/// # #[derive(Component, Default)]
/// # struct InUse(usize);
/// #
/// rows_view! {
///     /// Jars that are being filled.
///     struct Filling<'w> {
///         size: &'w Size,
///         filled: &'w mut Filled,
///     }
/// }
///
/// fn fill(mut runs: Runs<&InUse>, mut jars: Rows<Filling>) {
///     let batch = runs.batch();
///     let mut jars = jars.of_batch(&batch);
///     for (run, in_use) in batch {
///         let jars = jars.of(run);
///         jars.filled[..in_use.0].copy_from_slice(&jars.size[..in_use.0]);
///     }
/// }
/// ```
#[macro_export]
macro_rules! rows_view {
    ($($declared:tt)*) => {
        $crate::view! { @as RowsView of Slices::Out; $($declared)* }
    };
}

/// Access of a system to a [`RowsView`] of one table. Access only what is used: locating a column costs some
/// nanoseconds per day and batch.
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
/// fn look(mut runs: Runs<&InUse>, mut rows: Rows<&Filled>) {
///     let batch = runs.batch();
///     let mut rows = rows.of_batch(&batch);
///     for (run, in_use) in batch {
///         let filled = &rows.of(run)[..in_use.0];
///         assert!(filled.iter().all(|filled| *filled >= 0.0));
///     }
/// }
/// ```
#[derive(SystemParam)]
pub struct Rows<'w, 's, V: RowsView<ColumnSet: 'static> + 'static>(
    ColumnAccess<'w, 's, <V as RowsView>::ColumnSet>,
);

impl<V: RowsView<ColumnSet: 'static>> Rows<'_, '_, V> {
    /// Returns the columns with the rows of every run of a batch, located once a day.
    #[inline(always)]
    pub fn of_batch(&mut self, batch: &impl BatchLayout) -> RowsOfBatch<'_, V> {
        RowsOfBatch::new(&mut self.0, batch.slots())
    }
}

/// Columns of one table with the rows of every run; empty if the table has no rows.
pub struct RowsOfBatch<'w, V: RowsView> {
    columns: Option<<V::ColumnSet as ColumnSet>::Columns<'w>>,
    rows: usize,
    rows_per_slot: usize,
}

impl<'w, V: RowsView> RowsOfBatch<'w, V> {
    #[inline(always)]
    fn new(found: &'w mut ColumnAccess<'_, '_, V::ColumnSet>, slots: usize) -> Self {
        let mut tables = found.tables();
        let columns = tables.next();
        debug_assert!(
            tables.next().is_none(),
            "all rows of a table have the same components"
        );
        let rows = columns.as_ref().map_or(0, V::ColumnSet::count);
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
    pub fn of(&mut self, run: &Run) -> V::Of<'_> {
        V::of(match &mut self.columns {
            Some(columns) => {
                let slots_end = self.rows - self.rows_per_slot;
                let first = run.slot * self.rows_per_slot;
                assert!(first <= slots_end, "a run of another batch");
                // Checking each column, used or not, took a fortieth of a run's instructions.
                // SAFETY: each column has at least `rows` rows, and the range ends there at the latest.
                unsafe { V::ColumnSet::slices(columns, first..first + self.rows_per_slot) }
            }
            None => Default::default(),
        })
    }
}

/// Returns the number of rows per slot.
#[inline]
pub(super) fn per_slot(rows: usize, slots: usize) -> usize {
    rows / slots / LANES * LANES
}

/// Access to columns with the rows of every run, from which ranges are taken.
pub trait Slices: ColumnSet {
    /// Range of rows of each.
    type Out<'a>: Default;
    /// Returns a range of rows of each column.
    ///
    /// # Safety
    /// The range must not exceed [`ColumnSet::count`].
    unsafe fn slices<'a>(columns: &'a mut Self::Columns<'_>, rows: Range<usize>) -> Self::Out<'a>;
}

impl<C: TableColumn> Slices for &C {
    type Out<'a> = &'a [C::Value];

    #[inline(always)]
    unsafe fn slices<'a>(columns: &'a mut &[C], rows: Range<usize>) -> Self::Out<'a> {
        // SAFETY: the caller guarantees that the rows exist.
        C::values(unsafe { columns.get_unchecked(rows) })
    }
}

impl<C: TableColumn> Slices for &mut C {
    type Out<'a> = &'a mut [C::Value];

    #[inline(always)]
    unsafe fn slices<'a>(columns: &'a mut Writable<'_, C>, rows: Range<usize>) -> Self::Out<'a> {
        // SAFETY: the caller guarantees that the rows exist.
        C::values_mut(unsafe { columns.slice().get_unchecked_mut(rows) })
    }
}

impl<D: Slices> Slices for Option<D> {
    type Out<'a> = Option<D::Out<'a>>;

    #[inline(always)]
    unsafe fn slices<'a>(columns: &'a mut Self::Columns<'_>, rows: Range<usize>) -> Self::Out<'a> {
        // SAFETY: the caller's guarantee covers existing columns.
        columns
            .as_mut()
            .map(|columns| unsafe { D::slices(columns, rows) })
    }
}

macro_rules! side_by_side {
    ($($($name:ident)+;)+) => {$(
        impl<$($name: Slices),+> Slices for ($($name,)+) {
            type Out<'a> = ($($name::Out<'a>,)+);

            #[inline(always)]
            #[allow(non_snake_case, reason = "each value is named as its type")]
            unsafe fn slices<'a>(
                columns: &'a mut Self::Columns<'_>,
                rows: Range<usize>,
            ) -> Self::Out<'a> {
                let ($($name,)+) = columns;
                // SAFETY: the caller's guarantee covers each column.
                unsafe { ($($name::slices($name, rows.clone()),)+) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_come_in_eights() {
        assert_eq!(
            [per_slot(100, 3), per_slot(96, 3), per_slot(7, 1)],
            [32, 32, 0]
        );
    }
}
