//! The rows that runs of a sweep leave, table by table.

use super::plan::{Plan, setting_column};
use crate::model::{KEYS, Setting, Value};
use crate::output::rows::{Cell, Column, Columns, Kind, batch};
use crate::output::schema::{
    DayRow, DayRows, EndRows, OutcomeRows, RunIdRow, RunIdRows, RunProposalRow, RunProposalRows,
    StateRows,
};
use crate::run::{Moment, Outcome, Simulator, lockstep, state};
use crate::world::{Detail, RunFailure, View};
use arrow_array::{ArrayRef, RecordBatch, StringArray, make_array};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use std::iter::Peekable;
use std::sync::Arc;

/// A column of what is varied.
enum PointColumn<'p> {
    Real(Vec<f64>),
    Count(Vec<u64>),
    Name(Vec<&'p str>),
}

impl PointColumn<'_> {
    fn array(self) -> ArrayRef {
        match self {
            Self::Real(values) => f64::array(values),
            Self::Count(values) => u64::array(values),
            Self::Name(values) => Arc::new(StringArray::from(values)),
        }
    }
}

/// The columns that say which run, and which point, each row is about.
pub struct Ids<'p> {
    plan: &'p Plan,
    run: RunIdRows,
    point: Vec<PointColumn<'p>>,
}

impl<'p> Ids<'p> {
    fn new(plan: &'p Plan) -> Self {
        // Also a table without rows has every column.
        let columns = plan.point_columns().into_iter();
        let point = columns.map(|column| match column.kind {
            Kind::U64 => PointColumn::Count(Vec::new()),
            Kind::Text => PointColumn::Name(Vec::new()),
            _ => PointColumn::Real(Vec::new()),
        });
        Self {
            plan,
            run: RunIdRows::default(),
            point: point.collect(),
        }
    }

    /// Adds `rows` rows about a run.
    fn push(&mut self, run: u64, rows: usize) {
        let (point, replicate) = self.plan.place(run);
        let variant = self.plan.variant(point).map(Ok);
        let values = self.plan.values(point).map(|(_, value)| Err(value));
        for (place, value) in variant.into_iter().chain(values).enumerate() {
            match (&mut self.point[place], value) {
                (PointColumn::Real(c), Err(Value::Real(v))) => {
                    c.extend(std::iter::repeat_n(v, rows))
                }
                (PointColumn::Count(c), Err(Value::Count(v))) => {
                    c.extend(std::iter::repeat_n(v, rows));
                }
                (PointColumn::Name(c), Err(Value::Name(v)) | Ok(v)) => {
                    c.extend(std::iter::repeat_n(v, rows));
                }
                _ => unreachable!("an axis has values of one kind"),
            }
        }
        for _ in 0..rows {
            self.run.push(RunIdRow {
                run,
                point,
                replicate,
            });
        }
    }

    fn columns(plan: &Plan) -> Vec<Column> {
        let mut columns = RunIdRows::columns();
        columns.extend(plan.point_columns());
        columns
    }

    fn arrays(self) -> Vec<ArrayRef> {
        let mut arrays = self.run.arrays();
        arrays.extend(self.point.into_iter().map(PointColumn::array));
        arrays
    }
}

/// Rows of `runs`.
struct Runs<'p> {
    ids: Ids<'p>,
    end: EndRows,
    state: StateRows,
    outcome: OutcomeRows,
    completed: Vec<bool>,
}

impl Runs<'_> {
    fn columns(plan: &Plan) -> Vec<Column> {
        let mut columns = Ids::columns(plan);
        columns.extend(EndRows::columns());
        // Outcomes of a failed run are empty.
        let outcomes = StateRows::columns()
            .into_iter()
            .chain(OutcomeRows::columns());
        columns.extend(outcomes.map(|column| Column {
            nullable: true,
            ..column
        }));
        columns
    }

    fn batch(self, columns: &[Column]) -> RecordBatch {
        let mut arrays = self.ids.arrays();
        arrays.extend(self.end.arrays());
        let mut outcomes = self.state.arrays();
        outcomes.extend(self.outcome.arrays());
        if self.completed.contains(&false) {
            let completed = NullBuffer::new(BooleanBuffer::from(self.completed));
            outcomes = outcomes
                .into_iter()
                .map(|array| emptied(&array, &completed))
                .collect();
        }
        arrays.extend(outcomes);
        batch(columns, arrays)
    }
}

/// A column with its values only where `valid`.
fn emptied(array: &ArrayRef, valid: &NullBuffer) -> ArrayRef {
    let nulls = NullBuffer::union(array.nulls(), Some(valid));
    let data = array.to_data().into_builder().nulls(nulls);
    make_array(data.build().expect("as many values as before"))
}

/// Rows of `days`.
struct Days<'p> {
    ids: Ids<'p>,
    day: DayRows,
    state: StateRows,
}

