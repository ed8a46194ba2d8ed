//! Writes a dictionary in Croissant 1.0, a JSON-LD vocabulary for finding and reading datasets
//! (<http://mlcommons.org/croissant/1.0>). File names are relative to the dataset's directory, where the
//! document belongs.

use super::{ColumnEntry, Dictionary, TableEntry};
use crate::study::manifest::MANIFEST;
use crate::study::tables::POINTS;
use arrow_schema::DataType;
use serde_json::{Value, json};

/// JSON-LD context of Croissant.
const CONTEXT: &str = include_str!("context.json");

/// Media type of Parquet in Croissant.
const PARQUET: &str = "application/x-parquet";

impl Dictionary {
    /// Returns the dictionary as a JSON-LD document.
    pub fn croissant(&self) -> String {
        let context: Value = serde_json::from_str(CONTEXT).unwrap_or_default();
        let file = |id: &str, format: &str, sha256: &str| {
            json!({
                "@type": "cr:FileObject", "@id": id, "name": id, "contentUrl": id,
                "encodingFormat": format, "sha256": sha256,
            })
        };
        let mut distribution = vec![
            file(MANIFEST, "application/toml", &self.manifest_sha256),
            file(POINTS, PARQUET, &self.points_sha256),
        ];
        let of_parts = self.tables.iter().filter(|table| table.files != POINTS);
        distribution.extend(of_parts.map(|table| {
            json!({
                "@type": "cr:FileSet", "@id": files(table), "name": files(table),
                "includes": table.files, "encodingFormat": PARQUET,
            })
        }));
        let document = json!({
            "@context": context,
            "@type": "sc:Dataset",
            "conformsTo": "http://mlcommons.org/croissant/1.0",
            "name": self.name,
            "description": self.summary,
            "version": self.version,
            "keywords": ["conviction voting", "simulation", "parameter sweep"],
            "distribution": distribution,
            "recordSet": self.tables.iter().map(records).collect::<Vec<_>>(),
        });
        format!("{:#}\n", sorted(document))
    }
}

/// Returns the id of the file or file set that holds a table.
fn files(table: &TableEntry) -> String {
    match &*table.files {
        POINTS => POINTS.to_owned(),
        _ => format!("{}-files", table.name),
    }
}

fn records(table: &TableEntry) -> Value {
    let source = match &*table.files {
        POINTS => "fileObject",
        _ => "fileSet",
    };
    let id = |column: &ColumnEntry| format!("{}/{}", table.name, column.name);
    let field = |column: &ColumnEntry| {
        let mut description = column.meaning.clone();
        if !column.unit.is_empty() {
            description += &format!(" ({})", column.unit);
        }
        json!({
            "@type": "cr:Field", "@id": id(column), "name": column.name, "description": description,
            "dataType": kind(&column.kind),
            "source": { source: { "@id": files(table) }, "extract": { "column": column.name } },
        })
    };
    json!({
        "@type": "cr:RecordSet", "@id": table.name, "name": table.name, "description": table.meaning,
        "field": table.columns.iter().map(field).collect::<Vec<_>>(),
    })
}

fn kind(kind: &DataType) -> &'static str {
    match kind {
        DataType::Boolean => "sc:Boolean",
        kind if kind.is_integer() => "sc:Integer",
        kind if kind.is_floating() => "sc:Float",
        _ => "sc:Text",
    }
}

/// Sorts the keys of objects, independent of the JSON library's own order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.into_iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            let entries = entries.into_iter();
            Value::Object(entries.map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        other => other,
    }
}
