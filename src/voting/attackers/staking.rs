//! Distributes attackers' stakes over their candidates.

use super::settings::{Attack, Mode, Strategy};

/// Splits the tokens or points of accounts over candidates, given from oldest to newest. Most strategies stake
/// all on the oldest; a parallel splitter stakes equal parts. A spammer stakes the minimum that keeps each
/// alive, and the rest on the oldest. An account stakes on at most `most` candidates.
pub fn split(attack: &Attack, accounts: &[f64], min_supp: f64, most: usize, stakes: &mut [f64]) {
    stakes.fill(0.0);
    let open = stakes.len();
    let Some(last) = open.checked_sub(1) else {
        return;
    };
    match (attack.strategy, attack.mode) {
        (Strategy::Splitter, Mode::Parallel) => {
            let wide = open.min(most);
            for (account, tokens) in accounts.iter().enumerate() {
                // With too many candidates for one account, the next account continues where the previous one
                // stopped.
                for place in 0..wide {
                    stakes[(account * wide + place) % open] += tokens / wide as f64;
                }
            }
        }
        (Strategy::Spammer, _) => {
            let least = min_supp / accounts.len() as f64;
            for tokens in accounts {
                let least = least.min(tokens / open as f64);
                for stake in &mut stakes[1..] {
                    *stake += least;
                }
                stakes[0] += tokens - least * last as f64;
            }
        }
        _ => stakes[0] = accounts.iter().sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stakes(attack: Attack, accounts: &[f64], most: usize, open: usize) -> Vec<f64> {
        let mut stakes = vec![9.0; open];
        split(&attack, accounts, 1.0, most, &mut stakes);
        stakes
    }

    #[test]
    fn all_tokens_are_staked_and_no_account_beyond_what_it_can() {
        let of = |strategy| Attack {
            strategy,
            ..Attack::default()
        };
        let all = usize::MAX;
        assert_eq!(stakes(of(Strategy::Leech), &[3.0, 4.0], all, 2), [7.0, 0.0]);
        let parallel = of(Strategy::Splitter);
        assert_eq!(stakes(parallel, &[3.0, 5.0], all, 2), [4.0, 4.0]);
        assert_eq!(stakes(parallel, &[2.0], 2, 3), [1.0, 1.0, 0.0]);
        assert_eq!(stakes(parallel, &[2.0, 2.0], 2, 3), [2.0, 1.0, 1.0]);
        let serial = Attack {
            mode: Mode::Serial,
            ..parallel
        };
        assert_eq!(stakes(serial, &[3.0, 5.0], all, 2), [8.0, 0.0]);
        let spammer = of(Strategy::Spammer);
        assert_eq!(stakes(spammer, &[4.0, 6.0], all, 3), [8.0, 1.0, 1.0]);
        assert_eq!(stakes(spammer, &[], all, 2), [0.0, 0.0]);
        assert!(stakes(spammer, &[4.0], all, 0).is_empty());
    }
}
