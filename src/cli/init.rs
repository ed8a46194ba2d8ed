//! `conviction init`: a spec to start from.

use super::args::InitArgs;
use super::{Failure, print};
use crate::model::{KEYS, Key, Setting, Value};
use crate::output::OutputError;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

pub fn init(args: &InitArgs) -> Result<(), Failure> {
    let file = &args.file;
    if file == Path::new("-") {
        return Ok(print(spec().trim_end())?);
    }
    write_new(file, &spec()).map_err(|source| {
        if source.kind() == io::ErrorKind::AlreadyExists {
            let name = file.display();
            return Failure::Input(format!("{name}: is there already; give another name"));
        }
        OutputError::write(file, source).into()
    })?;
    print(format_args!(
        "a spec with every default: {file}\nnext: conviction sweep {file} --out results",
        file = file.display()
    ))?;
    Ok(())
}

/// Writes a file that is not there yet: whole, or not at all.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    if written.is_err() {
        fs::remove_file(path)?;
    }
    written
}

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
What is varied: a list, or a range. The key must not be set above as well.
[axes]
beta = [0.1, 0.2, 0.4]
rho = { from = 1e-4, to = 1e-2, steps = 5, scale = "log" }

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

/// A spec in which every key stands at its default, with unit and meaning.
fn spec() -> String {
    let groups = [
        ("", "the run", ""),
        ("model", "the model", ""),
        (
            "rules",
            "each rule: \"corrected\", or \"v3\" as in the published program",
            "model.",
        ),
        ("chain", "the chain, for arithmetic = \"contract\"", ""),
        ("initial", "the state at the start", ""),
    ];
    let mut text = HEAD.to_owned();
    for (group, title, parent) in groups {
        if !group.is_empty() {
            let _ = write!(text, "\n# {title}\n[{parent}{group}]\n");
        }
        for key in KEYS.iter().filter(|key| group_of(key) == group) {
            text += &setting(key);
        }
    }
    text += OUTPUT;
    for line in EXAMPLES.lines() {
        text += format!("# {line}").trim_end();
        text.push('\n');
    }
    text
}

/// The table of a spec in which a key stands.
fn group_of(key: &Key) -> &'static str {
    match key.name.split_once('.') {
        Some((group, _)) => group,
        None if key.name == "days" => "",
        None => "model",
    }
}

/// A setting at its default, below what it means. What stands instead of others is a comment.
fn setting(key: &Key) -> String {
    let name = key.name.rsplit('.').next().unwrap_or(key.name);
    let value = match key.get(&Setting::default()) {
        Value::Real(v) => format!("{v:?}"),
        Value::Count(v) => v.to_string(),
        Value::Name(v) => format!("{v:?}"),
    };
    let unit = match key.unit {
        "" => String::new(),
        unit => format!(" [{unit}]"),
    };
    let instead = key.alias_of.is_some() || key.name == "rules";
    let mark = if instead { "# " } else { "" };
    format!(
        "# {}{unit}; {}\n{mark}{name} = {value}\n",
        key.meaning, key.domain
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Spec;

    fn parse(text: &str) -> Spec {
        Spec::parse(text, "spec.toml", Path::new("")).unwrap()
    }

    #[test]
    fn it_says_of_every_key_what_holds_without_it() {
        let text = spec();
        let read = parse(&text);
        assert_eq!(read.text(), Spec::default().text());
        for key in KEYS {
            assert!(text.contains(key.meaning), "{}", key.name);
            let stored = key.alias_of.is_none() && key.name != "rules";
            assert_eq!(
                read.fixed.iter().any(|fixed| fixed.name == key.name),
                stored,
                "{}",
                key.name
            );
        }
        assert!(text.lines().all(|line| line.chars().count() < 220));
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
