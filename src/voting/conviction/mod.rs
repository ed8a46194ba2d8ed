//! Conviction: how it accrues, what it must exceed, and what is paid when it does.
//!
//! | file | what it owns |
//! |---|---|
//! | `closed_form` | conviction under constant stake, and the days to reach a trigger |
//! | `before_simulation` | what follows for requests and stakes as shares |
//! | `trigger` | the conviction that a request must exceed, and what follows from it |
//! | `words` | the designer's words for alpha, beta and rho |
//! | `accrual` | conviction accrues, and candidates without support die |
//! | `release` | candidates whose conviction exceeds their trigger are found; the mechanism accepts some, which are paid |
//! | `rivals` | candidates that exclude each other, where an extension says so |
//! | `side` | candidates without seats, which other features put up for payment |
//! | [`kernel`] | the loops over seats |
//! | `show` | the columns |

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
    stake_to_pass, trigger_of_share,
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
    /// How conviction accrues, what it must exceed, and which candidates live.
    Conviction {
        alpha: f64 = alpha_from_half_life(3.0), "1/day", Domain::from_below(0.0, 1.0), "share of conviction kept each day, 2^(-1/half-life)";
        beta: f64 = 0.2, "", Domain::above_to(0.0, 1.0), "upper bound on the share of the pool that one proposal can take";
        rho: f64 = 0.0025, "", Domain::from_to(1e-12, 1e6), "scale of the trigger; nothing can pass unless rho < beta^2";
        tmin: f64 = 1.0, "days", Domain::at_least(0.0), "a proposal passes only when older than this";
        min_supp: f64 = 1.0, "Honey", Domain::from_to(0.0, 1e15), "a candidate with less staked on it is killed";
    }
}

/// How a mechanism lets conviction accrue, and candidates pass.
pub trait Passing: Staking {
    /// What a day does to conviction.
    fn growth(&self, day: u32, conviction: &Conviction) -> Growth;

    /// What candidates must exceed on a day, or come near for [`Passing::accept`] to be asked.
    fn threshold(&mut self, day: u32, supply: &Supply, conviction: &Conviction) -> Threshold;

    /// Accepts of the candidates that convince those that are paid, pays them, and adds them to
    /// `accepted`.
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

    /// Stakes so many tokens (Honey) on a candidate without a seat, on a day, instead of what was staked on it.
    fn restake(&mut self, stored: &mut Self::Stored, day: u32, stake: f64, failing: &mut Failing);

    /// The trigger (token-days) of a request on these terms on a day; infinite where it cannot pass. `stored` is
    /// what the mechanism stores of its candidate, if that is one.
    fn trigger(
        &self,
        stored: Option<&Self::Stored>,
        day: u32,
        requested: f64,
        terms: Terms,
        conviction: &Conviction,
    ) -> f64;

    /// The conviction (token-days) of a candidate at the end of a day, which real numbers put at
    /// `estimate`; `stored` is what the mechanism stores of it.
    fn conviction_at_end(&self, stored: Option<&Self::Stored>, day: u32, estimate: f64) -> f64;

    /// What the conviction of all candidates comes to, with their triggers as the day began.
    fn in_sum<S: Simd>(
        &self,
        simd: S,
        day: u32,
        supply: &Supply,
        conviction: &Conviction,
        seated: Seated<Self::Stored>,
    ) -> InSum;
}

/// The candidates of a run, by seat.
pub struct Seated<'a, V> {
    /// r of each seat in use, Honey; 0 on vacant seats.
    pub requested: &'a [Eight],
    /// y of each seat in use, token-days; 0 on vacant seats.
    pub conviction: &'a [Eight],
    /// What became of each proposal, in order of id; of candidates, their seats.
    pub histories: &'a [History],
    /// What the mechanism stores of each seat.
    pub stored: &'a [V],
}

/// What the candidates' conviction comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct InSum {
    /// Its sum, token-days.
    pub conviction: f64,
    /// The sum of its shares of the triggers.
    pub shares_of_trigger: f64,
}

/// Registers conviction: its accrual and what is paid.
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

/// ρ ≥ β², under which nothing can ever pass.
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
