//! Implements `conviction init`, which writes a spec to start from.

use super::args::InitArgs;
use super::page::is_output;
use super::{Failure, print};
use crate::digits::rounded;
use crate::engine::{Key, Model, Setting, Value};
use crate::output::{OutputError, WholeFile};
use crate::study::design::KINDS;
use crate::study::spec::SpecTable;
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

pub fn init(model: &Model, args: &InitArgs) -> Result<(), Failure> {
    let file = &args.file;
    let (text, what) = match args.dao {
        true => (DAO.to_owned(), "a study of your own DAO"),
        false => (spec(model), "a spec with every default"),
    };
    if is_output(file) {
        return Ok(print(text.trim_end())?);
    }
    write_new(file, &text)?;
    print(format_args!(
        "{what}: {file}\nnext: conviction sweep {file} --out results",
        file = file.display()
    ))?;
    Ok(())
}

/// Writes a new file, complete or not at all.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = WholeFile::create(path)?;
    file.write_all(text.as_bytes())
        .map_err(|source| OutputError::write(path, source))?;
    match file.publish_new() {
        Err(OutputError::Write { source, .. }) if source.kind() == ErrorKind::AlreadyExists => Err(
            Failure::Input(format!("{}: exists; choose another name", path.display())),
        ),
        written => Ok(written?),
    }
}

/// Study of the user's own DAO.
const DAO: &str = include_str!("dao.toml");

const HEAD: &str = r#"# A sweep, for `conviction sweep THIS-FILE --out DIRECTORY`. Every key has its default value: change it, or
# remove its line.

# root seed; a whole number below 2^63
seed = 0
# runs per point
replicates = 1
# "common": replicate k has the same random world at every point; "independent": every run has its own
randomness = "common"
"#;

const OUTPUT: &str = r#"
[output]
# "runs" is always written; optional are "days", one row per day, and "proposals", one row per proposal
tables = ["runs"]
# days between rows of "days"
every = 1
# the columns of a table, a list or "all": days = ["funds", "sentiment"]
"#;

/// Keys without defaults, shown as comments.
const EXAMPLES: &str = r#"
Axes: a list or a range of values per key. The key must not be set above as well, under any of its names.
[axes]
largest_request = [0.1, 0.2, 0.3]
minimum_conviction = { from = 0.01, to = 0.1, steps = 5, scale = "log" }

Choice of points: DESIGNS
[design]
kind = "grid"

Named settings, crossed with the axes.
[[variant]]
name = "patient"
tmin = 7.0
[[variant]]
name = "hasty"
tmin = 0.0
"#;

/// Heading of the extensions.
const EXTENSIONS: &str = "
Extensions of the published model. A table enables one, even an empty table; a disabled extension is absent.";

/// Lists the designs with their fields, a few on each line.
fn designs() -> String {
    let kinds = KINDS.iter();
    let described = kinds.map(|kind| format!("\"{}\" ({})", kind.name, kind.usage));
    let lines: Vec<_> = described.collect();
    let lines: Vec<_> = lines.chunks(4).map(|line| line.join(", ")).collect();
    lines.join(",\n")
}

/// Builds a spec with every key of a model at its default, with unit and meaning.
fn spec(model: &Model) -> String {
    let mut text = HEAD.to_owned();
    text += &tables(model, |_| true);
    text += OUTPUT;
    text += &commented(&EXAMPLES.replace("DESIGNS", &designs()));
    if !model.extensions().is_empty() {
        text += &commented(EXTENSIONS);
    }
    for extension in model.extensions() {
        let on = model.with_extension(extension);
        let own = tables(&on, |key| model.keys().find(key.name).is_none());
        let meaning = extension.meaning;
        text += &commented(&format!("\n{}: {meaning}{own}", extension.header()));
    }
    text
}

