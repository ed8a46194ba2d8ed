//! Every derived column of `runs`, `days` and `run_proposals`, recomputed from finer tables of the same run: over
//! the sweeps of `tests/golden`, in which every extension is at work.

mod pairs;
mod world;

use conviction::engine::Extensions;
use conviction::voting::attackers::Attack;
use conviction::voting::change::Change;
use conviction::voting::supply::Expansion;
use std::collections::{BTreeMap, BTreeSet};
use world::{Granted, World, worlds};

/// A column that follows from finer tables: what a run shows, and what follows.
struct Identity {
    /// Tables and columns, `*` for the number of a copy: `runs.attacker_*_cost`.
    columns: &'static [&'static str],
    check: fn(&World, &mut Found),
}

/// Pairs of what a column says and what follows from finer tables.
#[derive(Default)]
struct Found(BTreeMap<String, Vec<(String, f64, f64)>>);

impl Found {
    fn add(&mut self, column: &str, place: impl std::fmt::Display, found: f64, expected: f64) {
        let pairs = self.0.entry(column.to_owned()).or_default();
        pairs.push((place.to_string(), found, expected));
    }

    /// Adds a column of the days, each with what follows for it.
    fn daily(&mut self, world: &World, column: &str, expected: impl Fn(usize) -> f64) {
        if let Some(values) = world.days.get(column) {
            for (day, &value) in values.iter().enumerate() {
                self.add(&format!("days.{column}"), day, value, expected(day));
            }
        }
    }

    /// Adds an outcome of the run.
    fn outcome(&mut self, world: &World, column: &str, expected: f64) {
        if let Some(values) = world.runs.get(column) {
            self.add(&format!("runs.{column}"), "end", values[0], expected);
        }
    }
}

/// The states of a run: no finer table has them. `tests/golden` pins their numbers.
const STATES: [&str; 14] = [
    "day",
    "funds",
    "other_supply",
    "sentiment",
    "donated",
    "staked_in",
    "staked_out",
    "cold",
    "hny_in_pool",
    "xdai_in_pool",
    "outside_price",
    "volume_hny",
    "fees_to_pool",
    "standing_count",
];

/// States of each attacker.
const STATES_OF_ATTACKERS: [&str; 5] = ["take", "grants", "holdings", "stake", "conviction"];

