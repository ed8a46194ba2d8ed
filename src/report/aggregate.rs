//! What millions of runs come to, in bounded memory: runs are read part by part, and only counts and
//! sums are kept.
//!
//! Weighed: DataFusion 55 would group and sketch as well, but it brings a query engine and hundreds of
//! crates into a build that may take five minutes, for sums over a layout known in advance; a million
//! runs take a second as it is.
//!
//! Quantiles come from histograms of [`BINS`] equal bins between the least and the greatest value, so
//! they are right to a bin.

use super::ReportError;
use super::thin::spread;
use crate::digits::rounded;
use crate::input::{RawValue, RowGroups, Table, TableError};
use crate::study::Dataset;
use crate::study::manifest::{Manifest, part_name};
use crate::study::tables::points::POINTS;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Bins of a histogram.
pub const BINS: usize = 256;

/// Most levels of an axis told apart.
const MOST_LEVELS: usize = 24;

/// Groups of equal size into which more levels are gathered.
const GROUPS: usize = 12;

/// Most axes that are paired in maps.
const MOST_PAIRED: usize = 6;

/// Most days told apart in fans.
const MOST_DAYS: usize = 400;

/// Most pairs of runs compared between two variants.
const MOST_PAIRS: u64 = 2_000_000;

/// The outcomes that are reported: column, unit, and whether they are whole numbers.
pub const OUTCOMES: [(&str, &str, bool); 13] = [
    ("proposals_granted", "", true),
    ("funds_granted", "Honey", false),
    ("median_days_to_pass", "days", false),
    ("mean_days_to_pass", "days", false),
    ("share_of_requests_granted", "", false),
    ("share_of_funds_granted", "", false),
    ("funds", "Honey", false),
    ("least_pool", "Honey", false),
    ("mean_sentiment", "", false),
    ("days_nothing_could_pass", "days", true),
    ("candidate_count", "", true),
    ("killed_count", "", true),
    ("participant_count", "", true),
];

/// The states that are drawn as fans over the days.
pub const FANNED: [&str; 6] = [
    "funds",
    "sentiment",
    "effective_supply",
    "candidate_count",
    "active_count",
    "proposals_granted",
];

/// Counts of values in equal bins.
#[derive(Clone, Debug)]
pub struct Histogram {
    low: f64,
    width: f64,
    /// Whether each bin holds one whole number.
    exact: bool,
    /// How many in each bin.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// An empty histogram from the least to the greatest value. Bins of whole numbers hold as many
    /// of them each.
    pub fn new((low, high): (f64, f64), whole: bool) -> Self {
        let numbers = high - low + 1.0;
        let (low, width, bins) = if whole && numbers.is_finite() {
            let width = (numbers / BINS as f64).ceil();
            (low - 0.5, width, (numbers / width).ceil() as usize)
        } else {
            (low, (high - low) / BINS as f64, BINS)
        };
        Self {
            low,
            width,
            exact: whole && width == 1.0,
            counts: vec![0; bins],
        }
    }

    /// Counts a value.
    pub fn add(&mut self, value: f64) {
        let bin = self.bin(value);
        self.counts[bin] += 1;
    }

    fn bin(&self, value: f64) -> usize {
        let bin = if self.width > 0.0 {
            ((value - self.low) / self.width) as usize
        } else {
            0
        };
        bin.min(self.counts.len() - 1)
    }

    /// The middle of a bin.
    pub fn middle(&self, bin: usize) -> f64 {
        self.low + self.width * (bin as f64 + 0.5)
    }

    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The value below which this share lies; NaN of nothing.
    pub fn quantile(&self, share: f64) -> f64 {
        let wanted = share * self.count() as f64;
        let mut below = 0.0;
        for (bin, &count) in self.counts.iter().enumerate() {
            let count = count as f64;
            if count > 0.0 && below + count >= wanted {
                let within = ((wanted - below) / count).clamp(0.0, 1.0);
                return match self.exact {
                    true => self.middle(bin),
                    false => self.low + self.width * (bin as f64 + within),
                };
            }
            below += count;
        }
        f64::NAN
    }
}

