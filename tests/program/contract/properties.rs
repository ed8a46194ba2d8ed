//! What holds of every history: sums, bounds, and that a refused event changes nothing.

use conviction::contract::gardens2::{
    Community, Decimals, Event, Gardens2, PointSystem, Settings, Version, conviction,
    weighted_average,
};
use conviction::contract::one_hive::{self, OneHive};
use conviction::contract::{Account, Contract, Signed, U256};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn whole(number: u128) -> U256 {
    U256::from(number)
}

/// Few accounts and proposals, so that events meet.
const ACCOUNTS: u32 = 6;

fn account() -> impl Strategy<Value = Account> {
    (0..ACCOUNTS).prop_map(Account)
}

/// A number of one of the first proposals, most of which exist.
fn proposal() -> impl Strategy<Value = U256> {
    (1u64..6).prop_map(U256::from)
}

/// Amounts from units to as many tokens as a DAO has.
fn amount() -> impl Strategy<Value = U256> {
    prop_oneof![
        0u128..4,
        (0u128..4000).prop_map(|tokens| tokens * 10u128.pow(17) + 1)
    ]
    .prop_map(whole)
}

fn decay() -> impl Strategy<Value = U256> {
    prop_oneof![
        Just(9_999_599u64),
        Just(9_999_799),
        Just(9_999_983),
        0u64..10_000_000
    ]
    .prop_map(U256::from)
}

/// Blocks between events, often none.
fn blocks() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 1u64..10, 1u64..100_000]
}

fn event_of_one_hive() -> impl Strategy<Value = one_hive::Event> {
    use one_hive::{Event, Settings, Status};
    let staked = || (account(), proposal(), amount());
    let status = prop::sample::select(vec![Status::Paused, Status::Active, Status::Cancelled]);
    prop_oneof![
        1 => decay().prop_map(|decay| Event::Settings(Settings {
            decay,
            max_ratio: U256::from(2_000_000),
            weight: U256::from(20_000),
            min_threshold_stake_percentage: U256::from(2 * 10u64.pow(17)),
        })),
        4 => (account(), amount()).prop_map(|(voter, amount)| Event::Supply { voter, amount }),
        2 => amount().prop_map(|amount| Event::Funds { amount }),
        2 => (account(), amount()).prop_map(|(voter, requested)| Event::Propose { voter, requested }),
        9 => staked().prop_map(|(voter, proposal, amount)| Event::Stake { voter, proposal, amount }),
        4 => staked().prop_map(|(voter, proposal, amount)| Event::Withdraw { voter, proposal, amount }),
        1 => (account(), proposal()).prop_map(|(voter, proposal)| Event::StakeAll { voter, proposal }),
        1 => (account(), proposal()).prop_map(|(voter, proposal)| Event::WithdrawAll { voter, proposal }),
        1 => account().prop_map(|voter| Event::WithdrawInactive { voter }),
        4 => (account(), account(), amount())
            .prop_map(|(voter, to, amount)| Event::Transfer { voter, to, amount }),
        1 => (account(), amount()).prop_map(|(voter, amount)| Event::Burn { voter, amount }),
        3 => proposal().prop_map(|proposal| Event::Execute { proposal }),
        1 => (account(), proposal()).prop_map(|(voter, proposal)| Event::Cancel { voter, proposal }),
        1 => (proposal(), status).prop_map(|(proposal, status)| Event::Dispute { proposal, status }),
    ]
}

fn holds_of_one_hive(dao: &OneHive) {
    let totals = dao.totals();
    let mut on = BTreeMap::<U256, U256>::new();
    let (mut supply, mut staked) = (U256::ZERO, U256::ZERO);
    for voter in dao.voters() {
        let own: U256 = voter.stakes.iter().map(|&(_, stake)| stake).sum();
        assert_eq!(own, voter.staked);
        assert!(voter.staked <= voter.balance && voter.stakes.len() <= 10);
        for &(proposal, stake) in &voter.stakes {
            assert!(!stake.is_zero());
            *on.entry(proposal).or_default() += stake;
        }
        supply += voter.balance;
        staked += voter.staked;
    }
    assert_eq!((supply, staked), (totals.supply, totals.total_staked));
    for (number, of) in (1u64..).zip(dao.proposals()) {
        let sum = on.remove(&U256::from(number)).unwrap_or_default();
        assert_eq!(of.stored.staked, sum);
    }
    assert!(on.is_empty(), "{on:?}");
}

