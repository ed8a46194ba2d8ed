//! Recorded runs of the published program, replayed: every column of every day.

use conviction::engine::{Setting, TableRows};
use conviction::input::Table;
use conviction::voting::conviction::ProposalRows;
use conviction::voting::mechanism::OverRelease;
use conviction::voting::participants::ParticipantRows;
use conviction::voting::published::{Recording, ReplayError, SystemRows, model, replay};
use conviction::voting::support::SupportEdgeRows;
use std::path::{Path, PathBuf};

const TOLERANCE: f64 = 1e-9;

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/recordings")
        .join(name)
}

fn replayed(
    name: &str,
    rules: impl FnOnce(Setting) -> Setting,
) -> Result<[TableRows; 4], ReplayError> {
    let recording = Recording::read(&directory(name), &model()).unwrap();
    replay(&recording, &rules(recording.setting.clone()))
}

fn v3(setting: Setting) -> Setting {
    setting.with("rules", "v3").unwrap()
}

struct Recorded(Table, String);

impl Recorded {
    fn table(name: &str, table: &str) -> Self {
        let file = directory(name).join(table).with_extension("parquet");
        Self(Table::read(&file).unwrap(), format!("{name}/{table}"))
    }

    fn reals(&self, column: &str, ours: &[f64], rows: impl Fn(usize) -> usize) {
        let recorded = self.0.reals(column).unwrap();
        for (row, &want) in recorded.iter().enumerate() {
            let got = ours[rows(row)];
            let same = (got - want).abs() <= TOLERANCE * want.abs().max(1e-6)
                || got == want
                || (got.is_nan() && want.is_nan());
            assert!(
                same,
                "{} row {row}, {column}: {got} instead of {want}",
                self.1
            );
        }
    }

    /// Recorded numbers that are not finite are missing in ours.
    fn optional_reals(&self, column: &str, ours: &[Option<f64>]) {
        let recorded = self.0.reals(column).unwrap();
        let missing = |row: usize| ours[row].is_none();
        for (row, want) in recorded.iter().enumerate() {
            let table = &self.1;
            assert_eq!(
                missing(row),
                !want.is_finite(),
                "{table} row {row}, {column}"
            );
        }
        // What is missing stands for what was recorded.
        let ours = ours.iter().zip(&recorded);
        let ours: Vec<_> = ours.map(|(ours, want)| ours.unwrap_or(*want)).collect();
        self.reals(column, &ours, |row| row);
    }

    fn counts(&self, column: &str, ours: &[u32], rows: impl Fn(usize) -> usize) {
        for (row, want) in self.0.counts(column).unwrap().into_iter().enumerate() {
            let got = ours[rows(row)];
            assert_eq!(got, want, "{} row {row}, {column}", self.1);
        }
    }

    fn len(&self) -> usize {
        self.0.counts("day").unwrap().len()
    }
}

fn check_system(name: &str, ours: &SystemRows) {
    let recorded = Recorded::table(name, "system");
    assert_eq!(recorded.len(), ours.day.len());
    recorded.counts("day", &ours.day, |row| row);
    recorded.counts("substep", &ours.substep, |row| row);
    recorded.reals("funds", &ours.funds, |row| row);
    recorded.reals("sentiment", &ours.sentiment, |row| row);
    recorded.reals("effective_supply", &ours.effective_supply, |row| row);
    recorded.reals("total_supply", &ours.total_supply, |row| row);
}

fn check_proposals(name: &str, ours: &ProposalRows) {
    let recorded = Recorded::table(name, "proposals");
    assert_eq!(recorded.len(), ours.day.len());
    recorded.counts("day", &ours.day, |row| row);
    recorded.counts("proposal", &ours.proposal, |row| row);
    recorded.counts("age", &ours.age, |row| row);
    recorded.reals("funds_requested", &ours.funds_requested, |row| row);
    recorded.optional_reals("conviction", &ours.conviction);
    recorded.optional_reals("trigger", &ours.trigger);
    assert_eq!(recorded.0.texts("status").unwrap(), ours.status, "{name}");
}

fn check_participants(name: &str, ours: &ParticipantRows) {
    let recorded = Recorded::table(name, "participants");
    assert_eq!(recorded.len(), ours.day.len());
    recorded.counts("day", &ours.day, |row| row);
    recorded.counts("participant", &ours.participant, |row| row);
    recorded.reals("holdings", &ours.holdings, |row| row);
    recorded.reals("sentiment", &ours.sentiment, |row| row);
}

