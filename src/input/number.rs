//! Reads numbers as people and spreadsheets write them: decimal point or comma, thousands separators, percent
//! or currency sign. An ambiguous cell is read only if other cells settle its meaning.

/// A value of an unknown type.
#[derive(Clone, Debug, PartialEq)]
pub enum RawValue {
    /// A number.
    Number(f64),
    /// Anything else.
    Word(String),
}

impl std::fmt::Display for RawValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(v) => write!(f, "{v}"),
            Self::Word(v) => write!(f, "\"{v}\""),
        }
    }
}

/// Thousands separators, besides the point or comma that is not the decimal mark.
const GROUP_MARKS: [char; 7] = [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '’', '_'];

/// Percent and currency signs before or after an amount.
const SIGNS: [char; 7] = ['%', '$', '€', '£', '¥', '₿', 'Ξ'];

/// Decimal mark of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decimal {
    Point,
    Comma,
}

/// Possible readings of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Readings {
    /// Number, if the decimal mark is a point.
    point: Option<f64>,
    /// Number, if the decimal mark is a comma.
    comma: Option<f64>,
    /// Sign before or after the number.
    sign: Option<char>,
}

impl Readings {
    fn of(cell: &str) -> Self {
        if let Some(plain) = Self::of_plain(cell) {
            return plain;
        }
        let (cell, sign) = without_sign(cell.trim());
        Self {
            point: read(cell, Decimal::Point, sign),
            comma: read(cell, Decimal::Comma, sign),
            sign,
        }
    }

    /// Parses a number as programs write it, by a fast path; returns `None` for any other cell.
    fn of_plain(cell: &str) -> Option<Self> {
        let is_plain = |byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
        if !cell.bytes().all(is_plain) {
            return None;
        }
        // Three digits after a point may be thousands.
        let is_whole = match cell.split_once('.') {
            None => true,
            Some((_, rest)) if rest.len() == 3 || rest.contains('.') => return None,
            Some(_) => false,
        };
        let number = cell
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())?;
        Some(Self {
            point: Some(number),
            comma: is_whole.then_some(number),
            sign: None,
        })
    }

    fn is_number(self) -> bool {
        self.point.is_some() || self.comma.is_some()
    }

    /// Returns the number, if it is unambiguous.
    fn certain(self) -> Option<f64> {
        match (self.point, self.comma) {
            (Some(one), Some(other)) => (one.to_bits() == other.to_bits()).then_some(one),
            (one, other) => one.or(other),
        }
    }
}

/// Evidence of the decimal mark that a set of cells uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Some cell is a number only with a decimal point.
    point: bool,
    /// Some cell is a number only with a decimal comma.
    comma: bool,
}

impl Evidence {
    fn add(&mut self, readings: Readings) {
        self.point |= readings.comma.is_none() && readings.point.is_some();
        self.comma |= readings.point.is_none() && readings.comma.is_some();
    }

    /// Collects the evidence of a column of cells.
    pub fn of<'c>(cells: impl IntoIterator<Item = &'c str>) -> Self {
        let mut evidence = Self::default();
        for cell in cells {
            evidence.add(Readings::of(cell));
        }
        evidence
    }

    fn decimal(self) -> Option<Decimal> {
        match (self.point, self.comma) {
            (true, false) => Some(Decimal::Point),
            (false, true) => Some(Decimal::Comma),
            _ => None,
        }
    }
}

