//! Issuance: a policy in place of the expansion.

use crate::common::extensions::{assert_same, fault, model, outcome, setting};
use conviction::engine::{Given, Setting};
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
    assert_eq!(adjustment(0.0, S, 0.3, cap, 1000 * 365), 0.3 * S);
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

#[test]
fn what_has_no_rules_is_refused() {
    let on = model(&["issuance"]);
    let dynamic = ("issuance.policy", Given::from("dynamic"));
    let said = fault(&on, [dynamic, ("gamma", 0.01.into())]);
    assert!(
        said.contains("gamma") && said.contains("leave gamma out"),
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
