//! Extension `[holdings]`: the distribution of holdings.
//!
//! The published model draws holdings from an exponential law, with a Gini coefficient of one half. Holdings in
//! real DAOs are far less equal: 0.81 to 0.85 among token holders of the Token Engineering Commons and the
//! Commons Stack (CommonsBuild/tqf at 8c1ee13, CommonsBuild/tec-lab at a311c86). A lognormal law with a
//! deviation of 1.9 to 2.6 fits them.
//!
//! | file | contents |
//! |---|---|
//! | `law` | laws of holdings |
//! | `concentration` | measures of inequality |
//! | `show` | columns |

mod concentration;
mod law;
mod show;

pub use concentration::Concentration;

use super::Day;
use super::opening::Opening;
use super::participants::{InitialParticipants, Population};
use super::rules::needs_accounting;
use crate::engine::{
    DerivedDefault, Domain, Fault, List, ListFile, ModelBuilder, Runs, Seeded, Setting, Source,
    Start, Stream, StreamSeeds, Value,
};
use bevy_ecs::prelude::*;
use law::Law;

/// Maximum length of a list of holders: the maximum number of participants.
const MOST_LISTED: usize = 100_000;

/// Keys with which a spec names a file of holders.
const LISTED_IN: ListFile = ListFile {
    path: "holdings.path",
    column: "holdings.column",
    default: "holdings",
};

crate::choices! {
    /// Law of initial holdings.
    HoldingsLaw {
        /// Equal.
        Equal = "equal",
        /// Exponential, as published.
        Exponential = "exponential",
        /// Lognormal.
        Lognormal = "lognormal",
        /// Pareto.
        Pareto = "pareto",
        /// Those listed.
        File = "file",
    }

    /// Participants in proportion to a list.
    Sampling {
        /// The listed holders, in order.
        AsListed = "as-listed",
        /// Each drawn from the list.
        Sampled = "sampled",
    }

    /// Law of newcomers' tokens.
    NewcomersLaw {
        /// Exponential, as published.
        Exponential = "exponential",
        /// The same as of initial holdings.
        Same = "same",
    }
}

crate::settings! {
    /// Distribution of holdings.
    Spread in "holdings" {
        law: HoldingsLaw = HoldingsLaw::Exponential, "", HoldingsLaw::DOMAIN, "law of initial holdings, in proportion; \"file\": those listed";
        sigma: f64 = 2.0, "", Domain::above_to(0.0, 20.0), "standard deviation of the logarithm of holdings, for law lognormal";
        tail: f64 = 1.2, "", Domain::from_to(0.1, 1e6), "exponent of the tail, for law pareto; smaller is less equal";
        listed: List = List::default(), "", Domain::list_or_file(MOST_LISTED, LISTED_IN), "holdings of the listed holders, in proportion, for law file; path = \"FILE\" reads them from a CSV or Parquet file, from its column holdings or the one given by column = \"NAME\"";
        mix: Sampling = Sampling::AsListed, "", Sampling::DOMAIN, "whether participants are the listed holders, in order, or each is drawn from the list, for law file";
        newcomers: NewcomersLaw = NewcomersLaw::Exponential, "", NewcomersLaw::DOMAIN, "law of newcomers' tokens, 0.01 L on average: exponential as published, or the same as law, scaled to that mean";
    }
}

impl Spread {
    /// Returns the law of initial holdings; `None` for the published law.
    fn founders_law(&self) -> Option<Law<'static>> {
        Some(match self.law {
            HoldingsLaw::Equal => Law::Equal,
            HoldingsLaw::Lognormal => Law::Lognormal { sigma: self.sigma },
            HoldingsLaw::Pareto => Law::Pareto { tail: self.tail },
            HoldingsLaw::File if !self.listed.numbers().is_empty() => {
                Law::Listed(self.listed.numbers())
            }
            HoldingsLaw::File | HoldingsLaw::Exponential => return None,
        })
    }

    /// Returns the law of newcomers' holdings; `None` for the published law.
    fn newcomers_law(&self) -> Option<Law<'static>> {
        (self.newcomers == NewcomersLaw::Same)
            .then(|| self.founders_law())
            .flatten()
    }

    fn is_as_listed(&self) -> bool {
        self.mix == Sampling::AsListed
    }
}

