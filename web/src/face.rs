//! What the page may ask, and the reply.

use crate::describe::{about, settings};
use crate::faults::{of_plan, of_spec};
use crate::meaning::{Asked, meaning};
use crate::session::Session;
use conviction::analyse::histogram::{Histogram, Scale, Scan};
use conviction::analyse::memory::{Fan, Sample, Summary, paired};
use conviction::analyse::statistics::wilson;
use conviction::engine::Model;
use conviction::study::{Plan, Spec};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;

/// A request, as JSON: an object whose key is the name, and whose value has the fields.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Asks for versions and presets.
    About {},
    /// Asks for every setting, with default, unit, domain and meaning.
    Settings {},
    /// Plans a spec, a TOML text; all that follows is about the last plan. Replies with its size, warnings and columns, or
    /// with every fault.
    Plan {
        /// The spec.
        spec: String,
    },
    /// Simulates these replicates of every point, and keeps their rows.
    Run {
        /// The first.
        first: u32,
        /// The one after the last.
        end: u32,
    },
    /// Asks for the number of rows of a table and for a column of it: texts in the reply, all else as numbers, with NaN
    /// where a value is missing.
    Column {
        /// The table, by the name of its folder.
        table: String,
        /// The column.
        column: String,
    },
    /// Asks for the distribution of columns of runs at each point, and for the paired differences from the first point.
    Answers {
        /// Columns whose means are asked for.
        means: Vec<String>,
        /// Columns for which the share of runs is asked in which they are 0.
        zero: Vec<String>,
    },
    /// Asks for quantiles by day of a column of `days`, as numbers: the days, then the quantiles share by share.
    Fan {
        /// The column.
        column: String,
        /// The point.
        point: u32,
        /// The shares.
        shares: Vec<f64>,
    },
    /// Asks for histograms of a column, of each point over the same bars.
    Histogram {
        /// The table, by the name of its folder.
        table: String,
        /// The column.
        column: String,
        /// Bars at most.
        bars: usize,
    },
    /// Asks what the setting of each point means before any simulation.
    Meaning(Asked),
}

/// State behind the page's requests.
pub struct Face {
    model: Model,
    session: Option<Session>,
    /// The numbers that the last reply speaks of.
    pub numbers: Vec<f64>,
}

impl Default for Face {
    fn default() -> Self {
        Self {
            model: conviction::model(),
            session: None,
            numbers: Vec::new(),
        }
    }
}

impl Face {
    /// Answers a request with JSON: the key `error` holds why it could not be done.
    pub fn answer(&mut self, request: &[u8]) -> String {
        let request = serde_json::from_slice(request).map_err(|error| error.to_string());
        let reply = request.and_then(|request| self.reply(request));
        reply
            .unwrap_or_else(|error| json!({ "error": error }))
            .to_string()
    }

    fn reply(&mut self, request: Request) -> Result<Value, String> {
        match request {
            Request::About {} => Ok(about(&self.model)),
            Request::Settings {} => Ok(settings(&self.model)),
            Request::Plan { spec } => Ok(self.plan(&spec)),
            Request::Run { first, end } => {
                let (runs, failed) = self.session_mut()?.run(first..end);
                Ok(json!({ "runs": runs, "failed": failed }))
            }
            Request::Column { table, column } => self.column(&table, &column),
            Request::Answers { means, zero } => self.answers(&means, &zero),
            Request::Fan {
                column,
                point,
                shares,
            } => self.fan(&column, point, &shares),
            Request::Histogram {
                table,
                column,
                bars,
            } => self.histograms(&table, &column, bars),
            Request::Meaning(asked) => Ok(meaning(self.session()?.plan(), &asked)),
        }
    }

    fn session(&self) -> Result<&Session, String> {
        self.session.as_ref().ok_or_else(no_plan)
    }

    fn session_mut(&mut self) -> Result<&mut Session, String> {
        self.session.as_mut().ok_or_else(no_plan)
    }

