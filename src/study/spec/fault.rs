//! Describes faults of a spec.

use crate::error::{is_hidden, visible};
use crate::input::FileError;
use std::ops::Range;

/// A fault of a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecFault {
    /// Line, from 1, if it was in a file.
    pub line: Option<usize>,
    /// Key.
    pub key: String,
    /// Problem and fix.
    pub message: String,
    /// Text of the line, if it was in a file.
    pub excerpt: Option<Excerpt>,
}

/// Line of a fault, or the part of a long line around it, without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Text.
    pub text: String,
    /// Range of bytes at fault.
    pub marked: Range<usize>,
}

impl Excerpt {
    /// Maximum number of characters shown before, within and after the marked range.
    const MOST: usize = 80;

    /// Returns the line of `text` at `span`, with the marked range cut at the end of the line.
    pub(super) fn of(text: &str, span: Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |end| end + 1);
        let rest = &text[start..];
        let line_end = start + rest.find('\n').unwrap_or(rest.len());
        let end = text.ceil_char_boundary(span.end).clamp(start, line_end);
        let shown = |part: &str| {
            let part = part.trim_end_matches('\r').replace('\t', "    ");
            part.replace(is_hidden, "\u{fffd}")
        };
        let before = &text[line_start..start];
        let before = match before.char_indices().rev().nth(Self::MOST) {
            Some((cut, _)) => format!("…{}", shown(&before[cut..])),
            None => shown(before),
        };
        let first = |part: &str| match part.char_indices().nth(Self::MOST) {
            Some((cut, _)) => format!("{}…", shown(&part[..cut])),
            None => shown(part),
        };
        let within = first(&text[start..end]);
        let marked = before.len()..before.len() + within.len();
        Self {
            text: before + &within + &first(&text[end..line_end]),
            marked,
        }
    }
}

/// All faults of a spec.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// The file, or standard input, cannot be read, or cannot be a spec.
    #[error(transparent)]
    File(#[from] FileError),
    /// The spec is invalid.
    #[error("{}", list(source_name, faults, *more))]
    Faults {
        /// File, standard input, or `--set`.
        source_name: String,
        /// Faults, in the order of checking; at most [`MOST_FAULTS`].
        faults: Vec<SpecFault>,
        /// Number of further faults.
        more: usize,
    },
}

/// Maximum number of faults listed individually.
pub const MOST_FAULTS: usize = 50;

impl SpecFault {
    /// Formats the fault on one line: `file:line: key: message`.
    pub fn line(&self, source_name: &str) -> String {
        let place = self.line.map_or(String::new(), |line| format!(":{line}"));
        let gap = if self.key.is_empty() { "" } else { ": " };
        let (source_name, key) = (visible(source_name), visible(&self.key));
        format!("{source_name}{place}: {key}{gap}{}", visible(&self.message))
    }
}

/// Formats the number of faults not listed individually.
pub(crate) fn and_more(source_name: &str, more: usize) -> Option<String> {
    let faults = if more == 1 { "fault" } else { "faults" };
    (more > 0).then(|| format!("{}: and {more} more {faults}", visible(source_name)))
}

fn list(source_name: &str, faults: &[SpecFault], more: usize) -> String {
    let lines = faults.iter().map(|fault| fault.line(source_name));
    let lines: Vec<_> = lines.chain(and_more(source_name, more)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, marked: &str) -> (String, String) {
        let start = text.find(marked).unwrap();
        let excerpt = Excerpt::of(text, start..start + marked.len());
        let marked = excerpt.text[excerpt.marked.clone()].to_owned();
        (excerpt.text, marked)
    }

    #[test]
    fn faults_that_are_not_listed_are_counted() {
        let more = |count| and_more("spec.toml", count);
        assert_eq!(more(0), None);
        assert_eq!(more(1).unwrap(), "spec.toml: and 1 more fault");
        assert_eq!(more(2).unwrap(), "spec.toml: and 2 more faults");
    }

    #[test]
    fn an_excerpt_is_the_line_with_its_stretch_marked() {
        let text = "seed = 1\n\tβ = 7 # \u{9b}\r\nend";
        let (line, marked) = shown(text, "7");
        assert_eq!(line, "    β = 7 # \u{fffd}");
        assert_eq!(marked, "7");
        // A fault that spans lines is marked on the first.
        assert_eq!(shown("a = [\n1]", "[\n1]").1, "[");
    }

    #[test]
    fn a_long_line_is_cut_around_its_fault() {
        let text = format!("{}!{}", "a".repeat(10_000), "b".repeat(10_000));
        let (line, marked) = shown(&text, "!");
        assert_eq!(marked, "!");
        assert!(line.len() < 200 && line.starts_with("…a") && line.ends_with("b…"));
        let (line, _) = shown(&text, &text);
        assert!(line.len() < 200);
    }

    #[test]
    fn any_span_of_any_text_has_an_excerpt() {
        let text = "aβ\n\u{1b}c\r\n";
        for start in 0..text.len() + 3 {
            for end in 0..text.len() + 3 {
                let excerpt = Excerpt::of(text, start..end);
                assert!(excerpt.text.get(excerpt.marked.clone()).is_some());
            }
        }
    }
}
