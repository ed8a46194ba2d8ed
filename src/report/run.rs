//! One run, from the tables that `run --out` wrote: what the published notebook draws, and more.

use super::figure::{Choice, Figure, Frame, all, bars, frame, line, shown, stacked};
use super::page::Page;
use crate::input::{Table, TableError};
use crate::model::{Setting, half_life_from_alpha, max_conviction};
use crate::world::Status;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A run as its directory tells it.
struct Run {
    setting: Setting,
    days: Table,
    day: Vec<u32>,
    participants: Participants,
    proposals: Proposals,
    edges: Edges,
    influence: Vec<(u32, u32)>,
}

struct Participants {
    day: Vec<u32>,
    id: Vec<u32>,
    holdings: Vec<f64>,
}

struct Proposals {
    day: Vec<u32>,
    id: Vec<u32>,
    status: Vec<String>,
    requested: Vec<f64>,
    conviction: Vec<Option<f64>>,
    trigger: Vec<Option<f64>>,
}

struct Edges {
    day: Vec<u32>,
    participant: Vec<u32>,
    proposal: Vec<u32>,
    affinity: Vec<f64>,
    tokens: Vec<f64>,
}

/// Draws a run of `setting` from its directory.
///
/// # Errors
/// When a table is missing or broken.
pub fn page(directory: &Path, setting: &Setting, seed: u64) -> Result<Page, TableError> {
    let run = Run::read(directory, setting)?;
    let p = &setting.parameters;
    let mut page = Page::new(
        "A run of Conviction Voting",
        &format!(
            "{} days, rules {}, {} arithmetic, seed {seed}; half-life {} days, beta {}, rho {}.",
            run.day.last().copied().unwrap_or(0),
            setting.rules.set_name(),
            setting.arithmetic.name(),
            (half_life_from_alpha(p.alpha) * 100.0).round() / 100.0,
            p.beta,
            p.rho,
        ),
    );
    page.section("Funds and supply")
        .figure(run.funds()?)
        .figure(run.supply()?)
        .figure(run.curve(
            "Sentiment: the mood of the system.",
            "sentiment",
            &["sentiment"],
        )?)
        .figure(run.curve("Participants.", "participants", &["participant_count"])?);
    page.section("Proposals")
        .figure(run.stages()?)
        .figure(run.health()?)
        .figure(run.requests())
        .figure(run.required())
        .wide(run.convictions());
    page.section("Participants")
        .figure(run.holdings())
        .figure(run.influence())
        .wide(run.affinities())
        .wide(run.who_supports_what());
    Ok(page)
}

impl Run {
    fn read(directory: &Path, setting: &Setting) -> Result<Self, TableError> {
        let table = |name: &str| Table::read(&directory.join(format!("{name}.parquet")));
        let days = table("days")?;
        let participants = table("participants")?;
        let proposals = table("proposals")?;
        let edges = table("support_edges")?;
        let influence = table("influence")?;
        let pairs = influence.counts("influenced")?.into_iter();
        Ok(Self {
            setting: *setting,
            day: days.counts("day")?,
            days,
            participants: Participants {
                day: participants.counts("day")?,
                id: participants.counts("participant")?,
                holdings: participants.reals("holdings")?,
            },
            proposals: Proposals {
                day: proposals.counts("day")?,
                id: proposals.counts("proposal")?,
                status: proposals.texts("status")?,
                requested: proposals.reals("funds_requested")?,
                conviction: proposals.optional_reals("conviction")?,
                trigger: proposals.optional_reals("trigger")?,
            },
            edges: Edges {
                day: edges.counts("day")?,
                participant: edges.counts("participant")?,
                proposal: edges.counts("proposal")?,
                affinity: edges.reals("affinity")?,
                tokens: edges.reals("tokens")?,
            },
            influence: pairs.zip(influence.counts("influencer")?).collect(),
        })
    }

    fn last_day(&self) -> u32 {
        self.day.last().copied().unwrap_or(0)
    }

    fn by_day(&self, column: &str) -> Result<Value, TableError> {
        let values = self.days.optional_reals(column)?;
        Ok(all(values
            .into_iter()
            .map(|value| value.unwrap_or(f64::NAN))))
    }

    fn lines(&self, columns: &[&str]) -> Result<Vec<Value>, TableError> {
        let lines = columns.iter().map(|column| {
            let name = column.replace('_', " ");
            Ok(line(&name, json!(self.day), self.by_day(column)?))
        });
        lines.collect()
    }

