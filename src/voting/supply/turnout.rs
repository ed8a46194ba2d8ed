//! What counts as voting in triggers, where that is not all of E.

/// What counts as voting, as an extension says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Turnout {
    /// Points, where stakes are split from points and not from tokens.
    pub points: Option<InPoints>,
    /// What is staked, where what is not counts in part only.
    pub staked: Option<Staked>,
    /// The least share of S that counts.
    pub min_share: f64,
    /// The least trigger, as a share of the largest possible conviction.
    pub min_points: f64,
}

/// Points instead of tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InPoints {
    /// How many an account has.
    pub law: Points,
    /// An account with fewer tokens, Honey, has none.
    pub least_held: f64,
    /// Those of all accounts.
    pub of_all: f64,
}

impl InPoints {
    /// The points of an account with so many tokens, Honey.
    #[inline]
    pub fn of(&self, tokens: f64) -> f64 {
        if tokens < self.least_held {
            return 0.0;
        }
        self.law.of(tokens)
    }
}

/// How many points an account has for its tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Points {
    /// One for each token.
    Tokens,
    /// One for each token, up to so many.
    Capped(f64),
    /// The square root of its tokens.
    Quadratic,
    /// So many, if it holds anything.
    Equal(f64),
}

impl Points {
    /// The points of an account with so many tokens, Honey.
    #[inline]
    pub fn of(self, tokens: f64) -> f64 {
        match self {
            Self::Tokens => tokens,
            Self::Capped(cap) => tokens.min(cap),
            Self::Quadratic => tokens.sqrt(),
            Self::Equal(each) => each * f64::from(tokens > 0.0),
        }
    }
}

/// What is staked, and how much of the rest counts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Staked {
    /// Tokens staked, Honey.
    pub tokens: f64,
    /// The share of the others that counts besides.
    pub abstain: f64,
}

impl Turnout {
    /// All that may be staked, with this E: E, or the points of all.
    pub fn votes(&self, effective: f64) -> f64 {
        self.points.map_or(effective, |points| points.of_all)
    }

    /// T, what counts with this E and S, Honey: what is staked and a share of the rest, or all; and a share
    /// of S at least.
    pub fn counted(&self, effective: f64, total: f64) -> f64 {
        let all = self.votes(effective);
        let counted = match self.staked {
            None => all,
            Some(Staked { tokens, abstain }) => {
                let staked = tokens.min(all);
                staked + abstain * (all - staked)
            }
        };
        counted.max(self.min_share * total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_for_tokens() {
        for (law, expected) in [
            (Points::Capped(100.0), [0.0, 4.0, 100.0]),
            (Points::Quadratic, [0.0, 2.0, 30.0]),
            (Points::Tokens, [0.0, 4.0, 900.0]),
            (Points::Equal(1.0), [0.0, 1.0, 1.0]),
        ] {
            assert_eq!([0.0, 4.0, 900.0].map(|tokens| law.of(tokens)), expected);
        }
    }

    /// Quadratic points of tokens split over m accounts are √m times as many.
    #[test]
    fn accounts_multiply_quadratic_points() {
        for accounts in [1.0, 4.0, 9.0, 50.0] {
            let all = accounts * Points::Quadratic.of(1000.0 / accounts);
            let one = Points::Quadratic.of(1000.0);
            assert!((all / one - accounts.sqrt()).abs() < 1e-12);
        }
    }

    #[test]
    fn what_counts() {
        let of = |turnout: Turnout| turnout.counted(1000.0, 5000.0);
        let staked = |tokens, abstain| Turnout {
            staked: Some(Staked { tokens, abstain }),
            ..Turnout::default()
        };
        assert_eq!(of(Turnout::default()), 1000.0);
        assert_eq!(of(staked(300.0, 0.0)), 300.0);
        assert_eq!(of(staked(300.0, 0.5)), 650.0);
        assert_eq!(of(staked(300.0, 1.0)), 1000.0);
        let least = Turnout {
            min_share: 0.1,
            ..staked(300.0, 0.0)
        };
        assert_eq!(of(least), 500.0);
        let points = Turnout {
            points: Some(InPoints {
                law: Points::Quadratic,
                least_held: 4.0,
                of_all: 70.0,
            }),
            ..Turnout::default()
        };
        assert_eq!((of(points), points.votes(1000.0)), (70.0, 70.0));
        let in_points = points.points.unwrap();
        assert_eq!(
            [3.9, 4.0, 9.0].map(|held| in_points.of(held)),
            [0.0, 2.0, 3.0]
        );
    }
}
