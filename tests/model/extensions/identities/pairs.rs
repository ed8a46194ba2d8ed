//! Pairs of extensions that act on each other, followed by hand through the tables of runs.

use super::world::World;
use crate::common::extensions::with;
use crate::runs::{numbers, simulate};
use conviction::contract::{tokens, units};
use conviction::engine::{Extensions, Model, Setting};
use conviction::voting::conviction::Conviction;
use std::collections::{BTreeMap, BTreeSet};

fn close(found: f64, expected: f64, what: impl std::fmt::Display) {
    let apart = (found - expected).abs();
    assert!(
        apart <= 1e-9 * found.abs().max(expected.abs()).max(1e-6),
        "{what}: {found}, not {expected}"
    );
}

fn model(on: &[&str]) -> Model {
    let extensions = on
        .iter()
        .fold(Extensions::default(), |all, name| all.with(name, 1));
    conviction::model().with_extensions(&extensions).unwrap()
}

/// Runs of a setting in so many worlds.
fn worlds(model: &Model, setting: &Setting, count: u64) -> Vec<World> {
    (0..count)
        .map(|world| {
            let name = format!("world {world}");
            World::of(name, model, setting, 5, world).expect("a run that reaches its horizon")
        })
        .collect()
}

/// Who has left has no opinion: as many proposals arrive as the median of those present says, one where it is not
/// below 0, else two; they must arrive where (1 − median) F / R is 1 or more, and three do without candidates.
#[test]
fn proposals_arrive_by_the_median_of_those_present() {
    let on = model(&["market"]);
    let exits = [
        ("market.exit_rate", 0.3),
        ("market.exit_below", 1.0),
        ("days", 60.0),
    ];
    let (mut arrived, mut must, mut left) = (BTreeMap::new(), 0, 0.0);
    for world in worlds(&on, &with(&on, &exits, &[]), 12) {
        for day in 1..world.proposals.len() {
            let candidates = world.proposals[day - 1]
                .iter()
                .filter(|of| of.is_candidate());
            let requested: f64 = candidates.map(|of| of.requested).sum();
            let new = world.proposals[day].len() - world.proposals[day - 1].len();
            if requested == 0.0 {
                assert_eq!(new, 3);
                continue;
            }
            let mut opinions: Vec<f64> = world.edges[day - 1]
                .iter()
                .map(|edge| edge.affinity)
                .collect();
            opinions.sort_by(f64::total_cmp);
            let n = opinions.len();
            let median = (opinions[(n - 1) / 2] + opinions[n / 2]) / 2.0;
            let expected = 1 + usize::from(median < f64::MIN_POSITIVE);
            let surely = (1.0 - median) * world.days("funds")[day - 1] / requested >= 1.0;
            assert!(
                new == expected || (new == 0 && !surely),
                "{}, day {day}: {new} by a median of {median}",
                world.name
            );
            must += usize::from(surely);
            *arrived.entry(new).or_insert(0) += 1;
        }
        left += world.days("participants_left").last().unwrap();
    }
    assert!(left > 100.0, "{left} left");
    assert!(must > 20, "{must} days on which proposals must arrive");
    assert!(arrived[&1] > 20 && arrived[&2] > 20, "{arrived:?}");
}

