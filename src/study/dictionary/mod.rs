//! Builds a data dictionary: the contents of a dataset, by table and column. Its bytes depend only on the
//! dataset's spec and versions.
//!
//! | file | audience |
//! |---|---|
//! | `markdown` | people |
//! | `json` | programs |
//! | `croissant` | data catalogues |

mod croissant;
mod json;
mod markdown;

use super::dataset::Dataset;
use super::manifest::{MANIFEST, part_file};
use super::store::StoreError;
use super::tables::{POINTS, folder, tables};
use super::whole::NotWhole;
use crate::engine::Model;
use crate::input::{Table, TableError};
use crate::output::rows::full_meaning;
use crate::output::sha256;
use arrow_schema::{DataType, Field};
use std::path::Path;

/// Reason why a dataset cannot be described.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DictionaryError {
    /// A file differs from what was written.
    #[error(transparent)]
    NotWhole(#[from] NotWhole),
    /// A table is invalid.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The manifest cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Contents of a dataset.
#[derive(Clone, Debug)]
pub struct Dictionary {
    /// Unique name of the sweep.
    pub name: String,
    /// One-sentence description of the dataset.
    pub summary: String,
    /// Version of the program that wrote it.
    pub version: String,
    /// Spec with every default filled in, as TOML.
    pub spec: String,
    /// SHA-256 of its manifest, in hex.
    pub manifest_sha256: String,
    /// SHA-256 of its table of points, in hex.
    pub points_sha256: String,
    /// Tables, points first.
    pub tables: Vec<TableEntry>,
}

/// A table.
#[derive(Clone, Debug)]
pub struct TableEntry {
    /// Name.
    pub name: String,
    /// File, or pattern of files.
    pub files: String,
    /// Meaning of a row.
    pub meaning: String,
    /// Columns, in order.
    pub columns: Vec<ColumnEntry>,
}

/// A column.
#[derive(Clone, Debug)]
pub struct ColumnEntry {
    /// Name.
    pub name: String,
    /// Type.
    pub kind: DataType,
    /// True if values may be missing.
    pub nullable: bool,
    /// Unit; empty for pure numbers, names and ids.
    pub unit: String,
    /// Role in the study: axis, lever, uncertainty or variant; empty for results.
    pub role: String,
    /// Goal of an outcome: max, min or neither; empty for other columns.
    pub goal: String,
    /// Meaning, including that of a missing value.
    pub meaning: String,
}

impl Dictionary {
    /// Describes a dataset from its own files; the model adds the meaning of tables.
    ///
    /// # Errors
    /// When the points or the first part are missing or altered.
    pub fn of(dataset: &Dataset, model: &Model) -> Result<Self, DictionaryError> {
        let manifest = &dataset.manifest;
        dataset.expect_points()?;
        let model = manifest.model(model);
        let columns = |file: &str| columns(&dataset.directory.join(file));
        let mut entries = vec![TableEntry {
            name: "points".to_owned(),
            files: POINTS.to_owned(),
            meaning: "every setting of every point, one row per point".to_owned(),
            columns: columns(POINTS)?,
        }];
        if manifest.parts > 0 {
            dataset.expect_part(0)?;
            for table in &manifest.tables {
                let known = tables(&model).find(|known| folder(known) == table);
                entries.push(TableEntry {
                    name: table.clone(),
                    files: format!("{table}/*.parquet"),
                    meaning: known.map_or(String::new(), |known| known.meaning.to_owned()),
                    columns: columns(&part_file(table, 0))?,
                });
            }
        }
        let said = dataset.store.get(MANIFEST)?.unwrap_or_default();
        let manifest_sha256 = sha256(&said);
        Ok(Self {
            name: format!("conviction-sweep-{}", &manifest_sha256[..12]),
            summary: format!(
                "{} simulated runs of Conviction Voting at {} points, in {} parts. Written by \
                 conviction {}, results version {}; the same spec gives the same bytes.",
                manifest.runs,
                manifest.points,
                manifest.parts,
                manifest.version,
                manifest.results_version
            ),
            version: manifest.version.clone(),
            spec: toml::to_string(&manifest.spec).unwrap_or_default(),
            manifest_sha256,
            points_sha256: manifest.points_sha256.clone(),
            tables: entries,
        })
    }
}

/// Reads the columns of a Parquet file from its metadata.
fn columns(path: &Path) -> Result<Vec<ColumnEntry>, TableError> {
    let schema = Table::schema(path)?;
    let entry = |field: &Field| {
        let said = |key: &str| field.metadata().get(key).cloned().unwrap_or_default();
        ColumnEntry {
            name: field.name().clone(),
            kind: field.data_type().clone(),
            nullable: field.is_nullable(),
            unit: said("unit"),
            role: said("role"),
            goal: said("goal"),
            meaning: full_meaning(&said("meaning"), &said("formula"), &said("empty")),
        }
    };
    Ok(schema.fields().iter().map(|field| entry(field)).collect())
}
