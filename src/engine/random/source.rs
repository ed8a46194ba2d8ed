//! Draws from the distributions of models.

use super::{Seeds, Stream};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Converts bits to a uniform of 53 bits in [0, 1).
#[inline(always)]
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// Computes a standard normal from two uniforms in [0, 1): √(−2 ln(1 − u₁)) cos 2πu₂ (Box and Muller, Annals of
/// Mathematical Statistics 29, 1958). The sine partner is not used, so every normal takes two uniforms.
///
/// ```
/// # use conviction::engine::normal;
/// assert_eq!(normal(0.0, 0.3), 0.0);
/// let one = 1.0 - libm::exp(-0.5);
/// assert!((normal(one, 0.0) - 1.0).abs() < 1e-15);
/// assert!((normal(one, 0.5) + 1.0).abs() < 1e-15);
/// ```
pub fn normal(u1: f64, u2: f64) -> f64 {
    libm::sqrt(-2.0 * libm::log(1.0 - u1)) * libm::cos(std::f64::consts::TAU * u2)
}

/// Stream of random numbers.
#[derive(Clone, Debug)]
pub struct Source(Xoshiro256PlusPlus);

impl Default for Source {
    /// Returns the stream of seed 0, which belongs to no world.
    fn default() -> Self {
        Self::seeded(0)
    }
}

impl Source {
    /// Creates the stream of a seed.
    pub(super) fn seeded(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// Creates a stream of the sweep itself, outside every run: for designs and scrambling.
    pub fn of_design(root: u64, purpose: u64) -> Self {
        // Worlds are numbered from 0; the last number is never used.
        let seeds = Seeds {
            root,
            world: u64::MAX,
        };
        seeds.source(Stream {
            number: purpose,
            name: None,
        })
    }

    /// Returns 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Draws from the uniform distribution on [0, 1).
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        unit(self.0.next_u64())
    }

    /// Draws an exponential with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.uniform())
    }

    /// Draws a normal with mean 0 and deviation 1; see [`normal`].
    pub fn normal(&mut self) -> f64 {
        let [u1, u2] = std::array::from_fn(|_| self.uniform());
        normal(u1, u2)
    }

    /// Draws a gamma with shape `N` and scale 1, the sum of `N` exponentials, with one logarithm of a product.
    pub fn gamma<const N: usize>(&mut self) -> f64 {
        -libm::log((0..N).map(|_| 1.0 - self.uniform()).product())
    }

    /// Draws four exponentials with mean 1 at the cost of one logarithm: three uniforms divide their sum
    /// (Devroye, Non-Uniform Random Variate Generation, 1986, chapter V, section 2).
    #[inline]
    pub fn exponentials(&mut self) -> [f64; 4] {
        let sum = self.gamma::<4>();
        let [a, b, c] = std::array::from_fn(|_| self.uniform());
        let (low, high) = (a.min(b), a.max(b));
        let (least, rest) = (low.min(c), low.max(c));
        let (middle, most) = (rest.min(high), rest.max(high));
        [least, middle - least, most - middle, 1.0 - most].map(|share| sum * share)
    }

    /// Draws uniformly from 0 … `n` − 1, for `n` ≥ 1, by multiply and shift (bias below n / 2⁶⁴).
    #[inline]
    pub fn index(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// Draws the number of the first success, from 1, in trials with this chance; `u32::MAX` if it takes
    /// longer.
    #[inline]
    pub fn geometric(&mut self, chance: f64) -> u32 {
        Geometric::new(chance).wait(self.exponential())
    }
}

/// Geometric law: number of trials until the first success.
#[derive(Clone, Copy, Debug)]
pub struct Geometric {
    /// −ln(1 − chance), or infinite for a chance of 1.
    rate: f64,
    least: u32,
}

impl Geometric {
    /// Creates the law for a chance; trials with a chance of 0 or less never succeed.
    pub fn new(chance: f64) -> Self {
        let never = chance.is_nan() || chance <= 0.0;
        Self {
            rate: -libm::log1p(-chance.clamp(0.0, 1.0)),
            least: if never { u32::MAX } else { 1 },
        }
    }