/// Number, mean and spread, by Welford's method: sums of squares would lose the spread of large numbers
/// that differ little.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moments {
    /// How many.
    pub n: f64,
    mean: f64,
    /// Sum of the squares of the distances from the mean.
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        let before = value - self.mean;
        self.n += 1.0;
        self.mean += before / self.n;
        self.squares += before * (value - self.mean);
    }

    /// The mean; NaN of nothing.
    pub fn mean(&self) -> f64 {
        if self.n > 0.0 { self.mean } else { f64::NAN }
    }

    /// The standard deviation of the sample; NaN of fewer than two.
    pub fn deviation(&self) -> f64 {
        (self.squares / (self.n - 1.0)).sqrt()
    }

    /// The standard error of the mean.
    pub fn error(&self) -> f64 {
        self.deviation() / self.n.sqrt()
    }
}

/// What was varied.
#[derive(Clone, Debug)]
pub struct Axis {
    /// The setting, or "variant".
    pub name: String,
    /// The levels, or groups of them, in order.
    pub labels: Vec<String>,
    /// The middle of each, if they are numbers.
    pub numbers: Option<Vec<f64>>,
    /// The level of each point.
    pub level: Vec<u16>,
    /// The value of each point, as written.
    pub values: Vec<RawValue>,
}

/// What a sweep comes to.
pub struct Aggregate {
    /// What was varied, the variant first.
    pub axes: Vec<Axis>,
    /// Runs that reached their horizon.
    pub completed: u64,
    /// Runs that did not.
    pub failed: u64,
    /// By outcome: all runs.
    pub all: Vec<Histogram>,
    /// By outcome: number, mean and deviation.
    pub moments: Vec<Moments>,
    /// By axis, outcome and level.
    pub by_level: Vec<Vec<Vec<Histogram>>>,
    /// By pair of axes (first, second): by outcome, level of the first and level of the second.
    pub pairs: BTreeMap<(usize, usize), Vec<Vec<Vec<Moments>>>>,
    /// By outcome: the mean of each point, where the design asks for it.
    pub points: Vec<Vec<f64>>,
    /// By variant after the first, by outcome: differences to the first, run by run.
    pub differences: Vec<Vec<Moments>>,
    /// Days, and by fanned state and day the values of all runs; where days were written.
    pub fans: Option<(Vec<u32>, Vec<Vec<Histogram>>)>,
}

/// Reads a dataset. `by_point` says whether to keep the mean of each point, `paired` whether the
/// replicates of all points meet the same worlds.
///
/// # Errors
/// When a part is missing or not what was written.
pub fn aggregate(
    dataset: &Dataset,
    by_point: bool,
    paired: bool,
) -> Result<Aggregate, ReportError> {
    dataset.expect_points()?;
    (0..dataset.manifest.parts).try_for_each(|part| dataset.expect_part(part))?;
    let parts = paths(dataset, "runs");
    let axes = axes(
        &parts,
        &dataset.directory.join(POINTS),
        dataset.manifest.points,
    )?;
    let ranges = ranges(&parts, &dataset.manifest)?;
    let points = dataset.manifest.points as usize;
    let paired_axes: Vec<usize> = (0..axes.len().min(MOST_PAIRED)).collect();
    let pairs = paired_axes
        .iter()
        .flat_map(|&a| (a + 1..paired_axes.len()).map(move |b| (a, b)));
    let outcomes = || 0..OUTCOMES.len();
    let histograms = || outcomes().map(|o| Histogram::new(ranges[o], OUTCOMES[o].2));
    let mut found = Aggregate {
        completed: 0,
        failed: 0,
        all: histograms().collect(),
        moments: vec![Moments::default(); OUTCOMES.len()],
        by_level: axes
            .iter()
            .map(|axis| histograms().map(|h| vec![h; axis.labels.len()]).collect())
            .collect(),
        pairs: pairs
            .map(|(a, b)| {
                let [rows, columns] = [a, b].map(|axis| axes[axis].labels.len());
                let empty = vec![vec![Moments::default(); columns]; rows];
                ((a, b), vec![empty; OUTCOMES.len()])
            })
            .collect(),
        points: Vec::new(),
        differences: Vec::new(),
        fans: None,
        axes,
    };
    let mut by_point = by_point.then(|| vec![vec![Moments::default(); points]; OUTCOMES.len()]);
    let mut differences = Differences::new(dataset, &found.axes, paired);

    for part in &parts {
        let runs = Runs::read(part, &dataset.manifest)?;
        for row in 0..runs.point.len() {
            if !runs.completed[row] {
                found.failed += 1;
                continue;
            }
            found.completed += 1;
            let point = runs.point[row] as usize;
            for (outcome, values) in runs.outcomes.iter().enumerate() {
                let Some(value) = values[row] else { continue };
                found.all[outcome].add(value);
                found.moments[outcome].add(value);
                for (axis, by_level) in found.axes.iter().zip(&mut found.by_level) {
                    by_level[outcome][usize::from(axis.level[point])].add(value);
                }
                for (&(a, b), pair) in &mut found.pairs {
                    let [a, b] = [a, b].map(|axis| usize::from(found.axes[axis].level[point]));
                    pair[outcome][a][b].add(value);
                }
                if let Some(by_point) = &mut by_point {
                    by_point[outcome][point].add(value);
                }
            }
            differences.add(&runs, row);
        }
    }
    let by_point = by_point.unwrap_or_default().into_iter();
    found.points = by_point
        .map(|means| means.iter().map(Moments::mean).collect())
        .collect();
    found.differences = differences.found;
    if dataset.manifest.tables.iter().any(|table| table == "days") {
        found.fans = Some(fans(&paths(dataset, "days"))?);
    }
    Ok(found)
}

