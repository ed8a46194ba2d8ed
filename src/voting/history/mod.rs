//! Runs that start from the state of a DAO at a block of its history (extension `[history]`).
//!
//! A spec names the history as `history = "EVENTS.csv"` in its table `[initial]`, and the block as `at`; whoever reads
//! specs turns the file into the state, which is all that the model knows. Day 1 begins at the block.
//!
//! | of the state | becomes |
//! |---|---|
//! | holders who have staked | participants |
//! | tokens of others | L |
//! | open proposals | candidates; those that the contract cannot execute never pass |
//! | stakes, conviction | those of the candidates |
//! | stakes on closed proposals | stakes that still count |
//! | settings | alpha, beta, rho and the least share that counts, unless the spec says otherwise |
//!
//! What a history does not tell is drawn: own sentiments as ever, affinities so that participants would support what
//! they are seen to support ([`draw_supported`](super::support::draw_supported)).
//!
//! | file | what it owns |
//! |---|---|
//! | `implied` | what a state says of settings |
//! | `start` | what a state says of the start |
//! | `show` | what becomes of the proposals that were open |

mod implied;
mod show;
mod start;

use super::conviction::Passing;
use crate::contract::Snapshot;
use crate::engine::{
    Content, Document, DocumentFile, Domain, ModelBuilder, Seeded, Seeds, Setting, Source, Start,
    Stream,
};
use bevy_ecs::prelude::*;

/// Keys of a spec that switch this on, and with it how the contract counts stakes.
pub const KEYS: &[&str] = &["initial.history", "initial.at"];

/// The state of a DAO, as a setting.
const STATE: Domain = Domain::Document {
    name: "the state of a DAO",
    read: |text| Some(Box::new(text.parse::<Snapshot>().ok()?) as Content),
    file: DocumentFile {
        path: KEYS[0],
        at: KEYS[1],
    },
};

crate::settings! {
    /// What a run starts from.
    HistorySettings in "history" {
        state: Document = Document::default(), "", STATE, "the DAO that runs start from: history = \"EVENTS.csv\" in [initial] takes it from a history, after block at or at its end; affinities are drawn given the stakes, above the cutoff of support";
    }
}

impl HistorySettings {
    /// The state; `None` where runs start from a drawn one.
    pub fn snapshot(&self) -> Option<&'static Snapshot> {
        self.state.content()
    }
}

/// The state that runs of a setting start from; `None` where it is drawn.
pub fn snapshot(setting: &Setting) -> Option<&'static Snapshot> {
    setting.group_if_on::<HistorySettings>()?.snapshot()
}

/// What affinities that suit the stakes are drawn from.
#[derive(Component, Default)]
struct Draws(Source);

impl Seeded for Draws {
    fn seed(&mut self, seeds: Seeds) {
        self.0 = seeds.source(Stream::numbered(18));
    }
}

/// Registers the start from a history.
pub fn history<M: Passing>(model: &mut ModelBuilder) {
    model.settings::<HistorySettings>().streams::<Draws>();
    implied::register(model);
    model.start(Start::Draw, start::start);
    show::register::<M>(model);
}
