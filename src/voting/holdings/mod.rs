//! How holdings are spread (extension `[holdings]`).
//!
//! The published model draws holdings from an exponential law, whose Gini coefficient is one half. Lists of
//! real DAOs are far less equal: 0.81 to 0.85 for the token holders of the Token Engineering Commons and the
//! Commons Stack (CommonsBuild/tqf at 8c1ee13, CommonsBuild/tec-lab at a311c86), which a lognormal law of
//! deviation 1.9 to 2.6 fits.
//!
//! | file | what it owns |
//! |---|---|
//! | `law` | the laws of holdings |
//! | `concentration` | how unequal holdings are |
//! | `show` | the columns |

mod concentration;
mod law;
mod show;

pub use concentration::Concentration;

use super::Day;
use super::opening::Opening;
use super::participants::{InitialParticipants, Population};
use super::rules::needs_accounting;
use crate::engine::{
    Domain, Fault, Implied, List, ListFile, ModelBuilder, Runs, Seeded, Seeds, Setting, Source,
    Start, Stream, Value,
};
use bevy_ecs::prelude::*;
use law::Law;

/// The most holders of a list: as many as there may be participants.
const MOST_LISTED: usize = 100_000;

/// How a spec names a file of holders.
const LISTED_IN: ListFile = ListFile {
    path: "holdings.path",
    column: "holdings.column",
    default: "holdings",
};

crate::settings! {
    /// How holdings are spread.
    Spread in "holdings" {
        law: &'static str = "exponential", "", Domain::Names(law::NAMES), "law that initial holdings follow, in proportion; \"file\": those listed";
        sigma: f64 = 2.0, "", Domain::above_to(0.0, 20.0), "standard deviation of the logarithm of holdings, for law lognormal";
        tail: f64 = 1.2, "", Domain::from_to(0.1, 1e6), "exponent of the tail, for law pareto: the smaller, the less equal";
        listed: List = List::default(), "", Domain::list_or_file(MOST_LISTED, LISTED_IN), "what holders have, in proportion, for law file; path = \"FILE\" takes them from a CSV or Parquet file, out of its column holdings or the one that column = \"NAME\" names";
        mix: &'static str = "as-listed", "", Domain::Names(&["as-listed", "sampled"]), "for law file, whether participants are the holders listed, in their order, or each is drawn from them";
        newcomers: &'static str = "exponential", "", Domain::Names(&["exponential", "same"]), "law of what newcomers bring, about 0.01 L in the mean: as published, or the same as law, of its mean";
    }
}

impl Spread {
    /// The law of initial holdings; `None` where they are drawn as in the published model.
    fn founders_law(&self) -> Option<Law<'static>> {
        Some(match self.law {
            "equal" => Law::Equal,
            "lognormal" => Law::Lognormal { sigma: self.sigma },
            "pareto" => Law::Pareto { tail: self.tail },
            "file" if !self.listed.numbers().is_empty() => Law::Listed(self.listed.numbers()),
            _ => return None,
        })
    }

    /// The law of newcomers' holdings; `None` where they are drawn as in the published model.
    fn newcomers_law(&self) -> Option<Law<'static>> {
        (self.newcomers == "same")
            .then(|| self.founders_law())
            .flatten()
    }

    fn is_as_listed(&self) -> bool {
        self.mix == "as-listed"
    }
}

/// What the laws draw from.
#[derive(Component, Default)]
struct Draws(Source);

impl Seeded for Draws {
    fn seed(&mut self, seeds: Seeds) {
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
        .system_if(newcomers_differ, Day::Dusk, await_newcomer);
    show::register(model);
}

/// Whether newcomers' holdings follow another law than the published one.
fn newcomers_differ(setting: &Setting) -> bool {
    setting.group::<Spread>().newcomers_law().is_some()
}

/// Where participants are those listed, there are as many.
fn as_many_as_listed(setting: &Setting) -> Vec<Implied> {
    let spread: Spread = setting.group();
    let count = spread.listed.numbers().len();
    let implied = (count > 0 && spread.is_as_listed()).then_some(Implied {
        key: "initial.participants",
        value: Value::Count(count as u64),
    });
    implied.into_iter().collect()
}

fn list_is_there(setting: &Setting) -> Option<Fault> {
    let spread: Spread = setting.group();
    (spread.law == "file" && spread.listed.numbers().is_empty()).then(|| Fault {
        key: "holdings.law",
        message:
            "is \"file\", but no holders are listed; set holdings.path to a CSV or Parquet file \
                  with a column holdings, or holdings.listed to the numbers themselves"
                .to_owned(),
    })
}

fn list_fits(setting: &Setting) -> Option<Fault> {
    let spread: Spread = setting.group();
    let InitialParticipants { participants } = setting.group();
    let listed = spread.listed.numbers().len();
    let differs = spread.law == "file" && spread.is_as_listed() && listed != participants as usize;
    differs.then(|| Fault {
        key: "initial.participants",
        message: format!(
            "is {participants}, but {listed} holders are listed; take the key out, so that there are as \
             many as listed, or set holdings.mix to \"sampled\""
        ),
    })
}

fn newcomers_have_a_mean(setting: &Setting) -> Option<Fault> {
    let law = setting.group::<Spread>().newcomers_law()?;
    law.mean().is_none().then(|| Fault {
        key: "holdings.newcomers",
        message:
            "is \"same\", but a pareto law has a mean only where holdings.tail is above 1; raise \
                  the tail, or set newcomers to \"exponential\""
                .to_owned(),
    })
}

/// Draws what founders hold, in proportion: their exponentials are dropped, their sentiments stay.
fn draw(
    mut runs: Runs<(
        &'static Spread,
        &'static mut Draws,
        &'static mut Opening,
        &'static mut Population,
    )>,
) {
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

/// Draws for the next newcomer where one arrived today.
fn await_newcomer(mut runs: Runs<(&'static Spread, &'static mut Draws, &'static mut Population)>) {
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