fn check_support_edges(name: &str, ours: &SupportEdgeRows) {
    let recorded = Recorded::table(name, "support_edges");
    // Edges were recorded on some days only, and in an order of their own.
    let places: std::collections::BTreeMap<_, _> = (0..ours.day.len())
        .map(|row| {
            (
                (ours.day[row], ours.proposal[row], ours.participant[row]),
                row,
            )
        })
        .collect();
    let column = |name| recorded.0.counts(name).unwrap();
    let (days, participants, proposals) =
        (column("day"), column("participant"), column("proposal"));
    let row = |row: usize| places[&(days[row], proposals[row], participants[row])];
    recorded.reals("affinity", &ours.affinity, row);
    recorded.reals("tokens", &ours.tokens, row);
    recorded.reals("conviction", &ours.conviction, row);
    // None of ours is beyond the recorded ones.
    let recorded_days: std::collections::BTreeSet<_> = days.iter().collect();
    let on_those_days = ours
        .day
        .iter()
        .filter(|day| recorded_days.contains(day))
        .count();
    assert_eq!(on_those_days, recorded.len(), "{name}");
}

fn check(name: &str) {
    let [mut system, mut proposals, mut participants, mut edges] = replayed(name, v3).unwrap();
    check_system(name, system.group::<SystemRows>().unwrap());
    check_proposals(name, proposals.group::<ProposalRows>().unwrap());
    check_participants(name, participants.group::<ParticipantRows>().unwrap());
    check_support_edges(name, edges.group::<SupportEdgeRows>().unwrap());
}

macro_rules! recordings {
    ($($test:ident = $name:literal,)+) => {$(
        #[test]
        fn $test() {
            check($name);
        }
    )+};
}

recordings! {
    default_1_replays = "default-1",
    default_2_replays = "default-2",
    eager_replays = "eager",
    half_life_7_replays = "half-life-7",
    quick_completion_replays = "quick-completion",
    small_replays = "small",
    strict_replays = "strict",
    tight_pool_replays = "tight-pool",
    year_replays = "year",
}

#[test]
fn over_release_crashes_as_published() {
    let error = replayed("over-release-crash", v3).err().expect("a crash");
    let ReplayError::Run(failure) = &error else {
        panic!("{error}");
    };
    assert_eq!((failure.name, failure.day), ("over_release", 2));
    let crash: &OverRelease = failure.source.downcast_ref().expect("an over-release");
    assert!(crash.requested > crash.funds);
    let text = error.to_string();
    assert!(
        text.contains("IndexError: list index out of range"),
        "{text}"
    );
    assert!(text.contains("day 2"), "{text}");
}

#[test]
fn over_release_runs_to_its_horizon_when_corrected() {
    let mended = |setting| v3(setting).with("rules.over_release", "corrected").unwrap();
    let rules: [fn(Setting) -> Setting; 2] = [|setting| setting, mended];
    for rules in rules {
        let [mut system, ..] = replayed("over-release-crash", rules).unwrap();
        let system = system.group::<SystemRows>().unwrap();
        assert_eq!(system.day.last(), Some(&100));
        assert!(system.funds.iter().all(|&funds| funds >= 0.0));
    }
}

#[test]
fn a_replay_starts_from_the_recorded_state() {
    let mut recording = Recording::read(&directory("small"), &model()).unwrap();
    let [mut before, ..] = replay(&recording, &v3(recording.setting.clone())).unwrap();
    let before = before.group::<SystemRows>().unwrap();
    let beginning = &mut recording.beginning;
    assert_eq!(before.funds[0], beginning.funds);
    // Day 0 says what was recorded, even if it does not follow from the settings.
    beginning.funds += 1.0;
    beginning.sentiment *= 0.5;
    let (funds, sentiment) = (beginning.funds, beginning.sentiment);
    let [mut after, ..] = replay(&recording, &v3(recording.setting.clone())).unwrap();
    let after = after.group::<SystemRows>().unwrap();
    assert_eq!((after.funds[0], after.sentiment[0]), (funds, sentiment));
}

#[test]
fn another_rule_asks_for_another_draw() {
    let error = replayed("default-1", |setting| setting)
        .err()
        .expect("another draw");
    let ReplayError::Tape(error) = error else {
        panic!("{error}");
    };
    let text = error.to_string();
    assert!(text.contains("day ") && text.contains("draw "), "{text}");
}

#[test]
fn a_draw_that_the_run_does_not_use_is_named() {
    let mut recording = Recording::read(&directory("small"), &model()).unwrap();
    let mut extra = *recording.draws.last().unwrap();
    extra.index += 1;
    recording.draws.push(extra);
    let error = replay(&recording, &v3(recording.setting.clone()))
        .err()
        .expect("one draw too many");
    let place = format!("day {}, draw {}: ", extra.day, extra.index);
    let text = error.to_string();
    assert!(
        text.starts_with(&place) && text.contains("did not use it"),
        "{text}"
    );
}
