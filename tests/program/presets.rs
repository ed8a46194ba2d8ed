//! Presets: settings of real organisations, as a base that everything else overrides.

mod words;

use crate::common::Place;
use conviction::study::{Plan, Spec};
use conviction::voting::conviction::{Conviction, half_life_from_alpha};
use std::path::Path;

fn read(text: &str) -> Result<Spec, String> {
    Spec::parse(&conviction::model(), text, "spec.toml", Path::new("")).map_err(|e| e.to_string())
}

#[test]
fn a_spec_starts_from_a_preset_and_is_told_by_its_values() {
    let resolved = |text: &str| read(text).unwrap().text();
    let spelt_out = resolved(
        "[model]\nhalf_life_days = 7\nbeta = 0.11\nrho = 0.000484\n\
         [chain]\nblock_time_seconds = 5\nmin_threshold_stake_share = 0.01",
    );
    assert_eq!(resolved("preset = \"tec\""), spelt_out);
    // Keys stand instead of it, under either name and wherever it is written; so do axes and variants.
    let other = resolved("[model]\nalpha = 0.5\nbeta = 0.2\nrho = 0.000243");
    let same = "seed = 0\npreset = \"tec-runner-up\"\n[model]\nalpha = 0.5\nbeta = 0.2";
    assert_eq!(resolved(same), other);
    let varied = read(
        "preset = \"tec\"\n[axes]\nhalf_life_days = [1, 2]\n[[variant]]\nname = \"a\"\nbeta = 0.2",
    );
    let varied = varied.unwrap();
    assert!(varied.fixed.is_empty());
    let text = varied.text();
    assert!(Plan::new(varied).unwrap().warnings.is_empty());
    assert!(
        text.contains("rho = 0.000484") && !text.contains("\nalpha"),
        "{text}"
    );
}

#[test]
fn assignments_are_spelled_as_in_a_spec() {
    let assigned = |text: &str, assignments: &[&str]| {
        let mut spec =
            Spec::parse_run(&conviction::model(), text, "run.toml", Path::new("")).unwrap();
        let assignments: Vec<_> = assignments.iter().map(|&text| text.to_owned()).collect();
        let done = spec.assign(&assignments);
        done.map(|()| spec.text())
            .map_err(|error| error.to_string())
    };
    let read = |text: &str| read(text).unwrap().text();
    // A preset is a base, whatever its place; it overrides what the file sets.
    let tec = read("preset = \"tec\"\n[model]\nbeta = 0.3");
    assert_eq!(
        assigned("", &["model.beta=0.3", "preset=tec"]).as_ref(),
        Ok(&tec)
    );
    let file = "[model]\nrho = 0.01\nbeta = 0.3";
    assert_eq!(assigned(file, &["preset=\"tec\"", "beta=0.3"]), Ok(tec));
    let error = assigned("", &["preset=tec-runner", "betta=1"]).unwrap_err();
    for line in [
        "unknown preset \"tec-runner\"; did you mean \"tec-runner-up\"?",
        "--set: betta: unknown key",
    ] {
        assert!(error.contains(line), "{error}");
    }
    // So is a base of rules.
    let rules = read("[model]\nrules = { base = \"v3\", over_release = \"corrected\" }");
    let asked = ["rules.over_release=corrected", "rules.base=v3"];
    assert_eq!(assigned("", &asked).as_ref(), Ok(&rules));
    let error = assigned("", &["rules.over_release=corrected", "rules=v3"]).unwrap_err();
    assert!(error.contains("duplicates rules.over_release"), "{error}");
    // What a change sets stands in its table.
    let change = read("[[change]]\nday = 5\nset = { beta = 0.9, chain.block_time_seconds = 5 }");
    let asked = [
        "change.0.day=5",
        "change.0.set.beta=0.9",
        "change.0.set.chain.block_time_seconds=5",
    ];
    assert_eq!(assigned("", &asked), Ok(change.clone()));
    let asked = [
        "change.0.day=5",
        "change.0.beta=0.9",
        "change.0.chain.block_time_seconds=5",
    ];
    assert_eq!(assigned("", &asked), Ok(change));
    let listed = read("[holdings]\nlaw = \"file\"\nlisted = [5, 3, 2]");
    assert_eq!(
        assigned("", &["holdings.listed=[5, 3, 2]", "holdings.law=file"]),
        Ok(listed)
    );
}

