//! A data dictionary: what is in a dataset, table by table and column by column. Its bytes depend on the
//! dataset's spec and versions alone.
//!
//! | file | for whom |
//! |---|---|
//! | `markdown` | people |
//! | `json` | programs |
//! | `croissant` | programs that look for data |

mod croissant;
mod json;
mod markdown;

use super::dataset::Dataset;
use super::manifest::{MANIFEST, part_file};
use super::store::StoreError;
use super::tables::points::POINTS;
use super::tables::{folder, tables};
use super::whole::NotWhole;
use crate::engine::Model;
use crate::input::{Table, TableError};
use crate::output::rows::full_meaning;
use crate::output::sha256;
use arrow_schema::{DataType, Field};
use std::path::Path;

/// Why a dataset cannot be described.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DictionaryError {
    /// A file is not what was written.
    #[error(transparent)]
    NotWhole(#[from] NotWhole),
    /// A table makes no sense.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The manifest cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is in a dataset.
#[derive(Clone, Debug)]
pub struct Dictionary {
    /// A name that no other sweep has.
    pub name: String,
    /// The dataset in a sentence.
    pub summary: String,
    /// The version of the program that wrote it.
    pub version: String,
    /// The spec, every default filled in, as TOML.
    pub spec: String,
    /// The SHA-256 of its manifest, in hex.
    pub manifest_sha256: String,
    /// The SHA-256 of its table of points, in hex.
    pub points_sha256: String,
    /// The tables, that of the points first.
    pub tables: Vec<TableEntry>,
}

/// A table.
#[derive(Clone, Debug)]
pub struct TableEntry {
    /// The name.
    pub name: String,
    /// Its file, or the pattern of its files.
    pub files: String,
    /// What a row is.
    pub meaning: String,
    /// The columns, in order.
    pub columns: Vec<ColumnEntry>,
}

/// A column.
#[derive(Clone, Debug)]
pub struct ColumnEntry {
    /// The name.
    pub name: String,
    /// The type.
    pub kind: DataType,
    /// Whether values may be missing.
    pub nullable: bool,
    /// The unit; empty for pure numbers, names and ids.
    pub unit: String,
    /// What it is to a study: axis, lever, uncertainty or variant; empty for what came out.
    pub role: String,
    /// The goal of an outcome: max, min or neither; empty for other columns.
    pub goal: String,
    /// What it means, with the meaning of a missing value.
    pub meaning: String,
}

impl Dictionary {
    /// Describes a dataset by what its own files say; the model knows what the tables mean.
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
            meaning: "every setting of every point, a row per point".to_owned(),
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

/// The columns of a Parquet file, as it describes them.
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
