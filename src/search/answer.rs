//! Presents the result of a search: the archive as a document and as a table.

use super::Options;
use super::archive::Archive;
use super::space::Space;
use super::trials::{Estimate, Trials};
use crate::analyse::answer::Answer;
use crate::engine::{Goal, Value};
use crate::input::RawValue;
use crate::output::Column;
use arrow_array::RecordBatch;
use serde_json::{Map, Value as Json, json};

/// Result of a search.
#[derive(Clone, Debug)]
pub struct Found {
    /// Root seed.
    pub seed: u64,
    /// Requested generations.
    pub generations: u32,
    /// Number of settings tried.
    pub tried: usize,
    /// Number of settings tried in enough worlds.
    pub eligible: usize,
    /// Lever setting whose worst worlds were searched; `None` in a search for settings.
    pub worst_of: Option<usize>,
    /// Names of the searched settings.
    pub settings: Vec<&'static str>,
    /// Objectives of the search.
    pub objectives: Vec<ObjectiveFound>,
    /// Archive, sorted by the first objective, the best first.
    pub archive: Vec<Member>,
    /// Setting that misses the criteria by least, if none meets them.
    pub nearest: Option<Member>,
}

/// Objective of a search.
#[derive(Clone, Debug)]
pub struct ObjectiveFound {
    /// Name.
    pub name: String,
    /// Column of runs.
    pub column: String,
    /// Goal of the search, which a search for the worst reverses.
    pub goal: Goal,
    /// Criterion; `None` without one.
    pub meet: Option<String>,
    /// Treatment of runs without a value.
    pub empty: &'static str,
    /// Width of a box: smaller differences between settings do not count.
    pub epsilon: f64,
}

/// Setting of the archive.
#[derive(Clone, Debug)]
pub struct Member {
    /// Value of each searched setting.
    pub values: Vec<Value>,
    /// Generation that tried the setting first.
    pub generation: u32,
    /// Number of worlds in which the search tried the setting.
    pub worlds: u64,
    /// Number of these worlds that meet every criterion.
    pub met: u64,
    /// Mean over the worlds of the search, by objective.
    pub searched: Vec<Mean>,
    /// Number of fresh worlds in which the setting was evaluated.
    pub fresh_worlds: u64,
    /// Number of these worlds that meet every criterion.
    pub fresh_met: u64,
    /// Mean over fresh worlds, by objective; empty before the final evaluation.
    pub fresh: Vec<Mean>,
}

/// Mean over worlds, NaN without values.
#[derive(Clone, Copy, Debug)]
pub struct Mean {
    /// Mean.
    pub mean: f64,
    /// Half the width of its 95 % interval, from clusters by uncertain point and by random world.
    pub half_width: f64,
    /// Worlds without a value.
    pub empty: u64,
}

impl From<Estimate> for Mean {
    fn from(of: Estimate) -> Self {
        Self {
            mean: of.mean,
            half_width: of.half_width,
            empty: of.empty,
        }
    }
}

impl Found {
    pub(super) fn new(
        space: &Space,
        options: &Options,
        trials: &Trials,
        archive: &Archive,
        fresh: &Trials,
    ) -> Self {
        let member = |&trial: &usize| {
            let of = &trials.all[trial];
            let again = fresh.find(&of.setting);
            let fresh_of = again.map(|again| &fresh.all[again]);
            Member {
                values: of.setting.0.clone(),
                generation: of.generation,
                worlds: of.worlds,
                met: of.met,
                searched: means(trials, trial),
                fresh_worlds: fresh_of.map_or(0, |of| of.worlds),
                fresh_met: fresh_of.map_or(0, |of| of.met),
                fresh: again.map_or(Vec::new(), |again| means(fresh, again)),
            }
        };
        let objectives = trials.objectives.iter().zip(&archive.epsilon);
        Self {
            seed: space.spec.seed,
            generations: options.generations,
            tried: trials.all.len(),
            eligible: archive.eligible,
            worst_of: options.worst_of,
            settings: space.axes().iter().map(|axis| axis.key.name).collect(),
            objectives: objectives
                .map(|(of, &epsilon)| ObjectiveFound {
                    name: of.name.clone(),
                    column: of.column.clone(),
                    goal: of.goal,
                    meet: of.meet.map(|meet| meet.to_string()),
                    empty: of.empty.name(),
                    epsilon,
                })
                .collect(),
            archive: archive.members.iter().map(member).collect(),
            nearest: archive.nearest.as_ref().map(member),
        }
    }

