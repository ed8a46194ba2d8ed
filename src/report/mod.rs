//! Reports: what runs, sweeps and settings come to, as one HTML file with charts. Reads what the
//! other commands write; simulates nothing.
//!
//! | file | what it draws |
//! |---|---|
//! | [`page`] | the HTML file: sections, tables, figures and the library that draws them |
//! | `place` | where it may be written |
//! | [`figure`] | a chart, and the choices that change it |
//! | [`run`] | one run, from its directory |
//! | [`sweep`] | a sweep, from what [`aggregate`] and [`sensitivity`] make of its runs |
//! | [`trigger`] | what a setting means, before any simulation |
//! | [`means`] | as tables of texts |
//! | [`attack`] | and under attack |
//! | `thin` | what is left out because no eye could see it |

pub mod aggregate;
pub mod attack;
pub mod figure;
pub mod means;
pub mod page;
mod place;
pub mod run;
pub mod sensitivity;
pub mod sweep;
mod thin;
pub mod trigger;

pub use page::Page;
pub use place::{Place, PlaceError};

use crate::input::TableError;
use crate::study::NotWhole;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A file of a sweep is not what was written.
    #[error(transparent)]
    NotWhole(#[from] NotWhole),
    /// A table is missing, or makes no sense.
    #[error(transparent)]
    Table(#[from] TableError),
}