/// Parses the cells of a column; `file` is the evidence of the whole file. Ambiguous cells and cells that are
/// not numbers remain words.
pub fn values<'c>(cells: impl Iterator<Item = &'c str> + Clone, file: Evidence) -> Vec<RawValue> {
    let mut evidence = Evidence::default();
    // All cells must have the same sign: 12 % beside 0.3 is probably a mistake.
    let (mut sign, mut uniform) = (None, true);
    for (place, readings) in cells
        .clone()
        .map(Readings::of)
        .filter(|readings| readings.is_number())
        .enumerate()
    {
        evidence.add(readings);
        uniform &= place == 0 || sign == readings.sign;
        sign = readings.sign;
    }
    let number = |cell: &str| {
        let readings = Readings::of(cell);
        if !uniform && readings.sign.is_some() {
            return None;
        }
        readings.certain().or_else(|| {
            match evidence.decimal().or_else(|| file.decimal()) {
                Some(Decimal::Comma) if evidence.decimal().is_some() || cell.contains(',') => {
                    readings.comma
                }
                Some(Decimal::Point) => readings.point,
                // A lone point is a decimal point, as every program writes it, unless the file indicates
                // otherwise.
                None if !file.comma && !cell.contains(',') => readings.point,
                _ => None,
            }
        })
    };
    cells
        .map(|cell| match number(cell) {
            Some(number) => RawValue::Number(number),
            None => RawValue::Word(cell.to_owned()),
        })
        .collect()
}

/// Returns the only number that a word can mean: 0.3 for `30%`, `0,3` and `$0.30`.
pub fn meant(word: &str) -> Option<f64> {
    Readings::of(word).certain()
}

/// Explains how to rewrite a cell that was not read as a number.
pub fn advice(word: &str) -> String {
    const MISSING: [&str; 10] = [
        "", "-", "–", "na", "n/a", "#n/a", "nan", "null", "none", "nil",
    ];
    let readings = Readings::of(word);
    match (readings.point, readings.comma) {
        (Some(point), Some(comma)) if point != comma => {
            format!(
                "could be {point} or {comma}; write it with a decimal point and no thousands separators"
            )
        }
        _ if readings.sign.is_some() && readings.is_number() => {
            "other cells of the column have another sign or none; write plain numbers".to_owned()
        }
        _ if MISSING.contains(&word.trim().to_lowercase().as_str()) => "value missing".to_owned(),
        _ if word.chars().any(|c| c.is_ascii_digit()) => {
            "write it as a plain number, such as 1234.5".to_owned()
        }
        _ => "not a number".to_owned(),
    }
}

/// Splits a sign before or after the number off the cell.
fn without_sign(cell: &str) -> (&str, Option<char>) {
    let before = cell.strip_prefix(SIGNS).filter(|_| !cell.starts_with('%'));
    if let Some(rest) = before {
        return (rest.trim_start(), cell.chars().next());
    }
    match cell.strip_suffix(SIGNS) {
        Some(rest) => (rest.trim_end(), cell.chars().last()),
        None => (cell, None),
    }
}

/// Parses a text as a number with this decimal mark; a percent sign divides it by 100.
fn read(text: &str, decimal: Decimal, sign: Option<char>) -> Option<f64> {
    let (minus, text) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (mark, other) = match decimal {
        Decimal::Point => ('.', ','),
        Decimal::Comma => (',', '.'),
    };
    let (whole, decimals) = mantissa.split_once(mark).unwrap_or((mantissa, ""));
    let whole = ungrouped(whole, other)?;
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(decimals) || whole.is_empty() && decimals.is_empty() {
        return None;
    }
    let exponent = match sign {
        Some('%') => exponent.checked_sub(2)?,
        _ => exponent,
    };
    let number: f64 = format!("{minus}{whole}.{decimals}e{exponent}")
        .parse()
        .ok()?;
    number.is_finite().then_some(number)
}

