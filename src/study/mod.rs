//! Sweeps: what is asked for, which runs that makes, and running them.
//!
//! | file | what it owns |
//! |---|---|
//! | [`spec`] | the TOML file, checked whole before anything starts |
//! | [`axis`], [`design`] | what is varied, and at which points |
//! | [`plan`] | run number ↔ point, replicate |
//! | [`parts`], [`cost`] | how runs are cut into parts, by the work that they are |
//! | [`tables`] | what is written of runs, a file per table |
//! | [`part`] | one part, simulated into memory |
//! | [`store`] | where it is written: whole objects by name, each committed once |
//! | [`manifest`], [`record`] | what a dataset says of itself and of its files |
//! | [`dataset`], [`verify`] | beginning or joining one; whether it is whole |
//! | [`execute`] | running a plan: threads, slices of an array, whatever is missing |
//! | [`points`], [`summary`] | reading back what was written |
//! | [`forecast`] | what a sweep will take: time, size, memory |

pub mod axis;
pub mod cost;
pub mod dataset;
pub mod design;
pub mod execute;
pub mod forecast;
pub mod manifest;
pub mod part;
pub mod parts;
pub mod plan;
pub mod points;
pub mod record;
mod resolved;
pub mod spec;
pub mod store;
pub mod summary;
pub mod tables;
pub mod verify;

pub use axis::Axis;
pub use dataset::Dataset;
pub use design::Design;
pub use execute::{OnFailure, SweepError, Swept, sweep};
pub use part::{Part, Worker};
pub use plan::{Plan, PlanError};
pub use spec::{Spec, SpecError};
pub use store::{Directory, Store};
