//! A high-performance batch simulator of Conviction Voting.
pub mod cli;
pub mod error;
pub mod input;
pub mod model;
pub mod output;
pub mod replay;
pub mod rng;
pub mod run;
pub mod sweep;
pub mod world;

/// The version of the results: programs of equal version give equal numbers for equal specs.
/// Raised with every change that alters any number.
pub const RESULTS_VERSION: u32 = 1;
