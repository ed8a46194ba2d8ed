//! Tracks a run: its slot in the batch, its day, and whether it is still running.

use super::found::{Asked, Found, FoundTables};
use bevy_ecs::component::{Component, Mutable};
use bevy_ecs::system::SystemParam;
use fearless_simd::Level;
use std::marker::PhantomData;
use std::sync::Arc;

/// Run of a batch. Its entity carries this and the components that features register.
#[derive(Component, Clone, Copy, Debug)]
pub struct Run {
    /// Slot in the batch, from 0.
    pub slot: usize,
    /// Number of slots of the batch.
    pub slots: usize,
    /// Day, from 1; 0 is the initial state.
    pub day: u32,
    /// Last day.
    pub horizon: u32,
    /// True until it reaches its horizon or fails.
    pub goes_on: bool,
    /// True if it simulated the last day of the batch.
    pub(super) went_on: bool,
    /// True while output tables record it.
    pub(super) shown: bool,
    /// Vector level of systems: that of the machine, or a narrower one.
    pub(super) vectors: Level,
}

/// Component of every run, reset when a run begins so that its memory is reused.
pub trait PerRun: Component<Mutability = Mutable> + Default {
    /// Resets it for a new run.
    fn begin(&mut self) {
        *self = Self::default();
    }
}

/// Failure of a run; a component of every run, for systems that may fail.
#[derive(Component, Clone, Debug, Default)]
pub struct Failing(pub(super) Option<RunFailure>);

impl Failing {
    /// Ends the run on this day for this reason; tables show `name`.
    pub fn fail(
        &mut self,
        name: &'static str,
        day: u32,
        source: impl std::error::Error + Send + Sync + 'static,
    ) {
        self.0.get_or_insert(RunFailure {
            name,
            day,
            source: Arc::new(source),
        });
    }

    /// Returns the failure, if any.
    pub fn failure(&self) -> Option<&RunFailure> {
        self.0.as_ref()
    }
}

/// Failure of a run.
#[derive(Clone, Debug)]
pub struct RunFailure {
    /// Short name, as in tables.
    pub name: &'static str,
    /// Day of the failure.
    pub day: u32,
    /// Description, with a fix.
    pub source: Arc<dyn std::error::Error + Send + Sync>,
}

impl std::fmt::Display for RunFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "day {}: {}", self.day, self.source)
    }
}

impl std::error::Error for RunFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.source()
    }
}

/// A number in a run's rows is not finite.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{column} is not a finite number; a setting is too extreme, choose a milder one")]
pub struct NotFinite {
    /// Column.
    pub column: String,
}

impl NotFinite {
    /// Returns the failure of a run on this day.
    pub fn failure(self, day: u32) -> RunFailure {
        RunFailure {
            name: "not_finite",
            day,
            source: Arc::new(self),
        }
    }
}

/// Access of a system to components of the active runs: `&'static A` for reading, `&'static mut A` for writing,
/// an `Option` of either if only an extension registers it, or a tuple of these.
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
/// fn grow(mut runs: Runs<(&'static Growth, &'static mut Stock)>) {
///     for (_, (growth, stock)) in runs.batch() {
///         stock.0 += growth.rate * stock.0;
///     }
/// }
/// ```
#[derive(SystemParam)]
pub struct Runs<'w, 's, D: Asked>(Found<'w, 's, (&'static Run, D)>);

impl<D: Asked> Runs<'_, '_, D> {
    /// Iterates over the active runs of the batch, with their components. Locates the columns once a day for
    /// all runs.
    #[inline(always)]
    pub fn batch<'a>(&'a mut self) -> Batched<'a, D>
    where
        D::Columns<'a>: OfRuns,
    {
        Batched::new(&mut self.0, false)
    }
}

/// Same as [`Runs`], but for the runs that output tables record: used by systems that fill columns.
#[derive(SystemParam)]
pub struct Shown<'w, 's, D: Asked>(Found<'w, 's, (&'static Run, D)>);

impl<D: Asked> Shown<'_, '_, D> {
    /// Iterates over the recorded runs, with their components.
    #[inline(always)]
    pub fn batch<'a>(&'a mut self) -> Batched<'a, D>
    where
        D::Columns<'a>: OfRuns,
    {
        Batched::new(&mut self.0, true)
    }
}

/// Iterator over the runs of a batch, in the order of their slots.
pub struct Batched<'w, D>
where
    D: Asked,
    D::Columns<'w>: OfRuns,
{
    /// Vector level of systems.
    pub vectors: Level,
    slots: usize,
    shown: bool,
    tables: FoundTables<'w, (&'static Run, D)>,
    runs: &'w [Run],
    next: usize,
    columns: Option<<D::Columns<'w> as OfRuns>::Columns>,
}

impl<'w, D> Batched<'w, D>
where
    D: Asked,
    D::Columns<'w>: OfRuns,
{
    #[inline(always)]
    fn new(found: &'w mut Found<'_, '_, (&'static Run, D)>, shown: bool) -> Self {
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
        assert!(columns.runs() >= runs.len(), "a run lacks a component");
        (self.runs, self.next) = (runs, 0);
        self.columns = Some(columns.columns());
        true
    }
}

