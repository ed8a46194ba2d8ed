//! Defines the laws of holdings, as unit variates to which holdings are proportional.

use crate::engine::Source;

/// Law of holdings, other than the published exponential one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law<'a> {
    /// Equal holdings.
    Equal,
    /// e^(σz), z normal.
    Lognormal {
        /// σ.
        sigma: f64,
    },
    /// (1 − u)^(−1/a), u uniform.
    Pareto {
        /// a.
        tail: f64,
    },
    /// A uniform choice from a list.
    Listed(&'a [f64]),
}

impl Law<'_> {
    /// Draws a variate; takes one uniform number, two for lognormal, none for equal.
    pub fn draw(self, source: &mut Source) -> f64 {
        match self {
            Self::Equal => 1.0,
            Self::Lognormal { sigma } => libm::exp(sigma * source.normal()),
            Self::Pareto { tail } => libm::pow(1.0 - source.uniform(), -1.0 / tail),
            Self::Listed(listed) => listed[source.index(listed.len())],
        }
    }

    /// Returns the mean of the variates: e^(σ²/2), a/(a − 1); `None` for a pareto law without a mean, a ≤ 1.
    pub fn mean(self) -> Option<f64> {
        match self {
            Self::Equal => Some(1.0),
            Self::Lognormal { sigma } => Some(libm::exp(sigma * sigma / 2.0)),
            Self::Pareto { tail } => (tail > 1.0).then(|| tail / (tail - 1.0)),
            Self::Listed(listed) => Some(listed.iter().sum::<f64>() / listed.len() as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Concentration;
    use super::*;

    /// Gini coefficients of whole populations: 2Φ(σ/√2) − 1 and 1/(2a − 1).
    #[test]
    fn populations_are_as_unequal_as_their_laws_say() {
        const DRAWS: usize = 400_000;
        let mut source = Source::of_design(3, 1);
        let mut expect = |law: Law, gini: f64, tolerance: f64| {
            let mut drawn: Vec<_> = (0..DRAWS).map(|_| law.draw(&mut source)).collect();
            let found = Concentration::of(&mut drawn).gini;
            assert!((found - gini).abs() < tolerance, "{law:?}: {found}");
        };
        expect(Law::Equal, 0.0, 1e-12);
        for (sigma, gini) in [(0.5, 0.2763), (1.0, 0.5205), (1.5, 0.7112), (2.0, 0.8427)] {
            expect(Law::Lognormal { sigma }, gini, 0.006);
        }
        expect(Law::Lognormal { sigma: 2.5 }, 0.9229, 0.01);
        for tail in [2.5, 4.0] {
            expect(Law::Pareto { tail }, 1.0 / (2.0 * tail - 1.0), 0.01);
        }
    }

    #[test]
    fn means() {
        let mut source = Source::of_design(4, 1);
        let listed = [1.0, 2.0, 6.0];
        for law in [
            Law::Equal,
            Law::Lognormal { sigma: 0.8 },
            Law::Pareto { tail: 4.0 },
            Law::Listed(&listed),
        ] {
            let drawn: f64 = (0..100_000).map(|_| law.draw(&mut source)).sum();
            let ratio = drawn / 1e5 / law.mean().unwrap();
            assert!((ratio - 1.0).abs() < 0.02, "{law:?}: {ratio}");
        }
        assert_eq!(Law::Pareto { tail: 1.0 }.mean(), None);
    }
}
