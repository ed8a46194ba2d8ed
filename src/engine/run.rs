//! What the engine knows of a run: which of its batch it is, its day, and whether it goes on.

use bevy_ecs::change_detection::ContiguousMut;
use bevy_ecs::component::{Component, Mutable};
use bevy_ecs::prelude::*;
use bevy_ecs::query::{ContiguousQueryData, QueryContiguousIter, QueryData};
use bevy_ecs::system::SystemParam;
use fearless_simd::Level;
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
pub struct Runs<'w, 's, D: QueryData + 'static>(Query<'w, 's, (&'static Run, D)>);

impl<'s, D: ContiguousQueryData> Runs<'_, 's, D> {
    /// The runs of the batch that go on, each with its components. Their columns are found here: once
    /// a day for all runs.
    #[inline]
    pub fn batch<'a>(&'a mut self) -> Batched<'a, 's, D>
    where
        D::Contiguous<'a, 's>: Split,
    {
        Batched::new(self.0.reborrow(), false)
    }
}

/// As [`Runs`], but the runs that are to be looked at: what a system that fills columns asks for.
#[derive(SystemParam)]
pub struct Shown<'w, 's, D: QueryData + 'static>(Query<'w, 's, (&'static Run, D)>);

impl<'s, D: ContiguousQueryData> Shown<'_, 's, D> {
    /// The runs that are looked at, each with its components.
    #[inline]
    pub fn batch<'a>(&'a mut self) -> Batched<'a, 's, D>
    where
        D::Contiguous<'a, 's>: Split,
    {
        Batched::new(self.0.reborrow(), true)
    }
}

/// The runs of a batch, one after another, in the order of their slots.
pub struct Batched<'w, 's, D>
where
    D: ContiguousQueryData,
    D::Contiguous<'w, 's>: Split,
{
    /// The vectors that systems use.
    pub vectors: Level,
    slots: usize,
    shown: bool,
    tables: QueryContiguousIter<'w, 's, (&'static Run, D), ()>,
    runs: std::slice::Iter<'w, Run>,
    data: Option<<D::Contiguous<'w, 's> as Split>::Each>,
}

impl<'w, 's, D> Batched<'w, 's, D>
where
    D: ContiguousQueryData,
    D::Contiguous<'w, 's>: Split,
{
    #[inline]
    fn new(runs: Query<'w, 's, (&'static Run, D)>, shown: bool) -> Self {
        let tables = runs.contiguous_iter_inner();
        let mut tables = tables.expect("components of runs are dense");
        let (runs, data) = match tables.next() {
            Some((runs, data)) => (runs, Some(data.split_for(runs.len()))),
            None => (&[] as &[Run], None),
        };
        let first = runs.first();
        Self {
            vectors: first.map_or_else(Level::baseline, |run| run.vectors),
            slots: first.map_or(1, |run| run.slots.max(1)),
            shown,
            tables,
            runs: runs.iter(),
            data,
        }
    }
}

/// What knows how many slots a batch has.
pub trait OfBatch {
    /// How many slots the batch has.
    fn slots(&self) -> usize;
}

impl<'w, 's, D> OfBatch for Batched<'w, 's, D>
where
    D: ContiguousQueryData,
    D::Contiguous<'w, 's>: Split,
{
    fn slots(&self) -> usize {
        self.slots
    }
}

impl<'w, 's, D> Iterator for Batched<'w, 's, D>
where
    D: ContiguousQueryData,
    D::Contiguous<'w, 's>: Split,
{
    type Item = (
        &'w Run,
        <<D::Contiguous<'w, 's> as Split>::Each as Iterator>::Item,
    );

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(data) = &mut self.data {
                for run in self.runs.by_ref() {
                    // Every column of every system asks so for every run and day: a check for each took
                    // a twentieth of a run's time.
                    // SAFETY: `split_for` made sure that each column has as many components as there are
                    // runs, and one of each is taken for each run.
                    let item = unsafe { data.next().unwrap_unchecked() };
                    if if self.shown { run.shown } else { run.goes_on } {
                        return Some((run, item));
                    }
                }
            }
            // Runs with other components lie in another table: none is passed over.
            let (runs, data) = self.tables.next()?;
            self.runs = runs.iter();
            self.data = Some(data.split_for(runs.len()));
        }
    }
}

