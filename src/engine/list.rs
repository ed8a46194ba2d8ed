//! Defines lists of numbers as values of settings.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// List of numbers, with its text in TOML syntax. Each list is interned and lives as long as the program, so
/// that settings with lists are copied as fast as others.
#[derive(Clone, Copy, Debug)]
pub struct List {
    numbers: &'static [f64],
    text: &'static str,
}

impl Default for List {
    /// Returns the empty list.
    fn default() -> Self {
        Self {
            numbers: &[],
            text: "[]",
        }
    }
}

impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl List {
    /// Returns the list of these numbers.
    pub fn new(numbers: &[f64]) -> Self {
        static MADE: Mutex<BTreeMap<&str, List>> = Mutex::new(BTreeMap::new());
        let shown: Vec<_> = numbers.iter().map(|number| format!("{number:?}")).collect();
        let text = format!("[{}]", shown.join(", "));
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(list) = made.get(&*text) {
            return *list;
        }
        let list = Self {
            numbers: Box::leak(numbers.into()),
            text: Box::leak(text.into_boxed_str()),
        };
        made.insert(list.text, list);
        list
    }

    /// Parses a list such as `[1.0, 2.5]`.
    pub fn parse(text: &str) -> Option<Self> {
        let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?.trim();
        let inner = inner.strip_suffix(',').unwrap_or(inner);
        if inner.is_empty() {
            return Some(Self::default());
        }
        let numbers = inner.split(',').map(|number| number.trim().parse().ok());
        let numbers: Option<Vec<f64>> = numbers.collect();
        numbers.map(|numbers| Self::new(&numbers))
    }

    /// Returns its numbers.
    pub fn numbers(self) -> &'static [f64] {
        self.numbers
    }

    /// Returns its text.
    pub fn text(self) -> &'static str {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_the_same_numbers_to_the_bit() {
        let numbers = [0.1 + 0.2, 1e-300, 5.0, f64::MAX];
        let list = List::new(&numbers);
        assert_eq!(List::parse(list.text()), Some(list));
        assert_eq!(List::parse(list.text()).unwrap().numbers(), numbers);
        assert!(std::ptr::eq(List::new(&numbers).numbers(), list.numbers()));
        assert_eq!(List::parse(" [ 1, 2.5 , ] "), Some(List::new(&[1.0, 2.5])));
        assert_eq!(List::parse("[]"), Some(List::default()));
        for wrong in ["1, 2", "[1, x]", "[1,,2]", "["] {
            assert_eq!(List::parse(wrong), None, "{wrong}");
        }
    }
}