    /// Returns the archive as a document; missing numbers are null.
    pub fn json(&self) -> Json {
        let objectives = self.objectives.iter().map(|of| {
            json!({
                "name": of.name, "column": of.column, "goal": of.goal.name(), "meet": of.meet,
                "empty": of.empty, "epsilon": of.epsilon,
            })
        });
        json!({
            "seed": self.seed,
            "generations": self.generations,
            "tried": self.tried,
            "eligible": self.eligible,
            "worst_of": self.worst_of,
            "objectives": objectives.collect::<Vec<_>>(),
            "archive": self.archive.iter().map(|of| self.member(of)).collect::<Vec<_>>(),
            "nearest": self.nearest.as_ref().map(|of| self.member(of)),
        })
    }

    fn member(&self, of: &Member) -> Json {
        let setting = self.settings.iter().zip(&of.values);
        let setting = setting.map(|(name, value)| {
            let value = match *value {
                Value::Real(number) => json!(number),
                Value::Count(number) => json!(number),
                Value::Name(word) => json!(word),
                Value::List(list) => json!(list.numbers()),
                Value::Document(document) => json!(document.text()),
            };
            ((*name).to_owned(), value)
        });
        let mean = |of: &Mean| json!({ "mean": of.mean, "half_width_95": of.half_width, "empty": of.empty });
        let objectives = self.objectives.iter().zip(&of.searched).enumerate();
        let objectives = objectives.map(|(number, (objective, searched))| {
            let both =
                json!({ "searched": mean(searched), "fresh": of.fresh.get(number).map(mean) });
            (objective.name.clone(), both)
        });
        json!({
            "setting": setting.collect::<Map<_, _>>(),
            "generation": of.generation,
            "worlds": of.worlds, "share_meets": share(of.met, of.worlds),
            "fresh_worlds": of.fresh_worlds, "fresh_share_meets": share(of.fresh_met, of.fresh_worlds),
            "objectives": objectives.collect::<Map<_, _>>(),
        })
    }

    /// Returns the archive as a table, a row per setting.
    pub fn table(&self) -> RecordBatch {
        self.columns().1
    }

    pub(super) fn columns(&self) -> (Vec<Column>, RecordBatch) {
        let mut table = Answer::default();
        let members = || self.archive.iter();
        let role = if self.worst_of.is_some() {
            "uncertainty"
        } else {
            "lever"
        };
        for (place, name) in self.settings.iter().enumerate() {
            let values: Vec<RawValue> = members().map(|of| raw(of.values[place])).collect();
            table.settings(name, role, values.iter());
        }
        table
            .counts(
                "generation",
                "generation that tried the setting first",
                members().map(|of| u64::from(of.generation)),
            )
            .counts(
                "worlds",
                "worlds in which it was tried",
                members().map(|of| of.worlds),
            )
            .numbers(
                "share_meets",
                "share of them that meet every criterion",
                members().map(|of| share(of.met, of.worlds)),
            )
            .counts(
                "fresh_worlds",
                "worlds that the search never met",
                members().map(|of| of.fresh_worlds),
            )
            .numbers(
                "fresh_share_meets",
                "share of them that meet every criterion",
                members().map(|of| share(of.fresh_met, of.fresh_worlds)),
            );
        for (number, objective) in self.objectives.iter().enumerate() {
            type Means = fn(&Member) -> &[Mean];
            let sides: [(&str, &str, Means); 2] = [
                ("", "worlds of the search", |of| &of.searched),
                ("fresh_", "fresh worlds", |of| &of.fresh),
            ];
            for (prefix, worlds, side) in sides {
                let name = |of: &str| format!("{}_{prefix}{of}", objective.name);
                let means = || members().map(move |of| side(of).get(number));
                table
                    .numbers(
                        name("mean"),
                        &format!("mean over {worlds}"),
                        means().map(|of| of.map_or(f64::NAN, |of| of.mean)),
                    )
                    .numbers(
                        name("half_width_95"),
                        "half the 95 % interval of the mean",
                        means().map(|of| of.map_or(f64::NAN, |of| of.half_width)),
                    )
                    .counts(
                        name("empty"),
                        &format!("{worlds} without a value"),
                        means().map(|of| of.map_or(0, |of| of.empty)),
                    );
            }
        }
        table.finish()
    }
}

fn means(trials: &Trials, trial: usize) -> Vec<Mean> {
    trials
        .estimates(trial)
        .into_iter()
        .map(Mean::from)
        .collect()
}

/// Returns a share; NaN if `all` is 0.
fn share(of: u64, all: u64) -> f64 {
    of as f64 / all as f64
}

fn raw(value: Value) -> RawValue {
    match value {
        Value::Real(number) => RawValue::Number(number),
        Value::Count(number) => RawValue::Number(number as f64),
        Value::Name(_) | Value::List(_) | Value::Document(_) => RawValue::Word(value.to_string()),
    }
}
