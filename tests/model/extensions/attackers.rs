//! Attackers: what they take is what the closed forms say, and without tokens they change nothing.

use crate::common::extensions::{assert_same, fault, model, outcome, setting};
use crate::runs::{numbers, simulate};
use conviction::engine::{Extensions, Given, Model, Outcome, Setting, Value};
use conviction::prelude::*;
use conviction::study::{Plan, Spec};
use conviction::voting::attackers::closed_form::{
    days_of_stake, one_day_stake, price_of_conviction,
};
use conviction::voting::conviction::{Conviction, SideList};
use conviction::voting::mechanism::Real;
use conviction::voting::model_with;
use conviction::voting::participants::{Holdings, InitialParticipants, Population};
use conviction::voting::supply::{InitialSupply, Supply};
use std::path::Path;

type Values<'a> = Vec<(&'a str, Given<'a>)>;

/// Keys and values, of whatever kind.
macro_rules! values {
    ($($key:literal: $value:expr),* $(,)?) => {
        vec![$(($key, Given::from($value))),*] as Values
    };
}

/// A deployed setting: its half-life in days, β, and ρ/β².
struct Deployed(f64, f64, f64);

const V3: Deployed = Deployed(3.0, 0.2, 0.0625);
const VOTE_13: Deployed = Deployed(2.0, 0.2, 0.00625);
const VOTE_14: Deployed = Deployed(2.0, 0.2, 0.025);
const GARDENS: Deployed = Deployed(2.0, 0.1, 0.025);
const TEC: Deployed = Deployed(7.0, 0.11, 0.04);

impl Deployed {
    fn values(&self) -> Values<'static> {
        let Self(half_life, beta, minimum) = *self;
        values! {
            "half_life_days": half_life,
            "beta": beta,
            "rho": minimum * beta * beta,
        }
    }
}

/// Of a world in which nothing happens but attacks: nobody acts, and nothing is minted.
fn quiet() -> Values<'static> {
    values! { "base_engagement_rate": 0.0, "gamma": 0.0 }
}

/// Newcomers leave at once, so that nobody but attackers changes E.
fn nobody_joins(
    mut runs: Runs<(&InitialParticipants, &Population, &mut Supply)>,
    mut holdings: Rows<&mut Holdings>,
) {
    let batch = runs.batch();
    let mut holdings = holdings.of_batch(&batch);
    for (run, (initial, population, supply)) in batch {
        let newcomers = initial.participants as usize..population.participants;
        for held in &mut holdings.of(run)[newcomers] {
            supply.effective -= *held;
            supply.other += *held;
            *held = 0.0;
        }
    }
}

/// The model with so many attackers, in which E stays as it is but for them.
fn closed(attackers: usize) -> Model {
    closed_with(Extensions::default().with("attacker", attackers))
}

/// Likewise, with some extensions.
fn closed_with(on: Extensions) -> Model {
    let leave = Feature::new("nobody_joins", 1, |model| {
        model.system(Day::Arrivals, nobody_joins);
    });
    model_with(&[leave]).with_extensions(&on).unwrap()
}

/// A seed in whose first world nobody arrives on the first day, when attackers enter.
const SEED: u64 = 4;

fn run_closed(deployed: &Deployed, attack: Values) -> Outcome {
    let model = closed(1);
    let values = [deployed.values(), quiet(), attack].concat();
    outcome(&model, &setting(&model, values), SEED)
}

fn shown(outcome: &Outcome, column: &str) -> Option<f64> {
    let number = outcome.number(column);
    (!number.is_nan()).then_some(number)
}

#[test]
fn nobody_arrives_on_the_first_day_of_the_world_of_these_tests() {
    let first = run_closed(&V3, values! { "days": 1 });
    assert_eq!(first.number("participant_count"), 30.0);
}

#[test]
fn first_grants_come_on_the_days_of_the_closed_form() {
    let mut granted = 0;
    for deployed in [V3, VOTE_13, VOTE_14, GARDENS, TEC] {
        for share in [0.01, 0.03, 0.08, 0.16, 0.19] {
            for part in [0.05, 1.0 / 3.0, 0.6] {
                let ask = part * deployed.1;
                let attack = values! {
                    "attacker.0.share": share, "attacker.0.ask": ask, "days": 60,
                };
                let model = closed(1);
                let values = [deployed.values(), quiet(), attack].concat();
                let setting = setting(&model, values);
                let p: Conviction = setting.group();
                let days = days_of_stake(&p, ask, share).map(|days| 1.0 + days as f64);
                let expected = days.filter(|&day| day <= 60.0);
                let outcome = outcome(&model, &setting, SEED);
                let found = shown(&outcome, "attacker_0_first_grant_day");
                assert_eq!(found, expected, "{p:?} {share} {ask}");
                granted += usize::from(found.is_some());
            }
        }
    }
    assert!(
        (25..70).contains(&granted),
        "both kinds of cells: {granted}"
    );
}

