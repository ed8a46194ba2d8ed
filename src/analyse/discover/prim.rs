//! Patient rule induction (Friedman and Fisher 1999), limit by limit as in EMA Workbench 2.5.3. It peels and pastes
//! real numbers, whole numbers and words, with lenient objectives.
//!
//! No crate offers it. Rows are sorted once by each input; a peel then reads only the rows that it removes.

use super::binomial::at_least;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// Objective that peels and pastes improve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gain {
    /// Gain of mean over loss of mass.
    #[default]
    Lenient1,
    /// Gain of mean over loss of mass, times the remaining mass.
    Lenient2,
    /// Mean alone.
    Original,
}

/// Options of the search for boxes.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Share of the box that a peel removes.
    pub peel: f64,
    /// Share of the rows beyond a limit that a paste adds.
    pub paste: f64,
    /// Least share of all rows in a box.
    pub least_mass: f64,
    /// Objective that peels and pastes improve.
    pub gain: Gain,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            peel: 0.05,
            paste: 0.05,
            least_mass: 0.05,
            gain: Gain::default(),
        }
    }
}

/// Kind of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Real numbers.
    Real,
    /// Whole numbers.
    Whole,
    /// Words, each a number.
    Word,
}

/// Input with a value for each row.
#[derive(Clone, Debug)]
pub struct Input {
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: Kind,
    /// Values.
    pub values: Vec<f64>,
    /// Words that the values of an input of words number.
    pub words: Vec<String>,
}

/// Limits of a box in one input.
#[derive(Clone, Debug, PartialEq)]
pub enum Limits {
    /// Range from the first to the second value, both included.
    Range(f64, f64),
    /// True for each word in the box.
    Words(Vec<bool>),
}

impl Limits {
    pub(super) fn hold(&self, value: f64) -> bool {
        match self {
            Self::Range(low, high) => *low <= value && value <= *high,
            Self::Words(words) => words[value as usize],
        }
    }
}

/// Box of the trajectory.
#[derive(Clone, Debug)]
pub struct Step {
    /// Limits in each input.
    pub limits: Vec<Limits>,
    /// Rows in the box.
    pub rows: u64,
    /// Rows of interest in the box.
    pub hits: u64,
    /// Number of restricted inputs.
    pub restricted: usize,
    /// Probability, by input, that the box without its lower, and without its upper limit, holds as many cases of
    /// interest by chance. NaN without such a limit; for words, the first entry covers all.
    pub quasi_p: Vec<[f64; 2]>,
}

/// Rows, and those of interest among them.
pub struct Prim<'a> {
    inputs: &'a [Input],
    hits: &'a [bool],
    /// Cluster of each row; rows of one cluster are not independent.
    clusters: &'a [u32],
    options: Options,
    whole: Vec<Limits>,
    /// Inputs in the order in which they are tried: real numbers, whole numbers, words.
    order: Vec<usize>,
}

/// Box that a peel or a paste would make.
struct Candidate {
    input: usize,
    limits: Limits,
    rows: u64,
    hits: u64,
}

impl<'a> Prim<'a> {
    /// Prepares rows, of which at least one is of interest and one is not.
    pub fn new(
        inputs: &'a [Input],
        hits: &'a [bool],
        clusters: &'a [u32],
        options: Options,
    ) -> Self {
        let mut order: Vec<usize> = (0..inputs.len()).collect();
        order.sort_by_key(|&input| inputs[input].kind);
        Self {
            whole: inputs.iter().map(whole).collect(),
            order,
            inputs,
            hits,
            clusters,
            options,
        }
    }