/// Removes thousands separators from a whole number.
fn ungrouped(whole: &str, other: char) -> Option<String> {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits(whole) {
        return Some(whole.to_owned());
    }
    let is_mark = |c: &char| *c == other || GROUP_MARKS.contains(c);
    let mark = whole.chars().find(is_mark)?;
    let groups: Vec<_> = whole.split(mark).collect();
    let (first, rest) = groups.split_first()?;
    let (last, middle) = rest.split_last()?;
    let thousands = (1..=3).contains(&first.len()) && middle.iter().all(|group| group.len() == 3);
    // Indian grouping, as in 1,50,071.
    let lakhs = mark == ','
        && !middle.is_empty()
        && first.len() <= 2
        && middle.iter().all(|group| group.len() == 2);
    let grouped = (thousands || lakhs && !first.is_empty()) && last.len() == 3;
    (grouped && !first.starts_with('0') && groups.iter().all(|group| is_digits(group)))
        .then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[&str]) -> Vec<Option<f64>> {
        let all = values(cells.iter().copied(), Evidence::of(cells.iter().copied()));
        let number = |value| match value {
            RawValue::Number(number) => Some(number),
            RawValue::Word(_) => None,
        };
        all.into_iter().map(number).collect()
    }

    #[test]
    fn a_cell_that_can_be_one_number_only_is_read() {
        for (cell, number) in [
            ("0.1", 0.1),
            ("2E+3", 2000.0),
            ("-1.5e-3", -0.0015),
            ("\u{2212}3", -3.0),
            ("+.5", 0.5),
            ("5.", 5.0),
            ("1500000000000000000000", 1.5e21),
            ("2130924.609038455654704294", 2_130_924.609_038_456),
            ("150,071.71779129", 150071.71779129),
            ("1,234,567", 1234567.0),
            ("1,50,071.5", 150071.5),
            ("1.234.567,5", 1234567.5),
            ("1 234 567.5", 1234567.5),
            ("1\u{202f}234,5", 1234.5),
            ("1'234.5", 1234.5),
            ("0,125", 0.125),
            ("3,5", 3.5),
            ("1,5E+3", 1500.0),
            ("20%", 0.2),
            ("0,1 %", 0.001),
            ("12.5 %", 0.125),
            ("$1,234.50", 1234.5),
            ("5 €", 5.0),
        ] {
            assert_eq!(column(&[cell]), [Some(number)], "{cell}");
            assert_eq!(meant(cell), Some(number), "{cell}");
        }
    }

    #[test]
    fn what_is_no_number_stays_a_word() {
        for cell in [
            "",
            "v3",
            "nan",
            "inf",
            "Infinity",
            "1e999",
            "0x10",
            "1.2.3",
            "1,23,4",
            "12,34.5",
            "2020-08-05",
            "1e",
            "e5",
            ".",
            ",",
            "-",
            "%",
            "%5",
            "1 2",
            "1,,234",
            "5 HNY",
            "1_00",
            "--1",
            "١",
        ] {
            assert_eq!(column(&[cell]), [None], "{cell}");
        }
    }

    #[test]
    fn what_could_be_two_numbers_is_settled_by_other_cells_or_not_read() {
        assert_eq!(column(&["1,234"]), [None]);
        assert!(advice("1,234").starts_with("could be 1234 or 1.234"));
        assert_eq!(column(&["1,234", "0.5"]), [Some(1234.0), Some(0.5)]);
        assert_eq!(column(&["1,234", "0,5"]), [Some(1.234), Some(0.5)]);
        assert_eq!(column(&["1.234", "12"]), [Some(1.234), Some(12.0)]);
        assert_eq!(
            column(&["1.234", "12.345,6"]),
            [Some(1234.0), Some(12345.6)]
        );
        assert_eq!(
            column(&["1,234", "0.5", "0,5"]),
            [None, Some(0.5), Some(0.5)]
        );
        // Other columns settle it: in a file with decimal commas, a point may be either.
        let beside = |cells: &[&str], file: &[&str]| {
            values(cells.iter().copied(), Evidence::of(file.iter().copied()))
        };
        assert_eq!(beside(&["1,234"], &["0,5"]), [RawValue::Number(1.234)]);
        assert_eq!(beside(&["1,234"], &["0.5"]), [RawValue::Number(1234.0)]);
        assert_eq!(
            beside(&["1.234"], &["0,5"]),
            [RawValue::Word("1.234".to_owned())]
        );
    }

    #[test]
    fn signs_stand_in_every_cell_or_in_none() {
        assert_eq!(column(&["20%", "30%"]), [Some(0.2), Some(0.3)]);
        assert_eq!(column(&["20%", "0.3"]), [None, Some(0.3)]);
        assert_eq!(column(&["$5", "€5"]), [None, None]);
        assert!(advice("20%").contains("other cells"));
        assert_eq!(advice("NaN"), "value missing");
    }
}