#[test]
fn half_of_the_pool_lasts_as_long_as_an_independent_replica_says() {
    // Plain, compound, eager, eager and compound.
    let cases: [(Deployed, f64, [Option<u32>; 4]); 4] = [
        (V3, 0.2, [Some(77), Some(56), Some(67), Some(46)]),
        (VOTE_13, 0.05, [Some(22), Some(22), Some(12), Some(12)]),
        (VOTE_14, 0.1, [Some(44), Some(30), Some(34), None]),
        (TEC, 0.2, [Some(152), Some(114), Some(134), None]),
    ];
    for (deployed, share, days) in cases {
        let ways = [(false, false), (true, false), (false, true), (true, true)];
        for ((compound, eager), expected) in ways.into_iter().zip(days) {
            let Some(expected) = expected else { continue };
            let attack = values! {
                "attacker.0.share": share,
                "attacker.0.compound": compound,
                "attacker.0.eager": eager,
                "days": 160,
            };
            let outcome = run_closed(&deployed, attack);
            assert_eq!(
                shown(&outcome, "attacker_0_days_to_half"),
                Some(f64::from(expected)),
                "beta {}, share {share}, compound {compound}, eager {eager}",
                deployed.1
            );
        }
    }
}

const STRATEGIES: [&str; 6] = ["leech", "splitter", "spammer", "flash", "sybil", "renter"];

#[test]
fn without_tokens_attackers_change_nothing() {
    let (plain, model) = (conviction::model(), model(&["attacker"]));
    for arithmetic in ["real", "contract", "gardens2"] {
        let off = setting(&plain, values! { "arithmetic": arithmetic });
        let off = outcome(&plain, &off, 7);
        assert!(off.number("proposals_granted") > 0.0);
        for strategy in STRATEGIES {
            for source in ["other", "insiders"] {
                let on = setting(
                    &model,
                    values! {
                        "arithmetic": arithmetic,
                        "attacker.0.strategy": strategy,
                        "attacker.0.source": source,
                        "attacker.0.share": 0.0,
                        "attacker.0.supply": 0.0,
                    },
                );
                let on = outcome(&model, &on, 7);
                assert_same(&on, &off);
                assert_eq!(on.number("attacker_0_take"), 0.0);
            }
        }
    }
}

#[test]
fn until_an_attacker_enters_every_day_is_as_without() {
    let (plain, model) = (conviction::model(), model(&["attacker"]));
    let from: u32 = 30;
    let on = setting(
        &model,
        values! { "attacker.0.from": from, "attacker.0.share": 0.2 },
    );
    let tables = ["days", "participants"];
    let mut off = simulate(&plain, &tables, &plain.setting(), 5, 0);
    let mut on = simulate(&model, &tables, &on, 5, 0);
    let [off_days, on_days] = [&mut off, &mut on].map(|left| left.batch("days"));
    for column in plain.columns("days") {
        let before = |days: &arrow_array::RecordBatch| days[&*column.name].slice(0, from as usize);
        assert_eq!(&before(&off_days), &before(&on_days), "{}", column.name);
    }
    assert!(numbers(&on_days, "effective_supply") != numbers(&off_days, "effective_supply"));
    // No stream is drawn from more often than without: who arrives, if on other days, is the same.
    let [off, on] = [&mut off, &mut on].map(|left| {
        let people = left.batch("participants");
        let (day, mood) = (numbers(&people, "day"), numbers(&people, "sentiment"));
        let last = day.last().copied().unwrap();
        let last = day.iter().zip(mood).filter(move |(day, _)| **day == last);
        last.map(|(_, mood)| mood).collect::<Vec<_>>()
    });
    let both = off.len().min(on.len());
    assert!(both > 35, "{both}");
    assert_eq!(off[..both], on[..both]);
}

/// All numbers of two outcomes are the same but for their last digits.
fn assert_close(model: &Model, one: &Outcome, other: &Outcome) {
    for column in model.columns("runs") {
        let [one, other] = [one, other].map(|outcome| shown(outcome, &column.name));
        let close = match (one, other) {
            (Some(one), Some(other)) => (one - other).abs() <= 1e-12 * one.abs().max(1.0),
            (one, other) => one == other,
        };
        assert!(close, "{}: {one:?}, {other:?}", column.name);
    }
}

#[test]
fn accounts_are_of_no_use() {
    let model = model(&["attacker"]);
    for (strategy, arithmetic, compound) in [
        ("sybil", "real", false),
        ("sybil", "real", true),
        ("sybil", "contract", false),
        ("splitter", "real", false),
        ("spammer", "real", false),
    ] {
        let run = |accounts| {
            let setting = setting(
                &model,
                values! {
                    "arithmetic": arithmetic,
                    "rho": 0.001,
                    "attacker.0.strategy": strategy,
                    "attacker.0.share": 0.15,
                    "attacker.0.compound": compound,
                    "attacker.0.accounts": accounts,
                    "attacker.0.parts": 2,
                },
            );
            outcome(&model, &setting, 2)
        };
        let (one, seven) = (run(1), run(7));
        assert!(one.number("attacker_0_take") > 100.0, "{strategy}");
        assert_close(&model, &one, &seven);
    }
}