    /// Returns the boxes from all rows to the last, by peels, then pastes; only those found before `stop` is set.
    pub fn trajectory(&self, stop: &AtomicBool) -> Vec<Step> {
        let is_going_on = || !stop.load(Ordering::Relaxed);
        let rows: Vec<u32> = (0..self.hits.len() as u32).collect();
        let mut sorted: Vec<Vec<u32>> = (self.inputs.iter())
            .map(|input| {
                let mut rows = rows.clone();
                let value = |row: &u32| input.values[*row as usize];
                rows.sort_by(|a, b| value(a).total_cmp(&value(b)));
                rows
            })
            .collect();
        let mut limits = self.whole.clone();
        let hits = self.hits.iter().filter(|hit| **hit).count() as u64;
        let mut steps = vec![self.step(&limits, rows.len() as u64, hits)];
        while is_going_on()
            && let Some(best) = self.peel(&steps[steps.len() - 1], &sorted)
        {
            let values = &self.inputs[best.input].values;
            for rows in &mut sorted {
                rows.retain(|&row| best.limits.hold(values[row as usize]));
            }
            limits[best.input] = best.limits;
            steps.push(self.step(&limits, best.rows, best.hits));
        }
        drop(sorted);
        while is_going_on()
            && let Some(best) = self.paste(&steps[steps.len() - 1])
        {
            limits[best.input] = best.limits;
            steps.push(self.step(&limits, best.rows, best.hits));
        }
        steps
    }

    /// Returns the best peel of a box, if it improves the box.
    fn peel(&self, step: &Step, sorted: &[Vec<u32>]) -> Option<Candidate> {
        let mut candidates = Vec::new();
        for &input in &self.order {
            let rows = &sorted[input];
            match (self.inputs[input].kind, &step.limits[input]) {
                (Kind::Real, Limits::Range(low, high)) => {
                    candidates.extend(self.real_peels(input, rows, (*low, *high), step));
                }
                (Kind::Whole, Limits::Range(low, high)) => {
                    candidates.extend(self.whole_peels(input, rows, (*low, *high)));
                }
                (_, Limits::Words(words)) => {
                    candidates.extend(self.word_peels(input, rows, words, step));
                }
                (Kind::Word, Limits::Range(..)) => {}
            }
        }
        let best = self.best(step, candidates)?;
        let (gain, best) = best;
        let improves =
            self.mass(best.rows) >= self.options.least_mass && best.rows < step.rows && gain > 0.0;
        improves.then_some(best)
    }

    fn real_peels(
        &self,
        input: usize,
        rows: &[u32],
        (low, high): (f64, f64),
        step: &Step,
    ) -> [Candidate; 2] {
        let value = |row: &u32| self.inputs[input].values[*row as usize];
        let upper = quantile(
            rows.len(),
            |place| value(&rows[place]),
            1.0 - self.options.peel,
        );
        let kept = rows.partition_point(|row| value(row) <= upper);
        let lower = quantile(rows.len(), |place| value(&rows[place]), self.options.peel);
        let lost = rows.partition_point(|row| value(row) < lower);
        [
            Candidate {
                input,
                limits: Limits::Range(low, upper),
                rows: kept as u64,
                hits: step.hits - self.count(&rows[kept..]),
            },
            Candidate {
                input,
                limits: Limits::Range(lower, high),
                rows: (rows.len() - lost) as u64,
                hits: step.hits - self.count(&rows[..lost]),
            },
        ]
    }

    fn whole_peels(&self, input: usize, rows: &[u32], (low, high): (f64, f64)) -> [Candidate; 2] {
        let value = |row: &u32| self.inputs[input].values[*row as usize];
        let at = |place: usize| value(&rows[place]);
        let upper = quantile(rows.len(), at, 1.0 - self.options.peel).trunc();
        let end = match upper == high {
            true => rows.partition_point(|row| value(row) < high),
            false => rows.partition_point(|row| value(row) <= upper),
        };
        let start = rows.partition_point(|row| value(row) < low).min(end);
        let lower = quantile(rows.len(), at, self.options.peel).trunc();
        let begin = match lower == low {
            true => rows.partition_point(|row| value(row) <= low),
            false => rows.partition_point(|row| value(row) < lower),
        };
        let last = rows.partition_point(|row| value(row) <= high).max(begin);
        let top = if end > start {
            at(end - 1)
        } else {
            at(rows.len() - 1)
        };
        let bottom = if last > begin { at(begin) } else { at(0) };
        [
            Candidate {
                input,
                limits: Limits::Range(low, top),
                rows: (end - start) as u64,
                hits: self.count(&rows[start..end]),
            },
            Candidate {
                input,
                limits: Limits::Range(bottom, high),
                rows: (last - begin) as u64,
                hits: self.count(&rows[begin..last]),
            },
        ]
    }

