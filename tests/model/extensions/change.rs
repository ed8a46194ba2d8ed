//! Settings that change on a day.

use crate::common::extensions::{assert_same, fault, outcome, setting};
use crate::runs::{numbers, simulate};
use conviction::contract::{Decay, U256, real};
use conviction::engine::{Extensions, Given, Model, Setting};
use conviction::study::{Plan, Spec};
use conviction::voting::conviction::{ProposalRows, alpha_from_half_life};
use std::path::Path;

/// The model with changes on, each of which says these keys anew.
fn changing(changes: &[&[&str]]) -> Model {
    let mut on = Extensions::default().with("change", changes.len());
    for (copy, keys) in changes.iter().enumerate() {
        for key in *keys {
            on = on.overriding("change", copy, key);
        }
    }
    conviction::model().with_extensions(&on).unwrap()
}

fn parse(text: &str) -> Result<Spec, String> {
    let spec = Spec::parse(&conviction::model(), text, "spec.toml", Path::new(""));
    spec.map_err(|error| error.to_string())
}

/// What the runs of a spec without axes come to.
fn run(text: &str) -> conviction::engine::Outcome {
    let spec = parse(text).unwrap_or_else(|error| panic!("{error}"));
    outcome(&spec.model, &spec.base, 5)
}

#[test]
fn a_change_on_the_first_day_is_the_setting() {
    // Without initial proposals, whose requests follow beta, nothing at the start depends on these.
    let values: [(&str, Given); 13] = [
        ("half_life_days", 7.into()),
        ("beta", 0.3.into()),
        ("rho", 0.001.into()),
        ("tmin", 5.into()),
        ("min_supp", 30.into()),
        ("sensitivity", 0.6.into()),
        ("base_engagement_rate", 0.5.into()),
        ("lowest_affinity_to_support", 0.8.into()),
        ("base_completion_rate", 10.into()),
        ("base_failure_rate", 30.into()),
        ("gamma", 0.004.into()),
        ("chain.min_threshold_stake_share", 0.9.into()),
        ("gardens2.min_threshold_points", 9000.into()),
    ];
    let plain = conviction::model();
    for (key, value) in values {
        let model = changing(&[&[key]]);
        for arithmetic in ["real", "contract", "gardens2"] {
            let kind = ("arithmetic", arithmetic.into());
            let empty = ("initial.proposals", 0.into());
            let there = outcome(&plain, &setting(&plain, [kind, empty, (key, value)]), 3);
            let changed = format!("change.0.{key}");
            let change = [kind, empty, (&changed, value), ("change.0.day", 1.into())];
            let changed = outcome(&model, &setting(&model, change), 3);
            assert_same(&there, &changed);
            let without = outcome(&plain, &setting(&plain, [kind, empty]), 3);
            let moves = there != without;
            assert_eq!(
                moves,
                match key {
                    "chain.min_threshold_stake_share" => arithmetic == "contract",
                    "gardens2.min_threshold_points" => arithmetic == "gardens2",
                    _ => true,
                },
                "{key}"
            );
        }
    }
}

#[test]
fn a_change_to_what_holds_already_changes_nothing() {
    let model = changing(&[&["alpha", "beta", "chain.block_time_seconds"]]);
    let plain = conviction::model();
    for arithmetic in ["real", "contract", "gardens2"] {
        let kind = ("arithmetic", Given::from(arithmetic));
        let changed = outcome(&model, &setting(&model, [kind]), 9);
        assert_same(&outcome(&plain, &setting(&plain, [kind]), 9), &changed);
        assert!(changed.number("change_0_granted_after") > 0.0);
    }
}

