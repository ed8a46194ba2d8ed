//! Recorded runs of the published program.

use super::{Files, MODEL, directory, file, told, with};
use conviction::engine::Horizon;
use conviction::voting::published::{Recording, replay};
use std::sync::LazyLock;

macro_rules! recorded {
    ($($name:literal)+) => {
        [$(include_bytes!(concat!("../corpus/recording/", $name)).as_slice(),)+]
    };
}

/// The first days of `tests/recordings/small`.
static SOUND: LazyLock<Files> = LazyLock::new(|| {
    let files = recorded![
        "conflict.parquet" "draws.parquet" "influence.parquet" "participants.parquet"
        "proposals.parquet" "scenario.json" "support_edges.parquet" "system.parquet"
    ];
    let named = files.into_iter().map(|input| {
        let (name, content) = file(input);
        (name, content.to_vec())
    });
    named.collect()
});

/// A recording that is read fits together, and is replayed for some days.
pub fn recording(bytes: &[u8]) {
    let files = with(&SOUND, bytes);
    let recording = match Recording::read(directory(&files).path(), &MODEL) {
        Ok(recording) => recording,
        Err(error) => {
            assert_ne!(files, *SOUND, "{error}");
            return told(&error);
        }
    };
    assert_eq!(recording.setting.fault(), None);
    let beginning = &recording.beginning;
    let (people, proposals) = (beginning.participants.len(), beginning.requests.len());
    assert_eq!(beginning.affinities.len(), people * proposals);
    let affinities = &beginning.affinities;
    assert!(
        affinities
            .iter()
            .all(|affinity| (-1.0..=1.0).contains(affinity))
    );
    for (links, ids) in [
        (&beginning.influence, people),
        (&beginning.conflict, proposals),
    ] {
        assert!(links.iter().all(|link| link.from.max(link.to) < ids as u32));
    }
    assert!(
        recording
            .draws
            .is_sorted_by_key(|draw| (draw.day, draw.index))
    );
    if recording.setting.group::<Horizon>().days <= 100
        && let Err(error) = replay(&recording, &recording.setting)
    {
        assert_ne!(files, *SOUND, "{error}");
        told(&error);
    }
}