/// Tokens split over m accounts have √m times as many quadratic points, and m times as many of which each account
/// has one: sybils pass on the days of the closed form with their share of all points.
#[test]
fn accounts_are_of_use_where_votes_are_not_tokens() {
    let model = closed_with(Extensions::default().with("attacker", 1).with("voting", 1));
    let (share, cap) = (0.02, 20.0);
    for points in ["tokens", "capped", "quadratic", "equal"] {
        let votes = |held: f64| match points {
            "capped" => held.min(cap),
            "quadratic" => held.sqrt(),
            "equal" => f64::from(held > 0.0),
            _ => held,
        };
        let mut days = Vec::new();
        for accounts in [1, 4, 9, 36] {
            let attack = values! {
                "attacker.0.strategy": "sybil",
                "attacker.0.share": share,
                "attacker.0.accounts": accounts,
                "min_supp": 0.001,
                "voting.points": points,
                "voting.cap": cap,
                "days": 60,
            };
            let setting = setting(&model, [V3.values(), quiet(), attack].concat());
            let people =
                simulate(&model, &["participants"], &setting, SEED, 0).batch("participants");
            let held = numbers(&people, "holdings").into_iter();
            let at_start = numbers(&people, "day").into_iter().map(|day| day == 0.0);
            let held: Vec<f64> = held
                .zip(at_start)
                .filter_map(|(held, at_start)| at_start.then_some(held))
                .collect();
            let each = share / (1.0 - share) * held.iter().sum::<f64>() / f64::from(accounts);
            let own = f64::from(accounts) * votes(each);
            let all = own + held.iter().map(|&held| votes(held)).sum::<f64>();
            let p: Conviction = setting.group();
            let expected = days_of_stake(&p, p.beta / 3.0, own / all)
                .map(|days| 1.0 + days as f64)
                .filter(|&day| day <= 60.0);
            let outcome = outcome(&model, &setting, SEED);
            let found = shown(&outcome, "attacker_0_first_grant_day");
            assert_eq!(found, expected, "{points}, {accounts} accounts");
            days.push(found);
        }
        if points == "tokens" {
            assert_eq!(
                days, [None; 4],
                "tokens are as many on any number of accounts"
            );
        } else {
            assert!(days[0].is_none() && days[3].is_some(), "{points}: {days:?}");
        }
    }
}

/// Who is eager asks again when its candidate passes, and not before: it never has two.
fn has_one_candidate_at_most(mut runs: Runs<&SideList<Real>>) {
    for (run, side) in runs.batch() {
        assert!(
            side.0.len() <= 1,
            "day {}: {} candidates",
            run.day,
            side.0.len()
        );
    }
}

#[test]
fn the_eager_judge_by_the_points_of_the_day() {
    let watch = Feature::new("watch", 1, |model| {
        model.system(Day::End, has_one_candidate_at_most);
    });
    let on = Extensions::default().with("attacker", 1).with("voting", 1);
    let model = model_with(&[watch]).with_extensions(&on).unwrap();
    let mut grants = 0.0;
    for points in ["equal", "quadratic"] {
        for seed in 0..40 {
            // Of few participants a newcomer has a large share.
            let setting = setting(
                &model,
                values! {
                    "initial.participants": 3,
                    "attacker.0.strategy": "sybil",
                    "attacker.0.accounts": 2,
                    "attacker.0.eager": true,
                    "voting.points": points,
                    "min_supp": 0.001,
                    "days": 60,
                },
            );
            grants += outcome(&model, &setting, seed).number("attacker_0_grants");
        }
    }
    assert!(grants > 100.0, "{grants}");
}

/// A candidate may pass thanks to the day's mint alone, where others have nearly emptied the pool. It then leaves
/// nothing of the pool of the morning, and whoever is eager does not request a negative amount.
#[test]
fn the_eager_wait_where_a_candidate_leaves_nothing() {
    let model = model(&["attacker", "attacker", "attacker"]);
    let setting = setting(
        &model,
        values! {
            "initial.proposals": 0, "alpha": 0.9, "beta": 0.9, "gamma": 0.04,
            "attacker.0.share": 0.1, "attacker.0.ask": 0.2, "attacker.0.eager": true,
            "attacker.1.share": 0.3, "attacker.1.ask": 0.4, "attacker.1.source": "insiders",
            "attacker.2.share": 0.3, "attacker.2.ask": 0.4, "attacker.2.source": "insiders",
        },
    );
    let mut paid_by_mint = 0;
    for world in 0..20 {
        let days = simulate(&model, &["days"], &setting, 1, world).batch("days");
        let (take, funds) = (numbers(&days, "attacker_0_take"), numbers(&days, "funds"));
        for day in 1..take.len() {
            let taken = take[day] - take[day - 1];
            assert!(taken >= 0.0, "world {world}, day {day}: {taken}");
            paid_by_mint += usize::from(taken > funds[day - 1]);
        }
    }
    assert!(paid_by_mint > 5, "{paid_by_mint}");
}