#[test]
fn variants_start_from_presets_of_their_own() {
    let text = "[axes]\nhalf_life_days = [1, 2]\n\
                [[variant]]\nname = \"TEC\"\npreset = \"tec\"\nbeta = 0.2\n\
                [[variant]]\nname = \"vote\"\npreset = \"1hive-vote-14\"\n\
                [[variant]]\nname = \"as it is\"";
    let spec = read(text).unwrap();
    let (again, text) = (read(&spec.text()).unwrap(), spec.text());
    assert_eq!(again.text(), text);
    assert!(!text.contains("preset"), "{text}");
    let plan = Plan::new(spec).unwrap();
    // What it says itself stands instead of the preset, and so does an axis.
    let of = |point| {
        let p: Conviction = plan.setting(point).group();
        (p.beta, p.rho, half_life_from_alpha(p.alpha).round())
    };
    let found: Vec<_> = (0..plan.points).map(of).collect();
    let expected = [(0.2, 0.000484), (0.2, 0.001), (0.2, 0.0025)];
    let expected: Vec<_> = expected
        .iter()
        .flat_map(|&(beta, rho)| [(beta, rho, 1.0), (beta, rho, 2.0)])
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn commands_start_from_a_preset() {
    let place = Place::new();
    let (list, _) = place.run(0, &["presets"]);
    for said in [
        "tec-runner-up",
        "17.2 days",
        "1Hive/gardens @7390427",
        "is maxRatio",
    ] {
        assert!(list.contains(said), "{said}: {list}");
    }
    let run = [
        "run", "--preset", "tec", "--set", "days=2", "--set", "beta=0.2",
    ];
    place.run(0, &[&run[..], &["-q", "-o", "one"]].concat());
    let kept = std::fs::read_to_string(place.path("one/run.toml")).unwrap();
    assert!(kept.contains("beta = 0.2\nrho = 0.000484"), "{kept}");
    place.file("run.toml", "preset = \"tec\"\n[model]\nbeta = 0.2");
    let (out, _) = place.run(0, &["trigger", "--config", "run.toml"]);
    let (same, _) = place.run(0, &["trigger", "--preset", "tec", "--beta", "0.2"]);
    // The command line says which preset it was, and for which contract.
    let preset = "preset tec, meant for the contract 1hive\n";
    assert_eq!(same.strip_prefix(preset), Some(&*out));
    assert!(
        out.contains("decay 9999942, maxRatio 2000000, weight 4840"),
        "{out}"
    );
}

/// A row of a table that `trigger` prints, cell by cell.
fn row<'a>(out: &'a str, head: &str) -> Vec<&'a str> {
    let lines = out.lines().map(str::trim);
    let mut found = lines.filter_map(|line| line.strip_prefix(head));
    let row = found.next().unwrap_or_else(|| panic!("{head}: {out}"));
    row.split_whitespace().collect()
}

