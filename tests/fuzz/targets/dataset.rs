//! The dataset of a sweep: its manifest, its records and its tables.

use super::{Files, MODEL, file, told};
use arrow_schema::ArrowError;
use conviction::analyse::sensitivity;
use conviction::analyse::summary::by_point;
use conviction::report::sweep::page;
use conviction::study::dataset::{Existing, begin};
use conviction::study::dictionary::Dictionary;
use conviction::study::execute::{Options, Slice};
use conviction::study::file::File;
use conviction::study::read::TableReader;
use conviction::study::record::{self, Check};
use conviction::study::store::{Entry, StoreError};
use conviction::study::verify::verify;
use conviction::study::{Dataset, OnFailure, Plan, Single, Spec, Store, sweep};
use std::error::Error;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock, Mutex};

/// A sweep, and the files that it comes to.
pub struct Sound {
    plan: Plan,
    pub files: Files,
}

pub static SOUND: LazyLock<Sound> = LazyLock::new(|| {
    let text = "days = 3\nreplicates = 2\n[initial]\nparticipants = 3\nproposals = 2\n\
                [axes]\nbeta = [0.2, 0.3]\n[[variant]]\nname = \"a\"\n[[variant]]\nname = \"b\"\n\
                rho = 0.001\n[output]\ntables = [\"days\", \"proposals\"]";
    let spec = Spec::parse(&MODEL, text, "a sweep", Path::new("")).unwrap();
    let plan = Plan::new(spec).unwrap();
    let store = Memory::default();
    swept(&plan, &store).unwrap();
    let files = store.0.into_inner().unwrap();
    Sound { plan, files }
});

fn swept(plan: &Plan, store: &Memory) -> Result<(), conviction::study::SweepError> {
    let options = Options {
        threads: 1,
        resume: true,
        check: Check::Full,
        slice: Slice::Whole,
        on_failure: OnFailure::Record,
    };
    sweep(plan, store, options, &(), &AtomicBool::new(false)).map(drop)
}

/// A file that was altered is found out; where its record says that it is right, all that reads datasets
/// copes with it; and resuming the sweep mends it.
pub fn dataset(bytes: &[u8]) {
    let (name, content) = file(bytes);
    let mut files = SOUND.files.clone();
    files.insert(name.clone(), content.to_vec());
    let is_altered = SOUND.files.get(&name) != files.get(&name);
    let store = Memory(Mutex::new(files.clone()));
    match verify(&store) {
        Err(error) => told(&error),
        Ok(found) => {
            let said = found.problems.len() + found.notices.len();
            assert_eq!(said > 0, is_altered, "{found:?}");
        }
    }
    if let Err(error) = swept(&SOUND.plan, &store) {
        panic!("{error}");
    }
    for (name, content) in &SOUND.files {
        assert_eq!(store.0.lock().unwrap().get(name), Some(content), "{name}");
    }
    let store = Memory(Mutex::new(recorded(files, &name)));
    if let Err(error) = verify(&store) {
        told(&error);
    }
    match Dataset::of(Arc::new(store.clone())) {
        Err(error) => {
            assert!(is_altered, "{error}");
            told(&error);
        }
        Ok(dataset) => read(&dataset, &store, is_altered),
    }
    if let Err(error) = begin(&store, &SOUND.plan, Existing::Join) {
        told(&error);
    }
}

/// The files, with the records of one as it is.
fn recorded(mut files: Files, name: &str) -> Files {
    let records: Vec<_> = files
        .keys()
        .filter(|name| name.ends_with(".sha256"))
        .cloned()
        .collect();
    for of in records {
        let Some(named) = record::parse(&files[&of]) else {
            continue;
        };
        if named.iter().any(|recorded| recorded.name == name) {
            let as_they_are = named.into_iter().map(|recorded| {
                let content = files.get(&recorded.name).cloned().unwrap_or_default();
                File::new(recorded.name, content)
            });
            let text = record::text(&as_they_are.collect::<Vec<_>>());
            files.insert(of, text.into_bytes());
        }
    }
    files
}

/// Everything that is read of a dataset.
fn read(dataset: &Dataset, store: &Memory, is_altered: bool) {
    let manifest = &dataset.manifest;
    manifest.differences(manifest);
    let all_of = |rows: Result<TableReader, ArrowError>| rows?.collect::<Result<Vec<_>, _>>();
    let rows = manifest.tables.iter().map(|table| {
        let reader = TableReader::new(Arc::new(store.clone()), manifest, table);
        all_of(reader).map(drop).map_err(Box::from)
    });
    let mut found: Vec<Result<(), Box<dyn Error>>> = rows.collect();
    found.push(
        all_of(TableReader::points(Arc::new(store.clone())))
            .map(drop)
            .map_err(Box::from),
    );
    found.push(page(dataset).map(drop).map_err(Box::from));
    found.push(by_point(dataset, &["funds"]).map(drop).map_err(Box::from));
    let asked = sensitivity::Asked::default();
    let of = sensitivity::sensitivity(dataset, &asked, &AtomicBool::new(false));
    found.push(of.map(|of| drop(of.json())).map_err(Box::from));
    let dictionary = Dictionary::of(dataset, &MODEL);
    found.push(
        dictionary
            .map(|of| drop((of.markdown(), of.croissant())))
            .map_err(Box::from),
    );
    for run in [0, manifest.runs.saturating_sub(1)] {
        let single = Single::of_dataset(dataset, &MODEL, run);
        found.push(single.map(|single| drop(single.text())).map_err(Box::from));
    }
    for error in found.into_iter().filter_map(Result::err) {
        assert!(is_altered, "{error}");
        told(&*error);
    }
}

/// A store in memory.
#[derive(Debug, Default)]
struct Memory(Mutex<Files>);

impl Clone for Memory {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.0.lock().unwrap().clone()))
    }
}

impl Store for Memory {
    fn place(&self) -> String {
        "memory".to_owned()
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        match self.get(name)? {
            Some(found) if found != bytes => Err(StoreError::Differs {
                name: name.to_owned(),
            }),
            _ => self.replace(name, bytes),
        }
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let mut files = self.0.lock().unwrap();
        files.insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.lock().unwrap().get(name).cloned())
    }

    fn size(&self, name: &str) -> Result<Option<u64>, StoreError> {
        Ok(self.get(name)?.map(|bytes| bytes.len() as u64))
    }

    fn list(&self, folder: &str) -> Result<Vec<Entry>, StoreError> {
        let files = self.0.lock().unwrap();
        let mut found: Vec<_> = files
            .keys()
            .filter_map(|name| {
                let own = match folder {
                    "" => name,
                    folder => name.strip_prefix(folder)?.strip_prefix('/')?,
                };
                let (first, is_folder) = match own.split_once('/') {
                    Some((first, _)) => (first, true),
                    None => (own, false),
                };
                let above = &name[..name.len() - own.len()];
                Some(Entry {
                    name: format!("{above}{first}"),
                    is_folder,
                })
            })
            .collect();
        found.sort();
        found.dedup();
        Ok(found)
    }
}
