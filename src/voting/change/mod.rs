//! Settings that change on a day (`[[change]]`), as DAOs vote on them.
//!
//! A change holds from the beginning of its day, for all that is decided from then on. A stake is not moved by
//! it, and an active proposal keeps the end that it drew. What conviction was built up before is carried over
//! in token-days, or rescaled so that its share of the largest possible stays. The deployed contract brings
//! conviction up to date when it is next touched, over all blocks since, with the decay of then
//! (`setConvictionCalculationSettings` of 1Hive/conviction-voting-app, commit 27df568): so do runs in its
//! arithmetic.

mod formula;
mod rescale;
mod show;

pub use formula::{factor_carried, factor_rescaled};
pub use show::{ChangeRow, ChangeRows};

use super::Day;
use super::conviction::Passing;
use super::mechanism::{Capabilities, Numbers, may_change};
use super::rules::needs_accounting;
use crate::engine::{Domain, Fault, Horizon, Key, Later, ModelBuilder, Setting, Start};
use rescale::{Alpha, Rescaling};

/// What becomes of the conviction built up before.
const ACCRUED: &[&str] = &["carry", "rescale"];

crate::settings! {
    /// A change of settings.
    Change in "change" {
        day: u32 = 50, "", Domain::count(1, 36_500), "the day as which begins the change holds; what it sets stands in its table set, such as set = { beta = 0.3 }";
        accrued: &'static str = "carry", "", Domain::Names(ACCRUED), "whether conviction keeps its token-days as alpha changes, or its share of the largest possible; in contract arithmetic always as the contract";
    }
}

impl Change {
    /// Whether conviction keeps its share of the largest possible.
    pub fn rescales(&self) -> bool {
        self.accrued == "rescale"
    }
}

/// Registers changes of settings.
pub fn change<M: Passing>(model: &mut ModelBuilder) {
    model
        .settings_each::<Change>()
        .says_anew("change", changeable)
        .later(later)
        .check(|setting| needs_accounting(setting, "[[change]]"))
        .check(beyond_the_horizon)
        .check(rescaled_by_the_contract)
        .check(said_twice)
        .warning(changes_nothing)
        .per_run::<Alpha>()
        .per_run::<Rescaling>()
        .start(Start::Draw, rescale::begin)
        .system_if(rescales, Day::Dawn, rescale::note)
        .system_if(rescales, Day::Dawn, rescale::rescale::<M>);
    show::register(model);
}

/// Keys of `[model]` but rules and arithmetic, and those that mechanisms let change.
fn changeable(key: &Key) -> bool {
    match key.table().0 {
        None => !["days", "rules", "arithmetic"].contains(&key.name),
        Some(_) => may_change(key),
    }
}

/// The settings of later days: each change holds until the end, on one day in the order listed.
fn later(setting: &Setting) -> Vec<Later> {
    let changes = setting.each::<Change>().map(|change| change.day);
    let mut changes: Vec<_> = changes.enumerate().collect();
    // Stable: those of a day stay in their order.
    changes.sort_by_key(|&(_, day)| day);
    let mut now = setting.clone();
    let mut later: Vec<Later> = Vec::new();
    for (copy, day) in changes {
        for (key, value) in setting.said_anew("change", copy) {
            now.put(key, value);
        }
        later.retain(|other| other.day != day);
        later.push(Later {
            day,
            setting: now.clone(),
        });
    }
    later
}

fn beyond_the_horizon(setting: &Setting) -> Option<Fault> {
    let days = setting.group::<Horizon>().days;
    let mut changes = setting.each::<Change>();
    let beyond = changes.find(|change| change.day > days)?;
    Some(Fault {
        key: "change.day",
        message: format!(
            "is {}, but the run ends on day {days}: take an earlier day, or more days",
            beyond.day
        ),
    })
}

/// Whether some change rescales conviction.
fn rescales(setting: &Setting) -> bool {
    setting.each::<Change>().any(|change| change.rescales())
}

fn rescaled_by_the_contract(setting: &Setting) -> Option<Fault> {
    let of = Capabilities::of(setting);
    (rescales(setting) && of.numbers != Numbers::Real).then(|| Fault {
        key: "change.accrued",
        message: "is \"rescale\", which the contract cannot do: set it to \"carry\", with which conviction is \
                  as the contract brings it up to date, or set arithmetic to \"real\""
            .to_owned(),
    })
}

/// A change that sets no key.
fn changes_nothing(setting: &Setting) -> Option<String> {
    let mut copies = 0..setting.each::<Change>().count();
    let copy = copies.find(|&copy| setting.said_anew("change", copy).next().is_none())?;
    Some(format!(
        "[[change]], number {}: changes nothing; give it set = {{ beta = 0.3 }} or an axis \
         \"change.{copy}.beta\", or take it out",
        copy + 1
    ))
}

/// Two names of one thing in one change.
fn said_twice(setting: &Setting) -> Option<Fault> {
    let copies = setting.each::<Change>().count();
    (0..copies).find_map(|copy| {
        let keys: Vec<_> = setting
            .said_anew("change", copy)
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
                "says the same as {} in one [[change]]: keep one of them",
                other.name
            ),
        })
    })
}
