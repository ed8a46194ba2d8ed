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
        assert!(libm::log(median / 1e-4).abs() < 0.6, "{kind}: {median}");
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

const GRID: [&str; 4] = [
    "rho = 0.0001, initial.participants = 10, rules = corrected",
    "rho = 0.0001, initial.participants = 10, rules = v3",
    "rho = 0.0001, initial.participants = 25, rules = corrected",
    "rho = 0.0001, initial.participants = 25, rules = v3",
];
const RANDOM: [&str; 4] = [
    "rho = 0.0007299513009292078, initial.participants = 30, rules = v3",
    "rho = 0.0005666524470170168, initial.participants = 37, rules = corrected",
    "rho = 0.0004973129123332934, initial.participants = 29, rules = v3",
    "rho = 0.0009102385300022576, initial.participants = 34, rules = v3",
];
const LATIN: [&str; 4] = [
    "rho = 0.0013015759582553734, initial.participants = 26, rules = v3",
    "rho = 0.0002916600019218722, initial.participants = 34, rules = corrected",
    "rho = 0.0003319712549043319, initial.participants = 18, rules = v3",
    "rho = 0.004368780865305329, initial.participants = 15, rules = corrected",
];
const SOBOL: [&str; 4] = [
    "rho = 0.00018565513815478144, initial.participants = 13, rules = v3",
    "rho = 0.0029373200755381332, initial.participants = 28, rules = corrected",
    "rho = 0.004133863707791059, initial.participants = 21, rules = v3",
    "rho = 0.000646268690848185, initial.participants = 39, rules = corrected",
];
const SALTELLI: [&str; 6] = [
    "rho = 0.00018565513815478144, initial.participants = 13, rules = v3",
    "rho = 0.0002178249390943477, initial.participants = 13, rules = v3",
    "rho = 0.00018565513815478144, initial.participants = 31, rules = v3",
    "rho = 0.00018565513815478144, initial.participants = 13, rules = v3",
    "rho = 0.0002178249390943477, initial.participants = 31, rules = v3",
    "rho = 0.0029373200755381332, initial.participants = 28, rules = corrected",
];
const MORRIS: [&str; 5] = [
    "rho = 0.0001, initial.participants = 40, rules = corrected",
    "rho = 0.002154434690031884, initial.participants = 40, rules = corrected",
    "rho = 0.002154434690031884, initial.participants = 40, rules = v3",
    "rho = 0.002154434690031884, initial.participants = 20, rules = v3",
    "rho = 0.00046415888336127784, initial.participants = 40, rules = corrected",
];
const HALVES: [&str; 4] = [
    "beta = 0.2, initial.sentiment = 0.83826055867196",
    "beta = 0.2, initial.sentiment = 0.27490976251672217",
    "beta = 0.3, initial.sentiment = 0.83826055867196",
    "beta = 0.3, initial.sentiment = 0.27490976251672217",
];
const STREAMS: [&str; 26] = [
    "conflict.signs: 16964229524086892971 8863384730088078192",
    "flows: 10080275544022956574 2170031591746552310",
    "donations: 5911179445274464466 13256555475533717265",
    "market reference: 8692962047841521890 107386427682392439",
    "market trades: 14027280732154729880 1256940289277728489",
    "market parts: 12237758671650723234 18165692475148524177",
    "market exits: 886480109839368236 13239843100711459812",
    "market liquidity: 11302510641574711970 14754928794469598297",
    "0: 6030822687497266083 3070274287132218740",
    "1: 11776708841192324722 6954037708020673965",
    "2: 9867766473988971003 16180959193493697089",
    "3: 3727817965744015585 7233727398026384532",
    "4: 15631905894840427289 502082951133432074",
    "5: 573658048923932880 18246903391642618492",
    "6: 6582488781193977555 5052673045105668773",
    "7: 14030546950784444592 14170766638061603996",
    "8: 11556051605640270725 11873215422336142554",
    "9: 14462028859747292166 16752753750886891987",
    "10: 3372556958133947528 13840571833838289293",
    "11: 15738277413051893907 2311150868174421568",
    "12: 382621150313918678 1719771821850331592",
    "13: 9563909425143870846 11930252096570868523",
    "14: 11436814140520069617 4171718715487571644",
    "15: 16036539333821861126 5072082225691095453",
    "16: 17949406608854393466 1320751409469521691",
    "17: 11711250497113779602 6589739493133349206",
];
