//! Checks that the project's prose is plain English: words that read like a translation, and doc comments that
//! begin with a question word, are reported with file, line and a better way.
//!
//! Prose is every text file as a whole, and the comments and strings of Rust files. Code in backticks, placeholders and
//! identifiers are skipped.

use std::fs;
use std::path::Path;

/// Files and folders whose prose is checked.
const CHECKED: [&str; 12] = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs",
    "src",
    "python",
    "sweeps",
    "scripts",
    "examples",
    "benches",
    "tests/english.rs",
];

/// Offences that stay: the file, a part of the line, and the reason.
const EXCEPTIONS: [(&str, &str, &str); 1] =
    [("tests/english.rs", "", "quotes the words that it forbids")];

/// Words that doc comments do not begin with. They begin with a noun (type, field) or a third-person verb (function).
const FIRST_WORDS: [&str; 9] = [
    "As", "Of", "What", "Whence", "Where", "Whether", "Who", "Whom", "Whose",
];

/// Forbidden words, the next words after which they are allowed, and the better way. `,` is any punctuation.
const PHRASES: [(&str, &str, &str); 69] = [
    (
        "whoever",
        "",
        "an attacker who, a voter who, a process that",
    ),
    (
        "whosoever",
        "",
        "an attacker who, a voter who, a process that",
    ),
    ("whence", "", "from which, the source of"),
    ("thence", "", "from there"),
    ("whither", "", "to which"),
    ("anew", "", "again; override"),
    ("whereof", "", "of which; name the thing"),
    ("whereby", "", "by which; name the thing"),
    ("wherein", "", "in which; name the thing"),
    ("thereof", "", "its; name the thing"),
    ("hereof", "", "its; name the thing"),
    ("therein", "", "in it; name the thing"),
    ("thereby", "", "so"),
    ("hence", "", "so"),
    ("lest", "", "so that … does not"),
    ("amid", "", "among, during"),
    ("whilst", "", "while"),
    ("upon", "", "on"),
    ("nay", "", "no"),
    ("ought", "", "must, should"),
    ("shall", "", "will, must"),
    ("is no", NO, "is not a …; has no …"),
    ("are no", NO, "are not …; have no …"),
    ("was no", NO, "was not a …; had no …"),
    ("were no", NO, "were not …; had no …"),
    ("there is none", "", "missing; has no …"),
    ("there are none", "", "missing; has no …"),
    ("there was none", "", "missing; had no …"),
    ("what there is", "", "the existing …"),
    ("that is there", "", "existing"),
    ("that are there", "", "existing"),
    ("takes its name", "", "is renamed once complete"),
    ("in whose place", "", "name what is replaced"),
    ("held against", "", "checked against, compared with"),
    ("what is there", "", "the existing …"),
    ("must be there", "", "required"),
    ("stands", "for", "is, remains; name what it does"),
    ("stand", "for", "are, remain; name what they do"),
    ("what stands", "", "the existing …"),
    ("is told", "", "is reported; name who reports it"),
    ("are told", "", "are reported; name who reports them"),
    ("be told", "", "be reported; validate"),
    ("was told", "", "was given; was reported"),
    ("is said", "", "is stated, is set"),
    ("are said", "", "are stated, are set"),
    ("says so", "", "reports it; name what it says"),
    ("say so", "", "report it; name what they say"),
    ("nobody", "", "no participant, no process"),
    ("somebody", "", "a participant, a process"),
    ("nowhere", "", "no …; missing"),
    ("hears", "", "is updated by, receives"),
    ("hear", "", "receive"),
    ("sway", "", "influence"),
    ("sways", "", "influences"),
    ("hardly", "", "rarely, barely"),
    ("cannot go on", "", "failed"),
    ("goes on", "", "continues"),
    ("go on", "", "continue"),
    (
        "makes no sense",
        "",
        "name the fault: implausible, out of range",
    ),
    ("what else", "", "other …"),
    ("of which each", "", "each of which"),
    ("with that ,", "", "so"),
    ("of its own", "", "its own …, a separate …"),
    ("of their own", "", "their own …, separate …"),
    ("of his own", "", "their own …"),
    ("of one's own", "", "your own …, the user's own …"),
    ("one's", "", "your, the user's"),
    ("likewise", "", "too, also"),
    ("he", "", "they: people are holders, voters, attackers"),
];

/// Words after which "is no" is plain English, as is "there is no".
const NO: &str = "better earlier fewer faster greater larger later less longer more need other slower smaller worse";

/// A word of prose in lower case, or `,` for punctuation and everything that ends a sentence or a text.
struct Word {
    text: String,
    line: usize,
}

/// Prose of a file in order of its lines.
#[derive(Default)]
struct Prose {
    words: Vec<Word>,
    /// First words of doc comments.
    first: Vec<Word>,
}

