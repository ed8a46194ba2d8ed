//! Starts runs from the state of a DAO at a block of its history (extension `[history]`).
//!
//! A spec names the history as `history = "EVENTS.csv"` in its table `[initial]`, and the block as `at`. The reader of
//! specs turns the file into the state; the model knows only the state. Day 1 begins at the block.
//!
//! | in the state | in the run |
//! |---|---|
//! | holders who have staked, or active members with their points | participants |
//! | tokens of others | L |
//! | open proposals | candidates; those that conviction cannot execute never pass |
//! | stakes, conviction, points stored with a proposal | those of the candidates |
//! | stakes on closed proposals | stakes that still count under the 1Hive contract |
//! | settings | alpha, beta, rho and the minimum of thresholds, unless the spec sets them |
//! | constants of the community | its points in `[gardens2]` |
//!
//! The rest is drawn: own sentiments as in other runs, and affinities so that participants would support the proposals
//! with their stakes ([`draw_supported`](super::support::draw_supported)).
//!
//! | file | contents |
//! |---|---|
//! | `implied` | settings that follow from a state |
//! | `start` | start from a state |
//! | `show` | table of the proposals open at the start |

mod implied;
mod show;
mod start;

use super::conviction::Passing;
use crate::contract::Snapshot;
use crate::engine::{
    Content, Document, DocumentFile, Domain, ModelBuilder, Seeded, Setting, Source, Start, Stream,
    StreamSeeds,
};
use bevy_ecs::prelude::*;

/// Keys of a spec that enable this extension. A history of the 1Hive contract also enables `[voting]`, since it implies
/// how the contract counts stakes.
pub const KEYS: &[&str] = &["initial.history", "initial.at"];

/// Domain of states of DAOs.
const STATE: Domain = Domain::Document {
    name: "the state of a DAO",
    read: |text| Some(Box::new(text.parse::<Snapshot>().ok()?) as Content),
    file: DocumentFile {
        path: KEYS[0],
        at: KEYS[1],
    },
};

crate::settings! {
    /// Start of runs.
    HistorySettings in "history" {
        state: Document = Document::default(), "", STATE, "the DAO that runs start from: initial.history = \"EVENTS.csv\" reads it, at block initial.at or at the end; affinities are drawn given the stakes, above the cutoff of support";
    }
}

impl HistorySettings {
    /// Returns the state; `None` if the initial state is drawn.
    pub fn snapshot(&self) -> Option<&'static Snapshot> {
        self.state.content()
    }
}

/// Returns the state from which runs of a setting start; `None` if it is drawn.
pub fn snapshot(setting: &Setting) -> Option<&'static Snapshot> {
    setting.group_if_on::<HistorySettings>()?.snapshot()
}

/// Random stream of affinities that match the stakes.
#[derive(Component, Default)]
struct Draws(Source);

impl Seeded for Draws {
    fn seed(&mut self, seeds: StreamSeeds) {
        self.0 = seeds.source(Stream::numbered(18));
    }
}

/// Registers the start from a history.
pub fn history<M: Passing>(model: &mut ModelBuilder) {
    model.settings::<HistorySettings>().streams::<Draws>();
    implied::register(model);
    model
        .start(Start::Draw, start::start)
        .after(&["participants", "arrivals"]);
    show::register::<M>(model);
}