/// Arrangement of a batch.
pub trait OfBatch {
    /// Returns the number of slots of the batch.
    fn slots(&self) -> usize;
    /// Returns the vector level of systems.
    fn vectors(&self) -> Level;
}

impl<'w, D> OfBatch for Batched<'w, D>
where
    D: Asked,
    D::Columns<'w>: OfRuns,
{
    fn slots(&self) -> usize {
        self.slots
    }

    fn vectors(&self) -> Level {
        self.vectors
    }
}

impl<'w, D> Iterator for Batched<'w, D>
where
    D: Asked,
    D::Columns<'w>: OfRuns,
{
    type Item = (
        &'w Run,
        <<D::Columns<'w> as OfRuns>::Columns as RunColumns>::Item,
    );

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
                    return Some((run, unsafe { columns.of(place) }));
                }
            }
            if !self.next_table() {
                return None;
            }
        }
    }
}

/// Types that may be columns of runs, or of rows; other crates cannot add any.
pub(super) mod sealed {
    pub trait Sealed {}

    impl<C> Sealed for &[C] {}
    impl<C> Sealed for &mut [C] {}
    impl<C> Sealed for super::Writable<'_, C> {}
    impl<S> Sealed for Option<S> {}
}

/// Components of runs, by column.
pub trait OfRuns: sealed::Sealed {
    /// Columns from which the components of one run after another are taken.
    type Columns: RunColumns;
    /// Returns the number of runs in each column.
    fn runs(&self) -> usize;
    /// Converts into columns.
    fn columns(self) -> Self::Columns;
}

/// Columns from which the components of each run are taken.
pub trait RunColumns: sealed::Sealed {
    /// Components of one run.
    type Item;
    /// Returns the components of the run at a position.
    ///
    /// # Safety
    /// The position must be below [`OfRuns::runs`], and used only once.
    unsafe fn of(&self, place: usize) -> Self::Item;
}

impl<'w, C: Component> OfRuns for &'w [C] {
    type Columns = &'w [C];

    #[inline(always)]
    fn runs(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn columns(self) -> Self::Columns {
        self
    }
}

impl<'w, C: Component> RunColumns for &'w [C] {
    type Item = &'w C;

    #[inline(always)]
    unsafe fn of(&self, place: usize) -> Self::Item {
        // SAFETY: the caller guarantees that the position exists.
        unsafe { self.get_unchecked(place) }
    }
}

/// Column of runs whose components are handed out once, for writing.
pub struct Writable<'w, C> {
    first: *mut C,
    lent: PhantomData<&'w mut [C]>,
}

impl<'w, C: Component> OfRuns for &'w mut [C] {
    type Columns = Writable<'w, C>;

    #[inline(always)]
    fn runs(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn columns(self) -> Self::Columns {
        Writable {
            first: self.as_mut_ptr(),
            lent: PhantomData,
        }
    }
}

impl<'w, C: Component> RunColumns for Writable<'w, C> {
    type Item = &'w mut C;

    #[inline(always)]
    unsafe fn of(&self, place: usize) -> Self::Item {
        // SAFETY: this has exclusive access to the column, and the caller guarantees that the position exists
        // and is used only once.
        unsafe { &mut *self.first.add(place) }
    }
}

/// Columns that may be missing: then `None` for each run.
impl<S: OfRuns> OfRuns for Option<S> {
    type Columns = Option<S::Columns>;

    #[inline(always)]
    fn runs(&self) -> usize {
        self.as_ref().map_or(usize::MAX, OfRuns::runs)
    }

    #[inline(always)]
    fn columns(self) -> Self::Columns {
        self.map(OfRuns::columns)
    }
}

impl<S: RunColumns> RunColumns for Option<S> {
    type Item = Option<S::Item>;

    #[inline(always)]
    unsafe fn of(&self, place: usize) -> Self::Item {
        // SAFETY: the caller's guarantee covers existing columns.
        self.as_ref().map(|columns| unsafe { columns.of(place) })
    }
}

macro_rules! side_by_side {
    ($($($name:ident)+;)+) => {$(
        impl<$($name),+> sealed::Sealed for ($($name,)+) {}

        impl<$($name: OfRuns),+> OfRuns for ($($name,)+) {
            type Columns = ($($name::Columns,)+);

            #[inline(always)]
            #[allow(non_snake_case, reason = "each value is named as its type")]
            fn runs(&self) -> usize {
                let ($($name,)+) = self;
                [$($name.runs()),+].into_iter().fold(usize::MAX, usize::min)
            }

            #[inline(always)]
            #[allow(non_snake_case, reason = "each value is named as its type")]
            fn columns(self) -> Self::Columns {
                let ($($name,)+) = self;
                ($($name.columns(),)+)
            }
        }

        impl<$($name: RunColumns),+> RunColumns for ($($name,)+) {
            type Item = ($($name::Item,)+);

            #[inline(always)]
            #[allow(non_snake_case, reason = "each value is named as its type")]
            unsafe fn of(&self, place: usize) -> Self::Item {
                let ($($name,)+) = self;
                // SAFETY: the caller's guarantee covers each column.
                unsafe { ($($name.of(place),)+) }
            }
        }
    )+};
}

of_tuples!(side_by_side);
