//! Runs batches of runs in lockstep over bevy_ecs. Knows runs, tables, streams and features, but not what is
//! simulated.
//!
//! | file | contents |
//! |---|---|
//! | [`model`](ModelBuilder) | registration of features; combines them into a model, checked once |
//! | [`extension`](Extension) | features that are off by default |
//! | [`key`](Key), [`list`](List), [`document`](Document), [`setting`](Setting) | settings by name: unit, domain, default, meaning |
//! | [`choice`](crate::choices) | settings that are one of several words |
//! | [`preset`](Preset) | named settings to start from |
//! | [`found`](Asked) | access of systems to components |
//! | [`run`](Run) | a run's slot, day and end; access to components of runs, by named [views](View) |
//! | [`table`](Rows) | pooled rows, and columns as slices, by named [views](RowsView) |
//! | [`columns`], [`output`](Output) | output of runs, by column |
//! | [`random`](Seeds) | random streams: root seed → world → stream |
//! | [`batch`](Batch) | runs in lockstep, reused from batch to batch |
//! | [`simulator`](Simulator) | simulation of single runs |

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

mod batch;
mod choice;
pub mod columns;
mod document;
mod extension;
mod found;
mod key;
mod lanes;
mod list;
mod model;
mod output;
mod preset;
mod random;
mod run;
mod setting;
mod simulator;
mod table;

pub use batch::{Batch, RunOf, TableRows};
pub use columns::{Cell, Column as ColumnOf, Columns, Goal, Kind};
pub use document::{Content, Document};
pub use extension::{Each, Extension, ExtensionError, Extensions, GatheredEach};
pub use found::{Asked, Asking, Found, Writable};
pub use key::{Alias, DocumentFile, Domain, Key, ListFile, Value, nearest};
pub use list::List;
pub use model::{
    Estimate, Feature, FeatureId, KindOfBatch, Model, ModelBuilder, Phase, Start, SystemOf,
};
pub use output::{Buffer, Choice, Gathered, Leaving, Moment, Output};
pub use preset::Preset;
pub(crate) use random::mix;
pub use random::{Geometric, Lanes, Seeded, Seeds, Source, Stream, StreamSeeds, normal};
pub use run::{Batched, Failing, NotFinite, OfBatch, PerRun, Run, RunFailure, Runs, Shown, View};
pub use setting::{
    Fault, Field, Given, Idle, Implied, Keys, Later, Setting, SettingError, Settings, Use,
};
pub use simulator::{Outcome, Simulator};
pub use table::{
    Column, LANES, Rows, RowsOfBatch, RowsView, Slices, Table, spawn_rows, spread, spread_column,
};

crate::settings! {
    /// Duration of a run.
    Horizon {
        days: u32 = 100, "days", Domain::count(1, 36_500), "horizon of a run";
    }
}
