//! Computes distributions in bounded memory, with exact point masses.
//!
//! A first pass ([`Scan`]) finds the range and every value shared by many runs. A [`Scale`] then gives each of these
//! values and both ends a separate cell, with equal bins between. Quantiles (Hyndman and Fan type 7) at such a value
//! are exact, and all others are accurate to a bin. Outcomes of at most [`MOST_VALUES`] values are exact throughout.

use std::collections::HashMap;
use std::sync::Arc;

/// Number of equal bins between the least and the greatest value.
pub const BINS: usize = 256;

/// Most values that have separate cells.
pub const MOST_VALUES: usize = 512;

/// First pass over values: their range, and values that many share.
#[derive(Clone, Debug)]
pub struct Scan {
    least: f64,
    greatest: f64,
    seen: u64,
    are_whole: bool,
    shared: Option<Shared>,
}

/// Values shared by more than one in [`MOST_VALUES`] + 1, and some others, by the method of Misra and Gries (1982).
/// Each count is too small by at most that share.
#[derive(Clone, Debug, Default)]
struct Shared {
    counts: HashMap<u64, u64>,
    is_full: bool,
}

impl Shared {
    fn add(&mut self, value: f64) {
        let is_full = self.counts.len() == MOST_VALUES;
        match self.counts.get_mut(&value.to_bits()) {
            Some(count) => *count += 1,
            None if !is_full => drop(self.counts.insert(value.to_bits(), 1)),
            None => {
                self.is_full = true;
                self.counts.retain(|_, count| {
                    *count -= 1;
                    *count > 0
                });
            }
        }
    }

    /// Returns the values that get separate cells among `seen` values, including all shared by more than one in 256.
    fn values(&self, seen: u64) -> impl Iterator<Item = f64> {
        let enough = if self.is_full {
            seen / (MOST_VALUES as u64 + 1)
        } else {
            0
        };
        let values = self
            .counts
            .iter()
            .filter(move |(_, count)| **count >= enough);
        values.map(|(bits, _)| f64::from_bits(*bits))
    }
}

impl Scan {
    /// Begins a scan that notes shared values.
    pub fn new() -> Self {
        Self {
            shared: Some(Shared::default()),
            ..Self::of_range()
        }
    }

    /// Begins a faster scan, which notes only the range, and whether all values are whole numbers.
    pub fn of_range() -> Self {
        Self {
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
            seen: 0,
            are_whole: true,
            shared: None,
        }
    }

    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        // Turns −0 into 0.
        let value = value + 0.0;
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
        self.seen += 1;
        self.are_whole &= value.fract() == 0.0;
        if let Some(shared) = &mut self.shared {
            shared.add(value);
        }
    }
}

impl Default for Scan {
    fn default() -> Self {
        Self::new()
    }
}

/// Cells of a distribution, in ascending order: single values, and open intervals between.
#[derive(Debug)]
pub struct Scale {
    cells: Vec<Cell>,
    are_whole: bool,
}

/// Single value if both ends are equal, else the values between them.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cell {
    low: f64,
    high: f64,
}

impl Scale {
    /// Returns the cells for the values of a scan.
    pub fn new(scan: &Scan) -> Arc<Self> {
        let cells = match scan {
            Scan { seen: 0, .. } => Vec::new(),
            Scan {
                shared: Some(shared),
                seen,
                ..
            } if !shared.is_full => cells(&mut shared.values(*seen).collect(), &[]),
            Scan {
                are_whole: true,
                least,
                greatest,
                ..
            } if greatest - least < MOST_VALUES as f64 => {
                let numbers = 0..=(greatest - least) as u32;
                cells(
                    &mut numbers.map(|number| least + f64::from(number)).collect(),
                    &[],
                )
            }
            Scan {
                least,
                greatest,
                shared,
                seen,
                ..
            } => {
                let mut values = vec![*least, *greatest];
                values.extend(shared.iter().flat_map(|shared| shared.values(*seen)));
                let edge = |bin: usize| {
                    let share = bin as f64 / BINS as f64;
                    least * (1.0 - share) + greatest * share
                };
                cells(&mut values, &(1..BINS).map(edge).collect::<Vec<_>>())
            }
        };
        Arc::new(Self {
            cells,
            are_whole: scan.are_whole,
        })
    }

