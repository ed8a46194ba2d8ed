//! Defines output tables of runs: features register their columns, and rows are collected on the runs'
//! entities.

use super::columns::{ArrayRef, Column, Columns};
use super::setting::Setting;
use super::systems::Make;
use bevy_ecs::component::{Component, Mutable};
use bevy_ecs::entity::Entity;
use bevy_ecs::world::{EntityWorldMut, World};
use std::any::{Any, TypeId};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Time at which a table records a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// At the start and at the end of each complete day.
    Day,
    /// Once, at the end of the run: its horizon, or its failure.
    End,
}

/// Output table, with its description.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// Name, unique in the model.
    pub name: &'static str,
    /// Folder in the dataset of a sweep; `None` for tables that only a single run has.
    pub folder: Option<&'static str>,
    /// Columns that identify a row within its run; a sweep always writes them.
    pub keys: &'static [&'static str],
    /// Meaning of its rows.
    pub meaning: &'static str,
    /// Time at which its rows are recorded.
    pub moment: Moment,
    /// Expected number of rows of a run at each such time.
    pub rows: fn(&Setting) -> f64,
    /// Prepares a batch whose runs write the table: enables data that are stored only for it.
    pub prepare: Option<fn(&mut World)>,
}

/// Requested columns of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Every column.
    #[default]
    All,
    /// Columns with these names.
    These(Vec<String>),
}

impl Choice {
    /// Returns true if a column is requested.
    pub fn has(&self, column: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(names) => names.iter().any(|name| name == column),
        }
    }
}

/// A table that runs record, and its requested columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// Name of the table.
    pub table: &'static str,
    /// Requested columns. Others are computed only if these need them.
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

/// Rows of some columns that a run has recorded so far; a component of its entity.
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

/// Rows of some columns, independent of their type.
pub trait Buffer: Any + Send + Sync {
    /// Returns the number of rows.
    fn rows(&self) -> usize;
    /// Returns the name of the first column that contains a number that is not finite.
    fn not_finite(&self) -> Option<String>;
    /// Removes all rows, and keeps the capacity.
    fn forget(&mut self);
    /// Moves all rows of another buffer to the end of this one.
    fn append(&mut self, other: &mut Self)
    where
        Self: Sized;
    /// Converts the columns to arrays, and begins again with capacity for as many rows.
    fn take(&mut self) -> Vec<ArrayRef>;
    /// Returns the buffer for downcasting.
    fn as_any(&mut self) -> &mut dyn Any;
}

/// Empties a buffer into arrays.
fn emptied<B: Columns>(rows: &mut B) -> Vec<ArrayRef> {
    let next = rows.another();
    std::mem::replace(rows, next).arrays()
}

impl<B: Columns> Buffer for Gathered<B> {
    fn rows(&self) -> usize {
        self.0.len()
    }

    fn not_finite(&self) -> Option<String> {
        self.0.not_finite().map(str::to_owned)
    }

    fn forget(&mut self) {
        self.0.clear();
    }

    fn append(&mut self, other: &mut Self) {
        self.0.append(&mut other.0);
    }

    fn take(&mut self) -> Vec<ArrayRef> {
        emptied(&mut self.0)
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

/// Rows of columns that every copy of an extension has separately; a component of each run.
#[derive(Component)]
pub struct PerCopyRows<B: Columns>(Vec<B>);

impl<B: Columns> PerCopyRows<B> {
    pub(super) fn of(copies: usize) -> Self {
        Self((0..copies).map(|_| B::default()).collect())
    }

    /// Adds a row that consists of one part per copy.
    ///
    /// # Panics
    /// When there are fewer parts than copies.
    pub fn push(&mut self, parts: impl IntoIterator<Item = B::Row>) {
        let mut parts = parts.into_iter();
        for copy in &mut self.0 {
            copy.push(parts.next().expect("a part of the row for each copy"));
        }
    }
}

impl<B: Columns> Buffer for PerCopyRows<B> {
    fn rows(&self) -> usize {
        self.0.first().map_or(0, B::len)
    }

    fn not_finite(&self) -> Option<String> {
        let mut copies = self.0.iter().enumerate();
        copies.find_map(|(copy, rows)| Some(format!("{} of copy {copy}", rows.not_finite()?)))
    }

    fn forget(&mut self) {
        for copy in &mut self.0 {
            copy.clear();
        }
    }

    fn append(&mut self, other: &mut Self) {
        for (copy, other) in self.0.iter_mut().zip(&mut other.0) {
            copy.append(other);
        }
    }

    fn take(&mut self) -> Vec<ArrayRef> {
        self.0.iter_mut().flat_map(emptied).collect()
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

/// Returns the columns of every copy, prefixed with the extension's name and the copy's number.
pub(super) fn columns_of_each<B: Columns>(name: &str, copies: usize) -> Vec<Column> {
    let of_copy = |copy: usize| {
        B::columns().into_iter().map(move |column| Column {
            name: format!("{name}_{copy}_{}", column.name),
            copy: format!("{name}.{copy}"),
            ..column
        })
    };
    (0..copies).flat_map(of_copy).collect()
}

/// Columns that a feature registers, and the system that fills them.
#[derive(Clone)]
pub(super) struct Group {
    pub id: TypeId,
    /// Group whose rows of the same moment its system reads, if any.
    pub reads: Option<TypeId>,
    pub tables: Vec<&'static str>,
    pub columns: Arc<dyn Fn() -> Vec<Column> + Send + Sync>,
    pub make: Make,
    pub insert: Arc<dyn Fn(&mut EntityWorldMut) + Send + Sync>,
    pub buffer: Arc<dyn Fn() -> Box<dyn Buffer> + Send + Sync>,
    pub take: fn(&mut World, Entity, &mut dyn Buffer),
    /// Returns the rows that a run has recorded so far.
    pub rows: fn(&World, Entity) -> Option<&dyn Buffer>,
}

impl Group {
    /// Creates a group of columns of each run.
    pub fn new<B: Columns>(tables: &[&'static str], make: Make) -> Self {
        Self::of::<B, _>(tables, make, B::columns, Gathered::<B>::default)
    }

    /// Creates the group of columns that each copy of an extension has separately.
    pub fn of_each<B: Columns>(
        name: &'static str,
        copies: usize,
        tables: &[&'static str],
        make: Make,
    ) -> Self {
        let columns = move || columns_of_each::<B>(name, copies);
        Self::of::<B, _>(tables, make, columns, move || PerCopyRows::<B>::of(copies))
    }

    /// Creates a group whose rows are in a component `C` of each run, created by `new`.
    fn of<B: Columns, C: Component<Mutability = Mutable> + Buffer>(
        tables: &[&'static str],
        make: Make,
        columns: impl Fn() -> Vec<Column> + Send + Sync + 'static,
        new: impl Fn() -> C + Clone + Send + Sync + 'static,
    ) -> Self {
        let buffer = new.clone();
        Self {
            id: TypeId::of::<B>(),
            reads: None,
            tables: tables.to_vec(),
            columns: Arc::new(columns),
            make,
            insert: Arc::new(move |run| {
                run.insert(new());
            }),
            buffer: Arc::new(move || Box::new(buffer())),
            take: |world, run, buffer| {
                let gathered = world.get_mut::<C>(run);
                let buffer = buffer.as_any().downcast_mut::<C>();
                if let (Some(mut gathered), Some(buffer)) = (gathered, buffer) {
                    buffer.append(&mut gathered);
                }
            },
            rows: |world, run| Some(world.get::<C>(run)?),
        }
    }
}
