//! Writes a dictionary for people.

use super::{ColumnEntry, Dictionary};
use arrow_schema::DataType;
use std::fmt::Write;

impl Dictionary {
    /// Returns the dictionary as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("# {}\n\n{}\n", self.name, self.summary);
        text += "\n`dataset.toml` contains the spec, `parts/` the checksums of all files: `sha256sum -c parts/*.sha256`.\n";
        for table in &self.tables {
            let _ = write!(
                text,
                "\n## {}\n\n`{}`: {}\n\n| column | type | unit | role | goal | meaning |\n|---|---|---|---|---|---|\n",
                table.name, table.files, table.meaning
            );
            for column in &table.columns {
                text += &row(column);
            }
        }
        let _ = write!(text, "\n## Spec\n\n```toml\n{}```\n", self.spec);
        text
    }
}

fn row(column: &ColumnEntry) -> String {
    let ColumnEntry {
        name,
        nullable,
        unit,
        role,
        goal,
        meaning,
        ..
    } = column;
    let kind = kind(&column.kind);
    let kind = if *nullable {
        format!("{kind}, may be missing")
    } else {
        kind
    };
    // Escapes characters that would end a cell.
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    format!(
        "| `{}` | {kind} | {} | {role} | {goal} | {} |\n",
        cell(name),
        cell(unit),
        cell(meaning)
    )
}

/// Returns the name of a type.
pub(super) fn kind(kind: &DataType) -> String {
    match kind {
        DataType::Int32 => "i32".to_owned(),
        DataType::Int64 => "i64".to_owned(),
        DataType::Float64 => "f64".to_owned(),
        DataType::Boolean => "bool".to_owned(),
        DataType::Utf8 => "text".to_owned(),
        other => other.to_string(),
    }
}
