//! Rules of the deployed contracts that their users may not expect, each by what it does.

use conviction::contract::gardens2::{
    BLOCKS_OF_APP, Community, Decimals, Event, Gardens2, PointSystem, Revert, Settings, Status,
    Version, app_settings, conviction, half_life_on,
};
use conviction::contract::one_hive::{self, ABSTAIN, OneHive};
use conviction::contract::{Account, Contract, Signed, U256};

const DECAY: u64 = 9_999_599;
const SLOWER: u64 = 9_999_799;

fn tokens(number: u64) -> U256 {
    U256::from(number) * U256::from(10u64.pow(18))
}

fn grown(decay: u64, blocks: u64, last: U256, amount: U256) -> U256 {
    conviction(U256::from(decay), U256::from(blocks), last, amount).unwrap()
}

const ANN: Account = Account(1);
const BOB: Account = Account(2);
const FIRST: U256 = U256::from_limbs([1, 0, 0, 0]);
const SECOND: U256 = U256::from_limbs([2, 0, 0, 0]);

fn settings_of_one_hive(decay: u64) -> one_hive::Event {
    one_hive::Event::Settings(one_hive::Settings {
        decay: U256::from(decay),
        max_ratio: U256::from(2_000_000),
        weight: U256::from(20_000),
        min_threshold_stake_percentage: U256::from(2 * 10u64.pow(17)),
    })
}

/// A DAO in which Ann and Bob have 100 tokens each, and Ann has submitted proposal 2.
fn one_hive() -> OneHive {
    let mut dao = OneHive::default();
    let supply = |voter| one_hive::Event::Supply {
        voter,
        amount: tokens(100),
    };
    let propose = one_hive::Event::Propose {
        voter: ANN,
        requested: tokens(5),
    };
    let funds = one_hive::Event::Funds {
        amount: tokens(1000),
    };
    for event in [
        settings_of_one_hive(DECAY),
        supply(ANN),
        supply(BOB),
        funds,
        propose,
    ] {
        dao.apply(1, &event).unwrap();
    }
    dao
}

fn stake(voter: Account, proposal: U256, amount: U256) -> one_hive::Event {
    one_hive::Event::Stake {
        voter,
        proposal,
        amount,
    }
}

fn settings_of_gardens2(decay: u64) -> Settings {
    Settings {
        decay: U256::from(decay),
        max_ratio: U256::from(3_656_188),
        weight: U256::from(133_677),
        min_threshold_points: U256::ZERO,
    }
}

/// A pool in which Ann and Bob are active with 100 points each, and Ann has submitted proposal 1.
fn gardens2(version: Version) -> Gardens2 {
    let mut pool = Gardens2::new(version, version);
    let community = Community {
        point_system: PointSystem::Unlimited,
        max_amount: U256::ZERO,
        token_decimals: Decimals::default(),
        registration_stake: tokens(100),
    };
    let settings = Event::Settings(settings_of_gardens2(DECAY), Some(community));
    let funds = Event::Funds {
        amount: tokens(1000),
    };
    let events = [
        settings,
        funds,
        join(ANN),
        join(BOB),
        activate(ANN),
        activate(BOB),
    ];
    for event in &events {
        pool.apply(1, event).unwrap();
    }
    pool.apply(1, &propose(tokens(5))).unwrap();
    pool
}

fn join(voter: Account) -> Event {
    Event::Join { voter }
}

fn activate(voter: Account) -> Event {
    Event::Activate { voter }
}

fn propose(requested: U256) -> Event {
    Event::Propose {
        voter: ANN,
        requested,
    }
}

fn support(voter: Account, deltas: &[(U256, &str)]) -> Event {
    let deltas = deltas
        .iter()
        .map(|&(proposal, delta)| (proposal, Signed::parse(delta).unwrap()));
    Event::Support {
        voter,
        deltas: deltas.collect(),
    }
}

const VERSIONS: [Version; 2] = [Version::V15ad374, Version::Va75a6efe2];
/// A hundred tokens.
const ALL: &str = "100000000000000000000";

