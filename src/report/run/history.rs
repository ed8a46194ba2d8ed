//! Reads a run from its directory: of each table only the columns, days and rows that are drawn. The tables grow at
//! least with the square of the days; the data kept here barely grows.

use super::super::thin::Greatest;
use super::some_of;
use crate::analyse::spread;
use crate::engine::Setting;
use crate::input::{RowGroups, Table, TableError};
use crate::voting::proposals::Status;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Greatest number of days on a slider.
const DAYS: usize = 120;

/// Most participants, and most proposals, that a chart draws.
pub const DRAWN: usize = 100;

/// Most lines that a chart draws between them.
const LINES: usize = 300;

/// Table of a replay with the state after each phase.
const SYSTEM: &str = "system";

/// Data of a run for the page.
pub struct History {
    pub setting: Setting,
    /// True for a replay of a recording, whose tables have fewer columns.
    pub is_replay: bool,
    /// Table with a row per day, or of a replay, a row per phase of each day.
    days: Table,
    /// Row of each day.
    rows: Vec<usize>,
    pub day: Vec<u32>,
    /// Days of the slider.
    pub shown: Vec<u32>,
    /// State by day of the slider.
    pub on: BTreeMap<u32, OnDay>,
    /// Participants who left, as last seen on a day of the slider.
    pub departed: Vec<LastSeen>,
    /// Proposals by id.
    pub proposals: BTreeMap<u32, Proposal>,
    /// Candidacies by id, of the proposals that came closest to passing.
    pub candidacies: BTreeMap<u32, Vec<Candidacy>>,
    /// Affinities on the first and on the last day, between those drawn.
    pub affinities: [Vec<Affinity>; 2],
    /// Strongest influence edges at the end, between those drawn: from influencer to influenced.
    pub influence: Vec<(u32, u32)>,
    /// Number of all influence edges.
    pub influences: usize,
}

/// State on a day of the slider.
#[derive(Default)]
pub struct OnDay {
    /// Holdings of all participants.
    pub holdings: Vec<f64>,
    /// Participants with the greatest holdings, in order of arrival.
    pub people: Vec<Person>,
    /// Number of candidates.
    pub candidate_count: usize,
    /// Candidates closest to passing, in order of arrival.
    pub candidates: Vec<Candidate>,
    /// Greatest stakes between them.
    pub stakes: Vec<Stake>,
    /// Tokens staked on all candidates.
    pub staked: f64,
}

/// Participant on a day.
#[derive(Clone, Copy)]
pub struct Person {
    pub id: u32,
    pub holdings: f64,
}

/// Participant on the last day of their presence.
#[derive(Clone, Copy)]
pub struct LastSeen {
    pub id: u32,
    pub day: u32,
    pub holdings: f64,
}

/// Candidate at the end of a day.
#[derive(Clone, Copy)]
pub struct Candidate {
    pub id: u32,
    pub requested: f64,
    pub conviction: f64,
    /// Trigger; NaN if it was not a candidate when the day began.
    pub trigger: f64,
}

impl Candidate {
    /// Returns the ratio of conviction to trigger.
    pub fn share(&self) -> f64 {
        self.conviction / self.trigger
    }
}

/// Proposal in any state.
pub struct Proposal {
    pub requested: f64,
    pub arrived: u32,
    /// Day on which it passed, if it did.
    pub passed: Option<u32>,
    pub status: String,
    /// Last day with a trigger that conviction can exceed, and that trigger.
    pub last_trigger: Option<(u32, f64)>,
    /// Greatest ratio of conviction to trigger on any day; NaN if it never was a candidate.
    closest: f64,
}

impl Proposal {
    /// Returns true if a day began with it as a candidate.
    pub fn was_candidate(&self) -> bool {
        !self.closest.is_nan()
    }
}

/// Proposal on a day that it began as a candidate.
#[derive(Clone, Copy)]
pub struct Candidacy {
    pub day: u32,
    pub conviction: f64,
    pub trigger: f64,
}

/// Tokens of a participant on a candidate.
#[derive(Clone, Copy)]
pub struct Stake {
    pub participant: u32,
    pub proposal: u32,
    pub tokens: f64,
}

