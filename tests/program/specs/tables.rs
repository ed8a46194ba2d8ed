//! Tables that users bring: read as meant, or refused with a way out; never a wrong number.

use super::MODEL;
use arrow_array::types::Float16Type;
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Decimal256Array,
    DictionaryArray, Float64Array, LargeStringArray, PrimitiveArray, RecordBatch, StringArray,
};
use conviction::engine::{Key, Value};
use conviction::study::{Plan, Spec};
use parquet::arrow::ArrowWriter;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

/// The spec of a design by a file, with more lines before it.
fn by_file(place: &Path, more: &str, name: &str) -> Result<Spec, String> {
    let text = format!("{more}\n[design]\nkind = \"file\"\npath = \"{name}\"\n");
    let spec = Spec::parse(&MODEL, &text, "spec.toml", place);
    spec.map_err(|error| error.to_string())
}

/// The axes that a file brings, with their values in words.
fn axes(spec: &Spec) -> Vec<String> {
    let factor = &spec.factors[0];
    let rows = factor
        .design
        .points(&factor.axes, 0, 0, &AtomicBool::new(false));
    let axis = |(place, axis): (usize, &conviction::study::axis::Axis)| {
        let values = (0..rows.len()).map(|row| rows.row(row)[place].to_string());
        let values: Vec<_> = values.collect();
        format!("{} {}", axis.key.name, values.join(" "))
    };
    factor.axes.iter().enumerate().map(axis).collect()
}

/// The axes of a file with these bytes, or what is wrong with it.
fn read(name: &str, bytes: &[u8]) -> Result<Vec<String>, String> {
    let place = TempDir::new().unwrap();
    fs::write(place.path().join(name), bytes).unwrap();
    by_file(place.path(), "", name).map(|spec| axes(&spec))
}

fn csv(text: &str) -> Result<Vec<String>, String> {
    read("points.csv", text.as_bytes())
}

/// A Parquet file of these columns.
pub fn parquet<'n>(columns: impl IntoIterator<Item = (&'n str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn points_in_csv_are_read_as_every_program_writes_them() {
    let plain = ["beta 0.1 0.2", "half_life_days 3 7"];
    for text in [
        "beta,half_life_days\n0.1,3\n0.2,7\n",
        "# written by R on 2026-01-01\nbeta,half_life_days\n0.1,3\n0.2,7\n",
        "beta;half_life_days\n0.1;3\n0.2;7\n",
        "beta;half_life_days\n0,1;3,0\n0,2;7\n",
        "beta\thalf_life_days\n0.1\t3.0\n0.2\t7\n",
        ",beta,half_life_days\n0,0.1,3\n2,0.2,7\n",
        "Unnamed: 0,beta,half_life_days\n5,0.1,3\n2,0.2,7\n",
        "\"\",\"beta\",\"half_life_days\"\n\"1\",0.1,3\n\"2\",0.2,7\n",
        "beta,half_life_days,\n0.1,3,\n0.2,7,\n",
        "\u{feff} beta , half_life_days \r\n1e-1,3\r\n20%,\"7\"\r\n,\r\n",
    ] {
        let read = csv(text);
        if text.contains('%') {
            // A percentage beside a plain number may be either.
            assert!(
                read.unwrap_err().contains("other cells of the column"),
                "{text:?}"
            );
            continue;
        }
        assert_eq!(read.unwrap(), plain, "{text:?}");
    }
    assert_eq!(csv("beta\n10%\n20 %\n").unwrap(), ["beta 0.1 0.2"]);
    // The name says nothing of what a file is.
    assert_eq!(read("points.txt", b"beta\n0.3\n").unwrap(), ["beta 0.3"]);
    assert_eq!(
        read("points.parquet", b"beta\n0.3\n").unwrap(),
        ["beta 0.3"]
    );
    let truth = "[[attacker]]";
    let place = TempDir::new().unwrap();
    for words in ["True\nFalse", "true\nfalse", "TRUE\nFALSE"] {
        let text = format!("attacker.0.eager\n{words}\n");
        fs::write(place.path().join("points.csv"), text).unwrap();
        let spec = by_file(place.path(), truth, "points.csv").unwrap();
        assert_eq!(axes(&spec), ["attacker.0.eager true false"]);
    }
}