/// New settings apply to the time before the change too: nothing is brought up to date first.
#[test]
fn a_new_decay_applies_backwards() {
    let mut dao = one_hive();
    dao.apply(10, &stake(ANN, SECOND, tokens(100))).unwrap();
    let before = dao.conviction_now(SECOND, 1010).unwrap();
    assert_eq!(before, grown(DECAY, 1000, U256::ZERO, tokens(100)));
    let change = settings_of_one_hive(SLOWER);
    dao.apply(1010, &change).unwrap();
    let after = dao.conviction_now(SECOND, 1010).unwrap();
    assert_eq!(after, grown(SLOWER, 1000, U256::ZERO, tokens(100)));
    assert!(after > before);
    assert!(dao.remark(&change).unwrap().contains("before the change"));

    for version in VERSIONS {
        let mut pool = gardens2(version);
        pool.apply(10, &support(ANN, &[(FIRST, ALL)])).unwrap();
        let change = Event::Settings(settings_of_gardens2(SLOWER), None);
        pool.apply(1010, &change).unwrap();
        let after = pool.conviction_now(&pool.proposal(FIRST), 1010).unwrap();
        assert_eq!(after, grown(SLOWER, 1000, U256::ZERO, tokens(100)));
        assert!(pool.remark(&change).unwrap().contains("before the change"));
    }
}

/// All four settings at zero leave the old ones.
#[test]
fn zero_settings_are_no_change() {
    let mut pool = gardens2(Version::Va75a6efe2);
    pool.apply(2, &Event::Settings(Settings::default(), None))
        .unwrap();
    assert_eq!(pool.totals().settings, settings_of_gardens2(DECAY));
}

/// A member who is expelled takes support off without an update: conviction is later computed as if the smaller
/// support had held since the last block. A member who gives up keeps what their support has grown.
#[test]
fn expelling_does_not_update_conviction() {
    for version in VERSIONS {
        let mut expelled = gardens2(version);
        expelled.apply(10, &support(ANN, &[(FIRST, ALL)])).unwrap();
        expelled.apply(10, &support(BOB, &[(FIRST, ALL)])).unwrap();
        let mut gave_up = expelled.clone();
        let expel = Event::Expel { voter: ANN };
        expelled.apply(1010, &expel).unwrap();
        gave_up
            .apply(1010, &Event::Deactivate { voter: ANN })
            .unwrap();
        let [after_expel, after_giving_up] = [&expelled, &gave_up]
            .map(|pool| pool.conviction_now(&pool.proposal(FIRST), 1010).unwrap());
        assert_eq!(after_expel, grown(DECAY, 1000, U256::ZERO, tokens(100)));
        assert_eq!(after_giving_up, grown(DECAY, 1000, U256::ZERO, tokens(200)));
        assert_eq!(expelled.proposal(FIRST).stored.block_last, 10);
        assert_eq!(gave_up.proposal(FIRST).stored.block_last, 1010);
        assert!(
            expelled
                .remark(&expel)
                .unwrap()
                .contains("without an update")
        );
    }
}

/// A request of 0 executes at once in Gardens v2, and never in 1Hive.
#[test]
fn a_request_of_zero() {
    for version in VERSIONS {
        let mut pool = gardens2(version);
        pool.apply(2, &propose(U256::ZERO)).unwrap();
        let execute = Event::Execute { proposal: SECOND };
        pool.apply(2, &execute).unwrap();
        assert_eq!(pool.proposal(SECOND).status, Status::Executed);
        assert!(
            pool.remark(&execute)
                .unwrap()
                .contains("without any conviction")
        );
        let asks = pool.apply(2, &Event::Execute { proposal: FIRST });
        assert!(matches!(
            asks,
            Err(Revert::ConvictionUnderMinimumThreshold(..))
        ));
    }
    let mut dao = one_hive();
    let requested = U256::ZERO;
    let propose = one_hive::Event::Propose {
        voter: ANN,
        requested,
    };
    dao.apply(2, &propose).unwrap();
    let proposal = U256::from(3);
    dao.apply(2, &stake(ANN, proposal, tokens(100))).unwrap();
    let executed = dao.apply(1_000_000, &one_hive::Event::Execute { proposal });
    assert_eq!(executed, Err(one_hive::Revert::CannotExecuteZeroValue));
}

