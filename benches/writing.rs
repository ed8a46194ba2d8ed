//! Measures size and speed of writing each table of a sweep, by compression and encoding: the basis of the
//! choice in `src/output/parquet.rs`. `cargo bench --bench writing` prints a table.

use arrow_array::RecordBatch;
use arrow_schema::DataType;
use conviction::study::gather::Gatherer;
use conviction::study::{Plan, Spec};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

const SPEC: &str = r#"
replicates = 2000
[axes]
beta = [0.1, 0.2, 0.3, 0.4]
[output]
tables = ["runs", "days", "proposals"]
"#;

/// Number of measured runs; `runs` has one row for each.
const RUNS: u64 = 2000;

/// Returns the columns with certain types.
fn columns_of(batch: &RecordBatch, are: fn(&DataType) -> bool) -> Vec<String> {
    let schema = batch.schema();
    let fields = schema.fields().iter();
    let found = fields.filter(|field| are(field.data_type()));
    found.map(|field| field.name().clone()).collect()
}

fn zstd(level: i32) -> WriterPropertiesBuilder {
    let level = ZstdLevel::try_new(level).expect("a level");
    WriterProperties::builder().set_compression(Compression::ZSTD(level))
}

fn snappy() -> WriterPropertiesBuilder {
    WriterProperties::builder().set_compression(Compression::SNAPPY)
}

fn without_dictionaries(
    builder: WriterPropertiesBuilder,
    reals: &[String],
) -> WriterPropertiesBuilder {
    reals.iter().fold(builder, |builder, name| {
        builder.set_column_dictionary_enabled(name.as_str().into(), false)
    })
}

fn split(builder: WriterPropertiesBuilder, reals: &[String]) -> WriterPropertiesBuilder {
    reals
        .iter()
        .fold(without_dictionaries(builder, reals), |builder, name| {
            builder.set_column_encoding(name.as_str().into(), Encoding::BYTE_STREAM_SPLIT)
        })
}

fn differences(
    builder: WriterPropertiesBuilder,
    reals: &[String],
    counts: &[String],
) -> WriterPropertiesBuilder {
    let builder = without_dictionaries(without_dictionaries(builder, reals), counts);
    counts.iter().fold(builder, |builder, name| {
        builder.set_column_encoding(name.as_str().into(), Encoding::DELTA_BINARY_PACKED)
    })
}

fn in_groups(reals: &[String], rows: usize) -> WriterPropertiesBuilder {
    without_dictionaries(snappy(), reals).set_max_row_group_row_count(Some(rows))
}

fn encode(batches: &[RecordBatch], properties: WriterProperties) -> (usize, Duration) {
    let begun = Instant::now();
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, batches[0].schema(), Some(properties)).expect("a schema");
    for batch in batches {
        writer.write(batch).expect("room in memory");
    }
    writer.close().expect("room in memory");
    (bytes.len(), begun.elapsed())
}

fn main() {
    let model = conviction::model();
    let spec = Spec::parse(&model, SPEC, "the bench's spec", Path::new(""));
    let spec = spec.expect("a sound spec");
    let plan = Plan::new(spec).expect("a sound spec");
    let mut gatherer = Gatherer::new(&plan);
    let never = AtomicBool::new(false);
    let mut tables = vec![Vec::new(); gatherer.columns().count()];
    let mut spent = Duration::ZERO;
    let mut runs = (0..RUNS).map(|run| run * plan.runs / RUNS).peekable();
    while runs.peek().is_some() {
        let begun = Instant::now();
        gatherer.add(&mut runs, &never, |_, _| {});
        spent += begun.elapsed();
        if gatherer.is_full() || runs.peek().is_none() {
            for (table, batch) in tables.iter_mut().zip(gatherer.take()) {
                table.push(batch);
            }
        }
    }
    println!(
        "simulating and gathering: {:.0} µs per run",
        spent.as_secs_f64() * 1e6 / RUNS as f64
    );
    println!(
        "{:<11}{:<40}{:>14}{:>14}",
        "table", "writer", "bytes per run", "µs per run"
    );
    for (name, batches) in ["runs", "days", "proposals"].iter().zip(&tables) {
        // Reals rarely repeat.
        let reals = columns_of(&batches[0], DataType::is_floating);
        let counts = columns_of(&batches[0], DataType::is_integer);
        let numbers = [&*reals, &counts].concat();
        let plain = WriterProperties::builder;
        let choices = [
            ("uncompressed", plain()),
            ("snappy", snappy()),
            ("zstd 1", zstd(1)),
            ("zstd 3", zstd(3)),
            ("zstd 6", zstd(6)),
            (
                "zstd 1, reals without dictionary",
                without_dictionaries(zstd(1), &reals),
            ),
            (
                "uncompressed, reals without dictionary",
                without_dictionaries(plain(), &reals),
            ),
            (
                "zstd 1, numbers without dictionary",
                without_dictionaries(zstd(1), &numbers),
            ),
            (
                "zstd 1, counts as differences",
                differences(zstd(1), &reals, &counts),
            ),
            (
                "snappy, reals without dictionary",
                without_dictionaries(snappy(), &reals),
            ),
            (
                "snappy, counts as differences",
                differences(snappy(), &reals, &counts),
            ),
            ("… in groups of 8,192 rows", in_groups(&reals, 1 << 13)),
            ("… in groups of 65,536 rows", in_groups(&reals, 1 << 16)),
            ("… in groups of 1,048,576 rows", in_groups(&reals, 1 << 20)),
            ("zstd 1, reals byte-stream-split", split(zstd(1), &reals)),
            ("zstd 3, reals byte-stream-split", split(zstd(3), &reals)),
        ];
        for (choice, builder) in choices {
            let properties = builder.build();
            let mut times: Vec<_> = (0..5)
                .map(|_| encode(batches, properties.clone()))
                .collect();
            times.sort_by_key(|&(_, time)| time);
            let (bytes, time) = times[2];
            println!(
                "{name:<11}{choice:<40}{:>14.1}{:>14.2}",
                bytes as f64 / RUNS as f64,
                time.as_secs_f64() * 1e6 / RUNS as f64
            );
        }
    }
}
