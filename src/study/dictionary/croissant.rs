//! A dictionary in Croissant 1.0, a vocabulary of JSON-LD by which datasets are found and read
//! (<http://mlcommons.org/croissant/1.0>). It is meant to lie in the dataset: files are named from there.

use super::{ColumnEntry, Dictionary, TableEntry};
use crate::study::manifest::MANIFEST;
use crate::study::tables::points::POINTS;
use arrow_schema::DataType;
use serde_json::{Value, json};

/// What the words of Croissant stand for.
const CONTEXT: &str = include_str!("context.json");

/// The media type of Parquet, as Croissant calls it.
const PARQUET: &str = "application/x-parquet";

impl Dictionary {
    /// The dictionary as a document of JSON-LD.
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

/// The id of what holds a table.
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

/// With the keys of objects in order, however this program's library of JSON keeps them.
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
