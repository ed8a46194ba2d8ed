//! Reads a recorded run of the published program from its directory.

use crate::engine::{Model, Setting};
use crate::input::{FileError, MOST_TEXT, Table, TableError, read_text};
use crate::voting::chance::{Beginning, Draw, InitialParticipant, Link, RecordedDraw};
use crate::voting::participants::InitialParticipants;
use crate::voting::proposals::InitialProposals;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// Reason why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// A table cannot be read, or is invalid.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The description cannot be read.
    #[error("{0}; a recording is a directory with scenario.json and its tables")]
    Open(#[from] FileError),
    /// The description cannot be parsed.
    #[error("{path}: not a complete description of a recording; copy it again")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Cause.
        source: serde_json::Error,
    },
    /// A value of the description is invalid.
    #[error("{path}: {key} = {found}, expected {expected}")]
    Value {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// The value.
        found: String,
        /// Description of a valid value.
        expected: String,
    },
}

/// Range of amounts of Honey: as large as at the start of any run.
const HONEY: RangeInclusive<f64> = 0.0..=1e15;

/// Range of sentiments.
const SHARE: RangeInclusive<f64> = 0.0..=1.0;

/// Range of strengths of edges; those of influence may exceed 1.
const STRENGTH: RangeInclusive<f64> = 0.0..=1e6;

/// Checks that a value is within its range.
fn expect_in(
    table: &Table,
    row: usize,
    column: &str,
    value: f64,
    range: RangeInclusive<f64>,
) -> Result<f64, TableError> {
    if range.contains(&value) {
        return Ok(value);
    }
    let expected = format!("a number from {:?} to {:?}", range.start(), range.end());
    Err(table.fault(row, column, &value, expected))
}

/// `scenario.json`.
#[derive(Deserialize)]
struct Scenario {
    seed: u64,
    days: u32,
    params: BTreeMap<String, f64>,
    initial_values: InitialValues,
    init_draws: usize,
    draws: usize,
    error: Option<String>,
}

#[derive(Deserialize)]
struct InitialValues {
    sentiment: f64,
    n: u32,
    m: u32,
    funds: f64,
    supply: f64,
}

/// A recorded run.
pub struct Recording {
    /// Setting, under the default rules.
    pub setting: Setting,
    /// Seed of the recorded run.
    pub seed: u64,
    /// State of day 0.
    pub beginning: Beginning,
    /// True if the published program crashed, which ended the recording.
    pub crashed: bool,
    /// Draws from day 1 on.
    pub draws: Vec<RecordedDraw>,
}

impl Recording {
    /// Reads the recording in `directory`, of a run of `model`.
    ///
    /// # Errors
    /// When a file is missing, malformed, truncated, or inconsistent with the others.
    pub fn read(directory: &Path, model: &Model) -> Result<Self, RecordingError> {
        let path = directory.join("scenario.json");
        let text = read_text(&path, MOST_TEXT)?;
        let scenario: Scenario =
            serde_json::from_str(&text).map_err(|source| RecordingError::Parse {
                path: path.clone(),
                source,
            })?;
        let setting = read_setting(&path, &scenario, model)?;
        let table = |name: &str| Table::read(&directory.join(name));
        let draws = read_draws(&table("draws.parquet")?, &path, &scenario)?;
        let beginning = read_beginning(&setting, &table)?;
        Ok(Self {
            setting,
            seed: scenario.seed,
            beginning,
            crashed: scenario.error.is_some(),
            draws,
        })
    }
}

fn read_setting(
    path: &Path,
    scenario: &Scenario,
    model: &Model,
) -> Result<Setting, RecordingError> {
    let fault = |key: &str, found: String, expected: String| RecordingError::Value {
        path: path.to_owned(),
        key: key.to_owned(),
        found,
        expected,
    };
    let mut setting = model.setting();
    let InitialValues {
        sentiment,
        n,
        m,
        funds,
        supply,
    } = scenario.initial_values;
    let values = [
        ("days", f64::from(scenario.days)),
        ("initial.participants", f64::from(n)),
        ("initial.proposals", f64::from(m)),
        ("initial.funds", funds),
        ("initial.supply", supply),
        ("initial.sentiment", sentiment),
    ];
    let parameters = scenario.params.iter().map(|(name, &v)| (name.as_str(), v));
    for (name, value) in values.into_iter().chain(parameters) {
        let key = model.keys().find(name).ok_or_else(|| {
            let names: Vec<_> = model.keys().all().iter().map(|k| k.name).collect();
            fault(
                name,
                value.to_string(),
                format!("one of {}", names.join(", ")),
            )
        })?;
        let value = key
            .number(value)
            .ok_or_else(|| fault(name, value.to_string(), key.domain.to_string()))?;
        setting.put(key, value);
    }
    /// Number of parameters of the published program.
    const PARAMETERS: usize = 11;
    if scenario.params.len() < PARAMETERS {
        return Err(fault(
            "params",
            format!("{} parameters", scenario.params.len()),
            "all eleven".to_owned(),
        ));
    }
    match setting.fault() {
        Some(found) => Err(fault(
            found.key,
            found.message,
            "consistent values".to_owned(),
        )),
        None => Ok(setting),
    }
}