    fn areas(&self, columns: &[&str], suffix: &str) -> Result<Vec<Value>, TableError> {
        let areas = columns.iter().map(|column| {
            let values = self.by_day(&format!("{column}{suffix}"))?;
            Ok(stacked(&column.replace('_', " "), json!(self.day), values))
        });
        areas.collect()
    }

    fn curve(&self, caption: &str, y: &str, columns: &[&str]) -> Result<Figure, TableError> {
        let figure = Figure::fixed(caption, "day", y, self.lines(columns)?);
        Ok(figure.with(json!({ "yaxis": { "rangemode": "tozero" } })))
    }

    fn funds(&self) -> Result<Figure, TableError> {
        let caption = "The pool, and what the candidates request in sum.";
        self.curve(caption, "Honey", &["funds", "candidate_funds"])
    }

    fn supply(&self) -> Result<Figure, TableError> {
        let areas = self.areas(&["effective_supply", "other_supply", "funds"], "")?;
        let caption =
            "Where the tokens are: voting, elsewhere, in the pool. In sum the total supply.";
        Ok(Figure::fixed(caption, "day", "Honey", areas))
    }

    fn stages(&self) -> Result<Figure, TableError> {
        let stages = Status::ALL.map(Status::name);
        let frames = vec![
            frame(self.areas(&stages, "_count")?),
            Frame {
                data: self.areas(&stages, "_funds")?,
                layout: json!({ "yaxis": { "title": { "text": "Honey requested" } } }),
            },
        ];
        let choices = vec![Choice::list("Show", ["count", "funds requested"])];
        let caption = "Proposals by status.";
        Ok(Figure::chosen(caption, "day", "proposals", choices, frames))
    }

