//! What an attacker can be told, and what contradicts itself.

use crate::engine::{Domain, Fault, Field, Setting, Value};
use crate::voting::conviction::Conviction;
use crate::voting::flows;
use crate::voting::market;
use crate::voting::rules::needs_accounting;
use crate::voting::supply::InitialSupply;

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            const DOMAIN: Domain = Domain::Names(&[$($word,)+]);
        }

        impl Field for $name {
            fn value(self) -> Value {
                Value::Name(match self {
                    $(Self::$variant => $word,)+
                })
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    $(Value::Name($word) => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

names! {
    /// How an attacker goes about it.
    Strategy {
        /// Asks for a share of the pool, and once that is paid for a share of what is left.
        Leech = "leech",
        /// Asks for the parts of a goal, all at once or one after another.
        Splitter = "splitter",
        /// Puts up many candidates each day, with the least stake that keeps one alive.
        Spammer = "spammer",
        /// Brings its tokens for a few days only.
        Flash = "flash",
        /// A leech by many accounts.
        Sybil = "sybil",
        /// A leech without tokens: it rents those of the honest for each request, when that pays.
        Renter = "renter",
    }
}

names! {
    /// Whence an attacker has its tokens.
    Source {
        /// From L: E grows.
        Other = "other",
        /// From the participants, of each the same share: E stays.
        Insiders = "insiders",
    }
}

names! {
    /// How a splitter asks for the parts of its goal.
    Mode {
        /// All at once.
        Parallel = "parallel",
        /// One after another.
        Serial = "serial",
    }
}

crate::settings! {
    /// One of several attackers.
    Attack in "attacker" {
        strategy: Strategy = Strategy::Leech, "", Strategy::DOMAIN, "how it goes about it: again and again (leech), in parts (splitter), in great number (spammer), for days only (flash), by many accounts (sybil), with rented tokens (renter)";
        share: f64 = 0.1, "", Domain::from_below(0.0, 1.0), "share of the effective supply that it holds once it has entered; a renter holds none";
        source: Source = Source::Other, "", Source::DOMAIN, "whence its tokens are: from other supply, so that effective supply grows, or from insiders, the participants, of each the same share";
        from: u32 = 1, "days", Domain::count(1, 36_500), "the day on which it enters";
        ask: f64 = 0.0, "", Domain::from_to(0.0, 1.0), "share of the pool that it asks for, of a splitter in all its parts; 0 for beta/3, the ask that drains the pool fastest for little conviction";
        compound: bool = false, "", Domain::TRUTH, "whether it stakes what it is granted, instead of taking it elsewhere";
        eager: bool = false, "", Domain::TRUTH, "whether a leech or sybil asks again on the morning of the day on which it will be paid, not on the next";
        parts: u32 = 5, "", Domain::count(1, 1000), "parts of a splitter's goal; candidates that a spammer puts up each day";
        mode: Mode = Mode::Parallel, "", Mode::DOMAIN, "whether a splitter asks for all parts at once or in series";
        accounts: u32 = 1, "", Domain::count(1, 10_000), "accounts that its tokens are split over";
        hold: u32 = 1, "days", Domain::count(1, 36_500), "days for which a flash holds its stake";
        rent: f64 = 0.001, "1/day", Domain::from_to(0.0, 1e6), "what a renter pays, Honey per Honey rented and day";
        supply: f64 = 0.3, "", Domain::from_below(0.0, 1.0), "share of their holdings that participants lend a renter";
    }
}

impl Attack {
    /// The share of the pool that one request is: `ask`, or β/3; of a splitter a part of that.
    pub fn share_of_pool(&self, beta: f64) -> f64 {
        let ask = if self.ask > 0.0 { self.ask } else { beta / 3.0 };
        match self.strategy {
            Strategy::Splitter => ask / f64::from(self.parts),
            _ => ask,
        }
    }

    /// The day on which a flash leaves; others stay.
    pub fn leaves_on(&self) -> Option<u32> {
        (self.strategy == Strategy::Flash).then(|| self.from.saturating_add(self.hold))
    }
}

/// A fault of one attacker.
fn fault_of(setting: &Setting, attacker: usize, field: &str, message: String) -> Option<Fault> {
    let key = setting
        .keys()
        .find(&format!("attacker.{attacker}.{field}"))?;
    Some(Fault {
        key: key.name,
        message,
    })
}

/// What keeps attackers from a setting.
pub(super) fn fault(setting: &Setting) -> Option<Fault> {
    needs_accounting(setting, "[[attacker]]")
        .or_else(|| never_payable(setting))
        .or_else(|| too_few_tokens(setting))
}

/// A request that no conviction can pass.
fn never_payable(setting: &Setting) -> Option<Fault> {
    let beta = setting.group::<Conviction>().beta;
    let mut all = setting.each::<Attack>().enumerate();
    let (attacker, attack) = all.find(|(_, attack)| attack.share_of_pool(beta) >= beta)?;
    let asks = attack.share_of_pool(beta);
    let message = format!(
        "is {}, so that each request is {asks} of the pool; none from beta = {beta} on can ever pass, so \
         lower it, or raise beta",
        attack.ask
    );
    fault_of(setting, attacker, "ask", message)
}

/// L at the start, Honey.
fn other_at_start(initial: &InitialSupply) -> f64 {
    initial.supply - initial.funds - initial.effective_supply()
}

/// What other extensions set aside of L at the start, Honey.
fn set_aside_at_start(setting: &Setting) -> f64 {
    let pool = market::set_aside_at_start(setting);
    let free = (other_at_start(&setting.group()) - pool).max(0.0);
    pool + flows::set_aside_at_start(setting, free)
}

/// Tokens that other extensions may set aside before an attacker enters: the start does not tell how many.
pub(super) fn may_hold_less(setting: &Setting) -> Option<String> {
    if set_aside_at_start(setting) == 0.0 {
        return None;
    }
    let late = |attack: &Attack| match attack.strategy {
        Strategy::Renter => false,
        Strategy::Flash => true,
        _ => attack.from > 1,
    };
    let from_other = |attack: &Attack| attack.source == Source::Other && attack.share > 0.0;
    let mut all = setting.each::<Attack>().enumerate();
    let (attacker, attack) = all.find(|(_, attack)| late(attack) && from_other(attack))?;
    Some(format!(
        "attacker.{attacker}.share: [market] or [flows] may have set aside tokens by day {}, so that the attacker \
         holds less than {}; the column attacker_{attacker}_share_held gives its share",
        attack.from, attack.share
    ))
}

/// More tokens than there are, as far as the start tells.
fn too_few_tokens(setting: &Setting) -> Option<Fault> {
    /// What sums of rounded numbers may be off by.
    const ROUNDING: f64 = 1e-9;
    let initial: InitialSupply = setting.group();
    if initial.funds >= initial.supply {
        // Another check says so.
        return None;
    }
    let aside = set_aside_at_start(setting);
    let mut order: Vec<(usize, Attack)> = setting.each::<Attack>().enumerate().collect();
    order.retain(|(_, attack)| attack.strategy != Strategy::Renter);
    order.sort_by_key(|(_, attack)| attack.from);
    for (place, &(attacker, attack)) in order.iter().enumerate() {
        let mut honest = initial.effective_supply();
        let (mut effective, mut other) = (honest, other_at_start(&initial) - aside);
        for (_, earlier) in &order[..place] {
            if earlier.leaves_on().is_some_and(|day| day < attack.from) {
                continue;
            }
            match earlier.source {
                Source::Other => {
                    let tokens = tokens_for(earlier.share, effective);
                    effective += tokens;
                    other -= tokens;
                }
                Source::Insiders => honest -= earlier.share * effective,
            }
        }
        let share = attack.share;
        let message = match attack.source {
            Source::Other if tokens_for(share, effective) > other + ROUNDING * initial.supply => {
                format!(
                    "is {share}, for which it takes {} Honey, but other supply has {}{}: at most {} can be held \
                     from there, so lower it, or let source be \"insiders\"",
                    tokens_for(share, effective),
                    other.max(0.0),
                    match aside > 0.0 {
                        true => format!(" beside {aside} that [market] and [flows] set aside"),
                        false => String::new(),
                    },
                    libm::floor(1e6 * other.max(0.0) / (effective + other)) / 1e6,
                )
            }
            Source::Insiders if share * effective >= honest => format!(
                "is {share}, for which it takes {} Honey, but the participants hold {honest} in all: lower it",
                share * effective,
            ),
            _ => continue,
        };
        return fault_of(setting, attacker, "share", message);
    }
    None
}

/// What has to be added to an effective supply so that it is a share of the sum: A = sE/(1 − s), Honey.
pub fn tokens_for(share: f64, effective: f64) -> f64 {
    share * effective / (1.0 - share)
}