/// What an attacker takes is held against all that has entered the pool, wherever it came from.
#[test]
fn donations_and_fees_count_as_what_entered_the_pool() {
    for (source, minted) in [("outside", 5.0), ("other", 0.0)] {
        let model = model(&["attacker", "donations"]);
        let values = values! {
            "gamma": 0.0, "days": 20, "attacker.0.share": 0.19,
            "donations.law": "constant", "donations.amount": 5.0, "donations.source": source,
        };
        let outcome = outcome(&model, &setting(&model, values), 2);
        let of = |column: &str| outcome.number(column);
        assert!((of("total_supply") - 22_392.22 - 20.0 * minted).abs() < 1e-6);
        let share = of("attacker_0_take") / (4867.21 + 100.0);
        assert!(share > 0.05, "{share}");
        assert!(
            (of("attacker_0_take_share") - share).abs() < 1e-12,
            "{source}"
        );
    }
}

#[test]
fn one_part_in_series_is_a_leech_and_parts_in_series_pass_what_is_forbidden() {
    let model = model(&["attacker"]);
    let run = |strategy, ask: f64, parts: u32, mode| {
        let values = values! {
            "attacker.0.strategy": strategy,
            "attacker.0.share": 0.18,
            "attacker.0.ask": ask,
            "attacker.0.parts": parts,
            "attacker.0.mode": mode,
        };
        outcome(&model, &setting(&model, values), 9)
    };
    let (leech, splitter) = (
        run("leech", 0.05, 5, "parallel"),
        run("splitter", 0.05, 1, "serial"),
    );
    assert!(leech.number("attacker_0_grants") > 2.0);
    assert_eq!(leech, splitter);
    // A half of the pool: no single request beyond 0.15 of it passes.
    let serial = run("splitter", 0.5, 10, "serial");
    assert!(serial.number("attacker_0_take") > 0.3 * 4867.21);
    assert_eq!(
        run("leech", 0.151, 1, "serial").number("attacker_0_take"),
        0.0
    );
    // In parallel each part has but its part of the stake.
    assert_eq!(
        run("splitter", 0.5, 10, "parallel").number("attacker_0_take"),
        0.0
    );
}

#[test]
fn what_leaves_the_pool_is_what_attackers_take() {
    for strategy in ["leech", "splitter", "spammer", "sybil", "renter"] {
        let attack = values! {
            "attacker.0.strategy": strategy,
            "attacker.0.share": 0.15,
            "attacker.0.parts": 2,
            "attacker.0.rent": 0.0,
        };
        let outcome = run_closed(&VOTE_13, attack);
        let [take, left] = ["attacker_0_take", "funds"].map(|column| outcome.number(column));
        assert!(take > 1000.0, "{strategy} takes {take}");
        assert!(
            (take + left - 4867.21).abs() < 1e-9,
            "{strategy}: {take} + {left}"
        );
        assert_eq!(outcome.number("proposals_granted"), 0.0);
        assert_eq!(outcome.number("attacker_0_honest_granted"), 0.0);
        let share = outcome.number("attacker_0_take_share");
        assert!((share - take / 4867.21).abs() < 1e-12);
    }
}

#[test]
fn the_mood_is_told_of_attackers_grants() {
    let model = closed(1);
    let values = [
        VOTE_13.values(),
        quiet(),
        values! { "attacker.0.share": 0.05, "days": 2 },
    ];
    let mut left = simulate(
        &model,
        &["days"],
        &setting(&model, values.concat()),
        SEED,
        0,
    );
    let days = left.batch("days");
    let mood = numbers(&days, "sentiment");
    assert_eq!(mood[1], 0.6);
    assert!((mood[2] - (0.75 * 0.6 + 0.25)).abs() < 1e-15, "{mood:?}");
    assert_eq!(numbers(&days, "attacker_0_grants"), [0.0, 0.0, 1.0]);
}

#[test]
fn a_flash_passes_from_the_stake_of_one_day_on() {
    let model = closed(1);
    let p: Conviction = setting(&model, VOTE_13.values()).group();
    let least = one_day_stake(&p);
    assert!((least - 0.048).abs() < 5e-4);
    for (share, granted) in [(0.999 * least, 0.0), (1.001 * least, 1.0)] {
        let attack = values! {
            "attacker.0.strategy": "flash",
            "attacker.0.share": share,
            "attacker.0.from": 3,
            "attacker.0.hold": 2,
            "days": 8,
        };
        // It comes on day 3, and is gone by day 5: what accrued decays.
        let values = [VOTE_13.values(), quiet(), attack].concat();
        let mut left = simulate(&model, &["days"], &setting(&model, values), SEED, 0);
        let days = left.batch("days");
        let [held, conviction, grants, effective] = [
            "attacker_0_holdings",
            "attacker_0_conviction",
            "attacker_0_grants",
            "effective_supply",
        ]
        .map(|column| numbers(&days, column));
        assert_eq!(grants[4], granted, "on the first day that it can");
        assert_eq!(positive(&held), [3, 4]);
        assert!((held[3] / effective[3] - share).abs() < 1e-12);
        assert!((effective[5] / effective[2] - 1.0).abs() < 1e-12);
        if granted == 0.0 {
            // With a second day of stake the weaker passes too.
            assert_eq!(grants[5], 1.0);
        } else {
            assert_eq!((conviction[4], grants[8]), (0.0, 1.0), "it asks once");
        }
    }
}