const IDENTITIES: &[Identity] = &[
    Identity {
        columns: &[
            "days.total_supply",
            "days.effective_supply",
            "days.fraction_of_supply_for_voting",
            "days.fraction_of_supply_in_pool",
        ],
        check: supply,
    },
    Identity {
        columns: &["days.streamed"],
        check: pool,
    },
    Identity {
        columns: &["days.minted", "days.burnt"],
        check: issued,
    },
    Identity {
        columns: &["days.participant_count", "days.participants_left"],
        check: counts,
    },
    Identity {
        columns: &[
            "days.traded_net",
            "days.price",
            "runs.price_final",
            "runs.price_least",
        ],
        check: market,
    },
    Identity {
        columns: &["days.candidate_conviction", "days.mean_share_of_trigger"],
        check: conviction,
    },
    Identity {
        columns: &["days.proposals_granted", "days.funds_granted"],
        check: granted,
    },
    Identity {
        columns: &[
            "days.candidate_count",
            "days.active_count",
            "days.completed_count",
            "days.failed_count",
            "days.killed_count",
            "days.candidate_funds",
            "days.active_funds",
            "days.completed_funds",
            "days.failed_funds",
            "days.killed_funds",
            "days.candidate_share",
            "days.active_share",
            "days.completed_share",
            "days.failed_share",
            "days.killed_share",
            "days.candidate_funds_share",
            "days.active_funds_share",
            "days.completed_funds_share",
            "days.failed_funds_share",
            "days.killed_funds_share",
        ],
        check: by_status,
    },
    Identity {
        columns: &[
            "runs.share_of_requests_granted",
            "runs.share_of_funds_granted",
        ],
        check: shares_granted,
    },
    Identity {
        columns: &["runs.least_pool", "runs.mean_sentiment"],
        check: over_days,
    },
    Identity {
        columns: &["runs.mean_days_to_pass", "runs.median_days_to_pass"],
        check: days_to_pass,
    },
    Identity {
        columns: &["runs.days_nothing_could_pass"],
        check: nothing_could_pass,
    },
    Identity {
        columns: &[
            "runs.supply_growth",
            "runs.share_in_pool_least",
            "runs.share_in_pool_final",
        ],
        check: issuance,
    },
    Identity {
        columns: &[
            "runs.attacker_*_share_held",
            "runs.attacker_*_take_share",
            "runs.attacker_*_first_grant_day",
            "runs.attacker_*_days_to_half",
            "runs.attacker_*_cost",
            "runs.attacker_*_token_days",
            "runs.attacker_*_honest_granted",
        ],
        check: attackers,
    },
    Identity {
        columns: &[
            "runs.change_*_granted_after",
            "runs.change_*_days_to_first_grant",
            "runs.change_*_funds_granted_within_7_days",
        ],
        check: changes,
    },
    Identity {
        columns: &[
            "runs.killed_by_conflict",
            "runs.conflicting_pairs_granted",
            "runs.concord_pairs_granted",
            "runs.funds_in_conflict",
        ],
        check: conflict,
    },
    Identity {
        columns: &["runs.mean_own_sentiment_final", "runs.engaged_mean"],
        check: own_sentiment,
    },
    Identity {
        columns: &[
            "runs.gini_initial",
            "runs.gini_final",
            "runs.nakamoto_initial",
            "runs.nakamoto_final",
            "runs.top1_initial",
            "runs.top1_final",
            "runs.top10_initial",
            "runs.top10_final",
            "runs.effective_holders_initial",
            "runs.effective_holders_final",
        ],
        check: concentration,
    },
    Identity {
        columns: &["runs.counted_mean", "runs.gini_of_weight"],
        check: turnout,
    },
    Identity {
        columns: &[
            "run_proposals.proposal",
            "run_proposals.status",
            "run_proposals.funds_requested",
            "run_proposals.day_created",
            "run_proposals.day_left",
            "run_proposals.day_passed",
            "run_proposals.days_to_pass",
            "run_proposals.conviction_passed",
            "run_proposals.trigger_passed",
            "run_proposals.supporters",
            "run_proposals.tokens_affinity_negative",
            "run_proposals.tokens_affinity_low",
            "run_proposals.tokens_affinity_high",
        ],
        check: proposals,
    },
];

fn sum(numbers: impl IntoIterator<Item = f64>) -> f64 {
    numbers.into_iter().fold(0.0, |sum, number| sum + number)
}

fn mean(numbers: &[f64]) -> f64 {
    sum(numbers.iter().copied()) / numbers.len() as f64
}

fn supply(world: &World, found: &mut Found) {
    let of = |column: &str| world.days(column);
    let (funds, voting) = (of("funds"), of("effective_supply"));
    let (other, total) = (of("other_supply"), of("total_supply"));
    found.daily(world, "total_supply", |day| {
        funds[day] + voting[day] + other[day]
    });
    found.daily(world, "fraction_of_supply_for_voting", |day| {
        voting[day] / total[day]
    });
    if world.word("rules.pool_metric") == "v3" {
        found.daily(world, "fraction_of_supply_in_pool", |day| {
            total[day] / funds[day]
        });
    } else {
        found.daily(world, "fraction_of_supply_in_pool", |day| {
            funds[day] / total[day]
        });
    }
    if world.word("rules.accounting") == "corrected" {
        found.daily(world, "effective_supply", |day| {
            let held = sum(world.people[day].iter().map(|person| person.holdings));
            // A renter's tokens are lent: they are the participants' no more.
            held + sum(world.of_attackers("holdings", day))
        });
    }
}