/// The parts of a table.
fn paths(dataset: &Dataset, table: &str) -> Vec<PathBuf> {
    let file = |part| format!("{table}/{}.parquet", part_name(part));
    (0..dataset.manifest.parts)
        .map(|part| dataset.directory.join(file(part)))
        .collect()
}

/// A part of `runs`.
struct Runs {
    point: Vec<u32>,
    replicate: Vec<u32>,
    completed: Vec<bool>,
    outcomes: Vec<Vec<Option<f64>>>,
}

impl Runs {
    fn read(part: &Path, manifest: &Manifest) -> Result<Self, TableError> {
        let mut columns = vec!["point", "replicate", "status"];
        columns.extend(OUTCOMES.map(|outcome| outcome.0));
        let table = Table::read_columns(part, &columns)?;
        let point = table.counts("point")?;
        let points = manifest.points;
        if let Some(row) = point.iter().position(|&point| point >= points) {
            return Err(table.fault(row, "point", &point[row], "a point of this dataset"));
        }
        let status = table.texts("status")?;
        Ok(Self {
            point,
            replicate: table.counts("replicate")?,
            completed: status.iter().map(|status| status == "completed").collect(),
            outcomes: OUTCOMES
                .iter()
                .map(|outcome| table.optional_reals(outcome.0))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// The least and the greatest value of each outcome.
fn ranges(parts: &[PathBuf], manifest: &Manifest) -> Result<Vec<(f64, f64)>, TableError> {
    let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); OUTCOMES.len()];
    for part in parts {
        let runs = Runs::read(part, manifest)?;
        for (range, values) in ranges.iter_mut().zip(&runs.outcomes) {
            for value in values.iter().flatten() {
                *range = (range.0.min(*value), range.1.max(*value));
            }
        }
    }
    Ok(ranges)
}

/// What was varied, in the order of the spec, which is that of the columns of `runs`; with the values
/// of the points.
fn axes(runs: &[PathBuf], points: &Path, count: u32) -> Result<Vec<Axis>, TableError> {
    let roles = runs
        .first()
        .map_or(Ok(Vec::new()), |part| Table::roles(part))?;
    let varied: Vec<String> = roles.into_iter().map(|(name, _)| name).collect();
    let names: Vec<&str> = varied.iter().map(String::as_str).collect();
    let table = Table::read_columns(points, &names)?;
    varied
        .iter()
        .map(|name| {
            let values = table.raw(name)?;
            if values.len() != count as usize {
                let expected = format!("a row for each of the {count} points");
                let rows = format!("{} rows", values.len());
                return Err(table.fault(values.len(), name, &rows, expected));
            }
            Ok(axis(name, values))
        })
        .collect()
}

fn axis(name: &str, values: Vec<RawValue>) -> Axis {
    let numbers: Option<Vec<f64>> = values
        .iter()
        .map(|value| match value {
            RawValue::Number(number) => Some(*number),
            RawValue::Word(_) => None,
        })
        .collect();
    let (labels, middles, level) = match numbers {
        Some(numbers) => {
            let mut levels = numbers.clone();
            levels.sort_by(f64::total_cmp);
            levels.dedup();
            let groups = match levels.len() {
                few if few <= MOST_LEVELS => few,
                _ => GROUPS,
            };
            let group = |place: usize| place * groups / levels.len();
            let mut middles = vec![Moments::default(); groups];
            for (place, &number) in levels.iter().enumerate() {
                middles[group(place)].add(number);
            }
            let middles: Vec<f64> = middles.iter().map(Moments::mean).collect();
            let level = numbers.iter().map(|number| {
                let place = levels.partition_point(|level| level < number);
                group(place) as u16
            });
            let labels = middles.iter().map(|middle| rounded(*middle, 4).to_string());
            (labels.collect(), Some(middles.clone()), level.collect())
        }
        None => {
            // Words stay in the order of the spec.
            let mut labels: Vec<String> = Vec::new();
            let level = values.iter().map(|value| {
                let word = match value {
                    RawValue::Word(word) => word.clone(),
                    RawValue::Number(number) => number.to_string(),
                };
                let place = labels.iter().position(|label| *label == word);
                place.unwrap_or_else(|| {
                    labels.push(word);
                    labels.len() - 1
                }) as u16
            });
            let level = level.collect();
            (labels, None, level)
        }
    };
    Axis {
        name: name.to_owned(),
        labels,
        numbers: middles,
        level,
        values,
    }
}

/// Differences between variants, run by run.
struct Differences {
    /// Points of one variant.
    stride: u32,
    /// Replicates compared.
    replicates: u32,
    first: Vec<Vec<f64>>,
    found: Vec<Vec<Moments>>,
}

impl Differences {
    fn new(dataset: &Dataset, axes: &[Axis], paired: bool) -> Self {
        let variants = axes
            .iter()
            .find(|axis| axis.name == "variant")
            .map_or(1, |axis| axis.labels.len());
        let (points, runs) = (dataset.manifest.points, dataset.manifest.runs);
        let variants = if paired { variants.max(1) } else { 1 };
        let stride = points / variants as u32;
        let replicates = (runs / u64::from(points.max(1))) as u32;
        let most = (MOST_PAIRS / u64::from(stride.max(1))).max(1);
        let replicates = replicates.min(u32::try_from(most).unwrap_or(u32::MAX));
        let kept = if variants > 1 {
            stride as usize * replicates as usize
        } else {
            0
        };
        Self {
            stride,
            replicates,
            first: vec![vec![f64::NAN; kept]; OUTCOMES.len()],
            found: vec![vec![Moments::default(); OUTCOMES.len()]; variants - 1],
        }
    }

    /// Adds a run. Runs come variant by variant.
    fn add(&mut self, runs: &Runs, row: usize) {
        let (point, replicate) = (runs.point[row], runs.replicate[row]);
        if self.found.is_empty() || replicate >= self.replicates {
            return;
        }
        let variant = (point / self.stride) as usize;
        let place = (point % self.stride) as usize * self.replicates as usize + replicate as usize;
        for (outcome, values) in runs.outcomes.iter().enumerate() {
            let Some(value) = values[row] else { continue };
            match variant.checked_sub(1) {
                None => self.first[outcome][place] = value,
                Some(other) => {
                    let difference = value - self.first[outcome][place];
                    if !difference.is_nan() {
                        self.found[other][outcome].add(difference);
                    }
                }
            }
        }
    }
}

/// The values of all runs, by fanned state and day.
fn fans(parts: &[PathBuf]) -> Result<(Vec<u32>, Vec<Vec<Histogram>>), TableError> {
    let mut days = BTreeSet::new();
    let mut ranges = [(f64::INFINITY, f64::NEG_INFINITY); FANNED.len()];
    each_day(parts, |day, states| {
        days.insert(day);
        for (range, value) in ranges.iter_mut().zip(states) {
            *range = (range.0.min(value), range.1.max(value));
        }
    })?;
    let all: Vec<u32> = days.into_iter().collect();
    let days: Vec<u32> = spread(all.len(), MOST_DAYS)
        .iter()
        .map(|&place| all[place])
        .collect();
    let fan = |range: &(f64, f64)| vec![Histogram::new(*range, false); days.len()];
    let mut fans: Vec<Vec<Histogram>> = ranges.iter().map(fan).collect();
    each_day(parts, |day, states| {
        if let Ok(place) = days.binary_search(&day) {
            for (fan, value) in fans.iter_mut().zip(states) {
                fan[place].add(value);
            }
        }
    })?;
    Ok((days, fans))
}

/// Shows each row of `days`: the day, and the fanned states.
fn each_day(
    parts: &[PathBuf],
    mut show: impl FnMut(u32, [f64; FANNED.len()]),
) -> Result<(), TableError> {
    let mut columns = vec!["day"];
    columns.extend(FANNED);
    for part in parts {
        for rows in RowGroups::open(part)?.columns(&columns) {
            let rows = rows?;
            let states = FANNED.map(|column| rows.reals(column));
            let states: Vec<Vec<f64>> = states.into_iter().collect::<Result<_, _>>()?;
            for (row, day) in rows.counts("day")?.into_iter().enumerate() {
                show(day, std::array::from_fn(|state| states[state][row]));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_a_bin() {
        let mut histogram = Histogram::new((0.0, 999.0), false);
        for value in 0..1000 {
            histogram.add(f64::from(value));
        }
        for share in [0.05, 0.25, 0.5, 0.75, 0.95] {
            let quantile = histogram.quantile(share);
            assert!(
                (quantile - share * 1000.0).abs() < 4.0,
                "{share}: {quantile}"
            );
        }
        assert!(Histogram::new((0.0, 1.0), false).quantile(0.5).is_nan());
        for whole in [true, false] {
            let mut constant = Histogram::new((5.0, 5.0), whole);
            constant.add(5.0);
            assert_eq!(constant.quantile(0.5), 5.0);
        }
        let mut counts = Histogram::new((0.0, 9.0), true);
        for value in 0..10 {
            counts.add(f64::from(value));
        }
        assert_eq!(
            [0.05, 0.5, 0.95].map(|share| counts.quantile(share)),
            [0.0, 4.0, 9.0]
        );
        // Nothing was ever counted where no value was found.
        assert!(
            Histogram::new((f64::INFINITY, f64::NEG_INFINITY), true)
                .quantile(0.5)
                .is_nan()
        );
    }

    #[test]
    fn many_levels_are_grouped_and_words_keep_their_order() {
        let many = axis(
            "beta",
            (0..100)
                .rev()
                .map(|i| RawValue::Number(f64::from(i)))
                .collect(),
        );
        assert_eq!(many.labels.len(), GROUPS);
        assert_eq!((many.level[99], many.level[0]), (0, GROUPS as u16 - 1));
        let words = ["v3", "corrected", "v3"].map(|w| RawValue::Word(w.to_owned()));
        let words = axis("rules", words.into());
        assert_eq!(words.labels, ["v3", "corrected"]);
        assert_eq!(words.level, [0, 1, 0]);
    }

    #[test]
    fn moments_are_those_of_the_sample() {
        assert!(Moments::default().mean().is_nan());
        // Far from 0, too, where the squares of the numbers have no digits left for their spread.
        for offset in [0.0, 1e9] {
            let mut moments = Moments::default();
            for value in [1.0, 2.0, 4.0] {
                moments.add(offset + value);
            }
            assert!((moments.mean() - offset - 7.0 / 3.0).abs() < 1e-6);
            assert!((moments.deviation() - (7.0f64 / 3.0).sqrt()).abs() < 1e-6);
        }
    }
}
