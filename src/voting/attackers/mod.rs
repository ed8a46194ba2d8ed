//! An extension: attackers, who take from the pool what no honest voter wants to pay for.
//!
//! Their accounts are no participants, and their candidates no proposals: nobody honest supports them, they are
//! in no count, median or sum of what is requested, and they leave the draws of others as they are. But what they
//! hold is in E, and what they are granted leaves F: by the same rule, together with the candidates of the honest,
//! and the mood is told of it as of any grant. An attacker that holds nothing changes nothing. Where stakes are
//! split from points, each of its accounts has points for what it holds.
//!
//! | strategy | asks | stakes |
//! |---|---|---|
//! | leech, sybil | for q F, and once that is paid for q F of what is left | all it has |
//! | splitter | for a goal of q F in parts, and once all are paid for the next | all, over the open parts |
//! | spammer | for q F, several times a day | min_supp on each, the rest on the oldest |
//! | flash | for q F, once | all it has, for some days |
//! | renter | as a leech, when that pays | what participants lend it meanwhile |
//!
//! | file | what it owns |
//! |---|---|
//! | [`closed_form`] | what a setting means under attack, without simulation |
//! | `settings` | what an attacker can be told, and what contradicts itself |
//! | `attacker` | what each has, is after, and has achieved |
//! | `asking`, `staking` | what each strategy asks for, and stakes |
//! | `people` | how tokens come to attackers, and where they go back to |
//! | `phases` | what they do in the phases of a day |
//! | `show` | the columns |

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

/// Most attackers of a run.
pub const MOST: usize = 8;

fn some_is_eager(setting: &Setting) -> bool {
    setting.each::<Attack>().any(|attack| attack.eager)
}

/// Whether some attacker comes and leaves: a flash.
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
        .per_run::<Attackers>()
        .per_run::<SideList<M>>()
        .start(Start::Draw, phases::begin)
        .system(Day::Arrivals, phases::arrive::<M>)
        .system_if(some_is_eager, Day::Progress, phases::ask_again::<M>)
        .system(Day::Release, phases::collect::<M>)
        .system_if(some_flash, Day::Flows, phases::leave::<M>)
        .system_if(some_flash, Day::Act, phases::flash::<M>)
        .system(Day::Accrue, phases::accrue::<M>)
        .invariant(invariants::check::<M>);
    show::register::<M>(model);
}