/// The mood is the mean of those who were present when the day's news came.
#[test]
fn the_mood_is_the_mean_of_those_present() {
    let on = model(&["market", "outcomes"]);
    let fade = 0.01;
    let values = [
        ("market.exit_rate", 0.3),
        ("market.exit_below", 1.0),
        ("outcomes.fade", fade),
        ("days", 40.0),
    ];
    let setting = with(&on, &values, &[("outcomes.mood", "mean")]);
    let (mut compared, mut after_exits) = (0, 0);
    for world in worlds(&on, &setting, 6) {
        let left = world.days("participants_left");
        for day in 1..world.people.len() {
            let before: BTreeMap<u32, f64> = world.people[day - 1]
                .iter()
                .map(|of| (of.id, of.sentiment))
                .collect();
            let now: BTreeMap<u32, f64> = world.people[day]
                .iter()
                .map(|of| (of.id, of.sentiment))
                .collect();
            let gone = before.keys().filter(|id| !now.contains_key(id)).count();
            if left[day] - left[day - 1] != gone as f64 {
                // Somebody came and left on this day: no table has them.
                continue;
            }
            let mut present: Vec<f64> = before.values().map(|s| (s - fade).max(0.0)).collect();
            present.extend(
                now.iter()
                    .filter(|(id, _)| !before.contains_key(id))
                    .map(|(_, s)| *s),
            );
            let mean = present.iter().sum::<f64>() / present.len() as f64;
            close(
                world.days("sentiment")[day],
                mean,
                format_args!("{}, day {day}", world.name),
            );
            compared += 1;
            after_exits += usize::from(left[day - 1] > 0.0);
        }
    }
    assert!(
        compared > 150 && after_exits > 100,
        "{compared} {after_exits}"
    );
}

/// T of each day, solved from the triggers of candidates: y* = ρT / ((1 − α)(β − r/F)²), of the evening before.
fn counted(world: &World, day: usize) -> Option<f64> {
    let p: Conviction = world.conviction(day);
    let funds = world.days("funds")[day - 1];
    let of = world.proposals[day]
        .iter()
        .find(|of| of.is_candidate() && of.trigger.is_finite())?;
    let headroom = p.beta - of.requested / funds;
    Some(of.trigger * (1.0 - p.alpha) * headroom * headroom / p.rho)
}

/// An attacker's stakes count as staked.
#[test]
fn stakes_of_attackers_count() {
    let on = model(&["voting", "attacker"]);
    let values = [
        ("voting.abstain", 0.1),
        ("attacker.0.share", 0.15),
        ("days", 30.0),
    ];
    let setting = with(&on, &values, &[("voting.counted", "staked")]);
    let mut compared = 0;
    for world in worlds(&on, &setting, 3) {
        for day in 2..world.people.len() {
            let voting = world.days("effective_supply")[day - 1];
            let attack = world.of_attackers("stake", day - 1)[0];
            let staked = world.staked(day - 1) + attack;
            if let (Some(counted), true) = (counted(&world, day), attack > 0.0) {
                let expected = staked + 0.1 * (voting - staked);
                close(counted, expected, format_args!("{}, day {day}", world.name));
                compared += 1;
            }
        }
    }
    assert!(compared > 50, "{compared}");
}

/// The accounts of an attacker have points of their own: √m times as many for m accounts.
#[test]
fn accounts_of_attackers_have_points() {
    let on = model(&["voting", "attacker"]);
    let values = [
        ("attacker.0.share", 0.15),
        ("attacker.0.accounts", 9.0),
        ("min_supp", 0.1),
        ("days", 30.0),
    ];
    let words = [
        ("voting.points", "quadratic"),
        ("attacker.0.strategy", "sybil"),
    ];
    let mut compared = 0;
    for world in worlds(&on, &with(&on, &values, &words), 3) {
        for day in 2..world.people.len() {
            let honest: f64 = world.people[day - 1]
                .iter()
                .map(|of| of.holdings.sqrt())
                .sum();
            let attack = world.of_attackers("holdings", day - 1)[0];
            let points = 9.0 * (attack / 9.0).sqrt();
            if let Some(counted) = counted(&world, day) {
                close(
                    counted,
                    honest + points,
                    format_args!("{}, day {day}", world.name),
                );
                compared += 1;
            }
            // All of its points are staked where it asks for something.
            let staked = world.of_attackers("stake", day)[0];
            let now = world.of_attackers("holdings", day)[0];
            if staked > 0.0 {
                close(staked, 9.0 * (now / 9.0).sqrt(), "points staked");
            }
        }
    }
    assert!(compared > 50, "{compared}");
}

