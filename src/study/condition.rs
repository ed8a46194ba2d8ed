//! Parses and evaluates conditions on named values, as users write them: `take > 0.1 and granted < 50`,
//! `beta > 2 * sqrt(rho)`, `median_days_to_pass is empty`, `rules = "v3"`.
//!
//! Every comparison with a missing value is false.

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
        let mut parser = Parser {
            tokens: tokens(text).map_err(wrong)?,
            next: 0,
            names: Vec::new(),
            depth: 0,
        };
        let root = parser.any().map_err(wrong)?;
        match parser.peek() {
            None => Ok(Self {
                text: text.to_owned(),
                names: parser.names,
                root,
            }),
            Some(token) => Err(wrong(format!(
                "unexpected {token}; join conditions with and, or"
            ))),
        }
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

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Name(String),
    Word(String),
    Sign(&'static str),
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => write!(f, "{value}"),
            Self::Name(name) => f.write_str(name),
            Self::Word(word) => write!(f, "\"{word}\""),
            Self::Sign(sign) => f.write_str(sign),
        }
    }
}

/// Operators, longer ones first.
const SIGNS: [&str; 15] = [
    "<=", ">=", "==", "!=", "<", ">", "=", "+", "-", "*", "/", "^", "(", ")", ",",
];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    while let Some(first) = rest.chars().next() {
        let token = if first.is_ascii_digit() || first == '.' {
            let end = number_end(rest);
            let number = rest[..end]
                .parse()
                .map_err(|_| format!("{} is not a number", &rest[..end]))?;
            (Token::Number(number), end)
        } else if is_name(first) {
            let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            (Token::Name(rest[..end].to_owned()), end)
        } else if first == '"' || first == '\'' {
            let end = rest[1..]
                .find(first)
                .ok_or("quote not closed; add the closing quote")?;
            (Token::Word(rest[1..=end].to_owned()), end + 2)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), sign.len())
        } else {
            return Err(format!("unexpected {first}"));
        };
        tokens.push(token.0);
        rest = rest[token.1..].trim_start();
    }
    Ok(tokens)
}

/// Returns the end of a number: digits, a point, an exponent with its sign.
fn number_end(text: &str) -> usize {
    let mut before = ' ';
    let ends = |&(_, c): &(usize, char)| {
        let is_part = c.is_ascii_alphanumeric()
            || c == '.'
            || (matches!(c, '+' | '-') && matches!(before, 'e' | 'E'));
        before = c;
        !is_part
    };
    text.char_indices()
        .find(ends)
        .map_or(text.len(), |(end, _)| end)
}

