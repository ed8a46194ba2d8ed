//! What runs leave: tables of rows, whose columns features register, gathered on the runs' entities.

use super::columns::{ArrayRef, Column, Columns};
use super::extension::{GatheredEach, columns_of_each};
use super::setting::Setting;
use bevy_ecs::component::Component;
use bevy_ecs::entity::Entity;
use bevy_ecs::system::BoxedSystem;
use bevy_ecs::world::{EntityWorldMut, World};
use std::any::{Any, TypeId};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// When a table looks at a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// At the start and at the end of each whole day.
    Day,
    /// Once more where the run ends: at its horizon, or where it failed.
    End,
}

/// A table that runs leave, and how it is told of.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// Its name: unique in the model.
    pub name: &'static str,
    /// Its folder in the dataset of a sweep; `None` for what only a single run leaves.
    pub folder: Option<&'static str>,
    /// The columns that identify a row among those of its run; a sweep always writes them.
    pub keys: &'static [&'static str],
    /// Which rows it holds.
    pub meaning: &'static str,
    /// When its rows are gathered.
    pub moment: Moment,
    /// About how many rows a run leaves at each such moment.
    pub rows: fn(&Setting) -> f64,
    /// Prepares a batch whose runs are to leave it: what is kept only where a table shows it.
    pub prepare: Option<fn(&mut World)>,
}

/// The columns of a table that are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Every column.
    #[default]
    All,
    /// The columns of these names.
    These(Vec<String>),
}

impl Choice {
    /// Returns whether a column is wanted.
    pub fn has(&self, column: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(names) => names.iter().any(|name| name == column),
        }
    }
}

/// A table that runs are to leave, and which of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The name of the table.
    pub table: &'static str,
    /// The wanted columns. Others are computed only where these need them.
    pub columns: Choice,
}

impl Leaving {
    /// Every column of a table.
    pub fn all(table: &'static str) -> Self {
        Self {
            table,
            columns: Choice::All,
        }
    }
}

/// The rows of some columns that a run has left so far: a component of its entity.
#[derive(Component, Default)]
pub struct Gathered<B: Columns>(B);

impl<B: Columns> Deref for Gathered<B> {
    type Target = B;

    fn deref(&self) -> &B {
        &self.0
    }
}

impl<B: Columns> DerefMut for Gathered<B> {
    fn deref_mut(&mut self) -> &mut B {
        &mut self.0
    }
}

/// Rows of some columns, of whatever type.
pub trait Buffer: Any + Send + Sync {
    /// How many rows there are.
    fn rows(&self) -> usize;
    /// The name of the first column that holds a number that is not finite.
    fn not_finite(&self) -> Option<String>;
    /// Forgets all rows, and keeps their room.
    fn forget(&mut self);
    /// The columns as arrays; begins anew, with room for as many rows.
    fn take(&mut self) -> Vec<ArrayRef>;
    /// The buffer itself, to be told what it is.
    fn as_any(&mut self) -> &mut dyn Any;
}

impl<B: Columns> Buffer for B {
    fn rows(&self) -> usize {
        self.len()
    }

    fn not_finite(&self) -> Option<String> {
        Columns::not_finite(self).map(str::to_owned)
    }

    fn forget(&mut self) {
        self.clear();
    }

    fn take(&mut self) -> Vec<ArrayRef> {
        let next = self.another();
        std::mem::replace(self, next).arrays()
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

/// Makes a system anew for each batch.
pub(super) type MakeSystem = Arc<dyn Fn() -> BoxedSystem + Send + Sync>;

/// Columns that a feature registers, and the system that fills them.
#[derive(Clone)]
pub(super) struct Group {
    pub id: TypeId,
    /// The group whose rows of the same look its system reads, if it reads any.
    pub reads: Option<TypeId>,
    pub tables: Vec<&'static str>,
    pub columns: Arc<dyn Fn() -> Vec<Column> + Send + Sync>,
    pub make: MakeSystem,
    pub insert: Arc<dyn Fn(&mut EntityWorldMut) + Send + Sync>,
    pub buffer: Arc<dyn Fn() -> Box<dyn Buffer> + Send + Sync>,
    pub take: fn(&mut World, Entity, &mut dyn Buffer),
    /// The rows that a run has left so far.
    pub rows: fn(&World, Entity) -> Option<&dyn Buffer>,
}

impl Group {
    pub fn new<B: Columns>(tables: &[&'static str], make: MakeSystem) -> Self {
        Self {
            id: TypeId::of::<B>(),
            reads: None,
            tables: tables.to_vec(),
            columns: Arc::new(B::columns),
            make,
            insert: Arc::new(|run| {
                run.insert(Gathered::<B>::default());
            }),
            buffer: Arc::new(|| Box::new(B::default())),
            take: |world, run, buffer| {
                let gathered = world.get_mut::<Gathered<B>>(run);
                let buffer = buffer.as_any().downcast_mut::<B>();
                if let (Some(mut gathered), Some(buffer)) = (gathered, buffer) {
                    buffer.append(&mut gathered.0);
                }
            },
            rows: |world, run| Some(&world.get::<Gathered<B>>(run)?.0),
        }
    }

    /// The columns that each copy of an extension has for itself.
    pub fn of_each<B: Columns>(
        name: &'static str,
        copies: usize,
        tables: &[&'static str],
        make: MakeSystem,
    ) -> Self {
        Self {
            id: TypeId::of::<B>(),
            reads: None,
            tables: tables.to_vec(),
            columns: Arc::new(move || columns_of_each::<B>(name, copies)),
            make,
            insert: Arc::new(move |run| {
                run.insert(GatheredEach::<B>::of(copies));
            }),
            buffer: Arc::new(move || Box::new(GatheredEach::<B>::of(copies))),
            take: |world, run, buffer| {
                let gathered = world.get_mut::<GatheredEach<B>>(run);
                let buffer = buffer.as_any().downcast_mut::<GatheredEach<B>>();
                if let (Some(mut gathered), Some(buffer)) = (gathered, buffer) {
                    buffer.append(&mut gathered);
                }
            },
            rows: |world, run| Some(world.get::<GatheredEach<B>>(run)?),
        }
    }
}
