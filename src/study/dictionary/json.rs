//! Writes a dictionary for programs.

use super::markdown::kind;
use super::{ColumnEntry, Dictionary, TableEntry};
use serde_json::{Value, json};

impl Dictionary {
    /// Returns the dictionary as a JSON document.
    pub fn json(&self) -> String {
        let document = json!({
            "name": self.name,
            "summary": self.summary,
            "version": self.version,
            "spec": self.spec,
            "manifest_sha256": self.manifest_sha256,
            "points_sha256": self.points_sha256,
            "tables": self.tables.iter().map(table).collect::<Vec<_>>(),
        });
        format!("{document:#}\n")
    }
}

fn table(table: &TableEntry) -> Value {
    let column = |column: &ColumnEntry| {
        json!({
            "name": column.name, "type": kind(&column.kind), "nullable": column.nullable,
            "unit": column.unit, "role": column.role, "goal": column.goal, "meaning": column.meaning,
        })
    };
    json!({
        "name": table.name, "files": table.files, "meaning": table.meaning,
        "columns": table.columns.iter().map(column).collect::<Vec<_>>(),
    })
}