    /// Converts an exponential with mean 1 to the number of the first success, from 1; `u32::MAX` if it takes
    /// longer.
    #[inline]
    pub fn wait(self, exponential: f64) -> u32 {
        // Casts saturate, and convert NaN to 0.
        let failures = (exponential / self.rate) as u32;
        failures.saturating_add(1).max(self.least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, Exp1, Gamma, StandardNormal};

    const DRAWS: usize = 20_000;

    fn source(root: u64, stream: u32) -> Source {
        Seeds { root, world: 0 }.source(Stream::numbered(stream))
    }

    /// Returns the greatest distance between the empirical distributions of two samples.
    fn distance(mut a: Vec<f64>, mut b: Vec<f64>) -> f64 {
        a.sort_by(f64::total_cmp);
        b.sort_by(f64::total_cmp);
        let below = |sample: &[f64], x: f64| sample.partition_point(|&v| v <= x) as f64;
        let apart = |&x: &f64| (below(&a, x) - below(&b, x)).abs() / DRAWS as f64;
        a.iter().chain(&b).map(apart).fold(0.0, f64::max)
    }

    /// The 0.1 % point of the two-sample statistic.
    fn critical() -> f64 {
        1.95 * (2.0 / DRAWS as f64).sqrt()
    }

    #[test]
    fn exponentials_normals_and_gammas_follow_the_laws_of_rand_distr() {
        let mut ours = source(1, 5);
        let mut theirs = Xoshiro256PlusPlus::seed_from_u64(2);
        let exponential = distance(
            (0..DRAWS).map(|_| ours.exponential()).collect(),
            (0..DRAWS).map(|_| Exp1.sample(&mut theirs)).collect(),
        );
        assert!(exponential < critical(), "{exponential}");
        let normal = distance(
            (0..DRAWS).map(|_| ours.normal()).collect(),
            (0..DRAWS)
                .map(|_| StandardNormal.sample(&mut theirs))
                .collect(),
        );
        assert!(normal < critical(), "{normal}");
        let gamma = Gamma::new(3.0, 1.0).unwrap();
        let gamma = distance(
            (0..DRAWS).map(|_| ours.gamma::<3>()).collect(),
            (0..DRAWS).map(|_| gamma.sample(&mut theirs)).collect(),
        );
        assert!(gamma < critical(), "{gamma}");
    }

    #[test]
    fn four_exponentials_are_independent_and_each_follows_its_law() {
        let mut stream = source(6, 2);
        let drawn: Vec<[f64; 4]> = (0..DRAWS).map(|_| stream.exponentials()).collect();
        let mut theirs = Xoshiro256PlusPlus::seed_from_u64(7);
        for place in 0..4 {
            let theirs = (0..DRAWS).map(|_| Exp1.sample(&mut theirs)).collect();
            let apart = distance(drawn.iter().map(|four| four[place]).collect(), theirs);
            assert!(apart < critical(), "place {place}: {apart}");
            for other in 0..place {
                // Both have mean and variance 1, so this is their correlation.
                let products = drawn.iter().map(|d| (d[place] - 1.0) * (d[other] - 1.0));
                let correlation = products.sum::<f64>() / DRAWS as f64;
                assert!(
                    correlation.abs() < 4.0 / (DRAWS as f64).sqrt(),
                    "{place}, {other}: {correlation}"
                );
            }
        }
    }

    #[test]
    fn a_geometric_wait_follows_the_law_of_daily_draws() {
        let mut stream = source(3, 9);
        for chance in [0.02, 0.3, 0.9] {
            let waits: Vec<f64> = (0..DRAWS)
                .map(|_| f64::from(stream.geometric(chance)))
                .collect();
            let daily: Vec<f64> = (0..DRAWS)
                .map(|_| {
                    (1..)
                        .find(|_| stream.uniform() < chance)
                        .map_or(0.0, f64::from)
                })
                .collect();
            let apart = distance(waits, daily);
            assert!(apart < critical(), "chance {chance}: {apart}");
        }
        assert_eq!(stream.geometric(1.0), 1);
        assert_eq!(stream.geometric(0.0), u32::MAX);
        assert_eq!(stream.geometric(-0.5), u32::MAX);
        assert_eq!(stream.geometric(f64::NAN), u32::MAX);
    }

    #[test]
    fn indexes_are_even_and_streams_apart() {
        let mut stream = source(4, 8);
        let mut counts = [0; 7];
        for _ in 0..70_000 {
            counts[stream.index(7)] += 1;
        }
        assert!(
            counts.iter().all(|&n| (9_500..10_500).contains(&n)),
            "{counts:?}"
        );
        // Streams with another number, world, root or name differ.
        let first = |root, world, stream| Seeds { root, world }.source(stream).bits();
        let one = first(5, 1, Stream::numbered(4));
        assert_eq!(one, first(5, 1, Stream::numbered(4)));
        for other in [
            first(5, 1, Stream::numbered(5)),
            first(5, 2, Stream::numbered(4)),
            first(6, 1, Stream::numbered(4)),
            first(5, 1, Stream::named("arrivals")),
        ] {
            assert_ne!(one, other);
        }
        assert_ne!(Stream::named("a"), Stream::named("b"));
    }
}
