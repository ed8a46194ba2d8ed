//! Reads the rows of `runs`, part by part.

use super::AnalyseError;
use super::outcome::{Outcome, outcomes};
use crate::engine::Goal;
use crate::input::{Table, TableError};
use crate::study::Dataset;
use crate::study::manifest::part_file;
use crate::study::objective::ColumnGoal;
use crate::study::tables::RUNS;
use arrow_schema::Field;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rows of `runs`, column by column.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Point of each run.
    pub point: Vec<u32>,
    /// Replicate of each run.
    pub replicate: Vec<u32>,
    /// True for each run that reached its horizon.
    pub completed: Vec<bool>,
    /// Requested columns; NaN for a missing value.
    pub columns: Vec<Vec<f64>>,
}

impl Rows {
    /// Reads the rows of a table, whose points number below `points`.
    ///
    /// # Errors
    /// When a column is missing or a value is out of range.
    pub fn of(table: &Table, points: u32, columns: &[&str]) -> Result<Self, TableError> {
        let point = table.counts("point")?;
        if let Some(row) = point.iter().position(|&point| point >= points) {
            return Err(table.fault(row, "point", &point[row], "a point of this dataset"));
        }
        let status = table.texts("status")?;
        let column = |name: &&str| {
            let values = table.optional_reals(name)?.into_iter();
            Ok(values.map(|value| value.unwrap_or(f64::NAN)).collect())
        };
        Ok(Self {
            point,
            replicate: table.counts("replicate")?,
            completed: status.iter().map(|status| status == "completed").collect(),
            columns: columns
                .iter()
                .map(column)
                .collect::<Result<_, TableError>>()?,
        })
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.point.len()
    }

    /// Returns true without rows.
    pub fn is_empty(&self) -> bool {
        self.point.is_empty()
    }
}

/// Runs of a dataset.
#[derive(Clone, Copy, Debug)]
pub struct Runs<'d> {
    dataset: &'d Dataset,
    /// Flag that stops passes over the runs.
    stop: &'d AtomicBool,
}

/// Flag that is never set.
static NEVER: AtomicBool = AtomicBool::new(false);

impl<'d> Runs<'d> {
    /// Returns the runs of a dataset whose files are known to be intact.
    pub fn of(dataset: &'d Dataset) -> Self {
        Self {
            dataset,
            stop: &NEVER,
        }
    }

    /// Returns the runs of a dataset, after checking every file against its recorded sum. Setting `stop` ends this,
    /// and all passes over the runs, with [`AnalyseError::Interrupted`].
    ///
    /// # Errors
    /// When a file is missing or altered.
    pub fn verified(dataset: &'d Dataset, stop: &'d AtomicBool) -> Result<Self, AnalyseError> {
        let runs = Self { dataset, stop };
        dataset.expect_points()?;
        for part in 0..dataset.manifest.parts {
            runs.go_on()?;
            dataset.expect_part(part)?;
        }
        Ok(runs)
    }

    /// Checks that `stop` is not set.
    ///
    /// # Errors
    /// When `stop` is set.
    pub fn go_on(&self) -> Result<(), AnalyseError> {
        match self.stop.load(Ordering::Relaxed) {
            true => Err(AnalyseError::Interrupted),
            false => Ok(()),
        }
    }

    /// Returns the dataset.
    pub fn dataset(&self) -> &'d Dataset {
        self.dataset
    }

    /// Returns the outcomes of a table, by the name of its folder.
    ///
    /// # Errors
    /// When its first part cannot be read.
    pub fn outcomes(&self, table: &str) -> Result<Vec<Outcome>, TableError> {
        match self.files(table).next() {
            Some(part) => Ok(outcomes(&*Table::schema(&part)?)),
            None => Ok(Vec::new()),
        }
    }

    /// Returns the columns of numbers of `runs`, with the goals that they declare.
    ///
    /// # Errors
    /// When the first part cannot be read.
    pub fn columns(&self) -> Result<Vec<ColumnGoal>, TableError> {
        let Some(part) = self.files(RUNS).next() else {
            return Ok(Vec::new());
        };
        let schema = Table::schema(&part)?;
        let fields = schema.fields().iter();
        let numbers = fields.filter(|field| field.data_type().is_numeric());
        let goal = |field: &Field| Goal::of(field.metadata().get("goal")?);
        Ok(numbers
            .map(|field| (field.name().clone(), goal(field)))
            .collect())
    }

    /// Returns the units of the columns of `runs` that have one, by name.
    ///
    /// # Errors
    /// When the first part cannot be read.
    pub fn units(&self) -> Result<BTreeMap<String, String>, TableError> {
        let Some(part) = self.files(RUNS).next() else {
            return Ok(BTreeMap::new());
        };
        let schema = Table::schema(&part)?;
        let unit =
            |field: &Field| Some((field.name().clone(), field.metadata().get("unit")?.clone()));
        Ok(schema
            .fields()
            .iter()
            .filter_map(|field| unit(field))
            .collect())
    }

    /// Returns the parts of a table, by the name of its folder.
    pub fn files(&self, table: &str) -> impl Iterator<Item = PathBuf> {
        let file = move |part| self.dataset.directory.join(part_file(table, part));
        (0..self.dataset.manifest.parts).map(file)
    }

    /// Shows the rows of each part in turn, with these columns.
    ///
    /// # Errors
    /// When a part cannot be read.
    pub fn each_part(
        &self,
        columns: &[&str],
        mut show: impl FnMut(Rows),
    ) -> Result<(), AnalyseError> {
        let mut read = vec!["point", "replicate", "status"];
        read.extend(columns);
        for part in self.files(RUNS) {
            self.go_on()?;
            let table = Table::read_columns(&part, &read)?;
            show(Rows::of(&table, self.dataset.manifest.points, columns)?);
        }
        Ok(())
    }
}
