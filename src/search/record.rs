//! Begins or joins the place of a search, and writes its record and archive.

use super::answer::Found;
use super::space::Space;
use super::{Options, Running, SearchError};
use crate::RESULTS_VERSION;
use crate::output::{TableWriter, metadata};
use crate::study::dataset::DatasetError;
use crate::study::execute::Slice;
use crate::study::store::{Store, is_url, open_store};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Name of the record.
const RECORD: &str = "search.toml";

/// Place of a search.
pub struct Place {
    path: PathBuf,
    store: Arc<dyn Store>,
}

impl Place {
    /// Begins a search in a place, or joins an existing one.
    pub fn begin(
        path: &Path,
        space: &Space,
        options: &Options,
        running: Running,
    ) -> Result<Self, SearchError> {
        let store = open_store(path)?;
        let place = store.place();
        let record = record(space, options);
        // Lists first: another process writes its record before any other file.
        let entries = store.list("")?;
        let joins = running.resume || running.slice != Slice::Whole;
        match store.get(RECORD)? {
            Some(_) if !joins => return Err(SearchError::Exists { place }),
            Some(found) if found != record.as_bytes() => {
                let found = String::from_utf8_lossy(&found);
                let differences = differences(&found, &record);
                return Err(SearchError::Differs { place, differences });
            }
            Some(_) => {}
            None => {
                if let Some(other) = entries.first() {
                    let found = other.name.clone();
                    return Err(DatasetError::Occupied { place, found }.into());
                }
                store.make()?;
                store.put(RECORD, record.as_bytes())?;
            }
        }
        let path = path.to_owned();
        Ok(Self { path, store })
    }

    /// Returns the place of a dataset in this place.
    pub fn folder(&self, name: &str) -> PathBuf {
        match self.path.to_str().filter(|_| is_url(&self.path)) {
            Some(url) => format!("{}/{name}", url.trim_end_matches('/')).into(),
            None => self.path.join(name),
        }
    }

    /// Writes a file.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<(), SearchError> {
        Ok(self.store.put(name, bytes)?)
    }

    /// Writes the archive, and overwrites that of fewer generations.
    pub fn conclude(&self, found: &Found) -> Result<(), SearchError> {
        let (columns, rows) = found.columns();
        let said = metadata(&[("seed", found.seed.to_string())]);
        let mut writer = TableWriter::new(Vec::new(), &columns, &said)?;
        writer.write(&rows)?;
        self.store.replace("archive.parquet", &writer.finish()?)?;
        let document = format!("{:#}\n", found.json());
        Ok(self.store.replace("archive.json", document.as_bytes())?)
    }
}

/// Returns the inputs of a search. They omit the number of generations, since a search may be prolonged.
fn record(space: &Space, options: &Options) -> String {
    let worst = options
        .worst_of
        .map(|lever| format!("worst_of_lever = {lever}\n"));
    format!(
        "# A search of conviction; --resume continues it.\nversion = \"{}\"\nresults_version = {RESULTS_VERSION}\n\
         population = {}\nleast_worlds = {}\n{}spec = {}\n",
        env!("CARGO_PKG_VERSION"),
        options.population,
        options.least_worlds,
        worst.unwrap_or_default(),
        toml::Value::String(space.spec.text()),
    )
}

/// Returns the lines that differ between two records.
fn differences(found: &str, asked: &str) -> Vec<String> {
    let lines = |text: &str| -> Vec<String> {
        let parsed: toml::Table = text.parse().unwrap_or_default();
        let plain = parsed.iter().filter(|(key, _)| *key != "spec");
        let mut lines: Vec<String> = plain
            .map(|(key, value)| format!("{key} = {value}"))
            .collect();
        let spec = parsed
            .get("spec")
            .and_then(toml::Value::as_str)
            .unwrap_or_default();
        lines.extend(spec.lines().map(str::to_owned));
        lines
    };
    let (found, asked) = (lines(found), lines(asked));
    let only = |these: &[String], others: &[String], place: &str| -> Vec<String> {
        let own = these
            .iter()
            .filter(|line| !line.is_empty() && !others.contains(line));
        own.map(|line| format!("  {place}: {line}")).collect()
    };
    let mut all = only(&found, &asked, "there");
    all.extend(only(&asked, &found, "asked for"));
    if all.is_empty() {
        all.push(format!("  {RECORD}: written otherwise, or changed by hand"));
    }
    all
}
