//! What counts as voting: turnout, stale stakes, a least share and conviction, points; and that what is off,
//! or says what the published model says, changes nothing.

use crate::common::extensions::{model, with};
use crate::runs::{numbers, numbers_or_nan, simulate};
use arrow_array::RecordBatch;
use conviction::engine::{Model, Setting, Simulator, Value};
use conviction::study::{Plan, Spec};
use conviction::voting::conviction::{Conviction, conviction_after, max_conviction};
use conviction::voting::mechanism::Chain;
use std::collections::BTreeMap;
use std::path::Path;

fn on() -> Model {
    model(&["voting"])
}

/// What a run left in tables of every day.
struct Days {
    days: RecordBatch,
    proposals: RecordBatch,
    edges: RecordBatch,
    people: RecordBatch,
}

impl Days {
    fn of(model: &Model, setting: &Setting, world: u64) -> Self {
        let tables = ["days", "proposals", "support_edges", "participants"];
        let mut left = simulate(model, &tables, setting, 5, world);
        let [days, proposals, edges, people] = tables.map(|table| left.batch(table));
        Self {
            days,
            proposals,
            edges,
            people,
        }
    }

    /// A column of the days: by day.
    fn column(&self, name: &str) -> Vec<f64> {
        numbers(&self.days, name)
    }

    /// The tokens staked at the end of each day: by participant and proposal.
    fn stakes(&self) -> Vec<BTreeMap<(u32, u32), f64>> {
        let [day, who, on, tokens] =
            ["day", "participant", "proposal", "tokens"].map(|column| numbers(&self.edges, column));
        let mut stakes = vec![BTreeMap::new(); self.days.num_rows()];
        for row in 0..day.len() {
            stakes[day[row] as usize].insert((who[row] as u32, on[row] as u32), tokens[row]);
        }
        stakes
    }

    /// Day, request and trigger of each candidate on each day.
    fn triggers(&self) -> Vec<(usize, f64, f64)> {
        let [day, requested] =
            ["day", "funds_requested"].map(|column| numbers(&self.proposals, column));
        let trigger = numbers_or_nan(&self.proposals, "trigger");
        let rows = (0..day.len()).filter(|&row| day[row] > 0.0 && trigger[row].is_finite());
        rows.map(|row| (day[row] as usize, requested[row], trigger[row]))
            .collect()
    }

    /// What counted in each day's triggers: T, solved from the formula.
    fn counted(&self, p: &Conviction) -> BTreeMap<usize, f64> {
        let funds = self.column("funds");
        let of = |(day, requested, trigger): (usize, f64, f64)| {
            let headroom = p.beta - requested / funds[day - 1];
            (day, trigger * (1.0 - p.alpha) * headroom * headroom / p.rho)
        };
        self.triggers().into_iter().map(of).collect()
    }
}

fn close(found: f64, expected: f64) {
    assert!(
        (found / expected - 1.0).abs() < 1e-9,
        "{found}, not {expected}"
    );
}

fn sum(stakes: &BTreeMap<(u32, u32), f64>) -> f64 {
    stakes.values().sum()
}

#[test]
fn the_share_that_votes_is_a_key() {
    let model = conviction::model();
    for share in [0.8, 0.1, 1.0] {
        let setting = with(
            &model,
            &[("days", 1.0), ("initial.voting_share", share)],
            &[],
        );
        let effective = simulate(&model, &["days"], &setting, 1, 0).batch("days");
        close(
            numbers(&effective, "effective_supply")[0],
            share * (22392.22 - 4867.21),
        );
    }
    assert!(model.setting().with("initial.voting_share", 0.0).is_err());
}

/// Of docs.gardens.fund: 10 % of the weight, half-life 7 days; after 14 days conviction is 7.5 %.
#[test]
fn the_worked_example_of_gardens() {
    let alpha = libm::pow(2.0, -1.0 / 7.0);
    let reached = conviction_after(0.0, 0.1, alpha, 14.0) / max_conviction(1.0, alpha);
    assert!((reached - 0.075).abs() < 1e-12, "{reached}");
}