#[test]
fn nothing_changes_before_the_day_and_the_last_of_a_day_holds() {
    let early = run("days = 49\n");
    let changed = run("days = 50\n[[change]]\nday = 50\nset = { beta = 0.9 }\n");
    assert!(changed.number("change_0_granted_after") <= changed.number("proposals_granted"));
    let granted = changed.number("proposals_granted") - changed.number("change_0_granted_after");
    assert_eq!(granted, early.number("proposals_granted"));
    let text =
        "[[change]]\nday = 20\nset = { beta = 0.9 }\n[[change]]\nday = 20\nset = { beta = 0.2 }\n";
    assert_same(&run(""), &run(text));
    // The order of days, not of the list.
    let later =
        "[[change]]\nday = 60\nset = { beta = 0.3 }\n[[change]]\nday = 20\nset = { beta = 0.1 }\n";
    let sorted =
        "[[change]]\nday = 20\nset = { beta = 0.1 }\n[[change]]\nday = 60\nset = { beta = 0.3 }\n";
    assert_same(&run(later), &run(sorted));
}

#[test]
fn a_shorter_half_life_is_a_windfall_unless_conviction_is_rescaled() {
    let text = |accrued: &str| {
        format!(
            "[model]\nhalf_life_days = 14.0\n[[change]]\nday = 50\naccrued = \"{accrued}\"\nset = {{ half_life_days = 3.0 }}\n"
        )
    };
    let soon = |text: &str| {
        let spec = parse(text).unwrap();
        let runs = (0..40).map(|seed| outcome(&spec.model, &spec.base, seed));
        runs.map(|run| run.number("change_0_funds_granted_within_7_days"))
            .sum::<f64>()
    };
    let (carried, rescaled) = (soon(&text("carry")), soon(&text("rescale")));
    assert!(carried > 2.0 * rescaled, "{carried} {rescaled}");
}

#[test]
fn the_contract_is_retroactive() {
    // Staked for 3 days of 17,280 blocks: shares of the largest possible conviction.
    let blocks = 3 * 17_280;
    let staked = U256::from(10u64.pow(18));
    let [old, new] = [9_999_599u64, 9_999_799].map(|decay| Decay::new(U256::from(decay)));
    let share = |conviction: U256, decay: &Decay| {
        real(conviction) * (1.0 - f64::from(decay.stored()) / 1e7)
    };
    let close =
        |found: f64, wanted: f64| assert!((found - wanted).abs() < 5e-5, "{found} {wanted}");
    for (from, to, before, untouched, touched) in [
        (&old, &new, 0.8749, 0.6472, 0.4386),
        (&new, &old, 0.6472, 0.8749, 1.2913),
    ] {
        let kept = from.peek(blocks, U256::ZERO, staked).unwrap();
        close(share(kept, from), before);
        close(
            share(to.peek(blocks, U256::ZERO, staked).unwrap(), to),
            untouched,
        );
        close(share(kept, to), touched);
    }
}

/// Rows of the only run's proposals, from the state at the end of a history, in which nobody acts.
fn proposals_of_a_history(change: &str) -> ProposalRows {
    let history = concat!(env!("CARGO_MANIFEST_DIR"), "/sweeps/history.csv");
    let spec = parse(&format!(
        "days = 2\n[initial]\nhistory = \"{history}\"\n[chain]\nblock_time_seconds = 5.0\n\
         [model]\nbase_engagement_rate = 0.0\n{change}"
    ));
    let spec = spec.unwrap_or_else(|error| panic!("{error}"));
    simulate(&spec.model, &["proposals"], &spec.base, 3, 0).rows("proposals")
}

#[test]
fn conviction_from_before_the_first_day_is_rescaled_too() {
    let change = |accrued: &str| {
        proposals_of_a_history(&format!(
            "[[change]]\nday = 1\naccrued = \"{accrued}\"\nset = {{ half_life_days = 1.0 }}\n"
        ))
    };
    let [kept, carried, rescaled] = [
        proposals_of_a_history(""),
        change("carry"),
        change("rescale"),
    ];
    let of = |rows: &ProposalRows, day: u32, proposal: u32| {
        let mut keys = rows.day.iter().zip(&rows.proposal);
        let row = keys.position(|key| key == (&day, &proposal))?;
        rows.conviction[row]
    };
    // The decay of the history, over a day of blocks.
    let before = 0.9999799f64.powi(17_280);
    let after = alpha_from_half_life(1.0);
    let mut compared = 0;
    for &proposal in &kept.proposal[..kept.day.partition_point(|&day| day == 0)] {
        let Some(start) = of(&kept, 0, proposal) else {
            continue;
        };
        let [kept, carried, rescaled] =
            [&kept, &carried, &rescaled].map(|rows| of(rows, 1, proposal).unwrap());
        let stake = kept - before * start;
        let factor = (1.0 - before) / (1.0 - after);
        for (found, wanted) in [
            (carried, stake + after * start),
            (rescaled, stake + after * start * factor),
        ] {
            assert!((found / wanted - 1.0).abs() < 1e-9, "{found} {wanted}");
        }
        compared += usize::from(start > 0.0);
    }
    assert!(compared > 1, "{compared}");
}

