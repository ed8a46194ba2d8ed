//! Computes how one proposal's success changes the affinity for another.

/// Returns an affinity after a proposal in conflict has succeeded: a (1 − κ c), with c the strength of the
/// conflict and κ its force. Published for completed proposals: BlockScience/conviction,
/// `conviction_system_logic3.py`, and version 2 of the Aragon model, `participants.py`.
pub fn damped(affinity: f64, force: f64, strength: f64) -> f64 {
    affinity * (1.0 - force * strength)
}

/// Returns an affinity after a proposal in concord has succeeded: 1 − (1 − a)(1 − κ⁺ c). Not from a
/// publication.
pub fn raised(affinity: f64, force: f64, strength: f64) -> f64 {
    1.0 - (1.0 - affinity) * (1.0 - force * strength)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forces_reach_from_nothing_to_all() {
        for affinity in [-1.0, -0.3, 0.0, 0.7, 1.0] {
            assert_eq!(damped(affinity, 0.0, 0.9), affinity);
            assert_eq!(damped(affinity, 1.0, 1.0), 0.0);
            assert!((raised(affinity, 0.0, 0.9) - affinity).abs() < 1e-15);
            assert_eq!(raised(affinity, 1.0, 1.0), 1.0);
            // Applying it twice multiplies the rest twice.
            let twice = damped(damped(affinity, 0.5, 0.8), 0.25, 0.9);
            assert!((twice - affinity * 0.6 * 0.775).abs() < 1e-15);
            let twice = raised(raised(affinity, 0.5, 0.8), 0.25, 0.9);
            assert!((1.0 - twice - (1.0 - affinity) * 0.6 * 0.775).abs() < 1e-15);
            for (force, strength) in [(0.5, 0.75), (1.0, 0.75), (0.01, 1.0)] {
                let (down, up) = (
                    damped(affinity, force, strength),
                    raised(affinity, force, strength),
                );
                assert!(down.abs() <= affinity.abs() && (affinity..=1.0).contains(&up));
            }
        }
    }
}
