//! Computes how a change of the half-life affects existing conviction.

/// Returns the factor by which conviction, in token-days, is multiplied to keep its share of the largest
/// possible as α becomes α′: (1 − α)/(1 − α′).
///
/// ```
/// use conviction::voting::change::factor_rescaled;
/// // The largest possible conviction under 0.8 is half of that under 0.9.
/// assert!((factor_rescaled(0.9, 0.8) - 0.5).abs() < 1e-15);
/// ```
pub fn factor_rescaled(alpha: f64, changed: f64) -> f64 {
    (1.0 - alpha) / (1.0 - changed)
}

/// Returns the factor of the share y(1 − α)/E of the largest possible conviction, if conviction keeps its
/// token-days as α becomes α′: (1 − α′)/(1 − α).
pub fn factor_carried(alpha: f64, changed: f64) -> f64 {
    1.0 / factor_rescaled(alpha, changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voting::conviction::alpha_from_half_life;

    #[test]
    fn shares_jump_by_the_half_lives() {
        // A shorter half-life increases the share of existing conviction, a longer one reduces it.
        for (days, changed, factor) in [
            (14.0, 3.0, 4.27),
            (7.0, 3.0, 2.19),
            (7.0, 2.0, 3.11),
            (3.0, 7.0, 0.457),
            (3.0, 14.0, 0.234),
        ] {
            let [alpha, changed] = [days, changed].map(alpha_from_half_life);
            let found = factor_carried(alpha, changed);
            assert!((found / factor - 1.0).abs() < 2e-3, "{found}, not {factor}");
        }
    }
}
