//! Issuance: a policy in place of the expansion.

use crate::common::extensions::{assert_same, fault, model, outcome, setting};
use conviction::engine::{Extensions, Given, Setting};
use conviction::voting::issuance::{Cap, adjustment, most};

const S: f64 = 22392.22;
const F: f64 = 4867.21;

/// A year without proposals, so that nothing but issuance moves the pool.
fn issued<'a>(more: impl IntoIterator<Item = (&'a str, Given<'a>)>) -> Setting {
    let alone = [
        ("issuance.policy", Given::from("dynamic")),
        ("initial.proposals", 0.into()),
        ("beta", 1e-9.into()),
        ("rho", 1.0.into()),
    ];
    setting(&model(&["issuance"]), alone.into_iter().chain(more))
}

#[test]
fn a_fixed_rate_is_the_expansion() {
    let (off, on) = (model(&[]), model(&["issuance"]));
    for seed in 0..20 {
        let without = outcome(&off, &off.setting(), seed);
        let with = outcome(&on, &on.setting(), seed);
        assert_same(&without, &with);
        let minted = with.number("total_supply") - S;
        assert!((with.number("minted") - minted).abs() < 1e-9);
        assert_eq!(with.number("burnt"), 0.0);
    }
}

#[test]
fn none_issues_nothing() {
    let on = model(&["issuance"]);
    let none = setting(&on, [("issuance.policy", "none".into())]);
    let end = outcome(&on, &none, 1);
    assert_eq!(end.number("total_supply"), S);
    assert_eq!(
        (end.number("minted"), end.number("supply_growth")),
        (0.0, 0.0)
    );
}

#[test]
fn a_day_is_as_the_contract_computes_it() {
    let close = |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 1e-8, "{found}");
    let cap = most(0.1, 0.3, Cap::Contract);
    close(adjustment(F, S, 0.3, cap, 1), 16.899141552128878);
    close(adjustment(F / 4.0, S, 0.3, cap, 1), 20.44951597930739);
    close(adjustment(2.0 * F, S, 0.3, cap, 1), -20.44951597930739);
    // Nothing is minted or burned beyond the target.
    assert_eq!(adjustment(0.0, S, 0.3, cap, 1000 * 365), 0.3 * S);
    let above = 0.3 * S - 2.0 * F;
    assert_eq!(adjustment(2.0 * F, S, 0.3, cap, 1000 * 365), above);
    close(
        adjustment(0.0, S, 0.3, most(0.1, 0.3, Cap::Published), 1),
        0.1 / 365.0 * S,
    );
    // The same in runs, in both arithmetics.
    for arithmetic in ["real", "contract"] {
        let day = issued([("days", 1.into()), ("arithmetic", arithmetic.into())]);
        let end = outcome(&model(&["issuance"]), &day, 3);
        close(end.number("minted"), 16.899141552128878);
        close(end.number("total_supply"), S + 16.899141552128878);
    }
}

#[test]
fn the_deployed_cap_is_a_third_a_year_rather_than_a_tenth() {
    // From an empty pool a year grows the supply by 34.6 % and ends with 0.257 of it in the pool.
    for arithmetic in ["real", "contract"] {
        let year = issued([
            ("days", 365.into()),
            ("initial.funds", 1e-6.into()),
            ("arithmetic", arithmetic.into()),
        ]);
        let end = outcome(&model(&["issuance"]), &year, 3);
        assert!(
            (end.number("supply_growth") - 0.346).abs() < 5e-4,
            "{end:?}"
        );
        assert!(
            (end.number("share_in_pool_final") - 0.257).abs() < 5e-4,
            "{end:?}"
        );
        assert!(end.number("share_in_pool_least") < 1e-9);
        let year = year.with("issuance.cap", "published").unwrap();
        let end = outcome(&model(&["issuance"]), &year, 3);
        assert!(end.number("supply_growth") < 0.1052, "{end:?}");
    }
}

#[test]
fn near_the_target_the_pool_follows_the_continuous_law() {
    // dg/dt = (1 - g/τ)(1 - g) a year: what is left of the gap shrinks by e each τ/(1 - τ) years.
    let (target, share) = (0.3, 0.29);
    let days = 157; // 0.43 of a year
    let run = issued([("days", days.into()), ("initial.funds", (share * S).into())]);
    let end = outcome(&model(&["issuance"]), &run, 3);
    let left = (target - end.number("share_in_pool_final")) / (target - share);
    assert!((left - libm::exp(-1.0)).abs() < 0.01, "{left}");
}

#[test]
fn adjustments_on_every_so_many_days_only() {
    let run = issued([("days", 13.into()), ("issuance.every", 7.into())]);
    let end = outcome(&model(&["issuance"]), &run, 3);
    let once = adjustment(F, S, 0.3, most(0.1, 0.3, Cap::Contract), 7);
    assert!((end.number("minted") - once).abs() < 1e-9);
}