fn read_draws(
    table: &Table,
    scenario_path: &Path,
    scenario: &Scenario,
) -> Result<Vec<RecordedDraw>, RecordingError> {
    let (indexes, days) = (table.counts("index")?, table.counts("day")?);
    let (names, values) = (table.texts("draw")?, table.reals("value")?);
    if indexes.len() != scenario.draws {
        return Err(RecordingError::Value {
            path: scenario_path.to_owned(),
            key: "draws".to_owned(),
            found: scenario.draws.to_string(),
            expected: format!(
                "{}, the number of rows in {}; copy the recording again",
                indexes.len(),
                table.path().display()
            ),
        });
    }
    let mut draws = Vec::with_capacity(indexes.len());
    for row in 0..indexes.len() {
        if indexes[row] as usize != row {
            return Err(table
                .fault(row, "index", &indexes[row], row.to_string())
                .into());
        }
        if (days[row] == 0) != (row < scenario.init_draws) || (row > 0 && days[row] < days[row - 1])
        {
            let expected = format!(
                "day 0 before row {}, then ascending days",
                scenario.init_draws
            );
            return Err(table.fault(row, "day", &days[row], expected).into());
        }
        if days[row] == 0 {
            continue;
        }
        let draw = Draw::ALL.iter().find(|draw| draw.name() == names[row]);
        let &draw = draw.ok_or_else(|| {
            let known: Vec<_> = Draw::ALL.iter().map(|draw| draw.name()).collect();
            table.fault(
                row,
                "draw",
                &names[row],
                format!("one of {}", known.join(", ")),
            )
        })?;
        expect_in(table, row, "value", values[row], draw.range())?;
        draws.push(RecordedDraw {
            index: row,
            day: days[row],
            draw,
            value: values[row],
        });
    }
    Ok(draws)
}

fn read_beginning(
    setting: &Setting,
    table: &dyn Fn(&str) -> Result<Table, TableError>,
) -> Result<Beginning, RecordingError> {
    let InitialParticipants { participants } = setting.group();
    let InitialProposals { proposals } = setting.group();
    let people = day_zero(
        table("participants.parquet")?,
        "participant",
        0,
        participants,
    )?;
    let proposed = day_zero(
        table("proposals.parquet")?,
        "proposal",
        participants,
        proposals,
    )?;
    let system = table("system.parquet")?;
    let first = system.counts("day")?.iter().position(|&day| day == 0);
    let first =
        first.ok_or_else(|| system.fault(0, "day", &"no row of day 0", "the state of day 0"))?;
    let state = |column: &str, range| {
        let value = system.reals(column)?[first];
        expect_in(&system, first, column, value, range)
    };
    let [funds, effective_supply, total_supply] =
        ["funds", "effective_supply", "total_supply"].map(|column| state(column, HONEY));
    let (funds, effective_supply, total_supply) = (funds?, effective_supply?, total_supply?);
    let parts = funds + effective_supply;
    // Each was rounded separately.
    if parts > total_supply * (1.0 + 1e-9) {
        let expected = format!("at least {parts}, the funds and the effective supply");
        let fault = system.fault(first, "total_supply", &total_supply, expected);
        return Err(fault.into());
    }
    Ok(Beginning {
        funds,
        effective_supply,
        total_supply,
        sentiment: state("sentiment", SHARE)?,
        participants: people
            .reals("holdings", HONEY)?
            .into_iter()
            .zip(people.reals("sentiment", SHARE)?)
            .map(|(holdings, sentiment)| InitialParticipant {
                holdings,
                sentiment,
            })
            .collect(),
        requests: proposed.reals("funds_requested", HONEY)?,
        affinities: read_affinities(&table("support_edges.parquet")?, participants, proposals)?,
        influence: read_links(
            &table("influence.parquet")?,
            ["influenced", "influencer", "influence"],
            0..participants,
        )?,
        conflict: read_links(
            &table("conflict.parquet")?,
            ["proposal", "other", "conflict"],
            participants..participants + proposals,
        )?,
    })
}

