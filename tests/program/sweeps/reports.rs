//! What the report of a sweep draws is what its runs say: bands, maps, and differences with their errors.

use crate::common::Place;
use conviction::input::Table;
use serde_json::Value;

/// Two variants that meet the same worlds, and axes of three and of two levels.
const SPEC: &str = "seed = 5\nreplicates = 40\ndays = 30\n[axes]\nbeta = [0.2, 0.3, 0.5]\n\
                    half_life_days = [1.0, 9.0]\n[[variant]]\nname = \"a\"\n[[variant]]\nname = \"b\"\ntmin = 9.0\n";

/// Runs of the sweep, in their order: variant, beta, half-life, and F at the end.
struct Row {
    variant: String,
    beta: f64,
    half_life: f64,
    funds: f64,
}

fn rows(place: &Place) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut parts: Vec<_> = std::fs::read_dir(place.path("data/runs"))
        .unwrap()
        .map(|part| part.unwrap().path())
        .collect();
    parts.sort();
    for part in parts {
        let table = Table::read(&part).unwrap();
        let [beta, half_life, funds] =
            ["beta", "half_life_days", "funds"].map(|column| table.reals(column).unwrap());
        for (row, variant) in table.texts("variant").unwrap().into_iter().enumerate() {
            rows.push(Row {
                variant,
                beta: beta[row],
                half_life: half_life[row],
                funds: funds[row],
            });
        }
    }
    rows
}

/// The charts of a report.
fn figures(place: &Place) -> Vec<Value> {
    let page = std::fs::read_to_string(place.path("report.html")).unwrap();
    let begin = "<script type=\"application/json\" class=\"figure\"";
    let scripts = page.split(begin).skip(1);
    scripts
        .map(|script| {
            let json = script
                .split_once('>')
                .unwrap()
                .1
                .split_once("</script>")
                .unwrap()
                .0;
            serde_json::from_str(json).unwrap()
        })
        .collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

fn labels(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|label| label.as_str().unwrap())
        .collect()
}

/// The place of the final pool in a figure's list of outcomes, and how many there are.
fn place_of_funds(figure: &Value) -> (usize, usize) {
    let mut choices = figure["choices"].as_array().unwrap().iter();
    let outcomes = choices.find(|choice| choice["name"] == "Outcome").unwrap();
    let outcomes = labels(&outcomes["options"]);
    let place = outcomes.iter().position(|&title| title == "funds");
    (
        place.unwrap_or_else(|| panic!("funds in {outcomes:?}")),
        outcomes.len(),
    )
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// To the six digits that charts hold.
fn close(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() <= 2e-6 * expected.abs(),
        "{what}: {found}, not {expected}"
    );
}

#[test]
fn a_report_draws_what_the_runs_say() {
    let place = Place::new();
    place.file("spec.toml", SPEC);
    place.run(0, &["sweep", "spec.toml", "--out", "data", "-q"]);
    place.run(0, &["report", "data"]);
    let (rows, figures) = (rows(&place), figures(&place));
    let funds = |of: &dyn Fn(&Row) -> bool| -> Vec<f64> {
        rows.iter()
            .filter(|row| of(row))
            .map(|row| row.funds)
            .collect()
    };

    // Differences of the second variant to the first, run by run. Its six points share 40 random worlds, whose means count:
    // bars are those of Student's law with 39 degrees of freedom.
    let is_difference = |figure: &&Value| {
        let title = &figure["frames"][0]["layout"]["yaxis"]["title"]["text"];
        title
            .as_str()
            .is_some_and(|title| title.starts_with("difference in"))
    };
    let figure = figures.iter().find(is_difference).unwrap();
    let (outcome, outcomes) = place_of_funds(figure);
    let trace = &figure["frames"][outcome]["data"][0];
    let [first, second] = ["a", "b"].map(|name| funds(&|row| row.variant == name));
    let differences: Vec<f64> = second.iter().zip(&first).map(|(b, a)| b - a).collect();
    assert_eq!(differences.len(), 240);
    let middle = mean(&differences);
    let of_world = |world| differences.iter().skip(world).step_by(40).sum::<f64>() / 6.0;
    let squares: f64 = (0..40)
        .map(|world| (of_world(world) - middle).powi(2))
        .sum();
    let error = (squares / 39.0).sqrt() / 40f64.sqrt();
    assert_eq!(labels(&trace["x"]), ["b"]);
    close(numbers(&trace["y"])[0], middle, "difference");
    let half_width = numbers(&trace["error_y"]["array"])[0];
    assert!(
        (half_width / error - 2.0227).abs() < 1e-4,
        "{half_width}, {error}"
    );
    // Fewer pass where they must wait: what is paired is the second less the first.
    assert!(middle > 0.0, "{middle}");

    // Medians and bands of beta, the second axis after the variant.
    let is_bands = |figure: &&Value| {
        figure["choices"][0]["name"] == "Setting" && figure["choices"][0]["options"][1] == "beta"
    };
    let figure = figures.iter().find(is_bands).unwrap();
    let data = &figure["frames"][outcomes + outcome]["data"];
    assert_eq!(data[1]["name"], "90 %");
    assert_eq!(data[3]["name"], "50 %");
    let all = funds(&|_| true);
    let most = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = all.iter().copied().fold(f64::INFINITY, f64::min);
    let bin = (most - least) / 256.0;
    for (trace, share) in [(0, 0.05), (1, 0.95), (2, 0.25), (3, 0.75), (4, 0.5)] {
        assert_eq!(numbers(&data[trace]["x"]), [0.2, 0.3, 0.5]);
        let found = numbers(&data[trace]["y"]);
        for (found, beta) in found.into_iter().zip([0.2, 0.3, 0.5]) {
            let own = funds(&|row| row.beta == beta);
            let below =
                |value: f64| own.iter().filter(|&&of| of < value).count() as f64 / own.len() as f64;
            assert!(
                below(found - bin) <= share && share <= below(found + bin),
                "{share} of beta {beta}: {found}"
            );
        }
    }

    // Maps: the first setting upwards, the second across.
    let is_map = |figure: &&Value| figure["choices"][0]["name"] == "Settings";
    let figure = figures.iter().find(is_map).unwrap();
    let pairs = labels(&figure["choices"][0]["options"]);
    let pair = pairs
        .iter()
        .position(|pair| *pair == "beta and half_life_days")
        .unwrap();
    let frame = &figure["frames"][pair * outcomes + outcome];
    let trace = &frame["data"][0];
    assert_eq!(labels(&trace["x"]), ["1", "9"]);
    assert_eq!(labels(&trace["y"]), ["0.2", "0.3", "0.5"]);
    assert_eq!(
        frame["layout"]["xaxis"]["title"]["text"],
        "half_life_days, days"
    );
    assert_eq!(frame["layout"]["yaxis"]["title"]["text"], "beta");
    for (row, beta) in [0.2, 0.3, 0.5].into_iter().enumerate() {
        let found = numbers(&trace["z"][row]);
        for (found, half_life) in found.into_iter().zip([1.0, 9.0]) {
            let own = funds(&|row| row.beta == beta && row.half_life == half_life);
            close(found, mean(&own), "map");
        }
    }
}

