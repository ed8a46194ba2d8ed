//! Conviction Voting: the published model and the corrected one, a folder per feature.
//!
//! | symbol | name in code | unit | meaning |
//! |---|---|---|---|
//! | F | `funds` | Honey | the pool from which proposals are paid |
//! | E | `effective` | Honey | tokens committed to voting |
//! | L | `other` | Honey | everything else |
//! | S | `total` | Honey | S = F + E + L |
//! | s | `sentiment` | – | system sentiment, 0 to 1 |
//! | T | `counted` | Honey | tokens that count as voting in triggers: E, unless an extension counts otherwise |
//! | h | `holdings` | Honey | tokens of a participant |
//! | r | `requested` | Honey | request of a proposal |
//! | a | `affinity` | – | affinity of a participant for a proposal, -1 to 1 |
//! | x | `stake`, `tokens` | Honey | tokens staked on a proposal |
//! | y | `conviction` | Honey·days | accumulated support, y ← x + αy each day |
//! | y* | `trigger` | Honey·days | conviction that a proposal must exceed to pass |
//! | w | `influence` | – | strength of one participant's influence on another |
//! | c | `conflict` | – | degree to which two proposals exclude each other |
//!
//! The model is the *Aragon Conviction Voting Model, Version 3* of BlockScience, 1Hive, Commons Stack and Aragon.
//! [`rules::Rules`] describes the errors of the published program.
//!
//! Each folder of this list knows only those below it.
//!
//! ```text
//! published    recordings of the published program, replayed
//! meaning      consequences of a setting before any simulation, in the words of dashboards
//! presets      settings of real organisations
//! metrics      outcomes of runs     invariants, estimate
//! history      runs that start from a block of a history (extension)
//! change       settings that change on a day
//! streaming    standing proposals (extension)
//! turnout      tokens or points that count as voting (extension)
//! holdings     distribution of holdings (extension)
//! attackers    attackers, who take from the pool what no honest voter would pay
//! market       trades of Honey for xDai in a constant-product pool
//! flows        donations    between cold storage and holdings; to the pool
//! mechanism    decisions on a chain: real numbers, the 1Hive contract, Gardens v2
//! outcomes     effect of proposals' outcomes on sentiment (extension)
//! conflict     proposals that exclude each other
//! arrivals     arrivals of participants and proposals
//! conviction   accrual, triggers, release
//! support      seats, edges, affinities, decisions, stakes
//! influence    influence among participants
//! proposals    requests, status, completion and failure
//! participants holdings, newcomers
//! issuance     a policy in place of the expansion
//! sentiment    supply       system sentiment; distribution of tokens
//! opening      initial state of a run
//! chance       rules        random numbers; differences from the published program
//! ```

pub mod arrivals;
pub mod attackers;
pub mod chance;
pub mod change;
pub mod conflict;
pub mod conviction;
pub mod donations;
mod estimate;
pub mod flows;
pub mod history;
pub mod holdings;
pub mod influence;
mod invariants;
pub mod issuance;
pub mod market;
pub mod meaning;
pub mod mechanism;
pub mod metrics;
pub mod opening;
pub mod outcomes;
pub mod participants;
pub mod presets;
pub mod proposals;
#[cfg(feature = "files")]
pub mod published;
pub mod rules;
pub mod sentiment;
pub mod streaming;
pub mod supply;
pub mod support;
pub mod turnout;

use crate::engine::{Feature, Horizon, KindOfBatch, Model, ModelBuilder, Phase};
use chance::Chance;
use mechanism::Mechanism;

/// Phases of a day, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// The day begins: effects of a change of settings on the present state. Empty in the published model.
    Start,
    /// Participants and proposals arrive.
    Arrivals,
    /// The supply expands.
    Mint,
    /// Active proposals complete or fail.
    Progress,
    /// Convincing candidates are paid.
    Release,
    /// Holdings and opinions change before participants act. Empty in the published model.
    Change,
    /// Tokens flow between participants' cold storage and their holdings. Empty in the published model.
    Flows,
    /// Tokens are traded. Empty in the published model.
    Market,
    /// Participants decide. Empty unless a feature revises decisions.
    Decide,
    /// Decisions change before any stake moves. Empty in the published model.
    Revise,
    /// Participants decide, unless they already have, and stakes move.
    Act,
    /// Conviction accrues, and candidates without support are killed.
    Accrue,
    /// The day ends. Empty in the published model.
    End,
}