/// Random stream of the laws.
#[derive(Component, Default)]
struct Draws(Source);

impl Seeded for Draws {
    fn seed(&mut self, seeds: StreamSeeds) {
        self.0 = seeds.source(Stream::numbered(13));
    }
}

/// Registers the laws of holdings.
pub fn holdings(model: &mut ModelBuilder) {
    model
        .settings::<Spread>()
        .takes_longer(0.05)
        .implied(as_many_as_listed)
        .check(|setting| needs_accounting(setting, "[holdings]"))
        .check(list_is_there)
        .check(list_fits)
        .check(newcomers_have_a_mean)
        .streams::<Draws>()
        .start(Start::Draw, draw)
        .after(&["participants"])
        .before(&["history"])
        .system_if(newcomers_differ, Day::End, await_newcomer);
    show::register(model);
}

/// Returns true if newcomers' holdings follow another law than the published one.
fn newcomers_differ(setting: &Setting) -> bool {
    setting.group::<Spread>().newcomers_law().is_some()
}

/// Derives the number of participants from the list, if participants are those listed.
fn as_many_as_listed(setting: &Setting) -> Vec<DerivedDefault> {
    let spread: Spread = setting.group();
    let count = spread.listed.numbers().len();
    let implied = (count > 0 && spread.is_as_listed()).then_some(DerivedDefault {
        key: "initial.participants",
        value: Value::Count(count as u64),
    });
    implied.into_iter().collect()
}

fn list_is_there(setting: &Setting) -> Option<Fault> {
    let spread: Spread = setting.group();
    (spread.law == HoldingsLaw::File && spread.listed.numbers().is_empty()).then(|| Fault {
        key: "holdings.law",
        message:
            "is \"file\", but no holders are listed; set holdings.path to a CSV or Parquet file \
                  with a column holdings, or holdings.listed to the numbers"
                .to_owned(),
    })
}

fn list_fits(setting: &Setting) -> Option<Fault> {
    let spread: Spread = setting.group();
    let InitialParticipants { participants } = setting.group();
    let listed = spread.listed.numbers().len();
    let differs =
        spread.law == HoldingsLaw::File && spread.is_as_listed() && listed != participants as usize;
    differs.then(|| Fault {
        key: "initial.participants",
        message: format!(
            "is {participants}, but {listed} holders are listed; remove the key, so that it follows \
             the list, or set holdings.mix to \"sampled\""
        ),
    })
}

fn newcomers_have_a_mean(setting: &Setting) -> Option<Fault> {
    let law = setting.group::<Spread>().newcomers_law()?;
    law.mean().is_none().then(|| Fault {
        key: "holdings.newcomers",
        message:
            "is \"same\", but a pareto law has a mean only if holdings.tail is above 1; raise \
                  the tail, or set newcomers to \"exponential\""
                .to_owned(),
    })
}

/// Draws founders' holdings, in proportion, in place of their exponential ones; their sentiments stay.
fn draw(mut runs: Runs<(&Spread, &mut Draws, &mut Opening, &mut Population)>) {
    for (_, (spread, draws, opening, population)) in runs.batch() {
        let everybody = opening.holdings_mut();
        match spread.founders_law() {
            None => {}
            Some(Law::Listed(listed)) if spread.is_as_listed() => {
                everybody
                    .zip(listed)
                    .for_each(|(held, listed)| *held = *listed);
            }
            Some(law) => everybody.for_each(|held| *held = law.draw(&mut draws.0)),
        }
        next_newcomer(spread, draws, population);
    }
}

/// Draws for the next newcomer, after one arrived today.
fn await_newcomer(mut runs: Runs<(&Spread, &mut Draws, &mut Population)>) {
    for (_, (spread, draws, population)) in runs.batch() {
        if population.newcomer.is_none() {
            next_newcomer(spread, draws, population);
        }
    }
}

fn next_newcomer(spread: &Spread, draws: &mut Draws, population: &mut Population) {
    let law = spread.newcomers_law();
    population.newcomer = law.and_then(|law| Some(law.draw(&mut draws.0) / law.mean()?));
}