impl Prose {
    fn stop(&mut self, line: usize) {
        let text = ",".to_owned();
        self.words.push(Word { text, line });
    }

    /// Adds the words of part of a line.
    fn add(&mut self, text: &str, line: usize) {
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '\'';
            let skipped = match letter {
                '`' => rest[1..].find('`').map(|end| end + 2),
                '{' => rest.find('}').map(|end| end + 1),
                _ => None,
            };
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            if let Some(end) = skipped {
                self.stop(line);
                rest = &rest[end..];
            } else if end > 0 {
                let word = rest[..end].trim_matches('\'');
                if is_identifier(word) {
                    self.stop(line);
                } else {
                    let text = word.to_lowercase();
                    self.words.push(Word { text, line });
                }
                rest = &rest[end..];
            } else {
                if !letter.is_whitespace() {
                    self.stop(line);
                }
                rest = &rest[letter.len_utf8()..];
            }
        }
    }

    /// Offences: line, the words and the better way.
    fn offences(&self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for word in &self.first {
            if FIRST_WORDS.contains(&word.text.as_str()) {
                let text = &word.text;
                let message = format!(
                    "doc comment begins with {text}; begin with a noun or a third-person verb"
                );
                found.push((word.line, message));
            }
        }
        for (phrase, allowed, instead) in PHRASES {
            let phrase: Vec<_> = phrase.split(' ').collect();
            for (place, window) in self.words.windows(phrase.len()).enumerate() {
                let next = self.words.get(place + phrase.len());
                let is_allowed = |next: &Word| allowed.split(' ').any(|word| word == next.text);
                let same = window.iter().map(|word| &word.text).eq(&phrase);
                let exists = place > 0 && self.words[place - 1].text == "there" && allowed == NO;
                if same && !exists && !next.is_some_and(is_allowed) {
                    let phrase = phrase.join(" ");
                    found.push((window[0].line, format!("\"{phrase}\"; better: {instead}")));
                }
            }
        }
        found
    }
}

/// Returns true for names in code: `snake_case`, `CamelCase`, `UPPER`, and words with digits.
fn is_identifier(word: &str) -> bool {
    let later_capital = word.chars().skip(1).any(char::is_uppercase);
    later_capital || word.contains(|c: char| c == '_' || c.is_ascii_digit())
}

/// Reads the prose of a text file that is not Rust.
fn plain(text: &str) -> Prose {
    let mut prose = Prose::default();
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim_start();
        let bare = content.trim_start_matches(['#', ' ']);
        if let Some(doc) = bare.strip_prefix("\"\"\"") {
            prose.first.push(first(doc, line));
        }
        if bare.is_empty() || bare.starts_with(['-', '|', '[']) {
            prose.stop(line);
        }
        prose.add(bare, line);
    }
    prose
}

/// First word of a doc comment, as written.
fn first(doc: &str, line: usize) -> Word {
    let word = doc.split_whitespace().next().unwrap_or("");
    let text = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    Word {
        text: text.to_owned(),
        line,
    }
}

/// Reads the prose of a Rust file: comments and strings.
fn rust(text: &str) -> Prose {
    let mut prose = Prose::default();
    let (mut rest, mut line, mut in_doc) = (text, 1, false);
    while let Some(letter) = rest.chars().next() {
        let taken = if rest.starts_with("//") {
            let end = rest.find('\n').unwrap_or(rest.len());
            let comment = &rest[..end];
            let is_doc = comment.starts_with("///") || comment.starts_with("//!");
            let words = comment.trim_start_matches(['/', '!', ' ']);
            if is_doc && !in_doc {
                prose.first.push(first(words, line));
            }
            in_doc = is_doc;
            if words.is_empty() || words.starts_with(['-', '|', '#']) {
                prose.stop(line);
            }
            prose.add(words, line);
            end
        } else if let Some((start, end)) = string(rest) {
            prose.stop(line);
            for (number, part) in rest[start..end].split('\n').enumerate() {
                // A line that ends in a backslash continues the sentence.
                let part = part.trim_end_matches('\\').replace("\\n", ". ");
                prose.add(&part.replace(['\\', '"'], ""), line + number);
            }
            prose.stop(line);
            in_doc = false;
            end
        } else if let Some(end) = character(rest) {
            end
        } else {
            if !letter.is_whitespace() {
                prose.stop(line);
                in_doc = false;
            }
            letter.len_utf8()
        };
        line += rest[..taken].matches('\n').count();
        rest = &rest[taken..];
    }
    prose
}

