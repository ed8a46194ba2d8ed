//! Declares the settings of attackers, and checks their consistency.

use crate::engine::{Domain, Fault, Setting};
use crate::voting::conviction::{Conviction, largest_passing, maximum_share_of_conviction};
use crate::voting::flows;
use crate::voting::market;
use crate::voting::rules::needs_accounting;
use crate::voting::supply::InitialSupply;

crate::choices! {
    /// Strategy of an attacker.
    Strategy {
        /// Asks for a share of the pool; once paid, for a share of the rest.
        Leech = "leech",
        /// Asks for the parts of a goal, in parallel or in series.
        Splitter = "splitter",
        /// Files many candidates each day, with the minimum stake that keeps one alive.
        Spammer = "spammer",
        /// Holds its tokens for only a few days.
        Flash = "flash",
        /// A leech with many accounts.
        Sybil = "sybil",
        /// A leech without tokens: rents those of honest participants for each request, when profitable.
        Renter = "renter",
    }
}

crate::choices! {
    /// Origin of an attacker's tokens.
    Source {
        /// From L: E grows.
        Other = "other",
        /// From the participants, in equal shares: E does not change.
        Insiders = "insiders",
    }
}

crate::choices! {
    /// Order in which a splitter asks for the parts of its goal.
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
        strategy: Strategy = Strategy::Leech, "", Strategy::DOMAIN, "strategy: repeated requests (leech), a goal in parts (splitter), many requests (spammer), tokens for a few days (flash), many accounts (sybil), rented tokens (renter)";
        share: f64 = 0.1, "", Domain::from_below(0.0, 1.0), "share of the effective supply that it holds on entry; a renter holds none";
        source: Source = Source::Other, "", Source::DOMAIN, "origin of its tokens: other supply, so that effective supply grows; or insiders, an equal share of every participant's holdings";
        from: u32 = 1, "days", Domain::count(1, 36_500), "day on which it enters";
        ask: f64 = 0.0, "", Domain::from_to(0.0, 1.0), "share of the pool that it requests, for a splitter in all parts together; 0 for beta/3, the request that drains the pool fastest at little conviction";
        compound: bool = false, "", Domain::TRUTH, "whether it stakes its grants instead of moving them elsewhere";
        eager: bool = false, "", Domain::TRUTH, "whether a leech or sybil files its next request on the day of payment instead of the day after";
        parts: u32 = 5, "", Domain::count(1, 1000), "number of parts of a splitter's goal; number of candidates that a spammer files each day";
        mode: Mode = Mode::Parallel, "", Mode::DOMAIN, "whether a splitter requests all parts at once or in series";
        accounts: u32 = 1, "", Domain::count(1, 10_000), "number of accounts among which its tokens are divided";
        hold: u32 = 1, "days", Domain::count(1, 36_500), "days for which a flash holds its stake";
        rent: f64 = 0.001, "1/day", Domain::from_to(0.0, 1e6), "rent, in Honey per rented Honey and day";
        supply: f64 = 0.3, "", Domain::from_below(0.0, 1.0), "share of their holdings that participants lend a renter";
    }
}

impl Attack {
    /// Returns the share of the pool that one request asks for: `ask`, or β/3; for a splitter, one part of
    /// that.
    pub fn share_of_pool(&self, beta: f64) -> f64 {
        let ask = if self.ask > 0.0 { self.ask } else { beta / 3.0 };
        match self.strategy {
            Strategy::Splitter => ask / f64::from(self.parts),
            _ => ask,
        }
    }

    /// Returns the day on which a flash leaves; other attackers stay.
    pub fn leaves_on(&self) -> Option<u32> {
        (self.strategy == Strategy::Flash).then(|| self.from.saturating_add(self.hold))
    }
}

/// Builds a fault of one attacker.
fn fault_of(setting: &Setting, attacker: usize, field: &str, message: String) -> Option<Fault> {
    let key = setting
        .keys()
        .find(&format!("attacker.{attacker}.{field}"))?;
    Some(Fault {
        key: key.name,
        message,
    })
}

