//! Randomness: root seed → run → named stream.
//!
//! Each process of the model (arrivals, affinities, engagement, …) has a stream of its own, so that
//! an extra draw in one does not shift another. A stream is Xoshiro256++ (Blackman and Vigna),
//! seeded through SplitMix64 from the root seed, the world's number and the stream's number:
//!
//! ```text
//! seed(root, world, stream) = mix(mix(mix(root) ^ world) ^ stream)
//! mix(x) = the first output of SplitMix64 seeded with x
//! ```
//!
//! The two processes that draw most (affinities and engagement) use eight generators in lockstep
//! ([`Lanes`]). The derivation is pinned by tests: a change to it changes every result, and so the
//! version of the results.
//!
//! Exponentials are −ln(1 − u), and a gamma of whole shape is −ln of a product, through the `libm`
//! crate: the ziggurats of `rand_distr` call the platform's `ln` and `exp`, whose last digit
//! differs between platforms.

mod lanes;

pub use lanes::Lanes;
use rand::{Rng, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};

/// The named streams of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Stream {
    /// Holdings and sentiment of the initial participants.
    InitialParticipants,
    /// Requests of the initial proposals.
    InitialRequests,
    /// The influence network, newcomers' links included.
    Influence,
    /// The conflict network, new proposals' links included.
    Conflict,
    /// Whether a participant arrives.
    Arrivals,
    /// Holdings and sentiment of newcomers.
    Newcomers,
    /// Whether proposals arrive.
    Proposing,
    /// What new proposals request.
    Requests,
    /// Who proposes.
    Proposers,
    /// How and when active proposals end.
    Progress,
}

/// How many scalar streams there are; the streams of affinities and engagement are numbered next.
const SCALAR_STREAMS: usize = Stream::Progress as usize + 1;

/// A uniform of 53 bits in [0, 1).
#[inline(always)]
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// The first output of SplitMix64 seeded with `x`: a hash of 64 bits.
pub(crate) fn mix(x: u64) -> u64 {
    SplitMix64::seed_from_u64(x).next_u64()
}

/// The seed of one stream in one world.
fn stream_seed(root: u64, world: u64, stream: u64) -> u64 {
    mix(mix(mix(root) ^ world) ^ stream)
}

/// One stream of random numbers.
#[derive(Clone, Debug)]
pub struct Source(Xoshiro256PlusPlus);

impl Source {
    /// A stream of the sweep's own, outside every run: designs and scrambling.
    pub fn of_design(root: u64, purpose: u64) -> Self {
        // Worlds are numbered from 0; the last number is no world's.
        Self(Xoshiro256PlusPlus::seed_from_u64(stream_seed(
            root,
            u64::MAX,
            purpose,
        )))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform on [0, 1).
    pub fn uniform(&mut self) -> f64 {
        unit(self.0.next_u64())
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.uniform())
    }

    /// Gamma with shape `N` and scale 1, the sum of `N` exponentials: one logarithm of a product.
    pub fn gamma<const N: usize>(&mut self) -> f64 {
        -libm::log((0..N).map(|_| 1.0 - self.uniform()).product())
    }

    /// Four exponentials with mean 1 for the price of one logarithm: three uniforms split what they
    /// come to in sum (Devroye, Non-Uniform Random Variate Generation, 1986, chapter V, section 2).
    pub fn exponentials(&mut self) -> [f64; 4] {
        let sum = self.gamma::<4>();
        let [a, b, c] = std::array::from_fn(|_| self.uniform());
        let (low, high) = (a.min(b), a.max(b));
        let (least, rest) = (low.min(c), low.max(c));
        let (middle, most) = (rest.min(high), rest.max(high));
        [least, middle - least, most - middle, 1.0 - most].map(|share| sum * share)
    }

