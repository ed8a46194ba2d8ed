//! Reports: what runs, sweeps and settings come to, as one HTML file with charts. Reads what the
//! other commands write; simulates nothing.
//!
//! | file | what it draws |
//! |---|---|
//! | [`page`] | the HTML file: sections, tables, figures and the library that draws them |
//! | [`figure`] | a chart, and the choices that change it |
//! | [`run`] | one run, from its directory |
//! | [`sweep`] | a sweep, from what [`aggregate`] and [`sensitivity`] make of its runs |
//! | [`trigger`] | what a setting means, before any simulation |
//! | `thin` | what is left out because no eye could see it |

pub mod aggregate;
pub mod figure;
pub mod page;
pub mod run;
pub mod sensitivity;
pub mod sweep;
mod thin;
pub mod trigger;

pub use page::Page;