impl Days<'_> {
    fn columns(plan: &Plan) -> Vec<Column> {
        let mut columns = Ids::columns(plan);
        columns.extend(DayRows::columns());
        columns.extend(StateRows::columns());
        columns
    }

    /// Moves the days of a run here.
    fn append(&mut self, run: u64, (day, state): &mut (DayRows, StateRows)) {
        self.ids.push(run, day.len());
        self.day.append(day);
        self.state.append(state);
    }

    fn batch(self, columns: &[Column]) -> RecordBatch {
        let mut arrays = self.ids.arrays();
        arrays.extend(self.day.arrays());
        arrays.extend(self.state.arrays());
        batch(columns, arrays)
    }
}

/// Rows of `proposals`.
struct Proposals<'p> {
    ids: Ids<'p>,
    proposal: RunProposalRows,
}

impl Proposals<'_> {
    fn columns(plan: &Plan) -> Vec<Column> {
        let mut columns = Ids::columns(plan);
        columns.extend(RunProposalRows::columns());
        columns
    }

    fn push(&mut self, run: u64, view: &View) {
        self.ids.push(run, view.proposal_count());
        for row in run_proposals(view) {
            self.proposal.push(row);
        }
    }

    fn batch(self, columns: &[Column]) -> RecordBatch {
        let mut arrays = self.ids.arrays();
        arrays.extend(self.proposal.arrays());
        batch(columns, arrays)
    }
}

fn run_proposals(view: &View) -> impl Iterator<Item = RunProposalRow> {
    view.proposals().zip(view.support()).map(|(p, support)| {
        let [negative, low, high] = support.tokens_by_affinity;
        RunProposalRow {
            proposal: p.id,
            status: p.status.name(),
            funds_requested: p.funds_requested,
            day_created: p.created,
            day_left: p.left_candidacy,
            day_passed: p.passing.map(|passing| passing.day),
            days_to_pass: p.passing.map(|passing| passing.day - p.created),
            conviction_passed: p.passing.map(|passing| passing.conviction),
            trigger_passed: p.passing.map(|passing| passing.trigger),
            supporters: support.supporters,
            tokens_affinity_negative: negative,
            tokens_affinity_low: low,
            tokens_affinity_high: high,
        }
    })
}

/// The columns of each table of a plan, in the order of its manifest.
pub fn table_columns(plan: &Plan) -> Vec<Vec<Column>> {
    let output = plan.spec.output;
    [
        Some(Runs::columns(plan)),
        output.days.then(|| Days::columns(plan)),
        output.proposals.then(|| Proposals::columns(plan)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Gathers the rows of runs, for each table of a plan.
pub struct Gatherer<'p> {
    plan: &'p Plan,
    /// The runs that are simulated together: setting, seed and world of each.
    batch: Vec<(u64, (Setting, u64, u64))>,
    /// The days of each of them.
    batch_days: Vec<(DayRows, StateRows)>,
    runs: Runs<'p>,
    days: Days<'p>,
    proposals: Proposals<'p>,
}

impl<'p> Gatherer<'p> {
    /// Begins without rows.
    pub fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            batch: Vec::new(),
            batch_days: Vec::new(),
            runs: Runs {
                ids: Ids::new(plan),
                end: EndRows::default(),
                state: StateRows::default(),
                outcome: OutcomeRows::default(),
                completed: Vec::new(),
            },
            days: Days {
                ids: Ids::new(plan),
                day: DayRows::default(),
                state: StateRows::default(),
            },
            proposals: Proposals {
                ids: Ids::new(plan),
                proposal: RunProposalRows::default(),
            },
        }
    }

    /// Simulates as many of the next runs as are best simulated together, and adds their rows. Calls
    /// `failed` with those that failed, and why; returns how many there were.
    pub fn add(
        &mut self,
        simulator: &mut Simulator,
        runs: &mut Peekable<impl Iterator<Item = u64>>,
        mut failed: impl FnMut(u64, RunFailure),
    ) -> u64 {
        self.take_batch(runs);
        let Self {
            plan,
            batch,
            batch_days,
            runs,
            days,
            proposals,
        } = self;
        let output = plan.spec.output;
        let mut add = |run: u64, outcome: Outcome| {
            runs.ids.push(run, 1);
            runs.end.push(outcome.end);
            runs.state.push(outcome.state);
            runs.outcome.push(outcome.summary);
            runs.completed.push(outcome.failure.is_none());
            if let Some(failure) = outcome.failure {
                failed(run, failure);
            }
        };
        let together = batch.iter().map(|&(_, run)| run);
        if !output.days && !output.proposals {
            for (&(run, _), outcome) in batch.iter().zip(simulator.run_together(together)) {
                add(run, outcome);
            }
            return batch.len() as u64;
        }
        batch_days.resize_with(batch.len(), Default::default);
        let detail = if output.proposals {
            Detail::Proposals
        } else {
            Detail::Outcome
        };
        let outcomes = simulator.run_together_observed(together, detail, |place, moment, view| {
            let (run, (setting, ..)) = &batch[place];
            let day = view.day();
            let is_kept = day.is_multiple_of(output.every) || day == setting.days;
            match moment {
                Moment::Day if output.days && is_kept => {
                    let (days, states) = &mut batch_days[place];
                    days.push(DayRow { day });
                    states.push(state(view));
                }
                Moment::End if output.proposals => proposals.push(*run, view),
                _ => {}
            }
        });
        for (&(run, _), outcome) in batch.iter().zip(outcomes) {
            add(run, outcome);
        }
        for ((run, _), rows) in batch.iter().zip(batch_days) {
            days.append(*run, rows);
        }
        batch.len() as u64
    }

    /// Takes the next runs: as many as each of them would be simulated with.
    fn take_batch(&mut self, runs: &mut Peekable<impl Iterator<Item = u64>>) {
        let plan = self.plan;
        self.batch.clear();
        let mut most = usize::MAX;
        while let Some(&run) = runs.peek() {
            let (point, _) = plan.place(run);
            let setting = plan.setting(point);
            most = most.min(lockstep(&setting));
            if self.batch.len() >= most {
                return;
            }
            runs.next();
            let world = plan.world(run);
            self.batch.push((run, (setting, plan.spec.seed, world)));
        }
    }

    /// Whether there are so many rows that they had better be written.
    pub fn is_full(&self) -> bool {
        const ROWS: usize = 1 << 12;
        self.runs
            .completed
            .len()
            .max(self.days.day.len())
            .max(self.proposals.proposal.len())
            >= ROWS
    }

    /// The rows gathered so far, a batch for each table; begins anew.
    pub fn take(&mut self, columns: &[Vec<Column>]) -> Vec<RecordBatch> {
        let mut next = Self::new(self.plan);
        next.batch_days = std::mem::take(&mut self.batch_days);
        next.days.state = self.days.state.another();
        let gathered = std::mem::replace(self, next);
        let output = self.plan.spec.output;
        let mut columns = columns.iter();
        let mut next = || columns.next().expect("columns for each table");
        let mut batches = vec![gathered.runs.batch(next())];
        if output.days {
            batches.push(gathered.days.batch(next()));
        }
        if output.proposals {
            batches.push(gathered.proposals.batch(next()));
        }
        batches
    }
}