/// Each edge accrues by the α of its day; the second of two changes rescales what the first has left.
#[test]
fn the_second_of_two_changes_rescales_by_the_alpha_before_it() {
    let mut on = Extensions::default().with("change", 2);
    for copy in 0..2 {
        on = on.overriding("change", copy, "half_life_days");
    }
    let on = conviction::model().with_extensions(&on).unwrap();
    let values = [
        ("change.0.day", 10.0),
        ("change.0.half_life_days", 9.0),
        ("change.1.day", 20.0),
        ("change.1.half_life_days", 2.0),
        ("days", 30.0),
    ];
    let setting = with(&on, &values, &[("change.1.accrued", "rescale")]);
    let mut rescaled = 0;
    for world in worlds(&on, &setting, 3) {
        for day in 1..world.edges.len() {
            let alpha = |day: usize| world.conviction(day).alpha;
            let factor = match day {
                20 => (1.0 - alpha(19)) / (1.0 - alpha(20)),
                _ => 1.0,
            };
            assert_eq!(alpha(day) != alpha(day - 1), day == 10 || day == 20);
            let before: BTreeMap<(u32, u32), f64> = world.edges[day - 1]
                .iter()
                .map(|edge| ((edge.participant, edge.proposal), edge.conviction))
                .collect();
            for edge in &world.edges[day] {
                let Some(was) = before.get(&(edge.participant, edge.proposal)) else {
                    continue;
                };
                let expected = edge.tokens + alpha(day) * factor * was;
                close(
                    edge.conviction,
                    expected,
                    format_args!("{}, day {day}", world.name),
                );
                rescaled += usize::from(day == 20 && *was > 0.0);
            }
            // A candidate's conviction is that of its edges.
            for of in world.proposals[day].iter().filter(|of| of.is_candidate()) {
                let own = world.edges[day]
                    .iter()
                    .filter(|edge| edge.proposal == of.id);
                let sum: f64 = own.map(|edge| edge.conviction).sum();
                close(
                    of.conviction,
                    sum,
                    format_args!("{}, day {day}", world.name),
                );
            }
        }
    }
    assert!(rescaled > 100, "{rescaled}");
}

/// The fee of the market, in `tests` of a share φ of what is paid.
const FEE: f64 = 0.003;

/// A pool by hand: Honey, xDai, and the fees of a day in either.
#[derive(Clone, Copy)]
struct Hand {
    honey: f64,
    xdai: f64,
    fees: [f64; 2],
    volume: f64,
}

impl Hand {
    /// Half a per cent and more apart from the price outside, somebody trades until the fee takes what is left.
    fn arbitrage(&mut self, outside: f64) {
        let (h, d, left) = (self.honey, self.xdai, 1.0 - FEE);
        if outside * left > d / h {
            let paid = ((outside * h * d * left).sqrt() - d) / left;
            let bought = h * paid * left / (d + paid * left);
            self.honey -= bought;
            self.xdai += paid;
            self.fees = [0.0, paid * FEE];
            self.volume += bought;
        } else if outside < d / h * left {
            let sold = ((h * d * left / outside).sqrt() - h) / left;
            self.honey += sold;
            self.xdai -= d * sold * left / (h + sold * left);
            self.fees = [sold * FEE, 0.0];
            self.volume += sold;
        }
    }

    /// Of the fees a share leaves as Honey: what is in xDai buys it without a fee.
    fn collect(&mut self, share: f64) -> f64 {
        let [honey, xdai] = std::mem::take(&mut self.fees).map(|fee| share * fee);
        self.honey -= honey;
        let bought = self.honey * xdai / self.xdai;
        self.honey -= bought;
        honey + bought
    }
}

