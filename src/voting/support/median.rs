//! Side of a value on which the median affinity lies, found without sorting and mostly without a search.

use super::kernel::affinities::{self, Affinities};
use super::layout::Layout;
use crate::engine::LANES;
use fearless_simd::Simd;

/// Returns true if the median affinity of all participants for all candidates (at least one) is below a value. With
/// an even number, the median is the mean of the middle two. Of the rows of `participants`, `absent` belong to
/// participants who have left.
#[inline(always)]
pub fn median_is_below<S: Simd>(
    simd: S,
    value: f64,
    layout: &Layout,
    participants: usize,
    absent: usize,
    edges: Affinities,
) -> bool {
    let all = (layout.candidates() * (participants - absent)) as i64;
    let (least, most) = layout.affinities.bounds(value, all);
    if 2 * most < all || 2 * least > all {
        return 2 * least > all;
    }
    // No affinity is below −1. With an empty pool no proposals arrive: the value is −∞.
    if value.is_nan() || value <= -1.0 {
        return false;
    }
    let below = affinities::count_below(simd, edges, participants, value);
    // Vacant seats count as below everything.
    let vacant = layout.count() * LANES - layout.candidates();
    let below = (below - vacant * participants) as i64;
    if 2 * below != all {
        return 2 * below > all;
    }
    // The value separates the middle two.
    let (low, high) = affinities::neighbours(simd, edges, participants, value);
    (low + high) / 2.0 < value
}