/// Affinity of a participant to a candidate.
#[derive(Clone, Copy)]
pub struct Affinity {
    pub participant: u32,
    pub proposal: u32,
    pub affinity: f64,
}

impl History {
    /// Reads a run of `setting`.
    ///
    /// # Errors
    /// When a table is missing or broken.
    pub fn read(directory: &Path, setting: &Setting) -> Result<Self, TableError> {
        let path = |name: &str| directory.join(name).with_extension("parquet");
        let is_replay = !path("days").exists() && path(SYSTEM).exists();
        let days = Table::read(&path(if is_replay { SYSTEM } else { "days" }))?;
        let phases = days.counts("day")?;
        let is_last = |&row: &usize| phases.get(row + 1) != Some(&phases[row]);
        let rows: Vec<usize> = (0..phases.len()).filter(is_last).collect();
        let day: Vec<u32> = rows.iter().map(|&row| phases[row]).collect();
        let shown: Vec<u32> = spread(day.len(), DAYS).map(|row| day[row]).collect();
        let mut on: BTreeMap<u32, OnDay> =
            shown.iter().map(|&day| (day, OnDay::default())).collect();
        let departed = people(&path("participants"), &shown, &mut on)?;
        let proposals = proposals(&path("proposals"), &mut on)?;
        let affinities = edges(&path("support_edges"), &shown, &mut on)?;
        let last = on.values().next_back();
        let among: Vec<u32> = last.map_or(Vec::new(), |last| ids(&last.people, |p| p.id));
        let (influence, influences) = match is_replay {
            true => (Vec::new(), 0),
            false => influence(&path("influence"), &among)?,
        };
        Ok(Self {
            setting: setting.clone(),
            is_replay,
            rows,
            candidacies: candidacies(&path("proposals"), &proposals)?,
            days,
            day,
            shown,
            on,
            departed,
            proposals,
            affinities,
            influence,
            influences,
        })
    }

    /// Returns a column by day, NaN for missing values; `None` if the table lacks it.
    ///
    /// # Errors
    /// When the column is not one of numbers.
    pub fn column(&self, name: &str) -> Result<Option<Vec<f64>>, TableError> {
        if !self.days.column_names().iter().any(|column| column == name) {
            return Ok(None);
        }
        let values = self.days.optional_reals(name)?;
        let value = |&row: &usize| values[row].unwrap_or(f64::NAN);
        Ok(Some(self.rows.iter().map(value).collect()))
    }

    pub fn last_day(&self) -> u32 {
        self.day.last().copied().unwrap_or(0)
    }

    /// Returns the number of participants at the end.
    pub fn people_count(&self) -> usize {
        self.on
            .values()
            .next_back()
            .map_or(0, |last| last.holdings.len())
    }

    /// Returns the part of a caption that names the selection drawn; empty if all are drawn.
    pub fn those_drawn(&self) -> String {
        let Some(last) = self.on.values().next_back() else {
            return String::new();
        };
        some_of(
            last.people.len(),
            last.holdings.len(),
            "participants who hold most",
        ) + &some_of(
            last.candidates.len(),
            last.candidate_count,
            "candidates closest to passing",
        )
    }
}

fn ids<T>(things: &[T], id: fn(&T) -> u32) -> Vec<u32> {
    things.iter().map(id).collect()
}

/// Orders by number, NaN least; of equal numbers, the one that came first is greater.
fn by((a, first): (f64, u32), (b, second): (f64, u32)) -> Ordering {
    let least = |number: f64| {
        if number.is_nan() {
            f64::NEG_INFINITY
        } else {
            number
        }
    };
    least(a).total_cmp(&least(b)).then(second.cmp(&first))
}

