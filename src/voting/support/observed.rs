//! Affinities of participants for the candidates that they support in an observed state.
//!
//! A participant supports candidates whose affinity exceeds the cutoff c = max(λ, σ m). Here λ is the minimum
//! affinity to support, σ the sensitivity, and m the participant's greatest affinity. Affinities are uniform on
//! (−1, 1). Those for candidates without a stake remain as drawn. Those for the k candidates with a stake follow the
//! same law, given that each exceeds the cutoff. Let f = max(λ, σ m₀, 0), where m₀ is the greatest affinity without a
//! stake. The greatest of the k affinities, t, has the weight
//!
//! ```text
//! W(t) = (t − f)^k                                    up to t₀ = min(1, f/σ)
//! W(t) = (t₀ − f)^k + (1 − σ)^(k−1) (t^k − t₀^k)      beyond
//! ```
//!
//! and the others are uniform between max(f, σ t) and t. If no affinity satisfies this, since σ or f is 1 or more,
//! they are 1.

use super::acting::Deciding;
use crate::engine::Source;

/// Redraws affinities for `supported` candidates, each above the resulting cutoff; `greatest` is the greatest
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
    // The number of draws is always the same.
    let first = source.index(count);
    let drawn = source.uniform();
    let top = if sigma < 1.0 && floor < 1.0 {
        greatest_of(count, sigma, floor, drawn)
    } else {
        1.0
    };
    let least = floor.max(sigma * top).min(top);
    for (place, affinity) in supported.iter_mut().enumerate() {
        // Within (0, 1].
        let share = 1.0 - source.uniform();
        *affinity = match place == first {
            true => top,
            false => least + share * (top - least),
        };
    }
}

/// Returns the greatest of `count` affinities for which W is the share `drawn` of W(1): above `floor`, at most 1.
fn greatest_of(count: usize, sigma: f64, floor: f64, drawn: f64) -> f64 {
    let k = count as f64;
    let power = |number: f64| libm::pow(number, k);
    let root = |number: f64| libm::pow(number, 1.0 / k);
    let bend = if floor < sigma { floor / sigma } else { 1.0 };
    let narrow = libm::pow(1.0 - sigma, k - 1.0);
    let below = power(bend - floor);
    let all = below + narrow * (1.0 - power(bend));
    // Within (0, 1], so that it exceeds the floor.
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

    /// Affinities drawn without a condition that meet it have the same law.
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