/// Formats the tables of a spec, with selected keys.
fn tables(model: &Model, wanted: impl Fn(&Key) -> bool) -> String {
    let mut text = String::new();
    let setting = model.setting();
    let keys: Vec<_> = model
        .keys()
        .all()
        .iter()
        .filter(|key| wanted(key))
        .collect();
    let mut all = vec![SpecTable::Top, SpecTable::Model, SpecTable::Rules];
    all.extend(keys.iter().map(|key| table_of(key)));
    for (place, of) in all.iter().enumerate() {
        let mut own = keys.iter().filter(|key| table_of(key) == *of).peekable();
        if all[..place].contains(of) || own.peek().is_none() {
            continue;
        }
        if *of != SpecTable::Top {
            let _ = write!(text, "\n{}{}\n", title(*of), of.header());
        }
        own.for_each(|key| text += &line(key, &setting));
    }
    text
}

/// Formats lines as comments.
fn commented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("# {line}"));
    lines.fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

/// Returns the comment above a table, if any.
fn title(table: SpecTable) -> &'static str {
    match table {
        SpecTable::Rules => "# each rule: \"corrected\", or \"v3\" as in the published program\n",
        SpecTable::Own("chain") => "# the chain, for any arithmetic except \"real\"\n",
        SpecTable::Own("gardens2") => {
            "# the community and its pool, for arithmetic = \"gardens2\"\n"
        }
        SpecTable::Own("initial") => "# the initial state\n",
        _ => "",
    }
}

/// Returns the table of a key; the key for all rules belongs to the rules.
fn table_of(key: &Key) -> SpecTable {
    match key.name {
        "rules" => SpecTable::Rules,
        _ => SpecTable::of(key),
    }
}

/// Formats a setting at its default, below its meaning. Aliases are commented out.
fn line(key: &Key, setting: &Setting) -> String {
    let name = key.name.rsplit('.').next().unwrap_or(key.name);
    let instead = key.alias.is_some();
    let value = match setting.value(key) {
        // Derived from another, and so inexact in its last digits.
        Value::Real(v) if instead => format!("{}", rounded(v, 10)),
        Value::Real(v) => format!("{v:?}"),
        Value::Count(v) => v.to_string(),
        Value::Name(v @ ("false" | "true")) => v.to_owned(),
        Value::Name(v) => format!("{v:?}"),
        Value::List(v) => v.text().to_owned(),
        Value::Document(v) => format!("{:?}", v.text()),
    };
    let unit = match key.unit {
        "" => String::new(),
        unit => format!(" [{unit}]"),
    };
    let mark = if instead { "# " } else { "" };
    format!(
        "# {}{unit}; {}\n{mark}{name} = {value}\n",
        key.meaning, key.domain
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::{Plan, Spec};

    fn parse(text: &str) -> Spec {
        Spec::parse(&crate::model(), text, "spec.toml", Path::new("")).unwrap()
    }

    #[test]
    fn it_says_of_every_key_what_holds_without_it() {
        let model = crate::model();
        let text = spec(&model);
        let read = parse(&text);
        assert_eq!(read.text(), Spec::of(&model).text());
        for key in model.keys().all() {
            assert!(text.contains(key.meaning), "{}", key.name);
            let stored = key.alias.is_none();
            assert_eq!(
                read.fixed.iter().any(|fixed| fixed.name == key.name),
                stored,
                "{}",
                key.name
            );
        }
        assert!(text.lines().all(|line| line.chars().count() < 260));
    }

    #[test]
    fn a_study_of_a_dao_is_small_and_sound() {
        let plan = Plan::new(parse(DAO)).unwrap();
        assert_eq!((plan.points, plan.runs), (48, 1440));
        assert!(plan.warnings.is_empty(), "{:?}", plan.warnings);
        assert!(DAO.lines().all(|line| line.chars().count() < 120));
    }

    #[test]
    fn its_examples_are_a_spec() {
        let is_toml =
            |line: &&str| line.starts_with('[') || line.contains(" = ") && !line.contains(')');
        let lines: Vec<_> = EXAMPLES.lines().filter(is_toml).collect();
        let read = parse(&lines.join("\n"));
        assert_eq!((read.factors[0].axes.len(), read.variants.len()), (2, 2));
    }
}
