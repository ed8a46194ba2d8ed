//! Binds the library to Python: converts arguments and results, and nothing else.
//!
//! The package `conviction` around it is the public interface; this module is `conviction._conviction`.

mod decide;
mod faults;
mod given;
mod plan;
mod run;
mod schema;
mod table;
mod trigger;
mod watch;

use conviction::study::{Store, open_store};
use pyo3::prelude::*;
use std::sync::Arc;

/// Opens a store: a directory, or a folder of an object store.
fn store(url: &str) -> PyResult<Arc<dyn Store>> {
    open_store(url).map_err(faults::value)
}

#[pymodule]
mod _conviction {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::decide::{discover, robust, search, sensitivity};
    #[pymodule_export]
    use crate::faults::SweepError;
    #[pymodule_export]
    use crate::plan::{Plan, manifest_of, open_table, plan, points_plan};
    #[pymodule_export]
    use crate::run::run;
    #[pymodule_export]
    use crate::schema::schema;
    #[pymodule_export]
    use crate::table::{Table, columns, unpickled};
    #[pymodule_export]
    use crate::trigger::{presets, trigger};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        // Made before any fork, so that no child waits for a thread that it does not have.
        let _ = conviction::model();
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("RESULTS_VERSION", conviction::RESULTS_VERSION)
    }
}
