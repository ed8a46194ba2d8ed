//! Values as users of the library write them.

/// Value as users of the library write it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Given<'a> {
    /// A number.
    Number(f64),
    /// A word.
    Word(&'a str),
    /// A list of numbers.
    Numbers(&'a [f64]),
}

impl From<f64> for Given<'_> {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Given<'_> {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<i32> for Given<'_> {
    fn from(number: i32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl<'a> From<&'a [f64]> for Given<'a> {
    fn from(numbers: &'a [f64]) -> Self {
        Self::Numbers(numbers)
    }
}

impl<'a> From<&'a str> for Given<'a> {
    fn from(word: &'a str) -> Self {
        Self::Word(word)
    }
}

impl From<bool> for Given<'_> {
    fn from(truth: bool) -> Self {
        Self::Word(if truth { "true" } else { "false" })
    }
}
