//! `conviction schema`.

use super::args::SchemaArgs;
use super::{Failure, print};
use crate::engine::{Extension, Key, Model, Output};
use crate::output::Column;
use crate::study::tables::{common_columns, folder, tables};
use crate::voting::published;
use comfy_table::{ContentArrangement, Table, presets};
use std::collections::BTreeSet;

/// A table that the program writes.
struct TableSchema {
    name: &'static str,
    meaning: &'static str,
    columns: Vec<Column>,
}

/// Every table that the program writes.
fn all_tables(model: &Model) -> Vec<TableSchema> {
    let of_sweeps = tables(model).map(|table| TableSchema {
        name: folder(&table),
        meaning: table.meaning,
        columns: common_columns(&table, model),
    });
    let of_runs = |model: &Model| -> Vec<TableSchema> {
        let own = |output: &&Output| output.folder.is_none();
        let outputs = model.outputs().iter().filter(own);
        outputs
            .map(|output| TableSchema {
                name: output.name,
                meaning: output.meaning,
                columns: model.columns(output.name),
            })
            .collect()
    };
    let replays = of_runs(&published::model());
    let only_replays = replays
        .into_iter()
        .filter(|table| model.output(table.name).is_none());
    of_sweeps
        .chain(of_runs(model))
        .chain(only_replays)
        .collect()
}

pub fn schema(model: &Model, args: &SchemaArgs) -> Result<(), Failure> {
    let tables = all_tables(model);
    let asked = args.table.as_deref();
    let mut names: Vec<_> = tables.iter().map(|table| table.name).collect();
    names.push("settings");
    // A sweep and a run may each have a table of one name.
    let mut told = BTreeSet::new();
    names.retain(|name| told.insert(*name));
    if let Some(asked) = asked
        && !names.contains(&asked)
    {
        let known = names.join(", ");
        return Err(Failure::Input(format!(
            "no table is called {asked}; there are {known}"
        )));
    }
    let is_asked = |table: &&TableSchema| asked.is_none_or(|asked| asked == table.name);
    for table in tables.iter().filter(is_asked) {
        print(format_args!("{}: {}", table.name, table.meaning))?;
        print(columns(&table.columns))?;
        print("")?;
    }
    if asked.is_none_or(|asked| asked == "settings") {
        print(
            "settings: what a spec may set, in the table that a key begins with or in [model], sweep under [axes], \
             and --set; preset = \"NAME\" at its head starts from other values than these (`conviction presets`)",
        )?;
        print(settings(model, |_| true))?;
    }
    for extension in model.extensions() {
        with_extension(model, extension, asked)?;
    }
    Ok(())
}

/// What a model has besides where an extension is on.
fn with_extension(
    model: &Model,
    extension: &Extension,
    asked: Option<&str>,
) -> Result<(), Failure> {
    let on = model.with_extension(extension);
    let header = extension.header();
    let is_asked = |name: &str| asked.is_none_or(|asked| asked == name);
    if is_asked("settings") {
        let new = |key: &Key| model.keys().find(key.name).is_none();
        let meaning = extension.meaning;
        print(format_args!("\nsettings with {header}: {meaning}"))?;
        print(settings(&on, new))?;
    }
    let before = all_tables(model);
    for table in all_tables(&on) {
        let mut there = before.iter().filter(|other| other.name == table.name);
        let known = |column: &Column| {
            let mut there = there.clone().flat_map(|table| &table.columns);
            there.any(|other| other.name == column.name)
        };
        let new: Vec<_> = table
            .columns
            .iter()
            .filter(|column| !known(column))
            .cloned()
            .collect();
        if is_asked(table.name) && !new.is_empty() {
            let meaning = match there.next() {
                Some(_) => String::new(),
                None => format!(": {}", table.meaning),
            };
            print(format_args!("\n{} with {header}{meaning}", table.name))?;
            print(columns(&new))?;
        }
    }
    Ok(())
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    table
}

fn columns(columns: &[Column]) -> Table {
    let mut shown = table(&["  column", "type", "unit", "meaning"]);
    for column in columns {
        let kind = column.kind.name();
        let kind = if column.nullable {
            format!("{kind}?")
        } else {
            kind.to_owned()
        };
        shown.add_row([
            format!("  {}", column.name),
            kind,
            column.unit.clone(),
            column.meaning.clone(),
        ]);
    }
    shown
}

fn settings(model: &Model, wanted: impl Fn(&Key) -> bool) -> Table {
    let default = model.setting();
    let mut shown = table(&["  key", "default", "unit", "domain", "meaning"]);
    for key in model.keys().all().iter().filter(|key| wanted(key)) {
        shown.add_row([
            format!("  {}", key.name),
            default.value(key).to_string(),
            key.unit.to_owned(),
            key.domain.to_string(),
            key.meaning.to_owned(),
        ]);
    }
    shown
}
