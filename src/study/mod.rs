//! Sweeps: what is asked for, which runs that makes, and running them.
//!
//! | file | what it owns |
//! |---|---|
//! | [`spec`] | the TOML file, checked whole before anything starts |
//! | [`axis`], [`design`] | what is varied, and at which points |
//! | [`plan`] | run number ↔ point, replicate; parts; tables |
//! | [`dataset`] | the directory: its manifest, its parts, whether it is whole |
//! | [`driver`] | running parts in parallel, each written once |
//! | [`rows`] | the rows that runs leave |
//! | [`points`], [`summary`] | reading back what was written |
//! | [`forecast`] | time and size, measured on a few runs |

pub mod axis;
pub mod dataset;
pub mod design;
pub mod driver;
pub mod forecast;
pub mod plan;
pub mod points;
mod resolved;
pub mod rows;
pub mod spec;
pub mod summary;

pub use axis::Axis;
pub use dataset::{Dataset, Verification};
pub use design::Design;
pub use driver::{OnFailure, SweepError, Swept, sweep};
pub use plan::{Plan, PlanError};
pub use spec::{Spec, SpecError};