/// Reads the holdings of participants on the days of the slider. Returns those absent on the last.
fn people(
    path: &Path,
    days: &[u32],
    on: &mut BTreeMap<u32, OnDay>,
) -> Result<Vec<LastSeen>, TableError> {
    let mut last: BTreeMap<u32, LastSeen> = BTreeMap::new();
    let mut most: BTreeMap<u32, Greatest<Person>> = BTreeMap::new();
    let groups = RowGroups::open(path)?.columns(&["day", "participant", "holdings"]);
    for rows in groups.only("day", days) {
        let rows = rows?;
        let (day, id) = (rows.counts("day")?, rows.counts("participant")?);
        for (row, holdings) in rows.reals("holdings")?.into_iter().enumerate() {
            if let Some(on) = on.get_mut(&day[row]) {
                on.holdings.push(holdings);
                let seen = LastSeen {
                    id: id[row],
                    day: day[row],
                    holdings,
                };
                last.insert(id[row], seen);
                let most = most.entry(day[row]).or_insert_with(|| {
                    Greatest::new(DRAWN, |a, b| by((a.holdings, a.id), (b.holdings, b.id)))
                });
                most.add(Person {
                    id: id[row],
                    holdings,
                });
            }
        }
    }
    for (day, most) in most {
        let people = &mut on.entry(day).or_default().people;
        *people = most.done();
        people.sort_by_key(|person| person.id);
    }
    let gone = |seen: &LastSeen| days.last().is_some_and(|&day| seen.day < day);
    Ok(last.into_values().filter(gone).collect())
}

fn proposals(
    path: &Path,
    on: &mut BTreeMap<u32, OnDay>,
) -> Result<BTreeMap<u32, Proposal>, TableError> {
    let mut proposals: BTreeMap<u32, Proposal> = BTreeMap::new();
    let mut closest: BTreeMap<u32, Greatest<Candidate>> = BTreeMap::new();
    for rows in RowGroups::open(path)? {
        let rows = rows?;
        let (day, id) = (rows.counts("day")?, rows.counts("proposal")?);
        let (status, requested) = (rows.texts("status")?, rows.reals("funds_requested")?);
        let conviction = rows.optional_reals("conviction")?;
        let trigger = rows.optional_reals("trigger")?;
        for (row, status) in status.into_iter().enumerate() {
            let (day, id, requested) = (day[row], id[row], requested[row]);
            let conviction = conviction[row].unwrap_or(f64::NAN);
            let trigger = trigger_of(&status, trigger[row]);
            let proposal = proposals.entry(id).or_insert_with(|| Proposal {
                requested,
                arrived: day,
                passed: None,
                status: String::new(),
                last_trigger: None,
                closest: f64::NAN,
            });
            if trigger.is_finite() {
                proposal.last_trigger = Some((day, trigger));
            }
            // A proposal that passed that day has no conviction any more.
            let passed = conviction.is_nan() && !trigger.is_nan();
            if passed && proposal.passed.is_none() {
                proposal.passed = Some(day);
            }
            let share = if passed {
                f64::INFINITY
            } else {
                conviction / trigger
            };
            proposal.closest = proposal.closest.max(share);
            if status == Status::Candidate.name()
                && let Some(on) = on.get_mut(&day)
            {
                on.candidate_count += 1;
                let closest = closest.entry(day).or_insert_with(|| {
                    Greatest::new(DRAWN, |a, b| by((a.share(), a.id), (b.share(), b.id)))
                });
                closest.add(Candidate {
                    id,
                    requested,
                    conviction,
                    trigger,
                });
            }
            proposal.status = status;
        }
    }
    for (day, closest) in closest {
        let candidates = &mut on.entry(day).or_default().candidates;
        *candidates = closest.done();
        candidates.sort_by_key(|candidate| candidate.id);
    }
    Ok(proposals)
}

/// Returns the trigger of a proposal on a day: infinite for a candidate whose request cannot pass, NaN if it was not
/// a candidate.
fn trigger_of(status: &str, trigger: Option<f64>) -> f64 {
    trigger.unwrap_or(if status == Status::Candidate.name() {
        f64::INFINITY
    } else {
        f64::NAN
    })
}

