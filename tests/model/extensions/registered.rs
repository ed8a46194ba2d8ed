//! Extensions: off, they are absent; on, a spec sets, varies and records them like anything else.

use conviction::engine::{Batch, Extensions, RunOf, Scheduled, Simulator};
use conviction::prelude::*;
use conviction::study::{Plan, Spec};
use conviction::voting::{model_with, supply::Supply};
use fearless_simd::Level;
use std::path::Path;

settings! {
    /// A gift to the pool.
    Gift in "gift" {
        amount: f64 = 1.0, "Honey", Domain::at_least(0.0), "given to the pool each day";
    }
}

settings! {
    /// One of several thieves.
    Thief in "thief" {
        share: f64 = 0.1, "", Domain::from_to(0.0, 1.0), "share of the pool that it takes";
        day: u32 = 1, "days", Domain::count(1, 36_500), "on which day";
    }
}

columns! {
    /// What a thief has.
    LootRow, LootRows {
        loot: f64, "Honey", "what it has taken so far";
    }
}

#[derive(Component, Default)]
struct Loot(Vec<f64>);

impl PerRun for Loot {}

fn give(mut runs: Runs<(&Gift, &mut Supply)>) {
    for (_, (gift, supply)) in runs.batch() {
        supply.funds += gift.amount;
        supply.total += gift.amount;
    }
}

fn steal(mut runs: Runs<(&PerCopy<Thief>, &mut Loot, &mut Supply)>) {
    for (run, (thieves, loot, supply)) in runs.batch() {
        loot.0.resize(thieves.len(), 0.0);
        for (thief, loot) in thieves.iter().zip(&mut loot.0) {
            if thief.day == run.day {
                let taken = thief.share * supply.funds;
                supply.funds -= taken;
                supply.other += taken;
                *loot += taken;
            }
        }
    }
}

fn show(mut runs: Sampled<(&Loot, &mut PerCopyRows<LootRows>)>) {
    for (_, (loot, rows)) in runs.batch() {
        rows.push(loot.0.iter().map(|&loot| LootRow { loot }));
    }
}

fn gift(model: &mut ModelBuilder) {
    model.settings::<Gift>().system(Day::Change, give);
}

fn thieves(model: &mut ModelBuilder) {
    model
        .settings_each::<Thief>()
        .per_run::<Loot>()
        .system(Day::Change, steal)
        .columns_each::<LootRows, _>("thief", &["runs"], show);
}

fn model() -> conviction::engine::Model {
    model_with(&[
        Feature::extension("gift", 1, "gifts to the pool", gift),
        Feature::extension("thief", 1, "thieves in the night", thieves).copies(3),
    ])
}

fn read(text: &str) -> Spec {
    Spec::parse(&model(), text, "spec.toml", Path::new(""))
        .unwrap_or_else(|error| panic!("{error}"))
}