/// Rows of day 0 of a table.
struct DayZero {
    table: Table,
    rows: Vec<usize>,
}

impl DayZero {
    fn reals(&self, column: &str, range: RangeInclusive<f64>) -> Result<Vec<f64>, TableError> {
        let all = self.table.reals(column)?;
        self.rows
            .iter()
            .map(|&row| expect_in(&self.table, row, column, all[row], range.clone()))
            .collect()
    }
}

/// Selects the rows of day 0, whose ids must be the `count` ids from `first` on.
fn day_zero(table: Table, id: &str, first: u32, count: u32) -> Result<DayZero, TableError> {
    let (days, ids) = (table.counts("day")?, table.counts(id)?);
    let rows: Vec<_> = (0..days.len()).filter(|&row| days[row] == 0).collect();
    let expected = || format!("the ids {first} to {} on day 0", first + count - 1);
    for (place, &row) in rows.iter().enumerate() {
        if ids[row] != first + place as u32 {
            return Err(table.fault(row, id, &ids[row], expected()));
        }
    }
    if rows.len() != count as usize {
        return Err(table.fault(rows.len(), id, &format!("{} rows", rows.len()), expected()));
    }
    Ok(DayZero { table, rows })
}

/// Reads the affinities of day 0, proposal by proposal, one per participant.
fn read_affinities(
    table: &Table,
    participants: u32,
    proposals: u32,
) -> Result<Vec<f64>, TableError> {
    let days = table.counts("day")?;
    let (from, to) = (table.counts("participant")?, table.counts("proposal")?);
    let affinities = table.reals("affinity")?;
    let (tokens, convictions) = (table.reals("tokens")?, table.reals("conviction")?);
    let mut all = vec![f64::NAN; (participants * proposals) as usize];
    for row in (0..days.len()).filter(|&row| days[row] == 0) {
        for (column, values) in [("tokens", &tokens), ("conviction", &convictions)] {
            if values[row] != 0.0 {
                return Err(table.fault(row, column, &values[row], "0 on day 0"));
            }
        }
        if from[row] >= participants {
            let expected = format!("an id below {participants}");
            return Err(table.fault(row, "participant", &from[row], expected));
        }
        if !(participants..participants + proposals).contains(&to[row]) {
            let expected = format!(
                "an id from {participants} to {}",
                participants + proposals - 1
            );
            return Err(table.fault(row, "proposal", &to[row], expected));
        }
        expect_in(table, row, "affinity", affinities[row], -1.0..=1.0)?;
        let place = (to[row] - participants) * participants + from[row];
        all[place as usize] = affinities[row];
    }
    match all.iter().position(|affinity| affinity.is_nan()) {
        None => Ok(all),
        Some(place) => Err(table.fault(
            days.len(),
            "affinity",
            &"no row",
            format!(
                "one of day 0 for participant {} and proposal {}",
                place as u32 % participants,
                place as u32 / participants + participants
            ),
        )),
    }
}

/// Reads edges between ids in `ids`, as positions from its start.
fn read_links(
    table: &Table,
    [from, to, strength]: [&str; 3],
    ids: std::ops::Range<u32>,
) -> Result<Vec<Link>, TableError> {
    let (sources, targets) = (table.counts(from)?, table.counts(to)?);
    let strengths = table.reals(strength)?;
    let mut links = Vec::with_capacity(sources.len());
    for row in 0..sources.len() {
        for (column, id) in [(from, sources[row]), (to, targets[row])] {
            if !ids.contains(&id) {
                let expected = format!("an id from {} to {}", ids.start, ids.end.saturating_sub(1));
                return Err(table.fault(row, column, &id, expected));
            }
        }
        expect_in(table, row, strength, strengths[row], STRENGTH)?;
        links.push(Link {
            from: sources[row] - ids.start,
            to: targets[row] - ids.start,
            strength: strengths[row],
        });
    }
    Ok(links)
}