/// The days on which numbers are above 0.
fn positive(numbers: &[f64]) -> Vec<usize> {
    let days = numbers.iter().enumerate();
    days.filter(|(_, number)| **number > 0.0)
        .map(|(day, _)| day)
        .collect()
}

#[test]
fn conviction_that_a_flash_leaves_behind_decays() {
    let model = closed(1);
    let attack = values! { "attacker.0.strategy": "flash", "attacker.0.share": 0.05, "days": 6 };
    let values = [V3.values(), quiet(), attack].concat();
    let mut left = simulate(&model, &["days"], &setting(&model, values), SEED, 0);
    let days = left.batch("days");
    let conviction = numbers(&days, "attacker_0_conviction");
    let alpha = Conviction::default().alpha;
    assert_eq!(conviction[1], numbers(&days, "attacker_0_stake")[1]);
    for day in 2..=6 {
        let kept = conviction[day] / conviction[day - 1];
        assert!((kept - alpha).abs() < 1e-12, "day {day}: {kept}");
    }
}

#[test]
fn a_renter_gains_up_to_the_price_of_conviction() {
    let model = closed(1);
    let p: Conviction = setting(&model, VOTE_13.values()).group();
    let initial = InitialSupply::default();
    let price = price_of_conviction(&p, initial.effective_supply(), initial.funds);
    assert!((price - 2.07).abs() < 5e-3);
    // The cheapest way: just the stake that passes in a day.
    let least = 1.0001 * one_day_stake(&p);
    let run = |supply: f64, rent: f64| {
        let attack = values! {
            "attacker.0.strategy": "renter",
            "attacker.0.supply": supply,
            "attacker.0.rent": rent,
            "days": 3,
        };
        run_closed(&VOTE_13, attack)
    };
    let gains = run(least, 0.999 / price);
    assert_eq!(gains.number("attacker_0_grants"), 1.0);
    let [take, cost] = ["attacker_0_take", "attacker_0_cost"].map(|name| gains.number(name));
    assert!(take > cost && cost > 0.99 * take, "{take} for {cost}");
    for supply in [least, 0.01, 0.02, 0.1, 0.5, 0.9] {
        let loses = run(supply, 1.0001 / price);
        let used = ["grants", "cost", "token_days"]
            .map(|name| loses.number(&format!("attacker_0_{name}")));
        assert_eq!(used, [0.0; 3], "{supply}");
    }
    // Tokens come back, and no more is owed than for the days of stake.
    let long = run(0.3, 1e-4);
    let staked = long.number("attacker_0_token_days");
    assert!((long.number("attacker_0_cost") - 1e-4 * staked).abs() < 1e-9);
    assert_eq!(long.number("attacker_0_grants"), 1.0);
}

#[test]
fn a_spammer_keeps_alive_what_it_can() {
    let attack = values! {
        "attacker.0.strategy": "spammer",
        "attacker.0.share": 0.03,
        "min_supp": 20.0,
        "days": 10,
    };
    let outcome = run_closed(&V3, attack);
    let [stake, held] =
        ["attacker_0_stake", "attacker_0_holdings"].map(|column| outcome.number(column));
    assert!(
        held > 400.0 && (stake - held).abs() < 1e-9,
        "{stake} of {held}"
    );
    assert_eq!(outcome.number("attacker_0_take"), 0.0);
}

#[test]
fn several_attackers_share_a_pool() {
    let model = closed(3);
    let values = values! {
        "attacker.0.share": 0.04,
        "attacker.1.share": 0.02, "attacker.1.source": "insiders", "attacker.1.from": 3,
        "attacker.2.strategy": "splitter", "attacker.2.share": 0.05, "attacker.2.from": 5,
    };
    let values = [VOTE_13.values(), quiet(), values].concat();
    let mut left = simulate(&model, &["days"], &setting(&model, values), SEED, 0);
    let days = left.batch("days");
    let of = |name: &str| [0, 1, 2].map(|i| numbers(&days, &format!("attacker_{i}_{name}")));
    let (held, takes) = (of("holdings"), of("take"));
    let (effective, funds) = (numbers(&days, "effective_supply"), numbers(&days, "funds"));
    for (attacker, (day, share)) in [(1, 0.04), (3, 0.02), (5, 0.05)].into_iter().enumerate() {
        assert_eq!(held[attacker][day - 1], 0.0);
        assert!(
            (held[attacker][day] / effective[day] - share).abs() < 1e-12,
            "{attacker}"
        );
    }
    assert!(
        (effective[3] / effective[2] - 1.0).abs() < 1e-12,
        "insiders add nothing to E"
    );
    let last = funds.len() - 1;
    let taken: f64 = takes.iter().map(|take| take[last]).sum();
    assert!(takes.iter().all(|take| take[last] > 0.0));
    assert!((taken + funds[last] - 4867.21).abs() < 1e-9);
}

