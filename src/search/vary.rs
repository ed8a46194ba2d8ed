//! Makes new settings out of good ones: NSGA-II's tournaments, crossover and mutation, on the places of values on
//! their axes.

use super::Options;
use super::rank::{Score, Standing, standings};
use super::space::{Point, Space, are_words, coordinate};
use super::trials::Trials;
use crate::engine::{Source, Value};
use crate::study::axis::Axis;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

/// Probability that two parents are crossed.
const CROSSED: f64 = 0.9;

/// Indices of the distributions of crossover and mutation: the larger, the closer children are to their parents.
const CROSSOVER: f64 = 15.0;
const MUTATION: f64 = 20.0;

/// Attempts to find a new setting, for each requested one.
const ATTEMPTS: usize = 50;

/// Returns the settings of the next generation: first those that are good but were tried in too few worlds, then new
/// ones. Returns `None` once `stop` is set.
pub fn ask(
    space: &Space,
    trials: &Trials,
    scores: &[Score],
    options: &Options,
    mut source: Source,
    stop: &AtomicBool,
) -> Option<Vec<Point>> {
    let standings = standings(scores);
    let mut best: Vec<usize> = (0..scores.len()).collect();
    best.sort_by(|&a, &b| standings[a].compare(&standings[b]).then(a.cmp(&b)));
    let is_pending = |&&trial: &&usize| {
        standings[trial].front == 0 && trials.all[trial].worlds < options.least_worlds
    };
    let pending = best.iter().filter(is_pending).take(options.population / 2);
    let mut settings: Vec<Point> = pending
        .map(|&trial| trials.all[trial].setting.clone())
        .collect();
    let mut taken: BTreeSet<String> = settings.iter().map(Point::key).collect();
    best.truncate(options.population);
    for attempt in 0..ATTEMPTS * options.population {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        // If good settings yield nothing new any more, any setting is tried.
        let point = match attempt < ATTEMPTS * options.population / 2 {
            true => child(space.axes(), trials, &best, &standings, &mut source),
            false => Point(
                space
                    .axes()
                    .iter()
                    .map(|axis| axis.sample(source.uniform()))
                    .collect(),
            ),
        };
        let is_new = !trials.has(&point) && !taken.contains(&point.key());
        if is_new && space.admits(&point).unwrap_or(false) {
            taken.insert(point.key());
            settings.push(point);
        }
        if settings.len() >= options.population {
            break;
        }
    }
    Some(settings)
}

/// Returns a child of two parents.
fn child(
    axes: &[Axis],
    trials: &Trials,
    best: &[usize],
    standings: &[Standing],
    source: &mut Source,
) -> Point {
    let mut parent = || {
        let [a, b] = [source.index(best.len()), source.index(best.len())].map(|place| best[place]);
        match standings[b].compare(&standings[a]) {
            std::cmp::Ordering::Less => b,
            _ => a,
        }
    };
    let parents = [parent(), parent()].map(|trial| &trials.all[trial].setting.0);
    let is_crossed = source.uniform() < CROSSED;
    let mutated = 1.0 / axes.len() as f64;
    let values = axes.iter().enumerate().map(|(place, axis)| {
        let [mine, other] = [parents[0][place], parents[1][place]];
        let value = match is_crossed {
            true => cross(axis, mine, other, source),
            false => mine,
        };
        match source.uniform() < mutated {
            true => mutate(axis, value, source),
            false => value,
        }
    });
    Point(values.collect())
}

/// Returns a value between or beside those of two parents, by simulated binary crossover (Deb and Agrawal 1995). Half
/// of the values are the first parent's. For words, returns one of the two.
fn cross(axis: &Axis, mine: Value, other: Value, source: &mut Source) -> Value {
    let (is_kept, u) = (source.uniform() < 0.5, source.uniform());
    if are_words(axis) {
        return if u < 0.5 { mine } else { other };
    }
    if is_kept || mine == other {
        return mine;
    }
    let (a, b) = (coordinate(axis, mine), coordinate(axis, other));
    let spread = match u <= 0.5 {
        true => libm::pow(2.0 * u, 1.0 / (CROSSOVER + 1.0)),
        false => libm::pow(1.0 / (2.0 * (1.0 - u)), 1.0 / (CROSSOVER + 1.0)),
    };
    let place = 0.5 * ((1.0 + spread) * a + (1.0 - spread) * b);
    axis.sample(place.clamp(0.0, 1.0))
}

/// Returns a value near another, by polynomial mutation (Deb and Goyal 1996); for words, any word.
fn mutate(axis: &Axis, value: Value, source: &mut Source) -> Value {
    let u = source.uniform();
    if are_words(axis) {
        return axis.sample(u);
    }
    let power = 1.0 / (MUTATION + 1.0);
    let step = match u < 0.5 {
        true => libm::pow(2.0 * u, power) - 1.0,
        false => 1.0 - libm::pow(2.0 * (1.0 - u), power),
    };
    axis.sample((coordinate(axis, value) + step).clamp(0.0, 1.0))
}