    fn word_peels(
        &self,
        input: usize,
        rows: &[u32],
        words: &[bool],
        step: &Step,
    ) -> Vec<Candidate> {
        let is_in: Vec<usize> = (0..words.len()).filter(|&word| words[word]).collect();
        if is_in.len() < 2 {
            return Vec::new();
        }
        let value = |row: &u32| self.inputs[input].values[*row as usize];
        let peel = |word: usize| {
            let start = rows.partition_point(|row| value(row) < word as f64);
            let end = rows.partition_point(|row| value(row) <= word as f64);
            let mut words = words.to_vec();
            words[word] = false;
            Candidate {
                input,
                limits: Limits::Words(words),
                rows: step.rows - (end - start) as u64,
                hits: step.hits - self.count(&rows[start..end]),
            }
        };
        is_in.into_iter().map(peel).collect()
    }

    /// Returns the best paste onto a box, if it improves the box.
    fn paste(&self, step: &Step) -> Option<Candidate> {
        let restricted = |input: &usize| step.limits[*input] != self.whole[*input];
        // Like EMA Workbench, pastes nothing unless a real number is restricted.
        let is_real = |input: &&usize| self.inputs[**input].kind == Kind::Real;
        if !self.order.iter().filter(is_real).any(restricted) {
            return None;
        }
        let inputs: Vec<usize> = self.order.iter().copied().filter(restricted).collect();
        // By input: rows excluded by its limits alone.
        let mut near: Vec<Vec<u32>> = vec![Vec::new(); self.inputs.len()];
        for row in 0..self.hits.len() {
            let mut outside = inputs
                .iter()
                .filter(|&&input| !step.limits[input].hold(self.inputs[input].values[row]));
            if let (Some(&input), None) = (outside.next(), outside.next()) {
                near[input].push(row as u32);
            }
        }
        let mut candidates = Vec::new();
        for &input in &inputs {
            match &step.limits[input] {
                Limits::Range(low, high) => {
                    candidates.extend(self.range_pastes(input, &near[input], (*low, *high), step));
                }
                Limits::Words(words) => {
                    for word in (0..words.len()).filter(|&word| !words[word]) {
                        let is_new = |value: f64| value == word as f64;
                        let mut words = words.clone();
                        words[word] = true;
                        let limits = Limits::Words(words);
                        candidates.push(self.pasted(input, limits, &near[input], is_new, step));
                    }
                }
            }
        }
        let (gain, best) = self.best(step, candidates)?;
        let improves = self.mass(best.rows) >= self.options.least_mass
            && best.rows > step.rows
            && gain > 0.0
            && mean(best.rows, best.hits) > mean(step.rows, step.hits);
        improves.then_some(best)
    }

    fn range_pastes(
        &self,
        input: usize,
        near: &[u32],
        (low, high): (f64, f64),
        step: &Step,
    ) -> [Candidate; 2] {
        let Limits::Range(least, greatest) = self.whole[input] else {
            unreachable!("an input has limits of one kind");
        };
        let values = &self.inputs[input].values;
        // Values beyond a limit, and those on it of rows in the box.
        let beyond = |is_beyond: &dyn Fn(f64) -> bool, limit: f64| {
            let mut beyond: Vec<f64> = near.iter().map(|&row| values[row as usize]).collect();
            beyond.retain(|&value| is_beyond(value));
            let on_it =
                (0..values.len()).filter(|&row| values[row] == limit && self.is_in(step, row));
            beyond.extend(on_it.map(|_| limit));
            beyond.sort_by(f64::total_cmp);
            beyond
        };
        let below = beyond(&|value| value < low, low);
        let lower = match below.is_empty() {
            true => least,
            false => quantile(below.len(), |place| below[place], 1.0 - self.options.paste),
        };
        let above = beyond(&|value| value > high, high);
        let upper = match above.is_empty() {
            true => greatest,
            false => quantile(above.len(), |place| above[place], self.options.paste),
        };
        let (is_lower, is_upper) = (
            |value: f64| lower <= value && value < low,
            |value: f64| high < value && value <= upper,
        );
        [
            self.pasted(input, Limits::Range(lower, high), near, is_lower, step),
            self.pasted(input, Limits::Range(low, upper), near, is_upper, step),
        ]
    }

