//! Extensions: what each does, alone and with others.

mod attackers;
mod change;
mod conflict;
mod flows;
mod holdings;
mod identities;
mod invariants;
mod issuance;
mod market;
mod outcomes;
mod registered;
mod streaming;
mod together;
mod voting;
