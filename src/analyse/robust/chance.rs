//! Tells when intervals do not cover chance.

use super::{Robustness, WorldKind};
use crate::study::Dataset;

/// Returns a warning if the uncertain points share random worlds whose differences the intervals do not show: with one
/// replicate there is one such world, and means over replicates hide them.
pub fn shared_chance(dataset: &Dataset, found: &Robustness) -> Option<String> {
    let spec = &dataset.manifest.spec;
    let is_common = spec.get("randomness").and_then(toml::Value::as_str) == Some("common");
    let replicates = spec.get("replicates").and_then(toml::Value::as_integer)?;
    let (shared, way) = match (replicates, found.question.kind) {
        (1, _) => (
            "one replicate".to_owned(),
            "replicates to 30 or more, or randomness = \"independent\"",
        ),
        (_, WorldKind::Point) => (
            format!("{replicates} replicates"),
            "--world run, or randomness = \"independent\" before the sweep",
        ),
        (_, WorldKind::Run) => return None,
    };
    (is_common && found.points > 1).then(|| {
        format!(
            "all uncertain points share the random numbers of {shared}, which the intervals do not cover; set {way}"
        )
    })
}
