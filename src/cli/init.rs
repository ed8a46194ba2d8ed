//! `conviction init`: a spec to start from.

use super::args::InitArgs;
use super::page::is_output;
use super::{Failure, print};
use crate::digits::rounded;
use crate::engine::{Key, Model, Setting, Value};
use crate::output::{OutputError, WholeFile};
use crate::study::spec::Home;
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

/// Writes a file that is not there yet: whole, or not at all.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = WholeFile::create(path)?;
    file.write_all(text.as_bytes())
        .map_err(|source| OutputError::write(path, source))?;
    match file.publish_new() {
        Err(OutputError::Write { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {
            Err(Failure::Input(format!(
                "{}: is there already; give another name",
                path.display()
            )))
        }
        written => Ok(written.map(drop)?),
    }
}

/// A study of one's own DAO.
const DAO: &str = include_str!("dao.toml");

const HEAD: &str = r#"# A sweep, for `conviction sweep THIS-FILE --out DIRECTORY`. Every key stands at its default: change it, or
# take its line out.

# root seed; a whole number below 2^63
seed = 0
# runs per point
replicates = 1
# "common": replicate k meets the same random world at every point; "independent": every run its own
randomness = "common"
"#;

const OUTPUT: &str = r#"
[output]
# "runs" always; besides, a row per day in "days", and per proposal in "proposals"
tables = ["runs"]
# days between rows of "days"
every = 1
"#;

/// What has no default: shown as comments.
const EXAMPLES: &str = r#"
What is varied: a list, or a range. The key must not be set above as well, under any of its names.
[axes]
largest_request = [0.1, 0.2, 0.3]
minimum_conviction = { from = 0.01, to = 0.1, steps = 5, scale = "log" }

Which points: "grid" (every combination), "random", "latin-hypercube" or "sobol" (with points = N), "saltelli"
(points = N, second_order = true), "morris" (trajectories = N, levels = 4), "file" (path = "points.csv")
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

/// What heads the extensions.
const EXTENSIONS: &str = "
What the published model leaves out. A table switches it on, even an empty one; without it, it is absent.";

/// A spec in which every key of a model stands at its default, with unit and meaning.
fn spec(model: &Model) -> String {
    let mut text = HEAD.to_owned();
    text += &tables(model, |_| true);
    text += OUTPUT;
    text += &commented(EXAMPLES);
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

/// The tables of a spec with the keys that are wanted.
fn tables(model: &Model, wanted: impl Fn(&Key) -> bool) -> String {
    let mut text = String::new();
    let setting = model.setting();
    let keys: Vec<_> = model
        .keys()
        .all()
        .iter()
        .filter(|key| wanted(key))
        .collect();
    let mut homes = vec![Home::Top, Home::Model, Home::Rules];
    homes.extend(keys.iter().map(|key| home(key)));
    for (place, of) in homes.iter().enumerate() {
        let mut own = keys.iter().filter(|key| home(key) == *of).peekable();
        if homes[..place].contains(of) || own.peek().is_none() {
            continue;
        }
        if *of != Home::Top {
            let _ = write!(text, "\n{}{}\n", title(*of), of.header());
        }
        own.for_each(|key| text += &line(key, &setting));
    }
    text
}

/// Lines as comments.
fn commented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("# {line}"));
    lines.fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

/// What a table is about, where that needs a word.
fn title(home: Home) -> &'static str {
    match home {
        Home::Rules => "# each rule: \"corrected\", or \"v3\" as in the published program\n",
        Home::Own("chain") => "# the chain, for any arithmetic but \"real\"\n",
        Home::Own("gardens2") => "# the community and its pool, for arithmetic = \"gardens2\"\n",
        Home::Own("initial") => "# the state at the start\n",
        _ => "",
    }
}

/// The table of a key; a name for all rules stands among them.
fn home(key: &Key) -> Home {
    match key.name {
        "rules" => Home::Rules,
        _ => Home::of(key),
    }
}

/// A setting at its default, below what it means. What stands instead of others is a comment.
fn line(key: &Key, setting: &Setting) -> String {
    let name = key.name.rsplit('.').next().unwrap_or(key.name);
    let instead = key.alias.is_some();
    let value = match setting.value(key) {
        // Derived from another, and so off in its last digits.
        Value::Real(v) if instead => format!("{}", rounded(v, 10)),
        Value::Real(v) => format!("{v:?}"),
        Value::Count(v) => v.to_string(),
        Value::Name(v @ ("false" | "true")) => v.to_owned(),
        Value::Name(v) => format!("{v:?}"),
        Value::List(v) => v.text().to_owned(),
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
        assert_eq!((plan.points, plan.runs), (48, 1200));
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
