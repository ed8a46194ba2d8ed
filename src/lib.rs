//! A high-performance batch simulator of Conviction Voting, the way DAOs such as 1Hive decide what
//! to fund.
//!
//! Participants stake tokens on proposals, conviction y ← x + αy builds up, and a proposal passes
//! when its conviction exceeds its trigger. This crate simulates the published model (*Aragon
//! Conviction Voting Model, Version 3*) and a corrected one, a run in detail or millions of runs:
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
//! A sweep, in memory or to a directory, is in [`study`]. The model is a list of features ([`voting`]), and
//! anybody can add one: a setting, a system of the day, a column, and then `run`, `sweep`, `report` and all
//! error messages know it.
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
//! fn levy(mut runs: Runs<(&'static Tax, &'static mut Supply)>) {
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
//! Arrows point downwards: the engine knows no voting, voting no files, output no model.
//!
//! | module | what it owns |
//! |---|---|
//! | `cli` | the command line of a model (feature `cli`, on by default) |
//! | `report` | HTML reports (feature `report`, on by default) |
//! | [`search`] | settings that no other beats, generation by generation |
//! | [`analyse`] | one pass over the runs of a sweep: means, quantiles, robustness |
//! | [`study`] | specs, designs, plans, parts, stores: sweeps |
//! | [`voting`] | the model: a folder per feature, in one list |
//! | [`contract`] | the arithmetic of the deployed contract, in 256-bit integers |
//! | [`output`], [`input`] | tables to and from files (Parquet with the feature `files`, on by default) |
//! | [`engine`] | batches of runs in lockstep over bevy_ecs; features, settings, tables, streams |
//! | [`error`] | errors as a reader sees them |

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

/// The model of Conviction Voting.
pub fn model() -> engine::Model {
    static MODEL: OnceLock<engine::Model> = OnceLock::new();
    MODEL.get_or_init(|| voting::model_with(&[])).clone()
}

/// What the author of a feature needs.
pub mod prelude {
    pub use crate::engine::{
        Alias, Columns, Domain, Each, Failing, Fault, Feature, Gathered, GatheredEach, Key,
        ModelBuilder, Moment, Output, PerRun, Rows, Runs, Seeded, Seeds, Setting, Settings, Shown,
        Source, Start, Stream, Value,
    };
    pub use crate::voting::Day;
    pub use crate::{columns, settings, table};
    pub use bevy_ecs::prelude::*;
    pub use fearless_simd::dispatch;
}

/// The version of the results: programs of equal version give equal numbers for equal specs.
/// Raised with every change that alters any number of the model without extensions; an extension has a version of
/// its own.
pub const RESULTS_VERSION: u32 = 6;