/// Returns the first fault of the attackers' settings.
pub(super) fn fault(setting: &Setting) -> Option<Fault> {
    needs_accounting(setting, "[[attacker]]")
        .or_else(|| never_payable(setting))
        .or_else(|| too_few_tokens(setting))
}

/// Returns a fault if no conviction can pass the request.
fn never_payable(setting: &Setting) -> Option<Fault> {
    let beta = setting.group::<Conviction>().beta;
    let mut all = setting.each::<Attack>().enumerate();
    let (attacker, attack) = all.find(|(_, attack)| attack.share_of_pool(beta) >= beta)?;
    let asks = attack.share_of_pool(beta);
    let message = format!(
        "is {}, so each request is {asks} of the pool, and no request from beta = {beta} on can pass; lower it, or \
         raise beta",
        attack.ask
    );
    fault_of(setting, attacker, "ask", message)
}

/// Warns of an attacker who takes nothing because it requests β/3, while smaller requests would pass. A share that cannot
/// pass any request may be intended.
pub(super) fn asks_too_much(setting: &Setting) -> Option<String> {
    let p: Conviction = setting.group();
    let third = p.beta / 3.0;
    let needed = maximum_share_of_conviction(third, &p);
    let lasts = |attack: &Attack| !matches!(attack.strategy, Strategy::Renter | Strategy::Splitter);
    let mut all = setting.each::<Attack>().enumerate();
    let (attacker, share, most) = all.find_map(|(attacker, attack)| {
        let asks_a_third = attack.ask == 0.0 && attack.share > 0.0 && lasts(&attack);
        let most = largest_passing(&p, attack.share, f64::INFINITY)?;
        (asks_a_third && attack.share <= needed).then_some((attacker, attack.share, most))
    })?;
    Some(format!(
        "attacker.{attacker}.ask: beta/3 = {third:.4} of the pool, the request of an attacker that sets none, passes only with \
         more than {needed:.4} of the supply that votes, so a share of {share} takes nothing; smaller requests pass, up to \
         {most:.4}: set ask"
    ))
}

/// Returns L at the start, Honey.
fn other_at_start(initial: &InitialSupply) -> f64 {
    initial.supply - initial.funds - initial.effective_supply()
}

/// Returns the tokens of L that other extensions set aside at the start, Honey.
fn set_aside_at_start(setting: &Setting) -> f64 {
    let pool = market::set_aside_at_start(setting);
    let free = (other_at_start(&setting.group()) - pool).max(0.0);
    pool + flows::set_aside_at_start(setting, free)
}

/// Warns if other extensions may set aside tokens before an attacker enters: the start does not show how many.
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
        "attacker.{attacker}.share: [market] or [flows] may have set aside tokens by day {}, so the attacker may hold \
         less than {}; the column attacker_{attacker}_share_held shows its share",
        attack.from, attack.share
    ))
}

/// Returns a fault if an attacker needs more tokens than exist at the start.
fn too_few_tokens(setting: &Setting) -> Option<Fault> {
    /// Relative tolerance for sums of rounded numbers.
    const ROUNDING: f64 = 1e-9;
    let initial: InitialSupply = setting.group();
    if initial.funds >= initial.supply {
        // Another check reports this.
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
                    "is {share}, which takes {} Honey, but other supply has {}{}, enough for a share of {} at most; lower \
                     it, or set source to \"insiders\"",
                    tokens_for(share, effective),
                    other.max(0.0),
                    match aside > 0.0 {
                        true => format!(" besides {aside} that [market] and [flows] set aside"),
                        false => String::new(),
                    },
                    libm::floor(1e6 * other.max(0.0) / (effective + other)) / 1e6,
                )
            }
            Source::Insiders if share * effective >= honest => format!(
                "is {share}, which takes {} Honey, but the participants hold only {honest}; lower it",
                share * effective,
            ),
            _ => continue,
        };
        return fault_of(setting, attacker, "share", message);
    }
    None
}

/// Returns the tokens to add to an effective supply so that they are a share of the sum: A = sE/(1 − s), Honey.
pub fn tokens_for(share: f64, effective: f64) -> f64 {
    share * effective / (1.0 - share)
}
