//! What the engine knows of a run: which of its batch it is, its day, and whether it goes on.

use super::found::{Asked, Found, FoundTables};
use bevy_ecs::component::{Component, Mutable};
use bevy_ecs::system::SystemParam;
use fearless_simd::Level;
use std::marker::PhantomData;
use std::sync::Arc;

/// A run of a batch. Its entity carries this and the components that features register.
#[derive(Component, Clone, Copy, Debug)]
pub struct Run {
    /// Its slot: which of the batch's runs it is, from 0.
    pub slot: usize,
    /// How many slots the batch has.
    pub slots: usize,
    /// The day, from 1; 0 is the initial state.
    pub day: u32,
    /// The last day.
    pub horizon: u32,
    /// Whether it has neither reached its horizon nor failed.
    pub goes_on: bool,
    /// Whether the day simulated last is one of its own.
    pub(super) went_on: bool,
    /// Whether it is looked at now.
    pub(super) shown: bool,
    /// The vectors that systems use: those of the machine, or narrower ones.
    pub(super) vectors: Level,
}

/// A component of every run, cleared as a run begins so that its room is used again.
pub trait PerRun: Component<Mutability = Mutable> + Default {
    /// Makes it that of a run that begins.
    fn begin(&mut self) {
        *self = Self::default();
    }
}

/// Why a run could not go on: a component of every run, for systems that may fail.
#[derive(Component, Clone, Debug, Default)]
pub struct Failing(pub(super) Option<RunFailure>);

impl Failing {
    /// Ends the run on this day for this reason; `name` is written in tables.
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

    /// The failure, if there is one.
    pub fn failure(&self) -> Option<&RunFailure> {
        self.0.as_ref()
    }
}

/// Why a run could not go on.
#[derive(Clone, Debug)]
pub struct RunFailure {
    /// A short name, as written in tables.
    pub name: &'static str,
    /// The day on which it failed.
    pub day: u32,
    /// What happened, and a way out.
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

/// A number of a run's rows is not finite.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{column} is not a finite number; a setting is too extreme to be computed with: take a milder one"
)]
pub struct NotFinite {
    /// The column.
    pub column: String,
}

impl NotFinite {
    /// The failure of a run on this day.
    pub fn failure(self, day: u32) -> RunFailure {
        RunFailure {
            name: "not_finite",
            day,
            source: Arc::new(self),
        }
    }
}

/// Components of the runs that go on, for a system: `&'static A` to be read, `&'static mut A` to be
/// written, an `Option` of either where only an extension registers it, or a tuple of such.
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
    /// The runs of the batch that go on, each with its components. Their columns are found here: once
    /// a day for all runs.
    #[inline(always)]
    pub fn batch<'a>(&'a mut self) -> Batched<'a, D>
    where
        D::Columns<'a>: OfRuns,
    {
        Batched::new(&mut self.0, false)
    }
}

/// As [`Runs`], but the runs that are to be looked at: what a system that fills columns asks for.
#[derive(SystemParam)]
pub struct Shown<'w, 's, D: Asked>(Found<'w, 's, (&'static Run, D)>);

impl<D: Asked> Shown<'_, '_, D> {
    /// The runs that are looked at, each with its components.
    #[inline(always)]
    pub fn batch<'a>(&'a mut self) -> Batched<'a, D>
    where
        D::Columns<'a>: OfRuns,
    {
        Batched::new(&mut self.0, true)
    }
}

/// The runs of a batch, one after another, in the order of their slots.
pub struct Batched<'w, D>
where
    D: Asked,
    D::Columns<'w>: OfRuns,
{
    /// The vectors that systems use.
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

    /// Goes on to the next table, if there is one: runs with other components lie in another.
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

/// What knows how a batch is arranged.
pub trait OfBatch {
    /// How many slots the batch has.
    fn slots(&self) -> usize;
    /// The vectors that systems use.
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
                    // Every column of every system is asked so for every run and day: an iterator for each
                    // took a twentieth of a run's time.
                    // SAFETY: `next_table` made sure that each column has as many components as there are
                    // runs, and no place is asked for twice.
                    return Some((run, unsafe { columns.of(place) }));
                }
            }
            if !self.next_table() {
                return None;
            }
        }
    }
}

/// What may be columns of runs, or of rows: nothing that stands in another crate.
pub(super) mod sealed {
    pub trait Sealed {}

    impl<C> Sealed for &[C] {}
    impl<C> Sealed for &mut [C] {}
    impl<C> Sealed for super::Writable<'_, C> {}
    impl<S> Sealed for Option<S> {}
}

/// The components of runs, column by column.
pub trait OfRuns: sealed::Sealed {
    /// What gives the components of one run after another.
    type Columns: RunColumns;
    /// How many runs there are components of, in each column.
    fn runs(&self) -> usize;
    /// Takes them apart.
    fn columns(self) -> Self::Columns;
}

/// Columns from which the components of each run are taken.
pub trait RunColumns: sealed::Sealed {
    /// The components of one run.
    type Item;
    /// The components of the run at a place.
    ///
    /// # Safety
    /// The place is below what [`OfRuns::runs`] said, and is asked for once.
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
        // SAFETY: the caller says that the place is there.
        unsafe { self.get_unchecked(place) }
    }
}

/// A column of runs of which each is given away once, to be written.
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
        // SAFETY: the column is lent to this alone, and the caller says that the place is there and that
        // nobody else has it.
        unsafe { &mut *self.first.add(place) }
    }
}

/// Columns that may not be there: `None` for each run then.
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
        // SAFETY: what the caller says holds for what is there.
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
                // SAFETY: what the caller says holds for each column.
                unsafe { ($($name.of(place),)+) }
            }
        }
    )+};
}

of_tuples!(side_by_side);