#[test]
fn points_in_csv_that_could_be_meant_otherwise_are_refused_with_a_way_out() {
    for (text, said) in [
        ("beta\n\"1,234\"\n", "could be 1234 or 1.234"),
        (
            "beta,beta\n0.1,0.2\n",
            "columns 1 and 2 are both named beta; rename or remove one",
        ),
        (
            "beta,,rho\n0.1,7,0.001\n",
            "column 2 has no name; name or remove it",
        ),
        (
            "beta,rho\n0.1\n",
            "points.csv:2: expected 2 cells, as in the header, found 1",
        ),
        ("beta\n0,1\n", "write a decimal point, not a comma"),
        (
            "beta,rho\n0.1,\n",
            "column rho: found \"\", expected a number",
        ),
        (
            "beta\nNULL\n",
            "found \"NULL\", expected a number above 0 and at most 1; value missing",
        ),
        ("beta\n0.2 HNY\n", "write it as a plain number"),
        (
            "beta\n20\n",
            "found 20, expected a number above 0 and at most 1; did you mean 0.2?",
        ),
        (
            "initial.funds\n4867210000000000000000\n",
            "divide it by 10^18 if it is in wei",
        ),
        ("rules\nV3\n", "did you mean \"v3\"?"),
        ("BETA\n0.1\n", "unknown key; did you mean beta?"),
        (
            "[{\"beta\": 0.1}]",
            "is JSON; write the table as CSV or Parquet",
        ),
        ("beta\n", "no points; expected"),
        // The number of a point is not a setting.
        ("point\n0\n", "no points; expected"),
        ("", "empty; expected CSV with a header line"),
    ] {
        let fault = csv(text).unwrap_err();
        assert!(fault.contains(said), "{text:?}: {fault}");
    }
    for (bytes, said) in [
        (
            &b"\x1f\x8b\x08\0\0"[..],
            "is compressed by gzip; decompress it first",
        ),
        (
            b"PK\x03\x04\x14\0",
            "is a zip archive, as Excel workbooks are; save the sheet as CSV",
        ),
        (
            b"ARROW1\0\0",
            "is an Arrow file; write the table as CSV or Parquet",
        ),
        (b"beta\n\xe9\n", "not UTF-8 text"),
    ] {
        for name in ["points.csv", "points.xlsx", "points.parquet"] {
            let fault = read(name, bytes).unwrap_err();
            let is_damaged = name.ends_with(".parquet") && bytes.starts_with(b"beta");
            let said = if is_damaged {
                "not a complete Parquet file"
            } else {
                said
            };
            assert!(fault.contains(said), "{name}: {fault}");
        }
    }
}

