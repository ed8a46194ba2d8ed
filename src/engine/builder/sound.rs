//! Checks what features have registered.

use super::ModelBuilder;
use crate::engine::setting::closest_name;
use crate::engine::systems::Placed;

impl ModelBuilder {
    /// Checks everything registered.
    ///
    /// # Panics
    /// When features contradict each other.
    pub(super) fn assert_sound(&self) {
        none_twice("feature", self.features.iter().map(|of| of.name));
        none_twice("extension", self.extensions.iter().map(|of| of.name));
        none_twice("preset", self.presets.iter().map(|of| of.name));
        none_twice("setting", self.keys.all().iter().map(|of| of.name));
        none_twice("table", self.outputs.iter().map(|of| of.name));
        for (place, (stream, feature)) in self.streams.iter().enumerate() {
            let mut earlier = self.streams[..place].iter();
            if let Some((_, other)) = earlier.find(|(other, _)| other == stream) {
                panic!(
                    "{other} and {feature} draw from one stream, {stream}; give one of them another name"
                );
            }
        }
        for (feature, name) in self.systems.iter().flat_map(Placed::names) {
            let features = self.features.iter().map(|feature| feature.name);
            let extensions = self.extensions.iter().map(|extension| extension.name);
            let all = || features.clone().chain(extensions.clone());
            if !all().any(|known| known == name) {
                let near = closest_name(name, all());
                let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
                panic!("{feature} orders a system by {name}, which the model lacks{hint}");
            }
        }
        for (name, _) in self.on.iter() {
            let mut keys = self.keys.all().iter();
            assert!(
                keys.any(|key| key.table().0 == Some(name)),
                "extension {name} has no settings, so no spec could have its table"
            );
        }
        for preset in &self.presets {
            for &(name, number) in preset.values {
                let key = self.keys.find(name);
                assert!(
                    key.is_some_and(|key| key.number(number).is_some()),
                    "preset {} sets {name} to {number}, which is not a setting or is outside its domain",
                    preset.name
                );
            }
        }
        for output in &self.outputs {
            let groups = self.groups_of(output.name);
            let columns = groups.flat_map(|(_, group)| (group.columns)());
            let what = format!("column of {}", output.name);
            none_twice(&what, columns.map(|column| column.name));
        }
        for group in &self.groups {
            let same = self.groups.iter().filter(|other| other.id == group.id);
            assert_eq!(same.count(), 1, "columns are registered twice");
            for table in &group.tables {
                let known = self.outputs.iter().any(|output| output.name == *table);
                assert!(
                    known,
                    "a feature adds columns to {table}, which no feature registers"
                );
            }
        }
    }
}

/// Panics if a name occurs twice.
fn none_twice<N: PartialEq + std::fmt::Display>(what: &str, names: impl Iterator<Item = N>) {
    let names: Vec<_> = names.collect();
    for (place, name) in names.iter().enumerate() {
        assert!(
            !names[..place].contains(name),
            "{what} {name} is registered twice"
        );
    }
}
