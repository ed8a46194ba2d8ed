//! Converts the days of a run to the published program's names: the data frame that its `postprocessing` makes.

use arrow_array::builder::{Float64Builder, ListBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{ArrayRef, Int32Array, RecordBatch, StructArray};
use arrow_schema::{ArrowError, DataType, Field};
use std::sync::Arc;

/// Columns copied without change, by published name and own name.
const SAME: [(&str, &str); 17] = [
    ("funds", "funds"),
    ("sentiment", "sentiment"),
    ("effective_supply", "effective_supply"),
    ("total_supply", "total_supply"),
    ("fractionOfSupplyForVoting", "fraction_of_supply_for_voting"),
    ("fractionOfSupplyInPool", "fraction_of_supply_in_pool"),
    ("participant_count", "participant_count"),
    ("candidate_count", "candidate_count"),
    ("candidate_funds", "candidate_funds"),
    ("killed_count", "killed_count"),
    ("killed_funds", "killed_funds"),
    ("active_count", "active_count"),
    ("active_funds", "active_funds"),
    ("failed_count", "failed_count"),
    ("failed_funds", "failed_funds"),
    ("completed_count", "completed_count"),
    ("completed_funds", "completed_funds"),
];

/// Dictionary that the published program keeps per day: its name; and for each entry its name, the published column
/// that repeats it, and our column.
type Stages = (
    &'static str,
    [(&'static str, &'static str, &'static str); 3],
);

const STAGES: [Stages; 2] = [
    (
        "fractionOfProposalStages",
        [
            (
                "percentageOfActive",
                "percentageOfActiveProposals",
                "active_share",
            ),
            (
                "percentageOfCompleted",
                "percentageOfCompletedProposals",
                "completed_share",
            ),
            (
                "percentageOfKilled",
                "percentageOfKilledProposals",
                "killed_share",
            ),
        ],
    ),
    (
        "fractionOfFundStages",
        [
            (
                "percentageOfActiveFundsRequested",
                "percentageOfActiveFundsRequested",
                "active_funds_share",
            ),
            (
                "percentageOfCompletedFundsRequested",
                "percentageOfCompletedFundsRequested",
                "completed_funds_share",
            ),
            (
                "percentageOfKilledFundsRequested",
                "percentageOfKilledFundsRequested",
                "killed_funds_share",
            ),
        ],
    ),
];

/// Properties of a proposal in a list of a day.
#[derive(Clone, Copy)]
struct Proposal {
    requested: f64,
    conviction: Option<f64>,
    /// Missing if the request cannot pass.
    trigger: Option<f64>,
    age: f64,
}

impl Proposal {
    fn share_of_trigger(self) -> Option<f64> {
        Some(self.conviction? / self.trigger?)
    }
}

/// A list per day: its published name, whether it includes candidates only, and its values, given F.
type Listed = (&'static str, bool, fn(Proposal, f64) -> Option<f64>);

const LISTS: [Listed; 12] = [
    ("conviction", true, |of, _| of.conviction),
    ("candidate_funds_requested", true, |of, _| {
        Some(of.requested)
    }),
    ("funds_requested", false, |of, _| Some(of.requested)),
    ("share_of_funds_requested", true, |of, funds| {
        Some(of.requested / funds)
    }),
    ("share_of_funds_requested_all", false, |of, funds| {
        Some(of.requested / funds)
    }),
    ("triggers", true, |of, _| of.trigger),
    ("conviction_share_of_trigger", true, |of, _| {
        of.share_of_trigger()
    }),
    ("age", true, |of, _| Some(of.age)),
    ("age_all", false, |of, _| Some(of.age)),
    ("conviction_all", false, |of, _| of.conviction),
    ("triggers_all", false, |of, _| of.trigger),
    ("conviction_share_of_trigger_all", false, |of, _| {
        of.share_of_trigger()
    }),
];

/// Converts the days of a run, except the start, to the published program's data frame: one row per timestep,
/// at its last substep. `days` and `proposals` are the tables of a single run. The published column `network`
/// has no counterpart: its contents are in the tables `participants`, `proposals`, `support_edges`, `influence`
/// and `conflict`.
///
/// # Errors
/// When a table was not written by a run.
pub fn frame(days: &RecordBatch, proposals: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let after_start = days.slice(1, days.num_rows().saturating_sub(1));
    let count = after_start.num_rows();
    let mut columns: Vec<(&str, ArrayRef)> = vec![("timestep", column(&after_start, "day")?)];
    for (name, value) in [("substep", 6), ("simulation", 0), ("subset", 0), ("run", 1)] {
        columns.push((name, Arc::new(Int32Array::from(vec![value; count]))));
    }
    for (published, ours) in SAME {
        columns.push((published, column(&after_start, ours)?));
    }
    for (name, entries) in STAGES {
        let mut stages = Vec::new();
        for (entry, repeated, ours) in entries {
            let share = column(&after_start, ours)?;
            columns.push((repeated, share.clone()));
            stages.push((Arc::new(Field::new(entry, DataType::Float64, true)), share));
        }
        columns.push((name, Arc::new(StructArray::from(stages))));
    }
    for (name, only_candidates, of) in LISTS {
        columns.push((name, lists(&after_start, proposals, only_candidates, of)?));
    }
    RecordBatch::try_from_iter(columns)
}

fn column(of: &RecordBatch, name: &str) -> Result<ArrayRef, ArrowError> {
    let found = of.column_by_name(name);
    found.cloned().ok_or_else(|| missing(name))
}

fn missing(name: &str) -> ArrowError {
    ArrowError::SchemaError(format!(
        "the table has no column {name} of the expected type"
    ))
}

fn reals(of: &RecordBatch, name: &str) -> Result<Vec<f64>, ArrowError> {
    let reals = optional_reals(of, name)?.into_iter().collect();
    Option::ok_or_else(reals, || missing(name))
}

fn optional_reals(of: &RecordBatch, name: &str) -> Result<Vec<Option<f64>>, ArrowError> {
    let column = column(of, name)?;
    let reals = column.as_primitive_opt::<Float64Type>();
    reals
        .map(|of| of.iter().collect())
        .ok_or_else(|| missing(name))
}

fn counts(of: &RecordBatch, name: &str) -> Result<Vec<i32>, ArrowError> {
    let column = column(of, name)?;
    let counts = column.as_primitive_opt::<Int32Type>();
    counts
        .map(|of| of.values().to_vec())
        .ok_or_else(|| missing(name))
}

/// Builds a list per day, of the day's proposals in order of creation.
fn lists(
    days: &RecordBatch,
    proposals: &RecordBatch,
    only_candidates: bool,
    value: fn(Proposal, f64) -> Option<f64>,
) -> Result<ArrayRef, ArrowError> {
    let (day, age) = (counts(proposals, "day")?, counts(proposals, "age")?);
    let requested = reals(proposals, "funds_requested")?;
    let conviction = optional_reals(proposals, "conviction")?;
    let trigger = optional_reals(proposals, "trigger")?;
    let status = column(proposals, "status")?;
    let status = status
        .as_string_opt::<i32>()
        .ok_or_else(|| missing("status"))?;
    let mut lists = ListBuilder::new(Float64Builder::new());
    let mut row = 0;
    for (today, funds) in counts(days, "day")?.into_iter().zip(reals(days, "funds")?) {
        while row < day.len() && day[row] < today {
            row += 1;
        }
        while row < day.len() && day[row] == today {
            if !only_candidates || status.value(row) == "candidate" {
                let proposal = Proposal {
                    requested: requested[row],
                    conviction: conviction[row],
                    trigger: trigger[row],
                    age: f64::from(age[row]),
                };
                lists.values().append_option(value(proposal, funds));
            }
            row += 1;
        }
        lists.append(true);
    }
    Ok(Arc::new(lists.finish()))
}
