//! `proposals`: a row per run and proposal, where the run ends.

use super::{Gather, Looks, Table};
use crate::model::Setting;
use crate::output::{Column, Columns};

use crate::run::Outcome;
use crate::study::cost;
use crate::study::spec::OutputSpec;
use crate::world::{Detail, View};
use arrow_array::ArrayRef;

crate::columns! {
    /// Each proposal of a run, where the run ends.
    RunProposalRow, RunProposalRows {
        proposal: u32, "", "id of the proposal, in the sequence that participants share";
        status: &'static str, "", "candidate, active, completed, failed or killed";
        funds_requested: f64, "Honey", "r, what the proposal asks for";
        day_created: u32, "days", "the day of its creation; 0 for those of the start";
        day_left: Option<u32>, "days", "the day on which it passed or was killed; empty for candidates";
        day_passed: Option<u32>, "days", "the day on which it passed";
        days_to_pass: Option<u32>, "days", "days from creation to passing";
        conviction_passed: Option<f64>, "Honey days", "y when it passed; in contract arithmetic token-blocks over blocks a day";
        trigger_passed: Option<f64>, "Honey days", "y* that it exceeded when it passed, with F and E of that moment";
        supporters: u32, "", "participants with tokens on it, when it left candidacy or where the run ends";
        tokens_affinity_negative: f64, "Honey", "of the tokens on it then, those of participants with affinity below 0";
        tokens_affinity_low: f64, "Honey", "of the tokens on it then, those of participants with affinity from 0 to below 0.5";
        tokens_affinity_high: f64, "Honey", "of the tokens on it then, those of participants with affinity from 0.5 on";
    }
}

/// A row per run and proposal.
pub struct Proposals;

impl Table for Proposals {
    fn name(&self) -> &'static str {
        "proposals"
    }

    fn meaning(&self) -> &'static str {
        "of a sweep: a row per run and proposal, where the run ends; the variant and the axes follow \
         replicate"
    }

    fn columns(&self) -> Vec<Column> {
        RunProposalRows::columns()
    }

    fn looks(&self) -> Looks {
        Looks::AtEnd(Detail::Proposals)
    }

    fn rows_of(&self, setting: &Setting, _: &OutputSpec) -> f64 {
        cost::proposals(setting)
    }

    fn gather(&self, _: &OutputSpec) -> Box<dyn Gather> {
        Box::<Rows>::default()
    }
}

#[derive(Default)]
struct Rows {
    /// How many proposals each run had that has ended, by its place.
    counts: Vec<usize>,
    rows: RunProposalRows,
}

impl Gather for Rows {
    fn look(&mut self, place: usize, view: &View) {
        self.counts.resize(place, 0);
        self.counts.push(view.proposal_count());
        for (proposal, support) in view.proposals().zip(view.support()) {
            let [negative, low, high] = support.tokens_by_affinity;
            let passing = proposal.passing;
            self.rows.push(RunProposalRow {
                proposal: proposal.id,
                status: proposal.status.name(),
                funds_requested: proposal.funds_requested,
                day_created: proposal.created,
                day_left: proposal.left_candidacy,
                day_passed: passing.map(|passing| passing.day),
                days_to_pass: passing.map(|passing| passing.day - proposal.created),
                conviction_passed: passing.map(|passing| passing.conviction),
                trigger_passed: passing.map(|passing| passing.trigger),
                supporters: support.supporters,
                tokens_affinity_negative: negative,
                tokens_affinity_low: low,
                tokens_affinity_high: high,
            });
        }
    }

    fn end(&mut self, place: usize, _: &Outcome) -> usize {
        self.counts[place]
    }

    fn take(&mut self) -> Vec<ArrayRef> {
        std::mem::take(&mut self.rows).arrays()
    }
}