    /// Returns the box with the near rows that are new to it.
    fn pasted(
        &self,
        input: usize,
        limits: Limits,
        near: &[u32],
        is_new: impl Fn(f64) -> bool,
        step: &Step,
    ) -> Candidate {
        let values = &self.inputs[input].values;
        let new = near.iter().filter(|row| is_new(values[**row as usize]));
        let (mut rows, mut hits) = (step.rows, step.hits);
        for &row in new {
            rows += 1;
            hits += u64::from(self.hits[row as usize]);
        }
        Candidate {
            input,
            limits,
            rows,
            hits,
        }
    }

    /// Returns the candidate of the greatest gain, then of the fewest restricted inputs, then the first.
    fn best(&self, step: &Step, candidates: Vec<Candidate>) -> Option<(f64, Candidate)> {
        let mut best: Option<(f64, usize, Candidate)> = None;
        for candidate in candidates {
            let gain = self.gain(step, &candidate);
            let is_restricted = |input: usize| match input == candidate.input {
                true => candidate.limits != self.whole[input],
                false => step.limits[input] != self.whole[input],
            };
            let free = (0..self.inputs.len())
                .filter(|&input| !is_restricted(input))
                .count();
            let is_better = best.as_ref().is_none_or(|(of_best, free_of_best, _)| {
                gain > *of_best || (gain == *of_best && free > *free_of_best)
            });
            if is_better {
                best = Some((gain, free, candidate));
            }
        }
        best.map(|(gain, _, candidate)| (gain, candidate))
    }

    fn gain(&self, step: &Step, candidate: &Candidate) -> f64 {
        let old = mean(step.rows, step.hits);
        let new = match candidate.rows {
            0 => 0.0,
            rows => mean(rows, candidate.hits),
        };
        let moved = step.rows.abs_diff(candidate.rows) as f64;
        match self.options.gain {
            Gain::Original if candidate.rows == 0 => -1.0,
            Gain::Original => new,
            _ if old == new || moved == 0.0 => 0.0,
            Gain::Lenient1 => (new - old) / moved,
            Gain::Lenient2 => candidate.rows as f64 * (new - old) / moved,
        }
    }

    fn mass(&self, rows: u64) -> f64 {
        rows as f64 / self.hits.len() as f64
    }

    fn count(&self, rows: &[u32]) -> u64 {
        rows.iter().filter(|row| self.hits[**row as usize]).count() as u64
    }

    fn is_in(&self, step: &Step, row: usize) -> bool {
        let inputs = self.inputs.iter().zip(&step.limits);
        inputs
            .into_iter()
            .all(|(input, limits)| limits.hold(input.values[row]))
    }

    fn step(&self, limits: &[Limits], rows: u64, hits: u64) -> Step {
        let restricted: Vec<usize> = (0..limits.len())
            .filter(|&input| limits[input] != self.whole[input])
            .collect();
        Step {
            quasi_p: self.quasi_p(limits, &restricted),
            restricted: restricted.len(),
            limits: limits.to_vec(),
            rows,
            hits,
        }
    }

