//! What participants think of the candidates that they are seen to support.
//!
//! A participant supports those whose affinity exceeds the cutoff c = max(λ, σ m), where λ is the least affinity to
//! support, σ the sensitivity, and m the greatest affinity of all. Affinities are uniform on (−1, 1). Those for
//! candidates without a stake stay as drawn. Those for the k candidates with one are drawn from the same law given
//! that each of them exceeds the cutoff: with f = max(λ, σ m₀, 0), m₀ being the greatest without a stake, the greatest
//! of them, t, has the weight
//!
//! ```text
//! W(t) = (t − f)^k                                    up to t₀ = min(1, f/σ)
//! W(t) = (t₀ − f)^k + (1 − σ)^(k−1) (t^k − t₀^k)      beyond
//! ```
//!
//! and the others are uniform between max(f, σ t) and t. Where no affinity would do, σ or f being 1 or more, they
//! are 1.

use super::acting::Deciding;
use crate::engine::Source;

/// Draws affinities for `supported` candidates anew, each above the cutoff that follows; `greatest` is the greatest
/// affinity for any other.
pub fn draw_supported(
    source: &mut Source,
    deciding: &Deciding,
    greatest: f64,
    supported: &mut [f64],
) {
    let count = supported.len();
    if count == 0 {
        return;
    }
    let sigma = deciding.sensitivity;
    let floor = deciding
        .lowest_affinity_to_support
        .max(sigma * greatest)
        .max(0.0);
    // As many draws whatever comes of them.
    let first = source.index(count);
    let drawn = source.uniform();
    let top = if sigma < 1.0 && floor < 1.0 {
        greatest_of(count, sigma, floor, drawn)
    } else {
        1.0
    };
    let least = floor.max(sigma * top).min(top);
    for (place, affinity) in supported.iter_mut().enumerate() {
        // From (0, 1].
        let share = 1.0 - source.uniform();
        *affinity = match place == first {
            true => top,
            false => least + share * (top - least),
        };
    }
}

/// The greatest of `count` affinities for which W is the share `drawn` of W(1): above `floor`, at most 1.
fn greatest_of(count: usize, sigma: f64, floor: f64, drawn: f64) -> f64 {
    let k = count as f64;
    let power = |number: f64| libm::pow(number, k);
    let root = |number: f64| libm::pow(number, 1.0 / k);
    let bend = if floor < sigma { floor / sigma } else { 1.0 };
    let narrow = libm::pow(1.0 - sigma, k - 1.0);
    let below = power(bend - floor);
    let all = below + narrow * (1.0 - power(bend));
    // From (0, 1], so that it exceeds the floor.
    let weight = (1.0 - drawn) * all;
    let found = match weight <= below {
        true => floor + root(weight),
        false => root(power(bend) + (weight - below) / narrow),
    };
    found.clamp(floor.next_up(), 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deciding(sensitivity: f64, lowest: f64) -> Deciding {
        Deciding {
            sensitivity,
            lowest_affinity_to_support: lowest,
            ..Deciding::default()
        }
    }

    /// Of affinities drawn without a condition, those that meet it have the same law.
    #[test]
    fn affinities_are_those_that_would_lead_to_the_same_support() {
        const DRAWS: usize = 200_000;
        for (sigma, lowest, greatest, count) in [
            (0.75, 0.3, 0.1, 1),
            (0.75, 0.3, 0.1, 2),
            (0.75, 0.3, 0.9, 3),
            (0.5, -1.0, -0.4, 2),
            (0.0, 0.2, 0.6, 2),
        ] {
            let deciding = deciding(sigma, lowest);
            let mut source = Source::of_design(11, 1);
            let (mut given, mut met) = ([0.0; 2], 0.0);
            let moments = |affinities: &[f64]| {
                let most = affinities.iter().fold(0.0, |most: f64, &a| most.max(a));
                [
                    affinities.iter().sum::<f64>() / affinities.len() as f64,
                    most,
                ]
            };
            for _ in 0..DRAWS {
                let free: Vec<f64> = (0..count).map(|_| 2.0 * source.uniform() - 1.0).collect();
                let most = free.iter().fold(greatest, |most: f64, &a| most.max(a));
                let cutoff = lowest.max(sigma * most);
                if free.iter().all(|&a| a > cutoff) {
                    let found = moments(&free);
                    (0..2).for_each(|of| given[of] += found[of]);
                    met += 1.0;
                }
            }
            let mut drawn = [0.0; 2];
            for _ in 0..DRAWS {
                let mut affinities = vec![0.0; count];
                draw_supported(&mut source, &deciding, greatest, &mut affinities);
                let most = affinities
                    .iter()
                    .fold(greatest, |most: f64, &a| most.max(a));
                let cutoff = lowest.max(sigma * most);
                assert!(
                    affinities.iter().all(|&a| a > cutoff && a <= 1.0),
                    "{affinities:?}"
                );
                let found = moments(&affinities);
                (0..2).for_each(|of| drawn[of] += found[of]);
            }
            for (given, drawn) in given.into_iter().zip(drawn) {
                let (given, drawn) = (given / met, drawn / DRAWS as f64);
                let error = 4.0 * 0.3 / f64::sqrt(met);
                assert!(
                    (given - drawn).abs() < error,
                    "{sigma} {count}: {given} {drawn}"
                );
            }
        }
    }

    #[test]
    fn where_no_affinity_would_do_it_is_the_greatest() {
        let mut source = Source::of_design(12, 1);
        for deciding in [deciding(1.0, 0.3), deciding(0.5, 1.0), deciding(3.0, -1.0)] {
            let mut affinities = [0.0; 3];
            draw_supported(&mut source, &deciding, 0.5, &mut affinities);
            assert_eq!(affinities, [1.0; 3]);
        }
    }
}