/// F changes by what is minted, burnt, given, granted, taken, streamed, and collected at the market.
fn pool(world: &World, found: &mut Found) {
    let of = |column: &str, day: usize| world.days.get(column).map_or(0.0, |values| values[day]);
    let (funds, total) = (world.days("funds"), world.days("total_supply"));
    let (mut minted, last) = (0.0, funds.len() - 1);
    let mut streamed = vec![0.0; funds.len()];
    for day in 1..=last {
        if !world.has("minted") {
            minted += world.group::<Expansion>(day).gamma * total[day - 1];
        }
        let into = minted + of("minted", day) - of("burnt", day) + of("donated", day);
        let out = of("funds_granted", day) + sum(world.of_attackers("take", day));
        streamed[day] = funds[0] + into + of("fees_to_pool", day) - out - funds[day];
    }
    // Where nothing streams, what is left over is 0.
    for (day, &left) in streamed.iter().enumerate() {
        found.add("days.streamed", day, of("streamed", day), left);
    }
}

/// S changes by what is minted and burnt alone, but for what is given from outside.
fn issued(world: &World, found: &mut Found) {
    if !world.has("minted") {
        return;
    }
    let total = world.days("total_supply");
    let outside = world.has("donated") && world.word("donations.source") == "outside";
    let given = |day: usize| {
        if outside {
            world.days("donated")[day]
        } else {
            0.0
        }
    };
    let change = |day: usize| total[day] - total[day - 1] - given(day) + given(day - 1);
    let so_far = |sign: f64, day: usize| sum((1..=day).map(|day| (sign * change(day)).max(0.0)));
    found.daily(world, "minted", |day| so_far(1.0, day));
    found.daily(world, "burnt", |day| so_far(-1.0, day));
}

fn counts(world: &World, found: &mut Found) {
    found.daily(world, "participant_count", |day| {
        world.people[day].len() as f64
    });
    // Ids are given in order to participants and proposals: whoever has none of those in the tables was a
    // participant who came and left within a day.
    found.daily(world, "participants_left", |day| {
        let present: BTreeSet<u32> = world.people[day].iter().map(|person| person.id).collect();
        let proposals: BTreeSet<u32> = world.proposals[day].iter().map(|of| of.id).collect();
        let known = |id: &u32| present.contains(id) || proposals.contains(id);
        let seen = world.people[..=day]
            .iter()
            .flatten()
            .map(|person| person.id);
        let last = seen.chain(proposals.iter().copied()).max().unwrap_or(0);
        // The last to come may have left at once, and nobody has come since.
        let left = (0..=last).filter(|id| !known(id)).count() as f64;
        let says = world.days("participants_left")[day];
        if says == left + 1.0 { says } else { left }
    });
}

fn market(world: &World, found: &mut Found) {
    if !world.has("price") {
        return;
    }
    let (honey, xdai) = (world.days("hny_in_pool"), world.days("xdai_in_pool"));
    found.daily(world, "price", |day| xdai[day] / honey[day]);
    let price = world.days("price");
    let last = price.len() - 1;
    found.outcome(world, "price_final", price[last]);
    found.outcome(
        world,
        "price_least",
        price.iter().copied().fold(f64::INFINITY, f64::min),
    );
    // On days on which nobody comes, and nothing else moves E, it changes by what is traded.
    if world.has("cold") || world.has("attacker_0_take") || world.number("market.lp_target") > 0.0 {
        return;
    }
    let (net, voting) = (world.days("traded_net"), world.days("effective_supply"));
    let ids = |day: usize| world.people[day].iter().map(|person| person.id);
    for day in 1..=last {
        let newest = |day: usize| ids(day).max();
        let left = world.days("participants_left");
        let all = |day: usize| world.people[day].len() as f64 + left[day];
        if newest(day) == newest(day - 1) && all(day) == all(day - 1) {
            let traded = voting[day] - voting[day - 1];
            found.add("days.traded_net", day, net[day] - net[day - 1], traded);
        }
    }
}

