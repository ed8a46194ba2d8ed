//! A spec that is written out and read again is the same sweep.

pub mod tables;

use conviction::engine::{Domain, Key, Model, Value};
use conviction::study::Spec;
use conviction::study::design::Rows;
use conviction::study::spec::Factor;
use proptest::prelude::*;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

static MODEL: LazyLock<Model> = LazyLock::new(conviction::model);

/// Every key, in the order registered.
fn keys() -> &'static [&'static Key] {
    MODEL.keys().all()
}

fn parse(text: &str) -> Spec {
    Spec::parse(&MODEL, text, "spec.toml", Path::new("")).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// A value of a key's domain, at a share of its width.
fn value(key: &Key, share: f64) -> Value {
    let number = match key.domain {
        Domain::Real { low, high, .. } if high.is_finite() => {
            low + (high - low) * (0.001 + 0.998 * share)
        }
        Domain::Real { .. } => libm::pow(10.0, 600.0 * share - 300.0),
        Domain::Count { low, high } => (low as f64 + 50.0 * share).floor().min(high as f64),
        Domain::Names(names) => {
            return Value::Name(names[(share * names.len() as f64) as usize]);
        }
        Domain::List { .. } => return key.numbers(&[1.0 + share, 2.0]).unwrap(),
        Domain::Document { .. } => return (key.default)(),
    };
    key.number(number).unwrap()
}

fn written(value: Value) -> String {
    match value {
        Value::Real(v) => format!("{v:?}"),
        Value::Count(v) => v.to_string(),
        Value::Name(v) => format!("{v:?}"),
        Value::List(v) => v.text().to_owned(),
        Value::Document(v) => format!("{:?}", v.text()),
    }
}

/// What one key is in a spec.
#[derive(Clone, Debug)]
struct Use {
    kind: u8,
    shares: [f64; 2],
    steps: u32,
    log: bool,
}

#[derive(Clone, Debug)]
struct Shape {
    order: Vec<usize>,
    uses: Vec<Use>,
    roles: bool,
    designs: [u8; 2],
    seed: u64,
    names: [String; 2],
}

fn shapes() -> impl Strategy<Value = Shape> {
    let uses = (0u8..8, [0.0..1.0, 0.0..1.0], 2u32..5, any::<bool>());
    let uses = uses.prop_map(|(kind, shares, steps, log)| Use {
        kind,
        shares,
        steps,
        log,
    });
    (
        Just((0..keys().len()).collect::<Vec<_>>()).prop_shuffle(),
        prop::collection::vec(uses, keys().len()),
        any::<bool>(),
        [0u8..6, 0u8..6],
        0..=i64::MAX as u64,
        ["[^x]{1,8}", "x[^x]{1,8}"],
    )
        .prop_map(|(order, uses, roles, designs, seed, names)| Shape {
            order,
            uses,
            roles,
            designs,
            seed,
            names,
        })
}

/// The text of a sound spec: lists and ranges in any order, by any design.
fn text(shape: &Shape) -> String {
    let mut taken: Vec<&Key> = Vec::new();
    let mut factors = [Vec::new(), Vec::new()];
    let (mut variants, mut fixed) = ([String::new(), String::new()], String::new());
    for (&place, used) in shape.order.iter().zip(&shape.uses) {
        let key = keys()[place];
        if taken.iter().any(|other| other.overlaps(key)) {
            continue;
        }
        let [a, b] = used.shares.map(|share| value(key, share));
        let factor = &mut factors[usize::from(shape.roles && used.log)];
        let [x, y] = [written(a), written(b)];
        match used.kind {
            0 | 1 if factor.len() < 4 => {
                let values = if a == b { x } else { format!("{x}, {y}") };
                factor.push(format!("{:?} = [{values}]\n", key.name));
            }
            2 | 3 if factor.len() < 4 => {
                let (low, high) = match (a, b) {
                    (Value::Real(a), Value::Real(b)) => (a.min(b), a.max(b)),
                    (Value::Count(a), Value::Count(b)) => (a.min(b) as f64, a.max(b) as f64),
                    _ => continue,
                };
                let whole = matches!(key.domain, Domain::Count { .. });
                if high - low < f64::from(used.steps) && whole || low == high {
                    continue;
                }
                let scale = if used.log && low > 0.0 {
                    "log"
                } else {
                    "linear"
                };
                let [low, high] = [low, high].map(|v| written(key.number(v).unwrap()));
                factor.push(format!(
                    "{:?} = {{ steps = {}, scale = {scale:?}, to = {high}, from = {low} }}\n",
                    key.name, used.steps
                ));
            }
            4 if key.name != "days" => {
                variants[0] += &format!("{:?} = {x}\n", key.name);
                variants[1] += &format!("{:?} = {y}\n", key.name);
            }
            5 => {
                fixed += &match key.name.split_once('.') {
                    None if key.name == "days" => format!("days = {x}\n"),
                    None => format!("model.{} = {x}\n", key.name),
                    Some(("rules", name)) => format!("model.rules.{name} = {x}\n"),
                    Some((group, name)) => format!("{group}.{name} = {x}\n"),
                };
            }
            _ => continue,
        }
        taken.push(key);
    }
    let names = if shape.roles {
        ["levers", "uncertainties"]
    } else {
        ["axes", ""]
    };
    let mut text = format!("seed = {}\n{fixed}", shape.seed);
    for ((axes, name), design) in factors.iter().zip(names).zip(shape.designs) {
        if axes.is_empty() {
            continue;
        }
        let header = if shape.roles {
            format!("design.{name}")
        } else {
            "design".to_owned()
        };
        let design = match design {
            0 => "kind = \"grid\"",
            1 => "kind = \"random\"\npoints = 9",
            2 => "kind = \"latin-hypercube\"\npoints = 9",
            3 => "kind = \"sobol\"\npoints = 8",
            4 => "kind = \"saltelli\"\npoints = 4\nsecond_order = false",
            _ => "kind = \"morris\"\ntrajectories = 3",
        };
        text += &format!("[{name}]\n{}[{header}]\n{design}\n", axes.concat());
    }
    for (name, settings) in shape.names.iter().zip(&variants) {
        let name = toml::Value::String(name.clone());
        text += &format!("[[variant]]\nname = {name}\n{settings}");
    }
    text
}

fn points(spec: &Spec) -> Vec<(Vec<&'static str>, Rows)> {
    let (factors, never) = ((0..).zip(&spec.factors), AtomicBool::new(false));
    factors
        .map(|(salt, Factor { axes, design, .. })| {
            let names = axes.iter().map(|axis| axis.key.name).collect();
            (names, design.points(axes, spec.seed, salt, &never))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_written_spec_gives_the_same_points_in_the_same_order(shape in shapes()) {
        let text = text(&shape);
        let spec = parse(&text);
        let written = spec.text();
        let again = parse(&written);
        prop_assert_eq!(points(&spec), points(&again), "{}\n{}", text, written);
        prop_assert_eq!(&again.text(), &written);
        for key in keys() {
            prop_assert_eq!(spec.base.value(key), again.base.value(key), "{}", key.name);
        }
        let variants = |spec: &Spec| -> Vec<_> {
            let settings = |v: &conviction::study::spec::Variant| -> Vec<_> {
                v.settings.iter().map(|(key, value)| (key.name, *value)).collect()
            };
            spec.variants.iter().map(|v| (v.name.clone(), settings(v))).collect()
        };
        prop_assert_eq!(variants(&spec), variants(&again));
    }
}

#[test]
fn the_order_of_axes_is_part_of_a_written_spec() {
    let ranges = "rho = { from = 1e-4, to = 1e-2, steps = 3, scale = \"log\" }";
    let one = parse(&format!("[axes]\n{ranges}\nbeta = [0.1, 0.2]"));
    let other = parse(&format!("[axes]\nbeta = [0.1, 0.2]\n{ranges}"));
    assert_ne!(one.text(), other.text());
    let names = |spec: &Spec| points(spec).remove(0).0;
    assert_eq!(names(&parse(&one.text())), ["rho", "beta"]);
    assert_eq!(names(&parse(&other.text())), ["beta", "rho"]);
}

#[test]
fn numbers_are_written_briefly() {
    let text = parse("[axes]\ntmin = [1e308, 1.0, 0.1]\nsensitivity = [5e-324]").text();
    assert!(text.contains("tmin = [1e308, 1.0, 0.1]"), "{text}");
    assert!(text.contains("sensitivity = [5e-324]"), "{text}");
}

/// A comment says a setting in the terms that the spec did not use; ends of an axis of whole numbers are whole.
#[test]
fn a_setting_is_written_as_it_was_set_and_in_other_terms() {
    let about = |text: &str| {
        let text = parse(text).text();
        let model = text.split_once("[model]\n# ").unwrap().1;
        model.lines().next().unwrap().to_owned()
    };
    let ours = "alpha = 0.793700526, largest_request = 0.15, minimum_conviction = 0.0625";
    assert_eq!(about("[model]\nhalf_life_days = 3.0"), ours);
    let theirs = about("[model]\nalpha = 0.5\nlargest_request = 0.15\nminimum_conviction = 0.0625");
    assert_eq!(theirs, "half_life_days = 1, beta = 0.2, rho = 0.0025");
    let text = parse("[axes]\n\"initial.participants\" = { from = 10, to = 20, steps = 3 }").text();
    assert!(
        text.contains("{ from = 10, to = 20, steps = 3, scale = \"linear\" }"),
        "{text}"
    );
}

/// Saltelli's design has n (2d + 2) points, or n (d + 2) without indices of second order.
#[test]
fn saltelli_designs_include_the_second_order_unless_told_otherwise() {
    let count = |more: &str| {
        let spec = parse(&format!(
            "[design]\nkind = \"saltelli\"\npoints = 4\n{more}\n[axes]\n\
             beta = {{ from = 0.1, to = 0.2 }}\ntmin = {{ from = 1, to = 9 }}\n"
        ));
        points(&spec)[0].1.len()
    };
    assert_eq!(count(""), 4 * 6);
    assert_eq!(count("second_order = true"), 4 * 6);
    assert_eq!(count("second_order = false"), 4 * 4);
}

#[test]
fn a_design_of_a_file_keeps_the_sum_of_its_points() {
    let place = tempfile::TempDir::new().unwrap();
    let file = place.path().join("points.csv");
    std::fs::write(&file, "beta,initial.funds\n0.1,1000\n0.2,2000\n").unwrap();
    let text = "[design]\nkind = \"file\"\npath = \"points.csv\"";
    let read = |text: &str| Spec::parse(&MODEL, text, "spec.toml", place.path());
    let spec = read(text).unwrap();
    let again = read(&spec.text()).unwrap();
    assert_eq!(points(&spec), points(&again));
    std::fs::write(&file, "beta,initial.funds\n0.1,1000\n0.2,3000\n").unwrap();
    let fault = read(&spec.text()).err().unwrap().to_string();
    assert!(
        fault.contains("design.sha256: checksum differs:"),
        "{fault}"
    );
    assert_ne!(read(text).unwrap().text(), spec.text());
}

#[test]
fn an_axis_that_would_round_beyond_its_domain_is_no_panic() {
    for axis in [
        "tmin = { from = 1e-200, to = 1e200, steps = 5, scale = \"log\" }",
        "alpha = { from = 0.5, to = 0.9999999999999999, steps = 5 }",
        "alpha = { from = 0.99999999999990, to = 0.9999999999999999, steps = 3 }",
        "tmin = { from = 0, to = 1.7976931348623157e308, steps = 7 }",
    ] {
        let design = parse(&format!("[axes]\n{axis}"));
        assert_eq!(
            points(&design)[0].1.len(),
            design.factors[0].axes[0].grid().unwrap().len()
        );
        let sampled = format!("[design]\nkind = \"sobol\"\npoints = 64\n[axes]\n{axis}");
        assert_eq!(points(&parse(&sampled))[0].1.len(), 64);
    }
    let crowded =
        "[axes]\nalpha = { from = 0.9999999999999997, to = 0.9999999999999999, steps = 50 }";
    let fault = Spec::parse(&MODEL, crowded, "spec.toml", Path::new(""))
        .err()
        .unwrap();
    assert!(
        fault.to_string().contains("axes.alpha: more steps than"),
        "{fault}"
    );
}

#[test]
fn every_sweep_that_comes_along_is_sound_and_asks_a_question() {
    let sweeps = Path::new(env!("CARGO_MANIFEST_DIR")).join("sweeps");
    let mut seen = 0;
    for entry in std::fs::read_dir(&sweeps).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let question = text.lines().next().unwrap_or("");
        let asks = question.starts_with("# ") && question.contains('?');
        assert!(asks, "{}: {question}", path.display());
        let spec = Spec::parse(&MODEL, &text, "spec.toml", &sweeps);
        let plan = spec.map(conviction::study::Plan::new);
        let plan = plan.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        plan.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn an_axis_that_another_leaves_without_effect_is_allowed() {
    let plan = |text: &str| conviction::study::Plan::new(parse(text));
    for text in [
        "[issuance]\n[axes]\n\"issuance.policy\" = [\"fixed\", \"dynamic\"]\ngamma = [0.001, 0.002]",
        "[issuance]\n[model]\ngamma = 0.002\n[axes]\n\"issuance.policy\" = [\"fixed\", \"dynamic\"]",
        "[issuance]\n[axes]\ngamma = [0.001, 0.002]\n[[variant]]\nname = \"a\"\n\
         [[variant]]\nname = \"b\"\nissuance.policy = \"none\"",
        "[issuance]\nstep_days = [5]\nstep_gammas = [0.0]\n[axes]\n\"issuance.policy\" = [\"fixed\", \"steps\"]",
        "[issuance]\n[[change]]\nday = 5\nset = { gamma = 0.002 }\n[axes]\n\
         \"issuance.policy\" = [\"fixed\", \"none\"]",
    ] {
        let plan = plan(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        for point in 0..plan.points {
            assert_eq!(plan.setting(point).fault(), None, "{text}, point {point}");
        }
    }
    // An axis that no point uses is a fault.
    let unused = "[issuance]\npolicy = \"dynamic\"\n[axes]\ngamma = [0.001, 0.002]";
    let fault = plan(unused).err().unwrap().to_string();
    assert!(
        fault.contains("point 1 (gamma = 0.002): gamma is 0.002, but issuance.policy"),
        "{fault}"
    );
}

/// A network is named, or a table of its kind and degree; both say the same keys.
#[test]
fn a_network_may_be_a_table() {
    let of = |network: &str| {
        let spec = parse(&format!("[initial]\nnetwork = {network}"));
        let setting = |name: &str| {
            spec.base
                .value(MODEL.keys().find(name).unwrap())
                .to_string()
        };
        (setting("initial.network"), setting("initial.degree"))
    };
    let said = |network: &str, degree: &str| (network.to_owned(), degree.to_owned());
    assert_eq!(of("\"published\""), said("published", "0"));
    assert_eq!(of("{ degree = 8 }"), said("published", "8"));
    assert_eq!(
        of("\"preferential\"\ndegree = 4.5"),
        said("preferential", "4.5")
    );
    let table = "{ kind = \"preferential\", degree = 8 }";
    assert_eq!(of(table), said("preferential", "8"));
    let fault = |network: &str| {
        let text = format!("[initial]\n{network}");
        let spec = Spec::parse(&MODEL, &text, "a spec", Path::new(""));
        spec.err().unwrap().to_string()
    };
    for (network, expected) in [
        (
            "network = { degre = 8 }",
            "initial.network.degre: unknown key; did you mean initial.degree?",
        ),
        (
            "network = { kind = \"random\" }",
            "initial.network.kind: found \"random\"",
        ),
        (
            "network = { degree = -1 }",
            "initial.network.degree: found -1",
        ),
        (
            "degree = 3.0\nnetwork = { degree = 8 }",
            "set twice; keep one",
        ),
    ] {
        let found = fault(network);
        assert!(found.contains(expected), "{found}");
    }
}
