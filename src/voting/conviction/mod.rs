//! Implements conviction: accrual, triggers, and payments.
//!
//! | file | contents |
//! |---|---|
//! | `closed_form` | conviction under a constant stake, and days to reach a trigger |
//! | `before_simulation` | the same for requests and stakes as shares |
//! | `trigger` | triggers, and quantities derived from them |
//! | `words` | designers' aliases of alpha, beta and rho |
//! | `accrual` | accrual of conviction, and the end of candidates without support |
//! | `release` | payment of candidates that exceed their trigger and that the mechanism accepts |
//! | `rivals` | candidates that exclude each other, for an extension |
//! | `side` | candidates without seats, which other features file |
//! | [`kernel`] | loops over seats |
//! | `show` | columns |

mod accrual;
mod before_simulation;
mod closed_form;
pub mod kernel;
mod release;
mod rivals;
mod show;
mod side;
mod trigger;
mod words;

pub use before_simulation::{
    charged, charged_within, days_to_pass, days_to_pass_as_points_move, largest_passing,
    passes_eventually, stake_to_pass, trigger_of_share,
};
pub use closed_form::{
    alpha_from_half_life, conviction_after, days_to_reach, first_day, half_life_from_alpha,
    max_conviction,
};
pub use kernel::{Growth, Threshold};
pub use release::{Accepted, Convinced, Granted, Judged, paid};
pub use rivals::Rivals;
pub use show::{ProposalRow, ProposalRows, RunProposalRow, RunProposalRows};
pub use side::{SideCandidate, SideList};
pub use trigger::{
    beta_from_largest_passable, largest_passable_share, maximum_share_of_conviction,
    minimum_conviction_share, rho_from_minimum_conviction, trigger,
};

use super::Day;
use super::proposals::History;
use super::rules::Rules;
use super::supply::{Supply, Terms};
use super::support::Staking;
use super::support::kernel::Eight;
use crate::engine::{Domain, Failing, ModelBuilder, Run, Setting};
use fearless_simd::Simd;

crate::settings! {
    /// Conviction and the life of candidates.
    Conviction {
        alpha: f64 = alpha_from_half_life(3.0), "1/day", Domain::from_below(0.0, 1.0), "share of conviction kept each day, 2^(-1/half-life)";
        beta: f64 = 0.2, "", Domain::above_to(0.0, 1.0), "upper bound on the share of the pool that one proposal can take";
        rho: f64 = 0.0025, "", Domain::from_to(1e-12, 1e6), "scale of the trigger; nothing can pass unless rho < beta^2";
        tmin: f64 = 1.0, "days", Domain::at_least(0.0), "minimum age of a proposal that passes";
        min_supp: f64 = 1.0, "Honey", Domain::from_to(0.0, 1e15), "minimum stake on a candidate; with less it is killed";
    }
}

/// Mechanism by which conviction accrues and candidates pass.
pub trait Passing: Staking {
    /// Returns the change of conviction in a day.
    fn growth(&self, day: u32, conviction: &Conviction) -> Growth;

    /// Returns the condition that candidates must fulfil on a day, or nearly fulfil for [`Passing::accept`] to
    /// be called.
    fn threshold(&mut self, day: u32, supply: &Supply, conviction: &Conviction) -> Threshold;

    /// Accepts and pays some of the candidates that exceed their triggers, and adds them to `accepted`.
    #[allow(clippy::too_many_arguments, reason = "each is a component")]
    fn accept(
        &mut self,
        run: &Run,
        supply: &mut Supply,
        conviction: &Conviction,
        rules: &Rules,
        convinced: Convinced<Self::Stored>,
        accepted: &mut Vec<Accepted>,
        failing: &mut Failing,
    );

    /// Sets the stake, in Honey, on a candidate without a seat.
    fn restake(&mut self, stored: &mut Self::Stored, day: u32, stake: f64, failing: &mut Failing);

    /// Returns the trigger (token-days) of a request on these terms on a day; infinite if it cannot pass. `stored` is
    /// the mechanism's record of its candidate, if any.
    fn trigger(
        &self,
        stored: Option<&Self::Stored>,
        day: u32,
        requested: f64,
        terms: Terms,
        conviction: &Conviction,
    ) -> f64;

    /// Returns the conviction (token-days) of a candidate at the end of a day. `estimate` is the value in real
    /// numbers, and `stored` the mechanism's own state.
    fn conviction_at_end(&self, stored: Option<&Self::Stored>, day: u32, estimate: f64) -> f64;

    /// Sums the conviction of all candidates, and its shares of their triggers as the day began.
    fn in_sum<S: Simd>(
        &self,
        simd: S,
        day: u32,
        supply: &Supply,
        conviction: &Conviction,
        seated: Seated<Self::Stored>,
    ) -> InSum;
}

/// Candidates of a run, by seat.
pub struct Seated<'a, V> {
    /// r of each seat in use, Honey; 0 on vacant seats.
    pub requested: &'a [Eight],
    /// y of each seat in use, token-days; 0 on vacant seats.
    pub conviction: &'a [Eight],
    /// History of each proposal, in order of id, including the seats of candidates.
    pub histories: &'a [History],
    /// State that the mechanism stores for each seat.
    pub stored: &'a [V],
}

/// Sums over candidates.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct InSum {
    /// Sum of conviction, token-days.
    pub conviction: f64,
    /// Sum of conviction as shares of the triggers.
    pub shares_of_trigger: f64,
}

/// Registers conviction: its accrual, and payments.
pub fn conviction<M: Passing>(model: &mut ModelBuilder) {
    model.settings::<Conviction>();
    words::register(model);
    model
        .warning(nothing_can_pass)
        .per_run::<Granted>()
        .system(Day::Release, release::release::<M>)
        .system(Day::Accrue, accrual::accrue::<M>);
    show::register::<M>(model);
}

/// Warns if ρ ≥ β², so that nothing can ever pass.
fn nothing_can_pass(setting: &Setting) -> Option<String> {
    let conviction: Conviction = setting.group();
    let share = minimum_conviction_share(&conviction);
    (share >= 1.0).then(|| {
        format!(
            "rho = {} is not below beta^2 = {}: the least trigger is {share:.3} times the largest \
             possible conviction, so no proposal can ever pass",
            conviction.rho,
            conviction.beta * conviction.beta,
        )
    })
}