    /// Returns true if every value has a separate cell.
    pub fn is_exact(&self) -> bool {
        self.cells.iter().all(|cell| cell.low == cell.high)
    }

    /// Returns the cell of a value.
    pub fn place(&self, value: f64) -> usize {
        let after = self.cells.partition_point(|cell| cell.low <= value);
        let place = after.saturating_sub(1);
        match place.checked_sub(1) {
            // A value's own cell comes before the interval that begins there.
            Some(before) if self.cells[before].low == value => before,
            _ => place,
        }
    }
}

/// Returns the cells of values; `edges` add intervals between them.
fn cells(values: &mut Vec<f64>, edges: &[f64]) -> Vec<Cell> {
    values.sort_by(f64::total_cmp);
    values.dedup();
    if edges.is_empty() {
        return values
            .iter()
            .map(|&value| Cell {
                low: value,
                high: value,
            })
            .collect();
    }
    let mut ends: Vec<f64> = values.iter().chain(edges).copied().collect();
    ends.sort_by(f64::total_cmp);
    ends.dedup();
    let mut cells = Vec::new();
    for (place, &low) in ends.iter().enumerate() {
        if values
            .binary_search_by(|value| value.total_cmp(&low))
            .is_ok()
        {
            cells.push(Cell { low, high: low });
        }
        if let Some(&high) = ends.get(place + 1) {
            cells.push(Cell { low, high });
        }
    }
    cells
}

/// Counts of values in the cells of a scale.
#[derive(Clone, Debug)]
pub struct Histogram {
    scale: Arc<Scale>,
    /// Number of values in each cell.
    pub counts: Vec<u64>,
    least: f64,
    greatest: f64,
}

impl Histogram {
    /// Returns an empty histogram.
    pub fn new(scale: &Arc<Scale>) -> Self {
        Self {
            counts: vec![0; scale.cells.len()],
            scale: Arc::clone(scale),
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
        }
    }

    /// Returns the histogram of values.
    pub fn of(values: &[f64]) -> Self {
        let mut scan = Scan::new();
        values.iter().for_each(|&value| scan.add(value));
        let mut histogram = Self::new(&Scale::new(&scan));
        values.iter().for_each(|&value| histogram.add(value));
        histogram
    }

    /// Counts a value seen by the scan of the scale.
    pub fn add(&mut self, value: f64) {
        self.add_at(self.scale.place(value), value);
    }

    /// Counts a value whose cell is known.
    pub fn add_at(&mut self, place: usize, value: f64) {
        self.counts[place] += 1;
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
    }

    /// Returns the number of values.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Returns true if all quantiles are exact.
    pub fn is_exact(&self) -> bool {
        self.scale.is_exact()
    }

    /// Returns the quantile of a share, by type 7; NaN without values.
    pub fn quantile(&self, share: f64) -> f64 {
        let Some(last) = self.count().checked_sub(1) else {
            return f64::NAN;
        };
        let rank = share * last as f64;
        let below = self.ordered(rank.floor() as u64, last);
        let above = self.ordered(rank.ceil() as u64, last);
        below + (above - below) * rank.fract()
    }

    /// Returns the value of a rank from 0 to `last`.
    fn ordered(&self, rank: u64, last: u64) -> f64 {
        if rank == 0 {
            return self.least;
        }
        if rank >= last {
            return self.greatest;
        }
        let mut below = 0;
        for (cell, &count) in self.scale.cells.iter().zip(&self.counts) {
            if rank < below + count {
                let within = ((rank - below) as f64 + 0.5) / count as f64;
                let value = cell.low * (1.0 - within) + cell.high * within;
                return match cell.low == cell.high {
                    true => cell.low,
                    false => value.clamp(self.least, self.greatest),
                };
            }
            below += count;
        }
        self.greatest
    }