/// What an attacker stakes, and the conviction of what it asks for, day by day: it asks for too much ever to pass.
fn attacker(half_life: f64, change: &[(&str, Given)]) -> [Vec<f64>; 2] {
    let on = Extensions::default().with("attacker", 1).with("change", 1);
    let on = on.overriding("change", 0, "half_life_days");
    let model = conviction::model().with_extensions(&on).unwrap();
    let alone: [(&str, Given); 4] = [
        ("attacker.0.ask", 0.199.into()),
        ("initial.proposals", 0.into()),
        ("half_life_days", half_life.into()),
        ("days", 20.into()),
    ];
    let values = alone.into_iter().chain(change.iter().copied());
    let days = simulate(&model, &["days"], &setting(&model, values), 5, 0).batch("days");
    ["attacker_0_stake", "attacker_0_conviction"].map(|column| numbers(&days, column))
}

#[test]
fn candidates_without_seats_change_with_the_others() {
    let day = 10;
    let close =
        |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 1e-9, "{found} {wanted}");
    let [before, after] = [14.0, 3.0].map(alpha_from_half_life);
    let on_the_day = ("change.0.day", Given::from(10));
    let shorter = ("change.0.half_life_days", 3.0.into());
    for (accrued, factor) in [("carry", 1.0), ("rescale", (1.0 - before) / (1.0 - after))] {
        let accrued = ("change.0.accrued", accrued.into());
        let [stake, conviction] = attacker(14.0, &[on_the_day, shorter, accrued]);
        assert!(stake[day] > 0.0 && stake[day] == stake[day - 1]);
        close(
            conviction[day - 1],
            stake[day] + before * conviction[day - 2],
        );
        close(
            conviction[day],
            stake[day] + after * conviction[day - 1] * factor,
        );
    }
    // The contract has touched nothing since: it is as if the half-life had always been so.
    let contract = ("arithmetic", "contract".into());
    let [_, changed] = attacker(14.0, &[contract, on_the_day, shorter]);
    let [_, always] = attacker(3.0, &[contract, on_the_day, shorter]);
    close(changed[day], always[day]);
    assert!(changed[day - 1] > 1.05 * always[day - 1]);
}

#[test]
fn a_chain_that_speeds_up_grants_more_under_the_old_decay() {
    let text = "[model]\narithmetic = \"contract\"\n[chain]\nassumed_block_time_seconds = 15.0\n[[change]]\nday = 30\n\
                set = { chain.block_time_seconds = 5.0 }\n";
    let spec = parse(text).unwrap();
    let without = parse(&text[..text.find("[[change]]").unwrap()]).unwrap();
    let granted = |spec: &Spec| {
        let runs = (0..20).map(|seed| outcome(&spec.model, &spec.base, seed));
        runs.map(|run| run.number("proposals_granted")).sum::<f64>()
    };
    assert!(granted(&spec) > 1.2 * granted(&without));
}

