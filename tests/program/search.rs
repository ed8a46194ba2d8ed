//! Searches: the same however they are run; on a problem whose answer is known, that answer; in fresh worlds at the end.

use crate::common::{Place, assert_same, sums};
use conviction::analyse::means::means;
use conviction::analyse::runs::Runs as RowsOf;
use conviction::engine::Model;
use conviction::prelude::*;
use conviction::search::{Found, Listener, Options, Running, search};
use conviction::study::execute::{Progress, Slice};
use conviction::study::{Dataset, Spec};
use conviction::voting::model_with;
use serde_json::Value as Json;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

settings! {
    /// Schaffer's problem: x² against (x − 2)², which are traded off for x from 0 to 2; what is off costs both.
    Schaffer in "schaffer" {
        x: f64 = 0.0, "", Domain::from_to(-10.0, 10.0), "what is traded off";
        off: f64 = 0.0, "", Domain::from_to(0.0, 10.0), "what costs both";
        noise: f64 = 0.0, "", Domain::from_to(0.0, 10.0), "deviation of the noise";
    }
}

columns! {
    SchafferRow, SchafferRows {
        first: f64, "", "x² and noise" => min;
        second: f64, "", "(x − 2)² and noise" => min;
    }
}

#[derive(Component, Default)]
struct Noise(Source);

impl Seeded for Noise {
    fn seed(&mut self, seeds: StreamSeeds) {
        self.0 = seeds.source(Stream::named("schaffer"));
    }
}

fn show(mut runs: Sampled<(&Schaffer, &mut Noise, &mut Gathered<SchafferRows>)>) {
    for (_, (of, noise, rows)) in runs.batch() {
        let mut cost = || of.off + of.noise * noise.0.normal();
        rows.push(SchafferRow {
            first: of.x * of.x + cost(),
            second: (of.x - 2.0) * (of.x - 2.0) + cost(),
        });
    }
}

fn schaffer() -> Model {
    fn register(model: &mut ModelBuilder) {
        model.settings::<Schaffer>().streams::<Noise>();
        model.columns::<SchafferRows, _>(&["runs"], show);
    }
    model_with(&[Feature::new("schaffer", 1, register)])
}

/// A problem whose Pareto set is known: x from 0 to 2, nothing off.
const KNOWN: &str = "seed = 9\nreplicates = 20\ndays = 1\n\
    [initial]\nparticipants = 2\nproposals = 1\n\
    [schaffer]\nnoise = 0.2\n\
    [levers]\n\"schaffer.x\" = { from = -4.0, to = 4.0 }\n\"schaffer.off\" = { from = 0.0, to = 1.0 }\n\
    [design.levers]\nkind = \"random\"\npoints = 16\n\
    [[objective]]\nname = \"first\"\ncolumn = \"first\"\n\
    [[objective]]\nname = \"second\"\ncolumn = \"second\"\n";

const RUNNING: Running = Running {
    threads: 2,
    resume: false,
    slice: Slice::Whole,
};

fn found(spec: &str, place: &Path, options: &Options) -> Found {
    let spec = Spec::parse(&schaffer(), spec, "a spec", Path::new("")).unwrap();
    let stop = AtomicBool::new(false);
    search(spec, place, options, RUNNING, &(), &stop)
        .unwrap()
        .unwrap()
}

