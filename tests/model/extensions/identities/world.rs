//! Runs with every table that they leave, row by row: the first run of points of the sweeps in `tests/golden`.

use crate::runs::{EVERY_TABLE, simulate};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use conviction::engine::{Setting, Settings, Value};
use conviction::study::{Plan, Spec};
use conviction::voting::conviction::Conviction;
use std::collections::BTreeMap;
use std::path::Path;

/// Points of a sweep that are simulated, at most.
const POINTS: u32 = 12;

/// Numbers by column; empty ones are NaN.
pub type Numbers = BTreeMap<String, Vec<f64>>;

pub struct Person {
    pub id: u32,
    pub holdings: f64,
    pub sentiment: f64,
}

pub struct Proposal {
    pub id: u32,
    pub status: String,
    pub requested: f64,
    pub conviction: f64,
    pub trigger: f64,
}

impl Proposal {
    pub fn is_candidate(&self) -> bool {
        self.status == "candidate"
    }

    pub fn is_granted(&self) -> bool {
        ["active", "completed", "failed"].contains(&self.status.as_str())
    }
}

pub struct Edge {
    pub participant: u32,
    pub proposal: u32,
    pub affinity: f64,
    pub tokens: f64,
    pub conviction: f64,
}

pub struct Tie {
    pub proposal: u32,
    pub other: u32,
    pub strength: f64,
    pub concord: bool,
}

/// A proposal that was granted: on which day, and how many after its creation.
pub struct Granted {
    pub id: u32,
    pub requested: f64,
    pub day: usize,
    pub days: usize,
}

/// A run that reached its horizon.
pub struct World {
    pub name: String,
    pub setting: Setting,
    /// By column, a value for the run, for each day, and for each proposal at the end.
    pub runs: Numbers,
    pub days: Numbers,
    pub run_proposals: Numbers,
    pub run_status: Vec<String>,
    /// By day.
    pub people: Vec<Vec<Person>>,
    pub proposals: Vec<Vec<Proposal>>,
    pub edges: Vec<Vec<Edge>>,
    pub conflict: Vec<Tie>,
}

fn column(array: &dyn Array) -> Option<Vec<f64>> {
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    match array.data_type() {
        DataType::Float64 => Some(
            array
                .as_primitive::<Float64Type>()
                .iter()
                .map(number)
                .collect(),
        ),
        DataType::Int32 => {
            let counts = array.as_primitive::<Int32Type>().iter();
            Some(counts.map(|count| number(count.map(f64::from))).collect())
        }
        DataType::Boolean => {
            let values = array.as_boolean().iter();
            Some(
                values
                    .map(|value| f64::from(u8::from(value == Some(true))))
                    .collect(),
            )
        }
        _ => None,
    }
}

fn numbers(batch: &RecordBatch) -> Numbers {
    let schema = batch.schema();
    let names = schema.fields().iter().map(|field| field.name());
    names
        .filter_map(|name| Some((name.clone(), column(&batch[name.as_str()])?)))
        .collect()
}

fn texts(batch: &RecordBatch, column: &str) -> Vec<String> {
    let words = batch[column].as_string::<i32>();
    words
        .iter()
        .map(|word| word.unwrap_or_default().to_owned())
        .collect()
}

/// Rows by day.
fn by_day<T>(days: usize, day: &[f64], row: impl Fn(usize) -> T) -> Vec<Vec<T>> {
    let mut of: Vec<Vec<T>> = (0..days).map(|_| Vec::new()).collect();
    for (place, &day) in day.iter().enumerate() {
        of[day as usize].push(row(place));
    }
    of
}

impl World {
    /// Simulates a run; `None` if it fails.
    pub fn of(
        name: String,
        model: &conviction::engine::Model,
        setting: &Setting,
        seed: u64,
        world: u64,
    ) -> Option<Self> {
        let mut left = simulate(model, &EVERY_TABLE, setting, seed, world);
        if left.failure.is_some() {
            return None;
        }
        let batches = EVERY_TABLE.map(|table| left.batch(table));
        let [
            runs,
            days,
            run_proposals,
            proposals,
            participants,
            edges,
            _,
            conflict,
        ] = &batches;
        let status = texts(proposals, "status");
        let [p, i, e, c] = [proposals, participants, edges, conflict].map(numbers);
        let days = numbers(days);
        let count = days["day"].len();
        let id = |numbers: &Numbers, column: &str, row: usize| numbers[column][row] as u32;
        Some(Self {
            name,
            setting: setting.clone(),
            runs: numbers(runs),
            run_status: texts(run_proposals, "status"),
            run_proposals: numbers(run_proposals),
            people: by_day(count, &i["day"], |row| Person {
                id: id(&i, "participant", row),
                holdings: i["holdings"][row],
                sentiment: i["sentiment"][row],
            }),
            proposals: by_day(count, &p["day"], |row| Proposal {
                id: id(&p, "proposal", row),
                status: status[row].clone(),
                requested: p["funds_requested"][row],
                conviction: p["conviction"][row],
                trigger: p["trigger"][row],
            }),
            edges: by_day(count, &e["day"], |row| Edge {
                participant: id(&e, "participant", row),
                proposal: id(&e, "proposal", row),
                affinity: e["affinity"][row],
                tokens: e["tokens"][row],
                conviction: e["conviction"][row],
            }),
            conflict: (0..c["proposal"].len())
                .map(|row| Tie {
                    proposal: id(&c, "proposal", row),
                    other: id(&c, "other", row),
                    strength: c["conflict"][row],
                    concord: c.get("concord").is_some_and(|concord| concord[row] == 1.0),
                })
                .collect(),
            days,
        })
    }