fn conviction(world: &World, found: &mut Found) {
    let candidates = |day: usize| world.proposals[day].iter().filter(|of| of.is_candidate());
    found.daily(world, "candidate_conviction", |day| {
        sum(candidates(day).map(|of| of.conviction))
    });
    found.daily(world, "mean_share_of_trigger", |day| {
        let shares: Vec<f64> = candidates(day)
            .map(|of| match of.trigger.is_nan() {
                // The request cannot pass.
                true => 0.0,
                false => of.conviction / of.trigger,
            })
            .collect();
        // Empty without candidates, and where nothing counts: triggers are then 0.
        match shares.iter().all(|share| share.is_finite()) {
            true => mean(&shares),
            false => f64::NAN,
        }
    });
}

fn granted(world: &World, found: &mut Found) {
    let granted = |day: usize| world.proposals[day].iter().filter(|of| of.is_granted());
    found.daily(world, "proposals_granted", |day| {
        granted(day).count() as f64
    });
    found.daily(world, "funds_granted", |day| {
        sum(granted(day).map(|of| of.requested))
    });
}

fn by_status(world: &World, found: &mut Found) {
    for status in ["candidate", "active", "completed", "failed", "killed"] {
        let group = |day: usize| world.proposals[day].iter().filter(|of| of.status == status);
        let count = |day: usize| group(day).count() as f64;
        let funds = |day: usize| sum(group(day).map(|of| of.requested));
        let all = |day: usize| world.proposals[day].len() as f64;
        let all_funds = |day: usize| sum(world.proposals[day].iter().map(|of| of.requested));
        found.daily(world, &format!("{status}_count"), count);
        found.daily(world, &format!("{status}_funds"), funds);
        found.daily(world, &format!("{status}_share"), |day| {
            count(day) / all(day)
        });
        found.daily(world, &format!("{status}_funds_share"), |day| {
            funds(day) / all_funds(day)
        });
    }
}

fn shares_granted(world: &World, found: &mut Found) {
    let all = world.proposals.last().unwrap();
    let granted = || all.iter().filter(|of| of.is_granted());
    let share = granted().count() as f64 / all.len() as f64;
    found.outcome(world, "share_of_requests_granted", share);
    let requested = sum(all.iter().map(|of| of.requested));
    let share = sum(granted().map(|of| of.requested)) / requested;
    found.outcome(world, "share_of_funds_granted", share);
}

fn over_days(world: &World, found: &mut Found) {
    let least = world
        .days("funds")
        .iter()
        .copied()
        .fold(f64::INFINITY, f64::min);
    found.outcome(world, "least_pool", least);
    found.outcome(world, "mean_sentiment", mean(&world.days("sentiment")[1..]));
}

fn days_to_pass(world: &World, found: &mut Found) {
    let mut days: Vec<f64> = world.granted().iter().map(|of| of.days as f64).collect();
    days.sort_by(f64::total_cmp);
    found.outcome(world, "mean_days_to_pass", mean(&days));
    let middle = match days.len() {
        0 => f64::NAN,
        n => (days[(n - 1) / 2] + days[n / 2]) / 2.0,
    };
    found.outcome(world, "median_days_to_pass", middle);
}

/// F as proposals are judged: of the evening before, with what the day issued and was given.
fn judged_by(world: &World, day: usize) -> f64 {
    let of = |column: &str| {
        let values = world.days.get(column);
        values.map_or(0.0, |values| values[day] - values[day - 1])
    };
    let minted = match world.has("minted") {
        true => of("minted") - of("burnt"),
        false => world.group::<Expansion>(day).gamma * world.days("total_supply")[day - 1],
    };
    world.days("funds")[day - 1] + minted + of("donated")
}

fn nothing_could_pass(world: &World, found: &mut Found) {
    if world.word("arithmetic") != "real" {
        return;
    }
    let mut days = 0;
    for day in 1..world.proposals.len() {
        let p = world.conviction(day);
        let most = (p.beta - p.rho.sqrt()) * judged_by(world, day);
        let before = |id: u32| world.proposals[day - 1].iter().find(|of| of.id == id);
        let candidates = world.proposals[day]
            .iter()
            .filter(|of| match before(of.id) {
                Some(before) => before.is_candidate(),
                None => true,
            });
        // Standing proposals request nothing, and never pass.
        let mut requests = candidates.map(|of| of.requested).filter(|&r| r > 0.0);
        days += usize::from(!requests.any(|requested| requested < most));
    }
    found.outcome(world, "days_nothing_could_pass", days as f64);
}

