//! Converts errors of the library to exceptions.

use conviction::error::chain;
use conviction::study::SpecError;
use conviction::study::execute;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use std::error::Error;

pyo3::create_exception!(
    conviction,
    SweepError,
    PyRuntimeError,
    "A sweep failed. `parts` are the numbers of the failed parts, empty if no part is at fault; complete \
     parts are kept, and repeating the call continues the sweep."
);

/// Converts an invalid request to a `ValueError`.
pub fn value(error: impl Error) -> PyErr {
    PyValueError::new_err(chain(&error))
}

/// Converts the faults of a spec, one per line, without line numbers if the text is generated.
pub fn spec(error: SpecError, has_lines: bool) -> PyErr {
    match error {
        SpecError::Faults {
            source_name,
            mut faults,
            more,
        } if !has_lines => {
            for fault in &mut faults {
                (fault.line, fault.excerpt) = (None, None);
            }
            value(SpecError::Faults {
                source_name,
                faults,
                more,
            })
        }
        other => value(other),
    }
}

/// Converts the failure of a sweep.
pub fn sweep(py: Python<'_>, error: execute::SweepError) -> PyErr {
    use execute::SweepError::{Dataset, Threads, TooManyParts};
    match error {
        Dataset(_) | Threads { .. } | TooManyParts { .. } => value(error),
        _ => {
            let parts: Vec<u64> = error.part().into_iter().collect();
            let raised = SweepError::new_err(chain(&error));
            match raised.value(py).setattr("parts", parts) {
                Ok(()) => raised,
                Err(other) => other,
            }
        }
    }
}
