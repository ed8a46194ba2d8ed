//! Registers components of runs, and tables with their columns.

use super::ModelBuilder;
use crate::engine::random::{Seeded, Seeds, StreamSeeds};
use crate::engine::run::PerRun;
use crate::engine::setting::Setting;
use crate::engine::systems::{Make, maker};
use crate::engine::table::{self, Table};
use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::{In, IntoSystem};
use bevy_ecs::world::{EntityWorldMut, World};
use std::any::TypeId;

/// Properties of a component of runs.
#[derive(Clone, Copy)]
pub(in crate::engine) struct RunComponent {
    id: TypeId,
    pub insert: fn(&mut EntityWorldMut),
    pub begin: Begin,
}

/// Initialisation of a component when a run begins.
#[derive(Clone, Copy)]
pub(in crate::engine) enum Begin {
    Clear(fn(&mut World, Entity)),
    Install(fn(&Setting, &mut World, Entity)),
    Seed(fn(Seeds, &mut World, Entity)),
}

/// Properties of a table.
#[derive(Clone)]
pub(in crate::engine) struct TableOf {
    id: TypeId,
    pub spawn: fn(&mut World, usize) -> Vec<Entity>,
    pub spread: fn(&mut World, usize, usize, usize),
    pub demand: Make<In<u32>, usize>,
    /// Components that other features add to its rows.
    pub more: Vec<MoreColumns>,
}

/// Component that a feature adds to the rows of a table.
#[derive(Clone, Copy)]
pub(in crate::engine) struct MoreColumns {
    pub insert: fn(&mut World, &[Entity]),
    pub spread: fn(&mut World, usize, usize, usize),
}

impl ModelBuilder {
    /// Registers a component of each run.
    pub fn per_run<C: PerRun>(&mut self) -> &mut Self {
        self.component::<C>(Begin::Clear(|world, run| {
            if let Some(mut component) = world.get_mut::<C>(run) {
                component.begin();
            }
        }))
    }

    /// Registers a component of each run that holds random streams. No other component may have the same streams.
    pub fn streams<C: Seeded>(&mut self) -> &mut Self {
        let feature = self.registering;
        let taken = StreamSeeds::taken_by::<C>().into_iter();
        self.streams.extend(taken.map(|stream| (stream, feature)));
        self.component::<C>(Begin::Seed(|seeds, world, run| {
            if let Some(mut streams) = world.get_mut::<C>(run) {
                streams.seed(seeds.into());
            }
        }))
    }

    pub(super) fn component<C>(&mut self, begin: Begin) -> &mut Self
    where
        C: bevy_ecs::component::Component + Default,
    {
        let id = TypeId::of::<C>();
        if !self.components.iter().any(|component| component.id == id) {
            self.components.push(RunComponent {
                id,
                insert: |run| {
                    run.insert(C::default());
                },
                begin,
            });
        }
        self
    }

    /// Registers a resource of each batch, shared by all its runs.
    pub fn resource<R: Resource + Default>(&mut self) -> &mut Self {
        self.resources.push(|world| {
            world.init_resource::<R>();
        });
        self
    }

    /// Registers a table. `demand` is a system that takes a number of days, `In<u32>`, and returns the maximum
    /// number of rows that any run may need by the end of these days.
    pub fn table<T: Table, M>(
        &mut self,
        demand: impl IntoSystem<In<u32>, usize, M> + Clone + Send + Sync + 'static,
    ) -> &mut Self {
        self.tables.push(TableOf {
            id: TypeId::of::<T>(),
            spawn: T::spawn,
            spread: T::spread,
            demand: maker(demand),
            more: Vec::new(),
        });
        self
    }

    /// Adds a component to the rows of a table that another feature has registered.
    ///
    /// # Panics
    /// When no earlier feature registered the table.
    pub fn column<T: Table, C: table::TableColumn>(&mut self) -> &mut Self {
        let id = TypeId::of::<T>();
        let table = self.tables.iter_mut().find(|table| table.id == id);
        let table = table.unwrap_or_else(|| {
            panic!(
                "a feature adds a column to {}, which no earlier feature registers",
                T::NAME
            )
        });
        table.more.push(MoreColumns {
            insert: |world, rows| {
                world.insert_batch(rows.iter().map(|&row| (row, C::default())));
            },
            spread: table::spread_column::<C>,
        });
        self
    }
}
