//! Parses conditions.

use super::{Comparison, Function, Number, Truth};
use std::fmt;

/// Parses a condition; returns it with the names in it. An error is the problem, with a fix.
pub(super) fn parse(text: &str) -> Result<(Truth, Vec<String>), String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
        names: Vec::new(),
        depth: 0,
    };
    let root = parser.any()?;
    match parser.peek() {
        None => Ok((root, parser.names)),
        Some(token) => Err(format!("unexpected {token}; join conditions with and, or")),
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
