//! Binds plans, and running them.

use crate::faults;
use crate::given;
use crate::table::{self, Reduced, Table};
use crate::watch::watched;
use conviction::analyse::{EvaluateError, evaluate};
use conviction::study::dataset::{Existing, begin};
use conviction::study::execute::{
    OnFailure, Options, Slice, collect, do_part, lost_parts, missing, sweep,
};
use conviction::study::forecast::Forecast;
use conviction::study::gather::points::{batches, points};
use conviction::study::manifest::{Manifest, manifest};
use conviction::study::part::{Watch, Worker};
use conviction::study::record::Check;
use conviction::study::spec::{MOST_REPLICATES, MOST_SEED};
use conviction::study::tables::folder;
use conviction::study::{self, Spec};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::Path;
use std::sync::OnceLock;
use std::thread::available_parallelism;

/// Plan of a spec: points, runs, and the parts into which runs are divided.
#[pyclass(frozen, module = "conviction")]
pub struct Plan {
    plan: study::Plan,
    /// Name of the spec in errors, and the directory to which its paths are relative.
    source: String,
    directory: String,
    manifest: OnceLock<Manifest>,
}

/// Plans a sweep. `spec` is TOML, or a dict of the same tables; errors name it `source`, and its paths are
/// relative to `directory`.
#[pyfunction]
pub fn plan(
    py: Python<'_>,
    spec: &Bound<'_, PyAny>,
    source: String,
    directory: String,
) -> PyResult<Plan> {
    let (text, has_lines) = given::spec(spec)?;
    Plan::of(py, source, directory, |source, directory| {
        let spec = Spec::parse(&conviction::model(), &text, source, directory);
        spec.map_err(|error| faults::spec(error, has_lines))
    })
}

/// Plans runs at points from any Arrow stream; `settings` apply to all of them.
#[pyfunction]
pub fn points_plan(
    py: Python<'_>,
    given: &Bound<'_, PyAny>,
    settings: &Bound<'_, PyDict>,
    replicates: &Bound<'_, PyAny>,
    seed: &Bound<'_, PyAny>,
) -> PyResult<Plan> {
    let replicates = given::whole("replicates", replicates, 1..=MOST_REPLICATES)? as u32;
    let seed = given::whole("seed", seed, 0..=MOST_SEED)?;
    let points = table::read(given)?;
    let settings = given::assignments(settings)?;
    Plan::of(py, "points".to_owned(), String::new(), |_, _| {
        let mut spec = Spec::of(&conviction::model());
        (spec.replicates, spec.seed) = (replicates, seed);
        let assigned = spec.assign_from("settings", &settings);
        let spec = assigned.and_then(|()| spec.over_points(&points));
        spec.map_err(|error| faults::spec(error, false))
    })
}

/// Opens a table of a dataset, which is read part by part; by default its table of points.
#[pyfunction]
#[pyo3(signature = (url, table=None))]
pub fn open_table(url: &str, table: Option<&str>) -> PyResult<Table> {
    Table::stored(url, opened(url)?, table)
}

/// Returns the names of a dataset's tables, and its spec with every default filled in.
#[pyfunction(name = "manifest")]
pub fn manifest_of(url: &str) -> PyResult<(Vec<String>, String)> {
    let manifest = opened(url)?;
    Ok((manifest.tables, manifest.spec.to_string()))
}

fn opened(url: &str) -> PyResult<Manifest> {
    study::dataset::manifest_of(&*crate::store(url)?).map_err(faults::value)
}

pub fn threads(asked: Option<usize>) -> usize {
    asked
        .unwrap_or_else(|| available_parallelism().map_or(1, usize::from))
        .max(1)
}

impl Plan {
    /// Reads and resolves a spec, which may take seconds: Ctrl-C stops it.
    fn of(
        py: Python<'_>,
        source: String,
        directory: String,
        spec: impl FnOnce(&str, &Path) -> PyResult<Spec> + Send,
    ) -> PyResult<Self> {
        let (planned, asked) = watched(py, None, |_, stop| {
            let planned = study::Plan::interruptible(spec(&source, Path::new(&directory))?, stop);
            planned.map_err(faults::value)
        });
        if let Some(asked) = asked {
            return Err(asked);
        }
        Ok(Self {
            plan: planned?.ok_or_else(|| PyKeyboardInterrupt::new_err(()))?,
            source,
            directory,
            manifest: OnceLock::new(),
        })
    }

    fn manifest(&self) -> PyResult<&Manifest> {
        if self.manifest.get().is_none() {
            let points = points(&self.plan).map_err(faults::value)?;
            let _ = self.manifest.set(manifest(&self.plan, &points.sha256).1);
        }
        Ok(self
            .manifest
            .get_or_init(|| unreachable!("it was set just now")))
    }
}

#[pymethods]
impl Plan {
    /// Number of points.
    #[getter]
    fn points(&self) -> u32 {
        self.plan.points
    }

    /// Number of runs.
    #[getter]
    fn runs(&self) -> u64 {
        self.plan.runs
    }

    /// Number of parts into which the runs are divided, and the maximum number of workers of an executor with work.
    #[getter]
    fn parts(&self) -> u64 {
        self.plan.parts.count
    }

    /// Spec with every default filled in, as TOML with absolute paths: equal texts mean equal sweeps.
    #[getter]
    fn spec(&self) -> String {
        self.plan.spec.anchored(Path::new(&self.directory)).text()
    }

    /// Arguments of [`plan`] that recreate this plan in any process.
    #[getter]
    fn recipe(&self) -> (String, &str, &str) {
        (self.plan.spec_text(), &self.source, &self.directory)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py, (String, &str, &str)>> {
        let plan = py.import("conviction._conviction")?.getattr("plan")?;
        Ok((plan, self.recipe()))
    }

    /// Names of the tables.
    #[getter]
    fn tables(&self) -> Vec<&'static str> {
        self.plan.spec.output.tables.iter().map(folder).collect()
    }

