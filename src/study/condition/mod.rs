//! Parses and evaluates conditions on named values, as users write them: `take > 0.1 and granted < 50`,
//! `beta > 2 * sqrt(rho)`, `median_days_to_pass is empty`, `rules = "v3"`.
//!
//! Every comparison with a missing value is false.

mod parse;

use std::fmt;

/// Value in a condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Number; NaN if missing.
    Number(f64),
    /// Word.
    Word(&'a str),
}

/// Condition on named values.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    text: String,
    names: Vec<String>,
    root: Truth,
}

/// Reason why a text is not a condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("condition {text}: {problem}")]
pub struct ConditionError {
    /// Text.
    pub text: String,
    /// Problem, and a fix.
    pub problem: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Truth {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Compare(Comparison, Number, Number),
    Word { name: usize, word: String, is: bool },
    Empty(usize),
}

#[derive(Clone, Debug, PartialEq)]
enum Number {
    Literal(f64),
    Name(usize),
    Negative(Box<Self>),
    Binary(char, Box<Self>, Box<Self>),
    Call(Function, Vec<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    AtMost,
    AtLeast,
    Below,
    Above,
    Equal,
    Unequal,
}

impl Comparison {
    const SIGNS: [(&'static str, Self); 7] = [
        ("<=", Self::AtMost),
        (">=", Self::AtLeast),
        ("<", Self::Below),
        (">", Self::Above),
        ("==", Self::Equal),
        ("=", Self::Equal),
        ("!=", Self::Unequal),
    ];

    fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Self::AtMost => a <= b,
            Self::AtLeast => a >= b,
            Self::Below => a < b,
            Self::Above => a > b,
            Self::Equal => a == b,
            // False for missing values.
            Self::Unequal => a != b && !a.is_nan() && !b.is_nan(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Function {
    Sqrt,
    Ln,
    Exp,
    Abs,
    Min,
    Max,
}

impl Function {
    const NAMES: [(&'static str, Self, usize); 6] = [
        ("sqrt", Self::Sqrt, 1),
        ("ln", Self::Ln, 1),
        ("exp", Self::Exp, 1),
        ("abs", Self::Abs, 1),
        ("min", Self::Min, 2),
        ("max", Self::Max, 2),
    ];
}

impl Condition {
    /// Parses a condition.
    ///
    /// # Errors
    /// When the text is not a condition.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        let wrong = |problem: String| ConditionError {
            text: text.to_owned(),
            problem,
        };
        let (root, names) = parse::parse(text).map_err(wrong)?;
        Ok(Self {
            text: text.to_owned(),
            names,
            root,
        })
    }

    /// Returns the names of the values, in the order in which [`Condition::holds`] takes them.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Evaluates the condition for these values.
    pub fn holds(&self, values: &[Cell]) -> bool {
        self.root.holds(values)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Truth {
    fn holds(&self, values: &[Cell]) -> bool {
        match self {
            Self::And(a, b) => a.holds(values) && b.holds(values),
            Self::Or(a, b) => a.holds(values) || b.holds(values),
            Self::Not(a) => !a.holds(values),
            Self::Compare(comparison, a, b) => comparison.holds(a.value(values), b.value(values)),
            Self::Word { name, word, is } => match values[*name] {
                Cell::Word(found) => (found == word) == *is,
                Cell::Number(_) => false,
            },
            Self::Empty(name) => matches!(values[*name], Cell::Number(value) if value.is_nan()),
        }
    }
}

impl Number {
    fn value(&self, values: &[Cell]) -> f64 {
        match self {
            Self::Literal(value) => *value,
            Self::Name(name) => match values[*name] {
                Cell::Number(value) => value,
                Cell::Word(_) => f64::NAN,
            },
            Self::Negative(a) => -a.value(values),
            Self::Binary(sign, a, b) => {
                let (a, b) = (a.value(values), b.value(values));
                match sign {
                    '+' => a + b,
                    '-' => a - b,
                    '*' => a * b,
                    '/' => a / b,
                    _ => libm::pow(a, b),
                }
            }
            Self::Call(function, arguments) => {
                let first = arguments[0].value(values);
                match function {
                    Function::Sqrt => first.sqrt(),
                    Function::Ln => libm::log(first),
                    Function::Exp => libm::exp(first),
                    Function::Abs => first.abs(),
                    Function::Min | Function::Max => {
                        let second = arguments[1].value(values);
                        let is_first = (first < second) == (*function == Function::Min);
                        match first.is_nan() || second.is_nan() {
                            true => f64::NAN,
                            false if is_first => first,
                            false => second,
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> bool {
        let condition = Condition::parse(text).unwrap_or_else(|error| panic!("{error}"));
        let values: Vec<_> = (condition.names().iter())
            .map(|name| match &**name {
                "x" => Cell::Number(4.0),
                "attacker.0.share" => Cell::Number(0.25),
                "none" => Cell::Number(f64::NAN),
                "rules" => Cell::Word("v3"),
                other => panic!("{other}"),
            })
            .collect();
        condition.holds(&values)
    }

    #[test]
    fn conditions_mean_what_they_say() {
        for text in [
            "x > 3 and attacker.0.share <= 0.25",
            "x >= 4 and x <= 4 and not (x > 4) and not (x < 4)",
            "x = 4 or none > 1",
            "x == 2 * sqrt(x)",
            "(x + 1) * 2 = 10 and not (x < 1 or x != 4)",
            "-x ^ 2 = -16 and 2 ^ 3 ^ 2 = 512",
            "x - 1 - 1 = 2 and x / 2 / 2 = 1 and 1e-1 < .2",
            "x-1-1=2 and 2e+0-1<1.5",
            "none is empty and x is not empty and rules is not empty",
            "rules = \"v3\" and rules != 'corrected'",
            "max(x, 5) = 5 and min(x, 5) = 4 and abs(-x) = x and ln(exp(0)) = 0",
            "((x)) = 4 and ((x = 4))",
        ] {
            assert!(holds(text), "{text}");
        }
        for text in [
            "none > 1",
            "none <= 1",
            "none != 1",
            "max(none, x) = 4",
            "rules > 1",
            "rules = \"corrected\"",
            "x > 3 and x < 4 or x = 5",
        ] {
            assert!(!holds(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_is_told() {
        for (text, expected) in [
            ("", "expected a number or a name at the end"),
            ("x", "expected a comparison"),
            ("x >", "at the end"),
            ("x > 1 x", "unexpected x"),
            ("x > 1 and", "at the end"),
            ("sinus(x) > 1", "unknown function sinus"),
            ("min(x) > 1", "takes 2 numbers, found 1"),
            ("(x > 1", "not closed"),
            ("x is nothing", "x is empty"),
            ("x > 1.2.3", "1.2.3 is not a number"),
            ("rules = \"v3", "quote not closed"),
            ("x > 1 & x < 2", "unexpected &"),
        ] {
            let error = Condition::parse(text).unwrap_err().problem;
            assert!(error.contains(expected), "{text}: {error}");
        }
        // Parentheses side by side are not deep.
        let wide = vec!["(x > 1)"; 100].join(" and ");
        assert!(Condition::parse(&wide).is_ok());
        let deep = format!("{}x > 1", "(".repeat(10_000));
        assert!(Condition::parse(&deep).is_err());
        let deep = format!("{}x > 1", "not ".repeat(10_000));
        assert!(
            Condition::parse(&deep)
                .unwrap_err()
                .problem
                .contains("too deeply")
        );
    }
}