    /// Returns the probabilities that the box holds as many cases of interest by chance, with each limit removed in
    /// turn. Each cluster counts once, by its share of rows of interest.
    fn quasi_p(&self, limits: &[Limits], restricted: &[usize]) -> Vec<[f64; 2]> {
        let mut found = vec![[f64::NAN; 2]; limits.len()];
        if restricted.is_empty() {
            return found;
        }
        let clusters = self
            .clusters
            .iter()
            .max()
            .map_or(0, |&last| last as usize + 1);
        let mut inside = Tally {
            rows: vec![(0, 0); clusters],
        };
        // By restricted input and side: rows excluded by this limit alone.
        let mut near: Vec<[Vec<u32>; 2]> = vec![Default::default(); restricted.len()];
        for row in 0..self.hits.len() {
            let mut outside = (restricted.iter().enumerate())
                .filter(|(_, input)| !limits[**input].hold(self.inputs[**input].values[row]));
            match (outside.next(), outside.next()) {
                (None, _) => inside.add(self.clusters[row], self.hits[row]),
                (Some((place, &input)), None) => {
                    let is_above = match &limits[input] {
                        Limits::Range(_, high) => self.inputs[input].values[row] > *high,
                        Limits::Words(_) => false,
                    };
                    near[place][usize::from(is_above)].push(row as u32);
                }
                _ => {}
            }
        }
        let (all, hits) = inside.sums();
        for (place, &input) in restricted.iter().enumerate() {
            for side in 0..2 {
                let is_limit = match (&limits[input], &self.whole[input], side) {
                    (Limits::Range(low, _), Limits::Range(least, _), 0) => low != least,
                    (Limits::Range(_, high), Limits::Range(_, greatest), _) => high != greatest,
                    (Limits::Words(_), _, side) => side == 0,
                    _ => false,
                };
                if is_limit {
                    let near = near[place][side].iter().map(|&row| row as usize);
                    let near = near.map(|row| (self.clusters[row], self.hits[row]));
                    let (wider, hits_of_wider) = inside.sums_with(near, (all, hits));
                    found[input][side] = at_least(hits.round(), all, hits_of_wider / wider);
                }
            }
        }
        found
    }
}

/// Rows, and those of interest, by cluster.
struct Tally {
    rows: Vec<(u32, u32)>,
}

impl Tally {
    fn add(&mut self, cluster: u32, hit: bool) {
        let (rows, hits) = &mut self.rows[cluster as usize];
        *rows += 1;
        *hits += u32::from(hit);
    }

    /// Returns the number of clusters, and the sum of their shares of interest.
    fn sums(&self) -> (f64, f64) {
        let there = self.rows.iter().filter(|(rows, _)| *rows > 0);
        there.fold((0.0, 0.0), |(count, sum), &(rows, hits)| {
            (count + 1.0, sum + share(rows, hits))
        })
    }

    /// Returns the sums with further rows.
    fn sums_with(
        &self,
        more: impl Iterator<Item = (u32, bool)>,
        (mut count, mut sum): (f64, f64),
    ) -> (f64, f64) {
        let mut touched: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
        for (cluster, hit) in more {
            let (rows, hits) = touched.entry(cluster).or_default();
            *rows += 1;
            *hits += u32::from(hit);
        }
        for (cluster, (rows, hits)) in touched {
            let (before, hits_before) = self.rows[cluster as usize];
            match before {
                0 => count += 1.0,
                before => sum -= share(before, hits_before),
            }
            sum += share(before + rows, hits_before + hits);
        }
        (count, sum)
    }
}

fn share(rows: u32, hits: u32) -> f64 {
    f64::from(hits) / f64::from(rows)
}

fn mean(rows: u64, hits: u64) -> f64 {
    hits as f64 / rows as f64
}

/// Returns the limits that hold all values of an input.
fn whole(input: &Input) -> Limits {
    match input.kind {
        Kind::Word => Limits::Words(vec![true; input.words.len()]),
        _ => {
            let ends = (f64::INFINITY, f64::NEG_INFINITY);
            let (low, high) = (input.values.iter()).fold(ends, |(low, high), &value| {
                (low.min(value), high.max(value))
            });
            Limits::Range(low, high)
        }
    }
}

/// Returns the quantile of sorted values, between two different values on the side that is cut off (as in sdtoolkit).
fn quantile(count: usize, value: impl Fn(usize) -> f64, share: f64) -> f64 {
    let rank = (count - 1) as f64 * share;
    let (mut lower, mut higher) = (rank.floor() as usize, rank.ceil() as usize);
    if share > 0.5 {
        while value(lower) == value(higher) && lower > 0 {
            lower -= 1;
        }
    } else {
        while value(lower) == value(higher) && higher < count - 1 {
            higher += 1;
        }
    }
    (value(lower) + value(higher)) / 2.0
}
