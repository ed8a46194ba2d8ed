//! Decides what attackers request, and when.

use super::attacker::{Attacker, Goal};
use super::settings::{Attack, Mode, Strategy};

/// State that an attacker sees when it decides on requests.
#[derive(Clone, Copy, Debug)]
pub struct Morning {
    /// Day.
    pub day: u32,
    /// F at the start of the day, Honey.
    pub funds: f64,
    /// β.
    pub beta: f64,
    /// Minimum stake per candidate that a spammer places, Honey.
    pub min_supp: f64,
    /// Number of its unpaid candidates.
    pub open: usize,
    /// Maximum number of candidates that an account can stake on.
    pub most_per_account: usize,
}

/// Requests to file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ask {
    /// Number of requests.
    pub count: usize,
    /// Amount of each, Honey.
    pub requested: f64,
}

/// Returns the requests that an attacker files on a morning. A renter asks like a leech, once it has decided
/// to.
pub fn ask(attack: &Attack, attacker: &mut Attacker, morning: &Morning) -> Ask {
    let requested = attack.share_of_pool(morning.beta) * morning.funds;
    let parts = attack.parts as usize;
    let until = |wanted: usize| wanted.saturating_sub(morning.open);
    match attack.strategy {
        Strategy::Leech | Strategy::Sybil | Strategy::Renter => Ask {
            count: until(1),
            requested,
        },
        Strategy::Flash => Ask {
            count: usize::from(morning.day == attack.from),
            requested,
        },
        Strategy::Splitter => {
            if attacker.goal.left == 0 {
                attacker.goal = Goal {
                    part: requested,
                    left: attack.parts,
                };
            }
            let Goal { part, left } = attacker.goal;
            let at_once = match attack.mode {
                Mode::Parallel => left as usize,
                Mode::Serial => 1,
            };
            // Requests beyond what the accounts can stake on wait.
            let most = morning
                .most_per_account
                .saturating_mul(attacker.accounts.len());
            Ask {
                count: until(at_once.min(most)),
                requested: part,
            }
        }
        Strategy::Spammer => {
            // Each request needs its minimum stake. Casts saturate.
            let affordable = (attacker.tokens() / morning.min_supp) as usize;
            let most = affordable.min(morning.most_per_account);
            Ask {
                count: parts.min(until(most)),
                requested,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MORNING: Morning = Morning {
        day: 3,
        funds: 1000.0,
        beta: 0.3,
        min_supp: 2.0,
        open: 0,
        most_per_account: 10,
    };

    fn asked(attack: &Attack, attacker: &mut Attacker, morning: Morning) -> (usize, f64) {
        let Ask { count, requested } = ask(attack, attacker, &morning);
        (count, (requested * 1e9).round() / 1e9)
    }

    fn of(strategy: Strategy) -> (Attack, Attacker) {
        let attack = Attack {
            strategy,
            ..Attack::default()
        };
        let attacker = Attacker {
            accounts: vec![7.0],
            ..Attacker::default()
        };
        (attack, attacker)
    }

    #[test]
    fn a_leech_asks_when_nothing_is_open() {
        let (attack, mut attacker) = of(Strategy::Leech);
        let open = |open| Morning { open, ..MORNING };
        assert_eq!(asked(&attack, &mut attacker, open(0)), (1, 100.0));
        assert_eq!(asked(&attack, &mut attacker, open(1)), (0, 100.0));
    }

    #[test]
    fn a_splitter_asks_for_parts_until_its_goal_is_paid() {
        let (mut attack, mut attacker) = of(Strategy::Splitter);
        attack.parts = 12;
        attack.ask = 0.24;
        // An account can stake on ten.
        assert_eq!(asked(&attack, &mut attacker, MORNING), (10, 20.0));
        let later = Morning {
            funds: 500.0,
            open: 9,
            ..MORNING
        };
        attacker.paid(4, 20.0);
        assert_eq!(asked(&attack, &mut attacker, later), (1, 20.0));
        attack.mode = Mode::Serial;
        assert_eq!(asked(&attack, &mut attacker, later), (0, 20.0));
        for _ in 0..11 {
            attacker.paid(5, 20.0);
        }
        let next = Morning { open: 0, ..later };
        assert_eq!(asked(&attack, &mut attacker, next), (1, 10.0));
    }

    #[test]
    fn a_spammer_puts_up_what_it_can_keep_alive() {
        let (mut attack, mut attacker) = of(Strategy::Spammer);
        assert_eq!(asked(&attack, &mut attacker, MORNING), (3, 100.0));
        attack.parts = 2;
        assert_eq!(asked(&attack, &mut attacker, MORNING), (2, 100.0));
        let later = Morning { open: 2, ..MORNING };
        assert_eq!(asked(&attack, &mut attacker, later), (1, 100.0));
        attacker.accounts = vec![1e9];
        let full = Morning { open: 9, ..MORNING };
        assert_eq!(asked(&attack, &mut attacker, full), (1, 100.0));
    }

    #[test]
    fn a_flash_asks_once() {
        let (mut attack, mut attacker) = of(Strategy::Flash);
        assert_eq!(asked(&attack, &mut attacker, MORNING).0, 0);
        attack.from = 3;
        assert_eq!(asked(&attack, &mut attacker, MORNING).0, 1);
    }
}
