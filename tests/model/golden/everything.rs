//! The mean of every column of every table, over the small sweeps of `tests/golden`, one spec a file.
//!
//! `everything.txt` holds them. A new column is a new line, which `CONVICTION_RENEW_GOLDEN=1` adds. A changed
//! number is renewed only after the results version, or that of an extension of its spec, was raised.

use crate::runs::{EVERY_TABLE, OF_EXTENSIONS, simulate};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use conviction::engine::{Choice, Extensions};
use conviction::study::execute::collect;
use conviction::study::{Plan, Spec};
use conviction::{RESULTS_VERSION, model};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The tables that only a single run leaves.
const DETAIL: [&str; 5] = [
    "proposals",
    "participants",
    "support_edges",
    "influence",
    "conflict",
];

/// The line of a table that counts its rows.
const ROWS: &str = "(rows)";

/// Columns of a table with their summaries, in their order.
type Table = Vec<(String, String)>;

/// The tables of one spec.
#[derive(Clone, Debug, PartialEq)]
struct Block {
    spec: String,
    /// What its numbers follow from: `spec 5f1c02aa, results 6, market 3`.
    versions: String,
    tables: Vec<(String, Table)>,
}

/// A line in which two goldens differ.
#[derive(Debug)]
struct Difference {
    spec: String,
    table: String,
    column: String,
    was: Option<String>,
    is: Option<String>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            spec,
            table,
            column,
            was,
            is,
        } = self;
        write!(f, "{spec}, {table}, {column}: ")?;
        match (was, is) {
            (Some(was), Some(is)) => write!(f, "was {was}, is {is}"),
            (None, Some(is)) => write!(f, "new, {is}"),
            (Some(was), None) => write!(f, "gone, was {was}"),
            (None, None) => Ok(()),
        }
    }
}

fn place(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(file)
}

