//! Access of systems to the components of runs, by named views.

use super::access::{ColumnAccess, ColumnSet, ColumnTables};
use super::run::{BatchLayout, Run};
use bevy_ecs::system::SystemParam;
use fearless_simd::Level;

/// Access to the components of one run: a struct with named fields, declared by [`view!`](crate::view), or, for
/// few components, references to them: `&A` for reading, `&mut A` for writing, an `Option` of either if only an
/// extension registers it, or a tuple of these.
pub trait View {
    /// References to the components.
    type ColumnSet: ColumnSet;
    /// Value for one run.
    type Of<'w>;
    /// Returns the value for a run with these components.
    fn of(each: <Self::ColumnSet as ColumnSet>::Each<'_>) -> Self::Of<'_>;
}

impl<D: ColumnSet> View for D {
    type ColumnSet = D;
    type Of<'w> = D::Each<'w>;

    #[inline(always)]
    fn of(each: D::Each<'_>) -> D::Each<'_> {
        each
    }
}

/// Declares a named [`View`] of runs, for a system that accesses more than a few components.
///
/// The first parameter of the struct is the lifetime of its references, and each further one has one bound. A
/// component that one field writes may have no other field: adding such a system panics.
///
/// ```
/// use conviction::prelude::*;
///
/// # #[derive(Component, Default)]
/// # struct Land(f64);
/// # #[derive(Component, Default)]
/// # struct Rain(f64);
/// # #[derive(Component, Default)]
/// # struct Harvest(f64);
/// #
/// view! {
///     /// Land, rain, and the harvest that depends on them.
///     struct Growing<'w> {
///         land: &'w Land,
///         rain: Option<&'w Rain>,
///         harvest: &'w mut Harvest,
///     }
/// }
///
/// fn grow(mut runs: Runs<Growing>) {
///     for (_, of) in runs.batch() {
///         let rain = of.rain.map_or(1.0, |rain| rain.0);
///         of.harvest.0 += rain * of.land.0;
///     }
/// }
/// ```
#[macro_export]
macro_rules! view {
    (
        @as $trait:ident of $access:ident::$value:ident;
        $(#[$meta:meta])*
        $visible:vis struct $view:ident<$w:lifetime $(, $param:ident: $bound:path)*> {
            $($(#[$field_meta:meta])* $field_visible:vis $field:ident: $type:ty,)+
        }
    ) => {
        $(#[$meta])*
        $visible struct $view<$w $(, $param: $bound)*> {
            $(
                $(#[$field_meta])*
                $field_visible $field: <$type as $crate::engine::$access>::$value<$w>,
            )+
        }

        impl<$w $(, $param: $bound)*> $crate::engine::$trait for $view<$w $(, $param)*> {
            type ColumnSet = ($($type,)+);
            type Of<'each> = $view<'each $(, $param)*>;

            #[inline(always)]
            fn of(
                ($($field,)+): <Self::ColumnSet as $crate::engine::$access>::$value<'_>,
            ) -> Self::Of<'_> {
                $view { $($field),+ }
            }
        }
    };
    ($(#[$meta:meta])* $visible:vis struct $($declared:tt)+) => {
        $crate::view! { @as View of ColumnSet::Each; $(#[$meta])* $visible struct $($declared)+ }
    };
}

/// Access of a system to a [`View`] of each active run.
///
/// ```
/// use conviction::prelude::*;
///
/// settings! {
///     /// How fast a stock grows.
///     Growth {
///         rate: f64 = 0.1, "1/day", Domain::at_least(0.0), "growth of the stock";
///     }
/// }
///
/// #[derive(Component, Default)]
/// struct Stock(f64);
///
/// fn grow(mut runs: Runs<(&Growth, &mut Stock)>) {
///     for (_, (growth, stock)) in runs.batch() {
///         stock.0 += growth.rate * stock.0;
///     }
/// }
/// ```
#[derive(SystemParam)]
pub struct Runs<'w, 's, V: View<ColumnSet: 'static> + 'static>(
    ColumnAccess<'w, 's, (&'static Run, <V as View>::ColumnSet)>,
);

impl<V: View<ColumnSet: 'static>> Runs<'_, '_, V> {
    /// Iterates over the active runs of the batch, with their views. Locates the columns once a day for all
    /// runs.
    #[inline(always)]
    pub fn batch(&mut self) -> RunIter<'_, V> {
        RunIter::new(&mut self.0, false)
    }
}

/// Same as [`Runs`], but for the runs that output tables record: used by systems that fill columns.
#[derive(SystemParam)]
pub struct Sampled<'w, 's, V: View<ColumnSet: 'static> + 'static>(
    ColumnAccess<'w, 's, (&'static Run, <V as View>::ColumnSet)>,
);

impl<V: View<ColumnSet: 'static>> Sampled<'_, '_, V> {
    /// Iterates over the recorded runs, with their views.
    #[inline(always)]
    pub fn batch(&mut self) -> RunIter<'_, V> {
        RunIter::new(&mut self.0, true)
    }
}

/// Iterator over the runs of a batch, in the order of their slots.
pub struct RunIter<'w, V: View> {
    /// Vector level of systems.
    pub vectors: Level,
    slots: usize,
    shown: bool,
    tables: ColumnTables<'w, (&'static Run, V::ColumnSet)>,
    runs: &'w [Run],
    next: usize,
    columns: Option<<V::ColumnSet as ColumnSet>::Columns<'w>>,
}

impl<'w, V: View> RunIter<'w, V> {
    #[inline(always)]
    fn new(found: &'w mut ColumnAccess<'_, '_, (&'static Run, V::ColumnSet)>, shown: bool) -> Self {
        let mut batched = Self {
            vectors: Level::baseline(),
            slots: 1,
            shown,
            tables: found.tables(),
            runs: &[],
            next: 0,
            columns: None,
        };
        batched.next_table();
        if let Some(first) = batched.runs.first() {
            (batched.vectors, batched.slots) = (first.vectors, first.slots.max(1));
        }
        batched
    }

    /// Advances to the next table, if any: runs with other components are in another.
    #[inline(always)]
    fn next_table(&mut self) -> bool {
        let Some((runs, columns)) = self.tables.next() else {
            return false;
        };
        assert!(
            V::ColumnSet::count(&columns) >= runs.len(),
            "a run lacks a component"
        );
        (self.runs, self.next) = (runs, 0);
        self.columns = Some(columns);
        true
    }
}

impl<V: View> BatchLayout for RunIter<'_, V> {
    fn slots(&self) -> usize {
        self.slots
    }

    fn vectors(&self) -> Level {
        self.vectors
    }
}

impl<'w, V: View> Iterator for RunIter<'w, V> {
    type Item = (&'w Run, V::Of<'w>);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            while let (Some(run), Some(columns)) = (self.runs.get(self.next), &self.columns) {
                let place = self.next;
                self.next += 1;
                if if self.shown { run.shown } else { run.goes_on } {
                    // This runs for every column, system, run and day: separate iterators took a twentieth of a
                    // run's time.
                    // SAFETY: `next_table` checked that each column has as many components as there are runs,
                    // and no position is used twice.
                    return Some((run, V::of(unsafe { V::ColumnSet::each(columns, place) })));
                }
            }
            if !self.next_table() {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy_ecs::prelude::*;
    use bevy_ecs::system::RunSystemOnce;

    #[derive(Component)]
    struct Stock(u32);

    #[derive(Component)]
    struct Growth(u32);

    #[derive(Component)]
    struct Absent;

    crate::view! {
        struct Growing<'w> {
            growth: &'w Growth,
            stock: &'w mut Stock,
            absent: Option<&'w Absent>,
        }
    }

    fn run(slot: usize, goes_on: bool) -> Run {
        Run {
            slot,
            slots: 2,
            day: 0,
            horizon: 1,
            goes_on,
            went_on: true,
            shown: true,
            vectors: Level::baseline(),
        }
    }

    fn world() -> World {
        let mut world = World::new();
        world.spawn((run(0, true), Stock(1), Growth(3)));
        world.spawn((run(1, false), Stock(1), Growth(5)));
        world
    }

    #[test]
    fn fields_of_a_view_are_the_components_of_their_types() {
        fn grow(mut runs: Runs<Growing>) {
            for (run, of) in runs.batch() {
                assert_eq!(run.slot, 0);
                assert!(of.absent.is_none());
                of.stock.0 += of.growth.0;
            }
        }
        fn look(mut runs: Sampled<&Stock>) -> Vec<u32> {
            runs.batch().map(|(_, stock)| stock.0).collect()
        }
        let mut world = world();
        world.run_system_once(grow).unwrap();
        assert_eq!(world.run_system_once(look).unwrap(), [4, 1]);
    }

    #[test]
    #[should_panic(expected = "Stock, and accesses it a second time")]
    fn no_view_writes_and_reads_a_component() {
        crate::view! {
            #[allow(dead_code, reason = "the system is refused")]
            struct Both<'w> {
                stock: &'w mut Stock,
                growth: &'w Growth,
                again: Option<&'w Stock>,
            }
        }
        fn refused(_: Runs<Both>) {}
        world().run_system_once(refused).unwrap();
    }

    #[test]
    #[should_panic(expected = "Stock, and accesses it a second time")]
    fn no_view_writes_a_component_twice() {
        crate::view! {
            #[allow(dead_code, reason = "the system is refused")]
            struct Twice<'w> {
                first: &'w mut Stock,
                second: &'w mut Stock,
            }
        }
        fn refused(_: Sampled<Twice>) {}
        world().run_system_once(refused).unwrap();
    }

    #[test]
    #[should_panic(expected = "Stock, and accesses it a second time")]
    fn no_two_views_of_a_system_write_a_component() {
        fn refused(_: Runs<Growing>, _: Sampled<&Stock>) {}
        world().run_system_once(refused).unwrap();
    }

    #[test]
    #[should_panic(expected = "Run, and accesses it a second time")]
    fn no_view_writes_what_the_engine_reads() {
        fn refused(_: Runs<&mut Run>) {}
        world().run_system_once(refused).unwrap();
    }
}