impl From<Day> for Phase {
    fn from(day: Day) -> Self {
        Self {
            place: day as usize,
            name: match day {
                Day::Start => "day start",
                Day::Arrivals => "arrivals",
                Day::Mint => "mint",
                Day::Progress => "progress",
                Day::Release => "release",
                Day::Change => "change",
                Day::Flows => "flows",
                Day::Market => "market",
                Day::Decide => "decide",
                Day::Revise => "revise",
                Day::Act => "act",
                Day::Accrue => "accrue",
                Day::End => "day end",
            },
        }
    }
}

/// Registers the features. In a phase, their systems run in this order, unless they state another.
fn features<M: Mechanism>(model: &mut ModelBuilder) {
    model.streams::<Chance>().presets(presets::PRESETS);
    for feature in [
        Feature::new("tables", 1, metrics::tables),
        Feature::new("horizon", 1, |model| {
            model.settings::<Horizon>();
        }),
        Feature::new("rules", 1, rules::rules),
        Feature::new("mechanism", 1, mechanism::mechanism),
        Feature::new("supply", 1, supply::supply::<M>),
        Feature::new("sentiment", 1, sentiment::sentiment),
        Feature::new("participants", 1, participants::participants::<M>),
        Feature::new("proposals", 1, proposals::proposals),
        Feature::new("influence", 1, influence::influence),
        Feature::new("support", 1, support::support::<M>),
        Feature::new("conviction", 1, conviction::conviction::<M>),
        Feature::new("arrivals", 1, arrivals::arrivals::<M>),
        Feature::new("conflicts", 1, conflict::conflict),
        Feature::extension(
            "issuance",
            1,
            "a policy of issuance: by a fixed rate, by steps, not at all, or as the pool's share of the supply needs",
            issuance::issuance::<M>,
        ),
        Feature::extension(
            "donations",
            1,
            "donations to the pool, from outside or from what is free of L",
            donations::donations,
        ),
        Feature::extension(
            "flows",
            2,
            "tokens that participants move between cold storage and their holdings",
            flows::flows::<M>,
        ),
        Feature::extension(
            "market",
            3,
            "a market of Honey and xDai: a constant-product pool, trades, exits, liquidity, arbitrage",
            market::market::<M>,
        ),
        Feature::extension(
            "attacker",
            4,
            "attackers, who take from the pool what no honest voter would pay",
            attackers::attackers::<M>,
        )
        .copies(attackers::MOST),
        Feature::extension(
            "change",
            1,
            "settings that change on a day, as by a vote",
            change::change::<M>,
        )
        .copies(32),
        Feature::new("metrics", 1, metrics::metrics),
        Feature::new("invariants", 1, invariants::invariants),
        Feature::new("estimate", 1, estimate::estimate),
        Feature::extension(
            "conflict",
            1,
            "proposals act on those that they are in conflict or in concord with",
            conflict::acts,
        ),
        Feature::extension(
            "outcomes",
            2,
            "what becomes of proposals moves the sentiment of participants",
            outcomes::outcomes,
        ),
        Feature::extension(
            "holdings",
            1,
            "how holdings are spread: laws, and lists of real holders",
            holdings::holdings,
        ),
        Feature::extension(
            "streaming",
            1,
            "standing proposals, paid by streams instead of at once",
            streaming::streaming,
        ),
        Feature::extension(
            "history",
            1,
            "runs that start from the state of a DAO at a block of its history",
            history::history::<M>,
        )
        .also_on(history::KEYS),
        Feature::extension(
            "voting",
            2,
            "what counts as voting: turnout, and points instead of tokens",
            turnout::voting::<M>,
        ),
    ] {
        model.add(feature);
    }
}

/// Features, for the list of mechanisms.
struct Features;

impl mechanism::Features for Features {
    fn register<M: Mechanism>(model: &mut ModelBuilder) {
        features::<M>(model);
    }
}

/// Kinds of batches: one for each mechanism.
const KINDS: &[KindOfBatch] = &mechanism::kinds::<Features>();

/// Returns the model of Conviction Voting, with `more` features.
pub fn model_with(more: &[Feature]) -> Model {
    Model::new(KINDS, more)
}
