//! Checks whether intervals cover chance.

use super::Robustness;
use crate::study::Dataset;

/// Minimum number of replicates for intervals over shared random worlds.
const ENOUGH: i64 = 30;

/// Returns a warning if the uncertain points share few random worlds. Intervals come from the differences between
/// uncertain points, and these tell nothing of the chance that all points share.
pub fn shared_chance(dataset: &Dataset, found: &Robustness) -> Option<String> {
    let spec = &dataset.manifest.spec;
    let is_common = spec.get("randomness").and_then(toml::Value::as_str) == Some("common");
    let replicates = spec.get("replicates").and_then(toml::Value::as_integer)?;
    (is_common && found.points > 1 && replicates < ENOUGH).then(|| {
        format!(
            "all uncertain points share the random numbers of {replicates} replicate{}, which the intervals do not cover; \
             set randomness = \"independent\", or replicates to {ENOUGH} or more",
            if replicates == 1 { "" } else { "s" }
        )
    })
}