/// Issuance by steps: a rate from each day on.
fn steps<'a>(
    days: &'a [f64],
    gammas: &'a [f64],
    more: impl IntoIterator<Item = (&'a str, Given<'a>)>,
) -> Setting {
    let steps = [
        ("issuance.policy", "steps".into()),
        ("issuance.step_days", days.into()),
        ("issuance.step_gammas", gammas.into()),
    ];
    issued(steps.into_iter().chain(more))
}

#[test]
fn steps_compound_their_rates() {
    // gamma until the first step, then each rate until the next: 9, 20, 10 and 11 days of 50.
    let (days, gammas) = ([10.0, 30.0, 40.0], [0.02, 0.0, 0.005]);
    let growth = libm::pow(1.003, 9.0) * libm::pow(1.02, 20.0) * libm::pow(1.005, 11.0);
    for arithmetic in ["real", "contract"] {
        let run = steps(
            &days,
            &gammas,
            [
                ("days", 50.into()),
                ("gamma", 0.003.into()),
                ("arithmetic", arithmetic.into()),
            ],
        );
        let end = outcome(&model(&["issuance"]), &run, 3);
        let found = end.number("total_supply") / S;
        assert!((found / growth - 1.0).abs() < 1e-12, "{found} {growth}");
        assert!((end.number("minted") / (S * (growth - 1.0)) - 1.0).abs() < 1e-10);
        assert_eq!(end.number("burnt"), 0.0);
    }
}

#[test]
fn a_step_is_a_change_of_gamma() {
    let changing = Extensions::default().with("issuance", 1).with("change", 2);
    let changing = changing.overriding("change", 0, "gamma");
    let changing = changing.overriding("change", 1, "gamma");
    let changing = conviction::model().with_extensions(&changing).unwrap();
    let stepping = model(&["issuance"]);
    for seed in 0..5 {
        let change = setting(
            &changing,
            [
                ("change.0.day", 20.into()),
                ("change.0.gamma", 0.01.into()),
                ("change.1.day", 60.into()),
                ("change.1.gamma", 0.0.into()),
            ],
        );
        let step = setting(
            &stepping,
            [
                ("issuance.policy", "steps".into()),
                ("issuance.step_days", (&[20.0, 60.0][..]).into()),
                ("issuance.step_gammas", (&[0.01, 0.0][..]).into()),
            ],
        );
        assert_same(
            &outcome(&changing, &change, seed),
            &outcome(&stepping, &step, seed),
        );
    }
}

#[test]
fn steps_that_are_no_schedule_are_refused() {
    let on = model(&["issuance"]);
    let steps = ("issuance.policy", Given::from("steps"));
    let refused = |days: &[f64], gammas: &[f64]| {
        let days = ("issuance.step_days", days.into());
        fault(&on, [steps, days, ("issuance.step_gammas", gammas.into())])
    };
    for (days, gammas, said) in [
        (
            &[][..],
            &[][..],
            "issuance.policy is \"steps\", but no steps are given",
        ),
        (
            &[5.0, 9.0],
            &[0.1],
            "issuance.step_days has a different length: 2 days, but 1 rates",
        ),
        (&[5.0], &[], "issuance.step_days has a different length"),
        (&[], &[0.1], "issuance.step_gammas has a different length"),
        (
            &[1.5],
            &[0.1],
            "issuance.step_days holds 1.5, expected whole numbers",
        ),
        (
            &[9.0, 5.0],
            &[0.1, 0.2],
            "holds 5 after 9; list days in ascending order",
        ),
        (&[5.0, 5.0], &[0.1, 0.2], "holds 5 after 5"),
        (
            &[5.0],
            &[11.0],
            "issuance.step_gammas holds 11, expected a number of at least 0 and at most 10",
        ),
    ] {
        let found = refused(days, gammas);
        assert!(found.contains(said), "{found}");
    }
    let found = fault(&on, [("issuance.step_days", (&[5.0][..]).into())]);
    assert!(
        found.contains("is set, but issuance.policy is \"fixed\""),
        "{found}"
    );
    // From the first day on, gamma has no use.
    let first = [steps, ("issuance.step_days", (&[1.0][..]).into())];
    let first = first
        .into_iter()
        .chain([("issuance.step_gammas", (&[0.1][..]).into())]);
    let found = fault(&on, first.chain([("gamma", 0.5.into())]));
    assert!(found.contains("which does not use it"), "{found}");
}

#[test]
fn what_has_no_rules_is_refused() {
    let on = model(&["issuance"]);
    let dynamic = ("issuance.policy", Given::from("dynamic"));
    let said = fault(&on, [dynamic, ("gamma", 0.01.into())]);
    assert!(
        said.contains("gamma") && said.contains("remove gamma"),
        "{said}"
    );
    let said = fault(&on, [("rules.accounting", "v3".into())]);
    assert!(said.contains("[issuance]"), "{said}");
    let said = fault(
        &on,
        [
            dynamic,
            ("arithmetic", "contract".into()),
            ("days", 36_500.into()),
            ("issuance.throttle", 10.into()),
        ],
    );
    assert!(said.contains("initial.supply"), "{said}");
}
