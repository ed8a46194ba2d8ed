//! The tables: entities of one kind, pooled in rows that never move, with their columns as slices.
//!
//! Entities are spawned once and used again from run to run; none is ever despawned, and none gains
//! or loses a component. So a row is an address, and a system reads and writes plain slices.

use super::components::*;
use bevy_ecs::change_detection::ContiguousMut;
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use bytemuck::TransparentWrapper;

/// A column of bare numbers. Change ticks are left alone: nothing here asks for them.
fn bare<T, C: TransparentWrapper<T>>(column: ContiguousMut<'_, C>) -> &mut [T] {
    C::peel_slice_mut(ContiguousMut::bypass_change_detection_split(column).0)
}

fn as_is<C>(column: ContiguousMut<'_, C>) -> &mut [C] {
    ContiguousMut::bypass_change_detection_split(column).0
}

// Tables that share a component say so (`apart from`), so that one system may use them together.
macro_rules! table {
    (
        $(#[doc = $doc:literal])+
        $table:ident, $columns:ident, $marker:ident apart from [$($other:ident),*] {
            $($field:ident: $component:ident => $peel:ident $inner:ty,)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(SystemParam)]
        pub struct $table<'w, 's>(
            Query<
                'w,
                's,
                ($(&'static mut $component,)+),
                (With<$marker>, $(Without<$other>,)*),
            >,
        );

        #[doc = concat!("The columns of [`", stringify!($table), "`], a row per pooled entity.")]
        #[derive(Default)]
        #[allow(missing_docs, reason = "a column is documented at its component")]
        pub struct $columns<'a> {
            $(pub $field: &'a mut [$inner],)+
        }

        #[doc = concat!("Marks the entities of [`", stringify!($table), "`].")]
        #[derive(Component, Clone, Copy, Default)]
        pub struct $marker;

        impl<'w, 's> $table<'w, 's> {
            /// The columns, as slices of one length.
            #[inline]
            pub fn columns(&mut self) -> $columns<'_> {
                $table(self.0.reborrow()).into_columns()
            }

            /// The columns, for as long as the world is borrowed.
            #[inline]
            pub fn into_columns(self) -> $columns<'w> {
                let mut tables = self
                    .0
                    .contiguous_iter_inner()
                    .expect("table components are dense");
                match tables.next() {
                    Some(($($field,)+)) => $columns { $($field: $peel($field),)+ },
                    None => $columns::default(),
                }
            }
        }

        impl $marker {
            /// Adds `rows` entities at the end of the pool.
            pub fn spawn(world: &mut World, rows: usize) {
                let bundle = ($marker, $($component::default(),)+);
                world.spawn_batch(std::iter::repeat_n(bundle, rows));
            }
        }
    };
}

table! {
    /// Participants, a row each in order of arrival.
    Participants, ParticipantColumns, Participant apart from [Proposal] {
        id: Id => bare u32,
        holdings: Holdings => bare f64,
        sentiment: OwnSentiment => bare f64,
        influence_sum: InfluenceSum => bare f64,
        first_influence: FirstInfluence => bare u32,
        restake: Restake => bare bool,
    }
}

table! {
    /// Proposals of every status, a row each in order of creation.
    Proposals, ProposalColumns, Proposal apart from [Participant, SeatOfCandidate, SupportEdge] {
        id: Id => bare u32,
        requested: FundsRequested => bare f64,
        status: Status => as_is Status,
        created: Created => bare u32,
        left_candidacy: LeftCandidacy => bare u32,
        conviction: Conviction => bare f64,
        trigger: Trigger => bare f64,
        passed_trigger: PassedTrigger => bare f64,
        support: Support => as_is Support,
        seat: Seat => bare u32,
        settlement: Settlement => as_is Settlement,
    }
}

table! {
    /// Seats, on which candidates gather support: the sums over a candidate's edges, in the order
    /// of the edges' lanes.
    Seats, SeatColumns, SeatOfCandidate apart from [Proposal, SupportEdge] {
        occupant: Occupant => bare u32,
        requested: FundsRequested => bare f64,
        created: Created => bare u32,
        stake: Stake => bare f64,
        conviction: Conviction => bare f64,
    }
}

table! {
    /// Support edges; [`super::tiles`] says which row is whose.
    SupportEdges, SupportEdgeColumns, SupportEdge apart from [Proposal, SeatOfCandidate] {
        affinity: Affinity => bare f64,
        stake: Stake => bare f64,
        conviction: Conviction => bare f64,
    }
}

table! {
    /// Influence edges, a row each in the order drawn.
    InfluenceEdges, InfluenceEdgeColumns, InfluenceEdge apart from [] {
        influenced: Influenced => bare u32,
        influencer: Influencer => bare u32,
        influence: Influence => bare f64,
        next: NextInfluence => bare u32,
    }
}

table! {
    /// Conflict edges, a row each in the order drawn.
    ConflictEdges, ConflictEdgeColumns, ConflictEdge apart from [] {
        proposal: ConflictOf => bare u32,
        other: ConflictWith => bare u32,
        conflict: Conflict => bare f64,
    }
}
