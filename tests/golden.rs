//! Outcomes of a few runs, to the last bit: what the results version promises.
//!
//! After a change that is meant to alter numbers, raise `RESULTS_VERSION` and renew the values with
//! `CONVICTION_RENEW_GOLDEN=1 cargo test --test golden`.

use conviction::RESULTS_VERSION;
use conviction::model::{RULES, RuleSet, Rules, Setting, alpha_from_half_life};
use conviction::rng::{Stream, Streams};
use conviction::run::Simulator;
use fearless_simd::{Level, dispatch};
use std::fmt::Write;

fn settings() -> Vec<(String, Setting)> {
    let mut settings = vec![
        ("corrected".to_owned(), Setting::default()),
        (
            "v3".to_owned(),
            Setting {
                rules: RuleSet::V3.into(),
                ..Setting::default()
            },
        ),
    ];
    for rule in RULES {
        let mut rules = Rules::default();
        (rule.set)(&mut rules, RuleSet::V3);
        let setting = Setting {
            rules,
            ..Setting::default()
        };
        settings.push((format!("corrected but for {}", rule.name), setting));
    }
    let mut slow = Setting::default();
    slow.parameters.alpha = alpha_from_half_life(14.0);
    slow.parameters.beta = 0.5;
    slow.initial.participants = 200;
    slow.days = 30;
    settings.push(("slow and large".to_owned(), slow));
    settings
}

fn outcomes() -> String {
    let mut text = format!("results version {RESULTS_VERSION}\n");
    let mut simulator = Simulator::new();
    for (name, setting) in settings() {
        for world in 0..2 {
            let outcome = simulator.run(&setting, 7, world);
            let (state, summary) = (outcome.state, outcome.summary);
            writeln!(
                text,
                "{name}, world {world}: {} {:?} {:?} {:?} {:?} {:?} {} {} {} {} {} {:?} {:?}",
                outcome.end.status,
                state.funds,
                state.sentiment,
                state.effective_supply,
                state.candidate_conviction,
                state.killed_funds,
                state.participant_count,
                state.candidate_count,
                state.active_count,
                state.completed_count,
                state.killed_count,
                summary.mean_sentiment,
                summary.mean_days_to_pass,
            )
            .unwrap();
        }
    }
    text
}

#[test]
fn outcomes_are_those_of_this_results_version() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden.txt");
    let found = outcomes();
    if std::env::var_os("CONVICTION_RENEW_GOLDEN").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap();
    for (found, golden) in found.lines().zip(golden.lines()) {
        assert_eq!(found, golden);
    }
    assert_eq!(found.lines().count(), golden.lines().count());
}

/// Whatever vectors a machine has, results are the same to the last bit.
#[test]
fn every_width_of_vectors_gives_the_same() {
    let widest = Level::new();
    #[cfg(target_arch = "x86_64")]
    let narrower = [
        widest.as_avx2().map(Level::Avx2),
        widest.as_sse4_2().map(Level::Sse4_2),
        widest.as_sse2().map(Level::Sse2),
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let narrower = [Some(Level::baseline())];
    let mut simulator = Simulator::with_vectors(widest);
    for level in narrower.into_iter().flatten() {
        let mut narrow = Simulator::with_vectors(level);
        for (name, setting) in settings() {
            for world in 0..20 {
                let (a, b) = (
                    simulator.run(&setting, 3, world),
                    narrow.run(&setting, 3, world),
                );
                assert_eq!(
                    format!("{a:?}"),
                    format!("{b:?}"),
                    "{name}, world {world}, {level:?}"
                );
            }
        }
    }
}

/// The derivation of streams is pinned by their first draws.
#[test]
fn first_draws_are_pinned() {
    let mut streams = Streams::new(7, 0);
    let first: Vec<u64> = [
        Stream::InitialParticipants,
        Stream::Arrivals,
        Stream::Progress,
    ]
    .into_iter()
    .map(|stream| streams.stream(stream).bits())
    .collect();
    let (mut affinities, mut engagement) = ([0.0; 2], [0.0; 2]);
    dispatch!(Level::new(), simd => {
        streams.affinities.fill(simd, &mut affinities, 0.0, 1.0);
        streams.engagement.fill_halves(simd, &mut engagement);
    });
    let found = format!("{first:?} {affinities:?} {engagement:?}");
    assert_eq!(found, PINNED);
}

const PINNED: &str = "[6030822687497266083, 15631905894840427289, 14462028859747292166] \
                      [0.7577718763603827, 0.34379318113849955] \
                      [0.748462421586737, 0.34655721485614777]";
