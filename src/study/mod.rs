//! Sweeps: specs, the runs that they define, and their execution.
//!
//! A plan is executed part by part. [`sweep`] uses the threads of one process; any other executor can do the same.
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
//!     let part = worker.part(part, &watch)?.expect("not stopped");
//!     // Files are bytes in memory, the same on every machine.
//!     assert_eq!(part.files[0].name, format!("runs/part-{:06}.parquet", part.number));
//!     part.commit(&store, false)?;
//! }
//! assert!(conviction::study::verify::verify(&store)?.problems.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Points can also be held in memory, with a column per varied key:
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
//! | file | purpose |
//! |---|---|
//! | [`spec`] | the TOML file, checked completely before a run starts |
//! | [`axis`], [`design`] | varied settings, and the points at which they are simulated |
//! | [`objective`], [`condition`] | requirements on outcomes; conditions on named values |
//! | [`plan`] | run number ↔ point, replicate |
//! | [`parts`], [`cost`] | cutting runs into parts of about equal work |
//! | [`tables`] | the tables that a sweep can write about runs |
//! | [`gather`] | the rows of those tables, simulated and gathered |
//! | [`part`], [`mod@file`] | one part, simulated into memory; its files |
//! | `progress` | progress of a sweep, and what becomes of failed runs |
//! | [`store`] | the place of a dataset: complete objects by name, each committed once |
//! | [`manifest`], [`record`] | metadata of a dataset and of its files |
//! | [`dataset`], [`verify`] | beginning, joining and verifying a dataset |
//! | `origin` | the sweep of a dataset whose manifest is lost |
//! | [`execute`] | running a plan into a store or memory: threads, slices of a job array, missing parts |
//! | [`single`] | one run in detail |
//! | [`schema`] | every table, column and setting, with type, unit and meaning |
//! | [`points`], [`read`] | reading written tables |
//! | [`dictionary`] | the content of a dataset, column by column |
//! | [`forecast`] | the expected time, size and memory of a sweep |
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
pub mod file;
#[cfg(feature = "files")]
pub mod forecast;
pub mod gather;
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
mod progress;
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