#[test]
fn points_in_parquet_are_read_in_every_type() {
    let beta = || Arc::new(Float64Array::from(vec![0.1, 0.25])) as ArrayRef;
    let decimals = |digits: Vec<i128>, scale| {
        let array = Decimal128Array::from(digits).with_precision_and_scale(30, scale);
        Arc::new(array.unwrap()) as ArrayRef
    };
    let half: PrimitiveArray<Float16Type> = [0.5, 0.25].into_iter().map(half).collect();
    let wide = Decimal256Array::from(vec![arrow_buffer::i256::from_i128(
        1_000_000_000_000_000_000_000,
    )]);
    let wide = wide.with_precision_and_scale(70, 18).unwrap();
    let words: DictionaryArray<Int32Type> = ["v3", "corrected"].into_iter().collect();
    let columns: [(&str, ArrayRef, &str); 10] = [
        ("beta", decimals(vec![10, 25], 2), "beta 0.1 0.25"),
        ("beta", Arc::new(half), "beta 0.5 0.25"),
        (
            "initial.supply",
            decimals(vec![22392220000000000000001], 18),
            "initial.supply 22392.22",
        ),
        ("initial.funds", Arc::new(wide), "initial.funds 1000"),
        (
            "beta",
            Arc::new(StringArray::from(vec!["0.1", "2.5e-1"])),
            "beta 0.1 0.25",
        ),
        (
            "rules",
            Arc::new(LargeStringArray::from(vec!["v3"])),
            "rules v3",
        ),
        (
            "rules",
            Arc::new(BinaryArray::from(vec![&b"v3"[..]])),
            "rules v3",
        ),
        ("rules", Arc::new(words), "rules v3 corrected"),
        ("__index_level_0__", beta(), ""),
        ("beta", beta(), "beta 0.1 0.25"),
    ];
    for (name, array, said) in columns {
        let bytes = parquet([(name, array)]);
        match said {
            "" => assert!(
                read("points.parquet", &bytes)
                    .unwrap_err()
                    .contains("no points; expected")
            ),
            _ => assert_eq!(read("points.parquet", &bytes).unwrap(), [said]),
        }
    }
    // Whatever its name.
    let bytes = parquet([("beta", beta())]);
    assert_eq!(read("points.pq", &bytes).unwrap(), ["beta 0.1 0.25"]);
    let place = TempDir::new().unwrap();
    let truths = Arc::new(BooleanArray::from(vec![true, false]));
    let bytes = parquet([("attacker.0.eager", truths as ArrayRef)]);
    fs::write(place.path().join("points.parquet"), bytes).unwrap();
    let spec = by_file(place.path(), "[[attacker]]", "points.parquet").unwrap();
    assert_eq!(axes(&spec), ["attacker.0.eager true false"]);
    for (array, said) in [
        (
            Arc::new(Date32Array::from(vec![1])) as ArrayRef,
            "column beta is Date32, expected a column of numbers or text",
        ),
        (
            Arc::new(Float64Array::from(vec![Some(0.1), None, None])),
            "column beta has 2 empty values, the first in row 2",
        ),
        (
            Arc::new(Float64Array::from(vec![f64::NAN])),
            "found NaN, expected a number",
        ),
    ] {
        let fault = read("points.parquet", &parquet([("beta", array)])).unwrap_err();
        assert!(fault.contains(said), "{fault}");
    }
}

/// The nearest number of 16 bits.
fn half(number: f32) -> Option<<Float16Type as arrow_array::ArrowPrimitiveType>::Native> {
    Some(<Float16Type as arrow_array::ArrowPrimitiveType>::Native::from_f32(number))
}

#[test]
fn files_of_pandas_and_duckdb_are_points() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs");
    let read = |name| axes(&by_file(&files, "", name).unwrap());
    assert_eq!(
        read("pandas_index.parquet"),
        ["beta 0.1 0.3 0.4", "half_life_days 3 9 11"]
    );
    assert_eq!(
        read("duckdb_decimal.parquet"),
        ["beta 0.1 0.25", "half_life_days 3 7"]
    );
}

