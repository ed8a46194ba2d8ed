//! Implements the Gardens v2 contracts: pools whose members vote with points.
//!
//! The commits name the two versions. They differ in the points that enter a threshold: the largest number seen
//! ([`Version::V15ad374`]), or one weighted by time ([`Version::Va75a6efe2`]).

mod app;
mod arithmetic;
mod event;
mod over_blocks;
mod points;
mod pool;
mod revert;
mod state;
mod streaming;
mod support;
mod totals;

pub use app::{AppChain, AppSettings, BLOCKS_OF_APP, app_settings, half_life_on};
pub use arithmetic::{
    ThresholdQuery, conviction, maximum_conviction, threshold, threshold_floor, weighted_average,
};
pub use event::Event;
pub use over_blocks::{Decay, OverBlocks, Peek, Plain};
pub use points::{
    Community, Decimals, Direction, PointChange, PointSystem, points, points_in,
    points_on_activation,
};
pub use pool::Gardens2;
pub use revert::Revert;
pub use state::{Member, PoolProposal, Settings, Snapshot, Status, Supported, Version};
pub use streaming::{Rebalance, Rebalanced, Streamed, rebalance};
pub use support::{MOST_SUPPORTED, share_of_support, taken_off};
pub use totals::PoolTotals;