fn issuance(world: &World, found: &mut Found) {
    let (funds, total) = (world.days("funds"), world.days("total_supply"));
    let shares: Vec<f64> = funds.iter().zip(total).map(|(f, s)| f / s).collect();
    let last = shares.len() - 1;
    found.outcome(world, "supply_growth", total[last] / total[0] - 1.0);
    let least = shares.iter().copied().fold(f64::INFINITY, f64::min);
    found.outcome(world, "share_in_pool_least", least);
    found.outcome(world, "share_in_pool_final", shares[last]);
}

fn attackers(world: &World, found: &mut Found) {
    let attacks: Vec<Attack> = world.setting.each().collect();
    let (funds, total) = (world.days("funds"), world.days("total_supply"));
    let last = funds.len() - 1;
    let first = |is: &dyn Fn(usize) -> bool| {
        let day = (1..=last).find(|&day| is(day));
        day.map_or(f64::NAN, |day| day as f64)
    };
    for (copy, attack) in attacks.iter().enumerate() {
        let of = |column: &str| world.days(&format!("attacker_{copy}_{column}"));
        let end = |column: &str| world.days.get(column).map_or(0.0, |values| values[last]);
        let given = match world.has("donated") && world.word("donations.source") == "other" {
            true => end("donated"),
            false => 0.0,
        };
        let entered = funds[0] + total[last] - total[0] + given + end("fees_to_pool");
        let strategy = world.word(&format!("attacker.{copy}.strategy"));
        let rented = match strategy.as_str() {
            "renter" => sum(of("holdings").iter().copied()),
            _ => 0.0,
        };
        // As it enters, if nobody else then moves tokens.
        let from = attack.from as usize;
        if attacks.len() == 1 && from <= last && strategy != "renter" && !attack.compound {
            let held = of("holdings")[from] / world.days("effective_supply")[from];
            found.outcome(world, &format!("attacker_{copy}_share_held"), held);
        }
        let granted = world.proposals[last].iter().filter(|of| of.is_granted());
        for (column, expected) in [
            ("take_share", of("take")[last] / entered),
            ("first_grant_day", first(&|day| of("grants")[day] > 0.0)),
            ("days_to_half", first(&|day| funds[day] <= funds[0] / 2.0)),
            ("cost", attack.rent * rented),
            ("token_days", sum(of("stake").iter().copied())),
            ("honest_granted", granted.count() as f64),
        ] {
            found.outcome(world, &format!("attacker_{copy}_{column}"), expected);
        }
    }
}

fn changes(world: &World, found: &mut Found) {
    let changes: Vec<Change> = world.setting.each().collect();
    let (count, funds) = (world.days("proposals_granted"), world.days("funds_granted"));
    let last = count.len() - 1;
    for (copy, change) in changes.iter().enumerate() {
        let day = change.day as usize;
        let first = (day..=last).find(|&at| count[at] > count[day - 1]);
        for (column, expected) in [
            ("granted_after", count[last] - count[day - 1]),
            (
                "days_to_first_grant",
                first.map_or(f64::NAN, |at| (at - day) as f64),
            ),
            (
                "funds_granted_within_7_days",
                funds[last.min(day + 6)] - funds[day - 1],
            ),
        ] {
            found.outcome(world, &format!("change_{copy}_{column}"), expected);
        }
    }
}