    /// Warnings about settings that are valid but probably not intended, one per line.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.plan.warnings.clone()
    }

    /// Expected seconds of all runs on one core.
    #[getter]
    fn seconds(&self) -> f64 {
        Forecast::of(&self.plan).seconds
    }

    /// Expected bytes of all tables on the disk.
    #[getter]
    fn bytes(&self) -> f64 {
        Forecast::of(&self.plan).bytes
    }

    /// Returns every setting of every point, one row each.
    fn settings(&self, py: Python<'_>) -> PyResult<Table> {
        let batches = batches(&self.plan).map(|batch| {
            py.check_signals()?;
            Ok(batch)
        });
        let batches = batches.collect::<PyResult<Vec<_>>>()?;
        Ok(Table::of(batches[0].schema(), batches))
    }

    /// Begins the dataset at `url`; with `resume`, also joins an existing one of the same spec.
    fn begin(&self, py: Python<'_>, url: &str, resume: bool) -> PyResult<()> {
        let existing = match resume {
            true => Existing::Mend,
            false => Existing::Refuse,
        };
        let store = crate::store(url)?;
        let begun = py.detach(|| begin(&*store, &self.plan, existing));
        begun.map(drop).map_err(faults::value)
    }

    /// Returns the numbers of the parts that are incomplete at `url`.
    fn missing(&self, py: Python<'_>, url: &str) -> PyResult<Vec<u64>> {
        let manifest = self.manifest()?;
        let all: Vec<_> = (0..self.plan.parts.count).collect();
        let store = crate::store(url)?;
        Ok(py.detach(|| missing(&*store, manifest, &all, Check::Size)))
    }

    /// Returns the numbers of the parts that `url` lacks although their workers reported them complete.
    fn lost(&self, py: Python<'_>, url: &str) -> PyResult<Vec<u64>> {
        let manifest = self.manifest()?;
        let all: Vec<_> = (0..self.plan.parts.count).collect();
        let store = crate::store(url)?;
        py.detach(|| lost_parts(&*store, manifest, &all))
            .map_err(faults::value)
    }

    /// Simulates one part of the dataset at `url`, unless it is complete. Returns the number of runs, and how
    /// many of them failed.
    fn part(&self, py: Python<'_>, url: &str, number: u64) -> PyResult<(u64, u64)> {
        let (manifest, store) = (self.manifest()?, crate::store(url)?);
        let (done, asked) = watched(py, None, |told, stop| {
            let watch = Watch {
                stop,
                on_failure: OnFailure::Record,
                progress: told,
            };
            let mut worker = Worker::new(&self.plan);
            do_part(
                &mut worker,
                number,
                &*store,
                manifest,
                &watch,
                true,
                Check::Size,
            )
        });
        if let Some(asked) = asked {
            return Err(asked);
        }
        let done = done.map_err(|error| faults::sweep(py, error))?;
        Ok(done.map_or((0, 0), |done| (done.runs, done.failed)))
    }

    /// Simulates the plan into the dataset at `url`, with the threads of this process. Returns the number of
    /// simulated runs, and how many of them failed.
    fn sweep(
        &self,
        py: Python<'_>,
        url: &str,
        resume: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<(u64, u64)> {
        let options = Options {
            threads: threads(None),
            resume,
            check: Check::Size,
            slice: Slice::Whole,
            on_failure: OnFailure::Record,
        };
        let store = crate::store(url)?;
        let (swept, asked) = watched(py, progress, |told, stop| {
            sweep(&self.plan, &*store, options, told, stop)
        });
        if let Some(asked) = asked {
            return Err(asked);
        }
        let swept = swept.map_err(|error| faults::sweep(py, error))?;
        Ok((swept.runs, swept.failed))
    }

    /// Runs the plan into memory. Returns the tables by name, the number of failed runs, and the exception that
    /// interrupted it, if any; the tables then contain the complete parts.
    fn collect<'py>(
        &self,
        py: Python<'py>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<(Bound<'py, PyDict>, u64, Option<PyErr>)> {
        let (collected, asked) = watched(py, progress, |told, stop| {
            collect(&self.plan, threads(None), told, stop)
        });
        let collected = collected.map_err(|error| faults::sweep(py, error))?;
        let tables = PyDict::new(py);
        for (table, rows) in collected.tables {
            let schema = conviction::output::arrow_schema(&self.plan.spec.columns_of(&table));
            tables.set_item(folder(&table), Table::of(schema, rows))?;
        }
        Ok((tables, collected.failed, asked))
    }

    /// Runs the plan and returns the mean of each outcome by point.
    fn evaluate(
        &self,
        py: Python<'_>,
        outcomes: Vec<String>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        let outcomes: Vec<_> = outcomes.iter().map(String::as_str).collect();
        let (means, asked) = watched(py, progress, |told, stop| {
            evaluate(&self.plan, &outcomes, threads(None), told, stop)
        });
        if let Some(asked) = asked {
            return Err(asked);
        }
        match means {
            Ok(Some(means)) => Ok(Table::of_batch(means)),
            Ok(None) => Err(PyKeyboardInterrupt::new_err(())),
            Err(EvaluateError::Sweep(error)) => Err(faults::sweep(py, error)),
            Err(error) => Err(faults::value(error)),
        }
    }

    fn __repr__(&self) -> String {
        format!(
            "<conviction.Plan of {} points, {} runs in {} parts: about {:.1} s of one core>",
            self.plan.points,
            self.plan.runs,
            self.plan.parts.count,
            self.seconds()
        )
    }
}