#[test]
fn what_counts_all_changes_nothing_to_the_bit() {
    let (off, on) = (conviction::model(), on());
    let all: [&[(&str, &str)]; 3] = [
        &[],
        &[("voting.counted", "staked")],
        &[("voting.counted", "staked"), ("voting.stale", "keep")],
    ];
    for arithmetic in ["real", "contract"] {
        let plain = with(&off, &[], &[("arithmetic", arithmetic)]);
        for words in all {
            let mut words = words.to_vec();
            words.push(("arithmetic", arithmetic));
            let setting = with(&on, &[], &words);
            for world in 0..4 {
                let one = Simulator::new(&off, &["runs"]).outcome("runs", &plain, 9, world);
                let other = Simulator::new(&on, &["runs"]).outcome("runs", &setting, 9, world);
                let (one, other) = (one.unwrap(), other.unwrap());
                for column in off.columns("runs") {
                    let shown = |value: Option<Value>| format!("{value:?}");
                    let name = &column.name;
                    assert_eq!(shown(one.get(name)), shown(other.get(name)), "{name}");
                }
                assert_eq!(other.number("counted_mean"), 1.0);
            }
        }
    }
}

#[test]
fn what_is_staked_counts() {
    let model = on();
    for abstain in [0.0, 0.5] {
        let keys = [
            ("days", 40.0),
            ("voting.abstain", abstain),
            ("voting.min_share", 0.02),
        ];
        let setting = with(&model, &keys, &[("voting.counted", "staked")]);
        let run = Days::of(&model, &setting, 1);
        let stakes = run.stakes();
        let [effective, total] = ["effective_supply", "total_supply"].map(|name| run.column(name));
        let mut least = 0;
        for (day, counted) in run.counted(&setting.group()) {
            let staked = sum(&stakes[day - 1]);
            let share = staked + abstain * (effective[day - 1] - staked);
            close(counted, share.max(0.02 * total[day - 1]));
            least += usize::from(share < 0.02 * total[day - 1]);
        }
        assert!(
            abstain > 0.0 || least > 0,
            "on the first day nothing is staked"
        );
    }
    // Nothing staked and no abstention counted: no trigger, but no run that breaks.
    let setting = with(
        &model,
        &[("voting.abstain", 0.0)],
        &[("voting.counted", "staked")],
    );
    let outcome = Simulator::new(&model, &["runs"])
        .outcome("runs", &setting, 5, 1)
        .unwrap();
    let counted = outcome.number("counted_mean");
    assert!((0.05..0.95).contains(&counted), "{counted}");
}

/// Where everybody leaves, the mean is over the days on which somebody might vote.
#[test]
fn days_without_voters_count_for_nothing() {
    let model = crate::common::extensions::model(&["voting", "market", "outcomes"]);
    let mut deserted = 0;
    for points in ["quadratic", "equal", "capped"] {
        let numbers = [("market.exit_rate", 0.3), ("outcomes.fade", 0.1)];
        let setting = with(&model, &numbers, &[("voting.points", points)]);
        for world in 0..40 {
            let mut simulator = Simulator::new(&model, &["runs"]);
            let outcome = simulator.outcome("runs", &setting, 0, world).unwrap();
            assert!(outcome.failure.is_none());
            // All points count.
            assert_eq!(
                outcome.number("counted_mean"),
                1.0,
                "{points}, world {world}"
            );
            deserted += u32::from(outcome.number("effective_supply") < 1e-9);
        }
    }
    assert!(deserted > 0, "somebody always stays");
}