#[test]
fn a_trigger_is_stated_in_every_contract() {
    let place = Place::new();
    let preset = ["trigger", "--preset", "gardens-app-recommended"];
    let (out, _) = place.run(0, &preset);
    for said in [
        "preset gardens-app-recommended, meant for the contract gardens2\n",
        // Of the app, by Python: 0.25 / (1 - sqrt(0.1)).
        "A spending limit of 36.6 % in the 1Hive app",
        "it takes a limit of 25 %",
        "On Arbitrum a contract sees Ethereum's blocks, so the app assumes 12 s there.",
        "blocks that take k times as long as assumed make the half-life k times as long",
        "a change of settings applies to all blocks since a proposal's last update",
        "a request of 0 executes without conviction",
        "the support of an expelled member goes without an update",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
    // 10 days on blocks of 12 s, rounded down to seven digits, are 9.925; on blocks of 15 s a quarter more.
    let ethereum = ["12", "9999903", "3656188", "133677", "9.92", "12.4"];
    assert_eq!(row(&out, "Gardens v2, ethereum"), ethereum);
    assert_eq!(row(&out, "Gardens v2, arbitrum"), ethereum);
    assert_eq!(row(&out, "Gardens v2, gnosis")[..2], ["5.2", "9999958"]);
    // As many days as points move; those that leave hold a threshold up.
    let days = |head: &str| -> Vec<Option<u64>> {
        row(&out, head)
            .into_iter()
            .map(|cell| cell.parse().ok())
            .collect()
    };
    let [none, new, half] = [
        "no points move",
        "the stake's points become active",
        "half of all points leave",
    ]
    .map(days);
    assert_eq!(none.len(), 8);
    for (place, days) in none.iter().enumerate() {
        assert_eq!(days.is_some(), half[place].is_some());
        assert!(new[place] <= *days && *days <= half[place], "{out}");
    }
    assert!(none[5] < half[5]);

    let (json, _) = place.run(0, &[&preset[..], &["--format", "json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["preset_contract"], "gardens2");
    let chains = json["gardens2_app"].as_array().unwrap();
    let gnosis = chains.iter().find(|of| of["chain"] == "gnosis").unwrap();
    assert_eq!(gnosis["decay"], 9_999_958);
    let moves = json["as_points_move"]["moves"].as_array().unwrap();
    assert_eq!(moves.len(), 4);
    assert_eq!(moves[0]["days_to_pass"][5]["days"].as_u64(), none[5]);

    let (json, _) = place.run(0, &["presets", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    for preset in json["presets"].as_array().unwrap() {
        let expected = match preset["name"].as_str().unwrap() {
            "v3" => serde_json::Value::Null,
            name if name.starts_with("gardens-app") => "gardens2".into(),
            _ => "1hive".into(),
        };
        assert_eq!(preset["contract"], expected);
    }
    // Side by side, too.
    let both = [
        "trigger",
        "--preset",
        "tec",
        "--preset",
        "gardens-app-1hive",
    ];
    let (out, _) = place.run(0, &both);
    assert_eq!(row(&out, "contract"), ["1hive", "gardens2"]);
}

#[test]
fn whatever_is_no_preset_is_told_with_a_hint() {
    for (spec, hint) in [
        ("preset = \"tek\"", "did you mean \"tec\"?"),
        ("preset = 3", "expected a name in quotes"),
        (
            "[[variant]]\nname = \"a\"\npreset = \"tek\"",
            "variant 1, preset: unknown preset \"tek\"; did you mean \"tec\"?",
        ),
        (
            "[[variant]]\nname = \"a\"\npresett = \"tec\"",
            "did you mean preset?",
        ),
        ("presett = \"tec\"", "did you mean preset?"),
    ] {
        let fault = read(spec).err().unwrap();
        assert!(fault.contains(hint), "{hint}: {fault}");
    }
    let fault = read("preset = \"nothing of the kind\"").err().unwrap();
    assert!(
        fault.contains("lists all") && !fault.contains("did you mean"),
        "{fault}"
    );
    let place = Place::new();
    place.file("run.toml", "");
    for command in ["run", "trigger"] {
        let (_, error) = place.run(2, &[command, "--preset", "tek"]);
        assert!(error.contains("a similar value exists: 'tec'"), "{error}");
        let both = [command, "--preset", "tec", "--config", "run.toml"];
        let (_, error) = place.run(2, &both);
        assert!(error.contains("cannot be used with"), "{error}");
    }
}
