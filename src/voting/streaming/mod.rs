//! Extension `[streaming]`: standing proposals, which are never granted but paid by a stream while they have
//! support, faster the more conviction they have.
//!
//! Per period, a stream pays the largest request that its conviction could pass at once, and follows that
//! target as slowly as conviction follows stakes. That is the rule of Fluid Proposals (`FluidProposals.sol` of
//! BlossomLabs/fluid-proposals at ccf789a).
//!
//! | file | contents |
//! |---|---|
//! | `rate` | formulae of a stream's rate |

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
    Columns, Domain, Gathered, ModelBuilder, PerRun, Rows, Runs, Sampled, Seeded, Setting, Source,
    Stream, StreamSeeds,
};
use bevy_ecs::prelude::*;

crate::settings! {
    /// Payment of standing proposals.
    Streaming in "streaming" {
        standing: f64 = 0.0, "", Domain::from_to(0.0, 1.0), "share of new proposals that are standing: never granted, but paid day by day while they have support";
        period: f64 = 30.0, "days", Domain::from_to(1.0, 1e9), "time in which a stream pays as much as its conviction would pass at once";
        ceiling: f64 = 0.05, "", Domain::from_to(0.0, 1.0), "maximum share of the pool that all streams take in a period";
    }
}

/// Random stream that decides which new proposals are standing.
#[derive(Component, Default)]
struct Draws(Source);

impl Seeded for Draws {
    fn seed(&mut self, seeds: StreamSeeds) {
        self.0 = seeds.source(Stream::numbered(17));
    }
}

/// A standing proposal.
#[derive(Clone, Copy, Debug)]
struct StandingProposal {
    /// Row of the proposal.
    row: usize,
    /// Current rate, Honey per day.
    rate: f64,
}

/// Standing proposals of a run, in order of id, and the total paid.
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
    /// Streams to standing proposals.
    StreamingRow, StreamingRows {
        standing_count: u32, "", "standing proposals that gather support; included in the candidates" => neither;
        streamed: f64, "Honey", "paid to standing proposals so far" => max;
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
        .after(&["arrivals"])
        .system_if(has_standing, Day::Release, pay)
        .after(&["conviction"])
        .columns::<StreamingRows, _>(&["days", "runs"], show);
}

/// Returns true if a new proposal may be standing.
fn has_standing(setting: &Setting) -> bool {
    setting.group::<Streaming>().standing > 0.0
}

crate::view! {
    /// Access of [`stand`] to a run.
    struct Standings<'w> {
        streaming: &'w Streaming,
        population: &'w Population,
        arriving: &'w Arriving,
        layout: &'w mut Layout,
        draws: &'w mut Draws,
        standing: &'w mut Standing,
    }
}

/// Draws which of the day's new proposals are standing: they request nothing, and never pass.
fn stand(
    mut runs: Runs<Standings>,
    mut proposals: Rows<(&History, &mut FundsRequested)>,
    mut seats: Rows<&mut SeatRequest>,
) {
    let batch = runs.batch();
    let (mut proposals, mut seats) = (proposals.of_batch(&batch), seats.of_batch(&batch));
    for (run, of) in batch {
        if of.arriving.first == NONE {
            continue;
        }
        let (histories, requested) = proposals.of(run);
        for row in of.arriving.first as usize..of.population.proposals {
            if of.draws.0.uniform() < of.streaming.standing {
                let seat = histories[row].seat as usize;
                of.layout.never_passes(seat);
                seats.of(run)[seat] = 0.0;
                requested[row] = 0.0;
                of.standing
                    .streams
                    .push(StandingProposal { row, rate: 0.0 });
            }
        }
    }
}

/// Pays each standing proposal that still gathers support, from what the day's grants leave.
fn pay(
    mut runs: Runs<(&Streaming, &Conviction, &mut Supply, &mut Standing)>,
    mut proposals: Rows<&History>,
    mut seats: Rows<&ConvictionSum>,
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
        // Beyond the ceiling, all are paid in proportion.
        let today = rates.min(streaming.ceiling * supply.funds / streaming.period);
        supply.funds -= today;
        supply.other += today;
        *paid += today;
    }
}

fn show(
    mut runs: Sampled<(&Standing, &mut Gathered<StreamingRows>)>,
    mut proposals: Rows<&History>,
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
