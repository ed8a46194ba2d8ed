//! `conviction schema`.

use super::args::SchemaArgs;
use super::{Failure, print};
use crate::engine::{Extension, Key, Model};
use crate::output::Column;
use crate::study::schema::{TableSchema, all_tables, new_columns, new_keys};
use comfy_table::{ContentArrangement, Table, presets};
use std::collections::BTreeSet;

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
             and --set",
        )?;
        print(settings(model, model.keys().all()))?;
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
        let meaning = extension.meaning;
        print(format_args!("\nsettings with {header}: {meaning}"))?;
        print(settings(&on, &new_keys(model, &on)))?;
    }
    let before = all_tables(model);
    for table in new_columns(&before, &on) {
        if is_asked(table.name) {
            let is_known = before.iter().any(|other| other.name == table.name);
            let meaning = match is_known {
                true => String::new(),
                false => format!(": {}", table.meaning),
            };
            print(format_args!("\n{} with {header}{meaning}", table.name))?;
            print(columns(&table.columns))?;
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

fn settings(model: &Model, keys: &[&Key]) -> Table {
    let default = model.setting();
    let mut shown = table(&["  key", "default", "unit", "domain", "meaning"]);
    for key in keys {
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