#[test]
fn of_requests_beyond_the_pool_the_strongest_are_paid() {
    let model = model(&["attacker", "attacker"]);
    let run = |first: f64, second: f64, arithmetic| {
        let values = values! {
            "arithmetic": arithmetic, "beta": 1.0, "rho": 0.002, "days": 2,
            "attacker.0.share": first, "attacker.0.ask": 0.6,
            "attacker.1.share": second, "attacker.1.ask": 0.6,
        };
        let values = [quiet(), values].concat();
        let outcome = outcome(&model, &setting(&model, values), SEED);
        ["attacker_0_grants", "attacker_1_grants"].map(|column| outcome.number(column))
    };
    for arithmetic in ["real", "contract", "gardens2"] {
        assert_eq!(run(0.08, 0.1, arithmetic), [0.0, 1.0], "{arithmetic}");
        assert_eq!(run(0.1, 0.08, arithmetic), [1.0, 0.0], "{arithmetic}");
    }
}

#[test]
fn the_contract_pays_attackers_as_real_numbers_do() {
    let model = model(&["attacker"]);
    for (deployed, share) in [(VOTE_13, 0.05), (VOTE_14, 0.1), (GARDENS, 0.15)] {
        let first = |arithmetic| {
            let values = values! {
                "arithmetic": arithmetic, "chain.block_time_seconds": 5.0,
                "attacker.0.share": share, "days": 40,
            };
            let values = [deployed.values(), quiet(), values].concat();
            outcome(&model, &setting(&model, values), SEED)
        };
        let (real, contract) = (first("real"), first("contract"));
        let day = |outcome: &Outcome| shown(outcome, "attacker_0_first_grant_day");
        assert!(day(&real).is_some());
        assert_eq!(day(&real), day(&contract));
        let [real, contract] = [real, contract].map(|outcome| outcome.number("attacker_0_take"));
        assert!((real / contract - 1.0).abs() < 1e-3, "{real}, {contract}");
    }
}

/// The invariants are checked after every phase, in builds with debug assertions.
#[test]
fn whatever_they_do_no_token_is_lost() {
    let model = model(&["attacker", "attacker"]);
    for (seed, strategy) in (0..).zip(STRATEGIES) {
        for source in ["other", "insiders"] {
            for arithmetic in ["real", "contract", "gardens2", "gardens2-15ad374"] {
                let values = values! {
                    "arithmetic": arithmetic, "rho": 0.0001, "initial.sentiment": 0.9, "days": 60,
                    "attacker.0.strategy": strategy, "attacker.0.source": source,
                    "attacker.0.from": 12, "attacker.0.share": 0.1, "attacker.0.hold": 9,
                    "attacker.0.compound": true, "attacker.0.accounts": 3,
                    "attacker.0.parts": 14, "attacker.0.ask": 0.05,
                    "attacker.1.share": 0.1, "attacker.1.from": 20, "attacker.1.eager": true,
                };
                let setting = setting(&model, values);
                let mut left = simulate(&model, &["days"], &setting, seed, 0);
                assert!(left.failure.is_none());
                let days = left.batch("days");
                let columns = ["funds", "effective_supply", "other_supply", "total_supply"];
                let [funds, effective, other, total] = columns.map(|name| numbers(&days, name));
                for day in 0..funds.len() {
                    let sum = funds[day] + effective[day] + other[day];
                    assert!(
                        (sum / total[day] - 1.0).abs() < 1e-9,
                        "{strategy}, day {day}"
                    );
                    assert!(
                        other[day] >= -1e-9 * total[day],
                        "{strategy}: L = {}",
                        other[day]
                    );
                }
                let last = numbers(&days, "attacker_0_take").pop().unwrap();
                assert!(last > 0.0, "{strategy} by {source} in {arithmetic}");
            }
        }
    }
}