/// Arbitrage under a price that moves, and what of its fees reaches the funding pool, day by day.
#[test]
fn arbitrage_pays_its_fee_in_the_token_that_it_brings() {
    let on = model(&["market"]);
    let values = [("market.buyback", 0.25), ("days", 60.0)];
    let words = [("market.reference", "gbm"), ("market.law", "none")];
    let setting = with(&on, &values, &words);
    let (mut ups, mut downs) = (0, 0);
    for world in 0..3 {
        let days = simulate(&on, &["days"], &setting, 5, world).batch("days");
        let of = |column: &str| numbers(&days, column);
        let (outside, honey, xdai) = (of("outside_price"), of("hny_in_pool"), of("xdai_in_pool"));
        let (collected, volume) = (of("fees_to_pool"), of("volume_hny"));
        let mut pool = Hand {
            honey: 0.065 * 22_392.22,
            xdai: 400.0 * 0.065 * 22_392.22,
            fees: [0.0; 2],
            volume: 0.0,
        };
        let mut so_far = 0.0;
        for day in 1..outside.len() {
            let before = pool.honey;
            pool.arbitrage(outside[day]);
            ups += usize::from(pool.honey < before);
            downs += usize::from(pool.honey > before);
            so_far += pool.collect(0.25);
            for (what, found, expected) in [
                ("Honey", honey[day], pool.honey),
                ("xDai", xdai[day], pool.xdai),
                ("fees", collected[day], so_far),
                ("volume", volume[day], pool.volume),
            ] {
                close(
                    found,
                    expected,
                    format_args!("world {world}, day {day}, {what}"),
                );
            }
        }
    }
    assert!(ups > 20 && downs > 20, "{ups} {downs}");
}

/// Liquidity follows what the fees that stay in the pool yield, not those that leave it. On the first day whoever
/// acts moves the wanted share of what it holds; of the rest nothing moves.
#[test]
fn liquidity_follows_the_fees_that_stay() {
    let on = model(&["market"]);
    let (buyback, target, hurdle, speed) = (0.25, 0.4, 2.0, 0.5);
    let values = [
        ("market.buyback", buyback),
        ("market.lp_target", target),
        ("market.lp_hurdle", hurdle),
        ("market.lp_speed", speed),
        ("market.volatility", 0.3),
        ("market.trade_rate", 1.0),
        ("days", 1.0),
    ];
    let words = [("market.reference", "gbm"), ("market.law", "none")];
    let setting = with(&on, &values, &words);
    let mut acted = 0;
    for world in worlds(&on, &setting, 20) {
        let mut pool = Hand {
            honey: 0.065 * 22_392.22,
            xdai: 400.0 * 0.065 * 22_392.22,
            fees: [0.0; 2],
            volume: 0.0,
        };
        pool.arbitrage(world.days("outside_price")[1]);
        let fees = pool.fees[0] * pool.xdai / pool.honey + pool.fees[1];
        let earned = (1.0 - buyback) * fees * 365.0 / (2.0 * pool.xdai) / 30.0;
        let moves = speed * target * (earned / hurdle).min(1.0);
        for (first, then) in world.people[0].iter().zip(&world.people[1]) {
            let moved = 1.0 - then.holdings / first.holdings;
            if moved != 0.0 {
                assert!(
                    (moved - moves).abs() < 1e-9,
                    "{}: {moved}, not {moves}",
                    world.name
                );
                acted += 1;
            }
        }
    }
    assert!(acted > 100, "{acted}");
}

/// A leech whose stake suffices at once is paid as soon as its candidate is older than tmin: eager, it asks again
/// on that day, else on the next.
#[test]
fn an_eager_leech_asks_on_the_day_on_which_it_is_paid() {
    let on = model(&["attacker"]);
    for (eager, tmin, cycle) in [("true", 2.0, 2), ("false", 2.0, 3), ("true", 4.0, 4)] {
        let values = [
            ("attacker.0.share", 0.19),
            ("attacker.0.ask", 1e-4),
            ("half_life_days", 1.0),
            ("base_engagement_rate", 0.0),
            ("tmin", tmin),
            ("days", 30.0),
        ];
        let setting = with(&on, &values, &[("attacker.0.eager", eager)]);
        let left = simulate(&on, &["days"], &setting, 5, 0).batch("days");
        let grants = numbers(&left, "attacker_0_grants");
        let paid: Vec<usize> = (1..grants.len())
            .filter(|&day| grants[day] > grants[day - 1])
            .collect();
        // On the day of asking a candidate's age is 1: it is older than tmin on the tmin-th day after.
        let expected: Vec<usize> = (1 + tmin as usize..=30).step_by(cycle).collect();
        assert_eq!(paid, expected, "eager {eager}, tmin {tmin}");
        assert_eq!(grants[30], expected.len() as f64);
    }
}