/// Maximum nesting of parentheses and signs.
const MOST_DEPTH: usize = 64;

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    names: Vec<String>,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Sign(next)) if *next == sign);
        self.next += usize::from(is_next);
        is_next
    }

    fn take_keyword(&mut self, keyword: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Name(next)) if next == keyword);
        self.next += usize::from(is_next);
        is_next
    }

    fn name(&mut self, name: String) -> usize {
        match self.names.iter().position(|known| *known == name) {
            Some(place) => place,
            None => {
                self.names.push(name);
                self.names.len() - 1
            }
        }
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        if self.depth == MOST_DEPTH {
            return Err("nested too deeply; use fewer parentheses".to_owned());
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn any(&mut self) -> Result<Truth, String> {
        let mut truth = self.all()?;
        while self.take_keyword("or") {
            truth = Truth::Or(Box::new(truth), Box::new(self.all()?));
        }
        Ok(truth)
    }

    fn all(&mut self) -> Result<Truth, String> {
        let mut truth = self.one()?;
        while self.take_keyword("and") {
            truth = Truth::And(Box::new(truth), Box::new(self.one()?));
        }
        Ok(truth)
    }

    fn one(&mut self) -> Result<Truth, String> {
        if self.take_keyword("not") {
            return self.deeper(|parser| Ok(Truth::Not(Box::new(parser.one()?))));
        }
        // A parenthesis may contain a condition or begin a sum.
        let start = (self.next, self.names.len());
        if self.take_sign("(") {
            let inner = self.deeper(Self::any);
            if let Ok(truth) = inner
                && self.take_sign(")")
                && !matches!(self.peek(), Some(Token::Sign(sign)) if *sign != ")")
            {
                return Ok(truth);
            }
            self.next = start.0;
            self.names.truncate(start.1);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Truth, String> {
        if let (Some(Token::Name(name)), Some(after)) = (
            self.peek().cloned(),
            self.tokens.get(self.next + 1).cloned(),
        ) {
            if after == Token::Name("is".to_owned()) {
                self.next += 2;
                let is_not = self.take_keyword("not");
                if !self.take_keyword("empty") {
                    return Err(format!("expected {name} is empty, or {name} is not empty"));
                }
                let empty = Truth::Empty(self.name(name));
                return Ok(if is_not {
                    Truth::Not(Box::new(empty))
                } else {
                    empty
                });
            }
            let word = self.tokens.get(self.next + 2).cloned();
            if let (Token::Sign(sign @ ("=" | "==" | "!=")), Some(Token::Word(word))) =
                (&after, word)
            {
                self.next += 3;
                return Ok(Truth::Word {
                    name: self.name(name),
                    word,
                    is: *sign != "!=",
                });
            }
        }
        let a = self.sum()?;
        let found = match self.peek() {
            Some(Token::Sign(sign)) => Comparison::SIGNS.iter().find(|(of, _)| of == sign),
            _ => None,
        };
        let Some(&(_, comparison)) = found else {
            return Err(match self.peek() {
                Some(token) => format!("expected a comparison such as < before {token}"),
                None => "expected a comparison such as < at the end".to_owned(),
            });
        };
        self.next += 1;
        Ok(Truth::Compare(comparison, a, self.sum()?))
    }

    fn sum(&mut self) -> Result<Number, String> {
        let mut sum = self.product()?;
        loop {
            let sign = match (self.take_sign("+"), self.take_sign("-")) {
                (true, _) => '+',
                (_, true) => '-',
                _ => return Ok(sum),
            };
            sum = Number::Binary(sign, Box::new(sum), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Number, String> {
        let mut product = self.power()?;
        loop {
            let sign = match (self.take_sign("*"), self.take_sign("/")) {
                (true, _) => '*',
                (_, true) => '/',
                _ => return Ok(product),
            };
            product = Number::Binary(sign, Box::new(product), Box::new(self.power()?));
        }
    }

    fn power(&mut self) -> Result<Number, String> {
        if self.take_sign("-") {
            return self.deeper(|parser| Ok(Number::Negative(Box::new(parser.power()?))));
        }
        let base = self.primary()?;
        match self.take_sign("^") {
            false => Ok(base),
            true => self.deeper(|parser| {
                Ok(Number::Binary(
                    '^',
                    Box::new(base),
                    Box::new(parser.power()?),
                ))
            }),
        }
    }

    fn primary(&mut self) -> Result<Number, String> {
        let Some(token) = self.peek().cloned() else {
            return Err("expected a number or a name at the end".to_owned());
        };
        self.next += 1;
        match token {
            Token::Number(value) => Ok(Number::Literal(value)),
            Token::Sign("(") => {
                let inner = self.deeper(Self::sum)?;
                self.close().map(|()| inner)
            }
            Token::Name(name) if self.take_sign("(") => {
                let mut known = Function::NAMES.iter();
                let Some(&(_, function, count)) = known.find(|(of, ..)| *of == name) else {
                    let names = Function::NAMES.map(|(name, ..)| name).join(", ");
                    return Err(format!("unknown function {name}; available: {names}"));
                };
                let mut arguments = vec![self.deeper(Self::sum)?];
                while self.take_sign(",") {
                    arguments.push(self.deeper(Self::sum)?);
                }
                self.close()?;
                match arguments.len() == count {
                    true => Ok(Number::Call(function, arguments)),
                    false => Err(format!(
                        "{name} takes {count} numbers, found {}",
                        arguments.len()
                    )),
                }
            }
            Token::Name(name) => Ok(Number::Name(self.name(name))),
            other => Err(format!("expected a number or a name, found {other}")),
        }
    }

    fn close(&mut self) -> Result<(), String> {
        match self.take_sign(")") {
            true => Ok(()),
            false => Err("parenthesis not closed; add )".to_owned()),
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
            "x = 4 or none > 1",
            "x == 2 * sqrt(x)",
            "(x + 1) * 2 = 10 and not (x < 1 or x != 4)",
            "-x ^ 2 = -16 and 2 ^ 3 ^ 2 = 512",
            "x - 1 - 1 = 2 and x / 2 / 2 = 1 and 1e-1 < .2",
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
