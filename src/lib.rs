//! High-performance batch simulator of Conviction Voting, by which DAOs such as 1Hive decide what to fund.
//!
//! Participants stake tokens on proposals, conviction y ← x + αy builds up, and a proposal passes when its conviction
//! exceeds its trigger. This crate simulates the published model (*Aragon Conviction Voting Model, Version 3*) and a
//! corrected one: one run in detail, or millions of runs.
//!
//! ```
//! use conviction::engine::Simulator;
//!
//! let model = conviction::model();
//! let setting = model.setting().with("beta", 0.3)?.with("half_life_days", 7)?;
//! let outcome = Simulator::new(&model, &["runs"]).outcome("runs", &setting, 7, 0)?;
//! println!(
//!     "{} proposals granted, {:.0} Honey left in the pool",
//!     outcome.number("proposals_granted"),
//!     outcome.number("funds")
//! );
//! # assert!(outcome.number("proposals_granted") > 0.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Module [`study`] runs sweeps, in memory or to a directory. The model is a list of features ([`voting`]), which you
//! can extend. A feature adds settings, systems of the day or columns; `run`, `sweep`, `report` and all error
//! messages include them.
//!
//! ```
//! use conviction::prelude::*;
//! use conviction::voting::{supply::Supply, model_with};
//!
//! settings! {
//!     /// A tax on the pool.
//!     Tax in "tax" {
//!         rate: f64 = 0.0, "1/day", Domain::from_to(0.0, 1.0), "share of the pool that is paid out each day";
//!     }
//! }
//!
//! fn levy(mut runs: Runs<(&Tax, &mut Supply)>) {
//!     for (_, (tax, supply)) in runs.batch() {
//!         let paid = tax.rate * supply.funds;
//!         supply.funds -= paid;
//!         supply.other += paid;
//!     }
//! }
//!
//! fn tax(model: &mut ModelBuilder) {
//!     model.settings::<Tax>().system(Day::Change, levy);
//! }
//!
//! let model = model_with(&[Feature::new("tax", 1, tax)]);
//! let setting = model.setting().with("tax.rate", 0.01)?;
//! let outcome = conviction::engine::Simulator::new(&model, &["runs"]).outcome("runs", &setting, 7, 0)?;
//! assert!(outcome.number("funds") < 4867.21);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//!
//! Each module knows only those below it: the engine has no notion of voting, voting none of files, output none of
//! the model.
//!
//! | module | responsibility |
//! |---|---|
//! | `cli` | command line of a model (feature `cli`, on by default) |
//! | `report` | HTML reports (feature `report`, on by default) |
//! | [`search`] | settings that no other beats, generation by generation |
//! | [`analyse`] | one pass over the runs of a sweep: means, quantiles, robustness |
//! | [`study`] | specs, designs, plans, parts, stores: sweeps |
//! | [`voting`] | the model: a folder per feature, in one list |
//! | [`contract`] | arithmetic of the deployed contracts, in 256-bit integers |
//! | [`output`], [`input`] | tables to and from files (Parquet with the feature `files`, on by default) |
//! | [`engine`] | batches of runs in lockstep over bevy_ecs; features, settings, tables, streams |
//! | [`error`] | errors as users see them |

mod aligned;
pub mod analyse;
#[cfg(feature = "cli")]
pub mod cli;
pub mod contract;
mod digits;
pub mod engine;
pub mod error;
pub mod input;
pub mod output;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "files")]
pub mod search;
pub mod study;
pub mod voting;

use std::sync::OnceLock;

pub use aligned::Aligned;
#[doc(hidden)]
pub use {bevy_ecs, bytemuck};

/// Returns the model of Conviction Voting.
pub fn model() -> engine::Model {
    static MODEL: OnceLock<engine::Model> = OnceLock::new();
    MODEL.get_or_init(|| voting::model_with(&[])).clone()
}

/// Items for authors of features.
pub mod prelude {
    pub use crate::engine::{
        Alias, Columns, Domain, Failing, Fault, Feature, Gathered, Key, ModelBuilder, Moment,
        Output, PerCopy, PerCopyRows, PerRun, Rows, RowsView, Runs, Sampled, Seeded, Seeds,
        Setting, Settings, Source, Start, Stream, StreamSeeds, Value, View,
    };
    pub use crate::voting::Day;
    pub use crate::{choices, columns, rows_view, settings, table, view};
    pub use bevy_ecs::prelude::*;
    pub use fearless_simd::dispatch;
}

/// Version of the results: programs of equal version give equal numbers for equal specs. Every change that alters a
/// number of the model without extensions raises it. Each extension has its own version.
pub const RESULTS_VERSION: u32 = 6;
