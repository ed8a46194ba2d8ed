//! Renders reports on runs, sweeps and settings, each as one HTML file with charts. Reads the output of other
//! commands; simulates nothing.
//!
//! | file | contents |
//! |---|---|
//! | [`page`] | HTML file: sections, tables, figures and the charting library |
//! | `place` | checks that a file may be written or overwritten |
//! | [`figure`] | charts, and the choices that change them |
//! | [`run`] | report on one run, from its directory |
//! | [`sweep`] | report on a sweep, from the analyses of [`crate::analyse`] |
//! | `outcomes` | choices, labels and bands of outcomes, for the sections on a sweep |
//! | `forecast` | forecast from a history, for runs and sweeps |
//! | [`robust`] | comparison of lever settings |
//! | [`sensitivity`] | settings that matter, as a section and in words |
//! | [`trigger`] | what a setting means, before any simulation |
//! | [`means`] | the same as tables of texts |
//! | [`attack`] | how a setting fares under attack |
//! | `thin` | omits points that would not be visible |

pub mod attack;
pub mod figure;
mod forecast;
pub mod means;
mod outcomes;
pub mod page;
mod place;
pub mod robust;
pub mod run;
pub mod sensitivity;
pub mod sweep;
mod thin;
pub mod trigger;

pub use page::Page;
pub use place::{Place, PlaceError};

use crate::analyse::AnalyseError;
use crate::input::TableError;

/// Reason why a report cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A sweep cannot be analysed.
    #[error(transparent)]
    Analyse(#[from] AnalyseError),
    /// A table is missing or invalid.
    #[error(transparent)]
    Table(#[from] TableError),
}