/// The columns of `points.parquet`: every setting, whether varied or not.
pub fn points_columns(plan: &Plan) -> Vec<Column> {
    let varied = plan.point_columns();
    let number = RunIdRows::columns()
        .into_iter()
        .filter(|column| column.name == "point");
    let variant = varied
        .iter()
        .filter(|column| column.role == Some("variant"));
    let settings = KEYS.iter().map(|key| {
        let role = varied.iter().find(|column| column.name == key.name);
        setting_column(key, role.and_then(|column| column.role))
    });
    number.chain(variant.cloned()).chain(settings).collect()
}

/// Points of `points.parquet`.
pub fn points_batch(plan: &Plan, points: std::ops::Range<u32>, columns: &[Column]) -> RecordBatch {
    let settings: Vec<_> = points.clone().map(|point| plan.setting(point)).collect();
    let mut arrays = vec![u32::array(points.clone().collect())];
    if !plan.spec.variants.is_empty() {
        let names: Vec<_> = points.clone().map(|point| plan.variant(point)).collect();
        arrays.push(Arc::new(StringArray::from(names)));
    }
    for key in KEYS {
        // What is varied stands as it was asked for: a half-life is not what alpha rounds it to.
        let varied = |point| plan.values(point).find(|(axis, _)| axis.name == key.name);
        let values = points.clone().zip(&settings).map(|(point, setting)| {
            varied(point).map_or_else(|| key.get(setting), |(_, value)| value)
        });
        let mut values = values.peekable();
        let column = match values.peek() {
            Some(Value::Count(_)) => PointColumn::Count(values.map(count).collect()),
            Some(Value::Name(_)) => PointColumn::Name(values.map(name).collect()),
            _ => PointColumn::Real(values.map(real).collect()),
        };
        arrays.push(column.array());
    }
    batch(columns, arrays)
}

fn real(value: Value) -> f64 {
    match value {
        Value::Real(v) => v,
        other => unreachable!("{other} is not real"),
    }
}

fn count(value: Value) -> u64 {
    match value {
        Value::Count(v) => v,
        other => unreachable!("{other} is no count"),
    }
}

fn name(value: Value) -> &'static str {
    match value {
        Value::Name(v) => v,
        other => unreachable!("{other} is no name"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Spec;

    #[test]
    fn tables_without_rows_have_their_columns() {
        let spec = "[axes]\nrules = [\"v3\"]\ndays = [3, 4]\nbeta = [0.1]\n\
                    [[variant]]\nname = \"slow\"\nhalf_life_days = 9.0\n\
                    [output]\ntables = [\"runs\", \"days\", \"proposals\"]";
        let spec = Spec::parse(spec, "a spec", std::path::Path::new("")).unwrap();
        let plan = Plan::new(spec).unwrap();
        let columns = table_columns(&plan);
        let batches = Gatherer::new(&plan).take(&columns);
        assert_eq!(batches.len(), 3);
        for (batch, columns) in batches.iter().zip(columns) {
            assert_eq!((batch.num_rows(), batch.num_columns()), (0, columns.len()));
        }
    }
}
