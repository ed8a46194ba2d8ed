//! What can be wrong with a spec.

use crate::error::{is_hidden, visible};
use crate::input::FileError;
use std::ops::Range;

/// One thing that is wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecFault {
    /// Where, if it was in a file: the line, from 1.
    pub line: Option<usize>,
    /// The key.
    pub key: String,
    /// What was found and expected, and a way out.
    pub message: String,
    /// The line itself, if it was in a file.
    pub excerpt: Option<Excerpt>,
}

/// The line that a fault is about, or the stretch of it around the fault where it is long. Holds no
/// control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The text.
    pub text: String,
    /// The bytes of it that the fault is about.
    pub marked: Range<usize>,
}

impl Excerpt {
    /// Characters shown before, within and after what is marked.
    const MOST: usize = 80;

    /// The line of `text` at `span`, with what is marked cut off at the line's end.
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

/// All that is wrong with a spec.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// The file, or standard input, cannot be read, or is none that could be a spec.
    #[error(transparent)]
    File(#[from] FileError),
    /// What it says makes no sense.
    #[error("{}", list(source_name, faults, *more))]
    Faults {
        /// The file, standard input, or `--set`.
        source_name: String,
        /// What was found, in the order of checking; at most [`MOST_FAULTS`].
        faults: Vec<SpecFault>,
        /// How many more faults there are.
        more: usize,
    },
}

/// Most faults that are told one by one.
pub const MOST_FAULTS: usize = 50;

impl SpecFault {
    /// The fault on one line: `file:line: key: message`.
    pub fn line(&self, source_name: &str) -> String {
        let place = self.line.map_or(String::new(), |line| format!(":{line}"));
        let gap = if self.key.is_empty() { "" } else { ": " };
        let (source_name, key) = (visible(source_name), visible(&self.key));
        format!("{source_name}{place}: {key}{gap}{}", visible(&self.message))
    }
}

/// What is said of the faults that are not told one by one.
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
    fn an_excerpt_is_the_line_with_its_stretch_marked() {
        let text = "seed = 1\n\tβ = 7 # \u{9b}\r\nend";
        let (line, marked) = shown(text, "7");
        assert_eq!(line, "    β = 7 # \u{fffd}");
        assert_eq!(marked, "7");
        // What goes on over lines is marked on its first.
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
