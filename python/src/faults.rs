//! Errors of the library as exceptions.

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
    "A sweep could not be done. `parts` are the numbers of the parts that failed, none where it was no \
     part's fault; whole parts are kept, and the same call goes on where it stopped."
);

/// What was asked for makes no sense.
pub fn value(error: impl Error) -> PyErr {
    PyValueError::new_err(chain(&error))
}

/// All that is wrong with a spec, a line each. Lines of a text that nobody wrote are not told.
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

/// What kept a sweep from its end.
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
