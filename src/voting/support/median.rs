//! On which side of a value the median affinity lies, without sorting and mostly without looking.

use super::kernel::affinities::{self, Affinities};
use super::layout::Layout;
use crate::engine::LANES;
use fearless_simd::Simd;

/// Whether the median affinity of all participants for all candidates (of which there is one at
/// least) lies below a value; the mean of the middle two when there is an even number. Of the rows
/// of `participants` so many are of those who are `absent`.
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
    // No affinity is below −1. Of an empty pool nobody could want a thing, so that the value is −∞.
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
    // The value parts the middle two.
    let (low, high) = affinities::neighbours(simd, edges, participants, value);
    (low + high) / 2.0 < value
}