/// The specs by name, in their order.
fn specs() -> BTreeMap<String, String> {
    let files = std::fs::read_dir(place("")).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let specs = paths.filter(|path| path.extension().is_some_and(|ext| ext == "toml"));
    specs
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

fn plan_of(name: &str, text: &str) -> Plan {
    let spec = Spec::parse(&model(), text, name, &place(""));
    let mut spec = spec.unwrap_or_else(|error| panic!("{name}: {error}"));
    let swept = spec.model.outputs().iter();
    spec.output.tables = swept
        .filter(|table| table.folder.is_some())
        .copied()
        .collect();
    let written = spec.output.tables.iter();
    spec.output.columns = written.map(|table| (table.name, Choice::All)).collect();
    Plan::new(spec).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What the numbers of a spec follow from: its text, the version of the results, and of the extensions that are on.
fn versions(plan: &Plan, text: &str) -> String {
    let sum = Sha256::digest(text);
    let sum: String = sum[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    let mut text = format!("spec {sum}, results {RESULTS_VERSION}");
    let model = &plan.spec.model;
    let is_extension = |name: &str| model.extensions().iter().any(|of| of.name == name);
    for feature in model.features() {
        if is_extension(feature.name) {
            write!(text, ", {} {}", feature.name, feature.version).unwrap();
        }
    }
    text
}

/// Numbers of a column: sum and count of the finite ones, and how many are empty, infinite, and none.
#[derive(Default)]
struct Numbers {
    sum: f64,
    count: u32,
    empty: usize,
    infinite: usize,
    nan: usize,
}

impl Numbers {
    fn add(&mut self, value: Option<f64>) {
        match value {
            None => self.empty += 1,
            Some(value) if value.is_nan() => self.nan += 1,
            Some(value) if value.is_infinite() => self.infinite += 1,
            Some(value) => {
                self.sum += value;
                self.count += 1;
            }
        }
    }

    fn text(&self) -> String {
        let mut text = match self.count {
            0 => "none".to_owned(),
            count => format!("{:?}", self.sum / f64::from(count)),
        };
        let others = [
            (self.empty, "empty"),
            (self.infinite, "infinite"),
            (self.nan, "NaN"),
        ];
        for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
            write!(text, ", {count} {what}").unwrap();
        }
        text
    }
}

/// The numbers of an array; `None` of text.
fn numbers(array: &dyn Array) -> Option<Vec<Option<f64>>> {
    let whole = |value: Option<i32>| value.map(f64::from);
    Some(match array.data_type() {
        DataType::Float64 => array.as_primitive::<Float64Type>().iter().collect(),
        DataType::Int32 => array
            .as_primitive::<Int32Type>()
            .iter()
            .map(whole)
            .collect(),
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>().iter();
            values.map(|value| value.map(|v| v as f64)).collect()
        }
        DataType::Boolean => {
            let values = array.as_boolean().iter();
            values
                .map(|value| value.map(|v| f64::from(u8::from(v))))
                .collect()
        }
        _ => return None,
    })
}

/// A column in a line: the mean, or how often each word stands in it.
fn summary(batches: &[RecordBatch], column: &str) -> String {
    let (mut sums, mut words) = (Numbers::default(), BTreeMap::<String, usize>::new());
    for batch in batches {
        let array = &batch[column];
        match numbers(array) {
            Some(numbers) => numbers.into_iter().for_each(|number| sums.add(number)),
            None => {
                for word in array.as_string::<i32>() {
                    let word = word.unwrap_or("(empty)").to_owned();
                    *words.entry(word).or_default() += 1;
                }
            }
        }
    }
    if words.is_empty() {
        return sums.text();
    }
    let words: Vec<_> = words
        .iter()
        .map(|(word, n)| format!("{n} {word}"))
        .collect();
    words.join(", ")
}

fn table(batches: &[RecordBatch]) -> Table {
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let mut lines = vec![(ROWS.to_owned(), rows.to_string())];
    if let Some(batch) = batches.first() {
        let schema = batch.schema();
        for field in schema.fields() {
            lines.push((field.name().clone(), summary(batches, field.name())));
        }
    }
    lines
}

/// Runs the sweep of a spec, and its first run in detail.
fn block(name: &str, text: &str) -> Block {
    let plan = plan_of(name, text);
    let swept = collect(&plan, 2, &(), &AtomicBool::new(false)).unwrap();
    let mut tables: Vec<_> = swept
        .tables
        .iter()
        .map(|(output, batches)| (output.name.to_owned(), table(batches)))
        .collect();
    let (model, setting) = (&plan.spec.model, plan.setting(0));
    let mut left = simulate(model, &DETAIL, &setting, plan.spec.seed, plan.world(0));
    for name in DETAIL {
        tables.push((name.to_owned(), table(&[left.batch(name)])));
    }
    Block {
        spec: name.to_owned(),
        versions: versions(&plan, text),
        tables,
    }
}

fn written(blocks: &[Block]) -> String {
    let mut text = "The mean of every column over the sweeps of this folder.\n".to_owned();
    for block in blocks {
        writeln!(text, "\n[{}] {}", block.spec, block.versions).unwrap();
        for (name, columns) in &block.tables {
            writeln!(text, "{name}").unwrap();
            for (column, summary) in columns {
                writeln!(text, "  {column}: {summary}").unwrap();
            }
        }
    }
    text
}

fn read(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in text.lines().skip(1).filter(|line| !line.is_empty()) {
        if let Some((spec, versions)) = line.strip_prefix('[').and_then(|l| l.split_once("] ")) {
            blocks.push(Block {
                spec: spec.to_owned(),
                versions: versions.to_owned(),
                tables: Vec::new(),
            });
            continue;
        }
        let block = blocks.last_mut().expect("a spec before its tables");
        match line
            .strip_prefix("  ")
            .and_then(|line| line.split_once(": "))
        {
            Some((column, summary)) => {
                let table = block.tables.last_mut().expect("a table before its columns");
                table.1.push((column.to_owned(), summary.to_owned()));
            }
            None => block.tables.push((line.to_owned(), Vec::new())),
        }
    }
    blocks
}

/// Every line of a golden, by spec, table and column.
fn lines(blocks: &[Block]) -> BTreeMap<[&str; 3], &str> {
    let mut lines = BTreeMap::new();
    for block in blocks {
        for (table, columns) in &block.tables {
            for (column, summary) in columns {
                lines.insert([&*block.spec, table, column], &**summary);
            }
        }
    }
    lines
}

fn differences(was: &[Block], is: &[Block]) -> Vec<Difference> {
    let (was, is) = (lines(was), lines(is));
    let keys: BTreeSet<_> = was.keys().chain(is.keys()).collect();
    let of = |lines: &BTreeMap<[&str; 3], &str>, key| lines.get(key).map(|&line| line.to_owned());
    let differ = keys.into_iter().filter(|key| was.get(*key) != is.get(*key));
    differ
        .map(|key| Difference {
            spec: key[0].to_owned(),
            table: key[1].to_owned(),
            column: key[2].to_owned(),
            was: of(&was, key),
            is: of(&is, key),
        })
        .collect()
}

/// The changed numbers whose spec has the text and the versions of before.
fn unversioned(was: &[Block], is: &[Block]) -> Vec<Difference> {
    let versions = |blocks: &[Block], spec: &str| {
        let block = blocks.iter().find(|block| block.spec == spec);
        block.map(|block| block.versions.clone())
    };
    let mut changed = differences(was, is);
    changed.retain(|of| {
        let both = of.was.is_some() && of.is.is_some();
        both && versions(was, &of.spec) == versions(is, &of.spec)
    });
    changed
}

fn listed(differences: &[Difference]) -> String {
    let lines: Vec<_> = differences.iter().map(Difference::to_string).collect();
    lines.join("\n")
}

#[test]
fn every_column_is_as_it_was() {
    let found: Vec<_> = specs()
        .iter()
        .map(|(name, text)| block(name, text))
        .collect();
    let path = place("everything.txt");
    let was = read(&std::fs::read_to_string(&path).unwrap_or_default());
    let unversioned = unversioned(&was, &found);
    let version = "raise the version of the extension in src/voting/mod.rs, or RESULTS_VERSION";
    if std::env::var_os("CONVICTION_RENEW_GOLDEN").is_some() {
        assert!(
            unversioned.is_empty(),
            "numbers changed, no version did; {version}:\n{}",
            listed(&unversioned)
        );
        std::fs::write(&path, written(&found)).unwrap();
        return;
    }
    assert!(
        unversioned.is_empty(),
        "numbers changed; if they should, {version}, then renew:\n{}",
        listed(&unversioned)
    );
    let renew = "CONVICTION_RENEW_GOLDEN=1 cargo test --test model golden";
    let differ = differences(&was, &found);
    assert!(
        differ.is_empty(),
        "columns or versions changed; {renew}:\n{}",
        listed(&differ)
    );
    // Order and versions are part of the file.
    assert!(
        was == found,
        "the order of columns, or a version, changed; {renew}"
    );
}

/// Nothing is registered that no golden number follows: each column has a value other than 0 somewhere.
#[test]
fn every_registered_column_has_a_golden_number() {
    let model = model();
    let known = model.extensions().iter();
    let all = known.fold(Extensions::default(), |on, of| on.with(of.name, 1));
    let all = model.with_extensions(&all).unwrap();
    let golden = read(&std::fs::read_to_string(place("everything.txt")).unwrap());
    let golden = lines(&golden);
    let mut missing = Vec::new();
    for table in all.outputs() {
        assert!(
            EVERY_TABLE.contains(&table.name) || OF_EXTENSIONS.contains(&table.name),
            "{}: not in EVERY_TABLE or OF_EXTENSIONS",
            table.name
        );
        for column in all.columns(table.name) {
            let says = |summary: &str| {
                let first = summary.split(',').next().unwrap_or_default();
                !["none", "0.0", ""].contains(&first)
            };
            let found = golden.iter().any(|([_, of, name], summary)| {
                *of == table.name && *name == column.name && says(summary)
            });
            if !found {
                missing.push(format!("{}: {}", table.name, column.name));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "no spec of tests/golden fills\n{}",
        missing.join("\n")
    );
}

#[test]
fn a_changed_number_needs_a_version_and_a_new_column_does_not() {
    let text = |versions: &str, funds: &str, more: &str| {
        read(&format!(
            "Head\n\n[a spec] {versions}\nruns\n  (rows): 2\n  funds: {funds}\n{more}"
        ))
    };
    let was = text("results 6, market 3", "4.5", "");
    assert_eq!(read(&written(&was)), was);
    let told = |is: &[Block]| listed(&unversioned(&was, is));
    assert_eq!(told(&was), "");
    // A column more, and a column less.
    let wider = text("results 6, market 3", "4.5", "  price: 400.0\n");
    assert_eq!(told(&wider), "");
    assert_eq!(
        listed(&differences(&was, &wider)),
        "a spec, runs, price: new, 400.0"
    );
    assert_eq!(
        listed(&differences(&wider, &was)),
        "a spec, runs, price: gone, was 400.0"
    );
    // A number, with the versions of before, and with another.
    let changed = "a spec, runs, funds: was 4.5, is 4.6, 1 empty";
    assert_eq!(
        told(&text("results 6, market 3", "4.6, 1 empty", "")),
        changed
    );
    assert_eq!(told(&text("results 7, market 3", "4.6", "")), "");
    assert_eq!(told(&text("results 6, market 4", "4.6", "")), "");
}
