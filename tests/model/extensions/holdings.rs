//! How holdings are spread: laws, lists, newcomers, concentration; and that what is off, or says what the
//! published model says, changes nothing.

use crate::common::Place;
use crate::common::extensions::{model, with};
use crate::runs::{numbers, simulate};
use conviction::engine::{Model, Seeds, Setting, Simulator, Source, Stream, Value};
use conviction::study::{Plan, Spec};
use conviction::voting::holdings::Concentration;
use conviction::voting::participants::InitialParticipants;
use proptest::collection::vec;
use proptest::prelude::*;
use std::path::Path;

fn on() -> Model {
    model(&["holdings"])
}

/// The participants of the first days of a run: what each holds, and its own sentiment.
fn people(model: &Model, setting: &Setting, world: u64) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let table = simulate(model, &["participants"], setting, 5, world).batch("participants");
    let [day, holdings, sentiment] =
        ["day", "holdings", "sentiment"].map(|column| numbers(&table, column));
    (day, holdings, sentiment)
}

fn of_day(day: f64, (days, values, _): &(Vec<f64>, Vec<f64>, Vec<f64>)) -> Vec<f64> {
    let rows = days.iter().zip(values).filter(|(of, _)| **of == day);
    rows.map(|(_, value)| *value).collect()
}

