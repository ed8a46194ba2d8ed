//! The model's notation, parameters and formulae. Pure: knows neither worlds nor files.
//!
//! | symbol | name in code | unit | meaning |
//! |---|---|---|---|
//! | F | `funds` | Honey | the pool that proposals are paid from |
//! | E | `effective_supply` | Honey | tokens committed to voting |
//! | L | `other_supply` | Honey | everything else |
//! | S | `total_supply` | Honey | S = F + E + L |
//! | s | `sentiment` | – | system mood, 0 to 1 |
//! | h | `holdings` | Honey | tokens of a participant |
//! | r | `funds_requested` | Honey | what a proposal asks for |
//! | a | `affinity` | – | how much a participant likes a proposal, -1 to 1 |
//! | x | `stake`, `tokens` | Honey | tokens staked on a proposal |
//! | y | `conviction` | Honey·days | accumulated support, y ← x + αy each day |
//! | y* | `trigger` | Honey·days | conviction that a proposal must exceed to pass |
//! | w | `influence` | – | how strongly one participant sways another |
//! | c | `conflict` | – | how much two proposals exclude each other |
//!
//! The model is the *Aragon Conviction Voting Model, Version 3* of BlockScience, 1Hive,
//! Commons Stack and Aragon. What it does and what is wrong in the published program is
//! described at [`Rules`].

mod chain;
mod conviction;
mod keys;
mod parameters;
mod rules;
mod setting;
mod trigger;

pub use chain::{Arithmetic, Chain, scaled};
pub use conviction::{
    alpha_from_half_life, conviction_after, days_to_reach, half_life_from_alpha, max_conviction,
};
pub use keys::{Domain, KEYS, Key, Value, find_key, nearest_key};
pub use parameters::{Initial, Parameters};
pub use rules::{RULES, RuleName, RuleSet, Rules};
pub use setting::{Fault, Setting};
pub use trigger::{
    beta_from_largest_passable, largest_passable_share, maximum_share_of_conviction,
    minimum_conviction_share, rho_from_minimum_conviction, trigger,
};