/// Stakes on what was granted count until their holders act.
#[test]
fn stale_stakes_count_until_their_holders_act() {
    let model = on();
    let mut seen = 0;
    for world in 0..6 {
        let keys = [("days", 60.0), ("voting.abstain", 0.0)];
        let words = [("voting.counted", "staked"), ("voting.stale", "keep")];
        let setting = with(&model, &keys, &words);
        let run = Days::of(&model, &setting, world);
        let (stakes, granted) = (run.stakes(), run.column("proposals_granted"));
        let effective = run.column("effective_supply");
        let counted = run.counted(&setting.group());
        // The first grant, and what was staked on it by those who moved nothing that day.
        let Some(day) = granted.iter().position(|&count| count > 0.0) else {
            continue;
        };
        let (before, after) = (&stakes[day - 1], &stakes[day]);
        let (mut idle, mut unknown) = (0.0, 0.0);
        for (&(who, proposal), &tokens) in before {
            if tokens == 0.0 || after.contains_key(&(who, proposal)) {
                continue;
            }
            // On what was no candidate any more that evening, nobody has anything.
            let remains = |on: u32| after.keys().any(|(_, other)| *other == on);
            let of = |stakes: &BTreeMap<(u32, u32), f64>| -> Vec<f64> {
                let own = stakes
                    .iter()
                    .filter(|((of, on), _)| *of == who && remains(*on));
                own.map(|(_, tokens)| *tokens)
                    .filter(|&tokens| tokens > 0.0)
                    .collect()
            };
            match (of(before), of(after)) {
                (before, after) if before != after => {}
                (before, _) if before.is_empty() => unknown += tokens,
                _ => idle += tokens,
            }
        }
        let Some(counted) = counted.get(&(day + 1)) else {
            continue;
        };
        let stale = counted - sum(after);
        assert!(
            stale > idle - 1e-6 && stale < idle + unknown + 1e-6,
            "{stale}: {idle}, {unknown}"
        );
        seen += usize::from(idle > 0.0);
        for (day, counted) in run.counted(&setting.group()) {
            let least = sum(&stakes[day - 1]);
            assert!(counted > least - 1e-6 && counted < effective[day - 1] + 1e-6);
        }
    }
    assert!(seen > 1, "{seen}");
}

#[test]
fn a_least_conviction_stands_under_every_trigger() {
    let (off, model) = (conviction::model(), on());
    let setting = with(&model, &[("days", 40.0), ("voting.min_points", 0.1)], &[]);
    let p: Conviction = setting.group();
    let run = Days::of(&model, &setting, 2);
    let (funds, effective) = (run.column("funds"), run.column("effective_supply"));
    let mut raised = 0;
    for (day, requested, found) in run.triggers() {
        let (funds, effective) = (funds[day - 1], effective[day - 1]);
        let formula = conviction::voting::conviction::trigger(requested, funds, effective, &p);
        let least = 0.1 * effective / (1.0 - p.alpha);
        close(found, formula.max(least));
        raised += usize::from(formula < least);
    }
    assert!(raised > 0);
    let granted = |setting: &Setting, model: &Model| -> f64 {
        let mut simulator = Simulator::new(model, &["runs"]);
        let mut of = |world| simulator.outcome("runs", setting, 5, world).unwrap();
        (0..20)
            .map(|world| of(world).number("proposals_granted"))
            .sum()
    };
    let of_least = |least| granted(&with(&model, &[("voting.min_points", least)], &[]), &model);
    let published = granted(&off.setting(), &off);
    assert_eq!(of_least(0.0), published);
    // Below the least of the formula, it changes nothing.
    assert_eq!(of_least(0.0624), published);
    assert!(of_least(0.12) < published);
    assert_eq!(of_least(1.0), 0.0);
}

