//! The designer's words: `largest_request` and `minimum_conviction` stand for beta and rho.

use super::read;
use crate::common::Place;
use conviction::engine::{Setting, Value};
use conviction::study::{Dataset, Plan, Single, Spec};
use conviction::voting::conviction::Conviction;

/// Limit, minimum, β and ρ: by Python's decimal module, to 50 digits.
const EXACT: [(f64, f64, f64, f64); 4] = [
    (0.15, 0.0625, 0.2, 0.0025),
    (0.25, 0.1, 0.3656188238935661, 0.01336771243853145),
    (0.2, 0.025, 0.23756182215557312, 0.0014108904836469037),
    (0.04, 0.03, 0.04837959095904692, 7.021754464094082e-5),
];

fn close(found: f64, exact: f64) {
    assert!((found / exact - 1.0).abs() < 1e-14, "{found}, not {exact}");
}

fn beta_and_rho(setting: &Setting) -> (f64, f64) {
    let p: Conviction = setting.group();
    (p.beta, p.rho)
}

fn plan(text: &str) -> Plan {
    let spec = read(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
    Plan::new(spec).unwrap_or_else(|error| panic!("{text}\n{error}"))
}

#[test]
fn they_give_beta_and_rho() {
    let model = conviction::model();
    for (limit, minimum, beta, rho) in EXACT {
        let of = |words: [(&str, f64); 2]| {
            let [one, other] = words.map(|(name, value)| move |s: Setting| s.with(name, value));
            let [there, back] = [
                one(model.setting()).and_then(&other).unwrap(),
                other(model.setting()).and_then(&one).unwrap(),
            ];
            assert_eq!(there, back, "{words:?}");
            assert_eq!(there.fault(), None);
            let (found_beta, found_rho) = beta_and_rho(&there);
            close(found_beta, beta);
            close(found_rho, rho);
            for (name, value) in [
                ("largest_request", limit),
                ("minimum_conviction", minimum),
                ("beta", beta),
                ("rho", rho),
            ] {
                match there.value(model.keys().find(name).unwrap()) {
                    Value::Real(found) => close(found, value),
                    other => panic!("{other}"),
                }
            }
        };
        of([("largest_request", limit), ("minimum_conviction", minimum)]);
        of([("beta", beta), ("minimum_conviction", minimum)]);
        of([("largest_request", limit), ("rho", rho)]);
        of([("beta", beta), ("rho", rho)]);
    }
}

#[test]
fn the_last_that_is_put_of_one_thing_holds() {
    let model = conviction::model();
    let setting = |words: &[(&str, f64)]| {
        let mut setting = model.setting();
        for &(name, value) in words {
            setting.set(name, value).unwrap();
        }
        setting
    };
    let words = [
        ("minimum_conviction", 0.1),
        ("beta", 0.5),
        ("largest_request", 0.15),
        ("minimum_conviction", 0.0625),
        ("half_life_days", 7.0),
        ("alpha", 0.5),
    ];
    assert_eq!(setting(&words), setting(&words[2..]));
    let (beta, rho) = beta_and_rho(&setting(&words));
    close(beta, 0.2);
    close(rho, 0.0025);
    // rho no longer follows from the minimum.
    let words = [("minimum_conviction", 0.1), ("rho", 0.001), ("beta", 0.5)];
    assert_eq!(beta_and_rho(&setting(&words)), (0.5, 0.001));
}

/// Every word in the base, in a variant, and as an axis, against any of the other pair anywhere.
#[test]
fn any_layer_may_give_any_of_them() {
    let (limit, minimum, beta, rho) = EXACT[1];
    let placed = |place: usize, name: &str, value: f64| match place {
        0 => [
            format!("{name} = {value:?}\n"),
            String::new(),
            String::new(),
        ],
        1 => [
            String::new(),
            format!("{name} = {value:?}\n"),
            String::new(),
        ],
        _ => [
            String::new(),
            String::new(),
            format!("{name} = [{value:?}]\n"),
        ],
    };
    for one in [("beta", beta), ("largest_request", limit)] {
        for other in [("rho", rho), ("minimum_conviction", minimum)] {
            for (a, b) in (0..9).map(|n| (n / 3, n % 3)) {
                let (first, second) = (placed(a, one.0, one.1), placed(b, other.0, other.1));
                for [x, y] in [[&first, &second], [&second, &first]] {
                    let [base, variant, axes] = [0, 1, 2].map(|n| format!("{}{}", x[n], y[n]));
                    let text = format!(
                        "[model]\n{base}[axes]\n{axes}[[variant]]\nname = \"a\"\n{variant}"
                    );
                    let plan = plan(&text);
                    let (found_beta, found_rho) = beta_and_rho(&plan.setting(0));
                    close(found_beta, beta);
                    close(found_rho, rho);
                    // So does the spec as it is written back.
                    let written = plan.spec_text();
                    let again = self::plan(&written);
                    assert_eq!(again.spec_text(), written);
                    assert_eq!(again.setting(0), plan.setting(0), "{text}\n{written}");
                }
            }
        }
    }
}

#[test]
fn each_alone_keeps_the_other_as_it_is() {
    let only = |text: &str| beta_and_rho(&plan(text).setting(0));
    let (beta, rho) = only("[model]\nminimum_conviction = 0.1");
    assert_eq!(beta, 0.2);
    close(rho, 0.1 * 0.2 * 0.2);
    let (beta, rho) = only("[model]\nlargest_request = 0.3");
    close(beta, 0.35);
    assert_eq!(rho, 0.0025);
    // A preset is a base like any other.
    let (beta, rho) = only("preset = \"tec\"\n[axes]\nminimum_conviction = [0.1]");
    assert_eq!(beta, 0.11);
    close(rho, 0.00121);
    let (beta, _) = only("preset = \"tec\"\n[[variant]]\nname = \"a\"\nlargest_request = 0.2");
    close(beta, 0.222);
    let variant = "[[variant]]\nname = \"a\"\npreset = \"tec\"\nminimum_conviction = 0.1";
    close(only(variant).1, 0.00121);
    let mut spec = Spec::of(&conviction::model());
    let words = ["minimum_conviction=0.1", "beta=0.5"].map(str::to_owned);
    spec.assign(&words).unwrap();
    close(beta_and_rho(&spec.base).1, 0.025);
}

#[test]
fn one_thing_is_not_given_twice() {
    for (text, fault) in [
        (
            "[model]\nbeta = 0.2\nlargest_request = 0.1",
            "model.largest_request: duplicates beta",
        ),
        (
            "[model]\nminimum_conviction = 0.1\nrho = 0.001",
            "model.rho: duplicates minimum_conviction",
        ),
        (
            "[axes]\nrho = [0.001]\nminimum_conviction = [0.1]",
            "axes.minimum_conviction: duplicates axis rho",
        ),
        (
            "[model]\nlargest_request = 0.1\n[axes]\nbeta = [0.2]",
            "axes.beta: repeats largest_request, which is fixed",
        ),
        (
            "[axes]\nbeta = [0.2]\n[[variant]]\nname = \"a\"\nlargest_request = 0.1",
            "axes.beta: set by variant \"a\"",
        ),
        (
            "[[variant]]\nname = \"a\"\nlargest_request = 0.1\nbeta = 0.1",
            "duplicates largest_request",
        ),
        (
            "[[change]]\nset = { rho = 0.001, minimum_conviction = 0.1 }",
            "duplicates",
        ),
        (
            "[model]\nminimum_conviction = 1.0",
            "found 1.0, expected a number above 0 and below 1",
        ),
        (
            "[model]\nlargest_request = 0",
            "found 0, expected a number above 0 and below 1",
        ),
    ] {
        let found = read(text).err().unwrap_or_else(|| panic!("{text}"));
        assert!(found.contains(fault), "{fault}: {found}");
    }
}

#[test]
fn what_leaves_its_domain_is_named_with_its_point_and_values() {
    let text = "[model]\nminimum_conviction = 0.25\n[axes]\nlargest_request = [0.2, 0.7]";
    let fault = Plan::new(read(text).unwrap()).err().unwrap().to_string();
    assert_eq!(
        fault,
        "point 1 (largest_request = 0.7): largest_request is 0.7, which with minimum_conviction = 0.25 makes \
         beta 1.4, expected a number above 0 and at most 1; choose other values"
    );
    let fault = read("[model]\nbeta = 1e-3\nminimum_conviction = 1e-7")
        .err()
        .unwrap();
    assert!(
        fault.contains("minimum_conviction: is 0.0000001")
            || fault.contains("minimum_conviction: is 1e-7"),
        "{fault}"
    );
    assert!(fault.contains("with beta = 0.001 makes rho 1"), "{fault}");
    let later = "[[change]]\nday = 20\nset = { largest_request = 0.99 }";
    let fault = read(later).err().unwrap();
    assert!(fault.contains("from day 20 on"), "{fault}");
}

#[test]
fn a_change_derives_from_the_values_of_its_day() {
    let on_days = |text: &str| -> Vec<_> {
        let schedule = plan(text).setting(0).schedule();
        schedule
            .iter()
            .map(|(_, setting)| beta_and_rho(setting))
            .collect()
    };
    let text = "[model]\nbeta = 0.5\n[[change]]\nday = 10\nset = { beta = 0.4 }\n\
                [[change]]\nday = 20\nset = { minimum_conviction = 0.1 }\n\
                [[change]]\nday = 30\nset = { largest_request = 0.25 }\n\
                [[change]]\nday = 40\nset = { rho = 0.0001 }";
    let found = on_days(text);
    assert_eq!(found[0], (0.4, 0.0025));
    assert_eq!(found[1].0, 0.4);
    close(found[1].1, 0.016);
    // The minimum still holds; and then no more.
    let (_, _, beta, rho) = EXACT[1];
    close(found[2].0, beta);
    close(found[2].1, rho);
    close(found[3].0, 0.26);
    assert_eq!(found[3].1, 0.0001);
    // What the base gives stays given: read back from what is written, too.
    let text = "[model]\nminimum_conviction = 0.1\n[[change]]\nday = 10\nset = { beta = 0.4 }";
    for text in [text, &plan(text).spec_text()] {
        let found = on_days(text);
        assert_eq!(found[0].0, 0.4);
        close(found[0].1, 0.016);
    }
}

#[test]
fn points_keep_what_was_given_and_a_run_of_them_is_the_same_again() {
    let place = Place::new();
    place.file(
        "spec.toml",
        "replicates = 2\ndays = 12\n[model]\nhalf_life_days = 3\nlargest_request = 0.1\n\
         [axes]\nminimum_conviction = [0.01, 0.1]\n[[variant]]\nname = \"a\"\n\
         [[variant]]\nname = \"b\"\nbeta = 0.3\n[[change]]\nday = 5\nset = { beta = 0.4 }",
    );
    let (resolved, _) = place.run(0, &["sweep", "spec.toml", "--dry-run"]);
    assert!(
        resolved.contains("half_life_days = 3.0\nlargest_request = 0.1\n"),
        "{resolved}"
    );
    assert!(resolved.contains("# alpha = 0.793700526\n"), "{resolved}");
    place.run(0, &["sweep", "spec.toml", "--out", "out", "-q"]);
    let model = conviction::model();
    let dataset = Dataset::open(&place.path("out")).unwrap();
    let plan = Plan::new(Spec::read(&model, &place.path("spec.toml")).unwrap()).unwrap();
    for run in 0..plan.runs {
        let again = Single::of_dataset(&dataset, &model, run).unwrap().setting;
        let setting = plan.setting(plan.place(run).0);
        assert_eq!(again, setting, "run {run}");
        assert_eq!(again.schedule(), setting.schedule());
        let minimum = model.keys().find("minimum_conviction").unwrap();
        let asked = [0.01, 0.1][(run / 2 % 2) as usize];
        assert_eq!(again.value(minimum), Value::Real(asked));
    }
    // What a run writes of its setting says the same in both vocabularies.
    place.run(
        0,
        &["run", "--set", "minimum_conviction=0.1", "-o", "one", "-q"],
    );
    let kept = std::fs::read_to_string(place.path("one/run.toml")).unwrap();
    assert!(kept.contains("\nminimum_conviction = 0.1\n"), "{kept}");
    assert!(kept.contains("rho = 0.004"), "{kept}");
    let (shown, _) = place.run(0, &["run", "--config", "one/run.toml", "--set", "days=2"]);
    assert!(
        shown.contains("largest request 13.68 %, minimum conviction 10 %"),
        "{shown}"
    );
}
