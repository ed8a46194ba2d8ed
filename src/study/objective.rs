//! Defines objectives: outcomes with a goal, and the criterion that each should meet.

use crate::engine::{Goal, closest_name};
use std::fmt;

/// Outcome by which lever settings are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// Name in results.
    pub name: String,
    /// Column of `runs`.
    pub column: String,
    /// Better direction: [`Goal::Max`] or [`Goal::Min`].
    pub goal: Goal,
    /// Criterion, if any.
    pub meet: Option<Meet>,
    /// Treatment of runs without a value.
    pub empty: Empty,
}

/// Criterion: a bound that values should satisfy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meet {
    /// Kind of bound.
    pub bound: Bound,
    /// Limit.
    pub limit: f64,
}

/// A kind of bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `>`
    Above,
}

impl Bound {
    /// All bounds with their signs; two-character signs first.
    const SIGNS: [(&'static str, Self); 4] = [
        ("<=", Self::AtMost),
        (">=", Self::AtLeast),
        ("<", Self::Below),
        (">", Self::Above),
    ];
}

impl Meet {
    /// Parses a criterion such as `<= 0.1`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (bound, limit) = Bound::SIGNS
            .iter()
            .find_map(|(sign, bound)| Some((*bound, text.strip_prefix(sign)?)))?;
        let limit: f64 = limit.trim().parse().ok()?;
        limit.is_finite().then_some(Self { bound, limit })
    }

    /// Returns true if a value meets the criterion; a missing one, NaN, does not.
    pub fn holds(self, value: f64) -> bool {
        match self.bound {
            Bound::AtMost => value <= self.limit,
            Bound::AtLeast => value >= self.limit,
            Bound::Below => value < self.limit,
            Bound::Above => value > self.limit,
        }
    }

    /// Returns the criterion with the limit multiplied by a factor.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self {
            limit: self.limit * factor,
            ..self
        }
    }
}

impl fmt::Display for Meet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = Bound::SIGNS.iter().find(|(_, bound)| *bound == self.bound);
        write!(f, "{} {}", sign.map_or("", |(sign, _)| sign), self.limit)
    }
}

/// Treatment of runs without a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Empty {
    /// Runs without a value fail the criterion; means, quantiles and regret exclude them.
    #[default]
    Fail,
    /// They take the worst observed value.
    Worst,
    /// They are excluded entirely.
    Drop,
}

impl Empty {
    /// All treatments.
    pub const ALL: [Self; 3] = [Self::Fail, Self::Worst, Self::Drop];

    /// Returns the name in specs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Worst => "worst",
            Self::Drop => "drop",
        }
    }
}

/// Column that an objective may name, with its declared goal.
pub type ColumnGoal = (String, Option<Goal>);

/// Reason why a text is not an objective.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ObjectiveError {
    /// Problem, and a fix.
    pub problem: String,
}

fn problem(problem: impl Into<String>) -> ObjectiveError {
    ObjectiveError {
        problem: problem.into(),
    }
}

impl Objective {
    /// Creates an objective on one of the columns. The column's goal is the default.
    ///
    /// # Errors
    /// When the column is unknown, or neither it nor the caller states the better direction.
    pub fn new(
        name: Option<&str>,
        column: &str,
        goal: Option<Goal>,
        columns: &[ColumnGoal],
    ) -> Result<Self, ObjectiveError> {
        let Some((_, own)) = columns.iter().find(|(name, _)| name == column) else {
            let names = columns.iter().map(|(name, _)| name.as_str());
            return Err(problem(match closest_name(column, names) {
                Some(near) => format!("unknown column {column}; did you mean {near}?"),
                None => format!("unknown column {column}; `conviction schema runs` lists all"),
            }));
        };
        let goal = goal.or(*own).filter(|goal| *goal != Goal::Neither);
        let goal = goal.ok_or_else(|| {
            problem(format!(
                "goal of {column} missing; add goal max or goal min"
            ))
        })?;
        Ok(Self {
            name: name.unwrap_or(column).to_owned(),
            column: column.to_owned(),
            goal,
            meet: None,
            empty: Empty::default(),
        })
    }