    /// A column of the days, which all runs have or this one has.
    pub fn days(&self, column: &str) -> &[f64] {
        self.days
            .get(column)
            .unwrap_or_else(|| panic!("{}: no {column}", self.name))
    }

    /// Whether the days have a column.
    pub fn has(&self, column: &str) -> bool {
        self.days.contains_key(column)
    }

    /// Whether no extension is on.
    pub fn is_plain(&self) -> bool {
        let plain = conviction::model();
        self.setting.keys().all().len() == plain.keys().all().len()
    }

    fn value(&self, key: &str) -> Value {
        let key = self
            .setting
            .keys()
            .find(key)
            .unwrap_or_else(|| panic!("no key {key}"));
        self.setting.value(key)
    }

    /// A setting that is a name.
    pub fn word(&self, key: &str) -> String {
        self.value(key).to_string()
    }

    /// A setting that is a number.
    pub fn number(&self, key: &str) -> f64 {
        match self.value(key) {
            Value::Real(number) => number,
            Value::Count(count) => count as f64,
            other => panic!("{key} is {other}"),
        }
    }

    /// Settings as they hold on a day.
    pub fn group<S: Settings>(&self, day: usize) -> S {
        self.setting.on(day as u32).group()
    }

    /// The settings of conviction as they hold on a day.
    pub fn conviction(&self, day: usize) -> Conviction {
        self.group(day)
    }

    /// What each attacker says in a column on a day.
    pub fn of_attackers(&self, column: &str, day: usize) -> Vec<f64> {
        let names = (0..).map(|copy| format!("attacker_{copy}_{column}"));
        let columns = names.map_while(|name| self.days.get(&name));
        columns.map(|values| values[day]).collect()
    }

    /// What participants have staked at the end of a day.
    pub fn staked(&self, day: usize) -> f64 {
        self.edges[day].iter().map(|edge| edge.tokens).sum()
    }

    /// Proposals that left candidacy to a status, with their days.
    pub fn left(&self, status: &str) -> Vec<(u32, usize)> {
        let mut left = Vec::new();
        for day in 1..self.proposals.len() {
            // Rows are in order of id, and none is ever taken out.
            let before = &self.proposals[day - 1];
            for (place, of) in self.proposals[day].iter().enumerate() {
                let was = before.get(place).is_none_or(Proposal::is_candidate);
                if was && of.status == status {
                    left.push((of.id, day));
                }
            }
        }
        left
    }

    /// Proposals that were granted.
    pub fn granted(&self) -> Vec<Granted> {
        let last = self.proposals.last().unwrap();
        self.left("active")
            .into_iter()
            .map(|(id, day)| {
                let is = |of: &Proposal| of.id == id;
                let created = self
                    .proposals
                    .iter()
                    .position(|all| all.iter().any(is))
                    .unwrap();
                let place = last.iter().position(is).unwrap();
                Granted {
                    id,
                    requested: last[place].requested,
                    day,
                    days: day - created,
                }
            })
            .collect()
    }
}

/// Runs of each sweep in `tests/golden` that reached their horizon.
pub fn worlds() -> Vec<World> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    paths.sort();
    let mut worlds = Vec::new();
    for path in paths {
        let spec = Spec::read(&conviction::model(), &path).unwrap();
        let plan = Plan::new(spec).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let (model, seed) = (&plan.spec.model, plan.spec.seed);
        for point in 0..plan.points.min(POINTS) {
            let run = u64::from(point) * u64::from(plan.spec.replicates);
            let name = format!("{name}, point {point}");
            let setting = plan.setting(point);
            worlds.extend(World::of(name, model, &setting, seed, plan.world(run)));
        }
    }
    worlds
}
