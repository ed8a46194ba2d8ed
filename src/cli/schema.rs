//! `conviction schema`.

use super::args::SchemaArgs;
use super::{Failure, print};
use crate::model::KEYS;
use crate::output::Column;
use crate::output::schema::{TableSchema, tables};
use crate::study::tables::{TABLES, common_columns};
use comfy_table::{ContentArrangement, Table, presets};

pub fn schema(args: &SchemaArgs) -> Result<(), Failure> {
    let of_sweeps = TABLES.iter().map(|&table| TableSchema {
        name: table.name(),
        meaning: table.meaning(),
        columns: common_columns(table),
    });
    let tables: Vec<_> = of_sweeps.chain(tables()).collect();
    let asked = args.table.as_deref();
    let mut names: Vec<_> = tables.iter().map(|table| table.name).collect();
    names.push("settings");
    names.sort_unstable();
    names.dedup();
    if let Some(asked) = asked
        && !names.contains(&asked)
    {
        let known = names.join(", ");
        return Err(Failure::Input(format!(
            "no table is called {asked}; there are {known}"
        )));
    }
    // A sweep and a run may each have a table of one name.
    let is_asked = |table: &&TableSchema| asked.is_none_or(|asked| asked == table.name);
    for table in tables.iter().filter(is_asked) {
        print(format_args!("{}: {}", table.name, table.meaning))?;
        print(columns(&table.columns))?;
        print("")?;
    }
    if asked.is_none_or(|asked| asked == "settings") {
        print(
            "settings: what a spec may set under [model] and [initial], sweep under [axes], and --set",
        )?;
        print(settings())?;
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

fn settings() -> Table {
    let default = crate::model::Setting::default();
    let mut shown = table(&["  key", "default", "unit", "domain", "meaning"]);
    for key in KEYS {
        shown.add_row([
            format!("  {}", key.name),
            key.get(&default).to_string(),
            key.unit.to_owned(),
            key.domain.to_string(),
            key.meaning.to_owned(),
        ]);
    }
    shown
}
