//! The tables: entities of one kind, pooled in rows that never move, with their columns as slices.
//!
//! Entities are spawned once and used again from run to run; none is ever despawned, and none gains
//! or loses a component. So a row is an address, and a system reads and writes plain slices. A
//! system asks for just the columns that it uses, and finds them once a day for all runs.

use super::components::*;
use super::on_chain::OnChain;
use super::ranks::Ranks;
use super::slots::{self, Slot, TABLES, Table};
use bevy_ecs::bundle::NoBundleEffect;
use bevy_ecs::change_detection::ContiguousMut;
use bevy_ecs::component::Mutable;
use bevy_ecs::prelude::*;
use bevy_ecs::query::{ContiguousQueryData, QueryData};
use bevy_ecs::system::SystemParam;
use std::ops::Range;

/// Columns of one table, to be had as slices of one length: `&'static A` to be read,
/// `&'static mut A` to be written, or a tuple of such.
#[derive(SystemParam)]
pub struct Columns<'w, 's, D: QueryData + 'static>(Query<'w, 's, D>);

impl<'w, 's, D: ContiguousQueryData> Columns<'w, 's, D> {
    /// The columns with the rows of every run: a system finds them once a day.
    #[inline]
    pub fn whole(&mut self) -> Whole<'_, 's, D> {
        Columns(self.0.reborrow()).into_whole()
    }

    /// The columns with the rows of every run, for as long as the world is borrowed.
    #[inline]
    pub fn into_whole(self) -> Whole<'w, 's, D> {
        let tables = self.0.contiguous_iter_inner();
        let mut tables = tables.expect("components of tables are dense");
        Whole(tables.next())
    }
}

/// Columns of one table with the rows of every run; none where the table has no rows yet.
pub struct Whole<'w, 's, D: ContiguousQueryData>(Option<D::Contiguous<'w, 's>>);

impl<'w, 's, D> Whole<'w, 's, D>
where
    D: ContiguousQueryData,
    D::Contiguous<'w, 's>: Slices,
{
    /// A run's rows of the columns; empty slices where the table has no rows yet.
    #[inline]
    pub fn of(&mut self, slot: &Slot) -> <D::Contiguous<'w, 's> as Slices>::Out<'_> {
        match &mut self.0 {
            Some(columns) => columns.of(slot),
            None => Default::default(),
        }
    }
}

/// What the engine hands out of a table, as slices. Change ticks are left alone: nothing here asks
/// for them.
pub trait Slices {
    /// The slices.
    type Out<'a>: Default
    where
        Self: 'a;
    /// A run's rows, as slices.
    fn of(&mut self, slot: &Slot) -> Self::Out<'_>;
}

impl<C: Column> Slices for &[C] {
    type Out<'a>
        = &'a [C::Value]
    where
        Self: 'a;

    #[inline]
    fn of(&mut self, slot: &Slot) -> Self::Out<'_> {
        &C::values(self)[slot.rows(C::TABLE)]
    }
}

/// Some rows of a column.
#[inline(always)]
fn cut<'a, C: Column>(column: &'a mut ContiguousMut<C>, rows: &Range<usize>) -> &'a mut [C::Value] {
    &mut C::values_mut(column.bypass_change_detection())[rows.start..rows.end]
}

impl<C: Column> Slices for ContiguousMut<'_, C> {
    type Out<'a>
        = &'a mut [C::Value]
    where
        Self: 'a;

    #[inline]
    fn of(&mut self, slot: &Slot) -> Self::Out<'_> {
        cut(self, &slot.rows(C::TABLE))
    }
}

macro_rules! tuples {
    ($($($name:ident)+;)+) => {$(
        impl<$($name: Slices),+> Slices for ($($name,)+) {
            type Out<'a> = ($($name::Out<'a>,)+)
            where
                Self: 'a;

            #[inline]
            #[allow(non_snake_case, reason = "each value is named as its type")]
            fn of(&mut self, slot: &Slot) -> Self::Out<'_> {
                let ($($name,)+) = self;
                ($($name.of(slot),)+)
            }
        }
    )+};
}

tuples! {
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F G;
}

/// Several tables, with the columns that a system asks for: `$tables` is what the system takes,
/// `$whole` what it finds there once a day.
macro_rules! system_tables {
    ($(
        $(#[doc = $doc:literal])+
        $tables:ident, $whole:ident { $($field:ident: $columns:ty,)+ }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(bevy_ecs::system::SystemParam)]
        pub struct $tables<'w, 's> {
            $($field: $crate::world::tables::Columns<'w, 's, $columns>,)+
        }

        #[doc = concat!("The columns of [`", stringify!($tables), "`] with the rows of every run.")]
        pub struct $whole<'w, 's> {
            $($field: $crate::world::tables::Whole<'w, 's, $columns>,)+
        }

        impl<'s> $tables<'_, 's> {
            /// Finds the columns.
            #[inline]
            pub fn whole(&mut self) -> $whole<'_, 's> {
                $whole { $($field: self.$field.whole(),)+ }
            }
        }
    )+};
}
pub(crate) use system_tables;