#[test]
fn with_all_that_lies_elsewhere_nothing_is_left_there() {
    let model = model(&["attacker"]);
    let setting = setting(
        &model,
        values! { "attacker.0.share": 0.2, "attacker.0.compound": true },
    );
    let mut left = simulate(&model, &["days"], &setting, SEED, 0);
    let days = left.batch("days");
    let least = numbers(&days, "other_supply")
        .into_iter()
        .fold(f64::MAX, f64::min);
    assert!((-1e-6..1e-6).contains(&least), "{least}");
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let (one, two) = (model(&["attacker"]), model(&["attacker", "attacker"]));
    let message = fault(&one, values! { "attacker.0.share": 0.21 });
    assert!(message.starts_with("attacker.0.share is 0.21"), "{message}");
    assert!(
        message.contains("a share of 0.2 at most") && message.contains("insiders"),
        "{message}"
    );
    let sound = |values| setting(&two, values).fault();
    assert_eq!(
        sound(values! { "attacker.0.share": 0.2, "attacker.1.share": 0.0 }),
        None
    );
    let both = values! { "attacker.0.share": 0.12, "attacker.1.share": 0.12 };
    let message = fault(&two, both.clone());
    assert!(message.starts_with("attacker.1.share"), "{message}");
    // Of the fifth that other supply makes up, the first leaves (0.2 − 0.12) / (1 − 0.12).
    assert!(message.contains("a share of 0.090909 at most"), "{message}");
    // On the day on which a flash leaves, it still holds its tokens; from the next day on, it holds nothing.
    let leaving = values! { "attacker.0.strategy": "flash", "attacker.1.from": 2 };
    let message = fault(&two, [both.clone(), leaving].concat());
    assert!(message.starts_with("attacker.1.share"), "{message}");
    let gone = values! { "attacker.0.strategy": "flash", "attacker.1.from": 3 };
    assert_eq!(sound([both.clone(), gone].concat()), None);
    let inside = values! { "attacker.1.source": "insiders" };
    assert_eq!(sound([both, inside].concat()), None);
    let message = fault(
        &two,
        values! {
            "attacker.0.share": 0.6, "attacker.0.source": "insiders",
            "attacker.1.share": 0.6, "attacker.1.source": "insiders",
        },
    );
    assert!(
        message.contains("the participants hold only 5608.00"),
        "{message}"
    );
    let message = fault(&one, values! { "attacker.0.ask": 0.2 });
    assert!(
        message.starts_with("attacker.0.ask is 0.2") && message.contains("beta"),
        "{message}"
    );
    let parts = values! { "attacker.0.ask": 0.9, "attacker.0.strategy": "splitter" };
    assert_eq!(setting(&one, parts).fault(), None);
    let message = fault(&one, values! { "rules.accounting": "v3" });
    assert!(
        message.contains("rules.accounting") && message.contains("attacker"),
        "{message}"
    );
}

/// What a market or cold storage sets aside of L is not an attacker's to take: where the start tells, the spec is
/// refused with the largest share there is; where it does not, a column tells the share held.
#[test]
fn a_share_beyond_what_is_free_is_refused_or_told() {
    let initial: InitialSupply = model(&[]).setting().group();
    let effective = initial.effective_supply();
    let other = initial.supply - initial.funds - effective;
    let in_pool = 0.065 * initial.supply;
    for (on, cold, free) in [
        (&["market"][..], 0.0, other - in_pool),
        (&["flows"], 0.5, 0.5 * other),
        (&["market", "flows"], 0.5, 0.5 * (other - in_pool)),
        (&["flows"], 1.0, 0.0),
    ] {
        let model = model(&[on, &["attacker"]].concat());
        let mut values = values! { "attacker.0.share": 0.2 };
        if cold > 0.0 {
            values.extend(values! { "flows.cold_share": cold });
        }
        let most = (1e6 * free / (effective + free)).floor() / 1e6;
        let message = fault(&model, values.clone());
        assert!(
            message.contains(&format!("enough for a share of {most} at most")),
            "{message}"
        );
        // As much as there is, and a little less.
        values.extend(values! { "attacker.0.share": most });
        assert_eq!(setting(&model, values.clone()).fault(), None, "{on:?}");
        values.extend(values! { "attacker.0.share": most + 2e-6 });
        fault(&model, values);
    }
    // Alone, an attacker holds what it asks for, of L or of insiders; a renter and who never comes hold nothing.
    let plain = model(&["attacker"]);
    let held = |model: &Model, values| {
        outcome(model, &setting(model, values), 5).get("attacker_0_share_held")
    };
    let Some(Value::Real(share)) = held(&plain, values! { "attacker.0.share": 0.15 }) else {
        panic!("it has entered");
    };
    assert!((share - 0.15).abs() < 1e-12, "{share}");
    let insider = values! { "attacker.0.share": 0.3, "attacker.0.source": "insiders" };
    assert!(
        matches!(held(&plain, insider), Some(Value::Real(share)) if (share - 0.3).abs() < 1e-12)
    );
    for none in [
        values! { "attacker.0.strategy": "renter" },
        values! { "attacker.0.from": 101 },
    ] {
        assert_eq!(held(&plain, none), None);
    }
    // Later, participants may have put more aside.
    let both = model(&["attacker", "flows"]);
    let late = values! { "attacker.0.share": 0.11, "attacker.0.from": 60, "rho": 0.039, "flows.gain": 0.0 };
    let late = setting(&both, late);
    let warnings: Vec<_> = late.warnings().map(|(_, text)| text).collect();
    assert!(
        warnings[0].starts_with("attacker.0.share: "),
        "{warnings:?}"
    );
    assert!(
        warnings[0].contains("attacker_0_share_held"),
        "{warnings:?}"
    );
    let Some(Value::Real(share)) = outcome(&both, &late, 5).get("attacker_0_share_held") else {
        panic!("it has entered");
    };
    assert!(share < 0.11, "{share}");
    let warnings = |values| setting(&both, values).warnings().count();
    assert_eq!(warnings(values! { "attacker.0.share": 0.05 }), 0);
    assert_eq!(
        warnings(values! { "attacker.0.share": 0.0, "attacker.0.from": 60 }),
        0
    );
}

