//! How many rows a run needs.

use super::commons::{Commons, Detail};
use super::slots::{Room, Table};
use super::start::Start;
use super::tiles::{SEATS, Shape};
use crate::model::{Arithmetic, Setting};

/// Most proposals that can arrive on a day.
pub const MOST_PROPOSALS_A_DAY: usize = 3;

/// Room for the edges of this many candidates and participants.
fn shape_for(candidates: usize, participants: usize) -> Shape {
    /// No more than this many newcomers are provided for.
    const NEWCOMERS: usize = 64;
    Shape {
        blocks: candidates.div_ceil(SEATS),
        people: participants + (participants / 2).min(NEWCOMERS),
    }
}

/// Room for the edges of a run that begins.
pub fn shape_to_begin(start: &Start) -> Shape {
    let candidates = start.requests.len() + MOST_PROPOSALS_A_DAY;
    shape_for(candidates, start.participants.len())
}

/// Room for a run to begin.
pub fn to_begin(setting: &Setting, start: &Start, shape: Shape) -> Room {
    let on_chain = setting.arithmetic == Arithmetic::Contract;
    Room::new([
        (Table::Participants, start.participants.len()),
        (
            Table::Proposals,
            start.requests.len() + MOST_PROPOSALS_A_DAY,
        ),
        (Table::Seats, shape.seats()),
        (Table::SupportEdges, shape.edges()),
        (Table::InfluenceEdges, start.influence.len()),
        (Table::ConflictEdges, start.conflict.len()),
        (Table::OnChain, if on_chain { shape.seats() } else { 0 }),
    ])
}

/// Most candidates that there can be on the next day.
fn candidates_in_a_day(commons: &Commons) -> usize {
    commons.tiles.candidates() + MOST_PROPOSALS_A_DAY
}

/// Room for the edges of the next day: what there is, unless it may be too little.
pub fn shape_for_a_day(commons: &Commons) -> Shape {
    let shape = commons.tiles.shape();
    let (candidates, people) = (
        candidates_in_a_day(commons),
        commons.population.participants + 1,
    );
    let enough = shape_for(candidates, people);
    Shape {
        blocks: shape.blocks.max(enough.blocks),
        people: if people > shape.people {
            enough.people
        } else {
            shape.people
        },
    }
}

/// For how many days a run surely has room, whatever arrives; 0 where only [`for_a_day`] can say.
pub fn ample_days(commons: &Commons) -> u32 {
    /// No more than this are looked ahead, so that links to that many newcomers can be counted.
    const MOST: usize = 16;
    let (population, room) = (&commons.population, &commons.slot.room);
    if commons.detail >= Detail::Edges || commons.chain.is_some() {
        return 0;
    }
    let people = population.participants;
    let shape = commons.tiles.shape();
    let influences = room.of(Table::InfluenceEdges) - population.influences;
    let days = [
        room.of(Table::Participants).min(shape.people) - people,
        (room.of(Table::Proposals) - population.proposals) / MOST_PROPOSALS_A_DAY,
        (shape.seats() - commons.tiles.candidates()) / MOST_PROPOSALS_A_DAY,
        influences / (2 * (people + MOST)),
    ];
    days.into_iter().fold(MOST, usize::min) as u32
}

/// Room for whatever can be on the next day of a run.
pub fn for_a_day(commons: &Commons) -> Room {
    let (population, shape) = (&commons.population, shape_for_a_day(commons));
    let people = population.participants + 1;
    let conflicts = if commons.detail >= Detail::Edges {
        population.conflicts + 2 * MOST_PROPOSALS_A_DAY * candidates_in_a_day(commons)
    } else {
        0
    };
    Room::new([
        (Table::Participants, people),
        (
            Table::Proposals,
            population.proposals + MOST_PROPOSALS_A_DAY,
        ),
        (Table::Seats, shape.seats()),
        (Table::SupportEdges, shape.edges()),
        (Table::InfluenceEdges, population.influences + 2 * people),
        (Table::ConflictEdges, conflicts),
        (
            Table::OnChain,
            commons.chain.as_ref().map_or(0, |_| shape.seats()),
        ),
    ])
}