    fn plan(&mut self, spec: &str) -> Value {
        // The rows of the last plan go first: memory is never given back to the browser.
        self.session = None;
        let spec = match Spec::parse(&self.model, spec, "spec", Path::new("")) {
            Ok(spec) => spec,
            Err(error) => return of_spec(&error),
        };
        match Plan::new(spec) {
            Ok(plan) => self.session.insert(Session::new(plan)).document(),
            Err(error) => of_plan(&error),
        }
    }

    fn sample(&self, table: &str, column: &str, point: u32) -> Result<Sample, String> {
        let rows = self.session()?.rows(table)?;
        Sample::of(rows, column, point).map_err(|error| error.to_string())
    }

    fn column(&mut self, table: &str, column: &str) -> Result<Value, String> {
        let (rows, found) = self.session()?.column(table, column)?;
        Ok(match found {
            crate::session::Column::Numbers(numbers) => {
                self.numbers = numbers;
                json!({ "rows": rows, "numbers": rows })
            }
            crate::session::Column::Texts(texts) => json!({ "rows": rows, "texts": texts }),
        })
    }

    fn fan(&mut self, column: &str, point: u32, shares: &[f64]) -> Result<Value, String> {
        let fan = Fan::of(&self.sample("days", column, point)?, shares);
        self.numbers = fan.days.iter().map(|&day| f64::from(day)).collect();
        for share in 0..shares.len() {
            let of_share = fan.quantiles.iter().map(|quantiles| quantiles[share]);
            self.numbers.extend(of_share);
        }
        Ok(json!({ "days": fan.days.len(), "numbers": self.numbers.len() }))
    }

    fn histograms(&self, table: &str, column: &str, bars: usize) -> Result<Value, String> {
        let points = 0..self.session()?.plan().points;
        let values = points.map(|point| Ok(self.sample(table, column, point)?.present()));
        let values: Vec<Vec<f64>> = values.collect::<Result<_, String>>()?;
        let mut scan = Scan::new();
        values.iter().flatten().for_each(|&value| scan.add(value));
        let scale = Scale::new(&scan);
        let mut middles = Vec::new();
        let mut points = Vec::new();
        for values in values {
            let mut histogram = Histogram::new(&scale);
            values.into_iter().for_each(|value| histogram.add(value));
            let (places, counts): (Vec<f64>, Vec<u64>) =
                histogram.bars(bars.max(1)).into_iter().unzip();
            middles = places;
            points.push(json!({
                "counts": counts, "all": histogram.count(), "median": histogram.quantile(0.5),
            }));
        }
        Ok(json!({ "middles": middles, "points": points }))
    }

    fn answers(&self, means: &[String], zero: &[String]) -> Result<Value, String> {
        let session = self.session()?;
        let mut points = Vec::new();
        for point in 0..session.plan().points {
            let mut of_point = json!({
                "name": session.plan().variant(point),
                "means": {}, "zero": {}, "differences": {},
            });
            for name in means {
                let sample = self.sample("runs", name, point)?;
                of_point["means"][name] = summary(&Summary::of(&sample));
                if point > 0 {
                    let moments = paired(&self.sample("runs", name, 0)?, &sample);
                    of_point["differences"][name] = json!({
                        "runs": moments.n, "mean": moments.mean(), "half_width": moments.half_width(),
                    });
                }
            }
            for name in zero {
                let present = self.sample("runs", name, point)?.present();
                let (met, all) = (
                    present.iter().filter(|value| **value == 0.0).count() as u64,
                    present.len() as u64,
                );
                let (low, high) = wilson(met as f64, all as f64);
                of_point["zero"][name] = json!({
                    "runs": all, "share": met as f64 / all as f64, "low": low, "high": high,
                });
            }
            points.push(of_point);
        }
        Ok(json!({ "points": points }))
    }
}

fn no_plan() -> String {
    "no plan: send a spec first".to_owned()
}

fn summary(of: &Summary) -> Value {
    json!({
        "runs": of.runs, "empty": of.empty, "mean": of.mean, "half_width": of.half_width,
        "quantiles": of.quantiles,
    })
}