#[test]
fn a_spec_is_written_back_and_axes_vary_what_changes() {
    let text = "[[change]]\nday = 30\nset = { beta = 0.3, chain.block_time_seconds = 5.0 }\n[[change]]\n\
                [axes]\n\"change.0.day\" = [10, 20]\n\"change.1.half_life_days\" = [2.0, 7.0]\n\"change.0.beta\" = [0.1, 0.2]\n";
    let text = text.replace("day = 30\n", "");
    let spec = parse(&text).unwrap();
    let written = spec.text();
    assert!(
        written.contains("set = { beta = 0.3, chain.block_time_seconds = 5.0 }"),
        "{written}"
    );
    let again = parse(&written).unwrap();
    assert_eq!(again.text(), written);
    let plan = Plan::new(again).unwrap();
    assert_eq!(plan.points, 8);
    // A variant may say otherwise what the change says.
    let variants = "[[change]]\nset = { beta = 0.2 }\n[[variant]]\nname = \"as before\"\n[[variant]]\nname = \"more\"\nchange.0.beta = 0.4\n";
    let spec = parse(variants).unwrap();
    assert_eq!(parse(&spec.text()).unwrap().text(), spec.text());
    // So may an assignment.
    let mut spec = Spec::of(&conviction::model());
    spec.assign(&["change.0.beta=0.4".to_owned(), "change.0.day=7".to_owned()])
        .unwrap();
    let schedule = spec.base.schedule();
    assert_eq!(schedule.len(), 1);
    assert_eq!(schedule[0].0, 7);
    let beta = |setting: &Setting| {
        setting
            .group::<conviction::voting::conviction::Conviction>()
            .beta
    };
    assert_eq!((beta(&spec.base), beta(&schedule[0].1)), (0.2, 0.4));
    assert_eq!(
        [6, 7, 8].map(|day| beta(&spec.base.on(day))),
        [0.2, 0.4, 0.4]
    );
}

#[test]
fn what_cannot_be_changed_is_told_with_a_way_out() {
    let said = |text: &str| parse(text).err().unwrap();
    let wrong = said("[[change]]\nset = { bta = 0.1 }\n");
    assert!(
        wrong.contains("change.0.set.bta") && wrong.contains("did you mean beta?"),
        "{wrong}"
    );
    for key in [
        "days = 7",
        "arithmetic = \"contract\"",
        "rules.accounting = \"v3\"",
        "initial.funds = 5.0",
    ] {
        let wrong = said(&format!("[[change]]\nset = {{ {key} }}\n"));
        assert!(wrong.contains("cannot change during a run"), "{wrong}");
    }
    let unset = said("[[change]]\n[[variant]]\nname = \"a\"\nchange.0.beta = 0.1\n");
    assert!(unset.contains("such as set = { beta = … }"), "{unset}");
    let beyond = said("[[change]]\nset = { beta = 1.5 }\n");
    assert!(
        beyond.contains("change.0.set.beta") && beyond.contains("1.5"),
        "{beyond}"
    );
    let late = said("days = 20\n[[change]]\nset = { beta = 0.1 }\n");
    assert!(late.contains("the run ends on day 20"), "{late}");
    let twice = said("[[change]]\nset = { alpha = 0.5, half_life_days = 2.0 }\n");
    assert!(twice.contains("duplicates alpha"), "{twice}");
    let contract = said(
        "[model]\narithmetic = \"contract\"\n[[change]]\naccrued = \"rescale\"\nset = { beta = 0.1 }\n",
    );
    assert!(contract.contains("change.accrued"), "{contract}");
    let model = changing(&[&["gamma"]]);
    // What would break a rule on a later day only.
    let far = [
        ("change.0.gamma", 1.into()),
        ("arithmetic", "contract".into()),
    ];
    let said = fault(&model, far);
    assert!(said.contains("from day 50 on"), "{said}");
}

/// Conviction that is carried over may exceed the largest that the new half-life allows, on edges as well.
#[test]
fn edges_keep_what_is_carried_over() {
    let model = changing(&[&["alpha"]]);
    let values: [(&str, Given); 5] = [
        ("days", 40.into()),
        ("alpha", 0.95.into()),
        ("rho", 0.039.into()),
        ("change.0.day", 30.into()),
        ("change.0.alpha", 0.5.into()),
    ];
    let setting = setting(&model, values);
    let mut left = simulate(&model, &["support_edges"], &setting, 3, 0);
    let edges = left.batch("support_edges");
    let [day, tokens, conviction] =
        ["day", "tokens", "conviction"].map(|column| numbers(&edges, column));
    // On the day of the change it has hardly decayed.
    let most = |row: usize| tokens[row] / (1.0 - 0.5);
    let beyond =
        (0..day.len()).filter(|&row| day[row] == 30.0 && conviction[row] > 1.5 * most(row));
    assert!(beyond.count() > 0);
}
