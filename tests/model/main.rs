//! The model through the library: recorded runs, golden values, properties, distributions, and extensions, alone and
//! with others.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/extended.rs"]
mod extended;
#[path = "../common/runs.rs"]
mod runs;

mod contract_runs;
mod decisions;
mod distributions;
mod extensions;
mod from_history;
mod from_pool;
mod gardens2_runs;
mod golden;
mod in_memory;
mod properties;
mod recordings;