fn real(value: Value) -> f64 {
    match value {
        Value::Real(number) => number,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_archive_covers_a_known_pareto_set() {
    let place = Place::new();
    let options = Options {
        generations: 14,
        population: 16,
        least_worlds: 40,
        ..Options::default()
    };
    let found = found(KNOWN, &place.path("found"), &options);
    let members = || found.archive.iter();
    let mut across: Vec<f64> = members().map(|of| real(of.values[0])).collect();
    assert!(members().all(|of| of.worlds >= 40 && of.fresh_worlds >= 40));
    assert!(
        across.iter().all(|x| (-0.4..=2.4).contains(x)),
        "{across:?}"
    );
    assert!(members().all(|of| real(of.values[1]) < 0.25), "{found:?}");
    // From one end to the other, without gaps; the best of the first objective comes first.
    assert!(
        across.windows(2).all(|pair| pair[0] < pair[1]),
        "{across:?}"
    );
    across.insert(0, 0.0);
    across.push(2.0);
    assert!(
        across.windows(2).all(|pair| pair[1] - pair[0] < 0.6),
        "{across:?}"
    );
    assert!(found.archive.len() >= 5, "{across:?}");
    // Both values are of the same thing.
    for of in members() {
        for (searched, fresh) in of.searched.iter().zip(&of.fresh) {
            let both = 2.5 * (searched.half_width + fresh.half_width);
            assert!((searched.mean - fresh.mean).abs() < both, "{of:?}");
            assert_ne!(searched.mean, fresh.mean);
        }
    }
}

#[test]
fn constraints_on_settings_and_outcomes_hold() {
    let place = Place::new();
    let spec =
        format!("constraints = [\"schaffer.x + schaffer.off >= 0.5\"]\n{KNOWN}meet = \"<= 1.0\"\n");
    let options = Options {
        generations: 8,
        population: 12,
        least_worlds: 20,
        epsilon: 0.5,
        ..Options::default()
    };
    let found = found(&spec, &place.path("found"), &options);
    let mut settings = 0;
    for generation in 0..8 {
        let file = place.path(&format!("found/settings-{generation:03}.csv"));
        for line in std::fs::read_to_string(file).unwrap().lines().skip(1) {
            let sum: f64 = line
                .split(',')
                .map(|cell| cell.parse::<f64>().unwrap())
                .sum();
            assert!(sum >= 0.5, "{line}");
            settings += 1;
        }
    }
    assert!(settings > 8 * 8, "{settings}");
    assert!(!found.archive.is_empty());
    for of in &found.archive {
        assert!(
            of.searched[1].mean <= 1.0 && real(of.values[0]) > 0.8,
            "{of:?}"
        );
    }
    let none = spec.replace("<= 1.0", "<= -5.0");
    let none = self::found(&none, &place.path("none"), &options);
    assert!(none.archive.is_empty());
    // What misses the criterion by least is near to x = 2.
    let nearest = none.nearest.unwrap();
    assert!((real(nearest.values[0]) - 2.0).abs() < 0.5, "{nearest:?}");
}

#[test]
fn the_end_is_in_worlds_that_the_search_never_met() {
    let place = Place::new();
    let options = Options {
        generations: 4,
        population: 8,
        least_worlds: 20,
        ..Options::default()
    };
    found(KNOWN, &place.path("found"), &options);
    let names = [
        "generation-000",
        "generation-001",
        "generation-002",
        "generation-003",
        "fresh-004",
    ];
    let datasets = names.map(|name| Dataset::open(&place.path("found").join(name)).unwrap());
    let seeds: std::collections::BTreeSet<_> = datasets
        .iter()
        .map(|dataset| dataset.manifest.spec["seed"].as_integer().unwrap())
        .collect();
    assert_eq!(seeds.len(), names.len());
    // All columns are kept, and no run of the last dataset came out as any before.
    let firsts = datasets.map(|dataset| {
        let mut all = Vec::new();
        let runs = RowsOf::of(&dataset);
        runs.each_part(&["first", "funds"], |rows| {
            assert!(!means(&rows).is_empty());
            all.extend(rows.columns[0].iter().map(|value| value.to_bits()));
        })
        .unwrap();
        all
    });
    let (fresh, before) = firsts.split_last().unwrap();
    assert!(!fresh.is_empty());
    assert!(fresh.iter().all(|value| !before.concat().contains(value)));
}

/// A listener that asks for an end after some parts.
struct Stopping<'s> {
    parts: AtomicU64,
    stop: &'s AtomicBool,
}

impl Progress for Stopping<'_> {
    fn part(&self, _: u64) {
        if self.parts.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}

impl Listener for Stopping<'_> {}

#[test]
fn a_search_that_is_stopped_resumed_and_threaded_is_the_same_to_the_byte() {
    let place = Place::new();
    let options = Options {
        generations: 4,
        population: 8,
        least_worlds: 40,
        ..Options::default()
    };
    found(KNOWN, &place.path("whole"), &options);
    let whole = sums(&place.path("whole"));
    assert!(whole.contains_key("archive.parquet") && whole.contains_key("archive.json"));
    for after in [1, 3, 8] {
        let path = place.path(&format!("stopped-{after}"));
        let mut stops = 0;
        loop {
            let spec = Spec::parse(&schaffer(), KNOWN, "a spec", Path::new("")).unwrap();
            let stop = AtomicBool::new(false);
            let listener = Stopping {
                parts: AtomicU64::new(after),
                stop: &stop,
            };
            let running = Running {
                threads: 1 + stops % 3,
                resume: stops > 0,
                slice: Slice::Whole,
            };
            match search(spec, &path, &options, running, &listener, &stop).unwrap() {
                Some(_) => break,
                None => stops += 1,
            }
        }
        assert!(stops > 0, "{after}");
        assert_same(&sums(&path), &whole);
    }
    // A longer search begins as a shorter one did.
    let longer = Options {
        generations: 6,
        ..options.clone()
    };
    found(KNOWN, &place.path("long"), &longer);
    let spec = Spec::parse(&schaffer(), KNOWN, "a spec", Path::new("")).unwrap();
    let resumed = Running {
        resume: true,
        ..RUNNING
    };
    let stop = AtomicBool::new(false);
    search(spec, &place.path("whole"), &longer, resumed, &(), &stop)
        .unwrap()
        .unwrap();
    let prolonged = sums(&place.path("whole"));
    for (name, sum) in sums(&place.path("long")) {
        assert_eq!(prolonged.get(&name), Some(&sum), "{name}");
    }
}

/// Half-life and beta against a leech.
const ATTACKED: &str = "seed = 4\nreplicates = 2\ndays = 25\n[initial]\nparticipants = 6\n\
    [[attacker]]\nstrategy = \"leech\"\n\
    [levers]\nhalf_life_days = { from = 1.0, to = 9.0 }\nbeta = { from = 0.1, to = 0.4 }\n\
    [design.levers]\nkind = \"latin-hypercube\"\npoints = 6\n\
    [uncertainties]\n\"attacker.0.share\" = { from = 0.02, to = 0.18 }\n\"attacker.0.ask\" = { from = 0.01, to = 0.08 }\n\
    [design.uncertainties]\nkind = \"random\"\npoints = 5\n\
    [[objective]]\nname = \"take\"\ncolumn = \"attacker_0_take_share\"\n\
    [[objective]]\nname = \"granted\"\ncolumn = \"proposals_granted\"\n";

#[test]
fn processes_that_share_a_search_find_the_same() {
    let place = Place::new();
    place.file("spec.toml", ATTACKED);
    let of = |out| {
        let search = [
            "search",
            "spec.toml",
            "-q",
            "--generations",
            "3",
            "--population",
            "6",
        ];
        [
            &search[..],
            &["--set", "replicates=12", "--least-worlds", "10", "-o", out],
        ]
        .concat()
    };
    place.run(0, &[&of("alone")[..], &["--threads", "1"]].concat());
    let shards: Vec<_> = ["1/2", "2/2", "any"]
        .iter()
        .map(|shard| {
            let mut command =
                std::process::Command::new(assert_cmd::cargo::cargo_bin!("conviction"));
            command.args([&of("shared")[..], &["--threads", "1", "--shard", shard]].concat());
            command.current_dir(place.path("")).spawn().unwrap()
        })
        .collect();
    for mut shard in shards {
        assert!(shard.wait().unwrap().success());
    }
    let alone = sums(&place.path("alone"));
    assert!(alone.len() > 40);
    assert_same(&sums(&place.path("shared")), &alone);
    place.run(0, &["verify", "alone/generation-002"]);
    // A generation is a sweep like any other: its settings lie beside it.
    let (out, _) = place.run(0, &["robust", "alone/fresh-003", "--format", "json"]);
    let robust: Json = serde_json::from_str(&out).unwrap();
    let archive = std::fs::read_to_string(place.path("alone/archive.json")).unwrap();
    let archive: Json = serde_json::from_str(&archive).unwrap();
    let members = archive["archive"].as_array().unwrap();
    for (member, lever) in members.iter().zip(robust["levers"].as_array().unwrap()) {
        assert_eq!(member["setting"], lever["setting"]);
        let fresh = &member["objectives"]["take"]["fresh"];
        let near = |a: &Json, b: &Json| (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 1e-12;
        assert!(
            near(&fresh["mean"], &lever["outcomes"]["take"]["mean"]),
            "{member}"
        );
        let half_width = |of: &Json| of["half_width_95"].clone();
        let robust = half_width(&lever["outcomes"]["take"]);
        assert!(near(&half_width(fresh), &robust), "{member}");
    }
}

#[test]
fn the_worst_worlds_of_a_setting_are_found() {
    let place = Place::new();
    place.file("spec.toml", ATTACKED);
    let (out, _) = place.run(
        0,
        &[
            "search",
            "spec.toml",
            "-o",
            "worst",
            "--worst",
            "--lever",
            "2",
            "--generations",
            "6",
            "--population",
            "8",
            "--least-worlds",
            "4",
            "--objective",
            "take = attacker_0_take_share",
            "--format",
            "json",
        ],
    );
    let found: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&found["worst_of"], &found["objectives"][0]["goal"]),
        (&2.into(), &"max".into())
    );
    let worst = &found["archive"][0];
    let share = worst["setting"]["attacker.0.share"].as_f64().unwrap();
    assert!(share > 0.1, "{worst}");
    let take = worst["objectives"]["take"]["searched"]["mean"]
        .as_f64()
        .unwrap();
    // Worse than all that were drawn at random.
    let dataset = Dataset::open(&place.path("worst/generation-000")).unwrap();
    let points =
        conviction::analyse::summary::by_point(&dataset, &["attacker_0_take_share"]).unwrap();
    let drawn = points
        .iter()
        .filter_map(|point| point.mean(0))
        .fold(0.0, f64::max);
    assert!(points.len() == 5 && take > drawn, "{take} {drawn}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let place = Place::new();
    place.file("spec.toml", ATTACKED);
    place.file("plain.toml", "[axes]\nbeta = [0.1, 0.2]\n");
    place.file(
        "world.toml",
        "[uncertainties]\nbeta = [0.1, 0.2]\n[[objective]]\ncolumn = \"proposals_granted\"\n",
    );
    place.file(
        "named.toml",
        "[[variant]]\nname = \"a\"\n[levers]\nbeta = [0.1, 0.2]\n[[objective]]\ncolumn = \"proposals_granted\"\n",
    );
    let short = ["--generations", "1", "--least-worlds", "1"];
    let complaint = |arguments: &[&str]| {
        let search = ["search", "-q", "-o", "found"];
        place.run(2, &[&search[..], &short, arguments].concat()).1
    };
    for (arguments, expected) in [
        (&["plain.toml"][..], "objective: missing; add [[objective]]"),
        (
            &["plain.toml", "--objective", "fund max"],
            "did you mean funds?",
        ),
        (&["world.toml"], "levers: missing"),
        (&["named.toml"], "named settings cannot be searched"),
        (
            &["plain.toml", "--worst", "--objective", "proposals_granted"],
            "uncertainties: missing",
        ),
        (
            &["spec.toml", "--worst", "--lever", "6"],
            "expected a number below 6",
        ),
        (&["spec.toml", "--epsilon=-1"], "epsilon"),
    ] {
        let error = complaint(arguments);
        assert!(error.contains(expected), "{arguments:?}: {error}");
        assert!(!place.path("found").exists(), "{arguments:?}");
    }
    let search = ["search", "spec.toml", "-q", "-o", "found"];
    place.run(0, &[&search[..], &short].concat());
    let (_, error) = place.run(2, &[&search[..], &short].concat());
    assert!(
        error.contains("holds a search already; --resume"),
        "{error}"
    );
    let (_, error) = place.run(
        2,
        &[&search[..], &short, &["--resume", "--set", "seed=5"]].concat(),
    );
    assert!(
        error.contains("there: seed = 4") && error.contains("asked for: seed = 5"),
        "{error}"
    );
    let (_, error) = place.run(
        2,
        &["search", "spec.toml", "-q", "-o", "found/generation-000"],
    );
    assert!(error.contains("not empty"), "{error}");
    let (out, _) = place.run(
        0,
        &[
            "search",
            "plain.toml",
            "-o",
            "few",
            "--generations",
            "2",
            "--objective",
            "proposals_granted",
        ],
    );
    assert!(out.contains("none was tried in enough worlds"), "{out}");
}