#[test]
fn the_points_of_a_dataset_are_a_design() {
    let text = "days = 5\n[axes]\nbeta = [0.1, 0.2]\nhalf_life_days = [1.0, 3.1]\n\
                \"rules.idle_stake\" = [\"corrected\", \"v3\"]\n\
                [[variant]]\nname = \"a\"\ntmin = 2.0\n[[variant]]\nname = \"b\"";
    let plan = Plan::new(super::parse(text)).unwrap();
    let points = conviction::study::gather::points::batches(&plan)
        .next()
        .unwrap();
    let names: Vec<_> = points
        .schema()
        .fields()
        .iter()
        .map(|f| f.name().clone())
        .collect();
    let column = |name: &str| points.column_by_name(name).unwrap().clone();
    let place = TempDir::new().unwrap();
    let path = place.path().join("some.parquet");
    let again = |more: &str, without: &[&str], rows: std::ops::Range<usize>| {
        let kept = names
            .iter()
            .filter(|name| !without.contains(&name.as_str()));
        let kept = kept.map(|name| (name.as_str(), column(name).slice(rows.start, rows.len())));
        fs::write(&path, parquet(kept)).unwrap();
        by_file(place.path(), more, "some.parquet").map(|spec| Plan::new(spec).unwrap())
    };
    for (without, more) in [
        (&[][..], "days = 5"),
        (&["point"], "days = 5"),
        (&["point", "variant"], "days = 5"),
        (&["variant"], "days = 5"),
        (&["days"], "days = 5"),
        (&["rules", "half_life_days"], "days = 5"),
        (&[], ""),
    ] {
        let other = again(more, without, 3..plan.points as usize).unwrap();
        assert_eq!(other.points, plan.points - 3);
        for point in 0..other.points {
            let (one, other) = (plan.setting(point + 3), other.setting(point));
            // A half-life that was left out follows from alpha, to its last digit but one.
            let kept = |key: &&&Key| !without.contains(&key.name);
            for key in MODEL.keys().all().iter().filter(kept) {
                assert_eq!(one.value(key), other.value(key), "{} {without:?}", key.name);
            }
        }
        // The resolved spec is the same sweep.
        let text = other.spec_text();
        let read = Spec::parse(&MODEL, &text, "spec.toml", place.path()).unwrap();
        assert_eq!(Plan::new(read).unwrap().spec_text(), text);
    }
    // Only what differs from the spec is an axis, under the name that it was varied by.
    let other = again("days = 5", &[], 0..plan.points as usize).unwrap();
    let axes: Vec<_> = other.values(0).map(|(key, _)| key.name).collect();
    assert_eq!(axes, ["rules.idle_stake", "beta", "tmin", "half_life_days"]);
    let fault = again("days = 6", &[], 0..2).err().unwrap();
    assert!(fault.contains("repeats days, which is fixed"), "{fault}");
    let fault = again("[[variant]]\nname = \"mine\"", &[], 0..2)
        .err()
        .unwrap();
    assert!(fault.contains("the spec has its own variants"), "{fault}");
    fs::write(
        &path,
        parquet([
            (
                "alpha",
                Arc::new(Float64Array::from(vec![0.5, 0.5])) as ArrayRef,
            ),
            (
                "half_life_days",
                Arc::new(Float64Array::from(vec![1.0, 2.0])),
            ),
        ]),
    )
    .unwrap();
    let fault = by_file(place.path(), "", "some.parquet").err().unwrap();
    assert!(
        fault.contains("row 2, column half_life_days: contradicts alpha"),
        "{fault}"
    );
}

/// The holders that a file lists, or what is wrong with it; `more` are lines of `[holdings]`.
fn holders(name: &str, bytes: &[u8], more: &str) -> Result<String, String> {
    let place = TempDir::new().unwrap();
    fs::write(place.path().join(name), bytes).unwrap();
    let text = format!("[holdings]\nlaw = \"file\"\npath = \"{name}\"\n{more}");
    let spec = Spec::parse(&MODEL, &text, "spec.toml", place.path());
    let spec = spec.map_err(|error| error.to_string())?;
    let key = spec.model.keys().find("holdings.listed").unwrap();
    assert_eq!(spec.base.fault(), None);
    match spec.base.value(key) {
        Value::List(list) => Ok(list.text().to_owned()),
        other => panic!("{other}"),
    }
}

#[test]
fn holders_are_listed_as_explorers_and_spreadsheets_write_them() {
    let list = |text: &str, more: &str| holders("holders.csv", text.as_bytes(), more).unwrap();
    let thousands = "\"HolderAddress\",\"holdings\",\"PendingBalanceUpdate\"\n\
        \"holder-1\",\"150,071.71779129\",\"No\"\n\"holder-2\",\"106,053.27\",\"No\"\n\"holder-3\",\"12.5\",\"No\"\n";
    assert_eq!(list(thousands, ""), "[150071.71779129, 106053.27, 12.5]");
    let balance = "HolderAddress,Balance\nholder-1,2130924.609038455654704294\nholder-2,2E+3\nholder-3,829.87\n";
    assert_eq!(
        list(balance, "column = \"Balance\""),
        "[2130924.609038456, 2000.0, 829.87]"
    );
    assert_eq!(
        list("#,Address,holdings\n1,0xab,\"1,234\"\n2,0xcd,0.5\n", ""),
        "[1234.0, 0.5]"
    );
    assert_eq!(list("holdings\n60%\n40%\n", ""), "[0.6, 0.4]");
    assert_eq!(
        list("Adresse;holdings\na;1.234,5\nb;1.000\n", ""),
        "[1234.5, 1000.0]"
    );
    assert_eq!(
        list("holdings\n1500000000000000000000\n1\n", ""),
        "[1.5e21, 1.0]"
    );
    assert_eq!(list("label,label,holdings\na,b,1\n", ""), "[1.0]");
    let words = Arc::new(StringArray::from(vec!["1500000000000000000000", "3"])) as ArrayRef;
    let bytes = parquet([
        ("wei", words),
        ("other", Arc::new(StringArray::from(vec!["a", "b"]))),
    ]);
    assert_eq!(
        holders("holders.parquet", &bytes, "column = \"wei\"").unwrap(),
        "[1.5e21, 3.0]"
    );
}

