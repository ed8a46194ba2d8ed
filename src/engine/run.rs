//! Tracks a run: its slot in the batch, its day, and whether it is still running.

use bevy_ecs::component::{Component, Mutable};
use fearless_simd::Level;
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

impl Run {
    /// Creates a run that has not begun.
    pub(super) fn idle(vectors: Level) -> Self {
        Self {
            slot: 0,
            slots: 1,
            day: 0,
            horizon: 0,
            goes_on: false,
            went_on: false,
            shown: false,
            vectors,
        }
    }
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

/// Arrangement of a batch.
pub trait BatchLayout {
    /// Returns the number of slots of the batch.
    fn slots(&self) -> usize;
    /// Returns the vector level of systems.
    fn vectors(&self) -> Level;
}