fn conflict(world: &World, found: &mut Found) {
    if !world.runs.contains_key("killed_by_conflict") {
        return;
    }
    let granted: BTreeMap<u32, Granted> =
        world.granted().into_iter().map(|of| (of.id, of)).collect();
    let (mut pairs, mut in_conflict) = ([BTreeSet::new(), BTreeSet::new()], BTreeSet::new());
    for edge in &world.conflict {
        let (a, b) = (edge.proposal.min(edge.other), edge.proposal.max(edge.other));
        if granted.contains_key(&a) && granted.contains_key(&b) {
            pairs[usize::from(edge.concord)].insert((a, b));
            if !edge.concord {
                in_conflict.extend([a, b]);
            }
        }
    }
    found.outcome(world, "conflicting_pairs_granted", pairs[0].len() as f64);
    found.outcome(world, "concord_pairs_granted", pairs[1].len() as f64);
    let funds = sum(in_conflict.iter().map(|id| granted[id].requested));
    found.outcome(world, "funds_in_conflict", funds);
    // Killed on the day on which a rival was granted.
    let excludes = ["exclude", "both"].contains(&world.word("conflict.acts").as_str());
    let bar = world.number("conflict.bar");
    let killed = world.left("killed").into_iter().filter(|&(id, day)| {
        excludes
            && world.conflict.iter().any(|edge| {
                let bars = !edge.concord && edge.strength >= bar;
                let other = match id {
                    id if id == edge.proposal => edge.other,
                    id if id == edge.other => edge.proposal,
                    _ => return false,
                };
                bars && granted.get(&other).is_some_and(|of| of.day == day)
            })
    });
    found.outcome(world, "killed_by_conflict", killed.count() as f64);
}

fn own_sentiment(world: &World, found: &mut Found) {
    let of = |day: usize| -> Vec<f64> {
        world.people[day]
            .iter()
            .map(|person| person.sentiment)
            .collect()
    };
    let last = world.people.len() - 1;
    found.outcome(world, "mean_own_sentiment_final", mean(&of(last)));
    // Those who leave do so after it is noted how many may act.
    if !world.has("participants_left") {
        let rate = world.number("base_engagement_rate");
        let engaged: Vec<f64> = (1..=last).map(|day| rate * mean(&of(day))).collect();
        found.outcome(world, "engaged_mean", mean(&engaged));
    }
}

/// The Gini coefficient: the mean difference of two holders, over twice the mean.
fn gini(held: &[f64]) -> f64 {
    let differences = held
        .iter()
        .flat_map(|a| held.iter().map(move |b| (a - b).abs()));
    sum(differences) / (2.0 * (held.len() * held.len()) as f64 * mean(held))
}

fn concentration(world: &World, found: &mut Found) {
    let last = world.people.len() - 1;
    for (day, when) in [(0, "initial"), (last, "final")] {
        let people = world.people[day].iter();
        let mut held: Vec<f64> = people
            .map(|person| person.holdings)
            .filter(|&h| h > 0.0)
            .collect();
        held.sort_by(|a, b| b.total_cmp(a));
        let all = sum(held.iter().copied());
        let top = |n: usize| sum(held.iter().take(n).copied()) / all;
        let most = (1..=held.len())
            .find(|&n| top(n) > 0.5 * (1.0 + 1e-12))
            .unwrap();
        let squares = sum(held.iter().map(|h| (h / all) * (h / all)));
        for (column, expected) in [
            ("gini", gini(&held)),
            ("nakamoto", most as f64),
            ("top1", top(1)),
            ("top10", top(10)),
            ("effective_holders", 1.0 / squares),
        ] {
            found.outcome(world, &format!("{column}_{when}"), expected);
        }
    }
}

