//! Implements `conviction schema`.

use super::args::{Format, SchemaArgs};
use super::{Failure, json, print};
use crate::RESULTS_VERSION;
use crate::engine::{Extension, Goal, Key, Model, closest_name};
use crate::output::Column;
use crate::study::schema::{TableSchema, all_tables, new_columns, new_keys};
use crate::voting::published;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io;

/// Tables and settings of a model, or those that an extension adds.
struct Part {
    /// Extension; `None` for the model itself.
    extension: Option<Extension>,
    model: Model,
    tables: Vec<TableSchema>,
    settings: Vec<&'static Key>,
}

impl Part {
    fn of(model: &Model) -> Self {
        let mut tables = all_tables(model);
        tables.extend(new_columns(&tables, &published::model()));
        Self {
            extension: None,
            model: model.clone(),
            tables,
            settings: model.keys().all().to_vec(),
        }
    }

    /// Keeps only a table, or the settings.
    fn keep_table(&mut self, name: &str) {
        self.tables.retain(|table| table.name == name);
        if name != "settings" {
            self.settings.clear();
        }
    }

    /// Keeps only the key and the columns of this name.
    fn keep_named(&mut self, name: &str) {
        self.settings.retain(|key| key.name == name);
        for table in &mut self.tables {
            table.columns.retain(|column| column.name == name);
        }
        self.tables.retain(|table| !table.columns.is_empty());
    }

    fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.settings.is_empty()
    }

    /// Returns the additions of an extension.
    fn added(model: &Model, extension: &Extension) -> Self {
        let on = model.with_extension(extension);
        Self {
            extension: Some(*extension),
            tables: new_columns(&all_tables(model), &on),
            settings: new_keys(model, &on),
            model: on,
        }
    }
}

/// Builds the message for an unknown name.
fn unknown(asked: &str, tables: &[&str], parts: &[Part]) -> String {
    let keys = parts
        .iter()
        .flat_map(|part| &part.settings)
        .map(|key| key.name);
    let columns = parts.iter().flat_map(|part| &part.tables);
    let columns = columns
        .flat_map(|table| &table.columns)
        .map(|column| &*column.name);
    let all = keys.chain(columns).chain(tables.iter().copied());
    let near =
        closest_name(asked, all).map_or(String::new(), |near| format!(" (did you mean {near}?)"));
    let tables = tables.join(", ");
    format!("{asked}: not a key, column or table{near}; tables are {tables}")
}

pub fn schema(model: &Model, args: &SchemaArgs) -> Result<(), Failure> {
    let mut parts = vec![Part::of(model)];
    let extensions = model.extensions().iter();
    parts.extend(extensions.map(|extension| Part::added(model, extension)));
    let tables = parts.iter().flat_map(|part| &part.tables);
    let mut names: Vec<_> = tables.map(|table| table.name).collect();
    names.push("settings");
    // A sweep and a run may have tables of the same name.
    let mut told = BTreeSet::new();
    names.retain(|name| told.insert(*name));
    if let Some(asked) = args.name.as_deref() {
        match names.contains(&asked) {
            true => parts.iter_mut().for_each(|part| part.keep_table(asked)),
            false => {
                let unknown = unknown(asked, &names, &parts);
                parts.iter_mut().for_each(|part| part.keep_named(asked));
                if parts.iter().all(Part::is_empty) {
                    return Err(Failure::Input(unknown));
                }
            }
        }
    }
    match args.format {
        Format::Json => json::print(&document(&parts))?,
        Format::Text => parts.iter().try_for_each(|part| show(model, part))?,
    }
    Ok(())
}

/// Prints tables and settings, of a model or of an extension of it.
fn show(model: &Model, part: &Part) -> io::Result<()> {
    let Some(extension) = &part.extension else {
        for table in &part.tables {
            print(format_args!("{}: {}", table.name, table.meaning))?;
            print(columns(&table.columns))?;
            print("")?;
        }
        if !part.settings.is_empty() {
            print(
                "settings: keys of a spec, in the table that prefixes the key or in [model]; axes go under \
                 [axes], and --set takes any; preset = \"NAME\" at the top level changes the defaults \
                 (`conviction presets`)",
            )?;
            print(settings(part))?;
        }
        return Ok(());
    };
    let (header, meaning) = (extension.header(), extension.meaning);
    if !part.settings.is_empty() {
        print(format_args!("\nsettings with {header}: {meaning}"))?;
        print(settings(part))?;
    }
    let tables = all_tables(model);
    for table in &part.tables {
        let is_there = tables.iter().any(|there| there.name == table.name);
        let meaning = match is_there {
            false => format!(": {}", table.meaning),
            true => String::new(),
        };
        print(format_args!("\n{} with {header}{meaning}", table.name))?;
        print(columns(&table.columns))?;
    }
    Ok(())
}

/// Formats the same for programs.
fn document(parts: &[Part]) -> Value {
    let whole = |part: &Part| {
        let tables: Vec<_> = part.tables.iter().map(table_document).collect();
        let default = part.model.setting();
        let setting = |key: &&Key| {
            json!({
                "key": key.name, "default": json::value(default.value(key)), "unit": key.unit,
                "domain": key.domain.to_string(), "meaning": key.meaning,
            })
        };
        let settings: Vec<_> = part.settings.iter().map(setting).collect();
        match &part.extension {
            None => json!({ "tables": tables, "settings": settings }),
            Some(extension) => json!({
                "name": extension.name, "header": extension.header(), "meaning": extension.meaning,
                "tables": tables, "settings": settings,
            }),
        }
    };
    let mut document = whole(&parts[0]);
    let extensions: Vec<_> = parts[1..].iter().map(whole).collect();
    document["results_version"] = RESULTS_VERSION.into();
    document["extensions"] = extensions.into();
    document
}

fn table_document(table: &TableSchema) -> Value {
    let column = |column: &Column| {
        json!({
            "name": column.name, "type": column.kind.name(), "nullable": column.nullable,
            "unit": column.unit, "meaning": column.meaning,
            "goal": column.goal.map(Goal::name), "empty": column.empty, "formula": column.formula,
        })
    };
    let columns: Vec<_> = table.columns.iter().map(column).collect();
    json!({ "name": table.name, "meaning": table.meaning, "columns": columns })
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
    let mut shown = table(&["  column", "type", "unit", "goal", "meaning"]);
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
            column.goal.map_or("", Goal::name).to_owned(),
            column.full_meaning(),
        ]);
    }
    shown
}

fn settings(part: &Part) -> Table {
    let default = part.model.setting();
    let mut shown = table(&["  key", "default", "unit", "domain", "meaning"]);
    for key in &part.settings {
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