#[test]
fn no_holder_is_left_out_or_misread_in_silence() {
    for (text, more, said) in [
        (
            "HolderAddress,Balance\nholder-1,2E+3\n",
            "",
            "has no column holdings; it has HolderAddress, Balance; name the column of the list, such as \
             column = \"Balance\"",
        ),
        (
            "address,holdings,holdings\nholder-1,1,10\n",
            "",
            "columns 2 and 3 are both named holdings; rename or remove one",
        ),
        (
            "holdings\n\"1,234\"\n12\n",
            "",
            "row 1, column holdings: found \"1,234\", expected a number above 0; could be 1234 or 1.234",
        ),
        (
            "holdings\n5\n0\n0\n",
            "",
            "row 2, column holdings: found 0, expected a number above 0; remove the row; one more row is invalid",
        ),
        ("holdings\nn/a\n", "", "value missing"),
        (
            "holdings\n12 HNY\n",
            "",
            "write it as a plain number, such as 1234.5",
        ),
        (
            "holdings\n$5\n€5\n",
            "",
            "other cells of the column have another sign",
        ),
        (
            "holdings\n5\n",
            "column = \"Balance\"",
            "has no column Balance; it has holdings",
        ),
        (
            "holdings\n5\n",
            "column = 3",
            "holdings.column: expected the name of a column",
        ),
    ] {
        let fault = holders("holders.csv", text.as_bytes(), more).unwrap_err();
        assert!(fault.contains(said), "{text:?}: {fault}");
    }
    let alone = "[holdings]\ncolumn = \"Balance\"\n";
    let fault = Spec::parse(&MODEL, alone, "spec.toml", Path::new(""))
        .err()
        .unwrap();
    assert!(
        fault
            .to_string()
            .contains("column without a file; set holdings.path as well"),
        "{fault}"
    );
}

#[test]
fn variants_and_assignments_name_columns_of_holders_too() {
    let place = TempDir::new().unwrap();
    let file = place.path().join("holders.csv");
    fs::write(&file, "Balance,Votes\n5,1\n7,2\n").unwrap();
    let text = "[holdings]\nlaw = \"file\"\nmix = \"sampled\"\n\
                [[variant]]\nname = \"balance\"\nholdings.path = \"holders.csv\"\nholdings.column = \"Balance\"\n\
                [[variant]]\nname = \"votes\"\n\"holdings.path\" = \"holders.csv\"\n\"holdings.column\" = \"Votes\"\n";
    let spec = Spec::parse(&MODEL, text, "spec.toml", place.path()).unwrap();
    let lists = spec
        .variants
        .iter()
        .map(|variant| variant.settings[0].1.to_string());
    assert_eq!(lists.collect::<Vec<_>>(), ["[5.0, 7.0]", "[1.0, 2.0]"]);
    let mut spec = Spec::of(&MODEL);
    let path = format!("holdings.path={}", file.display());
    let set = ["holdings.law=file", &path, "holdings.column=Votes"].map(str::to_owned);
    spec.assign(&set).unwrap();
    let key = spec.model.keys().find("holdings.listed").unwrap();
    assert_eq!(spec.base.value(key).to_string(), "[1.0, 2.0]");
}
