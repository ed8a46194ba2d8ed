//! Computes the votes that count in triggers, if not all of E.

/// Votes that count, as set by an extension.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Turnout {
    /// Points, if stakes are split from points instead of tokens.
    pub points: Option<InPoints>,
    /// Staked tokens, if unstaked ones count only in part.
    pub staked: Option<Staked>,
    /// Minimum share of the supply of the staked token that counts.
    pub min_share: f64,
    /// Minimum trigger, as a share of the largest possible conviction.
    pub min_points: f64,
}

/// Points in place of tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InPoints {
    /// Law that turns tokens into points.
    pub law: Points,
    /// Minimum tokens of an account with points, Honey.
    pub least_held: f64,
    /// Points of all accounts.
    pub of_all: f64,
}

impl InPoints {
    /// Returns the points of an account with these tokens, Honey.
    #[inline]
    pub fn of(&self, tokens: f64) -> f64 {
        if tokens < self.least_held {
            return 0.0;
        }
        self.law.of(tokens)
    }
}

/// Law that turns an account's tokens into points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Points {
    /// One per token.
    Tokens,
    /// One per token, up to a maximum.
    Capped(f64),
    /// Square root of the tokens.
    Quadratic,
    /// A fixed number, for any holdings above 0.
    Equal(f64),
}

impl Points {
    /// Returns the points of an account with this many tokens, Honey.
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

/// Staked tokens, and the share of others that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Staked {
    /// Tokens staked, Honey.
    pub tokens: f64,
    /// Share of unstaked tokens that counts as well.
    pub abstain: f64,
    /// The tokens in units of 10⁻¹⁸, where the start was observed on a chain.
    pub units: Option<i128>,
}

impl Turnout {
    /// Returns everything that may be staked, given E: E, or the points of all accounts.
    pub fn votes(&self, effective: f64) -> f64 {
        self.points.map_or(effective, |points| points.of_all)
    }

    /// Returns T, the votes that count given E and the supply of the staked token, Honey: staked tokens and a
    /// share of the rest, or all; and at least a share of that supply.
    pub fn counted(&self, effective: f64, total: f64) -> f64 {
        let all = self.votes(effective);
        let counted = match self.staked {
            None => all,
            Some(Staked {
                tokens, abstain, ..
            }) => {
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

    /// Splitting tokens over m accounts multiplies quadratic points by √m.
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
            staked: Some(Staked {
                tokens,
                abstain,
                units: None,
            }),
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