    /// Returns at most `most` bars of equal width: the middle and the count of each.
    pub fn bars(&self, most: usize) -> Vec<(f64, u64)> {
        let (Some(first), Some(last)) = (self.scale.cells.first(), self.scale.cells.last()) else {
            return Vec::new();
        };
        let (mut low, mut width) = (first.low, (last.high - first.low) / most as f64);
        let numbers = last.high - first.low + 1.0;
        let mut bars = most;
        if self.scale.are_whole && numbers.is_finite() {
            width = (numbers / most as f64).ceil();
            low -= 0.5;
            bars = (numbers / width).ceil() as usize;
        }
        let place = |cell: &Cell| match width > 0.0 {
            true => (((cell.low + cell.high) / 2.0 - low) / width) as usize,
            false => 0,
        };
        let mut counts = vec![0; bars];
        for (cell, count) in self.scale.cells.iter().zip(&self.counts) {
            counts[place(cell).min(bars - 1)] += count;
        }
        let middle = |bar: usize| low + width * (bar as f64 + 0.5);
        counts
            .into_iter()
            .enumerate()
            .map(|(bar, count)| (middle(bar), count))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::hash64;

    /// Returns pseudo-random numbers from 0 to 1.
    fn uniform(count: u64) -> impl Iterator<Item = f64> {
        (0..count).map(|number| (hash64(number) >> 11) as f64 / (1u64 << 53) as f64)
    }

    /// Returns the quantile of sorted values, by type 7.
    fn quantile(sorted: &[f64], share: f64) -> f64 {
        let rank = share * (sorted.len() - 1) as f64;
        let (below, above) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
        below + (above - below) * rank.fract()
    }

    #[test]
    fn quantiles_are_right_to_a_bin_and_ends_are_exact() {
        let mut values: Vec<f64> = uniform(20_000).map(|u| 10.0 + 90.0 * u * u).collect();
        let histogram = Histogram::of(&values);
        values.sort_by(f64::total_cmp);
        assert!(!histogram.is_exact());
        for share in [0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999, 1.0] {
            let (found, exact) = (histogram.quantile(share), quantile(&values, share));
            assert!(
                (found - exact).abs() <= 90.0 / BINS as f64,
                "{share}: {found} {exact}"
            );
            if share.fract() == 0.0 {
                assert_eq!(found, exact);
            }
        }
    }

    #[test]
    fn point_masses_are_exact_wherever_they_are() {
        // A third of the values is 0, a fifth 0.37, the others anywhere: quantiles on a mass must be exact.
        let mut values: Vec<f64> = (uniform(30_000).zip(0..))
            .map(|(u, number)| match hash64(number + 1_000_000) % 15 {
                0..5 => 0.0,
                5..8 => 0.37,
                _ => u,
            })
            .collect();
        let histogram = Histogram::of(&values);
        values.sort_by(f64::total_cmp);
        for step in 0..=1000 {
            let share = f64::from(step) / 1000.0;
            let (found, exact) = (histogram.quantile(share), quantile(&values, share));
            match exact {
                0.0 | 0.37 => assert_eq!(found, exact, "{share}"),
                _ => assert!((found - exact).abs() <= 1.0 / BINS as f64, "{share}"),
            }
        }
    }

    #[test]
    fn few_values_are_exact() {
        for scan in [Scan::new, Scan::of_range] {
            let values: Vec<f64> = (0..10).map(f64::from).collect();
            let mut scan = scan();
            values.iter().for_each(|&value| scan.add(value));
            let mut counts = Histogram::new(&Scale::new(&scan));
            values.iter().for_each(|&value| counts.add(value));
            assert!(counts.is_exact());
            for share in [0.0, 0.05, 0.25, 0.5, 0.9, 1.0] {
                assert_eq!(counts.quantile(share), quantile(&values, share), "{share}");
            }
        }
        let constant = Histogram::of(&[5.5, 5.5]);
        assert_eq!(
            [0.0, 0.3, 1.0].map(|share| constant.quantile(share)),
            [5.5; 3]
        );
        assert_eq!(constant.bars(4).iter().map(|bar| bar.1).sum::<u64>(), 2);
        assert!(Histogram::of(&[]).quantile(0.5).is_nan());
        assert!(Histogram::of(&[]).bars(4).is_empty());
    }

    #[test]
    fn bars_hold_whole_numbers_each_or_equal_widths() {
        let counts = Histogram::of(&[0.0, 1.0, 1.0, 3.0]);
        assert_eq!(counts.bars(64), [(0.0, 1), (1.0, 2), (2.0, 0), (3.0, 1)]);
        let pairs = Histogram::of(&(0..100).map(f64::from).collect::<Vec<_>>());
        assert_eq!(pairs.bars(50)[0], (0.5, 2));
        let reals = Histogram::of(&[0.0, 0.1, 1.0]);
        assert_eq!(reals.bars(2), [(0.25, 2), (0.75, 1)]);
    }
}
