//! Writes `points.parquet`: every setting of every point, except lists, which the spec holds.

use super::ids::PointColumn;
use crate::engine::Key;
use crate::output::{Cell, Column, Columns, TableWriter, batch};
use crate::study::file::File;
use crate::study::plan::Plan;
use crate::study::tables::{POINTS, RunIdRows, setting_column};
use arrow_array::RecordBatch;
use parquet::errors::ParquetError;
use std::ops::Range;

/// Returns the table of points of a plan as a file in memory.
///
/// # Errors
/// When the Parquet writer refuses the table.
pub fn points(plan: &Plan) -> Result<File, ParquetError> {
    let columns = columns(plan);
    let mut writer = TableWriter::new(Vec::new(), &columns, &plan.metadata())?;
    for batch in batches(plan) {
        writer.write(&batch)?;
    }
    Ok(File::new(POINTS.to_owned(), writer.finish()?))
}

/// Returns the table of points of a plan in batches, at least one.
pub fn batches(plan: &Plan) -> impl Iterator<Item = RecordBatch> {
    const POINTS_PER_BATCH: u32 = 1 << 14;
    let columns = columns(plan);
    (0..plan.points)
        .step_by(POINTS_PER_BATCH as usize)
        .map(move |first| {
            let points = first..first.saturating_add(POINTS_PER_BATCH).min(plan.points);
            rows(plan, points, &columns)
        })
}

/// Returns the keys that have columns.
fn keys(plan: &Plan) -> impl Iterator<Item = &'static Key> {
    let keys = plan.spec.model.keys().all().iter().copied();
    keys.filter(|key| !key.is_long())
}

/// Returns the columns: every setting, whether varied or not.
fn columns(plan: &Plan) -> Vec<Column> {
    let varied = plan.spec.point_columns();
    let number = RunIdRows::columns()
        .into_iter()
        .filter(|column| column.name == "point");
    let variant = varied
        .iter()
        .filter(|column| column.role == Some("variant"));
    let settings = keys(plan).map(|key| {
        let role = varied.iter().find(|column| column.name == key.name);
        setting_column(key, role.and_then(|column| column.role))
    });
    number.chain(variant.cloned()).chain(settings).collect()
}

fn rows(plan: &Plan, points: Range<u32>, columns: &[Column]) -> RecordBatch {
    let mut arrays = vec![u32::array(points.clone().collect())];
    // Columns after the point's number.
    let mut columns_left = columns[1..].iter();
    if !plan.spec.variants.is_empty() {
        let mut names = PointColumn::new(columns_left.next().expect("the variant").kind);
        for name in points.clone().filter_map(|point| plan.variant(point)) {
            names.push_name(name, 1);
        }
        arrays.push(names.array());
    }
    let settings: Vec<_> = points.map(|point| plan.setting(point)).collect();
    for (key, column) in keys(plan).zip(columns_left) {
        let mut values = PointColumn::new(column.kind);
        for setting in &settings {
            values.push(setting.value(key), 1);
        }
        arrays.push(values.array());
    }
    batch(columns, arrays)
}
