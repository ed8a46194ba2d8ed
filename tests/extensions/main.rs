//! Extensions: what each does, alone and with others.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/extended.rs"]
mod extended;
#[path = "../common/runs.rs"]
mod runs;

mod attackers;
mod change;
mod conflict;
mod flows;
mod holdings;
mod identities;
mod issuance;
mod market;
mod outcomes;
mod registered;
mod streaming;
mod together;
mod voting;