/// Returns the bounds of the content and closing mark of a string literal at the start of `code`.
fn string(code: &str) -> Option<(usize, usize)> {
    if let Some(raw) = code.strip_prefix('r') {
        let marks = raw.len() - raw.trim_start_matches('#').len();
        if raw[marks..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(marks));
            let start = marks + 2;
            return code[start..]
                .find(&close)
                .map(|end| (start, start + end + close.len()));
        }
    }
    if !code.starts_with('"') {
        return None;
    }
    let mut escaped = false;
    for (place, letter) in code.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some((1, place + 1)),
            _ => {}
        }
    }
    None
}

/// Returns the length of a character literal, or of an identifier that ends in `r`, at the start of `code`.
fn character(code: &str) -> Option<usize> {
    if code.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return code.find(|c: char| !c.is_alphanumeric() && c != '_');
    }
    let inner = code.strip_prefix('\'')?;
    let end = match inner.strip_prefix('\\') {
        Some(escaped) => 2 + escaped.chars().next()?.len_utf8() + escaped[1..].find('\'')?,
        None => 1 + inner.chars().next()?.len_utf8(),
    };
    code[end..].starts_with('\'').then_some(end + 1)
}

/// Offences of a file, by its path from the root.
fn check(path: &str, text: &str) -> Vec<(usize, String)> {
    let is_rust = Path::new(path)
        .extension()
        .is_some_and(|ending| ending == "rs");
    let mut found = if is_rust { rust(text) } else { plain(text) }.offences();
    found.sort();
    found
}

/// Paths of the checked files from the root, in order.
fn files() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut todo: Vec<_> = CHECKED.iter().map(|path| root.join(path)).collect();
    let mut found = Vec::new();
    while let Some(path) = todo.pop() {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("");
        let is_generated = name.starts_with('.') || ["target", "__pycache__"].contains(&name);
        if path.is_dir() && !is_generated {
            todo.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.is_file() {
            let path = path.strip_prefix(root).unwrap().to_str().unwrap();
            found.push(path.replace('\\', "/"));
        }
    }
    found.sort();
    found
}

fn is_within(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
}

#[test]
fn prose_is_plain_english() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut used = [false; EXCEPTIONS.len()];
    let mut faults = Vec::new();
    for path in files() {
        // Files that are not text have no prose.
        let Ok(text) = fs::read_to_string(root.join(&path)) else {
            continue;
        };
        let lines: Vec<_> = text.lines().collect();
        for (line, fault) in check(&path, &text) {
            let content = lines[line - 1];
            let excepted =
                |(file, part, _): &(&str, &str, &str)| *file == path && content.contains(part);
            match EXCEPTIONS.iter().position(excepted) {
                Some(exception) => used[exception] = true,
                None => faults.push(format!("{path}:{line}: {fault}\n    {}", content.trim())),
            }
        }
    }
    for (used, (path, part, _)) in used.iter().zip(EXCEPTIONS) {
        if !used {
            faults.push(format!("{path}: exception \"{part}\" is unused; remove it"));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn paths_of_the_lists_exist() {
    let files = files();
    for folder in CHECKED {
        let exists = files.iter().any(|path| is_within(path, folder));
        assert!(exists, "{folder} is missing; remove it from the list");
    }
}

/// Lines with an offence.
fn lines(path: &str, text: &str) -> Vec<usize> {
    check(path, text)
        .into_iter()
        .map(|(line, _)| line)
        .collect()
}

#[test]
fn comments_and_strings_are_checked_and_code_is_not() {
    let code = "let anew = '\"'; // whoever\nfn whence() {}\nlet s = \"a\\\"b anew\";\nlet r = r#\"stands\"#;\n";
    assert_eq!(lines("a.rs", code), [1, 3, 4]);
    let phrase = "// there\n// is none\nlet x = \"is \\\n    told\";\n// `anew`, {anew}, says_anew, stands for\n";
    assert_eq!(lines("a.rs", phrase), [1, 3]);
    assert_eq!(
        lines(
            "a.rs",
            "// is no longer; there is no x; is\n\n// no number\nis(no)"
        ),
        [1]
    );
    assert!(lines("a.rs", "// This is.\n//\n// No number. There is, none.").is_empty());
}

#[test]
fn doc_comments_begin_with_a_noun_or_a_verb() {
    let docs = "//! What\n\n/// Returns what\n/// Whether\nfn f() {}\n\n/// Whether it is.\nfn g() {}\n// Whether\n";
    assert_eq!(lines("a.rs", docs), [1, 7]);
    assert_eq!(
        lines("a.py", "def f():\n    \"\"\"What it is.\n    Where\"\"\"\n"),
        [2]
    );
}

#[test]
fn other_files_are_checked_as_a_whole() {
    assert_eq!(
        lines("a.md", "# A\nThe file is\ntold. `anew`\n- is\n- told\n"),
        [2]
    );
    assert_eq!(lines("a", "# there is\n# none\nNOBODY = 0\n"), [1]);
}