/// Returns every day of the candidacies of the proposals that came closest to passing.
fn candidacies(
    path: &Path,
    proposals: &BTreeMap<u32, Proposal>,
) -> Result<BTreeMap<u32, Vec<Candidacy>>, TableError> {
    let mut closest = Greatest::new(DRAWN, |a: &(f64, u32), b: &(f64, u32)| by(*a, *b));
    for (&id, proposal) in proposals.iter().filter(|(_, p)| p.was_candidate()) {
        closest.add((proposal.closest, id));
    }
    let closest = closest.done();
    let mut candidacies: BTreeMap<u32, Vec<Candidacy>> = closest
        .into_iter()
        .map(|(_, id)| (id, Vec::new()))
        .collect();
    let columns = ["day", "proposal", "status", "conviction", "trigger"];
    for rows in RowGroups::open(path)?.columns(&columns) {
        let rows = rows?;
        let (day, id) = (rows.counts("day")?, rows.counts("proposal")?);
        let status = rows.texts("status")?;
        let conviction = rows.optional_reals("conviction")?;
        let trigger = rows.optional_reals("trigger")?;
        for row in 0..day.len() {
            let trigger = trigger_of(&status[row], trigger[row]);
            // Keeps candidates, including those that left on that day.
            if !trigger.is_nan()
                && let Some(days) = candidacies.get_mut(&id[row])
            {
                days.push(Candidacy {
                    day: day[row],
                    conviction: conviction[row].unwrap_or(f64::NAN),
                    trigger,
                });
            }
        }
    }
    Ok(candidacies)
}

/// Reads the greatest stakes on the days of the slider, and the affinities on the first and last of them, between
/// those drawn on each.
fn edges(
    path: &Path,
    days: &[u32],
    on: &mut BTreeMap<u32, OnDay>,
) -> Result<[Vec<Affinity>; 2], TableError> {
    let drawn: BTreeMap<u32, (BTreeSet<u32>, BTreeSet<u32>)> = on
        .iter()
        .map(|(&day, on)| {
            let people = on.people.iter().map(|person| person.id).collect();
            let candidates = on.candidates.iter().map(|candidate| candidate.id).collect();
            (day, (people, candidates))
        })
        .collect();
    let mut stakes: BTreeMap<u32, Greatest<Stake>> = BTreeMap::new();
    let mut affinities = [Vec::new(), Vec::new()];
    let columns = ["day", "participant", "proposal", "affinity", "tokens"];
    for rows in RowGroups::open(path)?.columns(&columns).only("day", days) {
        let rows = rows?;
        let day = rows.counts("day")?;
        let (from, to) = (rows.counts("participant")?, rows.counts("proposal")?);
        let (affinity, tokens) = (rows.reals("affinity")?, rows.reals("tokens")?);
        for row in 0..day.len() {
            let (day, participant, proposal) = (day[row], from[row], to[row]);
            if let Some(on) = on.get_mut(&day) {
                on.staked += tokens[row];
            }
            let is_drawn = drawn.get(&day).is_some_and(|(people, candidates)| {
                people.contains(&participant) && candidates.contains(&proposal)
            });
            if !is_drawn {
                continue;
            }
            if tokens[row] > 0.0 {
                let most = stakes.entry(day).or_insert_with(|| {
                    Greatest::new(LINES, |a: &Stake, b: &Stake| {
                        let ids = |stake: &Stake| (stake.participant, stake.proposal);
                        a.tokens.total_cmp(&b.tokens).then(ids(b).cmp(&ids(a)))
                    })
                });
                most.add(Stake {
                    participant,
                    proposal,
                    tokens: tokens[row],
                });
            }
            for (end, affinities) in [days.first(), days.last()].into_iter().zip(&mut affinities) {
                if end == Some(&day) {
                    affinities.push(Affinity {
                        participant,
                        proposal,
                        affinity: affinity[row],
                    });
                }
            }
        }
    }
    for (day, most) in stakes {
        on.entry(day).or_default().stakes = most.done();
    }
    Ok(affinities)
}

/// Returns the strongest influence edges between these participants, and the number of all edges.
fn influence(path: &Path, among: &[u32]) -> Result<(Vec<(u32, u32)>, usize), TableError> {
    let mut strongest = Greatest::new(LINES, |a: &(f64, u32, u32), b: &(f64, u32, u32)| {
        a.0.total_cmp(&b.0).then((b.1, b.2).cmp(&(a.1, a.2)))
    });
    let mut count = 0;
    for rows in RowGroups::open(path)? {
        let rows = rows?;
        let (to, from) = (rows.counts("influenced")?, rows.counts("influencer")?);
        let strength = rows.reals("influence")?;
        count += to.len();
        for row in 0..to.len() {
            if [from[row], to[row]].iter().all(|id| among.contains(id)) {
                strongest.add((strength[row], from[row], to[row]));
            }
        }
    }
    let links = strongest.done().into_iter().map(|(_, from, to)| (from, to));
    Ok((links.collect(), count))
}