    /// Uniform on 0 … `n` − 1, for `n` ≥ 1, by multiply and shift (bias below n / 2⁶⁴).
    pub fn index(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// The number of the first success, from 1, in trials of this chance; `u32::MAX` when none
    /// comes in that many.
    pub fn geometric(&mut self, chance: f64) -> u32 {
        Geometric::new(chance).wait(self.exponential())
    }
}

/// The law of how long a success is awaited, in trials of one chance.
#[derive(Clone, Copy, Debug)]
pub struct Geometric {
    /// −ln(1 − chance), or infinite for a chance of 1.
    rate: f64,
    least: u32,
}

impl Geometric {
    /// The law for a chance; one that is not above 0 never succeeds.
    pub fn new(chance: f64) -> Self {
        let never = chance.is_nan() || chance <= 0.0;
        Self {
            rate: -libm::log1p(-chance.clamp(0.0, 1.0)),
            least: if never { u32::MAX } else { 1 },
        }
    }

    /// The number of the first success, from 1, that an exponential with mean 1 comes to; `u32::MAX`
    /// when none comes in that many.
    #[inline]
    pub fn wait(self, exponential: f64) -> u32 {
        // A cast saturates, and makes 0 of what is not a number.
        let failures = (exponential / self.rate) as u32;
        failures.saturating_add(1).max(self.least)
    }
}

/// The random numbers of one run.
#[derive(Clone, Debug, bevy_ecs::component::Component)]
pub struct Streams {
    scalar: [Source; SCALAR_STREAMS],
    /// Affinities.
    pub affinities: Lanes,
    /// Engagement.
    pub engagement: Lanes,
}

impl Streams {
    /// The streams of world number `world` under the root seed.
    pub fn new(root: u64, world: u64) -> Self {
        let seed = |stream: usize| stream_seed(root, world, stream as u64);
        Self {
            scalar: std::array::from_fn(|i| Source(Xoshiro256PlusPlus::seed_from_u64(seed(i)))),
            affinities: Lanes::new(seed(SCALAR_STREAMS)),
            engagement: Lanes::new(seed(SCALAR_STREAMS + 1)),
        }
    }

    /// A stream by name.
    #[inline]
    pub fn stream(&mut self, stream: Stream) -> &mut Source {
        &mut self.scalar[stream as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, Exp1, Gamma};

    const DRAWS: usize = 20_000;

    /// The greatest distance between the empirical distributions of two samples.
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
    fn exponentials_and_gammas_follow_the_laws_of_rand_distr() {
        let mut ours = Streams::new(1, 0);
        let ours = ours.stream(Stream::Newcomers);
        let mut theirs = Xoshiro256PlusPlus::seed_from_u64(2);
        let exponential = distance(
            (0..DRAWS).map(|_| ours.exponential()).collect(),
            (0..DRAWS).map(|_| Exp1.sample(&mut theirs)).collect(),
        );
        assert!(exponential < critical(), "{exponential}");
        let gamma = Gamma::new(3.0, 1.0).unwrap();
        let gamma = distance(
            (0..DRAWS).map(|_| ours.gamma::<3>()).collect(),
            (0..DRAWS).map(|_| gamma.sample(&mut theirs)).collect(),
        );
        assert!(gamma < critical(), "{gamma}");
    }

    #[test]
    fn four_exponentials_are_independent_and_each_follows_its_law() {
        let mut streams = Streams::new(6, 0);
        let stream = streams.stream(Stream::Influence);
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
        let mut streams = Streams::new(3, 0);
        let stream = streams.stream(Stream::Progress);
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
        let mut streams = Streams::new(4, 0);
        let mut counts = [0; 7];
        for _ in 0..70_000 {
            counts[streams.stream(Stream::Proposers).index(7)] += 1;
        }
        assert!(
            counts.iter().all(|&n| (9_500..10_500).contains(&n)),
            "{counts:?}"
        );
        // A draw in one stream moves no other.
        let (mut a, mut b) = (Streams::new(5, 1), Streams::new(5, 1));
        a.stream(Stream::Arrivals).uniform();
        assert_eq!(
            a.stream(Stream::Requests).bits(),
            b.stream(Stream::Requests).bits()
        );
        assert_ne!(
            a.stream(Stream::Arrivals).bits(),
            b.stream(Stream::Arrivals).bits()
        );
        assert_ne!(
            Streams::new(5, 2).stream(Stream::Requests).bits(),
            b.stream(Stream::Requests).bits()
        );
    }
}
