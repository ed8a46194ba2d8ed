//! Computes how an event changes a participant's sentiment.

/// Mixes an event of this force into a sentiment: (1 − μ) s + μ f, clamped to 0..1. Versions 2 and 3 of the
/// Aragon model were meant to do this; their calls pass the weight 0.
pub fn relaxed(sentiment: f64, weight: f64, force: f64) -> f64 {
    ((1.0 - weight) * sentiment + weight * force).clamp(0.0, 1.0)
}

/// Adds the force of an event to a sentiment: s + f, clamped to 0..1. Version 0 does this without the lower
/// bound (BlockScience/conviction, `conviction_system_logic3.py`).
pub fn added(sentiment: f64, force: f64) -> f64 {
    (sentiment + force).clamp(0.0, 1.0)
}

/// Gain of a proposer when the proposal is accepted, under the law of the Commons Simulator.
pub const PROPOSER_ACCEPTED: f64 = 0.5;

/// Gain per affinity of a proposal's supporters and proposer when it completes, under the law of the Commons
/// Simulator.
pub const SUPPORTER_COMPLETED: f64 = 0.3;

/// Gain per affinity of the same when it fails.
pub const SUPPORTER_FAILED: f64 = -0.1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_reach_from_nothing_to_all() {
        for sentiment in [0.0, 0.3, 1.0] {
            for force in [-1.0, -0.2, 0.0, 0.4, 1.0] {
                assert_eq!(relaxed(sentiment, 0.0, force), sentiment);
                assert_eq!(relaxed(sentiment, 1.0, force), force.clamp(0.0, 1.0));
                assert_eq!(added(sentiment, 0.0), sentiment);
                assert!((0.0..=1.0).contains(&added(sentiment, force)));
            }
        }
    }

    /// Under equally many good and bad events, mixing draws sentiment towards 0, adding does not: long-run
    /// means.
    #[test]
    fn mixing_lets_sentiment_collapse_and_adding_does_not() {
        const EVENTS: u32 = 400_000;
        let mut stream = crate::engine::Source::of_design(1, 1);
        let (mut relaxing, mut adding, mut sums) = (0.5, 0.5, [0.0; 2]);
        for _ in 0..EVENTS {
            let force = 2.0 * stream.uniform() - 1.0;
            (relaxing, adding) = (relaxed(relaxing, 0.25, force), added(adding, force));
            sums = [sums[0] + relaxing, sums[1] + adding];
        }
        let means = sums.map(|sum| sum / f64::from(EVENTS));
        assert!((means[0] - 0.131).abs() < 0.002, "{means:?}");
        assert!((means[1] - 0.5).abs() < 0.005, "{means:?}");
    }
}