fn event_of_gardens2() -> impl Strategy<Value = Event> {
    let delta = (any::<bool>(), amount()).prop_map(|(is_negative, amount)| {
        let sign = if is_negative { "-" } else { "" };
        Signed::parse(&format!("{sign}{amount}")).unwrap()
    });
    let deltas = prop::collection::vec((proposal(), delta), 0..4);
    prop_oneof![
        1 => (decay(), amount()).prop_map(|(decay, min_threshold_points)| {
            let settings = Settings {
                decay,
                max_ratio: U256::from(3_656_188),
                weight: U256::from(133_677),
                min_threshold_points,
            };
            Event::Settings(settings, None)
        }),
        2 => amount().prop_map(|amount| Event::Funds { amount }),
        1 => any::<bool>().prop_map(|is_enabled| Event::Enable { is_enabled }),
        1 => Just(Event::Enable { is_enabled: true }),
        4 => account().prop_map(|voter| Event::Join { voter }),
        4 => (account(), amount()).prop_map(|(voter, amount)| Event::Increase { voter, amount }),
        4 => (account(), amount()).prop_map(|(voter, amount)| Event::Decrease { voter, amount }),
        5 => account().prop_map(|voter| Event::Activate { voter }),
        1 => account().prop_map(|voter| Event::Leave { voter }),
        1 => account().prop_map(|voter| Event::Deactivate { voter }),
        1 => account().prop_map(|voter| Event::Expel { voter }),
        3 => (account(), amount()).prop_map(|(voter, requested)| Event::Propose { voter, requested }),
        12 => (account(), deltas).prop_map(|(voter, deltas)| Event::Support { voter, deltas }),
        3 => proposal().prop_map(|proposal| Event::Execute { proposal }),
        1 => (account(), proposal()).prop_map(|(voter, proposal)| Event::Cancel { voter, proposal }),
        1 => (account(), proposal(), amount())
            .prop_map(|(voter, proposal, requested)| Event::Edit { voter, proposal, requested }),
        1 => Just(Event::Upgrade),
        1 => Just(Event::Migrate),
    ]
}

fn community() -> impl Strategy<Value = Community> {
    use PointSystem::{Capped, Fixed, Quadratic, Unlimited};
    let law = prop::sample::select(vec![Fixed, Capped, Unlimited, Quadratic]);
    (law, amount()).prop_map(|(point_system, max_amount)| Community {
        point_system,
        max_amount,
        token_decimals: Decimals::default(),
        registration_stake: U256::from(10u64.pow(18)),
    })
}

fn holds_of_gardens2(pool: &Gardens2, block: u64) {
    let totals = pool.totals();
    let mut on = BTreeMap::<U256, U256>::new();
    let (mut activated, mut staked) = (U256::ZERO, U256::ZERO);
    for member in pool.members() {
        let own: U256 = member.supports.iter().map(|&(_, own)| own).sum();
        assert_eq!(own, member.support);
        // Shares that a loss takes off round by half a unit each: few units, however often.
        let rounding = U256::from(1_000);
        assert!(member.support <= member.points + rounding);
        assert!(member.is_active || (member.points.is_zero() && member.support.is_zero()));
        assert!(!member.is_active || member.is_member);
        for &(proposal, own) in &member.supports {
            *on.entry(proposal).or_default() += own;
        }
        activated += member.points;
        staked += member.support;
    }
    assert_eq!((activated, staked), (totals.activated, totals.total_staked));
    let of_pool = totals.points(block).unwrap();
    if totals.version == Version::V15ad374 {
        assert_eq!(of_pool, totals.activated);
    }
    for number in 1..=pool.created() {
        let of = pool.proposal(U256::from(number));
        let sum = on.remove(&U256::from(number)).unwrap_or_default();
        assert_eq!(of.stored.staked, sum);
        let points = totals.points_of_proposal(of.snapshot, block).unwrap();
        assert!(points >= of_pool && points <= of_pool.max(of.snapshot.points));
    }
    // On lists of members there may be proposals that nobody made, without support.
    assert!(on.values().all(|support| support.is_zero()), "{on:?}");
}