/// An attacker requests a third of beta unless told otherwise, which a weak one never passes, though less would.
#[test]
fn a_weak_attacker_that_asks_too_much_is_warned_of() {
    let model = model(&["attacker"]);
    let with = |share: f64, ask: f64| {
        setting(
            &model,
            values! { "attacker.0.share": share, "attacker.0.ask": ask },
        )
    };
    let warning = |share, ask| with(share, ask).warnings().next().map(|(_, text)| text);
    let take = |share, ask| outcome(&model, &with(share, ask), 3).number("attacker_0_take");
    let text = warning(0.1, 0.0).expect("a warning");
    assert!(
        text.starts_with("attacker.0.ask: beta/3 = 0.0667"),
        "{text}"
    );
    assert!(
        text.contains("so a share of 0.1 takes nothing; smaller requests pass, up to 0.0419"),
        "{text}"
    );
    assert_eq!(take(0.1, 0.0), 0.0);
    assert!(take(0.1, 0.03) > 100.0);
    // Less passes nothing whatever it requests, and more passes a third of beta.
    for (share, ask) in [(0.1, 0.03), (0.06, 0.0), (0.2, 0.0)] {
        assert_eq!(warning(share, ask), None, "{share}, {ask}");
    }
    assert_eq!(take(0.06, 0.001), 0.0);
    assert!(take(0.19, 0.0) > 100.0);
}

#[test]
fn a_share_can_be_an_axis() {
    let text = "[[attacker]]\nstrategy = \"leech\"\ncompound = true\n[[attacker]]\n\
                [axes]\n\"attacker.0.share\" = [0.0, 0.05, 0.1]\nattacker.1.eager = [true, false]";
    let spec = Spec::parse(&conviction::model(), text, "spec.toml", Path::new(""));
    let spec = spec.unwrap_or_else(|error| panic!("{error}"));
    let again = Spec::parse(&conviction::model(), &spec.text(), "", Path::new("")).unwrap();
    assert_eq!(again.text(), spec.text());
    let columns: Vec<_> = spec
        .model
        .columns("runs")
        .into_iter()
        .map(|c| c.name)
        .collect();
    for name in [
        "take",
        "take_share",
        "grants",
        "first_grant_day",
        "days_to_half",
        "cost",
    ] {
        for attacker in 0..2 {
            let column = format!("attacker_{attacker}_{name}");
            assert!(columns.contains(&column), "{column}");
        }
    }
    assert_eq!(Plan::new(spec).unwrap().points, 6);
    let nine = "[[attacker]]\n".repeat(9);
    let many = Spec::parse(&conviction::model(), &nine, "spec.toml", Path::new(""));
    let message = many
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(message.contains("expected at most 8"), "{message}");
}

/// A setting is whole only with what each attacker says.
#[test]
fn settings_of_attackers_are_read_back() {
    let model = model(&["attacker"]);
    let values = values! { "attacker.0.strategy": "renter", "attacker.0.compound": true };
    let setting: Setting = setting(&model, values);
    let attack: Vec<_> = setting
        .each::<conviction::voting::attackers::Attack>()
        .collect();
    assert_eq!(attack.len(), 1);
    assert!(attack[0].compound && !attack[0].eager);
    assert_eq!(
        attack[0].strategy,
        conviction::voting::attackers::Strategy::Renter
    );
}

#[test]
fn the_report_of_a_run_draws_what_attackers_take() {
    let place = crate::common::Place::new();
    let run = ["run", "-q", "--set", "days=20", "--out", "one"];
    let attack = ["--set", "attacker.0.share=0.2", "--set", "rho=0.001"];
    place.run(0, &[&run[..], &attack].concat());
    place.run(0, &["report", "one", "--out", "one.html"]);
    let page = std::fs::read_to_string(place.path("one.html")).unwrap();
    assert!(page.contains("What each attacker has taken so far"));
    place.run(0, &["run", "-q", "--set", "days=2", "--out", "none"]);
    place.run(0, &["report", "none", "--out", "none.html"]);
    let page = std::fs::read_to_string(place.path("none.html")).unwrap();
    assert!(!page.contains("attacker"));
}