/// In the contract newcomers hold whole units, of which a pocket of little Honey has few.
#[test]
fn newcomers_hold_whole_units() {
    let on = conviction::model();
    let values = [
        ("initial.supply", 2e-3),
        ("initial.funds", 1e-3),
        ("min_supp", 0.0),
        ("days", 40.0),
    ];
    let setting = with(&on, &values, &[("arithmetic", "contract")]);
    let mut newcomers = BTreeSet::new();
    for world in worlds(&on, &setting, 3) {
        for person in world
            .people
            .iter()
            .flatten()
            .filter(|person| person.id > 36)
        {
            assert_eq!(tokens(units(person.holdings)), person.holdings);
            newcomers.insert(person.holdings.to_bits());
        }
    }
    assert!(newcomers.len() > 5, "{}", newcomers.len());
}

/// A week from a change on has seven days: what is granted on the eighth is not in it.
#[test]
fn the_week_from_a_change_has_seven_days() {
    let on = Extensions::default().with("change", 1);
    let on = on.overriding("change", 0, "beta");
    let on = conviction::model().with_extensions(&on).unwrap();
    let values = [
        ("change.0.day", 10.0),
        ("change.0.beta", 0.5),
        ("days", 20.0),
    ];
    let mut on_the_eighth = 0;
    for world in worlds(&on, &with(&on, &values, &[]), 20) {
        let granted = world.days("funds_granted");
        let within = world.runs["change_0_funds_granted_within_7_days"][0];
        close(within, granted[16] - granted[9], &world.name);
        on_the_eighth += usize::from(granted[17] > granted[16]);
    }
    assert!(on_the_eighth > 3, "{on_the_eighth}");
}

/// What an attacker takes is held against the pool of the start and all that was minted; its own grants are nobody
/// else's; and half of the pool is half of that of the start, whatever was minted since.
#[test]
fn an_attack_beside_minting_and_honest_grants() {
    let on = model(&["attacker"]);
    let values = [
        ("attacker.0.share", 0.19),
        ("half_life_days", 1.0),
        ("beta", 0.4),
        ("gamma", 0.01),
        ("days", 80.0),
    ];
    let setting = with(&on, &values, &[]);
    let (mut halved, mut later) = (0, 0);
    for world in worlds(&on, &setting, 8) {
        let (funds, total) = (world.days("funds"), world.days("total_supply"));
        let outcome = |column: &str| world.runs[&format!("attacker_0_{column}")][0];
        let (take, grants) = (outcome("take"), outcome("grants"));
        let honest = world.granted().len() as f64;
        assert!(grants > 0.0 && honest > grants, "{}", world.name);
        close(outcome("honest_granted"), honest, &world.name);
        let minted = total[80] - total[0];
        close(
            outcome("take_share"),
            take / (funds[0] + minted),
            &world.name,
        );
        let first = |half: &dyn Fn(usize) -> f64| (1..=80).find(|&day| funds[day] <= half(day));
        let half = first(&|_| funds[0] / 2.0);
        let found = outcome("days_to_half");
        assert_eq!(
            (!found.is_nan()).then_some(found as usize),
            half,
            "{}",
            world.name
        );
        halved += usize::from(half.is_some());
        let of_all = first(&|day| (funds[0] + total[day] - total[0]) / 2.0);
        later += usize::from(half != of_all);
    }
    assert!(halved > 2 && later > 2, "{halved} {later}");
}