/// What may be columns of runs: nothing that stands elsewhere.
mod sealed {
    pub trait Sealed {}

    impl<C> Sealed for &[C] {}
    impl<C> Sealed for super::ContiguousMut<'_, C> {}
    impl<S> Sealed for Option<S> {}
}

/// Columns of runs, taken apart run by run.
pub trait Split: sealed::Sealed + Sized {
    /// What gives the components of one run after another.
    type Each: Iterator;
    /// How many runs there are components of, in each column.
    fn runs(&self) -> usize;
    /// Takes them apart.
    fn split(self) -> Self::Each;

    /// Takes columns apart that must have components of so many runs.
    #[inline(always)]
    fn split_for(self, runs: usize) -> Self::Each {
        assert!(self.runs() >= runs, "a run lacks a component");
        self.split()
    }
}

impl<'w, C: Component> Split for &'w [C] {
    type Each = std::slice::Iter<'w, C>;

    #[inline(always)]
    fn runs(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn split(self) -> Self::Each {
        self.iter()
    }
}

impl<'w, C: Component> Split for ContiguousMut<'w, C> {
    type Each = std::slice::IterMut<'w, C>;

    #[inline(always)]
    fn runs(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn split(self) -> Self::Each {
        // Nothing here asks when a component changed.
        ContiguousMut::bypass_change_detection_split(self)
            .0
            .iter_mut()
    }
}

impl<S: Split> Split for Option<S> {
    type Each = IfThere<S::Each>;

    #[inline(always)]
    fn runs(&self) -> usize {
        // What is not there is `None` for however many runs.
        self.as_ref().map_or(usize::MAX, Split::runs)
    }

    #[inline(always)]
    fn split(self) -> Self::Each {
        IfThere(self.map(Split::split))
    }
}

/// A column of runs that may not be there: `None` for each run then.
pub struct IfThere<I>(Option<I>);

impl<I: Iterator> Iterator for IfThere<I> {
    type Item = Option<I::Item>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Some(each) => each.next().map(Some),
            None => Some(None),
        }
    }
}

/// Several columns of runs side by side.
pub struct SideBySide<T>(T);

macro_rules! side_by_side {
    ($($($name:ident)+;)+) => {$(
        impl<$($name),+> sealed::Sealed for ($($name,)+) {}

        impl<$($name: Split),+> Split for ($($name,)+) {
            type Each = SideBySide<($($name::Each,)+)>;

            #[inline(always)]
            #[allow(non_snake_case, reason = "each value is named as its type")]
            fn runs(&self) -> usize {
                let ($($name,)+) = self;
                let mut runs = usize::MAX;
                $(runs = runs.min($name.runs());)+
                runs
            }

            #[inline(always)]
            #[allow(non_snake_case, reason = "each value is named as its type")]
            fn split(self) -> Self::Each {
                let ($($name,)+) = self;
                SideBySide(($($name.split(),)+))
            }
        }

        impl<$($name: Iterator),+> Iterator for SideBySide<($($name,)+)> {
            type Item = ($($name::Item,)+);

            #[inline(always)]
            #[allow(non_snake_case, reason = "each value is named as its type")]
            fn next(&mut self) -> Option<Self::Item> {
                let ($($name,)+) = &mut self.0;
                Some(($($name.next()?,)+))
            }
        }
    )+};
}

side_by_side! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
    A B C D E F G H I J K L M;
    A B C D E F G H I J K L M N;
    A B C D E F G H I J K L M N O;
}
