//! Compares variants run by run, in the same worlds.

use super::levels::Axis;
use super::moments::Moments;
use super::runs::Rows;
use crate::study::Dataset;

/// Most pairs of runs compared between two variants.
const MOST_PAIRS: u64 = 2_000_000;

/// Differences between variants, run by run. The points of a variant share random worlds, so that each replicate counts
/// once, with its mean over the points.
pub(super) struct Differences {
    /// Number of points of one variant.
    stride: u32,
    /// Number of replicates compared.
    replicates: u32,
    /// Values of the first variant, by outcome.
    first: Vec<Vec<f64>>,
    /// Sums and numbers of the differences of one later variant, by outcome and replicate.
    sums: Vec<Vec<(f64, f64)>>,
    /// Variant that the sums are of.
    variant: usize,
    /// Differences to the first variant, by later variant and outcome.
    found: Vec<Vec<Moments>>,
}

impl Differences {
    /// Begins without runs. Compares nothing unless variants meet the same worlds.
    pub fn new(dataset: &Dataset, axes: &[Axis], outcomes: usize, are_common: bool) -> Self {
        let variants = axes.iter().find(|axis| axis.role == "variant");
        let variants = variants
            .filter(|_| are_common)
            .map_or(1, |axis| axis.labels.len().max(1));
        let (points, runs) = (dataset.manifest.points, dataset.manifest.runs);
        let stride = points / variants as u32;
        let replicates = (runs / u64::from(points.max(1))) as u32;
        let most = (MOST_PAIRS / u64::from(stride.max(1))).max(1);
        let replicates = replicates.min(u32::try_from(most).unwrap_or(u32::MAX));
        let kept = match variants > 1 {
            true => stride as usize * replicates as usize,
            false => 0,
        };
        let clusters = if variants > 1 { replicates } else { 0 };
        Self {
            stride,
            replicates,
            sums: vec![vec![(0.0, 0.0); clusters as usize]; outcomes],
            variant: 0,
            first: vec![vec![f64::NAN; kept]; outcomes],
            found: vec![vec![Moments::default(); outcomes]; variants - 1],
        }
    }

    /// Adds a run; runs come variant by variant.
    pub fn add(&mut self, rows: &Rows, row: usize) {
        let (point, replicate) = (rows.point[row], rows.replicate[row]);
        if self.found.is_empty() || replicate >= self.replicates {
            return;
        }
        let variant = (point / self.stride) as usize;
        if variant != self.variant {
            self.close();
            self.variant = variant;
        }
        let place = (point % self.stride) as usize * self.replicates as usize + replicate as usize;
        for (outcome, values) in rows.columns.iter().enumerate() {
            let value = values[row];
            match variant.checked_sub(1) {
                None => self.first[outcome][place] = value,
                Some(_) => {
                    let difference = value - self.first[outcome][place];
                    if !difference.is_nan() {
                        let (sum, count) = &mut self.sums[outcome][replicate as usize];
                        *sum += difference;
                        *count += 1.0;
                    }
                }
            }
        }
    }

    /// Turns the sums into moments, and begins them again.
    fn close(&mut self) {
        let Some(found) = self.variant.checked_sub(1).map(|of| &mut self.found[of]) else {
            return;
        };
        for (found, sums) in found.iter_mut().zip(&mut self.sums) {
            for (sum, count) in sums.iter_mut().filter(|(_, count)| *count > 0.0) {
                found.add(*sum / *count);
                (*sum, *count) = (0.0, 0.0);
            }
        }
    }

    /// Returns the differences to the first variant, by later variant and outcome.
    pub fn finish(mut self) -> Vec<Vec<Moments>> {
        if !self.found.is_empty() {
            self.close();
        }
        self.found
    }
}
