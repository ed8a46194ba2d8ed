//! Computes the trigger: the conviction that a request must exceed.

use super::Conviction;

/// Returns the trigger (token-days) of a request of `requested` Honey from a pool of `funds`, with
/// `effective_supply` tokens voting: y* = ρE / ((1 − α)(β − r/F)²), infinite if r/F ≥ β.
#[inline]
pub fn trigger(requested: f64, funds: f64, effective_supply: f64, p: &Conviction) -> f64 {
    let headroom = p.beta - requested / funds;
    if headroom > 0.0 {
        p.rho * effective_supply / ((1.0 - p.alpha) * (headroom * headroom))
    } else {
        f64::INFINITY
    }
}

/// Returns the minimum conviction that passes anything, as a share of the largest possible E / (1 − α): ρ/β².
/// At 1 or above, nothing can ever pass.
pub fn minimum_conviction_share(p: &Conviction) -> f64 {
    p.rho / (p.beta * p.beta)
}

/// Returns the largest request that can ever pass, as a share of the pool: β − √ρ; zero or negative if nothing
/// can.
pub fn largest_passable_share(p: &Conviction) -> f64 {
    p.beta - p.rho.sqrt()
}

/// Returns the trigger of a request of `share` of the pool, as a share of the largest possible conviction: ρ /
/// (β − share)², infinite if share ≥ β.
pub fn maximum_share_of_conviction(share: f64, p: &Conviction) -> f64 {
    let headroom = p.beta - share;
    if headroom > 0.0 {
        p.rho / (headroom * headroom)
    } else {
        f64::INFINITY
    }
}

/// Returns ρ, given the minimum conviction that passes anything, as a share of the largest possible: m β².
pub fn rho_from_minimum_conviction(minimum_conviction: f64, beta: f64) -> f64 {
    minimum_conviction * beta * beta
}

/// Returns β, given the largest request that can ever pass, as a share of the pool, and the minimum conviction:
/// limit / (1 − √m).
pub fn beta_from_largest_passable(limit: f64, minimum_conviction: f64) -> f64 {
    limit / (1.0 - minimum_conviction.sqrt())
}

#[cfg(test)]
mod tests {
    use super::super::max_conviction;
    use super::*;

    #[test]
    fn the_bounds_are_the_formula_at_its_ends() {
        let p = Conviction::default();
        let (funds, effective) = (4867.21, 14020.0);
        let most = max_conviction(effective, p.alpha);
        let least = trigger(0.0, funds, effective, &p) / most;
        assert!((least - minimum_conviction_share(&p)).abs() < 1e-12);
        assert!((least - 0.0625).abs() < 1e-12);
        let largest = largest_passable_share(&p);
        assert!((largest - 0.15).abs() < 1e-12);
        assert!((trigger(largest * funds, funds, effective, &p) / most - 1.0).abs() < 1e-9);
        assert!((maximum_share_of_conviction(largest, &p) - 1.0).abs() < 1e-9);
        assert_eq!(trigger(p.beta * funds, funds, effective, &p), f64::INFINITY);
        assert_eq!(trigger(funds, funds, effective, &p), f64::INFINITY);
    }

    #[test]
    fn both_vocabularies_say_the_same() {
        let (limit, minimum) = (0.15, 0.0625);
        let beta = beta_from_largest_passable(limit, minimum);
        let rho = rho_from_minimum_conviction(minimum, beta);
        assert!((beta - 0.2).abs() < 1e-12 && (rho - 0.0025).abs() < 1e-12);
        let p = Conviction {
            beta,
            rho,
            ..Conviction::default()
        };
        assert!((minimum_conviction_share(&p) - minimum).abs() < 1e-12);
        assert!((largest_passable_share(&p) - limit).abs() < 1e-12);
    }

    #[test]
    fn agrees_with_a_recorded_trigger() {
        // Proposal 31 on day 1 of a recorded default run of the published program.
        let p = Conviction::default();
        let y = trigger(71.25410535, 4867.21, 14020.008, &p);
        assert!((y - 4944.886496).abs() < 1e-3, "{y}");
    }
}