fn turnout(world: &World, found: &mut Found) {
    if !world.runs.contains_key("counted_mean") {
        return;
    }
    let last = world.people.len() - 1;
    let points = world.word("voting.points");
    let cap = world.number("voting.cap");
    let weight = |held: f64| match points.as_str() {
        "capped" => held.min(cap),
        "quadratic" => held.sqrt(),
        "equal" => f64::from(u8::from(held > 0.0)),
        _ => held,
    };
    let people = world.people[last].iter();
    let weights: Vec<f64> = people.map(|person| weight(person.holdings)).collect();
    found.outcome(world, "gini_of_weight", gini(&weights));
    // What counts is counted after arrivals: E of the day, where nothing moves it later.
    let moves = ["cold", "price", "attacker_1_take"]
        .iter()
        .any(|column| world.has(column));
    let compounds = world.setting.each::<Attack>().any(|attack| attack.compound);
    let stale = world.word("voting.stale") == "keep";
    if points != "tokens" || moves || compounds || stale {
        return;
    }
    let (voting, total) = (world.days("effective_supply"), world.days("total_supply"));
    let abstain = world.number("voting.abstain");
    let counted: Vec<f64> = (1..=last)
        .map(|day| {
            let all = voting[day];
            let staked = match world.word("voting.counted").as_str() {
                "staked" => {
                    (world.staked(day - 1) + sum(world.of_attackers("stake", day - 1))).min(all)
                }
                _ => all,
            };
            let least = world.number("voting.min_share") * total[day];
            (staked + abstain * (all - staked)).max(least) / all
        })
        .collect();
    found.outcome(world, "counted_mean", mean(&counted));
}

fn proposals(world: &World, found: &mut Found) {
    let last = world.proposals.len() - 1;
    let real = world.word("arithmetic") == "real";
    let none = f64::NAN;
    for (row, of) in world.proposals[last].iter().enumerate() {
        let id = of.id;
        let shown = |column: &str| world.run_proposals[column][row];
        let mut add = |column: &str, expected: f64| {
            found.add(
                &format!("run_proposals.{column}"),
                id,
                shown(column),
                expected,
            );
        };
        add("proposal", f64::from(id));
        add("funds_requested", of.requested);
        let is = |day: usize| world.proposals[day].iter().find(|other| other.id == id);
        let created = (0..=last).find(|&day| is(day).is_some()).unwrap();
        add("day_created", created as f64);
        let left = (created..=last).find(|&day| !is(day).unwrap().is_candidate());
        add("day_left", left.map_or(none, |day| day as f64));
        let passed = left.filter(|_| of.is_granted());
        add("day_passed", passed.map_or(none, |day| day as f64));
        add(
            "days_to_pass",
            passed.map_or(none, |day| (day - created) as f64),
        );
        // It passed by what it had the evening before, but for a change of the day.
        let rescaled = |day: usize| world.conviction(day).alpha != world.conviction(day - 1).alpha;
        match passed {
            Some(day) if real && !rescaled(day) => {
                add("conviction_passed", is(day - 1).unwrap().conviction);
            }
            Some(_) => {}
            None => add("conviction_passed", none),
        }
        // E of the moment is that of the evening but for who came; here where nobody did.
        let came = |day: usize| world.people[day].len() != world.people[day - 1].len();
        match passed {
            Some(day) if real && world.is_plain() && !came(day) => {
                let voting = world.days("effective_supply")[day];
                let p = world.conviction(day);
                let headroom = p.beta - of.requested / judged_by(world, day);
                let trigger = p.rho * voting / ((1.0 - p.alpha) * headroom * headroom);
                add("trigger_passed", trigger);
            }
            Some(_) => {}
            None => add("trigger_passed", none),
        }
        // Who supported it is in the edges of the evening before it passed, or of the last.
        let evening = match (left, passed) {
            (None, _) => last,
            (_, Some(day)) => day - 1,
            _ => continue,
        };
        let edges = world.edges[evening]
            .iter()
            .filter(|edge| edge.proposal == id);
        let (mut supporters, mut tokens) = (0.0, [0.0; 3]);
        for edge in edges.filter(|edge| edge.tokens != 0.0) {
            supporters += 1.0;
            let class = if edge.affinity < 0.0 {
                0
            } else if edge.affinity < 0.5 {
                1
            } else {
                2
            };
            tokens[class] += edge.tokens;
        }
        // Whoever attacks from within, or lends, takes stakes back on the morning.
        if world.has("attacker_0_take") && passed.is_some() {
            continue;
        }
        add("supporters", supporters);
        // A conflict damps affinities between the evening and the grant.
        if world.runs.contains_key("killed_by_conflict") && passed.is_some() {
            continue;
        }
        add("tokens_affinity_negative", tokens[0]);
        add("tokens_affinity_low", tokens[1]);
        add("tokens_affinity_high", tokens[2]);
    }
    let shown = &world.run_status;
    let differ = shown
        .iter()
        .zip(&world.proposals[last])
        .filter(|(a, b)| **a != b.status);
    found.add("run_proposals.status", "end", differ.count() as f64, 0.0);
}

