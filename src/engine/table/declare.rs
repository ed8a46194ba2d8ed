//! Declaration of tables.

use super::TableColumn;
use crate::engine::access::ColumnState;
use bevy_ecs::bundle::NoBundleEffect;
use bevy_ecs::prelude::*;

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
pub fn spread_column<C: TableColumn>(world: &mut World, slots: usize, from: usize, to: usize) {
    ColumnState::<&mut C>::find(world, |mut column| spread(column.slice(), slots, from, to));
}

/// Declares a table and the components of its rows: numbers, whose columns are plain slices, and records, which
/// are always read as a whole.
///
/// It expands to a type that names the table, a component per number (a `Copy` struct of one field), and
/// [`TableColumn`] for each component. A record is a component declared elsewhere, `Copy` and `Default`.
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

            impl $crate::engine::TableColumn for $column {
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

/// Makes a component a [`TableColumn`] of records: its slices contain the components themselves.
#[macro_export]
macro_rules! record {
    ($record:ident) => {
        impl $crate::engine::TableColumn for $record {
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
}