/// The web app computes decay with 12 s blocks on Arbitrum, whose contracts see Ethereum's block numbers. The
/// half-life is then as typed; were blocks those of Arbitrum itself, it would pass 48 times as fast.
#[test]
fn the_app_assumes_ethereum_blocks_on_arbitrum() {
    let seconds = |name: &str| {
        let chain = BLOCKS_OF_APP.iter().find(|chain| chain.name == name);
        chain.unwrap().block_seconds
    };
    assert_eq!([seconds("arbitrum"), seconds("ethereum")], [12.0, 12.0]);
    let stored = app_settings(0.2, 0.025, 2.0, seconds("arbitrum"));
    let close = |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 5e-3, "{found}");
    close(half_life_on(stored.decay, 12.0), 2.0);
    close(half_life_on(stored.decay, 0.25), 2.0 / 48.0);
    assert_eq!(half_life_on(0, 12.0), 0.0);
    // A request of the limit needs the largest conviction of all points: threshold = maximum.
    let (limit, minimum) = (0.2, 0.025f64);
    let beta = stored.max_ratio as f64 / 1e7;
    let rho = stored.weight as f64 / 1e7;
    close(rho / (beta - limit).powi(2), 1.0);
    close(rho / beta.powi(2), minimum);
}

/// A transfer to oneself drops stakes though the balance stays the same.
#[test]
fn a_transfer_to_oneself_drops_stakes() {
    let mut dao = one_hive();
    dao.apply(10, &stake(ANN, ABSTAIN, tokens(30))).unwrap();
    dao.apply(10, &stake(ANN, SECOND, tokens(70))).unwrap();
    let transfer = one_hive::Event::Transfer {
        voter: ANN,
        to: ANN,
        amount: tokens(50),
    };
    dao.apply(20, &transfer).unwrap();
    let ann = &dao.voters()[1];
    assert_eq!((ann.balance, ann.staked), (tokens(100), tokens(50)));
    // The abstain proposal goes first.
    assert_eq!(ann.stakes, [(SECOND, tokens(50))]);
}

/// A stake that is refused at the end undoes the inactive stakes that it had freed on its way.
#[test]
fn what_a_refused_stake_freed_is_undone() {
    let mut dao = one_hive();
    let propose = one_hive::Event::Propose {
        voter: ANN,
        requested: tokens(1),
    };
    for number in 3..=12u64 {
        dao.apply(2, &propose).unwrap();
        if number < 12 {
            dao.apply(2, &stake(ANN, U256::from(number), tokens(9)))
                .unwrap();
        }
    }
    dao.apply(2, &stake(ANN, SECOND, tokens(19))).unwrap();
    let cancel = one_hive::Event::Cancel {
        voter: ANN,
        proposal: SECOND,
    };
    dao.apply(3, &cancel).unwrap();
    let before = format!(
        "{:?} {:?} {:?}",
        dao.totals(),
        dao.proposals(),
        dao.voters()
    );
    let too_much = dao.apply(4, &stake(ANN, U256::from(12), tokens(20)));
    assert_eq!(too_much, Err(one_hive::Revert::StakingMoreThanAvailable));
    assert_eq!(
        format!(
            "{:?} {:?} {:?}",
            dao.totals(),
            dao.proposals(),
            dao.voters()
        ),
        before
    );
    // Exactly what was inactive can be staked again: one place of the ten is freed, too.
    dao.apply(4, &stake(ANN, U256::from(12), tokens(19)))
        .unwrap();
    assert_eq!(dao.voters()[1].stakes.len(), 10);
    let eleventh = dao.apply(4, &stake(ANN, ABSTAIN, U256::from(1)));
    assert_eq!(eleventh, Err(one_hive::Revert::StakingMoreThanAvailable));
}

/// Paused: no staking, executing, cancelling or proposing, before any other test; withdrawing goes on.
#[test]
fn a_paused_contract() {
    let mut dao = one_hive();
    dao.apply(2, &stake(ANN, SECOND, tokens(50))).unwrap();
    dao.apply(2, &one_hive::Event::Pause { is_paused: true })
        .unwrap();
    let (voter, proposal) = (BOB, U256::from(99));
    let requested = tokens(1);
    for event in [
        stake(voter, proposal, U256::ZERO),
        one_hive::Event::StakeAll { voter, proposal },
        one_hive::Event::Execute { proposal },
        one_hive::Event::Cancel { voter, proposal },
        one_hive::Event::Propose { voter, requested },
    ] {
        assert_eq!(
            dao.apply(3, &event),
            Err(one_hive::Revert::ContractPaused),
            "{event:?}"
        );
    }
    let (voter, proposal) = (ANN, SECOND);
    let all = dao.apply(3, &one_hive::Event::StakeAll { voter, proposal });
    assert_eq!(all, Err(one_hive::Revert::AlreadyStaked));
    dao.apply(3, &one_hive::Event::WithdrawAll { voter, proposal })
        .unwrap();
    dao.apply(3, &one_hive::Event::Pause { is_paused: false })
        .unwrap();
    dao.apply(3, &one_hive::Event::StakeAll { voter, proposal })
        .unwrap();
}