fn fault(text: &str, directory: &Path) -> String {
    match Spec::parse(&conviction::model(), text, "spec.toml", directory) {
        Ok(spec) => match Plan::new(spec) {
            Ok(_) => panic!("sound: {text}"),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_published_law_changes_nothing_to_the_bit() {
    let (off, on) = (conviction::model(), on());
    for arithmetic in ["real", "contract"] {
        for newcomers in ["exponential", "same"] {
            let plain = with(&off, &[], &[("arithmetic", arithmetic)]);
            let words = [
                ("arithmetic", arithmetic),
                ("holdings.newcomers", newcomers),
            ];
            let setting = with(&on, &[], &words);
            for world in 0..5 {
                let one = Simulator::new(&off, &["runs"]).outcome("runs", &plain, 9, world);
                let other = Simulator::new(&on, &["runs"]).outcome("runs", &setting, 9, world);
                let (one, other) = (one.unwrap(), other.unwrap());
                for column in off.columns("runs") {
                    let shown = |value: Option<Value>| format!("{value:?}");
                    let name = &column.name;
                    assert_eq!(shown(one.get(name)), shown(other.get(name)), "{name}");
                }
            }
        }
    }
    // Of what is on, only columns are new, and those at the end.
    let names = |model: &Model| -> Vec<String> {
        let columns = model.columns("runs").into_iter();
        columns.map(|column| column.name).collect()
    };
    let all = names(&on);
    assert!(all.starts_with(&names(&off)));
    assert_eq!(all[all.len() - 10], "gini_initial");
    assert_eq!(off.columns("days"), on.columns("days"));
}

/// Whatever the law, E is held, and nothing else that is drawn at the start is another.
#[test]
fn holdings_of_a_law_sum_to_e_and_nothing_else_changes() {
    let (off, on) = (conviction::model(), on());
    let tables = ["proposals", "support_edges", "influence"];
    let others = |model: &Model, setting: &Setting| {
        let mut left = simulate(model, &tables, setting, 5, 2);
        tables.map(|table| {
            let table = left.batch(table);
            let first = match table.column_by_name("day") {
                Some(_) => numbers(&table, "day")
                    .iter()
                    .filter(|day| **day == 0.0)
                    .count(),
                None => table.num_rows(),
            };
            table.slice(0, first)
        })
    };
    for arithmetic in ["real", "contract"] {
        let short = [("days", 3.0)];
        let published = with(&off, &short, &[("arithmetic", arithmetic)]);
        let (_, _, sentiments) = people(&off, &published, 2);
        for law in ["equal", "lognormal", "pareto"] {
            let words = [("holdings.law", law), ("arithmetic", arithmetic)];
            let setting = with(&on, &short, &words);
            let found = people(&on, &setting, 2);
            let held = of_day(0.0, &found);
            assert_eq!(held.len(), 30);
            let effective = 0.8 * (22392.22 - 4867.21);
            assert!(
                (held.iter().sum::<f64>() / effective - 1.0).abs() < 1e-12,
                "{law}"
            );
            assert_eq!(found.2[..30], sentiments[..30], "{law}");
            assert_eq!(others(&on, &setting), others(&off, &published), "{law}");
        }
    }
}

/// Stream 13, and the formulas, said a second time.
#[test]
fn variates_are_those_of_stream_13() {
    let on = on();
    let seeds = Seeds { root: 5, world: 1 };
    let mut source = seeds.source(Stream::numbered(13));
    let lognormal: Vec<f64> = (0..30)
        .map(|_| {
            let (u1, u2) = (source.uniform(), source.uniform());
            let z = libm::sqrt(-2.0 * libm::log(1.0 - u1)) * libm::cos(std::f64::consts::TAU * u2);
            libm::exp(2.0 * z)
        })
        .collect();
    let mut source = seeds.source(Stream::numbered(13));
    let pareto = (0..30).map(|_| libm::pow(1.0 - source.uniform(), -1.0 / 1.2));
    for (law, variates) in [
        ("lognormal", lognormal),
        ("pareto", pareto.collect::<Vec<_>>()),
    ] {
        let setting = with(&on, &[("days", 1.0)], &[("holdings.law", law)]);
        let held = of_day(0.0, &people(&on, &setting, 1));
        let scale = 0.8 * (22392.22 - 4867.21) / variates.iter().sum::<f64>();
        let expected: Vec<_> = variates.iter().map(|variate| variate * scale).collect();
        assert_eq!(held, expected, "{law}");
    }
}

/// Sample means are below those of whole populations, by (n − 1)/n and by the tail.
#[test]
fn samples_are_as_unequal_as_computed() {
    let on = on();
    let mut simulator = Simulator::new(&on, &["runs"]);
    for (law, key, shape, expected) in [
        ("exponential", "holdings.sigma", 2.0, [0.484, 0.495, 0.499]),
        ("lognormal", "holdings.sigma", 2.0, [0.763, 0.811, 0.830]),
        ("pareto", "holdings.tail", 1.2, [0.513, 0.581, 0.623]),
    ] {
        for (participants, expected) in [30.0, 100.0, 400.0].into_iter().zip(expected) {
            let counts = [
                ("days", 1.0),
                ("initial.proposals", 0.0),
                ("initial.participants", participants),
                (key, shape),
            ];
            let setting = with(&on, &counts, &[("holdings.law", law)]);
            let worlds = 200;
            let mut of = |world| simulator.outcome("runs", &setting, 3, world).unwrap();
            let gini: f64 = (0..worlds)
                .map(|world| of(world).number("gini_initial"))
                .sum();
            let mean = gini / worlds as f64;
            // More than three errors of the mean.
            assert!(
                (mean - expected).abs() < 0.02,
                "{law}, {participants}: {mean}"
            );
        }
    }
}

#[test]
fn equal_holdings_have_no_concentration() {
    let on = on();
    for participants in [1, 9, 30] {
        let setting = with(&on, &[("days", 1.0)], &[("holdings.law", "equal")]);
        let setting = setting.with("initial.participants", participants).unwrap();
        let outcome = Simulator::new(&on, &["runs"])
            .outcome("runs", &setting, 1, 0)
            .unwrap();
        assert!(outcome.number("gini_initial").abs() < 1e-12);
        assert_eq!(
            outcome.number("nakamoto_initial"),
            f64::from(participants / 2 + 1)
        );
        let n = f64::from(participants);
        assert!((outcome.number("top1_initial") - 1.0 / n).abs() < 1e-12);
        assert!((outcome.number("top10_initial") - (10.0 / n).min(1.0)).abs() < 1e-12);
        assert!((outcome.number("effective_holders_initial") - n).abs() < 1e-9);
    }
}

#[test]
fn newcomers_bring_what_the_law_says_divided_by_its_mean() {
    let on = on();
    let days = [("days", 40.0), ("holdings.sigma", 1.5)];
    let setting = |newcomers| {
        let words = [
            ("holdings.law", "lognormal"),
            ("holdings.newcomers", newcomers),
        ];
        with(&on, &days, &words)
    };
    let (published, same) = (setting("exponential"), setting("same"));
    let [published, same] = [published, same].map(|setting| people(&on, &setting, 4));
    let mut source = Seeds { root: 5, world: 4 }.source(Stream::numbered(13));
    for _ in 0..30 {
        source.normal();
    }
    let normal =
        |source: &mut Source| libm::exp(1.5 * source.normal()) / libm::exp(1.5 * 1.5 / 2.0);
    // The first newcomer of each: the same day, and L before he came.
    let first = |found: &(Vec<f64>, Vec<f64>, Vec<f64>)| {
        (1..=40)
            .find(|&day| of_day(f64::from(day), found).len() > 30)
            .unwrap()
    };
    let day = f64::from(first(&same));
    assert_eq!(first(&published), first(&same));
    let other = 22392.22 - 4867.21 - 0.8 * (22392.22 - 4867.21);
    let held = of_day(day, &same)[30];
    let paid = held / (normal(&mut source) * 0.01 * other);
    // Grants paid before he came are in L too.
    assert!(
        (1.0..1.6).contains(&paid) || (paid - 1.0).abs() < 1e-9,
        "{paid}"
    );
    assert_ne!(of_day(day, &published)[30], held);
}

#[test]
fn a_list_is_who_participates() {
    let place = Place::new();
    place.file("holders.csv", "name,holdings\na,6\nb, 1.5 \nc,2.5\n");
    let directory = place.path("holders.csv").parent().unwrap().to_owned();
    let read = |text: &str| Spec::parse(&conviction::model(), text, "spec.toml", &directory);
    let spec = read("days = 2\n[holdings]\nlaw = \"file\"\npath = \"holders.csv\"\n").unwrap();
    // The spec holds the list from here on, not the name of the file.
    let text = spec.text();
    assert!(text.contains("listed = [6.0, 1.5, 2.5]"), "{text}");
    assert!(
        text.contains("participants = 3") && !text.contains("holders.csv"),
        "{text}"
    );
    std::fs::remove_file(place.path("holders.csv")).unwrap();
    assert_eq!(read(&text).unwrap().text(), text);
    let effective = 0.8 * (22392.22 - 4867.21);
    let held = of_day(0.0, &people(&spec.model, &spec.base, 0));
    let expected = [6.0, 1.5, 2.5].map(|listed| listed * (effective / 10.0));
    assert_eq!(held, expected);

    // Each variant has as many participants as its list.
    let two = "[holdings]\nlaw = \"file\"\n[[variant]]\nname = \"a\"\nholdings.listed = [1, 2]\n\
               [[variant]]\nname = \"b\"\nholdings.listed = [1, 2, 3, 4]\n";
    let plan = Plan::new(read(two).unwrap()).unwrap();
    let counts = [0, 1].map(|point| plan.setting(point).group::<InitialParticipants>());
    assert_eq!(counts.map(|initial| initial.participants), [2, 4]);
    assert_eq!(read(&plan.spec_text()).unwrap().text(), plan.spec_text());

    let sampled = "[initial]\nparticipants = 40\n[holdings]\nlaw = \"file\"\nmix = \"sampled\"\nlisted = [1, 3]";
    let spec = read(sampled).unwrap();
    let held = of_day(0.0, &people(&spec.model, &spec.base, 3));
    let mut source = Seeds { root: 5, world: 3 }.source(Stream::numbered(13));
    let drawn: Vec<f64> = (0..40).map(|_| [1.0, 3.0][source.index(2)]).collect();
    let scale = effective / drawn.iter().sum::<f64>();
    assert_eq!(
        held,
        drawn
            .iter()
            .map(|listed| listed * scale)
            .collect::<Vec<_>>()
    );
}

/// The dataset is that of the list, and needs the file no more.
#[test]
fn a_dataset_holds_its_list() {
    let place = Place::new();
    place.file("holders.csv", "holdings\n6\n1\n3\n2\n");
    place.file(
        "spec.toml",
        "days = 20\nreplicates = 3\n[holdings]\nlaw = \"file\"\npath = \"holders.csv\"\n[[variant]]\nname = \"as they are\"\n\
         [[variant]]\nname = \"others\"\nholdings.listed = [1, 2]\n",
    );
    place.run(0, &["sweep", "spec.toml", "--out", "one", "-q"]);
    let (resolved, _) = place.run(0, &["sweep", "spec.toml", "--dry-run"]);
    place.file("resolved.toml", &resolved);
    std::fs::remove_file(place.path("holders.csv")).unwrap();
    place.run(
        0,
        &["sweep", "resolved.toml", "--out", "one", "--resume", "-q"],
    );
    // Runs of either variant have their lists again.
    for (run, listed) in [
        ("1", "listed = [6.0, 1.0, 3.0, 2.0]"),
        ("4", "listed = [1.0, 2.0]"),
    ] {
        let out = format!("run{run}");
        place.run(
            0,
            &["run", "--from", "one", "--run", run, "--out", &out, "-q"],
        );
        let text = std::fs::read_to_string(place.path(&format!("{out}/run.toml"))).unwrap();
        assert!(text.contains(listed), "{text}");
    }
    place.run(0, &["report", "run1", "--out", "two.html"]);
    let report = std::fs::read_to_string(place.path("two.html")).unwrap();
    assert!(
        report.contains("Day 0: Gini 0.333, 2 holders have"),
        "of 6, 1, 3 and 2 there are curves"
    );
    place.run(0, &["report", "one", "--out", "one.html"]);
    place.run(0, &["verify", "one"]);
    // Another list is another dataset.
    place.file("holders.csv", "holdings\n6\n1\n3\n2.5\n");
    let (_, error) = place.run(2, &["sweep", "spec.toml", "--out", "one", "--resume", "-q"]);
    assert!(error.contains("holdings.listed"), "{error}");
    // A single run takes a file as well.
    place.run(
        0,
        &[
            "run",
            "--set",
            "holdings.law=file",
            "--set",
            "holdings.path=holders.csv",
        ],
    );
}

#[test]
fn faults_say_what_to_do() {
    let place = Place::new();
    let directory = place
        .file("text.csv", "holdings\n3\nx\n")
        .parent()
        .unwrap()
        .to_owned();
    place.file("zero.csv", "holdings\n3\n0\n");
    place.file("other.csv", "tokens\n3\n");
    place.file("none.csv", "holdings\n");
    for (text, expected) in [
        ("[holdings]\nlaw = \"file\"", "no holders are listed"),
        (
            "[holdings]\nlaw = \"normal\"",
            "expected \"equal\" or \"exponential\"",
        ),
        (
            "[holdings]\nlaw = \"file\"\npath = \"text.csv\"",
            "row 2, column holdings: found \"x\"",
        ),
        (
            "[holdings]\nlaw = \"file\"\npath = \"zero.csv\"",
            "row 2, column holdings: found 0",
        ),
        (
            "[holdings]\nlaw = \"file\"\npath = \"other.csv\"",
            "has no column holdings; it has tokens",
        ),
        (
            "[holdings]\nlaw = \"file\"\npath = \"none.csv\"",
            "0 numbers, expected at least one",
        ),
        (
            "[holdings]\nlaw = \"file\"\npath = \"gone.csv\"",
            "gone.csv",
        ),
        (
            "[holdings]\npath = 3",
            "expected the name of a CSV or Parquet file",
        ),
        (
            "[holdings]\npth = \"text.csv\"",
            "did you mean holdings.path?",
        ),
        (
            "[holdings]\nlisted = [1, -1]",
            "expected a list of at most 100000 numbers above 0",
        ),
        (
            "[initial]\nparticipants = 5\n[holdings]\nlaw = \"file\"\nlisted = [1, 2]",
            "initial.participants: is 5, but 2 holders are listed",
        ),
        (
            "[holdings]\n[axes]\nholdings.listed = [[1, 2]]",
            "does not belong here; holdings.listed belongs under [holdings]",
        ),
        (
            "[holdings]\nlaw = \"pareto\"\ntail = 0.9\nnewcomers = \"same\"",
            "tail is above 1",
        ),
        (
            "[holdings]\n[model]\nrules = \"v3\"",
            "for which [holdings] has no rules",
        ),
        (
            "[axes]\nholdings.law = [\"equal\"]",
            "add a table [holdings]",
        ),
    ] {
        let found = fault(text, &directory);
        assert!(found.contains(expected), "{text}\n{found}");
    }
}

proptest! {
    /// Neither the order of holders nor the unit of tokens matters, and every measure has its bounds.
    #[test]
    fn concentration_is_of_shares(mut held in vec(1e-6_f64..1e6, 1..60), unit in 1e-3_f64..1e3) {
        let mut scaled: Vec<f64> = held.iter().rev().map(|held| held * unit).collect();
        let [of, other] = [&mut held, &mut scaled].map(|held| Concentration::of(held));
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9 * b.abs().max(1.0);
        prop_assert!(close(of.gini, other.gini) && close(of.top1, other.top1));
        prop_assert!(close(of.top10, other.top10) && close(of.effective_holders, other.effective_holders));
        let count = held.len() as f64;
        prop_assert!(of.gini > -1e-12 && of.gini < 1.0 - 1.0 / count + 1e-12);
        prop_assert!(of.nakamoto >= 1 && of.nakamoto <= held.len() as u32 / 2 + 1);
        prop_assert!(of.top1 <= of.top10 + 1e-12 && of.top10 <= 1.0 + 1e-12);
        prop_assert!(of.effective_holders >= 1.0 - 1e-9 && of.effective_holders <= count + 1e-9);
    }
}
