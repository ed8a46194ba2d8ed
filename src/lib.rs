//! A high-performance batch simulator of Conviction Voting.
pub mod input;
pub mod model;
pub mod output;
pub mod replay;
pub mod rng;
pub mod run;
pub mod world;
