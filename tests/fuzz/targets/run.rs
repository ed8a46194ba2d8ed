//! The directory of a run, as a report reads it.

use super::spec::told_of_spec;
use super::{Files, MODEL, directory, told, with};
use conviction::output::{Metadata, TableWriter};
use conviction::report::run::page;
use conviction::study::{Single, Spec, SpecError};
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

/// A run with a market, so that all of a report is drawn.
pub static SOUND: LazyLock<Files> = LazyLock::new(|| {
    let text = "days = 4\n[initial]\nparticipants = 3\nproposals = 2\n[market]\n[holdings]";
    let spec = Spec::parse(&MODEL, text, "a run", Path::new("")).unwrap();
    let single = Single::of(&spec);
    let outputs = single.model.outputs().iter();
    let days = outputs.filter(|table| table.name == "days").copied();
    let tables: Vec<_> = days.chain(single.detail()).collect();
    let mut writers: Vec<_> = tables
        .iter()
        .map(|table| {
            let columns = single.model.columns(table.name);
            TableWriter::new(Vec::new(), &columns, &Metadata::new()).unwrap()
        })
        .collect();
    let never = AtomicBool::new(false);
    let simulated = single.simulate(&tables, &never, |place, rows| writers[place].write(&rows));
    assert!(simulated.unwrap().unwrap().failure.is_none());
    let mut files = Files::from([("run.toml".to_owned(), single.text().into_bytes())]);
    for (table, writer) in tables.iter().zip(writers) {
        files.insert(format!("{}.parquet", table.name), writer.finish().unwrap());
    }
    files
});

/// A report is drawn of a run, or told why not.
pub fn run(bytes: &[u8]) {
    let files = with(&SOUND, bytes);
    let place = directory(&files);
    let spec = match Spec::read_run(&MODEL, &place.path().join("run.toml")) {
        Ok(spec) => spec,
        Err(error @ SpecError::Faults { .. }) => return told_of_spec(&error),
        Err(error) => return told(&error),
    };
    if let Err(error) = page(place.path(), &spec.base, spec.seed) {
        assert_ne!(files, *SOUND, "{error}");
        told(&error);
    }
}
