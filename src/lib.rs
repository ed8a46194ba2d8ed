//! A high-performance batch simulator of Conviction Voting, the way DAOs such as 1Hive decide what
//! to fund.
//!
//! Participants stake tokens on proposals, conviction y ← x + αy builds up, and a proposal passes
//! when its conviction exceeds its trigger. This crate simulates the published model (*Aragon
//! Conviction Voting Model, Version 3*) and a corrected one, a run in detail or millions of runs:
//!
//! ```
//! use conviction::{model::Setting, run::Simulator};
//!
//! let mut setting = Setting::default();
//! setting.parameters.beta = 0.3;
//! let outcome = Simulator::new().run(&setting, 7, 0);
//! println!(
//!     "{} proposals granted, {:.0} Honey left in the pool",
//!     outcome.state.proposals_granted, outcome.state.funds
//! );
//! # assert!(outcome.state.proposals_granted > 0);
//! ```
//!
//! # Map
//!
//! Dependencies point downwards: formulae know neither worlds nor files, the world knows no files,
//! output knows no world.
//!
//! | module | what it owns |
//! |---|---|
//! | [`cli`] | the command line |
//! | [`study`] | specs, designs, plans, the parallel driver, datasets |
//! | [`replay`] | recorded runs of the published program |
//! | [`run`] | one run in, its outcome out |
//! | [`world`] | the simulated DAO: a bevy_ecs world and the phases of its day |
//! | [`contract`] | the arithmetic of the deployed contract, in 256-bit integers |
//! | [`rng`] | root seed → run → named stream |
//! | [`output`], [`input`] | tables to and from files |
//! | [`model`] | notation, parameters, rules, and formulae in closed form |
//! | [`error`] | errors as a reader sees them |

mod aligned;
pub mod cli;
pub mod contract;
mod digits;
pub mod engine;
pub mod error;
pub mod input;
pub mod output;
pub mod report;
pub mod study;
pub mod voting;

pub use aligned::Aligned;
#[doc(hidden)]
pub use {bevy_ecs, bytemuck};

/// The model of Conviction Voting.
pub fn model() -> engine::Model {
    voting::model_with(&[])
}

/// What the author of a feature needs.
pub mod prelude {
    pub use crate::engine::{
        Alias, Columns, Domain, Failing, Fault, Feature, Gathered, Key, ModelBuilder, Moment,
        Output, PerRun, Rows, Runs, Seeded, Seeds, Setting, Settings, Shown, Source, Start, Stream,
        Value,
    };
    pub use crate::voting::Day;
    pub use crate::{columns, settings, table};
    pub use bevy_ecs::prelude::*;
    pub use fearless_simd::dispatch;
}

/// The version of the results: programs of equal version give equal numbers for equal specs.
/// Raised with every change that alters any number.
pub const RESULTS_VERSION: u32 = 6;