#[test]
fn stakes_are_split_from_points() {
    let model = on();
    let weight = |points: &str, held: f64| match points {
        "capped" => held.min(300.0),
        "quadratic" => held.sqrt(),
        _ => 1.0,
    };
    for points in ["capped", "quadratic", "equal"] {
        let keys = [("days", 40.0), ("voting.cap", 300.0), ("min_supp", 1e-3)];
        let setting = with(&model, &keys, &[("voting.points", points)]);
        let run = Days::of(&model, &setting, 3);
        let [day, who, held] =
            ["day", "participant", "holdings"].map(|column| numbers(&run.people, column));
        let mut all = vec![0.0; 41];
        let mut of = BTreeMap::new();
        for row in 0..day.len() {
            let weight = weight(points, held[row]);
            all[day[row] as usize] += weight;
            of.insert((day[row] as usize, who[row] as u32), weight);
        }
        for (day, counted) in run.counted(&setting.group()) {
            close(counted, all[day - 1]);
        }
        let mut whole = 0;
        for (day, stakes) in run.stakes().iter().enumerate() {
            let mut staked: BTreeMap<u32, f64> = BTreeMap::new();
            for (&(who, _), &tokens) in stakes {
                *staked.entry(who).or_default() += tokens;
            }
            for (who, staked) in staked {
                let points = of[&(day, who)];
                assert!(staked <= points * (1.0 + 1e-9));
                whole += usize::from(staked > points * (1.0 - 1e-9));
            }
        }
        assert!(whole > 100, "{points}: {whole}");
    }
    let gini = |points: &str| {
        let setting = with(&model, &[("days", 1.0)], &[("voting.points", points)]);
        let outcome = Simulator::new(&model, &["runs"]).outcome("runs", &setting, 5, 3);
        outcome.unwrap().number("gini_of_weight")
    };
    let [tokens, quadratic, equal] = ["tokens", "quadratic", "equal"].map(gini);
    assert!(tokens > quadratic && quadratic > 0.0 && equal.abs() < 1e-12);
}

/// The contract's threshold grows with what counts, and with nothing less than its own least share.
#[test]
fn the_contract_counts_what_is_staked() {
    let model = on();
    let keys = [
        ("days", 30.0),
        ("voting.abstain", 0.0),
        ("chain.min_threshold_stake_share", 0.05),
    ];
    let words = [("voting.counted", "staked"), ("arithmetic", "contract")];
    let setting = with(&model, &keys, &words);
    let run = Days::of(&model, &setting, 1);
    let (stakes, total) = (run.stakes(), run.column("total_supply"));
    // Conviction accrues by blocks, not by days.
    let (p, chain): (Conviction, Chain) = (setting.group(), setting.group());
    let lost = (1.0 - chain.decay(p.alpha) as f64 / 1e7) * chain.blocks_per_day();
    let mut least = [0; 2];
    for (day, counted) in run.counted(&p) {
        let counted = counted * lost / (1.0 - p.alpha);
        let staked = sum(&stakes[day - 1]);
        // The contract states its least share with the supply of the moment.
        let expected = staked.max(0.05 * total[day]);
        assert!(
            (counted / expected - 1.0).abs() < 1e-3,
            "day {day}: {counted}, not {expected}"
        );
        least[usize::from(expected > staked)] += 1;
    }
    assert!(least[0] > 5 && least[1] > 0, "{least:?}");
}

#[test]
fn faults_say_what_to_do() {
    let fault = |text: &str| {
        let spec = Spec::parse(&conviction::model(), text, "spec.toml", Path::new(""));
        match spec.map(Plan::new) {
            Ok(Ok(_)) => panic!("sound: {text}"),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        }
    };
    let contract = "[model]\narithmetic = \"contract\"\n[voting]\n";
    for (text, expected) in [
        (
            format!("{contract}points = \"equal\""),
            "voting.points: contract arithmetic has no rule for it",
        ),
        (
            format!("{contract}min_points = 0.1"),
            "voting.min_points: contract arithmetic has no rule for it",
        ),
        (
            "[voting]\nmin_share = 0.1\npoints = \"quadratic\"".to_owned(),
            "voting.min_share: is a share of tokens",
        ),
        (
            "[voting]\n[model]\nrules = \"v3\"".to_owned(),
            "for which [voting] has no rules",
        ),
        (
            "[voting]\ncounted = \"some\"".to_owned(),
            "expected \"all\" or \"staked\"",
        ),
        ("[voting]\nabstain = 1.5".to_owned(), "at most 1"),
        (
            "[initial]\nvoting_share = 0".to_owned(),
            "a number of at least 1e-9 and at most 1",
        ),
    ] {
        let found = fault(&text);
        assert!(found.contains(expected), "{text}\n{found}");
    }
}