    /// Parses `NAME = COLUMN [max|min] [meet BOUND] [empty fail|worst|drop]`; the name is optional.
    ///
    /// # Errors
    /// When the text has another form, or as [`Objective::new`].
    pub fn parse(text: &str, columns: &[ColumnGoal]) -> Result<Self, ObjectiveError> {
        let is_sign = |at: usize| text[..at].ends_with(['<', '>']);
        let named = text.match_indices('=').find(|(at, _)| !is_sign(*at));
        let (name, rest) = match named {
            Some((at, _)) => (Some(text[..at].trim()), &text[at + 1..]),
            None => (None, text),
        };
        if name.is_some_and(str::is_empty) {
            return Err(problem("name missing; write NAME = COLUMN"));
        }
        let mut words = rest.split_whitespace();
        let column = words.next();
        let column = column.ok_or_else(|| problem("column missing; write NAME = COLUMN"))?;
        let mut words: Vec<&str> = words.collect();
        let goal = match words.first() {
            Some(&"max") => Some(Goal::Max),
            Some(&"min") => Some(Goal::Min),
            _ => None,
        };
        if goal.is_some() {
            words.remove(0);
        }
        let mut objective = Self::new(name, column, goal, columns)?;
        let mut words = words.as_slice();
        if let ["meet", rest @ ..] = words {
            let end = rest.iter().position(|word| *word == "empty");
            let (bound, rest) = rest.split_at(end.unwrap_or(rest.len()));
            let bound = bound.join(" ");
            let meet = Meet::parse(&bound);
            objective.meet = Some(meet.ok_or_else(|| {
                problem(format!("meet {bound}: expected a bound such as <= 0.1"))
            })?);
            words = rest;
        }
        if let ["empty", name, rest @ ..] = words {
            let empty = Empty::ALL.into_iter().find(|empty| empty.name() == *name);
            objective.empty = empty
                .ok_or_else(|| problem(format!("empty {name}: expected fail, worst or drop")))?;
            words = rest;
        }
        match words.first() {
            None => Ok(objective),
            Some(word) => Err(problem(format!(
                "unexpected {word}; write NAME = COLUMN [max|min] [meet <= LIMIT] [empty fail|worst|drop]"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<ColumnGoal> {
        let columns = [
            ("take", Some(Goal::Min)),
            ("pool", Some(Goal::Neither)),
            ("days", None),
        ];
        columns.map(|(name, goal)| (name.to_owned(), goal)).into()
    }

    #[test]
    fn objectives_are_read_as_written() {
        let parse = |text| Objective::parse(text, &columns()).unwrap();
        let full = parse("t = take max meet <= 0.1 empty worst");
        assert_eq!(
            (&*full.name, &*full.column, full.goal),
            ("t", "take", Goal::Max)
        );
        assert_eq!(
            full.meet,
            Some(Meet {
                bound: Bound::AtMost,
                limit: 0.1
            })
        );
        assert_eq!(full.empty, Empty::Worst);
        assert_eq!(full.meet.unwrap().times(2.0).to_string(), "<= 0.2");
        let short = parse("take meet >=2");
        assert_eq!(
            (&*short.name, short.goal, short.empty),
            ("take", Goal::Min, Empty::Fail)
        );
        assert_eq!(short.meet.unwrap().to_string(), ">= 2");
        assert_eq!(parse("pool max empty drop").empty, Empty::Drop);
    }

    #[test]
    fn wrong_objectives_are_refused_with_a_fix() {
        for (text, expected) in [
            ("", "column missing"),
            ("= take", "name missing"),
            ("t = tke", "did you mean take?"),
            ("pool", "add goal max or goal min"),
            ("days meet < 3", "add goal max or goal min"),
            ("take meet 0.1", "meet 0.1: expected a bound"),
            ("take meet <= inf", "meet <= inf: expected a bound"),
            ("take empty zero", "expected fail, worst or drop"),
            ("take maximise", "unexpected maximise"),
        ] {
            let error = Objective::parse(text, &columns()).unwrap_err().problem;
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn values_on_the_right_side_of_a_limit_meet_it_and_missing_ones_do_not() {
        for sign in ["<=", ">=", "<", ">"] {
            let meet = Meet::parse(&format!("{sign} 1")).unwrap();
            assert!(!meet.holds(f64::NAN));
            assert_eq!(meet.holds(1.0), sign.ends_with('='));
            assert_eq!(meet.holds(0.9), sign.starts_with('<'));
            assert_eq!(meet.holds(1.1), sign.starts_with('>'));
        }
    }
}
