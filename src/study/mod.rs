//! Sweeps: what is asked for, which runs that makes, and running them.
//!
//! A plan is done part by part, by whoever has it: [`sweep`] does them with the threads of one
//! process, any other executor does the same.
//!
//! ```
//! use conviction::study::{Directory, OnFailure, Plan, Spec, Worker};
//! use conviction::study::{dataset, part::Watch};
//!
//! let spec = "replicates = 100\ndays = 20\n[axes]\nbeta = [0.2, 0.3]";
//! let model = conviction::model();
//! let plan = Plan::new(Spec::parse(&model, spec, "a spec", "".as_ref())?)?;
//! let directory = tempfile::tempdir()?;
//! let store = Directory::new(directory.path());
//! let manifest = dataset::begin(&store, &plan, dataset::Existing::Join)?;
//!
//! let stop = std::sync::atomic::AtomicBool::new(false);
//! let watch = Watch { stop: &stop, on_failure: OnFailure::Record, progress: &() };
//! let mut worker = Worker::new(&plan);
//! for part in 0..manifest.parts {
//!     let part = worker.part(part, &watch)?.expect("nobody asked for an end");
//!     // Its files are bytes in memory, the same wherever they are made.
//!     assert_eq!(part.files[0].name, format!("runs/part-{:06}.parquet", part.number));
//!     part.commit(&store, false)?;
//! }
//! assert!(conviction::study::verify::verify(&store)?.problems.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Points may be held in memory as well, a column per key that is varied:
//!
//! ```
//! use arrow_array::{Float64Array, RecordBatch};
//! use conviction::study::{Plan, Spec};
//! use std::sync::Arc;
//!
//! let beta = Arc::new(Float64Array::from(vec![0.1, 0.2, 0.3]));
//! let points = RecordBatch::try_from_iter([("beta", beta as _)])?;
//! let mut spec = Spec::of_points(&conviction::model(), &points)?;
//! spec.replicates = 100;
//! assert_eq!(Plan::new(spec)?.runs, 300);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | file | what it owns |
//! |---|---|
//! | [`spec`] | the TOML file, checked whole before anything starts |
//! | [`axis`], [`design`] | what is varied, and at which points |
//! | [`objective`], [`condition`] | what outcomes should meet; conditions on named values |
//! | [`plan`] | run number ↔ point, replicate |
//! | [`parts`], [`cost`] | how runs are cut into parts, by the work that they are |
//! | [`tables`] | what is written of runs, a file per table |
//! | [`part`] | one part, simulated into memory |
//! | [`store`] | where it is written: whole objects by name, each committed once |
//! | [`manifest`], [`record`] | what a dataset says of itself and of its files |
//! | [`dataset`], [`verify`] | beginning or joining one; whether it is whole |
//! | `origin` | which sweep a dataset is of, where its manifest is lost |
//! | [`execute`] | running a plan: threads, slices of an array, whatever is missing; into memory |
//! | [`single`] | one run in detail |
//! | [`schema`] | every table, column and setting, with type, unit and meaning |
//! | [`points`], [`read`] | reading back what was written |
//! | [`dictionary`] | what is in a dataset, column by column |
//! | [`forecast`] | what a sweep will take: time, size, memory |
//!
//! Without the feature `files` specs, plans and gatherers remain; parts, stores, datasets and forecasts are absent.

pub mod axis;
pub mod condition;
pub mod cost;
#[cfg(feature = "files")]
pub mod dataset;
pub mod design;
#[cfg(feature = "files")]
pub mod dictionary;
#[cfg(feature = "files")]
pub mod execute;
#[cfg(feature = "files")]
pub mod forecast;
#[cfg(feature = "files")]
pub mod manifest;
pub mod objective;
#[cfg(feature = "files")]
mod origin;
#[cfg(feature = "files")]
pub mod part;
pub mod parts;
pub mod plan;
#[cfg(feature = "files")]
pub mod points;
#[cfg(feature = "files")]
pub mod read;
#[cfg(feature = "files")]
pub mod record;
mod resolved;
pub mod schema;
pub mod single;
pub mod spec;
#[cfg(feature = "files")]
pub mod store;
pub mod tables;
#[cfg(feature = "files")]
pub mod verify;
mod warnings;
#[cfg(feature = "files")]
pub mod whole;
pub mod world;

pub use axis::Axis;
#[cfg(feature = "files")]
pub use dataset::Dataset;
pub use design::Design;
#[cfg(feature = "files")]
pub use execute::{OnFailure, SweepError, Swept, sweep};
pub use objective::Objective;
#[cfg(feature = "files")]
pub use part::{Part, Worker};
pub use plan::{Plan, PlanError};
pub use single::Single;
pub use spec::{Spec, SpecError};
#[cfg(feature = "files")]
pub use store::{Directory, Store, open_store};
#[cfg(feature = "files")]
pub use whole::NotWhole;
