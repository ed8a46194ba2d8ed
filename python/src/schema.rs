//! Lists every setting and column of the model, as tables.

use crate::table::Table;
use arrow_array::{ArrayRef, StringArray};
use conviction::engine::{Key, Model};
use conviction::output::{Column, Kind, batch};
use conviction::study::schema::{all_tables, new_columns, new_keys};
use conviction::voting::published;
use pyo3::prelude::*;
use std::sync::Arc;

fn text(name: &str, meaning: &str) -> Column {
    Column {
        meaning: meaning.to_owned(),
        ..Column::new(name, Kind::Text)
    }
}

fn texts<const N: usize>(columns: [Column; N], rows: Vec<[String; N]>) -> Table {
    let arrays = (0..N).map(|place| {
        let cells = rows.iter().map(|row| row[place].as_str());
        Arc::new(StringArray::from_iter_values(cells)) as ArrayRef
    });
    Table::of_batch(batch(&columns, arrays.collect()))
}

const WHOSE: &str =
    "extension that adds it, by the table that enables it; empty for the model itself";

/// Returns every setting, and every column of every table.
#[pyfunction]
pub fn schema() -> (Table, Table) {
    let model = conviction::model();
    let mut settings = keys(&model, model.keys().all(), "");
    let mut before = all_tables(&model);
    before.extend(new_columns(&before, &published::model()));
    let mut columns = rows(&before, "");
    for extension in model.extensions() {
        let on = model.with_extension(extension);
        settings.extend(keys(&on, &new_keys(&model, &on), &extension.header()));
        columns.extend(rows(&new_columns(&before, &on), &extension.header()));
    }
    let settings = texts(
        [
            text("key", "name in specs and settings"),
            text("default", "default value"),
            text("unit", "unit; empty for pure numbers and names"),
            text("domain", "valid values"),
            text("meaning", "meaning"),
            text("extension", WHOSE),
        ],
        settings,
    );
    let columns = texts(
        [
            text("table", "table"),
            text("column", "name"),
            text("type", "type; ? if values may be missing"),
            text("unit", "unit; empty for pure numbers, names and ids"),
            text("meaning", "meaning"),
            text("extension", WHOSE),
        ],
        columns,
    );
    (settings, columns)
}

fn keys(model: &Model, keys: &[&Key], extension: &str) -> Vec<[String; 6]> {
    let default = model.setting();
    let row = |key: &&Key| {
        [
            key.name.to_owned(),
            default.value(key).to_string(),
            key.unit.to_owned(),
            key.domain.to_string(),
            key.meaning.to_owned(),
            extension.to_owned(),
        ]
    };
    keys.iter().map(row).collect()
}

fn rows(tables: &[conviction::study::schema::TableSchema], extension: &str) -> Vec<[String; 6]> {
    let rows = tables.iter().flat_map(|table| {
        table.columns.iter().map(|column| {
            let optional = if column.nullable { "?" } else { "" };
            [
                table.name.to_owned(),
                column.name.clone(),
                format!("{}{optional}", column.kind.name()),
                column.unit.clone(),
                column.meaning.clone(),
                extension.to_owned(),
            ]
        })
    });
    rows.collect()
}