/// While a pool is disabled conviction stands still, and an update moves the last block.
#[test]
fn a_disabled_pool_stands_still_and_executes() {
    for version in VERSIONS {
        let mut pool = gardens2(version);
        pool.apply(10, &support(ANN, &[(FIRST, ALL)])).unwrap();
        pool.apply(100_010, &Event::Enable { is_enabled: false })
            .unwrap();
        assert_eq!(
            pool.conviction_now(&pool.proposal(FIRST), 100_010),
            Ok(U256::ZERO)
        );
        assert_eq!(
            pool.apply(100_010, &support(ANN, &[])),
            Err(Revert::StrategyDisabled)
        );
        let leaves = Event::Leave { voter: BOB };
        pool.apply(100_010, &leaves).unwrap();
        let execute = Event::Execute { proposal: FIRST };
        let refused = pool.apply(100_010, &execute);
        assert!(
            matches!(refused, Err(Revert::ConvictionUnderMinimumThreshold(..))),
            "{refused:?}"
        );
        pool.apply(100_010, &Event::Enable { is_enabled: true })
            .unwrap();
        pool.apply(100_010, &execute).unwrap();
        assert_eq!(pool.totals().funds, tokens(995));
    }
}

/// A loss of points takes shares of support that each round half up, so support may stay above points; then even
/// a pure shift is refused.
#[test]
fn rounding_may_leave_support_above_points() {
    let mut pool = gardens2(Version::V15ad374);
    let third = U256::from(3);
    pool.apply(1, &propose(U256::ZERO)).unwrap();
    pool.apply(1, &propose(U256::ZERO)).unwrap();
    let thirds = [
        (FIRST, "33333333333333333333"),
        (SECOND, "33333333333333333333"),
        (third, "33333333333333333334"),
    ];
    let amount = tokens(10);
    pool.apply(2, &Event::Increase { voter: ANN, amount })
        .unwrap();
    pool.apply(2, &support(ANN, &thirds)).unwrap();
    let mut shifts = 0;
    for loss in 1..200u64 {
        let mut pool = pool.clone();
        let amount = tokens(10) - U256::from(loss);
        pool.apply(3, &Event::Decrease { voter: ANN, amount })
            .unwrap();
        pool.apply(3, &support(ANN, &[(FIRST, &loss.to_string())]))
            .unwrap();
        pool.apply(
            4,
            &Event::Decrease {
                voter: ANN,
                amount: U256::from(loss),
            },
        )
        .unwrap();
        let ann = &pool.members()[1];
        let shift = pool
            .clone()
            .apply(5, &support(ANN, &[(FIRST, "-1"), (SECOND, "1")]));
        if ann.support > ann.points {
            assert!(ann.support - ann.points <= U256::from(1));
            assert_eq!(
                shift,
                Err(Revert::NotEnoughPointsToSupport(ann.support, ann.points))
            );
            shifts += 1;
        } else {
            assert_eq!(shift, Ok(()));
        }
    }
    assert!(shifts > 0);
}

/// The migration of the newer version runs once, and not before the upgrade.
#[test]
fn a_migration_runs_once() {
    let mut pool = gardens2(Version::V15ad374);
    assert_eq!(pool.apply(2, &Event::Migrate), Err(Revert::NoSuchFunction));
    pool.apply(2, &Event::Upgrade).unwrap();
    pool.apply(2, &Event::Migrate).unwrap();
    assert_eq!(
        pool.apply(3, &Event::Migrate),
        Err(Revert::AlreadyInitialized)
    );
    let snapshot = pool.proposal(FIRST).snapshot;
    assert_eq!((snapshot.points, snapshot.block), (tokens(200), 2));
}

