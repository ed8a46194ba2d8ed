//! Values of settings, and the domains to which they belong.

use crate::engine::document::{Content, Document};
use crate::engine::list::List;

/// Value of a setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A real number.
    Real(f64),
    /// A whole number.
    Count(u64),
    /// One of a few names.
    Name(&'static str),
    /// A list of numbers.
    List(List),
    /// A document.
    Document(Document),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // As briefly as possible: `1e308`, `0.1`, `30000`.
            Self::Real(v) => {
                let text = format!("{v:?}");
                f.write_str(text.strip_suffix(".0").unwrap_or(&text))
            }
            Self::Count(v) => write!(f, "{v}"),
            Self::Name(v) => f.write_str(v),
            Self::List(v) => f.write_str(v.text()),
            Self::Document(v) => f.write_str(v.text()),
        }
    }
}

/// Values that a setting may take.
#[derive(Clone, Copy, Debug)]
pub enum Domain {
    /// Real numbers from `low` to `high`; `above` excludes `low`, `below` excludes `high`.
    Real {
        /// Minimum.
        low: f64,
        /// Maximum.
        high: f64,
        /// True if `low` is excluded.
        above: bool,
        /// True if `high` is excluded.
        below: bool,
    },
    /// Whole numbers from `low` to `high`.
    Count {
        /// Minimum.
        low: u64,
        /// Maximum.
        high: u64,
    },
    /// One of these names.
    Names(&'static [&'static str]),
    /// Lists of numbers above 0.
    List {
        /// Maximum number of items.
        most: usize,
        /// True if items may be 0.
        zero: bool,
        /// Keys that name a file with the items, if allowed.
        file: Option<ListFile>,
    },
    /// Documents.
    Document {
        /// Name in messages.
        name: &'static str,
        /// Parses a text; returns `None` if it is not such a document.
        read: fn(&str) -> Option<Content>,
        /// Keys of a spec that take the document from a file.
        file: DocumentFile,
    },
}

/// Keys of a spec that take a document from a file.
#[derive(Clone, Copy, Debug)]
pub struct DocumentFile {
    /// Key of the file's name.
    pub path: &'static str,
    /// Key of the last number, in the order of the file, to read; without it, the whole file is read.
    pub at: &'static str,
}

/// Keys by which a spec names a file that contains a list.
#[derive(Clone, Copy, Debug)]
pub struct ListFile {
    /// Key that names the file, such as `holdings.path`.
    pub path: &'static str,
    /// Key that names the column of the file, such as `holdings.column`.
    pub column: &'static str,
    /// Default column.
    pub default: &'static str,
}

impl Domain {
    const fn real(low: f64, high: f64, above: bool, below: bool) -> Self {
        Self::Real {
            low,
            high,
            above,
            below,
        }
    }

    /// Real numbers of at least `low`.
    pub const fn at_least(low: f64) -> Self {
        Self::real(low, f64::INFINITY, false, false)
    }

    /// Real numbers above `low`.
    pub const fn above(low: f64) -> Self {
        Self::real(low, f64::INFINITY, true, false)
    }

    /// Real numbers from `low` to `high`, inclusive.
    pub const fn from_to(low: f64, high: f64) -> Self {
        Self::real(low, high, false, false)
    }

    /// Real numbers above `low`, up to and including `high`.
    pub const fn above_to(low: f64, high: f64) -> Self {
        Self::real(low, high, true, false)
    }

    /// Real numbers from `low`, inclusive, to below `high`.
    pub const fn from_below(low: f64, high: f64) -> Self {
        Self::real(low, high, false, true)
    }

    /// Real numbers above `low` and below `high`.
    pub const fn between(low: f64, high: f64) -> Self {
        Self::real(low, high, true, true)
    }

    /// Whole numbers from `low` to `high`, inclusive.
    pub const fn count(low: u64, high: u64) -> Self {
        Self::Count { low, high }
    }

