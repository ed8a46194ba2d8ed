//! How sweeps and streams begin, as numbers: the first points of each design, and the first draws of each stream.

use conviction::engine::{Seeds, Stream};
use conviction::study::{Plan, Spec};
use std::collections::BTreeSet;
use std::path::Path;

/// A logarithmic, a whole and a named axis.
const AXES: &str = "[axes]\nrho = { from = 1e-4, to = 1e-2, steps = 3, scale = \"log\" }\n\
                    \"initial.participants\" = { from = 10, to = 40, steps = 3 }\n\
                    rules = [\"corrected\", \"v3\"]\n";

/// The same without steps, for designs that take points between.
fn between() -> String {
    AXES.replace(", steps = 3", "")
}

fn plan(text: &str) -> Plan {
    let spec = Spec::parse(&conviction::model(), text, "a spec", Path::new(""));
    Plan::new(spec.unwrap_or_else(|error| panic!("{error}"))).unwrap()
}

/// Expects the first points of a spec, in words.
fn assert_begins(what: &str, text: &str, points: &[&str]) {
    let plan = plan(text);
    let found: Vec<_> = (0..points.len() as u32)
        .map(|point| plan.describe(point))
        .collect();
    assert_eq!(found, points, "{what}");
}

#[test]
fn the_first_points_of_each_design_are_pinned() {
    let design = |text: &str| format!("seed = 7\n[design]\n{text}\n{}", between());
    assert_begins("grid", &format!("seed = 7\n{AXES}"), &GRID);
    assert_begins("random", &design("kind = \"random\"\npoints = 4"), &RANDOM);
    let latin = "kind = \"latin-hypercube\"\npoints = 4";
    assert_begins("latin hypercube", &design(latin), &LATIN);
    assert_begins("sobol", &design("kind = \"sobol\"\npoints = 4"), &SOBOL);
    let saltelli = "kind = \"saltelli\"\npoints = 2\nsecond_order = false";
    assert_begins("saltelli", &design(saltelli), &SALTELLI);
    let morris = "kind = \"morris\"\ntrajectories = 2\nlevels = 4";
    assert_begins("morris", &design(morris), &MORRIS);
    let halves = "seed = 7\n[levers]\nbeta = [0.2, 0.3]\n[uncertainties]\n\
                  \"initial.sentiment\" = { from = 0.2, to = 0.9 }\n\
                  [design.uncertainties]\nkind = \"random\"\npoints = 2\n";
    assert_begins("levers and uncertainties", halves, &HALVES);
}

/// Points of a logarithmic axis are as many below as above its middle, √(low · high).
#[test]
fn a_logarithmic_axis_is_sampled_by_its_logarithm() {
    for kind in ["random", "latin-hypercube", "sobol"] {
        let text = format!(
            "[design]\nkind = \"{kind}\"\npoints = 1024\n[axes]\nrho = {{ from = 1e-6, to = 1e-2, scale = \"log\" }}\n"
        );
        let plan = plan(&text);
        let rho = |point| {
            let values: Vec<_> = plan.values(point).collect();
            values[0].1.to_string().parse::<f64>().unwrap()
        };
        let mut all: Vec<f64> = (0..plan.points).map(rho).collect();
        all.sort_by(f64::total_cmp);
        let median = all[512];
        assert!((median / 1e-4).ln().abs() < 0.6, "{kind}: {median}");
    }
}

#[test]
fn independent_worlds_differ_by_point_and_replicate() {
    let text = |randomness: &str| {
        format!("replicates = 3\nrandomness = \"{randomness}\"\n[axes]\nbeta = [0.1, 0.2]\n")
    };
    let worlds = |randomness: &str| -> Vec<u64> {
        let plan = plan(&text(randomness));
        (0..plan.runs).map(|run| plan.world(run)).collect()
    };
    assert_eq!(worlds("common"), [0, 1, 2, 0, 1, 2]);
    let first = 1 << 63;
    let independent = [0, 1, 2, 3, 4, 5].map(|run| first + run);
    assert_eq!(worlds("independent"), independent);
}

/// Each stream that features draw from, with the first bits of it in the first common and independent world.
#[test]
fn the_first_draws_of_each_stream_are_pinned() {
    let named = [
        "conflict.signs",
        "flows",
        "donations",
        "market reference",
        "market trades",
        "market parts",
        "market exits",
        "market liquidity",
    ];
    let named = named.map(|name| (name.to_owned(), Stream::named(name)));
    let numbered = (0..18).map(|number| (number.to_string(), Stream::numbered(number)));
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for (name, stream) in named.into_iter().chain(numbered) {
        let first = |world| Seeds { root: 7, world }.source(stream).bits();
        let bits = [first(0), first(1 << 63)];
        seen.extend(bits);
        found.push(format!("{name}: {} {}", bits[0], bits[1]));
    }
    assert_eq!(found, STREAMS);
    assert_eq!(seen.len(), 2 * STREAMS.len());
}

const GRID: [&str; 4] = [""; 4];
const RANDOM: [&str; 4] = [""; 4];
const LATIN: [&str; 4] = [""; 4];
const SOBOL: [&str; 4] = [""; 4];
const SALTELLI: [&str; 6] = [""; 6];
const MORRIS: [&str; 5] = [""; 5];
const HALVES: [&str; 4] = [""; 4];
const STREAMS: [&str; 26] = [""; 26];
