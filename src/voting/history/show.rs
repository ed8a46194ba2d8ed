//! Records the proposals that were open at the start, day by day.

use super::HistorySettings;
use crate::engine::{Columns, Gathered, ModelBuilder, Moment, Output, Rows, Sampled};
use crate::voting::chance::NONE;
use crate::voting::conviction::{Conviction, Passing};
use crate::voting::proposals::{FundsRequested, History, InitialProposals, Status};
use crate::voting::supply::Supply;
use crate::voting::support::ConvictionSum;

crate::columns! {
    /// Proposals open at the start, at the end of each day.
    OpenRow, OpenRows {
        day: u32, "days", "the day; 0 is the start";
        number: u32, "", "number of the proposal in the contract";
        has_passed: bool, "", "whether it has passed";
        share_of_trigger: Option<f64>, "", "conviction / trigger, with F and E as the day began", empty "not a candidate, or it cannot pass";
    }
}

pub(super) fn register<M: Passing>(model: &mut ModelBuilder) {
    model
        .output(Output {
            name: "open",
            folder: Some("open"),
            keys: &["day", "number"],
            rows: |setting| f64::from(setting.group::<InitialProposals>().proposals),
            meaning: "of a sweep from a history: a row per run, day and proposal that was open at the start; the variant \
                      and the axes follow replicate",
            moment: Moment::Day,
            prepare: None,
        })
        .columns::<OpenRows, _>(&["open"], show::<M>);
}

crate::view! {
    /// Access of [`show`] to a run.
    struct ShownOpening<'w, M: Passing> {
        history: &'w HistorySettings,
        conviction: &'w Conviction,
        supply: &'w Supply,
        mechanism: &'w M,
        rows: &'w mut Gathered<OpenRows>,
    }
}

fn show<M: Passing>(
    mut runs: Sampled<ShownOpening<M>>,
    mut proposals: Rows<(&Status, &FundsRequested, &History)>,
    mut seats: Rows<&ConvictionSum>,
    mut stored: Rows<&M::Stored>,
) {
    let batch = runs.batch();
    let (mut proposals, mut seats) = (proposals.of_batch(&batch), seats.of_batch(&batch));
    let mut stored = stored.of_batch(&batch);
    for (
        run,
        ShownOpening {
            history,
            conviction,
            supply,
            mechanism,
            rows,
        },
    ) in batch
    {
        let Some(state) = history.snapshot() else {
            continue;
        };
        let (statuses, requested, histories) = proposals.of(run);
        let (sums, stored) = (seats.of(run), stored.of(run));
        for (row, of) in state.proposals.iter().enumerate() {
            let seat = histories[row].seat;
            let trigger = (seat != NONE && of.is_payable)
                .then(|| {
                    let (of, terms) = (stored.get(seat as usize), supply.at_day_start);
                    mechanism.trigger(of, run.day, requested[row], terms, conviction)
                })
                .filter(|trigger| trigger.is_finite() && *trigger > 0.0);
            let share = trigger.map(|trigger| {
                let seat = seat as usize;
                mechanism.conviction_at_end(stored.get(seat), run.day, sums[seat]) / trigger
            });
            rows.push(OpenRow {
                day: run.day,
                number: u32::try_from(of.number).unwrap_or(NONE),
                has_passed: statuses[row].was_granted(),
                share_of_trigger: share,
            });
        }
    }
}