fn fault(text: &str) -> String {
    match Spec::parse(&model(), text, "spec.toml", Path::new("")) {
        Ok(spec) => panic!("sound: {}", spec.text()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_off_is_absent() {
    let (plain, model) = (conviction::model(), model());
    assert_eq!(model.features(), plain.features());
    for table in ["runs", "days"] {
        assert_eq!(model.columns(table), plain.columns(table));
    }
    let text = "[axes]\nbeta = [0.1, 0.2]";
    let there = Spec::parse(&plain, text, "", Path::new("")).unwrap();
    assert_eq!(read(text).text(), there.text());
}

#[test]
fn a_table_switches_it_on_and_is_written_back() {
    let spec =
        read("[gift]\n[[thief]]\n[[thief]]\nday = 3\n[axes]\n\"thief.0.share\" = [0.0, 0.5]");
    let text = spec.text();
    assert!(text.contains("[gift]\namount = 1.0"), "{text}");
    assert!(
        text.contains("[[thief]]\nday = 1\n\n[[thief]]\nshare = 0.1\nday = 3"),
        "{text}"
    );
    assert_eq!(read(&text).text(), text);
    let names: Vec<_> = spec.model.features().iter().map(|f| f.name).collect();
    assert!(names.ends_with(&["gift", "thief"]), "{names:?}");
    let columns: Vec<_> = spec
        .model
        .columns("runs")
        .into_iter()
        .map(|c| c.name)
        .collect();
    assert!(columns.ends_with(&["thief_0_loot".to_owned(), "thief_1_loot".to_owned()]));
    let plan = Plan::new(spec).unwrap();
    assert_eq!(plan.points, 2);
    // Whatever is varied, the table stays.
    let all = read("[[thief]]\n[axes]\nthief.0 = { share = [0.1, 0.2], day = [1, 2] }\n");
    assert!(all.text().contains("\n[[thief]]\n"), "{}", all.text());
    assert_eq!(read(&all.text()).text(), all.text());
    let varied = read("[gift]\n[axes]\ngift.amount = [1, 2]");
    assert_eq!(read(&varied.text()).text(), varied.text());
    let variants = read("[[thief]]\n[[variant]]\nname = \"a\"\nthief.0.share = 0.3");
    assert_eq!(read(&variants.text()).text(), variants.text());
}

#[test]
fn copies_have_settings_and_columns_of_their_own() {
    let on = Extensions::default().with("thief", 2);
    let model = model().with_extensions(&on).unwrap();
    let setting = model.setting().with("thief.0.share", 0.5).unwrap();
    let setting = setting
        .with("thief.1.day", 2)
        .unwrap()
        .with("gamma", 0.0)
        .unwrap();
    let setting = setting
        .with("initial.proposals", 0)
        .unwrap()
        .with("days", 2)
        .unwrap();
    let outcome = Simulator::new(&model, &["runs"])
        .outcome("runs", &setting, 1, 0)
        .unwrap();
    let [first, second] = ["thief_0_loot", "thief_1_loot"].map(|column| outcome.number(column));
    assert_eq!(first, 4867.21 / 2.0);
    assert_eq!(second, 0.1 * (4867.21 - first));
}

#[test]
fn faults_name_the_table_that_is_missing() {
    let off = fault("[axes]\n\"thief.0.share\" = [0.1]");
    assert!(off.contains("add a table [[thief]]"), "{off}");
    let off = fault("[axes]\ngift.amount = [0.1]");
    assert!(off.contains("add a table [gift]"), "{off}");
    let many = fault("[[thief]]\n[[thief]]\n[[thief]]\n[[thief]]");
    assert!(many.contains("expected at most 3"), "{many}");
    let one = fault("[thief]\nshare = 0.1");
    assert!(one.contains("each headed [[thief]]"), "{one}");
    let misspelt = fault("[[thief]]\nshar = 0.1");
    assert!(
        misspelt.contains("did you mean thief.0.share?"),
        "{misspelt}"
    );
    let beyond = fault("[[thief]]\n[axes]\n\"thief.1.share\" = [0.1]");
    assert!(beyond.contains("did you mean thief.0.share?"), "{beyond}");
    let misspelt = fault("[gft]\namount = 0.1");
    assert!(misspelt.contains("did you mean gift?"), "{misspelt}");
    let error = model()
        .with_extensions(&Extensions::default().with("thef", 1))
        .unwrap_err();
    assert!(error.to_string().contains("no such extension"), "{error}");
}

#[test]
fn an_assignment_switches_it_on() {
    let mut spec = Spec::of(&model());
    let assign = |spec: &mut Spec, text: &str| spec.assign(&[text.to_owned()]);
    assign(&mut spec, "beta=0.3").unwrap();
    assign(&mut spec, "thief.1.share=0.4").unwrap();
    assert_eq!(spec.model.on().copies("thief"), 2);
    let shares: Vec<_> = spec.base.each::<Thief>().map(|thief| thief.share).collect();
    assert_eq!(shares, [0.1, 0.4]);
    assert!(spec.text().contains("beta = 0.3"));
    let error = assign(&mut spec, "thief.7.share=0.4")
        .unwrap_err()
        .to_string();
    assert!(error.contains("unknown key"), "{error}");
}

/// A stream of the market, taken by another feature.
#[derive(Component, Default)]
struct Trades(Source);

impl Seeded for Trades {
    fn seed(&mut self, seeds: StreamSeeds) {
        self.0 = seeds.source(Stream::named("market reference"));
    }
}

#[test]
#[should_panic(expected = "market and trades draw from one stream, \"market reference\"")]
fn two_features_have_no_stream_in_common() {
    let trades = Feature::new("trades", 1, |model| {
        model.streams::<Trades>();
    });
    let on = Extensions::default().with("market", 1);
    drop(model_with(&[trades]).with_extensions(&on));
}

/// What the features of a day have done, as letters in their order.
#[derive(Component, Default)]
struct Done(String);

impl PerRun for Done {}

fn done<const LETTER: char>(mut runs: Runs<&mut Done>) {
    for (_, done) in runs.batch() {
        done.0.push(LETTER);
    }
}

/// Returns what three features do on a day, the second of which is registered by `second`.
fn done_in_order(second: fn(&mut ModelBuilder)) -> String {
    let features = [
        Feature::new("first", 1, |model| {
            let model = model.per_run::<Done>();
            model
                .system(Day::Change, done::<'a'>)
                .system(Day::End, done::<'x'>);
        }),
        Feature::new("second", 1, second),
        Feature::new("third", 1, |model| {
            model
                .system(Day::Change, done::<'c'>)
                .system(Day::End, done::<'z'>);
        }),
    ];
    let model = model_with(&features);
    let setting = model.setting();
    let mut batch = Batch::new(&model, &setting, &[], Level::baseline());
    let seeds = Seeds { root: 1, world: 0 };
    let setting = &setting;
    batch.begin(std::iter::once(RunOf { setting, seeds }));
    batch.advance();
    batch.get::<Done>(0).0.clone()
}

#[test]
fn systems_of_a_phase_run_as_listed_unless_they_state_another_order() {
    let listed = done_in_order(|model| {
        model
            .system(Day::Change, done::<'b'>)
            .system(Day::End, done::<'y'>);
    });
    assert_eq!(listed, "abcxyz");
    let stated = done_in_order(|model| {
        let model = model
            .system(Day::Change, done::<'b'>)
            .after(&["third", "market"]);
        model
            .system(Day::End, done::<'y'>)
            .before(&["first", "mechanism"]);
    });
    assert_eq!(stated, "acbyxz");
}

#[test]
#[should_panic(expected = "systems of first, second must each follow another in phase change")]
fn two_features_do_not_both_follow_each_other() {
    done_in_order(|model| {
        model
            .system(Day::Change, done::<'b'>)
            .after(&["first"])
            .system(Day::Change, done::<'B'>)
            .before(&["first"]);
    });
}

#[test]
#[should_panic(
    expected = "second orders a system by thrid, which the model lacks; did you mean third?"
)]
fn a_system_follows_features_of_the_model_only() {
    done_in_order(|model| {
        model.system(Day::Change, done::<'b'>).after(&["thrid"]);
    });
}

#[test]
#[should_panic(expected = "change and planned both schedule changes of settings")]
fn one_extension_schedules_changes() {
    settings! {
        /// A change that is planned.
        Planned in "planned" {
            day: u32 = 1, "", Domain::count(1, 9), "day of the change";
        }
    }
    impl Scheduled for Planned {
        fn day(&self) -> u32 {
            self.day
        }

        fn may_change(_: &Key) -> bool {
            true
        }
    }
    let planned = Feature::extension("planned", 1, "planned changes", |model| {
        model.schedule::<Planned>();
    });
    let on = Extensions::default().with("change", 1).with("planned", 1);
    drop(model_with(&[planned.copies(2)]).with_extensions(&on));
}

/// Streams of all extensions differ.
#[test]
fn all_extensions_go_together() {
    let model = model();
    let on = model.extensions().iter();
    let on = on.fold(Extensions::default(), |on, extension| {
        on.with(extension.name, extension.most.unwrap_or(1))
    });
    let names = model.with_extensions(&on).unwrap();
    assert!(names.features().len() > model.features().len());
}
