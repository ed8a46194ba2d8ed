//! Runs batches of runs in lockstep over bevy_ecs. Knows runs, tables, streams and features, but not what is
//! simulated.
//!
//! A [`Feature`] is a function that registers its parts with a [`ModelBuilder`]: settings, components of runs, tables,
//! random streams, systems, columns of output. Features combine into a [`Model`], and a [`Batch`] simulates its runs:
//!
//! ```text
//! begin     settings are installed in each run, streams seeded, other components reset;
//!           systems of Start::Draw run, rows get room, systems of Start::Fill run
//! each day  changed settings are installed; systems run, phase by phase; rows get room for the next days
//! look      systems of output tables add rows, of the day or of the ends of runs
//! ```
//!
//! The files, in the order in which to read them:
//!
//! | file | contents |
//! |---|---|
//! | [`setting`](Setting), [`list`](List), [`document`](Document) | settings by name: unit, domain, default, meaning, changes on later days |
//! | [`run`](Run), [`view`](View) | a run's slot, day and end; access of systems to its components |
//! | [`table`](Rows) | pooled rows, and columns as slices, by named [views](RowsView) |
//! | [`random`](Seeds) | random streams: root seed → world → stream |
//! | [`columns`], [`output`](Output) | output of runs, by column |
//! | [`systems`](Phase) | when systems run, and in what order |
//! | [`builder`](ModelBuilder) | registration of [features](Feature), which add all of the above |
//! | [`extension`](Extension), [`preset`](Preset) | features that are off by default; named settings to start from |
//! | [`model`](Model) | features combined, checked once |
//! | [`batch`](Batch) | runs in lockstep, reused from batch to batch |
//! | [`simulator`](Simulator) | simulation of single runs |
//! | [`access`](ColumnSet) | how systems locate components: needed by no reader of the above |

/// Calls a macro with the type names of tuples of one to sixteen elements.
macro_rules! of_tuples {
    ($of:ident) => {
        $of! {
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
            A B C D E F G H I J K L M N O P;
        }
    };
}

mod access;
mod batch;
mod builder;
pub mod columns;
mod document;
mod extension;
mod list;
mod model;
mod output;
mod preset;
mod random;
mod run;
mod setting;
mod simulator;
mod systems;
mod table;
mod view;

pub use access::{AccessBuilder, ColumnAccess, ColumnSet, Writable};
pub use batch::{Batch, RunOf, TableRows};
pub use builder::{Estimate, Feature, FeatureId, ModelBuilder};
pub use columns::{Cell, Column, Columns, Goal, Kind};
pub use document::{Content, Document};
pub use extension::{Extension, ExtensionError, Extensions, PerCopy};
pub use list::List;
pub use model::{KindOfBatch, Model};
pub use output::{Buffer, Choice, Gathered, Leaving, Moment, Output, PerCopyRows};
pub use preset::Preset;
pub(crate) use random::hash64;
pub use random::{Geometric, Lanes, Seeded, Seeds, Source, Stream, StreamSeeds, normal};
pub use run::{BatchLayout, Failing, NotFinite, PerRun, Run, RunFailure};
pub use setting::{
    Alias, DerivedDefault, DocumentFile, Domain, Fault, Field, Given, Idle, Key, Keys, ListFile,
    Scheduled, Setting, SettingError, Settings, Use, Value, closest_name,
};
pub use simulator::{Outcome, Simulator};
pub use systems::{Phase, Start, SystemOf};
pub use table::{
    LANES, Rows, RowsOfBatch, RowsView, Slices, Table, TableColumn, spawn_rows, spread,
    spread_column,
};
pub use view::{RunIter, Runs, Sampled, View};

crate::settings! {
    /// Duration of a run.
    Horizon {
        days: u32 = 100, "days", Domain::count(1, 36_500), "horizon of a run";
    }
}
