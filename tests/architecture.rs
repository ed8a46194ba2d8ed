//! The arrows among modules: the engine knows nothing of voting, features know only what stands below
//! them in the list of `src/voting/mod.rs`, studies and analyses take whatever model they are given, and
//! nothing of all that knows reports.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path below `src`, and its text.
struct Source {
    path: PathBuf,
    text: String,
}

/// The Rust files of a folder of `src` and of those below it, in the order of their names.
fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut found, mut todo) = (Vec::new(), vec![root.join(folder)]);
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(Source {
                    text: fs::read_to_string(&path).unwrap(),
                    path: path.strip_prefix(&root).unwrap().to_owned(),
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "no files in {folder}");
    found
}

/// The words of a line, in lower case: `StakeSum` and `stake_sum` are each two.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in line.chars() {
        if !letter.is_alphabetic() || (letter.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_alphabetic(), words.last_mut()) {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Names that follow `prefix::` in a line of code, each of a group in braces too.
fn names_after<'a>(code: &'a str, prefix: &str) -> Vec<&'a str> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let name = |text: &'a str| &text[..text.find(|c| !is_part(c)).unwrap_or(text.len())];
    let mut names = Vec::new();
    for (place, _) in code.match_indices(prefix) {
        // `crate::voting::` does not end another name or path.
        let continues = |c: char| is_part(c) || c == ':' || c == '$';
        if code[..place].ends_with(continues) {
            continue;
        }
        let rest = &code[place + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.push(name(rest));
            continue;
        };
        let (mut depth, mut begins) = (0, true);
        for (at, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                _ if begins && is_part(letter) => {
                    names.push(name(&group[at..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    names
}

/// The code of a file without its comments, in one piece: a `use` may take several lines.
fn code(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""));
    lines.collect::<Vec<_>>().join("\n")
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Words that no model but that of voting has.
const OF_VOTING: [&str; 9] = [
    "voting",
    "conviction",
    "proposal",
    "stake",
    "staking",
    "trigger",
    "affinit",
    "sentiment",
    "honey",
];

/// The words of voting in a line: the crate's name in a documented example is none.
fn words_of_voting(line: &str) -> Vec<String> {
    let line = match line.trim_start() {
        doc if doc.starts_with("//") => doc.replace("conviction::", ""),
        other => other.to_owned(),
    };
    let of_voting = |word: &String| OF_VOTING.iter().any(|stem| word.starts_with(stem));
    words(&line).into_iter().filter(of_voting).collect()
}

#[test]
fn the_engine_knows_nothing_of_voting() {
    let mut faults = Vec::new();
    for Source { path, text } in sources("engine") {
        for (number, line) in (1..).zip(text.lines()) {
            for word in words_of_voting(line) {
                faults.push(format!("src/{}:{number}: {word}", path.display()));
            }
        }
        for name in names_after(&text, "crate::") {
            if ["voting", "study", "analyse", "output", "report", "cli"].contains(&name) {
                faults.push(format!("src/{}: crate::{name}", path.display()));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn analyses_know_nothing_of_voting() {
    let mut faults = Vec::new();
    for Source { path, text } in sources("analyse") {
        for (number, line) in (1..).zip(text.lines()) {
            for word in words_of_voting(line) {
                faults.push(format!("src/{}:{number}: {word}", path.display()));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn voting_and_studies_know_neither_each_other_nor_reports() {
    let mut faults = Vec::new();
    for (folder, above) in [
        (
            "voting",
            &["study", "analyse", "search", "report", "cli", "output"][..],
        ),
        ("study", &["voting", "analyse", "search", "report", "cli"]),
        ("analyse", &["voting", "search", "report", "cli"]),
        ("search", &["voting", "report", "cli"]),
        ("output", &["voting", "study", "analyse", "report", "cli"]),
        ("input", &["voting", "study", "analyse", "report", "cli"]),
    ] {
        for Source { path, text } in sources(folder) {
            let names = names_after(&text, "crate::").into_iter();
            for name in names.filter(|name| above.contains(name)) {
                faults.push(format!("src/{}: crate::{name}", path.display()));
            }
        }
    }
    assert_none(&faults);
}

/// The modules that a file declares.
fn declared(text: &str) -> BTreeSet<&str> {
    let lines = text.lines().map(|line| line.trim_start_matches("pub "));
    let modules = lines.filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    modules.collect()
}

/// The rows of the list of `src/voting/mod.rs`, from above: the modules that stand in each.
fn rows<'a>(text: &'a str, modules: &BTreeSet<&str>) -> Vec<Vec<&'a str>> {
    /// A name and a space at least; what is no name explains.
    const COLUMN: usize = 13;
    let lines = text.lines().filter_map(|line| line.strip_prefix("//! "));
    let list = lines.skip_while(|line| *line != "```text").skip(1);
    list.take_while(|line| *line != "```")
        .map(|line| {
            let (first, rest) = line.split_at(COLUMN.min(line.len()));
            let mut row = vec![first.trim()];
            for cell in rest.split("  ").map(str::trim) {
                let names: Vec<_> = cell.split(", ").collect();
                if names.iter().all(|name| modules.contains(name)) {
                    row.extend(names);
                }
            }
            row
        })
        .collect()
}

/// The modules of voting that a file refers to; its own path starts there too.
fn known<'a>(path: &Path, code: &'a str) -> Vec<&'a str> {
    let mut names = names_after(code, "crate::voting::");
    // How many steps up the folder of voting is, from the file and from its tests.
    let file = path.with_extension("");
    let steps = file.iter().filter(|part| *part != "mod").count() - 1;
    let (code, tests) = code.split_at(code.find("\nmod tests {").unwrap_or(code.len()));
    names.extend(names_after(code, &"super::".repeat(steps)));
    names.extend(names_after(tests, &"super::".repeat(steps + 1)));
    names
}

#[test]
fn arrows_among_features_point_downwards() {
    let all = sources("voting");
    let top = all
        .iter()
        .find(|source| source.path == Path::new("voting/mod.rs"));
    let top = &top.unwrap().text;
    let modules = declared(top);
    let rows = rows(top, &modules);
    let listed: Vec<_> = rows.concat();
    let once: BTreeSet<_> = listed.iter().copied().collect();
    assert_eq!(once, modules, "the list names every module");
    assert_eq!(listed.len(), modules.len(), "the list names none twice");
    let row_of = |module: &str| rows.iter().position(|row| row.contains(&module));
    let (mut faults, mut arrows) = (Vec::new(), BTreeSet::new());
    for Source { path, text } in &all {
        let module = path.iter().nth(1).unwrap().to_str().unwrap();
        let module = module.trim_end_matches(".rs");
        let Some(own) = row_of(module) else {
            continue;
        };
        for name in known(path, &code(text)) {
            match row_of(name) {
                _ if name == module => {}
                Some(row) if row <= own => {
                    faults.push(format!("src/{}: knows {name}", path.display()));
                }
                Some(_) => drop(arrows.insert((module.to_owned(), name.to_owned()))),
                // What voting/mod.rs itself declares: the phases of a day, the list of features.
                None => {}
            }
        }
    }
    assert_none(&faults);
    assert!(arrows.len() > 30, "arrows are found: {arrows:?}");
}

/// A statement `use` with each `A as B` replaced by B.
fn without_aliases(statement: &str) -> String {
    let (mut text, mut is_alias) = (String::new(), false);
    for word in statement.split_whitespace() {
        if word == "as" {
            let name = |c: char| c.is_alphanumeric() || c == '_';
            text.truncate(text.trim_end().trim_end_matches(name).len());
            is_alias = true;
            continue;
        }
        if !is_alias {
            text.push(' ');
        }
        text.push_str(word);
        is_alias = false;
    }
    text
}

/// The names that the file of a folder takes from its modules, with the module of each.
fn taken<'m>(code: &str, modules: &BTreeSet<&'m str>) -> BTreeMap<String, &'m str> {
    let mut taken = BTreeMap::new();
    for statement in code.split(';') {
        let Some(at) = statement.find("use ") else {
            continue;
        };
        let statement = without_aliases(&statement[at..]);
        for module in modules {
            for name in names_after(&statement, &format!("{module}::")) {
                taken.insert(name.to_owned(), *module);
            }
        }
    }
    taken
}

/// Imports among the modules of a folder: of each, those that it names, or of which it names a part that the
/// folder re-exports. A module of several files is one.
fn imports(folder: &str) -> BTreeMap<String, BTreeSet<String>> {
    let all = sources(folder);
    let is_top = |path: &Path| {
        path.parent() == Some(Path::new(folder)) && (path.ends_with("mod.rs") || folder.is_empty())
    };
    let top = all.iter().filter(|source| is_top(&source.path));
    let top: String = top.map(|source| code(&source.text)).collect();
    let lines = top.lines().map(|line| line.trim_start_matches("pub "));
    let modules: BTreeSet<_> = lines
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    let taken = taken(&top, &modules);
    let inside = match folder {
        "" => "crate::".to_owned(),
        _ => format!("crate::{}::", folder.replace('/', "::")),
    };
    let depth = Path::new(folder).iter().count();
    let mut imports = BTreeMap::<String, BTreeSet<String>>::new();
    for Source { path, text } in all.iter().filter(|source| !is_top(&source.path)) {
        let own = path.iter().nth(depth).unwrap().to_str().unwrap();
        let own = own.trim_end_matches(".rs");
        let code = code(text);
        let code = &code[..code.find("#[cfg(test)]\nmod").unwrap_or(code.len())];
        let steps = path
            .with_extension("")
            .iter()
            .filter(|part| *part != "mod")
            .count()
            - depth;
        let mut names = names_after(code, &inside);
        names.extend(names_after(code, &"super::".repeat(steps)));
        let known = names.into_iter().filter_map(|name| {
            let module = modules.get(name).or_else(|| taken.get(name));
            module.filter(|module| **module != own).copied()
        });
        imports
            .entry(own.to_owned())
            .or_default()
            .extend(known.map(str::to_owned));
    }
    imports
}

/// The modules that import each other, directly or through others.
fn cycles(imports: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<Vec<&str>> {
    let reached = |from: &str| {
        let (mut seen, mut todo) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(next) = todo.pop() {
            for name in imports.get(&next).into_iter().flatten() {
                if seen.insert(name.clone()) {
                    todo.push(name.clone());
                }
            }
        }
        seen
    };
    let all: BTreeMap<&str, _> = imports
        .keys()
        .map(|of| (of.as_str(), reached(of)))
        .collect();
    let cycle = |of: &&str| -> Vec<&str> {
        let others = all
            .iter()
            .filter(|(name, seen)| all[of].contains(**name) && seen.contains(*of));
        others.map(|(name, _)| *name).collect()
    };
    let cycles = all.keys().map(cycle);
    cycles.filter(|cycle| !cycle.is_empty()).collect()
}

#[test]
fn modules_do_not_import_each_other() {
    let all = sources("");
    let folders: BTreeSet<_> = all
        .iter()
        .filter_map(|source| source.path.parent())
        .collect();
    assert!(folders.len() > 30, "{folders:?}");
    let mut faults = Vec::new();
    for folder in folders {
        let imports = imports(folder.to_str().unwrap());
        for cycle in cycles(&imports) {
            faults.push(format!("src/{}: {}", folder.display(), cycle.join(", ")));
        }
    }
    assert_none(&faults);
}

#[test]
fn imports_are_seen() {
    let imports = imports("study");
    let of = |module: &str| &imports[module];
    assert!(of("cost").contains("tables"), "by its path");
    assert!(of("single").contains("spec"), "by its path");
    assert!(!of("spec").contains("plan"));
    let modules = BTreeSet::from(["plan", "spec"]);
    let code = "pub use plan::{Plan, Error as PlanError};\nuse crate::spec::Other;\n\
                pub(crate) use spec::Spec;";
    let taken = taken(code, &modules);
    let expected = [("Plan", "plan"), ("PlanError", "plan"), ("Spec", "spec")];
    let expected = expected.map(|(name, module)| (name.to_owned(), module));
    assert_eq!(taken, BTreeMap::from(expected));
}

#[test]
fn a_cycle_is_seen() {
    let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let imports = BTreeMap::from([
        ("a".to_owned(), of(&["b", "d"])),
        ("b".to_owned(), of(&["c"])),
        ("c".to_owned(), of(&["a"])),
        ("d".to_owned(), of(&[])),
    ]);
    assert_eq!(cycles(&imports), BTreeSet::from([vec!["a", "b", "c"]]));
}

/// What the tests above rest on does see.
#[test]
fn forbidden_words_and_arrows_are_seen() {
    assert_eq!(
        words_of_voting("let stake_sum: StakeSum = conviction::voting(mistake);"),
        ["stake", "stake", "conviction", "voting"]
    );
    assert_eq!(words_of_voting("/// use conviction::prelude::*;"), [""; 0]);
    assert_eq!(
        words_of_voting("/// of affinities, in Honey"),
        ["affinities", "honey"]
    );
    let code = "use super::a::B;\nuse super::{c, d::{E, F}, Day};\nuse crate::voting::g;\n\
                mod tests {\nuse super::super::h;\nuse super::i;\n}";
    let mut found = known(Path::new("voting/feature/mod.rs"), code);
    found.sort_unstable();
    assert_eq!(found, ["Day", "a", "c", "d", "g", "h"]);
    let deep = "use super::a;\nuse super::super::b;\nuse super::super::super::c;";
    assert_eq!(
        known(Path::new("voting/feature/kernel/one.rs"), deep),
        ["c"]
    );
    let text = "//! ```text\n//! one          explains two\n//! two          three, four\n\
                //! participants two\n//! ```\n";
    let modules = BTreeSet::from(["one", "two", "three", "four", "participants"]);
    assert_eq!(
        rows(text, &modules),
        [
            &["one"][..],
            &["two", "three", "four"],
            &["participants", "two"]
        ]
    );
}