/// The forecast of a sweep from a history: the share of runs in which a proposal has passed, and the history before.
#[test]
fn a_report_shows_the_forecast_behind_the_history() {
    for example in ["history", "gardens2-history"] {
        shows_the_forecast(example);
    }
}

fn shows_the_forecast(example: &str) {
    let place = Place::new();
    let sweeps = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sweeps");
    let [history, spec] = ["csv", "toml"].map(|kind| format!("{example}.{kind}"));
    let text = |name: &str| std::fs::read_to_string(sweeps.join(name)).unwrap();
    place.file(&history, &text(&history));
    let spec = text(&spec);
    let spec = spec
        .replace("replicates = 500", "replicates = 30")
        .replace("days = 60", "days = 20");
    place.file("spec.toml", &spec);
    place.run(0, &["sweep", "spec.toml", "--out", "data", "-q"]);
    // The dataset holds the state.
    std::fs::remove_file(place.path(&history)).unwrap();
    place.run(0, &["verify", "data"]);
    place.run(
        0,
        &["run", "--from", "data", "--run", "31", "--out", "again"],
    );
    let days = Table::read(&place.path("again/days.parquet")).unwrap();
    assert_eq!(days.counts("day").unwrap().len(), 21);
    place.run(0, &["report", "data"]);
    let figures = figures(&place);
    let of_proposals = |name: &str| {
        let mut found = figures
            .iter()
            .filter(|figure| figure["choices"][0]["name"] == "Proposal");
        let found = found.find(|figure| figure["frames"][0]["data"][2]["name"] == name);
        found.unwrap_or_else(|| panic!("no chart with {name}"))
    };
    let mut shares: std::collections::BTreeMap<(u32, u32), (f64, f64)> = Default::default();
    for part in std::fs::read_dir(place.path("data/open")).unwrap() {
        let table = Table::read(&part.unwrap().path()).unwrap();
        let (day, number) = (
            table.counts("day").unwrap(),
            table.counts("number").unwrap(),
        );
        let passed = table.raw("has_passed").unwrap();
        for (row, passed) in passed.iter().enumerate() {
            let (met, runs) = shares.entry((number[row], day[row])).or_default();
            *met += f64::from(passed.to_string().contains("true"));
            *runs += 1.0;
        }
    }
    let figure = of_proposals("share of runs");
    let options = labels(&figure["choices"][0]["options"]);
    assert!(options.len() >= 2, "{options:?}");
    let mut any = false;
    for (frame, option) in options.iter().enumerate() {
        let number: u32 = option.strip_prefix("proposal ").unwrap().parse().unwrap();
        let data = &figure["frames"][frame]["data"];
        let [low, high, share] = [0, 1, 2].map(|trace| numbers(&data[trace]["y"]));
        for (day, share) in share.into_iter().enumerate() {
            let (met, runs) = shares[&(number, day as u32)];
            assert_eq!(runs, 60.0);
            close(share, met / runs, option);
            assert!(
                low[day] <= share && share <= high[day],
                "{option}, day {day}"
            );
            any |= share > 0.0 && share < 1.0;
        }
    }
    assert!(any, "some proposal passes in some runs");
    // What comes before lies on days up to 0.
    let figure = figures
        .iter()
        .filter(|figure| figure["choices"][0]["name"] == "Proposal")
        .find(|figure| figure["layout"]["yaxis"]["title"]["text"] == "conviction / threshold");
    let data = figure.unwrap()["frames"][0]["data"]
        .as_array()
        .unwrap()
        .clone();
    let history = data.last().unwrap();
    let days = numbers(&history["x"]);
    assert_eq!(history["name"], "history");
    assert!(
        days.len() > 3 && days.is_sorted() && days.last() == Some(&0.0),
        "{days:?}"
    );
}
