//! How many rows a run needs.

use super::commons::Commons;
use super::slots::{Room, Table};
use super::start::Start;
use super::tiles::{self, LANES};
use crate::model::{Arithmetic, Setting};

/// Most proposals that can arrive on a day.
pub const MOST_PROPOSALS_A_DAY: usize = 3;

/// Tiles that a run with this many candidates has room for: among few participants so many that it
/// seldom needs more, among many no more than it needs, so that what lies together is read together.
pub fn width_for(candidates: usize, participants: usize) -> usize {
    const FEW: usize = 200;
    const LEAST: usize = 7;
    if participants > FEW {
        return candidates.div_ceil(LANES).max(1);
    }
    // An odd number, so that the edges of one seat are spread over all sets of a cache.
    (candidates + candidates / 2).div_ceil(LANES).max(LEAST) | 1
}

/// Room for a run to begin, with `width` tiles.
pub fn to_begin(setting: &Setting, start: &Start, width: usize) -> Room {
    let on_chain = setting.arithmetic == Arithmetic::Contract;
    Room::new([
        (Table::Participants, start.participants.len()),
        (
            Table::Proposals,
            start.requests.len() + MOST_PROPOSALS_A_DAY,
        ),
        (Table::Seats, width * LANES),
        (
            Table::SupportEdges,
            tiles::edges(start.participants.len(), width),
        ),
        (Table::InfluenceEdges, start.influence.len()),
        (Table::ConflictEdges, start.conflict.len()),
        (Table::OnChain, if on_chain { width * LANES } else { 0 }),
    ])
}

/// Most candidates that there can be on the next day.
fn candidates_in_a_day(commons: &Commons) -> usize {
    commons.tiles.candidates() + MOST_PROPOSALS_A_DAY
}

/// Whether the candidates of the next day may not find seats.
pub fn is_narrow(commons: &Commons) -> bool {
    candidates_in_a_day(commons) > commons.tiles.seats()
}

/// Tiles that there should be room for on the next day.
pub fn width_for_a_day(commons: &Commons) -> usize {
    if is_narrow(commons) {
        width_for(
            candidates_in_a_day(commons),
            commons.population.participants,
        )
    } else {
        commons.tiles.width()
    }
}

/// For how many days a run surely has room, whatever arrives; 0 where only [`for_a_day`] can say.
pub fn ample_days(commons: &Commons) -> u32 {
    /// No more than this are looked ahead, so that links to that many newcomers can be counted.
    const MOST: usize = 16;
    let (population, room) = (&commons.population, &commons.slot.room);
    if commons.detail || commons.chain.is_some() {
        return 0;
    }
    let people = population.participants;
    let seats = commons.tiles.seats().min(room.of(Table::Seats));
    let rows = room.of(Table::SupportEdges) / tiles::edges(1, commons.tiles.width());
    let influences = room.of(Table::InfluenceEdges) - population.influences;
    let days = [
        room.of(Table::Participants).min(rows) - people,
        (room.of(Table::Proposals) - population.proposals) / MOST_PROPOSALS_A_DAY,
        (seats - commons.tiles.candidates()) / MOST_PROPOSALS_A_DAY,
        influences / (2 * (people + MOST)),
    ];
    days.into_iter().fold(MOST, usize::min) as u32
}

/// Room for whatever can be on the next day of a run.
pub fn for_a_day(commons: &Commons) -> Room {
    let (population, width) = (&commons.population, width_for_a_day(commons));
    let people = population.participants + 1;
    let conflicts = if commons.detail {
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
        (Table::Seats, width * LANES),
        (Table::SupportEdges, tiles::edges(people, width)),
        (Table::InfluenceEdges, population.influences + 2 * people),
        (Table::ConflictEdges, conflicts),
        (
            Table::OnChain,
            commons.chain.as_ref().map_or(0, |_| width * LANES),
        ),
    ])
}
