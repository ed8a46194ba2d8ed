//! Computes tails of the binomial law.

/// Returns the probability of at least `hits` in `all` trials of probability `chance`:
/// I(chance; hits, all − hits + 1).
pub fn at_least(hits: f64, all: f64, chance: f64) -> f64 {
    if hits <= 0.0 {
        return 1.0;
    }
    if chance >= 1.0 {
        return 1.0;
    }
    if chance <= 0.0 {
        return 0.0;
    }
    incomplete_beta(hits, all - hits + 1.0, chance)
}

/// Returns the regularised incomplete beta function, by its continued fraction on the side that converges.
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    let front = libm::exp(
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
            + a * libm::log(x)
            + b * libm::log1p(-x),
    );
    match x < (a + 1.0) / (a + b + 2.0) {
        true => front * fraction(a, b, x) / a,
        false => 1.0 - front * fraction(b, a, 1.0 - x) / b,
    }
}

/// Returns the continued fraction, by Lentz's method.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    const MOST: u32 = 10_000;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut product = d;
    for step in 1..=MOST {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + term * d);
            c = away_from_zero(1.0 + term / c);
            change = c * d;
            product *= change;
        }
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_sums_of_the_law() {
        for (all, chance) in [(1u32, 0.5), (10, 0.3), (40, 0.9), (200, 0.02)] {
            let q: f64 = 1.0 - chance;
            let mut law = vec![libm::pow(q, f64::from(all))];
            for k in 0..all {
                let next = law[k as usize] * f64::from(all - k) / f64::from(k + 1) * chance / q;
                law.push(next);
            }
            for hits in 0..=all {
                let sum: f64 = law[hits as usize..].iter().sum();
                let found = at_least(f64::from(hits), f64::from(all), chance);
                assert!(
                    (found - sum).abs() < 1e-12,
                    "{hits} of {all} at {chance}: {found} {sum}"
                );
            }
        }
        assert_eq!(at_least(3.0, 3.0, 1.0), 1.0);
        assert_eq!(at_least(1.0, 3.0, 0.0), 0.0);
    }
}
