//! Points from a file.

use super::{Axis, Draws, Fields, Points, Sampling, Value};
use std::path::PathBuf;

/// Points from a CSV or Parquet file, with one column per axis.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Points, with one value per axis, in the axes' order.
    pub rows: Vec<Vec<Value>>,
}

impl Sampling for File {
    const NAME: &'static str = "file";
    const SYNONYMS: &'static [&'static str] = &["csv", "parquet", "points"];
    const USAGE: &'static str = "path = \"points.csv\"";
    const FIELDS: &'static [&'static str] = &["path", "sha256"];
    const REQUIRES_AXES: bool = false;

    fn read(fields: &mut dyn Fields) -> Option<Self> {
        fields.file()
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        vec![
            ("path", quoted(&self.path.display().to_string())),
            ("sha256", quoted(&self.sha256)),
        ]
    }

    fn count(&self, _: &[Axis]) -> u64 {
        self.rows.len() as u64
    }

    fn points<'a>(&'a self, _: &'a [Axis], _: Draws<'a>) -> Points<'a> {
        Box::new(self.rows.iter().cloned())
    }
}