    fn health(&self) -> Result<Figure, TableError> {
        let shares = |suffix: &str| {
            let columns = ["active", "completed", "failed", "killed", "candidate"];
            let columns: Vec<_> = columns.iter().map(|c| format!("{c}{suffix}")).collect();
            self.lines(&columns.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let frames = vec![
            frame(self.lines(&["fraction_of_supply_for_voting"])?),
            frame(self.lines(&["fraction_of_supply_in_pool"])?),
            frame(shares("_share")?),
            frame(shares("_funds_share")?),
        ];
        let choices = vec![Choice::list(
            "Metric",
            [
                "fraction of supply for voting",
                "fraction of supply in pool",
                "proposals by stage",
                "funds by stage",
            ],
        )];
        let caption = "The four health metrics.";
        Ok(Figure::chosen(caption, "day", "share", choices, frames)
            .with(json!({ "yaxis": { "rangemode": "tozero" } })))
    }

    /// For each proposal: its first row in the table, and its last status.
    fn proposals(&self) -> BTreeMap<u32, (usize, &str)> {
        let mut proposals = BTreeMap::new();
        for (row, (&id, status)) in self
            .proposals
            .id
            .iter()
            .zip(&self.proposals.status)
            .enumerate()
        {
            proposals
                .entry(id)
                .and_modify(|(_, last): &mut (usize, &str)| *last = status)
                .or_insert((row, status));
        }
        proposals
    }

    fn requests(&self) -> Figure {
        let funds = self.days.reals("funds").unwrap_or_default();
        let proposals = self.proposals();
        let by_status = |share: bool| {
            Status::ALL.map(Status::name).map(|name| {
                let of = proposals.iter().filter(|(_, (_, status))| *status == name);
                let (ids, values): (Vec<u32>, Vec<f64>) = of
                    .map(|(&id, &(row, _))| {
                        let day = self.proposals.day[row] as usize;
                        let pool = funds.get(day).copied().unwrap_or(f64::NAN);
                        let requested = self.proposals.requested[row];
                        (id, if share { requested / pool } else { requested })
                    })
                    .unzip();
                bars(name, json!(ids), all(values))
            })
        };
        let frames = vec![
            frame(by_status(false).into()),
            Frame {
                data: by_status(true).into(),
                layout: json!({
                    "yaxis": { "title": { "text": "share of the pool" } },
                    "shapes": [{
                        "type": "line", "xref": "paper", "x0": 0, "x1": 1,
                        "y0": self.setting.parameters.beta, "y1": self.setting.parameters.beta,
                        "line": { "dash": "dot", "color": "#888" },
                    }],
                }),
            },
        ];
        let choices = vec![Choice::list(
            "Show",
            ["Honey", "share of the pool when it arrived"],
        )];
        let caption = "What each proposal requests, by what became of it; dotted, beta.";
        Figure::chosen(caption, "proposal", "Honey", choices, frames)
    }

    fn required(&self) -> Figure {
        let alpha = self.setting.parameters.alpha;
        let effective = self.days.reals("effective_supply").unwrap_or_default();
        let largest: Vec<f64> = effective
            .iter()
            .map(|e| max_conviction(*e, alpha))
            .collect();
        let mut last = BTreeMap::new();
        for row in 0..self.proposals.id.len() {
            if let Some(trigger) = self.proposals.trigger[row].filter(|t| t.is_finite()) {
                last.insert(self.proposals.id[row], (row, trigger));
            }
        }
        let points = |share: bool| {
            let (x, y): (Vec<f64>, Vec<f64>) = last
                .values()
                .map(|&(row, trigger)| {
                    let most = largest
                        .get(self.proposals.day[row] as usize)
                        .copied()
                        .unwrap_or(f64::NAN);
                    let y = if share { trigger / most } else { trigger };
                    (self.proposals.requested[row], y)
                })
                .unzip();
            json!({ "type": "scatter", "mode": "markers", "x": all(x), "y": all(y), "showlegend": false })
        };
        let frames = vec![
            frame(vec![points(false)]),
            Frame {
                data: vec![points(true)],
                layout: json!({ "yaxis": { "title": { "text": "share of the largest conviction" } } }),
            },
        ];
        let choices = vec![Choice::list(
            "Show",
            ["absolute", "share of the largest possible"],
        )];
        let caption = "Conviction required of each proposal, as last stated, by what it requests.";
        Figure::chosen(caption, "Honey requested", "Honey days", choices, frames)
            .with(json!({ "yaxis": { "type": "log" } }))
    }

    fn convictions(&self) -> Figure {
        let mut by_id: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (row, &id) in self.proposals.id.iter().enumerate() {
            // Candidates, and what they were when they left.
            if self.proposals.trigger[row].is_some_and(|t| !t.is_nan()) {
                by_id.entry(id).or_default().push(row);
            }
        }
        let days = |rows: &[usize]| {
            json!(
                rows.iter()
                    .map(|&r| self.proposals.day[r])
                    .collect::<Vec<_>>()
            )
        };
        let of = |column: &[Option<f64>], rows: &[usize]| -> Vec<f64> {
            rows.iter()
                .map(|&row| column[row].unwrap_or(f64::NAN))
                .collect()
        };
        let shares = by_id.iter().map(|(id, rows)| {
            let (y, trigger) = (
                of(&self.proposals.conviction, rows),
                of(&self.proposals.trigger, rows),
            );
            let share = y.iter().zip(trigger).map(|(y, trigger)| y / trigger);
            let mut line = line(&format!("proposal {id}"), days(rows), all(share));
            line["line"] = json!({ "width": 1 });
            line
        });
        let mut frames = vec![Frame {
            data: shares.collect(),
            layout: json!({
                "showlegend": false,
                "yaxis": { "title": { "text": "conviction / trigger" }, "range": [0, 2] },
                "shapes": [{ "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 1, "y1": 1,
                             "line": { "dash": "dot", "color": "#888" } }],
            }),
        }];
        frames.extend(by_id.values().map(|rows| {
            frame(vec![
                line(
                    "conviction",
                    days(rows),
                    all(of(&self.proposals.conviction, rows)),
                ),
                line(
                    "trigger",
                    days(rows),
                    all(of(&self.proposals.trigger, rows)),
                ),
            ])
        }));
        let names = by_id.keys().map(|id| format!("proposal {id}"));
        let options = std::iter::once("all, as a share of their triggers".to_owned()).chain(names);
        let choices = vec![Choice::list("Show", options)];
        let caption =
            "Conviction against trigger over time, of every proposal while it was a candidate.";
        Figure::chosen(caption, "day", "Honey days", choices, frames)
            .with(json!({ "yaxis": { "rangemode": "tozero" } }))
            .tall(420)
    }

    fn holdings(&self) -> Figure {
        let on = |day: u32| {
            let rows = self
                .participants
                .day
                .iter()
                .zip(&self.participants.holdings);
            all(rows.filter(|row| *row.0 == day).map(|row| *row.1))
        };
        let histogram = |name: String, x: Value| json!({ "type": "histogram", "name": name, "x": x, "opacity": 0.6, "nbinsx": 30 });
        let last = self.last_day();
        let data = vec![
            histogram("day 0".to_owned(), on(0)),
            histogram(format!("day {last}"), on(last)),
        ];
        let caption = "What participants hold.";
        Figure::fixed(caption, "Honey", "participants", data).with(json!({ "barmode": "overlay" }))
    }

    /// Ids and holdings of the participants on a day, in order.
    fn people(&self, day: u32) -> Vec<(u32, f64)> {
        let p = &self.participants;
        let rows = (0..p.id.len()).filter(|&row| p.day[row] == day);
        rows.map(|row| (p.id[row], p.holdings[row])).collect()
    }

    fn influence(&self) -> Figure {
        let people = self.people(self.last_day());
        let angle =
            |place: usize| place as f64 / people.len().max(1) as f64 * std::f64::consts::TAU;
        let at: BTreeMap<u32, (f64, f64)> = people
            .iter()
            .enumerate()
            .map(|(place, &(id, _))| (id, (libm::cos(angle(place)), libm::sin(angle(place)))))
            .collect();
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for (influenced, influencer) in &self.influence {
            if let (Some(a), Some(b)) = (at.get(influencer), at.get(influenced)) {
                x.extend([a.0, b.0, f64::NAN]);
                y.extend([a.1, b.1, f64::NAN]);
            }
        }
        let edges = json!({
            "type": "scatter", "mode": "lines", "x": all(x), "y": all(y), "hoverinfo": "skip",
            "line": { "width": 0.8, "color": "rgba(128,128,128,0.5)" }, "showlegend": false,
        });
        let data = vec![
            edges,
            nodes(&people, |id| at[&id], "participant", "#1f77b4"),
        ];
        let caption = "Who sways whom; circles by holdings.";
        Figure::fixed(caption, "", "", data)
            .with(json!({
                "xaxis": { "visible": false },
                "yaxis": { "visible": false, "scaleanchor": "x" },
                "margin": { "l": 10, "r": 10, "t": 10, "b": 10 },
            }))
            .tall(420)
    }

    fn affinities(&self) -> Figure {
        let on = |day: u32| {
            let e = &self.edges;
            let rows: Vec<usize> = (0..e.day.len()).filter(|&row| e.day[row] == day).collect();
            let proposals: BTreeSet<u32> = rows.iter().map(|&row| e.proposal[row]).collect();
            let people: BTreeSet<u32> = rows.iter().map(|&row| e.participant[row]).collect();
            let place = |set: &BTreeSet<u32>| -> BTreeMap<u32, usize> {
                set.iter()
                    .enumerate()
                    .map(|(place, &id)| (id, place))
                    .collect()
            };
            let (columns, lines) = (place(&proposals), place(&people));
            let mut z = vec![vec![Value::Null; columns.len()]; lines.len()];
            for row in rows {
                z[lines[&e.participant[row]]][columns[&e.proposal[row]]] = shown(e.affinity[row]);
            }
            let names = |set: &BTreeSet<u32>| set.iter().map(u32::to_string).collect::<Vec<_>>();
            frame(vec![json!({
                "type": "heatmap", "x": names(&proposals), "y": names(&people), "z": z,
                "zmin": -1, "zmax": 1, "colorscale": "RdBu", "reversescale": true,
                "hovertemplate": "participant %{y}, proposal %{x}: %{z}<extra></extra>",
            })])
        };
        let choices = vec![Choice::list("Day", ["first", "last"])];
        let frames = vec![on(0), on(self.last_day())];
        let caption = "How much each participant likes each candidate.";
        Figure::chosen(caption, "proposal", "participant", choices, frames)
            .with(json!({ "xaxis": { "type": "category" }, "yaxis": { "type": "category" } }))
            .tall(480)
    }

    /// Participants on the left, candidates on the right, and stakes between them, day by day.
    fn who_supports_what(&self) -> Figure {
        let mut days: Vec<u32> = self.day.clone();
        // Hundreds of days are more than a slider can tell apart.
        let step = days.len().div_ceil(120).max(1);
        days = days.into_iter().step_by(step).collect();
        let mut edges_of: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (row, &day) in self.edges.day.iter().enumerate() {
            if self.edges.tokens[row] > 0.0 {
                edges_of.entry(day).or_default().push(row);
            }
        }
        let mut candidates_of: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (row, &day) in self.proposals.day.iter().enumerate() {
            if self.proposals.status[row] == Status::Candidate.name() {
                candidates_of.entry(day).or_default().push(row);
            }
        }
        let nothing = Vec::new();
        let frames = days.iter().map(|day| {
            let edges = edges_of.get(day).unwrap_or(&nothing);
            let candidates = candidates_of.get(day).unwrap_or(&nothing);
            frame(self.support_on(*day, edges, candidates))
        });
        let choices = vec![Choice::slider("Day", days.iter().map(u32::to_string))];
        let caption = "Who supports what: participants (by holdings) and candidates (green once conviction \
                       exceeds the trigger), lines by tokens staked. Hover for per cent of trigger.";
        Figure::chosen(caption, "", "", choices, frames.collect())
            .with(json!({
                "xaxis": { "visible": false, "range": [-0.15, 1.15] },
                "yaxis": { "visible": false },
                "showlegend": false,
            }))
            .tall(560)
    }

    fn support_on(&self, day: u32, edges: &[usize], candidates: &[usize]) -> Vec<Value> {
        let people = self.people(day);
        let height = |place: usize, of: usize| 1.0 - (place as f64 + 0.5) / of.max(1) as f64;
        let left: BTreeMap<u32, f64> = people
            .iter()
            .enumerate()
            .map(|(place, &(id, _))| (id, height(place, people.len())))
            .collect();
        let p = &self.proposals;
        let right: BTreeMap<u32, f64> = candidates
            .iter()
            .enumerate()
            .map(|(place, &row)| (p.id[row], height(place, candidates.len())))
            .collect();
        let most = edges
            .iter()
            .map(|&row| self.edges.tokens[row])
            .fold(0.0, f64::max);
        // Three widths of lines, by tokens.
        let mut lines = [const { (Vec::new(), Vec::new()) }; 3];
        for &row in edges {
            let ends = (
                left.get(&self.edges.participant[row]),
                right.get(&self.edges.proposal[row]),
            );
            if let (Some(&a), Some(&b)) = ends {
                let class = ((self.edges.tokens[row] / most * 3.0) as usize).min(2);
                lines[class].0.extend([0.0, 1.0, f64::NAN]);
                lines[class].1.extend([a, b, f64::NAN]);
            }
        }
        let mut data: Vec<Value> = lines
            .into_iter()
            .zip([0.6, 1.5, 3.0])
            .map(|((x, y), width)| {
                json!({
                    "type": "scatter", "mode": "lines", "x": all(x), "y": all(y), "hoverinfo": "skip",
                    "line": { "width": width, "color": "rgba(90,140,200,0.55)" },
                })
            })
            .collect();
        data.push(nodes(
            &people,
            |id| (0.0, left[&id]),
            "participant",
            "#1f77b4",
        ));
        let share = |row: usize| {
            p.conviction[row].unwrap_or(f64::NAN) / p.trigger[row].unwrap_or(f64::NAN) * 100.0
        };
        let labels: Vec<_> = candidates
            .iter()
            .map(|&row| {
                let of_trigger = match share(row) {
                    share if share.is_finite() => format!("{share:.0} % of trigger"),
                    _ => "cannot pass".to_owned(),
                };
                format!(
                    "proposal {}: {:.0} Honey, {of_trigger}",
                    p.id[row], p.requested[row]
                )
            })
            .collect();
        let colors: Vec<_> = candidates
            .iter()
            .map(|&row| {
                if share(row) > 100.0 {
                    "#2ca02c"
                } else {
                    "#ff7f0e"
                }
            })
            .collect();
        data.push(json!({
            "type": "scatter", "mode": "markers", "hovertext": labels, "hoverinfo": "text",
            "x": vec![1; candidates.len()],
            "y": all(candidates.iter().map(|&row| right[&p.id[row]])),
            "marker": {
                "color": colors,
                "size": all(candidates.iter().map(|&row| share(row).clamp(0.0, 100.0) / 8.0 + 5.0)),
            },
        }));
        data
    }
}

/// Circles for participants, their areas by holdings.
fn nodes(people: &[(u32, f64)], at: impl Fn(u32) -> (f64, f64), name: &str, color: &str) -> Value {
    let most = people.iter().map(|p| p.1).fold(f64::MIN_POSITIVE, f64::max);
    let labels = people
        .iter()
        .map(|(id, holdings)| format!("{name} {id}: {holdings:.0} Honey"));
    json!({
        "type": "scatter", "mode": "markers", "showlegend": false,
        "hovertext": labels.collect::<Vec<_>>(), "hoverinfo": "text",
        "x": all(people.iter().map(|p| at(p.0).0)),
        "y": all(people.iter().map(|p| at(p.0).1)),
        "marker": {
            "color": color,
            "size": all(people.iter().map(|p| 5.0 + 18.0 * (p.1.max(0.0) / most).sqrt())),
        },
    })
}
