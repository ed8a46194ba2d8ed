//! What counts as voting in triggers, where that is not all of E.

/// What counts as voting, as an extension says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Turnout {
    /// The points of all, where stakes are split from points and not from tokens.
    pub points: Option<f64>,
    /// What is staked, where what is not counts in part only.
    pub staked: Option<Staked>,
    /// The least share of S that counts.
    pub min_share: f64,
    /// The least trigger, as a share of the largest possible conviction.
    pub min_points: f64,
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
        self.points.unwrap_or(effective)
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
            points: Some(70.0),
            ..Turnout::default()
        };
        assert_eq!((of(points), points.votes(1000.0)), (70.0, 70.0));
    }
}
