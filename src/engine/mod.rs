//! Batches of runs in lockstep over bevy_ecs: knows runs, tables, streams and features, and nothing of
//! what is simulated.
//!
//! | file | what it owns |
//! |---|---|
//! | [`model`](ModelBuilder) | what a feature registers; features → one model, checked once |
//! | [`extension`](Extension) | features that are off unless asked for |
//! | [`key`](Key), [`list`](List), [`document`](Document), [`setting`](Setting) | settings by name: unit, domain, default, meaning, said once |
//! | [`preset`](Preset) | settings with a name, to start from |
//! | [`found`](Asked) | where the components lie that a system asks for |
//! | [`run`](Run) | a run's slot, day and end; components of runs, for systems |
//! | [`table`](Rows) | pooled rows, and columns as slices: the one picture of addressing |
//! | [`columns`], [`output`](Output) | what runs leave, column by column |
//! | [`random`](Seeds) | root seed → world → stream |
//! | [`batch`](Batch) | runs in lockstep, kept from batch to batch |
//! | [`simulator`](Simulator) | one run in, its outcome out |

/// Calls a macro with the names of what may stand side by side: one, two, up to fifteen.
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
        }
    };
}

mod batch;
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
pub use found::{Asked, Asking, Found};
pub use key::{Alias, DocumentFile, Domain, Key, ListFile, Value, nearest};
pub use list::List;
pub use model::{
    Estimate, Feature, FeatureId, KindOfBatch, Model, ModelBuilder, Phase, Start, SystemOf,
};
pub use output::{Buffer, Gathered, Moment, Output};
pub use preset::Preset;
pub(crate) use random::mix;
pub use random::{Geometric, Lanes, Seeded, Seeds, Source, Stream, normal};
pub use run::{
    Batched, Failing, NotFinite, OfBatch, OfRuns, PerRun, Run, RunFailure, Runs, Shown, Writable,
};
pub use setting::{
    Fault, Field, Given, Idle, Implied, Keys, Later, Setting, SettingError, Settings, Use,
};
pub use simulator::{Outcome, Simulator};
pub use table::{
    Column, LANES, Rows, RowsOfBatch, Slices, Table, spawn_rows, spread, spread_column,
};

crate::settings! {
    /// How long a run lasts.
    Horizon {
        days: u32 = 100, "days", Domain::count(1, 36_500), "horizon of a run";
    }
}
