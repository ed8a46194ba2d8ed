//! Extension: attackers who take money from the pool that no honest voter wants to pay.
//!
//! Attackers' accounts are not participants, and their candidates are not proposals. Honest participants do not
//! support them, no count, median or sum of requests includes them, and they do not shift the random draws of
//! others. But their holdings are part of E, and their grants leave F by the same rule and together with honest
//! candidates. Sentiment reacts to these grants as to any others. An attacker without holdings changes nothing.
//! Where stakes are split from points, each account has points for its holdings.
//!
//! | strategy | requests | stakes |
//! |---|---|---|
//! | leech, sybil | q F; once paid, q F of the rest | all its tokens |
//! | splitter | a goal of q F in parts; once all are paid, the next goal | all its tokens, over the open parts |
//! | spammer | q F, several times a day | min_supp on each, the rest on the oldest |
//! | flash | q F, once | all its tokens, for some days |
//! | renter | like a leech, when profitable | tokens that participants lend it |
//!
//! | file | contents |
//! |---|---|
//! | [`closed_form`] | closed forms of a setting under attack |
//! | `settings` | settings of an attacker, and their checks |
//! | `attacker` | tokens, goal and achievements of each |
//! | `asking`, `staking` | requests and stakes of each strategy |
//! | `people` | transfers of tokens to and from attackers |
//! | `phases` | systems in the phases of a day |
//! | `show` | columns |

mod asking;
mod attacker;
pub mod closed_form;
mod invariants;
mod people;
mod phases;
mod settings;
mod show;
mod staking;

pub use attacker::{Attacker, Attackers, Goal, Tally};
pub use settings::{Attack, Mode, Source, Strategy};
pub use show::{AttackOutcomeRow, AttackOutcomeRows, AttackRow, AttackRows};

use super::Day;
use super::conviction::{Passing, SideList};
use crate::engine::{ModelBuilder, Setting, Start};

/// Maximum number of attackers of a run.
pub const MOST: usize = 8;

fn some_is_eager(setting: &Setting) -> bool {
    setting.each::<Attack>().any(|attack| attack.eager)
}

/// Returns true if some attacker is a flash, which enters and leaves.
fn some_flash(setting: &Setting) -> bool {
    let mut attacks = setting.each::<Attack>();
    attacks.any(|attack| attack.strategy == Strategy::Flash)
}

/// Registers the attackers.
pub fn attackers<M: Passing>(model: &mut ModelBuilder) {
    let attackers = model.copies("attacker") as f64;
    model
        .settings_each::<Attack>()
        .takes_longer(0.1 * attackers)
        .check(settings::fault)
        .warning(settings::may_hold_less)
        .warning(settings::asks_too_much)
        .per_run::<Attackers>()
        .per_run::<SideList<M>>()
        .start(Start::Draw, phases::begin)
        .system(Day::Arrivals, phases::arrive::<M>)
        .after(&["arrivals", "market"])
        .system_if(some_is_eager, Day::Progress, phases::ask_again::<M>)
        .system(Day::Release, phases::collect::<M>)
        .after(&["conviction"])
        .system_if(some_flash, Day::Flows, phases::leave::<M>)
        .system_if(some_flash, Day::Act, phases::flash::<M>)
        .after(&["support"])
        .system(Day::Accrue, phases::accrue::<M>)
        .invariant(invariants::check::<M>);
    show::register::<M>(model);
}
