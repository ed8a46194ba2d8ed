//! A plan, and the rows of the runs simulated so far.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use conviction::engine::Goal;
use conviction::output::Kind;
use conviction::study::Plan;
use conviction::study::gather::Gatherer;
use conviction::study::tables::folder;
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::atomic::AtomicBool;

self_cell::self_cell!(
    /// A plan, with the batches in which its runs are simulated: building them takes as long as ten runs.
    struct Simulated {
        owner: Plan,
        #[not_covariant]
        dependent: Gatherer,
    }
);

/// A plan, and the rows of the runs simulated so far.
pub struct Session {
    simulated: Simulated,
    /// The rows of each table, in the order of the plan's tables.
    tables: Vec<Vec<RecordBatch>>,
}

/// The cells of a column.
pub enum Column {
    /// Numbers, and booleans as 0 and 1; NaN where a value is missing.
    Numbers(Vec<f64>),
    /// Texts.
    Texts(Vec<Option<String>>),
}

impl Session {
    /// Begins without runs.
    pub fn new(plan: Plan) -> Self {
        Self {
            tables: vec![Vec::new(); plan.spec.output.tables.len()],
            simulated: Simulated::new(plan, |plan| Gatherer::new(plan)),
        }
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        self.simulated.borrow_owner()
    }

    /// Describes the plan: its size, the expected time of one core and memory, warnings and columns.
    pub fn document(&self) -> Value {
        let Plan {
            spec,
            points,
            runs,
            expected,
            warnings,
            ..
        } = self.plan();
        let tables = spec.output.tables.iter().map(|table| {
            let column = |column: &conviction::output::Column| {
                json!({
                    "name": column.name, "type": column.kind.name(), "unit": column.unit,
                    "meaning": column.meaning, "empty": column.empty, "goal": column.goal.map(Goal::name),
                })
            };
            let columns: Vec<_> = self.plan().spec.columns_of(table).iter().map(column).collect();
            json!({ "name": folder(table), "columns": columns })
        });
        json!({
            "points": points, "runs": runs, "replicates": spec.replicates,
            "variants": spec.variants.iter().map(|variant| &variant.name).collect::<Vec<_>>(),
            "seconds": expected.nanoseconds * 1e-9, "bytes_at_once": expected.largest.1,
            "bytes_of_rows": expected.bytes, "warnings": warnings, "spec": self.plan().spec_text(),
            "tables": tables.collect::<Vec<_>>(),
        })
    }

    /// Simulates these replicates of every point, those of the plan among them; returns how many runs, and how many of them
    /// failed.
    pub fn run(&mut self, replicates: Range<u32>) -> (u64, u64) {
        let tables = &mut self.tables;
        self.simulated.with_dependent_mut(|plan, gatherer| {
            let all = plan.spec.replicates;
            let replicates = replicates.start..replicates.end.min(all);
            let runs = (0..plan.points).flat_map(|point| {
                let first = u64::from(point) * u64::from(all);
                replicates
                    .clone()
                    .map(move |replicate| first + u64::from(replicate))
            });
            let (mut runs, never) = (runs.peekable(), AtomicBool::new(false));
            let (mut failed, mut done) = (0, 0);
            while runs.peek().is_some() {
                let added = gatherer.add(&mut runs, &never, |_, _| failed += 1);
                done += added.unwrap_or(0);
            }
            for (rows, batch) in tables.iter_mut().zip(gatherer.take()) {
                rows.push(batch);
            }
            (done, failed)
        })
    }

    /// The rows of a table, by the name of its folder.
    pub fn rows(&self, table: &str) -> Result<&[RecordBatch], String> {
        let mut tables = self.plan().spec.output.tables.iter();
        let place = tables.position(|of| folder(of) == table);
        let place = place.ok_or_else(|| format!("{table}: not a table of this spec"))?;
        Ok(&self.tables[place])
    }

    /// A column of a table, with the number of its rows.
    pub fn column(&self, table: &str, name: &str) -> Result<(usize, Column), String> {
        let batches = self.rows(table)?;
        let (mut numbers, mut texts) = (Vec::new(), Vec::new());
        let mut kind = None;
        for batch in batches {
            let place = batch.schema().index_of(name).map_err(|e| e.to_string())?;
            let array = batch.column(place);
            let missing =
                |row: usize, value: f64| if array.is_valid(row) { value } else { f64::NAN };
            let rows = 0..array.len();
            let of = kind_of(array.as_ref());
            kind = Some(of);
            match of {
                Kind::F64 => {
                    let values = array.as_primitive::<Float64Type>().values();
                    numbers.extend(rows.map(|row| missing(row, values[row])));
                }
                Kind::I32 => {
                    let values = array.as_primitive::<Int32Type>().values();
                    numbers.extend(rows.map(|row| missing(row, f64::from(values[row]))));
                }
                Kind::I64 => {
                    let values = array.as_primitive::<Int64Type>().values();
                    numbers.extend(rows.map(|row| missing(row, values[row] as f64)));
                }
                Kind::Bool => {
                    let values = array.as_boolean().values();
                    let truth = |row| f64::from(u8::from(values.value(row)));
                    numbers.extend(rows.map(|row| missing(row, truth(row))));
                }
                Kind::Text => {
                    let values = array.as_string::<i32>().iter();
                    texts.extend(values.map(|text| text.map(str::to_owned)));
                }
            }
        }
        let rows = batches.iter().map(RecordBatch::num_rows).sum();
        Ok(match kind {
            Some(Kind::Text) => (rows, Column::Texts(texts)),
            _ => (rows, Column::Numbers(numbers)),
        })
    }
}

/// The kind of the column that an array is of.
fn kind_of(array: &dyn Array) -> Kind {
    let kinds = [Kind::F64, Kind::I32, Kind::I64, Kind::Bool];
    let found = kinds
        .into_iter()
        .find(|kind| kind.data_type() == *array.data_type());
    found.unwrap_or(Kind::Text)
}
