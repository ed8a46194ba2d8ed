//! Attackers: who takes from the pool what no honest voter wants to pay for.
//!
//! | file | what it owns |
//! |---|---|
//! | [`closed_form`] | what a setting means under attack, without simulation |

pub mod closed_form;