/// Whether two numbers are the same but for rounding: sums of thousands of Honey are kept by additions.
fn same(a: f64, b: f64, scale: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(scale)
}

fn starred(column: &str) -> String {
    let numbered = column.split('_').map(|part| match part.parse::<u32>() {
        Ok(_) if column.contains("attacker_") || column.contains("change_") => "*",
        _ => part,
    });
    let text = numbered.collect::<Vec<_>>().join("_");
    // The 7 of a name is no copy's number.
    text.replace("within_*_days", "within_7_days")
}

#[test]
fn derived_columns_follow_from_finer_tables() {
    let mut compared: BTreeMap<String, (usize, BTreeSet<String>)> = BTreeMap::new();
    for world in worlds() {
        let mut found = Found::default();
        for identity in IDENTITIES {
            (identity.check)(&world, &mut found);
        }
        for (column, pairs) in found.0 {
            let (count, values) = compared.entry(starred(&column)).or_default();
            for (place, found, expected) in pairs {
                // What is left over of a pool of thousands is rounded as they are.
                let scale = if column.ends_with("streamed") {
                    1e4
                } else {
                    1.0
                };
                assert!(
                    same(found, expected, scale),
                    "{}, {column}, {place}: is {found}, but by finer tables {expected}",
                    world.name
                );
                *count += 1;
                if values.len() < 3 {
                    values.insert(format!("{found:?}"));
                }
            }
        }
        // What days and runs both say is the same where the run ends.
        for (column, values) in &world.runs {
            if let Some(days) = world.days.get(column) {
                let last = days.last().unwrap();
                let same = values[0] == *last || (values[0].is_nan() && last.is_nan());
                assert!(same, "{}, {column}: {} {last}", world.name, values[0]);
            }
        }
    }
    // Each identity has been seen at work, on more than one value.
    for column in IDENTITIES.iter().flat_map(|identity| identity.columns) {
        let (count, values) = compared.get(*column).cloned().unwrap_or_default();
        let constant = *column == "run_proposals.status";
        assert!(
            count > 3 && (constant || values.len() > 1),
            "{column}: compared {count} times, found {values:?}"
        );
    }
}

#[test]
fn every_column_is_a_state_or_follows() {
    let model = conviction::model();
    let known = model.extensions().iter();
    let all = known.fold(Extensions::default(), |on, of| on.with(of.name, 1));
    let all = model.with_extensions(&all).unwrap();
    let derived: BTreeSet<&str> = IDENTITIES
        .iter()
        .flat_map(|of| of.columns)
        .copied()
        .collect();
    let columns = |table: &str| -> BTreeSet<String> {
        all.columns(table)
            .into_iter()
            .map(|of| starred(&of.name))
            .collect()
    };
    let days = columns("days");
    let states: BTreeSet<String> = STATES
        .iter()
        .map(|&state| state.to_owned())
        .chain(STATES_OF_ATTACKERS.map(|state| format!("attacker_*_{state}")))
        .collect();
    let mut unknown = Vec::new();
    for table in ["runs", "days", "run_proposals"] {
        for column in columns(table) {
            let follows = derived.contains(format!("{table}.{column}").as_str());
            let is_of_days = table == "runs" && days.contains(&column);
            let is_state = table == "days" && states.contains(&column);
            if !(follows || is_of_days || is_state) {
                unknown.push(format!("{table}.{column}"));
            }
        }
    }
    assert!(
        unknown.is_empty(),
        "in no identity:\n{}",
        unknown.join("\n")
    );
    // Nothing is listed that is not there.
    for column in &derived {
        let (table, column) = column.split_once('.').unwrap();
        assert!(columns(table).contains(column), "{table} has no {column}");
    }
    assert!(states.is_subset(&days), "{states:?}");
}