/// How the rows of a table come to be.
pub struct Pool {
    /// Adds rows at the end.
    pub spawn: fn(&mut World, usize),
    /// Moves the rows of slots apart: how many slots, from and to how many rows each.
    pub spread: fn(&mut World, usize, usize, usize),
}

impl Pool {
    const fn single<C: Column + Component<Mutability = Mutable> + Default + Copy>() -> Self
    where
        C::Value: Copy,
    {
        Self {
            spawn: spawn::<C>,
            spread: spread::<C>,
        }
    }
}

fn spawn<B: Bundle<Effect: NoBundleEffect> + Default + Clone>(world: &mut World, rows: usize) {
    world.spawn_batch(std::iter::repeat_n(B::default(), rows));
}

fn spread<C>(world: &mut World, slots: usize, from: usize, to: usize)
where
    C: Column + Component<Mutability = Mutable> + Copy,
{
    let mut query = world.query::<&mut C>();
    let tables = query.contiguous_iter_mut(world);
    for table in tables.expect("components of tables are dense") {
        let mut table = table;
        slots::spread(table.bypass_change_detection(), slots, from, to);
    }
}

macro_rules! tables {
    ($(
        $(#[doc = $doc:literal])+
        $table:ident, $whole:ident, $columns:ident { $($field:ident: $component:ident,)+ }
    )+) => {$(
        $(#[doc = $doc])+
        pub type $table = ($(&'static mut $component,)+);

        #[doc = concat!("The columns of [`", stringify!($table), "`] with the rows of every run.")]
        #[allow(missing_docs, reason = "a column is documented at its component")]
        pub struct $whole<'w> {
            $(pub $field: ContiguousMut<'w, $component>,)+
        }

        impl<'w, 's> Whole<'w, 's, $table> {
            /// The columns by name.
            ///
            /// # Panics
            /// When the table has no rows yet.
            #[inline]
            pub fn named(self) -> $whole<'w> {
                let ($($field,)+) = self.0.expect("a world with a run has rows");
                $whole { $($field,)+ }
            }
        }

        impl $whole<'_> {
            /// A run's rows.
            #[inline]
            pub fn of(&mut self, slot: &Slot) -> $columns<'_> {
                let rows = slot.rows(Table::$table);
                $columns { $($field: cut(&mut self.$field, &rows),)+ }
            }
        }

        #[doc = concat!("The rows of one run of [`", stringify!($table), "`].")]
        #[allow(missing_docs, reason = "a column is documented at its component")]
        pub struct $columns<'a> {
            $(pub $field: &'a mut [<$component as Column>::Value],)+
        }

        impl<'a> From<($(&'a mut [<$component as Column>::Value],)+)> for $columns<'a> {
            #[inline]
            fn from(($($field,)+): ($(&'a mut [<$component as Column>::Value],)+)) -> Self {
                Self { $($field,)+ }
            }
        }

        impl $columns<'_> {
            const POOL: Pool = Pool {
                spawn: spawn::<($($component,)+)>,
                spread: |world, slots, from, to| {
                    $(spread::<$component>(world, slots, from, to);)+
                },
            };
        }
    )+};
}

tables! {
    /// Participants, a row each in order of arrival.
    Participants, WholeParticipants, ParticipantColumns {
        id: ParticipantId,
        holdings: Holdings,
        sentiment: OwnSentiment,
        swayed: Swayed,
        restake: Restake,
    }

    /// Proposals of every status, a row each in order of creation.
    Proposals, WholeProposals, ProposalColumns {
        id: ProposalId,
        requested: FundsRequested,
        status: Status,
        history: History,
        support: Support,
    }

    /// Seats, on which candidates gather support: the sums over a candidate's edges, in the order
    /// of the edges' lanes.
    Seats, WholeSeats, SeatColumns {
        occupant: Occupant,
        vacancy: Vacancy,
        requested: SeatRequest,
        born: Born,
        stake: StakeSum,
        conviction: ConvictionSum,
        ranks: Ranks,
    }

    /// Support edges; [`super::tiles`] says which row is whose.
    SupportEdges, WholeSupportEdges, SupportEdgeColumns {
        affinity: Affinity,
        stake: Stake,
        conviction: EdgeConviction,
    }

    /// Influence edges, a row each in the order drawn.
    InfluenceEdges, WholeInfluenceEdges, InfluenceEdgeColumns {
        edge: Influence,
        later: LaterInfluence,
    }
}

/// Conflict edges, a row each in the order drawn.
pub type ConflictEdges = &'static mut Conflict;

/// The pools, in the order of [`slots::Table`].
pub const POOLS: [Pool; TABLES] = [
    ParticipantColumns::POOL,
    ProposalColumns::POOL,
    SeatColumns::POOL,
    SupportEdgeColumns::POOL,
    InfluenceEdgeColumns::POOL,
    Pool::single::<Conflict>(),
    Pool::single::<OnChain>(),
];