/// Applies events; a refused one changes nothing.
fn follow<C: Contract + Clone + std::fmt::Debug>(
    mut contract: C,
    events: &[(u64, C::Event)],
    holds: impl Fn(&C, u64),
    state: impl Fn(&C) -> String,
) -> usize {
    let (mut block, mut refused) = (1, 0);
    for (passed, event) in events {
        block += passed;
        let before = state(&contract);
        if contract.apply(block, event).is_err() {
            assert_eq!(state(&contract), before);
            refused += 1;
        }
        holds(&contract, block);
        let mut cells = Vec::new();
        contract.write_state(block, event, Ok(()), &mut cells);
        assert_eq!(cells.len(), contract.state_columns().len());
    }
    refused
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn stakes_stay_within_balances(
        events in prop::collection::vec((blocks(), event_of_one_hive()), 1..120),
    ) {
        let state = |dao: &OneHive| {
            let voters: Vec<_> = dao.voters().iter().filter(|voter| !voter.balance.is_zero()).collect();
            format!("{:?} {:?} {voters:?}", dao.totals(), dao.proposals())
        };
        follow(OneHive::default(), &events, |dao, _| holds_of_one_hive(dao), state);
    }

    #[test]
    fn support_stays_within_points(
        community in community(),
        is_new in any::<bool>(),
        events in prop::collection::vec((blocks(), event_of_gardens2()), 1..120),
    ) {
        let version = if is_new { Version::Va75a6efe2 } else { Version::V15ad374 };
        let settings = Settings { decay: U256::from(9_999_799), ..Settings::default() };
        let mut all = vec![(0, Event::Settings(settings, Some(community)))];
        all.extend(events);
        let state = |pool: &Gardens2| {
            let proposals = (1..8u64).map(|number| pool.proposal(U256::from(number)));
            let members: Vec<_> = pool.members().iter().filter(|member| member.is_member).collect();
            format!("{:?} {:?} {members:?}", pool.totals(), proposals.collect::<Vec<_>>())
        };
        follow(Gardens2::new(version, Version::Va75a6efe2), &all, holds_of_gardens2, state);
    }
}

fn any_whole() -> impl Strategy<Value = U256> {
    (any::<[u64; 4]>(), 0usize..256).prop_map(|(limbs, shift)| U256::from_limbs(limbs) >> shift)
}

proptest! {
    #[test]
    fn a_weighted_average_lies_between_its_arguments(
        snapshot in any_whole(), now in any_whole(), elapsed in any_whole(), decay in 0u64..10_000_000,
    ) {
        let between = snapshot.min(now)..=snapshot.max(now);
        let average = weighted_average(snapshot, now, elapsed, U256::from(decay)).unwrap();
        prop_assert!(between.contains(&average));
        let at_once = weighted_average(snapshot, now, U256::ZERO, U256::from(decay));
        prop_assert_eq!(at_once, Ok(snapshot));
    }

    /// Real numbers and integers follow the same stakes. Each update of the contract rounds by less than two
    /// units; the rest is the rounding of the real numbers.
    #[test]
    fn real_and_contract_arithmetic_agree(
        decay in prop_oneof![Just(9_999_599u64), 9_900_000u64..10_000_000, 1u64..10_000_000],
        changes in prop::collection::vec((0u64..2_000_000, 0u128..10u128.pow(25)), 1..60),
    ) {
        const ROUNDING: f64 = 1e-12;
        let lost = (10_000_000 - decay) as f64 / 1e7;
        let (mut integer, mut real, mut largest) = (U256::ZERO, 0.0f64, 0.0f64);
        for (updates, (blocks, stake)) in (1..).zip(changes) {
            integer = conviction(U256::from(decay), U256::from(blocks), integer, U256::from(stake)).unwrap();
            let gone = -libm::expm1(blocks as f64 * libm::log1p(-lost));
            real += gone * (stake as f64 / lost - real);
            largest = largest.max(stake as f64 / lost);
            let error = (f64::from(integer) - real).abs();
            let bound = 2.0 * f64::from(updates) + ROUNDING * f64::from(updates) * largest;
            prop_assert!(error <= bound, "{} blocks: {} against {}", blocks, integer, real);
        }
    }
}
