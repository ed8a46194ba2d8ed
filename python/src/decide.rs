//! Which setting, at what price, how certain: the analyses of a dataset.

use crate::faults;
use crate::given;
use crate::plan::threads;
use crate::table::Table;
use crate::watch::watched;
use arrow_array::RecordBatch;
use conviction::analyse::AnalyseError;
use conviction::analyse::discover::prim::{Gain, Options};
use conviction::analyse::discover::{Asked as DiscoverAsked, discover as find};
use conviction::analyse::robust::{Asked as RobustAsked, WorldKind, robust as compare};
use conviction::analyse::sensitivity::{Asked as SensitivityAsked, sensitivity as weigh};
use conviction::search::{Options as SearchOptions, Running, SearchError, search as find_settings};
use conviction::study::execute::Slice;
use conviction::study::{Dataset, Spec};
use pyo3::exceptions::{PyKeyboardInterrupt, PyValueError};
use pyo3::prelude::*;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// An answer: its document as JSON, and its table.
type Answer = (String, Table);

/// Analyses the dataset at `url`; Ctrl-C stops it.
fn answer<T: Send>(
    py: Python<'_>,
    url: &str,
    analyse: impl FnOnce(&Dataset, &AtomicBool) -> Result<T, AnalyseError> + Send,
    show: impl FnOnce(&T) -> (String, RecordBatch),
) -> PyResult<Answer> {
    let dataset = Dataset::of(crate::store(url)?).map_err(faults::value)?;
    let (found, asked) = watched(py, None, |_, stop| analyse(&dataset, stop));
    if let Some(asked) = asked {
        return Err(asked);
    }
    let (document, table) = show(&found.map_err(faults::value)?);
    Ok((document, Table::of_batch(table)))
}

/// Compares the lever settings of a dataset.
#[pyfunction]
#[allow(
    clippy::too_many_arguments,
    reason = "one per argument of the Python function"
)]
pub fn robust(
    py: Python<'_>,
    url: &str,
    objectives: Vec<String>,
    world: Option<&str>,
    base: usize,
    reference: usize,
    levers: Option<Vec<String>>,
    is_relative: bool,
    pareto_quantile: Option<f64>,
) -> PyResult<Answer> {
    let kind = match world {
        None => None,
        Some("run") => Some(WorldKind::Run),
        Some("point") => Some(WorldKind::Point),
        Some(other) => {
            let message = format!("world: expected \"run\" or \"point\", found \"{other}\"");
            return Err(PyValueError::new_err(message));
        }
    };
    let asked = RobustAsked {
        objectives,
        kind,
        base,
        reference,
        levers,
        is_relative,
        pareto_quantile,
    };
    answer(
        py,
        url,
        |dataset, stop| compare(dataset, &asked, stop),
        |found| (found.json().to_string(), found.table()),
    )
}

/// Finds where a condition mostly holds.
#[pyfunction]
#[allow(
    clippy::too_many_arguments,
    reason = "one per argument of the Python function"
)]
pub fn discover(
    py: Python<'_>,
    url: &str,
    condition: String,
    inputs: Vec<String>,
    lever: Option<usize>,
    threshold: f64,
    step: Option<usize>,
    hold_out: f64,
    shares: (f64, f64, f64),
    objective: &str,
) -> PyResult<Answer> {
    let (peel, paste, least_mass) = shares;
    for (name, share) in [("peel", peel), ("paste", paste)] {
        if !(share > 0.0 && share < 1.0) {
            let message = format!("{name}: expected a share above 0 and below 1, found {share}");
            return Err(PyValueError::new_err(message));
        }
    }
    for (name, share) in [("threshold", threshold), ("least_mass", least_mass)] {
        if !(share > 0.0 && share <= 1.0) {
            let message = format!("{name}: expected a share above 0 and at most 1, found {share}");
            return Err(PyValueError::new_err(message));
        }
    }
    if !(0.0..1.0).contains(&hold_out) {
        let message = format!("hold_out: expected a share from 0 to below 1, found {hold_out}");
        return Err(PyValueError::new_err(message));
    }
    let gain = match objective {
        "lenient1" => Gain::Lenient1,
        "lenient2" => Gain::Lenient2,
        "original" => Gain::Original,
        other => {
            let message = format!(
                "objective: expected \"lenient1\", \"lenient2\" or \"original\", found \"{other}\""
            );
            return Err(PyValueError::new_err(message));
        }
    };
    let asked = DiscoverAsked {
        condition,
        inputs,
        lever,
        threshold,
        step,
        hold_out,
        options: Options {
            peel,
            paste,
            least_mass,
            gain,
        },
    };
    answer(
        py,
        url,
        |dataset, stop| find(dataset, asked, stop),
        |found| (found.json().to_string(), found.table()),
    )
}

/// Shows which settings decide the outcomes.
#[pyfunction]
pub fn sensitivity(
    py: Python<'_>,
    url: &str,
    outcomes: Vec<String>,
    combination: usize,
) -> PyResult<Answer> {
    let asked = SensitivityAsked {
        outcomes,
        combination,
    };
    answer(
        py,
        url,
        |dataset, stop| weigh(dataset, &asked, stop),
        |found| (found.json().to_string(), found.table()),
    )
}

/// Searches the settings of a spec, and writes the result to `url`. `spec` is TOML, or a dict of the same tables; `source` names
/// it in errors, and paths in it start at `directory`.
#[pyfunction]
#[allow(
    clippy::too_many_arguments,
    reason = "one per argument of the Python function"
)]
pub fn search(
    py: Python<'_>,
    spec: (Bound<'_, PyAny>, String, String),
    url: &str,
    objectives: Vec<String>,
    sizes: (u32, usize, u64),
    epsilon: f64,
    worst_of: Option<usize>,
    resume: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Answer> {
    let (spec, source, directory) = spec;
    let (text, has_lines) = given::spec(&spec)?;
    let (generations, population, least_worlds) = sizes;
    let options = SearchOptions {
        generations,
        population,
        least_worlds,
        epsilon,
        worst_of,
        objectives,
    };
    let running = Running {
        threads: threads(None),
        resume,
        slice: Slice::Whole,
    };
    let (found, asked) = watched(py, progress, |told, stop| {
        let read = Spec::parse(&conviction::model(), &text, &source, Path::new(&directory));
        let spec = read.map_err(|error| faults::spec(error, has_lines))?;
        let found = find_settings(spec, Path::new(url), &options, running, told, stop);
        found.map_err(|error| match error {
            SearchError::Sweep { source, .. } => Python::attach(|py| faults::sweep(py, source)),
            other => faults::value(other),
        })
    });
    if let Some(asked) = asked {
        return Err(asked);
    }
    let found = found?.ok_or_else(|| PyKeyboardInterrupt::new_err(()))?;
    Ok((found.json().to_string(), Table::of_batch(found.table())))
}
