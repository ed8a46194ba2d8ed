//! Standing proposals (extension `[streaming]`): they are never paid at once, but by a stream, as long as
//! they are supported, and the faster the more conviction they have.
//!
//! A stream pays per period what a request with as much conviction could take at once, and follows what
//! that comes to as slowly as conviction does: the rule of Fluid Proposals (`FluidProposals.sol` of
//! BlossomLabs/fluid-proposals at ccf789a).
//!
//! | file | what it owns |
//! |---|---|
//! | `rate` | what a stream pays, in formulas |

mod rate;

pub use rate::{follow, wanted};

use super::Day;
use super::arrivals::Arriving;
use super::chance::NONE;
use super::conviction::Conviction;
use super::mechanism::Capabilities;
use super::participants::Population;
use super::proposals::{FundsRequested, History};
use super::rules::needs_accounting;
use super::supply::Supply;
use super::support::{ConvictionSum, Layout, SeatRequest};
use crate::engine::{
    Columns, Domain, Gathered, ModelBuilder, PerRun, Rows, Runs, Seeded, Seeds, Setting, Shown,
    Source, Stream,
};
use bevy_ecs::prelude::*;

crate::settings! {
    /// How standing proposals are paid.
    Streaming in "streaming" {
        standing: f64 = 0.0, "", Domain::from_to(0.0, 1.0), "share of new proposals that are standing: never granted, but paid day by day while they are supported";
        period: f64 = 30.0, "days", Domain::from_to(1.0, 1e9), "days in which a stream pays what its conviction would pass at once";
        ceiling: f64 = 0.05, "", Domain::from_to(0.0, 1.0), "the most of the pool that all streams take in a period";
    }
}

/// What says which new proposals are standing.
#[derive(Component, Default)]
struct Draws(Source);

impl Seeded for Draws {
    fn seed(&mut self, seeds: Seeds) {
        self.0 = seeds.source(Stream::numbered(17));
    }
}

/// A standing proposal.
#[derive(Clone, Copy, Debug)]
struct StandingProposal {
    /// Its row.
    row: usize,
    /// What it would be paid, Honey a day.
    rate: f64,
}

/// The standing proposals of a run, in order of id, and what they were paid.
#[derive(Component, Default)]
struct Standing {
    streams: Vec<StandingProposal>,
    paid: f64,
}

impl PerRun for Standing {
    fn begin(&mut self) {
        self.streams.clear();
        self.paid = 0.0;
    }
}

crate::columns! {
    /// What streams to standing proposals.
    StreamingRow, StreamingRows {
        standing_count: u32, "", "standing proposals that gather support; they are among the candidates" => neither;
        streamed: f64, "Honey", "what standing proposals were paid so far" => max;
    }
}

/// Registers standing proposals.
pub fn streaming(model: &mut ModelBuilder) {
    model
        .settings::<Streaming>()
        .takes_longer(0.15)
        .check(|setting| needs_accounting(setting, "[streaming]"))
        .check(|setting| Capabilities::needs_real_numbers(setting, "[streaming]"))
        .streams::<Draws>()
        .per_run::<Standing>()
        .system_if(has_standing, Day::Arrivals, stand)
        .system_if(has_standing, Day::Release, pay)
        .columns::<StreamingRows, _>(&["days", "runs"], show);
}

/// Whether a new proposal may be standing.
fn has_standing(setting: &Setting) -> bool {
    setting.group::<Streaming>().standing > 0.0
}

/// Lets some of the day's new proposals be standing: they request nothing, and never pass.
fn stand(
    mut runs: Runs<(
        &'static Streaming,
        &'static Population,
        &'static Arriving,
        &'static mut Layout,
        &'static mut Draws,
        &'static mut Standing,
    )>,
    mut proposals: Rows<(&'static History, &'static mut FundsRequested)>,
    mut seats: Rows<&'static mut SeatRequest>,
) {
    let batch = runs.batch();
    let (mut proposals, mut seats) = (proposals.of_batch(&batch), seats.of_batch(&batch));
    for (run, (streaming, population, arriving, layout, draws, standing)) in batch {
        if arriving.first == NONE {
            continue;
        }
        let (histories, requested) = proposals.of(run);
        for row in arriving.first as usize..population.proposals {
            if draws.0.uniform() < streaming.standing {
                let seat = histories[row].seat as usize;
                layout.never_passes(seat);
                seats.of(run)[seat] = 0.0;
                requested[row] = 0.0;
                standing.streams.push(StandingProposal { row, rate: 0.0 });
            }
        }
    }
}

/// Pays each standing proposal that still gathers support, out of what the day's grants have left.
fn pay(
    mut runs: Runs<(
        &'static Streaming,
        &'static Conviction,
        &'static mut Supply,
        &'static mut Standing,
    )>,
    mut proposals: Rows<&'static History>,
    mut seats: Rows<&'static ConvictionSum>,
) {
    let batch = runs.batch();
    let (mut proposals, mut seats) = (proposals.of_batch(&batch), seats.of_batch(&batch));
    for (run, (streaming, conviction, supply, standing)) in batch {
        let (histories, of_seat) = (proposals.of(run), seats.of(run));
        let Standing { streams, paid } = standing;
        streams.retain(|stream| histories[stream.row].seat != NONE);
        if streams.is_empty() {
            continue;
        }
        let largest = supply.votes() / (1.0 - conviction.alpha);
        let mut rates = 0.0;
        for stream in streams {
            let share = of_seat[histories[stream.row].seat as usize] / largest;
            let target = wanted(share, conviction) * supply.funds / streaming.period;
            stream.rate = follow(stream.rate, target, conviction.alpha);
            rates += stream.rate;
        }
        // Beyond the ceiling each is paid in proportion.
        let today = rates.min(streaming.ceiling * supply.funds / streaming.period);
        supply.funds -= today;
        supply.other += today;
        *paid += today;
    }
}

fn show(
    mut runs: Shown<(&'static Standing, &'static mut Gathered<StreamingRows>)>,
    mut proposals: Rows<&'static History>,
) {
    let batch = runs.batch();
    let mut proposals = proposals.of_batch(&batch);
    for (run, (standing, rows)) in batch {
        let histories = proposals.of(run);
        let gathers = |stream: &&StandingProposal| histories[stream.row].seat != NONE;
        rows.push(StreamingRow {
            standing_count: standing.streams.iter().filter(gathers).count() as u32,
            streamed: standing.paid,
        });
    }
}
