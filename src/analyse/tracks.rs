//! Tracks several numbered things over the days: the state of each, and whether an event has happened to it.

use super::AnalyseError;
use super::clustered::Clustered;
use super::fans::spread;
use super::histogram::{Histogram, Scale, Scan};
use super::moments::Moments;
use super::runs::Runs;
use super::worlds::Worlds;
use crate::input::{RawValue, RowGroups, Table, TableError};
use std::collections::BTreeSet;

/// Most days shown.
const MOST_DAYS: usize = 200;

/// Most counts kept at a time.
const MOST_COUNTS: usize = 20_000_000;

/// Columns of a table with a row per run, day and thing.
#[derive(Clone, Copy, Debug)]
pub struct TrackColumns {
    /// Folder of the table.
    pub table: &'static str,
    /// Column of the thing's number.
    pub number: &'static str,
    /// Column of its state, a number that may be missing.
    pub state: &'static str,
    /// Column of the event: true once it has happened to the thing.
    pub event: &'static str,
}

/// Tracks of things over the days, over all runs.
#[derive(Clone, Debug)]
pub struct Tracks {
    /// Numbers of the things, ascending.
    pub numbers: Vec<u32>,
    /// Days.
    pub days: Vec<u32>,
    /// States by thing and day, over the runs in which the thing has one.
    pub states: Vec<Vec<Histogram>>,
    /// Shares of runs in which the event has happened, by thing and day.
    pub shares: Vec<Vec<Share>>,
}

/// Share of runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// Mean of the share over independent worlds.
    pub share: f64,
    /// Its 95 % interval, which counts independent worlds.
    pub interval: (f64, f64),
}

/// Clusters of dependent runs: first those of uncertain points, if there are several, and then those of random worlds
/// that points share, or of runs where there is one point.
struct Clusters {
    worlds: Worlds,
    /// Number of clusters of points.
    points: usize,
    /// Number of all clusters.
    count: usize,
}

impl Clusters {
    fn of(runs: Runs) -> Result<Self, AnalyseError> {
        let worlds = Worlds::of(runs.dataset(), None)?;
        let points = if worlds.points > 1 { worlds.points } else { 0 };
        let random = match (points, worlds.are_common) {
            (_, true) => worlds.replicates,
            (0, false) => worlds.replicates * runs.dataset().manifest.points as usize,
            _ => 0,
        };
        Ok(Self {
            worlds,
            points,
            count: points + random,
        })
    }

    /// Returns the clusters of a run.
    fn places(&self, point: u32, replicate: u32) -> impl Iterator<Item = usize> {
        let worlds = &self.worlds;
        let of_point = (self.points > 0).then(|| worlds.uncertain_of(point) as usize);
        let of_world = match worlds.are_common {
            true => Some(replicate as usize),
            false if self.points == 0 => {
                Some(point as usize * worlds.replicates + replicate as usize)
            }
            false => None,
        };
        let last = self.count - 1;
        let of_world = of_world.map(|place| (self.points + place).min(last));
        of_point.into_iter().chain(of_world)
    }
}

/// Rows of the table.
struct Rows {
    point: Vec<u32>,
    replicate: Vec<u32>,
    day: Vec<u32>,
    number: Vec<u32>,
    state: Vec<Option<f64>>,
    event: Vec<bool>,
}

impl Rows {
    fn of(table: &Table, columns: TrackColumns, points: u32) -> Result<Self, TableError> {
        let point = table.counts("point")?;
        if let Some(row) = point.iter().position(|&point| point >= points) {
            return Err(table.fault(row, "point", &point[row], "a point of this dataset"));
        }
        let event = table.raw(columns.event)?;
        let event = event
            .iter()
            .map(|event| matches!(event, RawValue::Word(word) if word == "true"));
        Ok(Self {
            event: event.collect(),
            point,
            replicate: table.counts("replicate")?,
            day: table.counts("day")?,
            number: table.counts(columns.number)?,
            state: table.optional_reals(columns.state)?,
        })
    }
}

/// Gathers the tracks of things in a dataset.
///
/// # Errors
/// When a part cannot be read or is inconsistent.
pub fn tracks(runs: Runs, columns: TrackColumns) -> Result<Tracks, AnalyseError> {
    let clusters = Clusters::of(runs)?;
    let (mut numbers, mut all_days) = (BTreeSet::new(), BTreeSet::new());
    let mut scan = Scan::of_range();
    each(runs, columns, |rows| {
        numbers.extend(&rows.number);
        all_days.extend(&rows.day);
        rows.state
            .iter()
            .flatten()
            .for_each(|&state| scan.add(state));
    })?;
    let numbers: Vec<u32> = numbers.into_iter().collect();
    let all_days: Vec<u32> = all_days.into_iter().collect();
    let room = MOST_COUNTS / (numbers.len() * clusters.count).max(1);
    let most = room.clamp(2, MOST_DAYS);
    let days: Vec<u32> = spread(all_days.len(), most)
        .map(|place| all_days[place])
        .collect();
    let scale = Scale::new(&scan);
    let mut states = vec![vec![Histogram::new(&scale); days.len()]; numbers.len()];
    // By thing, day and cluster: the number of runs, and of those in which the event has happened.
    let mut counts = vec![(0u32, 0u32); numbers.len() * days.len() * clusters.count];
    let place = |thing: usize, day: usize| (thing * days.len() + day) * clusters.count;
    each(runs, columns, |rows| {
        for row in 0..rows.day.len() {
            let thing = numbers.binary_search(&rows.number[row]);
            let (Ok(thing), Ok(day)) = (thing, days.binary_search(&rows.day[row])) else {
                continue;
            };
            if let Some(state) = rows.state[row] {
                states[thing][day].add(state);
            }
            for cluster in clusters.places(rows.point[row], rows.replicate[row]) {
                let (runs, met) = &mut counts[place(thing, day) + cluster];
                *runs += 1;
                *met += u32::from(rows.event[row]);
            }
        }
    })?;
    let share = |thing: usize, day: usize| {
        let of_clusters = &counts[place(thing, day)..][..clusters.count];
        let (points, random) = of_clusters.split_at(clusters.points);
        let moments = |clusters: &[(u32, u32)]| {
            let seen = clusters.iter().filter(|(runs, _)| *runs > 0);
            Moments::of(seen.map(|&(runs, met)| f64::from(met) / f64::from(runs)))
        };
        let found = Clustered {
            points: moments(points),
            worlds: moments(random),
        };
        let share = match clusters.points {
            0 => found.worlds.mean(),
            _ => found.points.mean(),
        };
        Share {
            share,
            interval: found.wilson(share),
        }
    };
    let things = 0..numbers.len();
    let shares = things.map(|thing| (0..days.len()).map(|day| share(thing, day)).collect());
    Ok(Tracks {
        shares: shares.collect(),
        numbers,
        days,
        states,
    })
}

fn each(runs: Runs, columns: TrackColumns, mut show: impl FnMut(Rows)) -> Result<(), TableError> {
    let read = [
        "point",
        "replicate",
        "day",
        columns.number,
        columns.state,
        columns.event,
    ];
    let points = runs.dataset().manifest.points;
    for part in runs.files(columns.table) {
        for rows in RowGroups::open(&part)?.columns(&read) {
            show(Rows::of(&rows?, columns, points)?);
        }
    }
    Ok(())
}
