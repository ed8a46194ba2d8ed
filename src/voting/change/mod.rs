//! Extension: settings that change on a day (`[[change]]`), as DAOs decide by vote.
//!
//! A change applies from the beginning of its day to all later decisions. It moves no stake, and an active
//! proposal keeps the end that it drew. Earlier conviction is carried over in token-days, or rescaled so that
//! its share of the largest possible stays. The deployed contract updates conviction when it is next touched,
//! over all blocks since, with the new decay (`setConvictionCalculationSettings` of
//! 1Hive/conviction-voting-app, commit 27df568). Runs in its arithmetic do the same.

mod formula;
mod rescale;
mod show;

pub use formula::{factor_carried, factor_rescaled};
pub use show::{ChangeRow, ChangeRows};

use super::Day;
use super::conviction::Passing;
use super::mechanism::{Capabilities, Numbers, may_change};
use super::rules::needs_accounting;
use crate::engine::{Domain, Fault, Horizon, Key, ModelBuilder, Scheduled, Setting, Start};
use rescale::{Alpha, Rescaling};

crate::choices! {
    /// Conviction that has accrued before α changes.
    Accrued {
        /// It keeps its token-days.
        Carry = "carry",
        /// It keeps its share of the largest possible.
        Rescale = "rescale",
    }
}

crate::settings! {
    /// A change of settings.
    Change in "change" {
        day: u32 = 50, "", Domain::count(1, 36_500), "first day on which the change applies; its `set` table holds the new values, such as set = { beta = 0.3 }";
        accrued: Accrued = Accrued::Carry, "", Accrued::DOMAIN, "whether conviction keeps its token-days when alpha changes, or its share of the largest possible; contract arithmetic always follows the contract";
    }
}

impl Change {
    /// Returns true if conviction keeps its share of the largest possible.
    pub fn rescales(&self) -> bool {
        self.accrued == Accrued::Rescale
    }
}

/// Registers changes of settings.
pub fn change<M: Passing>(model: &mut ModelBuilder) {
    model
        .schedule::<Change>()
        .check(|setting| needs_accounting(setting, "[[change]]"))
        .check(beyond_the_horizon)
        .check(rescaled_by_the_contract)
        .check(said_twice)
        .warning(changes_nothing)
        .per_run::<Alpha>()
        .per_run::<Rescaling>()
        .start(Start::Draw, rescale::begin)
        .system_if(rescales, Day::Start, rescale::note)
        .system_if(rescales, Day::Start, rescale::rescale::<M>);
    show::register(model);
}

/// `[model]` may change, except rules and arithmetic, and the keys of mechanisms that allow it.
impl Scheduled for Change {
    fn day(&self) -> u32 {
        self.day
    }

    fn may_change(key: &Key) -> bool {
        match key.table().0 {
            None => !["days", "rules", "arithmetic"].contains(&key.name),
            Some(_) => may_change(key),
        }
    }
}

fn beyond_the_horizon(setting: &Setting) -> Option<Fault> {
    let days = setting.group::<Horizon>().days;
    let mut changes = setting.each::<Change>();
    let beyond = changes.find(|change| change.day > days)?;
    Some(Fault {
        key: "change.day",
        message: format!(
            "is {}, but the run ends on day {days}; choose an earlier day, or more days",
            beyond.day
        ),
    })
}

/// Returns true if some change rescales conviction.
fn rescales(setting: &Setting) -> bool {
    setting.each::<Change>().any(|change| change.rescales())
}

fn rescaled_by_the_contract(setting: &Setting) -> Option<Fault> {
    let of = Capabilities::of(setting);
    (rescales(setting) && of.numbers != Numbers::Real).then(|| Fault {
        key: "change.accrued",
        message: "is \"rescale\", which the contract cannot do; set it to \"carry\", so that conviction is updated \
                  as in the contract, or set arithmetic to \"real\""
            .to_owned(),
    })
}

/// Warns of a change that sets no key.
fn changes_nothing(setting: &Setting) -> Option<String> {
    let mut copies = 0..setting.each::<Change>().count();
    let copy = copies.find(|&copy| setting.overridden("change", copy).next().is_none())?;
    Some(format!(
        "[[change]], number {}: changes nothing; add set = {{ beta = 0.3 }} or an axis \
         \"change.{copy}.beta\", or remove it",
        copy + 1
    ))
}

/// Rejects a change that sets two names of the same setting.
fn said_twice(setting: &Setting) -> Option<Fault> {
    let copies = setting.each::<Change>().count();
    (0..copies).find_map(|copy| {
        let keys: Vec<_> = setting
            .overridden("change", copy)
            .map(|(key, _)| key)
            .collect();
        let mut pairs = keys
            .iter()
            .enumerate()
            .flat_map(|(n, one)| keys[..n].iter().map(move |other| (one, other)));
        let (one, other) = pairs.find(|(one, other)| one.overlaps(other))?;
        Some(Fault {
            key: one.name,
            message: format!(
                "duplicates {} in one [[change]]; keep one of them",
                other.name
            ),
        })
    })
}
