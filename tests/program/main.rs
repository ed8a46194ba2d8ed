//! Specs, datasets and the program: what a person reads, writes and types.

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod cli;
mod contract;
mod features;
mod fuzz;
mod presets;
mod search;
mod specs;
mod sweeps;