    /// Lists of up to `most` numbers above 0.
    pub const fn list(most: usize) -> Self {
        Self::List {
            most,
            zero: false,
            file: None,
        }
    }

    /// Lists of up to `most` numbers of at least 0.
    pub const fn list_from_zero(most: usize) -> Self {
        Self::List {
            most,
            zero: true,
            file: None,
        }
    }

    /// Lists of up to `most` numbers above 0, from the spec or a file.
    pub const fn list_or_file(most: usize, file: ListFile) -> Self {
        Self::List {
            most,
            zero: false,
            file: Some(file),
        }
    }

    /// Truth values: the domain of a field of type `bool`.
    pub const TRUTH: Self = Self::Names(&["false", "true"]);

    /// Returns true if the values are true and false.
    pub fn is_truth(&self) -> bool {
        matches!(self, Self::Names(["false", "true"]))
    }

    /// Converts a number to a value of this domain, if it is within. Whole numbers may be written as reals
    /// without a fraction.
    pub fn number(&self, number: f64) -> Option<Value> {
        match *self {
            Self::Real {
                low,
                high,
                above,
                below,
            } => (number.is_finite()
                && (if above { number > low } else { number >= low })
                && (if below { number < high } else { number <= high }))
            // Turns −0 into 0, for which 1/x is +∞.
            .then_some(Value::Real(number + 0.0)),
            Self::Count { low, high } => {
                (number.fract() == 0.0 && number >= low as f64 && number <= high as f64)
                    .then_some(Value::Count(number as u64))
            }
            Self::Names(_) | Self::List { .. } | Self::Document { .. } => None,
        }
    }

    /// Returns true if a value is within the domain.
    pub fn holds(&self, value: Value) -> bool {
        match value {
            Value::Real(number) => self.number(number).is_some(),
            Value::Count(number) => self.number(number as f64).is_some(),
            Value::Name(word) => self.word(word).is_some(),
            Value::List(list) => self.numbers(list.numbers()).is_some(),
            Value::Document(_) => matches!(self, Self::Document { .. }),
        }
    }

    /// Converts numbers to a value of this domain, if it consists of lists.
    pub fn numbers(&self, numbers: &[f64]) -> Option<Value> {
        let Self::List { most, zero, .. } = self else {
            return None;
        };
        let sound = |number: &f64| number.is_finite() && (*number > 0.0 || *zero && *number == 0.0);
        (numbers.len() <= *most && numbers.iter().all(sound))
            .then(|| Value::List(List::new(numbers)))
    }

    /// Converts a word to a value of this domain: one of its names, or the text of a list or document.
    pub fn word(&self, word: &str) -> Option<Value> {
        match self {
            Self::Names(names) => names
                .iter()
                .find(|&&name| name == word)
                .map(|&name| Value::Name(name)),
            Self::List { .. } => self.numbers(List::parse(word)?.numbers()),
            Self::Document { read, .. } => Document::new(word, *read).map(Value::Document),
            _ => None,
        }
    }
}

impl std::fmt::Display for Domain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Real {
                low,
                high,
                above,
                below,
            } => {
                let more = if above { "above" } else { "of at least" };
                let less = if below { "below" } else { "at most" };
                let unbounded = high.is_infinite();
                // As briefly as values are written.
                let (low, high) = (Value::Real(low), Value::Real(high));
                if unbounded {
                    return write!(f, "a number {more} {low}");
                }
                write!(f, "a number {more} {low} and {less} {high}")
            }
            Self::Count { low, high } => write!(f, "a whole number from {low} to {high}"),
            Self::Names(names) => {
                let quoted: Vec<_> = names.iter().map(|n| format!("\"{n}\"")).collect();
                write!(f, "{}", quoted.join(" or "))
            }
            Self::List { most, zero, .. } => {
                let least = if zero { "of at least 0" } else { "above 0" };
                write!(f, "a list of at most {most} numbers {least}")
            }
            Self::Document { name, file, .. } => {
                write!(f, "{name}, as {} takes it from a file", file.path)
            }
        }
    }
}