/// A member's list keeps proposals on which nothing is left, and holds 128. Deactivating and activating again in one
/// block empties it, and leaves support and points as they were.
#[test]
fn a_full_list_keeps_what_is_empty_until_its_member_is_deactivated() {
    for version in VERSIONS {
        let mut pool = gardens2(version);
        for _ in 0..128 {
            pool.apply(1, &propose(U256::ZERO)).unwrap();
        }
        for number in 1..=128u64 {
            let on = |delta| [(U256::from(number), delta)];
            pool.apply(2, &support(ANN, &on(ALL))).unwrap();
            let less = format!("-{ALL}");
            pool.apply(2, &support(ANN, &on(&less))).unwrap();
        }
        let last = [(U256::from(129), ALL)];
        let full = pool.apply(3, &support(ANN, &last));
        assert_eq!(full, Err(Revert::TooManyVoterStakedProposals));
        let before = *pool.totals();
        let points = before.points(3).unwrap();
        pool.apply(3, &Event::Deactivate { voter: ANN }).unwrap();
        pool.apply(3, &activate(ANN)).unwrap();
        let after = *pool.totals();
        assert_eq!(
            (after.activated, after.points(3).unwrap()),
            (before.activated, points)
        );
        pool.apply(3, &support(ANN, &last)).unwrap();
        assert_eq!(pool.members()[1].supports.len(), 1);
    }
}

/// Members who leave do not lower the threshold of proposals touched before under 15ad374; under a75a6efe2 it falls as
/// conviction does.
#[test]
fn the_points_of_those_who_left_linger() {
    for version in VERSIONS {
        let mut pool = gardens2(version);
        pool.apply(10, &support(ANN, &[(FIRST, ALL)])).unwrap();
        pool.apply(20, &Event::Leave { voter: BOB }).unwrap();
        let points = |block| {
            let snapshot = pool.proposal(FIRST).snapshot;
            pool.totals().points_of_proposal(snapshot, block).unwrap()
        };
        assert_eq!(pool.totals().activated, tokens(100));
        match version {
            Version::V15ad374 => assert_eq!(points(1_000_000), tokens(200)),
            Version::Va75a6efe2 => {
                assert!(tokens(100) < points(10_020) && points(10_020) < points(20));
                assert!(points(10_000_000) - tokens(100) <= U256::from(1));
            }
        }
    }
}

/// Several changes of the activated points in one block do not move the weighted points of the pool.
#[test]
fn points_of_a_block_stand_still() {
    let mut pool = gardens2(Version::Va75a6efe2);
    let carl = Account(3);
    let before = pool.totals().points(500).unwrap();
    for event in [
        join(carl),
        activate(carl),
        Event::Deactivate { voter: ANN },
        activate(ANN),
        Event::Increase {
            voter: BOB,
            amount: tokens(50),
        },
    ] {
        pool.apply(500, &event).unwrap();
        assert_eq!(pool.totals().points(500).unwrap(), before);
    }
    assert_eq!(pool.totals().activated, tokens(350));
    assert!(pool.totals().points(501).unwrap() > before);
}

/// A proposal that asks for another amount starts anew: its next support records a block and nothing grows before.
#[test]
fn an_edit_forgets_conviction() {
    for version in VERSIONS {
        let mut pool = gardens2(version);
        let less = format!("-{ALL}");
        pool.apply(10, &support(ANN, &[(FIRST, ALL)])).unwrap();
        pool.apply(1010, &support(ANN, &[(FIRST, &less)])).unwrap();
        assert!(!pool.proposal(FIRST).stored.conviction_last.is_zero());
        let edit = Event::Edit {
            voter: ANN,
            proposal: FIRST,
            requested: tokens(6),
        };
        pool.apply(1020, &edit).unwrap();
        let stored = pool.proposal(FIRST).stored;
        assert_eq!((stored.conviction_last, stored.block_last), (U256::ZERO, 0));
        pool.apply(2020, &support(ANN, &[(FIRST, ALL)])).unwrap();
        let stored = pool.proposal(FIRST).stored;
        assert_eq!(
            (stored.conviction_last, stored.block_last),
            (U256::ZERO, 2020)
        );
    }
}
