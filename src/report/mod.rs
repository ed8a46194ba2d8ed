//! Reports: what runs, sweeps and settings come to, as one HTML file with charts. Reads what the
//! other commands write; simulates nothing.
//!
//! | file | what it draws |
//! |---|---|
//! | [`page`] | the HTML file: sections, tables, figures and the library that draws them |
//! | `place` | where it may be written |
//! | [`figure`] | a chart, and the choices that change it |
//! | [`run`] | one run, from its directory |
//! | [`sweep`] | a sweep, from what [`crate::analyse`] computes of its runs |
//! | `forecast` | what follows a history |
//! | [`robust`] | lever settings compared |
//! | [`trigger`] | what a setting means, before any simulation |
//! | [`means`] | as tables of texts |
//! | [`attack`] | and under attack |
//! | `thin` | what is left out because no eye could see it |

pub mod attack;
pub mod figure;
mod forecast;
pub mod means;
pub mod page;
mod place;
pub mod robust;
pub mod run;
pub mod sweep;
mod thin;
pub mod trigger;

pub use page::Page;
pub use place::{Place, PlaceError};

use crate::analyse::AnalyseError;
use crate::input::TableError;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A sweep cannot be analysed.
    #[error(transparent)]
    Analyse(#[from] AnalyseError),
    /// A table is missing, or makes no sense.
    #[error(transparent)]
    Table(#[from] TableError),
}
